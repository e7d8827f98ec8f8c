// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: an ASID of the device, a page table, the tree of mappings (drm_gpuvm).
 *
 * Access of the device to memory ends in three steps: the entry is cleared, the device
 * invalidates it, and then the memory is freed. trn_bind_job.c does this for single
 * mappings, trn_vm_revoke_bo() for all mappings of a BO, and trn_vm_release() for the whole
 * address space. Unbinding the driver ends only the DMA mappings of the tables; the VMs stay
 * until their files are closed.
 */
#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_user.h"
#include "hw/trn_mmu.h"
#include "mem/trn_gem.h"
#include "vm/trn_bind_job.h"
#include "vm/trn_pgtable_reserve.h"
#include "vm/trn_vm.h"
#include "vm/trn_vma.h"

/* Free the memory of a VM without references of any kind. */
static void trn_vm_free(struct drm_gpuvm *gpuvm)
{
	struct trn_vm *vm = to_trn_vm(gpuvm);
	struct trn_device *tdev = vm->tdev;

	trn_pgtable_fini(&vm->pgt);
	mutex_destroy(&vm->lock);
	mutex_destroy(&vm->bind_lock);
	trn_budget_uncharge(vm->user->vms, 1);
	trn_user_put(vm->user);
	kfree(vm);
	drm_dev_put(&tdev->drm);
}

static const struct drm_gpuvm_ops trn_vm_gpuvm_ops = {
	.vm_free = trn_vm_free,
	.vm_bo_alloc = trn_vma_alloc_bo,
	.sm_step_map = trn_vma_step_map,
	.sm_step_remap = trn_vma_step_remap,
	.sm_step_unmap = trn_vma_step_unmap,
};

static struct trn_vm *trn_vm_alloc(struct trn_device *tdev, struct trn_file *tfile)
{
	struct drm_gem_object *resv_obj = drm_gpuvm_resv_object_alloc(&tdev->drm);
	struct trn_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!resv_obj || !vm) {
		if (resv_obj)
			drm_gem_object_put(resv_obj);
		kfree(vm);
		return NULL;
	}
	kref_init(&vm->ref);
	vm->tdev = tdev;
	vm->user = trn_user_get(tfile->user);
	vm->fence_context = dma_fence_context_alloc(1);
	mutex_init(&vm->bind_lock);
	mutex_init(&vm->lock);
	trn_pgtable_init(&vm->pgt, tdev->drm.dev, tfile->tables);
	INIT_LIST_HEAD(&vm->binds);
	INIT_WORK(&vm->bind_work, trn_bind_work);
	init_waitqueue_head(&vm->fewer_binds);
	init_llist_head(&vm->done_binds);
	INIT_WORK(&vm->free_work, trn_bind_free_work);
	drm_gpuvm_init(&vm->base, vm->name, 0, &tdev->drm, resv_obj, TRN_VA_START, TRN_VA_SIZE,
		       0, 0, &trn_vm_gpuvm_ops);
	drm_gem_object_put(resv_obj);
	/* The VM may outlive the file and the bound device. */
	drm_dev_get(&tdev->drm);
	return vm;
}

/* Allocate root table and ASID, and give the address space to the device. */
static int trn_vm_start(struct trn_vm *vm)
{
	struct trn_device *tdev = vm->tdev;
	int ret;

	ret = trn_pgtable_alloc_root(&vm->pgt);
	if (ret)
		return trn_refuse(&tdev->drm, ret, "root page table: max_table_bytes=%u",
				  TRN_MAX_TABLE_BYTES);
	ret = trn_mmu_alloc_asid(tdev, &vm->asid);
	if (ret) {
		trn_pgtable_clear(&vm->pgt);
		return trn_refuse(&tdev->drm, ret, "no free address space of the device");
	}
	snprintf(vm->name, sizeof(vm->name), "vm%u", vm->asid);
	trn_mmu_set_root(tdev, vm->asid, trn_table_addr(vm->pgt.root));
	xa_store(&tdev->mmu->vms, vm->asid, vm, GFP_KERNEL);
	return 0;
}

struct trn_vm *trn_vm_create(struct trn_device *tdev, struct trn_file *tfile)
{
	struct trn_vm *vm;
	int ret = -ENODEV;
	int idx;

	if (trn_budget_charge(tfile->user->vms, 1)) {
		ret = trn_refuse(&tdev->drm, -EMFILE, "user has %u VMs", TRN_MAX_USER_VMS);
		return ERR_PTR(ret);
	}
	vm = trn_vm_alloc(tdev, tfile);
	if (!vm) {
		trn_budget_uncharge(tfile->user->vms, 1);
		return ERR_PTR(-ENOMEM);
	}
	/* trn_vm_remove_all() must find every started VM. */
	if (drm_dev_enter(&tdev->drm, &idx)) {
		ret = trn_vm_start(vm);
		drm_dev_exit(idx);
	}
	if (ret) {
		drm_gpuvm_put(&vm->base);
		return ERR_PTR(ret);
	}
	return vm;
}

static void trn_vm_release(struct kref *ref)
{
	struct trn_vm *vm = container_of(ref, struct trn_vm, ref);
	struct trn_vma_pool vmas;

	trn_vma_pool_init(&vmas);
	trn_mmu_clear_root(vm->tdev, vm->asid);
	mutex_lock(&vm->lock);
	trn_pgtable_clear(&vm->pgt);
	trn_vma_unmap(vm, TRN_VA_START, TRN_VA_SIZE, &vmas);
	mutex_unlock(&vm->lock);
	trn_vma_pool_free(&vmas);
	trn_mmu_free_asid(vm->tdev, vm->asid);
	drm_gpuvm_put(&vm->base);
}

void trn_vm_get(struct trn_vm *vm)
{
	kref_get(&vm->ref);
}

void trn_vm_put(struct trn_vm *vm)
{
	kref_put(&vm->ref, trn_vm_release);
}

u32 trn_vm_asid(const struct trn_vm *vm)
{
	return vm->asid;
}

/* Look up a VM of a file. Returns it with a reference, or NULL. */
struct trn_vm *trn_vm_lookup(struct drm_file *file, u32 id)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_vm *vm;

	xa_lock(&tfile->vms);
	vm = xa_load(&tfile->vms, id);
	if (vm)
		trn_vm_get(vm);
	xa_unlock(&tfile->vms);
	return vm;
}

/**
 * trn_vm_flush_locked() - Invalidate the changed entries in the device.
 * @vm: the address space
 * @tables: gets the tables that can be freed now
 */
void trn_vm_flush_locked(struct trn_vm *vm, struct list_head *tables)
{
	struct trn_pgtable *pgt = &vm->pgt;

	lockdep_assert_held(&vm->lock);

	if (trn_pgtable_is_stale(pgt))
		trn_mmu_invalidate(vm->tdev, vm->asid, pgt->stale_start,
				   pgt->stale_end - pgt->stale_start);
	trn_pgtable_take_stale(pgt, tables);
}

/* The VM with the next ASID that maps a BO, with a reference to its memory, or NULL. */
static struct trn_vm *trn_vm_next_of_bo(struct trn_bo *bo, u32 asid)
{
	struct trn_vm *next = NULL;
	struct drm_gpuvm_bo *vm_bo;

	drm_gem_for_each_gpuvm_bo(vm_bo, &bo->base) {
		struct trn_vm *vm = to_trn_vm(vm_bo->vm);

		if (vm->asid > asid && (!next || vm->asid < next->asid))
			next = vm;
	}
	if (next)
		drm_gpuvm_get(&next->base);
	return next;
}

static void trn_vm_zap_bo(struct trn_vm *vm, struct trn_bo *bo)
{
	struct trn_pgtable_reserve none;
	struct drm_gpuva *va;
	LIST_HEAD(tables);

	trn_pgtable_reserve_init(&none);
	mutex_lock(&vm->lock);
	drm_gpuvm_for_each_va(va, &vm->base) {
		if (va->gem.obj == &bo->base)
			trn_pgtable_unmap(&vm->pgt, va->va.addr, va->va.range, &none);
		cond_resched();
	}
	trn_vm_flush_locked(vm, &tables);
	mutex_unlock(&vm->lock);
	trn_table_free_list(&vm->pgt.memory, &tables);
}

/**
 * trn_vm_revoke_bo() - Remove a BO's memory from all address spaces, finally.
 * @bo: the BO
 *
 * The mappings of the BO stay in the tree with invalid entries, also those of pending binds.
 * After this call the device does not reach the memory through any VM. The call allocates
 * nothing, and takes trn_vm.lock and locks below it.
 */
void trn_vm_revoke_bo(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	struct trn_vm *vm;
	u32 asid = 0;

	mutex_lock(&tdev->vmas_lock);
	/* A bind either sees the flag, or is done before its VM is zapped below. */
	WRITE_ONCE(bo->revoked, true);
	while ((vm = trn_vm_next_of_bo(bo, asid))) {
		mutex_unlock(&tdev->vmas_lock);
		asid = vm->asid;
		trn_vm_zap_bo(vm, bo);
		drm_gpuvm_put(&vm->base);
		mutex_lock(&tdev->vmas_lock);
	}
	mutex_unlock(&tdev->vmas_lock);
}

/**
 * trn_vm_next() - Iterate over all VMs of a device.
 * @tdev: the device
 * @asid: ASID of the previous VM, or 0; gets the ASID of the next
 *
 * Return: the VM with the next ASID, to be released with drm_gpuvm_put(), or NULL.
 */
struct trn_vm *trn_vm_next(struct trn_device *tdev, u32 *asid)
{
	unsigned long index = *asid + 1;
	struct trn_vm *vm;

	xa_lock(&tdev->mmu->vms);
	vm = xa_find(&tdev->mmu->vms, &index, ULONG_MAX, XA_PRESENT);
	if (vm)
		drm_gpuvm_get(&vm->base);
	xa_unlock(&tdev->mmu->vms);
	*asid = index;
	return vm;
}

/*
 * Detach all VMs from the device when the driver unbinds, after a reset. After this call no
 * bind is pending, and no table is DMA-mapped.
 */
void trn_vm_remove_all(struct trn_device *tdev)
{
	struct trn_vm *vm;
	u32 asid = 0;

	while ((vm = trn_vm_next(tdev, &asid))) {
		trn_bind_cancel_all(vm, -ENODEV, -ENODEV);
		trn_table_memory_unmap(&vm->pgt.memory);
		drm_gpuvm_put(&vm->base);
	}
}

/* Close a VM without an id. Its mappings stay until the last reference is dropped. */
void trn_vm_close(struct trn_vm *vm)
{
	trn_bind_cancel_all(vm, -ENOENT, -ECANCELED);
	cancel_work_sync(&vm->bind_work);
	flush_work(&vm->free_work);
	trn_vm_put(vm);
}

/* Close all VMs of a file that is being closed. Its queues are closed. */
void trn_vm_close_all(struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_vm *vm;
	unsigned long id;

	xa_for_each(&tfile->vms, id, vm)
		trn_vm_close(vm);
	xa_destroy(&tfile->vms);
}
