// SPDX-License-Identifier: MIT
#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include <xf86drm.h>

#define DEVICE "/dev/accel/accel0"
#define MAX_REGIONS 16
#define PAGE 4096u

static int call(int fd, unsigned long request, void *arg)
{
	return drmIoctl(fd, request, arg) ? -errno : 0;
}

static int query(int fd, uint32_t type, void *reply, uint32_t size)
{
	struct drm_trn_dev_query args = { type, size, (uintptr_t)reply };

	return call(fd, DRM_IOCTL_TRN_DEV_QUERY, &args);
}

static int query_device(struct lane *lane)
{
	struct {
		struct drm_trn_query_list head;
		struct drm_trn_region region[MAX_REGIONS];
	} list = {};
	struct drm_trn_query_device info = {};
	int ret = query(lane->fd, DRM_TRN_QUERY_DEVICE, &info, sizeof(info));

	if (!ret)
		ret = query(lane->fd, DRM_TRN_QUERY_REGIONS, &list, sizeof(list));
	if (ret)
		return ret;
	if (!(info.caps & DRM_TRN_CAP_USER_QUEUES))
		return -EOPNOTSUPP;
	lane->next_va = info.va_start;
	for (uint32_t i = 0; i < list.head.count && i < MAX_REGIONS; i++) {
		if (list.region[i].kind == DRM_TRN_REGION_SYSTEM)
			lane->system |= 1ull << i;
		else if (!lane->hbm)
			lane->hbm = 1ull << i;
	}
	return 0;
}

static int vm_create(struct lane *lane)
{
	struct drm_trn_vm_create args = {};
	int ret = call(lane->fd, DRM_IOCTL_TRN_VM_CREATE, &args);

	lane->vm_id = args.vm_id;
	return ret;
}

static int map_pages(struct lane *lane, uint64_t size, int prot, uint64_t offset, void **map)
{
	*map = mmap(NULL, size, prot, MAP_SHARED, lane->fd, offset);
	return *map == MAP_FAILED ? -errno : 0;
}

int lane_memory_new(struct lane *lane, bool hbm, uint64_t size, struct lane_memory *mem)
{
	struct drm_trn_bo_create bo = {
		.size = size,
		.placement = hbm ? lane->hbm : lane->system,
	};
	struct drm_trn_vm_op op = {
		.type = DRM_TRN_VM_MAP,
		.flags = DRM_TRN_VM_MAP_READ | DRM_TRN_VM_MAP_WRITE,
		.va = lane->next_va,
	};
	struct drm_trn_vm_bind bind = {
		.vm_id = lane->vm_id,
		.ops = { sizeof(op), 1, (uintptr_t)&op },
	};
	int ret = call(lane->fd, DRM_IOCTL_TRN_BO_CREATE, &bo);

	if (ret)
		return ret;
	op.handle = bo.handle;
	op.size = bo.size;
	ret = call(lane->fd, DRM_IOCTL_TRN_VM_BIND, &bind);
	if (ret)
		return ret;
	mem->va = op.va;
	mem->size = bo.size;
	/* As a large buffer would lie: where pages of 2 MiB can map it. */
	lane->next_va += (bo.size + (4ull << 20) - 1) & -(2ull << 20);
	return map_pages(lane, bo.size, PROT_READ | PROT_WRITE, bo.mmap_offset, &mem->map);
}

static int queue_create(struct lane *lane)
{
	struct drm_trn_queue_create args = {
		.mode = DRM_TRN_QUEUE_USER,
		.vm_id = lane->vm_id,
		.engine = DRM_TRN_NONE,
		.engine_class = DRM_TRN_ENGINE_H2T,
		.ring_size = LANE_RING_SIZE,
	};
	struct lane_memory rings;
	void *doorbell, *page;
	int ret = lane_memory_new(lane, false, 2 * LANE_RING_SIZE * sizeof(struct drm_trn_desc),
				  &rings);

	if (ret)
		return ret;
	args.ring_va = rings.va;
	lane->m2s = rings.map;
	lane->s2m = lane->m2s + LANE_RING_SIZE;
	ret = call(lane->fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);
	if (!ret)
		ret = map_pages(lane, PAGE, PROT_WRITE, args.doorbell_offset, &doorbell);
	if (!ret)
		ret = map_pages(lane, PAGE, PROT_READ, args.record_offset, &page);
	if (ret)
		return ret;
	lane->doorbell = (uint64_t *)((char *)doorbell + DRM_TRN_DOORBELL_BOTH);
	lane->page = page;
	return 0;
}

int lane_open(struct lane *lane)
{
	int ret;

	memset(lane, 0, sizeof(*lane));
	lane->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (lane->fd < 0)
		return -errno;
	ret = query_device(lane);
	if (!ret)
		ret = vm_create(lane);
	if (!ret)
		ret = queue_create(lane);
	return ret;
}
