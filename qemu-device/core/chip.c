/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip.h"

#define REG_CHUNK_SHIFT     8
#define REG_LIMIT           (64u << 20) /* every register there is takes 40 */
#define LOG_LINE            256

/* --- logging --- */

static void G_GNUC_PRINTF(3, 0)
chip_log_va(TrnChip *chip, TrnLog kind, const char *fmt, va_list ap)
{
    char line[LOG_LINE];

    if (!chip->bus->log_is_on(chip->opaque, kind)) {
        return;
    }
    vsnprintf(line, sizeof(line), fmt, ap);
    chip->bus->log(chip->opaque, kind, line);
}

void trn_log(TrnChip *chip, TrnLog kind, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    chip_log_va(chip, kind, fmt, ap);
    va_end(ap);
}

void trn_log_once(TrnChip *chip, TrnOnce what, TrnLog kind, const char *fmt,
                  ...)
{
    uint64_t bit = 1ULL << what;
    va_list ap;

    /* A line that is not shown does not count as logged. */
    if (!chip->bus->log_is_on(chip->opaque, kind)) {
        return;
    }
    if (__atomic_fetch_or(&chip->logged, bit, __ATOMIC_RELAXED) & bit) {
        return;
    }
    va_start(ap, fmt);
    chip_log_va(chip, kind, fmt, ap);
    va_end(ap);
}

/* --- life --- */

uint64_t trn_chip_hbm_usable(const TrnChip *chip)
{
    return MIN(chip->cfg.hbm_slot, chip->cfg.gen->hbm_usable);
}

TrnChip *trn_chip_new(const TrnConfig *cfg, const TrnBus *bus, void *opaque)
{
    TrnChip *chip = calloc(1, sizeof(*chip));

    if (!chip) {
        return NULL;
    }
    if (cfg->timed) {
        chip->timing = calloc(1, sizeof(*chip->timing));
    }
    if ((cfg->timed && !chip->timing) ||
        !trn_scratch_init(&chip->scratch, cfg->scratch, cfg->scratch_size)) {
        free(chip->timing);
        free(chip);
        return NULL;
    }
    chip->cfg = *cfg;
    chip->bus = bus;
    chip->opaque = opaque;
    chip->hang_engine = -1;
    chip->reg_limit.bytes = REG_LIMIT;
    trn_mutex_init(&chip->deferred_lock);
    trn_store_init(&chip->regs, TRN_BAR0_SIZE, REG_CHUNK_SHIFT,
                   &chip->reg_limit);
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_init(&chip->engine[i], chip, i);
    }
    trn_wake_init(&chip->wake);
    trn_mbox_init(chip);
    trn_telemetry_init(chip);
    return chip;
}

void trn_chip_free(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_fini(&chip->engine[i]);
    }
    trn_store_fini(&chip->regs);
    trn_scratch_fini(&chip->scratch);
    trn_mutex_destroy(&chip->deferred_lock);
    free(chip->timing);
    free(chip);
}

/* --- windows: memory with semaphores in it --- */

static bool chip_in_sem_block(uint32_t offset, uint32_t sem)
{
    return offset >= sem && offset < sem + TRN_SEM_BLOCK_SIZE;
}

static uint32_t chip_window_read(TrnChip *chip, uint64_t window, TrnSem *sem,
                                 uint32_t sem_at, uint32_t offset)
{
    return chip_in_sem_block(offset, sem_at)
           ? trn_sem_read(sem, offset - sem_at)
           : trn_scratch_read32(&chip->scratch, window + offset);
}

static void chip_window_write(TrnChip *chip, uint64_t window, TrnSem *sem,
                              uint32_t sem_at, uint32_t offset, uint32_t value)
{
    if (chip_in_sem_block(offset, sem_at)) {
        trn_sem_write(sem, offset - sem_at, value);
    } else {
        trn_scratch_write32(chip, window + offset, value);
    }
}

/* --- BAR0 --- */

static void chip_say_gap(TrnChip *chip, const char *what, uint32_t offset)
{
    trn_log_once(chip, TRN_ONCE_BAR0_GAP, TRN_LOG_UNIMP,
                 "%s BAR0+0x%08x, where no block is known", what, offset);
}

static uint32_t chip_read_block(TrnChip *chip, uint32_t offset)
{
    TrnBlock b = trn_addrmap_bar0(offset);

    switch (b.kind) {
    case TRN_BLOCK_ENGINE:
        return trn_engine_read(&chip->engine[b.index], b.offset);
    case TRN_BLOCK_MISC_RAM:
        return trn_mbox_read(chip, b.offset);
    case TRN_BLOCK_TPB:
        return chip_window_read(chip, TRN_SCRATCH_TPB(b.index),
                                &chip->core_sem[b.index], TRN_TPB_SEMAPHORES,
                                b.offset);
    case TRN_BLOCK_TOP_SP:
        return chip_window_read(chip, TRN_SCRATCH_TOP_SP(b.index),
                                &chip->top_sp_sem[b.index], 0, b.offset);
    case TRN_BLOCK_FIS:
    case TRN_BLOCK_NQ_CORE:
    case TRN_BLOCK_NQ_TOP_SP:
    case TRN_BLOCK_PE:
        return trn_store_read32(&chip->regs, offset);
    case TRN_BLOCK_QEMU_RESET:
        /* Resets finish inside the write. */
        return !!trn_errinj_take(&chip->errinj.malice_stuck);
    case TRN_BLOCK_NONE:
        chip_say_gap(chip, "read of", offset);
        break;
    }
    return 0;
}

uint32_t trn_chip_read(TrnChip *chip, uint32_t offset)
{
    return trn_malice_read(&chip->errinj, chip_read_block(chip, offset));
}

void trn_chip_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    TrnBlock b = trn_addrmap_bar0(offset);

    switch (b.kind) {
    case TRN_BLOCK_ENGINE:
        trn_engine_write(&chip->engine[b.index], b.offset, value);
        break;
    case TRN_BLOCK_MISC_RAM:
        trn_mbox_write(chip, b.offset, value);
        break;
    case TRN_BLOCK_TPB:
        chip_window_write(chip, TRN_SCRATCH_TPB(b.index),
                          &chip->core_sem[b.index], TRN_TPB_SEMAPHORES,
                          b.offset, value);
        break;
    case TRN_BLOCK_TOP_SP:
        chip_window_write(chip, TRN_SCRATCH_TOP_SP(b.index),
                          &chip->top_sp_sem[b.index], 0, b.offset, value);
        break;
    case TRN_BLOCK_FIS:
    case TRN_BLOCK_NQ_CORE:
    case TRN_BLOCK_NQ_TOP_SP:
        trn_store_write32(&chip->regs, offset, value);
        break;
    case TRN_BLOCK_PE:
        break;          /* counters */
    case TRN_BLOCK_QEMU_RESET:
        trn_reset_map(chip, value);
        break;
    case TRN_BLOCK_NONE:
        chip_say_gap(chip, "write to", offset);
        break;
    }
}

/* --- BAR0 as DMA engines see it --- */

uint32_t trn_chip_dma_read(TrnChip *chip, uint32_t offset)
{
    return chip_read_block(chip, offset);
}

static bool chip_write_waits(uint32_t offset, uint32_t value)
{
    TrnBlock b = trn_addrmap_bar0(offset);

    switch (b.kind) {
    case TRN_BLOCK_ENGINE:
        return trn_engine_write_waits(b.offset, value);
    case TRN_BLOCK_MISC_RAM:
        return b.offset == TRN_MISC_TRIGGER;
    case TRN_BLOCK_QEMU_RESET:
        return true;
    default:
        return false;
    }
}

/*
 * After a deferred write, later ones are deferred too, until it is done: they
 * keep their order. If the list is full, a write that need not wait is done
 * early, not lost.
 */
static bool chip_defer_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    bool waits = chip_write_waits(offset, value);
    bool defer, full;

    trn_mutex_lock(&chip->deferred_lock);
    defer = chip->num_deferred || chip->draining || waits;
    full = chip->num_deferred >= TRN_DEFERRED_MAX;
    if (defer && !full) {
        chip->deferred[chip->num_deferred++] = (TrnDeferred) { offset, value };
    }
    trn_mutex_unlock(&chip->deferred_lock);
    if (waits && full) {
        trn_log_once(chip, TRN_ONCE_DEFERRED_FULL, TRN_LOG_GUEST_ERROR,
                     "register write by DMA to BAR0+0x%08x dropped: too many "
                     "resets at once", offset);
    }
    return waits || (defer && !full);
}

void trn_chip_dma_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (chip_defer_write(chip, offset, value)) {
        chip->bus->defer(chip->opaque);
    } else {
        trn_chip_write(chip, offset, value);
    }
}

void trn_chip_deferred(TrnChip *chip)
{
    TrnDeferred todo[TRN_DEFERRED_MAX];
    unsigned n;

    trn_mutex_lock(&chip->deferred_lock);
    n = chip->num_deferred;
    memcpy(todo, chip->deferred, n * sizeof(todo[0]));
    chip->num_deferred = 0;
    chip->draining = true;
    trn_mutex_unlock(&chip->deferred_lock);
    for (unsigned i = 0; i < n; i++) {
        trn_chip_write(chip, todo[i].offset, todo[i].value);
    }
    trn_mutex_lock(&chip->deferred_lock);
    chip->draining = false;
    trn_mutex_unlock(&chip->deferred_lock);
    trn_ecc_report(chip);
}

/* --- stopping and starting --- */

void trn_chip_stop(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_hold(&chip->engine[i]);
    }
}

void trn_chip_start(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_release(&chip->engine[i]);
    }
}

void trn_chip_set_bus_master(TrnChip *chip, bool on)
{
    if (on == chip->bus_master) {
        return;
    }
    chip->bus_master = on;
    if (on) {
        trn_chip_start(chip);
        trn_links_changed(chip);        /* events that were held back */
    } else {
        trn_chip_stop(chip);
    }
}

void trn_chip_set_hang(TrnChip *chip, int engine)
{
    int old = chip->hang_engine;

    if (engine == old) {
        return;
    }
    chip->hang_engine = engine;
    if (engine >= 0) {
        trn_engine_hold(&chip->engine[engine]);
    }
    if (old >= 0) {
        trn_engine_release(&chip->engine[old]);
    }
}

void trn_chip_set_gone(TrnChip *chip, bool gone)
{
    if (gone == chip->errinj.gone) {
        return;
    }
    if (gone) {
        trn_chip_stop(chip);
    }
    trn_fabric_close(chip);
    TRN_WRITE(&chip->errinj.gone, gone);
    trn_fabric_open(chip);
    if (!gone) {
        trn_chip_start(chip);
    }
    trn_links_changed(chip);
}
