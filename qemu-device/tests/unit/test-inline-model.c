/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inline operations of random shapes against a model that does one element after
 * the other, in the words of the trnx manual, 12: every byte of memory must be
 * what the model says, and none that it does not write may change.
 */
#include "inline-op.h"
#include "core/ops/fp.h"

#include <math.h>

#define ROUNDS 2500
#define AREA 0x40000u           /* bytes of the sources, and of the destination */
#define HBM_SOURCES 0x1000000u
#define HBM_TARGET 0x1c00000u
#define HOST_SOURCES 0x100000u
#define HOST_TARGET 0x300000u
#define MAX_ROWS 3000u

typedef struct Model {
    InlineOp op;
    unsigned sources;
    int64_t src[16];            /* offsets in the area of the sources */
    int64_t dst;                /* offset in that of the destination */
    uint64_t index[MAX_ROWS];
    const uint8_t *from;        /* the area of the sources */
    uint8_t to[AREA];           /* what that of the destination shall be */
} Model;

static unsigned bytes_of(unsigned type)
{
    static const unsigned bytes[] = { 1, 2, 4, 8, 4, 2, 2, 1, 1 };

    return bytes[type];
}

static uint32_t any(uint32_t below)
{
    return (uint32_t)g_test_rand_int() % below;
}

/* --- the model --- */

static float load(const uint8_t *p, unsigned type)
{
    float f;

    trn_fp_cast(&f, F32, p, type, 1, false);
    return f;
}

static float add(float a, float b)
{
    float sum = a + b;

    return sum == sum ? sum : NAN;
}

static void model_element(Model *m, int64_t src, int64_t dst)
{
    InlineOp *op = &m->op;
    uint8_t *to = m->to + m->dst + dst;

    if (op->opcode == FILL) {
        uint8_t pattern[8];

        trn_put_le64(pattern, op->pattern);
        memcpy(to, pattern, bytes_of(op->dst_type));
    } else if (op->opcode == ACCUMULATE) {
        bool begun = op->flags & ADD_TO_DST;
        float sum = begun ? load(to, op->dst_type) : 0;

        for (unsigned i = 0; i < m->sources; i++) {
            float f = load(m->from + m->src[i] + src, op->src_type);

            sum = begun ? add(sum, f) : f;
            begun = true;
        }
        trn_fp_cast(to, op->dst_type, &sum, F32, 1, op->flags & SATURATE);
    } else {
        trn_fp_cast(to, op->dst_type, m->from + m->src[0] + src, op->src_type,
                    1, op->flags & SATURATE);
    }
}

/* All elements whose indices in the dimensions from @d on are settled. */
static void model_dims(Model *m, unsigned d, int64_t src, int64_t dst)
{
    InlineOp *op = &m->op;

    if (!d) {
        model_element(m, src, dst);
        return;
    }
    for (uint32_t i = 0; i < op->size[d - 1]; i++) {
        model_dims(m, d - 1, src + i * op->src_stride[d - 1],
                   dst + i * op->dst_stride[d - 1]);
    }
}

static void model_rows(Model *m)
{
    InlineOp *op = &m->op;
    bool gather = op->opcode == GATHER;

    for (uint32_t i = 0; i < op->index_count; i++) {
        int64_t row = m->index[i];

        if (m->index[i] < op->bound) {
            model_dims(m, op->dims,
                       (gather ? row : i) * op->src_stride[op->dims],
                       (gather ? i : row) * op->dst_stride[op->dims]);
        }
    }
}

static void model_turned(Model *m)
{
    InlineOp *op = &m->op;

    for (uint32_t r = 0; r < op->size[1]; r++) {
        for (uint32_t c = 0; c < op->size[0]; c++) {
            model_element(m, r * op->src_stride[1] + c * bytes_of(op->src_type),
                          c * op->dst_stride[1] + r * bytes_of(op->dst_type));
        }
    }
}

/* --- random shapes --- */

static void pick_types(InlineOp *op)
{
    static const uint8_t turned[] = { U16, U32, F32, BF16, F16 };
    static const uint8_t added[] = { F32, BF16 };

    op->src_type = op->dst_type = any(9);
    if (op->opcode == TRANSPOSE) {
        op->src_type = op->dst_type = turned[any(5)];
    } else if (op->opcode == ACCUMULATE) {
        op->src_type = added[any(2)];
        op->dst_type = added[any(2)];
        return;
    }
    if (op->opcode != FILL && op->src_type >= F32 && any(2)) {
        op->dst_type = op->opcode == TRANSPOSE ? turned[2 + any(3)]
                                               : F32 + any(5);
    }
}

static void pick_sizes(InlineOp *op)
{
    uint32_t most = any(4) ? 300 : 20000;

    for (unsigned d = 0; d < op->dims; d++) {
        op->size[d] = 1 + any(any(3) ? MIN(most, 12) : most);
        most = MAX(1, most / op->size[d]);
    }
}

/* Strides that are dense, or not; the destination's elements lie apart. */
static void pick_strides(InlineOp *op, unsigned dims)
{
    uint32_t size[4] = { op->size[0], op->size[1], op->size[2], op->size[3] };
    int64_t src = bytes_of(op->src_type), dst = bytes_of(op->dst_type);
    bool dense = any(2);
    unsigned first = op->opcode == TRANSPOSE || dense ? 0 : any(dims);

    if (dims > op->dims) {
        size[op->dims] = MAX(op->index_count, op->bound);
    }
    for (unsigned n = 0; n < dims; n++) {
        unsigned d = (first + n) % dims;

        op->src_stride[d] = src;
        op->dst_stride[d] = dst;
        if (!dense) {
            op->src_stride[d] = any(4) ? src + any(9) : any(40) - 20;
            op->dst_stride[d] = dst + any(9);
        }
        if (!dense && any(3) == 0) {
            op->src_stride[d] = -op->src_stride[d];
            op->dst_stride[d] = -op->dst_stride[d];
        }
        if (op->opcode == TRANSPOSE && n == 0) {
            src *= size[0];
            dst *= size[1];
        } else {
            src = MAX(src, ABS(op->src_stride[d]) * size[d]);
            dst = MAX(dst, ABS(op->dst_stride[d]) * size[d]);
        }
    }
}

/* Where the lowest element goes so that all are in the area; false: too many. */
static bool place(const InlineOp *op, bool is_src, unsigned dims, int64_t *base)
{
    unsigned bytes = bytes_of(is_src ? op->src_type : op->dst_type);
    int64_t low = 0, high = 0;

    for (unsigned d = 0; d < dims; d++) {
        int64_t stride = is_src ? op->src_stride[d] : op->dst_stride[d];
        int64_t n = d == op->dims ? MAX(op->index_count, op->bound)
                                  : op->size[d];

        if (op->opcode == TRANSPOSE) {
            stride = d ? stride : bytes;
            n = op->size[is_src ? d : !d];
        }
        low += MIN(0, stride * (n - 1));
        high += MAX(0, stride * (n - 1));
    }
    if (high - low + bytes > AREA) {
        return false;
    }
    *base = -low + any(AREA - (high - low + bytes) + 1);
    return true;
}

static void pick_indices(Model *m)
{
    InlineOp *op = &m->op;

    op->index_count = any(any(2) ? 20 : MAX_ROWS);
    op->bound = 1 + any(50);
    op->index_size = any(2) ? 4 : 8;
    op->flags |= SKIP_BOUND;
    for (unsigned i = 0; i < op->index_count; i++) {
        m->index[i] = any(8) ? any(op->bound) : any(0x7fffffff);
    }
}

/* False: it did not fit, try another. */
static bool pick(Model *m)
{
    InlineOp *op = &m->op;
    bool rows;
    unsigned dims;

    *op = (InlineOp) { .opcode = 1 + any(6) };
    rows = op->opcode == GATHER || op->opcode == SCATTER;
    op->dims = op->opcode == TRANSPOSE ? 2 : 1 + any(rows ? 3 : 4);
    dims = op->dims + rows;
    pick_types(op);
    pick_sizes(op);
    if (rows) {
        pick_indices(m);
    }
    pick_strides(op, dims);
    m->sources = op->opcode == FILL ? 0
                 : op->opcode == ACCUMULATE ? 1 + any(16) : 1;
    if (op->opcode == FILL) {
        op->pattern = (uint64_t)g_test_rand_int() * 0x9e3779b97f4a7c15;
    } else {
        op->flags |= any(2) * SATURATE;
    }
    if (op->opcode == ACCUMULATE) {
        op->flags |= any(2) * ADD_TO_DST;
    }
    for (unsigned i = 0; i < m->sources; i++) {
        if (!place(op, true, dims, &m->src[i])) {
            return false;
        }
    }
    return place(op, false, dims, &m->dst);
}

/* --- one round --- */

static void put_indices(FakeBus *f, Model *m)
{
    uint32_t at = INDICES + any(8);

    for (unsigned i = 0; i < m->op.index_count; i++) {
        if (m->op.index_size == 4) {
            trn_put_le32(f->host + at + i * 4, m->index[i]);
        } else {
            trn_put_le64(f->host + at + i * 8, m->index[i]);
        }
    }
    m->op.index_addr = m->op.index_size ? at | HOST_BIT : 0;
}

static void run_model(Model *m)
{
    if (m->op.opcode == TRANSPOSE) {
        model_turned(m);
    } else if (m->op.index_size) {
        model_rows(m);
    } else {
        model_dims(m, m->op.dims, 0, 0);
    }
}

static void round_of(Inline *i, Model *m)
{
    bool host_from = any(2), host_to = any(2);
    uint64_t from = host_from ? HOST_SOURCES | HOST_BIT : HBM_SOURCES;
    uint64_t to = host_to ? HOST_TARGET | HOST_BIT : HBM_TARGET;
    uint8_t *target = host_to ? i->f->host + HOST_TARGET
                              : i->f->hbm + HBM_TARGET;
    uint64_t src[16];

    while (!pick(m)) {
        continue;
    }
    put_indices(i->f, m);
    m->from = host_from ? i->f->host + HOST_SOURCES : i->f->hbm + HBM_SOURCES;
    memcpy(m->to, target, AREA);
    run_model(m);
    for (unsigned n = 0; n < m->sources; n++) {
        src[n] = from + m->src[n];
    }
    fake_program(i->f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 RING);
    i->m2s = i->s2m = 0;
    inline_run(i, &m->op, m->sources, src, to + m->dst);
    for (unsigned n = 0; n < AREA; n++) {
        if (m->to[n] != target[n]) {
            g_error("operation %u, %u to %u, %u dimensions of %u: byte %d is "
                    "0x%02x, not 0x%02x", m->op.opcode, m->op.src_type,
                    m->op.dst_type, m->op.dims, m->op.size[0],
                    (int)(n - m->dst), target[n], m->to[n]);
        }
    }
}

static void any_shape_is_what_the_model_makes_of_it(void)
{
    Model *m = g_new0(Model, 1);
    Inline i = inline_start();
    g_autofree uint8_t *sources = g_malloc(AREA);

    for (unsigned n = 0; n < AREA; n++) {
        sources[n] = g_test_rand_int();
    }
    memcpy(i.f->host + HOST_SOURCES, sources, AREA);
    memcpy(i.f->hbm + HBM_SOURCES, sources, AREA);
    for (unsigned n = 0; n < ROUNDS; n++) {
        round_of(&i, m);
    }
    g_assert_cmpmem(i.f->host + HOST_SOURCES, AREA, sources, AREA);
    g_assert_cmpmem(i.f->hbm + HBM_SOURCES, AREA, sources, AREA);
    fake_free(i.f);
    g_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inline-model/any_shape_is_what_the_model_makes_of_it",
                    any_shape_is_what_the_model_makes_of_it);
    return g_test_run();
}
