/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User-mode queues, driven as a program drives them: rings, doorbell, record.
 *
 * Nothing here is safe: descriptors and doorbells are written as they are asked for.
 * Functions return 0 or a negative errno unless they say otherwise.
 */
#ifndef TT_UQUEUE_H
#define TT_UQUEUE_H

#include "tt_test.h"
#include "tt_vm.h"

#include "drm/trn_ring.h"

/* Bytes of both rings. */
#define TT_RING_BYTES(size)	((size) * 2ull * sizeof(struct drm_trn_desc))

struct tt_uqueue {
	struct tt_queue queue;
	uint64_t doorbell_offset;
	uint64_t record_offset;
	void *doorbell;		/* mapped page, for writing only; or NULL */
	const struct drm_trn_queue_page *page;	/* mapped; or NULL */
	struct drm_trn_desc *m2s;	/* the rings, as the processor sees them */
	struct drm_trn_desc *s2m;
	uint64_t m2s_pos;	/* descriptors written since the queue was made */
	uint64_t s2m_pos;
	uint64_t m2s_rung;	/* of these, rung */
	uint64_t s2m_rung;
};

/* Arguments of a queue in a VM; the caller sets other fields afterwards. */
struct drm_trn_queue_create tt_uqueue_args(uint32_t vm_id, uint64_t ring_va, uint32_t ring_size);
/*
 * Make the queue and map its pages. @ring is the memory that is, or will be, mapped at
 * args->ring_va of the VM; NULL if nothing is to be written there.
 */
int tt_uqueue_create(int fd, const struct drm_trn_queue_create *args, void *ring,
		     struct tt_uqueue *uq);
/* Unmap and destroy. */
int tt_uqueue_destroy(struct tt_uqueue *uq);

/* Write one descriptor behind the last: @flags are DRM_TRN_DESC_*, without length and id. */
void tt_uqueue_push_m2s(struct tt_uqueue *uq, uint32_t flags, uint32_t op, uint64_t addr,
			uint32_t len);
void tt_uqueue_push_s2m(struct tt_uqueue *uq, uint32_t flags, uint64_t addr, uint32_t len);
/* One descriptor on each side; at most 64 KiB. */
void tt_uqueue_push_copy(struct tt_uqueue *uq, uint64_t dst, uint64_t src, uint32_t len);
/* Ring for the descriptors that were not rung for yet, by one 64-bit store. */
void tt_uqueue_ring(struct tt_uqueue *uq);
/* Store these numbers into the doorbell, with descriptors for them or without. */
void tt_uqueue_ring_raw(struct tt_uqueue *uq, uint32_t m2s, uint32_t s2m);

/* S2M descriptors done, by the record. */
uint64_t tt_uqueue_done(const struct tt_uqueue *uq);
/* The error word of the page: 0 while the queue lives. */
int tt_uqueue_error(const struct tt_uqueue *uq);
/*
 * Poll, without a system call of the driver, until so many S2M descriptors are done; the error of
 * the queue if it dies before, -ETIME after TT_DEADLINE_S.
 */
int tt_uqueue_poll(const struct tt_uqueue *uq, uint64_t count);
/* Poll until the queue is dead; its error, or -ETIME. */
int tt_uqueue_poll_error(const struct tt_uqueue *uq);
int tt_uqueue_notify(const struct tt_uqueue *uq, uint64_t point);
/* Arm and sleep; as tt_uqueue_poll(). */
int tt_uqueue_wait(const struct tt_uqueue *uq, uint64_t point);
/* A new eventfd that becomes readable with the point, or -errno. */
int tt_uqueue_eventfd(const struct tt_uqueue *uq, uint64_t point);
/* Copy, ring, poll. */
int tt_uqueue_copy(struct tt_uqueue *uq, uint64_t dst, uint64_t src, uint32_t len);

/* ---- a VM, a queue in it, and two pieces of memory ---- */

#define TT_UPATH_RING	0x10000000ull	/* virtual addresses */
#define TT_UPATH_A	0x20000000ull
#define TT_UPATH_B	0x30000000ull

struct tt_upath {
	struct tt_vm vm;
	struct tt_bo ring;	/* host memory, readable for the device */
	struct tt_bo a, b;	/* HBM and host memory, readable and writable */
	struct tt_uqueue uq;
};

/* VM and memory; the queue is not there yet. @size bytes each of a and b. */
int tt_upath_open_memory(const struct tt_device *dev, uint32_t ring_size, uint64_t size,
			 struct tt_upath *path);
/* All of it. */
int tt_upath_open(const struct tt_device *dev, uint32_t ring_size, uint64_t size,
		  struct tt_upath *path);
/* What there is of it. */
void tt_upath_close(struct tt_upath *path);

#endif /* TT_UQUEUE_H */
