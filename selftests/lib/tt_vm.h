/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces for the suites. */
#ifndef TT_VM_H
#define TT_VM_H

#include "tt_test.h"

#define TT_VM_RW	(DRM_TRN_VM_MAP_READ | DRM_TRN_VM_MAP_WRITE)

struct tt_vm {
	int fd;
	uint32_t id;
};

int tt_vm_create(int fd, struct tt_vm *vm);
int tt_vm_destroy(struct tt_vm *vm);

struct drm_trn_vm_op tt_vm_op_map(const struct tt_bo *bo, uint64_t bo_offset, uint64_t va,
				  uint64_t size, uint32_t flags);
struct drm_trn_vm_op tt_vm_op_unmap(uint64_t va, uint64_t size);

/* Bind and wait. */
int tt_vm_bind(const struct tt_vm *vm, const struct drm_trn_vm_op *ops, uint32_t num_ops);
int tt_vm_bind_async(const struct tt_vm *vm, const struct drm_trn_vm_op *ops, uint32_t num_ops,
		     const struct drm_trn_sync *syncs, uint32_t num_syncs);
/* A whole BO, readable and writable. */
int tt_vm_map(const struct tt_vm *vm, const struct tt_bo *bo, uint64_t va);
int tt_vm_unmap(const struct tt_vm *vm, uint64_t va, uint64_t size);

/* ---- mappings as the driver lists them in debugfs, for root ---- */

#define TT_VM_MAX_MAPPINGS	64

struct tt_vm_mapping {
	uint64_t va;
	uint64_t size;
	uint64_t bo_offset;
	uint64_t bo;		/* the same for all mappings of one BO */
};

struct tt_vm_books {
	unsigned int num_vms;		/* of the device */
	unsigned int num_mappings;	/* of all of them */
	int64_t table_bytes;		/* of the file of the last VM; 0: there is no VM */
	struct tt_vm_mapping mappings[TT_VM_MAX_MAPPINGS];
};

int tt_vm_read_books(struct tt_vm_books *books);

#endif /* TT_VM_H */
