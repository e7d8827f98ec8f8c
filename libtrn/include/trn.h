/* SPDX-License-Identifier: MIT */
/*
 * libtrn: queues, memory and copies of a Trainium device.
 *
 * Conventions. Functions return 0 or a negative errno; they print nothing, do
 * not touch errno, and restart system calls that a signal interrupts. Handles
 * are opaque and reference counted; an object keeps what it was made from
 * alive. There are no hidden threads and no global state. Different objects may
 * be used from different threads at once; one object only by one thread at a
 * time, except that any thread may wait on, query or submit to a queue.
 * Timeouts are absolute, in nanoseconds of CLOCK_MONOTONIC: see trn_deadline().
 *
 * After fork() the child may only drop its references: the device file is shared
 * with the parent, and the pinned pages are the parent's.
 */
#ifndef TRN_H
#define TRN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRN_VERSION_MAJOR 0
#define TRN_VERSION_MINOR 1

/** Stands for "any" (engine) or "none" (core). */
#define TRN_NONE 0xffffffffu

struct trn_device;
struct trn_bo;
struct trn_queue;

/* ---- devices ---------------------------------------------------------- */

/** struct trn_device_entry - A device as found in sysfs, not opened. */
struct trn_device_entry {
	unsigned int index;	/* N of /dev/accel/accelN */
	char path[64];		/* of its node */
	char pci[16];		/* domain:bus:slot.function */
};

/**
 * trn_device_list() - Find the Trainium devices of this machine.
 * @entries: room for @max entries, filled in order of index; may be NULL if 0
 * @max: entries at most
 *
 * Return: how many devices there are, which may be more than @max, or a
 * negative errno (never because there are none).
 */
int trn_device_list(struct trn_device_entry *entries, size_t max);

/**
 * trn_device_open() - Open the N-th device that trn_device_list() finds.
 * @n: 0 for the first
 * @dev: gets the device, with one reference
 *
 * Return: 0, -ENODEV no such device, -EACCES no permission, -EPROTONOSUPPORT the
 * node belongs to another driver or one with another major version.
 */
int trn_device_open(unsigned int n, struct trn_device **dev);

/** trn_device_open_path() - The same, by the path of the node. */
int trn_device_open_path(const char *path, struct trn_device **dev);

struct trn_device *trn_device_ref(struct trn_device *dev);
/** trn_device_unref() - Drop a reference; the last closes the file. NULL is ignored. */
void trn_device_unref(struct trn_device *dev);

/** trn_device_fd() - The open file, for libdrm calls; owned by @dev. */
int trn_device_fd(const struct trn_device *dev);

/** struct trn_device_info - The device and its limits. */
struct trn_device_info {
	uint32_t generation;		/* 2, 3: Trainium2, Trainium3 */
	uint32_t revision;		/* PCI revision; 0xff is the software chip */
	uint64_t caps;
	uint32_t num_engines;
	uint32_t first_h2t_engine;	/* engines from here on belong to no core */
	uint32_t queues_per_engine;
	uint32_t num_cores;
	uint32_t num_regions;
	uint32_t max_queues;		/* of one open device */
	uint32_t max_ops;		/* of one trn_submit() */
	uint32_t max_syncs;
	uint32_t max_ring_size;		/* descriptors */
	uint32_t default_timeout_ms;
	uint64_t bo_granule;		/* bytes */
	uint64_t reset_count;		/* a change means that all contents are lost */
	uint64_t serial;		/* 0 if not known */
	uint32_t firmware_api;
	uint32_t routing_id;
	char driver[16];		/* "trn" */
	int driver_version[3];
};

/**
 * trn_device_get_info() - Ask the driver.
 * @size: sizeof(struct trn_device_info) of the caller; a longer or shorter
 * struct of another version is zero-filled or cut
 */
int trn_device_get_info(struct trn_device *dev, struct trn_device_info *info, size_t size);

enum trn_region_kind { TRN_REGION_HBM = 0, TRN_REGION_SYSTEM = 1 };

/** struct trn_region - A place for BOs; bit n of a placement is region n. */
struct trn_region {
	uint32_t kind;
	uint32_t instance;	/* HBM: stack */
	uint64_t size;		/* bytes; 0 = not limited here */
	uint64_t free;
	uint64_t cpu_visible;	/* bytes from the start that can be mapped */
};

/**
 * trn_device_get_regions() - The regions of memory.
 * Return: how many there are (may be more than @max), or a negative errno.
 */
int trn_device_get_regions(struct trn_device *dev, struct trn_region *regions, size_t max);

/** struct trn_engine - A DMA engine. */
struct trn_engine {
	uint32_t id;
	uint32_t core;		/* or TRN_NONE */
	uint32_t stack;		/* nearest HBM stack */
	uint32_t free_queues;
};

/** trn_device_get_engines() - As trn_device_get_regions(), for the engines. */
int trn_device_get_engines(struct trn_device *dev, struct trn_engine *engines, size_t max);

/* ---- memory ----------------------------------------------------------- */

/* Placements: sets of regions. */
#define TRN_PLACE_REGION(n) (1ull << (n))

/** trn_place_hbm() - All HBM stacks of the device, as a placement. */
int trn_place_hbm(struct trn_device *dev, uint64_t *placement);
/** trn_place_system() - Host memory, as a placement. */
int trn_place_system(struct trn_device *dev, uint64_t *placement);

#define TRN_BO_NO_MMAP (1u << 0)	/* trn_bo_new(): will never be mapped */
#define TRN_BO_READ_ONLY (1u << 1)	/* trn_bo_pin(): the device only reads it */

/**
 * trn_bo_new() - Allocate zeroed memory.
 * @size: bytes, rounded up to bo_granule
 * @placement: regions to try, from bit 0 upwards
 * Return: 0, -ENOSPC no region has room, -ENOMEM, -EINVAL.
 */
int trn_bo_new(struct trn_device *dev, uint64_t size, uint64_t placement, uint32_t flags,
	       struct trn_bo **bo);

/**
 * trn_bo_pin() - Let the device reach the caller's own memory.
 *
 * Any alignment. The pages stay pinned until the last reference is dropped and
 * the device is done with them. Return: 0, -EFAULT not mapped (or not writable
 * without TRN_BO_READ_ONLY), -ENOMEM: RLIMIT_MEMLOCK (ulimit -l) is too small or
 * memory is short, -EINVAL.
 */
int trn_bo_pin(struct trn_device *dev, void *addr, uint64_t size, uint32_t flags,
	       struct trn_bo **bo);

struct trn_bo *trn_bo_ref(struct trn_bo *bo);
/** trn_bo_unref() - The last reference unmaps and closes it. NULL is ignored. */
void trn_bo_unref(struct trn_bo *bo);

uint64_t trn_bo_size(const struct trn_bo *bo);
/** trn_bo_region() - Index of the region that it lives in. */
uint32_t trn_bo_region(const struct trn_bo *bo);
/** trn_bo_handle() - GEM handle. */
uint32_t trn_bo_handle(const struct trn_bo *bo);
/**
 * trn_bo_map() - Map it, once; later calls give the same address.
 * @addr: gets the address; of a pinned BO, the one that was pinned
 *
 * Return: 0, -EPERM it cannot be mapped (TRN_BO_NO_MMAP), -ENOMEM.
 */
int trn_bo_map(struct trn_bo *bo, void **addr);

/* ---- queues ----------------------------------------------------------- */

/** struct trn_queue_attr - What trn_queue_new() should make; zeroes are defaults. */
struct trn_queue_attr {
	uint32_t engine;	/* id + 1, or 0 for any */
	uint32_t ring_size;	/* descriptors */
	uint32_t timeout_ms;
};

/**
 * trn_queue_new() - Take a hardware queue.
 * @attr: or NULL for the defaults
 * Return: 0, -EBUSY none free, -EMFILE too many in this file, -EINVAL.
 */
int trn_queue_new(struct trn_device *dev, const struct trn_queue_attr *attr,
		  struct trn_queue **queue);
struct trn_queue *trn_queue_ref(struct trn_queue *queue);
/** trn_queue_unref() - The last reference cancels unfinished work. NULL is ignored. */
void trn_queue_unref(struct trn_queue *queue);
uint32_t trn_queue_engine(const struct trn_queue *queue);
uint32_t trn_queue_hw_queue(const struct trn_queue *queue);
uint32_t trn_queue_ring_size(const struct trn_queue *queue);
/** trn_queue_syncobj() - Its timeline, a DRM syncobj handle of the device's file. */
uint32_t trn_queue_syncobj(const struct trn_queue *queue);

enum trn_queue_status {
	TRN_QUEUE_READY = 0,
	TRN_QUEUE_TIMEDOUT = 1,
	TRN_QUEUE_FAULTED = 2,
	TRN_QUEUE_LOST = 3,
};

/** struct trn_queue_state - See trn_queue_get_state(). */
struct trn_queue_state {
	uint32_t status;	/* enum trn_queue_status; all but READY are final */
	int32_t error;		/* negative errno of error_point, or 0 */
	uint64_t submitted;
	uint64_t completed;	/* last point done without error */
	uint64_t error_point;	/* first point that failed, or 0 */
	uint32_t fault_code;
	uint32_t pad;
	uint64_t fault_addr;	/* chip address */
};

int trn_queue_get_state(struct trn_queue *queue, struct trn_queue_state *state);

/* ---- work ------------------------------------------------------------- */

enum trn_op_type { TRN_OP_COPY = 0, TRN_OP_FILL = 1 };

/** struct trn_op - One operation; those of a queue run in order. */
struct trn_op {
	uint32_t type;
	uint32_t pattern;	/* FILL: 32-bit word to repeat */
	struct trn_bo *dst;
	struct trn_bo *src;	/* COPY */
	uint64_t dst_offset;	/* FILL: multiples of 4, as size */
	uint64_t src_offset;
	uint64_t size;
};

#define TRN_SYNC_WAIT (1u << 0)
#define TRN_SYNC_SIGNAL (1u << 1)

/** struct trn_sync - A DRM syncobj to wait for before, or signal after, the work. */
struct trn_sync {
	uint32_t flags;
	uint32_t handle;
	uint64_t point;		/* 0 for a binary syncobj */
};

/**
 * trn_submit() - Queue operations as one unit.
 * @point: gets the point of the queue's timeline to wait for; may be NULL
 *
 * Return: 0, -EINVAL a range outside its BO or overlapping in one BO, -EACCES the
 * destination is read-only, -ECANCELED the queue is dead, -ENODEV, -ENOMEM. On
 * error nothing was queued.
 */
int trn_submit(struct trn_queue *queue, const struct trn_op *ops, size_t num_ops,
	       const struct trn_sync *syncs, size_t num_syncs, uint64_t *point);

/** trn_copy_async() - Queue one copy. */
int trn_copy_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   struct trn_bo *src, uint64_t src_offset, uint64_t size, uint64_t *point);
/** trn_fill_async() - Queue one fill. */
int trn_fill_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   uint64_t size, uint32_t pattern, uint64_t *point);

/**
 * trn_wait() - Wait for a point of a queue.
 * @deadline: absolute; INT64_MAX waits for ever, 0 only looks
 *
 * Return: 0 the work is done, -ETIMEDOUT not yet, -ETIME the device hung and the
 * job was given up, -EIO the device reported an error, -ECANCELED it was reset or
 * the queue died before, -ENODEV it is gone, -EINVAL a point never submitted, -EPROTO
 * somebody else signalled the queue's syncobj.
 */
int trn_wait(struct trn_queue *queue, uint64_t point, int64_t deadline);

/** trn_copy() - trn_copy_async() and wait until it is done. */
int trn_copy(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
	     struct trn_bo *src, uint64_t src_offset, uint64_t size);
/** trn_fill() - trn_fill_async() and wait until it is done. */
int trn_fill(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset, uint64_t size,
	     uint32_t pattern);

/** trn_deadline() - @ns nanoseconds from now, as a deadline; never overflows. */
int64_t trn_deadline(int64_t ns);

/**
 * trn_strerror() - What a return value means, as a sentence that says what to do.
 * @err: negative errno from a function above
 * Return: a constant string, never NULL.
 */
const char *trn_strerror(int err);

#ifdef __cplusplus
}
#endif

#endif /* TRN_H */
