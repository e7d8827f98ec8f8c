/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the register headers need of their surroundings: BIT() and GENMASK().
 *
 * The headers of this folder are included by the driver, by the QEMU device and
 * by tools. Only #defines live here: layout, never behaviour. A file that has a
 * BIT() of its own (the kernel, QEMU) includes that first.
 */
#ifndef TRN_REGS_TYPES_H
#define TRN_REGS_TYPES_H

#ifdef __KERNEL__
#include <linux/bits.h>
#else
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif
#ifndef GENMASK
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
#endif
#ifndef BIT_ULL
#define BIT_ULL(n) (1ULL << (n))
#endif
#ifndef GENMASK_ULL
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#endif
#endif

#endif /* TRN_REGS_TYPES_H */
