// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware mailbox in MISC RAM: identity words and the reset request (HW 6, 7.2).
 */
#include <linux/iopoll.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_io.h"
#include "hw/trn_mbox.h"

#define TRN_MBOX_POLL_US	1000
#define TRN_MBOX_READY_US	(30 * USEC_PER_SEC)	/* HW 6.1 */
#define TRN_MBOX_RESET_US	(30 * USEC_PER_SEC)	/* HW 7.2: time to the first retry */

static u32 trn_mbox_read(struct trn_device *tdev, u32 reg)
{
	return trn_reg_read(tdev, TRN_BAR0_APB_IO0 + TRN_APB_IO_MISC_RAM + reg);
}

static void trn_mbox_write(struct trn_device *tdev, u32 reg, u32 value)
{
	trn_reg_write(tdev, TRN_BAR0_APB_IO0 + TRN_APB_IO_MISC_RAM + reg, value);
}

/* Returns 0, -ENODEV if the device is gone, or -ETIMEDOUT. */
static int trn_mbox_poll(struct trn_device *tdev, u32 reg, u32 mask, u32 want,
			 unsigned long timeout_us)
{
	u32 value;
	int ret;

	ret = read_poll_timeout(trn_mbox_read, value,
				trn_io_is_gone(value) ||
				(value != TRN_MISC_NOT_READY && (value & mask) == want),
				TRN_MBOX_POLL_US, timeout_us, false, tdev, reg);
	return trn_io_is_gone(value) ? -ENODEV : ret;
}

/* Wait until the firmware is ready. */
int trn_mbox_wait_ready(struct trn_device *tdev)
{
	int ret = trn_mbox_poll(tdev, TRN_MISC_DEVICE_ID, 0, 0, TRN_MBOX_READY_US);

	if (ret)
		drm_err_ratelimited(&tdev->drm, "firmware is not ready: %d\n", ret);
	return ret;
}

void trn_mbox_read_identity(struct trn_device *tdev)
{
	u32 low = trn_mbox_read(tdev, TRN_MISC_SERIAL_LO);
	u32 high = trn_mbox_read(tdev, TRN_MISC_SERIAL_HI);

	tdev->routing_id = trn_mbox_read(tdev, TRN_MISC_DEVICE_ID);
	tdev->api_version = trn_mbox_read(tdev, TRN_MISC_API_VERSION);
	if (low != TRN_MISC_NOT_READY && high != TRN_MISC_NOT_READY)
		tdev->serial = (u64)high << 32 | low;
}

/* Request a device reset from the firmware, and wait until it is done. */
int trn_mbox_reset(struct trn_device *tdev)
{
	int ret;

	trn_mbox_write(tdev, TRN_MISC_RESET, TRN_MISC_RESET_DEVICE);
	trn_mbox_write(tdev, TRN_MISC_TRIGGER, 1);
	ret = trn_mbox_poll(tdev, TRN_MISC_RESET, U32_MAX, 0, TRN_MBOX_RESET_US);
	if (ret)
		return ret;
	return trn_mbox_poll(tdev, TRN_MISC_FW_STATUS, TRN_MISC_FW_STATUS_BUSY, 0,
			     TRN_MBOX_RESET_US);
}
