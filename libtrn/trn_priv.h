/* SPDX-License-Identifier: MIT */
/*
 * What the files of libtrn share: the objects behind the handles, and the one
 * way to the kernel.
 */
#ifndef TRN_PRIV_H
#define TRN_PRIV_H

#include <stdatomic.h>
#include <sys/types.h>

#include <drm/trn_accel.h>

/* All else is built hidden: what trn.h declares is what the library exports. */
#pragma GCC visibility push(default)
#include "trn.h"
#pragma GCC visibility pop

/* Name and major version of the kernel driver that this library speaks to. */
#define TRN_DRIVER_NAME "trn"
#define TRN_DRIVER_MAJOR 1

struct trn_device {
	atomic_uint refs;
	int fd;
	pid_t opener;		/* see trn_device_is_ours() */
	uint32_t max_ops;
	int version[3];		/* of the driver */
};

struct trn_bo {
	atomic_uint refs;
	struct trn_device *dev;
	uint64_t size;
	uint64_t mmap_offset;
	void *addr;		/* of the mapping or the pinned memory, or NULL */
	uint32_t handle;
	uint32_t region;
	bool pinned;		/* addr is the caller's */
};

struct trn_queue {
	atomic_uint refs;
	struct trn_device *dev;
	uint32_t id;
	uint32_t syncobj;
	uint32_t engine;
	uint32_t hw_queue;
	uint32_t ring_size;
	atomic_ullong completed;	/* last point seen to be done without error */
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

/* trn_device_list() with the class folder as a parameter, for tests. */
int trn_device_scan(const char *class_dir, struct trn_device_entry *entries, size_t max);

/* info.c */

/* Fill @reply with what the kernel answers; bytes it does not know are zero. */
int trn_query(const struct trn_device *dev, uint32_t type, void *reply, uint32_t size);

static inline void trn_ref_get(atomic_uint *refs)
{
	atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);
}

/* True for the last one, who then sees all that the others did (acq_rel). */
static inline bool trn_ref_put(atomic_uint *refs)
{
	return atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel) == 1;
}

#endif /* TRN_PRIV_H */
