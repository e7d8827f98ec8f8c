// SPDX-License-Identifier: GPL-2.0-only
/* Copies: every size class, every pair of memories, every engine and queue. */
#include <sys/mman.h>

#include "tt_harness.h"

/* Bytes around a destination that must not change. */
#define GUARD 256

FIXTURE(copy)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_usage before;
};

FIXTURE_SETUP(copy)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
}

FIXTURE_TEARDOWN(copy)
{
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* One copy, with guards on both sides of the destination; true if all is right. */
static bool copy_is_exact(const struct tt_queue *queue,
			  const struct tt_bo *dst, uint64_t dst_offset,
			  const struct tt_bo *src, uint64_t src_offset, uint64_t size)
{
	unsigned char *to = (unsigned char *)dst->map + dst_offset;
	uint64_t before = dst_offset < GUARD ? dst_offset : GUARD;
	uint64_t after = dst->size - dst_offset - size;
	uint64_t seed = size * 31 + dst_offset * 7 + src_offset;

	if (after > GUARD)
		after = GUARD;
	tt_pattern_fill((char *)src->map + src_offset, size, seed);
	memset(to - before, 0xa5, before + size + after);
	return tt_fact("error", 0, tt_copy(queue, dst, dst_offset, src, src_offset, size)) &&
	       tt_fact("bytes copied", size, tt_pattern_match(to, size, seed)) &&
	       tt_fact("guard before", before, tt_byte_match(to - before, before, 0xa5)) &&
	       tt_fact("guard after", after, tt_byte_match(to + size, after, 0xa5));
}

static const uint64_t small_sizes[] = {
	1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024,
	4095, 4096, 4097, 8191, 8193, 65535, 65536, 65537, 131071, 131072, 131073, 1048575,
	1048576, 1048577,
};

static const uint64_t odd_offsets[] = { 0, 1, 3, 61, 4093, 65533 };

/*
 * All memories that a BO can live in: the stacks, host memory, pinned memory.
 * Returns how many, or a negative errno.
 */
static int open_memories(const struct tt_device *dev, uint64_t size, struct tt_bo *bos)
{
	uint32_t i;
	int ret;

	for (i = 0; i < dev->info.num_regions; i++) {
		ret = tt_bo_create(dev->fd, size, 1ull << i, &bos[i]);
		if (ret)
			return ret;
	}
	ret = tt_bo_userptr(dev->fd, tt_pages(size), size, 0, &bos[i]);
	return ret ? ret : (int)i + 1;
}

static void close_memories(struct tt_bo *bos, int n)
{
	void *pages = bos[n - 1].map;
	uint64_t size = bos[n - 1].size;

	while (n--)
		tt_bo_close(&bos[n]);
	munmap(pages, size);
}

TEST_F(copy, every_size_class_in_every_direction)
{
	struct tt_bo src[TT_MAX_REGIONS + 1], dst[TT_MAX_REGIONS + 1];
	uint64_t room = 2 * TT_MIB;
	int n, i, j;
	size_t k;

	n = open_memories(&self->dev, room, src);
	ASSERT_LT(2, n);
	ASSERT_EQ(n, open_memories(&self->dev, room, dst));
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			for (k = 0; k < ARRAY_SIZE(small_sizes); k++) {
				EXPECT_TRUE(copy_is_exact(&self->queue, &dst[j], GUARD, &src[i], 0,
							  small_sizes[k])) {
					TH_LOG("from memory %d to %d, %llu bytes", i, j,
					       (unsigned long long)small_sizes[k]);
				}
			}
		}
	}
	close_memories(dst, n);
	close_memories(src, n);
}

TEST_F(copy, odd_offsets_in_every_direction)
{
	static const uint64_t sizes[] = { 1, 63, 4097, 65536, 196609 };
	struct tt_bo src[TT_MAX_REGIONS + 1], dst[TT_MAX_REGIONS + 1];
	size_t a, b, k;
	int n, pair;

	n = open_memories(&self->dev, TT_MIB, src);
	ASSERT_LT(2, n);
	ASSERT_EQ(n, open_memories(&self->dev, TT_MIB, dst));
	for (pair = 0; pair < n * n; pair++) {
		for (a = 0; a < ARRAY_SIZE(odd_offsets); a++) {
			/* Each source offset with each destination offset, over the pairs. */
			b = (a + pair) % ARRAY_SIZE(odd_offsets);
			k = (a + pair) % ARRAY_SIZE(sizes);
			EXPECT_TRUE(copy_is_exact(&self->queue, &dst[pair / n], odd_offsets[b],
						  &src[pair % n], odd_offsets[a], sizes[k])) {
				TH_LOG("from %d+%llu to %d+%llu, %llu bytes", pair % n,
				       (unsigned long long)odd_offsets[a], pair / n,
				       (unsigned long long)odd_offsets[b],
				       (unsigned long long)sizes[k]);
			}
		}
	}
	close_memories(dst, n);
	close_memories(src, n);
}

TEST_F(copy, large_sizes_are_exact)
{
	static const uint64_t sizes[] = { 16 * TT_MIB - 1, 64 * TT_MIB + 1, 128 * TT_MIB };
	struct tt_bo src, dst;
	size_t k;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 129 * TT_MIB, self->dev.hbm, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 129 * TT_MIB, self->dev.system, &dst));
	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		EXPECT_TRUE(copy_is_exact(&self->queue, &dst, GUARD + 1, &src, 3, sizes[k])) {
			TH_LOG("to host memory, %llu bytes", (unsigned long long)sizes[k]);
		}
		EXPECT_TRUE(copy_is_exact(&self->queue, &src, GUARD + 1, &dst, 3, sizes[k])) {
			TH_LOG("to HBM, %llu bytes", (unsigned long long)sizes[k]);
		}
	}
	tt_bo_close(&dst);
	tt_bo_close(&src);
}

TEST_F(copy, one_gibibyte_is_exact)
{
	struct drm_trn_op ops[32];
	struct tt_bo src, dst;
	uint64_t size = TT_GIB, block = 64 * TT_MIB, at;
	int n = 0;

	/* A block with its own pattern, then doubled by the device. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size + TT_PAGE, self->dev.hbm, &dst));
	tt_pattern_fill(src.map, block, 21);
	for (at = block; at < size; at *= 2)
		ops[n++] = tt_op_copy(&src, at, &src, 0, at);
	/* Marks that tell the copies of the block apart. */
	for (at = 0; at < size / block; at++)
		ops[n++] = tt_op_fill(&src, at * (block + 4096), 64, 0x01010101 * at);
	ASSERT_EQ(0, tt_run(&self->queue, ops, n));
	memset((char *)dst.map + size, 0xa5, TT_PAGE);
	ASSERT_EQ(0, tt_copy(&self->queue, &dst, 0, &src, 0, size));
	EXPECT_EQ(TT_PAGE, tt_byte_match((char *)dst.map + size, TT_PAGE, 0xa5));
	for (at = 0; at < size; at += block) {
		unsigned char *p = (unsigned char *)dst.map + at;
		uint64_t mark = 4096 * (at / block);

		EXPECT_EQ(64, tt_byte_match(p + mark, 64, at / block));
		EXPECT_EQ(mark, tt_pattern_match(p, mark, 21));
	}
	EXPECT_EQ(0, memcmp(src.map, dst.map, size));
	tt_bo_close(&dst);
	tt_bo_close(&src);
}

TEST_F(copy, small_ring_wraps_for_one_large_copy)
{
	uint64_t size = tt_scale(64, 16) * TT_MIB + 12345;
	struct tt_queue queue;
	struct tt_bo src, dst;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queue));
	ASSERT_EQ(64, queue.ring_size);
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size + 1, self->dev.hbm, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size + 1, self->dev.hbm, &dst));
	EXPECT_TRUE(copy_is_exact(&queue, &dst, 0, &src, 1, size));
	tt_bo_close(&dst);
	tt_bo_close(&src);
	tt_queue_destroy(&queue);
}

TEST_F(copy, small_rings_wrap_many_laps)
{
	static const uint32_t rings[] = { 64, 80, 1008 };
	unsigned int i, r, laps = tt_scale(20, 5);
	struct tt_queue queue;
	struct tt_bo src, dst;
	uint64_t point;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &dst));
	for (r = 0; r < ARRAY_SIZE(rings); r++) {
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, rings[r], &queue));
		ASSERT_EQ(rings[r], queue.ring_size);
		tt_pattern_fill(src.map, TT_MIB, 30 + r);
		memset(dst.map, 0, TT_MIB);
		/* The slots of one round: 1021 copies that tile the destination. */
		for (i = 0; i < laps * rings[r]; i++) {
			uint64_t at = i % 1021 * 1027;
			struct drm_trn_op op = tt_op_copy(&dst, at, &src, at, 1027);

			ASSERT_EQ(0, tt_submit(&queue, &op, 1, &point));
		}
		ASSERT_EQ(0, tt_wait(&queue, point));
		uint64_t done = i < 1021 ? i * 1027 : 1021 * 1027;

		EXPECT_EQ(done, tt_pattern_match(dst.map, done, 30 + r)) {
			TH_LOG("case %d", (int)r);
		}
		tt_queue_destroy(&queue);
	}
	tt_bo_close(&dst);
	tt_bo_close(&src);
}

TEST_F(copy, batch_of_max_ops_is_exact)
{
	uint32_t i, n = self->dev.info.max_ops;
	struct drm_trn_op *ops = calloc(n, sizeof(*ops));
	uint64_t size = n * 97ull;
	struct tt_bo src, dst;

	ASSERT_NE(NULL, ops);
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.system, &dst));
	tt_pattern_fill(src.map, size, 40);
	/* From the back, so that order in memory is not order of time. */
	for (i = 0; i < n; i++)
		ops[i] = tt_op_copy(&dst, (n - 1 - i) * 97ull, &src, (n - 1 - i) * 97ull, 97);
	ASSERT_EQ(0, tt_run(&self->queue, ops, n));
	EXPECT_EQ(size, tt_pattern_match(dst.map, size, 40));
	tt_bo_close(&dst);
	tt_bo_close(&src);
	free(ops);
}

TEST_F(copy, operations_of_one_submit_run_in_order)
{
	uint64_t size = TT_MIB + 1;
	struct drm_trn_op ops[48];
	struct tt_bo bo[4];
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, i & 1 ? self->dev.system
								    : self->dev.hbm, &bo[i]));
	tt_pattern_fill(bo[0].map, size, 50);
	/* Round and round: each copy needs the one before it, and to follow its fill. */
	for (i = 0; i < 24; i++) {
		ops[2 * i] = tt_op_fill(&bo[(i + 1) % 4], 0, TT_MIB, i);
		ops[2 * i + 1] = tt_op_copy(&bo[(i + 1) % 4], 0, &bo[i % 4], 0, size);
	}
	ASSERT_EQ(0, tt_run(&self->queue, ops, 48));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(size, tt_pattern_match(bo[i].map, size, 50));
		tt_bo_close(&bo[i]);
	}
}

TEST_F(copy, submissions_of_one_queue_run_in_order)
{
	uint64_t size = 4 * TT_MIB, point = 0, last = 0;
	struct tt_bo bo[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &bo[i]));
	tt_pattern_fill(bo[0].map, size, 51);
	for (i = 0; i < 30; i++) {
		struct drm_trn_op op = tt_op_copy(&bo[(i + 1) % 3], 0, &bo[i % 3], 0, size);

		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
		EXPECT_EQ(last + 1, point);
		last = point;
		/* Destroyed by a fill, restored by the chain a lap later. */
		op = tt_op_fill(&bo[i % 3], 0, size, 0x5a5a5a5a);
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
		EXPECT_EQ(last + 1, point);
		last = point;
	}
	ASSERT_EQ(0, tt_wait(&self->queue, point));
	EXPECT_EQ(size, tt_pattern_match(bo[0].map, size, 51));
	EXPECT_EQ(size, tt_byte_match(bo[1].map, size, 0x5a));
	EXPECT_EQ(size, tt_byte_match(bo[2].map, size, 0x5a));
	for (i = 0; i < 3; i++)
		tt_bo_close(&bo[i]);
}

TEST_F(copy, overlap_in_one_bo_is_refused)
{
	static const struct { uint64_t dst, src, size; } overlaps[] = {
		{ 0, 0, 1 }, { 0, 0, 4096 }, { 1, 0, 2 }, { 0, 1, 2 }, { 4095, 0, 4096 },
		{ 0, 4095, 4096 }, { 100, 200, 101 }, { 65536, 0, 65537 },
	};
	struct tt_bo bo;
	size_t i;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	tt_pattern_fill(bo.map, TT_MIB, 60);
	for (i = 0; i < ARRAY_SIZE(overlaps); i++) {
		EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &bo, overlaps[i].dst, &bo,
					   overlaps[i].src, overlaps[i].size)) {
			TH_LOG("%llu bytes from %llu to %llu",
			       (unsigned long long)overlaps[i].size,
			       (unsigned long long)overlaps[i].src,
			       (unsigned long long)overlaps[i].dst);
		}
	}
	EXPECT_EQ(TT_MIB, tt_pattern_match(bo.map, TT_MIB, 60));
	tt_bo_close(&bo);
}

TEST_F(copy, adjacent_ranges_in_one_bo_are_copied)
{
	static const uint64_t sizes[] = { 1, 64, 4096, 65536, 65537, 524288 };
	struct tt_bo bo;
	size_t i;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t size = sizes[i];

		tt_pattern_fill(bo.map, size, 61 + i);
		ASSERT_EQ(0, tt_copy(&self->queue, &bo, size, &bo, 0, size));
		EXPECT_EQ(size, tt_pattern_match((char *)bo.map + size, size, 61 + i)) {
			TH_LOG("up by %llu bytes", (unsigned long long)size);
		}
		memset(bo.map, 0, size);
		ASSERT_EQ(0, tt_copy(&self->queue, &bo, 0, &bo, size, size));
		EXPECT_EQ(size, tt_pattern_match(bo.map, size, 61 + i)) {
			TH_LOG("down by %llu bytes", (unsigned long long)size);
		}
	}
	tt_bo_close(&bo);
}

TEST_F(copy, ranges_outside_the_bo_are_refused)
{
	uint64_t size = self->dev.info.bo_granule;
	struct tt_bo a, b;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, self->dev.hbm, &b));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 0, &b, 0, 0));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 0, &b, 0, size + 1));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 1, &b, 0, size));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 0, &b, 1, size));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, size, &b, 0, 1));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, ~0ull, &b, 0, 1));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, ~0ull, &b, 0, 2));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 0, &b, ~0ull - 7, 16));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 0, &b, 0, ~0ull));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &a, 1ull << 63, &b, 1ull << 63, 1ull << 63));
	EXPECT_EQ(0, tt_copy(&self->queue, &a, size - 1, &b, size - 1, 1));
	tt_bo_close(&a);
	tt_bo_close(&b);
}

TEST_F(copy, userptr_ends_at_its_last_byte)
{
	char *mem = tt_pages(2 * TT_PAGE);
	struct tt_bo bo, hbm;

	/* The page goes on, the BO does not. */
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + 100, 50, 0, &bo));
	EXPECT_EQ(0, tt_copy(&self->queue, &bo, 0, &hbm, 0, 50));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &bo, 0, &hbm, 0, 51));
	EXPECT_EQ(-EINVAL, tt_copy(&self->queue, &bo, 50, &hbm, 0, 1));
	tt_bo_close(&bo);
	tt_bo_close(&hbm);
}

/* One copy through @queue between two stacks; true if the bytes arrived. */
static bool queue_copies(const struct tt_queue *queue, const struct tt_bo *dst,
			 const struct tt_bo *src)
{
	uint64_t seed = queue->engine * 16 + queue->hw_queue;

	tt_pattern_fill(src->map, TT_PAGE, seed);
	return tt_fact("error", 0, tt_copy(queue, dst, 0, src, 0, TT_PAGE)) &&
	       tt_fact("bytes copied", TT_PAGE, tt_pattern_match(dst->map, TT_PAGE, seed));
}

TEST_F(copy, every_engine_and_every_free_queue_copies)
{
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	struct tt_queue queues[64];
	struct tt_bo src, dst;
	int e, n = tt_query_engines(self->dev.fd, engines, TT_MAX_ENGINES);

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.system, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &dst));
	for (e = 0; e < n; e++) {
		uint32_t taken = 0, seen = 0, i;
		int ret;

		EXPECT_LT(0, engines[e].free_queues);
		while (!(ret = tt_queue_create(self->dev.fd, e, 64, &queues[taken]))) {
			EXPECT_EQ((uint32_t)e, queues[taken].engine);
			EXPECT_EQ(0, seen & 1u << queues[taken].hw_queue);
			seen |= 1u << queues[taken].hw_queue;
			EXPECT_TRUE(queue_copies(&queues[taken], &dst, &src)) {
				TH_LOG("engine %d queue %u", e, queues[taken].hw_queue);
			}
			taken++;
		}
		EXPECT_EQ(-EBUSY, ret);
		EXPECT_EQ(engines[e].free_queues, taken);
		for (i = 0; i < taken; i++)
			EXPECT_EQ(0, tt_queue_destroy(&queues[i]));
	}
	tt_bo_close(&dst);
	tt_bo_close(&src);
}

TEST_F(copy, all_engines_at_once_copy)
{
	uint64_t size = TT_MIB, points[32];
	struct tt_queue queues[32];
	struct tt_bo src[32], dst;
	int i;

	/* More queues than vCPUs, of engines all over the chip. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 32 * size, self->dev.system, &dst));
	for (i = 0; i < 32; i++) {
		struct drm_trn_op op;

		ASSERT_EQ(0, tt_queue_create(self->dev.fd, i * 4 + i / 8, 64, &queues[i]));
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, size, 1ull << i % 4 & self->dev.hbm ?: 1,
					  &src[i]));
		tt_pattern_fill(src[i].map, size, 70 + i);
		op = tt_op_copy(&dst, i * size, &src[i], 0, size);
		ASSERT_EQ(0, tt_submit(&queues[i], &op, 1, &points[i]));
	}
	for (i = 0; i < 32; i++) {
		EXPECT_EQ(0, tt_wait(&queues[i], points[i]));
		EXPECT_EQ(size, tt_pattern_match((char *)dst.map + i * size, size, 70 + i));
		tt_queue_destroy(&queues[i]);
		tt_bo_close(&src[i]);
	}
	tt_bo_close(&dst);
}

TEST_HARNESS_MAIN
