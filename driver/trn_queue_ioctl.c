// SPDX-License-Identifier: GPL-2.0-only
/*
 * QUEUE_CREATE, QUEUE_DESTROY, QUEUE_GET_STATE and QUEUE_NOTIFY.
 */
#include <linux/capability.h>
#include <linux/nospec.h>
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_user.h"
#include "hw/trn_engine.h"
#include "hw/trn_mmu.h"
#include "queue/trn_doorbell.h"
#include "queue/trn_kqueue.h"
#include "queue/trn_queue.h"
#include "queue/trn_uqueue.h"
#include "regs/trn_udma.h"
#include "trn_ioctl.h"
#include "vm/trn_vm.h"

/* Limit of timeout_ms as passed; the kernel lowers it to TRN_TIMEOUT_MS_MAX. */
#define TRN_TIMEOUT_MS_ACCEPTED	3600000

/* Check the engine id, or the class and the regions to choose an engine by. */
static int trn_queue_check_engine(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	const struct trn_geometry *geo = &tdev->geo;

	if (args->engine != DRM_TRN_NONE) {
		if (args->engine >= geo->num_engines || args->engine_class || args->placement)
			return trn_refuse(&tdev->drm, -EINVAL,
					  "engine=%u engine_class=%u placement=%#llx",
					  args->engine, args->engine_class, args->placement);
		args->engine = array_index_nospec(args->engine, geo->num_engines);
		return 0;
	}
	if (args->engine_class > DRM_TRN_ENGINE_CLASS_H2T)
		return trn_refuse(&tdev->drm, -EINVAL, "engine_class=%u", args->engine_class);
	/* The last region is not a stack: alone, it allows no engine. */
	if (args->placement > GENMASK_ULL(geo->num_stacks, 0) ||
	    args->placement == BIT_ULL(geo->num_stacks))
		return trn_refuse(&tdev->drm, -EINVAL, "placement=%#llx", args->placement);
	return 0;
}

static int trn_queue_check_priority(struct trn_device *tdev, u32 priority)
{
	if (priority > DRM_TRN_QUEUE_PRIORITY_HIGH)
		return trn_refuse(&tdev->drm, -EINVAL, "priority=%u", priority);
	if (priority == DRM_TRN_QUEUE_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return trn_refuse(&tdev->drm, -EACCES, "priority=%u without CAP_SYS_NICE",
				  priority);
	return 0;
}

static int trn_queue_check_ring(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	bool is_user = args->mode == DRM_TRN_QUEUE_MODE_USER;

	if (!args->ring_size && !is_user)
		args->ring_size = TRN_RING_SIZE_DEFAULT;
	if (args->ring_size < TRN_RING_SIZE_MIN || args->ring_size > TRN_RING_SIZE_MAX ||
	    args->ring_size % TRN_RING_GRANULE)
		return trn_refuse(&tdev->drm, -EINVAL, "ring_size=%u", args->ring_size);
	if (is_user ? args->ring_va % TRN_RING_ALIGN : args->ring_va || args->vm_id)
		return trn_refuse(&tdev->drm, -EINVAL, "mode=%u ring_va=%#llx vm_id=%u",
				  args->mode, args->ring_va, args->vm_id);
	return 0;
}

static int trn_queue_check_args(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	int ret;

	if (args->flags || args->pad || args->mode > DRM_TRN_QUEUE_MODE_USER)
		return trn_refuse(&tdev->drm, -EINVAL, "flags=%#x pad=%#x mode=%u", args->flags,
				  args->pad, args->mode);
	if (args->mode == DRM_TRN_QUEUE_MODE_USER && !trn_mmu_has_user_queues(tdev))
		return trn_refuse(&tdev->drm, -EOPNOTSUPP, "mode=%u without CAP_USER_QUEUES",
				  args->mode);
	ret = trn_queue_check_engine(tdev, args) ?: trn_queue_check_ring(tdev, args);
	if (ret)
		return ret;
	if (!args->timeout_ms)
		args->timeout_ms = TRN_TIMEOUT_MS_DEFAULT;
	if (args->timeout_ms > TRN_TIMEOUT_MS_ACCEPTED)
		return trn_refuse(&tdev->drm, -EINVAL, "timeout_ms=%u", args->timeout_ms);
	return trn_queue_check_priority(tdev, args->priority);
}

/* Charge a queue to its user; CAP_SYS_RESOURCE lifts the limit. */
static int trn_queue_charge(struct trn_device *tdev, const struct trn_user *user)
{
	s64 limit = capable(CAP_SYS_RESOURCE) ? S64_MAX : READ_ONCE(tdev->max_user_queues);

	if (trn_budget_charge_up_to(user->queues, 1, limit))
		return trn_refuse(&tdev->drm, -EDQUOT, "user has max_user_queues=%lld", limit);
	return 0;
}

/* Claim a hardware queue and start it. */
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
	ret = trn_engine_claim(tdev, &filter, &args->engine, &args->hw_queue);
	if (ret) {
		trn_refuse(&tdev->drm, ret, "engine=%u engine_class=%u placement=%#llx",
			   args->engine, args->engine_class, args->placement);
		goto err_uncharge;
	}
	params->engine = args->engine;
	params->hw_queue = args->hw_queue;
	queue = params->vm ? trn_uqueue_create(tdev, params) : trn_kqueue_create(tdev, params);
	if (!IS_ERR(queue))
		return queue;
	ret = PTR_ERR(queue);
	trn_engine_release(tdev, args->engine, args->hw_queue);
err_uncharge:
	trn_budget_uncharge(params->tfile->user->queues, 1);
	return ERR_PTR(ret);
}

/* Make a queue with an id and a timeline in the file. */
static int trn_queue_add(struct trn_device *tdev, struct drm_file *file,
			 struct trn_queue_params *params, struct drm_trn_queue_create *args)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_queue *queue;
	int ret;

	/* Reserve the id first, so that publishing the queue cannot fail. */
	ret = xa_alloc(&tfile->queues, &params->id, NULL, XA_LIMIT(1, TRN_MAX_QUEUES),
		       GFP_KERNEL_ACCOUNT);
	if (ret == -EBUSY)
		return trn_refuse(&tdev->drm, -EMFILE, "file has max_queues=%u", TRN_MAX_QUEUES);
	if (ret)
		return ret;
	queue = trn_queue_create(tdev, params, args);
	if (IS_ERR(queue)) {
		ret = PTR_ERR(queue);
		goto err_release_id;
	}
	/* Last, because a handle cannot be taken back. */
	ret = drm_syncobj_get_handle(file, params->syncobj, &args->syncobj);
	if (ret)
		goto err_close;
	args->queue_id = params->id;
	args->doorbell_offset = params->vm ? trn_doorbell_offset(queue) : 0;
	args->record_offset = params->vm ? trn_doorbell_record_offset(queue) : 0;
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
		return trn_refuse(drm, -EPERM, "file has max_faults=%u", TRN_MAX_FAULTS);
	params.ring_size = args->ring_size;
	params.timeout_ms = args->timeout_ms;
	params.priority = args->priority;
	params.ring_va = args->ring_va;
	if (args->mode == DRM_TRN_QUEUE_MODE_USER) {
		params.vm = trn_vm_lookup(file, args->vm_id);
		if (!params.vm)
			return trn_refuse(drm, -ENOENT, "vm_id=%u", args->vm_id);
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
		return trn_refuse(drm, -EINVAL, "pad=%#x", args->pad);
	/* A plain erase would free an id reserved by a creation in progress. */
	xa_lock(&tfile->queues);
	queue = xa_load(&tfile->queues, args->queue_id);
	if (queue)
		__xa_erase(&tfile->queues, args->queue_id);
	xa_unlock(&tfile->queues);
	if (!queue)
		return trn_refuse(drm, -ENOENT, "queue_id=%u", args->queue_id);
	trn_queue_close(queue);
	return 0;
}

int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_queue_get_state *args = data;
	struct trn_queue *queue = trn_queue_lookup(file, args->queue_id);
	int ret;

	if (!queue)
		return trn_refuse(drm, -ENOENT, "queue_id=%u", args->queue_id);
	ret = mutex_lock_interruptible(&queue->lock);
	if (ret)
		goto out_put;
	if (queue->state == TRN_QUEUE_READY &&
	    queue->ops->mode == DRM_TRN_QUEUE_MODE_USER)
		trn_queue_poll_locked(queue);
	*args = (struct drm_trn_queue_get_state) {
		.queue_id = args->queue_id,
		.state = trn_queue_uapi_state(queue->state),
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
	/* The points counted in the reply must be on the timeline. */
	trn_queue_deliver(queue);
out_put:
	trn_queue_put(queue);
	return ret;
}

int trn_queue_notify_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_queue_notify *args = data;
	struct trn_queue *queue;
	int ret;

	if (args->flags || !args->point)
		return trn_refuse(drm, -EINVAL, "flags=%#x point=%llu", args->flags, args->point);
	queue = trn_queue_lookup(file, args->queue_id);
	if (!queue)
		return trn_refuse(drm, -ENOENT, "queue_id=%u", args->queue_id);
	if (queue->ops->mode == DRM_TRN_QUEUE_MODE_USER)
		ret = trn_uqueue_notify(to_trn_uqueue(queue), args->point);
	else
		ret = trn_refuse(drm, -EOPNOTSUPP, "queue_id=%u is in kernel mode",
				 args->queue_id);
	trn_queue_put(queue);
	return ret;
}
