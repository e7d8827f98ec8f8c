// SPDX-License-Identifier: MIT
/*
 * Hardware queues, each with a timeline that counts its submissions.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <xf86drm.h>

#include "trn_priv.h"

static_assert((int)TRN_QUEUE_READY == DRM_TRN_QUEUE_READY, "states are those of the kernel");
static_assert((int)TRN_QUEUE_TIMEDOUT == DRM_TRN_QUEUE_TIMEDOUT, "states are those of the kernel");
static_assert((int)TRN_QUEUE_FAULTED == DRM_TRN_QUEUE_FAULTED, "states are those of the kernel");
static_assert((int)TRN_QUEUE_LOST == DRM_TRN_QUEUE_LOST, "states are those of the kernel");

static void destroy_queue(const struct trn_device *dev, uint32_t id, uint32_t syncobj)
{
	struct drm_trn_queue_destroy args = { .queue_id = id };
	int saved = errno;

	trn_ioctl(dev, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
	drmSyncobjDestroy(dev->fd, syncobj);
	errno = saved;
}

int trn_queue_new(struct trn_device *dev, const struct trn_queue_attr *attr,
		  struct trn_queue **out)
{
	struct drm_trn_queue_create args = {
		.mode = DRM_TRN_QUEUE_KERNEL,
		.engine = DRM_TRN_NONE,
	};
	struct trn_queue *queue;
	int ret;

	if (attr) {
		/* 0 is "any": less one, that is DRM_TRN_NONE. */
		args.engine = attr->engine - 1;
		args.ring_size = attr->ring_size;
		args.timeout_ms = attr->timeout_ms;
	}
	ret = trn_ioctl(dev, DRM_IOCTL_TRN_QUEUE_CREATE, &args);
	if (ret)
		return ret;
	queue = trn_zalloc(1, sizeof(*queue));
	if (!queue) {
		destroy_queue(dev, args.queue_id, args.syncobj);
		return -ENOMEM;
	}
	atomic_init(&queue->refs, 1);
	atomic_init(&queue->completed, 0);
	queue->dev = trn_device_ref(dev);
	queue->id = args.queue_id;
	queue->syncobj = args.syncobj;
	queue->engine = args.engine;
	queue->hw_queue = args.hw_queue;
	queue->ring_size = args.ring_size;
	*out = queue;
	return 0;
}

struct trn_queue *trn_queue_ref(struct trn_queue *queue)
{
	trn_ref_get(&queue->refs);
	return queue;
}

void trn_queue_unref(struct trn_queue *queue)
{
	if (!queue || !trn_ref_put(&queue->refs))
		return;
	if (trn_device_is_ours(queue->dev))
		destroy_queue(queue->dev, queue->id, queue->syncobj);
	trn_device_unref(queue->dev);
	free(queue);
}

uint32_t trn_queue_engine(const struct trn_queue *queue)
{
	return queue->engine;
}

uint32_t trn_queue_hw_queue(const struct trn_queue *queue)
{
	return queue->hw_queue;
}

uint32_t trn_queue_ring_size(const struct trn_queue *queue)
{
	return queue->ring_size;
}

uint32_t trn_queue_syncobj(const struct trn_queue *queue)
{
	return queue->syncobj;
}

int trn_queue_get_state(struct trn_queue *queue, struct trn_queue_state *state)
{
	struct drm_trn_queue_get_state args = { .queue_id = queue->id };
	int ret;

	ret = trn_ioctl(queue->dev, DRM_IOCTL_TRN_QUEUE_GET_STATE, &args);
	if (ret)
		return ret;
	*state = (struct trn_queue_state){
		.status = args.state,
		.error = args.error,
		.submitted = args.submitted,
		.completed = args.completed,
		.error_point = args.error_point,
		.fault_code = args.fault_code,
		.fault_addr = args.fault_addr,
	};
	return 0;
}
