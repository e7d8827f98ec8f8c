// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <linux/udmabuf.h>

#include "tt_prime.h"

int tt_export(const struct tt_bo *bo)
{
	int fd;

	return drmPrimeHandleToFD(bo->fd, bo->handle, DRM_CLOEXEC | DRM_RDWR, &fd) ? -errno : fd;
}

int tt_import(int fd, int buf, struct tt_bo *bo)
{
	struct drm_trn_bo_info info;
	int ret;

	memset(bo, 0, sizeof(*bo));
	bo->fd = fd;
	if (drmPrimeFDToHandle(fd, buf, &bo->handle))
		return -errno;
	ret = tt_bo_info(fd, bo->handle, &info);
	bo->size = info.size;
	return ret;
}

int tt_udmabuf_create(size_t size, void **mem)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int buf;

	create.memfd = memfd_create("memory", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (dev < 0 || ftruncate(create.memfd, size) ||
	    fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -errno;
	*mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, create.memfd, 0);
	buf = ioctl(dev, UDMABUF_CREATE, &create);
	close(create.memfd);
	close(dev);
	return buf < 0 || *mem == MAP_FAILED ? -errno : buf;
}

bool tt_is_same_buf(int a, int b)
{
	struct stat sa, sb;

	return !fstat(a, &sa) && !fstat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}
