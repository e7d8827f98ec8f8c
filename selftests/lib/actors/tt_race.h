/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls at once on one object. The sides of a race start together at a barrier, once per
 * round, and return their results; the test makes the object anew between the rounds.
 */
#ifndef TT_RACE_H
#define TT_RACE_H

#include <pthread.h>

struct tt_race {
	pthread_barrier_t start, finish;
	unsigned int rounds;
	void *arg;		/* of all sides */
};

struct tt_side {
	int (*run)(void *arg);
	int ret;		/* of the last round */
	pthread_t thread;
	struct tt_race *race;
};

/* Each side runs so many rounds: tt_race_round() must be called as often. */
int tt_race_start(struct tt_race *race, struct tt_side *sides, unsigned int num,
		  unsigned int rounds, void *arg);
void tt_race_round(struct tt_race *race);
void tt_race_join(struct tt_race *race, struct tt_side *sides, unsigned int num);

#endif /* TT_RACE_H */
