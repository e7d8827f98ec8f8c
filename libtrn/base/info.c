// SPDX-License-Identifier: MIT
/*
 * Queries of the device's properties.
 *
 * Kernel, library and program may have different versions. A reply is cut or zero-filled
 * to the structs that this library was built with, and then to those of the caller.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ioctl.h"
#include "base/util.h"

static_assert((int)TRN_REGION_HBM == DRM_TRN_REGION_HBM, "kinds are those of the kernel");
static_assert((int)TRN_REGION_SYSTEM == DRM_TRN_REGION_SYSTEM, "kinds are those of the kernel");
static_assert(TRN_NONE == DRM_TRN_NONE, "none is that of the kernel");
static_assert(TRN_CAP_USER_QUEUES == DRM_TRN_CAP_USER_QUEUES, "caps are those of the kernel");
static_assert(TRN_CAP_INLINE_OPS == DRM_TRN_CAP_INLINE_OPS, "caps are those of the kernel");
static_assert(TRN_CAP_PRIORITIES == DRM_TRN_CAP_PRIORITIES, "caps are those of the kernel");

/*
 * Read a whole list; the caller frees it. Its size is queried first; elements that are
 * added in between are left out.
 */
static int query_list(const struct trn_device *dev, uint32_t type,
		      struct drm_trn_query_list **list, uint32_t *size)
{
	struct drm_trn_dev_query query = { .type = type };
	void *reply;
	int ret;

	ret = trn_ioctl(dev, DRM_IOCTL_TRN_DEV_QUERY, &query);
	if (ret)
		return ret;
	if (query.size < sizeof(**list))
		return -EPROTO;

	reply = trn_zalloc(1, query.size);
	if (!reply)
		return -ENOMEM;
	ret = trn_query(dev, type, reply, query.size);
	if (ret) {
		free(reply);
		return ret;
	}
	*list = reply;
	*size = query.size;
	return 0;
}

/* Copy element @i. Members that the kernel does not have become zero. */
static void list_element(const struct drm_trn_query_list *list, size_t i, void *element,
			 size_t size)
{
	const char *first = (const char *)(list + 1);

	memset(element, 0, size);
	memcpy(element, first + i * list->stride, list->stride < size ? list->stride : size);
}

/* The number of elements, checked against the @size bytes of the reply. */
static int list_count(const struct drm_trn_query_list *list, uint32_t size)
{
	uint32_t room = size - sizeof(*list);

	if (!list->stride || list->count > room / list->stride)
		return -EPROTO;
	return list->count;
}

int trn_device_get_info(struct trn_device *dev, struct trn_device_info *info, size_t size)
{
	struct drm_trn_query_firmware firmware;
	struct drm_trn_query_device device;
	struct trn_device_info all;
	int ret;

	if (!info)
		return -EINVAL;
	ret = trn_query(dev, DRM_TRN_QUERY_DEVICE, &device, sizeof(device));
	if (ret)
		return ret;
	ret = trn_query(dev, DRM_TRN_QUERY_FIRMWARE, &firmware, sizeof(firmware));
	if (ret)
		return ret;

	all = (struct trn_device_info){
		.generation = device.generation,
		.revision = device.revision,
		.caps = device.caps,
		.num_engines = device.num_engines,
		.first_h2t_engine = device.first_h2t_engine,
		.queues_per_engine = device.queues_per_engine,
		.num_cores = device.num_cores,
		.num_regions = device.num_regions,
		.max_queues = device.max_queues,
		.max_ops = device.max_ops,
		.max_syncs = device.max_syncs,
		.max_ring_size = device.max_ring_size,
		.default_timeout_ms = device.default_timeout_ms,
		.bo_granule = device.bo_granule,
		.reset_count = device.reset_count,
		.serial = firmware.serial,
		.firmware_api = firmware.api_version,
		.routing_id = firmware.routing_id,
		.max_vms = device.max_vms,
		.max_bind_ops = device.max_bind_ops,
		.max_faults = device.max_faults,
		.va_start = device.va_start,
		.va_size = device.va_size,
		.max_table_bytes = device.max_table_bytes,
		.max_hbm_bytes = device.max_hbm_bytes,
	};
	snprintf(all.driver, sizeof(all.driver), "%s", TRN_DRIVER_NAME);
	memcpy(all.driver_version, dev->version, sizeof(all.driver_version));

	memset(info, 0, size);
	memcpy(info, &all, size < sizeof(all) ? size : sizeof(all));
	return 0;
}

int trn_device_get_resets(struct trn_device *dev, uint64_t *count)
{
	struct drm_trn_query_device device;
	int ret;

	if (!count)
		return -EINVAL;
	ret = trn_query(dev, DRM_TRN_QUERY_DEVICE, &device, sizeof(device));
	if (!ret)
		*count = device.reset_count;
	return ret;
}

int trn_device_get_regions(struct trn_device *dev, struct trn_region *regions, size_t max)
{
	struct drm_trn_query_list *list;
	struct drm_trn_region region;
	uint32_t size;
	int count, ret;

	if (max && !regions)
		return -EINVAL;
	ret = query_list(dev, DRM_TRN_QUERY_REGIONS, &list, &size);
	if (ret)
		return ret;
	count = list_count(list, size);
	for (int i = 0; i < count && (size_t)i < max; i++) {
		list_element(list, i, &region, sizeof(region));
		regions[i] = (struct trn_region){
			.kind = region.kind,
			.instance = region.instance,
			.size = region.size,
			.free = region.free,
			.cpu_visible = region.cpu_visible,
		};
	}
	free(list);
	return count;
}

int trn_device_get_engines(struct trn_device *dev, struct trn_engine *engines, size_t max)
{
	struct drm_trn_query_list *list;
	struct drm_trn_engine engine;
	uint32_t size;
	int count, ret;

	if (max && !engines)
		return -EINVAL;
	ret = query_list(dev, DRM_TRN_QUERY_ENGINES, &list, &size);
	if (ret)
		return ret;
	count = list_count(list, size);
	for (int i = 0; i < count && (size_t)i < max; i++) {
		list_element(list, i, &engine, sizeof(engine));
		engines[i] = (struct trn_engine){
			.id = engine.id,
			.core = engine.core,
			.stack = engine.stack,
			.free_queues = engine.free_queues,
		};
	}
	free(list);
	return count;
}

/* The placement of all regions of a kind. A placement has 64 bits. */
static int place_kind(struct trn_device *dev, uint32_t kind, uint64_t *placement)
{
	struct trn_region regions[64];
	uint64_t set = 0;
	int count;

	if (!placement)
		return -EINVAL;
	count = trn_device_get_regions(dev, regions, 64);
	if (count < 0)
		return count;
	for (int i = 0; i < count && i < 64; i++) {
		if (regions[i].kind == kind)
			set |= TRN_PLACE_REGION(i);
	}
	if (!set)
		return -ENODEV;
	*placement = set;
	return 0;
}

int trn_place_hbm(struct trn_device *dev, uint64_t *placement)
{
	return place_kind(dev, TRN_REGION_HBM, placement);
}

int trn_place_system(struct trn_device *dev, uint64_t *placement)
{
	return place_kind(dev, TRN_REGION_SYSTEM, placement);
}
