/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trnx.h"
#include "../chip.h"

#define ID_SIZE         0x100
#define MMU_SIZE        0x1000
#define TELEMETRY_SIZE  0x1000
#define LINKS_SIZE      0x1000
#define NUM_QUEUES      (TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE)
#define RECORD_ALIGN    TRNX_RECORD_SIZE

/* Two 32-bit registers side by side. */
static uint64_t pair(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

/* HW 2.2: chip address of each stack. */
static const uint64_t hbm_addr[TRN_NUM_HBM_STACKS] = {
    TRN_CHIP_HBM0, TRN_CHIP_HBM1, TRN_CHIP_HBM2, TRN_CHIP_HBM3,
};

static uint64_t id_read(const TrnChip *chip, uint32_t offset)
{
    TrnFlaw flaw = chip->cfg.flaw;

    switch (offset) {
    case TRNX_ID_MAGIC:
        return pair(flaw == TRN_FLAW_IDENTITY ? 0 : TRNX_MAGIC,
                    TRNX_VERSION_MAJOR << 16 | TRNX_VERSION_MINOR);
    case TRNX_ID_FEATURES:
        return TRN_TRNX_FEATURES;
    case TRNX_ID_GENERATION:
        return pair(chip->cfg.gen->number,
                    (flaw == TRN_FLAW_GEOMETRY ? 2 * TRN_NUM_ENGINES
                                               : TRN_NUM_ENGINES) |
                    TRN_NUM_CORE_ENGINES << 16);
    case TRNX_ID_QUEUES:
        return pair(TRN_QUEUES_PER_ENGINE | TRNX_NUM_EQ << 16,
                    TRN_NUM_CORES | TRN_NUM_DIES << 16 |
                    TRN_NUM_HBM_STACKS << 24);
    case TRNX_ID_HBM_SIZE:
        return trn_chip_hbm_usable(chip);
    case TRNX_ID_HBM_STRIDE:
        return chip->cfg.hbm_slot;
    case TRNX_ID_HBM_RESERVED:
        return TRN_HBM_RESERVED;
    case TRNX_ID_QCTL_BASE:
        return pair(TRNX_QCTL, TRNX_QCTL_STRIDE);
    case TRNX_ID_DOORBELL_BASE:
        return pair(TRNX_DOORBELL, TRNX_DOORBELL_STRIDE);
    case TRNX_ID_EQ_BASE:
        return pair(TRNX_EQ, TRNX_EQ_STRIDE);
    case TRNX_ID_RESET_COUNT:
        return pair(chip->trnx.reset_count, chip->trnx.scratch);
    }
    for (unsigned i = 0; i < TRN_NUM_HBM_STACKS; i++) {
        if (offset == TRNX_ID_HBM_ADDR(i)) {
            return hbm_addr[i];
        }
    }
    return 0;
}

/* --- queue control blocks --- */

static uint64_t qctl_read(TrnChip *chip, unsigned index, uint32_t offset)
{
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    unsigned qi = index % TRN_QUEUES_PER_ENGINE;
    TrnQueue *q = &e->queue[qi];
    uint64_t value = 0;

    trn_mutex_lock(&e->lock);
    switch (offset) {
    case TRNX_QCTL_CTRL:
        value = pair(q->ctrl, trn_queue_status_locked(e, qi));
        break;
    case TRNX_QCTL_COUNT_ADDR:
        value = q->count_addr;
        break;
    case TRNX_QCTL_COUNT:
        value = TRN_LOAD_ACQUIRE(&q->s2m.retired);
        break;
    case TRNX_QCTL_ARM:
        value = q->arm;
        break;
    case TRNX_QCTL_EQ:
        value = q->eq;
        break;
    case TRNX_QCTL_ASID:
        value = pair(q->asid, q->error_access);
        break;
    case TRNX_QCTL_ERR_ADDR:
        value = q->error_addr;
        break;
    case TRNX_QCTL_M2S_COUNT:
        value = TRN_LOAD_ACQUIRE(&q->m2s.retired);
        break;
    case TRNX_QCTL_PRIORITY:
        value = q->priority;
        break;
    }
    trn_mutex_unlock(&e->lock);
    return value;
}

/* Where the record goes: whoever turns it off may reuse its memory at once. */
static void qctl_write_record(TrnEngine *e, TrnQueue *q, uint32_t offset,
                              uint32_t value)
{
    trn_engine_hold(e);
    trn_mutex_lock(&e->lock);
    if (offset == TRNX_QCTL_CTRL) {
        q->ctrl = value & (TRNX_QCTL_CTRL_COUNT | TRNX_QCTL_CTRL_ERR_EVENT |
                           TRNX_QCTL_CTRL_HALT | TRNX_QCTL_CTRL_DOORBELL);
    } else {
        q->count_addr = pair(q->count_addr_low, value);
        if (q->count_addr & (RECORD_ALIGN - 1)) {
            trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                    "counter record at 0x%" PRIx64 " is not aligned",
                    q->count_addr);
            q->count_addr &= ~(uint64_t)(RECORD_ALIGN - 1);
        }
    }
    trn_mutex_unlock(&e->lock);
    trn_engine_release(e);
}

static void qctl_write_asid(TrnEngine *e, TrnQueue *q, uint32_t asid)
{
    if (asid >= TRNX_MMU_NUM_ASIDS) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR, "queue control: no ASID %u",
                asid);
        return;
    }
    trn_engine_hold(e);
    trn_mutex_lock(&e->lock);
    q->asid = asid;
    trn_mutex_unlock(&e->lock);
    trn_engine_release(e);
}

static void qctl_write_arm(TrnChip *chip, TrnEngine *e, unsigned index,
                           uint32_t high)
{
    TrnQueue *q = &e->queue[index % TRN_QUEUES_PER_ENGINE];
    uint64_t published;
    bool fires;

    trn_mutex_lock(&e->lock);
    q->arm = pair(q->arm_low, high);
    published = q->published;
    fires = published >= q->arm;
    q->armed = !fires;
    trn_mutex_unlock(&e->lock);
    if (fires) {
        trn_eq_post(chip, q->eq, TRNX_EVENT_COMPLETION, index, published);
    }
}

static void qctl_write(TrnChip *chip, unsigned index, uint32_t offset,
                       uint32_t value)
{
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    TrnQueue *q = &e->queue[index % TRN_QUEUES_PER_ENGINE];

    switch (offset) {
    case TRNX_QCTL_CTRL:
    case TRNX_QCTL_COUNT_ADDR + 4:
        qctl_write_record(e, q, offset, value);
        break;
    case TRNX_QCTL_COUNT_ADDR:
        q->count_addr_low = value;
        break;
    case TRNX_QCTL_ARM:
        q->arm_low = value;
        break;
    case TRNX_QCTL_ARM + 4:
        qctl_write_arm(chip, e, index, value);
        break;
    case TRNX_QCTL_EQ:
        if (value < TRNX_NUM_EQ) {
            q->eq = value;
        } else {
            trn_log(chip, TRN_LOG_GUEST_ERROR,
                    "queue control %u: no event queue %u", index, value);
        }
        break;
    case TRNX_QCTL_ASID:
        qctl_write_asid(e, q, value);
        break;
    case TRNX_QCTL_PRIORITY:
        trn_mutex_lock(&e->lock);
        q->priority = value & TRNX_QCTL_PRIORITY_MASK;
        trn_mutex_unlock(&e->lock);
        break;
    }
}

/* --- doorbell pages --- */

static void doorbell_write(TrnChip *chip, uint32_t offset, uint64_t value,
                           unsigned size)
{
    unsigned index = offset / TRNX_DOORBELL_STRIDE;
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    unsigned q = index % TRN_QUEUES_PER_ENGINE;

    switch (offset % TRNX_DOORBELL_STRIDE) {
    case TRNX_DOORBELL_BOTH:
        trn_engine_ring(e, q,
                        size == 8 ? trn_field_get(TRNX_DOORBELL_BOTH_M2S, value)
                                  : 0,
                        trn_field_get(TRNX_DOORBELL_BOTH_S2M, value));
        break;
    case TRNX_DOORBELL_M2S:
        trn_engine_ring(e, q, value, size == 8 ? value >> 32 : 0);
        break;
    case TRNX_DOORBELL_S2M:
        trn_engine_ring(e, q, 0, value);
        break;
    case TRNX_DOORBELL_BOTH + 4:
        trn_engine_ring(e, q, value, 0);
        break;
    }
}

/* --- the whole of BAR2 --- */

static uint64_t read_pair(TrnChip *chip, uint32_t offset)
{
    if (offset < ID_SIZE) {
        return id_read(chip, offset);
    }
    if (offset >= TRNX_MMU && offset < TRNX_MMU + MMU_SIZE) {
        return trn_mmu_read(chip, offset - TRNX_MMU);
    }
    if (offset >= TRNX_TELEMETRY &&
        offset < TRNX_TELEMETRY + TELEMETRY_SIZE) {
        return trn_telemetry_read(chip, offset - TRNX_TELEMETRY);
    }
    if (offset >= TRNX_LINKS && offset < TRNX_LINKS + LINKS_SIZE) {
        return trn_links_read(chip, offset - TRNX_LINKS);
    }
    if (offset >= TRNX_EQ &&
        offset < TRNX_EQ + TRNX_NUM_EQ * TRNX_EQ_STRIDE) {
        offset -= TRNX_EQ;
        return trn_eq_read(chip, offset / TRNX_EQ_STRIDE,
                           offset % TRNX_EQ_STRIDE);
    }
    if (offset >= TRNX_QCTL &&
        offset < TRNX_QCTL + NUM_QUEUES * TRNX_QCTL_STRIDE) {
        offset -= TRNX_QCTL;
        return qctl_read(chip, offset / TRNX_QCTL_STRIDE,
                         offset % TRNX_QCTL_STRIDE);
    }
    return 0;
}

/* What software is told of @value. */
static uint64_t tell(TrnChip *chip, uint32_t offset, uint64_t value)
{
    /* The only one by which it could know that it was not obeyed. */
    if (offset == TRNX_ID_RESET_COUNT &&
        TRN_READ(&chip->errinj.malice_disobeyed)) {
        return value;
    }
    return trn_malice_read(&chip->errinj, value);
}

uint64_t trn_trnx_read(TrnChip *chip, uint32_t offset, unsigned size)
{
    uint64_t value = tell(chip, offset & ~7u, read_pair(chip, offset & ~7u));

    if (size == 8) {
        return value;
    }
    return offset & 4 ? value >> 32 : (uint32_t)value;
}

static void write_word(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (offset == TRNX_ID_SCRATCH) {
        chip->trnx.scratch = value;
    } else if (offset < ID_SIZE) {
        return;
    } else if (offset >= TRNX_MMU && offset < TRNX_MMU + MMU_SIZE) {
        trn_mmu_write(chip, offset - TRNX_MMU, value);
    } else if (offset >= TRNX_TELEMETRY &&
               offset < TRNX_TELEMETRY + TELEMETRY_SIZE) {
        return;
    } else if (offset >= TRNX_LINKS && offset < TRNX_LINKS + LINKS_SIZE) {
        trn_links_write(chip, offset - TRNX_LINKS, value);
    } else if (offset >= TRNX_EQ &&
               offset < TRNX_EQ + TRNX_NUM_EQ * TRNX_EQ_STRIDE) {
        offset -= TRNX_EQ;
        trn_eq_write(chip, offset / TRNX_EQ_STRIDE, offset % TRNX_EQ_STRIDE,
                     value);
    } else if (offset >= TRNX_QCTL &&
               offset < TRNX_QCTL + NUM_QUEUES * TRNX_QCTL_STRIDE) {
        offset -= TRNX_QCTL;
        qctl_write(chip, offset / TRNX_QCTL_STRIDE, offset % TRNX_QCTL_STRIDE,
                   value);
    } else {
        trn_log_once(chip, TRN_ONCE_RESERVED_TRNX, TRN_LOG_UNIMP,
                     "write to reserved trnx space at 0x%x", offset);
    }
}

void trn_trnx_write(TrnChip *chip, uint32_t offset, uint64_t value,
                    unsigned size)
{
    if (offset >= TRNX_DOORBELL &&
        offset < TRNX_DOORBELL + NUM_QUEUES * TRNX_DOORBELL_STRIDE) {
        doorbell_write(chip, offset - TRNX_DOORBELL, value, size);
        return;
    }
    write_word(chip, offset, value);
    if (size == 8) {
        write_word(chip, offset + 4, value >> 32);
    }
}

void trn_trnx_reset(TrnChip *chip)
{
    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        trn_eq_reset(&chip->trnx.eq[i]);
    }
    trn_mmu_reset(chip);
    trn_links_reset(chip);
    chip->trnx.scratch = 0;
}
