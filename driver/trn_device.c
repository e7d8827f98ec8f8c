// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up of a PCI device as a trn_device, and the release of its hardware.
 *
 * The driver binds only to devices with the model extension (regs/trn_trnx.h). It reads the
 * geometry from the extension's identity block, and checks it like any untrusted data.
 */
#include <linux/bitfield.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <drm/drm_drv.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_io.h"
#include "hw/trn_irq.h"
#include "hw/trn_mbox.h"
#include "hw/trn_mmu.h"
#include "hw/trn_udma.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "policy/trn_clear.h"
#include "policy/trn_import.h"
#include "policy/trn_reset.h"
#include "queue/trn_queue.h"
#include "regs/trn_trnx.h"
#include "vm/trn_vm.h"

#define TRN_FEATURES_NEEDED	(TRNX_FEAT_EVENTS | TRNX_FEAT_COUNTERS | TRNX_FEAT_HALT)

/* Bytes that the driver uses of a queue control, an event queue and the identity block. */
#define TRN_QCTL_MIN_STRIDE	(TRNX_QCTL_PRIORITY + 4)
#define TRN_EQ_MIN_STRIDE	(TRNX_EQ_MODERATION + 4)
#define TRN_ID_BYTES		TRNX_ID_HBM_ADDR(TRN_NUM_HBM_STACKS)

/* HBM stack nearest to an engine (HW 0, 5.1). */
u32 trn_engine_stack(const struct trn_device *tdev, u32 engine)
{
	u32 stack = engine < tdev->geo.first_h2t ? engine / TRN_ENGINES_PER_SENG :
		    engine - tdev->geo.first_h2t;

	return min(stack, tdev->geo.num_stacks - 1);
}

/*
 * User-mode queues need VMs, and doorbell pages that are page-aligned, so that mapping one
 * exposes no other.
 */
bool trn_device_has_user_queues(const struct trn_device *tdev)
{
	return trn_mmu_has_vms(tdev) &&
	       IS_ALIGNED(tdev->geo.doorbell_base | tdev->geo.doorbell_stride, PAGE_SIZE);
}

/*
 * A BO is shared with the device as long as it lives. The driver does not synchronise bounce
 * buffers or caches, so the host must need neither.
 */
static int trn_device_check_dma(struct trn_device *tdev)
{
	struct device *dev = tdev->drm.dev;

	if (dma_max_mapping_size(dev) != SIZE_MAX) {
		drm_err(&tdev->drm, "host leads DMA of this device through bounce buffers, which this driver cannot use\n");
		return -EOPNOTSUPP;
	}
	if (!dev_is_dma_coherent(dev)) {
		drm_err(&tdev->drm, "host does not keep caches coherent with DMA, which this driver needs\n");
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

/* Find the trnx capability; @offset gets the offset of the identity block in BAR2. */
static int trn_device_find_trnx(struct trn_device *tdev, u32 *offset)
{
	struct pci_dev *pdev = tdev->pdev;
	u32 magic, bar;
	u16 pos, major;

	pos = pci_find_vsec_capability(pdev, TRN_PCI_VENDOR_ID, TRNX_VSEC_ID);
	if (!pos) {
		drm_err(&tdev->drm, "no trnx capability: not a software device, leaving it alone\n");
		return -ENODEV;
	}
	pci_read_config_dword(pdev, pos + TRNX_VSEC_MAGIC, &magic);
	pci_read_config_dword(pdev, pos + TRNX_VSEC_BAR, &bar);
	pci_read_config_dword(pdev, pos + TRNX_VSEC_OFFSET, offset);
	if (magic != TRNX_MAGIC) {
		drm_err(&tdev->drm, "trnx capability has magic %#x instead of %#x\n", magic,
			TRNX_MAGIC);
		return -ENODEV;
	}
	major = FIELD_GET(TRNX_VSEC_BAR_MAJOR, bar);
	if (major != TRNX_VERSION_MAJOR) {
		drm_err(&tdev->drm, "trnx version %u is not known, only %u\n", major,
			TRNX_VERSION_MAJOR);
		return -ENODEV;
	}
	if (FIELD_GET(TRNX_VSEC_BAR_NUM, bar) != TRN_BAR_TRNX) {
		drm_err(&tdev->drm, "trnx is in BAR %lu instead of %u\n",
			FIELD_GET(TRNX_VSEC_BAR_NUM, bar), TRN_BAR_TRNX);
		return -ENODEV;
	}
	return 0;
}

static int trn_device_check_bar(struct trn_device *tdev, int bar, u64 min)
{
	u64 size = pci_resource_len(tdev->pdev, bar);

	if (size && size >= min)
		return 0;
	drm_err(&tdev->drm, "BAR %d has %#llx bytes, at least %#llx are needed; was it assigned?\n",
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

static void trn_device_read_geometry(struct trn_device *tdev, u32 id)
{
	struct trn_geometry *geo = &tdev->geo;
	u32 engines = trnx_read(tdev, id + TRNX_ID_ENGINES);
	u32 queues = trnx_read(tdev, id + TRNX_ID_QUEUES);
	u32 cores = trnx_read(tdev, id + TRNX_ID_CORES);
	u32 stack;

	geo->features = trnx_read64(tdev, id + TRNX_ID_FEATURES);
	geo->generation = trnx_read(tdev, id + TRNX_ID_GENERATION);
	geo->num_engines = FIELD_GET(GENMASK(15, 0), engines);
	geo->first_h2t = FIELD_GET(GENMASK(31, 16), engines);
	geo->queues_per_engine = FIELD_GET(GENMASK(15, 0), queues);
	geo->num_event_queues = FIELD_GET(GENMASK(31, 16), queues);
	geo->num_cores = FIELD_GET(GENMASK(15, 0), cores);
	geo->num_stacks = FIELD_GET(GENMASK(31, 24), cores);
	geo->hbm_size = trnx_read64(tdev, id + TRNX_ID_HBM_SIZE);
	geo->hbm_stride = trnx_read64(tdev, id + TRNX_ID_HBM_STRIDE);
	geo->hbm_reserved = trnx_read64(tdev, id + TRNX_ID_HBM_RESERVED);
	geo->qctl_base = trnx_read(tdev, id + TRNX_ID_QCTL_BASE);
	geo->qctl_stride = trnx_read(tdev, id + TRNX_ID_QCTL_STRIDE);
	geo->doorbell_base = trnx_read(tdev, id + TRNX_ID_DOORBELL_BASE);
	geo->doorbell_stride = trnx_read(tdev, id + TRNX_ID_DOORBELL_STRIDE);
	geo->eq_base = trnx_read(tdev, id + TRNX_ID_EQ_BASE);
	geo->eq_stride = trnx_read(tdev, id + TRNX_ID_EQ_STRIDE);
	for (stack = 0; stack < min(geo->num_stacks, TRN_NUM_HBM_STACKS); stack++)
		geo->hbm_addr[stack] = trnx_read64(tdev, id + TRNX_ID_HBM_ADDR(stack));
}

/* Whether an array of register blocks fits into BAR2. */
static bool trn_blocks_fit(u64 base, u64 stride, u64 min_stride, u64 num)
{
	return IS_ALIGNED(base, 8) && IS_ALIGNED(stride, 8) && stride >= min_stride &&
	       base + num * stride <= TRNX_BAR_SIZE;
}

static bool trn_hbm_is_sane(const struct trn_geometry *geo)
{
	u64 top = TRN_CHIP_DIE << 1;
	u32 i, j;

	if (!IS_ALIGNED(geo->hbm_size | geo->hbm_stride | geo->hbm_reserved, PAGE_SIZE) ||
	    geo->hbm_reserved >= geo->hbm_size || geo->hbm_size >= top)
		return false;
	for (i = 0; i < geo->num_stacks; i++) {
		u64 addr = geo->hbm_addr[i];

		if (!IS_ALIGNED(addr, PAGE_SIZE) || addr & TRN_CHIP_HOST || addr >= top ||
		    (addr & TRN_CHIP_HOST_ADDR) + geo->hbm_size > TRN_CHIP_HOST)
			return false;
		for (j = 0; j < i; j++)
			if (addr < geo->hbm_addr[j] + geo->hbm_size &&
			    geo->hbm_addr[j] < addr + geo->hbm_size)
				return false;
	}
	return true;
}

/* Returns the name of the wrong property, or NULL. */
static const char *trn_geometry_problem(const struct trn_geometry *geo)
{
	if (~geo->features & TRN_FEATURES_NEEDED)
		return "event queues, completion counters or halting are missing";
	if (geo->generation != 2 && geo->generation != 3)
		return "generation is neither 2 nor 3";
	if (geo->first_h2t != TRN_NUM_CORE_ENGINES || geo->num_engines > TRN_NUM_ENGINES ||
	    geo->num_cores * TRN_ENGINES_PER_CORE != geo->first_h2t)
		return "engines and cores are not where this driver knows them";
	if (!geo->queues_per_engine || geo->queues_per_engine > TRN_QUEUES_PER_ENGINE)
		return "number of queues per engine";
	if (!geo->num_stacks || geo->num_stacks > TRN_NUM_HBM_STACKS ||
	    geo->num_engines < geo->first_h2t + geo->num_stacks)
		return "number of HBM stacks, each of which needs an H2T engine";
	if (!trn_hbm_is_sane(geo))
		return "size or place of HBM";
	if (!geo->num_event_queues || geo->num_event_queues > TRNX_NUM_EQ ||
	    !trn_blocks_fit(geo->eq_base, geo->eq_stride, TRN_EQ_MIN_STRIDE,
			    geo->num_event_queues))
		return "event queue blocks";
	if (!trn_blocks_fit(geo->qctl_base, geo->qctl_stride, TRN_QCTL_MIN_STRIDE,
			    trn_hw_index(geo->num_engines, 0)))
		return "queue control blocks";
	if (geo->features & TRNX_FEAT_DOORBELLS &&
	    !trn_blocks_fit(geo->doorbell_base, geo->doorbell_stride, TRNX_DOORBELL_BOTH + 8,
			    trn_hw_index(geo->num_engines, 0)))
		return "doorbell pages";
	return NULL;
}

static int trn_device_identify(struct trn_device *tdev, u32 id)
{
	const char *problem;

	if (!trn_blocks_fit(id, TRN_ID_BYTES, TRN_ID_BYTES, 1)) {
		drm_err(&tdev->drm, "trnx identity block is outside its BAR\n");
		return -ENODEV;
	}
	tdev->geo.id_base = id;
	if (trnx_read(tdev, id + TRNX_ID_MAGIC) != TRNX_MAGIC) {
		drm_err(&tdev->drm, "trnx identity block has a wrong magic\n");
		return -ENODEV;
	}
	trn_device_read_geometry(tdev, id);
	problem = trn_geometry_problem(&tdev->geo);
	if (problem) {
		drm_err(&tdev->drm, "cannot drive this geometry: %s\n", problem);
		return -ENODEV;
	}
	return 0;
}

static void trn_device_fini_hbm(struct drm_device *drm, void *arg)
{
	trn_hbm_fini(arg);
}

static int trn_device_register_dmem(struct trn_device *tdev, u32 stack)
{
	struct trn_hbm *hbm = &tdev->hbm[stack];
	char name[8];

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

	ret = trn_device_find_trnx(tdev, &id);
	if (ret)
		return ret;
	ret = pcim_enable_device(tdev->pdev);
	if (ret)
		return ret;
	ret = trn_device_map(tdev) ?:
	      trn_device_identify(tdev, id) ?:
	      trn_device_set_dma_mask(tdev) ?:
	      trn_device_init_software(tdev) ?:
	      trn_device_init_hbm(tdev);
	if (ret)
		return ret;
	trn_clear_init(tdev);

	ret = trn_mbox_wait_ready(tdev) ?: trn_reset_chip(tdev);
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
