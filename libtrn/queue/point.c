// SPDX-License-Identifier: MIT
/*
 * Points of a queue's timeline: whether the work is done, and how it ended.
 *
 * A syncobj tells when work is over, not how it ended: the kernel drops errors on
 * timelines, and signals every point of a dead queue. The result is therefore read
 * elsewhere: in kernel mode from the state of the queue, in user mode from the page of
 * its record, which needs no call.
 */
#include <errno.h>

#include "base/ioctl.h"
#include "queue/barrier.h"
#include "queue/point.h"
#include "queue/ring.h"

uint64_t trn_queue_point(const struct trn_queue *queue)
{
	return trn_ring_position(&queue->s2m);
}

uint64_t trn_queue_completed(const struct trn_queue *queue)
{
	uint64_t completed;

	if (!queue->doorbell)
		return atomic_load_explicit(&queue->completed, memory_order_acquire);
	completed = le64toh(__atomic_load_n(&queue->page->record.s2m, __ATOMIC_RELAXED));
	/* Pairs with the device, whose data is in memory before the count. */
	trn_device_rmb();
	return completed;
}

/* ---- kernel mode ---- */

static void note_completed(struct trn_queue *queue, uint64_t completed)
{
	unsigned long long seen = atomic_load_explicit(&queue->completed, memory_order_relaxed);

	/* Another thread may have stored a larger count: it only rises. */
	while (seen < completed &&
	       !atomic_compare_exchange_weak_explicit(&queue->completed, &seen, completed,
						      memory_order_release,
						      memory_order_relaxed))
		;
}

static int kernel_mode_result(struct trn_queue *queue, uint64_t point)
{
	struct trn_queue_state state;
	int ret;

	/* Pairs with note_completed(): after the count, the data are visible. */
	if (point <= trn_queue_completed(queue))
		return 0;
	ret = trn_queue_get_state(queue, &state);
	if (ret)
		return ret;
	note_completed(queue, state.completed);
	if (point > state.submitted)
		return -EINVAL;
	if (point <= state.completed)
		return 0;
	if (!state.error_point || point < state.error_point)
		return -EINPROGRESS;
	if (point == state.error_point || state.error == -ENODEV)
		return state.error;
	return -ECANCELED;
}

/* ---- user mode ---- */

/* Negative errno of a dead queue, or 0. Once it is set the record does not change. */
static int error_of_queue(const struct trn_queue *queue)
{
	return (int32_t)le32toh(__atomic_load_n(&queue->page->error, __ATOMIC_ACQUIRE));
}

static int user_mode_result(struct trn_queue *queue, uint64_t point)
{
	int error;

	if (point <= trn_queue_completed(queue))
		return 0;
	if (point > trn_queue_point(queue))
		return -EINVAL;
	error = error_of_queue(queue);
	if (!error)
		return -EINPROGRESS;
	return point <= trn_queue_completed(queue) ? 0 : error;
}

/* ---- both modes ---- */

int trn_point_result(struct trn_queue *queue, uint64_t point)
{
	/* Points count from 1; to the kernel, 0 is "the last one". */
	if (!point)
		return -EINVAL;
	return queue->doorbell ? user_mode_result(queue, point) :
				 kernel_mode_result(queue, point);
}

int trn_point_settle(struct trn_queue *queue, uint64_t point)
{
	struct trn_queue_state state;
	int ret;

	ret = trn_point_result(queue, point);
	if (ret != -EINPROGRESS)
		return ret;
	if (queue->doorbell) {
		/* The kernel can know of more points than the record shows. */
		ret = trn_queue_get_state(queue, &state);
		if (ret)
			return ret;
		if (point <= state.completed)
			return 0;
		if (state.error)
			return state.error;
	}
	/* Another program has signalled the queue's syncobj. */
	return -EPROTO;
}

int trn_point_notify(struct trn_queue *queue, uint64_t point)
{
	struct drm_trn_queue_notify args = { .queue_id = queue->id, .point = point };
	int ret;

	if (!queue->doorbell)
		return 0;
	ret = trn_ioctl(queue->dev, DRM_IOCTL_TRN_QUEUE_NOTIFY, &args);
	/* The timeline of a dead queue already has every point. */
	return ret == -ECANCELED ? 0 : ret;
}

int trn_queue_poll(struct trn_queue *queue, uint64_t point)
{
	return trn_point_result(queue, point);
}
