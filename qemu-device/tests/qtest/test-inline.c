/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx inline operations and priorities through the BARs. The trnx manual, 12
 * and 7.4. The unit tests cover shapes and types.
 */
#include "qt.h"

#include "qemu/bswap.h"

#define OP_INLINE 0x03800003u
#define M2S_META 0x00800000u
#define QCTL_PRIORITY 0x40

#define FILL 1
#define COPY 2
#define GATHER 3
#define SCATTER 4
#define TRANSPOSE 5
#define ACCUMULATE 6

#define U16 0x01010000u         /* source and destination, in the first word */
#define U32 0x02020000u
#define F32_TO_BF16 0x05040000u
#define F32 0x04040000u

#define TARGET 0x1000000        /* in HBM */

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint64_t operands;          /* host memory, this and below */
    uint64_t index;
    uint64_t data;
    uint8_t block[128];
} Fixture;

static void setup(Fixture *f)
{
    f->dev = qt_start("");
    f->q = qt_queue_new(f->dev, 12, 3, 64);
    f->operands = qt_alloc(f->dev->vm, 128, 8) | HOST_BIT;
    f->index = qt_alloc(f->dev->vm, 64, 8) | HOST_BIT;
    f->data = qt_alloc(f->dev->vm, 4096, 64) | HOST_BIT;
    memset(f->block, 0, sizeof(f->block));
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->q);
    qt_stop(f->dev);
}

/* Opcode at 0, types at 1 and 2, dimensions at 3. */
static void op(Fixture *f, unsigned opcode, uint32_t types, unsigned dims)
{
    memset(f->block, 0, sizeof(f->block));
    stl_le_p(f->block, opcode | types >> 8 | dims << 24);
}

static void dim(Fixture *f, unsigned d, uint32_t size, uint64_t src,
                uint64_t dst)
{
    stl_le_p(f->block + 0x10 + d * 4, size);
    stq_le_p(f->block + 0x20 + d * 8, src);
    stq_le_p(f->block + 0x40 + d * 8, dst);
}

static void rows(Fixture *f, uint32_t count, uint64_t bound)
{
    stq_le_p(f->block + 0x60, f->index);
    stl_le_p(f->block + 0x68, count);
    stl_le_p(f->block + 0x6c, 4);
    stq_le_p(f->block + 0x70, bound);
}

static void post(Fixture *f, unsigned sources, const uint64_t *src)
{
    qt_mem_write(f->dev, f->operands, f->block, sizeof(f->block));
    qt_m2s(f->q, M2S_META | M2S_FIRST | (sources ? 0 : M2S_LAST) | 128,
           OP_INLINE, f->operands);
    for (unsigned i = 0; i < sources; i++) {
        qt_m2s(f->q, i + 1 == sources ? M2S_LAST : 0, 0, src[i]);
    }
    qt_s2m(f->q, 0, TARGET);
    qt_ring(f->q);
}

static void run(Fixture *f, unsigned sources, const uint64_t *src)
{
    uint64_t done = qt_trnx_read64(f->dev, qt_qctl(12, 3) + QCTL_COUNT);

    post(f, sources, src);
    qt_wait_count(f->q, done + 1);
    g_assert_cmphex(qt_trnx_read(f->dev, qt_qctl(12, 3) + QCTL_STATUS) & ~1u,
                    ==, 0);
}

static void expect_words(Fixture *f, unsigned n, const uint32_t *want)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t word;

        qt_mem_read(f->dev, TARGET + i * 4, &word, 4);
        g_assert_cmphex(le32_to_cpu(word), ==, want[i]);
    }
}

static void put_words(Fixture *f, uint64_t at, unsigned n, const uint32_t *from)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t word = cpu_to_le32(from[i]);

        qt_mem_write(f->dev, at + i * 4, &word, 4);
    }
}

static void features_name_them(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_trnx_read64(dev, 0x08) & 0x4400, ==, 0x4400);
    qt_stop(dev);
}

static void fill(void)
{
    static const uint32_t want[] = { 0xabcdabcd, 0xabcdabcd, 0 };
    Fixture f;

    setup(&f);
    op(&f, FILL, U16, 1);
    stq_le_p(f.block + 0x08, 0x1234abcd);
    dim(&f, 0, 4, 0, 2);
    run(&f, 0, NULL);
    expect_words(&f, 3, want);
    teardown(&f);
}

static void copy_with_strides_and_a_cast(void)
{
    /* 1, 2, 3, 4 in two rows, the columns backwards, as bf16. */
    static const uint32_t data[] = {
        0x3f800000, 0x40000000, 0x40400000, 0x40800000,
    };
    static const uint32_t want[] = { 0x3f804000, 0x40404080, 0 };
    Fixture f;
    uint64_t src;

    setup(&f);
    put_words(&f, f.data, 4, data);
    op(&f, COPY, F32_TO_BF16, 2);
    dim(&f, 0, 2, -4, 2);
    dim(&f, 1, 2, 8, 4);
    src = f.data + 4;
    run(&f, 1, &src);
    expect_words(&f, 3, want);
    teardown(&f);
}

static void gather_and_scatter(void)
{
    static const uint32_t data[] = { 10, 11, 20, 21, 30, 31 };
    static const uint32_t index[] = { 2, 0, 1 };
    static const uint32_t gathered[] = { 30, 31, 10, 11, 20, 21, 0 };
    static const uint32_t scattered[] = { 20, 21, 30, 31, 10, 11, 0 };
    Fixture f;

    setup(&f);
    put_words(&f, f.data, 6, data);
    put_words(&f, f.index, 3, index);
    op(&f, GATHER, U32, 1);
    dim(&f, 0, 2, 4, 4);
    dim(&f, 1, 0, 8, 8);
    rows(&f, 3, 3);
    run(&f, 1, &f.data);
    expect_words(&f, 7, gathered);
    f.block[0] = SCATTER;
    run(&f, 1, &f.data);
    expect_words(&f, 7, scattered);
    teardown(&f);
}

static void transpose(void)
{
    static const uint32_t data[] = { 1, 2, 3, 4, 5, 6 };
    static const uint32_t want[] = { 1, 4, 2, 5, 3, 6, 0 };
    Fixture f;

    setup(&f);
    put_words(&f, f.data, 6, data);
    op(&f, TRANSPOSE, U32, 2);
    dim(&f, 0, 3, 0, 0);
    dim(&f, 1, 2, 12, 8);
    run(&f, 1, &f.data);
    expect_words(&f, 7, want);
    teardown(&f);
}

static void accumulate_into_memory(void)
{
    static const uint32_t data[] = { 0x3f800000, 0x40000000 };  /* 1, 2 */
    static const uint32_t sum[] = { 0x40400000, 0 };            /* 3 */
    static const uint32_t twice[] = { 0x40c00000, 0 };          /* 6 */
    Fixture f;
    uint64_t src[2];

    setup(&f);
    put_words(&f, f.data, 2, data);
    src[0] = f.data;
    src[1] = f.data + 4;
    op(&f, ACCUMULATE, F32, 1);
    dim(&f, 0, 1, 4, 4);
    run(&f, 2, src);
    expect_words(&f, 2, sum);
    f.block[4] = 1;                                             /* ADD_TO_DST */
    run(&f, 2, src);
    expect_words(&f, 2, twice);
    g_assert_cmpuint(qt_trnx_read64(f.dev, qt_qctl(12, 3) + QCTL_M2S_COUNT), ==,
                     6);
    teardown(&f);
}

static void wait_for_status(Fixture *f, uint32_t want)
{
    int64_t end = qt_deadline();

    while (qt_trnx_read(f->dev, qt_qctl(12, 3) + QCTL_STATUS) != want) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

static void errors_halt_with_their_code(void)
{
    static const uint32_t index[] = { 0, 3 };
    Fixture f;

    setup(&f);
    qt_trnx_write(f.dev, qt_qctl(12, 3) + QCTL_CTRL, 4);
    op(&f, 9, U32, 1);
    dim(&f, 0, 1, 4, 4);
    post(&f, 1, &f.data);
    wait_for_status(&f, 18 << 8 | 0xa);
    g_assert_cmphex(qt_trnx_read64(f.dev, qt_qctl(12, 3) + QCTL_ERR_ADDR), ==,
                    f.operands);
    qt_queue_reset(f.q);
    put_words(&f, f.index, 2, index);
    op(&f, GATHER, U32, 1);
    dim(&f, 0, 2, 4, 4);
    dim(&f, 1, 0, 8, 8);
    rows(&f, 2, 3);
    post(&f, 1, &f.data);
    wait_for_status(&f, 19 << 8 | 0xa);
    g_assert_cmphex(qt_trnx_read64(f.dev, qt_qctl(12, 3) + QCTL_ERR_ADDR), ==,
                    f.index + 4);
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

/* No end in sight, and still a reset, another queue and the CPU get through. */
static void endless_operation_is_ended_by_a_reset(void)
{
    Fixture f;
    QtQueue *other;

    setup(&f);
    other = qt_queue_new(f.dev, 12, 4, 64);
    op(&f, FILL, U16, 2);
    dim(&f, 0, 0x7fffffff, 0, 0);
    dim(&f, 1, 0x7fffffff, 0, 0);
    post(&f, 0, NULL);
    qt_copy_verify(other, 0x1800000, f.data, 4096, 7);
    g_assert_cmpuint(qt_trnx_read64(f.dev, qt_qctl(12, 3) + QCTL_COUNT), ==, 0);
    qt_queue_reset(f.q);
    qt_copy_verify(f.q, 0x1900000, f.data, 4096, 8);
    qt_queue_free(other);
    teardown(&f);
}

static void priority_is_two_bits_and_survives_a_queue_reset(void)
{
    Fixture f;
    uint32_t reg = qt_qctl(12, 3) + QCTL_PRIORITY;

    setup(&f);
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 0);
    qt_trnx_write(f.dev, reg, 0xffffffff);
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 3);
    qt_trnx_write(f.dev, reg, 2);
    g_assert_cmphex(qt_trnx_read64(f.dev, reg), ==, 2);
    g_assert_cmphex(qt_trnx_read(f.dev, qt_qctl(12, 4) + QCTL_PRIORITY), ==, 0);
    qt_queue_reset(f.q);
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 2);
    qt_copy_verify(f.q, 0x1800000, f.data, 4096, 9);
    qt_write(f.dev, QEMU_RESET, 0x00010001);   /* core 0, not its engines */
    qt_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 2);
    qt_write(f.dev, QEMU_RESET, 0x00000100);   /* engines 0 to 15 */
    qt_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 0);
    qt_trnx_write(f.dev, reg, 1);
    qt_flr(f.dev);
    g_assert_cmphex(qt_trnx_read(f.dev, reg), ==, 0);
    teardown(&f);
}

#define T(name) g_test_add_func("/inline/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(features_name_them);
    T(fill);
    T(copy_with_strides_and_a_cast);
    T(gather_and_scatter);
    T(transpose);
    T(accumulate_into_memory);
    T(errors_halt_with_their_code);
    T(endless_operation_is_ended_by_a_reset);
    T(priority_is_two_bits_and_survives_a_queue_reset);
    return g_test_run();
}
