// SPDX-License-Identifier: GPL-2.0-only
#include "tt_vm.h"

#include <glob.h>

int tt_vm_create(int fd, struct tt_vm *vm)
{
	struct drm_trn_vm_create args = { 0 };
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_VM_CREATE, &args);

	memset(vm, 0, sizeof(*vm));
	if (ret)
		return ret;
	vm->fd = fd;
	vm->id = args.vm_id;
	return 0;
}

int tt_vm_destroy(struct tt_vm *vm)
{
	struct drm_trn_vm_destroy args = { .vm_id = vm->id };
	int ret = tt_ioctl(vm->fd, DRM_IOCTL_TRN_VM_DESTROY, &args);

	memset(vm, 0, sizeof(*vm));
	return ret;
}

struct drm_trn_vm_op tt_vm_op_map(const struct tt_bo *bo, uint64_t bo_offset, uint64_t va,
				  uint64_t size, uint32_t flags)
{
	return (struct drm_trn_vm_op) {
		.type = DRM_TRN_VM_OP_MAP,
		.flags = flags,
		.handle = bo->handle,
		.bo_offset = bo_offset,
		.va = va,
		.size = size,
	};
}

struct drm_trn_vm_op tt_vm_op_unmap(uint64_t va, uint64_t size)
{
	return (struct drm_trn_vm_op) {
		.type = DRM_TRN_VM_OP_UNMAP,
		.va = va,
		.size = size,
	};
}

static int vm_bind(const struct tt_vm *vm, uint32_t flags, const struct drm_trn_vm_op *ops,
		   uint32_t num_ops, const struct drm_trn_sync *syncs, uint32_t num_syncs)
{
	struct drm_trn_vm_bind args = {
		.vm_id = vm->id,
		.flags = flags,
		.ops = { sizeof(*ops), num_ops, (uintptr_t)ops },
		.syncs = { sizeof(*syncs), num_syncs, (uintptr_t)syncs },
	};

	return tt_ioctl(vm->fd, DRM_IOCTL_TRN_VM_BIND, &args);
}

int tt_vm_bind(const struct tt_vm *vm, const struct drm_trn_vm_op *ops, uint32_t num_ops)
{
	return vm_bind(vm, 0, ops, num_ops, NULL, 0);
}

int tt_vm_bind_async(const struct tt_vm *vm, const struct drm_trn_vm_op *ops, uint32_t num_ops,
		     const struct drm_trn_sync *syncs, uint32_t num_syncs)
{
	return vm_bind(vm, DRM_TRN_VM_BIND_ASYNC, ops, num_ops, syncs, num_syncs);
}

int tt_vm_map(const struct tt_vm *vm, const struct tt_bo *bo, uint64_t va)
{
	struct drm_trn_vm_op op = tt_vm_op_map(bo, 0, va, bo->size, TT_VM_RW);

	return tt_vm_bind(vm, &op, 1);
}

int tt_vm_unmap(const struct tt_vm *vm, uint64_t va, uint64_t size)
{
	struct drm_trn_vm_op op = tt_vm_op_unmap(va, size);

	return tt_vm_bind(vm, &op, 1);
}

/* ---- mappings in debugfs ---- */

static void books_add_mapping(struct tt_vm_books *books, const struct tt_vm_mapping *mapping)
{
	if (books->num_mappings < TT_VM_MAX_MAPPINGS)
		books->mappings[books->num_mappings] = *mapping;
	books->num_mappings++;
}

static void books_add_line(struct tt_vm_books *books, const char *line)
{
	unsigned long long va, size, offset, bo;
	long long table_bytes;

	if (sscanf(line, "ASID %*u, tables of its file: %lld", &table_bytes) == 1) {
		books->num_vms++;
		books->table_bytes = table_bytes;
	}
	if (sscanf(line, " %llx %llx %llx %llx", &va, &size, &offset, &bo) == 4)
		books_add_mapping(books, &(struct tt_vm_mapping) {
			.va = va, .size = size, .bo_offset = offset, .bo = bo,
		});
}

/* Of the first device; the suites that look here run with one. */
int tt_vm_read_books(struct tt_vm_books *books)
{
	char line[256];
	glob_t paths;
	FILE *file;

	memset(books, 0, sizeof(*books));
	if (glob("/sys/kernel/debug/accel/*/vms", 0, NULL, &paths))
		return -ENOENT;
	file = fopen(paths.gl_pathv[0], "re");
	globfree(&paths);
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		books_add_line(books, line);
	fclose(file);
	return 0;
}
