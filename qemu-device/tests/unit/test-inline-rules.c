/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of inline operations: operands and packets that are refused, and errors
 * of memory. The trnx manual, 12.1, 12.2 and 12.5.
 */
#include "inline-op.h"

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
            src[s] = inline_data_addr;
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
        inline_m2s(&i, LAST | (n ? META : 0), 0, inline_data_addr);
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

        inline_put_data(&i, "data", 4);
        inline_m2s(&i, FIRST | LAST | 4, words[n].w1, inline_data_addr);
        inline_s2m(&i, 4, TARGET);
        inline_ring(&i, 1, 1);
        fake_run(i.f);
        g_assert_cmpuint(inline_status(&i) >> 8, ==, words[n].code);
        inline_expect(&i, 0, "data", 4);
        fake_free(i.f);
    }
    /* Metadata without class 7, or behind FIRST, is passed over. */
    for (unsigned n = 0; n < 2; n++) {
        Inline i = inline_start();

        inline_put_data(&i, "datum", 5);
        inline_m2s(&i, FIRST | (n ? 2 : META), COPY, inline_data_addr);
        inline_m2s(&i, LAST | (n ? META : 2), n ? INLINE : COPY,
                   inline_data_addr);
        inline_s2m(&i, 2, TARGET);
        inline_ring(&i, 2, 1);
        fake_run(i.f);
        inline_m2s(&i, FIRST | LAST | 1, COPY, inline_data_addr + 4);
        inline_s2m(&i, 2, TARGET + 2);
        inline_ring(&i, 1, 1);
        fake_run(i.f);
        inline_expect(&i, 0, "dam", 3);
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
    inline_put_data(&i, "0123456789abcdef", 16);
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_expect(&i, 0, "0123456789abcdef", 16);
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
    inline_post(&i, &op, 1, &inline_data_addr, TARGET);
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
    inline_run(&i, &op, 1, &inline_data_addr, TARGET);
    inline_post(&i, &op, 1, &inline_data_addr, TARGET);
    fake_run(i.f);
    g_assert_cmphex(inline_status(&i), ==, 3 << 8 | 2);
    g_assert_cmphex(inline_get(&i, 0x30), ==, inline_data_addr);
    fake_free(i.f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/inline/" #name, name)
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
