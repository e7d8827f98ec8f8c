// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <xf86drm.h>

#include "tt_device.h"

int tt_ioctl(int fd, unsigned long request, void *arg)
{
	return drmIoctl(fd, request, arg) ? -errno : 0;
}

static bool is_trn_node(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool found = version && !strcmp(version->name, "trn");

	drmFreeVersion(version);
	return found;
}

int tt_device_path(char *path, size_t len)
{
	const char *env = getenv("TRN_TEST_DEVICE");
	int n, fd;

	if (env && *env)
		return snprintf(path, len, "%s", env) < (int)len ? 0 : -ENAMETOOLONG;

	for (n = 0; n < 64; n++) {
		snprintf(path, len, "/dev/accel/accel%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_trn_node(fd)) {
			close(fd);
			return 0;
		}
		close(fd);
	}
	return -ENODEV;
}

int tt_device_open(struct tt_device *dev)
{
	uint32_t size = sizeof(dev->info);
	char path[PATH_MAX];
	int ret, i, n;

	memset(dev, 0, sizeof(*dev));
	dev->fd = -1;
	ret = tt_device_path(path, sizeof(path));
	if (ret)
		return ret;
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0)
		return -errno;
	ret = tt_query(dev->fd, DRM_TRN_QUERY_DEVICE, &dev->info, &size);
	if (ret)
		return ret;
	n = tt_query_regions(dev->fd, dev->regions, TT_MAX_REGIONS);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_REGIONS; i++) {
		if (dev->regions[i].kind == DRM_TRN_REGION_HBM)
			dev->hbm |= 1ull << i;
		else if (dev->regions[i].kind == DRM_TRN_REGION_SYSTEM)
			dev->system |= 1ull << i;
	}
	return 0;
}

int tt_device_open_as(unsigned int uid, struct tt_device *dev)
{
	int ret;

	dev->fd = -1;
	if (seteuid(uid))
		return -errno;
	/* The rights to the node stay root's. */
	setfsuid(0);
	ret = tt_device_open(dev);
	if (seteuid(0))
		return -errno;
	return ret;
}

void tt_device_close(struct tt_device *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
	dev->fd = -1;
}

int tt_device_bdf(int fd, char *bdf, size_t len)
{
	char link[64], target[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u/device", major(st.st_rdev),
		 minor(st.st_rdev));
	if (!realpath(link, target))
		return -errno;
	return snprintf(bdf, len, "%s", basename(target)) < (int)len ? 0 : -ENAMETOOLONG;
}

int tt_query(int fd, uint32_t type, void *reply, uint32_t *size)
{
	struct drm_trn_dev_query query = {
		.type = type,
		.size = *size,
		.pointer = (uintptr_t)reply,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_DEV_QUERY, &query);

	*size = query.size;
	return ret;
}

static int query_list(int fd, uint32_t type, void *elements, size_t element_size, unsigned int max)
{
	uint32_t size = sizeof(struct drm_trn_query_list) + max * element_size;
	struct drm_trn_query_list *list = calloc(1, size);
	int ret;

	if (!list)
		return -ENOMEM;
	ret = tt_query(fd, type, list, &size);
	if (!ret && list->stride != element_size)
		ret = -EPROTO;
	if (!ret) {
		if (list->count < max)
			max = list->count;
		memcpy(elements, list + 1, max * element_size);
		ret = list->count;
	}
	free(list);
	return ret;
}

int tt_query_regions(int fd, struct drm_trn_region *regions, unsigned int max)
{
	return query_list(fd, DRM_TRN_QUERY_REGIONS, regions, sizeof(*regions), max);
}

int tt_query_engines(int fd, struct drm_trn_engine *engines, unsigned int max)
{
	return query_list(fd, DRM_TRN_QUERY_ENGINES, engines, sizeof(*engines), max);
}
