// SPDX-License-Identifier: MIT
/*
 * Waiting for points of several queues at a time.
 *
 * The results that are known without sleep are collected first. The other points are slept
 * for in one call of the DRM core, which takes timelines of one open file.
 */
#include <errno.h>

#include <xf86drm.h>

#include "base/util.h"
#include "queue/point.h"
#include "queue/wait.h"

/* A wait for more points allocates memory (1 KiB of stack). */
#define STACK_POINTS 64

/* The points that are unfinished. */
struct pending {
	uint32_t *handles;
	uint64_t *points;
	size_t *which;		/* index of each in the array of the caller */
	size_t count;
	size_t over;		/* index of a finished point, or the count of the caller */
	int result;		/* of that point; in a wait for all, the first error */
};

static int check(const struct trn_point *points, size_t count)
{
	if (!points || !count || count > UINT32_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (!points[i].queue || points[i].queue->dev != points[0].queue->dev)
			return -EINVAL;
	}
	return 0;
}

/* Collect the unfinished points; in a wait for any, up to the first finished one. */
static void look(const struct trn_point *points, size_t count, bool any, struct pending *pending)
{
	int ret;

	pending->count = 0;
	pending->over = count;
	pending->result = 0;
	for (size_t i = 0; i < count && (!any || pending->over == count); i++) {
		ret = trn_point_result(points[i].queue, points[i].point);
		if (ret == -EINPROGRESS) {
			pending->handles[pending->count] = points[i].queue->syncobj;
			pending->points[pending->count] = points[i].point;
			pending->which[pending->count++] = i;
			continue;
		}
		pending->over = i;
		if (!pending->result)
			pending->result = ret;
	}
}

static bool is_over(const struct pending *pending, size_t count, bool any)
{
	return any ? pending->over < count : !pending->count;
}

/* The queue whose polling time counts: that of the first unfinished point. */
static struct trn_queue *spin_queue(const struct trn_point *points, const struct pending *pending)
{
	return points[pending->which[0]].queue;
}

/* Poll all points, for the current time of that queue. */
static void spin(const struct trn_point *points, size_t count, bool any, int64_t deadline,
		 struct pending *pending)
{
	int64_t until = trn_min(trn_deadline(trn_spin_time(spin_queue(points, pending))), deadline);

	do {
		look(points, count, any, pending);
	} while (!is_over(pending, count, any) && trn_deadline(0) < until);
}

static int sleep_for(const struct trn_point *points, struct pending *pending, bool any,
		     int64_t deadline, uint32_t *first)
{
	uint32_t flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT |
			 (any ? 0 : DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL);
	int ret;

	for (size_t i = 0; i < pending->count; i++) {
		ret = trn_point_notify(points[pending->which[i]].queue, pending->points[i]);
		if (ret)
			return ret;
	}
	return trn_timeline_wait(points[0].queue->dev, pending->handles, pending->points,
				 pending->count, deadline, flags, first);
}

/* The result of a wait for all, after the kernel has signalled every point. */
static int settle_all(const struct trn_point *points, size_t count)
{
	int ret, first = 0;

	for (size_t i = 0; i < count; i++) {
		ret = trn_point_settle(points[i].queue, points[i].point);
		if (!first)
			first = ret;
	}
	return first;
}

/* Wait for the points that are pending. */
static int wait_pending(const struct trn_point *points, size_t count, bool any,
			int64_t deadline, struct pending *pending, size_t *which)
{
	uint32_t first;
	int ret;

	if (trn_spin_time(spin_queue(points, pending)))
		spin(points, count, any, deadline, pending);
	if (is_over(pending, count, any)) {
		*which = pending->over;
		return pending->result;
	}
	ret = sleep_for(points, pending, any, deadline, &first);
	if (ret)
		return ret;
	if (!any)
		return settle_all(points, count);
	*which = pending->which[first];
	return trn_point_settle(points[*which].queue, points[*which].point);
}

static int wait_many(const struct trn_point *points, size_t count, bool any, int64_t deadline,
		     struct pending *pending, size_t *which)
{
	struct trn_queue *queue;
	int64_t begin;
	int ret;

	look(points, count, any, pending);
	if (is_over(pending, count, any)) {
		*which = pending->over;
		return pending->result;
	}
	if (deadline <= 0)
		return -ETIMEDOUT;
	queue = spin_queue(points, pending);
	begin = trn_deadline(0);
	ret = wait_pending(points, count, any, deadline, pending, which);
	trn_spin_learn(queue, trn_deadline(0) - begin);
	return ret;
}

static int wait_for(const struct trn_point *points, size_t count, bool any, int64_t deadline,
		    size_t *which)
{
	uint32_t handles[STACK_POINTS];
	uint64_t values[STACK_POINTS];
	size_t indices[STACK_POINTS];
	struct pending pending;
	int ret;

	ret = check(points, count);
	if (ret)
		return ret;
	pending.handles = trn_scratch_get(handles, STACK_POINTS, count, sizeof(*handles));
	pending.points = trn_scratch_get(values, STACK_POINTS, count, sizeof(*values));
	pending.which = trn_scratch_get(indices, STACK_POINTS, count, sizeof(*indices));
	if (pending.handles && pending.points && pending.which)
		ret = wait_many(points, count, any, deadline, &pending, which);
	else
		ret = -ENOMEM;
	trn_scratch_put(handles, pending.handles);
	trn_scratch_put(values, pending.points);
	trn_scratch_put(indices, pending.which);
	return ret;
}

int trn_wait_all(const struct trn_point *points, size_t count, int64_t deadline)
{
	size_t which;

	return wait_for(points, count, false, deadline, &which);
}

int trn_wait_any(const struct trn_point *points, size_t count, int64_t deadline, size_t *which)
{
	size_t unused;

	return wait_for(points, count, true, deadline, which ? which : &unused);
}
