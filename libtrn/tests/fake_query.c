// SPDX-License-Identifier: MIT
/* What the fake kernel tells about its device. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "fake_priv.h"

static int reply(struct drm_trn_dev_query *args, const void *data, uint32_t size)
{
	if (args->pointer)
		memcpy((void *)(uintptr_t)args->pointer, data,
		       args->size < size ? args->size : size);
	args->size = size;
	return 0;
}

/* Elements of @size bytes, followed by fake.stride_extra bytes of newer fields. */
static int reply_list(struct drm_trn_dev_query *args, const void *elements, uint32_t count,
		      uint32_t size)
{
	struct drm_trn_query_list list = { .count = count, .stride = size + fake.stride_extra };
	char data[1024];

	memset(data, 0xee, sizeof(data));
	memcpy(data, &list, sizeof(list));
	for (uint32_t i = 0; i < count; i++)
		memcpy(data + sizeof(list) + i * list.stride, (const char *)elements + i * size,
		       size);
	return reply(args, data, sizeof(list) + count * list.stride);
}

static int query_regions(struct drm_trn_dev_query *args)
{
	struct drm_trn_region regions[FAKE_STACKS + 1] = { 0 };

	for (uint32_t i = 0; i < FAKE_STACKS; i++)
		regions[i] = (struct drm_trn_region){
			.kind = DRM_TRN_REGION_HBM,
			.instance = i,
			.size = FAKE_STACK_SIZE,
			.free = FAKE_STACK_SIZE / 2,
			.cpu_visible = FAKE_STACK_SIZE,
		};
	regions[FAKE_STACKS].kind = DRM_TRN_REGION_SYSTEM;
	return reply_list(args, regions, FAKE_STACKS + 1, sizeof(*regions));
}

static int query_engines(struct drm_trn_dev_query *args)
{
	struct drm_trn_engine engines[FAKE_ENGINES];

	for (uint32_t i = 0; i < FAKE_ENGINES; i++)
		engines[i] = (struct drm_trn_engine){
			.id = i,
			.core = i < FAKE_ENGINES - 1 ? i / 2 : DRM_TRN_NONE,
			.stack = i % FAKE_STACKS,
			.free_queues = 16,
		};
	return reply_list(args, engines, FAKE_ENGINES, sizeof(*engines));
}

static int query_clock(struct drm_trn_dev_query *args)
{
	struct drm_trn_query_clock clock;
	struct timespec ts;

	if (fake.no_clock)
		return -EINVAL;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	clock.monotonic_ns = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec + fake.clock_offset;
	return reply(args, &clock, sizeof(clock));
}

int fake_dev_query(struct drm_trn_dev_query *args)
{
	struct drm_trn_query_device device = {
		.generation = 3,
		.revision = 0xff,
		.num_engines = FAKE_ENGINES,
		.first_h2t_engine = FAKE_ENGINES - 1,
		.queues_per_engine = 16,
		.num_cores = 2,
		.num_regions = FAKE_STACKS + 1,
		.max_queues = FAKE_MAX_OBJECTS,
		.max_ops = FAKE_MAX_OPS,
		.max_syncs = 16,
		.max_ring_size = fake.max_ring_size,
		.default_timeout_ms = 10000,
		.bo_granule = FAKE_GRANULE,
		.caps = fake.caps,
		.max_vms = 4,
		.max_bind_ops = 128,
		.max_faults = 8,
		.va_start = FAKE_VA_START,
		.va_size = FAKE_VA_SIZE,
		.max_table_bytes = 1 << 24,
	};
	static const struct drm_trn_query_firmware firmware = {
		.serial = 0x123456789abcdef0,
		.api_version = 1,
		.routing_id = 5,
	};

	switch (args->type) {
	case DRM_TRN_QUERY_DEVICE:
		fake.reset_count += fake.resets;
		device.reset_count = fake.reset_count;
		return reply(args, &device, sizeof(device));
	case DRM_TRN_QUERY_REGIONS:
		return query_regions(args);
	case DRM_TRN_QUERY_ENGINES:
		return query_engines(args);
	case DRM_TRN_QUERY_FIRMWARE:
		return reply(args, &firmware, sizeof(firmware));
	case DRM_TRN_QUERY_CLOCK:
		return query_clock(args);
	default:
		return -EINVAL;
	}
}
