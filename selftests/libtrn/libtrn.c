// SPDX-License-Identifier: GPL-2.0-only
/* The library on the real driver: the first calls of a program, and their errors. */
#include <sys/mman.h>

#include "tt_harness.h"

#include "trn.h"

#define SIZE (3 * TT_MIB + 5)

FIXTURE(libtrn)
{
	struct trn_device *dev;
	struct trn_queue *queue;	/* in kernel mode */
	struct trn_copier *copier;
	uint64_t hbm, system;
};

FIXTURE_SETUP(libtrn)
{
	ASSERT_EQ(0, trn_device_open(0, &self->dev));
	ASSERT_EQ(0, trn_queue_new(self->dev, NULL, &self->queue));
	ASSERT_EQ(0, trn_copier_new(self->dev, NULL, &self->copier));
	ASSERT_EQ(0, trn_place_hbm(self->dev, &self->hbm));
	ASSERT_EQ(0, trn_place_system(self->dev, &self->system));
}

FIXTURE_TEARDOWN(libtrn)
{
	trn_copier_unref(self->copier);
	trn_queue_unref(self->queue);
	trn_device_unref(self->dev);
}

TEST_F(libtrn, devices_are_listed)
{
	struct trn_device_entry entries[16];
	struct trn_device *dev;
	int i, n = trn_device_list(entries, 16);
	char bdf[32];

	ASSERT_LT(0, n);
	EXPECT_EQ(n, trn_device_list(NULL, 0));
	for (i = 0; i < n && i < 16; i++) {
		ASSERT_EQ(0, trn_device_open_path(entries[i].path, &dev));
		ASSERT_EQ(0, tt_device_bdf(trn_device_fd(dev), bdf, sizeof(bdf)));
		EXPECT_STREQ(bdf, entries[i].pci);
		trn_device_unref(dev);
	}
	EXPECT_EQ(-ENODEV, trn_device_open(n, &dev));
	EXPECT_EQ(-EPROTONOSUPPORT, trn_device_open_path("/dev/null", &dev));
}

TEST_F(libtrn, info_is_what_the_driver_says)
{
	struct drm_trn_query_device raw = { 0 };
	struct trn_device_info info;
	uint32_t size = sizeof(raw);

	ASSERT_EQ(0, trn_device_get_info(self->dev, &info, sizeof(info)));
	ASSERT_EQ(0, tt_query(trn_device_fd(self->dev), DRM_TRN_QUERY_DEVICE, &raw, &size));
	EXPECT_STREQ("trn", info.driver);
	EXPECT_EQ(raw.generation, info.generation);
	EXPECT_EQ(raw.num_engines, info.num_engines);
	EXPECT_EQ(raw.max_ops, info.max_ops);
	EXPECT_EQ(raw.bo_granule, info.bo_granule);
	EXPECT_EQ(raw.reset_count, info.reset_count);
	EXPECT_EQ(raw.caps, info.caps);
	EXPECT_EQ(raw.max_vms, info.max_vms);
	EXPECT_EQ(raw.va_start, info.va_start);
	EXPECT_EQ(raw.va_size, info.va_size);
}

TEST_F(libtrn, regions_and_engines_are_what_the_driver_says)
{
	struct drm_trn_region raw_regions[TT_MAX_REGIONS];
	struct drm_trn_engine raw_engines[TT_MAX_ENGINES];
	struct trn_region regions[TT_MAX_REGIONS];
	struct trn_engine engines[TT_MAX_ENGINES];
	int fd = trn_device_fd(self->dev), n;

	n = tt_query_regions(fd, raw_regions, TT_MAX_REGIONS);
	ASSERT_EQ(n, trn_device_get_regions(self->dev, regions, TT_MAX_REGIONS));
	EXPECT_EQ(raw_regions[0].size, regions[0].size);
	EXPECT_EQ(raw_regions[n - 1].kind, regions[n - 1].kind);
	n = tt_query_engines(fd, raw_engines, TT_MAX_ENGINES);
	ASSERT_EQ(n, trn_device_get_engines(self->dev, engines, TT_MAX_ENGINES));
	EXPECT_EQ(raw_engines[n - 1].core, engines[n - 1].core);
	EXPECT_EQ(raw_engines[n - 1].stack, engines[n - 1].stack);
}

TEST_F(libtrn, bytes_travel_host_hbm_hbm_host)
{
	void *in = tt_pages(SIZE), *out = tt_pages(SIZE);
	struct trn_bo *src, *dst, *one, *two;

	ASSERT_TRUE(in && out);
	tt_pattern_fill(in, SIZE, 1);
	ASSERT_EQ(0, trn_bo_pin(self->dev, in, SIZE, TRN_BO_READ_ONLY, &src));
	ASSERT_EQ(0, trn_bo_pin(self->dev, out, SIZE, 0, &dst));
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, TRN_PLACE_REGION(0), 0, &one));
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->hbm, TRN_BO_NO_MMAP, &two));
	EXPECT_EQ(0, trn_bo_region(one));
	EXPECT_EQ(0, trn_copy(self->copier, one, 0, src, 0, SIZE));
	EXPECT_EQ(0, trn_copy(self->copier, two, 0, one, 0, SIZE));
	EXPECT_EQ(0, trn_copy(self->copier, dst, 0, two, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(out, SIZE, 1));
	EXPECT_EQ(-EACCES, trn_copy(self->copier, src, 0, two, 0, SIZE));
	trn_bo_unref(two);
	trn_bo_unref(one);
	trn_bo_unref(dst);
	trn_bo_unref(src);
}

TEST_F(libtrn, asynchronous_work_is_waited_for)
{
	struct trn_bo *hbm, *host;
	uint64_t point, last = 0;
	void *map;
	int i;

	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->hbm, 0, &hbm));
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->system, 0, &host));
	for (i = 0; i < 32; i++) {
		ASSERT_EQ(0, trn_fill_async(self->queue, hbm, 0, TT_MIB, 0x01010101 * i, &point));
		ASSERT_EQ(0, trn_copy_async(self->queue, host, 0, hbm, 0, TT_MIB, &point));
		EXPECT_LT(last, point);
		last = point;
	}
	EXPECT_EQ(0, trn_wait(self->queue, point, trn_deadline(TT_DEADLINE_S * TT_NSEC)));
	EXPECT_EQ(0, trn_wait(self->queue, 1, 0));
	EXPECT_EQ(-EINVAL, trn_wait(self->queue, point + 1, 0));
	ASSERT_EQ(0, trn_bo_map(host, &map));
	EXPECT_EQ(TT_MIB, tt_byte_match(map, TT_MIB, 31));
	trn_bo_unref(host);
	trn_bo_unref(hbm);
}

TEST_F(libtrn, submission_signals_a_syncobj)
{
	struct trn_sync sync = { .flags = TRN_SYNC_SIGNAL, .point = 5 };
	int fd = trn_device_fd(self->dev);
	struct trn_op op = { .type = TRN_OP_FILL, .pattern = 7, .size = TT_PAGE };
	uint64_t point;

	ASSERT_EQ(0, drmSyncobjCreate(fd, 0, &sync.handle));
	ASSERT_EQ(0, trn_bo_new(self->dev, TT_PAGE, self->hbm, 0, &op.dst));
	ASSERT_EQ(0, trn_submit(self->queue, &op, 1, &sync, 1, &point));
	EXPECT_EQ(0, tt_sync_wait(fd, sync.handle, 5, tt_deadline(TT_DEADLINE_S), 0));
	EXPECT_EQ(0, trn_wait(self->queue, point, INT64_MAX));
	trn_bo_unref(op.dst);
	drmSyncobjDestroy(fd, sync.handle);
}

TEST_F(libtrn, errors_are_the_drivers)
{
	struct trn_queue_attr attr = { .ring_size = 65 };
	struct trn_queue *queue;
	struct trn_bo *bo, *none;
	char *hole = tt_pages(2 * TT_PAGE);

	EXPECT_EQ(-EINVAL, trn_queue_new(self->dev, &attr, &queue));
	EXPECT_EQ(-EINVAL, trn_bo_new(self->dev, 0, self->hbm, 0, &none));
	EXPECT_EQ(-EINVAL, trn_bo_new(self->dev, TT_PAGE, 0, 0, &none));
	EXPECT_EQ(-ENOSPC, trn_bo_new(self->dev, 1ull << 45, self->hbm, TRN_BO_NO_MMAP, &none));
	munmap(hole + TT_PAGE, TT_PAGE);
	EXPECT_EQ(-EFAULT, trn_bo_pin(self->dev, hole, 2 * TT_PAGE, 0, &none));
	ASSERT_EQ(0, trn_bo_new(self->dev, TT_PAGE, self->hbm, 0, &bo));
	EXPECT_EQ(-EINVAL, trn_fill(self->copier, bo, 0, trn_bo_size(bo) + 4, 0));
	EXPECT_EQ(-EINVAL, trn_fill(self->copier, bo, 1, 4, 0));
	EXPECT_EQ(-EINVAL, trn_copy(self->copier, bo, 0, bo, 1, 2));
	trn_bo_unref(bo);
}

TEST_F(libtrn, state_is_the_drivers)
{
	struct trn_queue_state state;
	struct trn_bo *bo;
	uint64_t point;

	ASSERT_EQ(0, trn_bo_new(self->dev, TT_PAGE, self->hbm, 0, &bo));
	ASSERT_EQ(0, trn_fill_async(self->queue, bo, 0, TT_PAGE, 1, &point));
	ASSERT_EQ(0, trn_wait(self->queue, point, INT64_MAX));
	ASSERT_EQ(0, trn_queue_get_state(self->queue, &state));
	EXPECT_EQ(TRN_QUEUE_STATE_READY, state.status);
	EXPECT_EQ(1, state.submitted);
	EXPECT_EQ(1, state.completed);
	EXPECT_EQ(0, state.error);
	trn_bo_unref(bo);
}

TEST_F(libtrn, objects_keep_the_device_open)
{
	struct trn_device *dev;
	struct trn_copier *copier;
	struct trn_bo *bo;

	ASSERT_EQ(0, trn_device_open(0, &dev));
	ASSERT_EQ(0, trn_bo_new(dev, SIZE, self->hbm, 0, &bo));
	ASSERT_EQ(0, trn_copier_new(dev, NULL, &copier));
	trn_device_unref(dev);
	EXPECT_EQ(0, trn_fill(copier, bo, 0, TT_MIB, 1));
	trn_bo_unref(bo);
	trn_copier_unref(copier);
}

TEST_HARNESS_MAIN
