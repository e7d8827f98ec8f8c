/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_WAITSET_H
#define TRN_WAITSET_H

#include <linux/types.h>

/* Limit of points stored one by one. */
#define TRN_WAITSET_POINTS	32

/**
 * struct trn_waitset - Set of awaited points of a user-mode queue.
 *
 * @points: awaited points, ascending, each once, none of them done
 * @num: number of entries in @points
 * @dense_until: 0, or every point up to this one counts as awaited, because @points was full
 */
struct trn_waitset {
	u64 points[TRN_WAITSET_POINTS];
	u32 num;
	u64 dense_until;
};

void trn_waitset_add(struct trn_waitset *set, u64 point);
bool trn_waitset_is_reached(const struct trn_waitset *set, u64 count);
void trn_waitset_retire(struct trn_waitset *set, u64 count);
u64 trn_waitset_next(const struct trn_waitset *set, u64 count);

/* No point is awaited. */
static inline bool trn_waitset_is_empty(const struct trn_waitset *set)
{
	return !set->num && !set->dense_until;
}

/* Limit of signals until a point is added again; the dense part signals one at a time. */
static inline u32 trn_waitset_num_signals(const struct trn_waitset *set)
{
	return set->num + (set->dense_until ? 1 : 0);
}

#endif /* TRN_WAITSET_H */
