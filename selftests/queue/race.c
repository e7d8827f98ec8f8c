// SPDX-License-Identifier: GPL-2.0-only
/* Two calls at once on one object, where one of them ends it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_race.h"
#include "tt_uqueue.h"

#define SIZE (256 * TT_KIB)

FIXTURE(race)
{
	struct tt_device dev;
	struct tt_usage before;
	unsigned int rounds;
};

FIXTURE_SETUP(race)
{
	self->rounds = tt_scale(200, 40);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(race)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

struct race {
	struct tt_race race;
	const struct tt_device *dev;
	struct tt_queue queue;
	struct tt_bo a, b;
	struct tt_upath path;
};

/* ---- actions of a side ---- */

/* Submit until the queue is gone. */
static int submit_until_error(void *arg)
{
	struct race *race = arg;
	struct drm_trn_op op = tt_op_copy(&race->b, 0, &race->a, 0, SIZE);
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	int ret;

	/* The side that ends it may be slow to come. */
	do
		ret = tt_submit(&race->queue, &op, 1, NULL);
	while (!ret && tt_deadline(0) < deadline);
	return ret;
}

static int submit_some(void *arg)
{
	struct race *race = arg;
	struct drm_trn_op op = tt_op_copy(&race->b, 0, &race->a, 0, SIZE);
	int i, ret = 0;

	for (i = 0; i < 20 && !ret; i++)
		ret = tt_submit(&race->queue, &op, 1, NULL);
	return ret;
}

static int ask_until_error(void *arg)
{
	struct race *race = arg;
	struct drm_trn_queue_get_state state;
	int i, ret = 0;

	for (i = 0; i < 1000 && !ret; i++)
		ret = tt_queue_state(&race->queue, &state);
	return ret;
}

static int destroy_queue(void *arg)
{
	struct race *race = arg;
	struct drm_trn_queue_destroy args = { .queue_id = race->queue.id };

	return tt_ioctl(race->queue.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
}

static int close_source(void *arg)
{
	struct race *race = arg;

	return tt_gem_close(race->dev->fd, race->a.handle);
}

static int close_file(void *arg)
{
	struct race *race = arg;

	return close(race->queue.fd) ? -errno : 0;
}

static int inform_until_error(void *arg)
{
	struct race *race = arg;
	struct drm_trn_bo_info info;
	int i, ret = 0;

	for (i = 0; i < 1000 && !ret; i++)
		ret = tt_bo_info(race->dev->fd, race->a.handle, &info);
	return ret;
}

static int open_queue(struct race *race)
{
	return tt_queue_create(race->dev->fd, 5, 64, &race->queue);
}

static int open_bos(struct race *race, bool with_a)
{
	int ret = tt_bo_create(race->dev->fd, SIZE, race->dev->hbm, &race->b);

	if (!ret && with_a)
		ret = tt_bo_create(race->dev->fd, SIZE, race->dev->hbm, &race->a);
	return ret;
}

/* ---- the races ---- */

TEST_F(race, destroy_against_submit)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = submit_until_error }, { .run = submit_until_error },
				   { .run = destroy_queue } };
	unsigned int i;

	ASSERT_EQ(0, open_bos(&race, true));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 3, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, open_queue(&race));
		tt_race_round(&race.race);
		EXPECT_EQ(-ENOENT, sides[0].ret);
		EXPECT_EQ(-ENOENT, sides[1].ret);
		EXPECT_EQ(0, sides[2].ret);
		drmSyncobjDestroy(self->dev.fd, race.queue.syncobj);
	}
	tt_race_join(&race.race, sides, 3);
	tt_bo_close(&race.a);
	tt_bo_close(&race.b);
}

TEST_F(race, destroy_against_get_state)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = ask_until_error }, { .run = destroy_queue } };
	unsigned int i;

	ASSERT_EQ(0, open_bos(&race, true));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 2, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, open_queue(&race));
		submit_some(&race);
		tt_race_round(&race.race);
		EXPECT_TRUE(sides[0].ret == -ENOENT || sides[0].ret == 0);
		EXPECT_EQ(0, sides[1].ret);
		drmSyncobjDestroy(self->dev.fd, race.queue.syncobj);
	}
	tt_race_join(&race.race, sides, 2);
	tt_bo_close(&race.a);
	tt_bo_close(&race.b);
}

TEST_F(race, double_destroy_succeeds_once)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[4] = {
		{ .run = destroy_queue }, { .run = destroy_queue },
		{ .run = destroy_queue }, { .run = destroy_queue },
	};
	unsigned int i, j;

	ASSERT_EQ(0, open_bos(&race, true));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 4, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		unsigned int won = 0;

		ASSERT_EQ(0, open_queue(&race));
		submit_some(&race);
		tt_race_round(&race.race);
		for (j = 0; j < 4; j++) {
			won += !sides[j].ret;
			EXPECT_TRUE(!sides[j].ret || sides[j].ret == -ENOENT);
		}
		EXPECT_EQ(1, won);
		drmSyncobjDestroy(self->dev.fd, race.queue.syncobj);
	}
	tt_race_join(&race.race, sides, 4);
	tt_bo_close(&race.a);
	tt_bo_close(&race.b);
}

TEST_F(race, close_of_a_bo_against_submit)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = submit_some }, { .run = close_source } };
	unsigned int i;

	ASSERT_EQ(0, open_queue(&race));
	ASSERT_EQ(0, open_bos(&race, false));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 2, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, SIZE, self->dev.hbm, &race.a));
		tt_race_round(&race.race);
		EXPECT_TRUE(!sides[0].ret || sides[0].ret == -ENOENT);
		EXPECT_EQ(0, sides[1].ret);
	}
	tt_race_join(&race.race, sides, 2);
	tt_queue_destroy(&race.queue);
	tt_bo_close(&race.b);
}

TEST_F(race, close_of_pinned_memory_against_submit)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = submit_some }, { .run = close_source } };
	unsigned int i;

	ASSERT_EQ(0, open_queue(&race));
	ASSERT_EQ(0, open_bos(&race, false));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 2, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		void *mem = tt_pages(SIZE);

		ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &race.a));
		tt_race_round(&race.race);
		EXPECT_TRUE(!sides[0].ret || sides[0].ret == -ENOENT);
		EXPECT_EQ(0, sides[1].ret);
		munmap(mem, SIZE);
	}
	tt_race_join(&race.race, sides, 2);
	tt_queue_destroy(&race.queue);
	tt_bo_close(&race.b);
}

TEST_F(race, double_close_of_a_bo_succeeds_once)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = close_source }, { .run = close_source },
				   { .run = inform_until_error } };
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race.race, sides, 3, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, SIZE, self->dev.hbm, &race.a));
		tt_race_round(&race.race);
		EXPECT_EQ(1, !sides[0].ret + !sides[1].ret);
		EXPECT_EQ(-EINVAL, sides[0].ret + sides[1].ret);
		EXPECT_TRUE(sides[2].ret == -ENOENT || sides[2].ret == 0);
	}
	tt_race_join(&race.race, sides, 3);
}

TEST_F(race, close_of_the_file_against_submit)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = submit_until_error }, { .run = submit_until_error },
				   { .run = close_file } };
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race.race, sides, 3, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		struct tt_device other;

		ASSERT_EQ(0, tt_device_open(&other));
		ASSERT_EQ(0, tt_queue_create(other.fd, 5, 64, &race.queue));
		ASSERT_EQ(0, tt_bo_create_unmapped(other.fd, SIZE, other.hbm, &race.a));
		ASSERT_EQ(0, tt_bo_create_unmapped(other.fd, SIZE, other.hbm, &race.b));
		tt_race_round(&race.race);
		EXPECT_EQ(-EBADF, sides[0].ret);
		EXPECT_EQ(-EBADF, sides[1].ret);
		EXPECT_EQ(0, sides[2].ret);
	}
	tt_race_join(&race.race, sides, 3);
}

/* Map the BO, touch it, unmap it; it may be gone. */
static int map_and_touch(void *arg)
{
	struct race *race = arg;
	char *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, race->dev->fd,
			 race->a.mmap_offset);

	if (map == MAP_FAILED)
		return -errno;
	memset(map, 1, SIZE);
	munmap(map, SIZE);
	return 0;
}

TEST_F(race, close_of_a_bo_against_mmap)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = map_and_touch }, { .run = map_and_touch },
				   { .run = close_source } };
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race.race, sides, 3, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &race.a));
		munmap(race.a.map, SIZE);
		tt_race_round(&race.race);
		EXPECT_TRUE(!sides[0].ret || sides[0].ret == -EINVAL || sides[0].ret == -EACCES);
		EXPECT_EQ(0, sides[2].ret);
	}
	tt_race_join(&race.race, sides, 3);
}

/* ---- user-mode queues ---- */

static int create_user_queue(struct race *race)
{
	struct drm_trn_queue_create args = tt_uqueue_args(race->path.vm.id, TT_UPATH_RING, 64);

	return tt_uqueue_create(race->dev->fd, &args, race->path.ring.map, &race->path.uq);
}

/* Does not look at the queue's id after the destruction by another side. */
static int destroy_user_queue(void *arg)
{
	struct race *race = arg;
	struct drm_trn_queue_destroy args = { .queue_id = race->path.uq.queue.id };

	return tt_ioctl(race->dev->fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
}

static int notify_until_error(void *arg)
{
	struct race *race = arg;
	int i, ret = 0;

	for (i = 0; i < 200 && !ret; i++)
		ret = tt_uqueue_notify(&race->path.uq, i % 100 + 1);
	return ret;
}

static int copy_until_error(void *arg)
{
	struct race *race = arg;
	struct tt_uqueue uq = race->path.uq;
	int ret;

	do
		ret = tt_uqueue_copy(&uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	while (!ret);
	return ret;
}

/* Map the doorbell anew and ring it for nothing, until there is none. */
static int map_until_error(void *arg)
{
	struct race *race = arg;
	uint64_t offset = race->path.uq.doorbell_offset;
	uint32_t *map;
	int i;

	for (i = 0; i < 200; i++) {
		map = mmap(NULL, TT_PAGE, PROT_WRITE, MAP_SHARED, race->dev->fd, offset);
		if (map == MAP_FAILED)
			return -errno;
		__atomic_store_n(map, 0, __ATOMIC_RELEASE);
		munmap(map, TT_PAGE);
	}
	return 0;
}

static int sleep_for_the_end(void *arg)
{
	struct race *race = arg;

	return tt_sync_wait(race->dev->fd, race->path.uq.queue.syncobj, 100,
			    tt_deadline(TT_DEADLINE_S),
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
}

TEST_F(race, end_of_a_user_queue_against_all_that_use_it)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = notify_until_error }, { .run = copy_until_error },
				   { .run = map_until_error }, { .run = sleep_for_the_end },
				   { .run = destroy_user_queue } };
	unsigned int i, rounds = self->rounds / 4;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open_memory(&self->dev, 64, SIZE, &race.path));
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 5, rounds, &race));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, create_user_queue(&race));
		tt_race_round(&race.race);
		/* Armed often enough, or told that the queue is dead, or gone. */
		EXPECT_TRUE(!sides[0].ret || sides[0].ret == -ECANCELED ||
			    sides[0].ret == -ENOENT);
		EXPECT_EQ(-ECANCELED, sides[1].ret);
		EXPECT_TRUE(!sides[2].ret || sides[2].ret == -EINVAL);
		EXPECT_EQ(0, sides[3].ret);
		EXPECT_EQ(0, sides[4].ret);
		/* The id is not taken again before all sides are done. */
		EXPECT_EQ(-ENOENT, tt_uqueue_destroy(&race.path.uq));
	}
	tt_race_join(&race.race, sides, 5);
	tt_upath_close(&race.path);
}

TEST_F(race, end_of_the_file_of_a_user_queue)
{
	struct race race = { .dev = &self->dev };
	unsigned int i, rounds = self->rounds / 4;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	/* The mappings hold the file, so that it ends with the last of them. */
	for (i = 0; i < rounds; i++) {
		struct tt_device other;

		ASSERT_EQ(0, tt_device_open(&other));
		ASSERT_EQ(0, tt_upath_open(&other, 64, TT_PAGE, &race.path));
		tt_uqueue_push_copy(&race.path.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
		tt_device_close(&other);
		tt_uqueue_ring(&race.path.uq);
		EXPECT_EQ(0, tt_uqueue_poll(&race.path.uq, 1));
		tt_uqueue_push_copy(&race.path.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
		tt_uqueue_ring(&race.path.uq);
		munmap((void *)race.path.uq.page, TT_PAGE);
		munmap(race.path.uq.doorbell, TT_PAGE);
		munmap(race.path.ring.map, race.path.ring.size);
		munmap(race.path.a.map, race.path.a.size);
		munmap(race.path.b.map, race.path.b.size);
	}
}

/* Unmap and map again under the pinning of the other side. */
static int remap(void *arg)
{
	struct race *race = arg;
	int i;

	for (i = 0; i < 20; i++)
		if (mmap(race->a.map, SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			return -errno;
	return 0;
}

static int pin_some(void *arg)
{
	struct race *race = arg;
	struct tt_bo bo;
	int i, ret = 0;

	for (i = 0; i < 20 && !ret; i++) {
		ret = tt_bo_userptr(race->dev->fd, race->a.map, SIZE, 0, &bo);
		if (!ret)
			tt_bo_close(&bo);
	}
	return ret;
}

TEST_F(race, pinning_against_munmap)
{
	struct race race = { .dev = &self->dev };
	struct tt_side sides[] = { { .run = pin_some }, { .run = pin_some }, { .run = remap } };
	unsigned int i;

	race.a.map = tt_pages(SIZE);
	ASSERT_NE(NULL, race.a.map);
	ASSERT_EQ(0, tt_race_start(&race.race, sides, 3, self->rounds, &race));
	for (i = 0; i < self->rounds; i++) {
		tt_race_round(&race.race);
		EXPECT_TRUE(!sides[0].ret || sides[0].ret == -EFAULT);
		EXPECT_TRUE(!sides[1].ret || sides[1].ret == -EFAULT);
		EXPECT_EQ(0, sides[2].ret);
	}
	tt_race_join(&race.race, sides, 3);
	munmap(race.a.map, SIZE);
}

TEST_HARNESS_MAIN
