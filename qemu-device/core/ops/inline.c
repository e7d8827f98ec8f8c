/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inline.h"
#include "fp.h"

/* Operands of an operation. */
typedef struct TrnInlineKind {
    uint8_t min_sources;
    uint8_t max_sources;
    uint8_t min_dims;
    uint8_t max_dims;
    uint32_t flags;
    bool indexed;
} TrnInlineKind;

#define ROW_FLAGS   (TRN_INLINE_SATURATE | TRN_INLINE_SKIP_BOUND)
#define SUM_FLAGS   (TRN_INLINE_SATURATE | TRN_INLINE_ADD_TO_DST)

static const TrnInlineKind kinds[] = {
    [TRN_INLINE_FILL] = { 0, 0, 1, 4, 0, false },
    [TRN_INLINE_COPY] = { 1, 1, 1, 4, TRN_INLINE_SATURATE, false },
    [TRN_INLINE_GATHER] = { 1, 1, 1, 3, ROW_FLAGS, true },
    [TRN_INLINE_SCATTER] = { 1, 1, 1, 3, ROW_FLAGS, true },
    [TRN_INLINE_TRANSPOSE] = { 1, 1, 2, 2, TRN_INLINE_SATURATE, false },
    [TRN_INLINE_ACCUMULATE] = { 1, TRN_INLINE_MAX_SOURCES, 1, 4, SUM_FLAGS,
                                false },
};

static void inline_load(TrnInlineOp *op, const uint8_t *raw)
{
    op->opcode = raw[TRN_INLINE_OPCODE];
    op->src_type = raw[TRN_INLINE_SRC_TYPE];
    op->dst_type = raw[TRN_INLINE_DST_TYPE];
    op->dims = raw[TRN_INLINE_DIMS];
    op->flags = trn_get_le32(raw + TRN_INLINE_FLAGS);
    op->pattern = trn_get_le64(raw + TRN_INLINE_PATTERN);
    for (unsigned d = 0; d < TRN_INLINE_MAX_DIMS; d++) {
        op->size[d] = trn_get_le32(raw + TRN_INLINE_DIM_SIZE(d));
        op->src_stride[d] = trn_get_le64(raw + TRN_INLINE_SRC_STRIDE(d));
        op->dst_stride[d] = trn_get_le64(raw + TRN_INLINE_DST_STRIDE(d));
    }
    op->index_addr = trn_get_le64(raw + TRN_INLINE_INDEX_ADDR);
    op->index_size = trn_get_le32(raw + TRN_INLINE_INDEX_SIZE);
    op->bound = trn_get_le64(raw + TRN_INLINE_BOUND);
    op->src_size = trn_dtype_size(op->src_type);
    op->dst_size = trn_dtype_size(op->dst_type);
}

static bool inline_is_accumulable(unsigned type)
{
    return type == TRN_DTYPE_F32 || type == TRN_DTYPE_BF16;
}

static bool inline_are_types_good(const TrnInlineOp *op)
{
    if (!op->src_size || !op->dst_size) {
        return false;
    }
    switch (op->opcode) {
    case TRN_INLINE_FILL:
        return op->src_type == op->dst_type;
    case TRN_INLINE_ACCUMULATE:
        return inline_is_accumulable(op->src_type) &&
               inline_is_accumulable(op->dst_type);
    case TRN_INLINE_TRANSPOSE:
        if ((op->src_size != 2 && op->src_size != 4) ||
            (op->dst_size != 2 && op->dst_size != 4)) {
            return false;
        }
        break;
    }
    return op->src_type == op->dst_type ||
           (trn_dtype_is_float(op->src_type) &&
            trn_dtype_is_float(op->dst_type));
}

/* Fields of some operations, which must be 0 in the others. */
static bool inline_are_extras_good(const TrnInlineOp *op,
                                   const TrnInlineKind *kind,
                                   const uint8_t *raw)
{
    uint32_t count = trn_get_le32(raw + TRN_INLINE_INDEX_COUNT);

    if ((op->flags & ~kind->flags) || trn_get_le64(raw + TRN_INLINE_PAD) ||
        (op->pattern && op->opcode != TRN_INLINE_FILL)) {
        return false;
    }
    if (kind->indexed) {
        return op->index_size == 4 || op->index_size == 8;
    }
    return !op->index_addr && !op->index_size && !op->bound && !count;
}

/* The product of all sizes, in op->total; false if it is 2^63 or more. */
static bool inline_count_elements(TrnInlineOp *op)
{
    uint64_t total = 1;

    for (unsigned d = 0; d < op->dims; d++) {
        if (__builtin_mul_overflow(total, op->size[d], &total) ||
            total > INT64_MAX) {
            return false;
        }
    }
    op->total = total;
    return true;
}

static uint64_t inline_tiles(uint64_t elements)
{
    return (elements + TRN_INLINE_TILE - 1) / TRN_INLINE_TILE;
}

static void inline_drop_dim(TrnInlineOp *op, unsigned d)
{
    for (op->dims--; d < op->dims; d++) {
        op->size[d] = op->size[d + 1];
        op->src_stride[d] = op->src_stride[d + 1];
        op->dst_stride[d] = op->dst_stride[d + 1];
    }
}

/* Folds contiguous dimensions; the rows of an index list stay. */
static void inline_fold(TrnInlineOp *op)
{
    for (unsigned d = 0; d + 1 + op->indexed < op->dims; ) {
        uint64_t n = op->size[d];

        if (n == 1) {
            inline_drop_dim(op, d);
        } else if (op->size[d + 1] == 1 ||
                   (op->src_stride[d + 1] == n * op->src_stride[d] &&
                    op->dst_stride[d + 1] == n * op->dst_stride[d])) {
            op->size[d + 1] *= n;
            op->src_stride[d + 1] = op->src_stride[d];
            op->dst_stride[d + 1] = op->dst_stride[d];
            inline_drop_dim(op, d);
        } else {
            d++;
        }
    }
}

bool trn_inline_decode(TrnInlineOp *op, const uint8_t *raw, unsigned sources)
{
    const TrnInlineKind *kind;

    *op = (TrnInlineOp) { .sources = sources };
    inline_load(op, raw);
    if (op->opcode < TRN_INLINE_FILL || op->opcode >= ARRAY_SIZE(kinds)) {
        return false;
    }
    kind = &kinds[op->opcode];
    if (sources < kind->min_sources || sources > kind->max_sources ||
        op->dims < kind->min_dims || op->dims > kind->max_dims ||
        !inline_are_types_good(op) || !inline_are_extras_good(op, kind, raw)) {
        return false;
    }
    for (unsigned d = 0; d < op->dims; d++) {
        if (!op->size[d]) {
            return false;
        }
    }
    if (kind->indexed) {
        op->indexed = true;
        op->size[op->dims++] = trn_get_le32(raw + TRN_INLINE_INDEX_COUNT);
    }
    if (!inline_count_elements(op)) {
        return false;
    }
    if (op->opcode == TRN_INLINE_TRANSPOSE) {
        op->total = inline_tiles(op->size[0]) * inline_tiles(op->size[1]);
    } else {
        if (op->opcode == TRN_INLINE_FILL) {
            memcpy(op->src_stride, op->dst_stride, sizeof(op->src_stride));
        }
        inline_fold(op);
    }
    return true;
}
