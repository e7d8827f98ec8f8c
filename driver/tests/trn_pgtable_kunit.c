// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables, read back by a walk as in the manual (trnx 10.1). The BOs are tables of
 * segments without memory.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "regs/trn_chip.h"
#include "regs/trn_trnx.h"
#include "vm/trn_pgtable.h"
#include "vm/trn_pgtable_reserve.h"
#include "vm/trn_range.h"

#define RW		(TRNX_PTE_READ | TRNX_PTE_WRITE)
#define VA		0x7f8000000000ULL	/* a multiple of 1 GiB */
#define LIMIT		SZ_1M

/* More than a leaf of each size, contiguous, from a multiple of 1 GiB on. */
static struct trn_seg large_segs[] = { { 0x140000000ULL, SZ_2G } };
static struct trn_bo large_bo = {
	.size = SZ_2G, .segs = large_segs, .num_segs = ARRAY_SIZE(large_segs),
};

/* User memory that starts 0xfff into a page and goes on elsewhere; its end is odd, too. */
static struct trn_seg user_segs[] = {
	{ TRN_CHIP_HOST | 0x5fff, 1 },
	{ TRN_CHIP_HOST | 0x9000, 1 + SZ_4K },
	{ TRN_CHIP_HOST | 0x200000, 1 + SZ_4K + SZ_4M },
	{ TRN_CHIP_HOST | 0x1000000, 1 + SZ_4K + SZ_4M + 5 },
};

static struct trn_bo user_bo = {
	.size = 1 + SZ_4K + SZ_4M + 5, .segs = user_segs, .num_segs = ARRAY_SIZE(user_segs),
};

struct ctx {
	struct device *dev;
	struct trn_budget *budget;
	struct trn_pgtable pgt;
	struct trn_pgtable_reserve reserve;
	unsigned int max_level;
};

/* Translation of an address by the device. */
struct leaf {
	u64 addr;	/* of the byte */
	u64 flags;
	u64 size;	/* 0: no translation */
};

static struct leaf walk(struct kunit *test, u64 va)
{
	struct ctx *ctx = test->priv;
	u64 table = trn_table_addr(ctx->pgt.root);
	int shift;

	for (shift = 39; shift >= 12; shift -= 9) {
		__le64 *entries = phys_to_virt(dma_to_phys(ctx->dev, table & ~TRN_CHIP_HOST));
		u64 entry = le64_to_cpu(entries[va >> shift & 511]);

		if (!(entry & BIT(0)))
			return (struct leaf) {};
		if (entry & BIT(3)) {
			u64 mask = BIT_ULL(shift) - 1;
			u64 addr = entry & GENMASK_ULL(47, 12);

			KUNIT_EXPECT_LT(test, shift, 39);
			KUNIT_EXPECT_EQ(test, addr & mask, 0);
			KUNIT_EXPECT_EQ(test, entry & ~(GENMASK_ULL(47, 12) | 0xf), 0);
			return (struct leaf) {
				.addr = addr | (va & mask),
				.flags = entry & (BIT(1) | BIT(2)),
				.size = mask + 1,
			};
		}
		KUNIT_EXPECT_EQ(test, entry & ~(GENMASK_ULL(47, 12) | BIT(0)), 0);
		KUNIT_EXPECT_TRUE(test, entry & TRN_CHIP_HOST);
		table = entry & GENMASK_ULL(47, 12);
	}
	KUNIT_FAIL(test, "table where a leaf must be");
	return (struct leaf) {};
}

static void expect_leaf(struct kunit *test, u64 va, u64 addr, u64 flags, u64 size)
{
	struct leaf leaf = walk(test, va);

	KUNIT_EXPECT_EQ(test, leaf.addr, addr);
	KUNIT_EXPECT_EQ(test, leaf.flags, flags);
	KUNIT_EXPECT_EQ(test, leaf.size, size);
}

static void expect_nothing(struct kunit *test, u64 va)
{
	KUNIT_EXPECT_EQ(test, walk(test, va).size, 0);
}

/* Take the stale tables and free them, as after an invalidation. */
static void forget(struct ctx *ctx)
{
	LIST_HEAD(tables);

	trn_pgtable_take_stale(&ctx->pgt, &tables);
	trn_table_free_list(&ctx->pgt.memory, &tables);
}

static void expect_stale(struct kunit *test, u64 start, u64 size)
{
	struct ctx *ctx = test->priv;

	KUNIT_EXPECT_LE(test, ctx->pgt.stale_start, start);
	KUNIT_EXPECT_GE(test, ctx->pgt.stale_end, start + size);
}

static int plan_map(struct ctx *ctx, const struct trn_range *range)
{
	ctx->max_level = max(ctx->max_level, trn_pgtable_reserve_map(&ctx->reserve, range));
	return trn_pgtable_reserve_alloc(&ctx->reserve, &ctx->pgt);
}

static void end_plan(struct ctx *ctx)
{
	trn_pgtable_reserve_free(&ctx->reserve, &ctx->pgt);
	trn_pgtable_reserve_init(&ctx->reserve);
}

static void map(struct kunit *test, const struct trn_bo *bo, u64 offset, u64 va, u64 size,
		u64 flags)
{
	struct trn_range range = {
		.va = va, .size = size, .bo = bo, .offset = offset, .flags = flags,
	};
	struct ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, plan_map(ctx, &range), 0);
	trn_pgtable_map(&ctx->pgt, &range, &ctx->reserve);
	end_plan(ctx);
}

static void unmap(struct kunit *test, u64 va, u64 size)
{
	struct ctx *ctx = test->priv;

	trn_pgtable_reserve_unmap(&ctx->reserve, va, size, ctx->max_level);
	KUNIT_ASSERT_EQ(test, trn_pgtable_reserve_alloc(&ctx->reserve, &ctx->pgt), 0);
	trn_pgtable_unmap(&ctx->pgt, va, size, &ctx->reserve);
	end_plan(ctx);
}

static s64 used(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	return atomic64_read(&ctx->budget->used);
}

static void nothing_is_mapped_at_first(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	expect_nothing(test, 0);
	expect_nothing(test, VA);
	expect_nothing(test, BIT_ULL(48) - SZ_4K);
	KUNIT_EXPECT_FALSE(test, trn_pgtable_is_stale(&ctx->pgt));
}

static void leaves_are_as_large_as_they_can_be(struct kunit *test)
{
	u64 addr = large_segs[0].addr;

	map(test, &large_bo, SZ_1G, VA, SZ_1G, RW);
	expect_leaf(test, VA + 12345, addr + SZ_1G + 12345, RW, SZ_1G);
	expect_nothing(test, VA + SZ_1G);

	/* Reaches into the next leaf's place, but not to its end. */
	map(test, &large_bo, 0, VA + SZ_2G, SZ_4M + SZ_8K, TRNX_PTE_READ);
	expect_leaf(test, VA + SZ_2G, addr, TRNX_PTE_READ, SZ_2M);
	expect_leaf(test, VA + SZ_2G + SZ_2M, addr + SZ_2M, TRNX_PTE_READ, SZ_2M);
	expect_leaf(test, VA + SZ_2G + SZ_4M, addr + SZ_4M, TRNX_PTE_READ, SZ_4K);
	expect_leaf(test, VA + SZ_2G + SZ_4M + SZ_4K, addr + SZ_4M + SZ_4K, TRNX_PTE_READ, SZ_4K);
	expect_nothing(test, VA + SZ_2G + SZ_4M + SZ_8K);

	/* Address and memory are not aligned alike. */
	map(test, &large_bo, SZ_4K, VA + 3ULL * SZ_1G, SZ_4M, TRNX_PTE_WRITE);
	expect_leaf(test, VA + 3ULL * SZ_1G + SZ_2M, addr + SZ_2M + SZ_4K, TRNX_PTE_WRITE, SZ_4K);

	/* Small ones lead to where a large one can begin. */
	map(test, &large_bo, SZ_2M - SZ_4K, VA + 5ULL * SZ_1G - SZ_4K, SZ_4K + SZ_2M, RW);
	expect_leaf(test, VA + 5ULL * SZ_1G - SZ_4K, addr + SZ_2M - SZ_4K, RW, SZ_4K);
	expect_leaf(test, VA + 5ULL * SZ_1G, addr + SZ_2M, RW, SZ_2M);
}

static void unaligned_memory_appears_in_whole_pages(struct kunit *test)
{
	map(test, &user_bo, 0, VA, 3 * SZ_4K + SZ_4M, RW);
	/* The BO's first byte is the last of the first page. */
	expect_leaf(test, VA + 0xfff, TRN_CHIP_HOST | 0x5fff, RW, SZ_4K);
	expect_leaf(test, VA + 0x1000, TRN_CHIP_HOST | 0x9000, RW, SZ_4K);
	expect_leaf(test, VA + 0x2000, TRN_CHIP_HOST | 0x200000, RW, SZ_4K);
	expect_leaf(test, VA + 0x1fff + SZ_4M, TRN_CHIP_HOST | 0x5fffff, RW, SZ_4K);
	expect_leaf(test, VA + 0x2004 + SZ_4M, TRN_CHIP_HOST | 0x1000004, RW, SZ_4K);
	expect_nothing(test, VA + 0x3000 + SZ_4M);

	/* From its third page on it is aligned. */
	map(test, &user_bo, SZ_8K, VA + SZ_1G, SZ_4M, RW);
	expect_leaf(test, VA + SZ_1G + SZ_2M, TRN_CHIP_HOST | 0x400000, RW, SZ_2M);
	/* And from the middle of a piece. */
	map(test, &user_bo, SZ_4M + SZ_4K, VA + SZ_2G, SZ_8K, RW);
	expect_leaf(test, VA + SZ_2G, TRN_CHIP_HOST | 0x5ff000, RW, SZ_4K);
	expect_leaf(test, VA + SZ_2G + SZ_4K, TRN_CHIP_HOST | 0x1000000, RW, SZ_4K);
}

static void a_part_of_a_leaf_is_unmapped(struct kunit *test)
{
	u64 addr = large_segs[0].addr + SZ_1G;
	u64 hole = VA + SZ_512M + SZ_64K;

	map(test, &large_bo, SZ_1G, VA, SZ_1G, RW);
	unmap(test, hole, SZ_4K);
	expect_nothing(test, hole);
	expect_leaf(test, hole - 1, addr + (hole - VA) - 1, RW, SZ_4K);
	expect_leaf(test, hole + SZ_4K, addr + (hole - VA) + SZ_4K, RW, SZ_4K);
	expect_leaf(test, VA + SZ_512M - 1, addr + SZ_512M - 1, RW, SZ_2M);
	expect_leaf(test, VA + SZ_512M + SZ_2M, addr + SZ_512M + SZ_2M, RW, SZ_2M);
	/* The device may remember all of the leaf that was split. */
	expect_stale(test, VA, SZ_1G);
}

static void both_ends_of_a_hole_split_leaves(struct kunit *test)
{
	u64 addr = large_segs[0].addr;

	map(test, &large_bo, 0, VA, SZ_8M, RW);
	unmap(test, VA + SZ_2M - SZ_4K, SZ_4M + SZ_8K);
	expect_leaf(test, VA + SZ_2M - SZ_8K, addr + SZ_2M - SZ_8K, RW, SZ_4K);
	expect_nothing(test, VA + SZ_2M - SZ_4K);
	expect_nothing(test, VA + SZ_4M);
	expect_nothing(test, VA + SZ_4M + SZ_2M);
	expect_leaf(test, VA + SZ_4M + SZ_2M + SZ_4K, addr + SZ_4M + SZ_2M + SZ_4K, RW, SZ_4K);
}

static void unmapping_leaves_only_the_root(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	s64 idle = used(test);

	map(test, &user_bo, 0, VA - SZ_2M, 3 * SZ_4K + SZ_4M, RW);
	map(test, &large_bo, 0, SZ_4M, SZ_2G, RW);
	KUNIT_EXPECT_GT(test, used(test), idle);
	/* In parts, of which the last makes the table go. */
	unmap(test, VA - SZ_2M, SZ_2M);
	unmap(test, VA, SZ_4K);
	unmap(test, VA + SZ_4K, SZ_1G);
	/* Much that is not mapped, too. */
	unmap(test, 0, BIT_ULL(46));
	/* Tables are freed only after the invalidation. */
	KUNIT_EXPECT_GT(test, used(test), idle);
	forget(ctx);
	KUNIT_EXPECT_EQ(test, used(test), idle);
	KUNIT_EXPECT_FALSE(test, trn_pgtable_is_stale(&ctx->pgt));
}

static void only_what_was_valid_is_stale(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	map(test, &user_bo, 0, VA, 3 * SZ_4K, RW);
	map(test, &large_bo, 0, VA + SZ_2M, SZ_4M, RW);
	unmap(test, VA + SZ_1G, SZ_1G);
	KUNIT_EXPECT_FALSE(test, trn_pgtable_is_stale(&ctx->pgt));

	map(test, &user_bo, 0, VA + SZ_8K, SZ_4K, RW);
	KUNIT_EXPECT_EQ(test, ctx->pgt.stale_start, VA + SZ_8K);
	KUNIT_EXPECT_EQ(test, ctx->pgt.stale_end, VA + 3 * SZ_4K);
	forget(ctx);

	unmap(test, VA, SZ_4K);
	KUNIT_EXPECT_EQ(test, ctx->pgt.stale_start, VA);
	KUNIT_EXPECT_EQ(test, ctx->pgt.stale_end, VA + SZ_4K);
	forget(ctx);

	/* With the table goes all that could have been looked up in it. */
	unmap(test, VA + SZ_4K, SZ_8K);
	expect_stale(test, VA, SZ_2M);
}

static void a_large_leaf_replaces_tables(struct kunit *test)
{
	struct ctx *ctx = test->priv;
	s64 idle = used(test);
	u64 i;

	for (i = 0; i < 4; i++)
		map(test, &user_bo, 0, VA + i * SZ_256M, 3 * SZ_4K, RW);
	map(test, &large_bo, SZ_1G, VA, SZ_1G, TRNX_PTE_READ);
	expect_leaf(test, VA + SZ_4K, large_segs[0].addr + SZ_1G + SZ_4K, TRNX_PTE_READ, SZ_1G);
	expect_stale(test, VA, SZ_512M + SZ_256M + 3 * SZ_4K);
	forget(ctx);
	/* One table is left, which leads to the leaf. */
	KUNIT_EXPECT_EQ(test, used(test), 2 * idle);
}

static void a_small_leaf_is_cut_into_a_large_one(struct kunit *test)
{
	u64 addr = large_segs[0].addr + SZ_1G;

	map(test, &large_bo, SZ_1G, VA, SZ_1G, RW);
	map(test, &user_bo, SZ_4K, VA + SZ_2M + SZ_4K, SZ_4K, TRNX_PTE_READ);
	expect_leaf(test, VA + SZ_2M + SZ_4K, TRN_CHIP_HOST | 0x9000, TRNX_PTE_READ, SZ_4K);
	expect_leaf(test, VA + SZ_2M, addr + SZ_2M, RW, SZ_4K);
	expect_leaf(test, VA, addr, RW, SZ_2M);
	expect_stale(test, VA, SZ_1G);
}

/* Several changes by one reserve, which counts on tables that the others have made. */
static void one_plan_does_for_many_changes(struct kunit *test)
{
	struct trn_range small = { VA, SZ_8K, &user_bo, 0, RW };
	struct trn_range next = { VA + SZ_8K, SZ_4K, &user_bo, SZ_8K, RW };
	struct trn_range large = { VA, SZ_2M, &large_bo, 0, RW };
	struct trn_range odd = { VA, SZ_2M, &large_bo, SZ_4K, RW };
	struct ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, plan_map(ctx, &small), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.leaves), 1);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.dirs), 2);
	KUNIT_ASSERT_EQ(test, plan_map(ctx, &next), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.leaves), 1);
	KUNIT_ASSERT_EQ(test, plan_map(ctx, &large), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.leaves), 1);
	/* The leaf before it has done away with the table. */
	KUNIT_ASSERT_EQ(test, plan_map(ctx, &odd), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.leaves), 2);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ctx->reserve.dirs), 2);

	trn_pgtable_map(&ctx->pgt, &small, &ctx->reserve);
	trn_pgtable_map(&ctx->pgt, &next, &ctx->reserve);
	expect_leaf(test, VA + SZ_8K, TRN_CHIP_HOST | 0x200000, RW, SZ_4K);
	trn_pgtable_map(&ctx->pgt, &large, &ctx->reserve);
	trn_pgtable_map(&ctx->pgt, &odd, &ctx->reserve);
	expect_leaf(test, VA + SZ_8K, large_segs[0].addr + 3 * SZ_4K, RW, SZ_4K);
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->reserve.leaves));
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->reserve.dirs));
}

/* Memory that goes away between counting and mapping leaves the rest of the reserve in order. */
static void what_is_gone_takes_its_tables(struct kunit *test)
{
	struct trn_range range = {
		.va = VA, .size = SZ_64K, .bo = &large_bo, .offset = SZ_4K, .flags = RW,
	};
	struct ctx *ctx = test->priv;
	s64 tables;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, plan_map(ctx, &range), 0);
	tables = used(test);
	trn_pgtable_map(&ctx->pgt, &range, &ctx->reserve);
	trn_pgtable_map_nothing(&ctx->pgt, &range, &ctx->reserve);
	expect_nothing(test, VA);
	expect_nothing(test, VA + SZ_64K - SZ_4K);
	expect_stale(test, VA, SZ_64K);
	trn_pgtable_map(&ctx->pgt, &range, &ctx->reserve);
	expect_leaf(test, VA, large_segs[0].addr + SZ_4K, RW, SZ_4K);
	trn_pgtable_map_nothing(&ctx->pgt, &range, &ctx->reserve);
	end_plan(ctx);
	KUNIT_EXPECT_EQ(test, used(test), tables);
	/* They go with the range. */
	unmap(test, VA, SZ_64K);
	forget(ctx);
	KUNIT_EXPECT_EQ(test, used(test), SZ_4K + SZ_4K);
}

/* A large leaf of what is gone replaces what stood below. */
static void what_is_gone_replaces_tables(struct kunit *test)
{
	struct trn_range range = {
		.va = VA, .size = SZ_2M, .bo = &large_bo, .offset = 0, .flags = RW,
	};
	struct ctx *ctx = test->priv;

	map(test, &large_bo, SZ_4K, VA + SZ_64K, SZ_64K, RW);
	KUNIT_ASSERT_EQ(test, plan_map(ctx, &range), 0);
	trn_pgtable_map_nothing(&ctx->pgt, &range, &ctx->reserve);
	end_plan(ctx);
	expect_nothing(test, VA + SZ_64K);
	map(test, &large_bo, SZ_4K, VA + SZ_64K, SZ_4K, RW);
	expect_leaf(test, VA + SZ_64K, large_segs[0].addr + SZ_4K, RW, SZ_4K);
	forget(ctx);
}

/* Counting ends where the tables would be too many. */
static void a_plan_has_an_end(struct kunit *test)
{
	static struct trn_seg segs[] = { { 0x140000000ULL, SZ_64G } };
	static const struct trn_bo bo = { .size = SZ_64G, .segs = segs, .num_segs = 1 };
	struct trn_range range = {
		.va = VA, .size = SZ_64G - SZ_4K, .bo = &bo, .offset = SZ_4K, .flags = RW,
	};
	struct ctx *ctx = test->priv;

	trn_pgtable_reserve_map(&ctx->reserve, &range);
	KUNIT_EXPECT_LE(test, ctx->reserve.num_entries, TRN_MAX_TABLE_BYTES / 8 + 512);
	KUNIT_EXPECT_EQ(test, trn_pgtable_reserve_alloc(&ctx->reserve, &ctx->pgt), -EDQUOT);
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->reserve.leaves));
}

static void the_budget_is_kept(struct kunit *test)
{
	/* 512 tables for leaves; the budget is half of that. */
	struct trn_range range = { VA, SZ_1G, &large_bo, SZ_4K, RW };
	struct ctx *ctx = test->priv;
	s64 idle = used(test);

	KUNIT_EXPECT_EQ(test, plan_map(ctx, &range), -EDQUOT);
	KUNIT_EXPECT_LE(test, used(test), LIMIT);
	end_plan(ctx);
	KUNIT_EXPECT_EQ(test, used(test), idle);
	expect_nothing(test, VA);
	/* As 2 MiB leaves it is nothing. */
	range.offset = SZ_2M;
	KUNIT_EXPECT_EQ(test, plan_map(ctx, &range), 0);
}

static void the_device_can_go_before_the_tables(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	map(test, &user_bo, 0, VA, 3 * SZ_4K, RW);
	trn_table_memory_unmap(&ctx->pgt.memory);
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->pgt.memory.all));
	unmap(test, VA, SZ_4K);
	expect_nothing(test, VA);
	expect_leaf(test, VA + SZ_4K, TRN_CHIP_HOST | 0x9000, RW, SZ_4K);
}

/* ---- any changes, compared with a list of pages ---- */

/* Around a multiple of 1 GiB. */
#define MODEL_PAGES	SZ_4K
#define MODEL_VA	(VA + SZ_1G - MODEL_PAGES / 2 * SZ_4K)
#define MODEL_ROUNDS	1500

static void compare(struct kunit *test, const u64 *model)
{
	u32 page;

	for (page = 0; page < MODEL_PAGES; page++) {
		struct leaf leaf = walk(test, MODEL_VA + page * SZ_4K);

		KUNIT_ASSERT_EQ(test, leaf.size ? leaf.addr | leaf.flags : 0, model[page]);
	}
}

static void change(struct kunit *test, struct rnd_state *rnd, u64 *model)
{
	u64 flags = prandom_u32_state(rnd) % 2 ? RW : TRNX_PTE_READ;
	u32 align = prandom_u32_state(rnd) % 3 ? 1 : 512;
	u32 first = round_down(prandom_u32_state(rnd) % MODEL_PAGES, align);
	u32 num = 1 + prandom_u32_state(rnd) % (prandom_u32_state(rnd) % 2 ? 16 : MODEL_PAGES);
	/* Sometimes with an alignment that lets leaves be large, and sometimes not. */
	u64 offset = (u64)(first + prandom_u32_state(rnd) % 2) * SZ_4K;
	bool is_map = prandom_u32_state(rnd) % 2;
	u32 i;

	num = min(round_up(num, align), MODEL_PAGES - first);
	for (i = 0; i < num; i++)
		model[first + i] = is_map ? (large_segs[0].addr + offset + i * SZ_4K) | flags : 0;
	if (is_map)
		map(test, &large_bo, offset, MODEL_VA + first * SZ_4K, num * SZ_4K, flags);
	else
		unmap(test, MODEL_VA + first * SZ_4K, num * SZ_4K);
}

static void any_changes_add_up(struct kunit *test)
{
	u64 *model = kunit_kcalloc(test, MODEL_PAGES, sizeof(*model), GFP_KERNEL);
	struct ctx *ctx = test->priv;
	s64 idle = used(test);
	struct rnd_state rnd;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < MODEL_ROUNDS; i++) {
		change(test, &rnd, model);
		if (i % 16 == 0)
			forget(ctx);
		if (i % 64 == 0)
			compare(test, model);
	}
	unmap(test, MODEL_VA, MODEL_PAGES * SZ_4K);
	forget(ctx);
	KUNIT_EXPECT_EQ(test, used(test), idle);
}

static int pgtable_init(struct kunit *test)
{
	struct ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	test->priv = ctx;
	ctx->dev = kunit_device_register(test, "trn_pgtable");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->dev);
	ret = dma_coerce_mask_and_coherent(ctx->dev, DMA_BIT_MASK(TRN_HOST_ADDR_BITS));
	KUNIT_ASSERT_EQ(test, ret, 0);
	ctx->budget = trn_budget_create(LIMIT);
	KUNIT_ASSERT_NOT_NULL(test, ctx->budget);
	trn_pgtable_init(&ctx->pgt, ctx->dev, ctx->budget);
	trn_pgtable_reserve_init(&ctx->reserve);
	return trn_pgtable_alloc_root(&ctx->pgt);
}

static void pgtable_exit(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	if (ctx->pgt.root) {
		end_plan(ctx);
		trn_pgtable_clear(&ctx->pgt);
	}
	KUNIT_EXPECT_EQ(test, used(test), 0);
	trn_pgtable_fini(&ctx->pgt);
	trn_budget_put(ctx->budget);
}

static struct kunit_case pgtable_cases[] = {
	KUNIT_CASE(nothing_is_mapped_at_first),
	KUNIT_CASE(leaves_are_as_large_as_they_can_be),
	KUNIT_CASE(unaligned_memory_appears_in_whole_pages),
	KUNIT_CASE(a_part_of_a_leaf_is_unmapped),
	KUNIT_CASE(both_ends_of_a_hole_split_leaves),
	KUNIT_CASE(unmapping_leaves_only_the_root),
	KUNIT_CASE(only_what_was_valid_is_stale),
	KUNIT_CASE(a_large_leaf_replaces_tables),
	KUNIT_CASE(a_small_leaf_is_cut_into_a_large_one),
	KUNIT_CASE(one_plan_does_for_many_changes),
	KUNIT_CASE(what_is_gone_takes_its_tables),
	KUNIT_CASE(what_is_gone_replaces_tables),
	KUNIT_CASE(a_plan_has_an_end),
	KUNIT_CASE(the_budget_is_kept),
	KUNIT_CASE(the_device_can_go_before_the_tables),
	KUNIT_CASE_SLOW(any_changes_add_up),
	{}
};

static struct kunit_suite pgtable_suite = {
	.name = "trn_pgtable",
	.init = pgtable_init,
	.exit = pgtable_exit,
	.test_cases = pgtable_cases,
};

kunit_test_suite(pgtable_suite);
