/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_ARM_H
#define TRN_ARM_H

#include <linux/types.h>

/* Points that are remembered one by one. */
#define TRN_ARM_POINTS	32

/**
 * struct trn_arm - The points of a user-mode queue that somebody sleeps for.
 *
 * @points: in order, each once, none of them done
 * @num: how many
 * @dense_until: 0, or there was no room for all: each up to this one may be wanted
 */
struct trn_arm {
	u64 points[TRN_ARM_POINTS];
	u32 num;
	u64 dense_until;
};

void trn_arm_add(struct trn_arm *arm, u64 point);
bool trn_arm_is_reached(const struct trn_arm *arm, u64 count);
void trn_arm_retire(struct trn_arm *arm, u64 count);
u64 trn_arm_next(const struct trn_arm *arm, u64 count);

/* Nobody sleeps. */
static inline bool trn_arm_is_empty(const struct trn_arm *arm)
{
	return !arm->num && !arm->dense_until;
}

/* Signals that it can take before a point must be added anew; one at a time if dense. */
static inline u32 trn_arm_num_signals(const struct trn_arm *arm)
{
	return arm->num + (arm->dense_until ? 1 : 0);
}

#endif /* TRN_ARM_H */
