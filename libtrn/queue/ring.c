// SPDX-License-Identifier: MIT
/*
 * The rings of a user-mode queue.
 *
 * One piece of host memory, mapped for the device to read: the M2S ring, the S2M
 * ring, and, where the device has inline operations, a slot of operands for each
 * descriptor of M2S. The slot belongs to its descriptor: it is free again when that
 * is, so nobody keeps count of slots.
 *
 * Positions only go up: put >= rung >= done, and put - done never exceeds the size.
 * What the device may still read lies between done and put; the rest is ours. @done is
 * what the record told when it was last looked at, which is when room seems to be
 * short. @pairs is computed at that time, and the quick path only counts it down.
 */
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "queue/barrier.h"
#include "trn_priv.h"

static_assert(sizeof(struct trn_desc) == sizeof(struct drm_trn_desc), "is a descriptor");
static_assert(offsetof(struct trn_desc, addr) == offsetof(struct drm_trn_desc, addr),
	      "is a descriptor");

#define M2S_COPY ((uint64_t)DRM_TRN_DESC_OP_COPY << 32 | DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST)

/* ---- making them ---- */

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
	/* A child that used the queue would write over what its parent has put. */
	madvise(memory, bo->size, MADV_DONTFORK);

	queue->ring_bytes = bo->size;
	ring_init(&queue->m2s, memory, queue->ring_size, M2S_COPY);
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
	return queue->ring_size - (ring->put - ring->done);
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

/* How many copies can go without a look at the ends of the rings. */
static void count_pairs(struct trn_queue *queue)
{
	const struct trn_ring *m2s = &queue->m2s, *s2m = &queue->s2m;
	uint64_t m2s_pairs = trn_min(ring_room(queue, m2s), m2s->end - m2s->next);
	uint64_t s2m_pairs = trn_min(ring_room(queue, s2m), s2m->end - s2m->next);

	queue->pairs = trn_min(m2s_pairs, s2m_pairs);
}

/* ---- putting ---- */

/* Waiters in other threads compare points with the position of S2M. */
static void ring_advance(struct trn_ring *ring)
{
	ring->next++;
	__atomic_store_n(&ring->put, ring->put + 1, __ATOMIC_RELAXED);
}

static void ring_write(const struct trn_ring *ring, uint64_t head, uint64_t addr)
{
	ring->next->head = htole64(head);
	ring->next->addr = htole64(addr);
}

/* The next lap, with the next id, if this one is at its end. */
static void ring_begin_lap(struct trn_ring *ring)
{
	uint64_t mask = DRM_TRN_DESC_RING_ID(3), id = ring->copy & mask;

	if (ring->next != ring->end)
		return;
	ring->next = ring->first;
	ring->copy = (ring->copy & ~mask) | ((id + DRM_TRN_DESC_RING_ID(1)) & mask);
}

/* As ring_write() and ring_advance(), at the end of a lap too. */
static void ring_put(struct trn_ring *ring, uint64_t head, uint64_t addr)
{
	ring_begin_lap(ring);
	ring_write(ring, head | (ring->copy & DRM_TRN_DESC_RING_ID(3)), addr);
	ring_advance(ring);
}

/* What is to be said in the first descriptor of the next packet, once. */
static uint32_t take_barrier(struct trn_queue *queue)
{
	uint32_t barrier = queue->barrier;

	queue->barrier = 0;
	return barrier;
}

void trn_rings_put_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint32_t size)
{
	uint32_t len = size & DRM_TRN_DESC_LEN;

	ring_put(&queue->m2s, M2S_COPY | take_barrier(queue) | len, src);
	ring_put(&queue->s2m, len, dst);
	queue->pairs = 0;
}

void trn_rings_put_inline(struct trn_queue *queue, const struct drm_trn_inline_op *op,
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
	ring_put(&queue->m2s, head | take_barrier(queue),
		 queue->slots_va + slot * sizeof(*op));
	for (size_t i = 0; i < num_sources; i++)
		ring_put(&queue->m2s, i + 1 == num_sources ? DRM_TRN_DESC_LAST : 0, sources[i]);
	ring_put(&queue->s2m, 0, dst);
	queue->pairs = 0;
}

static int prep_pieces(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	uint64_t pieces;
	uint32_t piece;
	int ret;

	if (!size)
		return -EINVAL;
	pieces = (size - 1) / DRM_TRN_DESC_MAX_LEN + 1;
	ret = trn_rings_reserve(queue, pieces, pieces);
	if (ret)
		return ret;
	for (; size; size -= piece) {
		piece = trn_min(size, DRM_TRN_DESC_MAX_LEN);
		trn_rings_put_copy(queue, dst, src, piece);
		dst += piece;
		src += piece;
	}
	/* What there is room for from here on can go quickly. */
	ring_begin_lap(&queue->m2s);
	ring_begin_lap(&queue->s2m);
	count_pairs(queue);
	return 0;
}

/* Apart, so that the quick path has no use for a frame. */
__attribute__((noinline, cold))
static int put_copy_slowly(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	int ret;

	trn_rings_lock(queue);
	ret = prep_pieces(queue, dst, src, size);
	trn_rings_unlock(queue);
	return ret;
}

int trn_prep_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size)
{
	uint32_t len = size & DRM_TRN_DESC_LEN;

	/* A size of 0 is the largest of all here. */
	if (__builtin_expect(size - 1 >= queue->quick_size || !queue->pairs, 0))
		return put_copy_slowly(queue, dst, src, size);

	ring_write(&queue->m2s, queue->m2s.copy | len, src);
	ring_write(&queue->s2m, queue->s2m.copy | len, dst);
	ring_advance(&queue->m2s);
	ring_advance(&queue->s2m);
	queue->pairs--;
	return 0;
}

int trn_prep_barrier(struct trn_queue *queue)
{
	if (!queue->doorbell)
		return -EOPNOTSUPP;
	trn_rings_lock(queue);
	queue->barrier = DRM_TRN_DESC_DMB;
	/* The quick path knows no barriers. */
	queue->pairs = 0;
	trn_rings_unlock(queue);
	return 0;
}

/* ---- doorbell ---- */

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
	uint32_t m2s = queue->m2s.put - queue->m2s.rung;
	uint32_t s2m = queue->s2m.put - queue->s2m.rung;

	if (!m2s)
		return;
	write_doorbell(queue->doorbell, m2s, s2m);
	queue->m2s.rung = queue->m2s.put;
	queue->s2m.rung = queue->s2m.put;
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

uint64_t trn_queue_point(const struct trn_queue *queue)
{
	return __atomic_load_n(&queue->s2m.put, __ATOMIC_RELAXED);
}

uint64_t trn_queue_completed(const struct trn_queue *queue)
{
	uint64_t completed;

	if (!queue->doorbell)
		return atomic_load_explicit(&queue->completed, memory_order_acquire);
	completed = le64toh(__atomic_load_n(&queue->page->record.s2m, __ATOMIC_RELAXED));
	/* Pairs with the device, whose data is in memory before the count. */
	trn_device_rmb();
	return completed;
}
