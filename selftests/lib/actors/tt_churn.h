/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that use all that the driver has and expect nothing but that it ends: files,
 * queues of both modes, fences, mappings, pins and exports come and go while somebody
 * takes the device away or makes it lie. Any error will do, and wrong bytes; a wait that
 * does not end will not.
 */
#ifndef TT_CHURN_H
#define TT_CHURN_H

#include <sys/types.h>

#include "tt_test.h"

#define TT_CHURN_PROCESSES 4

struct tt_churn_shared {
	unsigned int stop;
	unsigned int lives;	/* begun, of all processes together */
	unsigned int copies;	/* that went well */
	unsigned int hung;	/* waits that did not end */
	unsigned int hung_at;	/* line of the first */
};

struct tt_churn {
	struct tt_churn_shared *shared;
	pid_t pids[TT_CHURN_PROCESSES];
	uint64_t random;
};

int tt_churn_start(struct tt_churn *churn, uint64_t seed);
/* Replace those that have come to an end; returns how many have. */
unsigned int tt_churn_renew(struct tt_churn *churn);
/* Kill one of them; -ETIMEDOUT if it does not die. */
int tt_churn_kill_one(struct tt_churn *churn);
/* Have them stop; -ETIMEDOUT if one does not. */
int tt_churn_stop(struct tt_churn *churn);

#endif /* TT_CHURN_H */
