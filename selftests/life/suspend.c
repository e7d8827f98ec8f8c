// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep and wake-up of the machine, as far as the devices: the kernel's own test
 * (pm_test) suspends them all and resumes them after a second.
 */
#include "tt_harness.h"
#include "tt_load.h"

#define PM_TEST "/sys/power/pm_test"
#define DELAY "/sys/module/suspend/parameters/pm_test_delay"

FIXTURE(suspend)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_SETUP(suspend)
{
	if (tt_write_file(PM_TEST, "devices"))
		SKIP(return, "the kernel does not test its suspend (root, CONFIG_PM_DEBUG)");
	tt_write_file(DELAY, "1");
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(suspend)
{
	tt_write_file(PM_TEST, "none");
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

TEST_F(suspend, queues_are_lost_and_memory_of_the_host_is_not)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue, fresh;
	struct tt_bo hbm, host;
	struct drm_trn_op op;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &host));
	tt_pattern_fill(host.map, TT_MIB, 1);
	ASSERT_EQ(0, tt_copy(&queue, &hbm, 0, &host, 0, TT_MIB));
	ASSERT_EQ(0, tt_write_file("/sys/power/state", "mem"));

	ASSERT_EQ(0, tt_queue_state(&queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	op = tt_op_copy(&hbm, 0, &host, 0, TT_MIB);
	EXPECT_EQ(-ECANCELED, tt_submit(&queue, &op, 1, NULL));
	EXPECT_EQ(TT_MIB, tt_pattern_match(host.map, TT_MIB, 1));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh));
	EXPECT_EQ(0, tt_copy(&fresh, &hbm, 0, &host, 0, TT_MIB));
	EXPECT_EQ(TT_MIB, tt_pattern_match(hbm.map, TT_MIB, 1));
	tt_queue_destroy(&fresh);
	tt_queue_destroy(&queue);
	tt_bo_close(&host);
	tt_bo_close(&hbm);
}

TEST_F(suspend, load_survives_sleep_after_sleep)
{
	int ends[TT_LOAD_PROCESSES], i;
	struct tt_load load;

	ASSERT_EQ(0, tt_load_start(&load));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, tt_write_file("/sys/power/state", "mem"));
		ASSERT_EQ(0, tt_load_progress(&load, TT_LOAD_PROCESSES));
	}
	EXPECT_LT(0, load.shared->lost);
	tt_load_stop(&load);
	tt_load_join(&load, ends);
	for (i = 0; i < TT_LOAD_PROCESSES; i++)
		EXPECT_EQ(TT_LOAD_STOPPED, ends[i]);
}

TEST_HARNESS_MAIN
