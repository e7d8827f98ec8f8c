/* SPDX-License-Identifier: GPL-2.0-only */
/* The device: its node, calls and queries. */
#ifndef TT_DEVICE_H
#define TT_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "drm/trn_accel.h"

#define TT_MAX_REGIONS	16
#define TT_MAX_ENGINES	256

struct tt_device {
	int fd;
	struct drm_trn_query_device info;
	struct drm_trn_region regions[TT_MAX_REGIONS];
	uint64_t hbm;		/* placement: all stacks */
	uint64_t system;	/* placement: host memory */
};

/* Find the node; a name of at most @len - 1 characters. */
int tt_device_path(char *path, size_t len);
int tt_device_open(struct tt_device *dev);
/* As another user, whose file it is then; for root only. */
int tt_device_open_as(unsigned int uid, struct tt_device *dev);
void tt_device_close(struct tt_device *dev);
/* PCI address of an open device, as sysfs writes it. */
int tt_device_bdf(int fd, char *bdf, size_t len);

/* ioctl() with a negative errno; restarts after signals. */
int tt_ioctl(int fd, unsigned long request, void *arg);
int tt_query(int fd, uint32_t type, void *reply, uint32_t *size);
/* Fill up to @max elements; returns how many the device has, or -errno. */
int tt_query_regions(int fd, struct drm_trn_region *regions, unsigned int max);
int tt_query_engines(int fd, struct drm_trn_engine *engines, unsigned int max);

#endif /* TT_DEVICE_H */
