// SPDX-License-Identifier: GPL-2.0-only
/* Threads that sleep for points of user-mode queues. */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "tt_uqueue.h"
#include "uqueue.h"

TEST_F(uqueue, notify_arguments)
{
	struct drm_trn_queue_notify ok = { .queue_id = self->path.uq.queue.id, .point = 1 }, bad;
	int fd = self->dev.fd;

	EXPECT_EQ(0, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &ok));
	bad = ok;
	bad.point = 0;
	EXPECT_EQ(-EINVAL, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
	bad = ok;
	bad.flags = 1;
	EXPECT_EQ(-EINVAL, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
	bad = ok;
	bad.queue_id++;
	EXPECT_EQ(-ENOENT, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
}

static int sync_now(const struct tt_uqueue *uq, uint64_t point)
{
	return tt_sync_wait(uq->queue.fd, uq->queue.syncobj, point, 0,
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
}

TEST_F(uqueue, point_that_is_done_is_on_the_timeline_at_once)
{
	struct tt_upath *p = &self->path;
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	/* Nobody armed: nothing is there. */
	EXPECT_EQ(-ETIME, sync_now(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 2));
	EXPECT_EQ(0, sync_now(&p->uq, 1));
	EXPECT_EQ(0, sync_now(&p->uq, 2));
	/* A later one that is done by then. */
	EXPECT_EQ(0, sync_now(&p->uq, 3));
	EXPECT_EQ(-ETIME, sync_now(&p->uq, 4));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 3));
}

TEST_F(uqueue, sleeper_is_woken)
{
	struct tt_upath *p = &self->path;
	int i;

	for (i = 1; i <= 20; i++) {
		tt_pattern_fill(p->b.map, 65536, i);
		tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 65536);
		tt_uqueue_ring(&p->uq);
		ASSERT_EQ(0, tt_uqueue_wait(&p->uq, i));
		EXPECT_EQ(65536, tt_pattern_match(p->a.map, 65536, i));
	}
}

struct sleeper {
	pthread_t thread;
	const struct tt_uqueue *uq;
	uint64_t point;
	int ret;
};

static void *sleep_for_point(void *arg)
{
	struct sleeper *s = arg;

	s->ret = tt_uqueue_wait(s->uq, s->point);
	return NULL;
}

/* More points than the driver remembers one by one, in no order, each awaited. */
TEST_F(uqueue, many_sleepers_at_many_points)
{
	struct tt_upath *p = &self->path;
	struct sleeper sleepers[RING] = { 0 };
	uint64_t i;

	for (i = 0; i < RING; i++) {
		sleepers[i].uq = &p->uq;
		sleepers[i].point = (i * 37) % RING + 1;
		ASSERT_EQ(0, pthread_create(&sleepers[i].thread, NULL, sleep_for_point,
					    &sleepers[i]));
	}
	for (i = 1; i <= RING; i++) {
		tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 4096);
		tt_uqueue_ring(&p->uq);
		/* Each sleeper wakes at its own point, without the others. */
		if (i % 16 == 0)
			ASSERT_EQ(0, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, i,
						  tt_deadline(TT_DEADLINE_S),
						  DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	}
	for (i = 0; i < RING; i++) {
		ASSERT_EQ(0, pthread_join(sleepers[i].thread, NULL));
		EXPECT_EQ(0, sleepers[i].ret);
	}
}

static bool fd_is_ready(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1;
}

TEST_F(uqueue, eventfd_comes_with_its_point)
{
	struct tt_upath *p = &self->path;
	int first, second;

	first = tt_uqueue_eventfd(&p->uq, 1);
	second = tt_uqueue_eventfd(&p->uq, 2);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 2));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	EXPECT_TRUE(fd_is_ready(first, TT_DEADLINE_S * 1000));
	EXPECT_FALSE(fd_is_ready(second, 0));
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	EXPECT_TRUE(fd_is_ready(second, TT_DEADLINE_S * 1000));
	close(first);
	close(second);
}

TEST_F(uqueue, point_that_is_never_rung_waits_for_its_deadline)
{
	struct drm_trn_queue_create args;
	struct tt_upath *p = &self->path;

	ASSERT_EQ(0, tt_uqueue_destroy(&p->uq));
	args = tt_uqueue_args(p->vm.id, TT_UPATH_RING, RING);
	args.timeout_ms = 20;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	/* Nothing rung, then one side only: none of that is the device's fault. */
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	EXPECT_EQ(-ETIME, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, 1,
				       tt_deadline(0) + TT_NSEC / 4,
				       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64);
	tt_uqueue_ring_raw(&p->uq, 1, 0);
	EXPECT_EQ(-ETIME, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, 1,
				       tt_deadline(0) + TT_NSEC / 4,
				       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	EXPECT_EQ(0, tt_uqueue_error(&p->uq));
	tt_uqueue_ring_raw(&p->uq, 0, 1);
	EXPECT_EQ(0, tt_uqueue_wait(&p->uq, 1));
}

TEST_F(uqueue, destroy_wakes_everybody)
{
	struct tt_upath *p = &self->path;
	struct sleeper sleeper = { .uq = &p->uq, .point = 1 };
	uint64_t last = 0;
	uint32_t handle = p->uq.queue.syncobj;
	int fd;

	fd = tt_uqueue_eventfd(&p->uq, UINT64_MAX);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, pthread_create(&sleeper.thread, NULL, sleep_for_point, &sleeper));
	struct drm_trn_queue_destroy args = { .queue_id = p->uq.queue.id };

	ASSERT_EQ(0, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args));
	EXPECT_TRUE(fd_is_ready(fd, TT_DEADLINE_S * 1000));
	ASSERT_EQ(0, pthread_join(sleeper.thread, NULL));
	/* Came late to the queue, or was woken by its end. */
	EXPECT_TRUE(sleeper.ret == -ECANCELED || sleeper.ret == -ENOENT);
	ASSERT_EQ(0, drmSyncobjQuery(self->dev.fd, &handle, &last, 1));
	EXPECT_EQ(UINT64_MAX, last);
	EXPECT_EQ(-ENOENT, tt_uqueue_notify(&p->uq, 1));
	close(fd);
}

TEST_HARNESS_MAIN
