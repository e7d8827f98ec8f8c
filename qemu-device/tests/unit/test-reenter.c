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

static void stop_and_go(TrnChip *chip)
{
    trn_chip_stop(chip);
    trn_chip_start(chip);
}

/* An error of which the guest is told, then a copy of which it is told, too. */
static void interrupt_of_an_error_that_stops_keeps_the_completion(void)
{
    FakeBus *fake = setup(stop_and_go);
    TrnQueue *q = &fake->chip->engine[ENGINE].queue[0];

    trn_trnx_write(fake->chip, QCTL, 3, 4);
    trn_trnx_write(fake->chip, QCTL + 0x08, 0x4000 | HOST_BIT, 8);
    fake_desc(fake, M2S, 0x0d000040, 0x01080003, FAKE_HOST_SIZE | HOST_BIT);
    fake_desc(fake, S2M, 0x01000040, 0, DATA | HOST_BIT);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, true) + 0x38, 1);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, false) + 0x38, 1);
    fake_run(fake);
    g_assert_cmpuint(q->s2m.retired, ==, 1);
    g_assert_cmphex(trn_get_le32(fake->host + EVENTS), ==, 0x80000002);
    g_assert_cmphex(trn_get_le32(fake->host + EVENTS + 16), ==, 0x80000001);
    g_assert_cmphex(trn_get_le64(fake->host + EVENTS + 24), ==, 1);
    fake_free(fake);
}

/* As the message of an IOMMU that faults may stop the VM, on this thread. */
static void stop_in_a_read(FakeBus *fake)
{
    if (fake->in_turn) {
        fake->on_read = NULL;
        trn_chip_stop(fake->chip);
    }
}

static void read_that_stops_the_vm_is_the_last(void)
{
    FakeBus *fake = setup(NULL);
    TrnEngine *e = &fake->chip->engine[ENGINE];

    fake->bus.host_needs_lock = true;
    fake->on_read = stop_in_a_read;
    for (unsigned i = 0; i < 2; i++) {
        fake_desc(fake, M2S + i * 16, 0x0d000040, 0x01080003, DATA | HOST_BIT);
        fake_desc(fake, S2M + i * 16, 0x01000040, 0,
                  (DATA + 0x1000 * (i + 1)) | HOST_BIT);
    }
    memset(fake->host + DATA, 0x5a, 64);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, true) + 0x38, 2);
    trn_chip_write(fake->chip, fake_page(ENGINE, 0, false) + 0x38, 2);
    fake_run(fake);
    g_assert_null(fake->on_read);
    g_assert_cmpuint(e->queue[0].s2m.retired, ==, 0);
    g_assert_cmphex(fake->host[DATA + 0x1000], ==, 0);
    g_assert_cmpint(e->state, ==, TRN_ENGINE_IDLE);
    trn_chip_start(fake->chip);
    fake_run(fake);
    g_assert_cmpuint(e->queue[0].s2m.retired, ==, 2);
    g_assert_cmphex(fake->host[DATA + 0x2000 + 63], ==, 0x5a);
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
    T(interrupt_of_an_error_that_stops_keeps_the_completion);
    T(read_that_stops_the_vm_is_the_last);
    return g_test_run();
}
