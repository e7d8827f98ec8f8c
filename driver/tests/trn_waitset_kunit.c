// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/limits.h>

#include "queue/trn_waitset.h"

static int arm_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct trn_arm), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

/* What the driver does when the device is at @count; returns whether it wakes. */
static bool arm_event(struct trn_arm *arm, u64 count)
{
	bool reached = trn_arm_is_reached(arm, count);

	if (reached)
		trn_arm_retire(arm, count);
	return reached;
}

static void arm_asks_for_the_least_point(struct kunit *test)
{
	struct trn_arm *arm = test->priv;

	KUNIT_EXPECT_TRUE(test, trn_arm_is_empty(arm));
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 0), U64_MAX);
	trn_arm_add(arm, 30);
	trn_arm_add(arm, 10);
	trn_arm_add(arm, 20);
	trn_arm_add(arm, 10);
	KUNIT_EXPECT_EQ(test, arm->num, 3);
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 5), 10);
	KUNIT_EXPECT_FALSE(test, arm_event(arm, 9));
	KUNIT_EXPECT_TRUE(test, arm_event(arm, 10));
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 10), 20);
	KUNIT_EXPECT_TRUE(test, arm_event(arm, 100));
	KUNIT_EXPECT_TRUE(test, trn_arm_is_empty(arm));
}

static void arm_takes_the_last_point_that_there_is(struct kunit *test)
{
	struct trn_arm *arm = test->priv;

	trn_arm_add(arm, U64_MAX);
	KUNIT_EXPECT_FALSE(test, trn_arm_is_empty(arm));
	KUNIT_EXPECT_FALSE(test, arm_event(arm, U64_MAX - 1));
	trn_arm_add(arm, 1);
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 0), 1);
	KUNIT_EXPECT_TRUE(test, arm_event(arm, U64_MAX - 1));
	KUNIT_EXPECT_EQ(test, arm->num, 1);
}

/* Beyond what is remembered every count wakes, up to the last that is wanted. */
static void arm_gets_dense_when_it_is_full(struct kunit *test)
{
	const u64 last = 10 * TRN_ARM_POINTS + 5;
	struct trn_arm *arm = test->priv;
	u64 count;
	u32 i;

	for (i = 1; i <= TRN_ARM_POINTS; i++)
		trn_arm_add(arm, 10 * i);
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 0), 10);
	KUNIT_EXPECT_EQ(test, trn_arm_num_signals(arm), TRN_ARM_POINTS);
	trn_arm_add(arm, 3);
	trn_arm_add(arm, last);
	trn_arm_add(arm, last - 1);
	KUNIT_EXPECT_EQ(test, arm->num, TRN_ARM_POINTS);
	KUNIT_EXPECT_EQ(test, trn_arm_num_signals(arm), TRN_ARM_POINTS + 1);
	for (count = 0; count < last; count++) {
		KUNIT_EXPECT_EQ(test, trn_arm_next(arm, count), count + 1);
		KUNIT_EXPECT_TRUE(test, arm_event(arm, count + 1));
	}
	KUNIT_EXPECT_TRUE(test, trn_arm_is_empty(arm));
	trn_arm_add(arm, last + 7);
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, last), last + 7);
}

static void arm_wakes_whoever_was_reached_before_it_looked(struct kunit *test)
{
	struct trn_arm *arm = test->priv;
	u32 i;

	/* Full, and one more that is done already. */
	for (i = 1; i <= TRN_ARM_POINTS; i++)
		trn_arm_add(arm, 1000 + i);
	trn_arm_add(arm, 5);
	KUNIT_EXPECT_TRUE(test, arm_event(arm, 7));
	KUNIT_EXPECT_EQ(test, trn_arm_next(arm, 7), 1001);
	KUNIT_EXPECT_EQ(test, trn_arm_num_signals(arm), TRN_ARM_POINTS);
}

static struct kunit_case arm_cases[] = {
	KUNIT_CASE(arm_asks_for_the_least_point),
	KUNIT_CASE(arm_takes_the_last_point_that_there_is),
	KUNIT_CASE(arm_gets_dense_when_it_is_full),
	KUNIT_CASE(arm_wakes_whoever_was_reached_before_it_looked),
	{}
};

static struct kunit_suite arm_suite = {
	.name = "trn_arm",
	.init = arm_init,
	.test_cases = arm_cases,
};

kunit_test_suite(arm_suite);
