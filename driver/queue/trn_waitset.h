/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_WAITSET_H
#define TRN_WAITSET_H

#include <linux/types.h>

/* Points that are remembered one by one. */
#define TRN_WAITSET_POINTS	32

/**
 * struct trn_waitset - The points of a user-mode queue that somebody sleeps for.
 *
 * @points: in order, each once, none of them done
 * @num: how many
 * @dense_until: 0, or there was no room for all: each up to this one may be wanted
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

/* Nobody sleeps. */
static inline bool trn_waitset_is_empty(const struct trn_waitset *set)
{
	return !set->num && !set->dense_until;
}

/* Signals that it can take before a point must be added anew; one at a time if dense. */
static inline u32 trn_waitset_num_signals(const struct trn_waitset *set)
{
	return set->num + (set->dense_until ? 1 : 0);
}

#endif /* TRN_WAITSET_H */
