// SPDX-License-Identifier: GPL-2.0-only
/* Fences in and out: syncobjs, timelines, files, between queues and processes. */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <linux/sync_file.h>

#include "tt_harness.h"

#define SIZE (32 * TT_MIB)

FIXTURE(sync)
{
	struct tt_device dev;
	struct tt_queue q1, q2;
	struct tt_bo a, b, c;
	uint32_t obj;
	struct tt_usage before;
};

FIXTURE_SETUP(sync)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, 0, 0, &self->q1));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, 1, 0, &self->q2));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->b));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->c));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &self->obj));
}

FIXTURE_TEARDOWN(sync)
{
	drmSyncobjDestroy(self->dev.fd, self->obj);
	tt_bo_close(&self->c);
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_queue_destroy(&self->q2);
	tt_queue_destroy(&self->q1);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

static struct drm_trn_sync signal_to(uint32_t handle, uint64_t point)
{
	return (struct drm_trn_sync) { DRM_TRN_SYNC_SIGNAL, handle, point };
}

static struct drm_trn_sync wait_for(uint32_t handle, uint64_t point)
{
	return (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT, handle, point };
}

/*
 * Long work on q1 that ends with pattern @seed in @b: long enough that a queue
 * that did not wait for it would be far ahead.
 */
static int start_long_work(FIXTURE_DATA(sync) *self, uint64_t seed, struct drm_trn_sync out)
{
	struct drm_trn_op ops[17];
	int i;

	tt_pattern_fill(self->a.map, SIZE, seed);
	for (i = 0; i < 16; i++)
		ops[i] = tt_op_fill(&self->b, 0, SIZE, 0xbad);
	ops[16] = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	return tt_submit_syncs(&self->q1, ops, 17, &out, 1, NULL);
}

/* Submit on q2: b -> c after @in; true if c then has the result of q1 in b. */
static bool follower_sees(FIXTURE_DATA(sync) *self, uint64_t seed, struct drm_trn_sync in)
{
	struct drm_trn_op op = tt_op_copy(&self->c, 0, &self->b, 0, SIZE);
	uint64_t point;

	return tt_fact("submit", 0, tt_submit_syncs(&self->q2, &op, 1, &in, 1, &point)) &&
	       tt_fact("wait", 0, tt_wait(&self->q2, point)) &&
	       tt_fact("bytes copied", SIZE, tt_pattern_match(self->c.map, SIZE, seed));
}

TEST_F(sync, binary_out_fence_signals_when_done)
{
	ASSERT_EQ(0, start_long_work(self, 1, signal_to(self->obj, 0)));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->obj, 0, tt_deadline(TT_DEADLINE_S), 0));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 1));
}

TEST_F(sync, timeline_out_fence_signals_when_done)
{
	uint64_t point = 0;

	ASSERT_EQ(0, start_long_work(self, 2, signal_to(self->obj, 7)));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->obj, 7, tt_deadline(TT_DEADLINE_S), 0));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 2));
	EXPECT_EQ(0, drmSyncobjQuery(self->dev.fd, &self->obj, &point, 1));
	EXPECT_EQ(7, point);
}

TEST_F(sync, binary_in_fence_orders_two_queues)
{
	ASSERT_EQ(0, start_long_work(self, 3, signal_to(self->obj, 0)));
	EXPECT_TRUE(follower_sees(self, 3, wait_for(self->obj, 0)));
}

TEST_F(sync, timeline_in_fence_orders_two_queues)
{
	ASSERT_EQ(0, start_long_work(self, 4, signal_to(self->obj, 10)));
	EXPECT_TRUE(follower_sees(self, 4, wait_for(self->obj, 10)));
}

TEST_F(sync, queue_timeline_is_an_in_fence)
{
	ASSERT_EQ(0, start_long_work(self, 5, signal_to(self->obj, 0)));
	EXPECT_TRUE(follower_sees(self, 5, wait_for(self->q1.syncobj, 1)));
}

TEST_F(sync, chain_over_two_queues_keeps_order)
{
	struct drm_trn_op forth = tt_op_copy(&self->b, 0, &self->a, 0, TT_MIB);
	struct drm_trn_op back = tt_op_copy(&self->a, 0, &self->b, 0, TT_MIB);
	struct drm_trn_op wipe_a = tt_op_fill(&self->a, 0, TT_MIB, 1);
	struct drm_trn_op wipe_b = tt_op_fill(&self->b, 0, TT_MIB, 1);
	uint64_t n, laps = tt_scale(100, 20);

	/* Ping on q1, pong on q2; each wipes the source that the other rewrites. */
	tt_pattern_fill(self->a.map, TT_MIB, 6);
	for (n = 0; n < laps; n++) {
		struct drm_trn_op ping[] = { forth, wipe_a }, pong[] = { back, wipe_b };
		struct drm_trn_sync s1[] = { signal_to(self->obj, 2 * n + 1),
					     wait_for(self->obj, 2 * n) };
		struct drm_trn_sync s2[] = { signal_to(self->obj, 2 * n + 2),
					     wait_for(self->obj, 2 * n + 1) };

		ASSERT_EQ(0, tt_submit_syncs(&self->q1, ping, 2, s1, n ? 2 : 1, NULL));
		ASSERT_EQ(0, tt_submit_syncs(&self->q2, pong, 2, s2, 2, NULL));
	}
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->obj, 2 * laps,
				  tt_deadline(TT_DEADLINE_S), 0));
	EXPECT_EQ(TT_MIB, tt_pattern_match(self->a.map, TT_MIB, 6));
}

TEST_F(sync, wait_before_submit_is_refused)
{
	struct drm_trn_op op = tt_op_fill(&self->c, 0, TT_PAGE, 1);
	struct drm_trn_sync binary = wait_for(self->obj, 0), later = wait_for(self->obj, 3);
	struct drm_trn_sync future = wait_for(self->q1.syncobj, 1);

	EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q2, &op, 1, &binary, 1, NULL));
	EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q2, &op, 1, &later, 1, NULL));
	EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q2, &op, 1, &future, 1, NULL));
	EXPECT_EQ(TT_PAGE, tt_byte_match(self->c.map, TT_PAGE, 0));
}

TEST_F(sync, fence_signalled_by_the_cpu_is_no_obstacle)
{
	struct drm_trn_op op = tt_op_fill(&self->c, 0, TT_PAGE, 0x77777777);
	struct drm_trn_sync in = wait_for(self->obj, 5);
	uint64_t five = 5, point;

	ASSERT_EQ(0, drmSyncobjTimelineSignal(self->dev.fd, &self->obj, &five, 1));
	ASSERT_EQ(0, tt_submit_syncs(&self->q2, &op, 1, &in, 1, &point));
	EXPECT_EQ(0, tt_wait(&self->q2, point));
	EXPECT_EQ(TT_PAGE, tt_byte_match(self->c.map, TT_PAGE, 0x77));
}

TEST_F(sync, refused_submit_attaches_no_fence)
{
	struct drm_trn_op op = tt_op_fill(&self->c, 0, TT_PAGE, 1);
	struct drm_trn_queue_get_state state;
	struct drm_trn_sync syncs[2];
	uint32_t other;
	uint64_t point;

	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &other));
	syncs[0] = signal_to(self->obj, 1);
	syncs[1] = wait_for(other, 0);
	EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q1, &op, 1, syncs, 2, NULL));
	/* Nothing was attached: waiting without WAIT_FOR_SUBMIT is an error. */
	EXPECT_EQ(-EINVAL, tt_sync_wait(self->dev.fd, self->obj, 1, 0, 0));
	ASSERT_EQ(0, tt_queue_state(&self->q1, &state));
	EXPECT_EQ(0, state.submitted);
	ASSERT_EQ(0, tt_submit(&self->q1, &op, 1, &point));
	EXPECT_EQ(1, point);
	EXPECT_EQ(0, tt_wait(&self->q1, point));
	drmSyncobjDestroy(self->dev.fd, other);
}

TEST_F(sync, bad_sync_entries_are_refused)
{
	struct drm_trn_op op = tt_op_fill(&self->c, 0, TT_PAGE, 1);
	uint32_t flags[] = { 0, 3, 4, 5, 1u << 31 };
	struct drm_trn_sync sync = signal_to(0xdead, 0);
	size_t i;

	EXPECT_EQ(-ENOENT, tt_submit_syncs(&self->q1, &op, 1, &sync, 1, NULL));
	sync = wait_for(0, 0);
	EXPECT_EQ(-ENOENT, tt_submit_syncs(&self->q1, &op, 1, &sync, 1, NULL));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		sync = (struct drm_trn_sync) { flags[i], self->obj, 0 };
		EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q1, &op, 1, &sync, 1, NULL)) {
			TH_LOG("case %d", (int)i);
		}
	}
}

TEST_F(sync, max_syncs_is_the_limit)
{
	uint32_t i, n = self->dev.info.max_syncs;
	struct drm_trn_sync *syncs = calloc(n + 1, sizeof(*syncs));
	struct drm_trn_op op = tt_op_fill(&self->c, 0, TT_PAGE, 1);
	uint64_t point;

	ASSERT_NE(NULL, syncs);
	for (i = 0; i <= n; i++)
		syncs[i] = signal_to(self->obj, i + 1);
	EXPECT_EQ(-EINVAL, tt_submit_syncs(&self->q1, &op, 1, syncs, n + 1, NULL));
	ASSERT_EQ(0, tt_submit_syncs(&self->q1, &op, 1, syncs, n, &point));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->obj, n, tt_deadline(TT_DEADLINE_S), 0));
	free(syncs);
}

/* A thread that waits for the first submission of q1; returns the error. */
static void *first_point_waiter(void *arg)
{
	FIXTURE_DATA(sync) *self = arg;
	intptr_t ret = tt_sync_wait(self->dev.fd, self->q1.syncobj, 1, tt_deadline(TT_DEADLINE_S),
				    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);

	return (void *)ret;
}

TEST_F(sync, wait_can_come_before_the_submit)
{
	pthread_t thread;
	void *ret;

	ASSERT_EQ(0, pthread_create(&thread, NULL, first_point_waiter, self));
	ASSERT_EQ(0, start_long_work(self, 7, signal_to(self->obj, 0)));
	pthread_join(thread, &ret);
	EXPECT_EQ(NULL, ret);
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 7));
}

TEST_F(sync, wait_that_is_too_short_times_out)
{
	ASSERT_EQ(0, start_long_work(self, 8, signal_to(self->obj, 0)));
	/* A deadline in the past only looks. The work is longer than the call. */
	EXPECT_EQ(-ETIME, tt_sync_wait(self->dev.fd, self->obj, 0, 1, 0));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->obj, 0, tt_deadline(TT_DEADLINE_S), 0));
}

/* In another process and another file: wait through the syncobj of @fd. */
static int waiter_process(int fd, FIXTURE_DATA(sync) *self)
{
	struct tt_device dev;
	uint32_t handle;

	if (tt_device_open(&dev) || drmSyncobjFDToHandle(dev.fd, fd, &handle))
		return 1;
	if (tt_sync_wait(dev.fd, handle, 4, tt_deadline(TT_DEADLINE_S),
			 DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT))
		return 2;
	return tt_pattern_match(self->b.map, SIZE, 9) == SIZE ? 0 : 3;
}

TEST_F(sync, another_process_waits_through_a_file)
{
	int fd, status;
	pid_t pid;

	ASSERT_EQ(0, drmSyncobjHandleToFD(self->dev.fd, self->obj, &fd));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(waiter_process(fd, self));
	ASSERT_EQ(0, start_long_work(self, 9, signal_to(self->obj, 4)));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fd);
}

TEST_F(sync, sync_file_polls_and_tells_success)
{
	struct sync_fence_info fence = { 0 };
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)&fence,
	};
	struct pollfd pfd = { .events = POLLIN };

	ASSERT_EQ(0, start_long_work(self, 10, signal_to(self->obj, 0)));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, self->obj, &pfd.fd));
	ASSERT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 10));
	ASSERT_EQ(0, ioctl(pfd.fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(1, info.status);
	EXPECT_EQ(1, info.num_fences);
	EXPECT_EQ(1, fence.status);
	close(pfd.fd);
}

TEST_F(sync, sync_file_becomes_an_in_fence)
{
	uint32_t imported;
	int fd;

	ASSERT_EQ(0, start_long_work(self, 11, signal_to(self->obj, 0)));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, self->obj, &fd));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &imported));
	ASSERT_EQ(0, drmSyncobjImportSyncFile(self->dev.fd, imported, fd));
	EXPECT_TRUE(follower_sees(self, 11, wait_for(imported, 0)));
	drmSyncobjDestroy(self->dev.fd, imported);
	close(fd);
}

TEST_F(sync, timeline_point_becomes_a_sync_file)
{
	struct pollfd pfd = { .events = POLLIN };
	uint32_t binary;

	ASSERT_EQ(0, start_long_work(self, 12, signal_to(self->obj, 3)));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &binary));
	ASSERT_EQ(0, drmSyncobjTransfer(self->dev.fd, binary, 0, self->obj, 3, 0));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, binary, &pfd.fd));
	ASSERT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 12));
	drmSyncobjDestroy(self->dev.fd, binary);
	close(pfd.fd);
}

TEST_F(sync, eventfd_is_rung)
{
	struct pollfd pfd = { .fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN };
	int ret;

	ASSERT_LE(0, pfd.fd);
	ret = tt_sync_eventfd(self->dev.fd, self->q1.syncobj, 1, pfd.fd);
	if (ret == -EINVAL || ret == -ENOTTY)
		SKIP(return, "the kernel has no SYNCOBJ_EVENTFD");
	ASSERT_EQ(0, ret);
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_EQ(0, start_long_work(self, 13, signal_to(self->obj, 0)));
	EXPECT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 13));
	close(pfd.fd);
}

TEST_F(sync, many_waiters_all_wake)
{
	pthread_t threads[32];
	int i;

	for (i = 0; i < 32; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, first_point_waiter, self));
	ASSERT_EQ(0, start_long_work(self, 14, signal_to(self->obj, 0)));
	for (i = 0; i < 32; i++) {
		void *ret;

		pthread_join(threads[i], &ret);
		EXPECT_EQ(NULL, ret);
	}
}

TEST_HARNESS_MAIN
