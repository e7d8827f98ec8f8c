/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_BIND_JOB_H
#define TRN_BIND_JOB_H

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/llist.h>

#include "base/trn_sync.h"
#include "vm/trn_pgtable.h"
#include "vm/trn_pgtable_reserve.h"
#include "vm/trn_range.h"
#include "vm/trn_vma.h"

struct trn_vm;
struct work_struct;

/* One change of an address space, checked. */
struct trn_bind_op {
	struct trn_range range;		/* UNMAP: only va and size are used */
	struct drm_gpuvm_bo *vm_bo;	/* NULL: UNMAP */
};

/**
 * struct trn_bind_job - The changes of one VM_BIND.
 *
 * Life of a job: it is created and filled, prepared and pushed, run, and freed. Preparing
 * and pushing share trn_vm.bind_lock, so jobs run in the order in which they reserved
 * tables. A job runs after its wait fences are signalled and all earlier jobs are done.
 * @done is signalled once, under trn_vm.lock. From then on the job belongs to the caller of
 * VM_BIND if @waited is set, else to the thread that ran the job.
 */
struct trn_bind_job {
	struct trn_vm *vm;		/* outlives the job */
	struct dma_fence *done;
	bool waited;			/* the caller of VM_BIND waits and frees the job */
	struct list_head node;		/* in trn_vm.binds until done; trn_vm.lock */
	struct llist_node free_node;	/* in trn_vm.done_binds */

	struct trn_sync sync;
	u32 next_wait;			/* index in sync.waits; trn_vm.lock, as the next two */
	bool blocked;			/* cb is added to that fence */
	struct dma_fence_cb cb;

	struct trn_pgtable_reserve reserve;
	struct trn_vma_pool vmas;
	struct list_head tables;	/* tables that the device no longer uses */

	u32 num_ops;
	struct trn_bind_op ops[] __counted_by(num_ops);
};

struct trn_bind_job *trn_bind_job_create(struct trn_vm *vm, u32 num_ops);
int trn_bind_job_prepare(struct trn_bind_job *job);
int trn_bind_job_push(struct trn_bind_job *job);
int trn_bind_job_wait(struct trn_bind_job *job);
void trn_bind_job_free(struct trn_bind_job *job);

void trn_bind_cancel_all(struct trn_vm *vm, int reason, int error);
void trn_bind_work(struct work_struct *work);
void trn_bind_free_work(struct work_struct *work);

#endif /* TRN_BIND_JOB_H */
