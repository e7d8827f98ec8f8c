// SPDX-License-Identifier: MIT
/* Timelines of the fake kernel: one for each queue, asleep and by eventfd. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fake_priv.h"

static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;

/* The timeline of a queue has come to @point. In user mode only what was armed is on it. */
static bool is_signalled(const struct fake_queue *queue, uint64_t point)
{
	if (queue->state.error)
		return true;
	return point <= queue->state.completed && (!queue->user || point <= queue->armed);
}

static int check_timeline(uint32_t handle, uint64_t point, uint32_t flags)
{
	const struct fake_queue *queue = fake_find_queue(handle);

	if (!queue)
		return -ENOENT;
	if (!queue->user && point > queue->state.submitted)
		return -EINVAL;
	/* Nobody will put a point there that was not armed. */
	if (queue->user && (!(flags & DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT) ||
			    (queue->armed < point && !queue->state.error)))
		return -EINVAL;
	return 0;
}

/* How many of them are signalled; *first is one of those. */
static uint32_t count_signalled(const struct drm_syncobj_timeline_wait *args, uint32_t *first)
{
	const uint64_t *points = (uint64_t *)(uintptr_t)args->points;
	const uint32_t *handles = (uint32_t *)(uintptr_t)args->handles;
	uint32_t count = 0;

	for (uint32_t i = 0; i < args->count_handles; i++) {
		if (!is_signalled(fake_find_queue(handles[i]), points[i]))
			continue;
		*first = i;
		count++;
	}
	return count;
}

/* Till something may have changed; false at the deadline, of the machine's clock. */
static bool sleep_until(int64_t deadline)
{
	int64_t own = deadline - fake.clock_offset;
	struct timespec ts = { .tv_sec = own / NSEC_PER_SEC, .tv_nsec = own % NSEC_PER_SEC };

	if (own <= 0)
		return false;

	return !pthread_cond_clockwait(&progress, &fake_mutex, CLOCK_MONOTONIC, &ts);
}

int fake_timeline_wait(struct drm_syncobj_timeline_wait *args)
{
	const uint64_t *points = (uint64_t *)(uintptr_t)args->points;
	const uint32_t *handles = (uint32_t *)(uintptr_t)args->handles;
	bool all = args->flags & DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL;
	int err;

	fake.sleeps++;
	fake.last_deadline = args->timeout_nsec;
	if (!args->count_handles || args->pad ||
	    args->flags & ~(DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT))
		return -EINVAL;
	for (uint32_t i = 0; i < args->count_handles; i++) {
		err = check_timeline(handles[i], points[i], args->flags);
		if (err)
			return err;
		/* Who waits for any gets the last one. */
		if (fake.finish_on_sleep && (all || i == args->count_handles - 1))
			fake_finish_queue(fake_find_queue(handles[i]));
	}
	if (fake.lie_on_sleep)
		return 0;
	while (count_signalled(args, &args->first_signaled) < (all ? args->count_handles : 1)) {
		if (!sleep_until(args->timeout_nsec))
			return -ETIME;
	}
	return 0;
}

/* Signals at once, or when the queue's ring runs; one at a time is enough here. */
int fake_syncobj_eventfd(const struct fake_eventfd *args)
{
	struct fake_queue *queue = fake_find_queue(args->handle);

	if (fake.no_eventfd)
		return -ENOTTY;
	if (!queue)
		return -ENOENT;
	if (args->flags || args->pad)
		return -EINVAL;
	queue->eventfd = args->fd;
	queue->eventfd_point = args->point;
	fake_wake(queue);
	return 0;
}

void fake_wake(struct fake_queue *queue)
{
	const uint64_t one = 1;

	pthread_cond_broadcast(&progress);
	if (!queue->eventfd_point || !is_signalled(queue, queue->eventfd_point))
		return;
	queue->eventfd_point = 0;
	if (write(queue->eventfd, &one, sizeof(one)) != sizeof(one))
		abort();
}
