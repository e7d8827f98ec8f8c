// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of the device file: BOs (trn_gem_mmap.c), and below their offsets the two pages
 * of a user-mode queue (trn_doorbell.c).
 */
#include <linux/mm.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "queue/trn_doorbell.h"
#include "queue/trn_uqueue.h"
#include "trn_mmap.h"

/* The file's user-mode queue on a hardware queue, with a reference, or NULL. */
static struct trn_queue *trn_mmap_lookup(struct drm_file *file, u32 index)
{
	struct trn_queue *queue, *own;

	queue = trn_queue_get_by_hw(to_trn_device(file->minor->dev), index);
	if (!queue)
		return NULL;
	own = trn_queue_lookup(file, queue->id);
	if (own)
		trn_queue_put(own);
	if (own == queue && queue->ops->mode == DRM_TRN_QUEUE_MODE_USER)
		return queue;
	trn_queue_put(queue);
	return NULL;
}

static int trn_mmap_queue_page(struct drm_file *file, struct vm_area_struct *vma)
{
	struct trn_queue *queue;
	bool is_record;
	int ret, index;

	index = trn_doorbell_find((u64)vma->vm_pgoff << PAGE_SHIFT, &is_record);
	if (index < 0 || vma_pages(vma) != 1)
		return trn_refuse(file->minor->dev, -EINVAL, "mmap: offset page=%#lx pages=%lu",
				  vma->vm_pgoff, vma_pages(vma));
	queue = trn_mmap_lookup(file, index);
	if (!queue)
		return trn_refuse(file->minor->dev, -EINVAL, "mmap: no queue at offset page=%#lx",
				  vma->vm_pgoff);
	ret = trn_doorbell_mmap(to_trn_uqueue(queue), vma, is_record);
	if (ret) {
		trn_refuse(file->minor->dev, ret, "mmap: is_record=%d vm_flags=%#lx", is_record,
			   vma->vm_flags);
		trn_queue_put(queue);
	}
	return ret;
}

int trn_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct drm_file *file = filp->private_data;

	if (vma->vm_pgoff >= DRM_FILE_PAGE_OFFSET_START)
		return drm_gem_mmap(filp, vma);
	if (drm_dev_is_unplugged(file->minor->dev))
		return -ENODEV;
	return trn_mmap_queue_page(file, vma);
}
