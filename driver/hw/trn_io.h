/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accessors of the device's registers. No other file reads or writes a register.
 *
 * Every read from a device that is gone returns all ones. A caller that decides by the
 * value of a read checks trn_io_is_gone() first.
 */
#ifndef TRN_IO_H
#define TRN_IO_H

#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>

#include "base/trn_device.h"

/* BAR0 is mapped in pieces, see trn_io_map(). */
#define TRN_IO_PIECE_SHIFT	20
#define TRN_IO_PIECE_SIZE	BIT_ULL(TRN_IO_PIECE_SHIFT)

int trn_io_init(struct trn_device *tdev);
int trn_io_map(struct trn_device *tdev, u64 offset);

static inline void __iomem *trn_reg(struct trn_device *tdev, u64 offset)
{
	return tdev->regs[offset >> TRN_IO_PIECE_SHIFT] + (offset & (TRN_IO_PIECE_SIZE - 1));
}

static inline u32 trn_reg_read(struct trn_device *tdev, u64 offset)
{
	return readl(trn_reg(tdev, offset));
}

static inline void trn_reg_write(struct trn_device *tdev, u64 offset, u32 value)
{
	writel(value, trn_reg(tdev, offset));
}

static inline u32 trnx_read(struct trn_device *tdev, u32 offset)
{
	return readl(tdev->trnx + offset);
}

static inline u64 trnx_read64(struct trn_device *tdev, u32 offset)
{
	return readq(tdev->trnx + offset);
}

static inline void trnx_write(struct trn_device *tdev, u32 offset, u32 value)
{
	writel(value, tdev->trnx + offset);
}

static inline void trnx_write64(struct trn_device *tdev, u32 offset, u64 value)
{
	writeq(value, tdev->trnx + offset);
}

static inline bool trn_io_is_gone(u32 value)
{
	return value == U32_MAX;
}

#endif /* TRN_IO_H */
