// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xf86drm.h>

#include "base/ioctl.h"

int trn_ioctl(const struct trn_device *dev, unsigned long request, void *arg)
{
	int saved = errno;
	int ret = 0;

	if (drmIoctl(dev->fd, request, arg))
		ret = -errno;
	errno = saved;
	return ret;
}

int trn_query(const struct trn_device *dev, uint32_t type, void *reply, uint32_t size)
{
	struct drm_trn_dev_query query = {
		.type = type,
		.size = size,
		.pointer = (uintptr_t)reply,
	};

	memset(reply, 0, size);
	return trn_ioctl(dev, DRM_IOCTL_TRN_DEV_QUERY, &query);
}

/*
 * EAGAIN means the limit of locked memory, in a program that locks all it maps
 * (mlockall(2)). EOVERFLOW means an offset that a 32-bit program cannot express.
 */
static int error_of_mmap(int err)
{
	return err == EAGAIN || err == EOVERFLOW ? -ENOMEM : -err;
}

int trn_map_file(const struct trn_device *dev, uint64_t offset, size_t size, int prot,
		 void **addr)
{
	int saved = errno, ret = 0;
	void *map;

	map = mmap(NULL, size, prot, MAP_SHARED, dev->fd, offset);
	if (map == MAP_FAILED)
		ret = error_of_mmap(errno);
	else
		*addr = map;
	errno = saved;
	return ret;
}
