/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_RING_H
#define TRN_RING_H

#include <linux/types.h>

#include "regs/trn_udma.h"

/* A descriptor, M2S or S2M (HW 4.1, 4.2). */
struct trn_desc {
	__le32 w[4];
};

/* One descriptor pair. */
struct trn_ring_copy {
	u64 dst;	/* chip addresses */
	u64 src;
	u32 len;	/* 1..TRN_DESC_MAX_LEN */
	bool first;	/* of an operation: starts after all earlier work is done */
	bool last;	/* of an operation: retires after all its writes are done */
};

/**
 * struct trn_ring - The M2S and the S2M ring of a queue.
 *
 * @m2s: memory shared with the device, @size descriptors
 * @s2m: memory shared with the device, @size descriptors
 * @size: descriptors in each ring
 * @tail: index of the next free descriptor, the same in both rings
 * @ring_id: ring id of the current lap
 * @emitted: pairs written since the queue was reset
 * @retired: pairs reported as done by the device
 */
struct trn_ring {
	struct trn_desc *m2s;
	struct trn_desc *s2m;
	u32 size;
	u32 tail;
	u32 ring_id;
	u64 emitted;
	u64 retired;
};

void trn_ring_init(struct trn_ring *ring, struct trn_desc *m2s, struct trn_desc *s2m, u32 size);
u32 trn_ring_space(const struct trn_ring *ring);
void trn_ring_emit(struct trn_ring *ring, const struct trn_ring_copy *copy);
bool trn_ring_retire(struct trn_ring *ring, u64 count);

#endif /* TRN_RING_H */
