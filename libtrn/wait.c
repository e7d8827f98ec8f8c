// SPDX-License-Identifier: MIT
/*
 * Waiting for a point of a queue's timeline.
 *
 * A syncobj tells when work is over, not how it ended: the kernel drops errors on
 * timelines, and every point of a dead queue is signalled. So the state of the
 * queue alone decides what is returned. It is asked first, while the device works,
 * which costs no time; only work that is still under way is slept for.
 */
#include <errno.h>
#include <time.h>

#include <xf86drm.h>

#include "trn_priv.h"

#define NSEC_PER_SEC 1000000000ll

static void note_completed(struct trn_queue *queue, uint64_t completed)
{
	unsigned long long seen = atomic_load_explicit(&queue->completed, memory_order_relaxed);

	/* Other threads may know more already: the count only goes up. */
	while (seen < completed &&
	       !atomic_compare_exchange_weak_explicit(&queue->completed, &seen, completed,
						      memory_order_release,
						      memory_order_relaxed))
		;
}

/* Pairs with note_completed(): who sees the count also sees the data. */
static bool is_known_completed(struct trn_queue *queue, uint64_t point)
{
	return point <= atomic_load_explicit(&queue->completed, memory_order_acquire);
}

/* How the work of @point ended, or -EINPROGRESS. */
static int point_result(struct trn_queue *queue, uint64_t point)
{
	struct trn_queue_state state;
	int ret;

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

static int sleep_until(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	uint32_t handle = queue->syncobj;
	int saved = errno;
	int ret;

	ret = drmSyncobjTimelineWait(queue->dev->fd, &handle, &point, 1, deadline, 0, NULL);
	errno = saved;
	return ret == -ETIME ? -ETIMEDOUT : ret;
}

int trn_wait(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	int ret;

	/* Points count from 1; to the kernel, 0 is "the last one". */
	if (!point)
		return -EINVAL;
	if (is_known_completed(queue, point))
		return 0;
	ret = point_result(queue, point);
	if (ret != -EINPROGRESS)
		return ret;
	if (deadline <= 0)
		return -ETIMEDOUT;
	ret = sleep_until(queue, point, deadline);
	if (ret)
		return ret;
	ret = point_result(queue, point);
	/* Somebody has signalled the queue's syncobj behind its back. */
	return ret == -EINPROGRESS ? -EPROTO : ret;
}

int64_t trn_deadline(int64_t ns)
{
	struct timespec ts;
	int64_t now, deadline;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	if (__builtin_add_overflow(now, ns, &deadline))
		return INT64_MAX;
	return deadline < 0 ? 0 : deadline;
}
