// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/sizes.h>

#include "mem/trn_hbm.h"

/* Not a power of two, as no stack is once firmware has taken its part. */
#define HBM_SIZE	(SZ_64M - SZ_16M)
#define HBM_VISIBLE	SZ_8M

static int hbm_init_visible(struct kunit *test, u64 visible)
{
	struct trn_hbm *hbm = kunit_kzalloc(test, sizeof(*hbm), GFP_KERNEL);
	int ret;

	if (!hbm)
		return -ENOMEM;
	ret = trn_hbm_init(hbm, HBM_SIZE, visible);
	if (!ret)
		test->priv = hbm;
	return ret;
}

static int hbm_init(struct kunit *test)
{
	return hbm_init_visible(test, U64_MAX);
}

static int hbm_init_partly_visible(struct kunit *test)
{
	return hbm_init_visible(test, HBM_VISIBLE);
}

static void hbm_exit(struct kunit *test)
{
	struct trn_hbm *hbm = test->priv;

	if (!hbm)
		return;
	KUNIT_EXPECT_EQ(test, trn_hbm_avail(hbm), HBM_SIZE);
	trn_hbm_fini(hbm);
}

static u64 blocks_size(struct trn_hbm *hbm, struct list_head *blocks, u64 *end)
{
	struct drm_buddy_block *block;
	u64 size = 0;

	*end = 0;
	list_for_each_entry(block, blocks, link) {
		u64 bytes = drm_buddy_block_size(&hbm->mm, block);

		size += bytes;
		*end = max(*end, drm_buddy_block_offset(block) + bytes);
	}
	return size;
}

static void hbm_gives_exactly_what_is_asked(struct kunit *test)
{
	static const u64 sizes[] = { SZ_4K, 3 * SZ_4K, SZ_64K + SZ_4K, SZ_1M, 7 * SZ_1M };
	struct trn_hbm *hbm = test->priv;
	u64 end;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		LIST_HEAD(blocks);

		KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, sizes[i], true, &blocks), 0);
		KUNIT_EXPECT_EQ(test, blocks_size(hbm, &blocks, &end), sizes[i]);
		KUNIT_EXPECT_LE(test, end, HBM_SIZE);
		KUNIT_EXPECT_EQ(test, trn_hbm_avail(hbm), HBM_SIZE - sizes[i]);
		trn_hbm_free(hbm, &blocks);
	}
}

static void hbm_can_be_used_up(struct kunit *test)
{
	struct trn_hbm *hbm = test->priv;
	LIST_HEAD(all);
	LIST_HEAD(more);

	KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, HBM_SIZE, true, &all), 0);
	KUNIT_EXPECT_EQ(test, trn_hbm_alloc(hbm, SZ_4K, true, &more), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, list_empty(&more));
	trn_hbm_free(hbm, &all);
	KUNIT_EXPECT_EQ(test, trn_hbm_alloc(hbm, HBM_SIZE + SZ_4K, true, &more), -ENOSPC);
}

static void hbm_is_filled_from_fragments(struct kunit *test)
{
	struct trn_hbm *hbm = test->priv;
	struct list_head parts[HBM_SIZE / SZ_4M];
	LIST_HEAD(large);
	u64 end;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		INIT_LIST_HEAD(&parts[i]);
		KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, SZ_4M, true, &parts[i]), 0);
	}
	for (i = 0; i < ARRAY_SIZE(parts); i += 2)
		trn_hbm_free(hbm, &parts[i]);
	KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, HBM_SIZE / 2, true, &large), 0);
	KUNIT_EXPECT_EQ(test, blocks_size(hbm, &large, &end), HBM_SIZE / 2);
	trn_hbm_free(hbm, &large);
	for (i = 1; i < ARRAY_SIZE(parts); i += 2)
		trn_hbm_free(hbm, &parts[i]);
}

static void hbm_mappable_memory_is_visible(struct kunit *test)
{
	struct trn_hbm *hbm = test->priv;
	LIST_HEAD(hidden);
	LIST_HEAD(mappable);
	LIST_HEAD(more);
	u64 end;

	/* Memory that need not be mapped comes from outside the visible part. */
	KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, SZ_16M, false, &hidden), 0);
	KUNIT_ASSERT_EQ(test, trn_hbm_alloc(hbm, HBM_VISIBLE, true, &mappable), 0);
	blocks_size(hbm, &mappable, &end);
	KUNIT_EXPECT_LE(test, end, HBM_VISIBLE);
	KUNIT_EXPECT_EQ(test, trn_hbm_alloc(hbm, SZ_4K, true, &more), -ENOSPC);
	trn_hbm_free(hbm, &mappable);
	trn_hbm_free(hbm, &hidden);
}

static struct kunit_case hbm_cases[] = {
	KUNIT_CASE(hbm_gives_exactly_what_is_asked),
	KUNIT_CASE(hbm_can_be_used_up),
	KUNIT_CASE(hbm_is_filled_from_fragments),
	{}
};

static struct kunit_suite hbm_suite = {
	.name = "trn_hbm",
	.init = hbm_init,
	.exit = hbm_exit,
	.test_cases = hbm_cases,
};

static struct kunit_case hbm_visible_cases[] = {
	KUNIT_CASE(hbm_mappable_memory_is_visible),
	{}
};

static struct kunit_suite hbm_visible_suite = {
	.name = "trn_hbm_partly_visible",
	.init = hbm_init_partly_visible,
	.exit = hbm_exit,
	.test_cases = hbm_visible_cases,
};

kunit_test_suites(&hbm_suite, &hbm_visible_suite);
