// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor ring: memory only, no registers, no locks (the queue's lock protects it).
 *
 * A copy is one M2S descriptor (source) and one S2M descriptor (destination) of
 * equal length, at the same index of two rings of equal size. The device retires
 * pairs in order and counts them; the driver counts what it emits. Both counts
 * are 64 bits wide and never wrap, so
 *
 *	retired <= emitted <= retired + size - TRN_RING_SPARE
 *
 * and the index is only the position in memory. The ring id distinguishes laps: it is 1 on
 * the first lap, and one more modulo 4 on each later one (HW 3.4).
 */
#include <linux/bitfield.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/wordpart.h>

#include "queue/trn_ring.h"

/**
 * trn_ring_init() - Initialise empty rings, as after a queue reset.
 * @ring: the ring
 * @m2s: memory of the source descriptors
 * @s2m: memory of the destination descriptors
 * @size: descriptors in each, TRN_RING_MIN..TRN_RING_MAX, a multiple of 16
 */
void trn_ring_init(struct trn_ring *ring, struct trn_desc *m2s, struct trn_desc *s2m, u32 size)
{
	*ring = (struct trn_ring) {
		.m2s = m2s,
		.s2m = s2m,
		.size = size,
		.ring_id = TRN_RING_ID_FIRST,
	};
}

/* Number of pairs that can be emitted now. */
u32 trn_ring_space(const struct trn_ring *ring)
{
	u32 used = ring->emitted - ring->retired;

	return ring->size - TRN_RING_SPARE - min(used, ring->size - TRN_RING_SPARE);
}

/*
 * Write one pair. The device sees it after the next doorbell.
 *
 * The caller has checked that the ring has room. DMB on the first pair of an operation and
 * the write barrier on the last pair of the one before order both operations.
 */
void trn_ring_emit(struct trn_ring *ring, const struct trn_ring_copy *copy)
{
	struct trn_desc *m2s = &ring->m2s[ring->tail];
	struct trn_desc *s2m = &ring->s2m[ring->tail];
	/* A length of 64 KiB is encoded as 0: the field has 16 bits (HW 4.1). */
	u32 w0 = FIELD_PREP(TRN_DESC_W0_LEN, copy->len & TRN_DESC_W0_LEN) |
		 FIELD_PREP(TRN_DESC_W0_RING_ID, ring->ring_id);

	if (WARN_ON_ONCE(!trn_ring_space(ring)))
		return;

	m2s->w[0] = cpu_to_le32(w0 | TRN_M2S_W0_FIRST | TRN_M2S_W0_LAST |
				(copy->first ? TRN_M2S_W0_DMB : 0));
	m2s->w[1] = cpu_to_le32(copy->last ? TRN_META_COPY_BARRIER : TRN_META_COPY);
	m2s->w[2] = cpu_to_le32(lower_32_bits(copy->src));
	m2s->w[3] = cpu_to_le32(upper_32_bits(copy->src));

	s2m->w[0] = cpu_to_le32(w0);
	s2m->w[1] = 0;
	s2m->w[2] = cpu_to_le32(lower_32_bits(copy->dst));
	s2m->w[3] = cpu_to_le32(upper_32_bits(copy->dst));

	ring->emitted++;
	if (++ring->tail == ring->size) {
		ring->tail = 0;
		ring->ring_id = (ring->ring_id + 1) & FIELD_MAX(TRN_DESC_W0_RING_ID);
	}
}

/**
 * trn_ring_retire() - Set the count of retired pairs.
 * @ring: the ring
 * @count: pairs retired since the queue was reset, from the device
 *
 * Return: false if the count is impossible; the ring is then unchanged.
 */
bool trn_ring_retire(struct trn_ring *ring, u64 count)
{
	if (count < ring->retired || count > ring->emitted)
		return false;
	ring->retired = count;
	return true;
}
