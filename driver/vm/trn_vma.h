/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_VMA_H
#define TRN_VMA_H

#include <linux/list.h>
#include <drm/drm_gpuvm.h>

struct trn_bo;
struct trn_range;
struct trn_vm;

/* Limit of mappings made by one operation: a new one, and both ends of one that is cut. */
#define TRN_VMA_PER_MAP		3
#define TRN_VMA_PER_UNMAP	2

/* Spare mappings for changes, which must not allocate, and the mappings removed by them. */
struct trn_vma_pool {
	struct list_head spare;
	struct list_head gone;
};

void trn_vma_pool_init(struct trn_vma_pool *pool);
int trn_vma_pool_alloc(struct trn_vma_pool *pool, unsigned int num);
void trn_vma_pool_free(struct trn_vma_pool *pool);

struct drm_gpuvm_bo *trn_vma_obtain_bo(struct trn_vm *vm, struct trn_bo *bo);
void trn_vma_put_bo(struct drm_gpuvm_bo *vm_bo);

void trn_vma_map(struct trn_vm *vm, const struct trn_range *range, struct drm_gpuvm_bo *vm_bo,
		 struct trn_vma_pool *pool);
void trn_vma_unmap(struct trn_vm *vm, u64 va, u64 size, struct trn_vma_pool *pool);

/* For the drm_gpuvm_ops of a VM. */
struct drm_gpuvm_bo *trn_vma_alloc_bo(void);
int trn_vma_step_map(struct drm_gpuva_op *op, void *priv);
int trn_vma_step_remap(struct drm_gpuva_op *op, void *priv);
int trn_vma_step_unmap(struct drm_gpuva_op *op, void *priv);

#endif /* TRN_VMA_H */
