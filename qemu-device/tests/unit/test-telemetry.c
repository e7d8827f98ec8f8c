/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telemetry: energy, power and temperature by the trnx manual, 13. */
#include "fake-bus.h"

#include <math.h>

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define TELEMETRY 0x3000u
#define STACK(n) (TELEMETRY + 0x40 + (n) * 0x20)
#define ENGINE(n) (TELEMETRY + 0x100 + (n) * 0x10)
#define SECOND 1000000000ull

static uint64_t get(FakeBus *f, uint32_t off)
{
    return trn_trnx_read(f->chip, off, 8);
}

static int32_t temp(FakeBus *f, uint32_t block)
{
    return trn_trnx_read(f->chip, block, 4);
}

static uint32_t power(FakeBus *f, uint32_t block)
{
    return trn_trnx_read(f->chip, block + 4, 4);
}

static uint64_t energy(FakeBus *f, uint32_t block)
{
    return get(f, block + 8);
}

/* @n copies of 4096 bytes by queue 0 of engine 9, from stack 1 to stack 2. */
static void copies(FakeBus *f, unsigned n)
{
    fake_program(f, 9, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 64);
    for (unsigned i = 0; i < n; i++) {
        fake_desc(f, M2S_RING + i * 16, 0x0d001000, 0x01080003, 0x4001000000);
        fake_desc(f, S2M_RING + i * 16, 0x01001000, 0, 0x800001000000);
    }
    trn_chip_write(f->chip, fake_page(9, 0, true) + 0x38, n);
    trn_chip_write(f->chip, fake_page(9, 0, false) + 0x38, n);
    fake_run(f);
}

/* Round numbers: whatever is not said takes nothing. */
static FakeBus *start(void)
{
    FakeBus *f = fake_new();

    f->chip->cfg.energy = (TrnEnergyModel) {
        .chip = { .idle_mw = 100000, .mk_per_w = 200 },
        .stack = { .idle_mw = 2000, .mk_per_w = 1000 },
        .engine = { .idle_mw = 0, .mk_per_w = 500 },
        .stack_pj_per_byte = 1000,
        .engine_pj_per_byte = 300,
        .engine_pj_per_desc = 5000000,
        .ambient_mc = 20000,
        .limit_mc = 40000,
        .settle_ms = 1000,
        .sample_ns = SECOND / 10,
    };
    trn_telemetry_init(f->chip);
    return f;
}

static void scale_is_exact_where_a_product_would_not_fit(void)
{
    g_assert_cmpuint(trn_scale(10, 7, 4), ==, 17);
    g_assert_cmpuint(trn_scale(UINT64_MAX, 1000000, 1000000), ==, UINT64_MAX);
    g_assert_cmpuint(trn_scale(UINT64_MAX, 3, 4), ==, UINT64_MAX / 4 * 3 + 2);
    /* A week of a kilowatt. */
    g_assert_cmpuint(trn_energy_of(1000000, 604800 * SECOND), ==,
                     604800000000000);
    g_assert_cmpuint(trn_energy_of(1, 999999), ==, 0);
    g_assert_cmpuint(trn_energy_of(1, 1000000), ==, 1);
}

static void temperature_approaches_its_end_by_an_exponential(void)
{
    g_assert_cmpint(trn_thermal_step(0, 10000, 0, 1000), ==, 0);
    /* 1 - 1/e, 1 - 1/e^2; from above too. */
    g_assert_cmpint(trn_thermal_step(0, 10000, SECOND, 1000), ==, 6321);
    g_assert_cmpint(trn_thermal_step(0, 10000, 2 * SECOND, 1000), ==, 8647);
    g_assert_cmpint(trn_thermal_step(20000, 10000, SECOND, 1000), ==, 13679);
    g_assert_cmpint(trn_thermal_step(0, 10000, 3600 * SECOND, 1), ==, 10000);
    /* Two steps are one step of both times, to the rounding. */
    g_assert_cmpint(trn_thermal_step(6321, 10000, SECOND, 1000), ==, 8647);
}

/* The same law by the library, which is exact to less than a millikelvin. */
static void temperature_is_that_of_the_library(void)
{
    static const int32_t rise[] = {
        INT32_MIN / 4, -100000, -1, 0, 1, 22660, 95000, INT32_MAX / 4,
    };
    uint64_t ns = 1;

    for (unsigned i = 0; i < 60; i++, ns += ns / 2 + 1) {
        for (unsigned k = 0; k < 64; k++) {
            int32_t from = rise[k % 8], to = rise[k / 8];
            double left = exp(-(double)ns / 2e9);
            double want = to + ((double)from - to) * left;

            g_assert_cmpfloat(fabs(trn_thermal_step(from, to, ns, 2000) -
                                   want), <, 0.51);
        }
    }
    g_assert_cmpint(trn_thermal_step(INT32_MAX, INT32_MIN, UINT64_MAX, 1), ==,
                    INT32_MIN);
}

static void chip_at_rest_takes_what_it_takes_at_rest(void)
{
    FakeBus *f = fake_new();

    /* 200 W, four stacks of 5 W, 132 engines of 50 mW. */
    g_assert_cmpuint(power(f, TELEMETRY), ==, 226600);
    g_assert_cmpuint(power(f, STACK(3)), ==, 5000);
    g_assert_cmpuint(power(f, ENGINE(131)), ==, 50);
    g_assert_cmpint(temp(f, TELEMETRY), ==, 30000);
    g_assert_cmpuint(energy(f, TELEMETRY), ==, 0);
    f->now = SECOND;
    g_assert_cmpuint(energy(f, TELEMETRY), ==, 226600000);
    g_assert_cmpuint(energy(f, STACK(0)), ==, 5000000);
    g_assert_cmpuint(energy(f, ENGINE(0)), ==, 50000);
    g_assert_cmpuint(power(f, TELEMETRY), ==, 226600);
    f->now = 3600 * SECOND;
    g_assert_cmpint(temp(f, TELEMETRY), ==, 52660);
    g_assert_cmpint(temp(f, STACK(1)), ==, 35000);
    /* An engine sits on the chip: half a degree of its own. */
    g_assert_cmpint(temp(f, ENGINE(77)), ==, 53160);
    fake_free(f);
}

static void energy_follows_bytes_and_descriptors(void)
{
    FakeBus *f = start();

    copies(f, 10);
    g_assert_cmpuint(get(f, TELEMETRY + 0xa00 + 9 * 8), ==, 40960);
    g_assert_cmpuint(get(f, TELEMETRY + 0xa00 + 8 * 8), ==, 0);
    g_assert_cmpuint(get(f, STACK(0) + 0x18), ==, 0);
    g_assert_cmpuint(get(f, STACK(1) + 0x18), ==, 40960);
    g_assert_cmpuint(get(f, STACK(2) + 0x18), ==, 40960);
    /* 40960 bytes of 300 pJ, 20 descriptors of 5 uJ; 40960 of 1 nJ. */
    g_assert_cmpuint(energy(f, ENGINE(9)), ==, 112);
    g_assert_cmpuint(energy(f, ENGINE(8)), ==, 0);
    g_assert_cmpuint(energy(f, STACK(1)), ==, 40);
    g_assert_cmpuint(energy(f, STACK(0)), ==, 0);
    g_assert_cmpuint(energy(f, TELEMETRY), ==, 192);
    fake_free(f);
}

static void power_is_the_mean_since_the_last_sample(void)
{
    FakeBus *f = start();

    copies(f, 10);
    f->now = SECOND / 10 - 1;
    g_assert_cmpuint(power(f, ENGINE(9)), ==, 0);
    g_assert_cmpuint(get(f, TELEMETRY + 0x20), ==, 0);
    f->now = SECOND / 10;
    /* 112 uJ in 100 ms. */
    g_assert_cmpuint(power(f, ENGINE(9)), ==, 1);
    g_assert_cmpuint(get(f, TELEMETRY + 0x20), ==, SECOND / 10);
    g_assert_cmpuint(get(f, TELEMETRY + 0x28), ==, SECOND / 10);
    f->now = SECOND;
    g_assert_cmpuint(power(f, ENGINE(9)), ==, 0);
    g_assert_cmpuint(power(f, STACK(0)), ==, 2000);
    g_assert_cmpuint(power(f, TELEMETRY), ==, 108000);
    fake_free(f);
}

static void chip_that_is_too_hot_is_throttled(void)
{
    FakeBus *f = start();
    uint64_t since;

    f->chip->cfg.energy.chip.idle_mw = 142000;
    /* 150 W: 20 + 30 * (1 - e^-t) degrees reach 40 at 1.0986 s. */
    f->now = 1090000000;
    g_assert_cmpint(temp(f, TELEMETRY), <, 40000);
    g_assert_cmphex(get(f, TELEMETRY + 0x10), ==, 40000ull << 32);
    g_assert_cmpuint(get(f, TELEMETRY + 0x18), ==, 0);
    f->now = since = 1200000000;
    g_assert_cmpint(temp(f, TELEMETRY), >=, 40000);
    g_assert_cmphex(get(f, TELEMETRY + 0x10), ==, 40000ull << 32 | 1);
    f->now += SECOND;
    g_assert_cmpuint(get(f, TELEMETRY + 0x18), ==, SECOND);
    f->chip->cfg.energy.chip.idle_mw = 0;
    f->chip->cfg.energy.stack.idle_mw = 0;
    f->chip->telemetry.meter[0].energy_uj = 0;
    for (unsigned i = 0; i < 4; i++) {
        f->chip->telemetry.meter[1 + i].energy_uj = 0;
    }
    f->now += 10 * SECOND;
    g_assert_cmphex(get(f, TELEMETRY + 0x10), ==, 40000ull << 32);
    since = get(f, TELEMETRY + 0x18);
    g_assert_cmpuint(since, ==, 11 * SECOND);
    f->now += SECOND;
    g_assert_cmpuint(get(f, TELEMETRY + 0x18), ==, since);
    fake_free(f);
}

static void throttling_can_be_forced(void)
{
    FakeBus *f = start();

    f->now = 5000;
    f->chip->errinj.throttle = 1;
    trn_errinj_changed(f->chip);
    g_assert_cmphex((uint32_t)get(f, TELEMETRY + 0x10), ==, 2);
    f->now = 7000;
    g_assert_cmpuint(get(f, TELEMETRY + 0x18), ==, 2000);
    f->chip->errinj.throttle = 0;
    trn_errinj_changed(f->chip);
    f->now = 9000;
    g_assert_cmphex((uint32_t)get(f, TELEMETRY + 0x10), ==, 0);
    g_assert_cmpuint(get(f, TELEMETRY + 0x18), ==, 2000);
    fake_free(f);
}

static void ecc_counts_are_those_of_the_firmware(void)
{
    FakeBus *f = fake_new();

    /* HW 6.1: corrected in the high half. */
    trn_mbox_set_status(f->chip, 0x40, UINT32_MAX, 0x00090008);
    trn_mbox_set_status(f->chip, 0x44 + 2 * 4, UINT32_MAX, 0x12345678);
    g_assert_cmphex(get(f, STACK(2) + 0x10), ==, 0x567800001234);
    g_assert_cmphex(get(f, STACK(1) + 0x10), ==, 0);
    g_assert_cmphex(get(f, TELEMETRY + 0x38), ==, 0x800000009);
    fake_free(f);
}

static void no_reset_clears_it_and_no_write_changes_it(void)
{
    FakeBus *f = start();

    copies(f, 3);
    f->now = SECOND;
    for (uint32_t off = 0; off < 0x1000; off += 8) {
        uint64_t before = get(f, TELEMETRY + off);

        trn_trnx_write(f->chip, TELEMETRY + off, ~before, 8);
        trn_chip_write(f->chip, 0x06300010, 0);
        trn_reset_power_on(f->chip);
        g_assert_cmphex(get(f, TELEMETRY + off), ==, before);
    }
    g_assert_cmpuint(get(f, TELEMETRY + 0xa00 + 9 * 8), ==, 12288);
    g_assert_cmpuint(f->unimp, ==, 0);
    fake_free(f);
}

static void what_is_behind_the_blocks_reads_zero(void)
{
    FakeBus *f = fake_new();

    f->now = SECOND;
    for (uint32_t off = 0x940; off < 0xa00; off += 8) {
        g_assert_cmphex(get(f, TELEMETRY + off), ==, 0);
    }
    for (uint32_t off = 0xe20; off < 0x1000; off += 8) {
        g_assert_cmphex(get(f, TELEMETRY + off), ==, 0);
    }
    g_assert_cmphex(get(f, ENGINE(131) + 8), !=, 0);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/telemetry/" #name, name)
    T(scale_is_exact_where_a_product_would_not_fit);
    T(temperature_approaches_its_end_by_an_exponential);
    T(temperature_is_that_of_the_library);
    T(chip_at_rest_takes_what_it_takes_at_rest);
    T(energy_follows_bytes_and_descriptors);
    T(power_is_the_mean_since_the_last_sample);
    T(chip_that_is_too_hot_is_throttled);
    T(throttling_can_be_forced);
    T(ecc_counts_are_those_of_the_firmware);
    T(no_reset_clears_it_and_no_write_changes_it);
    T(what_is_behind_the_blocks_reads_zero);
    return g_test_run();
}
