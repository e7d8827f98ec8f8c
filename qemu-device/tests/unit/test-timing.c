/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of descriptors in the timing model: the trnx manual, 15. */
#include "timed-ring.h"

static void copy_is_seen_when_it_is_done(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 4096);
    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&r, 1);
    /* 1300 ns and 4096 bytes at 38.4 GB/s: 1406.667. */
    fake_run_until(f, T0 + 1406);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    g_assert_cmpuint(timed_head(&r), ==, 0);
    g_assert_cmphex(trn_trnx_read(f->chip, 0x100000 + (9 * 16 + 2) * 0x100 + 4,
                                  4), ==, 1);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000 + 4095], ==, 0x5a);
    g_assert_cmpuint(timed_head(&r), ==, 1);
    g_assert_cmpuint(timed_completion(f), ==, 1406667);
    g_assert_cmphex(trn_trnx_read(f->chip, 0x100000 + (9 * 16 + 2) * 0x100 + 4,
                                  4), ==, 0);
    fake_free(f);
}

static void small_descriptor_takes_its_least_time(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    timed_put(&r, HBM0 + 0x10000, HBM0, 4);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 2000);
    g_assert_cmpuint(timed_completion(f), ==, 1353000);
    fake_free(f);
}

static void host_adds_its_latency_once_each_way(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    timed_put(&r, HBM0, MARK | HOST_BIT, 65536);
    timed_put(&r, (MARK + 0x10000) | HOST_BIT, MARK | HOST_BIT, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 10000);
    /* 1300 + 1706.667 + 500. */
    g_assert_cmpuint(timed_completion(f), ==, 3506667);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 20000);
    g_assert_cmpuint(timed_completion(f), ==,
                     10000000 + 1300000 + 106667 + 1000000);
    fake_free(f);
}

static void start_cost_of_many_overlaps(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 64; i++) {
        timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    }
    timed_doorbell(&r, 64);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(timed_head(&r), ==, 1);
    fake_run_until(f, T0 + 1300 + 32 * 107);
    g_assert_cmpuint(timed_head(&r), ==, 32);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 64 * 106667);
    fake_free(f);
}

static void each_doorbell_pays_its_own_start(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 3; i++) {
        timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    }
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 1000);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 2200);
    g_assert_cmpuint(timed_completion(f), ==, 1406667);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 3000);
    g_assert_cmpuint(timed_completion(f), ==, 2406667);
    fake_run_until(f, T0 + 4000);
    g_assert_cmpuint(timed_completion(f), ==, 3606667);
    fake_free(f);
}

static void destination_that_comes_later_starts_later(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    fake_run_until(f, T0 + 60000);
    g_assert_cmpuint(timed_completion(f), ==, 51406667);
    fake_free(f);
}

/* One transfer at a time: two queues take turns, four in a row, twice as long. */
static void queues_share_their_engine_fairly(void)
{
    FakeBus *f = timed_start();
    TimedRing a = timed_ring(f, 0, 9, 2), b = timed_ring(f, 1, 9, 14);

    for (unsigned i = 0; i < 20; i++) {
        timed_put(&a, HBM0 + 0x10000, HBM0, 65536);
        timed_put(&b, HBM0 + 0x20000, HBM0, 65536);
    }
    timed_doorbell(&a, 20);
    timed_doorbell(&b, 20);
    for (unsigned i = 1; i <= 40; i++) {
        fake_run_until(f, T0 + 1300 + i * 1706667ull / 1000 + 1);
        g_assert_cmpuint(timed_head(&a) + timed_head(&b), ==, i);
        g_assert_cmpint(ABS((int)timed_head(&a) - (int)timed_head(&b)), <=, 4);
    }
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 40 * 1706667);
    fake_free(f);
}

/* The trnx manual, 7.4: sixteen, four and one in a row. */
static void priorities_share_the_time_of_the_engine(void)
{
    static const uint32_t priority[] = { 1, 0, 2 };
    static const uint32_t turns[] = { 1, 4, 16 };
    FakeBus *f = timed_start();
    TimedRing r[3];

    for (unsigned i = 0; i < 3; i++) {
        r[i] = timed_ring(f, i, 9, i + 4);
        trn_trnx_write(f->chip, 0x100040 + (9 * 16 + i + 4) * 0x100,
                       priority[i], 4);
        for (unsigned k = 0; k < 64; k++) {
            timed_put(&r[i], HBM0 + 0x10000, HBM0, 65536);
        }
        timed_doorbell(&r[i], 64);
    }
    fake_run_until(f, T0 + 1300 + 63 * 1706667ull / 1000 + 1);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(timed_head(&r[i]), ==, 3 * turns[i]);
    }
    fake_free(f);
}

/* The trnx manual, 12.4: a copy of 256 KiB, then something behind it. */
static void inline_operation_takes_the_time_of_its_pieces(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);
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
    g_assert_cmpuint(timed_head(&r), ==, 0);
    fake_run_until(f, T0 + 1300 + 6827 + 500);
    g_assert_cmpuint(timed_head(&r), ==, 1);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 4 * 1706667 + 500000);
    g_assert_cmphex(f->hbm[FAKE_HBM_SLOT + 0x1000000 + 0x3ffff], ==, 0x5a);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3040 + 0x18, 8), ==, 0x40000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3060 + 0x18, 8), ==, 0x40000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3a00 + 9 * 8, 8), ==, 0x40000);
    fake_free(f);
}

/* Of bytes that are cast, what is read is more than what is written. */
static void cast_takes_the_time_of_its_larger_end(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);
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
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 106667 + 500000);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3040 + 0x18, 8), ==, 4096);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3060 + 0x18, 8), ==, 2048);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3a00 + 9 * 8, 8), ==, 2048);
    fake_free(f);
}

/* The engine is free while the bytes of another are on their way. */
static void latency_is_not_the_engines(void)
{
    FakeBus *f = timed_start();
    TimedRing a = timed_ring(f, 0, 9, 2), b = timed_ring(f, 1, 9, 3);

    f->chip->cfg.timing.host_latency_ns = 100000;
    timed_put(&a, HBM0, MARK | HOST_BIT, 65536);
    timed_put(&b, HBM0 + 0x20000, HBM1, 65536);
    timed_doorbell(&a, 1);
    timed_doorbell(&b, 1);
    fake_run_until(f, T0 + 4713);
    g_assert_cmpuint(timed_head(&b), ==, 0);
    fake_run_until(f, T0 + 4714);
    g_assert_cmpuint(timed_head(&b), ==, 1);
    g_assert_cmpuint(timed_head(&a), ==, 0);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 2 * 1706667);
    fake_run_until(f, T0 + 200000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 1706667 + 100000000);
    fake_free(f);
}

/* On-chip memory comes in chunks of the model, of which nobody is to know. */
static void piece_that_is_cut_is_paid_for_once(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 65536);
    timed_put(&r, SBUF(0) + 0x8000, HBM0, 65536);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 3006);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0008000), ==, 0);
    fake_run_until(f, T0 + 3007);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0008000), ==, 0x5a5a5a5a);
    g_assert_cmphex(trn_chip_read(f->chip, 0xd0017ffc), ==, 0x5a5a5a5a);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 1706667);
    fake_free(f);
}

/* Two engines, each with half of what a stack has. */
static void engines_share_a_stack(void)
{
    FakeBus *f = timed_start();
    TimedRing a = timed_ring(f, 0, 9, 2), b = timed_ring(f, 1, 10, 2);

    f->chip->cfg.timing.hbm_mbps = 4 * 38400;
    for (unsigned i = 0; i < 10; i++) {
        timed_put(&a, SBUF(0), HBM1, 65536);
        timed_put(&b, SBUF(1), HBM1, 65536);
    }
    timed_doorbell(&a, 10);
    timed_doorbell(&b, 10);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 20 * 1706667);
    g_assert_cmpuint(timed_head(&a), ==, 10);
    g_assert_cmpuint(timed_head(&b), ==, 10);
    fake_free(f);
}

/* HBM to HBM: the stack is read and written. */
static void copy_inside_a_stack_takes_it_twice(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    f->chip->cfg.timing.hbm_mbps = 4 * 38400;
    for (unsigned i = 0; i < 10; i++) {
        timed_put(&r, HBM1 + 0x10000, HBM1, 65536);
    }
    timed_doorbell(&r, 10);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 10 * 3413334);
    fake_free(f);
}

static void links_have_two_ways(void)
{
    TrnFabric fabric;
    FakeBus *a, *b;
    TimedRing there, back, far;

    trn_fabric_init(&fabric);
    a = fake_new_timed(&fabric, 0);
    b = fake_new_timed(&fabric, 4);
    a->now = b->now = T0;
    a->chip->cfg.timing.link_mbps = 19200;
    b->chip->cfg.timing.link_mbps = 19200;
    there = timed_ring(a, 0, 9, 2);
    back = timed_ring(a, 1, 10, 2);
    far = timed_ring(b, 0, 11, 0);
    for (unsigned i = 0; i < 4; i++) {
        timed_put(&there, WINDOW0 + HBM0, HBM1, 65536);
        timed_put(&back, HBM0, WINDOW0 + HBM1, 65536);
        timed_put(&far, WINDOW0 + HBM0, HBM1, 65536);
    }
    timed_doorbell(&there, 4);
    fake_run_until(a, T0 + 100000);
    /* 65536 bytes at 19.2 GB/s, and 400 ns. */
    g_assert_cmpuint(timed_completion(a), ==, 1300000 + 4 * 3413334 + 400000);

    /* What b writes comes by the way that a reads by: half for each. */
    b->now = T0 + 100000;
    timed_doorbell(&back, 4);
    timed_doorbell(&far, 4);
    for (unsigned i = 0; i < 50; i++) {
        fake_run_until(a, T0 + 100000 + i * 1000);
        fake_run_until(b, T0 + 100000 + i * 1000);
    }
    g_assert_cmpuint(MAX(timed_completion(a), timed_completion(b)), ==,
                     100000000 + 1300000 + 8 * 3413334 + 400000);

    /* The far stack has 9.6 GB/s. */
    b->chip->cfg.timing.hbm_mbps = 4 * 9600;
    fake_run_until(a, T0 + 500000);
    timed_put(&there, WINDOW0 + HBM0, HBM1, 65536);
    timed_doorbell(&there, 1);
    fake_run_until(a, T0 + 600000);
    g_assert_cmpuint(timed_completion(a), ==,
                     500000000 + 1300000 + 6826667 + 400000);
    g_assert_cmpuint(a->guest_errors + b->guest_errors, ==, 0);
    fake_free(a);
    fake_free(b);
    trn_fabric_fini(&fabric);
}

static void throttled_engines_take_twice_as_long(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    f->chip->errinj.throttle = 1;
    trn_errinj_changed(f->chip);
    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 10000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 2 * 106667);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/timing/" #name, name)
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
    return g_test_run();
}
