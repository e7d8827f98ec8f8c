// SPDX-License-Identifier: GPL-2.0-only
/* Fills: the pattern, its alignment, and nothing outside. */
#include <sys/mman.h>

#include "tt_harness.h"

#define GUARD 256

FIXTURE(fill)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_usage before;
};

FIXTURE_SETUP(fill)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
}

FIXTURE_TEARDOWN(fill)
{
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

static const uint64_t sizes[] = {
	4, 8, 12, 60, 64, 68, 4092, 4096, 4100, 65532, 65536, 65540, 131076, 1048572, 1048580,
};

/* True if @len bytes repeat the little-endian word @pattern. */
static bool is_filled(const unsigned char *p, uint64_t len, uint32_t pattern)
{
	const unsigned char word[] = { pattern, pattern >> 8, pattern >> 16, pattern >> 24 };

	return !memcmp(p, word, 4) && !memcmp(p, p + 4, len - 4);
}

static bool fill_is_exact(const struct tt_queue *queue, const struct tt_bo *bo, uint64_t offset,
			  uint64_t size, uint32_t pattern)
{
	unsigned char *p = (unsigned char *)bo->map + offset;

	memset(p - GUARD, 0xa5, size + 2 * GUARD);
	return tt_fact("error", 0, tt_fill(queue, bo, offset, size, pattern)) &&
	       tt_fact("pattern repeats", true, is_filled(p, size, pattern)) &&
	       tt_fact("guard before", GUARD, tt_byte_match(p - GUARD, GUARD, 0xa5)) &&
	       tt_fact("guard after", GUARD, tt_byte_match(p + size, GUARD, 0xa5));
}

TEST_F(fill, every_size_in_every_region)
{
	struct tt_bo bo;
	uint32_t i;
	size_t k;

	for (i = 0; i < self->dev.info.num_regions; i++) {
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, 2 * TT_MIB, 1ull << i, &bo));
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			EXPECT_TRUE(fill_is_exact(&self->queue, &bo, GUARD + 4 * k, sizes[k],
						  0x01020304 + k)) {
				TH_LOG("region %u, %llu bytes", i, (unsigned long long)sizes[k]);
			}
		}
		tt_bo_close(&bo);
	}
}

TEST_F(fill, pinned_memory_at_odd_addresses)
{
	char *mem = tt_pages(2 * TT_MIB);
	struct tt_bo bo;
	size_t k;
	int odd;

	/* The offset in the BO is a multiple of 4, the address is not. */
	ASSERT_NE(NULL, mem);
	for (odd = 1; odd < 4; odd++) {
		ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + odd, 2 * TT_MIB - 4, 0, &bo));
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			EXPECT_TRUE(fill_is_exact(&self->queue, &bo, GUARD, sizes[k], 0x0a0b0c0d)) {
				TH_LOG("case %d", (int)k);
			}
		}
		tt_bo_close(&bo);
	}
}

TEST_F(fill, large_fill_is_exact)
{
	uint64_t size = tt_scale(256, 64) * TT_MIB;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size + 2 * GUARD, self->dev.hbm, &bo));
	EXPECT_TRUE(fill_is_exact(&self->queue, &bo, GUARD, size, 0xfeedface));
	tt_bo_close(&bo);
}

TEST_F(fill, small_ring_wraps)
{
	struct tt_queue queue;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 17 * TT_MIB, self->dev.hbm, &bo));
	EXPECT_TRUE(fill_is_exact(&queue, &bo, GUARD, 16 * TT_MIB + 4, 0x12345678));
	tt_bo_close(&bo);
	tt_queue_destroy(&queue);
}

TEST_F(fill, fills_and_copies_mix_in_order)
{
	struct drm_trn_op ops[3 * 8];
	struct tt_bo a, b;
	int i;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &b));
	for (i = 0; i < 8; i++) {
		uint64_t at = i * 65536ull;

		ops[3 * i] = tt_op_fill(&a, 0, 65536, 0x100 + i);
		ops[3 * i + 1] = tt_op_copy(&b, at, &a, 0, 65536);
		ops[3 * i + 2] = tt_op_fill(&a, 0, 65536, 0xbad);
	}
	ASSERT_EQ(0, tt_run(&self->queue, ops, ARRAY_SIZE(ops)));
	for (i = 0; i < 8; i++)
		EXPECT_TRUE(is_filled((unsigned char *)b.map + i * 65536, 65536, 0x100 + i));
	EXPECT_TRUE(is_filled(a.map, 65536, 0xbad));
	tt_bo_close(&a);
	tt_bo_close(&b);
}

TEST_F(fill, wrong_alignment_is_refused)
{
	struct tt_bo bo;
	int i;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	for (i = 1; i < 4; i++) {
		EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, i, 64, 1));
		EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 0, 64 + i, 1));
		EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 0, i, 1));
	}
	EXPECT_EQ(TT_PAGE, tt_byte_match(bo.map, TT_PAGE, 0));
	tt_bo_close(&bo);
}

TEST_F(fill, range_outside_the_bo_is_refused)
{
	uint64_t size = self->dev.info.bo_granule;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &bo));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 0, 0, 1));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 0, size + 4, 1));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 4, size, 1));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, size, 4, 1));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, ~0ull - 3, 8, 1));
	EXPECT_EQ(-EINVAL, tt_fill(&self->queue, &bo, 4, ~0ull - 3, 1));
	tt_bo_close(&bo);
}

TEST_F(fill, source_fields_are_refused)
{
	struct drm_trn_op op;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	op = tt_op_fill(&bo, 0, 64, 1);
	op.src = bo.handle;
	EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
	op = tt_op_fill(&bo, 0, 64, 1);
	op.src_offset = 64;
	EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
	tt_bo_close(&bo);
}

TEST_HARNESS_MAIN
