// SPDX-License-Identifier: MIT
/*
 * Address spaces of the device.
 *
 * The library chooses addresses. A range stays in use until the kernel has unmapped it, so
 * that no address is reused while the device could still access it.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/ioctl.h"
#include "base/util.h"
#include "vm/vm.h"

/* A call with more operations allocates memory (3 KiB of stack). */
#define STACK_OPS 64

static_assert(TRN_VM_READ == DRM_TRN_VM_MAP_READ, "flags are those of the kernel");
static_assert(TRN_VM_WRITE == DRM_TRN_VM_MAP_WRITE, "flags are those of the kernel");
static_assert(TRN_VM_ASYNC == DRM_TRN_VM_BIND_ASYNC, "flags are those of the kernel");
static_assert((int)TRN_VM_MAP == DRM_TRN_VM_OP_MAP, "types are those of the kernel");
static_assert((int)TRN_VM_UNMAP == DRM_TRN_VM_OP_UNMAP, "types are those of the kernel");

int trn_vm_new(struct trn_device *dev, struct trn_vm **out)
{
	const struct drm_trn_query_device *limits = &dev->limits;
	struct drm_trn_vm_create args = { 0 };
	struct trn_vm *vm;
	int ret;

	if (!(limits->caps & DRM_TRN_CAP_USER_QUEUES))
		return -EOPNOTSUPP;
	vm = trn_zalloc(1, sizeof(*vm));
	if (!vm)
		return -ENOMEM;
	ret = trn_ioctl(dev, DRM_IOCTL_TRN_VM_CREATE, &args);
	if (ret) {
		free(vm);
		return ret;
	}
	atomic_init(&vm->refs, 1);
	vm->dev = trn_device_ref(dev);
	vm->id = args.vm_id;
	trn_va_init(&vm->space, limits->va_start, limits->va_size, limits->bo_granule);
	*out = vm;
	return 0;
}

struct trn_vm *trn_vm_ref(struct trn_vm *vm)
{
	trn_ref_get(&vm->refs);
	return vm;
}

static void unlink_from_bo(struct trn_mapping *mapping)
{
	struct trn_mapping **link = &mapping->bo->mappings;

	while (*link != mapping)
		link = &(*link)->next_of_bo;
	*link = mapping->next_of_bo;
}

/* All mappings end with the VM. */
static void end_mappings_of_vm(struct trn_vm *vm)
{
	struct trn_mapping *mapping, *next;

	pthread_mutex_lock(&vm->dev->lock);
	for (mapping = vm->mappings; mapping; mapping = next) {
		next = mapping->next_of_vm;
		unlink_from_bo(mapping);
		free(mapping);
	}
	vm->mappings = NULL;
	pthread_mutex_unlock(&vm->dev->lock);
}

void trn_vm_unref(struct trn_vm *vm)
{
	struct drm_trn_vm_destroy args;

	if (!vm || !trn_ref_put(&vm->refs))
		return;
	if (trn_device_is_ours(vm->dev)) {
		end_mappings_of_vm(vm);
		args = (struct drm_trn_vm_destroy){ .vm_id = vm->id };
		trn_ioctl(vm->dev, DRM_IOCTL_TRN_VM_DESTROY, &args);
	}
	trn_va_fini(&vm->space);
	trn_device_unref(vm->dev);
	free(vm);
}

uint32_t trn_vm_id(const struct trn_vm *vm)
{
	return vm->id;
}

static int bind(struct trn_vm *vm, const struct drm_trn_vm_op *ops, size_t num_ops,
		uint32_t flags, const struct trn_sync *syncs, size_t num_syncs)
{
	struct drm_trn_vm_bind args = {
		.vm_id = vm->id,
		.flags = flags,
		.ops = {
			.stride = sizeof(*ops),
			.count = num_ops,
			.ptr = (uintptr_t)ops,
		},
		.syncs = {
			.stride = sizeof(*syncs),
			.count = num_syncs,
			.ptr = (uintptr_t)syncs,
		},
	};

	return trn_ioctl(vm->dev, DRM_IOCTL_TRN_VM_BIND, &args);
}

static int translate_op(const struct trn_vm *vm, const struct trn_vm_op *op,
			struct drm_trn_vm_op *out)
{
	*out = (struct drm_trn_vm_op){
		.type = op->type,
		.flags = op->flags,
		.bo_offset = op->bo_offset,
		.va = op->va,
		.size = op->size,
	};
	if (op->type == TRN_VM_UNMAP)
		return 0;
	if (op->type != TRN_VM_MAP || !op->bo || op->bo->dev != vm->dev)
		return -EINVAL;
	out->handle = op->bo->handle;
	return 0;
}

int trn_vm_bind(struct trn_vm *vm, const struct trn_vm_op *ops, size_t num_ops, uint32_t flags,
		const struct trn_sync *syncs, size_t num_syncs)
{
	struct drm_trn_vm_op on_stack[STACK_OPS], *translated;
	int ret = 0;

	if (!ops || !num_ops || num_ops > vm->dev->limits.max_bind_ops ||
	    (num_syncs && !syncs) || num_syncs > UINT32_MAX)
		return -EINVAL;
	translated = trn_scratch_get(on_stack, STACK_OPS, num_ops, sizeof(*translated));
	if (!translated)
		return -ENOMEM;
	for (size_t i = 0; i < num_ops && !ret; i++)
		ret = translate_op(vm, &ops[i], &translated[i]);
	if (!ret)
		ret = bind(vm, translated, num_ops, flags, syncs, num_syncs);
	trn_scratch_put(on_stack, translated);
	return ret;
}

/* Make the operation that maps the granules of a range; its address is set later. */
static int map_op(const struct trn_vm *vm, const struct trn_bo *bo, uint64_t offset,
		  uint64_t size, uint32_t flags, struct drm_trn_vm_op *op)
{
	uint64_t granule = vm->space.granule, first, end;

	if (!trn_bo_has(vm->dev, bo, offset, size))
		return -EINVAL;
	if (bo->read_only && flags & TRN_VM_WRITE)
		return -EACCES;
	first = (bo->head + offset) / granule * granule;
	end = (bo->head + offset + size + granule - 1) / granule * granule;
	*op = (struct drm_trn_vm_op){
		.type = DRM_TRN_VM_OP_MAP,
		.flags = flags,
		.handle = bo->handle,
		.bo_offset = first,
		.size = end - first,
	};
	return 0;
}

/* Offset of the byte at @offset in the first granule of the mapping. */
static uint64_t offset_in_granule(const struct trn_vm *vm, const struct trn_bo *bo,
				  uint64_t offset)
{
	return (bo->head + offset) % vm->space.granule;
}

int trn_vm_map(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
	       uint32_t flags, uint64_t *va)
{
	struct trn_va_range *range;
	struct drm_trn_vm_op op;
	int ret;

	ret = map_op(vm, bo, offset, size, flags, &op);
	if (ret)
		return ret;
	ret = trn_va_place(&vm->space, op.size, &range);
	if (ret)
		return ret;
	op.va = range->start;
	ret = bind(vm, &op, 1, 0, NULL, 0);
	if (ret) {
		trn_va_remove(&vm->space, range);
		return ret;
	}
	*va = op.va + offset_in_granule(vm, bo, offset);
	return 0;
}

int trn_vm_map_at(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
		  uint32_t flags, uint64_t va)
{
	struct trn_va_range *range;
	struct drm_trn_vm_op op;
	int ret;

	ret = map_op(vm, bo, offset, size, flags, &op);
	if (ret)
		return ret;
	if (va % vm->space.granule != offset_in_granule(vm, bo, offset))
		return -EINVAL;
	op.va = va - va % vm->space.granule;
	ret = trn_va_place_at(&vm->space, op.va, op.size, &range);
	if (ret)
		return ret;
	ret = bind(vm, &op, 1, 0, NULL, 0);
	if (ret)
		trn_va_remove(&vm->space, range);
	return ret;
}

int trn_vm_unmap(struct trn_vm *vm, uint64_t va)
{
	struct drm_trn_vm_op op = { .type = DRM_TRN_VM_OP_UNMAP };
	struct trn_va_range *range;
	int ret;

	ret = trn_va_begin_leave(&vm->space, va, &range);
	if (ret)
		return ret;
	op.va = range->start;
	op.size = range->end - range->start;
	ret = bind(vm, &op, 1, 0, NULL, 0);
	if (ret)
		trn_va_cancel_leave(&vm->space, range);
	else
		trn_va_remove(&vm->space, range);
	return ret;
}

int trn_vm_reserve(struct trn_vm *vm, uint64_t size, uint64_t *va)
{
	uint64_t granule = vm->space.granule;
	struct trn_va_range *range;
	int ret;

	if (!size || size > vm->dev->limits.va_size)
		return -EINVAL;
	ret = trn_va_place(&vm->space, (size + granule - 1) / granule * granule, &range);
	if (ret)
		return ret;
	*va = range->start;
	return 0;
}
