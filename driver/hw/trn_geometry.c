// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device says about itself: the trnx capability and the identity block.
 *
 * Both are checked like any other foreign data. The driver drives no device without them
 * (regs/trn_trnx.h).
 */
#include <linux/bitfield.h>
#include <linux/pci.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_geometry.h"
#include "hw/trn_io.h"
#include "regs/trn_trnx.h"

#define TRN_FEATURES_NEEDED	(TRNX_FEAT_EVENTS | TRNX_FEAT_COUNTERS | TRNX_FEAT_HALT)

/* Bytes that the driver uses of a queue control, an event queue and the identity block. */
#define TRN_QCTL_MIN_STRIDE	(TRNX_QCTL_PRIORITY + 4)
#define TRN_EQ_MIN_STRIDE	(TRNX_EQ_MODERATION + 4)
#define TRN_ID_BYTES		TRNX_ID_HBM_ADDR(TRN_NUM_HBM_STACKS)

/* Find the trnx capability; @offset gets the offset of the identity block in BAR2. */
int trn_geometry_find(struct trn_device *tdev, u32 *offset)
{
	struct pci_dev *pdev = tdev->pdev;
	u32 magic, bar;
	u16 pos, major;

	pos = pci_find_vsec_capability(pdev, TRN_PCI_VENDOR_ID, TRNX_VSEC_ID);
	if (!pos) {
		drm_err(&tdev->drm, "no trnx capability: not a software device, not bound\n");
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
		drm_err(&tdev->drm, "trnx version %u is not supported, only %u\n", major,
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

static void trn_geometry_load(struct trn_device *tdev, u32 id)
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
		return "layout of engines and cores";
	if (!geo->queues_per_engine || geo->queues_per_engine > TRN_QUEUES_PER_ENGINE)
		return "number of queues per engine";
	if (!geo->num_stacks || geo->num_stacks > TRN_NUM_HBM_STACKS ||
	    geo->num_engines < geo->first_h2t + geo->num_stacks)
		return "number of HBM stacks or of H2T engines";
	if (!trn_hbm_is_sane(geo))
		return "size or address of HBM";
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

/**
 * trn_geometry_read() - Read the identity block, and check it.
 * @tdev: gets the geometry
 * @id: offset of the block in BAR2
 *
 * Return: 0, or -ENODEV after a sentence in the log.
 */
int trn_geometry_read(struct trn_device *tdev, u32 id)
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
	trn_geometry_load(tdev, id);
	problem = trn_geometry_problem(&tdev->geo);
	if (problem) {
		drm_err(&tdev->drm, "geometry is not supported: %s\n", problem);
		return -ENODEV;
	}
	return 0;
}
