// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds that the kernel keeps against any program: the time of a job, the jobs of a
 * queue, its memory, its end, and the work of the driver for a program that sleeps.
 */
#include <limits.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "tt_fence.h"
#include "tt_harness.h"
#include "tt_uqueue.h"

#define SIZE (64 * TT_MIB)

FIXTURE(bounds)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo bo;
	uint32_t obj;
	struct tt_usage before;
};

FIXTURE_SETUP(bounds)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->bo));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &self->obj));
}

FIXTURE_TEARDOWN(bounds)
{
	drmSyncobjDestroy(self->dev.fd, self->obj);
	tt_bo_close(&self->bo);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* A small fill behind the fence in obj. */
static int submit_behind(FIXTURE_DATA(bounds) *self, const struct tt_queue *queue,
			 uint64_t *point)
{
	struct drm_trn_sync wait = { DRM_TRN_SYNC_WAIT, self->obj, 0 };
	struct drm_trn_op op = tt_op_fill(&self->bo, 0, 64, 1);

	return tt_submit_syncs(queue, &op, 1, &wait, 1, point);
}

/* ---- queues whose work waits for other fences ---- */

TEST_F(bounds, queues_that_wait_for_a_fence_close_at_once)
{
	struct tt_queue queues[20];
	struct tt_fence fence;
	unsigned int i;
	int ret = tt_fence_attach(self->dev.fd, self->obj, &fence);

	if (ret == -ENODEV)
		SKIP(return, "no vgem, whose fences signal when the test says so");
	ASSERT_EQ(0, ret);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queues[i]));
		ASSERT_EQ(0, submit_behind(self, &queues[i], NULL));
	}
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, tt_queue_destroy(&queues[i]));
	/* It signals by itself after ten seconds. */
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->obj));
	tt_fence_close(&fence);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* The call is interrupted again and again, so that a signal cannot come too early. */
static int submit_interrupted(FIXTURE_DATA(bounds) *self)
{
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct drm_trn_op op = tt_op_fill(&self->bo, 0, 64, 1);
	struct drm_trn_queue_submit args = {
		.queue_id = self->queue.id,
		.ops = { sizeof(op), 1, (uintptr_t)&op },
	};
	int ret;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	ret = ioctl(self->queue.fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args) ? -errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	return ret;
}

TEST_F(bounds, full_queue_makes_the_next_submission_wait)
{
	const unsigned int max = 1024;
	struct drm_trn_queue_get_state state;
	struct tt_fence fence;
	uint64_t point;
	unsigned int i;
	int ret = tt_fence_attach(self->dev.fd, self->obj, &fence);

	if (ret == -ENODEV)
		SKIP(return, "no vgem, whose fences signal when the test says so");
	ASSERT_EQ(0, ret);
	for (i = 0; i < max; i++)
		ASSERT_EQ(0, submit_behind(self, &self->queue, &point));
	ret = submit_interrupted(self);
	if (tt_fence_status(self->dev.fd, self->obj))
		SKIP(goto out, "the machine is too slow for a fence of ten seconds");
	EXPECT_EQ(-EINTR, ret);
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(max, state.submitted);
	EXPECT_EQ(0, tt_fence_signal(&fence));
	/* Now there is room. */
	EXPECT_EQ(0, tt_fill(&self->queue, &self->bo, 0, 64, 2));
	EXPECT_EQ(0, tt_wait(&self->queue, point));
out:
	tt_fence_close(&fence);
}

/* ---- time of a job ---- */

static int set_max_job_ms(int fd, const char *text)
{
	char bdf[32], path[PATH_MAX];
	int ret = tt_device_bdf(fd, bdf, sizeof(bdf));

	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/max_job_ms", bdf);
	return tt_write_file(path, text);
}

TEST_F(bounds, job_that_always_makes_progress_ends_in_time)
{
	unsigned int num = self->dev.info.max_ops, i;
	struct drm_trn_op *ops = calloc(num, sizeof(*ops));
	struct drm_trn_queue_get_state state;
	uint64_t point;

	ASSERT_NE(NULL, ops);
	if (set_max_job_ms(self->dev.fd, "100"))
		SKIP(return, "needs root, to set max_job_ms");
	/* Each is done in no time; all of them are not. */
	for (i = 0; i < num; i++)
		ops[i] = tt_op_fill(&self->bo, 0, SIZE, i);
	EXPECT_EQ(0, tt_submit(&self->queue, ops, num, &point));
	EXPECT_EQ(-ETIME, tt_wait(&self->queue, point));
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_TIMEDOUT, state.state);
	/* The driver's own jobs have no such bound, and short jobs do not reach it. */
	EXPECT_EQ(-ERANGE, set_max_job_ms(self->dev.fd, "99"));
	EXPECT_EQ(-ERANGE, set_max_job_ms(self->dev.fd, "4294967295"));
	EXPECT_EQ(0, set_max_job_ms(self->dev.fd, "120000"));
	tt_queue_destroy(&self->queue);
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	EXPECT_EQ(0, tt_run(&self->queue, ops, 4));
	free(ops);
}

/* ---- memory of the kernel ---- */

#define CGROUPS "/sys/fs/cgroup"
#define JOB CGROUPS "/trn-bounds"

/* Memory of the kernel that the cgroup of this process has. */
static int64_t kernel_memory(void)
{
	return tt_read_field(JOB "/memory.stat", "kernel");
}

/* Jobs of the largest size. Returns the bytes that they take of the cgroup, or -errno. */
static int64_t memory_of_queues(int fd, unsigned int ring_size, unsigned int num)
{
	int64_t before = kernel_memory(), grown = 0;
	struct tt_queue queues[num];
	unsigned int made;
	int ret = 0;

	for (made = 0; made < num && !ret; made += !ret)
		ret = tt_queue_create(fd, DRM_TRN_NONE, ring_size, &queues[made]);
	grown = kernel_memory() - before;
	while (made--)
		tt_queue_destroy(&queues[made]);
	return ret ?: grown;
}

TEST_F(bounds, rings_are_memory_of_their_cgroup)
{
	const unsigned int size = self->dev.info.max_ring_size, num = 8;
	bool mounted = !mount("none", CGROUPS, "cgroup2", 0, NULL);

	if (!mounted && errno != EBUSY)
		SKIP(return, "the kernel has no cgroups, or this is not root");
	tt_write_file(CGROUPS "/cgroup.subtree_control", "+memory");
	ASSERT_EQ(0, mkdir(JOB, 0700));
	if (tt_write_file(JOB "/memory.max", "1G")) {
		rmdir(JOB);
		SKIP(return, "the kernel has no memory cgroups");
	}
	ASSERT_EQ(0, tt_write_file(JOB "/cgroup.procs", "0"));
	/* Two rings each. The kernel counts in batches, of which some are under way. */
	EXPECT_LE(num * size * 2 * 16 * 3 / 4, memory_of_queues(self->dev.fd, size, num));
	EXPECT_GE(num * size * 2 * 16 / 4, kernel_memory());
	EXPECT_EQ(0, tt_write_file(CGROUPS "/cgroup.procs", "0"));
	EXPECT_EQ(0, rmdir(JOB));
	if (mounted)
		umount(CGROUPS);
}

/* ---- programs that sleep ---- */

#define TRACE "/sys/kernel/tracing/"

/* How often the watchdogs of the driver run while @seconds pass; -errno. */
static int count_watchdogs(unsigned int seconds)
{
	static char line[512];
	FILE *trace;
	int num = 0;

	if (tt_write_file(TRACE "trace", "") ||
	    tt_write_file(TRACE "events/workqueue/workqueue_execute_start/enable", "1"))
		return -ENOENT;
	/* A rate has no event to wait for. */
	tt_sleep_ms(1000 * seconds);
	tt_write_file(TRACE "events/workqueue/workqueue_execute_start/enable", "0");
	trace = fopen(TRACE "trace", "re");
	if (!trace)
		return -errno;
	while (fgets(line, sizeof(line), trace))
		num += !!strstr(line, "trn_queue_watchdog");
	fclose(trace);
	return num;
}

TEST_F(bounds, watchdog_of_idle_queues_hardly_runs)
{
	enum { NUM = 14, SECONDS = 2 };
	struct drm_trn_queue_create args;
	struct tt_uqueue uqs[NUM];
	struct tt_upath path;
	int i, looks;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	mount("tracefs", TRACE, "tracefs", 0, NULL);
	ASSERT_EQ(0, tt_upath_open_memory(&self->dev, 64, TT_PAGE, &path));
	args = tt_uqueue_args(path.vm.id, TT_UPATH_RING, 64);
	args.timeout_ms = 1;
	for (i = 0; i < NUM; i++) {
		ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, path.ring.map, &uqs[i]));
		ASSERT_EQ(0, tt_uqueue_notify(&uqs[i], 1ull << 62));
	}
	looks = count_watchdogs(SECONDS);
	for (i = 0; i < NUM; i++)
		tt_uqueue_destroy(&uqs[i]);
	tt_upath_close(&path);
	if (looks == -ENOENT)
		SKIP(return, "no trace of workqueues (root, CONFIG_FTRACE)");
	EXPECT_LE(0, looks);
	/* Ten a second each at first, then less. */
	EXPECT_GE(10 * NUM * SECONDS, looks);
}

/* Sleepers for a point that never comes, which every point that is added has to pass. */
static int hang_sleepers(const struct tt_uqueue *uq, int event, unsigned int num)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < num && !ret; i++)
		ret = tt_sync_eventfd(uq->queue.fd, uq->queue.syncobj, 1ull << 60, event);
	return ret;
}

TEST_F(bounds, laden_timeline_delays_its_owner_only)
{
	unsigned int num = tt_scale(20000, 2000), i;
	struct tt_upath path;
	uint64_t events;
	int event;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	ASSERT_EQ(0, tt_upath_open(&self->dev, 64, TT_PAGE, &path));
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, hang_sleepers(&path.uq, event, num));
	for (i = 1; i <= 100; i++) {
		tt_uqueue_push_copy(&path.uq, TT_UPATH_A, TT_UPATH_B, 64);
		tt_uqueue_ring(&path.uq);
		EXPECT_EQ(0, tt_uqueue_wait(&path.uq, i));
		EXPECT_EQ(0, tt_fill(&self->queue, &self->bo, 0, 64, i));
	}
	/* The end of the queue wakes them all. */
	ASSERT_EQ(0, tt_uqueue_destroy(&path.uq));
	ASSERT_EQ(sizeof(events), read(event, &events, sizeof(events)));
	EXPECT_EQ(num, events);
	close(event);
	tt_upath_close(&path);
}

TEST_HARNESS_MAIN
