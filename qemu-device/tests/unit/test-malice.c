/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lies: none unless asked for, the same by the same seed, and harmless to memory. */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define EQ_RING 0x200000u
#define RECORD 0x300000u
#define EQ0 0x10000u            /* trnx.md: event queue 0 */
#define QCTL (0x100000u + (9 * 16 + 2) * 0x100)
#define RESET_REG 0x06300010u

static void write64(FakeBus *f, uint32_t offset, uint64_t value)
{
    trn_trnx_write(f->chip, offset, value, 8);
}

static void write32(FakeBus *f, uint32_t offset, uint32_t value)
{
    trn_trnx_write(f->chip, offset, value, 4);
}

/* Queue 2 of engine 9 with a record and event queue 0. */
static FakeBus *start(void)
{
    FakeBus *f = fake_new();

    write64(f, EQ0 + 0x00, EQ_RING | HOST_BIT);
    write32(f, EQ0 + 0x08, 6);
    write32(f, EQ0 + 0x0c, 1);
    write64(f, QCTL + 0x08, RECORD | HOST_BIT);
    write32(f, QCTL + 0x00, 1);
    fake_program(f, 9, 2, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 64);
    return f;
}

static void copy(FakeBus *f, unsigned place)
{
    fake_desc(f, M2S_RING + place * 16, 0x0d000040, 0x01080003,
              DATA | HOST_BIT);
    fake_desc(f, S2M_RING + place * 16, 0x01000040, 0, place * 64);
    trn_chip_write(f->chip, fake_page(9, 2, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(9, 2, false) + 0x38, 1);
    fake_run(f);
}

static uint64_t record(FakeBus *f)
{
    return trn_get_le64(f->host + RECORD);
}

static void lie(FakeBus *f, TrnMalice kind, uint32_t rate)
{
    f->chip->errinj.malice_kinds = 1u << kind;
    f->chip->errinj.malice_rate = rate;
    f->chip->errinj.malice_seed = 7;
}

static uint32_t events(FakeBus *f)
{
    return trn_trnx_read(f->chip, EQ0 + 0x10, 4);
}

static void chip_is_honest_unless_told_otherwise(void)
{
    FakeBus *f = start();

    f->chip->errinj.malice_rate = 1;
    copy(f, 0);
    g_assert_cmpuint(record(f), ==, 1);
    g_assert_cmpuint(events(f), ==, 0);
    g_assert_cmphex(trn_trnx_read(f->chip, 0, 4), ==, 0x584e5254);
    for (unsigned i = 0; i < TRN_MALICE_KINDS; i++) {
        g_assert_cmpuint(f->chip->errinj.malice_chances[i], ==, 0);
    }
    fake_free(f);
}

static void registers_are_other_than_they_are(void)
{
    FakeBus *f = start();
    unsigned wrong = 0;

    lie(f, TRN_MALICE_ONES, 1);
    g_assert_cmphex(trn_trnx_read(f->chip, 0, 4), ==, 0xffffffff);
    g_assert_cmphex(trn_chip_read(f->chip, RESET_REG), ==, 0xffffffff);
    lie(f, TRN_MALICE_READ, 4);
    for (unsigned i = 0; i < 400; i++) {
        wrong += trn_trnx_read(f->chip, 0, 8) != 0x000100020584e5254ULL;
    }
    g_assert_cmpuint(wrong, >, 0);
    fake_free(f);
}

static void records_show_counts_that_cannot_be(void)
{
    FakeBus *f = start();

    lie(f, TRN_MALICE_RECORD, 1);
    for (unsigned i = 0; i < 32; i++) {
        uint64_t count;

        copy(f, i);
        count = record(f);
        g_assert_true(count <= i || count > 1u << 20);
    }
    lie(f, TRN_MALICE_STALL, 1);
    memset(f->host + RECORD, 0, 16);
    copy(f, 32);
    g_assert_cmpuint(record(f), ==, 0);
    /* The data was there all the time. */
    f->chip->errinj.malice_kinds = 0;
    copy(f, 33);
    g_assert_cmpuint(record(f), ==, 34);
    fake_free(f);
}

static void events_come_and_go(void)
{
    FakeBus *f = start();

    lie(f, TRN_MALICE_DROP, 1);
    write64(f, QCTL + 0x18, 0);
    g_assert_cmpuint(events(f), ==, 0);
    lie(f, TRN_MALICE_EVENT, 1);
    write32(f, EQ0 + 0x18, 0);
    write32(f, EQ0 + 0x18, 0);
    g_assert_cmpuint(events(f), >, 1);
    fake_free(f);
}

static void interrupts_are_lost_or_of_another_vector(void)
{
    FakeBus *f = start();
    unsigned others = 0;

    lie(f, TRN_MALICE_IRQ, 1);
    for (unsigned i = 1; i <= 64; i++) {
        write64(f, QCTL + 0x18, 0);
        write32(f, EQ0 + 0x18, i - 1);
        write32(f, EQ0 + 0x14, i);
    }
    for (unsigned i = 1; i < FAKE_VECTORS; i++) {
        others += f->irqs[i];
    }
    g_assert_cmpuint(others, >, 0);
    g_assert_cmpuint(others, <, 64);
    fake_free(f);
}

static void late_events_go_to_the_ring_that_was_until_a_reset(void)
{
    FakeBus *f = start();

    lie(f, TRN_MALICE_LATE, 1);
    write32(f, EQ0 + 0x0c, 0);
    write64(f, QCTL + 0x18, 0);
    g_assert_cmpuint(events(f), ==, 1);
    trn_chip_write(f->chip, RESET_REG, 0);
    memset(f->host + EQ_RING, 0, 64);
    write64(f, QCTL + 0x18, 0);
    g_assert_cmpuint(events(f), ==, 0);
    g_assert_cmpuint(trn_get_le32(f->host + EQ_RING), ==, 0);
    fake_free(f);
}

static void reset_that_is_not_done_can_be_told(void)
{
    FakeBus *f = start();
    unsigned done = 0, stuck = 0;

    lie(f, TRN_MALICE_RESET, 2);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t before = f->chip->trnx.reset_count;

        trn_chip_write(f->chip, RESET_REG, 0);
        f->chip->errinj.malice_kinds |= 1u << TRN_MALICE_ONES;
        if (f->chip->trnx.reset_count == before) {
            g_assert_cmpuint(trn_trnx_read(f->chip, 0x50, 4), ==, before);
        } else {
            done++;
        }
        f->chip->errinj.malice_kinds &= ~(1u << TRN_MALICE_ONES);
        while (trn_chip_read(f->chip, RESET_REG)) {
            stuck++;
        }
    }
    g_assert_cmpuint(done, >, 0);
    g_assert_cmpuint(done, <, 64);
    g_assert_cmpuint(stuck, >, 0);
    fake_free(f);
}

static void same_seed_tells_the_same_lies(void)
{
    FakeBus *a = start(), *b = start();

    lie(a, TRN_MALICE_READ, 3);
    lie(b, TRN_MALICE_READ, 3);
    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmphex(trn_trnx_read(a->chip, 0x20, 8), ==,
                        trn_trnx_read(b->chip, 0x20, 8));
    }
    fake_free(a);
    fake_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/malice/" #name, name)
    T(chip_is_honest_unless_told_otherwise);
    T(registers_are_other_than_they_are);
    T(records_show_counts_that_cannot_be);
    T(events_come_and_go);
    T(interrupts_are_lost_or_of_another_vector);
    T(late_events_go_to_the_ring_that_was_until_a_reset);
    T(reset_that_is_not_done_can_be_told);
    T(same_seed_tells_the_same_lies);
    return g_test_run();
}
