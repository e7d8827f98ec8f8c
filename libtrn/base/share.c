// SPDX-License-Identifier: MIT
/*
 * BOs as dma-bufs.
 *
 * The kernel returns the same handle for each import of a dma-buf, and one close ends it.
 * BOs whose handle an import can return again are therefore kept in a list of the device:
 * each handle has one object, which closes it once.
 */
#include <errno.h>
#include <fcntl.h>

#include <xf86drm.h>

#include "base/bo.h"
#include "base/util.h"

static void add_shared(struct trn_bo *bo)
{
	if (bo->shared)
		return;
	bo->shared = true;
	bo->next_shared = bo->dev->shared_bos;
	bo->dev->shared_bos = bo;
}

static void remove_shared(struct trn_bo *bo)
{
	struct trn_bo **link = &bo->dev->shared_bos;

	while (*link != bo)
		link = &(*link)->next_shared;
	*link = bo->next_shared;
}

static struct trn_bo *find_shared(const struct trn_device *dev, uint32_t handle)
{
	struct trn_bo *bo = dev->shared_bos;

	while (bo && bo->handle != handle)
		bo = bo->next_shared;
	return bo;
}

void trn_bo_end_sharing(struct trn_bo *bo)
{
	struct trn_device *dev = bo->dev;

	pthread_mutex_lock(&dev->lock);
	remove_shared(bo);
	if (bo->handle)
		trn_bo_close_handle(dev, bo->handle);
	pthread_mutex_unlock(&dev->lock);
}

int trn_bo_export(struct trn_bo *bo, int *fd)
{
	struct trn_device *dev = bo->dev;
	int saved = errno, ret;

	pthread_mutex_lock(&dev->lock);
	ret = drmPrimeHandleToFD(dev->fd, bo->handle, DRM_CLOEXEC | DRM_RDWR, fd) ? -errno : 0;
	if (!ret)
		add_shared(bo);
	pthread_mutex_unlock(&dev->lock);
	errno = saved;
	return ret;
}

int trn_bo_import(struct trn_device *dev, int fd, struct trn_bo **out)
{
	int saved = errno, ret;
	struct trn_bo *known;
	uint32_t handle;

	pthread_mutex_lock(&dev->lock);
	ret = drmPrimeFDToHandle(dev->fd, fd, &handle) ? -errno : 0;
	if (ret)
		goto out_unlock;
	known = find_shared(dev, handle);
	/* A BO without references only waits for the lock, to close its handle. */
	if (known && trn_ref_get_unless_zero(&known->refs)) {
		*out = known;
		goto out_unlock;
	}
	ret = trn_bo_wrap(dev, handle, out);
	if (known)
		known->handle = 0;	/* taken over, or closed */
	if (!ret)
		add_shared(*out);
out_unlock:
	pthread_mutex_unlock(&dev->lock);
	errno = saved;
	return ret;
}
