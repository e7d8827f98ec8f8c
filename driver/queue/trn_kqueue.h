/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_KQUEUE_H
#define TRN_KQUEUE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <drm/gpu_scheduler.h>

#include "queue/trn_queue.h"
#include "queue/trn_ring.h"

struct drm_file;
struct trn_bo;
struct trn_job;

/* Limit of jobs of a queue in the ring or waiting for room in it. */
#define TRN_QUEUE_MAX_JOBS	64

/* Limit of existing jobs of a queue: the core walks their fences, which are not accounted. */
#define TRN_QUEUE_MAX_PENDING	1024

/**
 * struct trn_kqueue - A kernel-mode queue and its jobs.
 *
 * A job is on @waiting from submission until the scheduler runs it, then on @running until
 * its fence is signalled.
 */
struct trn_kqueue {
	struct trn_queue base;

	struct drm_gpu_scheduler sched;
	struct drm_sched_entity entity;
	u64 fence_context;

	struct mutex submit_lock;	/* order of submission; protects closed */
	bool closed;

	/* base.lock protects these. */
	struct trn_ring ring;
	struct list_head waiting;	/* trn_job.node, not yet run by the scheduler */
	struct list_head running;	/* trn_job.node, in the ring or waiting for room */
	struct trn_job *emitting;	/* first job of running with pairs left to emit */
	unsigned long head_start;	/* jiffies when the current first job became first */

	/* Memory of rings and record, until the hardware queue is released. */
	void *rings;
	dma_addr_t rings_dma;
	__le64 *record;
	dma_addr_t record_dma;

	atomic_t num_jobs;		/* existing jobs, at most TRN_QUEUE_MAX_PENDING */
	wait_queue_head_t fewer_jobs;

	/* Memory to free, for free_work on trn_device.free_wq. */
	struct llist_head idle_bos;	/* of struct trn_job_bos */
	struct llist_head done_jobs;	/* of struct trn_job */
	struct work_struct free_work;
};

#define to_trn_kqueue(q) container_of(q, struct trn_kqueue, base)

struct trn_queue *trn_kqueue_create(struct trn_device *tdev,
				    const struct trn_queue_params *params);
void trn_kqueue_revoke_bo(struct trn_bo *bo);
int trn_kqueue_get_job(struct trn_kqueue *kq);
void trn_kqueue_put_job(struct trn_kqueue *kq);
void trn_kqueue_free_job(struct trn_job *job);
void trn_kqueue_flush_frees(struct trn_queue *queue);
void trn_kqueue_flush_file(struct drm_file *file);
void trn_kqueue_run_locked(struct trn_kqueue *kq, struct trn_job *job);

#endif /* TRN_KQUEUE_H */
