/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * trn_accel: the ioctl interface of the Trainium driver.
 *
 * Objects belong to the open file that made them: BOs are GEM handles, VMs and
 * queues are ids. Closing the file destroys queues, then VMs, then BOs. Waiting, BO
 * closing, sharing and syncobjs are the DRM core's own ioctls (SYNCOBJ_*,
 * GEM_CLOSE, PRIME_*).
 *
 * A queue is in one of two modes. A kernel-mode queue gets operations on BOs from
 * QUEUE_SUBMIT. A user-mode queue belongs to a VM, an address space of the device:
 * its rings are memory that the process writes, and its doorbell and its completion
 * record are mapped pages (drm/trn_ring.h). Its descriptors hold virtual addresses of
 * that VM, which the device's MMU checks.
 *
 * Rules by which this interface grows:
 *  - A struct only grows at its end. The DRM core zero-fills the fields that an older
 *    program does not pass. Zero means the behaviour before the field existed.
 *  - Nested structs travel as struct drm_trn_array with their stride. A stride
 *    shorter than the first version is refused (-EINVAL). A longer one is accepted
 *    if the unknown tail is zero, else refused (-E2BIG). A stride longer than a page
 *    is refused (-E2BIG).
 *  - A query reply is cut to, or zero-filled up to, the size that was asked for.
 *  - Unknown flags and non-zero padding are refused with -EINVAL.
 *  - Numbers are never reused. Every struct has the same layout for 32- and
 *    64-bit user space. driver_minor goes up with every visible addition.
 *
 * A call with results checks first that its struct can be written; if not, it fails
 * with -EFAULT and does nothing. If the memory of the struct is unmapped during the
 * call, -EFAULT may also come after the call has taken effect. QUEUE_GET_STATE then
 * reports what was submitted, and new objects end with the file.
 *
 * Errors common to all calls:
 *  - -EFAULT a pointer cannot be read or written.
 *  - -EINVAL an unknown flag, non-zero padding or a value out of range.
 *  - -ENOENT no such handle or id.
 *  - -ENODEV the device is gone.
 *  - -EIO the device could not be reset.
 *  - -EINTR a signal arrived before anything was done.
 *  - -EMFILE or -EDQUOT a limit of this file or of its user is reached.
 *  - -ENOMEM host memory is exhausted.
 *
 * With debug messages of the DRM core on (drm.debug=0x2), the kernel log names the field
 * that a refused call got wrong.
 */
#ifndef _UAPI_TRN_ACCEL_H_
#define _UAPI_TRN_ACCEL_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* Command numbers 4 and 13 are reserved for the state of a VM and for events. */
#define DRM_TRN_DEV_QUERY	0x00
#define DRM_TRN_VM_CREATE	0x01
#define DRM_TRN_VM_DESTROY	0x02
#define DRM_TRN_VM_BIND		0x03
#define DRM_TRN_BO_CREATE	0x05
#define DRM_TRN_BO_INFO		0x06
#define DRM_TRN_BO_USERPTR	0x07
#define DRM_TRN_QUEUE_CREATE	0x08
#define DRM_TRN_QUEUE_DESTROY	0x09
#define DRM_TRN_QUEUE_SUBMIT	0x0a
#define DRM_TRN_QUEUE_GET_STATE	0x0b
#define DRM_TRN_QUEUE_NOTIFY	0x0c

/**
 * struct drm_trn_array - An array of structs in user memory.
 */
struct drm_trn_array {
	/**
	 * @stride: Input: bytes from one element to the next, a multiple of 8, at most a
	 * page; ignored if count is 0.
	 */
	__u32 stride;

	/** @count: Input: number of elements. */
	__u32 count;

	/** @ptr: Input: user address of the first element; ignored if count is 0. */
	__u64 ptr;
};

/**
 * enum drm_trn_dev_query_type - Kinds of replies of DEV_QUERY.
 */
enum drm_trn_dev_query_type {
	/** @DRM_TRN_QUERY_DEVICE: struct drm_trn_query_device. */
	DRM_TRN_QUERY_DEVICE = 0,

	/** @DRM_TRN_QUERY_REGIONS: struct drm_trn_query_list of drm_trn_region. */
	DRM_TRN_QUERY_REGIONS = 1,

	/** @DRM_TRN_QUERY_ENGINES: struct drm_trn_query_list of drm_trn_engine. */
	DRM_TRN_QUERY_ENGINES = 2,

	/** @DRM_TRN_QUERY_FIRMWARE: struct drm_trn_query_firmware. */
	DRM_TRN_QUERY_FIRMWARE = 3,

	/** @DRM_TRN_QUERY_CLOCK: struct drm_trn_query_clock. */
	DRM_TRN_QUERY_CLOCK = 4,
};

/**
 * struct drm_trn_dev_query - Arguments of DRM_IOCTL_TRN_DEV_QUERY.
 *
 * With @pointer 0 only @size is returned.
 *
 * Errors: -EINVAL this kernel does not know the type; -E2BIG @pointer is not 0 and @size
 * is more than 64 KiB, the limit of every reply.
 */
struct drm_trn_dev_query {
	/** @type: Input: one of enum drm_trn_dev_query_type. */
	__u32 type;

	/**
	 * @size: Input: bytes at @pointer. Output: bytes of the whole reply of this
	 * kernel. If the input was less, the reply was cut to it.
	 */
	__u32 size;

	/** @pointer: Input: user address for the reply, or 0. */
	__u64 pointer;
};

/* Capabilities of the device, struct drm_trn_query_device.caps. */
#define DRM_TRN_CAP_USER_QUEUES	(1ull << 0)	/* VM_* and DRM_TRN_QUEUE_MODE_USER */
#define DRM_TRN_CAP_INLINE_OPS	(1ull << 1)	/* struct drm_trn_inline_op */
#define DRM_TRN_CAP_PRIORITIES	(1ull << 2)	/* the device honours queue priorities */

/**
 * struct drm_trn_query_device - The device and its limits.
 */
struct drm_trn_query_device {
	/** @generation: 2 = Trainium2, 3 = Trainium3. */
	__u32 generation;

	/** @revision: PCI revision id; 0xff is the software chip. */
	__u32 revision;

	/** @caps: DRM_TRN_CAP_* bits. */
	__u64 caps;

	/** @num_engines: Number of DMA engines; their ids are 0..num_engines - 1. */
	__u32 num_engines;

	/** @first_h2t_engine: First engine id of class H2T, which belongs to no core. */
	__u32 first_h2t_engine;

	/** @queues_per_engine: Number of hardware queues of each engine. */
	__u32 queues_per_engine;

	/** @num_cores: Number of NeuronCores. */
	__u32 num_cores;

	/** @num_regions: Number of entries of DRM_TRN_QUERY_REGIONS. */
	__u32 num_regions;

	/** @max_queues: Limit of queues of one open file. */
	__u32 max_queues;

	/** @max_ops: Limit of operations in one QUEUE_SUBMIT. */
	__u32 max_ops;

	/** @max_syncs: Limit of sync entries in one QUEUE_SUBMIT or VM_BIND. */
	__u32 max_syncs;

	/** @max_ring_size: Limit of ring_size, in descriptors. */
	__u32 max_ring_size;

	/** @default_timeout_ms: Timeout of a queue made with timeout_ms 0, milliseconds. */
	__u32 default_timeout_ms;

	/** @bo_granule: Unit of BO sizes, mmap offsets and VM mappings, bytes. */
	__u64 bo_granule;

	/**
	 * @reset_count: Number of device resets since the driver bound. A change
	 * means that the contents of HBM and every queue are lost. System sleep counts
	 * as a reset.
	 */
	__u64 reset_count;

	/** @max_vms: Limit of VMs of one open file. The limit of one user is 1024. */
	__u32 max_vms;

	/** @max_bind_ops: Limit of operations in one VM_BIND. */
	__u32 max_bind_ops;

	/**
	 * @max_faults: Limit of queues of one open file that end in a fault or a
	 * timeout. From this number on QUEUE_CREATE fails (-EPERM). The limit stops a
	 * program that repeats an error for ever; another open file starts at 0.
	 */
	__u32 max_faults;

	/** @pad: Zero. */
	__u32 pad;

	/** @va_start: First virtual address that a VM can map. */
	__u64 va_start;

	/** @va_size: Size of the virtual address range from @va_start on, bytes. */
	__u64 va_size;

	/**
	 * @max_table_bytes: Limit of page tables of one open file, bytes. The memory is
	 * also charged to the memory cgroup, whose limit holds across files.
	 */
	__u64 max_table_bytes;

	/**
	 * @max_hbm_bytes: Limit of HBM allocated by one user, bytes; 0 = no limit. HBM
	 * counts until it is freed. The user is the user id that opened the file.
	 */
	__u64 max_hbm_bytes;
};

/**
 * struct drm_trn_query_list - Header of a reply that is an array.
 *
 * The elements follow at offset 16. A reply buffer that ends inside an element
 * gets the part that fits.
 */
struct drm_trn_query_list {
	/** @count: Number of elements. */
	__u32 count;

	/** @stride: Size of an element in this kernel, bytes. */
	__u32 stride;

	/** @pad: Zero. */
	__u64 pad;
};

/** enum drm_trn_region_kind - Kinds of regions. */
enum drm_trn_region_kind {
	/** @DRM_TRN_REGION_HBM: A stack of device memory. */
	DRM_TRN_REGION_HBM = 0,

	/** @DRM_TRN_REGION_SYSTEM: Host memory that the device can reach. */
	DRM_TRN_REGION_SYSTEM = 1,
};

/**
 * struct drm_trn_region - A memory region for BOs; bit n of a placement is region n.
 */
struct drm_trn_region {
	/** @kind: One of enum drm_trn_region_kind. */
	__u32 kind;

	/** @instance: HBM: number of the stack; SYSTEM: 0. */
	__u32 instance;

	/** @size: Bytes of the region for BOs; SYSTEM: 0, no limit. */
	__u64 size;

	/** @free: Bytes free now, in one piece or in several; SYSTEM: 0. */
	__u64 free;

	/** @cpu_visible: Bytes from the start of the region that mmap() can reach; SYSTEM: 0. */
	__u64 cpu_visible;
};

/** struct drm_trn_engine - A DMA engine. */
struct drm_trn_engine {
	/** @id: Engine id for struct drm_trn_queue_create. */
	__u32 id;

	/** @core: NeuronCore of the engine, or DRM_TRN_NONE for H2T engines. */
	__u32 core;

	/** @stack: Number of the nearest HBM stack. */
	__u32 stack;

	/** @free_queues: Number of hardware queues free now. */
	__u32 free_queues;
};

/* No engine, or no core. */
#define DRM_TRN_NONE	0xffffffffu

/**
 * struct drm_trn_query_firmware - Data of the management firmware.
 */
struct drm_trn_query_firmware {
	/** @serial: Serial number of the chip, or 0 if the chip has none. */
	__u64 serial;

	/** @api_version: Version of the mailbox interface. */
	__u32 api_version;

	/** @routing_id: Position of the chip in the interconnect. */
	__u32 routing_id;
};

/**
 * struct drm_trn_query_clock - The clock of deadlines of the DRM core.
 *
 * Deadlines of SYNCOBJ_WAIT and SYNCOBJ_TIMELINE_WAIT are CLOCK_MONOTONIC of the initial
 * time namespace. In another time namespace the process reads that clock with an offset.
 * Such a process computes a deadline as @monotonic_ns plus the time left.
 */
struct drm_trn_query_clock {
	/** @monotonic_ns: CLOCK_MONOTONIC of the initial time namespace, nanoseconds. */
	__u64 monotonic_ns;
};

/* BO flags. */
#define DRM_TRN_BO_NO_MMAP	(1u << 0)	/* BO_CREATE: no mmap() of the BO */
#define DRM_TRN_BO_READ_ONLY	(1u << 1)	/* BO_USERPTR: the device only reads */
#define DRM_TRN_BO_IS_IMPORT	(1u << 30)	/* BO_INFO only: imported dma-buf */
#define DRM_TRN_BO_IS_USERPTR	(1u << 31)	/* BO_INFO only: made by BO_USERPTR */

/**
 * struct drm_trn_bo_create - Arguments of DRM_IOCTL_TRN_BO_CREATE.
 *
 * The memory reads as zeroes. It can be shared as a dma-buf (PRIME_HANDLE_TO_FD).
 *
 * Errors: -ENOSPC no region of @placement has that much room; -EDQUOT max_hbm_bytes is
 * reached; -ENOMEM host memory is exhausted; -EINVAL @size is 0, @placement is empty or
 * has an unknown bit, or NO_MMAP is not set and no region of @placement can be mapped.
 */
struct drm_trn_bo_create {
	/** @size: Input: bytes, not 0. Output: the same, rounded up to bo_granule. */
	__u64 size;

	/**
	 * @placement: Input: set of regions, bit n for region n, not empty. The BO goes to
	 * the lowest region of the set that has room, never to one outside the set.
	 */
	__u64 placement;

	/** @flags: Input: DRM_TRN_BO_NO_MMAP or 0. */
	__u32 flags;

	/** @handle: Output: GEM handle. */
	__u32 handle;

	/** @mmap_offset: Output: offset for mmap() on the device file, or 0 with NO_MMAP. */
	__u64 mmap_offset;
};

/**
 * struct drm_trn_bo_info - Arguments of DRM_IOCTL_TRN_BO_INFO.
 *
 * Errors: -ENOENT @handle is unknown.
 */
struct drm_trn_bo_info {
	/** @handle: Input: GEM handle. */
	__u32 handle;

	/** @flags: Output: DRM_TRN_BO_* flags of the BO. */
	__u32 flags;

	/** @size: Output: bytes that operations can address. */
	__u64 size;

	/** @mmap_offset: Output: offset for mmap(), or 0 if the BO cannot be mapped. */
	__u64 mmap_offset;

	/** @region: Output: index of the region of the BO. */
	__u32 region;

	/** @pad: Output: zero. */
	__u32 pad;
};

/**
 * struct drm_trn_bo_userptr - Arguments of DRM_IOCTL_TRN_BO_USERPTR.
 *
 * The call pins the pages that hold [addr, addr + size). They stay pinned until the BO
 * is closed and the device is done with it. Offset 0 of the BO is the byte at @addr.
 * After fork() the parent keeps the pinned pages.
 *
 * Without CAP_IPC_LOCK the pinned pages count against RLIMIT_MEMLOCK of the caller, once
 * per BO. The limit covers all pinned pages of the user id, in all its processes: those
 * of this driver, of io_uring and of iommufd. Pages count as long as they are pinned,
 * also after the end of the process.
 *
 * Errors: -EINVAL @size is 0 or the range wraps; -EFAULT a part of the range is not
 * mapped, is not writable (without READ_ONLY), or cannot be pinned (device mappings);
 * -ENOMEM RLIMIT_MEMLOCK or host memory is exhausted; -EINTR the process was killed
 * during the call.
 */
struct drm_trn_bo_userptr {
	/** @addr: Input: user address of the first byte, of any alignment. */
	__u64 addr;

	/** @size: Input: bytes, not 0. */
	__u64 size;

	/** @flags: Input: DRM_TRN_BO_READ_ONLY or 0. */
	__u32 flags;

	/** @handle: Output: GEM handle. */
	__u32 handle;
};

/* Flags of struct drm_trn_sync: exactly one of WAIT and SIGNAL. */
#define DRM_TRN_SYNC_WAIT	(1u << 0)
#define DRM_TRN_SYNC_SIGNAL	(1u << 1)

/**
 * struct drm_trn_sync - A fence of a syncobj.
 *
 * WAIT: the work starts after the fence is signalled. SIGNAL: the fence is signalled
 * after the work is done.
 */
struct drm_trn_sync {
	/** @flags: DRM_TRN_SYNC_WAIT or DRM_TRN_SYNC_SIGNAL. */
	__u32 flags;

	/** @handle: DRM syncobj handle. */
	__u32 handle;

	/** @point: Timeline point, or 0 for a binary syncobj. */
	__u64 point;
};

/**
 * struct drm_trn_vm_create - Arguments of DRM_IOCTL_TRN_VM_CREATE.
 *
 * The new address space is empty.
 *
 * Errors: -EOPNOTSUPP the device lacks DRM_TRN_CAP_USER_QUEUES; -EMFILE max_vms or the
 * limit of the user is reached; -ENOSPC the device has no free address space; -EDQUOT
 * max_table_bytes is reached; -ENOMEM host memory is exhausted.
 */
struct drm_trn_vm_create {
	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @vm_id: Output: id of the VM in this file, never 0. */
	__u32 vm_id;
};

/**
 * struct drm_trn_vm_destroy - Arguments of DRM_IOCTL_TRN_VM_DESTROY.
 *
 * The id is free at once. The address space lives on until its last queue is
 * destroyed. Binds that have not taken place are cancelled.
 *
 * Errors: -ENOENT @vm_id is unknown.
 */
struct drm_trn_vm_destroy {
	/** @vm_id: Input: id of the VM. */
	__u32 vm_id;

	/** @pad: Input: must be zero. */
	__u32 pad;
};

/** enum drm_trn_vm_op_type - Kinds of changes of an address space. */
enum drm_trn_vm_op_type {
	/** @DRM_TRN_VM_OP_MAP: Map a range of a BO, in place of what was mapped there. */
	DRM_TRN_VM_OP_MAP = 0,

	/**
	 * @DRM_TRN_VM_OP_UNMAP: Unmap a range: whole mappings, or parts of them. An
	 * unmapped part of the range is no error.
	 */
	DRM_TRN_VM_OP_UNMAP = 1,
};

/* Flags of DRM_TRN_VM_OP_MAP: at least one. */
#define DRM_TRN_VM_MAP_READ	(1u << 0)	/* the device may read the range */
#define DRM_TRN_VM_MAP_WRITE	(1u << 1)	/* the device may write the range */

/** struct drm_trn_vm_op - One change of an address space. */
struct drm_trn_vm_op {
	/** @type: One of enum drm_trn_vm_op_type. */
	__u32 type;

	/** @flags: MAP: DRM_TRN_VM_MAP_*; UNMAP: zero. */
	__u32 flags;

	/** @handle: MAP: GEM handle; UNMAP: zero. */
	__u32 handle;

	/** @pad: Must be zero. */
	__u32 pad;

	/**
	 * @bo_offset: MAP: offset in the BO, a multiple of bo_granule; UNMAP: zero.
	 * Offsets of a USERPTR BO count from the start of its first page: byte 0 of the
	 * BO appears at @va + addr % bo_granule.
	 */
	__u64 bo_offset;

	/** @va: First virtual address, a multiple of bo_granule, from va_start on. */
	__u64 va;

	/** @size: Bytes, not 0, a multiple of bo_granule. */
	__u64 size;
};

/*
 * VM_BIND: return without waiting for the operations. They take place in the order of
 * the calls, after the WAIT fences of @syncs are signalled.
 */
#define DRM_TRN_VM_BIND_ASYNC	(1u << 0)

/**
 * struct drm_trn_vm_bind - Arguments of DRM_IOCTL_TRN_VM_BIND.
 *
 * All or nothing: after an error nothing has changed. The operations take place one
 * after the other, after those of earlier calls. A mapping holds its BO, whose handle may
 * be closed.
 *
 * Once an UNMAP is done, and not before, the device cannot reach the memory through the
 * VM: no access is in flight, and none will follow. A descriptor with an unmapped address
 * faults, which ends its queue.
 *
 * If 1024 calls for the VM have not taken place, the next call waits for one of them. A
 * signal ends that wait.
 *
 * Errors:
 *  - -EINVAL a range outside the BO or outside va_start..va_start + va_size, no operation
 *    or more than max_bind_ops, syncs without ASYNC, a WAIT for a fence that does not
 *    exist yet.
 *  - -EACCES a READ_ONLY BO in a MAP with WRITE.
 *  - -ENOENT a handle or id is unknown.
 *  - -E2BIG an element has a non-zero tail that this kernel does not know.
 *  - -EDQUOT max_table_bytes is reached.
 *  - -ENXIO the exporter has taken back the memory of an imported BO. If that happens
 *    after the call, the mapping stays but accesses through it fault.
 *  - -ECANCELED the VM was destroyed before the operations took place.
 *  - -ENOMEM host memory is exhausted.
 */
struct drm_trn_vm_bind {
	/** @vm_id: Input: id of the VM. */
	__u32 vm_id;

	/** @flags: Input: DRM_TRN_VM_BIND_ASYNC or 0. */
	__u32 flags;

	/** @ops: Input: array of struct drm_trn_vm_op, 1..max_bind_ops. */
	struct drm_trn_array ops;

	/** @syncs: Input: array of struct drm_trn_sync, 0..max_syncs; 0 without ASYNC. */
	struct drm_trn_array syncs;
};

/** enum drm_trn_queue_mode - Ways in which work reaches a queue. */
enum drm_trn_queue_mode {
	/** @DRM_TRN_QUEUE_MODE_KERNEL: By QUEUE_SUBMIT. */
	DRM_TRN_QUEUE_MODE_KERNEL = 0,

	/** @DRM_TRN_QUEUE_MODE_USER: By rings and doorbell (drm/trn_ring.h). */
	DRM_TRN_QUEUE_MODE_USER = 1,
};

/** enum drm_trn_engine_class - Kinds of DMA engines. */
enum drm_trn_engine_class {
	/** @DRM_TRN_ENGINE_CLASS_ANY: Any engine. */
	DRM_TRN_ENGINE_CLASS_ANY = 0,

	/** @DRM_TRN_ENGINE_CLASS_CORE: An engine that belongs to a NeuronCore. */
	DRM_TRN_ENGINE_CLASS_CORE = 1,

	/** @DRM_TRN_ENGINE_CLASS_H2T: A host-to-Trainium engine, which belongs to no core. */
	DRM_TRN_ENGINE_CLASS_H2T = 2,
};

/**
 * enum drm_trn_queue_priority - Share of engine time of a queue.
 *
 * The share matters while other queues of the same engine have work. Every queue with
 * work gets some engine time. Without DRM_TRN_CAP_PRIORITIES all shares are equal.
 */
enum drm_trn_queue_priority {
	/** @DRM_TRN_QUEUE_PRIORITY_NORMAL: The same share as other NORMAL queues. */
	DRM_TRN_QUEUE_PRIORITY_NORMAL = 0,

	/** @DRM_TRN_QUEUE_PRIORITY_LOW: A quarter of the share of a NORMAL queue. */
	DRM_TRN_QUEUE_PRIORITY_LOW = 1,

	/**
	 * @DRM_TRN_QUEUE_PRIORITY_HIGH: Four times the share of a NORMAL queue; needs
	 * CAP_SYS_NICE.
	 */
	DRM_TRN_QUEUE_PRIORITY_HIGH = 2,
};

/**
 * struct drm_trn_queue_create - Arguments of DRM_IOCTL_TRN_QUEUE_CREATE.
 *
 * The queue takes one hardware queue.
 *
 * Errors:
 *  - -EBUSY no hardware queue is free on an engine that the arguments allow.
 *  - -EMFILE max_queues is reached.
 *  - -EDQUOT the user of the file has max_user_queues hardware queues (a file of the
 *    device in sysfs; half of all hardware queues by default), and the caller lacks
 *    CAP_SYS_RESOURCE.
 *  - -EACCES HIGH priority without CAP_SYS_NICE.
 *  - -EPERM max_faults is reached.
 *  - -EOPNOTSUPP mode USER, and the device lacks DRM_TRN_CAP_USER_QUEUES.
 *  - -ENOENT @vm_id is unknown.
 */
struct drm_trn_queue_create {
	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @mode: Input: one of enum drm_trn_queue_mode. */
	__u32 mode;

	/** @vm_id: Input: USER: id of the address space; KERNEL: must be zero. */
	__u32 vm_id;

	/**
	 * @engine: Input: engine id, or DRM_TRN_NONE for the engine with most free
	 * queues among those that @engine_class and @placement allow. Output: id of
	 * the engine chosen.
	 */
	__u32 engine;

	/**
	 * @engine_class: Input: one of enum drm_trn_engine_class; ANY if @engine is an
	 * id.
	 */
	__u32 engine_class;

	/** @priority: Input: one of enum drm_trn_queue_priority. */
	__u32 priority;

	/**
	 * @placement: Input: set of regions, bit n for region n. The engine chosen is
	 * nearest to an HBM stack of the set. 0 stands for any engine; must be 0 if
	 * @engine is an id.
	 */
	__u64 placement;

	/**
	 * @ring_size: Input: descriptors in each of the two rings, a multiple of 16,
	 * 64..max_ring_size; KERNEL: or 0 for the default. Output: the size chosen.
	 */
	__u32 ring_size;

	/**
	 * @timeout_ms: Input: limit of the time that the device works on the queue
	 * without progress, milliseconds, 0..3600000; 0 stands for the default. The
	 * kernel raises the limit to 100 ms and lowers it to one minute.
	 *
	 * KERNEL: a submission has a second limit, independent of progress: max_job_ms
	 * of the device in sysfs, two minutes by default. That time runs while the
	 * submission is the oldest unfinished one of the queue. When it is over, the
	 * submission fails (-ETIME).
	 */
	__u32 timeout_ms;

	/**
	 * @ring_va: Input: USER: virtual address of the M2S ring, a multiple of 256. The
	 * S2M ring follows directly: 32 * @ring_size bytes in all (so @ring_size must
	 * not be 0). The call does not check the mapping; the queue faults when the
	 * device cannot read a ring. KERNEL: must be zero.
	 */
	__u64 ring_va;

	/** @queue_id: Output: id of the queue in this file, never 0. */
	__u32 queue_id;

	/** @hw_queue: Output: number of the hardware queue in @engine. */
	__u32 hw_queue;

	/**
	 * @syncobj: Output: handle of the queue's timeline. KERNEL: point n is
	 * signalled when the n-th submission, counted from 1, is done or has failed.
	 * USER: point n means that n S2M descriptors are done. It appears on the timeline
	 * only if QUEUE_NOTIFY asks for it.
	 */
	__u32 syncobj;

	/** @pad: Input: must be zero. */
	__u32 pad;

	/**
	 * @doorbell_offset: Output: USER: offset for mmap() of the doorbell page,
	 * 4096 bytes, MAP_SHARED and PROT_WRITE only. The child of a fork() does not
	 * inherit the mapping. Stores to the page of a dead queue have no effect.
	 * KERNEL: 0.
	 */
	__u64 doorbell_offset;

	/**
	 * @record_offset: Output: USER: offset for mmap() of the page of struct
	 * drm_trn_queue_page, 4096 bytes, MAP_SHARED and PROT_READ only. KERNEL: 0.
	 */
	__u64 record_offset;
};

/**
 * struct drm_trn_queue_destroy - Arguments of DRM_IOCTL_TRN_QUEUE_DESTROY.
 *
 * The device stops the work of the queue first. Unfinished work is cancelled
 * (-ECANCELED on its fences). The timeline handle stays until SYNCOBJ_DESTROY.
 *
 * Errors: -ENOENT @queue_id is unknown.
 */
struct drm_trn_queue_destroy {
	/** @queue_id: Input: id of the queue. */
	__u32 queue_id;

	/** @pad: Input: must be zero. */
	__u32 pad;
};

/** enum drm_trn_op_type - Operations of a submission. */
enum drm_trn_op_type {
	/** @DRM_TRN_OP_COPY: Copy size bytes from src to dst. */
	DRM_TRN_OP_COPY = 0,

	/** @DRM_TRN_OP_FILL: Repeat the 32-bit pattern over size bytes of dst. */
	DRM_TRN_OP_FILL = 1,
};

/**
 * struct drm_trn_op - One operation of a submission.
 *
 * Operations of one queue take effect in order, as if each finished before the next
 * began.
 */
struct drm_trn_op {
	/** @type: One of enum drm_trn_op_type. */
	__u32 type;

	/** @flags: Must be zero. */
	__u32 flags;

	/** @dst: GEM handle of the destination, a BO without READ_ONLY. */
	__u32 dst;

	/** @src: GEM handle of the source; zero for FILL. */
	__u32 src;

	/** @dst_offset: Byte offset in @dst; a multiple of 4 for FILL. */
	__u64 dst_offset;

	/** @src_offset: Byte offset in @src; zero for FILL. */
	__u64 src_offset;

	/** @size: Bytes, not 0; a multiple of 4 for FILL. */
	__u64 size;

	/** @pattern: FILL: little-endian word to repeat; zero for COPY. */
	__u32 pattern;

	/** @pad: Must be zero. */
	__u32 pad;
};

/**
 * struct drm_trn_queue_submit - Arguments of DRM_IOCTL_TRN_QUEUE_SUBMIT.
 *
 * All or nothing: after an error no operation is queued and no fence attached. BOs stay
 * alive, and pinned pages pinned, until the work is done.
 *
 * If 1024 submissions of the queue are unfinished, the call waits for one of them. A
 * signal ends that wait.
 *
 * Errors:
 *  - -EINVAL a range outside its BO, overlapping ranges of one BO in a copy, no operation
 *    or more than max_ops, a WAIT for a fence that does not exist yet.
 *  - -EACCES the destination is READ_ONLY.
 *  - -ENOENT a handle or id is unknown.
 *  - -E2BIG an element has a non-zero tail that this kernel does not know.
 *  - -ECANCELED the queue is dead (see QUEUE_GET_STATE).
 *  - -EOPNOTSUPP the queue is in user mode.
 *  - -ENXIO the exporter has taken back the memory of an imported BO. If that happens
 *    after the call, every queue with unfinished work on the BO dies (LOST).
 *  - -ENOMEM host memory is exhausted.
 */
struct drm_trn_queue_submit {
	/** @queue_id: Input: id of the queue. */
	__u32 queue_id;

	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @ops: Input: array of struct drm_trn_op, 1..max_ops. */
	struct drm_trn_array ops;

	/** @syncs: Input: array of struct drm_trn_sync, 0..max_syncs. */
	struct drm_trn_array syncs;

	/** @point: Output: point of the queue's timeline that this submission signals. */
	__u64 point;
};

/** enum drm_trn_queue_state - States of a queue. */
enum drm_trn_queue_state {
	/** @DRM_TRN_QUEUE_STATE_READY: The queue accepts work. */
	DRM_TRN_QUEUE_STATE_READY = 0,

	/** @DRM_TRN_QUEUE_STATE_TIMEDOUT: Dead: the work exceeded a time limit. */
	DRM_TRN_QUEUE_STATE_TIMEDOUT = 1,

	/** @DRM_TRN_QUEUE_STATE_FAULTED: Dead: the device reported an error. */
	DRM_TRN_QUEUE_STATE_FAULTED = 2,

	/**
	 * @DRM_TRN_QUEUE_STATE_LOST: Dead: the device was reset or is gone, or the
	 * exporter of an imported BO took back its memory.
	 */
	DRM_TRN_QUEUE_STATE_LOST = 3,
};

/**
 * struct drm_trn_queue_get_state - Arguments of DRM_IOCTL_TRN_QUEUE_GET_STATE.
 *
 * Waits on syncobjs do not report errors: ask here after a wait. On a dead queue all
 * points are signalled. @error_point is the first point that failed; every later point
 * failed too.
 *
 * Errors: -ENOENT @queue_id is unknown; -ENODEV the device is gone, and the DRM core
 * refuses every call.
 */
struct drm_trn_queue_get_state {
	/** @queue_id: Input: id of the queue. */
	__u32 queue_id;

	/** @state: Output: one of enum drm_trn_queue_state. */
	__u32 state;

	/**
	 * @submitted: Output: KERNEL: last point submitted; USER: zero, not known to the
	 * kernel.
	 */
	__u64 submitted;

	/** @completed: Output: last point whose work is done without error. */
	__u64 completed;

	/** @error_point: Output: first point that failed, or 0. */
	__u64 error_point;

	/**
	 * @error: Output: negative errno of @error_point, or 0. -ETIME: a time limit was
	 * exceeded. -EFAULT: the address is not mapped in the VM for that access. -EIO:
	 * the device reported another error. -ECANCELED: the device was reset. -ENODEV:
	 * the device is gone.
	 */
	__s32 error;

	/** @fault_code: Output: FAULTED: error code of the device (trnx.md), or 0. */
	__u32 fault_code;

	/**
	 * @fault_addr: Output: FAULTED: address of the access, or 0. KERNEL: a chip
	 * address. USER: a virtual address of the VM.
	 */
	__u64 fault_addr;

	/** @fault_access: Output: FAULTED with -EFAULT: one of enum drm_trn_access. */
	__u32 fault_access;

	/** @pad: Output: zero. */
	__u32 pad;

	/** @reset_count: Output: reset_count of the device at the creation of the queue. */
	__u64 reset_count;
};

/** enum drm_trn_access - Kinds of accesses that fault. */
enum drm_trn_access {
	/** @DRM_TRN_ACCESS_M2S_RING: Read of a descriptor of the M2S ring. */
	DRM_TRN_ACCESS_M2S_RING = 0,

	/** @DRM_TRN_ACCESS_S2M_RING: Read of a descriptor of the S2M ring. */
	DRM_TRN_ACCESS_S2M_RING = 1,

	/** @DRM_TRN_ACCESS_SOURCE: Read of data, or of operands of an inline operation. */
	DRM_TRN_ACCESS_SOURCE = 2,

	/** @DRM_TRN_ACCESS_TARGET: Write of data. */
	DRM_TRN_ACCESS_TARGET = 3,
};

/**
 * struct drm_trn_queue_notify - Arguments of DRM_IOCTL_TRN_QUEUE_NOTIFY.
 *
 * The call lets a program sleep until a point of a user-mode queue is done, instead of
 * polling the record. The kernel does not see the work of a user-mode queue, and asks the
 * device for an interrupt only because of this call.
 *
 * Once @point S2M descriptors are done, the queue's timeline gets a signalled point. Its
 * number is the count of descriptors done by then, @point or more. If @point is done
 * already, the timeline has it when the call returns. When a queue dies, the timeline
 * gets the last possible point, U64_MAX, which wakes every waiter.
 *
 * To sleep, call QUEUE_NOTIFY and then SYNCOBJ_TIMELINE_WAIT with WAIT_FOR_SUBMIT, or
 * SYNCOBJ_EVENTFD.
 *
 * While a notification is pending, the kernel watches the queue. The queue has hung
 * (TIMEDOUT) if its doorbell was rung, both rings have descriptors, and neither side makes
 * progress for timeout_ms. After a long time without work the kernel may notice a hang up
 * to five seconds later.
 *
 * Errors: -EOPNOTSUPP the queue is in kernel mode; -EINVAL @point is 0; -ENOENT @queue_id
 * is unknown; -ECANCELED the queue is dead; -ENOMEM host memory is exhausted.
 */
struct drm_trn_queue_notify {
	/** @queue_id: Input: id of the queue. */
	__u32 queue_id;

	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @point: Input: count of S2M descriptors done since the queue was made, not 0. */
	__u64 point;
};

/*
 * The ioctls. Each returns 0, or -1 with errno. Structs of DRM_IOWR are written back on
 * success.
 */
#define DRM_IOCTL_TRN_DEV_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_DEV_QUERY, struct drm_trn_dev_query)
#define DRM_IOCTL_TRN_VM_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_VM_CREATE, struct drm_trn_vm_create)
#define DRM_IOCTL_TRN_VM_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_TRN_VM_DESTROY, struct drm_trn_vm_destroy)
#define DRM_IOCTL_TRN_VM_BIND \
	DRM_IOW(DRM_COMMAND_BASE + DRM_TRN_VM_BIND, struct drm_trn_vm_bind)
#define DRM_IOCTL_TRN_BO_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_BO_CREATE, struct drm_trn_bo_create)
#define DRM_IOCTL_TRN_BO_INFO \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_BO_INFO, struct drm_trn_bo_info)
#define DRM_IOCTL_TRN_BO_USERPTR \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_BO_USERPTR, struct drm_trn_bo_userptr)
#define DRM_IOCTL_TRN_QUEUE_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_QUEUE_CREATE, struct drm_trn_queue_create)
#define DRM_IOCTL_TRN_QUEUE_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_TRN_QUEUE_DESTROY, struct drm_trn_queue_destroy)
#define DRM_IOCTL_TRN_QUEUE_SUBMIT \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_QUEUE_SUBMIT, struct drm_trn_queue_submit)
#define DRM_IOCTL_TRN_QUEUE_GET_STATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TRN_QUEUE_GET_STATE, struct drm_trn_queue_get_state)
#define DRM_IOCTL_TRN_QUEUE_NOTIFY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_TRN_QUEUE_NOTIFY, struct drm_trn_queue_notify)

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TRN_ACCEL_H_ */
