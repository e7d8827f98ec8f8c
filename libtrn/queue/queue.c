// SPDX-License-Identifier: MIT
/*
 * Hardware queues. Each has a timeline: its points are submissions in kernel mode, and
 * S2M descriptors in user mode.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xf86drm.h>

#include "base/ioctl.h"
#include "base/util.h"
#include "queue/ring.h"
#include "vm/vm.h"

static_assert((int)TRN_QUEUE_STATE_READY == DRM_TRN_QUEUE_STATE_READY,
	      "states are those of the kernel");
static_assert((int)TRN_QUEUE_STATE_TIMEDOUT == DRM_TRN_QUEUE_STATE_TIMEDOUT,
	      "states are those of the kernel");
static_assert((int)TRN_QUEUE_STATE_FAULTED == DRM_TRN_QUEUE_STATE_FAULTED,
	      "states are those of the kernel");
static_assert((int)TRN_QUEUE_STATE_LOST == DRM_TRN_QUEUE_STATE_LOST,
	      "states are those of the kernel");

static_assert((int)TRN_ACCESS_TARGET == DRM_TRN_ACCESS_TARGET, "accesses are those of the kernel");
static_assert((int)TRN_ENGINE_H2T == DRM_TRN_ENGINE_CLASS_H2T, "classes are those of the kernel");
static_assert((int)TRN_PRIORITY_LOW == DRM_TRN_QUEUE_PRIORITY_LOW,
	      "priorities are those of the kernel");
static_assert((int)TRN_PRIORITY_HIGH == DRM_TRN_QUEUE_PRIORITY_HIGH,
	      "priorities are those of the kernel");

/* Descriptors on either ring of a user-mode queue: 64 MiB of copies at a time. */
#define DEFAULT_RING_SIZE 1024u

/* Bytes of the doorbell page and of the record page. */
#define PAGE_BYTES 4096

static void destroy_queue(const struct trn_device *dev, uint32_t id, uint32_t syncobj)
{
	struct drm_trn_queue_destroy args = { .queue_id = id };
	int saved = errno;

	trn_ioctl(dev, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
	drmSyncobjDestroy(dev->fd, syncobj);
	errno = saved;
}

/* Map doorbell and record in the process. On failure neither is mapped. */
static int map_pages(struct trn_queue *queue, const struct drm_trn_queue_create *args)
{
	void *doorbell, *page;
	int ret;

	ret = trn_map_file(queue->dev, args->doorbell_offset, PAGE_BYTES, PROT_WRITE, &doorbell);
	if (ret)
		return ret;
	ret = trn_map_file(queue->dev, args->record_offset, PAGE_BYTES, PROT_READ, &page);
	if (ret) {
		munmap(doorbell, PAGE_BYTES);
		return ret;
	}
	queue->doorbell = doorbell;
	queue->page = page;
	return 0;
}

/* Apply defaults to @attr, and make the rings. */
static int prepare_user_mode(struct trn_queue *queue, const struct trn_queue_attr *attr,
			     struct drm_trn_queue_create *args)
{
	const struct drm_trn_query_device *limits = &queue->dev->limits;
	int ret;

	if (attr->vm->dev != queue->dev || attr->flags & ~TRN_QUEUE_SHARED)
		return -EINVAL;
	queue->ring_size = attr->ring_size;
	if (!queue->ring_size)
		queue->ring_size = DEFAULT_RING_SIZE;
	if (queue->ring_size > limits->max_ring_size) {
		if (attr->ring_size)
			return -EINVAL;
		queue->ring_size = limits->max_ring_size;
	}
	queue->vm = attr->vm;
	ret = trn_rings_init(queue);
	if (ret)
		return ret;
	trn_vm_ref(queue->vm);
	queue->shared = attr->flags & TRN_QUEUE_SHARED;
	queue->quick_size = queue->shared ? 0 : DRM_TRN_DESC_MAX_LEN;
	queue->spin_ns = attr->spin_ns ? attr->spin_ns : TRN_SPIN_DEFAULT_NS;
	if (queue->spin_ns == TRN_SPIN_NEVER)
		queue->spin_ns = 0;
	atomic_init(&queue->spin_now, queue->spin_ns);
	args->mode = DRM_TRN_QUEUE_MODE_USER;
	args->vm_id = queue->vm->id;
	args->ring_size = queue->ring_size;
	args->ring_va = queue->ring_va;
	return 0;
}

static void forget_user_mode(struct trn_queue *queue)
{
	if (!queue->vm)
		return;
	if (queue->doorbell) {
		munmap(queue->doorbell, PAGE_BYTES);
		munmap((void *)queue->page, PAGE_BYTES);
	}
	trn_rings_fini(queue);
	trn_vm_unref(queue->vm);
}

static int create_queue(struct trn_queue *queue, struct drm_trn_queue_create *args)
{
	int ret;

	ret = trn_ioctl(queue->dev, DRM_IOCTL_TRN_QUEUE_CREATE, args);
	if (ret)
		return ret;
	queue->id = args->queue_id;
	queue->syncobj = args->syncobj;
	queue->engine = args->engine;
	queue->hw_queue = args->hw_queue;
	queue->ring_size = args->ring_size;
	if (!queue->vm)
		return 0;
	ret = map_pages(queue, args);
	if (ret)
		destroy_queue(queue->dev, queue->id, queue->syncobj);
	return ret;
}

int trn_queue_new(struct trn_device *dev, const struct trn_queue_attr *attr,
		  struct trn_queue **out)
{
	static const struct trn_queue_attr defaults;
	struct drm_trn_queue_create args = { .mode = DRM_TRN_QUEUE_MODE_KERNEL };
	struct trn_queue *queue;
	int ret = 0;

	if (!attr)
		attr = &defaults;
	if (!attr->vm && attr->flags)
		return -EINVAL;
	args.engine = attr->engine ? attr->engine - 1 : DRM_TRN_NONE;
	args.ring_size = attr->ring_size;
	args.timeout_ms = attr->timeout_ms;
	args.engine_class = attr->engine_class;
	args.priority = attr->priority;
	args.placement = attr->placement;

	queue = trn_zalloc(1, sizeof(*queue));
	if (!queue)
		return -ENOMEM;
	atomic_init(&queue->refs, 1);
	atomic_init(&queue->completed, 0);
	queue->dev = dev;
	if (attr->vm)
		ret = prepare_user_mode(queue, attr, &args);
	if (ret)
		goto err_free;
	ret = create_queue(queue, &args);
	if (ret)
		goto err_user_mode;
	trn_device_ref(dev);
	*out = queue;
	return 0;

err_user_mode:
	forget_user_mode(queue);
err_free:
	free(queue);
	return ret;
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
	/* A child of fork() has neither the rings nor the doorbell mapped. */
	if (trn_device_is_ours(queue->dev)) {
		destroy_queue(queue->dev, queue->id, queue->syncobj);
		forget_user_mode(queue);
	} else {
		trn_vm_unref(queue->vm);
	}
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

struct trn_vm *trn_queue_vm(const struct trn_queue *queue)
{
	return queue->vm;
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
		.submitted = queue->doorbell ? trn_ring_position(&queue->s2m) : args.submitted,
		.completed = args.completed,
		.error_point = args.error_point,
		.fault_code = args.fault_code,
		.fault_access = args.fault_access,
		.fault_addr = args.fault_addr,
		.reset_count = args.reset_count,
	};
	return 0;
}
