// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM_CREATE and VM_DESTROY.
 */
#include <drm/drm_file.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "hw/trn_mmu.h"
#include "trn_ioctl.h"
#include "vm/trn_vm.h"

int trn_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_vm_create *args = data;
	struct trn_vm *vm;
	int ret;

	if (args->flags)
		return trn_refuse(drm, -EINVAL, "flags=%#x", args->flags);
	if (!trn_mmu_has_user_queues(tdev))
		return trn_refuse(drm, -EOPNOTSUPP, "VM without CAP_USER_QUEUES");
	/* Reserve the id first, so that publishing the VM cannot fail. */
	ret = xa_alloc(&tfile->vms, &args->vm_id, NULL, XA_LIMIT(1, TRN_MAX_VMS),
		       GFP_KERNEL_ACCOUNT);
	if (ret == -EBUSY)
		return trn_refuse(drm, -EMFILE, "file has max_vms=%u", TRN_MAX_VMS);
	if (ret)
		return ret;
	vm = trn_vm_create(tdev, tfile);
	if (IS_ERR(vm)) {
		xa_release(&tfile->vms, args->vm_id);
		return PTR_ERR(vm);
	}
	xa_store(&tfile->vms, args->vm_id, vm, GFP_KERNEL);
	return 0;
}

int trn_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_vm_destroy *args = data;
	struct trn_vm *vm;

	if (args->pad)
		return trn_refuse(drm, -EINVAL, "pad=%#x", args->pad);
	/* A plain erase would free an id reserved by a creation in progress. */
	xa_lock(&tfile->vms);
	vm = xa_load(&tfile->vms, args->vm_id);
	if (vm)
		__xa_erase(&tfile->vms, args->vm_id);
	xa_unlock(&tfile->vms);
	if (!vm)
		return trn_refuse(drm, -ENOENT, "vm_id=%u", args->vm_id);
	trn_vm_close(vm);
	return 0;
}
