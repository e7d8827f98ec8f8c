// SPDX-License-Identifier: GPL-2.0-only
/*
 * QUEUE_CREATE, QUEUE_DESTROY and QUEUE_GET_STATE.
 */
#include <linux/capability.h>
#include <linux/nospec.h>
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "base/trn_user.h"
#include "queue/trn_kqueue.h"
#include "queue/trn_queue.h"
#include "queue/trn_uqueue.h"
#include "regs/trn_udma.h"
#include "trn_drv.h"
#include "trn_mmap.h"
#include "vm/trn_vm.h"

/* Longest timeout that may be asked for; the kernel waits TRN_TIMEOUT_MS_MAX at most. */
#define TRN_TIMEOUT_MS_ACCEPTED	3600000

/* An engine, or what it shall be like. */
static int trn_queue_check_engine(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	const struct trn_geometry *geo = &tdev->geo;

	if (args->engine != DRM_TRN_NONE) {
		if (args->engine >= geo->num_engines || args->engine_class || args->placement)
			return -EINVAL;
		args->engine = array_index_nospec(args->engine, geo->num_engines);
		return 0;
	}
	if (args->engine_class > DRM_TRN_ENGINE_CLASS_H2T)
		return -EINVAL;
	/* The last region is no stack: it alone leaves no engine to choose. */
	if (args->placement > GENMASK_ULL(geo->num_stacks, 0) ||
	    args->placement == BIT_ULL(geo->num_stacks))
		return -EINVAL;
	return 0;
}

static int trn_queue_check_priority(u32 priority)
{
	if (priority > DRM_TRN_QUEUE_PRIORITY_HIGH)
		return -EINVAL;
	if (priority == DRM_TRN_QUEUE_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	return 0;
}

static int trn_queue_check_ring(struct drm_trn_queue_create *args)
{
	bool is_user = args->mode == DRM_TRN_QUEUE_MODE_USER;

	if (!args->ring_size && !is_user)
		args->ring_size = TRN_RING_SIZE_DEFAULT;
	if (args->ring_size < TRN_RING_SIZE_MIN || args->ring_size > TRN_RING_SIZE_MAX ||
	    args->ring_size % TRN_RING_GRANULE)
		return -EINVAL;
	if (is_user)
		return args->ring_va % TRN_RING_ALIGN ? -EINVAL : 0;
	return args->ring_va || args->vm_id ? -EINVAL : 0;
}

static int trn_queue_check_args(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	int ret;

	if (args->flags || args->pad || args->mode > DRM_TRN_QUEUE_MODE_USER)
		return -EINVAL;
	if (args->mode == DRM_TRN_QUEUE_MODE_USER && !trn_device_has_user_queues(tdev))
		return -EOPNOTSUPP;
	ret = trn_queue_check_engine(tdev, args) ?: trn_queue_check_ring(args);
	if (ret)
		return ret;
	if (!args->timeout_ms)
		args->timeout_ms = TRN_TIMEOUT_MS_DEFAULT;
	if (args->timeout_ms > TRN_TIMEOUT_MS_ACCEPTED)
		return -EINVAL;
	return trn_queue_check_priority(args->priority);
}

/* Count a queue as its user's, unless he is above that. */
static int trn_queue_charge(struct trn_device *tdev, const struct trn_user *user)
{
	s64 limit = capable(CAP_SYS_RESOURCE) ? S64_MAX : READ_ONCE(tdev->max_user_queues);

	return trn_budget_charge_up_to(user->queues, 1, limit);
}

/* Takes a hardware queue and starts it. */
static struct trn_queue *trn_queue_create(struct trn_device *tdev,
					  struct trn_queue_params *params,
					  struct drm_trn_queue_create *args)
{
	const struct trn_engine_filter filter = {
		.engine_class = args->engine_class,
		.stacks = args->placement & GENMASK_ULL(tdev->geo.num_stacks - 1, 0),
	};
	struct trn_queue *queue;
	int ret;

	ret = trn_queue_charge(tdev, params->tfile->user);
	if (ret)
		return ERR_PTR(ret);
	ret = trn_udma_claim(tdev, &filter, &args->engine, &args->hw_queue);
	if (ret)
		goto err_uncharge;
	params->engine = args->engine;
	params->hw_queue = args->hw_queue;
	queue = params->vm ? trn_uqueue_create(tdev, params) : trn_kqueue_create(tdev, params);
	if (!IS_ERR(queue))
		return queue;
	ret = PTR_ERR(queue);
	trn_udma_release(tdev, args->engine, args->hw_queue);
err_uncharge:
	trn_budget_uncharge(params->tfile->user->queues, 1);
	return ERR_PTR(ret);
}

/* Makes the queue and gives it to the file. */
static int trn_queue_add(struct trn_device *tdev, struct drm_file *file,
			 struct trn_queue_params *params, struct drm_trn_queue_create *args)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_queue *queue;
	int ret;

	/* Reserve the id first, so that publishing the queue cannot fail. */
	ret = xa_alloc(&tfile->queues, &params->id, NULL, XA_LIMIT(1, TRN_MAX_QUEUES),
		       GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret == -EBUSY ? -EMFILE : ret;
	queue = trn_queue_create(tdev, params, args);
	if (IS_ERR(queue)) {
		ret = PTR_ERR(queue);
		goto err_release_id;
	}
	/* Last: there is no way to take a handle back. */
	ret = drm_syncobj_get_handle(file, params->syncobj, &args->syncobj);
	if (ret)
		goto err_close;
	args->queue_id = params->id;
	args->doorbell_offset = params->vm ? trn_mmap_doorbell_offset(queue) : 0;
	args->record_offset = params->vm ? trn_mmap_record_offset(queue) : 0;
	xa_store(&tfile->queues, params->id, queue, GFP_KERNEL);
	return 0;

err_close:
	trn_queue_close(queue);
err_release_id:
	xa_release(&tfile->queues, params->id);
	return ret;
}

int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_queue_create *args = data;
	struct trn_queue_params params = { .tfile = tfile };
	int ret;

	ret = trn_queue_check_args(tdev, args);
	if (ret)
		return ret;
	if (atomic_read(&tfile->faults) >= TRN_MAX_FAULTS)
		return -EPERM;
	params.ring_size = args->ring_size;
	params.timeout_ms = args->timeout_ms;
	params.priority = args->priority;
	params.ring_va = args->ring_va;
	if (args->mode == DRM_TRN_QUEUE_MODE_USER) {
		params.vm = trn_vm_lookup(file, args->vm_id);
		if (!params.vm)
			return -ENOENT;
	}
	ret = drm_syncobj_create(&params.syncobj, 0, NULL);
	if (ret)
		goto out_put_vm;
	ret = trn_queue_add(tdev, file, &params, args);
	drm_syncobj_put(params.syncobj);
out_put_vm:
	if (params.vm)
		trn_vm_put(params.vm);
	return ret;
}

int trn_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_queue_destroy *args = data;
	struct trn_queue *queue;

	if (args->pad)
		return -EINVAL;
	/* Erasing would free an id that a creation in progress has reserved. */
	xa_lock(&tfile->queues);
	queue = xa_load(&tfile->queues, args->queue_id);
	if (queue)
		__xa_erase(&tfile->queues, args->queue_id);
	xa_unlock(&tfile->queues);
	if (!queue)
		return -ENOENT;
	trn_queue_close(queue);
	return 0;
}

int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_queue_get_state *args = data;
	struct trn_queue *queue = trn_queue_lookup(file, args->queue_id);
	int ret;

	if (!queue)
		return -ENOENT;
	ret = mutex_lock_interruptible(&queue->lock);
	if (ret)
		goto out_put;
	if (queue->state == DRM_TRN_QUEUE_STATE_READY &&
	    queue->ops->mode == DRM_TRN_QUEUE_MODE_USER)
		trn_queue_poll_locked(queue);
	*args = (struct drm_trn_queue_get_state) {
		.queue_id = args->queue_id,
		/* A stuck queue is not declared dead before its points are signalled. */
		.state = queue->stuck ? DRM_TRN_QUEUE_STATE_READY : queue->state,
		.submitted = queue->submitted,
		.completed = queue->completed,
		.error_point = queue->error_point,
		.error = queue->point_error,
		.fault_code = queue->fault.code,
		.fault_addr = queue->fault.addr,
		.fault_access = queue->fault.access,
		.reset_count = queue->reset_count,
	};
	mutex_unlock(&queue->lock);
	/* What the state tells is on the timeline. */
	trn_queue_deliver(queue);
out_put:
	trn_queue_put(queue);
	return ret;
}
