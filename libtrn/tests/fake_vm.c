// SPDX-License-Identifier: MIT
/* Address spaces of the fake kernel: a table of all pages that there can be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_priv.h"

#define MAX_VMS 4
#define NUM_PAGES (FAKE_VA_SIZE / FAKE_GRANULE)
#define MAX_BIND_OPS 128

struct fake_page {
	char *data;
	uint32_t flags;		/* DRM_TRN_VM_MAP_*; 0: not mapped */
};

struct fake_vm {
	bool used;
	struct fake_page *pages;
};

static struct fake_vm vms[MAX_VMS];

void fake_vms_reset(void)
{
	for (int i = 0; i < MAX_VMS; i++)
		free(vms[i].pages);
	memset(vms, 0, sizeof(vms));
}

static struct fake_vm *find_vm(uint32_t id)
{
	return id && id <= MAX_VMS && vms[id - 1].used ? &vms[id - 1] : NULL;
}

bool fake_vm_exists(uint32_t id)
{
	return find_vm(id);
}

int fake_vm_create(struct drm_trn_vm_create *args)
{
	if (!(fake.caps & DRM_TRN_CAP_USER_QUEUES))
		return -EOPNOTSUPP;
	if (args->flags || args->vm_id)
		return -EINVAL;
	for (uint32_t i = 0; i < MAX_VMS; i++) {
		if (vms[i].used)
			continue;
		vms[i].pages = calloc(NUM_PAGES, sizeof(*vms[i].pages));
		if (!vms[i].pages)
			return -ENOMEM;
		vms[i].used = true;
		args->vm_id = i + 1;
		fake.open_vms++;
		return 0;
	}
	return -EMFILE;
}

/* NULL outside the space. */
static struct fake_page *find_page(const struct fake_vm *vm, uint64_t va)
{
	return va >= FAKE_VA_START && va - FAKE_VA_START < FAKE_VA_SIZE ?
		&vm->pages[(va - FAKE_VA_START) / FAKE_GRANULE] : NULL;
}

static void unmap_page(struct fake_page *page)
{
	fake.mappings -= !!page->flags;
	*page = (struct fake_page){ 0 };
}

int fake_vm_destroy(const struct drm_trn_vm_destroy *args)
{
	struct fake_vm *vm = find_vm(args->vm_id);

	if (!vm)
		return -ENOENT;
	if (args->pad)
		return -EINVAL;
	for (uint64_t i = 0; i < NUM_PAGES && fake.mappings; i++)
		unmap_page(&vm->pages[i]);
	free(vm->pages);
	*vm = (struct fake_vm){ 0 };
	fake.open_vms--;
	return 0;
}

static int check_op(const struct drm_trn_vm_op *op)
{
	const struct fake_bo *bo = fake_find_bo(op->handle);
	uint64_t head, room;

	if (op->pad || !op->size || (op->va | op->size | op->bo_offset) % FAKE_GRANULE ||
	    op->va < FAKE_VA_START || op->size > FAKE_VA_SIZE ||
	    op->va - FAKE_VA_START > FAKE_VA_SIZE - op->size)
		return -EINVAL;
	if (op->type == DRM_TRN_VM_OP_UNMAP)
		return op->flags || op->handle || op->bo_offset ? -EINVAL : 0;
	if (op->type != DRM_TRN_VM_OP_MAP || !op->flags ||
	    op->flags & ~(DRM_TRN_VM_MAP_READ | DRM_TRN_VM_MAP_WRITE))
		return -EINVAL;
	if (!bo)
		return -ENOENT;
	if (bo->read_only && op->flags & DRM_TRN_VM_MAP_WRITE)
		return -EACCES;
	head = (uintptr_t)bo->data % FAKE_GRANULE;
	room = (head + bo->size + FAKE_GRANULE - 1) / FAKE_GRANULE * FAKE_GRANULE;
	return op->bo_offset > room || op->size > room - op->bo_offset ? -EINVAL : 0;
}

static void do_op(struct fake_vm *vm, const struct drm_trn_vm_op *op)
{
	const struct fake_bo *bo = fake_find_bo(op->handle);
	struct fake_page *page = find_page(vm, op->va);
	char *data = NULL;

	if (bo)
		data = bo->data - (uintptr_t)bo->data % FAKE_GRANULE + op->bo_offset;
	for (uint64_t at = 0; at < op->size; at += FAKE_GRANULE, page++) {
		unmap_page(page);
		if (op->type == DRM_TRN_VM_OP_UNMAP)
			continue;
		*page = (struct fake_page){ .data = data + at, .flags = op->flags };
		fake.mappings++;
	}
}

int fake_vm_bind(const struct drm_trn_vm_bind *args)
{
	const struct drm_trn_vm_op *ops = (void *)(uintptr_t)args->ops.ptr;
	const struct drm_trn_sync *syncs = (void *)(uintptr_t)args->syncs.ptr;
	struct fake_vm *vm = find_vm(args->vm_id);
	int err = 0;

	fake.bind_calls++;
	if (!vm)
		return -ENOENT;
	if (args->flags & ~DRM_TRN_VM_BIND_ASYNC || !args->ops.count ||
	    args->ops.count > MAX_BIND_OPS || args->ops.stride != sizeof(*ops) ||
	    (args->syncs.count && (!(args->flags & DRM_TRN_VM_BIND_ASYNC) ||
				   args->syncs.stride != sizeof(*syncs))))
		return -EINVAL;
	for (uint32_t i = 0; i < args->ops.count && !err; i++)
		err = check_op(&ops[i]);
	if (err)
		return err;
	fake.last_num_syncs = args->syncs.count;
	if (args->syncs.count)
		fake.last_sync_point = syncs[0].point;
	for (uint32_t i = 0; i < args->ops.count; i++)
		do_op(vm, &ops[i]);
	fake.last_bind = ops[args->ops.count - 1];
	return 0;
}

static bool move(uint32_t id, uint64_t va, char *data, uint64_t size, bool write, uint64_t *fault)
{
	uint32_t need = write ? DRM_TRN_VM_MAP_WRITE : DRM_TRN_VM_MAP_READ;
	struct fake_vm *vm = find_vm(id);

	while (size) {
		struct fake_page *page = vm ? find_page(vm, va) : NULL;
		uint64_t offset = va % FAKE_GRANULE, piece = FAKE_GRANULE - offset;

		if (!page || !(page->flags & need)) {
			*fault = va;
			return false;
		}
		if (piece > size)
			piece = size;
		if (write)
			memmove(page->data + offset, data, piece);
		else
			memmove(data, page->data + offset, piece);
		va += piece;
		data += piece;
		size -= piece;
	}
	return true;
}

bool fake_vm_read(uint32_t id, uint64_t va, void *data, uint64_t size, uint64_t *fault)
{
	return move(id, va, data, size, false, fault);
}

bool fake_vm_write(uint32_t id, uint64_t va, const void *data, uint64_t size, uint64_t *fault)
{
	return move(id, va, (char *)data, size, true, fault);
}
