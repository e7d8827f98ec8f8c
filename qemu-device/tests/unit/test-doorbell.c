/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doorbell pages on a fake bus: the trnx manual, 11. */
#include "fake-bus.h"

#define ENGINE 12u
#define QUEUE 6u
#define LEN 64u
#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define RECORD 0x30000u
#define EVENTS 0x31000u
#define SOURCE 0x100000u
#define TARGET 0x1000000u
#define CTRL_COUNT 1u
#define CTRL_ERR_EVENT 2u
#define CTRL_HALT 4u
#define CTRL_DOORBELL 8u
#define OVERRUN 17u

static uint32_t page(unsigned queue)
{
    return 0x1000000 + (ENGINE * 16 + queue) * 0x1000;
}

static uint32_t qctl(unsigned reg)
{
    return 0x100000 + (ENGINE * 16 + QUEUE) * 0x100 + reg;
}

static void put(FakeBus *f, uint32_t off, uint64_t val, unsigned size)
{
    trn_trnx_write(f->chip, off, val, size);
}

static uint32_t status(FakeBus *f)
{
    return trn_trnx_read(f->chip, qctl(0x04), 4);
}

static uint32_t tail(FakeBus *f, bool s2m)
{
    return trn_chip_read(f->chip, fake_page(ENGINE, QUEUE, s2m) + 0x3c);
}

static FakeBus *start(uint32_t ctrl)
{
    FakeBus *f = fake_new();

    fake_program(f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 LEN);
    for (unsigned i = 0; i < LEN; i++) {
        fake_desc(f, M2S_RING + i * 16, 0x0d000040, 0x01080003,
                  (SOURCE + i * 64) | HOST_BIT);
        fake_desc(f, S2M_RING + i * 16, 0x01000040, 0, TARGET + i * 64);
    }
    for (unsigned i = 0; i < LEN * 64; i++) {
        f->host[SOURCE + i] = i * 3 + (i >> 8) + 1;
    }
    put(f, qctl(0x08), RECORD | HOST_BIT, 8);
    put(f, qctl(0x00), ctrl, 4);
    return f;
}

static void expect_copied(FakeBus *f, unsigned n)
{
    fake_run(f);
    g_assert_cmpuint(trn_trnx_read(f->chip, qctl(0x10), 8), ==, n);
    g_assert_cmpmem(f->hbm + TARGET, n * 64, f->host + SOURCE, n * 64);
    g_assert_cmpuint(f->hbm[TARGET + n * 64], ==, 0);
    g_assert_cmphex(status(f), ==, 0);
    g_assert_cmpuint(f->guest_errors, ==, 0);
}

static void each_word_rings_its_side(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    put(f, page(QUEUE) + 0x04, 3, 4);
    g_assert_cmphex(tail(f, true), ==, 0x40000003);
    g_assert_cmphex(tail(f, false), ==, 0x40000000);
    put(f, page(QUEUE) + 0x00, 2, 4);
    g_assert_cmphex(tail(f, false), ==, 0x40000002);
    expect_copied(f, 2);
    fake_free(f);
}

static void one_write_rings_both(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    put(f, page(QUEUE) + 0x08, 5ull << 32 | 7, 8);
    g_assert_cmphex(tail(f, true), ==, 0x40000007);
    g_assert_cmphex(tail(f, false), ==, 0x40000005);
    expect_copied(f, 5);
    fake_free(f);
}

static void halves_of_both_ring_one_side_each(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    put(f, page(QUEUE) + 0x08, 4, 4);
    put(f, page(QUEUE) + 0x0c, 3, 4);
    g_assert_cmphex(tail(f, true), ==, 0x40000004);
    expect_copied(f, 3);
    fake_free(f);
}

static void page_is_write_only_and_has_nothing_else_in_it(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    put(f, page(QUEUE) + 0x08, 1ull << 32 | 1, 8);
    fake_run(f);
    for (unsigned off = 0; off < 0x1000; off += 4) {
        g_assert_cmphex(trn_trnx_read(f->chip, page(QUEUE) + off, 4), ==, 0);
        if (off >= 0x10) {
            put(f, page(QUEUE) + off, 1, 4);
        }
    }
    expect_copied(f, 1);
    fake_free(f);
}

static void page_that_is_off_rings_nothing(void)
{
    FakeBus *f = start(CTRL_COUNT);

    for (unsigned i = 0; i < 3; i++) {
        put(f, page(QUEUE) + 0x08, 1ull << 32 | 1, 8);
    }
    fake_run(f);
    g_assert_cmphex(tail(f, false), ==, 0x40000000);
    g_assert_cmphex(tail(f, true), ==, 0x40000000);
    g_assert_cmphex(status(f), ==, 0);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    fake_free(f);
}

static void every_bit_of_a_page_stays_with_its_queue(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    fake_program(f, ENGINE, QUEUE + 1, M2S_RING | HOST_BIT,
                 S2M_RING | HOST_BIT, LEN);
    put(f, 0x100000 + (ENGINE * 16 + QUEUE + 1) * 0x100, CTRL_DOORBELL, 4);
    for (unsigned off = 0; off < 0x1000; off += 8) {
        put(f, page(QUEUE + 1) + off, ~0ull, 8);
    }
    fake_run(f);
    g_assert_cmphex(status(f), ==, 0);
    put(f, page(QUEUE) + 0x08, 2ull << 32 | 2, 8);
    fake_run(f);
    g_assert_cmpmem(f->hbm + TARGET, 128, f->host + SOURCE, 128);
    fake_free(f);
}

static void whole_ring_may_be_rung_and_not_one_more(void)
{
    static const uint64_t bad[] = {
        1, 1ull << 32, 0xffffff, 0xffffffff, 0x1000000, ~0ull,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        FakeBus *f = start(CTRL_DOORBELL | CTRL_HALT);

        trn_chip_set_bus_master(f->chip, false);
        put(f, page(QUEUE) + 0x08, (uint64_t)LEN << 32 | LEN, 8);
        g_assert_cmphex(status(f), ==, 0);
        put(f, page(QUEUE) + 0x08, bad[i], 8);
        g_assert_cmphex(status(f), ==, OVERRUN << 8 | 0xa);
        /* Not accepted, on neither side. */
        g_assert_cmphex(tail(f, false), ==, 0x80000000);
        g_assert_cmphex(tail(f, true), ==, 0x80000000);
        put(f, page(QUEUE) + 0x08, bad[i], 8);
        g_assert_cmpuint(f->guest_errors, ==, 1);
        fake_free(f);
    }
}

static void overrun_is_told_by_record_and_event(void)
{
    FakeBus *f = start(CTRL_DOORBELL | CTRL_HALT | CTRL_COUNT |
                       CTRL_ERR_EVENT);

    put(f, 0x10000, EVENTS | HOST_BIT, 8);
    put(f, 0x10008, 4, 4);
    put(f, 0x1000c, 1, 4);
    put(f, 0x10018, 0, 4);
    put(f, page(QUEUE), LEN + 1, 4);
    fake_run(f);
    g_assert_cmphex(trn_get_le32(f->host + RECORD + 0x10), ==,
                    OVERRUN << 8 | 0xa);
    g_assert_cmphex(trn_get_le32(f->host + EVENTS), ==, 0x80000002);
    g_assert_cmphex(trn_get_le64(f->host + EVENTS + 8), ==, OVERRUN);
    g_assert_cmpuint(f->irqs[0], ==, 1);
    /* A reset makes it good again. */
    fake_program(f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 LEN);
    put(f, page(QUEUE) + 0x08, 1ull << 32 | 1, 8);
    fake_run(f);
    g_assert_cmphex(status(f), ==, 0);
    g_assert_cmpmem(f->hbm + TARGET, 64, f->host + SOURCE, 64);
    fake_free(f);
}

static void overrun_without_halt_lets_the_queue_run(void)
{
    FakeBus *f = start(CTRL_DOORBELL);

    put(f, page(QUEUE), LEN + 1, 4);
    put(f, page(QUEUE) + 0x08, 1ull << 32 | 1, 8);
    fake_run(f);
    g_assert_cmphex(status(f), ==, OVERRUN << 8 | 2);
    g_assert_cmpmem(f->hbm + TARGET, 64, f->host + SOURCE, 64);
    fake_free(f);
}

static void queue_without_a_ring_has_no_room(void)
{
    FakeBus *f = fake_new();

    put(f, qctl(0x00), CTRL_DOORBELL, 4);
    put(f, page(QUEUE) + 0x08, 0, 8);
    g_assert_cmphex(status(f), ==, 0);
    put(f, page(QUEUE) + 0x08, 1, 8);
    g_assert_cmphex(status(f), ==, OVERRUN << 8 | 2);
    fake_run(f);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/doorbell/" #name, name)
    T(each_word_rings_its_side);
    T(one_write_rings_both);
    T(halves_of_both_ring_one_side_each);
    T(page_is_write_only_and_has_nothing_else_in_it);
    T(page_that_is_off_rings_nothing);
    T(every_bit_of_a_page_stays_with_its_queue);
    T(whole_ring_may_be_rung_and_not_one_more);
    T(overrun_is_told_by_record_and_event);
    T(overrun_without_halt_lets_the_queue_run);
    T(queue_without_a_ring_has_no_room);
    return g_test_run();
}
