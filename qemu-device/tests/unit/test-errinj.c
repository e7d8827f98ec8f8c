/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Injected faults: they hit what they name, when they say, and nothing else. */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define DST 0x1000000u
#define WINDOW0 0x10000000000000ULL

static FakeBus *start(void)
{
    FakeBus *f = fake_new();

    fake_program(f, 9, 2, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 64);
    fake_program(f, 9, 3, (M2S_RING + 0x1000) | HOST_BIT,
                 (S2M_RING + 0x1000) | HOST_BIT, 64);
    memset(f->host + DATA, 0x5a, 4096);
    f->chip->errinj.engine = 9;
    f->chip->errinj.queue = 2;
    return f;
}

/* @n copies of 64 bytes on queue @q, from place 0 of its rings. */
static void ring(FakeBus *f, unsigned q, unsigned n)
{
    uint32_t at = (q - 2) * 0x1000;

    for (unsigned i = 0; i < n; i++) {
        fake_desc(f, M2S_RING + at + i * 16, 0x0d000040, 0x01080003,
                  DATA | HOST_BIT);
        fake_desc(f, S2M_RING + at + i * 16, 0x01000040, 0,
                  DST + q * 0x10000 + i * 64);
    }
    trn_chip_write(f->chip, fake_page(9, q, true) + 0x38, n);
    trn_chip_write(f->chip, fake_page(9, q, false) + 0x38, n);
    fake_run(f);
}

static uint32_t head(FakeBus *f, unsigned q)
{
    return trn_chip_read(f->chip, fake_page(9, q, true) + 0x34) & 0xffffff;
}

static bool arrived(FakeBus *f, unsigned q, unsigned i)
{
    return f->hbm[DST + q * 0x10000 + i * 64] == 0x5a;
}

/* HW 3.7: secondary group A bit 8. */
static bool axi_error(FakeBus *f)
{
    return trn_chip_read(f->chip, 0x82900000 + 0x3a000) & 0x100;
}

/* trnx.md: bit 0 of STATUS of the queue control block. */
static bool busy(FakeBus *f, unsigned engine, unsigned q)
{
    return trn_trnx_read(f->chip, 0x100004 + (engine * 16 + q) * 0x100, 4) & 1;
}

/* HW 6.1: [31:16] corrected, [15:0] uncorrected, of stack 0 and 1. */
static uint32_t ecc(FakeBus *f, unsigned stack)
{
    return trn_chip_read(f->chip, 0x06c84044 + stack * 4);
}

/* From HBM, where x-ecc-* look, to the host. */
static void read_back(FakeBus *f, uint64_t src, unsigned place)
{
    fake_desc(f, M2S_RING + place * 16, 0x0d000040, 0x01080003, src);
    fake_desc(f, S2M_RING + place * 16, 0x01000040, 0,
              (DATA + 0x10000) | HOST_BIT);
    memset(f->host + DATA + 0x10000, 0, 64);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 1);
    fake_run(f);
    trn_chip_deferred(f->chip);
}

static bool read_right(FakeBus *f)
{
    return f->host[DATA + 0x10000] == 0x5a;
}

static void ecc_errors_are_met_once_and_counted(void)
{
    FakeBus *f = start();
    uint64_t *at = f->chip->errinj.ecc_at;

    memset(f->hbm + DST, 0x5a, 128);
    at[0] = DST + 63 + 1;
    read_back(f, DST + 64, 0);
    g_assert_cmphex(ecc(f, 0), ==, 0);
    read_back(f, DST, 1);
    g_assert_true(read_right(f));
    g_assert_false(axi_error(f));
    g_assert_cmphex(ecc(f, 0), ==, 0x10000);
    at[1] = DST + 1;
    read_back(f, DST, 2);
    g_assert_false(read_right(f));
    g_assert_true(axi_error(f));
    g_assert_cmphex(ecc(f, 0), ==, 0x10001);
    read_back(f, DST, 3);
    g_assert_true(read_right(f));
    g_assert_cmphex(ecc(f, 0), ==, 0x10001);
    g_assert_cmphex(ecc(f, 1), ==, 0);
    g_assert_true(!at[0] && !at[1]);
    /* HW 2.2: stack 1. The words do not wrap. */
    trn_mbox_set_status(f->chip, 0x48, UINT32_MAX, 0xffffffff);
    at[0] = at[1] = 0x004000000000ULL + 1;
    read_back(f, 0x004000000000ULL, 4);
    g_assert_cmphex(ecc(f, 1), ==, 0xffffffff);
    fake_free(f);
}

static void busy_queue_says_so_until_it_is_told_not_to(void)
{
    FakeBus *f = start();

    f->chip->errinj.busy = 1;
    g_assert_true(busy(f, 9, 2));
    g_assert_false(busy(f, 9, 3));
    g_assert_false(busy(f, 8, 2));
    ring(f, 2, 2);
    g_assert_true(arrived(f, 2, 1));
    g_assert_true(busy(f, 9, 2));
    f->chip->errinj.busy = 0;
    g_assert_false(busy(f, 9, 2));
    fake_free(f);
}

static void axi_error_hits_the_descriptor_it_names_once(void)
{
    FakeBus *f = start();

    f->chip->errinj.axi_error_at = 3;
    ring(f, 3, 8);
    g_assert_false(axi_error(f));
    ring(f, 2, 2);
    g_assert_false(axi_error(f));
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0xb0, 0x100);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x64, 0x100);
    memset(f->hbm + DST, 0, 0x30000);
    ring(f, 2, 4);
    g_assert_true(axi_error(f));
    g_assert_false(arrived(f, 2, 0));
    g_assert_true(arrived(f, 2, 1));
    g_assert_true(arrived(f, 2, 3));
    g_assert_cmpuint(f->chip->errinj.axi_error_at, ==, 0);
    fake_free(f);
}

static void delayed_completion_comes_when_its_time_has(void)
{
    FakeBus *f = start();

    f->now = 1000;
    f->chip->errinj.delay_ns = 500;
    ring(f, 2, 1);
    ring(f, 3, 1);
    g_assert_true(arrived(f, 2, 0));
    g_assert_cmpuint(head(f, 2), ==, 0);
    g_assert_cmpuint(head(f, 3), ==, 1);
    g_assert_cmpuint(f->wake_at, ==, 1500);
    f->now = 1499;
    trn_errinj_woken(f->chip);
    fake_run(f);
    g_assert_cmpuint(head(f, 2), ==, 0);
    f->now = 1500;
    trn_errinj_woken(f->chip);
    fake_run(f);
    g_assert_cmpuint(head(f, 2), ==, 1);
    fake_free(f);
}

static void delay_that_is_taken_back_lets_go_at_once(void)
{
    FakeBus *f = start();

    f->chip->errinj.delay_ns = 1000000;
    ring(f, 2, 3);
    g_assert_cmpuint(head(f, 2), ==, 0);
    f->chip->errinj.delay_ns = 0;
    trn_errinj_woken(f->chip);
    fake_run(f);
    g_assert_cmpuint(head(f, 2), ==, 3);
    fake_free(f);
}

static void queue_reset_forgets_a_delayed_completion(void)
{
    FakeBus *f = start();

    f->chip->errinj.delay_ns = 1000;
    ring(f, 2, 1);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0xb0, 0x100);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x64, 0x100);
    f->now = 5000;
    trn_errinj_woken(f->chip);
    fake_run(f);
    g_assert_cmpuint(head(f, 2), ==, 0);
    fake_free(f);
}

static void chip_that_is_gone_moves_nothing_until_it_is_back(void)
{
    FakeBus *f = start();

    trn_chip_set_gone(f->chip, true);
    ring(f, 2, 1);
    g_assert_false(arrived(f, 2, 0));
    trn_chip_set_gone(f->chip, true);
    trn_chip_set_gone(f->chip, false);
    fake_run(f);
    g_assert_true(arrived(f, 2, 0));
    fake_free(f);
}

/* A write through window 0 by routing id 0, device 0, to id 4, device 12. */
static bool reaches(FakeBus *a, FakeBus *b)
{
    uint32_t at = trn_chip_read(a->chip, fake_page(9, 2, true) + 0x3c)
                  & 0xffffff;

    b->hbm[DST] = 0;
    fake_desc(a, M2S_RING + at * 16, 0x0d000040, 0x01080003, DATA | HOST_BIT);
    fake_desc(a, S2M_RING + at * 16, 0x01000040, 0, WINDOW0 + DST);
    trn_chip_write(a->chip, fake_page(9, 2, true) + 0x38, 1);
    trn_chip_write(a->chip, fake_page(9, 2, false) + 0x38, 1);
    fake_run(a);
    return b->hbm[DST] == 0x5a;
}

static void link_is_down_if_either_end_is(void)
{
    TrnFabric fabric;
    FakeBus *a, *b;

    trn_fabric_init(&fabric);
    a = fake_new_in(&fabric, 0);
    b = fake_new_in(&fabric, 4);
    fake_program(a, 9, 2, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 64);
    memset(a->host + DATA, 0x5a, 64);
    g_assert_true(reaches(a, b));
    a->chip->errinj.links_down = 0x1;
    g_assert_false(reaches(a, b));
    a->chip->errinj.links_down = 0xe;
    g_assert_true(reaches(a, b));
    /* HW 9.3: device 12 reaches device 0 over SENG 0 too. */
    b->chip->errinj.links_down = 0x1;
    g_assert_false(reaches(a, b));
    b->chip->errinj.links_down = 0xe;
    g_assert_true(reaches(a, b));
    trn_chip_set_gone(b->chip, true);
    g_assert_false(reaches(a, b));
    fake_free(a);
    fake_free(b);
    trn_fabric_fini(&fabric);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/errinj/" #name, name)
    T(ecc_errors_are_met_once_and_counted);
    T(busy_queue_says_so_until_it_is_told_not_to);
    T(axi_error_hits_the_descriptor_it_names_once);
    T(delayed_completion_comes_when_its_time_has);
    T(delay_that_is_taken_back_lets_go_at_once);
    T(queue_reset_forgets_a_delayed_completion);
    T(chip_that_is_gone_moves_nothing_until_it_is_back);
    T(link_is_down_if_either_end_is);
    return g_test_run();
}
