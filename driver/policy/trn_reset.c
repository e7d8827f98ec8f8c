// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset of the whole device, shared by recovery, function-level reset, power
 * management and removal:
 *
 *  begin	no queue starts or stops (reset_sem), no interrupt is handled, all
 *		queues are dead, their fences still pending
 *  (reset)	after it the device no longer accesses host memory
 *  complete	event queues run again, the fences of all jobs fail
 *
 * During a function-level reset, system sleep or bus error recovery the PCI core owns the
 * device, and the device is suspended. It has been reset, all fences have failed, and
 * interrupts and bus mastering are off. Threads that start a queue or access a mapping of
 * HBM wait. Bus mastering is enabled only after the next successful reset. If the first
 * reset had no effect, the queues of the device could otherwise access freed memory.
 *
 * The device counts its resets. If a reset does not change the count, it had no effect. If
 * the count changes without a reset by the driver, the reset was foreign: queues and event
 * queues are lost. Watchdogs and the start of a queue check for this. While queues exist, a
 * periodic work checks too, because no queue may be waiting for an event.
 *
 * A reset loses the contents of HBM, and revokes its exports. A suspension revokes them
 * before the device is handed over; recovery does so in a work, because revoking is not
 * allowed in the fence-signalling path.
 *
 * A device that cannot be reset loses bus mastering and stays dead. The exception is a
 * device that did not respond, and whose bus then reports an error and recovers from it.
 */
#include <linux/dma-fence.h>
#include <linux/pci.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_chip_reset.h"
#include "hw/trn_irq.h"
#include "hw/trn_mmu.h"
#include "mem/trn_export.h"
#include "mem/trn_gem_mmap.h"
#include "policy/trn_reset.h"
#include "queue/trn_queue.h"
#include "queue/trn_trace.h"

/* States that a state may change to, as bits. */
static const u8 trn_reset_next_states[] = {
	[TRN_DEVICE_RUNNING] = BIT(TRN_DEVICE_SUSPENDED) | BIT(TRN_DEVICE_BROKEN) |
			       BIT(TRN_DEVICE_GONE),
	[TRN_DEVICE_SUSPENDED] = BIT(TRN_DEVICE_RUNNING) | BIT(TRN_DEVICE_BROKEN) |
				 BIT(TRN_DEVICE_GONE),
	[TRN_DEVICE_BROKEN] = BIT(TRN_DEVICE_GONE),
	/* Only after an error of the bus, see trn_reset_forgive_silence(). */
	[TRN_DEVICE_GONE] = BIT(TRN_DEVICE_SUSPENDED),
};

/**
 * trn_reset_change_state() - Change the state of the device.
 * @tdev: the device
 * @state: new state, or the present one
 *
 * Return: true, or false if the present state does not permit the change.
 */
static bool trn_reset_change_state(struct trn_device *tdev, enum trn_device_state state)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	if (state == tdev->state)
		return true;
	if (WARN_ON_ONCE(!(trn_reset_next_states[tdev->state] & BIT(state))))
		return false;
	WRITE_ONCE(tdev->state, state);
	return true;
}

static void trn_reset_begin_locked(struct trn_device *tdev)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	if (tdev->state != TRN_DEVICE_RUNNING)
		return;
	trn_irq_stop(tdev);
	trn_queue_freeze_all(tdev);
}

static void trn_reset_complete_locked(struct trn_device *tdev, int error)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	trace_trn_reset(tdev, tdev->reset_count, error);
	if (trn_device_is_dead(tdev))
		return;
	/* The suspension has counted the reset. */
	if (tdev->state == TRN_DEVICE_RUNNING)
		tdev->reset_count++;
	if (error) {
		drm_err(&tdev->drm, "reset failed (%d), the device is dead\n", error);
		pci_clear_master(tdev->pdev);
		trn_reset_change_state(tdev, error == -ENODEV ? TRN_DEVICE_GONE :
								TRN_DEVICE_BROKEN);
	} else {
		trn_mmu_start(tdev);
		trn_irq_start(tdev);
		trn_reset_change_state(tdev, TRN_DEVICE_RUNNING);
	}
	trn_queue_fail_all(tdev, error == -ENODEV ? -ENODEV : -ECANCELED);
}

static void trn_reset_recover_locked(struct trn_device *tdev)
{
	lockdep_assert_held_write(&tdev->reset_sem);

	trn_reset_begin_locked(tdev);
	trn_reset_complete_locked(tdev, trn_chip_reset(tdev));
	/* After the reset, because importers may attach the old contents until then. */
	queue_work(system_unbound_wq, &tdev->revoke_work);
}

/**
 * trn_reset_device() - Recover the device.
 * @tdev: the device
 * @reset_count: count at the time when the need was found; if the device was reset since
 * then, the call does nothing
 */
void trn_reset_device(struct trn_device *tdev, u64 reset_count)
{
	bool cookie = dma_fence_begin_signalling();

	down_write(&tdev->reset_sem);
	if (tdev->state == TRN_DEVICE_RUNNING && tdev->reset_count == reset_count)
		trn_reset_recover_locked(tdev);
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
}

/* Recover from a foreign reset, if there was one. Returns true unless the device is dead. */
bool trn_reset_check(struct trn_device *tdev)
{
	bool cookie = dma_fence_begin_signalling();
	bool alive;

	down_write(&tdev->reset_sem);
	if (tdev->state == TRN_DEVICE_RUNNING && trn_chip_was_reset(tdev)) {
		drm_err_ratelimited(&tdev->drm, "foreign reset of the device, or device gone\n");
		trn_reset_recover_locked(tdev);
	}
	alive = !trn_device_is_dead(tdev);
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
	return alive;
}

void trn_reset_check_work(struct work_struct *work)
{
	trn_reset_check(container_of(work, struct trn_device, check_work));
}

/* Like trn_reset_check(), but cheap in the normal case of no foreign reset. */
static void trn_reset_look(struct trn_device *tdev)
{
	bool is_foreign;

	down_read(&tdev->reset_sem);
	is_foreign = tdev->state == TRN_DEVICE_RUNNING && trn_chip_was_reset(tdev);
	up_read(&tdev->reset_sem);
	if (is_foreign)
		trn_reset_check(tdev);
}

/* Queued when a queue starts; queues itself again while queues exist. */
void trn_reset_health_work(struct work_struct *work)
{
	struct trn_device *tdev = container_of(to_delayed_work(work), struct trn_device,
					       health_work);
	bool cookie = dma_fence_begin_signalling();

	trn_reset_look(tdev);
	dma_fence_end_signalling(cookie);
	trn_queue_watch_device(tdev);
}

/*
 * Release the device, which may be gone, when the driver unbinds.
 *
 * Runs after drm_dev_unplug(). After this call no hardware queue runs and no interrupt
 * arrives.
 */
void trn_reset_remove(struct trn_device *tdev)
{
	bool cookie;

	trn_queue_quiesce_all(tdev);
	cookie = dma_fence_begin_signalling();
	down_write(&tdev->reset_sem);
	trn_reset_begin_locked(tdev);
	if (!trn_device_is_dead(tdev) && trn_chip_reset(tdev))
		drm_dbg(&tdev->drm, "device does not respond on removal\n");
	pci_clear_master(tdev->pdev);
	trn_queue_fail_all(tdev, -ENODEV);
	trn_reset_change_state(tdev, TRN_DEVICE_GONE);
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
	trn_gem_show_hbm(tdev);
}

/* Number of resets, including foreign resets not noticed before. */
u64 trn_reset_get_count(struct trn_device *tdev)
{
	u64 count;
	int idx;

	if (drm_dev_enter(&tdev->drm, &idx)) {
		trn_reset_look(tdev);
		drm_dev_exit(idx);
	}
	down_read(&tdev->reset_sem);
	count = tdev->reset_count;
	up_read(&tdev->reset_sem);
	return count;
}

/*
 * Suspend the device while the PCI core owns it. reset_sem cannot be held for that long,
 * because the PCI core allocates memory meanwhile.
 */
static void trn_reset_suspend(struct trn_device *tdev)
{
	bool cookie;
	int ret;

	trn_queue_quiesce_all(tdev);
	cookie = dma_fence_begin_signalling();
	down_write(&tdev->reset_sem);
	trn_reset_begin_locked(tdev);
	if (tdev->state == TRN_DEVICE_RUNNING) {
		ret = trn_chip_reset(tdev);
		if (ret)
			drm_warn(&tdev->drm, "reset before suspension failed (%d)\n", ret);
		/* Count before HBM is hidden, so that readers can detect the loss of contents. */
		tdev->reset_count++;
		/* Even after a failed reset the device must not reach memory. */
		pci_clear_master(tdev->pdev);
		/* Not -ENODEV: the device may come back, even if it does not respond now. */
		trn_queue_fail_all(tdev, -ECANCELED);
		trn_reset_change_state(tdev, TRN_DEVICE_SUSPENDED);
	}
	up_write(&tdev->reset_sem);
	dma_fence_end_signalling(cookie);
	/* BAR4 may be gone, too. Later attachments do not see the old contents. */
	trn_gem_hide_hbm(tdev);
	cancel_work_sync(&tdev->revoke_work);
	trn_export_revoke_all(tdev);
}

/* Returns true unless the device is dead. */
static bool trn_reset_resume(struct trn_device *tdev)
{
	bool alive;
	int ret;

	down_write(&tdev->reset_sem);
	if (tdev->state == TRN_DEVICE_SUSPENDED) {
		ret = trn_chip_reset(tdev);
		if (!ret) {
			/* The next trn_slot_reset() restores this state. */
			pci_save_state(tdev->pdev);
			pci_set_master(tdev->pdev);
		}
		trn_reset_complete_locked(tdev, ret);
	}
	alive = !trn_device_is_dead(tdev);
	up_write(&tdev->reset_sem);
	trn_gem_show_hbm(tdev);
	return alive;
}

static void trn_reset_prepare(struct pci_dev *pdev)
{
	trn_reset_suspend(pci_get_drvdata(pdev));
}

static void trn_reset_done(struct pci_dev *pdev)
{
	trn_reset_resume(pci_get_drvdata(pdev));
}

/* The device may have been marked dead because it did not respond before the error. */
static void trn_reset_forgive_silence(struct trn_device *tdev)
{
	down_write(&tdev->reset_sem);
	/* The device is stopped and its queues have failed, as after a suspension. */
	if (tdev->state == TRN_DEVICE_GONE)
		trn_reset_change_state(tdev, TRN_DEVICE_SUSPENDED);
	up_write(&tdev->reset_sem);
}

/*
 * Bus errors. An error that is not fatal has lost a transaction, which appears as an error
 * or a timeout of a queue. So the device goes on unless it was reset.
 */
static pci_ers_result_t trn_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct trn_device *tdev = pci_get_drvdata(pdev);

	if (state == pci_channel_io_normal)
		return PCI_ERS_RESULT_CAN_RECOVER;
	if (state == pci_channel_io_frozen)
		trn_reset_forgive_silence(tdev);
	trn_reset_suspend(tdev);
	if (state == pci_channel_io_frozen)
		return PCI_ERS_RESULT_NEED_RESET;
	/* The device does not come back. */
	down_write(&tdev->reset_sem);
	trn_reset_change_state(tdev, TRN_DEVICE_GONE);
	up_write(&tdev->reset_sem);
	trn_reset_resume(tdev);
	return PCI_ERS_RESULT_DISCONNECT;
}

static pci_ers_result_t trn_mmio_enabled(struct pci_dev *pdev)
{
	struct trn_device *tdev = pci_get_drvdata(pdev);

	return trn_reset_check(tdev) ? PCI_ERS_RESULT_RECOVERED : PCI_ERS_RESULT_DISCONNECT;
}

/* Not called if the link cannot be reset; the device then stays suspended. */
static pci_ers_result_t trn_slot_reset(struct pci_dev *pdev)
{
	struct trn_device *tdev = pci_get_drvdata(pdev);

	/* Another device asked for the recovery; this device was not reset. */
	if (!READ_ONCE(tdev->hbm_hidden))
		return trn_mmio_enabled(pdev);
	pci_restore_state(pdev);
	return trn_reset_resume(tdev) ? PCI_ERS_RESULT_RECOVERED : PCI_ERS_RESULT_DISCONNECT;
}

const struct pci_error_handlers trn_err_handlers = {
	.error_detected = trn_error_detected,
	.mmio_enabled = trn_mmio_enabled,
	.slot_reset = trn_slot_reset,
	.reset_prepare = trn_reset_prepare,
	.reset_done = trn_reset_done,
};

static int trn_suspend(struct device *dev)
{
	trn_reset_suspend(dev_get_drvdata(dev));
	return 0;
}

static int trn_resume(struct device *dev)
{
	trn_reset_resume(dev_get_drvdata(dev));
	return 0;
}

const struct dev_pm_ops trn_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(trn_suspend, trn_resume)
};
