// SPDX-License-Identifier: MIT
/*
 * Copies and barriers into the rings of a user-mode queue, and its doorbell.
 */
#include <errno.h>

#include "queue/barrier.h"
#include "queue/ring.h"

static int prep_copy_locked(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	uint64_t descs;
	int ret;

	if (!size)
		return -EINVAL;
	descs = trn_copy_descs(size);
	ret = trn_rings_reserve(queue, descs, descs);
	if (ret)
		return ret;
	trn_rings_emit_copy(queue, dst, src, size);
	trn_rings_count_pairs(queue);
	return 0;
}

/* A separate function, so that the quick path needs no stack frame. */
__attribute__((noinline, cold))
static int prep_copy_slowly(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	int ret;

	trn_rings_lock(queue);
	ret = prep_copy_locked(queue, dst, src, size);
	trn_rings_unlock(queue);
	return ret;
}

int trn_prep_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	uint32_t len = size & DRM_TRN_DESC_LEN;

	/* For a size of 0 the subtraction wraps, and the slow path refuses it. */
	if (__builtin_expect(size - 1 >= queue->quick_size || !queue->pairs, 0))
		return prep_copy_slowly(queue, dst, src, size);

	trn_ring_write(&queue->m2s, queue->m2s.copy | len, src);
	trn_ring_write(&queue->s2m, queue->s2m.copy | len, dst);
	trn_ring_advance(&queue->m2s);
	trn_ring_advance(&queue->s2m);
	queue->pairs--;
	return 0;
}

int trn_prep_barrier(struct trn_queue *queue)
{
	if (!queue->doorbell)
		return -EOPNOTSUPP;
	trn_rings_lock(queue);
	queue->barrier = DRM_TRN_DESC_DMB;
	/* The quick path writes no barriers. */
	queue->pairs = 0;
	trn_rings_unlock(queue);
	return 0;
}

/* Pairs with the device, which reads descriptors after it has seen the doorbell. */
static void write_doorbell(char *page, uint32_t m2s, uint32_t s2m)
{
#if UINTPTR_MAX > UINT32_MAX
	uint64_t *both = (uint64_t *)(page + DRM_TRN_DOORBELL_BOTH);

	trn_device_wmb();
	__atomic_store_n(both, htole64((uint64_t)m2s << 32 | s2m), __ATOMIC_RELAXED);
#else
	uint32_t *word = (uint32_t *)(page + DRM_TRN_DOORBELL_S2M);

	trn_device_wmb();
	__atomic_store_n(word, htole32(s2m), __ATOMIC_RELAXED);
	word = (uint32_t *)(page + DRM_TRN_DOORBELL_M2S);
	__atomic_store_n(word, htole32(m2s), __ATOMIC_RELEASE);
#endif
}

static void ring_doorbell(struct trn_queue *queue)
{
	uint32_t m2s = queue->m2s.written - queue->m2s.rung;
	uint32_t s2m = queue->s2m.written - queue->s2m.rung;

	if (!m2s)
		return;
	write_doorbell(queue->doorbell, m2s, s2m);
	queue->m2s.rung = queue->m2s.written;
	queue->s2m.rung = queue->s2m.written;
}

void trn_queue_kick(struct trn_queue *queue)
{
	if (__builtin_expect(!queue->shared, 1)) {
		ring_doorbell(queue);
		return;
	}
	pthread_mutex_lock(&queue->lock);
	ring_doorbell(queue);
	pthread_mutex_unlock(&queue->lock);
}
