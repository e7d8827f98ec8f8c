/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_JOB_H
#define TRN_JOB_H

#include <linux/list.h>
#include <linux/llist.h>
#include <drm/gpu_scheduler.h>

struct trn_bo;
struct trn_kqueue;
struct trn_ring_copy;

/* One operation, checked. References to its BOs are in trn_job_bos. */
struct trn_op {
	struct trn_bo *dst;
	struct trn_bo *src;
	u64 dst_offset;
	u64 src_offset;
	u64 size;
	bool fill;	/* src is a pattern BO, which repeats a 32-bit word */
};

/*
 * References to the BOs of a job, held until the device has finished the job. They are a
 * separate object, because dropping them is not allowed in the fence-signalling path.
 */
struct trn_job_bos {
	struct llist_node node;	/* in trn_kqueue.idle_bos */
	u32 num;
	struct trn_bo *bos[] __counted_by(num);
};

/**
 * struct trn_job - The operations of one submission.
 *
 * Life of a job: it is created, pushed to the scheduler, and run when its dependencies are
 * signalled. Running puts it on the queue's list of running jobs. It is then emitted pair
 * by pair, retired by the device's count, returned by the scheduler, and freed by the
 * queue's free work. The queue signals @done once, under its lock, after handing @bos to
 * the free work.
 */
struct trn_job {
	struct drm_sched_job base;
	struct trn_kqueue *queue;
	struct dma_fence *done;
	u64 point;
	struct trn_job_bos *bos;	/* NULL after the device has finished */
	struct list_head node;	/* in trn_kqueue.waiting or .running; trn_queue.lock */
	struct llist_node free_node;	/* in trn_kqueue.done_jobs */

	/* Position of the emission; trn_queue.lock. */
	u32 op;
	u64 pos;		/* bytes of operation op already emitted */
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
