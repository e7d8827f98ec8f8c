/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timing model over resets, stops, a load, and the end of time: the trnx
 * manual, 15.
 */
#include "timed-ring.h"

static void queue_reset_forgets_what_is_under_way(void)
{
    FakeBus *f = timed_start();
    TimedRing a = timed_ring(f, 0, 9, 2), b = timed_ring(f, 1, 9, 3);

    memset(f->hbm + HBM0, 0x5a, 65536);
    for (unsigned i = 0; i < 5; i++) {
        timed_put(&a, HBM0 + 0x10000, HBM0, 65536);
        timed_put(&b, HBM0 + 0x20000, HBM0, 65536);
    }
    timed_doorbell(&a, 5);
    timed_doorbell(&b, 5);
    fake_run_until(f, T0 + 1400);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0xb0, 0x100);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x64, 0x100);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    g_assert_cmpuint(timed_head(&a), ==, 0);
    g_assert_cmpuint(timed_head(&b), ==, 5);
    /* The queue works again. */
    a.at = 0;
    timed_put(&a, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&a, 1);
    fake_run_until(f, T0 + 200000);
    g_assert_cmpuint(timed_completion(f), ==, 101406667);
    fake_free(f);
}

static void chip_reset_forgets_everything(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    memset(f->hbm + HBM0, 0x5a, 65536);
    f->chip->cfg.timing.hbm_mbps = 4;
    timed_put(&r, HBM0 + 0x10000, HBM0, 65536);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 2000);
    f->chip->cfg.timing.hbm_mbps = 4900000;
    trn_chip_write(f->chip, 0x06300010, 0);
    fake_run_until(f, T0 + 1000000);
    g_assert_cmpuint(f->hbm[HBM0 + 0x10000], ==, 0);
    r = timed_ring(f, 0, 9, 2);
    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 2000000);
    g_assert_cmpuint(timed_completion(f), ==, 1001406667);
    fake_free(f);
}

static void time_without_bus_mastering_does_not_count(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    trn_chip_set_bus_master(f->chip, false);
    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_set_bus_master(f->chip, true);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 50106667);
    fake_free(f);
}

static void queue_that_was_off_starts_when_it_is_on(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x20, 0x03000000);
    timed_put(&r, HBM0 + 0x10000, HBM0, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 50000);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x20, 0x03030000);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 51406667);
    fake_free(f);
}

/* What is loaded has no wakes: everybody asks again, and nothing is lost. */
static void loaded_work_ends_when_it_would_have(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    for (unsigned i = 0; i < 10; i++) {
        timed_put(&r, HBM0 + 0x10000, HBM0, 65536);
    }
    timed_doorbell(&r, 10);
    fake_run_until(f, T0 + 5000);
    trn_chip_stop(f->chip);
    f->wake_at = 0;
    g_assert_true(trn_chip_resume(f->chip));
    trn_chip_start(f->chip);
    fake_run_until(f, T0 + 100000);
    g_assert_cmpuint(timed_completion(f), ==, 1300000 + 10 * 1706667);
    fake_free(f);
}

static void times_at_the_end_of_time_are_refused(void)
{
    FakeBus *f = timed_start();
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
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    f->now = century;
    timed_put(&r, HBM0 + 0x10000, HBM0, 65536);
    timed_doorbell(&r, 1);
    fake_run_until(f, century + 1300 + 1706);
    g_assert_cmpuint(timed_head(&r), ==, 0);
    fake_run_until(f, century + 1300 + 1707);
    g_assert_cmpuint(timed_head(&r), ==, 1);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x3030, 8), ==,
                     century * PS + 1300000 + 1706667);
    g_assert_true(trn_timing_is_sane(f->chip->timing));
    fake_free(f);
}

static void address_that_leads_nowhere_takes_time_too(void)
{
    FakeBus *f = timed_start();
    TimedRing r = timed_ring(f, 0, 9, 2);

    timed_put(&r, 1ULL << 60, HBM0, 4096);
    timed_doorbell(&r, 1);
    fake_run_until(f, T0 + 1406);
    g_assert_cmpuint(timed_head(&r), ==, 0);
    fake_run_until(f, T0 + 1407);
    g_assert_cmpuint(timed_head(&r), ==, 1);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/timing/" #name, name)
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
