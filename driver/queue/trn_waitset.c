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
 * trn_arm_add() - Somebody sleeps for a point.
 * @arm: the set
 * @point: not done yet
 */
void trn_arm_add(struct trn_arm *arm, u64 point)
{
	u32 i = arm->num;

	while (i && arm->points[i - 1] >= point)
		i--;
	if (point <= arm->dense_until || (i < arm->num && arm->points[i] == point))
		return;
	if (arm->num == TRN_ARM_POINTS) {
		arm->dense_until = point;
		return;
	}
	memmove(&arm->points[i + 1], &arm->points[i], (arm->num - i) * sizeof(arm->points[0]));
	arm->points[i] = point;
	arm->num++;
}

/* Whether somebody is to be woken at @count, which has grown since the last time. */
bool trn_arm_is_reached(const struct trn_arm *arm, u64 count)
{
	return arm->dense_until || (arm->num && arm->points[0] <= count);
}

/* All who sleep for points up to @count have been woken. */
void trn_arm_retire(struct trn_arm *arm, u64 count)
{
	u32 i = 0;

	while (i < arm->num && arm->points[i] <= count)
		i++;
	arm->num -= i;
	memmove(&arm->points[0], &arm->points[i], arm->num * sizeof(arm->points[0]));
	if (arm->dense_until <= count)
		arm->dense_until = 0;
}

/* Count to ask the device for when it is at @count, or U64_MAX. */
u64 trn_arm_next(const struct trn_arm *arm, u64 count)
{
	u64 next = arm->num ? arm->points[0] : U64_MAX;

	return arm->dense_until ? min(next, count + 1) : next;
}
