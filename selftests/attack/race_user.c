// SPDX-License-Identifier: GPL-2.0-only
/* Calls at once on address spaces and user-mode queues, where one of them ends something. */
#include <sys/mman.h>

#include "tt_attacker.h"
#include "tt_harness.h"
#include "tt_race.h"
#include "tt_sysfs.h"

#define SIZE (256 * TT_KIB)
#define IN_FLIGHT 32
#define TRIES 20

struct race {
	struct tt_race race;
	const struct tt_device *dev;
	struct tt_attacker attacker;	/* a file of its own, with a queue and its space */
	struct tt_vm vm;		/* another space, of the same file */
	struct tt_bo a, b;
	uint64_t va;			/* where a and b are mapped, in turn */
	char bdf[32];
};

FIXTURE(race_user)
{
	struct tt_device dev;
	struct tt_usage before;
	struct race race;
	unsigned int rounds;
};

FIXTURE_SETUP(race_user)
{
	struct race *race = &self->race;

	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	self->rounds = tt_scale(200, 40);
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	race->dev = &self->dev;
	ASSERT_EQ(0, tt_attacker_open(&race->attacker, DRM_TRN_NONE));
	race->va = race->attacker.ring_va + 16 * TT_MIB;
	ASSERT_EQ(0, tt_bo_create(race->attacker.dev.fd, SIZE, self->dev.hbm, &race->a));
	ASSERT_EQ(0, tt_bo_create(race->attacker.dev.fd, SIZE, self->dev.system, &race->b));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, race->bdf, sizeof(race->bdf)));
}

FIXTURE_TEARDOWN(race_user)
{
	tt_bo_close(&self->race.b);
	tt_bo_close(&self->race.a);
	tt_attacker_close(&self->race.attacker);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* ---- actions of a side ---- */

static int map_in_turn(void *arg)
{
	struct race *race = arg;
	int i, ret = 0;

	for (i = 0; i < TRIES && !ret; i++)
		ret = tt_vm_map(&race->attacker.vm, i % 2 ? &race->a : &race->b, race->va);
	return ret;
}

/* Copies into the memory that is mapped in turn, and half of them out of it. */
static int copy_some(void *arg)
{
	struct race *race = arg;
	struct tt_uqueue *queue = &race->attacker.queue;
	int i;

	for (i = 0; i < IN_FLIGHT; i++) {
		if (i % 2)
			tt_uqueue_push_copy(queue, race->va + i % 4 * 65536, race->attacker.src_va,
					    65536);
		else
			tt_uqueue_push_copy(queue, race->attacker.dst_va, race->va, 65536);
	}
	tt_uqueue_ring(queue);
	return tt_uqueue_poll(queue, queue->s2m_pos);
}

static int map_and_unmap_parts(void *arg)
{
	struct race *race = arg;
	struct drm_trn_vm_op ops[] = {
		tt_vm_op_map(&race->a, 0, race->va, SIZE, TT_VM_RW),
		tt_vm_op_unmap(race->va + SIZE / 4, SIZE / 2),
		tt_vm_op_map(&race->b, SIZE / 2, race->va + SIZE / 2, SIZE / 2, TT_VM_RW),
		tt_vm_op_unmap(race->va, SIZE),
	};
	int i, ret = 0;

	for (i = 0; i < TRIES && !ret; i++)
		ret = tt_vm_bind(&race->attacker.vm, ops, ARRAY_SIZE(ops));
	return ret;
}

static int bind_until_error(void *arg)
{
	struct race *race = arg;
	int i, ret = 0;

	for (i = 0; i < TRIES && !ret; i++) {
		ret = tt_vm_map(&race->vm, &race->a, race->va);
		if (!ret)
			ret = tt_vm_unmap(&race->vm, race->va, SIZE);
	}
	return ret;
}

static int destroy_vm(void *arg)
{
	struct race *race = arg;
	struct tt_vm vm = race->vm;

	return tt_vm_destroy(&vm);
}

/* Queues in a space that may be gone; destroyed at once. */
static int create_queues(void *arg)
{
	struct race *race = arg;
	struct drm_trn_queue_create args = tt_uqueue_args(race->vm.id, race->va, 64);
	struct tt_uqueue queue;
	int i, ret = 0;

	for (i = 0; i < TRIES && !ret; i++) {
		ret = tt_uqueue_create(race->attacker.dev.fd, &args, NULL, &queue);
		if (!ret)
			ret = tt_uqueue_destroy(&queue);
	}
	return ret;
}

static int close_a(void *arg)
{
	struct race *race = arg;

	return tt_gem_close(race->attacker.dev.fd, race->a.handle);
}

static int notify_until_error(void *arg)
{
	struct race *race = arg;
	uint64_t point;
	int ret = 0;

	for (point = 1; point < 1000 && !ret; point++)
		ret = tt_uqueue_notify(&race->attacker.queue, point);
	return ret;
}

/* For a point that no work will reach: only the end of the queue can end it. */
static int wait_for_the_end(void *arg)
{
	struct race *race = arg;
	const struct tt_queue *queue = &race->attacker.queue.queue;

	return tt_sync_wait(queue->fd, queue->syncobj, 1ull << 40, tt_deadline(TT_DEADLINE_S),
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
}

static int ask_until_error(void *arg)
{
	struct race *race = arg;
	struct drm_trn_queue_get_state state;
	int i, ret = 0;

	for (i = 0; i < 1000 && !ret; i++)
		ret = tt_queue_state(&race->attacker.queue.queue, &state);
	return ret;
}

static int fault(void *arg)
{
	struct race *race = arg;
	struct tt_uqueue *queue = &race->attacker.queue;

	tt_uqueue_push_copy(queue, race->attacker.dst_va, 0, 64);
	tt_uqueue_ring(queue);
	return 0;
}

/* New mappings of the pages of a queue that may be gone: each can be touched. */
static int map_pages_and_ring(void *arg)
{
	struct race *race = arg;
	const struct tt_uqueue *queue = &race->attacker.queue;
	int fd = race->attacker.dev.fd, i;

	for (i = 0; i < TRIES; i++) {
		uint64_t *doorbell = mmap(NULL, TT_PAGE, PROT_WRITE, MAP_SHARED, fd,
					  queue->doorbell_offset);
		const struct drm_trn_queue_page *page;

		if (doorbell == MAP_FAILED)
			return -errno;
		page = mmap(NULL, TT_PAGE, PROT_READ, MAP_SHARED, fd, queue->record_offset);
		__atomic_store_n(doorbell + 1, 0, __ATOMIC_RELEASE);
		munmap(doorbell, TT_PAGE);
		if (page == MAP_FAILED)
			return -errno;
		(void)__atomic_load_n(&page->error, __ATOMIC_ACQUIRE);
		munmap((void *)page, TT_PAGE);
	}
	return 0;
}

static int ring_often(void *arg)
{
	struct race *race = arg;
	int i;

	for (i = 0; i < 2000; i++)
		tt_uqueue_ring_raw(&race->attacker.queue, 0, 0);
	return 0;
}

static int reset_device(void *arg)
{
	struct race *race = arg;

	return tt_reset(race->bdf);
}

/* A queue in place of the one that a round has ended. */
static int new_queue(struct race *race)
{
	return tt_attacker_revive(&race->attacker);
}

static bool is_one_of(int ret, int a, int b)
{
	return ret == a || ret == b;
}

/* ---- the races ---- */

/* A mapping that is replaced is one or the other at any time, and never none. */
TEST_F(race_user, replacing_against_copies)
{
	struct tt_side sides[] = { { .run = copy_some }, { .run = map_in_turn },
				   { .run = map_in_turn } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_vm_map(&race->attacker.vm, &race->a, race->va));
	ASSERT_EQ(0, tt_race_start(&race->race, sides, 3, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		tt_race_round(&race->race);
		EXPECT_EQ(0, sides[0].ret);
		EXPECT_EQ(0, sides[1].ret);
		EXPECT_EQ(0, sides[2].ret);
	}
	tt_race_join(&race->race, sides, 3);
}

TEST_F(race_user, unmapping_parts_against_copies)
{
	struct tt_side sides[] = { { .run = copy_some }, { .run = map_and_unmap_parts },
				   { .run = map_and_unmap_parts } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race->race, sides, 3, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		tt_race_round(&race->race);
		EXPECT_TRUE(is_one_of(sides[0].ret, 0, -EFAULT));
		EXPECT_EQ(0, sides[1].ret);
		EXPECT_EQ(0, sides[2].ret);
		/* It may be another file now, which a and b do not belong to. */
		ASSERT_EQ(0, new_queue(race));
		if (race->attacker.deaths)
			continue;
		munmap(race->a.map, SIZE);
		munmap(race->b.map, SIZE);
		ASSERT_EQ(0, tt_bo_create(race->attacker.dev.fd, SIZE, self->dev.hbm, &race->a));
		ASSERT_EQ(0, tt_bo_create(race->attacker.dev.fd, SIZE, self->dev.system, &race->b));
	}
	tt_race_join(&race->race, sides, 3);
}

TEST_F(race_user, destruction_of_a_space_against_its_use)
{
	struct tt_side sides[] = { { .run = bind_until_error }, { .run = create_queues },
				   { .run = destroy_vm } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race->race, sides, 3, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_vm_create(race->attacker.dev.fd, &race->vm));
		tt_race_round(&race->race);
		EXPECT_TRUE(!sides[0].ret || is_one_of(sides[0].ret, -ENOENT, -ECANCELED))
			TH_LOG("binding ended with %d", sides[0].ret);
		EXPECT_TRUE(is_one_of(sides[1].ret, 0, -ENOENT));
		EXPECT_EQ(0, sides[2].ret);
	}
	tt_race_join(&race->race, sides, 3);
}

TEST_F(race_user, double_destruction_of_a_space_succeeds_once)
{
	struct tt_side sides[] = { { .run = destroy_vm }, { .run = destroy_vm },
				   { .run = bind_until_error } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race->race, sides, 3, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_vm_create(race->attacker.dev.fd, &race->vm));
		tt_race_round(&race->race);
		EXPECT_EQ(1, !sides[0].ret + !sides[1].ret);
		EXPECT_EQ(-ENOENT, sides[0].ret + sides[1].ret);
		/* Too late, or on its way as the space ended. */
		EXPECT_TRUE(!sides[2].ret || is_one_of(sides[2].ret, -ENOENT, -ECANCELED))
			TH_LOG("binding ended with %d", sides[2].ret);
	}
	tt_race_join(&race->race, sides, 3);
}

TEST_F(race_user, closing_a_bo_against_mapping_it)
{
	struct tt_side sides[] = { { .run = bind_until_error }, { .run = close_a } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_vm_create(race->attacker.dev.fd, &race->vm));
	tt_bo_close(&race->a);
	ASSERT_EQ(0, tt_race_start(&race->race, sides, 2, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, tt_bo_create_unmapped(race->attacker.dev.fd, SIZE, self->dev.hbm,
						   &race->a));
		tt_race_round(&race->race);
		EXPECT_TRUE(is_one_of(sides[0].ret, 0, -ENOENT));
		EXPECT_EQ(0, sides[1].ret);
	}
	tt_race_join(&race->race, sides, 2);
	race->a.handle = 0;
	EXPECT_EQ(0, tt_vm_destroy(&race->vm));
}

TEST_F(race_user, a_fault_against_all_that_asks)
{
	struct tt_side sides[] = { { .run = notify_until_error }, { .run = wait_for_the_end },
				   { .run = ask_until_error }, { .run = fault } };
	struct race *race = &self->race;
	unsigned int i;

	ASSERT_EQ(0, tt_race_start(&race->race, sides, 4, self->rounds, race));
	for (i = 0; i < self->rounds; i++) {
		tt_race_round(&race->race);
		EXPECT_TRUE(is_one_of(sides[0].ret, 0, -ECANCELED));
		EXPECT_EQ(0, sides[1].ret);
		EXPECT_EQ(0, sides[2].ret);
		EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&race->attacker.queue));
		ASSERT_EQ(0, new_queue(race));
	}
	tt_race_join(&race->race, sides, 4);
}

TEST_F(race_user, a_reset_against_doorbells_and_waits)
{
	struct tt_side sides[] = { { .run = map_pages_and_ring }, { .run = ring_often },
				   { .run = wait_for_the_end }, { .run = reset_device } };
	unsigned int rounds = tt_scale(20, 4), i;
	struct race *race = &self->race;

	ASSERT_EQ(0, tt_race_start(&race->race, sides, 4, rounds, race));
	for (i = 0; i < rounds; i++) {
		tt_race_round(&race->race);
		EXPECT_EQ(0, sides[0].ret);
		EXPECT_EQ(0, sides[2].ret);
		EXPECT_EQ(0, sides[3].ret);
		EXPECT_EQ(-ECANCELED, tt_uqueue_poll_error(&race->attacker.queue));
		ASSERT_EQ(0, new_queue(race));
		EXPECT_EQ(0, tt_uqueue_copy(&race->attacker.queue, race->attacker.dst_va,
					    race->attacker.src_va, 64));
	}
	tt_race_join(&race->race, sides, 4);
}

TEST_HARNESS_MAIN
