/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inline operations on a fake bus, one by one: the trnx manual, 12. What any
 * shape of them does is in test-inline-model.c.
 */
#include "inline-op.h"

#define DATA 0x100000u          /* host memory */
#define TARGET 0x1000000u       /* in HBM */

static const uint64_t data_addr = DATA | HOST_BIT;

static void expect_bytes(Inline *i, uint32_t at, const void *want, size_t len)
{
    g_assert_cmpmem(i->f->hbm + TARGET + at, len, want, len);
}

static void put_data(Inline *i, const void *bytes, size_t len)
{
    memcpy(i->f->host + DATA, bytes, len);
}

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
        expect_bytes(&i, 0, want[type], count[type] * (1 << type) + 1);
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

    put_data(&i, data, 16);
    inline_run(&i, &op, 1, &data_addr, TARGET);
    expect_bytes(&i, 0, want, 16);
    fake_free(i.f);
}

static void strides_may_be_negative_or_zero(void)
{
    static const uint16_t data[4] = { 10, 11, 12, 13 };
    static const uint16_t want[8] = { 13, 12, 11, 10, 13, 12, 11, 10 };
    const uint64_t last = data_addr + 6;
    Inline i = inline_start();
    InlineOp op = {
        NCOPY, U16, U16, 2, .size = { 4, 2 }, .src_stride = { -2, 0 },
        .dst_stride = { 2, 8 },
    };

    put_data(&i, data, 8);
    inline_run(&i, &op, 1, &last, TARGET);
    expect_bytes(&i, 0, want, 16);
    /* The last of those that go to one place stays. */
    op = (InlineOp) {
        NCOPY, U16, U16, 1, .size = { 4 }, .src_stride = { 2 },
    };
    inline_run(&i, &op, 1, &data_addr, TARGET + 0x100);
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

    put_data(&i, data, 16);
    inline_run(&i, &op, 1, &data_addr, TARGET);
    expect_bytes(&i, 0, half, 8);
    op.flags = SATURATE;
    inline_run(&i, &op, 1, &data_addr, TARGET);
    expect_bytes(&i, 0, saturated, 8);
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
    put_data(&i, data, 12);
    inline_run(&i, &op, 1, &data_addr, TARGET);
    expect_bytes(&i, 0, want, 12);
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
        put_data(&i, data, 80);
        put_indices(&i, 4, UINT64_MAX, 5, 1);
        inline_post(&i, &op, 1, &data_addr, TARGET);
        fake_run(i.f);
        expect_bytes(&i, 0, data + 64, 16);
        expect_bytes(&i, 16, none, 16);
        expect_bytes(&i, 32, none, 16);
        expect_bytes(&i, 48, skip ? data + 16 : none, 16);
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
    inline_post(&i, &op, 1, &data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 19 << 8 | 2);
    op = (InlineOp) {
        NCOPY, U8, U8, 1, .size = { 8 }, .src_stride = { 1 },
        .dst_stride = { 1 },
    };
    inline_post(&i, &op, 1, &nowhere, TARGET);
    fake_run(i.f);
    op.opcode = 7;
    inline_post(&i, &op, 1, &data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmpuint(inline_get(&i, 0x10), ==, 3);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, 6);
    /* The rows before the one that was wrong are there. */
    g_assert_cmpuint(i.f->dirty_bytes, ==, 32);
    inline_m2s(&i, FIRST | LAST | 64, COPY, data_addr);
    inline_s2m(&i, 64, TARGET + 0x1000);
    inline_ring(&i, 1, 1);
    put_data(&i, "after", 5);
    fake_run(i.f);
    g_assert_cmpuint(inline_get(&i, 0x10), ==, 4);
    g_assert_cmpuint(inline_get(&i, 0x38), ==, 7);
    expect_bytes(&i, 0x1000, "after", 5);
    fake_free(i.f);
}

static void empty_index_list_does_nothing(void)
{
    Inline i = inline_start();
    InlineOp op = rows_of_16(GATHER, 0);

    op.index_count = 0;
    inline_run(&i, &op, 1, &data_addr, TARGET);
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
    inline_run(&i, &op, 1, &data_addr, TARGET);
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
    const uint64_t src[3] = { data_addr, data_addr + 4, data_addr + 8 };
    Inline i = inline_start();
    InlineOp op = {
        ACCUMULATE, F32, F32, 1, .size = { 1 }, .src_stride = { 4 },
        .dst_stride = { 4 },
    };

    put_data(&i, data, 12);
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
        src[n] = data_addr;
    }
    inline_run(&i, &op, 16, src, TARGET);
    for (unsigned n = 0; n < 1000; n++) {
        g_assert_cmphex(trn_get_le16(i.f->hbm + TARGET + n * 2), ==, 0x4181);
    }
    fake_free(i.f);
}

/* One field that is wrong in an operation that is otherwise right. */
typedef struct Wrong {
    const char *what;
    uint8_t opcode;
    unsigned sources;
    uint32_t at;                /* in the block */
    uint64_t value;
    unsigned size;              /* of the field */
} Wrong;

static const Wrong wrongs[] = {
    { "opcode 0", NCOPY, 1, 0x00, 0, 1 },
    { "opcode 7", NCOPY, 1, 0x00, 7, 1 },
    { "source type 9", NCOPY, 1, 0x01, 9, 1 },
    { "target type 255", NCOPY, 1, 0x02, 255, 1 },
    { "cast of an integer", NCOPY, 1, 0x01, U32, 1 },
    { "cast to an integer", NCOPY, 1, 0x02, U32, 1 },
    { "fill that casts", FILL, 0, 0x01, F16, 1 },
    { "no dimension", NCOPY, 1, 0x03, 0, 1 },
    { "five dimensions", NCOPY, 1, 0x03, 5, 1 },
    { "four dimensions of a row", GATHER, 1, 0x03, 4, 1 },
    { "transpose of one dimension", TRANSPOSE, 1, 0x03, 1, 1 },
    { "transpose of three dimensions", TRANSPOSE, 1, 0x03, 3, 1 },
    { "transpose of bytes", TRANSPOSE, 1, 0x01, 0x0000, 2 },
    { "transpose of 8 bytes", TRANSPOSE, 1, 0x01, 0x0303, 2 },
    { "accumulation of halves", ACCUMULATE, 1, 0x01, F16, 1 },
    { "accumulation into bytes", ACCUMULATE, 1, 0x02, E4M3, 1 },
    { "unknown flag", NCOPY, 1, 0x04, 8, 4 },
    { "copy that adds", NCOPY, 1, 0x04, ADD_TO_DST, 4 },
    { "copy that skips", NCOPY, 1, 0x04, SKIP_BOUND, 4 },
    { "fill that saturates", FILL, 0, 0x04, SATURATE, 4 },
    { "pattern of a copy", NCOPY, 1, 0x08, 1, 8 },
    { "size 0", NCOPY, 1, 0x10, 0, 4 },
    { "second size 0", NCOPY, 1, 0x14, 0, 4 },
    { "index address of a copy", NCOPY, 1, 0x60, 8, 8 },
    { "index count of a copy", NCOPY, 1, 0x68, 1, 4 },
    { "index size of a copy", NCOPY, 1, 0x6c, 4, 4 },
    { "bound of a copy", NCOPY, 1, 0x70, 1, 8 },
    { "index of 2 bytes", GATHER, 1, 0x6c, 2, 4 },
    { "index of no bytes", SCATTER, 1, 0x6c, 0, 4 },
    { "padding", NCOPY, 1, 0x78, 1ull << 63, 8 },
    { "fill with a source", FILL, 1, 0, FILL, 1 },
    { "copy without a source", NCOPY, 0, 0, NCOPY, 1 },
    { "copy of two sources", NCOPY, 2, 0, NCOPY, 1 },
    { "gather of two sources", GATHER, 2, 0, GATHER, 1 },
    { "accumulation of nothing", ACCUMULATE, 0, 0, ACCUMULATE, 1 },
    { "accumulation of 17", ACCUMULATE, 17, 0, ACCUMULATE, 1 },
};

static InlineOp right(uint8_t opcode)
{
    InlineOp op = {
        opcode, F32, F32, 2, .size = { 4, 4 }, .src_stride = { 4, 16, 64 },
        .dst_stride = { 4, 16, 64 },
    };

    if (opcode == GATHER || opcode == SCATTER) {
        op.index_addr = INDICES | HOST_BIT;
        op.index_count = 1;
        op.index_size = 4;
        op.bound = 1;
    }
    return op;
}

static void operands_without_sense_are_refused(void)
{
    for (size_t n = 0; n < G_N_ELEMENTS(wrongs); n++) {
        const Wrong *w = &wrongs[n];
        InlineOp op = right(w->opcode);
        Inline i = inline_start();
        uint64_t src[17];

        g_test_message("%s", w->what);
        for (unsigned s = 0; s < 17; s++) {
            src[s] = data_addr;
        }
        trn_trnx_write(i.f->chip, inline_qctl(0), 4, 4);
        if (w->sources == 1 || w->opcode == FILL) {
            /* Without the fault it is an operation like others. */
            inline_run(&i, &op, w->opcode != FILL, src, TARGET);
        }
        i.f->dirty_bytes = 0;
        inline_post(&i, &op, w->sources, src, TARGET);
        memcpy(i.f->host + OPERANDS + w->at, &w->value, w->size);
        fake_run(i.f);
        g_assert_cmphex(inline_status(&i), ==, 18 << 8 | 0xa);
        g_assert_cmphex(inline_get(&i, 0x30), ==, OPERANDS | HOST_BIT);
        g_assert_cmpuint(i.f->dirty_bytes, ==, 0);
        fake_free(i.f);
    }
}

static void packet_of_another_form_is_refused(void)
{
    InlineOp op = right(NCOPY);

    for (unsigned n = 0; n < 2; n++) {
        Inline i = inline_start();

        trn_trnx_write(i.f->chip, inline_qctl(0), 4, 4);
        inline_put(i.f, OPERANDS + 4, &op);
        inline_put(i.f, OPERANDS + 256, &op);
        inline_m2s(&i, META | FIRST, INLINE,
                   (n ? OPERANDS + 256 : OPERANDS + 4) | HOST_BIT);
        inline_m2s(&i, LAST | (n ? META : 0), 0, data_addr);
        inline_s2m(&i, 0, TARGET);
        inline_ring(&i, 2, 1);
        fake_run(i.f);
        g_assert_cmphex(inline_status(&i), ==, 18 << 8 | 0xa);
        fake_free(i.f);
    }
}

/* 2^63 elements are too many to count, 2^62 only take their time. */
static void number_of_elements_is_bounded(void)
{
    Inline i = inline_start();
    InlineOp op = {
        FILL, U8, U8, 2, .size = { 0x80000000, 0x80000000 },
    };

    trn_trnx_write(i.f->chip, inline_qctl(0), 4, 4);
    inline_post(&i, &op, 0, NULL, TARGET);
    g_assert_false(fake_run_turns(i.f, 50));
    g_assert_cmphex(inline_status(&i), ==, 0);
    /* A queue reset ends it. */
    trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE, false) + 0xb0, 0x100);
    trn_chip_write(i.f->chip, fake_page(ENGINE, QUEUE, true) + 0x64, 0x100);
    fake_run(i.f);
    i.m2s = i.s2m = 0;
    op.dims = 3;
    op.size[2] = 2;
    inline_post(&i, &op, 0, NULL, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 18 << 8 | 0xa);
    fake_free(i.f);
}

static void other_metadata_and_classes_are_as_ever(void)
{
    static const struct {
        uint32_t w1;
        unsigned code;          /* of an M2S descriptor with that word */
    } words[] = {
        { 0x03000003, 12 }, { 0x03900003, 12 }, { 0x01080003, 0 },
        { INLINE, 12 },         /* without META */
    };

    for (size_t n = 0; n < G_N_ELEMENTS(words); n++) {
        Inline i = inline_start();

        put_data(&i, "data", 4);
        inline_m2s(&i, FIRST | LAST | 4, words[n].w1, data_addr);
        inline_s2m(&i, 4, TARGET);
        inline_ring(&i, 1, 1);
        fake_run(i.f);
        g_assert_cmpuint(inline_status(&i) >> 8, ==, words[n].code);
        expect_bytes(&i, 0, "data", 4);
        fake_free(i.f);
    }
    /* Metadata without class 7, or behind FIRST, is passed over. */
    for (unsigned n = 0; n < 2; n++) {
        Inline i = inline_start();

        put_data(&i, "datum", 5);
        inline_m2s(&i, FIRST | (n ? 2 : META), COPY, data_addr);
        inline_m2s(&i, LAST | (n ? META : 2), n ? INLINE : COPY, data_addr);
        inline_s2m(&i, 2, TARGET);
        inline_ring(&i, 2, 1);
        fake_run(i.f);
        inline_m2s(&i, FIRST | LAST | 1, COPY, data_addr + 4);
        inline_s2m(&i, 2, TARGET + 2);
        inline_ring(&i, 1, 1);
        fake_run(i.f);
        expect_bytes(&i, 0, "dam", 3);
        g_assert_cmpuint(inline_get(&i, 0x38), ==, 3);
        g_assert_cmpuint(i.f->unimp, >, 0);
        fake_free(i.f);
    }
}

/* HW 3.2.3 and the limit of HW 3.5 on the bytes of a packet. */
static void lengths_of_descriptors_do_not_count(void)
{
    Inline i = inline_start();
    InlineOp op = right(NCOPY);
    uint32_t page = fake_page(ENGINE, QUEUE, true);

    trn_chip_write(i.f->chip, page - QUEUE * 0x1000 - 0x21000 + 0x254, 100);
    trn_chip_write(i.f->chip, page + 0x44, 0x40000);
    trn_chip_write(i.f->chip, page + 0x48, 0x4000);
    trn_chip_write(i.f->chip, page + 0x54, 3);
    put_data(&i, "0123456789abcdef", 16);
    inline_run(&i, &op, 1, &data_addr, TARGET);
    expect_bytes(&i, 0, "0123456789abcdef", 16);
    /* One completion, of a whole packet, with ring id 1. */
    g_assert_cmphex(trn_get_le32(i.f->host + 0x40000) & 0x8f000000, ==,
                    0x0d000000);
    g_assert_cmphex(trn_get_le32(i.f->host + 0x40010), ==, 0);
    fake_free(i.f);
}

static void operation_waits_for_its_destination(void)
{
    Inline i = inline_start();
    InlineOp op = right(FILL);

    op.pattern = 0x01010101;
    inline_put(i.f, OPERANDS, &op);
    inline_packet(&i, OPERANDS | HOST_BIT, 0, NULL, TARGET);
    inline_ring(&i, 1, 0);
    fake_run(i.f);
    g_assert_cmpuint(i.f->dirty_bytes, ==, 0);
    inline_ring(&i, 0, 1);
    fake_run(i.f);
    inline_expect_done(&i);
    g_assert_cmpuint(i.f->dirty_bytes, ==, 64);
    fake_free(i.f);
}

static void ring_id_of_the_destination_is_looked_at(void)
{
    Inline i = inline_start();
    InlineOp op = right(NCOPY);

    trn_trnx_write(i.f->chip, inline_qctl(0), 4, 4);
    /* HW 3.7: its abort mask, all-ones after a reset, makes it an error. */
    trn_chip_write(i.f->chip, fake_page(ENGINE, 0, false) - 0x1000 + 0x3a070,
                   0);
    inline_post(&i, &op, 1, &data_addr, TARGET);
    fake_desc(i.f, S2M_RING, 2 * LAP, 0, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 6 << 8 | 0xa);
    g_assert_cmpuint(i.f->dirty_bytes, ==, 0);
    fake_free(i.f);
}

/* A row that runs out of a stack: as far as it goes, and where it ended. */
static void memory_that_ends_is_an_error_at_its_end(void)
{
    Inline i = inline_start();
    InlineOp op = {
        FILL, U8, U8, 1, .pattern = 7, .size = { 3000 }, .dst_stride = { 1 },
    };

    inline_post(&i, &op, 0, NULL, FAKE_HBM_SLOT - 1000);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 4 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, FAKE_HBM_SLOT);
    g_assert_cmphex(i.f->hbm[FAKE_HBM_SLOT - 1], ==, 7);
    g_assert_cmphex(i.f->hbm[FAKE_HBM_SLOT], ==, 0);
    fake_free(i.f);
}

/* HW 8.5: semaphores are words; what is not a word is an AXI error. */
static void registers_take_whole_words(void)
{
    Inline i = inline_start();
    InlineOp op = {
        FILL, U32, U32, 1, .pattern = 3, .size = { 2 }, .dst_stride = { 4 },
    };

    inline_run(&i, &op, 0, NULL, 0x002002701800);
    inline_run(&i, &op, 0, NULL, 0x002002701804);
    g_assert_cmpuint(trn_chip_read(i.f->chip, 0xd2701004), ==, 6);
    op.src_type = op.dst_type = U16;
    op.dst_stride[0] = 2;
    op.size[0] = 1;
    inline_post(&i, &op, 0, NULL, 0x002002701800);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 4 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, 0x002002701800);
    fake_free(i.f);
}

static void armed_error_meets_a_source(void)
{
    Inline i = inline_start();
    InlineOp op = right(NCOPY);

    i.f->chip->errinj.engine = ENGINE;
    i.f->chip->errinj.queue = QUEUE;
    i.f->chip->errinj.axi_error_at = 4;
    inline_run(&i, &op, 1, &data_addr, TARGET);
    inline_post(&i, &op, 1, &data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 3 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, data_addr);
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
    T(operands_without_sense_are_refused);
    T(packet_of_another_form_is_refused);
    T(number_of_elements_is_bounded);
    T(other_metadata_and_classes_are_as_ever);
    T(lengths_of_descriptors_do_not_count);
    T(operation_waits_for_its_destination);
    T(ring_id_of_the_destination_is_looked_at);
    T(memory_that_ends_is_an_error_at_its_end);
    T(registers_take_whole_words);
    T(armed_error_meets_a_source);
    return g_test_run();
}
