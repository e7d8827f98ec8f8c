// SPDX-License-Identifier: GPL-2.0-only
/* BO_CREATE, BO_INFO and GEM_CLOSE: where memory comes from and goes back to. */
#include <fcntl.h>
#include <sys/mman.h>

#include "tt_harness.h"

FIXTURE(bo)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_SETUP(bo)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(bo)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* The error of a BO_CREATE that is expected to fail. */
static int create_error(int fd, uint64_t size, uint64_t placement, uint32_t flags)
{
	struct drm_trn_bo_create args = {
		.size = size,
		.placement = placement,
		.flags = flags,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_BO_CREATE, &args);

	if (!ret)
		tt_gem_close(fd, args.handle);
	return ret;
}

TEST_F(bo, every_region_gives_memory)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo;
	uint32_t i;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, 1ull << i, &bo));
		ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
		EXPECT_EQ(i, info.region);
		EXPECT_EQ(0, info.flags);
		EXPECT_EQ(bo.size, info.size);
		EXPECT_EQ(bo.mmap_offset, info.mmap_offset);
		EXPECT_EQ(0, info.pad);
		tt_bo_close(&bo);
	}
}

TEST_F(bo, size_is_rounded_up)
{
	uint64_t granule = self->dev.info.bo_granule;
	struct tt_bo bo;
	uint32_t i;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, 1, 1ull << i, &bo));
		EXPECT_EQ(granule, bo.size);
		tt_bo_close(&bo);
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, 3 * granule + 1, 1ull << i, &bo));
		EXPECT_EQ(4 * granule, bo.size);
		tt_bo_close(&bo);
	}
}

TEST_F(bo, size_zero_is_refused)
{
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, 0, self->dev.hbm, 0));
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, 0, self->dev.system, 0));
}

TEST_F(bo, unknown_placement_is_refused)
{
	uint32_t n = self->dev.info.num_regions;

	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, 1ull << n, 0));
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, 1ull << 63, 0));
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, 1 | 1ull << n, 0));
}

TEST_F(bo, unknown_flag_is_refused)
{
	unsigned int bit;

	for (bit = 1; bit < 32; bit++)
		EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, self->dev.hbm, 1u << bit));
}

TEST_F(bo, more_than_a_region_is_enospc)
{
	uint64_t size = self->dev.regions[0].size;

	EXPECT_EQ(-ENOSPC, create_error(self->dev.fd, size + self->dev.info.bo_granule, 1,
					DRM_TRN_BO_NO_MMAP));
	EXPECT_EQ(-ENOSPC, create_error(self->dev.fd, 1ull << 60, self->dev.hbm,
					DRM_TRN_BO_NO_MMAP));
}

TEST_F(bo, size_that_overflows_is_refused)
{
	uint64_t placements[] = { self->dev.hbm, self->dev.system, 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(placements); i++) {
		EXPECT_GT(0, create_error(self->dev.fd, ~0ull, placements[i], 0)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_GT(0, create_error(self->dev.fd, ~0ull - TT_PAGE + 2, placements[i], 0)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_GT(0, create_error(self->dev.fd, 1ull << 63, placements[i], 0)) {
			TH_LOG("case %d", (int)i);
		}
	}
}

TEST_F(bo, host_memory_that_does_not_exist_is_enomem)
{
	EXPECT_EQ(-ENOMEM, create_error(self->dev.fd, 1ull << 46, self->dev.system, 0));
}

TEST_F(bo, invisible_memory_needs_no_mmap)
{
	uint32_t i;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		struct drm_trn_region *region = &self->dev.regions[i];

		if (region->kind != DRM_TRN_REGION_HBM || region->cpu_visible)
			continue;
		EXPECT_EQ(-EINVAL, create_error(self->dev.fd, TT_PAGE, 1ull << i, 0));
		EXPECT_EQ(0, create_error(self->dev.fd, TT_PAGE, 1ull << i, DRM_TRN_BO_NO_MMAP));
		return;
	}
	SKIP(return, "no region without CPU-visible memory");
}

TEST_F(bo, no_mmap_has_no_offset)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo;
	uint32_t i;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, TT_PAGE, 1ull << i, &bo));
		EXPECT_EQ(0, bo.mmap_offset);
		ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
		EXPECT_EQ(DRM_TRN_BO_NO_MMAP, info.flags);
		EXPECT_EQ(0, info.mmap_offset);
		tt_bo_close(&bo);
	}
}

TEST_F(bo, new_memory_is_zero)
{
	struct tt_bo bo;
	uint32_t i;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * TT_MIB, 1ull << i, &bo));
		EXPECT_EQ(bo.size, tt_byte_match(bo.map, bo.size, 0));
		tt_bo_close(&bo);
	}
}

/* Take all that @region has left, in BOs as large as will go. */
static int exhaust(int fd, uint32_t region, struct tt_bo *bos, int max)
{
	uint64_t size = 1ull << 40;
	int n = 0, ret;

	while (n < max && size >= TT_PAGE) {
		ret = tt_bo_create_unmapped(fd, size, 1ull << region, &bos[n]);
		if (!ret)
			n++;
		else if (ret == -ENOSPC)
			size /= 2;
		else
			return ret;
	}
	return n;
}

static void close_all(struct tt_bo *bos, int n)
{
	while (n--)
		tt_bo_close(&bos[n]);
}

static uint64_t region_free(int fd, uint32_t region)
{
	struct drm_trn_region regions[TT_MAX_REGIONS];

	if (tt_query_regions(fd, regions, TT_MAX_REGIONS) < 0)
		return ~0ull;
	return regions[region].free;
}

static uint32_t last_stack(const struct tt_device *dev)
{
	return 63 - __builtin_clzll(dev->hbm);
}

TEST_F(bo, exhausted_region_is_enospc_then_whole_again)
{
	uint32_t region = last_stack(&self->dev);
	uint64_t either = 1ull << region | self->dev.system;
	struct drm_trn_bo_info info;
	struct tt_bo bos[256], bo;
	uint64_t largest;
	int n;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, either, &bo));
	ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
	EXPECT_EQ(region, info.region);
	tt_bo_close(&bo);
	ASSERT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	n = exhaust(self->dev.fd, region, bos, ARRAY_SIZE(bos));
	ASSERT_LT(0, n);
	ASSERT_GT(256, n);
	EXPECT_EQ(0, region_free(self->dev.fd, region));
	EXPECT_EQ(-ENOSPC, create_error(self->dev.fd, 1, 1ull << region, 0));
	/* The next region of a set has room. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, either, &bo));
	ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
	EXPECT_EQ(self->dev.system, 1ull << info.region);
	tt_bo_close(&bo);
	largest = bos[0].size;
	close_all(bos, n);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	/* All of it merged again. */
	EXPECT_EQ(0, create_error(self->dev.fd, largest, 1ull << region, DRM_TRN_BO_NO_MMAP));
}

/* Dirty a BO, with the work still running when it is closed if @early. */
static int dirty_and_close(const struct tt_queue *queue, struct tt_bo *bo, bool early)
{
	struct drm_trn_op op = tt_op_fill(bo, 0, bo->size, 0xdeadbeef);
	uint64_t point;
	int i, ret = 0;

	for (i = 0; i < 8 && !ret; i++)
		ret = tt_submit(queue, &op, 1, &point);
	if (!ret && !early)
		ret = tt_wait(queue, point);
	if (!ret && !early && *(uint32_t *)bo->map != 0xdeadbeef)
		ret = -EBADMSG;
	tt_bo_close(bo);
	return ret;
}

TEST_F(bo, freed_memory_comes_back_zeroed)
{
	uint32_t region = last_stack(&self->dev);
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct tt_bo bos[256], bo;
	struct tt_queue queue;
	uint64_t size = 8 * TT_MIB;
	int n, i, ret;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	/* Leave one hole: the freed BO is the only free memory. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, 1ull << region, &bo));
	n = exhaust(self->dev.fd, region, bos, ARRAY_SIZE(bos));
	ASSERT_LE(0, n);
	for (i = 0; i < 6; i++) {
		ASSERT_EQ(0, dirty_and_close(&queue, &bo, i & 1));
		/* The work holds the memory: room comes when it is done. */
		do {
			ret = tt_bo_create(self->dev.fd, size, 1ull << region, &bo);
		} while (ret == -ENOSPC && tt_deadline(0) < deadline);
		ASSERT_EQ(0, ret);
		EXPECT_EQ(bo.size, tt_byte_match(bo.map, bo.size, 0));
	}
	tt_bo_close(&bo);
	close_all(bos, n);
	tt_queue_destroy(&queue);
}

TEST_F(bo, many_small_ones_come_back)
{
	unsigned int i, n = tt_scale(4000, 400);
	struct tt_bo *bos = calloc(n, sizeof(*bos));
	uint64_t placement;

	ASSERT_NE(NULL, bos);
	for (placement = 1; placement; placement = placement == 1 ? self->dev.system : 0) {
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, TT_PAGE * (i % 7 + 1),
							   placement, &bos[i]));
		/* Every second first, so that holes must merge. */
		for (i = 0; i < n; i += 2)
			tt_bo_close(&bos[i]);
		for (i = 1; i < n; i += 2)
			tt_bo_close(&bos[i]);
	}
	free(bos);
}

TEST_F(bo, closed_handle_is_gone)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	munmap(bo.map, bo.size);
	EXPECT_EQ(0, tt_gem_close(self->dev.fd, bo.handle));
	EXPECT_EQ(-EINVAL, tt_gem_close(self->dev.fd, bo.handle));
	EXPECT_EQ(-ENOENT, tt_bo_info(self->dev.fd, bo.handle, &info));
}

TEST_F(bo, handle_of_another_file_is_unknown)
{
	struct drm_trn_bo_info info;
	struct tt_device other;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	EXPECT_EQ(-ENOENT, tt_bo_info(other.fd, bo.handle, &info));
	EXPECT_EQ(-EINVAL, tt_gem_close(other.fd, bo.handle));
	tt_bo_close(&bo);
	tt_device_close(&other);
}

TEST_F(bo, userptr_tells_what_it_is)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo;
	void *mem = tt_pages(TT_MIB);

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, (char *)mem + 5, 1000, DRM_TRN_BO_READ_ONLY, &bo));
	ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
	EXPECT_EQ(1000, info.size);
	EXPECT_EQ(0, info.mmap_offset);
	EXPECT_EQ(self->dev.system, 1ull << info.region);
	EXPECT_EQ(DRM_TRN_BO_IS_USERPTR, info.flags & DRM_TRN_BO_IS_USERPTR);
	EXPECT_EQ(DRM_TRN_BO_READ_ONLY, info.flags & DRM_TRN_BO_READ_ONLY);
	tt_bo_close(&bo);
}

/* ---- the limit of a file, set by root ---- */

FIXTURE(quota)
{
	struct tt_device dev;
	struct tt_usage before;
	char path[128];
};

FIXTURE_SETUP(quota)
{
	char bdf[32];

	if (geteuid())
		SKIP(return, "needs root, to set a limit");
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	snprintf(self->path, sizeof(self->path), "/sys/bus/pci/devices/%s/max_hbm_bytes", bdf);
	ASSERT_EQ(0, tt_write_file(self->path, "4194304"));
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(0, tt_write_file(self->path, "0"));
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

static uint64_t max_hbm_bytes(int fd)
{
	struct drm_trn_query_device info = { 0 };
	uint32_t size = sizeof(info);

	return tt_query(fd, DRM_TRN_QUERY_DEVICE, &info, &size) ? ~0ull : info.max_hbm_bytes;
}

TEST_F(quota, limit_can_be_set_and_read)
{
	char text[32];

	EXPECT_EQ(0, self->dev.info.max_hbm_bytes);
	EXPECT_EQ(4 * TT_MIB, max_hbm_bytes(self->dev.fd));
	ASSERT_EQ(0, tt_read_file(self->path, text, sizeof(text)));
	EXPECT_EQ(4 * TT_MIB, strtoull(text, NULL, 0));
	EXPECT_EQ(-EINVAL, tt_write_file(self->path, "lots"));
	EXPECT_EQ(-ERANGE, tt_write_file(self->path, "0x8000000000000000"));
	EXPECT_EQ(4 * TT_MIB, max_hbm_bytes(self->dev.fd));
	EXPECT_EQ(0, tt_write_file(self->path, "0"));
	EXPECT_EQ(0, max_hbm_bytes(self->dev.fd));
}

TEST_F(quota, more_is_refused_until_some_is_given_back)
{
	struct tt_device other, stranger;
	struct tt_bo a, b, host;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 3 * TT_MIB, self->dev.hbm, &a));
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, TT_MIB + 1, self->dev.hbm, 0));
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, TT_MIB + 1, self->dev.hbm,
					DRM_TRN_BO_NO_MMAP));
	/* A size that no stack has is -ENOSPC under any limit. */
	EXPECT_EQ(-ENOSPC, create_error(self->dev.fd, 1ull << 62, self->dev.hbm, 0));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &b));
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 1, self->dev.hbm, 0));
	/* Host memory is another matter, and so is another user; another file is not. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 8 * TT_MIB, self->dev.system, &host));
	tt_bo_close(&host);
	ASSERT_EQ(0, tt_device_open(&other));
	EXPECT_EQ(-EDQUOT, create_error(other.fd, 1, other.hbm, 0));
	tt_device_close(&other);
	ASSERT_EQ(0, tt_device_open_as(1000, &stranger));
	EXPECT_EQ(0, create_error(stranger.fd, 4 * TT_MIB, stranger.hbm, 0));
	tt_device_close(&stranger);
	tt_bo_close(&b);
	EXPECT_EQ(0, create_error(self->dev.fd, TT_MIB, self->dev.hbm, 0));
	/* A lower limit takes nothing away, a higher one counts at once. */
	ASSERT_EQ(0, tt_write_file(self->path, "4096"));
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 1, self->dev.hbm, 0));
	ASSERT_EQ(0, tt_write_file(self->path, "8388608"));
	EXPECT_EQ(0, create_error(self->dev.fd, 5 * TT_MIB, self->dev.hbm, 0));
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 5 * TT_MIB + 1, self->dev.hbm, 0));
	tt_bo_close(&a);
}

TEST_F(quota, shared_memory_counts_for_who_made_it)
{
	struct tt_device other;
	uint32_t handle;
	struct tt_bo bo;
	int buf;

	ASSERT_EQ(0, tt_device_open_as(1000, &other));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, drmPrimeHandleToFD(self->dev.fd, bo.handle, DRM_CLOEXEC, &buf));
	ASSERT_EQ(0, drmPrimeFDToHandle(other.fd, buf, &handle));
	EXPECT_EQ(0, create_error(other.fd, 4 * TT_MIB, other.hbm, 0));
	/* The charge stays as long as any process has the BO, even another one. */
	tt_bo_close(&bo);
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 1, self->dev.hbm, 0));
	close(buf);
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 1, self->dev.hbm, 0));
	EXPECT_EQ(0, tt_gem_close(other.fd, handle));
	EXPECT_EQ(0, create_error(self->dev.fd, 4 * TT_MIB, self->dev.hbm, 0));
	tt_device_close(&other);
}

/* A dma-buf is all that is left of it, and the file was closed. */
TEST_F(quota, what_a_dma_buf_holds_counts_for_its_user)
{
	struct tt_device maker;
	struct tt_bo bo;
	int buf;

	ASSERT_EQ(0, tt_device_open(&maker));
	ASSERT_EQ(0, tt_bo_create_unmapped(maker.fd, 4 * TT_MIB, maker.hbm, &bo));
	ASSERT_EQ(0, drmPrimeHandleToFD(maker.fd, bo.handle, DRM_CLOEXEC, &buf));
	tt_device_close(&maker);
	EXPECT_EQ(-EDQUOT, create_error(self->dev.fd, 1, self->dev.hbm, 0));
	close(buf);
	EXPECT_EQ(0, create_error(self->dev.fd, 4 * TT_MIB, self->dev.hbm, 0));
}

/* And it is so if he has no file open at all in between. */
TEST_F(quota, user_is_remembered_while_anything_counts)
{
	struct tt_device maker;
	struct tt_bo bo;
	int buf;

	ASSERT_EQ(0, tt_device_open_as(1000, &maker));
	ASSERT_EQ(0, tt_bo_create_unmapped(maker.fd, 4 * TT_MIB, maker.hbm, &bo));
	ASSERT_EQ(0, drmPrimeHandleToFD(maker.fd, bo.handle, DRM_CLOEXEC, &buf));
	tt_device_close(&maker);
	ASSERT_EQ(0, tt_device_open_as(1000, &maker));
	EXPECT_EQ(-EDQUOT, create_error(maker.fd, 1, maker.hbm, 0));
	close(buf);
	EXPECT_EQ(0, create_error(maker.fd, 4 * TT_MIB, maker.hbm, 0));
	tt_device_close(&maker);
}

/* ---- fdinfo ---- */

FIXTURE(fdinfo)
{
	struct tt_device dev;
	char path[32];
};

FIXTURE_SETUP(fdinfo)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	snprintf(self->path, sizeof(self->path), "/proc/self/fdinfo/%d", self->dev.fd);
}

FIXTURE_TEARDOWN(fdinfo)
{
	tt_device_close(&self->dev);
}

/* Bytes of a key, which are written in the largest unit that fits; -1: there is no such key. */
static int64_t fdinfo_bytes(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[256], unit[4] = "";
	unsigned long long number;
	int64_t bytes = -1;
	size_t len = strlen(key);

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, len) || line[len] != ':')
			continue;
		if (sscanf(line + len, ":%llu %3s", &number, unit) < 1)
			break;
		bytes = number << (*unit == 'M' ? 20 : *unit == 'K' ? 10 : 0);
	}
	if (file)
		fclose(file);
	return bytes;
}

TEST_F(fdinfo, tells_memory_by_region)
{
	struct tt_bo hbm, host;
	int buf;

	EXPECT_EQ(0, fdinfo_bytes(self->path, "drm-total-hbm0"));
	EXPECT_EQ(0, fdinfo_bytes(self->path, "drm-total-system"));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 3 * TT_MIB, 1, &hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB + TT_PAGE, self->dev.system, &host));
	EXPECT_EQ(3 * TT_MIB, fdinfo_bytes(self->path, "drm-total-hbm0"));
	EXPECT_EQ(3 * TT_MIB, fdinfo_bytes(self->path, "drm-resident-hbm0"));
	EXPECT_EQ(0, fdinfo_bytes(self->path, "drm-shared-hbm0"));
	EXPECT_EQ(TT_MIB + TT_PAGE, fdinfo_bytes(self->path, "drm-total-system"));
	EXPECT_EQ(TT_MIB + TT_PAGE, fdinfo_bytes(self->path, "drm-resident-system"));
	ASSERT_EQ(0, drmPrimeHandleToFD(self->dev.fd, hbm.handle, DRM_CLOEXEC, &buf));
	EXPECT_EQ(3 * TT_MIB, fdinfo_bytes(self->path, "drm-total-hbm0"));
	EXPECT_EQ(3 * TT_MIB, fdinfo_bytes(self->path, "drm-shared-hbm0"));
	EXPECT_EQ(0, fdinfo_bytes(self->path, "drm-shared-system"));
	close(buf);
	tt_bo_close(&host);
	tt_bo_close(&hbm);
	EXPECT_EQ(0, fdinfo_bytes(self->path, "drm-total-hbm0"));
}

TEST_HARNESS_MAIN
