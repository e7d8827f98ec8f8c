// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of address spaces, in order.
 *
 * The jobs of a VM are on one list. A waiting caller of VM_BIND or the VM's bind work runs
 * the list from its head, up to a job whose wait fence is not signalled. The callback of
 * that fence queues the bind work again.
 *
 * A run enters the changes of a job in the mapping tree (drm_gpuvm) and in the page table,
 * invalidates the changed range in the device, and signals the fence of the job. It is in
 * the fence-signalling path, so it uses memory allocated before. A waiting caller or the
 * VM's free work frees memory after it, so that fences of later jobs do not wait for that.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>

#include "base/trn_device.h"
#include "base/trn_fence.h"
#include "base/trn_refuse.h"
#include "mem/trn_gem.h"
#include "vm/trn_bind_job.h"
#include "vm/trn_vm.h"

static void trn_bind_put_place(struct trn_vm *vm)
{
	atomic_dec(&vm->num_binds);
	wake_up_all(&vm->fewer_binds);
}

/**
 * trn_bind_job_create() - Make a job without operations.
 * @vm: the address space; the caller has a reference
 * @num_ops: number of operations, which the caller sets
 *
 * Waits while the VM has TRN_VM_MAX_BINDS jobs.
 *
 * Return: a job to be pushed or to be freed with trn_bind_job_free(), -ENOMEM, or
 * -ERESTARTSYS.
 */
struct trn_bind_job *trn_bind_job_create(struct trn_vm *vm, u32 num_ops)
{
	struct trn_bind_job *job;
	int ret;

	ret = wait_event_interruptible(vm->fewer_binds,
				       atomic_add_unless(&vm->num_binds, 1, TRN_VM_MAX_BINDS));
	if (ret)
		return ERR_PTR(ret);
	job = kvzalloc(struct_size(job, ops, num_ops), GFP_KERNEL_ACCOUNT);
	if (!job) {
		trn_bind_put_place(vm);
		return ERR_PTR(-ENOMEM);
	}
	job->vm = vm;
	job->num_ops = num_ops;
	INIT_LIST_HEAD(&job->node);
	INIT_LIST_HEAD(&job->tables);
	trn_pgtable_reserve_init(&job->reserve);
	trn_vma_pool_init(&job->vmas);
	return job;
}

/* Free a job that was not pushed, or is done. */
void trn_bind_job_free(struct trn_bind_job *job)
{
	struct dma_fence *done = job->done;
	struct trn_vm *vm = job->vm;
	u32 i;

	trn_table_free_list(&vm->pgt.memory, &job->tables);
	trn_pgtable_reserve_free(&job->reserve, &vm->pgt);
	trn_vma_pool_free(&job->vmas);
	for (i = 0; i < job->num_ops; i++)
		trn_vma_put_bo(job->ops[i].vm_bo);
	trn_sync_free(&job->sync);
	kvfree(job);
	trn_bind_put_place(vm);
	/* Last, because the fence may be the last holder of the module. */
	dma_fence_put(done);
}

static void trn_bind_job_reserve_op(struct trn_bind_job *job, const struct trn_bind_op *op)
{
	struct trn_vm *vm = job->vm;

	if (op->vm_bo)
		vm->max_leaf_level = max(vm->max_leaf_level,
					 trn_pgtable_reserve_map(&job->reserve, &op->range));
	else
		trn_pgtable_reserve_unmap(&job->reserve, op->range.va, op->range.size,
					  vm->max_leaf_level);
}

static int trn_bind_job_alloc_tables(struct trn_bind_job *job)
{
	struct trn_vm *vm = job->vm;
	int ret, idx;

	if (!drm_dev_enter(&vm->tdev->drm, &idx))
		return -ENODEV;
	ret = trn_pgtable_reserve_alloc(&job->reserve, &vm->pgt);
	drm_dev_exit(idx);
	if (ret)
		trn_refuse(&vm->tdev->drm, ret, "page tables: max_table_bytes=%u",
			   TRN_MAX_TABLE_BYTES);
	return ret;
}

static int trn_bind_job_prepare_op(struct trn_bind_job *job, const struct trn_bind_op *op)
{
	int ret;

	trn_bind_job_reserve_op(job, op);
	ret = trn_bind_job_alloc_tables(job);
	return ret ?: trn_vma_pool_alloc(&job->vmas, op->vm_bo ? TRN_VMA_PER_MAP :
							  TRN_VMA_PER_UNMAP);
}

/**
 * trn_bind_job_prepare() - Allocate all memory that the run may need.
 * @job: with its operations; under trn_vm.bind_lock, held until the push
 *
 * Return: 0, -ENOMEM, -EDQUOT, -ENODEV, or -EINTR if the process is being killed.
 */
int trn_bind_job_prepare(struct trn_bind_job *job)
{
	struct trn_vm *vm = job->vm;
	u32 i;
	int ret;

	lockdep_assert_held(&vm->bind_lock);

	for (i = 0; i < job->num_ops; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		ret = trn_bind_job_prepare_op(job, &job->ops[i]);
		if (ret)
			return ret;
	}
	job->done = trn_fence_alloc();
	if (!job->done)
		return -ENOMEM;
	trn_fence_start(job->done, vm->name, vm->fence_context, ++vm->seqno,
			job->sync.num_signals);
	return 0;
}

static void trn_bind_job_wake(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct trn_vm *vm = container_of(cb, struct trn_bind_job, cb)->vm;

	queue_work(vm->tdev->wq, &vm->bind_work);
}

static struct dma_fence *trn_bind_job_next_wait(const struct trn_bind_job *job)
{
	return job->next_wait < job->sync.num_waits ? job->sync.waits[job->next_wait] : NULL;
}

/* Remove the callback from the fence, if it is added to one. */
static void trn_bind_job_unblock_locked(struct trn_bind_job *job)
{
	lockdep_assert_held(&job->vm->lock);

	if (job->blocked)
		dma_fence_remove_callback(trn_bind_job_next_wait(job), &job->cb);
	job->blocked = false;
}

/* Whether all wait fences are signalled. If not, a callback queues the bind work. */
static bool trn_bind_job_is_ready_locked(struct trn_bind_job *job)
{
	struct dma_fence *fence;

	lockdep_assert_held(&job->vm->lock);

	for (; (fence = trn_bind_job_next_wait(job)); job->next_wait++) {
		if (job->blocked && !dma_fence_is_signaled(fence))
			return false;
		trn_bind_job_unblock_locked(job);
		job->blocked = !dma_fence_add_callback(fence, &job->cb, trn_bind_job_wake);
		if (job->blocked)
			return false;
	}
	return true;
}

static void trn_bind_job_map_locked(struct trn_bind_job *job, const struct trn_bind_op *op)
{
	struct trn_vm *vm = job->vm;

	trn_vma_map(vm, &op->range, op->vm_bo, &job->vmas);
	/* The BO may have been revoked since the ioctl. */
	if (trn_bo_is_revoked(op->range.bo))
		trn_pgtable_map_nothing(&vm->pgt, &op->range, &job->reserve);
	else
		trn_pgtable_map(&vm->pgt, &op->range, &job->reserve);
}

static void trn_bind_job_unmap_locked(struct trn_bind_job *job, const struct trn_range *range)
{
	struct trn_vm *vm = job->vm;

	trn_vma_unmap(vm, range->va, range->size, &job->vmas);
	trn_pgtable_unmap(&vm->pgt, range->va, range->size, &job->reserve);
}

static void trn_bind_job_apply_locked(struct trn_bind_job *job)
{
	struct trn_vm *vm = job->vm;
	u32 i;

	lockdep_assert_held(&vm->lock);

	for (i = 0; i < job->num_ops; i++) {
		const struct trn_bind_op *op = &job->ops[i];

		cond_resched();
		if (op->vm_bo)
			trn_bind_job_map_locked(job, op);
		else
			trn_bind_job_unmap_locked(job, &op->range);
	}
	trn_vm_flush_locked(vm, &job->tables);
}

/* Finish a job. If its caller waits, the job may be freed at once. */
static void trn_bind_job_finish_locked(struct trn_bind_job *job, int error,
				       struct list_head *finished)
{
	struct dma_fence *done = dma_fence_get(job->done);

	lockdep_assert_held(&job->vm->lock);

	list_del_init(&job->node);
	if (!job->waited)
		list_add_tail(&job->node, finished);
	if (error)
		dma_fence_set_error(done, error);
	dma_fence_signal(done);
	dma_fence_put(done);
}

static void trn_bind_free_list(struct list_head *finished)
{
	struct trn_bind_job *job, *next;

	list_for_each_entry_safe(job, next, finished, node)
		trn_bind_job_free(job);
}

/* Run jobs from the head of the list, up to one that is not ready. */
static void trn_bind_run(struct trn_vm *vm, struct list_head *finished)
{
	bool cookie = dma_fence_begin_signalling();
	struct trn_bind_job *job, *next;

	mutex_lock(&vm->lock);
	list_for_each_entry_safe(job, next, &vm->binds, node) {
		if (!trn_bind_job_is_ready_locked(job))
			break;
		trn_bind_job_apply_locked(job);
		trn_bind_job_finish_locked(job, 0, finished);
	}
	mutex_unlock(&vm->lock);
	dma_fence_end_signalling(cookie);
}

void trn_bind_work(struct work_struct *work)
{
	struct trn_vm *vm = container_of(work, struct trn_vm, bind_work);
	bool cookie = dma_fence_begin_signalling();
	struct trn_bind_job *job, *next;
	LIST_HEAD(finished);

	trn_bind_run(vm, &finished);
	list_for_each_entry_safe(job, next, &finished, node)
		llist_add(&job->free_node, &vm->done_binds);
	queue_work(vm->tdev->free_wq, &vm->free_work);
	dma_fence_end_signalling(cookie);
}

/* Not in the fence-signalling path. */
void trn_bind_free_work(struct work_struct *work)
{
	struct trn_vm *vm = container_of(work, struct trn_vm, free_work);
	struct llist_node *done = llist_del_all(&vm->done_binds);
	struct trn_bind_job *job, *next;

	llist_for_each_entry_safe(job, next, done, free_node)
		trn_bind_job_free(job);
}

/**
 * trn_bind_job_push() - Append a prepared job to the list.
 * @job: on success it belongs to the VM, unless its caller waits for it
 *
 * The fence is attached without trn_vm.lock, because the user owns the syncobjs and the
 * duration depends on the user. trn_vm.bind_lock keeps the VM open meanwhile.
 *
 * Return: 0, or the errno of a VM that accepts no more jobs.
 */
int trn_bind_job_push(struct trn_bind_job *job)
{
	struct trn_vm *vm = job->vm;
	bool cookie;

	lockdep_assert_held(&vm->bind_lock);

	if (vm->error)
		return vm->error;
	/* From here on others may wait for the fence, and attaching may signal done points. */
	cookie = dma_fence_begin_signalling();
	trn_sync_attach(&job->sync, job->done);
	mutex_lock(&vm->lock);
	list_add_tail(&job->node, &vm->binds);
	if (!job->waited)
		queue_work(vm->tdev->wq, &vm->bind_work);
	mutex_unlock(&vm->lock);
	dma_fence_end_signalling(cookie);
	return 0;
}

/* Cancel a job that has not run. Returns false if it has run. */
static bool trn_bind_job_withdraw(struct trn_bind_job *job)
{
	bool cookie = dma_fence_begin_signalling();
	struct trn_vm *vm = job->vm;
	LIST_HEAD(finished);
	bool pending;

	mutex_lock(&vm->lock);
	pending = !list_empty(&job->node);
	if (pending) {
		trn_bind_job_unblock_locked(job);
		trn_bind_job_finish_locked(job, -ECANCELED, &finished);
	}
	mutex_unlock(&vm->lock);
	dma_fence_end_signalling(cookie);
	return pending;
}

/**
 * trn_bind_job_wait() - Run pushed jobs, and wait until one of them is done.
 * @job: the job to wait for; it is freed
 *
 * Return: 0, -ERESTARTSYS if the job was interrupted and has not run, or the error of
 * trn_bind_cancel_all().
 */
int trn_bind_job_wait(struct trn_bind_job *job)
{
	LIST_HEAD(finished);
	int ret;

	trn_bind_run(job->vm, &finished);
	trn_bind_free_list(&finished);
	ret = dma_fence_wait(job->done, true);
	if (!ret || !trn_bind_job_withdraw(job))
		ret = min(dma_fence_get_status(job->done), 0);
	trn_bind_job_free(job);
	return ret;
}

/**
 * trn_bind_cancel_all() - End all binds: after this call none is pending, and none runs.
 * @vm: the address space
 * @reason: errno for later calls of VM_BIND
 * @error: errno for the fences of jobs that have not run
 */
void trn_bind_cancel_all(struct trn_vm *vm, int reason, int error)
{
	struct trn_bind_job *job, *next;
	LIST_HEAD(finished);
	bool cookie;

	mutex_lock(&vm->bind_lock);
	vm->error = reason;
	cookie = dma_fence_begin_signalling();
	mutex_lock(&vm->lock);
	list_for_each_entry_safe(job, next, &vm->binds, node) {
		trn_bind_job_unblock_locked(job);
		trn_bind_job_finish_locked(job, error, &finished);
	}
	mutex_unlock(&vm->lock);
	dma_fence_end_signalling(cookie);
	mutex_unlock(&vm->bind_lock);
	trn_bind_free_list(&finished);
}
