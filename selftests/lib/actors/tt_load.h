/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that copy and verify until they are told to stop or the device goes
 * away, for the suites that pull it away from under them.
 */
#ifndef TT_LOAD_H
#define TT_LOAD_H

#include <sys/types.h>

#include "tt_test.h"

#define TT_LOAD_PROCESSES 4

/* Exit statuses of a process of the load. */
enum tt_load_end {
	TT_LOAD_STOPPED = 0,	/* it was told to stop */
	TT_LOAD_NODEV = 1,	/* the device was gone */
	TT_LOAD_WRONG = 2,	/* bytes differed */
	TT_LOAD_ERROR = 3,	/* another error */
	TT_LOAD_HUNG = 4,	/* a fence did not come */
};

struct tt_load_shared {
	unsigned int stop;
	unsigned int copies;	/* verified copies of all processes */
	unsigned int lost;	/* queues that a reset took */
	int error;		/* of a TT_LOAD_ERROR */
};

struct tt_load {
	pid_t pids[TT_LOAD_PROCESSES];
	struct tt_load_shared *shared;
};

/* Start them all; returns when each has copied, with none of the caller's files. */
int tt_load_start(struct tt_load *load);
/* Wait for @copies more verified copies; -ETIMEDOUT if they do not come. */
int tt_load_progress(struct tt_load *load, unsigned int copies);
void tt_load_stop(struct tt_load *load);
/* Collect them; ends[i] is enum tt_load_end, or -1 if a signal ended it. */
void tt_load_join(struct tt_load *load, int ends[TT_LOAD_PROCESSES]);

#endif /* TT_LOAD_H */
