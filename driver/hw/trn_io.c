// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of the registers in BAR0.
 *
 * BAR0 has 4 GiB, of which few are used, in blocks of the size of an engine. Each such
 * piece is mapped at its first use and stays mapped until the driver unbinds. Mapping
 * allocates memory, so it happens when hardware is claimed, before any fence depends on it.
 */
#include <linux/pci.h>
#include <drm/drm_drv.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "hw/trn_io.h"

int trn_io_init(struct trn_device *tdev)
{
	int ret;

	tdev->regs = drmm_kcalloc(&tdev->drm, TRN_BAR0_SIZE >> TRN_IO_PIECE_SHIFT,
				  sizeof(*tdev->regs), GFP_KERNEL);
	if (!tdev->regs)
		return -ENOMEM;
	ret = drmm_mutex_init(&tdev->drm, &tdev->io_lock);
	return ret ?: pcim_request_region(tdev->pdev, TRN_BAR_REGS, "trn");
}

/**
 * trn_io_map() - Make registers of BAR0 accessible.
 * @tdev: the device
 * @offset: of a register; the whole piece around it is mapped
 *
 * Return: 0, -ENOMEM, or -ENODEV the driver is unbinding.
 */
int trn_io_map(struct trn_device *tdev, u64 offset)
{
	resource_size_t start = pci_resource_start(tdev->pdev, TRN_BAR_REGS);
	void __iomem **piece = &tdev->regs[offset >> TRN_IO_PIECE_SHIFT];
	int ret = 0;
	int idx;

	/* Unbinding unmaps all pieces, so none may be mapped after it. */
	if (!drm_dev_enter(&tdev->drm, &idx))
		return -ENODEV;
	mutex_lock(&tdev->io_lock);
	if (!*piece)
		*piece = devm_ioremap(tdev->drm.dev,
				      start + round_down(offset, TRN_IO_PIECE_SIZE),
				      TRN_IO_PIECE_SIZE);
	if (!*piece)
		ret = -ENOMEM;
	mutex_unlock(&tdev->io_lock);
	drm_dev_exit(idx);
	return ret;
}
