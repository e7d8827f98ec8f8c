/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inline operations (trnx manual, 12): check of the operand block, and its
 * conversion to the form that is executed. No access to guest memory.
 */
#ifndef TRN_CORE_INLINE_H
#define TRN_CORE_INLINE_H

#include "../port.h"
#include "../../regs/trn_ops.h"

/* Side of the square tiles of TRANSPOSE, in elements. */
#define TRN_INLINE_TILE 64

/*
 * Sizes are at least 1, the number of indices aside. A dimension that goes on
 * where the one inside it ends, on both sides, is folded into that one; this
 * changes neither addresses nor their order.
 */
typedef struct TrnInlineOp {
    uint8_t opcode;
    uint8_t src_type;
    uint8_t dst_type;
    uint8_t dims;               /* with the rows of GATHER and SCATTER */
    unsigned src_size;          /* bytes of an element */
    unsigned dst_size;
    unsigned sources;
    uint32_t flags;
    uint64_t pattern;
    uint64_t size[TRN_INLINE_MAX_DIMS];
    uint64_t src_stride[TRN_INLINE_MAX_DIMS];
    uint64_t dst_stride[TRN_INLINE_MAX_DIMS];
    bool indexed;               /* the last dimension is that of the indices */
    uint64_t index_addr;
    unsigned index_size;
    uint64_t bound;
    uint64_t total;             /* elements, TRANSPOSE: tiles; below 2^63 */
} TrnInlineOp;

/*
 * Decodes the TRN_INLINE_SIZE bytes at @raw, in a packet of @sources sources.
 * False if they are invalid.
 */
bool trn_inline_decode(TrnInlineOp *op, const uint8_t *raw, unsigned sources);

#endif /* TRN_CORE_INLINE_H */
