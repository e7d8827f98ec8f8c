// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset of the chip by its registers, and the device's count of resets.
 */
#include <linux/iopoll.h>
#include <linux/pci.h>

#include "base/trn_device.h"
#include "hw/trn_chip_reset.h"
#include "hw/trn_engine.h"
#include "hw/trn_io.h"
#include "hw/trn_mbox.h"
#include "regs/trn_trnx.h"

#define TRN_CHIP_RESET_POLL_US	100
#define TRN_CHIP_RESET_TIMEOUT_US	(10 * USEC_PER_SEC)

/* HW 7.3: a write of 0 resets the device; the register reads 0 when it is done. */
static int trn_chip_reset_qemu(struct trn_device *tdev)
{
	u64 reg = TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET;
	u32 value;
	int ret;

	trn_reg_write(tdev, reg, 0);
	ret = read_poll_timeout(trn_reg_read, value, !value || trn_io_is_gone(value),
				TRN_CHIP_RESET_POLL_US, TRN_CHIP_RESET_TIMEOUT_US, false, tdev,
				reg);
	return trn_io_is_gone(value) ? -ENODEV : ret;
}

static u32 trn_chip_read_resets(struct trn_device *tdev)
{
	return trnx_read(tdev, tdev->geo.id_base + TRNX_ID_RESET_COUNT);
}

/*
 * Reset the hardware, and wait until the firmware is ready.
 *
 * Return: 0, -ENODEV if the device is gone, -ETIMEDOUT, or -EIO if the device reports
 * success but has not been reset.
 */
int trn_chip_reset(struct trn_device *tdev)
{
	u32 before = trn_chip_read_resets(tdev), after;
	int ret;

	trn_engine_forget_all(tdev);
	if (tdev->pdev->revision == TRN_PCI_REVISION_QEMU)
		ret = trn_chip_reset_qemu(tdev);
	else
		ret = trn_mbox_reset(tdev);
	ret = ret ?: trn_mbox_wait_ready(tdev);
	if (ret)
		return ret;
	after = trn_chip_read_resets(tdev);
	if (trn_io_is_gone(after))
		return -ENODEV;
	if (after == before)
		return -EIO;
	tdev->hw_resets = after;
	return 0;
}

/**
 * trn_chip_was_reset() - Check for a foreign reset, or a device that is gone.
 * @tdev: the device, neither dead nor suspended
 *
 * The caller holds reset_sem, or the lock of a live queue. A reset by the driver would
 * have killed that queue first.
 *
 * Return: true if the device was reset by other software, or is gone.
 */
bool trn_chip_was_reset(struct trn_device *tdev)
{
	return trn_chip_read_resets(tdev) != tdev->hw_resets;
}
