// SPDX-License-Identifier: GPL-2.0-only
#include "tt_fence.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>

/* libdrm has it not; from the kernel's vgem_drm.h. */
struct drm_vgem_fence_attach {
	__u32 handle;
	__u32 flags;
	__u32 out_fence;
	__u32 pad;
};

struct drm_vgem_fence_signal {
	__u32 fence;
	__u32 flags;
};

#define VGEM_FENCE_WRITE		0x1
#define DRM_IOCTL_VGEM_FENCE_ATTACH	DRM_IOWR(DRM_COMMAND_BASE + 1, struct drm_vgem_fence_attach)
#define DRM_IOCTL_VGEM_FENCE_SIGNAL	DRM_IOW(DRM_COMMAND_BASE + 2, struct drm_vgem_fence_signal)

/* Not yet in every libc's headers; from the kernel's dma-buf.h. */
#ifndef DMA_BUF_IOCTL_EXPORT_SYNC_FILE
struct dma_buf_export_sync_file {
	__u32 flags;
	__s32 fd;
};

#define DMA_BUF_IOCTL_EXPORT_SYNC_FILE _IOWR(DMA_BUF_BASE, 2, struct dma_buf_export_sync_file)
#endif

static int vgem_open(void)
{
	int fd = drmOpenWithType("vgem", NULL, DRM_NODE_PRIMARY);

	if (fd >= 0)
		return fd;
	/* Not loaded: where it is there at all, it is a module. */
	if (system("modprobe vgem 2>/dev/null"))
		return -ENODEV;
	fd = drmOpenWithType("vgem", NULL, DRM_NODE_PRIMARY);
	return fd < 0 ? -ENODEV : fd;
}

/* A BO whose dma-buf has an unsignalled fence; the sync file of that, or -errno. */
static int vgem_arm(struct tt_fence *fence)
{
	struct drm_mode_create_dumb dumb = { .width = 1024, .height = 1, .bpp = 32 };
	struct dma_buf_export_sync_file export = { .flags = DMA_BUF_SYNC_RW };
	struct drm_vgem_fence_attach attach = { .flags = VGEM_FENCE_WRITE };
	int buf, ret;

	ret = tt_ioctl(fence->vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	if (ret)
		return ret;
	fence->bo = dumb.handle;
	attach.handle = dumb.handle;
	ret = tt_ioctl(fence->vgem, DRM_IOCTL_VGEM_FENCE_ATTACH, &attach);
	if (ret)
		return ret;
	fence->fence = attach.out_fence;
	if (drmPrimeHandleToFD(fence->vgem, fence->bo, DRM_CLOEXEC, &buf))
		return -errno;
	ret = tt_ioctl(buf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export);
	close(buf);
	return ret ? ret : export.fd;
}

int tt_fence_attach(int fd, uint32_t syncobj, struct tt_fence *fence)
{
	int file, ret;

	memset(fence, 0, sizeof(*fence));
	fence->vgem = vgem_open();
	if (fence->vgem < 0)
		return fence->vgem;
	file = vgem_arm(fence);
	if (file < 0) {
		tt_fence_close(fence);
		return file;
	}
	ret = drmSyncobjImportSyncFile(fd, syncobj, file) ? -errno : 0;
	close(file);
	if (ret)
		tt_fence_close(fence);
	return ret;
}

int tt_fence_signal(struct tt_fence *fence)
{
	struct drm_vgem_fence_signal args = { .fence = fence->fence };
	int ret = tt_ioctl(fence->vgem, DRM_IOCTL_VGEM_FENCE_SIGNAL, &args);

	fence->fence = 0;
	return ret;
}

void tt_fence_close(struct tt_fence *fence)
{
	if (fence->fence)
		tt_fence_signal(fence);
	close(fence->vgem);
}

int tt_fence_status(int fd, uint32_t syncobj)
{
	struct sync_file_info info = { .num_fences = 0 };
	int file, ret;

	if (drmSyncobjExportSyncFile(fd, syncobj, &file))
		return -errno;
	ret = tt_ioctl(file, SYNC_IOC_FILE_INFO, &info);
	close(file);
	return ret ? ret : info.status;
}

int tt_fence_wait(int fd, uint32_t syncobj)
{
	int ret = tt_sync_wait(fd, syncobj, 0, tt_deadline(TT_DEADLINE_S), 0);

	if (!ret)
		ret = tt_fence_status(fd, syncobj);
	return ret < 0 ? ret : 0;
}
