// SPDX-License-Identifier: GPL-2.0-only
/* DEV_QUERY: replies about the device, and replies of other sizes. */
#include "tt_harness.h"

FIXTURE(query)
{
	struct tt_device dev;
};

FIXTURE_SETUP(query)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
}

FIXTURE_TEARDOWN(query)
{
	tt_device_close(&self->dev);
}

TEST_F(query, device_limits_are_sane)
{
	const struct drm_trn_query_device *info = &self->dev.info;

	EXPECT_TRUE(info->generation == 2 || info->generation == 3);
	EXPECT_GE(0xff, info->revision);
	EXPECT_LT(0, info->num_cores);
	EXPECT_LT(0, info->queues_per_engine);
	EXPECT_LE(info->first_h2t_engine, info->num_engines);
	EXPECT_LT(0, info->max_queues);
	EXPECT_LE(2, info->max_ops);
	EXPECT_LE(2, info->max_syncs);
	EXPECT_LE(64, info->max_ring_size);
	EXPECT_LT(0, info->default_timeout_ms);
	EXPECT_LE(TT_PAGE, info->bo_granule);
	EXPECT_EQ(0, info->bo_granule & (info->bo_granule - 1));
	EXPECT_LT(0, info->max_faults);
	EXPECT_GE(DRM_TRN_CAP_USER_QUEUES | DRM_TRN_CAP_INLINE_OPS | DRM_TRN_CAP_PRIORITIES,
		  info->caps);
}

TEST_F(query, trainium3_has_its_engines)
{
	if (self->dev.info.generation != 3)
		SKIP(return, "the device is not a Trainium3");
	/* HW 0: 128 engines of 8 cores and 4 H2T engines, 16 queues each. */
	EXPECT_EQ(132, self->dev.info.num_engines);
	EXPECT_EQ(128, self->dev.info.first_h2t_engine);
	EXPECT_EQ(16, self->dev.info.queues_per_engine);
	EXPECT_EQ(8, self->dev.info.num_cores);
}

TEST_F(query, zero_pointer_tells_the_size)
{
	static const struct { uint32_t type, size; } want[] = {
		{ DRM_TRN_QUERY_DEVICE, sizeof(struct drm_trn_query_device) },
		{ DRM_TRN_QUERY_FIRMWARE, sizeof(struct drm_trn_query_firmware) },
		{ DRM_TRN_QUERY_CLOCK, sizeof(struct drm_trn_query_clock) },
	};
	uint32_t size;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		size = 0;
		EXPECT_EQ(0, tt_query(self->dev.fd, want[i].type, NULL, &size)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_LE(want[i].size, size) {
			TH_LOG("case %d", (int)i);
		}
	}
	size = 0;
	EXPECT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_REGIONS, NULL, &size));
	EXPECT_EQ(16 + self->dev.info.num_regions * sizeof(struct drm_trn_region), size);
	size = 0;
	EXPECT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_ENGINES, NULL, &size));
	EXPECT_EQ(16 + self->dev.info.num_engines * sizeof(struct drm_trn_engine), size);
}

TEST_F(query, short_reply_is_cut)
{
	uint32_t type, whole, size, cut;
	unsigned char *full, *part;

	for (type = DRM_TRN_QUERY_DEVICE; type <= DRM_TRN_QUERY_FIRMWARE; type++) {
		whole = 0;
		ASSERT_EQ(0, tt_query(self->dev.fd, type, NULL, &whole));
		full = calloc(1, whole);
		part = malloc(whole);
		ASSERT_TRUE(full && part);
		size = whole;
		ASSERT_EQ(0, tt_query(self->dev.fd, type, full, &size));
		for (cut = 0; cut < whole; cut += whole > 256 ? 13 : 1) {
			memset(part, 0xa5, whole);
			size = cut;
			ASSERT_EQ(0, tt_query(self->dev.fd, type, part, &size));
			EXPECT_EQ(whole, size);
			EXPECT_EQ(0, memcmp(full, part, cut));
			EXPECT_EQ(whole - cut, tt_byte_match(part + cut, whole - cut, 0xa5));
		}
		free(full);
		free(part);
	}
}

TEST_F(query, long_reply_is_zero_filled)
{
	uint32_t type, whole, size;

	for (type = DRM_TRN_QUERY_DEVICE; type <= DRM_TRN_QUERY_FIRMWARE; type++) {
		unsigned char *buf;

		whole = 0;
		ASSERT_EQ(0, tt_query(self->dev.fd, type, NULL, &whole));
		buf = malloc(whole + 512);
		ASSERT_NE(NULL, buf);
		memset(buf, 0xa5, whole + 512);
		size = whole + 256;
		ASSERT_EQ(0, tt_query(self->dev.fd, type, buf, &size));
		EXPECT_EQ(whole, size);
		EXPECT_EQ(256, tt_byte_match(buf + whole, 256, 0));
		EXPECT_EQ(256, tt_byte_match(buf + whole + 256, 256, 0xa5));
		free(buf);
	}
}

/* No time namespace here: the clock is that of the process. */
TEST_F(query, clock_is_that_of_the_machine)
{
	struct drm_trn_query_clock clock;
	uint32_t size = sizeof(clock);
	int64_t before, after;

	before = tt_deadline(0);
	ASSERT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_CLOCK, &clock, &size));
	after = tt_deadline(0);
	EXPECT_LE(before, (int64_t)clock.monotonic_ns);
	EXPECT_GE(after, (int64_t)clock.monotonic_ns);
}

/* Nobody has the kernel clear gigabytes for a reply of a page. */
TEST_F(query, size_of_no_reply_is_refused)
{
	struct drm_trn_query_device *buf = calloc(1, 64 * TT_KIB);
	uint32_t size = 64 * TT_KIB;

	ASSERT_NE(NULL, buf);
	EXPECT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, buf, &size));
	EXPECT_EQ(self->dev.info.num_engines, buf->num_engines);
	size = 64 * TT_KIB + 1;
	EXPECT_EQ(-E2BIG, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, buf, &size));
	size = UINT32_MAX;
	EXPECT_EQ(-E2BIG, tt_query(self->dev.fd, DRM_TRN_QUERY_ENGINES, buf, &size));
	/* With no place for it, it is only asked for. */
	EXPECT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, NULL, &size));
	EXPECT_EQ(sizeof(*buf), size);
	free(buf);
}

TEST_F(query, unknown_type_is_refused)
{
	uint32_t size = 0;

	EXPECT_EQ(-EINVAL, tt_query(self->dev.fd, 5, NULL, &size));
	EXPECT_EQ(-EINVAL, tt_query(self->dev.fd, 0xffffffff, NULL, &size));
}

TEST_F(query, wild_pointer_is_efault)
{
	uint32_t type, size;

	for (type = DRM_TRN_QUERY_DEVICE; type <= DRM_TRN_QUERY_FIRMWARE; type++) {
		size = 16;
		EXPECT_EQ(-EFAULT, tt_query(self->dev.fd, type, (void *)8, &size));
		size = 16;
		EXPECT_EQ(-EFAULT, tt_query(self->dev.fd, type, (void *)0xffff800000000000ull,
					    &size));
		size = 16;
		EXPECT_EQ(-EFAULT, tt_query(self->dev.fd, type, (void *)~0ull, &size));
	}
}

TEST_F(query, lists_carry_stride_and_count)
{
	struct { struct drm_trn_query_list list; char rest[240]; } reply;
	uint32_t size = sizeof(reply);

	memset(&reply, 0xa5, sizeof(reply));
	ASSERT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_REGIONS, &reply, &size));
	EXPECT_EQ(self->dev.info.num_regions, reply.list.count);
	EXPECT_EQ(32, reply.list.stride);
	EXPECT_EQ(0, reply.list.pad);
	size = sizeof(reply);
	ASSERT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_ENGINES, &reply, &size));
	EXPECT_EQ(self->dev.info.num_engines, reply.list.count);
	EXPECT_EQ(16, reply.list.stride);
	EXPECT_EQ(0, reply.list.pad);
}

TEST_F(query, regions_are_stacks_and_one_system)
{
	uint32_t i, stacks = 0, systems = 0;

	ASSERT_GE(TT_MAX_REGIONS, self->dev.info.num_regions);
	for (i = 0; i < self->dev.info.num_regions; i++) {
		const struct drm_trn_region *region = &self->dev.regions[i];

		if (region->kind == DRM_TRN_REGION_SYSTEM) {
			systems++;
			EXPECT_EQ(0, region->size);
			EXPECT_EQ(0, region->free);
			continue;
		}
		ASSERT_EQ(DRM_TRN_REGION_HBM, region->kind);
		EXPECT_EQ(stacks, region->instance);
		stacks++;
		EXPECT_LT(0, region->size);
		EXPECT_GE(region->size, region->free);
		EXPECT_EQ(0, region->size % self->dev.info.bo_granule);
	}
	EXPECT_LT(0, stacks);
	EXPECT_EQ(1, systems);
}

TEST_F(query, engines_know_core_and_stack)
{
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	const struct drm_trn_query_device *info = &self->dev.info;
	int i, n = tt_query_engines(self->dev.fd, engines, TT_MAX_ENGINES);

	ASSERT_EQ(info->num_engines, n);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(i, engines[i].id);
		EXPECT_GE(info->queues_per_engine, engines[i].free_queues);
		EXPECT_GT(info->num_regions - 1, engines[i].stack);
		if ((uint32_t)i < info->first_h2t_engine) {
			/* HW 5.1: engine e belongs to NC e/16 and SENG e/32. */
			EXPECT_EQ(i / 16, engines[i].core);
			EXPECT_EQ(i / 32, engines[i].stack);
		} else {
			EXPECT_EQ(DRM_TRN_NONE, engines[i].core);
		}
	}
}

TEST_F(query, free_queues_follow_the_queues)
{
	struct drm_trn_engine before[TT_MAX_ENGINES], now[TT_MAX_ENGINES];
	struct tt_queue queue;

	ASSERT_LT(0, tt_query_engines(self->dev.fd, before, TT_MAX_ENGINES));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_LT(0, tt_query_engines(self->dev.fd, now, TT_MAX_ENGINES));
	EXPECT_EQ(before[queue.engine].free_queues - 1, now[queue.engine].free_queues);
	uint32_t engine = queue.engine;

	ASSERT_EQ(0, tt_queue_destroy(&queue));
	ASSERT_LT(0, tt_query_engines(self->dev.fd, now, TT_MAX_ENGINES));
	EXPECT_EQ(before[engine].free_queues, now[engine].free_queues);
}

TEST_F(query, free_bytes_follow_the_bos)
{
	struct drm_trn_region now[TT_MAX_REGIONS];
	struct tt_usage before;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &before));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 3 * TT_MIB, 1, &bo));
	ASSERT_LT(0, tt_query_regions(self->dev.fd, now, TT_MAX_REGIONS));
	EXPECT_EQ(self->dev.regions[0].free - bo.size, now[0].free);
	tt_bo_close(&bo);
	/* It is cleared before it is free again: that may take a moment. */
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &before));
}

TEST_F(query, firmware_answers)
{
	struct drm_trn_query_firmware firmware;
	uint32_t size = sizeof(firmware);

	memset(&firmware, 0xa5, sizeof(firmware));
	ASSERT_EQ(0, tt_query(self->dev.fd, DRM_TRN_QUERY_FIRMWARE, &firmware, &size));
	/* HW 6.3: 0..63, and 0..127 on switched pods. */
	EXPECT_GT(128, firmware.routing_id);
	EXPECT_NE(0xdeadbeef, firmware.api_version);
}

TEST_HARNESS_MAIN
