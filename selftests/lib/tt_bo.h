/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory objects. */
#ifndef TT_BO_H
#define TT_BO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drm/trn_accel.h"

struct tt_bo {
	int fd;
	uint32_t handle;
	uint64_t size;
	uint64_t mmap_offset;
	void *map;		/* mapping of the whole BO; NULL with NO_MMAP */
	bool userptr;		/* map is the caller's own memory */
};

int tt_bo_create(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo);
int tt_bo_create_unmapped(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo);
int tt_bo_userptr(int fd, void *addr, uint64_t size, uint32_t flags, struct tt_bo *bo);
int tt_bo_info(int fd, uint32_t handle, struct drm_trn_bo_info *info);
void tt_bo_close(struct tt_bo *bo);
int tt_gem_close(int fd, uint32_t handle);
/* Anonymous private pages, or NULL. */
void *tt_pages(size_t size);

#endif /* TT_BO_H */
