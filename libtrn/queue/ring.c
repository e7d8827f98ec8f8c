// SPDX-License-Identifier: MIT
/*
 * The rings of a user-mode queue.
 *
 * They lie in one BO of host memory, which the device may read: the M2S ring, the S2M
 * ring, and, if the device has inline operations, a slot of operands for each descriptor
 * of M2S. A slot is free again when its descriptor is, so slots are not counted.
 *
 * Positions only go up: written >= rung >= done, and written - done never exceeds the
 * size. The device may still read the descriptors between done and written; the rest
 * belongs to the library. @done is copied from the record only when room seems to be
 * short. @pairs is computed at that time, and the quick path only counts it down.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bo.h"
#include "base/ioctl.h"
#include "base/util.h"
#include "queue/barrier.h"
#include "queue/ring.h"
#include "vm/vm.h"

static_assert(sizeof(struct trn_desc) == sizeof(struct drm_trn_desc), "is a descriptor");
static_assert(offsetof(struct trn_desc, addr) == offsetof(struct drm_trn_desc, addr),
	      "is a descriptor");

/* ---- making rings ---- */

static void ring_init(struct trn_ring *ring, void *memory, uint32_t size, uint64_t copy)
{
	ring->first = memory;
	ring->next = ring->first;
	ring->end = ring->first + size;
	ring->copy = copy | DRM_TRN_DESC_RING_ID(1);
}

int trn_rings_init(struct trn_queue *queue)
{
	struct trn_device *dev = queue->dev;
	size_t ring_bytes = (size_t)queue->ring_size * sizeof(struct trn_desc);
	size_t bytes = 2 * ring_bytes;
	uint64_t placement;
	struct trn_bo *bo;
	char *memory;
	int ret;

	if (dev->limits.caps & DRM_TRN_CAP_INLINE_OPS)
		bytes += queue->ring_size * sizeof(*queue->slots);
	ret = trn_place_system(dev, &placement);
	if (ret)
		return ret;
	ret = trn_bo_new(dev, bytes, placement, 0, &bo);
	if (ret)
		return ret;
	ret = trn_map_file(dev, bo->mmap_offset, bo->size, PROT_READ | PROT_WRITE,
			   (void **)&memory);
	if (ret)
		goto out_bo;
	ret = trn_vm_map(queue->vm, bo, 0, bo->size, TRN_VM_READ, &queue->ring_va);
	if (ret) {
		munmap(memory, bo->size);
		goto out_bo;
	}
	/* In a child of fork() these pages are not mapped: it would overwrite descriptors. */
	madvise(memory, bo->size, MADV_DONTFORK);

	queue->ring_bytes = bo->size;
	ring_init(&queue->m2s, memory, queue->ring_size, TRN_RING_M2S_COPY);
	ring_init(&queue->s2m, memory + ring_bytes, queue->ring_size, 0);
	if (dev->limits.caps & DRM_TRN_CAP_INLINE_OPS) {
		queue->slots = (struct drm_trn_inline_op *)(memory + 2 * ring_bytes);
		queue->slots_va = queue->ring_va + 2 * ring_bytes;
	}
	pthread_mutex_init(&queue->lock, NULL);
out_bo:
	/* Both mappings keep the memory. */
	trn_bo_unref(bo);
	return ret;
}

void trn_rings_fini(struct trn_queue *queue)
{
	munmap(queue->m2s.first, queue->ring_bytes);
	trn_vm_unmap(queue->vm, queue->ring_va);
	pthread_mutex_destroy(&queue->lock);
}

void trn_rings_lock(struct trn_queue *queue)
{
	if (queue->shared)
		pthread_mutex_lock(&queue->lock);
}

void trn_rings_unlock(struct trn_queue *queue)
{
	if (queue->shared)
		pthread_mutex_unlock(&queue->lock);
}

/* ---- room ---- */

static uint64_t ring_room(const struct trn_queue *queue, const struct trn_ring *ring)
{
	return queue->ring_size - (ring->written - ring->done);
}

/* Pairs with the device, which has read a descriptor before it counts it. */
static void read_record(struct trn_queue *queue)
{
	const struct drm_trn_record *record = &queue->page->record;

	queue->s2m.done = le64toh(__atomic_load_n(&record->s2m, __ATOMIC_RELAXED));
	queue->m2s.done = le64toh(__atomic_load_n(&record->m2s, __ATOMIC_RELAXED));
	trn_device_rmb();
}

int trn_rings_reserve(struct trn_queue *queue, uint64_t m2s, uint64_t s2m)
{
	if (!queue->doorbell)
		return -EOPNOTSUPP;
	if (m2s > queue->ring_size || s2m > queue->ring_size)
		return -EMSGSIZE;
	if (ring_room(queue, &queue->m2s) >= m2s && ring_room(queue, &queue->s2m) >= s2m)
		return 0;
	read_record(queue);
	if (ring_room(queue, &queue->m2s) >= m2s && ring_room(queue, &queue->s2m) >= s2m)
		return 0;
	return __atomic_load_n(&queue->page->error, __ATOMIC_RELAXED) ? -ECANCELED : -EAGAIN;
}

/* ---- writing descriptors ---- */

/* At the end of the ring, go on at its start with the next ring id. */
static void ring_begin_lap(struct trn_ring *ring)
{
	uint64_t mask = DRM_TRN_DESC_RING_ID(3), id = ring->copy & mask;

	if (ring->next != ring->end)
		return;
	ring->next = ring->first;
	ring->copy = (ring->copy & ~mask) | ((id + DRM_TRN_DESC_RING_ID(1)) & mask);
}

/* Write a descriptor, at the end of a lap too. */
static void ring_emit(struct trn_ring *ring, uint64_t head, uint64_t addr)
{
	ring_begin_lap(ring);
	trn_ring_write(ring, head | (ring->copy & DRM_TRN_DESC_RING_ID(3)), addr);
	trn_ring_advance(ring);
}

/* The barrier bit for the first descriptor of the next packet; set once. */
static uint32_t take_barrier(struct trn_queue *queue)
{
	uint32_t barrier = queue->barrier;

	queue->barrier = 0;
	return barrier;
}

void trn_rings_emit_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	uint32_t piece, len;

	for (; size; size -= piece) {
		piece = trn_min(size, DRM_TRN_DESC_MAX_LEN);
		len = piece & DRM_TRN_DESC_LEN;
		ring_emit(&queue->m2s, TRN_RING_M2S_COPY | take_barrier(queue) | len, src);
		ring_emit(&queue->s2m, len, dst);
		dst += piece;
		src += piece;
	}
	queue->pairs = 0;
}

void trn_rings_emit_inline(struct trn_queue *queue, const struct drm_trn_inline_op *op,
			   uint64_t dst, const uint64_t *sources, size_t num_sources)
{
	uint64_t head = (uint64_t)DRM_TRN_DESC_OP_INLINE << 32 | DRM_TRN_DESC_META |
			DRM_TRN_DESC_FIRST | sizeof(*op);
	size_t slot;

	ring_begin_lap(&queue->m2s);
	slot = queue->m2s.next - queue->m2s.first;
	memcpy(&queue->slots[slot], op, sizeof(*op));
	if (!num_sources)
		head |= DRM_TRN_DESC_LAST;
	ring_emit(&queue->m2s, head | take_barrier(queue),
		  queue->slots_va + slot * sizeof(*op));
	for (size_t i = 0; i < num_sources; i++)
		ring_emit(&queue->m2s, i + 1 == num_sources ? DRM_TRN_DESC_LAST : 0, sources[i]);
	ring_emit(&queue->s2m, 0, dst);
	queue->pairs = 0;
}

void trn_rings_count_pairs(struct trn_queue *queue)
{
	const struct trn_ring *m2s = &queue->m2s, *s2m = &queue->s2m;
	uint64_t m2s_pairs, s2m_pairs;

	ring_begin_lap(&queue->m2s);
	ring_begin_lap(&queue->s2m);
	m2s_pairs = trn_min(ring_room(queue, m2s), m2s->end - m2s->next);
	s2m_pairs = trn_min(ring_room(queue, s2m), s2m->end - s2m->next);
	queue->pairs = trn_min(m2s_pairs, s2m_pairs);
}
