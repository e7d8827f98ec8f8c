/* SPDX-License-Identifier: MIT */
#ifndef TRN_QUEUE_QUEUE_H
#define TRN_QUEUE_QUEUE_H

#include <drm/trn_ring.h>

#include "base/device.h"

/* A descriptor as two words: DRM_TRN_DESC_* with the operation, and the address. */
struct trn_desc {
	uint64_t head, addr;
};

/* One of the two rings of a user-mode queue. */
struct trn_ring {
	struct trn_desc *next;		/* the next descriptor is written here */
	uint64_t written;		/* descriptors written since the beginning */
	uint64_t copy;			/* head of a copy, but for the length */
	struct trn_desc *first, *end;
	uint64_t rung;			/* of @written, those that the doorbell told of */
	uint64_t done;			/* of @rung, those last seen to be finished */
};

struct trn_queue {
	/*
	 * The members that the quick path of trn_prep_copy() reads. It takes copies of up
	 * to @quick_size bytes, which is 0 in a shared queue and in kernel mode. Each ring
	 * has room for @pairs descriptors before its end.
	 */
	uint64_t quick_size;
	uint64_t pairs;
	struct trn_ring m2s, s2m;
	void *doorbell;				/* NULL in kernel mode */
	const struct drm_trn_queue_page *page;

	atomic_uint refs;
	uint32_t spin_ns;			/* longest time that a wait polls */
	atomic_uint spin_now;			/* how long the next wait polls: wait.c */
	struct trn_device *dev;
	uint32_t id;
	uint32_t syncobj;
	uint32_t engine;
	uint32_t hw_queue;
	uint32_t ring_size;
	atomic_ullong completed;	/* kernel mode: last point seen to be done */

	bool shared;
	uint32_t barrier;		/* DRM_TRN_DESC_DMB for the next packet, or 0 */
	pthread_mutex_t lock;		/* protects the rings, if @shared */
	struct trn_vm *vm;
	uint64_t ring_va;
	size_t ring_bytes;
	struct drm_trn_inline_op *slots; /* one per descriptor of M2S; NULL: no such ops */
	uint64_t slots_va;
};

#endif /* TRN_QUEUE_QUEUE_H */
