/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_JOB_H
#define TRN_JOB_H

#include <linux/list.h>
#include <linux/llist.h>
#include <drm/gpu_scheduler.h>

struct trn_bo;
struct trn_kqueue;
struct trn_ring_copy;

/* One operation, checked; trn_job_bos has the references to its BOs. */
struct trn_op {
	struct trn_bo *dst;
	struct trn_bo *src;
	u64 dst_offset;
	u64 src_offset;
	u64 size;
	bool fill;	/* src repeats a 32-bit word */
};

/*
 * References to the BOs of a job, which end with the work of the device. They have a
 * life of their own, since to drop them has no place in the path of a fence.
 */
struct trn_job_bos {
	struct llist_node node;	/* in trn_kqueue.idle_bos */
	u32 num;
	struct trn_bo *bos[] __counted_by(num);
};

/**
 * struct trn_job - What one submission asks of a queue.
 *
 * Life: created, pushed to the scheduler, run when its dependencies are done
 * (which puts it on the queue's list of running jobs), emitted pair by pair,
 * retired by the device's count, given back by the scheduler, freed by the queue's
 * free work. @done is signalled once, by the queue, under its lock; @bos is handed to
 * the free work just before.
 */
struct trn_job {
	struct drm_sched_job base;
	struct trn_kqueue *queue;
	struct dma_fence *done;
	u64 point;
	struct trn_job_bos *bos;	/* NULL once the device is done */
	struct list_head node;	/* in trn_kqueue.waiting or .running; trn_queue.lock */
	struct llist_node free_node;	/* in trn_kqueue.done_jobs */

	/* Where emission stands; trn_queue.lock. */
	u32 op;
	u64 pos;		/* bytes of that operation already emitted */
	u32 dst_seg, src_seg;
	u64 end_count;		/* count that includes the last pair; U64_MAX until emitted */

	u32 num_ops;
	struct trn_op ops[] __counted_by(num_ops);
};

#define to_trn_job(j) container_of(j, struct trn_job, base)

extern const struct drm_sched_backend_ops trn_sched_ops;

struct trn_job *trn_job_create(struct trn_kqueue *queue, u32 num_ops);
void trn_job_discard(struct trn_job *job);
void trn_job_set_op(struct trn_job *job, u32 index, const struct trn_op *op);
int trn_job_set_fill(struct trn_job *job, u32 index, struct trn_bo *dst, u64 offset, u64 size,
		     u32 pattern);
bool trn_job_uses(const struct trn_job *job, const struct trn_bo *bo);
int trn_job_start(struct trn_job *job);
void trn_job_push(struct trn_job *job);
void trn_job_free(struct trn_job *job);
void trn_job_bos_free(struct trn_job_bos *bos);
bool trn_job_next_copy(struct trn_job *job, struct trn_ring_copy *copy);

#endif /* TRN_JOB_H */
