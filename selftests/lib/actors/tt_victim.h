/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another process, which suites try to harm: it has memory of every kind, with patterns
 * in it, mapped for its own device to read and write, and a user-mode queue with which
 * it copies when it is told to. It also tells where its memory is, as far as a program
 * with root's rights can learn it: the physical address of its pinned page.
 */
#ifndef TT_VICTIM_H
#define TT_VICTIM_H

#include <sys/types.h>

#include "tt_test.h"

enum tt_victim_area {
	TT_VICTIM_HBM,
	TT_VICTIM_HOST,		/* a BO of the host */
	TT_VICTIM_USERPTR,	/* pinned */
	TT_VICTIM_AREAS,
};

#define TT_VICTIM_SIZE (256 * TT_KIB)	/* of an area */

/* Its report when it is ready. */
struct tt_victim_place {
	uint64_t va[TT_VICTIM_AREAS];		/* in its address space */
	uint64_t phys;				/* of the first pinned page */
	uint32_t engine;			/* of its queue */
	uint64_t doorbell_offset, record_offset;
};

/* Times from the doorbell until the process, which sleeps, is woken by the fence; in ns. */
struct tt_victim_times {
	int64_t median, worst;
};

struct tt_victim {
	pid_t pid;
	int to, from;		/* commands and answers */
	struct tt_victim_place place;
};

/* @engine: that of its queue, or DRM_TRN_NONE. */
int tt_victim_start(struct tt_victim *victim, uint32_t engine);
/* 0 if all its bytes are as they were and its queue works; -EBADMSG, or its error. */
int tt_victim_check(struct tt_victim *victim);
/* Copy @count times, one after the other, check the bytes, and take the times. */
int tt_victim_measure(struct tt_victim *victim, unsigned int count,
		      struct tt_victim_times *times);
void tt_victim_stop(struct tt_victim *victim);

#endif /* TT_VICTIM_H */
