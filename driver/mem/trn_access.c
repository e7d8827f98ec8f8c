// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access of debuggers to mappings of BOs (ptrace(2), /proc/PID/mem).
 *
 * The mappings consist of page frames without references, which get_user_pages() refuses.
 * access_remote_vm() then calls vm_operations_struct.access, which is implemented here.
 */
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <drm/drm_drv.h>

#include "base/trn_device.h"
#include "mem/trn_access.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm_bo.h"

/* The bytes are inside one page. */
static int trn_access_hbm(struct trn_bo *bo, u64 offset, void *buf, size_t len, bool write)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	u32 seg = trn_bo_find_seg(bo, offset);
	u64 contiguous = len;
	void __iomem *map;
	int ret = -EIO;
	int idx;

	if (!drm_dev_enter(&tdev->drm, &idx))
		return -EIO;
	down_read(&tdev->hbm_sem);
	if (tdev->hbm_hidden || trn_device_is_dead(tdev))
		goto out_exit;
	map = ioremap_wc(trn_hbm_bo_bar4_addr(bo, trn_bo_addr(bo, &seg, offset, &contiguous)), len);
	if (map) {
		if (write)
			memcpy_toio(map, buf, len);
		else
			memcpy_fromio(buf, map, len);
		iounmap(map);
	}
	ret = map ? 0 : -ENOMEM;
out_exit:
	up_read(&tdev->hbm_sem);
	drm_dev_exit(idx);
	return ret;
}

/* The bytes are inside one page. */
static int trn_access_piece(struct trn_bo *bo, u64 offset, void *buf, size_t len, bool write)
{
	struct page *page;

	if (bo->kind == TRN_BO_HBM)
		return trn_access_hbm(bo, offset, buf, len, write);
	page = bo->pages[offset >> PAGE_SHIFT];
	if (write)
		memcpy_to_page(page, offset_in_page(offset), buf, len);
	else
		memcpy_from_page(buf, page, offset_in_page(offset), len);
	return 0;
}

/**
 * trn_gem_access() - vm_operations_struct.access of BOs.
 * @vma: mapping of an HBM or a HOST BO
 * @addr: first byte, in @vma
 * @buf: data
 * @len: bytes
 * @write: copy from @buf to the BO, else from the BO to @buf
 *
 * Return: number of bytes copied, or a negative errno.
 */
int trn_gem_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)vma->vm_private_data);
	pgoff_t first = vma->vm_pgoff - drm_vma_node_start(&bo->base.vma_node);
	u64 offset = ((u64)first << PAGE_SHIFT) + (addr - vma->vm_start);
	int done, piece, ret;

	if (write && !(vma->vm_flags & VM_MAYWRITE))
		return -EACCES;
	len = min_t(unsigned long, len, vma->vm_end - addr);
	for (done = 0; done < len; done += piece) {
		piece = min_t(int, len - done, PAGE_SIZE - offset_in_page(offset + done));
		ret = trn_access_piece(bo, offset + done, buf + done, piece, write);
		if (ret)
			return done ?: ret;
	}
	return done;
}
