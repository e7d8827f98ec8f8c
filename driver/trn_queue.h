/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_QUEUE_H
#define TRN_QUEUE_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <drm/gpu_scheduler.h>
#include <drm/trn_accel.h>

#include "trn_ring.h"
#include "trn_udma.h"

struct drm_file;
struct drm_syncobj;
struct trn_device;
struct trn_job;

#define TRN_RING_SIZE_MIN	64
#define TRN_RING_SIZE_MAX	16384
#define TRN_RING_SIZE_DEFAULT	1024
#define TRN_TIMEOUT_MS_MAX	3600000
#define TRN_TIMEOUT_MS_DEFAULT	10000

/* Jobs of a queue that are in the device or wait for room in the ring. */
#define TRN_QUEUE_MAX_JOBS	64

/**
 * struct trn_queue - One hardware queue and what was submitted to it.
 *
 * @state only ever leaves DRM_TRN_QUEUE_READY, once. A job's fence is on @waiting
 * from submission until the scheduler runs it, on @running until it is signalled.
 */
struct trn_queue {
	struct kref ref;
	struct trn_device *tdev;
	u32 engine, hw_queue;
	char name[16];
	unsigned long timeout;		/* jiffies without progress */
	u32 event_queue;

	struct drm_gpu_scheduler sched;
	struct drm_sched_entity entity;
	struct drm_syncobj *syncobj;	/* timeline; NULL for the driver's own queues */
	u64 fence_context;

	struct mutex submit_lock;	/* order of submission; protects closed */
	bool closed;

	struct mutex lock;		/* protects all below */
	enum drm_trn_queue_state state;
	bool stuck;			/* dead, but the device may still touch its memory */
	int error;			/* for the jobs of a dead queue */
	struct trn_udma_fault fault;
	struct trn_ring ring;
	struct list_head waiting;	/* trn_job.node, not yet given to us by the scheduler */
	struct list_head running;	/* trn_job.node, in the ring or next for it */
	struct trn_job *emitting;	/* first job of running with pairs left to emit */
	u64 armed;			/* count that the next event was asked for, or 0 */
	u64 submitted;			/* points: last submitted, last done, first failed */
	u64 completed;
	u64 error_point;
	int point_error;		/* errno of error_point */
	unsigned long progress;		/* jiffies of the last progress */
	struct delayed_work watchdog;
	struct work_struct fault_work;

	/* Ring and record memory, there until the hardware queue is given back. */
	void *mem;
	dma_addr_t mem_dma;
	size_t mem_size;
	__le64 *record;

	atomic_t num_jobs;		/* that exist; the last to go wakes no_jobs */
	wait_queue_head_t no_jobs;

	struct rcu_work release;
};

struct trn_queue *trn_queue_create(struct trn_device *tdev, u32 engine, u32 hw_queue,
				   u32 ring_size, u32 timeout_ms);
void trn_queue_close(struct trn_queue *queue);
struct trn_queue *trn_queue_lookup(struct drm_file *file, u32 id);
struct trn_queue *trn_queue_get_by_hw(struct trn_device *tdev, u32 index);
void trn_queue_get(struct trn_queue *queue);
void trn_queue_put(struct trn_queue *queue);
void trn_queue_get_job(struct trn_queue *queue);
void trn_queue_put_job(struct trn_queue *queue);
bool trn_queue_is_dead(struct trn_queue *queue);

void trn_queue_process(struct trn_queue *queue, bool error);
void trn_queue_run_locked(struct trn_queue *queue, struct trn_job *job);

void trn_queue_freeze_all(struct trn_device *tdev);
void trn_queue_fail_all(struct trn_device *tdev, int error);
void trn_queue_free_all_memory(struct trn_device *tdev);

int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
void trn_queue_close_all(struct drm_file *file);

int trn_queue_module_init(void);
void trn_queue_module_exit(void);

#endif /* TRN_QUEUE_H */
