/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts whose message comes back to the chip that sent it, as a register
 * write that stops the engine at work.
 */
#include "fake-bus.h"

#define ENGINE 5u
#define M2S 0x1000u
#define S2M 0x2000u
#define EVENTS 0x3000u
#define DATA 0x10000u
#define QCTL (0x100000u + ENGINE * 16 * 0x100)

static FakeBus *setup(void (*on_irq)(TrnChip *chip))
{
    FakeBus *fake = fake_new();

    fake_program(fake, ENGINE, 0, M2S | HOST_BIT, S2M | HOST_BIT, 16);
    trn_trnx_write(fake->chip, 0x10000, EVENTS | HOST_BIT, 8);
    trn_trnx_write(fake->chip, 0x10008, 4, 4);
    trn_trnx_write(fake->chip, 0x1000c, 1, 4);
    trn_trnx_write(fake->chip, 0x10018, 0, 4);
    trn_trnx_write(fake->chip, QCTL + 0x18, 1, 8);
    fake->on_irq = on_irq;
    return fake;
}

/* Three copies of 64 bytes; the first raises the interrupt. */
static void copy(FakeBus *fake)
{
    for (unsigned i = 0; i < 3; i++) {
        fake_desc(fake, M2S + i * 16, 0x0d000040, 0x01080003, DATA | HOST_BIT);
        fake_desc(fake, S2M + i * 16, 0x01000040, 0,
                  (DATA + 0x1000 * (i + 1)) | HOST_BIT);
    }
    memset(fake->host + DATA, 0x5a, 64);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, true) + 0x38, 3);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, false) + 0x38, 3);
    fake_run(fake);
    g_assert_cmpuint(fake->irqs[0], ==, 1);
}

static void write_device_reset(TrnChip *chip)
{
    trn_chip_write(chip, 0x06300010, 0);
}

static void write_queue_reset(TrnChip *chip)
{
    trn_chip_write(chip, fake_page(ENGINE, 0, false) + 0xb0, 0x100);
    trn_chip_write(chip, fake_page(ENGINE, 0, true) + 0x64, 0x100);
}

static void write_disable(TrnChip *chip)
{
    trn_chip_write(chip, fake_page(ENGINE, 0, false) + 0x20, 0x03000000);
}

static void drop_bus_master(TrnChip *chip)
{
    trn_chip_set_bus_master(chip, false);
}

static void interrupt_that_resets_the_device_ends_its_work(void)
{
    FakeBus *fake = setup(write_device_reset);

    copy(fake);
    g_assert_cmphex(trn_trnx_read(fake->chip, QCTL + 0x10, 8), ==, 0);
    g_assert_cmphex(trn_chip_read(fake->chip,
                                  fake_page(ENGINE, 0, false) + 0x30), ==, 0);
    fake_free(fake);
}

static void interrupt_that_resets_its_queue_ends_its_work(void)
{
    FakeBus *fake = setup(write_queue_reset);

    copy(fake);
    g_assert_cmphex(trn_trnx_read(fake->chip, QCTL + 0x10, 8), ==, 0);
    g_assert_cmphex(trn_chip_read(fake->chip,
                                  fake_page(ENGINE, 0, true) + 0x34), ==,
                    0x40000000);
    fake_free(fake);
}

static void interrupt_that_disables_its_queue_pauses_it(void)
{
    FakeBus *fake = setup(write_disable);

    copy(fake);
    g_assert_cmphex(trn_trnx_read(fake->chip, QCTL + 0x10, 8), <=, 3);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, false) + 0x20, 0x03030000);
    fake_run(fake);
    g_assert_cmphex(trn_trnx_read(fake->chip, QCTL + 0x10, 8), ==, 3);
    g_assert_cmphex(fake->host[DATA + 0x3000 + 63], ==, 0x5a);
    fake_free(fake);
}

static void interrupt_that_drops_bus_mastering_keeps_the_work(void)
{
    FakeBus *fake = setup(drop_bus_master);

    copy(fake);
    trn_chip_set_bus_master(fake->chip, true);
    fake_run(fake);
    g_assert_cmphex(trn_trnx_read(fake->chip, QCTL + 0x10, 8), ==, 3);
    g_assert_cmphex(fake->host[DATA + 0x3000 + 63], ==, 0x5a);
    fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/reenter/" #name, name)
    T(interrupt_that_resets_the_device_ends_its_work);
    T(interrupt_that_resets_its_queue_ends_its_work);
    T(interrupt_that_disables_its_queue_pauses_it);
    T(interrupt_that_drops_bus_mastering_keeps_the_work);
    return g_test_run();
}
