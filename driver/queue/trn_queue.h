/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_QUEUE_H
#define TRN_QUEUE_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <drm/trn_accel.h>

#include "hw/trn_udma.h"

struct drm_file;
struct drm_syncobj;
struct trn_device;
struct trn_file;
struct trn_queue;
struct trn_vm;

#define TRN_RING_SIZE_MIN	64
#define TRN_RING_SIZE_MAX	16384
#define TRN_RING_SIZE_DEFAULT	1024
#define TRN_TIMEOUT_MS_MAX	60000
#define TRN_TIMEOUT_MS_DEFAULT	10000

/* A job of 64 GiB takes a minute at 1 GiB/s; other queues may take as much again. */
#define TRN_JOB_MS_DEFAULT	120000
#define TRN_JOB_MS_MIN		100

/* Lower limit of the watchdog's interval, whatever timeout the user asks for. */
#define TRN_WATCH_MIN		msecs_to_jiffies(100)

/* Returned by trn_queue_ops.time_left_locked if no work is outstanding. */
#define TRN_NO_TIMEOUT	MAX_SCHEDULE_TIMEOUT

/**
 * enum trn_queue_state - The life of a queue, from its start.
 *
 * trn_queue_change_state_locked() makes every change, under trn_queue.lock. Processes see
 * trn_queue_uapi_state(). driver/README.md has the drawing.
 */
enum trn_queue_state {
	/** @TRN_QUEUE_READY: Work is accepted and done. */
	TRN_QUEUE_READY,

	/**
	 * @TRN_QUEUE_STOPPING: The queue takes no work, but the device may still access its
	 * memory. What is pending stays so. trn_queue.end has the state that follows.
	 */
	TRN_QUEUE_STOPPING,

	/** @TRN_QUEUE_FAULTED: The device met an error; all work has failed. */
	TRN_QUEUE_FAULTED,

	/** @TRN_QUEUE_TIMEDOUT: The device made no progress; all work has failed. */
	TRN_QUEUE_TIMEDOUT,

	/** @TRN_QUEUE_LOST: A reset, the owner or the driver ended it; all work has failed. */
	TRN_QUEUE_LOST,
};

/**
 * enum trn_queue_hint - Reasons to run the event work of a queue; bits of
 * trn_queue.hints.
 */
enum trn_queue_hint {
	/** @TRN_HINT_EVENT: The device may have made progress. */
	TRN_HINT_EVENT,

	/** @TRN_HINT_ERROR: The device may have an error of the queue in its registers. */
	TRN_HINT_ERROR,

	/** @TRN_HINT_BROKEN: The device reported an impossible count: stop the queue. */
	TRN_HINT_BROKEN,
};

/**
 * struct trn_queue_ops - Operations that differ between the modes of a queue.
 *
 * Operations named _locked are called with trn_queue.lock held, in the fence-signalling
 * path.
 */
struct trn_queue_ops {
	enum drm_trn_queue_mode mode;

	/** @close: Refuse work from now on: the owner destroys the queue. May sleep; or NULL. */
	void (*close)(struct trn_queue *queue);

	/**
	 * @quiesce: Close the user's access to the hardware: the queue is dead or about
	 * to die. May sleep and allocate, so it runs outside the fence-signalling path
	 * and may come late; or NULL.
	 */
	void (*quiesce)(struct trn_queue *queue);

	/**
	 * @collect_locked: Read the device's count of finished work. Returns false if
	 * the count is impossible. @advance_locked follows unless the queue dies.
	 */
	bool (*collect_locked)(struct trn_queue *queue);

	/** @advance_locked: Give the device new work, and ask for the next event. */
	void (*advance_locked)(struct trn_queue *queue);

	/**
	 * @time_left_locked: Return the jiffies until the next run of the watchdog, 0 if
	 * the queue has hung, or TRN_NO_TIMEOUT. Runs between @collect_locked and
	 * @advance_locked.
	 */
	unsigned long (*time_left_locked)(struct trn_queue *queue);

	/**
	 * @deliver: Put finished points on the user's timeline, after the calls above and
	 * without trn_queue.lock, because the duration depends on the user. May run
	 * concurrently with itself; or NULL.
	 */
	void (*deliver)(struct trn_queue *queue);

	/** @fail_locked: Fail all work: the queue is dead, its memory no longer in use. */
	void (*fail_locked)(struct trn_queue *queue);

	/** @alloc_memory: Allocate DMA memory and set its addresses. Device present. May sleep. */
	int (*alloc_memory)(struct trn_queue *queue, struct trn_udma_setup *setup);

	/** @free_memory_locked: Free the DMA memory; may be called again. */
	void (*free_memory_locked)(struct trn_queue *queue);

	/** @fini: Release all that needs no hardware: the queue is dead. May sleep. */
	void (*fini)(struct trn_queue *queue);

	/** @free: Free the queue after its last reference. May sleep. */
	void (*free)(struct trn_queue *queue);
};

/**
 * struct trn_queue_params - Parameters of a new queue.
 */
struct trn_queue_params {
	u32 engine;
	u32 hw_queue;			/* claimed by the caller */
	u32 ring_size;			/* descriptors */
	u32 timeout_ms;
	u32 priority;			/* enum drm_trn_queue_priority */
	u32 id;				/* in tfile */
	struct trn_file *tfile;		/* NULL, like syncobj, for the driver's own queues */
	struct drm_syncobj *syncobj;
	struct trn_vm *vm;		/* USER only, like ring_va */
	u64 ring_va;
};

/**
 * struct trn_queue - One hardware queue, in either mode.
 *
 * @state leaves TRN_QUEUE_READY once, and never comes back.
 */
struct trn_queue {
	struct kref ref;
	struct trn_device *tdev;
	const struct trn_queue_ops *ops;
	struct workqueue_struct *wq;	/* of the two works below */
	u32 engine, hw_queue;
	char name[16];
	unsigned long timeout;		/* jiffies without progress */
	u32 event_queue;
	u32 ring_size;
	u32 priority;
	u32 id;				/* in tfile */
	struct trn_file *tfile;		/* valid until the queue is closed; NULL, like syncobj, */
	struct drm_syncobj *syncobj;	/* the timeline, for the driver's own queues */
	u64 reset_count;		/* of the device at the start of the queue */

	struct mutex lock;		/* protects all below */
	enum trn_queue_state state;
	enum trn_queue_state end;	/* that follows TRN_QUEUE_STOPPING */
	int error;			/* errno of a dead queue */
	struct trn_udma_fault fault;
	u64 notify_count;		/* count of the next event requested, or 0 */
	u64 submitted;			/* points: last submitted, last done, first failed */
	u64 completed;
	u64 error_point;
	int point_error;		/* errno of error_point */
	unsigned long progress;		/* jiffies of the last progress */
	struct delayed_work watchdog;

	unsigned long hints;		/* enum trn_queue_hint; atomic bits for event_work */
	struct work_struct event_work;

	struct rcu_work release;
};

void trn_queue_init(struct trn_queue *queue, const struct trn_queue_ops *ops,
		    struct trn_device *tdev, const struct trn_queue_params *params);
int trn_queue_start(struct trn_queue *queue);
void trn_queue_close(struct trn_queue *queue);
void trn_queue_close_all(struct drm_file *file);
struct trn_queue *trn_queue_lookup(struct drm_file *file, u32 id);
struct trn_queue *trn_queue_get_by_hw(struct trn_device *tdev, u32 index);
void trn_queue_get(struct trn_queue *queue);
void trn_queue_put(struct trn_queue *queue);
void trn_queue_kill(struct trn_queue *queue, enum trn_queue_state end, int error);
enum drm_trn_queue_state trn_queue_uapi_state(enum trn_queue_state state);
bool trn_queue_is_dead(struct trn_queue *queue);

/* trn_queue_watch.c */
void trn_queue_raise(struct trn_queue *queue, enum trn_queue_hint hint);
void trn_queue_event(struct trn_device *tdev, u32 event_queue, u32 type, u32 index);
void trn_queue_events_lost(struct trn_device *tdev);
void trn_queue_event_work(struct work_struct *work);
void trn_queue_watchdog(struct work_struct *work);
void trn_queue_set_notify_locked(struct trn_queue *queue, u64 count);
void trn_queue_deliver(struct trn_queue *queue);
void trn_queue_notify_locked(struct trn_queue *queue, u64 count);
void trn_queue_poll_locked(struct trn_queue *queue);
void trn_queue_watch_locked(struct trn_queue *queue, unsigned long delay);

void trn_queue_watch_device(struct trn_device *tdev);
void trn_queue_quiesce_all(struct trn_device *tdev);
void trn_queue_quiesce_work(struct work_struct *work);
void trn_queue_freeze_all(struct trn_device *tdev);
void trn_queue_fail_all(struct trn_device *tdev, int error);
void trn_queue_free_all_memory(struct trn_device *tdev);

int trn_queue_module_init(void);
void trn_queue_module_exit(void);

#endif /* TRN_QUEUE_H */
