// SPDX-License-Identifier: GPL-2.0-only
/*
 * DEV_QUERY: properties and limits of the device.
 */
#include <linux/nospec.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <drm/drm_file.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "hw/trn_engine.h"
#include "hw/trn_mmu.h"
#include "mem/trn_hbm.h"
#include "policy/trn_reset.h"
#include "queue/trn_kqueue.h"
#include "queue/trn_queue.h"
#include "regs/trn_trnx.h"
#include "trn_ioctl.h"
#include "vm/trn_vm.h"

/* Sizes of replies that are arrays: a header, followed by the elements. */
#define TRN_REGION_LIST_SIZE(n)	(sizeof(struct drm_trn_query_list) + \
				 (n) * sizeof(struct drm_trn_region))
#define TRN_ENGINE_LIST_SIZE(n)	(sizeof(struct drm_trn_query_list) + \
				 (n) * sizeof(struct drm_trn_engine))

#define TRN_QUERY_MAX_SIZE	SZ_64K

static u64 trn_query_caps(const struct trn_device *tdev)
{
	u64 caps = 0;

	if (trn_mmu_has_user_queues(tdev))
		caps |= DRM_TRN_CAP_USER_QUEUES;
	if (tdev->geo.features & TRNX_FEAT_INLINE_OPS)
		caps |= DRM_TRN_CAP_INLINE_OPS;
	if (tdev->geo.features & TRNX_FEAT_PRIORITY)
		caps |= DRM_TRN_CAP_PRIORITIES;
	return caps;
}

static void *trn_query_device(struct drm_file *file, size_t *size)
{
	struct trn_device *tdev = to_trn_device(file->minor->dev);
	struct drm_trn_query_device *reply = kzalloc(sizeof(*reply), GFP_KERNEL);
	const struct trn_geometry *geo = &tdev->geo;

	if (!reply)
		return NULL;
	*size = sizeof(*reply);
	*reply = (struct drm_trn_query_device) {
		.caps = trn_query_caps(tdev),
		.generation = geo->generation,
		.revision = tdev->pdev->revision,
		.num_engines = geo->num_engines,
		.first_h2t_engine = geo->first_h2t,
		.queues_per_engine = geo->queues_per_engine,
		.num_cores = geo->num_cores,
		.num_regions = geo->num_stacks + 1,
		.max_queues = TRN_MAX_QUEUES,
		.max_ops = TRN_MAX_OPS,
		.max_syncs = TRN_MAX_SYNCS,
		.max_ring_size = TRN_RING_SIZE_MAX,
		.default_timeout_ms = TRN_TIMEOUT_MS_DEFAULT,
		.bo_granule = TRN_BO_GRANULE,
		.max_hbm_bytes = trn_device_max_hbm_bytes(tdev),
		.max_vms = TRN_MAX_VMS,
		.max_bind_ops = TRN_MAX_BIND_OPS,
		.va_start = TRN_VA_START,
		.va_size = TRN_VA_SIZE,
		.max_table_bytes = TRN_MAX_TABLE_BYTES,
		.max_faults = TRN_MAX_FAULTS,
	};
	reply->reset_count = trn_reset_get_count(tdev);
	return reply;
}

static void *trn_query_regions(struct drm_file *file, size_t *size)
{
	struct trn_device *tdev = to_trn_device(file->minor->dev);
	u32 num = tdev->geo.num_stacks + 1;
	struct drm_trn_query_list *list;
	struct drm_trn_region *region;
	u32 i;

	*size = TRN_REGION_LIST_SIZE(num);
	list = kzalloc(*size, GFP_KERNEL);
	if (!list)
		return NULL;
	/* Free the memory of finished jobs of the file first, so that it counts as free. */
	trn_kqueue_flush_file(file);
	list->count = num;
	list->stride = sizeof(*region);
	region = (struct drm_trn_region *)(list + 1);
	for (i = 0; i < tdev->geo.num_stacks; i++) {
		struct trn_hbm *hbm = &tdev->hbm[i];

		region[i].kind = DRM_TRN_REGION_HBM;
		region[i].instance = i;
		region[i].size = hbm->size;
		region[i].free = trn_hbm_avail(hbm);
		region[i].cpu_visible = hbm->cpu_visible;
	}
	region[i].kind = DRM_TRN_REGION_SYSTEM;
	return list;
}

static void *trn_query_engines(struct drm_file *file, size_t *size)
{
	struct trn_device *tdev = to_trn_device(file->minor->dev);
	u32 num = tdev->geo.num_engines;
	struct drm_trn_query_list *list;
	struct drm_trn_engine *engine;
	u32 i;

	*size = TRN_ENGINE_LIST_SIZE(num);
	list = kzalloc(*size, GFP_KERNEL);
	if (!list)
		return NULL;
	list->count = num;
	list->stride = sizeof(*engine);
	engine = (struct drm_trn_engine *)(list + 1);
	for (i = 0; i < num; i++) {
		engine[i].id = i;
		engine[i].core = i < tdev->geo.first_h2t ? i / TRN_ENGINES_PER_CORE :
				 DRM_TRN_NONE;
		engine[i].stack = trn_engine_stack(tdev, i);
		engine[i].free_queues = trn_engine_num_free(tdev, i);
	}
	return list;
}

static void *trn_query_firmware(struct drm_file *file, size_t *size)
{
	struct trn_device *tdev = to_trn_device(file->minor->dev);
	struct drm_trn_query_firmware *reply = kzalloc(sizeof(*reply), GFP_KERNEL);

	if (!reply)
		return NULL;
	*size = sizeof(*reply);
	reply->serial = tdev->serial;
	reply->api_version = tdev->api_version;
	reply->routing_id = tdev->routing_id;
	return reply;
}

static void *trn_query_clock(struct drm_file *file, size_t *size)
{
	struct drm_trn_query_clock *reply = kzalloc(sizeof(*reply), GFP_KERNEL);

	if (!reply)
		return NULL;
	*size = sizeof(*reply);
	reply->monotonic_ns = ktime_get_ns();
	return reply;
}

static void *(*const trn_queries[])(struct drm_file *, size_t *) = {
	[DRM_TRN_QUERY_DEVICE] = trn_query_device,
	[DRM_TRN_QUERY_REGIONS] = trn_query_regions,
	[DRM_TRN_QUERY_ENGINES] = trn_query_engines,
	[DRM_TRN_QUERY_FIRMWARE] = trn_query_firmware,
	[DRM_TRN_QUERY_CLOCK] = trn_query_clock,
};

/* Copy a reply, cut or zero-filled to the size that was asked for. */
static int trn_query_copy(void __user *to, size_t to_size, const void *from, size_t from_size)
{
	size_t size = min(to_size, from_size);

	if (copy_to_user(to, from, size) || clear_user(to + size, to_size - size))
		return -EFAULT;
	return 0;
}

int trn_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_dev_query *args = data;
	size_t size;
	void *reply;
	int ret = 0;

	if (args->type >= ARRAY_SIZE(trn_queries))
		return trn_refuse(drm, -EINVAL, "query type=%u", args->type);
	/* No reply is that long, and clearing gigabytes would take long. */
	if (args->pointer && args->size > TRN_QUERY_MAX_SIZE)
		return trn_refuse(drm, -E2BIG, "query size=%u", args->size);
	reply = trn_queries[array_index_nospec(args->type, ARRAY_SIZE(trn_queries))]
		(file, &size);
	if (!reply)
		return -ENOMEM;
	if (args->pointer)
		ret = trn_query_copy(u64_to_user_ptr(args->pointer), args->size, reply, size);
	args->size = size;
	kfree(reply);
	return ret;
}
