/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-bus.h"

#include <sys/mman.h>

#define MAX_TURNS 10000u
#define GUARD 65536ul

/*
 * Host memory is accessed from outside of all neighbours (fabric.h), and with
 * the big lock if the bus wants that.
 */
static void expect_allowed(FakeBus *fake)
{
    TrnFabric *fabric = fake->chip->peer.fabric;
    TrnChip *chip = fabric ? fabric->members : NULL;

    if (fake->in_turn && fake->bus.host_needs_lock) {
        g_assert_cmpint(fake->lock_depth, ==, 1);
    }
    for (; chip; chip = chip->peer.next) {
        g_assert_cmpuint(chip->peer.refs, ==, 0);
    }
}

static bool host_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    FakeBus *fake = opaque;

    expect_allowed(fake);
    if (fake->on_read) {
        fake->on_read(fake);
    }
    if (addr >= FAKE_HOST_SIZE) {
        return false;
    }
    /* As QEMU's, it has moved what there is when it fails. */
    memcpy(buf, fake->host + addr, MIN(len, FAKE_HOST_SIZE - addr));
    return len <= FAKE_HOST_SIZE - addr;
}

static bool host_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    FakeBus *fake = opaque;

    expect_allowed(fake);
    if (addr >= FAKE_HOST_SIZE || len > FAKE_HOST_SIZE - addr) {
        return false;
    }
    memcpy(fake->host + addr, buf, len);
    return true;
}

static void hbm_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    FakeBus *fake = opaque;

    g_assert_cmpuint(offset + len, <=, 4ULL * FAKE_HBM_SLOT);
    fake->dirty_bytes += len;
}

static void scratch_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    FakeBus *fake = opaque;

    g_assert_cmpuint(offset + len, <=, FAKE_SCRATCH);
    fake->scratch_dirty += len;
}

static void scratch_clear(void *opaque, uint64_t len)
{
    FakeBus *fake = opaque;

    g_assert_cmpuint(len, <=, FAKE_SCRATCH);
    g_assert_cmpint(madvise(fake->scratch, len, MADV_DONTNEED), ==, 0);
}

static void irq(void *opaque, unsigned vector)
{
    FakeBus *fake = opaque;

    g_assert_cmpuint(vector, <, FAKE_VECTORS);
    fake->irqs[vector]++;
    if (fake->on_irq) {
        fake->on_irq(fake->chip);
    }
}

static void lock(void *opaque)
{
    FakeBus *fake = opaque;

    g_assert_cmpint(fake->lock_depth++, ==, 0);
}

static void unlock(void *opaque)
{
    FakeBus *fake = opaque;

    g_assert_cmpint(--fake->lock_depth, ==, 0);
}

static void engine_ready(void *opaque, unsigned engine)
{
    FakeBus *fake = opaque;

    g_assert_cmpuint(engine, <, 132);
    g_assert_false(fake->ready[engine]);
    fake->ready[engine] = true;
}

static uint64_t now(void *opaque)
{
    FakeBus *fake = opaque;

    return fake->now;
}

static void wake_at(void *opaque, uint64_t when)
{
    FakeBus *fake = opaque;

    if (!fake->wake_at || when < fake->wake_at) {
        fake->wake_at = when;
    }
}

static void defer(void *opaque)
{
    FakeBus *fake = opaque;

    fake->deferred = true;
}

static bool log_is_on(void *opaque, TrnLog kind)
{
    FakeBus *fake = opaque;

    return !fake->log_off;
}

static void log_line(void *opaque, TrnLog kind, const char *line)
{
    FakeBus *fake = opaque;

    g_assert_false(fake->log_off);
    g_assert_nonnull(line);
    if (kind == TRN_LOG_GUEST_ERROR) {
        fake->guest_errors++;
    } else {
        fake->unimp++;
    }
    if (fake->on_log) {
        fake->on_log(fake);
    }
}

static const TrnBus fake_bus = {
    .host_read = host_read,
    .host_write = host_write,
    .hbm_dirty = hbm_dirty,
    .scratch_dirty = scratch_dirty,
    .scratch_clear = scratch_clear,
    .irq = irq,
    .lock = lock,
    .unlock = unlock,
    .now = now,
    .wake_at = wake_at,
    .engine_ready = engine_ready,
    .defer = defer,
    .log_is_on = log_is_on,
    .log = log_line,
};

/*
 * Mapped and not allocated, so that a hundred megabytes cost nothing until they
 * are touched; a page on either side catches who runs off the end.
 */
static uint8_t *map(size_t len)
{
    uint8_t *p = mmap(NULL, len + 2 * GUARD, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    g_assert_true(p != MAP_FAILED);
    g_assert_cmpint(mprotect(p + GUARD, len, PROT_READ | PROT_WRITE), ==, 0);
    return p + GUARD;
}

static void unmap(uint8_t *p, size_t len)
{
    munmap(p - GUARD, len + 2 * GUARD);
}

static FakeBus *new_chip(uint32_t routing_id, bool timed)
{
    FakeBus *fake = g_new0(FakeBus, 1);
    TrnConfig cfg = {
        .gen = &trn_generations[TRN_GENERATION_3],
        .hbm_slot = FAKE_HBM_SLOT,
        .routing_id = routing_id,
        .fw_api_version = 7,
        .scratch_size = FAKE_SCRATCH,
        .energy = trn_energy_model,
        .aborts = true,
        .timed = timed,
        .timing = trn_generations[TRN_GENERATION_3].timing,
    };

    fake->host = g_malloc0(FAKE_HOST_SIZE);
    fake->hbm = map(4ul * FAKE_HBM_SLOT);
    fake->scratch = map(FAKE_SCRATCH);
    cfg.hbm = fake->hbm;
    cfg.scratch = fake->scratch;
    fake->bus = fake_bus;
    fake->chip = trn_chip_new(&cfg, &fake->bus, fake);
    g_assert_nonnull(fake->chip);
    fake->run = trn_exec_new(fake->chip);
    g_assert_nonnull(fake->run);
    trn_chip_set_bus_master(fake->chip, true);
    return fake;
}

FakeBus *fake_new(void)
{
    return new_chip(7, false);
}

FakeBus *fake_new_timed(TrnFabric *fabric, uint32_t routing_id)
{
    FakeBus *fake = new_chip(routing_id, true);

    if (fabric) {
        trn_fabric_join(fabric, fake->chip);
    }
    return fake;
}

FakeBus *fake_new_in(TrnFabric *fabric, uint32_t routing_id)
{
    FakeBus *fake = new_chip(routing_id, false);

    trn_fabric_join(fabric, fake->chip);
    return fake;
}

void fake_free(FakeBus *fake)
{
    trn_chip_stop(fake->chip);
    trn_fabric_part(fake->chip);
    trn_exec_free(fake->run);
    trn_chip_free(fake->chip);
    unmap(fake->hbm, 4ul * FAKE_HBM_SLOT);
    unmap(fake->scratch, FAKE_SCRATCH);
    g_free(fake->host);
    g_free(fake);
}

/* The order in which the engines get their turns is as good as any. */
static bool run_once(FakeBus *fake)
{
    bool busy = false;

    for (unsigned e = 0; e < 132; e++) {
        if (fake->ready[e]) {
            fake->ready[e] = false;
            fake->in_turn = true;
            if (trn_engine_run(fake->run, e)) {
                fake->ready[e] = true;
            }
            fake->in_turn = false;
            busy = true;
        }
    }
    if (fake->deferred) {
        fake->deferred = false;
        trn_chip_deferred(fake->chip);
        busy = true;
    }
    return busy;
}

bool fake_run_turns(FakeBus *fake, unsigned turns)
{
    bool busy = true;

    while (busy && turns--) {
        busy = run_once(fake);
        g_assert_cmpint(fake->lock_depth, ==, 0);
    }
    return !busy;
}

void fake_run(FakeBus *fake)
{
    if (!fake_run_turns(fake, MAX_TURNS)) {
        g_error("the chip is still busy after %u turns", MAX_TURNS);
    }
}

void fake_run_until(FakeBus *fake, uint64_t when)
{
    fake_run(fake);
    while (fake->wake_at && fake->wake_at <= when) {
        fake->now = MAX(fake->now, fake->wake_at);
        fake->wake_at = 0;
        trn_chip_woken(fake->chip);
        fake_run(fake);
    }
    fake->now = when;
}

uint32_t fake_page(unsigned engine, unsigned queue, bool s2m)
{
    static const uint32_t group[] = {
        0x82000000, 0x94000000, 0xa2000000, 0xb4000000,
    };
    static const uint32_t h2t[] = {
        0x06800000, 0x06900000, 0x46800000, 0x46900000,
    };
    uint32_t base = engine < 128
                    ? group[engine / 32] + (engine % 32) * 0x100000
                    : h2t[engine - 128];

    return base + (s2m ? 0x21000 : 0x1000) + queue * 0x1000;
}

void fake_program(FakeBus *fake, unsigned engine, unsigned queue, uint64_t m2s,
                  uint64_t s2m, uint32_t len)
{
    uint32_t h = fake_page(engine, queue, false);
    uint32_t r = fake_page(engine, queue, true);
    const uint32_t writes[][2] = {
        { h + 0x74, 0x3 }, { h + 0x20, 0x03000000 }, { h + 0xb0, 0x100 },
        { h + 0x28, m2s }, { h + 0x2c, m2s >> 32 }, { h + 0x30, len },
        { h + 0xa0, 0 }, { h + 0x20, 0x03030000 },
        { r + 0x20, 0x03000000 }, { r + 0x64, 0x100 },
        { r + 0x28, s2m }, { r + 0x2c, s2m >> 32 }, { r + 0x30, len },
        { r + 0x54, 0 }, { r + 0x20, 0x03030000 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        trn_chip_write(fake->chip, writes[i][0], writes[i][1]);
    }
}

void fake_desc(FakeBus *fake, uint64_t at, uint32_t w0, uint32_t w1,
               uint64_t addr)
{
    g_assert_cmpuint(at + 16, <=, FAKE_HOST_SIZE);
    trn_put_le32(fake->host + at, w0);
    trn_put_le32(fake->host + at + 4, w1);
    trn_put_le64(fake->host + at + 8, addr);
}
