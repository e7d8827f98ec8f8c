/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * trn_accel: what user space and the Trainium driver agree on.
 *
 * Objects belong to the open file that made them: BOs are GEM handles, VMs and
 * queues are ids. Closing the file destroys queues, then VMs, then BOs. Waiting, BO
 * closing, sharing and syncobjs are the DRM core's own ioctls (SYNCOBJ_*,
 * GEM_CLOSE, PRIME_*).
 *
 * A queue is in one of two modes. A kernel-mode queue is given operations on BOs by
 * QUEUE_SUBMIT. A user-mode queue belongs to a VM, an address space of the device:
 * its rings are memory that the process writes, its doorbell and its completion
 * record are mapped pages (drm/trn_ring.h), and whatever a descriptor names is a
 * virtual address of that VM, which the device's MMU checks.
 *
 * Rules by which this interface grows:
 *  - A struct only grows at its end. The DRM core zero-fills what an older
 *    program does not pass; zero means the behaviour before the field existed.
 *  - Nested structs travel as struct drm_trn_array with their stride. A stride
 *    shorter than the first version is refused (-EINVAL); a longer one is taken
 *    if the unknown tail is zero, else refused (-E2BIG), as is one longer than a
 *    page.
 *  - A query reply is cut to, or zero-filled up to, the size that was asked for.
 *  - Unknown flags and non-zero padding are refused with -EINVAL.
 *  - Numbers are never reused. Every struct has the same layout for 32- and
 *    64-bit user space. driver_minor goes up with every visible addition.
 *
 * A call with results first sees that its struct can be written, and fails with -EFAULT
 * and nothing done if not. Memory that is taken away while a call runs may still make it
 * fail so after it has taken place: QUEUE_GET_STATE tells what was submitted, and what
 * was made ends with the file.
 *
 * Errors common to all: -EFAULT a pointer cannot be read or written, -EINVAL an
 * unknown flag, dirty padding or value out of range, -ENOENT no such handle or
 * id, -ENODEV the device is gone, -EIO the device could not be reset, -EINTR a
 * signal came and nothing was done, -EMFILE or -EDQUOT a limit of this file or of its user.
 */
#ifndef _UAPI_TRN_ACCEL_H_
#define _UAPI_TRN_ACCEL_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* Command numbers 4 and 13 are kept for the state of a VM and for events. */
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
	/** @stride: Input: bytes from one element to the next, a multiple of 8. */
	__u32 stride;

	/** @count: Input: number of elements. */
	__u32 count;

	/** @ptr: Input: user address of the first element; ignored if count is 0. */
	__u64 ptr;
};

/**
 * enum drm_trn_dev_query_type - What DEV_QUERY tells.
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
 * With @pointer 0 only @size is returned. Errors: -EINVAL the type is unknown
 * (which is how a program finds out that the kernel lacks it), -E2BIG @size is more than
 * 64 KiB, which no reply is.
 */
struct drm_trn_dev_query {
	/** @type: Input: one of enum drm_trn_dev_query_type. */
	__u32 type;

	/**
	 * @size: Input: bytes at @pointer. Output: bytes of the whole reply as
	 * this kernel knows it; less than that was written if the input was less.
	 */
	__u32 size;

	/** @pointer: Input: user address for the reply, or 0. */
	__u64 pointer;
};

/* Capabilities. */
#define DRM_TRN_CAP_USER_QUEUES	(1ull << 0)	/* VM_*, DRM_TRN_QUEUE_MODE_USER */
#define DRM_TRN_CAP_INLINE_OPS	(1ull << 1)	/* struct drm_trn_inline_op */
#define DRM_TRN_CAP_PRIORITIES	(1ull << 2)	/* priorities of queues make a difference */

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

	/** @num_engines: DMA engines, ids 0..num_engines - 1. */
	__u32 num_engines;

	/** @first_h2t_engine: Engines from this id on are not tied to a core. */
	__u32 first_h2t_engine;

	/** @queues_per_engine: Hardware queues of each engine. */
	__u32 queues_per_engine;

	/** @num_cores: NeuronCores. */
	__u32 num_cores;

	/** @num_regions: Entries of DRM_TRN_QUERY_REGIONS. */
	__u32 num_regions;

	/** @max_queues: Queues that one open file may have. */
	__u32 max_queues;

	/** @max_ops: Operations in one QUEUE_SUBMIT. */
	__u32 max_ops;

	/** @max_syncs: Sync entries in one QUEUE_SUBMIT. */
	__u32 max_syncs;

	/** @max_ring_size: Largest ring, in descriptors. */
	__u32 max_ring_size;

	/** @default_timeout_ms: Job timeout of a queue that names none. */
	__u32 default_timeout_ms;

	/** @bo_granule: BO sizes and mmap offsets are multiples of this, bytes. */
	__u64 bo_granule;

	/**
	 * @reset_count: Device resets since the driver bound. A change tells that
	 * the contents of HBM and every queue are lost. Sleep of the machine is one.
	 */
	__u64 reset_count;

	/** @max_vms: VMs that one open file may have; one user may have 1024. */
	__u32 max_vms;

	/** @max_bind_ops: Operations in one VM_BIND. */
	__u32 max_bind_ops;

	/**
	 * @max_faults: Queues of one open file that may end in a fault or a timeout
	 * before QUEUE_CREATE refuses (-EPERM). It stops a program that errs for
	 * ever; a user may open another file.
	 */
	__u32 max_faults;

	/** @pad: Zero. */
	__u32 pad;

	/** @va_start: First virtual address that a VM can map. */
	__u64 va_start;

	/** @va_size: Bytes of virtual addresses from there on. */
	__u64 va_size;

	/**
	 * @max_table_bytes: Page tables that one open file may have, bytes. Not to keep
	 * anybody from more: the memory is charged to the memory cgroup.
	 */
	__u64 max_table_bytes;

	/**
	 * @max_hbm_bytes: HBM that one user may have allocated, bytes; 0 = no limit. It counts
	 * until it is freed, for the user id that the file was opened with.
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
	/** @count: Elements. */
	__u32 count;

	/** @stride: Bytes from one element to the next, in this kernel. */
	__u32 stride;

	/** @pad: Zero. */
	__u64 pad;
};

/** enum drm_trn_region_kind - Kinds of memory. */
enum drm_trn_region_kind {
	/** @DRM_TRN_REGION_HBM: A stack of device memory. */
	DRM_TRN_REGION_HBM = 0,

	/** @DRM_TRN_REGION_SYSTEM: Host memory that the device can reach. */
	DRM_TRN_REGION_SYSTEM = 1,
};

/**
 * struct drm_trn_region - A place where BOs live; bit n of a placement is region n.
 */
struct drm_trn_region {
	/** @kind: One of enum drm_trn_region_kind. */
	__u32 kind;

	/** @instance: HBM: number of the stack. */
	__u32 instance;

	/** @size: Bytes that can be allocated in all; SYSTEM: 0, not limited here. */
	__u64 size;

	/** @free: Bytes free now, not all of them contiguous; SYSTEM: 0. */
	__u64 free;

	/** @cpu_visible: Bytes, from the start of the region, that can be mmapped. */
	__u64 cpu_visible;
};

/** struct drm_trn_engine - A DMA engine. */
struct drm_trn_engine {
	/** @id: For struct drm_trn_queue_create. */
	__u32 id;

	/** @core: NeuronCore that it belongs to, or DRM_TRN_NONE for H2T engines. */
	__u32 core;

	/** @stack: Nearest HBM stack. */
	__u32 stack;

	/** @free_queues: Hardware queues that a QUEUE_CREATE could have now. */
	__u32 free_queues;
};

#define DRM_TRN_NONE	0xffffffffu

/**
 * struct drm_trn_query_firmware - What the management firmware tells.
 */
struct drm_trn_query_firmware {
	/** @serial: Serial number of the chip, or 0 if not valid. */
	__u64 serial;

	/** @api_version: Version of the mailbox interface. */
	__u32 api_version;

	/** @routing_id: Position of the chip in the interconnect. */
	__u32 routing_id;
};

/**
 * struct drm_trn_query_clock - The clock that deadlines of the DRM core are in.
 *
 * SYNCOBJ_WAIT and SYNCOBJ_TIMELINE_WAIT take the CLOCK_MONOTONIC of the machine. In a
 * time namespace that of the process has an offset: a deadline is this, and what is left.
 */
struct drm_trn_query_clock {
	/** @monotonic_ns: CLOCK_MONOTONIC of the initial time namespace. */
	__u64 monotonic_ns;
};

/* BO flags. */
#define DRM_TRN_BO_NO_MMAP	(1u << 0)	/* BO_CREATE: will never be mapped */
#define DRM_TRN_BO_READ_ONLY	(1u << 1)	/* BO_USERPTR: the device only reads it */
#define DRM_TRN_BO_IS_IMPORT	(1u << 30)	/* BO_INFO only: memory of a dma-buf */
#define DRM_TRN_BO_IS_USERPTR	(1u << 31)	/* BO_INFO only */

/**
 * struct drm_trn_bo_create - Arguments of DRM_IOCTL_TRN_BO_CREATE.
 *
 * The memory reads as zeroes. It can be shared as a dma-buf (PRIME_HANDLE_TO_FD).
 *
 * Errors: -ENOSPC no region of @placement has that
 * much room, -EDQUOT max_hbm_bytes, -ENOMEM no host memory, -EINVAL size 0, a placement of unknown
 * regions only or with any unknown bit, or NO_MMAP unset where the memory cannot
 * be mapped.
 */
struct drm_trn_bo_create {
	/** @size: Input: bytes. Output: the same, rounded up to bo_granule. */
	__u64 size;

	/**
	 * @placement: Input: set of regions. Tried from bit 0 upwards, the first
	 * with room is taken; nothing outside the set is.
	 */
	__u64 placement;

	/** @flags: Input: DRM_TRN_BO_NO_MMAP or 0. */
	__u32 flags;

	/** @handle: Output: GEM handle. */
	__u32 handle;

	/** @mmap_offset: Output: offset for mmap() on the device file, or 0. */
	__u64 mmap_offset;
};

/** struct drm_trn_bo_info - Arguments of DRM_IOCTL_TRN_BO_INFO. */
struct drm_trn_bo_info {
	/** @handle: Input: GEM handle. */
	__u32 handle;

	/** @flags: Output: DRM_TRN_BO_* flags of the BO. */
	__u32 flags;

	/** @size: Output: bytes that operations can address. */
	__u64 size;

	/** @mmap_offset: Output: offset for mmap(), or 0 if it cannot be mapped. */
	__u64 mmap_offset;

	/** @region: Output: index of the region that it lives in. */
	__u32 region;

	/** @pad: Output: zero. */
	__u32 pad;
};

/**
 * struct drm_trn_bo_userptr - Arguments of DRM_IOCTL_TRN_BO_USERPTR.
 *
 * Pins the pages that hold [addr, addr + size) until the BO is closed and the
 * device is done with it. Any byte alignment will do; offset 0 of the BO is
 * @addr. The pinned pages count against RLIMIT_MEMLOCK of the caller, once per
 * BO, together with what other processes of his user id have pinned (here, by io_uring,
 * by iommufd), unless he has CAP_IPC_LOCK. They do so as long as they are pinned, also
 * after the end of the process. After fork() the parent keeps the pinned pages.
 *
 * Errors: -EINVAL size 0 or the range wraps, -EFAULT not all of it is mapped, or
 * not writable without READ_ONLY, or memory that cannot be pinned (device
 * mappings), -ENOMEM RLIMIT_MEMLOCK or host memory is exhausted, -EINTR killed
 * while pinning.
 */
struct drm_trn_bo_userptr {
	/** @addr: Input: user address of the first byte. */
	__u64 addr;

	/** @size: Input: bytes. */
	__u64 size;

	/** @flags: Input: DRM_TRN_BO_READ_ONLY or 0. */
	__u32 flags;

	/** @handle: Output: GEM handle. */
	__u32 handle;
};

/* Sync flags: exactly one of WAIT and SIGNAL. */
#define DRM_TRN_SYNC_WAIT	(1u << 0)
#define DRM_TRN_SYNC_SIGNAL	(1u << 1)

/** struct drm_trn_sync - A fence to wait for before, or to signal after, the work. */
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
 * An empty address space. Errors: -EOPNOTSUPP no DRM_TRN_CAP_USER_QUEUES, -EMFILE
 * max_vms, or what a user may have, is reached, -ENOSPC the device has no free address
 * space, -ENOMEM.
 */
struct drm_trn_vm_create {
	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @vm_id: Output: for the calls below, never 0. */
	__u32 vm_id;
};

/**
 * struct drm_trn_vm_destroy - Arguments of DRM_IOCTL_TRN_VM_DESTROY.
 *
 * The id is gone at once; the address space lives on until its last queue is
 * destroyed.
 */
struct drm_trn_vm_destroy {
	/** @vm_id: Input. */
	__u32 vm_id;

	/** @pad: Input: must be zero. */
	__u32 pad;
};

/** enum drm_trn_vm_op_type - What a struct drm_trn_vm_op does. */
enum drm_trn_vm_op_type {
	/** @DRM_TRN_VM_OP_MAP: Map a range of a BO; what was mapped there is replaced. */
	DRM_TRN_VM_OP_MAP = 0,

	/**
	 * @DRM_TRN_VM_OP_UNMAP: Unmap a range, whole mappings or parts of them. Parts
	 * that are not mapped are no error.
	 */
	DRM_TRN_VM_OP_UNMAP = 1,
};

/* Flags of DRM_TRN_VM_OP_MAP: at least one. */
#define DRM_TRN_VM_MAP_READ	(1u << 0)	/* the device may read it */
#define DRM_TRN_VM_MAP_WRITE	(1u << 1)	/* the device may write it */

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
	 * A USERPTR BO is taken from the start of its first page: its byte 0 appears
	 * at @va + addr % bo_granule.
	 */
	__u64 bo_offset;

	/** @va: First virtual address, a multiple of bo_granule. */
	__u64 va;

	/** @size: Bytes, not 0, a multiple of bo_granule. */
	__u64 size;
};

/*
 * Do not wait for the operations: they take place in the order of the calls, once
 * the fences in @syncs that they wait for are signalled.
 */
#define DRM_TRN_VM_BIND_ASYNC	(1u << 0)

/**
 * struct drm_trn_vm_bind - Arguments of DRM_IOCTL_TRN_VM_BIND.
 *
 * All or nothing: on error nothing has changed. The operations take place one after
 * the other, after those of earlier calls. A mapping holds its BO, whose handle may
 * be closed. When an UNMAP is done, and only then, the device cannot reach the
 * memory through the VM any more: no access is in flight, and none will come.
 * Descriptors that name what is not mapped fault, and with them their queue. While 1024
 * calls for the VM have not taken place the next one waits for one of them; a signal ends
 * that.
 *
 * Errors: -EINVAL a range outside the BO or va_start..va_start + va_size, no
 * operation or too many, syncs without ASYNC, a wait for a fence that does not exist
 * yet; -EACCES a READ_ONLY BO is to be mapped for writing; -ENOENT a handle or id is
 * unknown; -E2BIG an element has a non-zero tail that this kernel does not know;
 * -EDQUOT max_table_bytes; -ENXIO the memory of an import was taken back by its exporter
 * (if that happens later, what is mapped leads nowhere); -ECANCELED the VM was destroyed
 * before it took place; -ENOMEM.
 */
struct drm_trn_vm_bind {
	/** @vm_id: Input. */
	__u32 vm_id;

	/** @flags: Input: DRM_TRN_VM_BIND_ASYNC or 0. */
	__u32 flags;

	/** @ops: Input: array of struct drm_trn_vm_op, 1..max_bind_ops. */
	struct drm_trn_array ops;

	/** @syncs: Input: array of struct drm_trn_sync, 0..max_syncs; with ASYNC. */
	struct drm_trn_array syncs;
};

/** enum drm_trn_queue_mode - How work reaches a queue. */
enum drm_trn_queue_mode {
	/** @DRM_TRN_QUEUE_MODE_KERNEL: By QUEUE_SUBMIT. */
	DRM_TRN_QUEUE_MODE_KERNEL = 0,

	/** @DRM_TRN_QUEUE_MODE_USER: By rings and doorbell, drm/trn_ring.h. */
	DRM_TRN_QUEUE_MODE_USER = 1,
};

/** enum drm_trn_engine_class - Kinds of engines. */
enum drm_trn_engine_class {
	/** @DRM_TRN_ENGINE_CLASS_ANY: No matter. */
	DRM_TRN_ENGINE_CLASS_ANY = 0,

	/** @DRM_TRN_ENGINE_CLASS_CORE: One of a NeuronCore. */
	DRM_TRN_ENGINE_CLASS_CORE = 1,

	/** @DRM_TRN_ENGINE_CLASS_H2T: One that belongs to no core. */
	DRM_TRN_ENGINE_CLASS_H2T = 2,
};

/**
 * enum drm_trn_queue_priority - Share of its engine that a queue gets while others
 * want it, too. None is ever starved.
 */
enum drm_trn_queue_priority {
	/** @DRM_TRN_QUEUE_PRIORITY_NORMAL: As most. */
	DRM_TRN_QUEUE_PRIORITY_NORMAL = 0,

	/** @DRM_TRN_QUEUE_PRIORITY_LOW: A quarter of it. */
	DRM_TRN_QUEUE_PRIORITY_LOW = 1,

	/** @DRM_TRN_QUEUE_PRIORITY_HIGH: Four times as much; needs CAP_SYS_NICE. */
	DRM_TRN_QUEUE_PRIORITY_HIGH = 2,
};

/**
 * struct drm_trn_queue_create - Arguments of DRM_IOCTL_TRN_QUEUE_CREATE.
 *
 * Takes a hardware queue. Errors: -EBUSY no free hardware queue (on such an
 * engine), -EMFILE max_queues reached, -EDQUOT the user of the file has half of all
 * hardware queues, or as many as max_user_queues of the device in sysfs says, and no
 * CAP_SYS_RESOURCE, -EACCES HIGH priority without CAP_SYS_NICE,
 * -EPERM max_faults reached, -EOPNOTSUPP USER without DRM_TRN_CAP_USER_QUEUES.
 */
struct drm_trn_queue_create {
	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @mode: Input: one of enum drm_trn_queue_mode. */
	__u32 mode;

	/** @vm_id: Input: USER: its address space; KERNEL: must be zero. */
	__u32 vm_id;

	/**
	 * @engine: Input: engine id, or DRM_TRN_NONE for the one with most free
	 * queues among those that @engine_class and @placement allow. Output: the
	 * engine taken.
	 */
	__u32 engine;

	/** @engine_class: Input: one of enum drm_trn_engine_class; ANY with an id. */
	__u32 engine_class;

	/** @priority: Input: one of enum drm_trn_queue_priority. */
	__u32 priority;

	/**
	 * @placement: Input: set of regions; the engine is one that is nearest to an
	 * HBM stack among them. 0 for any, and with an id.
	 */
	__u64 placement;

	/**
	 * @ring_size: Input: descriptors in each of both rings, a multiple of 16,
	 * 64..max_ring_size, or 0 for the default. Output: the size taken.
	 */
	__u32 ring_size;

	/**
	 * @timeout_ms: Input: how long the device may work on the queue without
	 * progress, 0 for the default, at most an hour. The kernel takes less than
	 * 100 ms as 100 ms, and more than a minute as a minute. KERNEL: besides, a
	 * submission has two minutes from when it is the oldest of the queue that is
	 * not done, or what the file max_job_ms of the device in sysfs says; then it
	 * is given up (-ETIME), whatever its progress.
	 */
	__u32 timeout_ms;

	/**
	 * @ring_va: Input: USER: virtual address, a multiple of 256, of the M2S ring,
	 * which the S2M ring follows at once: 32 * @ring_size bytes in all (so
	 * @ring_size cannot be left to default). What is mapped there, and when, is
	 * the user's concern: the device faults if it cannot read it. KERNEL: zero.
	 */
	__u64 ring_va;

	/** @queue_id: Output: for the calls below, never 0. */
	__u32 queue_id;

	/** @hw_queue: Output: number of the hardware queue in its engine. */
	__u32 hw_queue;

	/**
	 * @syncobj: Output: handle of the queue's timeline. KERNEL: point n is
	 * signalled when the n-th submission, counted from 1, is done or has failed.
	 * USER: point n is n S2M descriptors done; see QUEUE_NOTIFY for when it appears.
	 */
	__u32 syncobj;

	/** @pad: Input: must be zero. */
	__u32 pad;

	/**
	 * @doorbell_offset: Output: USER: offset for mmap() of the doorbell page,
	 * 4096 bytes, shared and for writing only. The child of a fork() does not
	 * get the mapping. Once the queue is dead what is written there is lost.
	 */
	__u64 doorbell_offset;

	/**
	 * @record_offset: Output: USER: offset for mmap() of the page of struct
	 * drm_trn_queue_page, 4096 bytes, shared and for reading only.
	 */
	__u64 record_offset;
};

/**
 * struct drm_trn_queue_destroy - Arguments of DRM_IOCTL_TRN_QUEUE_DESTROY.
 *
 * Work not yet done is cancelled (-ECANCELED on its fences); work in the device
 * is stopped first. The timeline handle stays until it is destroyed.
 */
struct drm_trn_queue_destroy {
	/** @queue_id: Input. */
	__u32 queue_id;

	/** @pad: Input: must be zero. */
	__u32 pad;
};

/** enum drm_trn_op_type - Operations of a submission. */
enum drm_trn_op_type {
	/** @DRM_TRN_OP_COPY: Copy @size bytes from src to dst. */
	DRM_TRN_OP_COPY = 0,

	/** @DRM_TRN_OP_FILL: Repeat the 32-bit @pattern over dst. */
	DRM_TRN_OP_FILL = 1,
};

/**
 * struct drm_trn_op - One operation.
 *
 * Operations of one queue run in order, as if one finished before the next began.
 */
struct drm_trn_op {
	/** @type: One of enum drm_trn_op_type. */
	__u32 type;

	/** @flags: Must be zero. */
	__u32 flags;

	/** @dst: GEM handle of the destination; not READ_ONLY. */
	__u32 dst;

	/** @src: GEM handle of the source; zero for FILL. */
	__u32 src;

	/** @dst_offset: Byte offset in @dst; a multiple of 4 for FILL. */
	__u64 dst_offset;

	/** @src_offset: Byte offset in @src; zero for FILL. */
	__u64 src_offset;

	/** @size: Bytes, not 0; a multiple of 4 for FILL. */
	__u64 size;

	/** @pattern: FILL: repeated little-endian word; zero for COPY. */
	__u32 pattern;

	/** @pad: Must be zero. */
	__u32 pad;
};

/**
 * struct drm_trn_queue_submit - Arguments of DRM_IOCTL_TRN_QUEUE_SUBMIT.
 *
 * All or nothing: on error no operation was queued and no fence attached. The
 * BOs stay alive, and pinned pages pinned, until the work is done. While 1024
 * submissions of the queue are not done the call waits for one of them; a signal ends
 * that.
 *
 * Errors: -EINVAL a range outside its BO, overlapping ranges of one BO in a copy,
 * no operation or too many, a wait for a fence that does not exist yet;
 * -EACCES dst is READ_ONLY; -ENOENT a handle or id is unknown; -E2BIG an element
 * has a non-zero tail that this kernel does not know; -ECANCELED the queue is
 * dead (see QUEUE_GET_STATE); -EOPNOTSUPP the queue is in user mode; -ENXIO the memory
 * of an import was taken back by its exporter, which costs queues that have work with it
 * (LOST); -ENOMEM.
 */
struct drm_trn_queue_submit {
	/** @queue_id: Input. */
	__u32 queue_id;

	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @ops: Input: array of struct drm_trn_op, 1..max_ops. */
	struct drm_trn_array ops;

	/** @syncs: Input: array of struct drm_trn_sync, 0..max_syncs. */
	struct drm_trn_array syncs;

	/** @point: Output: point of the queue's timeline that this will signal. */
	__u64 point;
};

/** enum drm_trn_queue_state - States of a queue. */
enum drm_trn_queue_state {
	/** @DRM_TRN_QUEUE_STATE_READY: Takes work. */
	DRM_TRN_QUEUE_STATE_READY = 0,

	/** @DRM_TRN_QUEUE_STATE_TIMEDOUT: A job made no progress in time; dead. */
	DRM_TRN_QUEUE_STATE_TIMEDOUT = 1,

	/** @DRM_TRN_QUEUE_STATE_FAULTED: The device reported an error; dead. */
	DRM_TRN_QUEUE_STATE_FAULTED = 2,

	/** @DRM_TRN_QUEUE_STATE_LOST: The device was reset or is gone; dead. */
	DRM_TRN_QUEUE_STATE_LOST = 3,
};

/**
 * struct drm_trn_queue_get_state - Arguments of DRM_IOCTL_TRN_QUEUE_GET_STATE.
 *
 * Waits on syncobjs do not tell errors: ask here after a wait. On a dead queue
 * all points are signalled, @error_point is the first that failed, and every
 * later one failed too. On a device that is gone the DRM core answers this call, as
 * every other, with -ENODEV.
 */
struct drm_trn_queue_get_state {
	/** @queue_id: Input. */
	__u32 queue_id;

	/** @state: Output: one of enum drm_trn_queue_state. */
	__u32 state;

	/** @submitted: Output: last point submitted; USER: zero, the kernel does not see it. */
	__u64 submitted;

	/** @completed: Output: last point whose work was done without error. */
	__u64 completed;

	/** @error_point: Output: first point that failed, or 0. */
	__u64 error_point;

	/**
	 * @error: Output: negative errno of that point: -ETIME timed out, -EFAULT the
	 * device had no such address in the VM, -EIO it reported another error,
	 * -ECANCELED it was reset, -ENODEV it is gone; or 0.
	 */
	__s32 error;

	/** @fault_code: Output: FAULTED: code of the device (trnx manual), or 0. */
	__u32 fault_code;

	/** @fault_addr: Output: FAULTED: address of the access, USER: a virtual one; or 0. */
	__u64 fault_addr;

	/** @fault_access: Output: FAULTED with -EFAULT: one of enum drm_trn_access. */
	__u32 fault_access;

	/** @pad: Output: zero. */
	__u32 pad;

	/** @reset_count: Output: reset_count of the device when the queue was made. */
	__u64 reset_count;
};

/** enum drm_trn_access - What the device did when it faulted. */
enum drm_trn_access {
	/** @DRM_TRN_ACCESS_M2S_RING: It read a descriptor of the M2S ring. */
	DRM_TRN_ACCESS_M2S_RING = 0,

	/** @DRM_TRN_ACCESS_S2M_RING: It read a descriptor of the S2M ring. */
	DRM_TRN_ACCESS_S2M_RING = 1,

	/** @DRM_TRN_ACCESS_SOURCE: It read data, or operands of an inline operation. */
	DRM_TRN_ACCESS_SOURCE = 2,

	/** @DRM_TRN_ACCESS_TARGET: It wrote data. */
	DRM_TRN_ACCESS_TARGET = 3,
};

/**
 * struct drm_trn_queue_notify - Arguments of DRM_IOCTL_TRN_QUEUE_NOTIFY.
 *
 * For those who sleep rather than poll. The kernel does not see what a user-mode queue
 * is given, and asks the device for an interrupt only here: as soon as @point S2M
 * descriptors are done, the queue's timeline gets a point, already signalled, which
 * is @point or a later one that is done by then. So: ARM, then SYNCOBJ_TIMELINE_WAIT
 * with WAIT_FOR_SUBMIT, or SYNCOBJ_EVENTFD. If the point is done already, it is on the
 * timeline when this returns. A queue that dies signals the last point there is,
 * U64_MAX, which wakes everybody.
 *
 * While somebody waits so, work that was rung, with descriptors on both rings, and
 * that makes no progress for timeout_ms is given up as hung. Of a queue that has been
 * idle for long the kernel may notice it up to five seconds later.
 *
 * Errors: -EOPNOTSUPP the queue is in kernel mode, -EINVAL @point is 0, -ECANCELED
 * the queue is dead.
 */
struct drm_trn_queue_notify {
	/** @queue_id: Input. */
	__u32 queue_id;

	/** @flags: Input: must be zero. */
	__u32 flags;

	/** @point: Input: S2M descriptors done, counted from the queue's start. */
	__u64 point;
};

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
