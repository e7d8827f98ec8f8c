// SPDX-License-Identifier: GPL-2.0-only
/*
 * An engine that never finishes: start the VM with --device trn3,x-hang-engine=N
 * and set TRN_TEST_HANG_ENGINE=N.
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <linux/sync_file.h>

#include "tt_harness.h"
#include "tt_uqueue.h"

#define SIZE (256 * TT_KIB)

FIXTURE(timeout)
{
	struct tt_device dev;
	struct tt_queue queue;		/* on the engine that hangs */
	struct tt_queue healthy;	/* on another one */
	struct tt_bo a, b;
	struct tt_usage before;
	uint32_t engine;
};

/* A queue that waits no longer than it must. */
static int impatient_queue(int fd, uint32_t engine, uint32_t timeout_ms, struct tt_queue *queue)
{
	struct drm_trn_queue_create args = {
		.engine = engine,
		.timeout_ms = timeout_ms,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	memset(queue, 0, sizeof(*queue));
	queue->fd = fd;
	queue->id = args.queue_id;
	queue->engine = args.engine;
	queue->syncobj = args.syncobj;
	return ret;
}

FIXTURE_SETUP(timeout)
{
	const char *env = getenv("TRN_TEST_HANG_ENGINE");

	if (!env || !*env)
		SKIP(return, "no engine hangs (TRN_TEST_HANG_ENGINE= and x-hang-engine=)");
	self->engine = strtoul(env, NULL, 0);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, impatient_queue(self->dev.fd, self->engine, 300, &self->queue));
	ASSERT_EQ(0, impatient_queue(self->dev.fd, (self->engine + 1) % self->dev.info.num_engines,
				     10000, &self->healthy));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->b));
}

FIXTURE_TEARDOWN(timeout)
{
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_queue_destroy(&self->healthy);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

TEST_F(timeout, fence_comes_with_etime)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	struct drm_trn_queue_get_state state;
	int64_t start = tt_deadline(0);
	uint64_t point;

	tt_pattern_fill(self->a.map, SIZE, 1);
	ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	EXPECT_EQ(-ETIME, tt_wait(&self->queue, point));
	/* Not before its time, and not much after. */
	EXPECT_LE(250 * 1000000ll, tt_deadline(0) - start);
	EXPECT_GE(20 * TT_NSEC, tt_deadline(0) - start);
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_TIMEDOUT, state.state);
	EXPECT_EQ(point, state.error_point);
	EXPECT_EQ(point - 1, state.completed);
	EXPECT_EQ(-ETIME, state.error);
}

TEST_F(timeout, dead_queue_refuses_work)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	uint64_t point;

	ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	EXPECT_EQ(-ETIME, tt_wait(&self->queue, point));
	EXPECT_EQ(-ECANCELED, tt_submit(&self->queue, &op, 1, NULL));
	EXPECT_EQ(-ECANCELED, tt_submit(&self->queue, &op, 1, NULL));
}

TEST_F(timeout, later_points_fail_too)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	struct drm_trn_queue_get_state state;
	uint64_t point;
	int i;

	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->queue.syncobj, point,
				  tt_deadline(TT_DEADLINE_S), 0));
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(1, state.error_point);
	EXPECT_EQ(-ETIME, state.error);
	EXPECT_EQ(0, state.completed);
	EXPECT_EQ(20, state.submitted);
}

TEST_F(timeout, sync_file_tells_the_error)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	struct drm_trn_sync out = { DRM_TRN_SYNC_SIGNAL, 0, 0 };
	struct sync_file_info info = { 0 };
	struct pollfd pfd = { .events = POLLIN };

	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &out.handle));
	ASSERT_EQ(0, tt_submit_syncs(&self->queue, &op, 1, &out, 1, NULL));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, out.handle, &pfd.fd));
	ASSERT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	ASSERT_EQ(0, ioctl(pfd.fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(-ETIME, info.status);
	close(pfd.fd);
	drmSyncobjDestroy(self->dev.fd, out.handle);
}

TEST_F(timeout, other_engines_do_not_notice)
{
	struct drm_trn_op hung = tt_op_copy(&self->b, 0, &self->a, 0, 64);
	uint64_t point;
	int i;

	ASSERT_EQ(0, tt_submit(&self->queue, &hung, 1, &point));
	for (i = 0; i < 50; i++) {
		tt_pattern_fill(self->a.map, SIZE, i);
		ASSERT_EQ(0, tt_copy(&self->healthy, &self->b, 0, &self->a, 0, SIZE));
		EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, i));
	}
	EXPECT_EQ(-ETIME, tt_wait(&self->queue, point));
	/* And after the reset of the other: still the same. */
	tt_pattern_fill(self->a.map, SIZE, 51);
	EXPECT_EQ(0, tt_copy(&self->healthy, &self->b, 0, &self->a, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 51));
}

TEST_F(timeout, follower_of_hung_work_goes_on)
{
	struct drm_trn_op op = tt_op_fill(&self->a, 0, 64, 1);
	struct drm_trn_sync in;
	uint64_t point, last;

	ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	in = (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT, self->queue.syncobj, point };
	ASSERT_EQ(0, tt_submit_syncs(&self->healthy, &op, 1, &in, 1, &last));
	/* It ends, whether it ran or inherited the error. */
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->healthy.syncobj, last,
				  tt_deadline(TT_DEADLINE_S), 0));
}

TEST_F(timeout, destroy_does_not_wait_for_hung_work)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	struct tt_queue patient;
	int64_t start;

	ASSERT_EQ(0, impatient_queue(self->dev.fd, self->engine, 3600000, &patient));
	ASSERT_EQ(0, tt_submit(&patient, &op, 1, NULL));
	start = tt_deadline(0);
	ASSERT_EQ(0, tt_queue_destroy(&patient));
	EXPECT_GE(10 * TT_NSEC, tt_deadline(0) - start);
}

/* A user-mode queue on the engine that hangs, with memory. */
static int impatient_path(const struct tt_device *dev, uint32_t engine, uint32_t timeout_ms,
			  struct tt_upath *path)
{
	struct drm_trn_queue_create args;
	int ret = tt_upath_open_memory(dev, 64, SIZE, path);

	if (ret)
		return ret;
	args = tt_uqueue_args(path->vm.id, TT_UPATH_RING, 64);
	args.engine = engine;
	args.timeout_ms = timeout_ms;
	return tt_uqueue_create(dev->fd, &args, path->ring.map, &path->uq);
}

TEST_F(timeout, armed_user_queue_is_given_up)
{
	struct drm_trn_queue_get_state state;
	struct tt_upath path;
	int64_t start;

	ASSERT_EQ(0, impatient_path(&self->dev, self->engine, 300, &path));
	tt_uqueue_push_copy(&path.uq, TT_UPATH_A, TT_UPATH_B, 64);
	tt_uqueue_ring(&path.uq);
	start = tt_deadline(0);
	EXPECT_EQ(-ETIME, tt_uqueue_wait(&path.uq, 1));
	EXPECT_LE(250 * 1000000ll, tt_deadline(0) - start);
	EXPECT_GE(20 * TT_NSEC, tt_deadline(0) - start);
	ASSERT_EQ(0, tt_queue_state(&path.uq.queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_TIMEDOUT, state.state);
	EXPECT_EQ(-ETIME, state.error);
	EXPECT_EQ(1, state.error_point);
	EXPECT_EQ(0, state.completed);
	/* The neighbours copy on, and no device was reset. */
	EXPECT_EQ(0, tt_copy(&self->healthy, &self->b, 0, &self->a, 0, SIZE));
	tt_upath_close(&path);
}

TEST_F(timeout, user_queue_that_nobody_waits_for_is_left_alone)
{
	struct tt_upath path;

	ASSERT_EQ(0, impatient_path(&self->dev, self->engine, 20, &path));
	tt_uqueue_push_copy(&path.uq, TT_UPATH_A, TT_UPATH_B, 64);
	tt_uqueue_ring(&path.uq);
	/* Another queue of the engine dies of its timeout meanwhile. */
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	uint64_t point;

	ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	EXPECT_EQ(-ETIME, tt_wait(&self->queue, point));
	EXPECT_EQ(0, tt_uqueue_error(&path.uq));
	EXPECT_EQ(-ETIME, tt_uqueue_wait(&path.uq, 1));
	tt_upath_close(&path);
}

TEST_F(timeout, destroy_does_not_wait_for_a_hung_user_queue)
{
	struct tt_upath path;
	int64_t start;

	ASSERT_EQ(0, impatient_path(&self->dev, self->engine, 3600000, &path));
	tt_uqueue_push_copy(&path.uq, TT_UPATH_A, TT_UPATH_B, 64);
	tt_uqueue_ring(&path.uq);
	ASSERT_EQ(0, tt_uqueue_notify(&path.uq, 1));
	start = tt_deadline(0);
	ASSERT_EQ(0, tt_uqueue_destroy(&path.uq));
	EXPECT_GE(10 * TT_NSEC, tt_deadline(0) - start);
	tt_upath_close(&path);
}

TEST_F(timeout, hardware_queue_comes_back)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	struct tt_queue queue;
	uint64_t point;
	int i;

	/* Taken, hung and given back more often than the engine has queues. */
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, impatient_queue(self->dev.fd, self->engine, 20, &queue));
		ASSERT_EQ(0, tt_submit(&queue, &op, 1, &point));
		EXPECT_EQ(-ETIME, tt_wait(&queue, point));
		ASSERT_EQ(0, tt_queue_destroy(&queue));
	}
}

TEST_HARNESS_MAIN
