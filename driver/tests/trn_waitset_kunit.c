// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/limits.h>

#include "queue/trn_waitset.h"

static int waitset_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct trn_waitset), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

/* Act like the driver when the device is at @count. Returns true if a point is reached. */
static bool waitset_event(struct trn_waitset *set, u64 count)
{
	bool reached = trn_waitset_is_reached(set, count);

	if (reached)
		trn_waitset_retire(set, count);
	return reached;
}

static void waitset_asks_for_the_least_point(struct kunit *test)
{
	struct trn_waitset *set = test->priv;

	KUNIT_EXPECT_TRUE(test, trn_waitset_is_empty(set));
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 0), U64_MAX);
	trn_waitset_add(set, 30);
	trn_waitset_add(set, 10);
	trn_waitset_add(set, 20);
	trn_waitset_add(set, 10);
	KUNIT_EXPECT_EQ(test, set->num, 3);
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 5), 10);
	KUNIT_EXPECT_FALSE(test, waitset_event(set, 9));
	KUNIT_EXPECT_TRUE(test, waitset_event(set, 10));
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 10), 20);
	KUNIT_EXPECT_TRUE(test, waitset_event(set, 100));
	KUNIT_EXPECT_TRUE(test, trn_waitset_is_empty(set));
}

static void waitset_takes_the_last_point_that_there_is(struct kunit *test)
{
	struct trn_waitset *set = test->priv;

	trn_waitset_add(set, U64_MAX);
	KUNIT_EXPECT_FALSE(test, trn_waitset_is_empty(set));
	KUNIT_EXPECT_FALSE(test, waitset_event(set, U64_MAX - 1));
	trn_waitset_add(set, 1);
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 0), 1);
	KUNIT_EXPECT_TRUE(test, waitset_event(set, U64_MAX - 1));
	KUNIT_EXPECT_EQ(test, set->num, 1);
}

/* When the stored points are full, every count up to the last awaited point wakes. */
static void waitset_gets_dense_when_it_is_full(struct kunit *test)
{
	const u64 last = 10 * TRN_WAITSET_POINTS + 5;
	struct trn_waitset *set = test->priv;
	u64 count;
	u32 i;

	for (i = 1; i <= TRN_WAITSET_POINTS; i++)
		trn_waitset_add(set, 10 * i);
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 0), 10);
	KUNIT_EXPECT_EQ(test, trn_waitset_num_signals(set), TRN_WAITSET_POINTS);
	trn_waitset_add(set, 3);
	trn_waitset_add(set, last);
	trn_waitset_add(set, last - 1);
	KUNIT_EXPECT_EQ(test, set->num, TRN_WAITSET_POINTS);
	KUNIT_EXPECT_EQ(test, trn_waitset_num_signals(set), TRN_WAITSET_POINTS + 1);
	for (count = 0; count < last; count++) {
		KUNIT_EXPECT_EQ(test, trn_waitset_next(set, count), count + 1);
		KUNIT_EXPECT_TRUE(test, waitset_event(set, count + 1));
	}
	KUNIT_EXPECT_TRUE(test, trn_waitset_is_empty(set));
	trn_waitset_add(set, last + 7);
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, last), last + 7);
}

static void waitset_wakes_whoever_was_reached_before_it_looked(struct kunit *test)
{
	struct trn_waitset *set = test->priv;
	u32 i;

	/* Full, and one more that is done already. */
	for (i = 1; i <= TRN_WAITSET_POINTS; i++)
		trn_waitset_add(set, 1000 + i);
	trn_waitset_add(set, 5);
	KUNIT_EXPECT_TRUE(test, waitset_event(set, 7));
	KUNIT_EXPECT_EQ(test, trn_waitset_next(set, 7), 1001);
	KUNIT_EXPECT_EQ(test, trn_waitset_num_signals(set), TRN_WAITSET_POINTS);
}

static struct kunit_case waitset_cases[] = {
	KUNIT_CASE(waitset_asks_for_the_least_point),
	KUNIT_CASE(waitset_takes_the_last_point_that_there_is),
	KUNIT_CASE(waitset_gets_dense_when_it_is_full),
	KUNIT_CASE(waitset_wakes_whoever_was_reached_before_it_looked),
	{}
};

static struct kunit_suite waitset_suite = {
	.name = "trn_waitset",
	.init = waitset_init,
	.test_cases = waitset_cases,
};

kunit_test_suite(waitset_suite);
