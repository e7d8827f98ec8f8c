// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapping tree of an address space, kept by drm_gpuvm. The page table of the device is
 * in trn_pgtable.c.
 *
 * A mapping holds its BO through the drm_gpuvm_bo, which all mappings of the BO in the same
 * VM share. The tree changes in the fence-signalling path, so mappings are allocated before.
 * A removed mapping goes to a pool, and holds its BO until the pool is freed. That is after
 * the device has invalidated the mapping.
 */
#include <linux/slab.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "vm/trn_range.h"
#include "vm/trn_vm.h"
#include "vm/trn_vma.h"

struct trn_vma {
	struct drm_gpuva base;
	struct list_head node;	/* in a list of trn_vma_pool */
};

/* Arguments of the drm_gpuvm callbacks of one change. */
struct trn_vma_step {
	struct trn_vm *vm;
	struct drm_gpuvm_bo *vm_bo;	/* of the new mapping */
	struct trn_vma_pool *pool;
};

void trn_vma_pool_init(struct trn_vma_pool *pool)
{
	INIT_LIST_HEAD(&pool->spare);
	INIT_LIST_HEAD(&pool->gone);
}

/* Add @num spare mappings. */
int trn_vma_pool_alloc(struct trn_vma_pool *pool, unsigned int num)
{
	while (num--) {
		struct trn_vma *vma = kzalloc(sizeof(*vma), GFP_KERNEL_ACCOUNT);

		if (!vma)
			return -ENOMEM;
		list_add_tail(&vma->node, &pool->spare);
	}
	return 0;
}

/* Drop the BOs of removed mappings, and free all mappings of the pool. */
void trn_vma_pool_free(struct trn_vma_pool *pool)
{
	struct trn_vma *vma, *next;

	list_for_each_entry_safe(vma, next, &pool->gone, node) {
		trn_vma_put_bo(vma->base.vm_bo);
		kfree(vma);
	}
	list_for_each_entry_safe(vma, next, &pool->spare, node)
		kfree(vma);
}

/* Get the link of a VM and a BO, with a reference, or NULL without memory. */
struct drm_gpuvm_bo *trn_vma_obtain_bo(struct trn_vm *vm, struct trn_bo *bo)
{
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_create(&vm->base, &bo->base);

	if (!vm_bo)
		return NULL;
	mutex_lock(&vm->tdev->vmas_lock);
	vm_bo = drm_gpuvm_bo_obtain_prealloc(vm_bo);
	mutex_unlock(&vm->tdev->vmas_lock);
	return vm_bo;
}

void trn_vma_put_bo(struct drm_gpuvm_bo *vm_bo)
{
	struct trn_bo *bo;
	struct trn_vm *vm;

	if (!vm_bo)
		return;
	/* Hold both, because neither may be freed under the lock. */
	bo = trn_bo_get(to_trn_bo(vm_bo->obj));
	vm = to_trn_vm(drm_gpuvm_get(vm_bo->vm));
	mutex_lock(&vm->tdev->vmas_lock);
	drm_gpuvm_bo_put(vm_bo);
	mutex_unlock(&vm->tdev->vmas_lock);
	drm_gpuvm_put(&vm->base);
	trn_bo_put(bo);
}

static struct drm_gpuva *trn_vma_take(struct trn_vma_pool *pool)
{
	struct trn_vma *vma = list_first_entry(&pool->spare, struct trn_vma, node);

	list_del(&vma->node);
	return &vma->base;
}

static void trn_vma_link(struct trn_vm *vm, struct drm_gpuva *va, struct drm_gpuvm_bo *vm_bo)
{
	mutex_lock(&vm->tdev->vmas_lock);
	drm_gpuva_link(va, vm_bo);
	mutex_unlock(&vm->tdev->vmas_lock);
}

/* Move a mapping, already removed from the tree, to the pool. */
static void trn_vma_retire(struct trn_vm *vm, struct drm_gpuva *va, struct trn_vma_pool *pool)
{
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_get(va->vm_bo);

	mutex_lock(&vm->tdev->vmas_lock);
	drm_gpuva_unlink(va);
	mutex_unlock(&vm->tdev->vmas_lock);
	va->vm_bo = vm_bo;
	list_add_tail(&container_of(va, struct trn_vma, base)->node, &pool->gone);
}

int trn_vma_step_map(struct drm_gpuva_op *op, void *priv)
{
	struct trn_vma_step *step = priv;
	struct drm_gpuva *va = trn_vma_take(step->pool);

	drm_gpuva_map(&step->vm->base, va, &op->map);
	trn_vma_link(step->vm, va, step->vm_bo);
	return 0;
}

int trn_vma_step_unmap(struct drm_gpuva_op *op, void *priv)
{
	struct trn_vma_step *step = priv;

	drm_gpuva_unmap(&op->unmap);
	trn_vma_retire(step->vm, op->unmap.va, step->pool);
	return 0;
}

/* Replace a mapping that loses a part by one or two mappings of the rest. */
int trn_vma_step_remap(struct drm_gpuva_op *op, void *priv)
{
	struct trn_vma_step *step = priv;
	struct drm_gpuva *va = op->remap.unmap->va;
	struct drm_gpuva *prev = op->remap.prev ? trn_vma_take(step->pool) : NULL;
	struct drm_gpuva *next = op->remap.next ? trn_vma_take(step->pool) : NULL;

	drm_gpuva_remap(prev, next, &op->remap);
	if (prev)
		trn_vma_link(step->vm, prev, va->vm_bo);
	if (next)
		trn_vma_link(step->vm, next, va->vm_bo);
	trn_vma_retire(step->vm, va, step->pool);
	return 0;
}

struct drm_gpuvm_bo *trn_vma_alloc_bo(void)
{
	return kzalloc(sizeof(struct drm_gpuvm_bo), GFP_KERNEL_ACCOUNT);
}

/**
 * trn_vma_map() - Add a mapping to the tree, in place of present ones.
 * @vm: the address space
 * @range: range inside @vm
 * @vm_bo: link to the BO of @range
 * @pool: with TRN_VMA_PER_MAP spare mappings; gets the removed ones
 */
void trn_vma_map(struct trn_vm *vm, const struct trn_range *range, struct drm_gpuvm_bo *vm_bo,
		 struct trn_vma_pool *pool)
{
	struct trn_vma_step step = { .vm = vm, .vm_bo = vm_bo, .pool = pool };

	lockdep_assert_held(&vm->lock);

	trn_gpuvm_sm_map(&vm->base, &step, range->va, range->size, vm_bo->obj, range->offset);
}

/**
 * trn_vma_unmap() - Remove the mappings of a range from the tree.
 * @vm: the address space
 * @va: first byte
 * @size: bytes
 * @pool: with TRN_VMA_PER_UNMAP spare mappings, or none if the range is the whole address
 * space; gets the removed ones
 */
void trn_vma_unmap(struct trn_vm *vm, u64 va, u64 size, struct trn_vma_pool *pool)
{
	struct trn_vma_step step = { .vm = vm, .pool = pool };

	lockdep_assert_held(&vm->lock);

	drm_gpuvm_sm_unmap(&vm->base, &step, va, size);
}
