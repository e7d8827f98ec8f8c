/* SPDX-License-Identifier: MIT */
#ifndef TRN_BASE_DEVICE_H
#define TRN_BASE_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include <drm/trn_accel.h>

#include "base/exports.h"

/* Name and major version of the kernel driver that this library speaks to. */
#define TRN_DRIVER_NAME "trn"
#define TRN_DRIVER_MAJOR 1

struct trn_device {
	atomic_uint refs;
	int fd;
	const bool *mark;	/* see trn_device_is_ours() */
	int version[3];		/* of the driver */
	struct drm_trn_query_device limits;	/* queried when it was opened */
	pthread_mutex_t lock;	/* protects @shared_bos and all struct trn_mapping */
	struct trn_bo *shared_bos;
};

/*
 * False in a child of fork(). The child shares the file with its parent, so it must not
 * close handles or destroy queues: the parent would lose them.
 */
bool trn_device_is_ours(const struct trn_device *dev);

/* trn_device_list() with the two folders as parameters, for tests. */
int trn_device_scan(const char *class_dir, const char *node_dir,
		    struct trn_device_entry *entries, size_t max);

#endif /* TRN_BASE_DEVICE_H */
