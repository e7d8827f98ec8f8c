/* SPDX-License-Identifier: MIT */
/*
 * A user-mode queue with an address space of its own, and nothing between the program
 * and the rings: what drm/trn_ring.h asks for is all that is done.
 */
#ifndef LANE_H
#define LANE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#include "drm/trn_accel.h"
#include "drm/trn_ring.h"

#define LANE_RING_SIZE 4096u	/* descriptors, a power of two */
/* That may be outstanding: well below, as the count of one ring may be behind. */
#define LANE_MAX_DEPTH (LANE_RING_SIZE / 2)

/** struct lane_memory - A buffer that the queue and the program see. */
struct lane_memory {
	void *map;
	uint64_t va, size;
};

struct lane {
	struct drm_trn_desc *m2s, *s2m;
	uint64_t *doorbell;
	const struct drm_trn_queue_page *page;
	uint64_t written, rung;		/* descriptors, of either ring */

	int fd;
	uint32_t vm_id;
	uint64_t hbm, system;		/* placements */
	uint64_t next_va;
};

/* Open the first device, make an address space and a queue in it. */
int lane_open(struct lane *lane);
/* Memory of the device or of the host, zeroed and mapped on both sides. */
int lane_memory_new(struct lane *lane, bool hbm, uint64_t size, struct lane_memory *mem);

/* Descriptors finished since the start. */
static inline uint64_t lane_done(const struct lane *lane)
{
	/* Pairs with the device, which writes the data before the count. */
	return le64toh(__atomic_load_n(&lane->page->record.s2m, __ATOMIC_ACQUIRE));
}

/* The queue's error, once it is dead. */
static inline int lane_error(const struct lane *lane)
{
	return __atomic_load_n(&lane->page->error, __ATOMIC_ACQUIRE);
}

/* Write a copy of up to 64 KiB into the rings, where there must be room for it. */
static inline void lane_copy(struct lane *lane, uint64_t dst, uint64_t src, uint32_t size)
{
	uint64_t n = lane->written++;
	uint32_t slot = n & (LANE_RING_SIZE - 1);
	uint32_t ctrl = DRM_TRN_DESC_RING_ID(n / LANE_RING_SIZE + 1) |
			(size & DRM_TRN_DESC_LEN);

	lane->m2s[slot] = (struct drm_trn_desc){
		.ctrl = htole32(ctrl | DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST),
		.op = htole32(DRM_TRN_WORD_COPY),
		.addr = htole64(src),
	};
	lane->s2m[slot] = (struct drm_trn_desc){
		.ctrl = htole32(ctrl),
		.addr = htole64(dst),
	};
}

/* Hand over what was written since the last time. */
static inline void lane_ring(struct lane *lane)
{
	uint64_t count = lane->written - lane->rung;

	lane->rung = lane->written;
	/* The release orders the descriptors before the doorbell. */
	__atomic_store_n(lane->doorbell, htole64(count << 32 | count), __ATOMIC_RELEASE);
}

/* Poll until @count descriptors are finished. */
static inline int lane_wait(const struct lane *lane, uint64_t count)
{
	while (lane_done(lane) < count) {
		int error = lane_error(lane);

		if (error)
			return error;
	}
	return 0;
}

#endif /* LANE_H */
