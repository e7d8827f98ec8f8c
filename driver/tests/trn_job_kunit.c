// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor pairs of a job, and its fence. The BOs are tables of segments without memory.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>

#include "base/trn_fence.h"
#include "mem/trn_gem.h"
#include "queue/trn_job.h"
#include "queue/trn_ring.h"
#include "regs/trn_chip.h"

static struct trn_seg hbm_segs[] = {
	{ 0x1000000, SZ_256K },
	{ 0x9000000, SZ_256K + SZ_4K },
};

/* User memory that starts 0xfff into a page and goes on elsewhere. */
static struct trn_seg user_segs[] = {
	{ TRN_CHIP_HOST | 0x5fff, 1 },
	{ TRN_CHIP_HOST | 0x9000, 1 + SZ_4K },
	{ TRN_CHIP_HOST | 0x20000, SZ_256K + SZ_4K },
};

static struct trn_seg pattern_segs[] = {
	{ TRN_CHIP_HOST | 0x700000, SZ_64K },
};

static struct trn_bo hbm_bo = {
	.size = SZ_256K + SZ_4K, .segs = hbm_segs, .num_segs = ARRAY_SIZE(hbm_segs),
};

static struct trn_bo user_bo = {
	.size = SZ_256K + SZ_4K, .segs = user_segs, .num_segs = ARRAY_SIZE(user_segs),
};

static struct trn_bo pattern_bo = {
	.size = SZ_64K, .segs = pattern_segs, .num_segs = ARRAY_SIZE(pattern_segs),
};

static struct trn_job *job_new(struct kunit *test, const struct trn_op *ops, u32 num)
{
	struct trn_job *job = kunit_kzalloc(test, struct_size(job, ops, num), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	job->num_ops = num;
	memcpy(job->ops, ops, num * sizeof(*ops));
	return job;
}

/* Chip address of a byte, found by a linear search. */
static u64 addr_of(const struct trn_bo *bo, u64 offset)
{
	u64 start = 0;
	u32 i;

	for (i = 0; offset >= bo->segs[i].end; i++)
		start = bo->segs[i].end;
	return bo->segs[i].addr + offset - start;
}

static void check_op(struct kunit *test, struct trn_job *job, const struct trn_op *op,
		     bool last_op)
{
	struct trn_ring_copy copy;
	bool more = true;
	u64 pos = 0;

	while (pos < op->size) {
		u64 src = op->fill ? pos % 4 : op->src_offset + pos;

		KUNIT_ASSERT_TRUE(test, more);
		more = trn_job_next_copy(job, &copy);
		KUNIT_ASSERT_GT(test, copy.len, 0);
		KUNIT_ASSERT_LE(test, copy.len, SZ_64K);
		KUNIT_ASSERT_LE(test, pos + copy.len, op->size);
		KUNIT_EXPECT_EQ(test, copy.first, pos == 0);
		KUNIT_EXPECT_EQ(test, copy.last, pos + copy.len == op->size);
		/* First and last byte: what lies between is contiguous. */
		KUNIT_EXPECT_EQ(test, copy.dst, addr_of(op->dst, op->dst_offset + pos));
		KUNIT_EXPECT_EQ(test, copy.dst + copy.len - 1,
				addr_of(op->dst, op->dst_offset + pos + copy.len - 1));
		KUNIT_EXPECT_EQ(test, copy.src, addr_of(op->src, src));
		KUNIT_EXPECT_EQ(test, copy.src + copy.len - 1,
				addr_of(op->src, src + copy.len - 1));
		pos += copy.len;
	}
	KUNIT_EXPECT_EQ(test, more, !last_op);
}

static void job_splits_where_addresses_do(struct kunit *test)
{
	static const u64 sizes[] = { 1, 2, 3, SZ_4K, SZ_64K - 1, SZ_64K, SZ_64K + 1, SZ_256K };
	u32 i, offset;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (offset = 0; offset < 3; offset++) {
			struct trn_op op = {
				.dst = &hbm_bo, .src = &user_bo, .dst_offset = SZ_4K - offset,
				.src_offset = offset, .size = sizes[i],
			};

			check_op(test, job_new(test, &op, 1), &op, true);
		}
}

static void job_counts_pairs(struct kunit *test)
{
	/* 1 + 4096 + 61440 bytes of user memory to one piece of HBM. */
	const struct trn_op op = { .dst = &hbm_bo, .src = &user_bo, .size = SZ_64K + 1 };
	struct trn_job *job = job_new(test, &op, 1);
	struct trn_ring_copy copy;

	KUNIT_EXPECT_TRUE(test, trn_job_next_copy(job, &copy));
	KUNIT_EXPECT_EQ(test, copy.len, 1);
	KUNIT_EXPECT_TRUE(test, trn_job_next_copy(job, &copy));
	KUNIT_EXPECT_EQ(test, copy.len, SZ_4K);
	KUNIT_EXPECT_FALSE(test, trn_job_next_copy(job, &copy));
	KUNIT_EXPECT_EQ(test, copy.len, SZ_64K - SZ_4K);
}

static void job_runs_operations_in_order(struct kunit *test)
{
	const struct trn_op ops[] = {
		{ .dst = &hbm_bo, .src = &user_bo, .size = SZ_256K },
		{ .dst = &hbm_bo, .src = &pattern_bo, .dst_offset = SZ_256K - 4, .size = 8,
		  .fill = true },
		{ .dst = &user_bo, .src = &hbm_bo, .src_offset = SZ_256K - 1, .size = 2 },
	};
	struct trn_job *job = job_new(test, ops, ARRAY_SIZE(ops));
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		check_op(test, job, &ops[i], i == ARRAY_SIZE(ops) - 1);
}

static void job_fill_keeps_the_phase(struct kunit *test)
{
	/* The first piece of the destination is one byte long. */
	const struct trn_op op = {
		.dst = &user_bo, .src = &pattern_bo, .size = SZ_256K, .fill = true,
	};

	check_op(test, job_new(test, &op, 1), &op, true);
}

static void fence_carries_its_error(struct kunit *test)
{
	struct dma_fence *fence = trn_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(test, fence);
	trn_fence_start(fence, "test", dma_fence_context_alloc(1), 1, false);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 0);
	KUNIT_EXPECT_STREQ(test, fence->ops->get_driver_name(fence), "trn");
	KUNIT_EXPECT_STREQ(test, fence->ops->get_timeline_name(fence), "test");
	dma_fence_set_error(fence, -ETIME);
	dma_fence_signal(fence);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), -ETIME);
	dma_fence_put(fence);
}

static void fence_that_leaves_holds_the_module(struct kunit *test)
{
	struct dma_fence *fence = trn_fence_alloc();
	int before;

	KUNIT_ASSERT_NOT_NULL(test, fence);
	if (!IS_MODULE(CONFIG_DRM_ACCEL_TRN)) {
		trn_fence_discard(fence);
		kunit_skip(test, "the driver is not a module");
	}
	before = module_refcount(THIS_MODULE);
	trn_fence_start(fence, "test", dma_fence_context_alloc(1), 1, true);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	/* The fence is freed by a callback of RCU. */
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

static struct kunit_case job_cases[] = {
	KUNIT_CASE(job_splits_where_addresses_do),
	KUNIT_CASE(job_counts_pairs),
	KUNIT_CASE(job_runs_operations_in_order),
	KUNIT_CASE(job_fill_keeps_the_phase),
	{}
};

static struct kunit_suite job_suite = {
	.name = "trn_job",
	.test_cases = job_cases,
};

static struct kunit_case fence_cases[] = {
	KUNIT_CASE(fence_carries_its_error),
	KUNIT_CASE(fence_that_leaves_holds_the_module),
	{}
};

static struct kunit_suite fence_suite = {
	.name = "trn_fence",
	.test_cases = fence_cases,
};

kunit_test_suites(&job_suite, &fence_suite);
