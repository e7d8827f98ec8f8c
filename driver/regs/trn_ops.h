/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inline operations of trnx (feature TRNX_FEAT_INLINE_OPS; trnx.md 12).
 *
 * The packet: an M2S descriptor with META and class TRN_META_OP_INLINE in its
 * operation word, that points to the operand block; one M2S descriptor a source; one
 * S2M descriptor for the destination.
 */
#ifndef TRN_REGS_OPS_H
#define TRN_REGS_OPS_H

#include "trn_types.h"

#define TRN_META_OP_INLINE		7	/* of TRN_META_OP; type 0 */

/* Operand block. */
#define TRN_INLINE_SIZE			128
#define TRN_INLINE_ALIGN		8
#define TRN_INLINE_OPCODE		0x00	/* 8 */
#define TRN_INLINE_SRC_TYPE		0x01	/* 8 */
#define TRN_INLINE_DST_TYPE		0x02	/* 8 */
#define TRN_INLINE_DIMS			0x03	/* 8 */
#define TRN_INLINE_FLAGS		0x04
#define TRN_INLINE_PATTERN		0x08	/* 64 */
#define TRN_INLINE_DIM_SIZE(d)		(0x10 + (d) * 4)
#define TRN_INLINE_SRC_STRIDE(d)	(0x20 + (d) * 8)	/* 64 */
#define TRN_INLINE_DST_STRIDE(d)	(0x40 + (d) * 8)	/* 64 */
#define TRN_INLINE_INDEX_ADDR		0x60	/* 64 */
#define TRN_INLINE_INDEX_COUNT		0x68
#define TRN_INLINE_INDEX_SIZE		0x6c
#define TRN_INLINE_BOUND		0x70	/* 64 */
#define TRN_INLINE_PAD			0x78	/* 64, 0 */

#define TRN_INLINE_MAX_DIMS		4
#define TRN_INLINE_MAX_SOURCES		16

#define TRN_INLINE_FILL			1
#define TRN_INLINE_COPY			2
#define TRN_INLINE_GATHER		3
#define TRN_INLINE_SCATTER		4
#define TRN_INLINE_TRANSPOSE		5
#define TRN_INLINE_ACCUMULATE		6

#define TRN_INLINE_ADD_TO_DST		BIT(0)
#define TRN_INLINE_SKIP_BOUND		BIT(1)
#define TRN_INLINE_SATURATE		BIT(2)

#define TRN_DTYPE_U8			0
#define TRN_DTYPE_U16			1
#define TRN_DTYPE_U32			2
#define TRN_DTYPE_U64			3
#define TRN_DTYPE_F32			4
#define TRN_DTYPE_BF16			5
#define TRN_DTYPE_F16			6
#define TRN_DTYPE_F8E4M3		7
#define TRN_DTYPE_F8E5M2		8

#endif /* TRN_REGS_OPS_H */
