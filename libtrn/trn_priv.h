/* SPDX-License-Identifier: MIT */
/*
 * What the files of libtrn share: the objects behind the handles, and the one
 * way to the kernel.
 */
#ifndef TRN_PRIV_H
#define TRN_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include <drm/trn_accel.h>
#include <drm/trn_ring.h>

#include "vm/va.h"

/* All else is built hidden: what these declare is what the library exports. */
#pragma GCC visibility push(default)
#include "trn.h"
#include "trn_prep.h"
#pragma GCC visibility pop

/* Name and major version of the kernel driver that this library speaks to. */
#define TRN_DRIVER_NAME "trn"
#define TRN_DRIVER_MAJOR 1

struct trn_device {
	atomic_uint refs;
	int fd;
	const bool *mark;	/* see trn_device_is_ours() */
	int version[3];		/* of the driver */
	struct drm_trn_query_device limits;	/* as they were when it was opened */
	pthread_mutex_t lock;	/* of @shared_bos, and of all struct trn_mapping */
	struct trn_bo *shared_bos;
};

struct trn_bo {
	atomic_uint refs;
	struct trn_device *dev;
	uint64_t size;
	uint64_t mmap_offset;
	void *addr;		/* of the mapping or the pinned memory, or NULL */
	uint32_t handle;	/* 0 once another object has taken it over */
	uint32_t region;
	uint32_t head;		/* pinned: bytes before it in its first granule */
	bool pinned;		/* addr is the caller's */
	bool read_only;
	bool shared;		/* is in dev->shared_bos: others can find it by its handle */
	struct trn_bo *next_shared;
	struct trn_mapping *mappings;
};

/* A whole BO in a VM, mapped by the library for as long as both live. */
struct trn_mapping {
	struct trn_bo *bo;
	struct trn_vm *vm;	/* no reference */
	uint64_t va;		/* of the BO's first byte */
	struct trn_mapping *next_of_bo, *next_of_vm;
};

struct trn_vm {
	atomic_uint refs;
	struct trn_device *dev;
	uint32_t id;
	struct trn_va_space space;
	struct trn_mapping *mappings;
};

/* A descriptor as it is written: DRM_TRN_DESC_* and operation word, address. */
struct trn_desc {
	uint64_t head, addr;
};

/* One of the two rings of a user-mode queue. */
struct trn_ring {
	struct trn_desc *next;		/* goes here */
	uint64_t put;			/* descriptors written since the beginning */
	uint64_t copy;			/* head of a copy, but for the length */
	struct trn_desc *first, *end;
	uint64_t rung;			/* of @put, those that the device knows of */
	uint64_t done;			/* of @rung, those last seen to be finished */
};

struct trn_queue {
	/*
	 * What trn_prep_copy() looks at. Up to @quick_size bytes go without a lock:
	 * none in a shared queue, or in kernel mode. @pairs descriptors on each ring
	 * have room, before either ends.
	 */
	uint64_t quick_size;
	uint64_t pairs;
	struct trn_ring m2s, s2m;
	void *doorbell;				/* NULL in kernel mode */
	const struct drm_trn_queue_page *page;

	atomic_uint refs;
	uint32_t spin_ns;			/* longest that a wait polls */
	atomic_uint spin_now;			/* how long it does now: wait.c */
	struct trn_device *dev;
	uint32_t id;
	uint32_t syncobj;
	uint32_t engine;
	uint32_t hw_queue;
	uint32_t ring_size;
	atomic_ullong completed;	/* kernel mode: last point seen to be done */

	bool shared;
	uint32_t barrier;		/* DRM_TRN_DESC_DMB for the next packet, or 0 */
	pthread_mutex_t lock;		/* of all about the rings, if shared */
	struct trn_vm *vm;
	uint64_t ring_va;
	size_t ring_bytes;
	struct drm_trn_inline_op *slots; /* one a descriptor of M2S; NULL: no such ops */
	uint64_t slots_va;
};

/* device.c */

/* drmIoctl() as a return value: 0 or negative errno, with errno left alone. */
int trn_ioctl(const struct trn_device *dev, unsigned long request, void *arg);

/*
 * False in a process that got @dev by fork(): the file is the parent's as well,
 * so closing handles or destroying queues would take them from the parent.
 */
bool trn_device_is_ours(const struct trn_device *dev);

/* calloc() that leaves errno alone. */
void *trn_zalloc(size_t count, size_t size);

/* trn_device_list() with the folders of class and nodes as parameters, for tests. */
int trn_device_scan(const char *class_dir, const char *node_dir,
		    struct trn_device_entry *entries, size_t max);

/* info.c */

/* Fill @reply with what the kernel answers; bytes it does not know are zero. */
int trn_query(const struct trn_device *dev, uint32_t type, void *reply, uint32_t size);

/* bo.c */

/* mmap() as a return value. */
int trn_map_file(const struct trn_device *dev, uint64_t offset, size_t size, int prot,
		 void **addr);

/* Offset and size lie in a BO of @dev, and are not empty. */
bool trn_bo_has(const struct trn_device *dev, const struct trn_bo *bo, uint64_t offset,
		uint64_t size);

/* Make the object of a new handle, which is closed on failure. */
int trn_bo_wrap(struct trn_device *dev, uint32_t handle, struct trn_bo **bo);

void trn_bo_close_handle(const struct trn_device *dev, uint32_t handle);

/* share.c */

/* The last reference to a shared BO is gone: its handle is closed. */
void trn_bo_end_sharing(struct trn_bo *bo);

/* mapping.c */

/* Where the first byte of @bo is in @vm; mapped, if it was not, as it may be used. */
int trn_mapping_get(struct trn_vm *vm, struct trn_bo *bo, uint64_t *va);

/* The last reference to a BO, or to a VM, is gone. */
void trn_mapping_end_bo(struct trn_bo *bo);
void trn_mapping_end_vm(struct trn_vm *vm);

/* ring.c */

/* Rings for @queue, of its ring_size, mapped in its VM and here; no doorbell yet. */
int trn_rings_init(struct trn_queue *queue);
void trn_rings_fini(struct trn_queue *queue);

/* Among the producers of a shared queue; nothing in others. */
void trn_rings_lock(struct trn_queue *queue);
void trn_rings_unlock(struct trn_queue *queue);

/* There is room for so many, or an error of trn_prep_copy(). */
int trn_rings_reserve(struct trn_queue *queue, uint64_t m2s, uint64_t s2m);

/* Room was reserved: put one copy of up to DRM_TRN_DESC_MAX_LEN bytes. */
void trn_rings_put_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint32_t size);

/* Room was reserved: put a packet of an inline operation. */
void trn_rings_put_inline(struct trn_queue *queue, const struct drm_trn_inline_op *op,
			  uint64_t dst, const uint64_t *sources, size_t num_sources);

/* wait.c */

/* How the work of @point ended, or -EINPROGRESS. A system call in kernel mode only. */
int trn_point_result(struct trn_queue *queue, uint64_t point);
/* The same, once the kernel has signalled the point. */
int trn_point_settle(struct trn_queue *queue, uint64_t point);
/* How long a wait polls, in nanoseconds, and what is learned from one that did. */
uint32_t trn_spin_time(const struct trn_queue *queue);
void trn_spin_learn(struct trn_queue *queue, int64_t took);
/* The queue's timeline will get @point: it can be slept for. */
int trn_point_notify(struct trn_queue *queue, uint64_t point);
/*
 * drmSyncobjTimelineWait() until a deadline of this process's clock: 0, -ETIMEDOUT or what
 * the kernel says.
 */
int trn_timeline_wait(const struct trn_device *dev, uint32_t *handles, uint64_t *points,
		      unsigned int count, int64_t deadline, uint32_t flags, uint32_t *first);

static inline uint64_t trn_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline void trn_ref_get(atomic_uint *refs)
{
	atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);
}

/* Another one, unless the last is gone already: then false. */
static inline bool trn_ref_get_unless_zero(atomic_uint *refs)
{
	unsigned int seen = atomic_load_explicit(refs, memory_order_relaxed);

	while (seen) {
		if (atomic_compare_exchange_weak_explicit(refs, &seen, seen + 1,
							  memory_order_acquire,
							  memory_order_relaxed))
			return true;
	}
	return false;
}

/* True for the last one, who then sees all that the others did (acq_rel). */
static inline bool trn_ref_put(atomic_uint *refs)
{
	return atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel) == 1;
}

#endif /* TRN_PRIV_H */
