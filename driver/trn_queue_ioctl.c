// SPDX-License-Identifier: GPL-2.0-only
/*
 * QUEUE_CREATE, QUEUE_DESTROY and QUEUE_GET_STATE.
 */
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "regs/trn_udma.h"
#include "trn_device.h"
#include "trn_drv.h"
#include "trn_kqueue.h"
#include "trn_queue.h"

static int trn_queue_check_args(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	if (args->flags || args->vm_id || args->pad || args->ring_va ||
	    args->mode != DRM_TRN_QUEUE_KERNEL)
		return -EINVAL;
	if (args->engine_class || args->priority || args->placement)
		return -EINVAL;
	if (args->engine != DRM_TRN_NONE && args->engine >= tdev->geo.num_engines)
		return -EINVAL;
	if (!args->ring_size)
		args->ring_size = TRN_RING_SIZE_DEFAULT;
	if (args->ring_size < TRN_RING_SIZE_MIN || args->ring_size > TRN_RING_SIZE_MAX ||
	    args->ring_size % TRN_RING_GRANULE)
		return -EINVAL;
	if (!args->timeout_ms)
		args->timeout_ms = TRN_TIMEOUT_MS_DEFAULT;
	return args->timeout_ms > TRN_TIMEOUT_MS_MAX ? -EINVAL : 0;
}

/* Takes a hardware queue and starts it. */
static struct trn_queue *trn_queue_create(struct trn_device *tdev, struct drm_syncobj *syncobj,
					  struct drm_trn_queue_create *args)
{
	struct trn_queue_params params = {
		.ring_size = args->ring_size,
		.timeout_ms = args->timeout_ms,
		.syncobj = syncobj,
	};
	struct trn_queue *queue;
	int ret;

	ret = trn_udma_claim(tdev, &args->engine, &args->hw_queue);
	if (ret)
		return ERR_PTR(ret);
	params.engine = args->engine;
	params.hw_queue = args->hw_queue;
	queue = trn_kqueue_create(tdev, &params);
	if (IS_ERR(queue))
		trn_udma_release(tdev, args->engine, args->hw_queue);
	return queue;
}

int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_queue_create *args = data;
	struct drm_syncobj *syncobj;
	struct trn_queue *queue;
	int ret;

	ret = trn_queue_check_args(tdev, args);
	if (ret)
		return ret;
	ret = drm_syncobj_create(&syncobj, 0, NULL);
	if (ret)
		return ret;

	/* Reserve the id first, so that publishing the queue cannot fail. */
	ret = xa_alloc(&tfile->queues, &args->queue_id, NULL, XA_LIMIT(1, TRN_MAX_QUEUES),
		       GFP_KERNEL_ACCOUNT);
	if (ret) {
		ret = ret == -EBUSY ? -EMFILE : ret;
		goto out_put;
	}
	queue = trn_queue_create(tdev, syncobj, args);
	if (IS_ERR(queue)) {
		ret = PTR_ERR(queue);
		goto err_release_id;
	}
	/* Last: there is no way to take a handle back. */
	ret = drm_syncobj_get_handle(file, syncobj, &args->syncobj);
	if (ret)
		goto err_close;

	xa_store(&tfile->queues, args->queue_id, queue, GFP_KERNEL);
	goto out_put;

err_close:
	trn_queue_close(queue);
err_release_id:
	xa_release(&tfile->queues, args->queue_id);
out_put:
	drm_syncobj_put(syncobj);
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
	/* A stuck queue is not declared dead before its points are signalled. */
	args->state = queue->stuck ? DRM_TRN_QUEUE_READY : queue->state;
	args->submitted = queue->submitted;
	args->completed = queue->completed;
	args->error_point = queue->error_point;
	args->error = queue->point_error;
	args->fault_code = queue->fault.code;
	args->fault_addr = queue->fault.addr;
	mutex_unlock(&queue->lock);
out_put:
	trn_queue_put(queue);
	return ret;
}
