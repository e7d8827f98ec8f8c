// SPDX-License-Identifier: MIT
/*
 * Copies between BOs, without queues and addresses in the interface.
 *
 * Each region has a group of queues on engines near it, made when it is first used. The
 * region of an operation is that of the destination, or of the source if the destination
 * is host memory. Small operations use the queues of the group in turn, large ones are
 * split over all of them. A user-mode copier has a second set of groups in kernel mode:
 * they do the fills if the device has no inline operations.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/bo.h"
#include "base/util.h"
#include "queue/queue.h"
#include "vm/vm.h"

/* Two queues keep two workers of the device busy. More help only on other engines. */
#define DEFAULT_QUEUES 2

/* An operation of at least this size is split. */
#define SPLIT_SIZE (8ull << 20)

/* A doorbell is rung after at most so many bytes, so that the device starts early. */
#define BATCH_SIZE (1ull << 20)

/* Parts of an operation have a multiple of this size: whole descriptors. */
#define PART_GRANULE 65536ull

/* Most operations between two attempts to make the missing queues. */
#define MAX_RETRY_STEP 1000u

struct group {
	struct trn_queue *queues[TRN_COPIER_MAX_QUEUES];
	uint32_t turn;		/* index of the queue for the next small operation */
	uint32_t retry_in;	/* operations until missing queues are tried again */
	uint32_t retry_step;	/* the last value that retry_in began with */
};

struct trn_copier {
	atomic_uint refs;
	struct trn_device *dev;
	struct trn_vm *vm;		/* NULL in kernel mode */
	struct trn_queue_attr attr;
	uint32_t num_queues;
	uint32_t system_region;
	pthread_mutex_t lock;		/* protects the groups, and work that goes into them */
	struct group groups[];		/* twice as many as there are regions */
};

static uint32_t num_regions(const struct trn_copier *copier)
{
	return copier->dev->limits.num_regions;
}

/* ---- lifetime ---- */

static int find_system_region(struct trn_device *dev, uint32_t *region)
{
	uint64_t placement;
	int ret;

	ret = trn_place_system(dev, &placement);
	if (!ret)
		*region = __builtin_ctzll(placement);
	return ret;
}

/* Choose the VM to copy in, or NULL for kernel mode. */
static int choose_vm(struct trn_device *dev, const struct trn_copier_attr *attr,
		     struct trn_vm **vm)
{
	bool can = dev->limits.caps & DRM_TRN_CAP_USER_QUEUES;

	*vm = NULL;
	switch (attr->mode) {
	case TRN_COPIER_KERNEL:
		return attr->queue.vm ? -EINVAL : 0;
	case TRN_COPIER_AUTO:
		if (!can && !attr->queue.vm)
			return 0;
		break;
	case TRN_COPIER_USER:
		break;
	default:
		return -EINVAL;
	}
	if (!attr->queue.vm)
		return trn_vm_new(dev, vm);
	if (attr->queue.vm->dev != dev)
		return -EINVAL;
	*vm = trn_vm_ref(attr->queue.vm);
	return 0;
}

int trn_copier_new(struct trn_device *dev, const struct trn_copier_attr *attr,
		   struct trn_copier **out)
{
	static const struct trn_copier_attr defaults;
	size_t groups = 2 * (size_t)dev->limits.num_regions;
	struct trn_copier *copier;
	int ret;

	if (!attr)
		attr = &defaults;
	if (attr->num_queues > TRN_COPIER_MAX_QUEUES || attr->queue.flags ||
	    attr->queue.placement)
		return -EINVAL;
	copier = trn_zalloc(1, sizeof(*copier) + groups * sizeof(copier->groups[0]));
	if (!copier)
		return -ENOMEM;
	ret = find_system_region(dev, &copier->system_region);
	if (!ret)
		ret = choose_vm(dev, attr, &copier->vm);
	if (ret) {
		free(copier);
		return ret;
	}
	atomic_init(&copier->refs, 1);
	copier->dev = trn_device_ref(dev);
	copier->attr = attr->queue;
	copier->num_queues = attr->num_queues ? attr->num_queues : DEFAULT_QUEUES;
	pthread_mutex_init(&copier->lock, NULL);
	*out = copier;
	return 0;
}

struct trn_copier *trn_copier_ref(struct trn_copier *copier)
{
	trn_ref_get(&copier->refs);
	return copier;
}

void trn_copier_unref(struct trn_copier *copier)
{
	if (!copier || !trn_ref_put(&copier->refs))
		return;
	for (uint32_t i = 0; i < 2 * num_regions(copier); i++) {
		for (uint32_t n = 0; n < copier->num_queues; n++)
			trn_queue_unref(copier->groups[i].queues[n]);
	}
	pthread_mutex_destroy(&copier->lock);
	trn_vm_unref(copier->vm);
	trn_device_unref(copier->dev);
	free(copier);
}

bool trn_copier_is_user_mode(const struct trn_copier *copier)
{
	return copier->vm;
}

/* ---- choosing queues ---- */

static uint32_t group_size(const struct trn_copier *copier, const struct group *group)
{
	uint32_t n = 0;

	while (n < copier->num_queues && group->queues[n])
		n++;
	return n;
}

/* Append queues up to the wanted number, or until an error. */
static int add_queues(struct trn_copier *copier, uint32_t index)
{
	struct group *group = &copier->groups[index];
	uint32_t region = index % num_regions(copier);
	struct trn_queue_attr attr = copier->attr;
	int ret = 0;

	attr.vm = index < num_regions(copier) ? copier->vm : NULL;
	if (!attr.engine && !attr.engine_class && region != copier->system_region)
		attr.placement = TRN_PLACE_REGION(region);
	for (uint32_t n = group_size(copier, group); n < copier->num_queues && !ret; n++)
		ret = trn_queue_new(copier->dev, &attr, &group->queues[n]);
	return ret;
}

/*
 * One queue is enough. While some are missing, the copier tries to make them after more and
 * more operations, because each attempt is a system call.
 */
static int make_queues(struct trn_copier *copier, uint32_t index)
{
	struct group *group = &copier->groups[index];
	int ret;

	if (group->retry_in) {
		group->retry_in--;
		return 0;
	}
	if (group_size(copier, group) == copier->num_queues)
		return 0;
	ret = add_queues(copier, index);
	if (!ret || !group->queues[0])
		return ret;
	if (group->retry_step < MAX_RETRY_STEP)
		group->retry_step = 2 * group->retry_step + 1;
	group->retry_in = group->retry_step;
	return 0;
}

static uint32_t choose_group(const struct trn_copier *copier, const struct trn_op *op)
{
	bool to_host = op->dst->region == copier->system_region;
	uint32_t region = to_host && op->type == TRN_OP_COPY ? op->src->region : op->dst->region;
	bool kernel_fills = op->type == TRN_OP_FILL && copier->vm &&
			    !(copier->dev->limits.caps & DRM_TRN_CAP_INLINE_OPS);

	return kernel_fills ? num_regions(copier) + region : region;
}

/* ---- checks ---- */

static bool ranges_overlap(uint64_t a, uint64_t b, uint64_t size)
{
	return a < b ? b - a < size : a - b < size;
}

/* The checks of the kernel, which does not see the work of user-mode queues. */
static int check_op(const struct trn_copier *copier, const struct trn_op *op)
{
	if (!trn_bo_has(copier->dev, op->dst, op->dst_offset, op->size))
		return -EINVAL;
	if (op->dst->read_only)
		return -EACCES;
	switch (op->type) {
	case TRN_OP_COPY:
		if (!trn_bo_has(copier->dev, op->src, op->src_offset, op->size))
			return -EINVAL;
		if (op->src == op->dst &&
		    ranges_overlap(op->dst_offset, op->src_offset, op->size))
			return -EINVAL;
		return 0;
	case TRN_OP_FILL:
		return (op->dst_offset | op->size) % 4 ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* ---- starting ---- */

/* An operation on its way into user-mode queues. */
struct work {
	bool fill;
	uint32_t pattern;
	uint64_t dst, src;		/* addresses in the VM */
};

static int prep(struct trn_queue *queue, const struct work *work, uint64_t offset,
		uint64_t size)
{
	const struct trn_shape words = { .dims = 1, .size = { size / 4 } };
	struct trn_array dst;

	if (!work->fill)
		return trn_prep_copy(queue, work->dst + offset, work->src + offset, size);
	dst = trn_array_packed(work->dst + offset, TRN_DTYPE_U32, &words);
	return trn_prep_fill(queue, &dst, &words, work->pattern);
}

/* Wait until a quarter of the ring is free: each wait then gains much room. */
static int wait_for_room(struct trn_queue *queue)
{
	uint64_t point = trn_queue_completed(queue) + queue->ring_size / 4;

	return trn_wait(queue, trn_min(point, trn_queue_point(queue)), INT64_MAX);
}

/* Prepare a piece, waiting for room, and ring the doorbell. */
static int prep_and_kick(struct trn_queue *queue, const struct work *work, uint64_t offset,
			 uint64_t size)
{
	int ret;

	for (;;) {
		ret = prep(queue, work, offset, size);
		if (ret != -EAGAIN)
			break;
		ret = wait_for_room(queue);
		if (ret)
			return ret;
	}
	if (!ret)
		trn_queue_kick(queue);
	return ret;
}

/* Bytes of an operation for each of @count queues; the last one gets the rest. */
static uint64_t part_size(uint64_t size, uint32_t count)
{
	uint64_t part = (size + count - 1) / count;

	return (part + PART_GRANULE - 1) / PART_GRANULE * PART_GRANULE;
}

/* Prepare one batch of each part in turn, so that all queues begin early. */
static int start_in_user_mode(struct trn_queue *const *queues, uint32_t count,
			      const struct work *work, uint64_t size, uint64_t *points)
{
	uint64_t batch = trn_min(BATCH_SIZE, queues[0]->ring_size / 2 * PART_GRANULE);
	uint64_t part = part_size(size, count), from, end;
	int ret;

	for (uint64_t done = 0; done < part; done += batch) {
		for (uint32_t n = 0; n < count; n++) {
			from = n * part + done;
			end = trn_min((n + 1) * part, size);
			if (from >= end)
				continue;
			ret = prep_and_kick(queues[n], work, from, trn_min(batch, end - from));
			if (ret)
				return ret;
			points[n] = trn_queue_point(queues[n]);
		}
	}
	return 0;
}

static int start_in_kernel_mode(struct trn_queue *const *queues, uint32_t count,
				const struct trn_op *op, uint64_t *points)
{
	uint64_t part = part_size(op->size, count);
	int ret;

	for (uint64_t from = 0, n = 0; from < op->size; from += part, n++) {
		struct trn_op piece = *op;

		piece.dst_offset += from;
		if (op->type == TRN_OP_COPY)
			piece.src_offset += from;
		piece.size = trn_min(part, op->size - from);
		ret = trn_submit(queues[n], &piece, 1, NULL, 0, &points[n]);
		if (ret)
			return ret;
	}
	return 0;
}

static int find_addresses(const struct trn_copier *copier, const struct trn_op *op,
			  struct work *work)
{
	int ret;

	work->fill = op->type == TRN_OP_FILL;
	work->pattern = op->pattern;
	work->src = 0;
	ret = trn_mapping_get(copier->vm, op->dst, &work->dst);
	if (!ret && !work->fill)
		ret = trn_mapping_get(copier->vm, op->src, &work->src);
	work->dst += op->dst_offset;
	work->src += op->src_offset;
	return ret;
}

static int start_locked(struct trn_copier *copier, const struct trn_op *op,
			struct trn_ticket *ticket)
{
	struct group *group = &copier->groups[ticket->group];
	uint32_t first = 0, count;
	struct work work;
	int ret;

	ret = make_queues(copier, ticket->group);
	if (ret)
		return ret;
	count = group_size(copier, group);
	if (op->size < SPLIT_SIZE) {
		first = group->turn++ % count;
		count = 1;
	}
	if (!group->queues[0]->vm)
		return start_in_kernel_mode(&group->queues[first], count, op,
					    &ticket->points[first]);
	ret = find_addresses(copier, op, &work);
	if (ret)
		return ret;
	return start_in_user_mode(&group->queues[first], count, &work, op->size,
				  &ticket->points[first]);
}

int trn_copier_start(struct trn_copier *copier, const struct trn_op *op,
		     struct trn_ticket *ticket)
{
	int ret;

	ret = check_op(copier, op);
	if (ret)
		return ret;
	*ticket = (struct trn_ticket){ .group = choose_group(copier, op) };
	pthread_mutex_lock(&copier->lock);
	ret = start_locked(copier, op, ticket);
	pthread_mutex_unlock(&copier->lock);
	/* No part of a failed operation is in flight when the call returns. */
	if (ret)
		trn_copier_wait(copier, ticket, INT64_MAX);
	return ret;
}

int trn_copier_wait(struct trn_copier *copier, const struct trn_ticket *ticket, int64_t deadline)
{
	struct trn_point points[TRN_COPIER_MAX_QUEUES];
	const struct group *group;
	size_t count = 0;

	if (ticket->group >= 2 * num_regions(copier))
		return -EINVAL;
	group = &copier->groups[ticket->group];
	for (uint32_t n = 0; n < copier->num_queues; n++) {
		if (ticket->points[n])
			points[count++] = (struct trn_point){
				.queue = group->queues[n],
				.point = ticket->points[n],
			};
	}
	if (!count)
		return -EINVAL;
	if (count == 1)
		return trn_wait(points[0].queue, points[0].point, deadline);
	return trn_wait_all(points, count, deadline);
}

int trn_copier_get_state(struct trn_copier *copier, struct trn_queue_state *state,
			 uint32_t *engine)
{
	int ret = -ENOENT;

	pthread_mutex_lock(&copier->lock);
	for (uint32_t i = 0; i < 2 * num_regions(copier) * copier->num_queues; i++) {
		struct trn_queue *queue =
			copier->groups[i / copier->num_queues].queues[i % copier->num_queues];

		if (!queue)
			continue;
		ret = trn_queue_get_state(queue, state);
		if (ret)
			break;
		if (engine)
			*engine = queue->engine;
		if (state->status != TRN_QUEUE_STATE_READY)
			break;
	}
	pthread_mutex_unlock(&copier->lock);
	return ret;
}

/* ---- start and wait ---- */

static int copier_run(struct trn_copier *copier, const struct trn_op *op)
{
	struct trn_ticket ticket;
	int ret;

	ret = trn_copier_start(copier, op, &ticket);
	return ret ? ret : trn_copier_wait(copier, &ticket, INT64_MAX);
}

int trn_copy(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset,
	     struct trn_bo *src, uint64_t src_offset, uint64_t size)
{
	const struct trn_op op = {
		.type = TRN_OP_COPY,
		.dst = dst,
		.src = src,
		.dst_offset = dst_offset,
		.src_offset = src_offset,
		.size = size,
	};

	return copier_run(copier, &op);
}

int trn_fill(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset, uint64_t size,
	     uint32_t pattern)
{
	const struct trn_op op = {
		.type = TRN_OP_FILL,
		.pattern = pattern,
		.dst = dst,
		.dst_offset = dst_offset,
		.size = size,
	};

	return copier_run(copier, &op);
}
