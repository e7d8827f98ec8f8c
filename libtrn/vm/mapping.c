// SPDX-License-Identifier: MIT
/*
 * BOs that the library maps in a VM when they are first used there.
 *
 * A mapping holds no reference: it ends with the BO or with the VM. Both have it in a
 * list. The thread that removes it from a list, under the device's lock, frees it.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "vm/vm.h"

static struct trn_mapping *mapping_find(const struct trn_vm *vm, const struct trn_bo *bo)
{
	struct trn_mapping *mapping = bo->mappings;

	while (mapping && mapping->vm != vm)
		mapping = mapping->next_of_bo;
	return mapping;
}

static void unlink_from_vm(struct trn_mapping *mapping)
{
	struct trn_mapping **link = &mapping->vm->mappings;

	while (*link != mapping)
		link = &(*link)->next_of_vm;
	*link = mapping->next_of_vm;
}

static void end_mappings_of_bo(struct trn_bo *bo)
{
	struct trn_mapping *mapping, *next;

	pthread_mutex_lock(&bo->dev->lock);
	for (mapping = bo->mappings; mapping; mapping = mapping->next_of_bo) {
		unlink_from_vm(mapping);
		/* The mappings of a VM without references end with the VM. */
		if (!trn_ref_get_unless_zero(&mapping->vm->refs))
			mapping->vm = NULL;
	}
	mapping = bo->mappings;
	bo->mappings = NULL;
	pthread_mutex_unlock(&bo->dev->lock);

	for (; mapping; mapping = next) {
		next = mapping->next_of_bo;
		if (mapping->vm) {
			trn_vm_unmap(mapping->vm, mapping->va);
			trn_vm_unref(mapping->vm);
		}
		free(mapping);
	}
}

static int mapping_make(struct trn_vm *vm, struct trn_bo *bo, struct trn_mapping **out)
{
	uint32_t flags = bo->read_only ? TRN_VM_READ : TRN_VM_READ | TRN_VM_WRITE;
	struct trn_mapping *mapping = trn_zalloc(1, sizeof(*mapping));
	int ret;

	if (!mapping)
		return -ENOMEM;
	ret = trn_vm_map(vm, bo, 0, bo->size, flags, &mapping->va);
	if (ret) {
		free(mapping);
		return ret;
	}
	mapping->bo = bo;
	mapping->vm = vm;
	mapping->next_of_bo = bo->mappings;
	bo->mappings = mapping;
	bo->end_mappings = end_mappings_of_bo;
	mapping->next_of_vm = vm->mappings;
	vm->mappings = mapping;
	*out = mapping;
	return 0;
}

int trn_mapping_get(struct trn_vm *vm, struct trn_bo *bo, uint64_t *va)
{
	struct trn_mapping *mapping;
	int ret = 0;

	pthread_mutex_lock(&vm->dev->lock);
	mapping = mapping_find(vm, bo);
	if (!mapping)
		ret = mapping_make(vm, bo, &mapping);
	if (!ret)
		*va = mapping->va;
	pthread_mutex_unlock(&vm->dev->lock);
	return ret;
}
