/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of the on-chip memories. Numbers are of HW 2.2. */
#include "fake-bus.h"

#define CHUNK 65536u
#define CHUNKS (FAKE_SCRATCH / CHUNK)
#define SBUF 0xd0000000u                /* of core 0, in BAR0 */

static void a_place_reads_zero_until_written_and_costs_a_chunk(void)
{
    FakeBus *f = fake_new();
    TrnScratch *s = &f->chip->scratch;
    uint64_t last = 8 * 0x804000000 + 20 * 0x400000 + 4 * 0x34c0000 - 4;
    uint64_t avail;

    g_assert_cmphex(trn_scratch_read32(s, last), ==, 0);
    trn_scratch_write32(f->chip, last, 0);
    g_assert_cmpuint(s->used, ==, 0);
    trn_scratch_write32(f->chip, last, 0xfeedface);
    trn_scratch_write32(f->chip, 0, 0x01020304);
    g_assert_cmphex(trn_scratch_read32(s, last), ==, 0xfeedface);
    g_assert_cmphex(trn_scratch_read32(s, last - 4), ==, 0);
    g_assert_cmphex(*(const uint8_t *)trn_scratch_peek(s, 1, &avail), ==, 3);
    g_assert_cmphex(avail, ==, CHUNK - 1);
    g_assert_cmpuint(s->used, ==, 2);
    g_assert_cmpuint(f->scratch_dirty, ==, 8);
    fake_free(f);
}

static void the_pool_is_the_limit(void)
{
    FakeBus *f = fake_new();
    TrnScratch *s = &f->chip->scratch;
    uint64_t avail;

    for (uint64_t i = 0; i < CHUNKS; i++) {
        g_assert_nonnull(trn_scratch_poke(s, i * 3 * CHUNK, &avail));
    }
    g_assert_null(trn_scratch_poke(s, CHUNK, &avail));
    trn_scratch_write32(f->chip, CHUNK, 5);
    g_assert_cmphex(trn_scratch_read32(s, CHUNK), ==, 0);
    g_assert_nonnull(trn_scratch_poke(s, 3 * CHUNK + 9, &avail));
    g_assert_cmpuint(s->used, ==, CHUNKS);
    fake_free(f);
}

static void a_reset_gives_everything_back(void)
{
    FakeBus *f = fake_new();

    for (uint32_t i = 0; i < 4; i++) {
        trn_chip_write(f->chip, SBUF + i * CHUNK, i + 1);
    }
    g_assert_cmpuint(f->chip->scratch.used, ==, 4);
    trn_reset_power_on(f->chip);
    g_assert_cmpuint(f->chip->scratch.used, ==, 0);
    trn_chip_write(f->chip, SBUF + 9 * CHUNK + 4, 7);
    g_assert_cmphex(trn_chip_read(f->chip, SBUF), ==, 0);
    g_assert_cmphex(trn_chip_read(f->chip, SBUF + 9 * CHUNK), ==, 0);
    g_assert_cmphex(trn_chip_read(f->chip, SBUF + 9 * CHUNK + 4), ==, 7);
    fake_free(f);
}

/* A map that was saved is built anew over the same pool, and only once. */
static void a_map_is_taken_over_if_it_makes_sense(void)
{
    const uint32_t places = (8 * 0x804000000 + 20 * 0x400000 +
                             4 * 0x34c0000) / CHUNK;
    FakeBus *f = fake_new();
    TrnScratch *s = &f->chip->scratch;

    trn_chip_write(f->chip, SBUF, 0x11111111);
    trn_chip_write(f->chip, SBUF + 5 * CHUNK, 0x22222222);
    trn_scratch_forget(s);
    g_assert_cmphex(trn_chip_read(f->chip, SBUF), ==, 0);
    g_assert_true(trn_scratch_take(s, 0));
    g_assert_true(trn_scratch_take(s, 5));
    g_assert_cmphex(trn_chip_read(f->chip, SBUF), ==, 0x11111111);
    g_assert_cmphex(trn_chip_read(f->chip, SBUF + 5 * CHUNK), ==, 0x22222222);
    g_assert_false(trn_scratch_take(s, 5));
    g_assert_false(trn_scratch_take(s, places));
    g_assert_false(trn_scratch_take(s, UINT32_MAX));
    g_assert_true(trn_scratch_take(s, places - 1));
    for (uint32_t i = 3; i < CHUNKS; i++) {
        g_assert_true(trn_scratch_take(s, 10 + i));
    }
    g_assert_false(trn_scratch_take(s, 9));
    fake_free(f);
}

/* Whatever is in the free chunks. */
static void a_pool_that_holds_anything_is_cleared(void)
{
    FakeBus *f = fake_new();

    memset(f->scratch, 0x5a, FAKE_SCRATCH);
    trn_scratch_clear_all(f->chip);
    for (uint32_t i = 0; i < CHUNKS; i += 100) {
        trn_chip_write(f->chip, SBUF + i * CHUNK, 1);
        g_assert_cmphex(trn_chip_read(f->chip, SBUF + i * CHUNK + 4), ==, 0);
    }
    fake_free(f);
}

#define T(name) g_test_add_func("/scratch/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(a_place_reads_zero_until_written_and_costs_a_chunk);
    T(the_pool_is_the_limit);
    T(a_reset_gives_everything_back);
    T(a_map_is_taken_over_if_it_makes_sense);
    T(a_pool_that_holds_anything_is_cleared);
    return g_test_run();
}
