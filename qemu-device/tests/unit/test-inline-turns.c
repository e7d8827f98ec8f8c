/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inline operations that are not done in one go: held, reset, changed and
 * unmapped in the middle. The trnx manual, 12.5.
 */
#include "inline-op.h"

#define ELEMENTS 0x200000u

#define ONE 0x3f800000u

static const uint64_t data_addr = DATA | HOST_BIT;

/* Adds one to each element. */
static InlineOp increment(uint32_t elements)
{
    return (InlineOp) {
        ACCUMULATE, F32, F32, 1, ADD_TO_DST, .size = { elements },
        .dst_stride = { 4 },
    };
}

/* How many elements are one and not zero; the rest come behind them. */
static uint32_t elements_done(Inline *i)
{
    uint32_t n = 0;

    while (n < ELEMENTS &&
           trn_get_le32(i->f->hbm + TARGET + n * 4) == ONE) {
        n++;
    }
    for (uint32_t rest = n; rest < ELEMENTS; rest++) {
        g_assert_cmphex(trn_get_le32(i->f->hbm + TARGET + rest * 4), ==, 0);
    }
    return n;
}

/* An increment of all that has had one turn, behind @slots plain copies. */
static Inline start_increment_behind(unsigned slots)
{
    Inline i = inline_start();
    InlineOp op = increment(ELEMENTS);

    for (unsigned n = 0; n < slots; n++) {
        inline_m2s(&i, FIRST | LAST | 4, COPY, data_addr);
        inline_s2m(&i, 4, TARGET - 4096);
    }
    inline_ring(&i, slots, slots);
    fake_run(i.f);
    trn_put_le32(i.f->host + DATA, ONE);
    inline_post(&i, &op, 1, &data_addr, TARGET);
    g_assert_false(fake_run_turns(i.f, 1));
    return i;
}

static Inline start_increment(void)
{
    return start_increment_behind(0);
}

static void turns_are_bounded_and_add_up(void)
{
    Inline i = start_increment();
    uint32_t done = elements_done(&i), turns = 1;

    g_assert_cmpuint(done, >, 0);
    g_assert_cmpuint(done, <=, (4u << 20) / 4);
    while (!fake_run_turns(i.f, 1)) {
        turns++;
    }
    g_assert_cmpuint(turns, >=, ELEMENTS / done);
    g_assert_cmpuint(elements_done(&i), ==, ELEMENTS);
    inline_expect_done(&i);
    fake_free(i.f);
}

static void held_operation_moves_nothing_and_goes_on_where_it_was(void)
{
    Inline i = start_increment();

    while (inline_get(&i, 0x10) == 0) {
        uint32_t done = elements_done(&i);

        trn_chip_stop(i.f->chip);
        fake_run(i.f);
        g_assert_cmpuint(elements_done(&i), ==, done);
        trn_chip_start(i.f->chip);
        fake_run_turns(i.f, 20);
        g_assert_cmpuint(elements_done(&i), >, done);
    }
    g_assert_cmpuint(elements_done(&i), ==, ELEMENTS);
    fake_free(i.f);
}

static void reset_ends_it_and_the_next_begins_at_its_start(void)
{
    for (unsigned side = 0; side < 2; side++) {
        Inline i = start_increment();
        InlineOp op = increment(16);
        uint32_t done = elements_done(&i);

        trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE, side) +
                       (side ? 0x64 : 0xb0), 0x100);
        fake_run(i.f);
        g_assert_cmpuint(elements_done(&i), ==, done);
        fake_program(i.f, ENGINE, QUEUE, M2S_RING | HOST_BIT,
                     S2M_RING | HOST_BIT, RING);
        i.m2s = i.s2m = 0;
        memset(i.f->hbm + TARGET, 0, ELEMENTS * 4);
        inline_run(&i, &op, 1, &data_addr, TARGET);
        g_assert_cmpuint(elements_done(&i), ==, 16);
        fake_free(i.f);
    }
}

static void other_queues_of_the_engine_have_their_turns(void)
{
    Inline i = start_increment();

    fake_program(i.f, ENGINE, QUEUE + 1, 0x30000 | HOST_BIT, 0x31000 | HOST_BIT,
                 32);
    fake_desc(i.f, 0x30000, LAP | FIRST | LAST | 64, COPY, data_addr);
    fake_desc(i.f, 0x31000, LAP | 64, 0, TARGET - 4096);
    trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE + 1, true) + 0x38, 1);
    trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE + 1, false) + 0x38, 1);
    g_assert_false(fake_run_turns(i.f, 5));
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET - 4096), ==, ONE);
    g_assert_cmpuint(elements_done(&i), <, ELEMENTS);
    fake_run(i.f);
    inline_expect_done(&i);
    fake_free(i.f);
}

/* What the guest makes of the operands once it has begun, and what follows. */
static void operands_that_change_are_looked_at_again(void)
{
    static const struct {
        uint32_t at;
        uint32_t value;
        unsigned code;
    } changes[] = {
        { 0x10, 1, 0 },                 /* done already */
        { 0x10, 0, 18 },
        { 0x00, 0, 18 },
        { 0x00, 0x05010100 | TRANSPOSE, 18 },
        { 0x00, 0x01000000 | FILL, 18 },
        { 0x00, 0x01040400 | NCOPY, 18 },       /* ADD_TO_DST stays */
        { 0x40, 0x40000000, 4 },        /* a stride that leaves the stack */
    };

    for (size_t n = 0; n < G_N_ELEMENTS(changes); n++) {
        Inline i = start_increment();
        uint32_t done = elements_done(&i);

        trn_put_le32(i.f->host + OPERANDS + changes[n].at, changes[n].value);
        fake_run(i.f);
        g_assert_cmpuint(inline_status(&i) >> 8, ==, changes[n].code);
        g_assert_cmpuint(elements_done(&i), ==, done);
        /* The queue is none the worse for it. */
        g_assert_cmpuint(inline_get(&i, 0x10), ==, 1);
        g_assert_cmpuint(inline_get(&i, 0x38), ==, 2);
        fake_free(i.f);
    }
}

static void descriptors_that_change_are_looked_at_again(void)
{
    Inline i = start_increment();
    uint32_t done = elements_done(&i);

    /* No longer metadata, nor FIRST, and a source that is not there. */
    fake_desc(i.f, M2S_RING, LAP, COPY, OPERANDS | HOST_BIT);
    fake_desc(i.f, M2S_RING + 16, LAP, 0, 0x002900000000);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 3 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, 0x002900000000);
    g_assert_cmpuint(elements_done(&i), ==, done);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, 2);
    fake_free(i.f);
}

/* The ring itself goes: all of it, or all but the first descriptor of two. */
static void ring_taken_away_ends_it(void)
{
    for (unsigned left = 0; left < 2; left++) {
        Inline i = start_increment_behind(15);
        uint32_t done = elements_done(&i);

        memcpy(i.f->host + FAKE_HOST_SIZE - 16, i.f->host + M2S_RING + 15 * 16,
               16);
        trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE, false) + 0x28,
                       FAKE_HOST_SIZE - left * 256);
        fake_run(i.f);
        g_assert_cmphex(inline_status(&i), ==, 1 << 8 | 2);
        g_assert_cmphex(inline_get(&i, 0x30), ==,
                        (FAKE_HOST_SIZE + (left ? 0 : 15 * 16)) | HOST_BIT);
        g_assert_cmpuint(elements_done(&i), ==, done);
        g_assert_cmpuint(inline_get(&i, 0x38), ==, 17);
        fake_free(i.f);
    }
}

/* What the second descriptor points to is then no operation. */
static void first_descriptor_taken_away_ends_it(void)
{
    Inline i = start_increment_behind(RING - 1);
    InlineOp op = {
        FILL, U32, U32, 1, .pattern = 5, .size = { ELEMENTS },
        .dst_stride = { 4 },
    };
    uint32_t at = FAKE_HOST_SIZE - 0xf00, done = elements_done(&i);

    /* In the last slot of the ring, the second in the first one. */
    inline_put(i.f, OPERANDS + 256, &op);
    fake_desc(i.f, at, 2 * LAP | LAST, INLINE, (OPERANDS + 256) | HOST_BIT);
    trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE, false) + 0x28, at);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 1 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, (at + 0xff0) | HOST_BIT);
    g_assert_cmpuint(elements_done(&i), ==, done);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, RING + 1);
    fake_free(i.f);
}

/* --- in an address space --- */

#define CONTEXT 0x80000u
#define TABLE(n) (0x81000u + (n) * 0x1000u)
#define ASID 5u
#define READ 2u
#define WRITE 4u

/* Virtual addresses, by the tables of start_space(). */
#define VA 0x123440000000ULL
#define VA_SOURCE (VA + 0x20000)
#define VA_TARGET (VA + 0x60000)
#define VA_INDICES (VA + 0xa0000)

static void map_page(Inline *i, uint64_t va, uint64_t to, unsigned rights)
{
    trn_put_le64(i->f->host + TABLE(3) + (va >> 12 & 511) * 8,
                 rights ? to | 9 | rights : 0);
}

static void map_range(Inline *i, uint64_t va, uint64_t to, unsigned pages,
                      unsigned rights)
{
    for (unsigned n = 0; n < pages; n++) {
        map_page(i, va + n * 4096, to + n * 4096, rights);
    }
}

/* Rings, operands and 32 pages each of source, target and indices. */
static Inline start_space(void)
{
    Inline i = { .f = fake_new() };

    trn_trnx_write(i.f->chip, 0x2008, CONTEXT | HOST_BIT, 8);
    trn_trnx_write(i.f->chip, 0x2010, 16, 4);
    trn_trnx_write(i.f->chip, 0x2004, 1, 4);
    trn_put_le64(i.f->host + CONTEXT + ASID * 8, TABLE(0) | HOST_BIT | 1);
    for (unsigned level = 0; level < 3; level++) {
        unsigned index = VA >> (39 - 9 * level) & 511;

        trn_put_le64(i.f->host + TABLE(level) + index * 8,
                     TABLE(level + 1) | HOST_BIT | 1);
    }
    map_range(&i, VA, 0x10000 | HOST_BIT, 8, READ);
    map_range(&i, VA_SOURCE, DATA | HOST_BIT, 32, READ);
    map_range(&i, VA_TARGET, TARGET, 32, READ | WRITE);
    map_range(&i, VA_INDICES, INDICES | HOST_BIT, 32, READ);
    fake_program(i.f, ENGINE, QUEUE, VA + (M2S_RING - 0x10000),
                 VA + (S2M_RING - 0x10000), RING);
    trn_trnx_write(i.f->chip, inline_qctl(0x28), ASID, 4);
    for (unsigned n = 0; n < 0x20000; n += 4) {
        trn_put_le32(i.f->host + DATA + n, n + 1);
    }
    return i;
}

static void post_virtual(Inline *i, const InlineOp *op, uint64_t src,
                         uint64_t dst)
{
    inline_put(i->f, OPERANDS, op);
    inline_packet(i, VA + (OPERANDS - 0x10000), 1, &src, dst);
    inline_ring(i, 2, 1);
}

static void expect_fault(Inline *i, unsigned code, unsigned access,
                         uint64_t va)
{
    g_assert_cmphex(inline_status(i), ==, code << 8 | 0xa);
    g_assert_cmphex(inline_get(i, 0x30), ==, va);
    g_assert_cmpuint(inline_get(i, 0x28) >> 32, ==, access);
    g_assert_cmpuint(inline_get(i, 0x10), ==, 0);
}

static InlineOp words(uint32_t n)
{
    return (InlineOp) {
        NCOPY, U32, U32, 1, .size = { n }, .src_stride = { 4 },
        .dst_stride = { 4 },
    };
}

static void everything_goes_through_the_address_space(void)
{
    Inline i = start_space();
    InlineOp op = {
        SCATTER, U32, U32, 1, .size = { 1000 }, .src_stride = { 4, 4000 },
        .dst_stride = { 4, 4096 }, .index_addr = VA_INDICES + 4094,
        .index_count = 20, .index_size = 8, .bound = 20,
    };

    for (unsigned n = 0; n < 20; n++) {
        trn_put_le64(i.f->host + INDICES + 4094 + n * 8, 19 - n);
    }
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    fake_run(i.f);
    inline_expect_done(&i);
    for (unsigned n = 0; n < 20; n++) {
        g_assert_cmpmem(i.f->hbm + TARGET + (19 - n) * 4096, 4000,
                        i.f->host + DATA + n * 4000, 4000);
    }
    fake_free(i.f);
}

/*
 * A prefix of what it would have written is there, and nothing else: word n is
 * what start_space() put at @stride times n in the source.
 */
static void expect_prefix(Inline *i, uint32_t stride, uint32_t least,
                          uint32_t most)
{
    uint32_t n = 0;

    while (n < most &&
           trn_get_le32(i->f->hbm + TARGET + n * 4) == n * stride + 1) {
        n++;
    }
    g_assert_cmpuint(n, >=, least);
    for (; n < 0x8000; n++) {
        g_assert_cmphex(trn_get_le32(i->f->hbm + TARGET + n * 4), ==, 0);
    }
}

static void fault_in_the_middle_leaves_what_was_before(void)
{
    Inline i = start_space();
    InlineOp op = words(0x8000);

    map_page(&i, VA_SOURCE + 19 * 4096, 0, 0);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    fake_run(i.f);
    expect_fault(&i, 13, 2, VA_SOURCE + 19 * 4096);
    expect_prefix(&i, 4, 19 * 1024, 19 * 1024);
    fake_free(i.f);

    i = start_space();
    map_page(&i, VA_TARGET + 19 * 4096, 0, 0);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    fake_run(i.f);
    expect_fault(&i, 13, 3, VA_TARGET + 19 * 4096);
    expect_prefix(&i, 4, 19 * 1024, 19 * 1024);
    fake_free(i.f);
}

/* Elements are read some thousands at a time before any of them is written. */
static void fault_of_one_element_leaves_those_before(void)
{
    Inline i = start_space();
    InlineOp op = words(0x3000);

    op.src_stride[0] = 8;
    map_page(&i, VA_SOURCE + 19 * 4096, 0, 0);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    fake_run(i.f);
    expect_fault(&i, 13, 2, VA_SOURCE + 19 * 4096);
    expect_prefix(&i, 8, 19 * 512 - 4096, 19 * 512);
    fake_free(i.f);

    i = start_space();
    map_page(&i, VA_TARGET + 9 * 4096, 0, 0);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    fake_run(i.f);
    expect_fault(&i, 13, 3, VA_TARGET + 9 * 4096);
    expect_prefix(&i, 8, 9 * 1024 - 4096, 9 * 1024);
    fake_free(i.f);
}

/* A row is cut at the page that is not there, and the address is that page's. */
static void fault_inside_a_row_is_at_its_page(void)
{
    Inline i = start_space();
    InlineOp op = {
        NCOPY, BF16, F32, 1, .size = { 2000 }, .src_stride = { 2 },
        .dst_stride = { 4 },
    };

    map_page(&i, VA_TARGET + 4096, 0, 0);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET + 1000);
    fake_run(i.f);
    expect_fault(&i, 13, 3, VA_TARGET + 4096);
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET + 4092), ==,
                    (uint32_t)trn_get_le16(i.f->host + DATA + 773 * 2) << 16);
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET + 4096), ==, 0);
    fake_free(i.f);
}

static void fault_of_operands_and_indices_is_that_of_a_source(void)
{
    for (unsigned n = 0; n < 2; n++) {
        Inline i = start_space();
        InlineOp op = {
            GATHER, U32, U32, 1, .size = { 4 }, .src_stride = { 4, 16 },
            .dst_stride = { 4, 16 }, .index_addr = VA_INDICES + 4092,
            .index_count = 2, .index_size = 4, .bound = 20,
        };

        map_page(&i, n ? VA + 0x4000 : VA_INDICES + 4096, 0, 0);
        post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
        fake_run(i.f);
        expect_fault(&i, 13, 2, n ? VA + (OPERANDS - 0x10000)
                                  : VA_INDICES + 4096);
        expect_prefix(&i, 4, n ? 0 : 4, n ? 0 : 4);
        fake_free(i.f);
    }
}

static void accumulation_reads_its_destination_by_permission(void)
{
    static const struct {
        unsigned rights;
        unsigned code;
    } cases[] = { { WRITE, 14 }, { READ, 15 } };

    for (size_t n = 0; n < G_N_ELEMENTS(cases); n++) {
        Inline i = start_space();
        InlineOp op = increment(16);

        map_page(&i, VA_TARGET, TARGET, cases[n].rights);
        post_virtual(&i, &op, VA_SOURCE, VA_TARGET + 8);
        fake_run(i.f);
        expect_fault(&i, cases[n].code, 3, VA_TARGET + 8);
        g_assert_cmpuint(i.f->dirty_bytes, ==, 0);
        fake_free(i.f);
    }
}

/* The trnx manual, 10.3: once it has returned, the old page is not reached. */
static void invalidation_in_the_middle_takes_the_page_away(void)
{
    Inline i = start_space();
    InlineOp op = {
        ACCUMULATE, F32, F32, 2, ADD_TO_DST, .size = { 1024, 4000 },
        .dst_stride = { 4, 0 },
    };

    trn_put_le32(i.f->host + DATA, ONE);
    post_virtual(&i, &op, VA_SOURCE, VA_TARGET);
    g_assert_false(fake_run_turns(i.f, 1));
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET), !=, 0);
    map_page(&i, VA_TARGET, TARGET + 0x100000, READ | WRITE);
    trn_trnx_write(i.f->chip, 0x2028, 0x20000 | ASID, 4);
    memset(i.f->hbm + TARGET, 0, 4096);
    fake_run(i.f);
    inline_expect_done(&i);
    for (unsigned n = 0; n < 4096; n++) {
        g_assert_cmphex(i.f->hbm[TARGET + n], ==, 0);
    }
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET + 0x100000), !=, 0);
    fake_free(i.f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/inline-turns/" #name, name)
    T(turns_are_bounded_and_add_up);
    T(held_operation_moves_nothing_and_goes_on_where_it_was);
    T(reset_ends_it_and_the_next_begins_at_its_start);
    T(other_queues_of_the_engine_have_their_turns);
    T(operands_that_change_are_looked_at_again);
    T(descriptors_that_change_are_looked_at_again);
    T(ring_taken_away_ends_it);
    T(first_descriptor_taken_away_ends_it);
    T(everything_goes_through_the_address_space);
    T(fault_in_the_middle_leaves_what_was_before);
    T(fault_of_one_element_leaves_those_before);
    T(fault_inside_a_row_is_at_its_page);
    T(fault_of_operands_and_indices_is_that_of_a_source);
    T(accumulation_reads_its_destination_by_permission);
    T(invalidation_in_the_middle_takes_the_page_away);
    return g_test_run();
}
