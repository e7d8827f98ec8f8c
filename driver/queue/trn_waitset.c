// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which points of a user-mode queue are slept for, and which count is therefore
 * the next to ask the device for. Arithmetic only: no device, no locks.
 *
 * The points are a user's: any number, in any order. A few are remembered exactly.
 * Beyond these the set is dense: every count is asked for, one after the other, up
 * to the last point wanted. That costs interrupts, but wakes nobody late.
 */
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "queue/trn_waitset.h"

/**
 * trn_waitset_add() - Somebody sleeps for a point.
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

/* Whether somebody is to be woken at @count, which has grown since the last time. */
bool trn_waitset_is_reached(const struct trn_waitset *set, u64 count)
{
	return set->dense_until || (set->num && set->points[0] <= count);
}

/* All who sleep for points up to @count have been woken. */
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

/* Count to ask the device for when it is at @count, or U64_MAX. */
u64 trn_waitset_next(const struct trn_waitset *set, u64 count)
{
	u64 next = set->num ? set->points[0] : U64_MAX;

	return set->dense_until ? min(next, count + 1) : next;
}
