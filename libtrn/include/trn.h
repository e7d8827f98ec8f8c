/* SPDX-License-Identifier: MIT */
/*
 * libtrn: queues, memory and copies of a Trainium device.
 *
 * Functions return 0 or a negative errno, if nothing else is said. Every function that
 * reaches the kernel can also fail with -ENODEV (the device is gone) and -ENOMEM; calls
 * of a driver older than the library fail with -E2BIG or -ENOTTY. Functions print nothing,
 * leave errno alone, and restart system calls that a signal interrupts. The library has no
 * hidden threads and no global state.
 *
 * Handles are opaque and reference counted. trn_x_ref() takes a reference and returns its
 * argument; trn_x_unref() drops one, and ignores NULL. An object keeps the objects alive
 * that it was made from.
 *
 * Sizes and offsets are in bytes. Deadlines are absolute, in nanoseconds of
 * CLOCK_MONOTONIC as the process sees it (in a time namespace, too): see trn_deadline().
 *
 * Different objects may be used from different threads at once. One object may be used by
 * one thread at a time, with these exceptions: any thread may take and drop references,
 * wait on or query a queue, submit to a kernel-mode queue, and use a VM or a copier.
 * Functions of trn_prep.h that write into a queue need one thread at a time, unless the
 * queue has TRN_QUEUE_SHARED.
 *
 * After fork() the child may only drop its references. The device file is shared with the
 * parent, and pinned pages stay with the parent. Rings and doorbells are not mapped in the
 * child.
 *
 * This header includes trn_copier.h, for copies without queues. trn_prep.h has the functions
 * for user-mode queues.
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

/** No such number: an engine of no core. */
#define TRN_NONE 0xffffffffu

struct trn_device;
struct trn_bo;
struct trn_vm;
struct trn_queue;

/* ---- devices ---------------------------------------------------------- */

/** struct trn_device_entry - A device found in sysfs. It was not opened. */
struct trn_device_entry {
	unsigned int index;	/* N of /dev/accel/accelN */
	char path[64];		/* path of its node */
	char pci[16];		/* domain:bus:slot.function */
};

/**
 * trn_device_list() - Find the Trainium devices of this machine.
 * @entries: filled in order of index; may be NULL if @max is 0
 * @max: number of entries that @entries has room for
 *
 * A device without a node is left out, for example in a container that was not given the
 * node. Devices whose node the caller may not open follow the others.
 *
 * Return: the number of devices, which may be larger than @max or 0; or -EINVAL, -EACCES,
 * -EMFILE, -ENFILE, -ENOMEM.
 */
int trn_device_list(struct trn_device_entry *entries, size_t max);

/**
 * trn_device_open() - Open the N-th device that trn_device_list() finds.
 * @n: 0 for the first
 * @dev: gets the device, with one reference
 *
 * Return: 0, -ENODEV no such device, -EACCES the node may not be read and written,
 * -EPROTONOSUPPORT the node belongs to another driver or to another major version of this
 * one, -EBUSY another program has opened the node exclusively, -EIO the device failed and
 * could not be reset, -EMFILE or -ENFILE too many open files, -ENOMEM.
 */
int trn_device_open(unsigned int n, struct trn_device **dev);

/**
 * trn_device_open_path() - Open the device of a node.
 * @path: path of the node, for example /dev/accel/accel0
 * @dev: gets the device, with one reference
 *
 * Return: as trn_device_open(), and -EINVAL, -ELOOP, -ENAMETOOLONG.
 */
int trn_device_open_path(const char *path, struct trn_device **dev);

/** trn_device_ref() - Take a reference. */
struct trn_device *trn_device_ref(struct trn_device *dev);
/** trn_device_unref() - Drop a reference. The last one closes the file. */
void trn_device_unref(struct trn_device *dev);

/** trn_device_fd() - The open file, for libdrm calls. The caller must not close it. */
int trn_device_fd(const struct trn_device *dev);

#define TRN_CAP_USER_QUEUES (1ull << 0)	/* VMs and user-mode queues */
#define TRN_CAP_INLINE_OPS (1ull << 1)	/* array operations of trn_prep.h */
#define TRN_CAP_PRIORITIES (1ull << 2)	/* priorities of queues take effect */

/** struct trn_device_info - The device and its limits. */
struct trn_device_info {
	uint32_t generation;		/* 2, 3: Trainium2, Trainium3 */
	uint32_t revision;		/* PCI revision; 0xff is the software chip */
	uint64_t caps;			/* TRN_CAP_* */
	uint32_t num_engines;
	uint32_t first_h2t_engine;	/* this engine and those above belong to no core */
	uint32_t queues_per_engine;
	uint32_t num_cores;
	uint32_t num_regions;
	uint32_t max_queues;		/* per open device */
	uint32_t max_ops;		/* per trn_submit() */
	uint32_t max_syncs;		/* per trn_submit() */
	uint32_t max_ring_size;		/* descriptors */
	uint32_t default_timeout_ms;	/* of a queue */
	uint64_t bo_granule;		/* bytes; sizes of BOs are multiples of it */
	uint64_t reset_count;		/* if it changes, contents of HBM are lost */
	uint64_t serial;		/* 0 if unknown */
	uint32_t firmware_api;		/* version of the mailbox interface */
	uint32_t routing_id;		/* of the device among its neighbours */
	char driver[16];		/* "trn" */
	int driver_version[3];
	uint32_t max_vms;		/* per open device */
	uint32_t max_bind_ops;		/* per trn_vm_bind() */
	uint32_t max_faults;		/* per open device: dead queues that are allowed */
	uint64_t va_start;		/* first address of a VM */
	uint64_t va_size;		/* bytes of addresses of a VM */
	uint64_t max_table_bytes;	/* page tables, per open device */
	uint64_t max_hbm_bytes;		/* per user; 0 = no limit */
};

/**
 * trn_device_get_info() - Query the properties and limits of a device.
 * @info: gets the properties
 * @size: sizeof(struct trn_device_info) of the caller; members that the library does not
 *        know are zeroed
 *
 * Return: 0, -EINVAL @info is NULL, -ENODEV, -ENOMEM.
 */
int trn_device_get_info(struct trn_device *dev, struct trn_device_info *info, size_t size);

/**
 * trn_device_get_resets() - Count the resets of the device since the driver was bound.
 * @count: gets the reset_count of trn_device_get_info()
 *
 * A reset loses the contents of HBM: data are valid only while the count is that of the
 * time when they were written. Return: 0, -EINVAL @count is NULL, -ENODEV, -ENOMEM.
 */
int trn_device_get_resets(struct trn_device *dev, uint64_t *count);

/** enum trn_region_kind - Memory of the device, or of the host. */
enum trn_region_kind { TRN_REGION_HBM = 0, TRN_REGION_SYSTEM = 1 };

/** struct trn_region - A place for BOs; bit n of a placement is region n. */
struct trn_region {
	uint32_t kind;		/* enum trn_region_kind */
	uint32_t instance;	/* HBM: number of the stack */
	uint64_t size;		/* bytes; 0 = not limited by the driver */
	uint64_t free;		/* bytes, not always contiguous */
	uint64_t cpu_visible;	/* bytes from the start that can be mapped */
};

/**
 * trn_device_get_regions() - List the regions of memory.
 * @regions: filled in order; may be NULL if @max is 0
 * @max: number of regions that @regions has room for
 *
 * Return: the number of regions, which may be larger than @max; or -EINVAL @regions is
 * NULL, -ENODEV, -ENOMEM, -EPROTO the answer of the driver contradicts itself.
 */
int trn_device_get_regions(struct trn_device *dev, struct trn_region *regions, size_t max);

/** struct trn_engine - A DMA engine. */
struct trn_engine {
	uint32_t id;
	uint32_t core;		/* NeuronCore that it belongs to, or TRN_NONE */
	uint32_t stack;		/* nearest HBM stack */
	uint32_t free_queues;	/* hardware queues that nobody uses */
};

/** trn_device_get_engines() - List the DMA engines, as trn_device_get_regions() the regions. */
int trn_device_get_engines(struct trn_device *dev, struct trn_engine *engines, size_t max);

/* ---- memory ----------------------------------------------------------- */

/* A placement is a set of regions: bit n is region n, below 64. */
#define TRN_PLACE_REGION(n) (1ull << (n))

/**
 * trn_place_hbm() - Get the placement of all HBM stacks of the device.
 * Return: 0, -EINVAL @placement is NULL, -ENODEV there is no such region, and the errors
 * of trn_device_get_regions().
 */
int trn_place_hbm(struct trn_device *dev, uint64_t *placement);
/** trn_place_system() - Get the placement of host memory. Errors as trn_place_hbm(). */
int trn_place_system(struct trn_device *dev, uint64_t *placement);

#define TRN_BO_NO_MMAP (1u << 0)	/* trn_bo_new(): the CPU never maps it */
#define TRN_BO_READ_ONLY (1u << 1)	/* trn_bo_pin(): the device only reads it */

/**
 * trn_bo_new() - Allocate zeroed memory.
 * @size: bytes, not 0; rounded up to bo_granule
 * @placement: regions to try, from bit 0 upwards
 * @flags: TRN_BO_NO_MMAP or 0
 * @bo: gets the BO, with one reference
 *
 * Return: 0, -ENOSPC no region of @placement has room, -EDQUOT max_hbm_bytes is used up,
 * -EINVAL size, placement or flags, -ENODEV, -ENOMEM.
 */
int trn_bo_new(struct trn_device *dev, uint64_t size, uint64_t placement, uint32_t flags,
	       struct trn_bo **bo);

/**
 * trn_bo_pin() - Let the device reach memory of the caller.
 * @addr: first byte, of any alignment; offset 0 of the BO
 * @size: bytes, not 0, of any alignment
 * @flags: TRN_BO_READ_ONLY or 0
 * @bo: gets the BO, with one reference
 *
 * The pages stay pinned until the last reference is dropped and the device has finished
 * all work with them. Return: 0, -EFAULT the memory is not mapped, or not writable and
 * TRN_BO_READ_ONLY is not set, or cannot be pinned, -ENOMEM RLIMIT_MEMLOCK (ulimit -l) is
 * too small or memory is short, -EINVAL, -ENODEV.
 */
int trn_bo_pin(struct trn_device *dev, void *addr, uint64_t size, uint32_t flags,
	       struct trn_bo **bo);

/** trn_bo_ref() - Take a reference. */
struct trn_bo *trn_bo_ref(struct trn_bo *bo);
/**
 * trn_bo_unref() - Drop a reference. The last one unmaps the BO in the process and in VMs
 * that a copier mapped it in; the memory is free when the device has finished its work.
 */
void trn_bo_unref(struct trn_bo *bo);

/** trn_bo_size() - Size in bytes. */
uint64_t trn_bo_size(const struct trn_bo *bo);
/** trn_bo_region() - Index of the region that the memory is in. */
uint32_t trn_bo_region(const struct trn_bo *bo);
/** trn_bo_handle() - GEM handle, for libdrm calls. The caller must not close it. */
uint32_t trn_bo_handle(const struct trn_bo *bo);
/**
 * trn_bo_map() - Map the BO in the process, for reading and writing.
 * @addr: gets the address; of a pinned BO, the address that was pinned
 *
 * Later calls return the same address. Return: 0, -EPERM the BO was made with
 * TRN_BO_NO_MMAP, -ENOMEM memory, addresses or, after mlockall(), RLIMIT_MEMLOCK are
 * short, -ENODEV.
 */
int trn_bo_map(struct trn_bo *bo, void **addr);

/**
 * trn_bo_export() - Share the memory with other processes or devices, as a dma-buf.
 * @fd: gets a file descriptor, close-on-exec; the caller closes it
 *
 * Return: 0, -EINVAL pinned memory cannot be shared, -EMFILE or -ENFILE too many open
 * files, -ENODEV, -ENOMEM.
 */
int trn_bo_export(struct trn_bo *bo, int *fd);

/**
 * trn_bo_import() - Use the memory of a dma-buf.
 * @fd: file descriptor of the dma-buf; the caller may close it afterwards
 * @bo: gets the BO, with one reference
 *
 * If this open device has the memory already, by an earlier import or as its exporter,
 * @bo is that BO with one more reference. Return: 0, -EBADF @fd is not open, -EINVAL @fd
 * is no dma-buf or the device cannot reach the memory, -EBUSY the exporting device is
 * being reset, -ENODEV, -ENOMEM.
 */
int trn_bo_import(struct trn_device *dev, int fd, struct trn_bo **bo);

/* ---- address spaces --------------------------------------------------- */

#define TRN_VM_READ (1u << 0)	/* the device may read it */
#define TRN_VM_WRITE (1u << 1)	/* the device may write it */

/**
 * trn_vm_new() - Make an empty address space for user-mode queues.
 * @vm: gets the VM, with one reference
 *
 * Return: 0, -EOPNOTSUPP the device has no TRN_CAP_USER_QUEUES, -EMFILE the open device or
 * the user has the most VMs that are allowed (max_vms), -ENOSPC the device has no more
 * address spaces, -ENODEV, -ENOMEM.
 */
int trn_vm_new(struct trn_device *dev, struct trn_vm **vm);
/** trn_vm_ref() - Take a reference. */
struct trn_vm *trn_vm_ref(struct trn_vm *vm);
/** trn_vm_unref() - Drop a reference. The last one unmaps everything; a queue holds one. */
void trn_vm_unref(struct trn_vm *vm);
/** trn_vm_id() - Number of the VM in the kernel interface. */
uint32_t trn_vm_id(const struct trn_vm *vm);

/**
 * trn_vm_map() - Map a range of a BO in a VM, at an address that the library chooses.
 * @offset: first byte of the range, of any alignment
 * @size: bytes, not 0, of any alignment
 * @flags: TRN_VM_READ, TRN_VM_WRITE or both
 * @va: gets the address of the byte at @offset
 *
 * Whole granules are mapped: bytes that share one with the range can be reached, too. The
 * mapping keeps the memory: the BO may be dropped.
 *
 * Return: 0, -EINVAL the range is not in the BO, the BO is of another open device, or
 * @flags, -EACCES TRN_VM_WRITE and the BO was pinned with TRN_BO_READ_ONLY, -EDQUOT
 * max_table_bytes is used up, -ENXIO the exporter took back an imported BO, -ENOSPC no
 * addresses are left, -ENODEV, -ENOMEM.
 */
int trn_vm_map(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
	       uint32_t flags, uint64_t *va);

/**
 * trn_vm_map_at() - Map a range of a BO in a VM, at an address that the caller chooses.
 * @va: address of the byte at @offset; it has the same remainder by bo_granule as
 *      @offset, or, in a pinned BO, as the address of that byte in the process
 *
 * Otherwise as trn_vm_map(). Return: as trn_vm_map(), and -EINVAL @va is not in the VM or
 * has another remainder, -EEXIST something is mapped or reserved there.
 */
int trn_vm_map_at(struct trn_vm *vm, struct trn_bo *bo, uint64_t offset, uint64_t size,
		  uint32_t flags, uint64_t va);

/**
 * trn_vm_unmap() - Undo trn_vm_map(), trn_vm_map_at() or trn_vm_reserve().
 * @va: any address in the range, which is unmapped as a whole
 *
 * When the call returns, no access of the device is in flight. Later accesses fault.
 * Return: 0, -ENOENT nothing is mapped or reserved there, -ENODEV, -ENOMEM.
 */
int trn_vm_unmap(struct trn_vm *vm, uint64_t va);

/**
 * trn_vm_reserve() - Reserve addresses for trn_vm_bind(): the library maps nothing there.
 * @size: bytes, not 0, at most va_size; rounded up to bo_granule
 * @va: gets the first address
 *
 * Return: 0, -EINVAL @size, -ENOSPC no addresses are left, -ENOMEM.
 */
int trn_vm_reserve(struct trn_vm *vm, uint64_t size, uint64_t *va);

enum trn_vm_op_type { TRN_VM_MAP = 0, TRN_VM_UNMAP = 1 };

/** struct trn_vm_op - One change of an address space. */
struct trn_vm_op {
	uint32_t type;		/* enum trn_vm_op_type */
	uint32_t flags;		/* MAP: TRN_VM_READ, TRN_VM_WRITE or both */
	struct trn_bo *bo;	/* MAP */
	uint64_t bo_offset;	/* MAP; multiple of bo_granule, as the next two */
	uint64_t va;
	uint64_t size;		/* bytes */
};

struct trn_sync;

#define TRN_VM_ASYNC (1u << 0)	/* return before it is done; syncs are allowed */

/**
 * trn_vm_bind() - Change the address space as DRM_IOCTL_TRN_VM_BIND does.
 * @ops: changes, done in order; all of them or, on an error, none
 * @num_ops: 1..max_bind_ops
 * @flags: TRN_VM_ASYNC or 0
 * @syncs: fences to wait for before and to signal after; they need TRN_VM_ASYNC
 *
 * For programs that choose addresses themselves: in a range from trn_vm_reserve(), or in a
 * VM where the library maps nothing. Offset 0 of a pinned BO is the start of its first
 * granule. Return: as trn_vm_map(), and -EINVAL an operation or a sync, -ENOENT no such
 * syncobj.
 */
int trn_vm_bind(struct trn_vm *vm, const struct trn_vm_op *ops, size_t num_ops, uint32_t flags,
		const struct trn_sync *syncs, size_t num_syncs);

/* ---- queues ----------------------------------------------------------- */

/** enum trn_engine_class - Engines that trn_queue_new() chooses from. */
enum trn_engine_class {
	TRN_ENGINE_ANY = 0,
	TRN_ENGINE_CORE = 1,	/* engines of a NeuronCore */
	TRN_ENGINE_H2T = 2,	/* engines that belong to no core */
};

/** enum trn_priority - Share of an engine, against queues that compete for it. */
enum trn_priority {
	TRN_PRIORITY_NORMAL = 0,
	TRN_PRIORITY_LOW = 1,	/* a quarter of the time of a NORMAL queue */
	TRN_PRIORITY_HIGH = 2,	/* four times that of a NORMAL queue; needs CAP_SYS_NICE */
};

#define TRN_QUEUE_SHARED (1u << 0)	/* several threads prepare work for it */

#define TRN_SPIN_DEFAULT_NS 200000u	/* trn_queue_attr.spin_ns 0 */
#define TRN_SPIN_NEVER 0xffffffffu	/* trn_queue_attr.spin_ns: sleep at once */

/** struct trn_queue_attr - Attributes of a new queue; zeroes are defaults. */
struct trn_queue_attr {
	uint32_t engine;	/* id of the engine + 1; 0 = any engine */
	uint32_t ring_size;	/* descriptors: a multiple of 16 from 64 to max_ring_size */
	uint32_t timeout_ms;	/* 100..60000 without progress: the queue is hung */
	uint32_t engine_class;	/* enum trn_engine_class, if engine is 0 */
	uint32_t priority;	/* enum trn_priority */
	uint32_t flags;		/* user mode: TRN_QUEUE_SHARED or 0 */
	uint64_t placement;	/* if engine is 0: near an HBM stack of this placement */
	struct trn_vm *vm;	/* user mode, in this VM; NULL = kernel mode */
	uint32_t spin_ns;	/* user mode: longest time that a wait polls */
};

/**
 * trn_queue_new() - Take a hardware queue.
 * @attr: attributes, or NULL for the defaults
 * @queue: gets the queue, with one reference
 *
 * A queue without a VM is in kernel mode and takes work by trn_submit(). A queue with a VM
 * is in user mode and takes work by the functions of trn_prep.h. Both are waited for in
 * the same way.
 *
 * Return: 0, -EBUSY no hardware queue is free or the device is being reset, -EMFILE
 * max_queues of this open device, -EDQUOT the user has the most hardware queues that are
 * allowed, or max_table_bytes is used up, -EPERM max_faults queues of this open device
 * died, -EACCES the priority needs CAP_SYS_NICE, -EINVAL an attribute, -ENODEV, -ENOMEM.
 */
int trn_queue_new(struct trn_device *dev, const struct trn_queue_attr *attr,
		  struct trn_queue **queue);
/** trn_queue_ref() - Take a reference. */
struct trn_queue *trn_queue_ref(struct trn_queue *queue);
/** trn_queue_unref() - Drop a reference. The last one cancels unfinished work. */
void trn_queue_unref(struct trn_queue *queue);
/** trn_queue_engine() - Id of the engine. */
uint32_t trn_queue_engine(const struct trn_queue *queue);
/** trn_queue_hw_queue() - Number of the hardware queue in its engine. */
uint32_t trn_queue_hw_queue(const struct trn_queue *queue);
/** trn_queue_ring_size() - Descriptors in each ring. */
uint32_t trn_queue_ring_size(const struct trn_queue *queue);
/** trn_queue_vm() - VM of a user-mode queue, or NULL; no reference is taken. */
struct trn_vm *trn_queue_vm(const struct trn_queue *queue);
/** trn_queue_syncobj() - Timeline of the queue: a DRM syncobj handle of the device's file. */
uint32_t trn_queue_syncobj(const struct trn_queue *queue);

/** enum trn_queue_status - Only a READY queue takes work. The other states are final. */
enum trn_queue_status {
	TRN_QUEUE_STATE_READY = 0,
	TRN_QUEUE_STATE_TIMEDOUT = 1,	/* the device made no progress for timeout_ms */
	TRN_QUEUE_STATE_FAULTED = 2,	/* the device reported an error */
	TRN_QUEUE_STATE_LOST = 3,	/* the device was reset or is gone */
};

/** enum trn_access - Access of the device that met an address not mapped for it. */
enum trn_access {
	TRN_ACCESS_M2S_RING = 0,	/* read of an M2S descriptor */
	TRN_ACCESS_S2M_RING = 1,	/* read of an S2M descriptor */
	TRN_ACCESS_SOURCE = 2,		/* read of data or operands */
	TRN_ACCESS_TARGET = 3,		/* write of data */
};

/** struct trn_queue_state - See trn_queue_get_state(). */
struct trn_queue_state {
	uint32_t status;	/* enum trn_queue_status */
	int32_t error;		/* negative errno of error_point, or 0 */
	uint64_t submitted;	/* last point; in user mode, as this process knows it */
	uint64_t completed;	/* last point that was done without error */
	uint64_t error_point;	/* first point that failed, or 0 */
	uint32_t fault_code;	/* code of the device, if the queue is FAULTED */
	uint32_t fault_access;	/* enum trn_access, if error is -EFAULT */
	uint64_t fault_addr;	/* user mode: address in the VM; kernel mode: of the chip */
	uint64_t reset_count;	/* of the device, when the queue was made */
};

/** trn_queue_get_state() - Query status, progress and error. Return: 0, -ENODEV. */
int trn_queue_get_state(struct trn_queue *queue, struct trn_queue_state *state);

/* ---- work ------------------------------------------------------------- */

enum trn_op_type { TRN_OP_COPY = 0, TRN_OP_FILL = 1 };

/** struct trn_op - One operation. Operations of one queue are done in order. */
struct trn_op {
	uint32_t type;		/* enum trn_op_type */
	uint32_t pattern;	/* FILL: 32-bit word to repeat */
	struct trn_bo *dst;
	struct trn_bo *src;	/* COPY */
	uint64_t dst_offset;	/* bytes; FILL: a multiple of 4 */
	uint64_t src_offset;	/* COPY: bytes */
	uint64_t size;		/* bytes, not 0; FILL: a multiple of 4 */
};

#define TRN_SYNC_WAIT (1u << 0)		/* wait for it before the work */
#define TRN_SYNC_SIGNAL (1u << 1)	/* signal it after the work */

/** struct trn_sync - A DRM syncobj that work waits for or signals. */
struct trn_sync {
	uint32_t flags;		/* TRN_SYNC_WAIT or TRN_SYNC_SIGNAL */
	uint32_t handle;	/* of the device's file */
	uint64_t point;		/* of a timeline; 0 for a binary syncobj */
};

/**
 * trn_submit() - Submit operations to a kernel-mode queue, as one unit.
 * @num_ops: 1..max_ops
 * @syncs: syncobjs, at most max_syncs; may be NULL if there are none
 * @point: gets the point of the queue's timeline to wait for; may be NULL
 *
 * The BOs may be dropped: the memory stays until the work is done. On an error nothing was
 * submitted. Return: 0, -EINVAL an operation (a range outside its BO, ranges that overlap
 * in one BO, a BO of another open device) or a number out of range, -EACCES the
 * destination was pinned with TRN_BO_READ_ONLY, -EOPNOTSUPP the queue is in user mode,
 * -ENOENT no such syncobj, -ECANCELED the queue is dead, -ENXIO the exporter took back an
 * imported BO, -ENODEV, -ENOMEM.
 */
int trn_submit(struct trn_queue *queue, const struct trn_op *ops, size_t num_ops,
	       const struct trn_sync *syncs, size_t num_syncs, uint64_t *point);

/** trn_copy_async() - trn_submit() for one copy. */
int trn_copy_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   struct trn_bo *src, uint64_t src_offset, uint64_t size, uint64_t *point);
/** trn_fill_async() - trn_submit() for one fill. Offset and size are multiples of 4. */
int trn_fill_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   uint64_t size, uint32_t pattern, uint64_t *point);

/**
 * trn_wait() - Wait for a point of a queue.
 * @point: from trn_submit() or trn_queue_point()
 * @deadline: absolute, see trn_deadline(); INT64_MAX waits for ever, 0 does not wait
 *
 * On a user-mode queue, ring the doorbell before; the wait polls first (spin_ns) and then
 * sleeps. If a user-mode queue dies, all its unfinished points get the same error.
 *
 * Return: 0 the work is done, -ETIMEDOUT it is not done at the deadline, -ETIME the device
 * hung and the work was given up, -EFAULT the device met an address that is not mapped in
 * the VM, -EIO the device reported another error, -ECANCELED the device was reset or an
 * earlier submission failed, -EINVAL the point was never submitted, -EPROTO another
 * program signalled the queue's syncobj, -ENODEV, -ENOMEM.
 */
int trn_wait(struct trn_queue *queue, uint64_t point, int64_t deadline);

/** struct trn_point - A point of a queue, of either mode. */
struct trn_point {
	struct trn_queue *queue;
	uint64_t point;
};

/**
 * trn_wait_all() - Wait until all points are done or have failed.
 * @points: points of queues of one open device
 * @count: not 0; more than 64 need an allocation
 * @deadline: as for trn_wait()
 *
 * Return: 0 all are done, -ETIMEDOUT some are unfinished, -EINVAL @points or queues of
 * different devices, -ENOMEM, or the error of the first failed point in their order.
 */
int trn_wait_all(const struct trn_point *points, size_t count, int64_t deadline);

/**
 * trn_wait_any() - Wait until one of the points is done or has failed.
 * @which: gets the index of that point; may be NULL
 *
 * Other arguments as for trn_wait_all(). Return: 0 it is done, -ETIMEDOUT all are
 * unfinished, -EINVAL and -ENOMEM as trn_wait_all(), or the error of that point.
 */
int trn_wait_any(const struct trn_point *points, size_t count, int64_t deadline,
		 size_t *which);

/**
 * trn_queue_eventfd() - Signal an eventfd(2) when a point is done or has failed.
 * @point: as for trn_wait()
 * @fd: the eventfd; on an error it is never signalled
 *
 * trn_wait() tells how the work ended. Return: 0, -EINVAL the point was never submitted or
 * @fd is no eventfd, -EBADF @fd is not open, -EOPNOTSUPP the kernel is older than 6.6,
 * -ENODEV, -ENOMEM.
 */
int trn_queue_eventfd(struct trn_queue *queue, uint64_t point, int fd);

/**
 * trn_deadline() - Deadline at @ns nanoseconds from now.
 * Return: the deadline; INT64_MAX if it would overflow, 0 if it would be negative.
 */
int64_t trn_deadline(int64_t ns);

/**
 * trn_strerror() - Describe an error: cause and remedy, as a sentence.
 * @err: negative errno from a function of this library
 * Return: a constant string, never NULL.
 */
const char *trn_strerror(int err);

#ifdef __cplusplus
}
#endif

#include <trn_copier.h>

#endif /* TRN_H */
