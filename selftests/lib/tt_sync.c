// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <time.h>

#include <xf86drm.h>

#include "tt_device.h"
#include "tt_sync.h"

/* Not yet in every libdrm; from the kernel's drm.h. */
#ifndef DRM_IOCTL_SYNCOBJ_EVENTFD
struct drm_syncobj_eventfd {
	__u32 handle;
	__u32 flags;
	__u64 point;
	__s32 fd;
	__u32 pad;
};

#define DRM_IOCTL_SYNCOBJ_EVENTFD DRM_IOWR(0xCF, struct drm_syncobj_eventfd)
#endif

int64_t tt_deadline(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TT_NSEC + now.tv_nsec + seconds * TT_NSEC;
}

int tt_sync_wait(int fd, uint32_t handle, uint64_t point, int64_t deadline, uint32_t flags)
{
	int ret;

	flags |= DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL;
	if (point)
		ret = drmSyncobjTimelineWait(fd, &handle, &point, 1, deadline, flags, NULL);
	else
		ret = drmSyncobjWait(fd, &handle, 1, deadline, flags, NULL);
	return ret < 0 ? -errno : 0;
}

int tt_sync_eventfd(int fd, uint32_t handle, uint64_t point, int event)
{
	struct drm_syncobj_eventfd args = { .handle = handle, .point = point, .fd = event };

	return tt_ioctl(fd, DRM_IOCTL_SYNCOBJ_EVENTFD, &args);
}

void tt_sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
}
