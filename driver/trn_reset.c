// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset of the whole device, shared by recovery, function-level reset, power
 * management and removal:
 *
 *  begin	no queue starts or stops (reset_sem), no interrupt is handled, all
 *		queues are dead, their fences still pending
 *  (reset)	when it is over the device does not touch host memory any more
 *  complete	event queues run again, the fences of all jobs fail
 *
 * While the PCI core has the device in hand (function-level reset, sleep) it is
 * parked: reset and completed as far as fences go, with interrupts off, and whoever
 * wants to start a queue waits.
 *
 * Contents of HBM are lost, and importers of it are told to let go: before the device
 * is given away, else a little later, since that is no part of the path of fences.
 * A device that cannot be reset gets its bus mastering taken away and stays dead.
 */
#include <linux/dma-fence.h>
#include <linux/iopoll.h>
#include <linux/pci.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "trn_device.h"
#include "trn_export.h"
#include "trn_io.h"
#include "trn_irq.h"
#include "trn_mbox.h"
#include "trn_mmu.h"
#include "trn_queue.h"
#include "trn_reset.h"
#include "trn_trace.h"

#define TRN_RESET_POLL_US	100
#define TRN_RESET_TIMEOUT_US	(10 * USEC_PER_SEC)

/* HW 7.3: any write of 0 resets all; 0 is read when it is done. */
static int trn_reset_qemu(struct trn_device *tdev)
{
	u64 reg = TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET;
	u32 value;
	int ret;

	trn_reg_write(tdev, reg, 0);
	ret = read_poll_timeout(trn_reg_read, value, !value || trn_io_is_gone(value),
				TRN_RESET_POLL_US, TRN_RESET_TIMEOUT_US, false, tdev, reg);
	return trn_io_is_gone(value) ? -ENODEV : ret;
}

/* The hardware's part: reset and wait until firmware answers. */
int trn_reset_chip(struct trn_device *tdev)
{
	int ret;

	trn_udma_forget_engines(tdev);
	if (tdev->pdev->revision == TRN_PCI_REVISION_QEMU)
		ret = trn_reset_qemu(tdev);
	else
		ret = trn_mbox_reset(tdev);
	return ret ?: trn_mbox_wait_ready(tdev);
}

static void trn_reset_begin_locked(struct trn_device *tdev)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	if (tdev->dead || tdev->parked)
		return;
	trn_irq_stop(tdev);
	trn_queue_freeze_all(tdev);
	queue_work(system_unbound_wq, &tdev->revoke_work);
}

static void trn_reset_complete_locked(struct trn_device *tdev, int error)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	trace_trn_reset(tdev, tdev->reset_count, error);
	if (tdev->dead)
		return;
	tdev->reset_count++;
	if (error) {
		drm_err(&tdev->drm, "device cannot be reset (%d), giving it up\n", error);
		pci_clear_master(tdev->pdev);
		tdev->dead = error == -ENODEV ? -ENODEV : -EIO;
	} else {
		trn_mmu_start(tdev);
		trn_irq_start(tdev);
	}
	trn_queue_fail_all(tdev, error == -ENODEV ? -ENODEV : -ECANCELED);
}

/**
 * trn_reset_device() - Recover the device.
 * @tdev: the device
 * @reset_count: as it was when the need was seen; if somebody else has reset the
 * device since then, nothing is left to do
 */
void trn_reset_device(struct trn_device *tdev, u64 reset_count)
{
	bool cookie = dma_fence_begin_signalling();

	down_write(&tdev->reset_sem);
	if (!tdev->dead && !tdev->parked && tdev->reset_count == reset_count) {
		trn_reset_begin_locked(tdev);
		trn_reset_complete_locked(tdev, trn_reset_chip(tdev));
	}
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
}

/*
 * The driver lets go of the device, which may be gone.
 *
 * After this no queue exists for the hardware and no interrupt comes. Runs after
 * drm_dev_unplug().
 */
void trn_reset_remove(struct trn_device *tdev)
{
	bool cookie;

	trn_queue_quiesce_all(tdev);
	cookie = dma_fence_begin_signalling();
	down_write(&tdev->reset_sem);
	trn_reset_begin_locked(tdev);
	if (!tdev->dead && trn_reset_chip(tdev))
		drm_dbg(&tdev->drm, "device does not answer on removal\n");
	pci_clear_master(tdev->pdev);
	trn_queue_fail_all(tdev, -ENODEV);
	tdev->dead = -ENODEV;
	WRITE_ONCE(tdev->parked, false);
	up_write(&tdev->reset_sem);
	wake_up_all(&tdev->unparked);
	dma_fence_end_signalling(cookie);
}

/*
 * Take the device out of use for as long as somebody else has it in hand. The lock
 * cannot be held that long: the PCI core allocates on its way.
 */
static void trn_reset_park(struct trn_device *tdev)
{
	bool cookie;
	int ret;

	trn_queue_quiesce_all(tdev);
	cookie = dma_fence_begin_signalling();
	down_write(&tdev->reset_sem);
	trn_reset_begin_locked(tdev);
	if (!tdev->dead) {
		ret = trn_reset_chip(tdev);
		/* If it does not obey, it shall at least not reach memory. */
		if (ret)
			pci_clear_master(tdev->pdev);
		trn_queue_fail_all(tdev, ret == -ENODEV ? -ENODEV : -ECANCELED);
	}
	WRITE_ONCE(tdev->parked, true);
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
	/* BAR4 may be gone for a while, too. */
	trn_export_revoke_all(tdev);
}

static void trn_reset_unpark(struct trn_device *tdev)
{
	down_write(&tdev->reset_sem);
	if (!tdev->dead)
		pci_set_master(tdev->pdev);
	trn_reset_complete_locked(tdev, tdev->dead ? 0 : trn_reset_chip(tdev));
	WRITE_ONCE(tdev->parked, false);
	up_write(&tdev->reset_sem);
	wake_up_all(&tdev->unparked);
}

static void trn_reset_prepare(struct pci_dev *pdev)
{
	trn_reset_park(pci_get_drvdata(pdev));
}

static void trn_reset_done(struct pci_dev *pdev)
{
	trn_reset_unpark(pci_get_drvdata(pdev));
}

const struct pci_error_handlers trn_err_handlers = {
	.reset_prepare = trn_reset_prepare,
	.reset_done = trn_reset_done,
};

static int trn_suspend(struct device *dev)
{
	trn_reset_park(dev_get_drvdata(dev));
	return 0;
}

static int trn_resume(struct device *dev)
{
	trn_reset_unpark(dev_get_drvdata(dev));
	return 0;
}

const struct dev_pm_ops trn_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(trn_suspend, trn_resume)
};
