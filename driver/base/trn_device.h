/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map of the driver: one trn_device per chip, one trn_file per open file.
 *
 * The folders are floors. A file calls its own floor and the floors below; calls up go
 * through struct trn_upcalls. From the lowest floor:
 *
 *  regs/, base/	registers of the chip; what all floors share, like this file
 *  hw/		register access, engines, event queues, the MMU, reset of the chip
 *  mem/		buffer objects of each kind, their CPU mappings, export as dma-buf
 *  vm/		address spaces, page tables, the order of binds
 *  queue/	queues in both modes, jobs, watchdogs
 *  policy/	reset of the device, clearing and import, which use all of the above
 *  .		ioctls, sysfs, debugfs, bring-up and the PCI driver
 *
 * Locks, outermost first. A lock is never taken while a lock further down is held. No lock
 * is taken under a leaf. How long a lock marked "user time" is held depends on the user
 * that owns the object.
 *
 *  trn_clear_queue.lock   creation of the queue that clears a stack
 *  trn_device.io_lock     mapping of registers; may allocate; leaf
 *  trn_uqueue.timeline_lock  order of points on the timeline of a queue; user time
 *  trn_kqueue.submit_lock order of submissions of a queue; may allocate
 *  trn_device.detach_lock  detaching from foreign dma-bufs after the device is gone
 *  trn_device.revoke_lock  revoking HBM that importers use
 *  reservation lock of a dma-buf; may allocate
 *  trn_vm.bind_lock       order of binds of a VM; may allocate; user time
 *  trn_vm.lock            mappings, page table and pending binds of a VM; fences
 *                         are signalled under it, with the rules of trn_queue.lock
 *  trn_device.vmas_lock   lists of the VMs that map a BO; no allocation
 *  trn_device.reset_sem   read: start or stop of the hardware of one queue;
 *                         write: reset of the whole device. No allocation.
 *  trn_device.engines_lock  claiming of hardware queues, engine initialisation
 *  trn_event_queue.lock   entries of an event queue; no other lock under it
 *  trn_queue.lock         state, ring and jobs of a queue; fences are signalled
 *                         under it, so no allocation, no copy from or to user
 *                         space, no waiting for other work
 *  trn_mmu.lock           context table and registers of the MMU; leaf
 *  trn_table_memory.lock  DMA mappings of the tables of a VM; leaf
 *  trn_device.bos_lock    list of BOs and their DMA mappings; leaf
 *  trn_device.imports_lock  list of imports; leaf
 *  trn_device.exports_lock  list of dma-bufs made of BOs; leaf
 *  trn_hbm.lock           HBM allocator of a stack; may allocate; leaf
 *
 * Two locks are taken under mmap_lock, never together with the locks above. Page tables
 * are allocated under them:
 *
 *  trn_device.hbm_sem     state of CPU mappings of HBM: usable or not
 *  trn_uqueue.doorbell_lock  target of the doorbell mapping of a queue
 *
 * Locks from trn_vm.lock down to trn_mmu.lock are in the fence-signalling path.
 */
#ifndef TRN_DEVICE_H
#define TRN_DEVICE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <drm/drm_device.h>

#include "regs/trn_chip.h"

struct dma_buf_attach_ops;
struct pci_dev;
struct trn_budget;
struct trn_clear_queue;
struct trn_event_queue;
struct trn_device;
struct trn_hbm;
struct trn_mmu;
struct trn_user;

/* Limits of one user. */
#define TRN_MAX_USER_VMS	1024

/* Limits of one open file, of one bind and of one submission. */
#define TRN_MAX_QUEUES		256
#define TRN_MAX_VMS		64
#define TRN_MAX_TABLE_BYTES	SZ_64M
#define TRN_MAX_BIND_OPS	1024
#define TRN_MAX_OPS		1024
#define TRN_MAX_SYNCS		256
#define TRN_MAX_FAULTS		64

#define TRN_BO_GRANULE		PAGE_SIZE

/*
 * Properties that the device reports, checked.
 */
struct trn_geometry {
	u64 features;		/* TRNX_FEAT_* */
	u32 generation;		/* 2 or 3 */
	u32 num_engines;
	u32 first_h2t;		/* first engine that belongs to no core */
	u32 queues_per_engine;
	u32 num_event_queues;
	u32 num_cores;
	u32 num_stacks;
	u64 hbm_size;		/* usable bytes of a stack, including hbm_reserved */
	u64 hbm_stride;		/* BAR4 bytes from one stack to the next */
	u64 hbm_reserved;	/* bytes of the firmware at the start of a stack */
	u64 hbm_addr[TRN_NUM_HBM_STACKS];	/* chip address of each stack */
	u32 id_base;
	u32 qctl_base, qctl_stride;
	u32 doorbell_base, doorbell_stride;
	u32 eq_base, eq_stride;
};

/*
 * Software state of a DMA engine.
 */
struct trn_engine {
	u64 base;		/* BAR0 offset */
	unsigned long busy;	/* bitmap of claimed hardware queues; engines_lock */
	bool ready;		/* initialised since the last reset; engines_lock */
	bool initialised;	/* initialised once since the driver bound; engines_lock */
};

/**
 * enum trn_device_state - What can be done with the device.
 *
 * trn_reset_change_state() makes every change, under trn_device.reset_sem. driver/README.md
 * has the drawing.
 */
enum trn_device_state {
	/** @TRN_DEVICE_RUNNING: Queues start and stop; registers are used, events come. */
	TRN_DEVICE_RUNNING,

	/**
	 * @TRN_DEVICE_SUSPENDED: The PCI core owns the device, all queues are dead and bus
	 * mastering is off. No register is used. The start of a queue waits.
	 */
	TRN_DEVICE_SUSPENDED,

	/** @TRN_DEVICE_BROKEN: A reset failed, bus mastering is off. No queue starts (-EIO). */
	TRN_DEVICE_BROKEN,

	/**
	 * @TRN_DEVICE_GONE: The device does not respond, or the driver has released it. No
	 * queue starts (-ENODEV). A recovery of the bus may bring it back.
	 */
	TRN_DEVICE_GONE,
};

/**
 * struct trn_upcalls - All calls from a floor to a floor above it.
 *
 * trn_device.c sets them before any other code runs.
 */
struct trn_upcalls {
	/** @event: Handle an event of the device; in the fence-signalling path. */
	void (*event)(struct trn_device *tdev, u32 event_queue, u32 type, u32 index);

	/** @events_lost: Check all queues after lost events; in the fence-signalling path. */
	void (*events_lost)(struct trn_device *tdev);

	/** @recover: Reset the device, unless it was reset since the count reset_count. */
	void (*recover)(struct trn_device *tdev, u64 reset_count);

	/** @check_reset: Recover from a foreign reset. Returns true unless the device is dead. */
	bool (*check_reset)(struct trn_device *tdev);

	/** @import_ops: Operations of attachments made by this driver's imports. */
	const struct dma_buf_attach_ops *import_ops;
};

struct trn_device {
	struct drm_device drm;
	const struct trn_upcalls *upcalls;
	struct pci_dev *pdev;
	void __iomem **regs;	/* pieces of BAR0; see trn_io.c */
	struct mutex io_lock;	/* serialises mapping of pieces */
	void __iomem *trnx;	/* BAR2 */
	resource_size_t bar4;	/* bus address of HBM; not mapped by the kernel */
	resource_size_t bar4_size;

	struct trn_geometry geo;
	u32 routing_id;
	u32 api_version;
	u64 serial;

	struct trn_hbm *hbm;	/* of each stack */
	s64 max_hbm_bytes;	/* limit of one user; set by root */
	struct xarray users;	/* of struct trn_user, by user id; own lock */
	u32 max_user_queues;	/* limit of hardware queues of one user; set by root */
	u32 max_job_ms;		/* limit of a job as the oldest of its queue; set by root */
	struct trn_clear_queue *clear;	/* of each stack */

	/* Serialises resets against hardware queue start and stop. */
	struct rw_semaphore reset_sem;
	u64 reset_count;	/* whole-device resets since bind; reset_sem */
	enum trn_device_state state;	/* trn_reset_change_state() writes it; reset_sem */
	u32 hw_resets;		/* last known RESET_COUNT of the device; reset_sem */
	struct work_struct check_work;	/* trn_reset_check_work() */
	struct delayed_work health_work;	/* trn_reset_health_work() */
	wait_queue_head_t resumed;	/* the end of SUSPENDED, or of hbm_hidden */
	struct rw_semaphore hbm_sem;	/* read: a CPU maps or accesses HBM */
	bool hbm_hidden;	/* BAR4 cannot be reached for now; hbm_sem */

	struct mutex engines_lock;	/* see struct trn_engine */
	struct trn_engine engines[TRN_NUM_ENGINES];
	/* Started queues by engine * 16 + queue; readers use RCU. */
	struct xarray hw_queues;
	struct work_struct quiesce_work;	/* trn_queue_quiesce_work() */

	struct trn_event_queue *eqs;
	unsigned int num_eqs;
	atomic_t num_owed;		/* number of queues with an event requested */
	struct delayed_work irq_check_work;	/* finds events whose interrupt was lost */
	unsigned long irq_check_pause;	/* before its next run, jiffies */

	struct trn_mmu *mmu;
	struct mutex vmas_lock;	/* protects drm_gem_object.gpuva and drm_gpuvm_bo.list */

	struct mutex bos_lock;	/* protects bos and trn_bo.mapped */
	struct list_head bos;

	struct mutex detach_lock;	/* detaching imports after the device is gone */
	struct mutex imports_lock;	/* protects imports; leaf */
	struct list_head imports;
	struct mutex revoke_lock;	/* serialises trn_export_revoke_all() */
	struct mutex exports_lock;	/* protects exports and trn_bo.exported; leaf */
	struct list_head exports;
	struct work_struct revoke_work;	/* revokes exports after a reset */

	struct workqueue_struct *wq;	/* only work that fences depend on */
	struct workqueue_struct *free_wq;	/* frees memory of finished jobs */
	struct workqueue_struct *user_wq;	/* work of user-mode queues */
};

#define to_trn_device(d) container_of(d, struct trn_device, drm)

struct trn_file {
	struct xarray queues;	/* of struct trn_queue, by id; own lock */
	atomic_t faults;	/* queues that ended in a fault or a timeout */
	struct xarray vms;	/* of struct trn_vm, by id; own lock */
	struct trn_budget *tables;	/* page tables of the VMs */
	struct trn_user *user;
};

static inline bool trn_device_is_dead(const struct trn_device *tdev)
{
	enum trn_device_state state = READ_ONCE(tdev->state);

	return state == TRN_DEVICE_BROKEN || state == TRN_DEVICE_GONE;
}

/* Why no queue can start: 0, -EAGAIN for the time of a suspension, -EIO or -ENODEV. */
static inline int trn_device_start_error(const struct trn_device *tdev)
{
	switch (READ_ONCE(tdev->state)) {
	case TRN_DEVICE_RUNNING:
		return 0;
	case TRN_DEVICE_SUSPENDED:
		return -EAGAIN;
	case TRN_DEVICE_BROKEN:
		return -EIO;
	case TRN_DEVICE_GONE:
	default:
		return -ENODEV;
	}
}

static inline u32 trn_hw_index(u32 engine, u32 hw_queue)
{
	return engine * TRN_QUEUES_PER_ENGINE + hw_queue;
}

/* Limit in the form of the uapi: 0 for no limit. */
static inline u64 trn_device_max_hbm_bytes(const struct trn_device *tdev)
{
	s64 bytes = READ_ONCE(tdev->max_hbm_bytes);

	return bytes == S64_MAX ? 0 : bytes;
}

#endif /* TRN_DEVICE_H */
