/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timing model, on a clock that the test moves: the trnx manual, 15. */
#include "fake-bus.h"

#define MARK 0x80000u
#define HBM0 0x1000000u
#define HBM1 0x4001000000ull
#define SBUF(core) (0x002000000000ull + (core) * 0x1000000000ull)
#define WINDOW0 0x10000000000000ULL
#define COPY 0x01080003u

/* Where a test begins. */
#define T0 5000000ull
#define PS 1000ull

typedef struct Ring {
    FakeBus *f;
    unsigned engine;
    unsigned queue;
    uint32_t at;
    uint32_t m2s;
    uint32_t s2m;
} Ring;

/* Rings of 256 entries; @n tells those of a test apart. */
static Ring new_ring(FakeBus *f, unsigned n, unsigned engine, unsigned queue)
{
    Ring r = {
        .f = f, .engine = engine, .queue = queue,
        .m2s = 0x100000 + n * 0x2000, .s2m = 0x101000 + n * 0x2000,
    };

    fake_program(f, engine, queue, r.m2s | HOST_BIT, r.s2m | HOST_BIT, 256);
    return r;
}

static void put(Ring *r, uint64_t dst, uint64_t src, uint32_t len)
{
    fake_desc(r->f, r->m2s + r->at * 16, 0x0d000000 | (len & 0xffff), COPY,
              src);
    fake_desc(r->f, r->s2m + r->at * 16, 0x01000000 | (len & 0xffff), 0, dst);
    r->at++;
}

static void ring(Ring *r, uint32_t n)
{
    trn_chip_write(r->f->chip, fake_page(r->engine, r->queue, true) + 0x38, n);
    trn_chip_write(r->f->chip, fake_page(r->engine, r->queue, false) + 0x38,
                   n);
}

static uint32_t head(const Ring *r)
{
    return trn_chip_read(r->f->chip, fake_page(r->engine, r->queue, true) +
                                     0x34) & 0xffffff;
}

/* The trnx manual, 13.1, since T0. */
static uint64_t completion(FakeBus *f)
{
    return trn_trnx_read(f->chip, 0x3030, 8) - T0 * PS;
}

static FakeBus *start(void)
{
    FakeBus *f = fake_new_timed(NULL, 7);

    f->now = T0;
    return f;
}

/* --- the model on its own --- */

static void bytes_take_their_time_rounded_up(void)
{
    g_assert_cmpuint(trn_timing_of(0, 38400), ==, 0);
    g_assert_cmpuint(trn_timing_of(4096, 38400), ==, 106667);
    g_assert_cmpuint(trn_timing_of(32768, 38400), ==, 853334);
    g_assert_cmpuint(trn_timing_of(65536, 27200), ==, 2409412);
    g_assert_cmpuint(trn_timing_of(1, 1000000), ==, 1);
}

static void busy_does_one_thing_after_the_other(void)
{
    TrnBusy b = 0;

    g_assert_cmpuint(trn_busy_take(&b, 100, 10), ==, 110);
    g_assert_cmpuint(trn_busy_take(&b, 105, 10), ==, 120);
    g_assert_cmpuint(trn_busy_take(&b, 200, 10), ==, 210);
}

static void arrivals_are_those_of_each_doorbell(void)
{
    TrnArrivals a = { 0 };

    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 0);
    trn_arrivals_add(&a, 3, 100);
    trn_arrivals_add(&a, 4, 200);
    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 2), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 3), ==, 200);
    for (unsigned i = 5; i < 1000; i++) {
        trn_arrivals_add(&a, i, i * 100);
        g_assert_cmpuint(trn_arrivals_find(&a, i - 1), ==, i * 100);
    }
}

static void arrivals_without_room_join_the_last(void)
{
    TrnArrivals a = { 0 };

    for (unsigned i = 1; i <= 40; i++) {
        trn_arrivals_add(&a, i, i * 100);
    }
    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 14), ==, 1500);
    g_assert_cmpuint(trn_arrivals_find(&a, 15), ==, 1600);
    g_assert_cmpuint(trn_arrivals_find(&a, 39), ==, 1600);
}

/* --- one descriptor --- */

static void copy_is_seen_when_it_is_done(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 4096);
    put(&r, HBM0 + 0x10000, HBM0, 4096);
    ring(&r, 1);
    /* 1300 ns and 4096 bytes at 38.4 GB/s: 1406.667. */
    fake_run_until(f, T0 + 1406);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    g_assert_cmpuint(head(&r), ==, 0);
    g_assert_cmphex(trn_trnx_read(f->chip, 0x100000 + (9 * 16 + 2) * 0x100 + 4,
                                  4), ==, 1);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000 + 4095], ==, 0x5a);
    g_assert_cmpuint(head(&r), ==, 1);
    g_assert_cmpuint(completion(f), ==, 1406667);
    g_assert_cmphex(trn_trnx_read(f->chip, 0x100000 + (9 * 16 + 2) * 0x100 + 4,
                                  4), ==, 0);
    fake_free(f);
}

static void small_descriptor_takes_its_least_time(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    put(&r, HBM0 + 0x10000, HBM0, 4);
    ring(&r, 1);
    fake_run_until(f, T0 + 2000);
    g_assert_cmpuint(completion(f), ==, 1353000);
    fake_free(f);
}

static void host_adds_its_latency_once_each_way(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    put(&r, HBM0, MARK | HOST_BIT, 65536);
    put(&r, (MARK + 0x10000) | HOST_BIT, MARK | HOST_BIT, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 10000);
    /* 1300 + 1706.667 + 500. */
    g_assert_cmpuint(completion(f), ==, 3506667);
    ring(&r, 1);
    fake_run_until(f, T0 + 20000);
    g_assert_cmpuint(completion(f), ==, 10000000 + 1300000 + 106667 + 1000000);
    fake_free(f);
}

/* --- many --- */

static void start_cost_of_many_overlaps(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 64; i++) {
        put(&r, HBM0 + 0x10000, HBM0, 4096);
    }
    ring(&r, 64);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(head(&r), ==, 1);
    fake_run_until(f, T0 + 1300 + 32 * 107);
    g_assert_cmpuint(head(&r), ==, 32);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 64 * 106667);
    fake_free(f);
}

static void each_doorbell_pays_its_own_start(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 3; i++) {
        put(&r, HBM0 + 0x10000, HBM0, 4096);
    }
    ring(&r, 1);
    fake_run_until(f, T0 + 1000);
    ring(&r, 1);
    fake_run_until(f, T0 + 2200);
    g_assert_cmpuint(completion(f), ==, 1406667);
    ring(&r, 1);
    fake_run_until(f, T0 + 3000);
    g_assert_cmpuint(completion(f), ==, 2406667);
    fake_run_until(f, T0 + 4000);
    g_assert_cmpuint(completion(f), ==, 3606667);
    fake_free(f);
}

static void destination_that_comes_later_starts_later(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    put(&r, HBM0 + 0x10000, HBM0, 4096);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    fake_run_until(f, T0 + 60000);
    g_assert_cmpuint(completion(f), ==, 51406667);
    fake_free(f);
}

/* One transfer at a time: two queues take turns, four in a row, twice as long. */
static void queues_share_their_engine_fairly(void)
{
    FakeBus *f = start();
    Ring a = new_ring(f, 0, 9, 2), b = new_ring(f, 1, 9, 14);

    for (unsigned i = 0; i < 20; i++) {
        put(&a, HBM0 + 0x10000, HBM0, 65536);
        put(&b, HBM0 + 0x20000, HBM0, 65536);
    }
    ring(&a, 20);
    ring(&b, 20);
    for (unsigned i = 1; i <= 40; i++) {
        fake_run_until(f, T0 + 1300 + i * 1706667ull / 1000 + 1);
        g_assert_cmpuint(head(&a) + head(&b), ==, i);
        g_assert_cmpint(ABS((int)head(&a) - (int)head(&b)), <=, 4);
    }
    g_assert_cmpuint(completion(f), ==, 1300000 + 40 * 1706667);
    fake_free(f);
}

/* The trnx manual, 7.4: sixteen, four and one in a row. */
static void priorities_share_the_time_of_the_engine(void)
{
    static const uint32_t priority[] = { 1, 0, 2 };
    static const uint32_t turns[] = { 1, 4, 16 };
    FakeBus *f = start();
    Ring r[3];

    for (unsigned i = 0; i < 3; i++) {
        r[i] = new_ring(f, i, 9, i + 4);
        trn_trnx_write(f->chip, 0x100040 + (9 * 16 + i + 4) * 0x100,
                       priority[i], 4);
        for (unsigned k = 0; k < 64; k++) {
            put(&r[i], HBM0 + 0x10000, HBM0, 65536);
        }
        ring(&r[i], 64);
    }
    fake_run_until(f, T0 + 1300 + 63 * 1706667ull / 1000 + 1);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(head(&r[i]), ==, 3 * turns[i]);
    }
    fake_free(f);
}

/* The trnx manual, 12.4: a copy of 256 KiB, then something behind it. */
static void inline_operation_takes_the_time_of_its_pieces(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);
    uint8_t *operands = f->host + MARK;

    memset(f->hbm + HBM0, 0x5a, 0x40000);
    memset(operands, 0, 128);
    operands[0] = 2;
    operands[3] = 1;
    trn_put_le32(operands + 0x10, 0x40000);
    trn_put_le64(operands + 0x20, 1);
    trn_put_le64(operands + 0x40, 1);
    fake_desc(f, r.m2s, 0x05800000, 0x03800003, MARK | HOST_BIT);
    fake_desc(f, r.m2s + 16, 0x09000000, 0, HBM0);
    fake_desc(f, r.s2m, 0x01000000, 0, HBM1);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 2);
    /* Four pieces of 64 KiB, and 128 bytes of operands for each. */
    fake_run_until(f, T0 + 1300 + 6826 + 500);
    g_assert_cmpuint(head(&r), ==, 0);
    fake_run_until(f, T0 + 1300 + 6827 + 500);
    g_assert_cmpuint(head(&r), ==, 1);
    g_assert_cmpuint(completion(f), ==, 1300000 + 4 * 1706667 + 500000);
    g_assert_cmphex(f->hbm[FAKE_HBM_SLOT + 0x1000000 + 0x3ffff], ==, 0x5a);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3040 + 0x18, 8), ==, 0x40000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3060 + 0x18, 8), ==, 0x40000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3a00 + 9 * 8, 8), ==, 0x40000);
    fake_free(f);
}

/* Of bytes that are cast, what is read is more than what is written. */
static void cast_takes_the_time_of_its_larger_end(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);
    uint8_t *operands = f->host + MARK;

    memset(operands, 0, 128);
    operands[0] = 2;
    operands[1] = 4;
    operands[2] = 5;
    operands[3] = 1;
    trn_put_le32(operands + 0x10, 1024);
    trn_put_le64(operands + 0x20, 4);
    trn_put_le64(operands + 0x40, 2);
    fake_desc(f, r.m2s, 0x05800000, 0x03800003, MARK | HOST_BIT);
    fake_desc(f, r.m2s + 16, 0x09000000, 0, HBM0);
    fake_desc(f, r.s2m, 0x01000000, 0, HBM1);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 2);
    fake_run_until(f, T0 + 10000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 106667 + 500000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3040 + 0x18, 8), ==, 4096);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3060 + 0x18, 8), ==, 2048);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3a00 + 9 * 8, 8), ==, 2048);
    fake_free(f);
}

/* The engine is free while the bytes of another are on their way. */
static void latency_is_not_the_engines(void)
{
    FakeBus *f = start();
    Ring a = new_ring(f, 0, 9, 2), b = new_ring(f, 1, 9, 3);

    f->chip->cfg.timing.host_latency_ns = 100000;
    put(&a, HBM0, MARK | HOST_BIT, 65536);
    put(&b, HBM0 + 0x20000, HBM1, 65536);
    ring(&a, 1);
    ring(&b, 1);
    fake_run_until(f, T0 + 4713);
    g_assert_cmpuint(head(&b), ==, 0);
    fake_run_until(f, T0 + 4714);
    g_assert_cmpuint(head(&b), ==, 1);
    g_assert_cmpuint(head(&a), ==, 0);
    g_assert_cmpuint(completion(f), ==, 1300000 + 2 * 1706667);
    fake_run_until(f, T0 + 200000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 1706667 + 100000000);
    fake_free(f);
}

/* On-chip memory comes in chunks of the model, of which nobody is to know. */
static void piece_that_is_cut_is_paid_for_once(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 65536);
    put(&r, SBUF(0) + 0x8000, HBM0, 65536);
    ring(&r, 1);
    fake_run_until(f, T0 + 3006);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0008000), ==, 0);
    fake_run_until(f, T0 + 3007);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0008000), ==, 0x5a5a5a5a);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0017ffc), ==, 0x5a5a5a5a);
    g_assert_cmpuint(completion(f), ==, 1300000 + 1706667);
    fake_free(f);
}

/* Two engines, each with half of what a stack has. */
static void engines_share_a_stack(void)
{
    FakeBus *f = start();
    Ring a = new_ring(f, 0, 9, 2), b = new_ring(f, 1, 10, 2);

    f->chip->cfg.timing.hbm_mbps = 4 * 38400;
    for (unsigned i = 0; i < 10; i++) {
        put(&a, SBUF(0), HBM1, 65536);
        put(&b, SBUF(1), HBM1, 65536);
    }
    ring(&a, 10);
    ring(&b, 10);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 20 * 1706667);
    g_assert_cmpuint(head(&a), ==, 10);
    g_assert_cmpuint(head(&b), ==, 10);
    fake_free(f);
}

/* HBM to HBM: the stack is read and written. */
static void copy_inside_a_stack_takes_it_twice(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    f->chip->cfg.timing.hbm_mbps = 4 * 38400;
    for (unsigned i = 0; i < 10; i++) {
        put(&r, HBM1 + 0x10000, HBM1, 65536);
    }
    ring(&r, 10);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 10 * 3413334);
    fake_free(f);
}

static void links_have_two_ways(void)
{
    TrnFabric fabric;
    FakeBus *a, *b;
    Ring there, back, far;

    trn_fabric_init(&fabric);
    a = fake_new_timed(&fabric, 0);
    b = fake_new_timed(&fabric, 4);
    a->now = b->now = T0;
    a->chip->cfg.timing.link_mbps = 19200;
    b->chip->cfg.timing.link_mbps = 19200;
    there = new_ring(a, 0, 9, 2);
    back = new_ring(a, 1, 10, 2);
    far = new_ring(b, 0, 11, 0);
    for (unsigned i = 0; i < 4; i++) {
        put(&there, WINDOW0 + HBM0, HBM1, 65536);
        put(&back, HBM0, WINDOW0 + HBM1, 65536);
        put(&far, WINDOW0 + HBM0, HBM1, 65536);
    }
    ring(&there, 4);
    fake_run_until(a, T0 + 100000);
    /* 65536 bytes at 19.2 GB/s, and 400 ns. */
    g_assert_cmpuint(completion(a), ==, 1300000 + 4 * 3413334 + 400000);

    /* What b writes comes by the way that a reads by: half for each. */
    b->now = T0 + 100000;
    ring(&back, 4);
    ring(&far, 4);
    for (unsigned i = 0; i < 50; i++) {
        fake_run_until(a, T0 + 100000 + i * 1000);
        fake_run_until(b, T0 + 100000 + i * 1000);
    }
    g_assert_cmpuint(MAX(completion(a), completion(b)), ==,
                     100000000 + 1300000 + 8 * 3413334 + 400000);

    /* The far stack has 9.6 GB/s. */
    b->chip->cfg.timing.hbm_mbps = 4 * 9600;
    fake_run_until(a, T0 + 500000);
    put(&there, WINDOW0 + HBM0, HBM1, 65536);
    ring(&there, 1);
    fake_run_until(a, T0 + 600000);
    g_assert_cmpuint(completion(a), ==,
                     500000000 + 1300000 + 6826667 + 400000);
    g_assert_cmpuint(a->guest_errors + b->guest_errors, ==, 0);
    fake_free(a);
    fake_free(b);
    trn_fabric_fini(&fabric);
}

static void throttled_engines_take_twice_as_long(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    f->chip->errinj.throttle = 1;
    trn_errinj_changed(f->chip);
    put(&r, HBM0 + 0x10000, HBM0, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 10000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 2 * 106667);
    fake_free(f);
}

/* --- what breaks in --- */

static void queue_reset_forgets_what_is_under_way(void)
{
    FakeBus *f = start();
    Ring a = new_ring(f, 0, 9, 2), b = new_ring(f, 1, 9, 3);

    memset(f->hbm + HBM0, 0x5a, 65536);
    for (unsigned i = 0; i < 5; i++) {
        put(&a, HBM0 + 0x10000, HBM0, 65536);
        put(&b, HBM0 + 0x20000, HBM0, 65536);
    }
    ring(&a, 5);
    ring(&b, 5);
    fake_run_until(f, T0 + 1400);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0xb0, 0x100);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x64, 0x100);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    g_assert_cmpuint(head(&a), ==, 0);
    g_assert_cmpuint(head(&b), ==, 5);
    /* The queue works again. */
    a.at = 0;
    put(&a, HBM0 + 0x10000, HBM0, 4096);
    ring(&a, 1);
    fake_run_until(f, T0 + 200000);
    g_assert_cmpuint(completion(f), ==, 101406667);
    fake_free(f);
}

static void chip_reset_forgets_everything(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 65536);
    f->chip->cfg.timing.hbm_mbps = 4;
    put(&r, HBM0 + 0x10000, HBM0, 65536);
    ring(&r, 1);
    fake_run_until(f, T0 + 2000);
    f->chip->cfg.timing.hbm_mbps = 4900000;
    trn_chip_write(f->chip, 0x06300010, 0);
    fake_run_until(f, T0 + 1000000);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    r = new_ring(f, 0, 9, 2);
    put(&r, HBM0 + 0x10000, HBM0, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 2000000);
    g_assert_cmpuint(completion(f), ==, 1001406667);
    fake_free(f);
}

static void time_without_bus_mastering_does_not_count(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    trn_chip_set_bus_master(f->chip, false);
    put(&r, HBM0 + 0x10000, HBM0, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_set_bus_master(f->chip, true);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 50106667);
    fake_free(f);
}

static void queue_that_was_off_starts_when_it_is_on(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x20, 0x03000000);
    put(&r, HBM0 + 0x10000, HBM0, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x20, 0x03030000);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 51406667);
    fake_free(f);
}

/* What is loaded has no wakes: everybody asks again, and nothing is lost. */
static void loaded_work_ends_when_it_would_have(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 10; i++) {
        put(&r, HBM0 + 0x10000, HBM0, 65536);
    }
    ring(&r, 10);
    fake_run_until(f, T0 + 5000);
    trn_chip_stop(f->chip);
    f->wake_at = 0;
    g_assert_true(trn_chip_resume(f->chip));
    trn_chip_start(f->chip);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(completion(f), ==, 1300000 + 10 * 1706667);
    fake_free(f);
}

static void times_at_the_end_of_time_are_refused(void)
{
    FakeBus *f = start();
    TrnTiming *t = f->chip->timing;
    TrnPs *place[] = {
        &t->engine[131].busy, &t->engine[0].queue[15].until,
        &t->engine[7].queue[3].s2m.ring[15].at, &t->stack[3], &t->host[1],
        &t->link[3][1],
    };

    g_assert_true(trn_timing_is_sane(t));
    for (unsigned i = 0; i < G_N_ELEMENTS(place); i++) {
        *place[i] = (TrnPs)UINT64_MAX * 1000;
        g_assert_false(trn_timing_is_sane(t));
        *place[i] = 0;
    }
    t->engine[5].queue[0].m2s.first = 16;
    g_assert_false(trn_timing_is_sane(t));
    t->engine[5].queue[0].m2s.first = 0;
    t->engine[5].last = 16;
    g_assert_false(trn_timing_is_sane(t));
    t->engine[5].last = 0;
    fake_free(f);
}

/* In 64 bits, picoseconds end after 213 days. */
static void timing_goes_on_after_a_century(void)
{
    const uint64_t century = 100ull * 365 * 86400 * 1000000000;
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    f->now = century;
    put(&r, HBM0 + 0x10000, HBM0, 65536);
    ring(&r, 1);
    fake_run_until(f, century + 1300 + 1706);
    g_assert_cmpuint(head(&r), ==, 0);
    fake_run_until(f, century + 1300 + 1707);
    g_assert_cmpuint(head(&r), ==, 1);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3030, 8), ==,
                     century * PS + 1300000 + 1706667);
    g_assert_true(trn_timing_is_sane(f->chip->timing));
    fake_free(f);
}

static void address_that_leads_nowhere_takes_time_too(void)
{
    FakeBus *f = start();
    Ring r = new_ring(f, 0, 9, 2);

    put(&r, 1ULL << 60, HBM0, 4096);
    ring(&r, 1);
    fake_run_until(f, T0 + 1406);
    g_assert_cmpuint(head(&r), ==, 0);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(head(&r), ==, 1);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/timing/" #name, name)
    T(bytes_take_their_time_rounded_up);
    T(busy_does_one_thing_after_the_other);
    T(arrivals_are_those_of_each_doorbell);
    T(arrivals_without_room_join_the_last);
    T(copy_is_seen_when_it_is_done);
    T(small_descriptor_takes_its_least_time);
    T(host_adds_its_latency_once_each_way);
    T(start_cost_of_many_overlaps);
    T(each_doorbell_pays_its_own_start);
    T(destination_that_comes_later_starts_later);
    T(queues_share_their_engine_fairly);
    T(priorities_share_the_time_of_the_engine);
    T(inline_operation_takes_the_time_of_its_pieces);
    T(cast_takes_the_time_of_its_larger_end);
    T(latency_is_not_the_engines);
    T(piece_that_is_cut_is_paid_for_once);
    T(engines_share_a_stack);
    T(copy_inside_a_stack_takes_it_twice);
    T(links_have_two_ways);
    T(throttled_engines_take_twice_as_long);
    T(queue_reset_forgets_what_is_under_way);
    T(chip_reset_forgets_everything);
    T(time_without_bus_mastering_does_not_count);
    T(queue_that_was_off_starts_when_it_is_on);
    T(loaded_work_ends_when_it_would_have);
    T(times_at_the_end_of_time_are_refused);
    T(timing_goes_on_after_a_century);
    T(address_that_leads_nowhere_takes_time_too);
    return g_test_run();
}
