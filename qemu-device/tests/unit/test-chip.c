/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chip as a whole: register writes by DMA, log lines, the mailbox. */
#include "fake-bus.h"

#include "core/bar0/crc32c.h"

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

/* A doorbell by DMA, of a queue that has nothing to do with what waits. */
static void writes_behind_too_many_are_early_and_not_lost(void)
{
    FakeBus *f = fake_new();
    TrnQueue *q = &f->chip->engine[40].queue[3];

    fake_program(f, 40, 3, 0x1000 | HOST_BIT, 0x2000 | HOST_BIT, 64);
    for (unsigned i = 0; i < 100; i++) {
        trn_chip_dma_write(f->chip, fake_page(41, 0, false) + 0xb0, 0x100);
    }
    trn_chip_dma_write(f->chip, fake_page(40, 3, true) + 0x38, 5);
    g_assert_cmpuint(q->s2m.rung, ==, 5);
    g_assert_cmpuint(f->chip->num_deferred, ==, 64);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    trn_chip_deferred(f->chip);
    g_assert_cmpuint(q->s2m.rung, ==, 5);
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

/* An old-style request (HW 6.4) that is answered at chip address @rsp. */
static void request(FakeBus *f, uint64_t req, uint64_t rsp)
{
    uint8_t *at = f->host + 0x30000;

    trn_put_le32(at, 0x00080201);
    trn_put_le32(at + 4, 0);
    trn_put_le32(at + 4, trn_crc32c(0, at, 8));
    trn_chip_write(f->chip, 0x06c841f4, (uint32_t)req);
    trn_chip_write(f->chip, 0x06c841f0, req >> 32);
    trn_chip_write(f->chip, 0x06c841fc, (uint32_t)rsp);
    trn_chip_write(f->chip, 0x06c841f8, rsp >> 32);
    trn_chip_write(f->chip, 0x06c84800, 1);
}

/* To its own TRIGGER, directly and by a neighbour's window. */
static void mailbox_does_not_answer_to_registers(void)
{
    static const uint64_t registers[] = {
        0x008006c84800, 0x008006c84000, 0x10000000000000 + 0x008006c84800,
    };
    FakeBus *f = fake_new();

    request(f, 0x30000 | HOST_BIT, 0x38000 | HOST_BIT);
    g_assert_cmphex(trn_get_le32(f->host + 0x38000), !=, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(registers); i++) {
        f->guest_errors = 0;
        request(f, 0x30000 | HOST_BIT, registers[i]);
        g_assert_cmpuint(f->guest_errors, >=, 1);
        g_assert_false(f->deferred);
        f->guest_errors = 0;
        memset(f->host + 0x38000, 0, 4);
        request(f, registers[i], 0x38000 | HOST_BIT);
        g_assert_cmpuint(f->guest_errors, ==, 1);
        g_assert_cmphex(trn_get_le32(f->host + 0x38000), ==, 0);
    }
    fake_run(f);
    fake_free(f);
}

/* Each word takes locks: an engine that is asked to stop stops between pieces. */
static void registers_are_accessed_in_short_pieces(void)
{
    FakeBus *f = fake_new();
    uint8_t bounce[4096];
    TrnSpan to, from = trn_mem_source(f->chip, 0x008006a00000, 65536);

    g_assert_cmpint(from.kind, ==, TRN_SPAN_REG);
    g_assert_cmpuint(from.len, <=, 1024);
    trn_mem_copy(f->chip, &from, 0x008006a00000, &to, 0x1000000, bounce);
    from = trn_mem_source(f->chip, 0x002002700000 + 0x1000, 65536);
    g_assert_cmpuint(from.len, <=, 1024);
    from = trn_mem_source(f->chip, 0x1000000, 65536);
    g_assert_cmpuint(from.len, ==, 65536);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/chip/" #name, name)
    T(register_writes_by_dma_keep_their_order);
    T(writes_behind_a_deferred_reset_are_not_forgotten);
    T(writes_behind_too_many_are_early_and_not_lost);
    T(lines_that_nobody_reads_are_not_made);
    T(mailbox_does_not_answer_to_registers);
    T(registers_are_accessed_in_short_pieces);
    return g_test_run();
}
