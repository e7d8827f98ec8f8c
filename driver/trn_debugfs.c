// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs files with the state of queues, HBM and address spaces.
 */
#include <linux/seq_file.h>
#include <drm/drm_debugfs.h>
#include <drm/drm_print.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "mem/trn_hbm.h"
#include "queue/trn_queue.h"
#include "trn_drv.h"
#include "vm/trn_vm.h"

static void trn_debugfs_show_queue(struct seq_file *m, struct trn_queue *queue)
{
	bool is_user = queue->ops->mode == DRM_TRN_QUEUE_MODE_USER;

	mutex_lock(&queue->lock);
	seq_printf(m, "%6u %5u %6s %5u %7u %12llu %12llu %12llu %5d\n", queue->engine,
		   queue->hw_queue, is_user ? "user" : "kernel", trn_queue_uapi_state(queue->state),
		   queue->ring_size, queue->submitted, queue->completed, queue->notify_count,
		   queue->point_error);
	mutex_unlock(&queue->lock);
}

static int trn_debugfs_queues(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct trn_device *tdev = to_trn_device(entry->dev);
	struct trn_queue *queue;
	u32 index;

	seq_puts(m, "engine queue   mode state    ring    submitted    completed       notify error\n");
	for (index = 0; index < trn_hw_index(tdev->geo.num_engines, 0); index++) {
		queue = trn_queue_get_by_hw(tdev, index);
		if (!queue)
			continue;
		trn_debugfs_show_queue(m, queue);
		trn_queue_put(queue);
	}
	return 0;
}

static int trn_debugfs_hbm(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct trn_device *tdev = to_trn_device(entry->dev);
	struct drm_printer p = drm_seq_file_printer(m);
	u32 stack;

	for (stack = 0; stack < tdev->geo.num_stacks; stack++) {
		struct trn_hbm *hbm = &tdev->hbm[stack];

		mutex_lock(&hbm->lock);
		seq_printf(m, "stack %u: %llu of %llu bytes free\n", stack, hbm->mm.avail,
			   hbm->size);
		drm_buddy_print(&hbm->mm, &p);
		mutex_unlock(&hbm->lock);
	}
	return 0;
}

/* The column bo is a hashed pointer, which identifies a BO but is not an address. */
static void trn_debugfs_show_vas(struct seq_file *m, struct trn_vm *vm)
{
	struct drm_gpuva *va;

	lockdep_assert_held(&vm->lock);

	seq_puts(m, "             address                size           bo offset  bo\n");
	drm_gpuvm_for_each_va(va, &vm->base)
		seq_printf(m, "  0x%016llx  0x%016llx  0x%016llx  %p\n", va->va.addr,
			   va->va.range, va->gem.offset, va->gem.obj);
}

static int trn_debugfs_vms(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct trn_device *tdev = to_trn_device(entry->dev);
	struct trn_vm *vm;
	u32 asid = 0;

	while ((vm = trn_vm_next(tdev, &asid))) {
		mutex_lock(&vm->lock);
		seq_printf(m, "ASID %u, tables of its file: %lld of %lld bytes\n", asid,
			   atomic64_read(&vm->pgt.memory.budget->used),
			   vm->pgt.memory.budget->limit);
		trn_debugfs_show_vas(m, vm);
		mutex_unlock(&vm->lock);
		drm_gpuvm_put(&vm->base);
	}
	return 0;
}

static const struct drm_debugfs_info trn_debugfs_files[] = {
	{ "queues", trn_debugfs_queues },
	{ "hbm", trn_debugfs_hbm },
	{ "vms", trn_debugfs_vms },
};

/* Called before the device is registered. */
void trn_debugfs_init(struct drm_device *drm)
{
	drm_debugfs_add_files(drm, trn_debugfs_files, ARRAY_SIZE(trn_debugfs_files));
}
