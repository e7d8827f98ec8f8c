/* SPDX-License-Identifier: MIT */
/*
 * libtrn: queues, memory and copies of a Trainium device.
 *
 * Conventions. Functions return 0 or a negative errno; they print nothing, do
 * not touch errno, and restart system calls that a signal interrupts. Handles
 * are opaque and reference counted; an object keeps what it was made from
 * alive. There are no hidden threads and no global state. Different objects may
 * be used from different threads at once; one object only by one thread at a
 * time, except that any thread may wait on or query a queue, submit to one in kernel
 * mode, and use a VM or a copier. What is put in a user-mode queue comes from one
 * thread at a time, unless the queue was made with TRN_QUEUE_SHARED.
 * Timeouts are absolute, in nanoseconds of CLOCK_MONOTONIC as the process sees it (in a
 * time namespace, too): see trn_deadline().
 *
 * After fork() the child may only drop its references: the device file is shared
 * with the parent, and the pinned pages are the parent's. Rings and doorbells are not
 * mapped in the child.
 *
 * trn_prep.h has what is done with user-mode queues.
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
struct trn_vm;
struct trn_queue;
struct trn_copier;

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
 * A device without a node (in a container that was not given it) is left out. Devices
 * whose node the caller may not open come behind the others.
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

#define TRN_CAP_USER_QUEUES (1ull << 0)	/* VMs and user-mode queues */
#define TRN_CAP_INLINE_OPS (1ull << 1)	/* fill, cast, gather... in user-mode queues */
#define TRN_CAP_PRIORITIES (1ull << 2)	/* priorities of queues make a difference */

/** struct trn_device_info - The device and its limits. */
struct trn_device_info {
	uint32_t generation;		/* 2, 3: Trainium2, Trainium3 */
	uint32_t revision;		/* PCI revision; 0xff is the software chip */
	uint64_t caps;			/* TRN_CAP_* */
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
	uint32_t max_vms;		/* of one open device, as the rest */
	uint32_t max_bind_ops;		/* of one trn_vm_bind() */
	uint32_t max_faults;		/* queues that may die before no more are given */
	uint64_t va_start;		/* addresses that a VM has */
	uint64_t va_size;
	uint64_t max_table_bytes;	/* page tables */
	uint64_t max_hbm_bytes;		/* of one user; 0 = no limit */
};

/**
 * trn_device_get_info() - Ask the driver.
 * @size: sizeof(struct trn_device_info) of the caller; a longer or shorter
 * struct of another version is zero-filled or cut
 */
int trn_device_get_info(struct trn_device *dev, struct trn_device_info *info, size_t size);

/**
 * trn_device_get_resets() - How often the device was reset since the driver has it.
 * @count: gets the reset_count of trn_device_get_info()
 *
 * Memory of the device that was filled at one count is lost at another. Return: 0, -ENODEV
 * the device is gone, -ENOMEM.
 */
int trn_device_get_resets(struct trn_device *dev, uint64_t *count);

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
 * Return: 0, -EPERM it cannot be mapped (TRN_BO_NO_MMAP), -ENOMEM: memory, addresses or,
 * after mlockall(), RLIMIT_MEMLOCK are short, -ENODEV the device is gone.
 */
int trn_bo_map(struct trn_bo *bo, void **addr);

/**
 * trn_bo_export() - Share it with others as a dma-buf.
 * @fd: gets a file descriptor, close-on-exec, that the caller closes
 *
 * Return: 0, -EMFILE, -ENOMEM, or what the driver says of memory that cannot be
 * shared (pinned memory cannot).
 */
int trn_bo_export(struct trn_bo *bo, int *fd);

/**
 * trn_bo_import() - Use the memory of a dma-buf; @fd can be closed afterwards.
 *
 * The same dma-buf, imported twice or exported from the same device, is the same BO
 * with one more reference. Return: 0, -EBADF, -EINVAL no dma-buf, or one that the
 * device cannot reach, -ENOMEM.
 */
int trn_bo_import(struct trn_device *dev, int fd, struct trn_bo **bo);

/* ---- address spaces --------------------------------------------------- */

#define TRN_VM_READ (1u << 0)	/* the device may read it */
#define TRN_VM_WRITE (1u << 1)	/* the device may write it */

/**
 * trn_vm_new() - Make an empty address space for user-mode queues.
 * Return: 0, -EOPNOTSUPP the device has no TRN_CAP_USER_QUEUES, -EMFILE max_vms,
 * -ENOSPC the device has no more, -ENOMEM.
 */
int trn_vm_new(struct trn_device *dev, struct trn_vm **vm);
struct trn_vm *trn_vm_ref(struct trn_vm *vm);
/** trn_vm_unref() - The last reference unmaps everything. NULL is ignored. */
void trn_vm_unref(struct trn_vm *vm);
/** trn_vm_id() - Number of the kernel's object. */
uint32_t trn_vm_id(const struct trn_vm *vm);

/**
 * trn_vm_map() - Let the queues of a VM reach a range of a BO.
 * @offset: of any alignment, as @size
 * @flags: TRN_VM_READ, TRN_VM_WRITE or both
 * @va: gets the device's address of the byte at @offset
 *
 * The address is chosen by the library. Whole granules are mapped: what shares one with
 * the range is reachable, too. The mapping holds the memory: the BO may be dropped.
 *
 * Return: 0, -EINVAL the range is not in the BO, -EACCES write and the BO was pinned
 * TRN_BO_READ_ONLY, -EDQUOT max_table_bytes, -ENXIO an import was taken back by its
 * exporter, -ENOSPC no addresses are left, -ENOMEM.
 */
int trn_vm_map(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
	       uint32_t flags, uint64_t *va);

/**
 * trn_vm_map_at() - The same, at an address that the caller chooses.
 *
 * @va and the place of the range in memory have the same remainder by bo_granule.
 * Return: as trn_vm_map(), and -EEXIST something is mapped or reserved there.
 */
int trn_vm_map_at(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
		  uint32_t flags, uint64_t va);

/**
 * trn_vm_unmap() - Undo trn_vm_map(), trn_vm_map_at() or trn_vm_reserve().
 * @va: what that gave, or any address inside
 *
 * When it returns no access is in flight any more, and none will come: what still
 * names the addresses faults. Return: 0, -ENOENT nothing is mapped there, -ENOMEM.
 */
int trn_vm_unmap(struct trn_vm *vm, uint64_t va);

/**
 * trn_vm_reserve() - Take addresses from the library's choice, for trn_vm_bind().
 * @size: bytes, rounded up to bo_granule
 * Return: 0, -EINVAL, -ENOSPC, -ENOMEM.
 */
int trn_vm_reserve(struct trn_vm *vm, uint64_t size, uint64_t *va);

enum trn_vm_op_type { TRN_VM_MAP = 0, TRN_VM_UNMAP = 1 };

/** struct trn_vm_op - One change of an address space. */
struct trn_vm_op {
	uint32_t type;
	uint32_t flags;		/* MAP: TRN_VM_READ, TRN_VM_WRITE */
	struct trn_bo *bo;	/* MAP */
	uint64_t bo_offset;	/* MAP; this and the next are multiples of bo_granule */
	uint64_t va;
	uint64_t size;
};

struct trn_sync;

#define TRN_VM_ASYNC (1u << 0)	/* do not wait for it; syncs are allowed */

/**
 * trn_vm_bind() - Change the address space as DRM_IOCTL_TRN_VM_BIND does.
 * @syncs: fences to wait for before and to signal after, with TRN_VM_ASYNC
 *
 * For those who manage addresses themselves, in a range from trn_vm_reserve() or in a
 * VM where they map nothing otherwise. A pinned BO is taken from the start of its
 * first granule. All of @ops or, on an error, nothing.
 */
int trn_vm_bind(struct trn_vm *vm, const struct trn_vm_op *ops, size_t num_ops, uint32_t flags,
		const struct trn_sync *syncs, size_t num_syncs);

/* ---- queues ----------------------------------------------------------- */

enum trn_engine_class {
	TRN_ENGINE_ANY = 0,
	TRN_ENGINE_CORE = 1,	/* one of a NeuronCore */
	TRN_ENGINE_H2T = 2,	/* one that belongs to no core */
};

enum trn_priority {
	TRN_PRIORITY_NORMAL = 0,
	TRN_PRIORITY_LOW = 1,
	TRN_PRIORITY_HIGH = 2,	/* needs CAP_SYS_NICE */
};

#define TRN_QUEUE_SHARED (1u << 0)	/* many threads put work in a user-mode queue */

#define TRN_SPIN_DEFAULT_NS 200000u	/* trn_queue_attr.spin_ns 0 */
#define TRN_SPIN_NEVER 0xffffffffu

/** struct trn_queue_attr - What trn_queue_new() should make; zeroes are defaults. */
struct trn_queue_attr {
	uint32_t engine;	/* id + 1, or 0 for any */
	uint32_t ring_size;	/* descriptors */
	uint32_t timeout_ms;
	uint32_t engine_class;	/* enum trn_engine_class, if no engine is named */
	uint32_t priority;	/* enum trn_priority */
	uint32_t flags;		/* TRN_QUEUE_SHARED */
	uint64_t placement;	/* if no engine is named: one near an HBM stack of these */
	struct trn_vm *vm;	/* makes it a user-mode queue of that VM */
	uint32_t spin_ns;	/* user mode: how long a wait polls before it sleeps */
};

/**
 * trn_queue_new() - Take a hardware queue.
 * @attr: or NULL for the defaults
 *
 * Without a VM the queue is in kernel mode, for trn_submit(); with one it is in user
 * mode, for what trn_prep.h offers. Waiting for either is the same.
 *
 * Return: 0, -EBUSY none free, -EMFILE too many in this file, -EDQUOT too many of this
 * user, -EPERM max_faults, -EACCES the priority, -EINVAL.
 */
int trn_queue_new(struct trn_device *dev, const struct trn_queue_attr *attr,
		  struct trn_queue **queue);
struct trn_queue *trn_queue_ref(struct trn_queue *queue);
/** trn_queue_unref() - The last reference cancels unfinished work. NULL is ignored. */
void trn_queue_unref(struct trn_queue *queue);
uint32_t trn_queue_engine(const struct trn_queue *queue);
uint32_t trn_queue_hw_queue(const struct trn_queue *queue);
uint32_t trn_queue_ring_size(const struct trn_queue *queue);
/** trn_queue_vm() - VM of a user-mode queue, or NULL; no reference is taken. */
struct trn_vm *trn_queue_vm(const struct trn_queue *queue);
/** trn_queue_syncobj() - Its timeline, a DRM syncobj handle of the device's file. */
uint32_t trn_queue_syncobj(const struct trn_queue *queue);

enum trn_queue_status {
	TRN_QUEUE_STATE_READY = 0,
	TRN_QUEUE_STATE_TIMEDOUT = 1,
	TRN_QUEUE_STATE_FAULTED = 2,
	TRN_QUEUE_STATE_LOST = 3,
};

/** enum trn_access - What the device did when it met an address that it may not use. */
enum trn_access {
	TRN_ACCESS_M2S_RING = 0,	/* read a descriptor */
	TRN_ACCESS_S2M_RING = 1,
	TRN_ACCESS_SOURCE = 2,		/* read data, or operands */
	TRN_ACCESS_TARGET = 3,		/* wrote data */
};

/** struct trn_queue_state - See trn_queue_get_state(). */
struct trn_queue_state {
	uint32_t status;	/* enum trn_queue_status; all but READY are final */
	int32_t error;		/* negative errno of error_point, or 0 */
	uint64_t submitted;	/* user mode: what was put, as this process knows it */
	uint64_t completed;	/* last point done without error */
	uint64_t error_point;	/* first point that failed, or 0 */
	uint32_t fault_code;
	uint32_t fault_access;	/* enum trn_access, if error is -EFAULT */
	uint64_t fault_addr;	/* user mode: in its VM; kernel mode: of the chip */
	uint64_t reset_count;	/* of the device, when the queue was made */
};

/** trn_queue_get_state() - How the queue is, and what killed it. */
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
 * On a user-mode queue it polls first (spin_ns) and then sleeps; ring the doorbell
 * before. Return: 0 the work is done, -ETIMEDOUT not yet, -ETIME the device hung and the
 * work was given up, -EFAULT the device had no such address in the VM, -EIO it
 * reported another error, -ECANCELED it was reset or the queue died before, -ENODEV it
 * is gone, -EINVAL a point never submitted, -EPROTO somebody else signalled the queue's
 * syncobj. On a user-mode queue all that was not done when it died gets the error that
 * it died of.
 */
int trn_wait(struct trn_queue *queue, uint64_t point, int64_t deadline);

/** struct trn_point - A point of a queue, of either mode. */
struct trn_point {
	struct trn_queue *queue;
	uint64_t point;
};

/**
 * trn_wait_all() - Wait until all points are over; the queues are of one device.
 * Return: 0 all are done, -ETIMEDOUT not yet, or what trn_wait() says of the first of
 * them that failed.
 */
int trn_wait_all(const struct trn_point *points, size_t count, int64_t deadline);

/**
 * trn_wait_any() - Wait until one point is over; the queues are of one device.
 * @which: gets the index of one that is over, also if it failed; may be NULL
 * Return: 0 it is done, -ETIMEDOUT none is, or what trn_wait() says of it.
 */
int trn_wait_any(const struct trn_point *points, size_t count, int64_t deadline,
		 size_t *which);

/**
 * trn_queue_eventfd() - Have an eventfd(2) signalled when a point is over.
 *
 * That the work is over is all it says: ask trn_wait() how it ended. Return: 0,
 * -EINVAL a point never submitted, or no eventfd, -EBADF @fd is not open, -EOPNOTSUPP a
 * kernel before 6.6, -ENODEV the device is gone, -ENOMEM. On error @fd is never signalled.
 */
int trn_queue_eventfd(struct trn_queue *queue, uint64_t point, int fd);

/* ---- copies made simple ----------------------------------------------- */

enum trn_copier_mode {
	TRN_COPIER_AUTO = 0,	/* user-mode queues if the device has them */
	TRN_COPIER_KERNEL = 1,
	TRN_COPIER_USER = 2,	/* or -EOPNOTSUPP */
};

#define TRN_COPIER_MAX_QUEUES 8

/** struct trn_copier_attr - What trn_copier_new() should make; zeroes are defaults. */
struct trn_copier_attr {
	uint32_t mode;		/* enum trn_copier_mode */
	uint32_t num_queues;	/* for each HBM stack, at most TRN_COPIER_MAX_QUEUES */
	/* How they are made; TRN_QUEUE_SHARED and placement are the copier's to choose. */
	struct trn_queue_attr queue;
};

/**
 * trn_copier_new() - Make something that copies between BOs.
 * @attr: or NULL for the defaults
 *
 * It takes queues near the HBM stacks that it meets, and maps BOs into its VM, when
 * they are first used; until a BO is dropped it stays mapped. Any number of threads may
 * use one. Return: 0, -EOPNOTSUPP, -EINVAL, and what trn_queue_new() says.
 */
int trn_copier_new(struct trn_device *dev, const struct trn_copier_attr *attr,
		   struct trn_copier **copier);
struct trn_copier *trn_copier_ref(struct trn_copier *copier);
/** trn_copier_unref() - The last reference gives queues and VM back. NULL is ignored. */
void trn_copier_unref(struct trn_copier *copier);
/** trn_copier_is_user_mode() - Its copies make no system calls. */
bool trn_copier_is_user_mode(const struct trn_copier *copier);

/** struct trn_ticket - What to wait for, of one operation; opaque. */
struct trn_ticket {
	uint32_t group, pad;
	uint64_t points[TRN_COPIER_MAX_QUEUES];
};

/**
 * trn_copier_start() - Start one operation; large ones go to several queues.
 *
 * Operations that were started and not waited for run in any order. Where the rings are
 * full it waits for room. Return: 0, -EINVAL a range outside its BO, overlapping in
 * one, or a BO of another device, -EACCES the destination is read-only, or what
 * trn_queue_new(), trn_vm_map() or trn_wait() say.
 */
int trn_copier_start(struct trn_copier *copier, const struct trn_op *op,
		     struct trn_ticket *ticket);
/** trn_copier_wait() - trn_wait() for the operation of a ticket. */
int trn_copier_wait(struct trn_copier *copier, const struct trn_ticket *ticket,
		    int64_t deadline);
/**
 * trn_copier_get_state() - State of one of its queues, a dead one if there is one.
 * @engine: gets the engine of that queue; may be NULL
 * Return: 0, -ENOENT there are no queues yet, and what trn_queue_get_state() says.
 */
int trn_copier_get_state(struct trn_copier *copier, struct trn_queue_state *state,
			 uint32_t *engine);

/** trn_copy() - Copy, and wait until it is done. */
int trn_copy(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset,
	     struct trn_bo *src, uint64_t src_offset, uint64_t size);
/** trn_fill() - Fill with a 32-bit word, and wait until it is done. */
int trn_fill(struct trn_copier *copier, struct trn_bo *dst, uint64_t dst_offset, uint64_t size,
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
