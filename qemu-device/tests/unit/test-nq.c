/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notification queues: HW 8 for the registers, core/bar0/nq.h for the entries. */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define NQ 0x30000u
#define DST 0x1000000u
#define INT_EN 0x10000000u
/* HW 8.1 and 8.2: queue 0 of the block of engine 17. */
#define BLOCK (0x83100000u + 0x41100)

static void nq_start(FakeBus *f, uint64_t base, uint32_t size)
{
    trn_chip_write(f->chip, BLOCK + 0x4, base >> 32);
    trn_chip_write(f->chip, BLOCK + 0x0, base);
    trn_chip_write(f->chip, BLOCK + 0x8, size);
}

static FakeBus *start(uint32_t size)
{
    FakeBus *f = fake_new();

    fake_program(f, 17, 6, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    nq_start(f, NQ | HOST_BIT, size);
    f->now = 0x123456789a;
    return f;
}

/* The next @n packets of queue 6, 64 bytes each from @src. */
static void ring(FakeBus *f, unsigned n, uint32_t m2s_flags,
                 uint32_t s2m_flags, uint64_t src)
{
    uint32_t at = trn_chip_read(f->chip, fake_page(17, 6, true) + 0x3c)
                  & 0xffffff;

    for (unsigned i = at; i < at + n; i++) {
        fake_desc(f, M2S_RING + i * 16, 0x0d000040 | m2s_flags, 0x01080003,
                  src);
        fake_desc(f, S2M_RING + i * 16, 0x01000040 | s2m_flags, 0,
                  DST + i * 64);
    }
    trn_chip_write(f->chip, fake_page(17, 6, true) + 0x38, n);
    trn_chip_write(f->chip, fake_page(17, 6, false) + 0x38, n);
    fake_run(f);
}

static uint32_t word(FakeBus *f, unsigned entry, unsigned off)
{
    return trn_get_le32(f->host + NQ + entry * 32 + off);
}

static void completions_with_int_en_are_noted(void)
{
    FakeBus *f = start(1024);

    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    ring(f, 1, INT_EN, 0, DATA | HOST_BIT);
    ring(f, 1, 0, 0, DATA | HOST_BIT);
    /* Phase, engine 17, queue 6, S2M. */
    g_assert_cmphex(word(f, 0, 0x00), ==, 0x80110602);
    g_assert_cmphex(word(f, 0, 0x04), ==, 0x40000000);
    g_assert_cmpuint(trn_get_le64(f->host + NQ + 0x08), ==, 1);
    g_assert_cmphex(trn_get_le64(f->host + NQ + 0x10), ==, 0x123456789a);
    g_assert_cmpuint(word(f, 0, 0x18), ==, 64);
    g_assert_cmphex(word(f, 1, 0x00), ==, 0x80110601);
    g_assert_cmphex(word(f, 1, 0x04), ==, 0x40000001);
    g_assert_cmpuint(word(f, 1, 0x08), ==, 2);
    g_assert_cmphex(word(f, 2, 0x00), ==, 0);
    fake_free(f);
}

static void errors_are_noted_once_for_each_queue_reset(void)
{
    FakeBus *f = start(1024);

    ring(f, 2, 0, 0, 0x3fff00001000);
    g_assert_cmphex(word(f, 0, 0x00), ==, 0x80110603);
    g_assert_cmphex(word(f, 0, 0x04), ==, 0);
    g_assert_cmphex(trn_get_le64(f->host + NQ + 0x08), ==, 0x3fff00001000);
    g_assert_cmpuint(word(f, 0, 0x18), ==, 3);  /* source, trnx manual */
    g_assert_cmphex(word(f, 1, 0x00), ==, 0);
    fake_free(f);
}

static void phase_flips_with_each_lap(void)
{
    FakeBus *f = start(128);

    for (unsigned i = 0; i < 9; i++) {
        trn_chip_write(f->chip, BLOCK + 0xc, i % 4);
        ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
        g_assert_cmphex(word(f, i % 4, 0x00) >> 31, ==, !(i / 4 % 2));
        g_assert_cmpuint(word(f, i % 4, 0x08), ==, i + 1);
    }
    fake_free(f);
}

static void full_ring_loses_entries_and_says_so(void)
{
    FakeBus *f = start(128);

    ring(f, 5, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmpuint(word(f, 2, 0x08), ==, 3);
    g_assert_cmphex(word(f, 3, 0x00), ==, 0);
    trn_chip_write(f->chip, BLOCK + 0xc, 2);
    ring(f, 2, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmphex(word(f, 3, 0x00), ==, 0xc0110602);
    g_assert_cmpuint(word(f, 3, 0x08), ==, 6);
    g_assert_cmphex(word(f, 0, 0x00), ==, 0x00110602);
    fake_free(f);
}

/* HW 8.3: base high, base low, size, all 0; in between nothing goes astray. */
static void halted_queue_is_not_written(void)
{
    FakeBus *f = start(1024);

    trn_chip_write(f->chip, BLOCK + 0x4, 0);
    trn_chip_write(f->chip, BLOCK + 0x0, 0);
    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmphex(word(f, 0, 0x00), ==, 0x80110602);
    g_assert_cmphex(trn_get_le64(f->hbm), ==, 0);
    trn_chip_write(f->chip, BLOCK + 0x8, 0);
    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmphex(word(f, 1, 0x00), ==, 0);

    nq_start(f, NQ | HOST_BIT, 1024);
    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmpuint(word(f, 0, 0x08), ==, 3);
    g_assert_cmpuint(f->guest_errors, ==, 0);
    fake_free(f);
}

static void ring_in_hbm_is_written(void)
{
    FakeBus *f = start(0);

    nq_start(f, 0x1001000, 256);
    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmphex(trn_get_le32(f->hbm + 0x1001000), ==, 0x80110602);
    fake_free(f);
}

static void bad_sizes_and_bad_rings_are_guest_errors(void)
{
    static const uint32_t sizes[] = { 1, 32, 96, 0xffffffff };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        FakeBus *f = start(sizes[i]);

        g_assert_cmpuint(f->guest_errors, ==, 1);
        ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
        g_assert_cmphex(word(f, 0, 0x00), ==, 0);
        fake_free(f);
    }
    FakeBus *f = start(0);

    nq_start(f, 0x3fff00000000, 1024);
    ring(f, 2, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    g_assert_cmphex(trn_chip_read(f->chip, fake_page(17, 6, true) + 0x34), ==,
                    0x40000002);
    fake_free(f);
}

/* HW 7.3: the SDMA bit of core 1, whose engine 17 is. */
static void reset_turns_it_off(void)
{
    FakeBus *f = start(1024);

    trn_chip_write(f->chip, 0x06300010, 0x00020202);
    fake_program(f, 17, 6, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    ring(f, 1, 0, INT_EN, DATA | HOST_BIT);
    g_assert_cmphex(word(f, 0, 0x00), ==, 0);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/nq/" #name, name)
    T(completions_with_int_en_are_noted);
    T(errors_are_noted_once_for_each_queue_reset);
    T(phase_flips_with_each_lap);
    T(full_ring_loses_entries_and_says_so);
    T(halted_queue_is_not_written);
    T(ring_in_hbm_is_written);
    T(bad_sizes_and_bad_rings_are_guest_errors);
    T(reset_turns_it_off);
    return g_test_run();
}
