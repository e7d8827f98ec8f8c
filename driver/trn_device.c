// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up of a PCI device as a trn_device, and the release of its hardware.
 *
 * The driver binds only to devices with the model extension (regs/trn_trnx.h). It reads the
 * geometry from the extension's identity block, and checks it like any untrusted data.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <drm/drm_drv.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_chip_reset.h"
#include "hw/trn_geometry.h"
#include "hw/trn_io.h"
#include "hw/trn_irq.h"
#include "hw/trn_mbox.h"
#include "hw/trn_mmu.h"
#include "hw/trn_udma.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm.h"
#include "policy/trn_clear.h"
#include "policy/trn_import.h"
#include "policy/trn_reset.h"
#include "queue/trn_queue.h"
#include "regs/trn_trnx.h"
#include "trn_drv.h"
#include "vm/trn_vm.h"

/*
 * A BO is shared with the device as long as it lives. The driver does not synchronise bounce
 * buffers or caches, so the host must need neither.
 */
static int trn_device_check_dma(struct trn_device *tdev)
{
	struct device *dev = tdev->drm.dev;

	if (dma_max_mapping_size(dev) != SIZE_MAX) {
		drm_err(&tdev->drm, "host uses bounce buffers for DMA of this device, which the driver does not support\n");
		return -EOPNOTSUPP;
	}
	if (!dev_is_dma_coherent(dev)) {
		drm_err(&tdev->drm, "host does not keep caches coherent with DMA, which the driver needs\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int trn_device_set_dma_mask(struct trn_device *tdev)
{
	struct device *dev = tdev->drm.dev;
	int ret;

	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(TRN_HOST_ADDR_BITS));
	if (ret) {
		drm_err(&tdev->drm, "host does not support %u-bit DMA: %d\n",
			TRN_HOST_ADDR_BITS, ret);
		return ret;
	}
	dma_set_max_seg_size(dev, UINT_MAX);
	return trn_device_check_dma(tdev);
}

static int trn_device_check_bar(struct trn_device *tdev, int bar, u64 min)
{
	u64 size = pci_resource_len(tdev->pdev, bar);

	if (size && size >= min)
		return 0;
	drm_err(&tdev->drm, "BAR %d has %#llx bytes, needs at least %#llx (unassigned?)\n",
		bar, size, min);
	return -ENODEV;
}

static int trn_device_map(struct trn_device *tdev)
{
	struct pci_dev *pdev = tdev->pdev;
	int ret;

	ret = trn_device_check_bar(tdev, TRN_BAR_REGS, TRN_BAR0_SIZE) ?:
	      trn_device_check_bar(tdev, TRN_BAR_TRNX, TRNX_BAR_SIZE) ?:
	      trn_device_check_bar(tdev, TRN_BAR_HBM, PAGE_SIZE);
	if (ret)
		return ret;
	ret = trn_io_init(tdev) ?:
	      trn_io_map(tdev, TRN_BAR0_APB_IO0 + TRN_APB_IO_MISC_RAM) ?:
	      trn_io_map(tdev, TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET);
	if (ret)
		return ret;
	tdev->trnx = pcim_iomap_region(pdev, TRN_BAR_TRNX, "trn");
	if (IS_ERR(tdev->trnx))
		return PTR_ERR(tdev->trnx);
	ret = pcim_request_region(pdev, TRN_BAR_HBM, "trn");
	if (ret)
		return ret;
	tdev->bar4 = pci_resource_start(pdev, TRN_BAR_HBM);
	tdev->bar4_size = pci_resource_len(pdev, TRN_BAR_HBM);
	/* Page frames of BAR4 are mapped write-combining, which needs this. */
	return devm_arch_io_reserve_memtype_wc(&pdev->dev, tdev->bar4, tdev->bar4_size);
}

static const struct trn_upcalls trn_device_upcalls = {
	.event = trn_queue_event,
	.events_lost = trn_queue_events_lost,
	.recover = trn_reset_device,
	.check_reset = trn_reset_check,
	.import_ops = &trn_import_ops,
};

static void trn_device_fini_hbm(struct drm_device *drm, void *arg)
{
	trn_hbm_fini(arg);
}

static int trn_device_register_dmem(struct trn_device *tdev, u32 stack)
{
	struct trn_hbm *hbm = &tdev->hbm[stack];
	char name[16];

	snprintf(name, sizeof(name), "hbm%u", stack);
	hbm->dmem = trn_dmem_register(&tdev->drm, name, hbm->size);
	return PTR_ERR_OR_ZERO(hbm->dmem);
}

/* Allocators outlive the bound device, because open files still free BOs. */
static int trn_device_init_hbm(struct trn_device *tdev)
{
	const struct trn_geometry *geo = &tdev->geo;
	u32 stack;
	int ret;

	tdev->hbm = drmm_kcalloc(&tdev->drm, geo->num_stacks, sizeof(*tdev->hbm), GFP_KERNEL);
	if (!tdev->hbm)
		return -ENOMEM;
	for (stack = 0; stack < geo->num_stacks; stack++) {
		u64 start = stack * geo->hbm_stride + geo->hbm_reserved;
		u64 size = geo->hbm_size - geo->hbm_reserved;
		u64 visible = tdev->bar4_size > start ? tdev->bar4_size - start : 0;

		visible = min3(visible, size,
			       geo->hbm_stride > geo->hbm_reserved ?
			       geo->hbm_stride - geo->hbm_reserved : 0);
		ret = trn_hbm_init(&tdev->hbm[stack], size, visible);
		if (ret)
			return ret;
		ret = drmm_add_action_or_reset(&tdev->drm, trn_device_fini_hbm,
					       &tdev->hbm[stack]) ?:
		      trn_device_register_dmem(tdev, stack);
		if (ret)
			return ret;
	}
	return 0;
}

static void trn_device_free_wq(struct drm_device *drm, void *arg)
{
	destroy_workqueue(arg);
}

static int trn_device_alloc_wq(struct trn_device *tdev, const char *name, unsigned int flags,
			       struct workqueue_struct **wq)
{
	*wq = alloc_workqueue("%s", WQ_UNBOUND | flags, 0, name);
	if (!*wq)
		return -ENOMEM;
	return drmm_add_action_or_reset(&tdev->drm, trn_device_free_wq, *wq);
}

static int trn_device_init_software(struct trn_device *tdev)
{
	u32 engine;

	tdev->upcalls = &trn_device_upcalls;
	tdev->max_hbm_bytes = S64_MAX;
	tdev->max_job_ms = TRN_JOB_MS_DEFAULT;
	/* Half of all hardware queues, so that one user cannot take all. */
	tdev->max_user_queues = tdev->geo.num_engines * tdev->geo.queues_per_engine / 2;
	init_rwsem(&tdev->reset_sem);
	init_waitqueue_head(&tdev->resumed);
	INIT_WORK(&tdev->check_work, trn_reset_check_work);
	INIT_DELAYED_WORK(&tdev->health_work, trn_reset_health_work);
	init_rwsem(&tdev->hbm_sem);
	mutex_init(&tdev->engines_lock);
	mutex_init(&tdev->vmas_lock);
	mutex_init(&tdev->bos_lock);
	INIT_LIST_HEAD(&tdev->bos);
	mutex_init(&tdev->detach_lock);
	mutex_init(&tdev->imports_lock);
	INIT_LIST_HEAD(&tdev->imports);
	mutex_init(&tdev->revoke_lock);
	mutex_init(&tdev->exports_lock);
	INIT_LIST_HEAD(&tdev->exports);
	INIT_WORK(&tdev->revoke_work, trn_export_revoke_work);
	xa_init(&tdev->hw_queues);
	xa_init_flags(&tdev->users, XA_FLAGS_ACCOUNT);
	INIT_WORK(&tdev->quiesce_work, trn_queue_quiesce_work);
	for (engine = 0; engine < TRN_NUM_ENGINES; engine++)
		tdev->engines[engine].base = trn_udma_engine_base(engine);
	/* Memory reclaim may wait for fences, which depend on the first workqueue only. */
	return trn_device_alloc_wq(tdev, "trn", WQ_MEM_RECLAIM, &tdev->wq) ?:
	       trn_device_alloc_wq(tdev, "trn_free", 0, &tdev->free_wq) ?:
	       trn_device_alloc_wq(tdev, "trn_user", 0, &tdev->user_wq);
}

/* Start MMU and interrupts. */
static int trn_device_start(struct trn_device *tdev)
{
	int ret;

	ret = trn_mmu_init(tdev);
	if (ret)
		return ret;
	ret = trn_irq_init(tdev);
	if (ret) {
		trn_mmu_fini(tdev);
		return ret;
	}
	trn_mmu_start(tdev);
	trn_irq_start(tdev);
	return 0;
}

/**
 * trn_device_init() - Bring up the device, without registering it.
 * @tdev: with pdev set
 *
 * Return: 0 or an errno. The log has the reason.
 */
int trn_device_init(struct trn_device *tdev)
{
	u32 id;
	int ret;

	ret = trn_geometry_find(tdev, &id);
	if (ret)
		return ret;
	ret = pcim_enable_device(tdev->pdev);
	if (ret)
		return ret;
	ret = trn_device_map(tdev) ?:
	      trn_geometry_read(tdev, id) ?:
	      trn_device_set_dma_mask(tdev) ?:
	      trn_device_init_software(tdev) ?:
	      trn_device_init_hbm(tdev) ?:
	      trn_clear_init(tdev);
	if (ret)
		return ret;

	ret = trn_mbox_wait_ready(tdev) ?: trn_chip_reset(tdev);
	if (ret) {
		drm_err(&tdev->drm, "device cannot be reset: %d\n", ret);
		return ret;
	}
	trn_mbox_read_identity(tdev);

	/* Save without bus mastering: a restore comes before the reset of the device. */
	pci_save_state(tdev->pdev);
	pci_set_master(tdev->pdev);
	ret = trn_device_start(tdev);
	if (ret)
		pci_clear_master(tdev->pdev);
	return ret;
}

/*
 * Release the hardware. Open files keep the software objects.
 */
void trn_device_fini(struct trn_device *tdev)
{
	trn_export_revoke_all(tdev);
	trn_reset_remove(tdev);
	cancel_delayed_work_sync(&tdev->health_work);
	cancel_work_sync(&tdev->check_work);
	cancel_work_sync(&tdev->revoke_work);
	cancel_work_sync(&tdev->quiesce_work);
	trn_clear_fini(tdev);
	down_write(&tdev->reset_sem);
	trn_queue_free_all_memory(tdev);
	up_write(&tdev->reset_sem);
	trn_irq_fini(tdev);
	/* Events may have queued work of queues closed since. */
	flush_workqueue(tdev->wq);
	flush_workqueue(tdev->user_wq);
	flush_workqueue(tdev->free_wq);
	trn_vm_remove_all(tdev);
	trn_mmu_fini(tdev);
	trn_bo_unmap_all(tdev);
	trn_import_detach_all(tdev);
	/* Later accesses to BAR4 get SIGBUS; later stores to a doorbell have no effect. */
	unmap_mapping_range(tdev->drm.anon_inode->i_mapping, 0, 0, 1);
}
