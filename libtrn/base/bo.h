/* SPDX-License-Identifier: MIT */
#ifndef TRN_BASE_BO_H
#define TRN_BASE_BO_H

#include "base/device.h"

struct trn_bo {
	atomic_uint refs;
	struct trn_device *dev;
	uint64_t size;
	uint64_t mmap_offset;
	void *addr;		/* the mapping, the pinned memory, or NULL */
	uint32_t handle;	/* 0 once another object has taken it over */
	uint32_t region;
	uint32_t head;		/* pinned: bytes before @addr in its first granule */
	bool pinned;		/* @addr is memory of the program */
	bool read_only;
	bool shared;		/* in dev->shared_bos: an import finds it by its handle */
	struct trn_bo *next_shared;
	struct trn_mapping *mappings;
	/* Set with the first mapping, so that this room calls nothing of vm/. */
	void (*end_mappings)(struct trn_bo *bo);
};

/* handle.c */

/* @offset and @size name a range of a BO of @dev that is not empty. */
bool trn_bo_has(const struct trn_device *dev, const struct trn_bo *bo, uint64_t offset,
		uint64_t size);

/* Make the object of a new handle, which is closed on failure. */
int trn_bo_wrap(struct trn_device *dev, uint32_t handle, struct trn_bo **bo);

void trn_bo_close_handle(const struct trn_device *dev, uint32_t handle);

/* share.c */

/* Close the handle of a shared BO whose last reference is gone. */
void trn_bo_end_sharing(struct trn_bo *bo);

#endif /* TRN_BASE_BO_H */
