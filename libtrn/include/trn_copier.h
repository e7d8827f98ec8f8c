/* SPDX-License-Identifier: MIT */
/*
 * Copiers: copies and fills of BOs, by the best queues that the device has. See trn.h for
 * the conventions.
 */
#ifndef TRN_COPIER_H
#define TRN_COPIER_H

#include <trn.h>

#ifdef __cplusplus
extern "C" {
#endif

struct trn_copier;

/** enum trn_copier_mode - Mode of the queues of a copier. */
enum trn_copier_mode {
	TRN_COPIER_AUTO = 0,	/* user mode if the device has user-mode queues */
	TRN_COPIER_KERNEL = 1,
	TRN_COPIER_USER = 2,	/* -EOPNOTSUPP if the device has no user-mode queues */
};

#define TRN_COPIER_MAX_QUEUES 8

/** struct trn_copier_attr - Attributes of a new copier; zeroes are defaults. */
struct trn_copier_attr {
	uint32_t mode;		/* enum trn_copier_mode */
	uint32_t num_queues;	/* per region, at most TRN_COPIER_MAX_QUEUES; default 2 */
	struct trn_queue_attr queue;	/* of each queue; flags and placement must be 0 */
};

/**
 * trn_copier_new() - Make a copier, which copies between BOs and fills them.
 * @attr: attributes, or NULL for the defaults
 * @copier: gets the copier, with one reference
 *
 * Queues near an HBM stack are made when the stack is first used. BOs are mapped in the VM
 * of the copier when they are first used, and stay mapped until they are dropped. Any
 * number of threads may use one copier. Return: 0, -EOPNOTSUPP the device has no user-mode
 * queues, -EINVAL an attribute, and the errors of trn_vm_new().
 */
int trn_copier_new(struct trn_device *dev, const struct trn_copier_attr *attr,
		   struct trn_copier **copier);
/** trn_copier_ref() - Take a reference. */
struct trn_copier *trn_copier_ref(struct trn_copier *copier);
/** trn_copier_unref() - Drop a reference. The last one drops queues and VM. */
void trn_copier_unref(struct trn_copier *copier);
/** trn_copier_is_user_mode() - True if the copies use user-mode queues. */
bool trn_copier_is_user_mode(const struct trn_copier *copier);

/** struct trn_ticket - One operation of a copier, for trn_copier_wait(); opaque. */
struct trn_ticket {
	uint32_t group, pad;
	uint64_t points[TRN_COPIER_MAX_QUEUES];
};

/**
 * trn_copier_start() - Start one operation. Large ones are split over several queues.
 * @op: the operation
 * @ticket: gets the ticket for trn_copier_wait()
 *
 * Operations that are in flight at the same time run in any order. If the rings are full,
 * the call waits for room. After an error nothing of the operation is in flight, but a part
 * may have been done. Return: 0, -EINVAL @op (a range outside its BO, ranges that overlap
 * in one BO, a BO of another open device, a fill not of whole words), -EACCES the
 * destination was pinned with TRN_BO_READ_ONLY, and the errors of trn_queue_new(),
 * trn_vm_map(), trn_submit() and trn_wait().
 */
int trn_copier_start(struct trn_copier *copier, const struct trn_op *op,
		     struct trn_ticket *ticket);
/**
 * trn_copier_wait() - Wait for the operation of a ticket.
 * @deadline: as for trn_wait()
 *
 * Return: as trn_wait(), and -EINVAL the ticket is not of this copier.
 */
int trn_copier_wait(struct trn_copier *copier, const struct trn_ticket *ticket,
		    int64_t deadline);
/**
 * trn_copier_get_state() - Query the state of one queue: a dead one, if there is one.
 * @engine: gets the id of the engine of that queue; may be NULL
 *
 * Return: 0, -ENOENT there are no queues yet, and the errors of trn_queue_get_state().
 */
int trn_copier_get_state(struct trn_copier *copier, struct trn_queue_state *state,
			 uint32_t *engine);

/**
 * trn_copy() - Copy @size bytes, and wait until it is done.
 * Return: as trn_copier_start() and trn_wait().
 */
int trn_copy(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset,
	     struct trn_bo *src, uint64_t src_offset, uint64_t size);
/**
 * trn_fill() - Fill with a 32-bit word, and wait until it is done.
 * @dst_offset: a multiple of 4
 * @size: bytes, a multiple of 4
 * Return: as trn_copier_start() and trn_wait().
 */
int trn_fill(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset, uint64_t size,
	     uint32_t pattern);

#ifdef __cplusplus
}
#endif

#endif /* TRN_COPIER_H */
