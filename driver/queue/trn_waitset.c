// SPDX-License-Identifier: GPL-2.0-only
/*
 * Set of awaited points of a user-mode queue, and the count of the next event to ask the
 * device for. Arithmetic only: no device, no locks.
 *
 * A user may wait for any number of points, in any order. A few points are stored exactly.
 * When these are full the set becomes dense: every count up to the last awaited point is
 * asked for, one after the other. This costs interrupts, but no waiter wakes late.
 */
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "queue/trn_waitset.h"

/**
 * trn_waitset_add() - Add an awaited point.
 * @set: the set
 * @point: not done yet
 */
void trn_waitset_add(struct trn_waitset *set, u64 point)
{
	u32 i = set->num;

	while (i && set->points[i - 1] >= point)
		i--;
	if (point <= set->dense_until || (i < set->num && set->points[i] == point))
		return;
	if (set->num == TRN_WAITSET_POINTS) {
		set->dense_until = point;
		return;
	}
	memmove(&set->points[i + 1], &set->points[i], (set->num - i) * sizeof(set->points[0]));
	set->points[i] = point;
	set->num++;
}

/* Whether an awaited point is reached at @count, which has grown since the last call. */
bool trn_waitset_is_reached(const struct trn_waitset *set, u64 count)
{
	return set->dense_until || (set->num && set->points[0] <= count);
}

/* Remove all points up to @count. */
void trn_waitset_retire(struct trn_waitset *set, u64 count)
{
	u32 i = 0;

	while (i < set->num && set->points[i] <= count)
		i++;
	set->num -= i;
	memmove(&set->points[0], &set->points[i], set->num * sizeof(set->points[0]));
	if (set->dense_until <= count)
		set->dense_until = 0;
}

/* Next count to ask the device for, from @count on, or U64_MAX. */
u64 trn_waitset_next(const struct trn_waitset *set, u64 count)
{
	u64 next = set->num ? set->points[0] : U64_MAX;

	return set->dense_until ? min(next, count + 1) : next;
}
