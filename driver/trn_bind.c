// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM_BIND: from arguments in user memory to a job.
 *
 * All steps that can fail come first: arguments are copied once and checked, objects are
 * looked up, memory is allocated. A pushed job takes place, or fails as a whole because its
 * VM is closed.
 */
#include <linux/overflow.h>
#include <drm/drm_file.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_sync.h"
#include "mem/trn_gem.h"
#include "trn_ioctl.h"
#include "vm/trn_bind_job.h"
#include "vm/trn_vm.h"
#include "vm/trn_vma.h"

/* Size of the struct in the first version of the interface. */
#define TRN_VM_OP_MIN_STRIDE	offsetofend(struct drm_trn_vm_op, size)

#define TRN_VM_MAP_FLAGS	(DRM_TRN_VM_MAP_READ | DRM_TRN_VM_MAP_WRITE)

static int trn_bind_check_op(struct trn_vm *vm, const struct drm_trn_vm_op *arg)
{
	struct drm_device *drm = &vm->tdev->drm;
	bool is_valid = false;

	if (arg->pad || !arg->size || !IS_ALIGNED(arg->va | arg->size, TRN_BO_GRANULE) ||
	    !drm_gpuvm_range_valid(&vm->base, arg->va, arg->size))
		return trn_refuse(drm, -EINVAL, "va=%#llx size=%#llx pad=%#x", arg->va,
				  arg->size, arg->pad);
	if (arg->type == DRM_TRN_VM_OP_MAP)
		is_valid = arg->flags && !(arg->flags & ~TRN_VM_MAP_FLAGS) &&
			   IS_ALIGNED(arg->bo_offset, TRN_BO_GRANULE);
	else if (arg->type == DRM_TRN_VM_OP_UNMAP)
		is_valid = !arg->flags && !arg->handle && !arg->bo_offset;
	return is_valid ? 0 : trn_refuse(drm, -EINVAL,
					 "type=%u flags=%#x handle=%u bo_offset=%#llx",
					 arg->type, arg->flags, arg->handle, arg->bo_offset);
}

/* Whole pages can be mapped, also pages that the BO covers only in part. */
static int trn_bind_check_bo(const struct trn_bo *bo, const struct drm_trn_vm_op *arg)
{
	struct drm_device *drm = bo->base.dev;
	u64 end;

	if (check_add_overflow(arg->bo_offset, arg->size, &end) || end > bo->base.size)
		return trn_refuse(drm, -EINVAL, "bo_offset=%#llx size=%#llx of BO size=%#zx",
				  arg->bo_offset, arg->size, bo->base.size);
	if (bo->flags & DRM_TRN_BO_READ_ONLY && arg->flags & DRM_TRN_VM_MAP_WRITE)
		return trn_refuse(drm, -EACCES, "flags=%#x with READ_ONLY handle=%u", arg->flags,
				  arg->handle);
	if (trn_bo_is_revoked(bo))
		return trn_refuse(drm, -ENXIO, "handle=%u has lost its memory", arg->handle);
	return 0;
}

static int trn_bind_set_map(struct trn_vm *vm, struct drm_file *file, struct trn_bind_op *op,
			    const struct drm_trn_vm_op *arg)
{
	struct trn_bo *bo = trn_bo_lookup(file, arg->handle);
	int ret;

	if (!bo)
		return trn_refuse(&vm->tdev->drm, -ENOENT, "handle=%u", arg->handle);
	ret = trn_bind_check_bo(bo, arg);
	if (ret)
		goto out_put;
	/* The link holds the BO. */
	op->vm_bo = trn_vma_obtain_bo(vm, bo);
	if (!op->vm_bo) {
		ret = -ENOMEM;
		goto out_put;
	}
	op->range.bo = bo;
	op->range.offset = arg->bo_offset;
	op->range.flags = (arg->flags & DRM_TRN_VM_MAP_READ ? TRNX_PTE_READ : 0) |
			  (arg->flags & DRM_TRN_VM_MAP_WRITE ? TRNX_PTE_WRITE : 0);
out_put:
	trn_bo_put(bo);
	return ret;
}

static int trn_bind_set_op(struct trn_vm *vm, struct drm_file *file, struct trn_bind_op *op,
			   const struct drm_trn_vm_op *arg)
{
	int ret = trn_bind_check_op(vm, arg);

	if (ret)
		return ret;
	op->range.va = arg->va;
	op->range.size = arg->size;
	return arg->type == DRM_TRN_VM_OP_MAP ? trn_bind_set_map(vm, file, op, arg) : 0;
}

static int trn_bind_fill(struct trn_bind_job *job, struct drm_file *file,
			 const struct drm_trn_vm_bind *args)
{
	struct drm_trn_vm_op arg;
	u32 i;
	int ret;

	for (i = 0; i < args->ops.count; i++) {
		ret = trn_array_copy(file, &arg, sizeof(arg), &args->ops, i);
		if (!ret)
			ret = trn_bind_set_op(job->vm, file, &job->ops[i], &arg);
		if (ret)
			return ret;
	}
	return trn_sync_read(&job->sync, file, &args->syncs);
}

static int trn_bind_push(struct trn_bind_job *job)
{
	struct trn_vm *vm = job->vm;
	int ret;

	ret = mutex_lock_interruptible(&vm->bind_lock);
	if (ret)
		return ret;
	ret = trn_bind_job_prepare(job) ?: trn_bind_job_push(job);
	mutex_unlock(&vm->bind_lock);
	return ret;
}

static int trn_bind(struct trn_vm *vm, struct drm_file *file,
		    const struct drm_trn_vm_bind *args)
{
	struct trn_bind_job *job = trn_bind_job_create(vm, args->ops.count);
	bool wait = !(args->flags & DRM_TRN_VM_BIND_ASYNC);
	int ret;

	if (IS_ERR(job))
		return PTR_ERR(job);
	job->waited = wait;
	ret = trn_bind_fill(job, file, args) ?: trn_bind_push(job);
	if (ret) {
		trn_bind_job_free(job);
		return ret;
	}
	return wait ? trn_bind_job_wait(job) : 0;
}

int trn_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_trn_vm_bind *args = data;
	struct trn_vm *vm;
	int ret;

	if (args->flags & ~DRM_TRN_VM_BIND_ASYNC || !args->ops.count ||
	    (args->syncs.count && !(args->flags & DRM_TRN_VM_BIND_ASYNC)))
		return trn_refuse(drm, -EINVAL, "flags=%#x ops.count=%u syncs.count=%u",
				  args->flags, args->ops.count, args->syncs.count);
	ret = trn_array_check(file, &args->ops, TRN_MAX_BIND_OPS, TRN_VM_OP_MIN_STRIDE) ?:
	      trn_sync_check(file, &args->syncs);
	if (ret)
		return ret;
	vm = trn_vm_lookup(file, args->vm_id);
	if (!vm)
		return trn_refuse(drm, -ENOENT, "vm_id=%u", args->vm_id);
	ret = trn_bind(vm, file, args);
	trn_vm_put(vm);
	return ret;
}
