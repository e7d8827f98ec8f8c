// SPDX-License-Identifier: GPL-2.0-only
/* QUEUE_CREATE, _DESTROY and _GET_STATE: limits, identity, life and death. */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <linux/sync_file.h>

#include "tt_harness.h"

FIXTURE(queue)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_SETUP(queue)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(queue)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* The error of a QUEUE_CREATE with these arguments; a queue is destroyed again. */
static int create_error(int fd, struct drm_trn_queue_create args)
{
	struct tt_queue queue = { .fd = fd };
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	if (!ret) {
		queue.id = args.queue_id;
		queue.syncobj = args.syncobj;
		tt_queue_destroy(&queue);
	}
	return ret;
}

TEST_F(queue, defaults_are_filled_in)
{
	const struct drm_trn_query_device *info = &self->dev.info;
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	EXPECT_NE(0, queue.id);
	EXPECT_NE(0, queue.syncobj);
	EXPECT_GT(info->num_engines, queue.engine);
	EXPECT_GT(info->queues_per_engine, queue.hw_queue);
	EXPECT_LE(64, queue.ring_size);
	EXPECT_GE(info->max_ring_size, queue.ring_size);
	EXPECT_EQ(0, queue.ring_size % 16);
	ASSERT_EQ(0, tt_queue_state(&queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	EXPECT_EQ(0, state.submitted);
	EXPECT_EQ(0, state.completed);
	EXPECT_EQ(0, state.error_point);
	EXPECT_EQ(0, state.error);
	EXPECT_EQ(0, state.fault_code);
	EXPECT_EQ(0, state.fault_addr);
	EXPECT_EQ(0, tt_queue_destroy(&queue));
}

TEST_F(queue, any_engine_means_the_emptiest)
{
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	struct tt_queue queues[4];
	uint32_t most = 0;
	int i, e, n;

	for (i = 0; i < 4; i++) {
		n = tt_query_engines(self->dev.fd, engines, TT_MAX_ENGINES);
		for (e = 0, most = 0; e < n; e++)
			if (engines[e].free_queues > most)
				most = engines[e].free_queues;
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queues[i]));
		EXPECT_EQ(most, engines[queues[i].engine].free_queues);
	}
	for (i = 0; i < 4; i++)
		tt_queue_destroy(&queues[i]);
}

TEST_F(queue, ring_sizes_are_checked)
{
	uint32_t max = self->dev.info.max_ring_size;
	uint32_t good[] = { 64, 80, 96, 4096, max };
	uint32_t bad[] = { 1, 16, 32, 48, 63, 65, 72, 100, max + 16, 1u << 31, ~0u, ~0u - 15 };
	struct tt_queue queue;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		if (good[i] > max)
			continue;
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, good[i], &queue));
		EXPECT_EQ(good[i], queue.ring_size) {
			TH_LOG("case %d", (int)i);
		}
		tt_queue_destroy(&queue);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, tt_queue_create(self->dev.fd, DRM_TRN_NONE, bad[i], &queue)) {
			TH_LOG("case %d", (int)i);
		}
	}
}

TEST_F(queue, bad_arguments_are_refused)
{
	int fd = self->dev.fd;
	struct drm_trn_queue_create ok = { .engine = DRM_TRN_NONE }, bad;
	unsigned int bit;

	EXPECT_EQ(0, create_error(fd, ok));
	for (bit = 0; bit < 32; bit++) {
		bad = ok;
		bad.flags = 1u << bit;
		EXPECT_EQ(-EINVAL, create_error(fd, bad)) {
			TH_LOG("bit %u", bit);
		}
	}
	bad = ok;
	bad.mode = 1;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.vm_id = 1;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.pad = 1;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.engine = self->dev.info.num_engines;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad.engine = DRM_TRN_NONE - 1;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.ring_va = 4096;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.engine_class = 3;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.priority = 3;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
}

TEST_F(queue, engine_by_class_and_placement)
{
	struct drm_trn_queue_create args;
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	uint32_t num = self->dev.info.num_regions, class, region, engine;
	int fd = self->dev.fd;

	ASSERT_LT(0, tt_query_engines(fd, engines, TT_MAX_ENGINES));
	for (class = DRM_TRN_ENGINE_CLASS_ANY; class <= DRM_TRN_ENGINE_CLASS_H2T; class++) {
		for (region = 0; region + 1 < num; region++) {
			struct tt_queue queue = { .fd = fd };

			args = (struct drm_trn_queue_create) {
				.engine = DRM_TRN_NONE,
				.engine_class = class,
				.placement = 1ull << region,
			};
			ASSERT_EQ(0, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args));
			engine = args.engine;
			EXPECT_EQ(region, engines[engine].stack);
			if (class == DRM_TRN_ENGINE_CLASS_CORE)
				EXPECT_NE(DRM_TRN_NONE, engines[engine].core);
			if (class == DRM_TRN_ENGINE_CLASS_H2T)
				EXPECT_EQ(DRM_TRN_NONE, engines[engine].core);
			queue.id = args.queue_id;
			queue.syncobj = args.syncobj;
			tt_queue_destroy(&queue);
		}
	}
	/* A named engine has no such wishes; a set has a stack in it. */
	args = (struct drm_trn_queue_create) { .engine_class = DRM_TRN_ENGINE_CLASS_CORE };
	EXPECT_EQ(-EINVAL, create_error(fd, args));
	args = (struct drm_trn_queue_create) { .placement = 1 };
	EXPECT_EQ(-EINVAL, create_error(fd, args));
	args = (struct drm_trn_queue_create) { .engine = DRM_TRN_NONE, .placement = 1ull << num };
	EXPECT_EQ(-EINVAL, create_error(fd, args));
	args.placement = self->dev.system;
	EXPECT_EQ(-EINVAL, create_error(fd, args));
	args.placement = self->dev.system | 1;
	EXPECT_EQ(0, create_error(fd, args));
}

TEST_F(queue, full_class_of_engines_is_busy)
{
	struct drm_trn_queue_create args = {
		.engine = DRM_TRN_NONE,
		.engine_class = DRM_TRN_ENGINE_CLASS_H2T,
		.placement = 1,
	};
	struct drm_trn_queue_create next;
	struct tt_device other;
	int ret;

	ASSERT_EQ(0, tt_device_open(&other));
	do {
		next = args;
		ret = tt_ioctl(other.fd, DRM_IOCTL_TRN_QUEUE_CREATE, &next);
	} while (!ret);
	EXPECT_EQ(-EBUSY, ret);
	EXPECT_EQ(-EBUSY, create_error(self->dev.fd, args));
	args.engine_class = DRM_TRN_ENGINE_CLASS_CORE;
	EXPECT_EQ(0, create_error(self->dev.fd, args));
	tt_device_close(&other);
}

TEST_F(queue, high_priority_is_a_privilege)
{
	struct drm_trn_queue_create args = { .engine = DRM_TRN_NONE };
	int status;
	pid_t pid;

	if (geteuid())
		SKIP(return, "needs root, to give it up");
	args.priority = DRM_TRN_QUEUE_PRIORITY_LOW;
	EXPECT_EQ(0, create_error(self->dev.fd, args));
	args.priority = DRM_TRN_QUEUE_PRIORITY_HIGH;
	EXPECT_EQ(0, create_error(self->dev.fd, args));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (setuid(65534) || create_error(self->dev.fd, args) != -EACCES)
			_exit(1);
		args.priority = DRM_TRN_QUEUE_PRIORITY_LOW;
		_exit(create_error(self->dev.fd, args) ? 2 : 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(queue, timeout_of_an_hour_is_the_limit)
{
	struct drm_trn_queue_create args = { .engine = DRM_TRN_NONE, .timeout_ms = 3600000 };

	EXPECT_EQ(0, create_error(self->dev.fd, args));
	args.timeout_ms = 1;
	EXPECT_EQ(0, create_error(self->dev.fd, args));
	args.timeout_ms = 3600001;
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, args));
	args.timeout_ms = ~0u;
	EXPECT_EQ(-EINVAL, create_error(self->dev.fd, args));
}

TEST_F(queue, max_queues_is_the_limit_of_a_file)
{
	uint32_t i, n = self->dev.info.max_queues;
	struct tt_queue *queues = calloc(n + 1, sizeof(*queues));
	int ret = 0;

	ASSERT_NE(NULL, queues);
	if (n >= self->before.free_queues)
		SKIP(return, "the device has fewer queues than a file may take");
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queues[i]));
	EXPECT_EQ(-EMFILE, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queues[n]));
	tt_queue_destroy(&queues[0]);
	EXPECT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queues[0]));
	for (i = 0; i < n; i++)
		ret |= tt_queue_destroy(&queues[i]);
	EXPECT_EQ(0, ret);
	free(queues);
}

TEST_F(queue, taken_engine_is_busy_for_all)
{
	uint32_t engine = self->dev.info.num_engines - 1;
	struct tt_device other;
	struct tt_queue queue;
	int ret, n = 0;

	ASSERT_EQ(0, tt_device_open(&other));
	while (!(ret = tt_queue_create(other.fd, engine, 64, &queue)))
		n++;
	EXPECT_EQ(-EBUSY, ret);
	EXPECT_LT(0, n);
	EXPECT_EQ(-EBUSY, tt_queue_create(self->dev.fd, engine, 64, &queue));
	/* Any other engine still has room. */
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queue));
	EXPECT_NE(engine, queue.engine);
	tt_queue_destroy(&queue);
	tt_device_close(&other);
	ASSERT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, engine, 64, &queue));
	tt_queue_destroy(&queue);
}

TEST_F(queue, state_counts_the_points)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	struct tt_bo bo;
	uint64_t i, point;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	for (i = 1; i <= 10; i++) {
		struct drm_trn_op op = tt_op_fill(&bo, 0, TT_PAGE, i);

		ASSERT_EQ(0, tt_submit(&queue, &op, 1, &point));
		EXPECT_EQ(i, point);
		EXPECT_EQ(0, tt_wait(&queue, point));
		ASSERT_EQ(0, tt_queue_state(&queue, &state));
		EXPECT_EQ(i, state.submitted);
		EXPECT_EQ(i, state.completed);
		EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	}
	tt_bo_close(&bo);
	tt_queue_destroy(&queue);
}

TEST_F(queue, destroyed_queue_is_gone)
{
	struct drm_trn_queue_get_state state;
	struct drm_trn_op op;
	struct tt_queue queue, dead;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	dead = queue;
	ASSERT_EQ(0, tt_queue_destroy(&queue));
	op = tt_op_fill(&bo, 0, TT_PAGE, 1);
	EXPECT_EQ(-ENOENT, tt_submit(&dead, &op, 1, NULL));
	EXPECT_EQ(-ENOENT, tt_queue_state(&dead, &state));
	dead.syncobj = 0;
	EXPECT_EQ(-ENOENT, tt_queue_destroy(&dead));
	tt_bo_close(&bo);
}

TEST_F(queue, queue_of_another_file_is_unknown)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue, stolen;
	struct tt_device other;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	stolen = queue;
	stolen.fd = other.fd;
	stolen.syncobj = 0;
	EXPECT_EQ(-ENOENT, tt_queue_state(&stolen, &state));
	EXPECT_EQ(-ENOENT, tt_queue_destroy(&stolen));
	EXPECT_EQ(0, tt_queue_state(&queue, &state));
	tt_queue_destroy(&queue);
	tt_device_close(&other);
}

/* Work that takes a while: @n fills of the whole BO. */
static int start_work(const struct tt_queue *queue, const struct tt_bo *bo, int n, uint64_t *point)
{
	struct drm_trn_op op = tt_op_fill(bo, 0, bo->size, 0x600df00d);
	int ret = 0;

	while (n-- && !ret)
		ret = tt_submit(queue, &op, 1, point);
	return ret;
}

TEST_F(queue, destroy_cancels_the_work_in_flight)
{
	struct tt_queue queue;
	struct tt_bo bo;
	uint32_t syncobj;
	uint64_t point;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 64 * TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, start_work(&queue, &bo, 64, &point));
	struct drm_trn_queue_destroy args = { .queue_id = queue.id };

	syncobj = queue.syncobj;
	ASSERT_EQ(0, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args));
	/* The timeline outlives the queue, and every point of it has come. */
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, syncobj, point, tt_deadline(TT_DEADLINE_S), 0));
	drmSyncobjDestroy(self->dev.fd, syncobj);
	/* Nothing writes any more. */
	memset(bo.map, 0x11, bo.size);
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_fill(&queue, &bo, 0, TT_MIB, 0x22222222));
	EXPECT_EQ(bo.size - TT_MIB, tt_byte_match((char *)bo.map + TT_MIB, bo.size - TT_MIB, 0x11));
	tt_queue_destroy(&queue);
	tt_bo_close(&bo);
}

TEST_F(queue, cancelled_fence_carries_ecanceled)
{
	struct drm_trn_sync out = { DRM_TRN_SYNC_SIGNAL, 0, 0 };
	struct sync_file_info info = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	struct drm_trn_op op;
	struct tt_queue queue;
	struct tt_bo bo;
	uint64_t point;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 64 * TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &out.handle));
	ASSERT_EQ(0, start_work(&queue, &bo, 100, &point));
	op = tt_op_fill(&bo, 0, 4, 1);
	ASSERT_EQ(0, tt_submit_syncs(&queue, &op, 1, &out, 1, NULL));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, out.handle, &pfd.fd));
	ASSERT_EQ(0, tt_queue_destroy(&queue));
	ASSERT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	ASSERT_EQ(0, ioctl(pfd.fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(-ECANCELED, info.status);
	close(pfd.fd);
	drmSyncobjDestroy(self->dev.fd, out.handle);
	tt_bo_close(&bo);
}

TEST_F(queue, work_that_waits_for_a_destroyed_queue_goes_on)
{
	struct tt_queue first, second;
	struct drm_trn_sync in;
	struct drm_trn_op op;
	struct tt_bo bo;
	uint64_t point, last;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 64 * TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, 0, 0, &first));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, 1, 0, &second));
	ASSERT_EQ(0, start_work(&first, &bo, 64, &point));
	in = (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT, first.syncobj, point };
	op = tt_op_fill(&bo, 0, TT_PAGE, 1);
	ASSERT_EQ(0, tt_submit_syncs(&second, &op, 1, &in, 1, &last));
	ASSERT_EQ(0, tt_queue_destroy(&first));
	/* It ends, whether it ran or inherited the error. */
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, second.syncobj, last,
				  tt_deadline(TT_DEADLINE_S), 0));
	tt_queue_destroy(&second);
	tt_bo_close(&bo);
}

TEST_F(queue, timeline_is_the_users_to_lose)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	struct tt_bo bo;
	uint64_t i, point, far = 1ull << 40;

	/* Signalled, reset, destroyed by the user: the queue works all the same. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, start_work(&queue, &bo, 8, &point));
	EXPECT_EQ(0, drmSyncobjTimelineSignal(self->dev.fd, &queue.syncobj, &far, 1));
	ASSERT_EQ(0, start_work(&queue, &bo, 8, &point));
	EXPECT_EQ(0, drmSyncobjReset(self->dev.fd, &queue.syncobj, 1));
	ASSERT_EQ(0, start_work(&queue, &bo, 8, &point));
	EXPECT_EQ(0, drmSyncobjDestroy(self->dev.fd, queue.syncobj));
	ASSERT_EQ(0, start_work(&queue, &bo, 8, &point));
	EXPECT_EQ(32, point);
	for (i = 0; i < TT_DEADLINE_S * 100; i++) {
		ASSERT_EQ(0, tt_queue_state(&queue, &state));
		if (state.completed == point)
			break;
		tt_sleep_ms(10);
	}
	EXPECT_EQ(32, state.completed);
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	tt_queue_destroy(&queue);
	tt_bo_close(&bo);
}

TEST_F(queue, hardware_queue_is_like_new_each_time)
{
	unsigned int i, rounds = tt_scale(200, 40);
	struct tt_queue queue;
	struct tt_bo src, dst;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &src));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &dst));
	for (i = 0; i < rounds; i++) {
		uint64_t size = 1 + i * 4999 % TT_MIB;
		unsigned int j;

		/* Another ring each time, left at another place and half the time at work. */
		ASSERT_EQ(0, tt_queue_create(self->dev.fd, 3, 64 + i % 5 * 16, &queue));
		tt_pattern_fill(src.map, size, i);
		for (j = 0; j < i % 7 + 1; j++)
			ASSERT_EQ(0, tt_copy(&queue, &dst, 0, &src, 0, size));
		EXPECT_EQ(size, tt_pattern_match(dst.map, size, i));
		if (i & 1)
			ASSERT_EQ(0, start_work(&queue, &dst, 3, NULL));
		ASSERT_EQ(0, tt_queue_destroy(&queue));
	}
	tt_bo_close(&dst);
	tt_bo_close(&src);
}

TEST_F(queue, many_submissions_are_all_done)
{
	uint64_t i, n = tt_scale(20000, 2000), point = 0;
	struct drm_trn_op op;
	struct tt_queue queue;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queue));
	for (i = 0; i < n; i++) {
		op = tt_op_fill(&bo, i % 1024 * 4, 4, i);
		ASSERT_EQ(0, tt_submit(&queue, &op, 1, &point));
	}
	ASSERT_EQ(n, point);
	EXPECT_EQ(0, tt_wait(&queue, point));
	for (i = n - 1024; i < n; i++)
		EXPECT_EQ(i, ((uint32_t *)bo.map)[i % 1024]);
	tt_queue_destroy(&queue);
	tt_bo_close(&bo);
}

TEST_HARNESS_MAIN
