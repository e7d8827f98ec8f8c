/* SPDX-License-Identifier: MIT */
#ifndef TRN_QUEUE_RING_H
#define TRN_QUEUE_RING_H

#include <endian.h>

#include "queue/queue.h"

#define TRN_RING_M2S_COPY \
	((uint64_t)DRM_TRN_DESC_OP_COPY << 32 | DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST)

/* Make the rings of @queue, of its ring_size, and map them in its VM and here. */
int trn_rings_init(struct trn_queue *queue);
void trn_rings_fini(struct trn_queue *queue);

/* Exclude the other producers of a shared queue; nothing in others. */
void trn_rings_lock(struct trn_queue *queue);
void trn_rings_unlock(struct trn_queue *queue);

/* 0 if both rings have room for so many descriptors, or an error of trn_prep_copy(). */
int trn_rings_reserve(struct trn_queue *queue, uint64_t m2s, uint64_t s2m);

/* Descriptors that a copy of @size bytes takes on each ring. @size is not 0. */
static inline uint64_t trn_copy_descs(uint64_t size)
{
	return (size - 1) / DRM_TRN_DESC_MAX_LEN + 1;
}

/* Write the descriptors of a copy of any size. Room was reserved. */
void trn_rings_emit_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size);

/* Write the packet of an inline operation. Room was reserved. */
void trn_rings_emit_inline(struct trn_queue *queue, const struct drm_trn_inline_op *op,
			   uint64_t dst, const uint64_t *sources, size_t num_sources);

/* Let trn_prep_copy() take its quick path, for as many copies as there is room for. */
void trn_rings_count_pairs(struct trn_queue *queue);

static inline void trn_ring_write(const struct trn_ring *ring, uint64_t head, uint64_t addr)
{
	ring->next->head = htole64(head);
	ring->next->addr = htole64(addr);
}

/* Waiters in other threads compare points with the position of S2M. */
static inline void trn_ring_advance(struct trn_ring *ring)
{
	ring->next++;
	__atomic_store_n(&ring->written, ring->written + 1, __ATOMIC_RELAXED);
}

static inline uint64_t trn_ring_position(const struct trn_ring *ring)
{
	return __atomic_load_n(&ring->written, __ATOMIC_RELAXED);
}

#endif /* TRN_QUEUE_RING_H */
