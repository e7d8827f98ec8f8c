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

/* A minute for what moves 64 GiB at 1 GiB/s, and as much again for its neighbours. */
#define TRN_JOB_MS_DEFAULT	120000
#define TRN_JOB_MS_MIN		100

/* The watchdog of a queue looks no more often than this, whatever the user wishes. */
#define TRN_WATCH_MIN		msecs_to_jiffies(100)

/* Of trn_queue_ops.time_left_locked: nothing is owed. */
#define TRN_NO_TIMEOUT	MAX_SCHEDULE_TIMEOUT

/**
 * enum trn_queue_hint - Why the event work of a queue is to look at it; bits of
 * trn_queue.hints.
 */
enum trn_queue_hint {
	/** @TRN_HINT_EVENT: The device may have done something. */
	TRN_HINT_EVENT,

	/** @TRN_HINT_ERROR: The device may have met an error; its register knows. */
	TRN_HINT_ERROR,

	/** @TRN_HINT_BROKEN: The queue was seen to be beyond use. */
	TRN_HINT_BROKEN,
};

/**
 * struct trn_queue_ops - What the modes of a queue do differently.
 *
 * Those with _locked are called with trn_queue.lock held, in the path of fences.
 */
struct trn_queue_ops {
	enum drm_trn_queue_mode mode;

	/** @close: Its owner lets go: take no work from here on. May sleep; or NULL. */
	void (*close)(struct trn_queue *queue);

	/**
	 * @quiesce: It is dead, or about to die: keep the user off the hardware. May
	 * sleep and allocate, is therefore not in the path of fences, and may come
	 * late; or NULL.
	 */
	void (*quiesce)(struct trn_queue *queue);

	/**
	 * @collect_locked: Take over what the device says is done. False: it cannot
	 * be true. @advance_locked follows if the queue lives on.
	 */
	bool (*collect_locked)(struct trn_queue *queue);

	/** @advance_locked: Give the device what it can take, and ask for an event. */
	void (*advance_locked)(struct trn_queue *queue);

	/**
	 * @time_left_locked: Jiffies until the watchdog looks again, 0: the queue hangs;
	 * between @collect_locked and @advance_locked.
	 */
	unsigned long (*time_left_locked)(struct trn_queue *queue);

	/**
	 * @deliver: Tell the user what the calls above have left to tell, without
	 * trn_queue.lock: how long it takes is up to the user. Any number of callers
	 * at a time; or NULL.
	 */
	void (*deliver)(struct trn_queue *queue);

	/** @fail_locked: The queue is dead, and the device has let go of its memory. */
	void (*fail_locked)(struct trn_queue *queue);

	/** @alloc_memory: Get DMA memory, and say where. The device is there. May sleep. */
	int (*alloc_memory)(struct trn_queue *queue, struct trn_udma_setup *setup);

	/** @free_memory_locked: Give DMA memory back; more than once is fine. */
	void (*free_memory_locked)(struct trn_queue *queue);

	/** @fini: It is dead: give back what does not need the hardware. May sleep. */
	void (*fini)(struct trn_queue *queue);

	/** @free: Nobody has it any more. May sleep. */
	void (*free)(struct trn_queue *queue);
};

/**
 * struct trn_queue_params - What a queue is made of.
 */
struct trn_queue_params {
	u32 engine;
	u32 hw_queue;			/* claimed */
	u32 ring_size;			/* descriptors */
	u32 timeout_ms;
	u32 priority;			/* enum drm_trn_queue_priority */
	u32 id;				/* of its file */
	struct trn_file *tfile;		/* NULL, with syncobj, for the driver's own queues */
	struct drm_syncobj *syncobj;
	struct trn_vm *vm;		/* USER only, this and below */
	u64 ring_va;
};

/**
 * struct trn_queue - One hardware queue, in either mode.
 *
 * @state only ever leaves DRM_TRN_QUEUE_STATE_READY, once.
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
	u32 id;				/* of tfile */
	struct trn_file *tfile;		/* lives until the queue is closed; NULL, with syncobj, */
	struct drm_syncobj *syncobj;	/* the timeline, for the driver's own queues */
	u64 reset_count;		/* of the device, when it was started */

	struct mutex lock;		/* protects all below */
	enum drm_trn_queue_state state;
	bool stuck;			/* dead, but the device may still touch its memory */
	int error;			/* why it is dead */
	struct trn_udma_fault fault;
	u64 notify_count;		/* count that the next event was asked for, or 0 */
	u64 submitted;			/* points: last submitted, last done, first failed */
	u64 completed;
	u64 error_point;
	int point_error;		/* errno of error_point */
	unsigned long progress;		/* jiffies of the last progress */
	struct delayed_work watchdog;

	unsigned long hints;		/* for event_work, which has a reference; atomic bits */
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
void trn_queue_kill(struct trn_queue *queue, enum drm_trn_queue_state state, int error);
bool trn_queue_is_dead(struct trn_queue *queue);

/* trn_queue_watch.c */
void trn_queue_raise(struct trn_queue *queue, enum trn_queue_hint hint);
void trn_queue_event(struct trn_device *tdev, u32 index, bool error);
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
