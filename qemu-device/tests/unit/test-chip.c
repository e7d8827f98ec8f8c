/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chip as a whole: register writes by DMA, log lines. */
#include "fake-bus.h"

/* By DMA while earlier writes by DMA are carried out. */
static void write_late(FakeBus *f)
{
    f->on_log = NULL;
    trn_chip_dma_write(f->chip, fake_page(40, 0, false) + 0x28, 0x2000);
}

static void register_writes_by_dma_keep_their_order(void)
{
    FakeBus *f = fake_new();
    uint32_t base = fake_page(40, 0, false) + 0x28;

    /* A reset command that is none, which is deferred and logged. */
    trn_chip_dma_write(f->chip, 0x06c841ec, 0x77);
    trn_chip_dma_write(f->chip, 0x06c84800, 1);
    trn_chip_dma_write(f->chip, base, 0x1000);
    g_assert_cmphex(trn_chip_read(f->chip, base), ==, 0);
    f->on_log = write_late;
    trn_chip_deferred(f->chip);
    g_assert_null(f->on_log);
    g_assert_cmphex(trn_chip_read(f->chip, base), ==, 0x1000);
    trn_chip_deferred(f->chip);
    g_assert_cmphex(trn_chip_read(f->chip, base), ==, 0x2000);
    /* And at once when nothing is deferred. */
    trn_chip_dma_write(f->chip, base, 0x3000);
    g_assert_cmphex(trn_chip_read(f->chip, base), ==, 0x3000);
    fake_free(f);
}

/* The whole-device reset is the first of three; what is behind it happens. */
static void writes_behind_a_deferred_reset_are_not_forgotten(void)
{
    FakeBus *f = fake_new();

    trn_chip_dma_write(f->chip, 0x06c841ec, 0x77);
    trn_chip_dma_write(f->chip, 0x06c84800, 1);
    trn_chip_dma_write(f->chip, 0x06300010, 0);
    f->on_log = write_late;
    trn_chip_deferred(f->chip);
    trn_chip_deferred(f->chip);
    g_assert_cmphex(trn_chip_read(f->chip, fake_page(40, 0, false) + 0x28), ==,
                    0x2000);
    /* One from outside is no deferred write: all before it is forgotten. */
    trn_chip_dma_write(f->chip, 0x06c84800, 1);
    trn_chip_dma_write(f->chip, fake_page(40, 0, false) + 0x28, 0x1000);
    trn_reset_power_on(f->chip);
    trn_chip_deferred(f->chip);
    g_assert_cmphex(trn_chip_read(f->chip, fake_page(40, 0, false) + 0x28), ==,
                    0);
    fake_free(f);
}

static void lines_that_nobody_reads_are_not_made(void)
{
    FakeBus *f = fake_new();

    f->log_off = true;
    trn_chip_write(f->chip, fake_page(40, 0, false) + 0x38, 1);
    trn_chip_write(f->chip, 0x00000000, 1);
    g_assert_cmpuint(f->guest_errors + f->unimp, ==, 0);
    /* What is said once is said when somebody reads. */
    f->log_off = false;
    trn_chip_write(f->chip, 0x00000000, 1);
    trn_chip_write(f->chip, 0x00000000, 1);
    g_assert_cmpuint(f->unimp, ==, 1);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/chip/" #name, name)
    T(register_writes_by_dma_keep_their_order);
    T(writes_behind_a_deferred_reset_are_not_forgotten);
    T(lines_that_nobody_reads_are_not_made);
    return g_test_run();
}
