/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file with an address space and a user-mode queue, for suites that give the queue
 * descriptors that no correct program writes. It can have a new queue as often as the last
 * one died: when a file has had too many, it opens another.
 *
 *	src, dst	mapped, to read and to write only
 *	operands	mapped, to read
 *	own		memory of this very file that is not mapped
 * Between all of them are addresses that lead nowhere.
 */
#ifndef TT_ATTACKER_H
#define TT_ATTACKER_H

#include "tt_uqueue.h"
#include "tt_vm.h"

#define TT_ATTACKER_SIZE (64 * TT_KIB)	/* of src, dst and own */

struct tt_attacker {
	struct tt_device dev;
	struct tt_vm vm;
	uint32_t engine;
	struct tt_bo src, dst, operands, own, ring;
	uint64_t src_va, dst_va, operands_va, ring_va;
	struct tt_uqueue queue;
	unsigned int deaths;	/* of queues of this file */
};

/* @engine: that of its queues, or DRM_TRN_NONE. The device of @dev is used. */
int tt_attacker_open(struct tt_attacker *attacker, uint32_t engine);
void tt_attacker_close(struct tt_attacker *attacker);
/* Close the file with all that it has, in no good order, as a process that dies. */
void tt_attacker_drop(struct tt_attacker *attacker);
/* A queue, and no care for the one it may have had. */
int tt_attacker_enqueue(struct tt_attacker *attacker);
/* Another queue for the one that died, in another file if that is needed. */
int tt_attacker_revive(struct tt_attacker *attacker);
/* Give dst the bytes that it had at the start. */
void tt_attacker_poison(struct tt_attacker *attacker);
/* Neither src nor own have changed, which no queue of it can write. */
bool tt_attacker_is_contained(const struct tt_attacker *attacker);
/* Nor has dst. */
bool tt_attacker_is_clean(const struct tt_attacker *attacker);

/*
 * Wait until the queue is dead, and return its error: one like -EFAULT, or -ETIME
 * if it does not die.
 */
int tt_attacker_verdict(struct tt_attacker *attacker, struct drm_trn_queue_get_state *state);

#endif /* TT_ATTACKER_H */
