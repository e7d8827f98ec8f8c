/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inline operations on a fake bus, one by one: the trnx manual, 12. Any shape of
 * them is in test-inline-model.c, operands that break a rule in
 * test-inline-rules.c.
 */
#include "inline-op.h"

static void fill_writes_the_low_bytes_of_the_pattern(void)
{
    static const uint8_t want[4][9] = {
        { 0x88, 0x88, 0x88, 0 },
        { 0x88, 0x77, 0x88, 0x77, 0 },
        { 0x88, 0x77, 0x66, 0x55, 0x88, 0x77, 0x66, 0x55, 0 },
        { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0 },
    };
    static const unsigned count[4] = { 3, 2, 2, 1 };

    for (unsigned type = U8; type <= U64; type++) {
        Inline i = inline_start();
        InlineOp op = {
            FILL, type, type, 1, .pattern = 0x1122334455667788,
            .size = { count[type] }, .dst_stride = { 1 << type },
        };

        inline_run(&i, &op, 0, NULL, TARGET);
        inline_expect(&i, 0, want[type], count[type] * (1 << type) + 1);
        fake_free(i.f);
    }
}

/* A megabyte takes many pieces; not one byte around it may change. */
static void fill_of_a_megabyte_ends_where_it_should(void)
{
    Inline i = inline_start();
    InlineOp op = {
        FILL, U16, U16, 2, .pattern = 0xa55a, .size = { 1000, 524 },
        .dst_stride = { 2, 2000 },
    };

    inline_run(&i, &op, 0, NULL, TARGET + 2);
    g_assert_cmphex(trn_get_le16(i.f->hbm + TARGET), ==, 0);
    for (unsigned n = 0; n < 524000; n++) {
        g_assert_cmphex(trn_get_le16(i.f->hbm + TARGET + 2 + n * 2), ==, 0xa55a);
    }
    g_assert_cmphex(trn_get_le16(i.f->hbm + TARGET + 2 + 1048000), ==, 0);
    g_assert_cmpuint(i.f->dirty_bytes, ==, 1048000);
    fake_free(i.f);
}

static void copy_follows_strides_of_four_dimensions(void)
{
    static const uint8_t data[16] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    };
    /* The dimensions in the opposite order. */
    static const uint8_t want[16] = {
        0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15,
    };
    Inline i = inline_start();
    InlineOp op = {
        NCOPY, U8, U8, 4, .size = { 2, 2, 2, 2 },
        .src_stride = { 1, 2, 4, 8 }, .dst_stride = { 8, 4, 2, 1 },
    };

    inline_put_data(&i, data, 16);
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_expect(&i, 0, want, 16);
    fake_free(i.f);
}

static void strides_may_be_negative_or_zero(void)
{
    static const uint16_t data[4] = { 10, 11, 12, 13 };
    static const uint16_t want[8] = { 13, 12, 11, 10, 13, 12, 11, 10 };
    const uint64_t last = inline_data_addr + 6;
    Inline i = inline_start();
    InlineOp op = {
        NCOPY, U16, U16, 2, .size = { 4, 2 }, .src_stride = { -2, 0 },
        .dst_stride = { 2, 8 },
    };

    inline_put_data(&i, data, 8);
    inline_run(&i, &op, 1, &last, TARGET);
    inline_expect(&i, 0, want, 16);
    /* The last of those that go to one place stays. */
    op = (InlineOp) {
        NCOPY, U16, U16, 1, .size = { 4 }, .src_stride = { 2 },
    };
    inline_run(&i, &op, 1, &inline_data_addr, TARGET + 0x100);
    g_assert_cmpuint(trn_get_le32(i.f->hbm + TARGET + 0x100), ==, 13);
    fake_free(i.f);
}

static void copy_casts(void)
{
    static const uint32_t data[4] = {
        0x3f800000, 0xc0000000, 0x477fff00, 0x7fc00000,
    };
    static const uint16_t half[4] = { 0x3c00, 0xc000, 0x7c00, 0x7e00 };
    static const uint16_t saturated[4] = { 0x3c00, 0xc000, 0x7bff, 0x7e00 };
    Inline i = inline_start();
    InlineOp op = {
        NCOPY, F32, F16, 1, .size = { 4 }, .src_stride = { 4 },
        .dst_stride = { 2 },
    };

    inline_put_data(&i, data, 16);
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_expect(&i, 0, half, 8);
    op.flags = SATURATE;
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_expect(&i, 0, saturated, 8);
    fake_free(i.f);
}

/* Rows of two times two bytes, three of them, picked or put by an index list. */
static void check_rows(uint8_t opcode, unsigned index_size,
                       const uint8_t want[12])
{
    Inline i = inline_start();
    InlineOp op = {
        opcode, U8, U8, 2, .size = { 2, 2 }, .src_stride = { 1, 2, 4 },
        .dst_stride = { 1, 2, 4 }, .index_addr = INDICES | HOST_BIT,
        .index_count = 3, .index_size = index_size, .bound = 3,
    };
    static const uint64_t index[3] = { 2, 0, 1 };
    static const uint8_t data[12] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

    for (unsigned n = 0; n < 3; n++) {
        memcpy(i.f->host + INDICES + n * index_size, &index[n], index_size);
    }
    inline_put_data(&i, data, 12);
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_expect(&i, 0, want, 12);
    g_assert_cmphex(i.f->hbm[TARGET + 12], ==, 0);
    fake_free(i.f);
}

static void gather_and_scatter_go_by_the_index_list(void)
{
    static const uint8_t gathered[12] = { 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7 };
    static const uint8_t scattered[12] = {
        4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
    };

    check_rows(GATHER, 4, gathered);
    check_rows(GATHER, 8, gathered);
    check_rows(SCATTER, 4, scattered);
    check_rows(SCATTER, 8, scattered);
}

static InlineOp rows_of_16(uint8_t opcode, uint32_t flags)
{
    return (InlineOp) {
        opcode, U8, U8, 1, flags, .size = { 16 }, .src_stride = { 1, 16 },
        .dst_stride = { 1, 16 }, .index_addr = INDICES | HOST_BIT,
        .index_count = 4, .index_size = 8, .bound = 5,
    };
}

static void put_indices(Inline *i, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t d)
{
    const uint64_t index[4] = { a, b, c, d };

    memcpy(i->f->host + INDICES, index, sizeof(index));
}

static void index_out_of_bounds_is_an_error_or_left_out(void)
{
    uint8_t data[80], none[16] = { 0 };
    Inline i;

    for (unsigned n = 0; n < 80; n++) {
        data[n] = n + 1;
    }
    for (unsigned skip = 0; skip < 2; skip++) {
        InlineOp op = rows_of_16(GATHER, skip * SKIP_BOUND);

        i = inline_start();
        trn_trnx_write(i.f->chip, inline_qctl(0), 4, 4);    /* HALT */
        inline_put_data(&i, data, 80);
        put_indices(&i, 4, UINT64_MAX, 5, 1);
        inline_post(&i, &op, 1, &inline_data_addr, TARGET);
        fake_run(i.f);
        inline_expect(&i, 0, data + 64, 16);
        inline_expect(&i, 16, none, 16);
        inline_expect(&i, 32, none, 16);
        inline_expect(&i, 48, skip ? data + 16 : none, 16);
        if (skip) {
            inline_expect_done(&i);
        } else {
            g_assert_cmphex(inline_status(&i), ==, 19 << 8 | 0xa);
            g_assert_cmphex(inline_get(&i, 0x30), ==, HOST_BIT | (INDICES + 8));
            g_assert_cmpuint(inline_get(&i, 0x10), ==, 0);
        }
        fake_free(i.f);
    }
}

/* Unhalted, the operation ends there, and the queue goes on. */
static void error_without_halt_ends_the_operation_only(void)
{
    Inline i = inline_start();
    InlineOp op = rows_of_16(SCATTER, 0);
    const uint64_t nowhere = 0x002900000000;

    put_indices(&i, 0, 1, 5, 2);
    inline_post(&i, &op, 1, &inline_data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 19 << 8 | 2);
    op = (InlineOp) {
        NCOPY, U8, U8, 1, .size = { 8 }, .src_stride = { 1 },
        .dst_stride = { 1 },
    };
    inline_post(&i, &op, 1, &nowhere, TARGET);
    fake_run(i.f);
    op.opcode = 7;
    inline_post(&i, &op, 1, &inline_data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmpuint(inline_get(&i, 0x10), ==, 3);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, 6);
    /* The rows before the one that was wrong are there. */
    g_assert_cmpuint(i.f->dirty_bytes, ==, 32);
    inline_m2s(&i, FIRST | LAST | 64, COPY, inline_data_addr);
    inline_s2m(&i, 64, TARGET + 0x1000);
    inline_ring(&i, 1, 1);
    inline_put_data(&i, "after", 5);
    fake_run(i.f);
    g_assert_cmpuint(inline_get(&i, 0x10), ==, 4);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, 7);
    inline_expect(&i, 0x1000, "after", 5);
    fake_free(i.f);
}

static void empty_index_list_does_nothing(void)
{
    Inline i = inline_start();
    InlineOp op = rows_of_16(GATHER, 0);

    op.index_count = 0;
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    g_assert_cmpuint(i.f->dirty_bytes, ==, 0);
    fake_free(i.f);
}

static void transpose_turns_rows_into_columns(void)
{
    Inline i = inline_start();
    InlineOp op = {
        TRANSPOSE, U16, U16, 2, .size = { 100, 70 }, .src_stride = { 0, 256 },
        .dst_stride = { 0, 150 },
    };

    for (unsigned r = 0; r < 70; r++) {
        for (unsigned c = 0; c < 100; c++) {
            trn_put_le16(i.f->host + DATA + r * 256 + c * 2, r * 100 + c + 1);
        }
    }
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    for (unsigned c = 0; c < 100; c++) {
        const uint8_t *row = i.f->hbm + TARGET + c * 150;

        for (unsigned r = 0; r < 70; r++) {
            g_assert_cmpuint(trn_get_le16(row + r * 2), ==, r * 100 + c + 1);
        }
        g_assert_cmpuint(trn_get_le16(row + 140), ==, 0);
    }
    fake_free(i.f);
}

static void accumulate_adds_its_sources_in_fp32_and_in_order(void)
{
    /* 2^24 + 1 is 2^24 in fp32; only the order given keeps the last 2. */
    static const float data[3] = { 16777216, 1, 2 };
    const uint64_t src[3] = {
        inline_data_addr, inline_data_addr + 4, inline_data_addr + 8,
    };
    Inline i = inline_start();
    InlineOp op = {
        ACCUMULATE, F32, F32, 1, .size = { 1 }, .src_stride = { 4 },
        .dst_stride = { 4 },
    };

    inline_put_data(&i, data, 12);
    trn_put_le32(i.f->hbm + TARGET, 0x40a00000);            /* 5 */
    inline_run(&i, &op, 3, src, TARGET);
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET), ==, 0x4b800001);
    op.flags = ADD_TO_DST;
    trn_put_le32(i.f->hbm + TARGET, 0x40a00000);
    inline_run(&i, &op, 1, src + 2, TARGET);
    g_assert_cmphex(trn_get_le32(i.f->hbm + TARGET), ==, 0x40e00000);
    fake_free(i.f);
}

/* Sixteen times 1.0078125 is not rounded to bf16 before the end. */
static void accumulate_rounds_to_bf16_once(void)
{
    Inline i = inline_start();
    uint64_t src[16];
    InlineOp op = {
        ACCUMULATE, BF16, BF16, 1, .size = { 1000 }, .src_stride = { 0 },
        .dst_stride = { 2 },
    };

    trn_put_le16(i.f->host + DATA, 0x3f81);
    for (unsigned n = 0; n < 16; n++) {
        src[n] = inline_data_addr;
    }
    inline_run(&i, &op, 16, src, TARGET);
    for (unsigned n = 0; n < 1000; n++) {
        g_assert_cmphex(trn_get_le16(i.f->hbm + TARGET + n * 2), ==, 0x4181);
    }
    fake_free(i.f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/inline/" #name, name)
    T(fill_writes_the_low_bytes_of_the_pattern);
    T(fill_of_a_megabyte_ends_where_it_should);
    T(copy_follows_strides_of_four_dimensions);
    T(strides_may_be_negative_or_zero);
    T(copy_casts);
    T(gather_and_scatter_go_by_the_index_list);
    T(index_out_of_bounds_is_an_error_or_left_out);
    T(error_without_halt_ends_the_operation_only);
    T(empty_index_list_does_nothing);
    T(transpose_turns_rows_into_columns);
    T(accumulate_adds_its_sources_in_fp32_and_in_order);
    T(accumulate_rounds_to_bf16_once);
    return g_test_run();
}
