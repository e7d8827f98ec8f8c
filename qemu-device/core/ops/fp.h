/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Element types of inline operations (trnx manual, 12.3) and arithmetic on
 * them. Arrays are little endian and of any alignment.
 */
#ifndef TRN_CORE_FP_H
#define TRN_CORE_FP_H

#include "../port.h"
#include "../../regs/trn_ops.h"

/* Bytes of an element of TRN_DTYPE_* @type; 0: there is no such type. */
unsigned trn_dtype_size(unsigned type);

bool trn_dtype_is_float(unsigned type);

/*
 * @n elements of @src into @dst, which do not overlap. Equal types are copied
 * as they are; others are float types, and go through fp32: rounded to nearest,
 * ties to even; NaN stays NaN. What is too large for @dst_type becomes
 * infinity, or NaN where there is none; with @saturate, and then infinity too,
 * the largest finite value.
 */
void trn_fp_cast(void *dst, unsigned dst_type, const void *src,
                 unsigned src_type, size_t n, bool saturate);

/*
 * Adds @n elements of @term to those of @sum, all of them F32: rounded to
 * nearest, ties to even; each NaN is 0x7fc00000.
 */
void trn_fp_add(void *sum, const void *term, size_t n);

#endif /* TRN_CORE_FP_H */
