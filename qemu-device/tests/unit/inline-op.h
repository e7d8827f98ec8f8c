/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inline operations on a fake bus: the trnx manual, 12, in literal numbers. */
#ifndef TRN_TESTS_INLINE_OP_H
#define TRN_TESTS_INLINE_OP_H

#include "fake-bus.h"

#define ENGINE 9u
#define QUEUE 2u
#define RING 256u

/* Host memory. */
#define M2S_RING 0x10000u
#define S2M_RING 0x12000u
#define OPERANDS 0x14000u       /* one block each 128 bytes */
#define INDICES 0x20000u
#define DATA 0x100000u

/* In HBM. */
#define TARGET 0x1000000u

static const uint64_t inline_data_addr = DATA | HOST_BIT;

#define INLINE 0x03800003u      /* class 7, type 0 */
#define COPY 0x01080003u        /* HW 4.3 */
#define FIRST 0x04000000u
#define LAST 0x08000000u
#define META 0x00800000u
#define LAP 0x01000000u         /* ring id 1 */

#define FILL 1
#define NCOPY 2
#define GATHER 3
#define SCATTER 4
#define TRANSPOSE 5
#define ACCUMULATE 6

#define ADD_TO_DST 1u
#define SKIP_BOUND 2u
#define SATURATE 4u

#define U8 0
#define U16 1
#define U32 2
#define U64 3
#define F32 4
#define BF16 5
#define F16 6
#define E4M3 7
#define E5M2 8

typedef struct InlineOp {
    uint8_t opcode;
    uint8_t src_type;
    uint8_t dst_type;
    uint8_t dims;
    uint32_t flags;
    uint64_t pattern;
    uint32_t size[4];
    int64_t src_stride[4];
    int64_t dst_stride[4];
    uint64_t index_addr;
    uint32_t index_count;
    uint32_t index_size;
    uint64_t bound;
    uint64_t pad;
} InlineOp;

/* A chip with one queue programmed; descriptors put in its rings so far. */
typedef struct Inline {
    FakeBus *f;
    unsigned m2s;
    unsigned s2m;
} Inline;

static inline Inline inline_start(void)
{
    Inline i = { .f = fake_new() };

    fake_program(i.f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 RING);
    return i;
}

static inline void inline_put(FakeBus *f, uint32_t at, const InlineOp *op)
{
    uint8_t *p = f->host + at;

    p[0x00] = op->opcode;
    p[0x01] = op->src_type;
    p[0x02] = op->dst_type;
    p[0x03] = op->dims;
    trn_put_le32(p + 0x04, op->flags);
    trn_put_le64(p + 0x08, op->pattern);
    for (unsigned d = 0; d < 4; d++) {
        trn_put_le32(p + 0x10 + d * 4, op->size[d]);
        trn_put_le64(p + 0x20 + d * 8, op->src_stride[d]);
        trn_put_le64(p + 0x40 + d * 8, op->dst_stride[d]);
    }
    trn_put_le64(p + 0x60, op->index_addr);
    trn_put_le32(p + 0x68, op->index_count);
    trn_put_le32(p + 0x6c, op->index_size);
    trn_put_le64(p + 0x70, op->bound);
    trn_put_le64(p + 0x78, op->pad);
}

/* Descriptor number @n of a ring. */
static inline void inline_desc(Inline *i, uint32_t ring, unsigned n,
                               uint32_t w0, uint32_t w1, uint64_t addr)
{
    fake_desc(i->f, ring + n % RING * 16, (1 + n / RING) % 4 * LAP | w0, w1,
              addr);
}

static inline void inline_m2s(Inline *i, uint32_t w0, uint32_t w1,
                              uint64_t addr)
{
    inline_desc(i, M2S_RING, i->m2s++, w0, w1, addr);
}

static inline void inline_s2m(Inline *i, uint32_t w0, uint64_t addr)
{
    inline_desc(i, S2M_RING, i->s2m++, w0, 0, addr);
}

/* The packet of operands at @at (with bit 46, or virtual), not rung. */
static inline void inline_packet(Inline *i, uint64_t at, unsigned sources,
                                 const uint64_t *src, uint64_t dst)
{
    inline_m2s(i, META | FIRST | (sources ? 0 : LAST) | 128, INLINE, at);
    for (unsigned n = 0; n < sources; n++) {
        inline_m2s(i, n + 1 == sources ? LAST : 0, 0, src[n]);
    }
    inline_s2m(i, 0, dst);
}

static inline void inline_ring(Inline *i, unsigned m2s, unsigned s2m)
{
    trn_chip_write(i->f->chip, fake_page(ENGINE, QUEUE, true) + 0x38, s2m);
    trn_chip_write(i->f->chip, fake_page(ENGINE, QUEUE, false) + 0x38, m2s);
}

/* Puts @op at the first block, posts its packet and rings; nothing has run. */
static inline void inline_post(Inline *i, const InlineOp *op, unsigned sources,
                               const uint64_t *src, uint64_t dst)
{
    inline_put(i->f, OPERANDS, op);
    inline_packet(i, OPERANDS | HOST_BIT, sources, src, dst);
    inline_ring(i, 1 + sources, 1);
}

static inline uint32_t inline_qctl(unsigned reg)
{
    return 0x100000 + (ENGINE * 16 + QUEUE) * 0x100 + reg;
}

static inline uint64_t inline_get(Inline *i, unsigned reg)
{
    return trn_trnx_read(i->f->chip, inline_qctl(reg), 8);
}

static inline uint32_t inline_status(Inline *i)
{
    return trn_trnx_read(i->f->chip, inline_qctl(0x04), 4);
}

/* Everything rung has been retired, and nothing was wrong. */
static inline void inline_expect_done(Inline *i)
{
    g_assert_cmphex(inline_status(i), ==, 0);
    g_assert_cmpuint(inline_get(i, 0x10), ==, i->s2m);
    g_assert_cmpuint(inline_get(i, 0x38), ==, i->m2s);
    g_assert_cmpuint(i->f->guest_errors, ==, 0);
}

static inline void inline_run(Inline *i, const InlineOp *op, unsigned sources,
                              const uint64_t *src, uint64_t dst)
{
    inline_post(i, op, sources, src, dst);
    fake_run(i->f);
    inline_expect_done(i);
}

static inline void inline_expect(Inline *i, uint32_t at, const void *want,
                                 size_t len)
{
    g_assert_cmpmem(i->f->hbm + TARGET + at, len, want, len);
}

static inline void inline_put_data(Inline *i, const void *bytes, size_t len)
{
    memcpy(i->f->host + DATA, bytes, len);
}

#endif
