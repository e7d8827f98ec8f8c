// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that was taken away is out of reach before it is used again, whatever is in
 * flight: once UNMAP, or the destruction of the queue, has returned, not a byte of it is
 * written or read for the old owner.
 */
#include <sys/mman.h>

#include "tt_attacker.h"
#include "tt_harness.h"

#define SIZE (256 * TT_KIB)
#define VICTIM 0x77
#define IN_FLIGHT 48	/* copies of 64 KiB, less than a ring has */

FIXTURE(reuse)
{
	struct tt_device dev;
	struct tt_attacker attacker;
	struct tt_usage before;
	uint64_t target_va;
	uint64_t random;
};

FIXTURE_SETUP(reuse)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	self->random = tt_seed();
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_attacker_open(&self->attacker, DRM_TRN_NONE));
	self->target_va = self->attacker.ring_va + 16 * TT_MIB;
}

FIXTURE_TEARDOWN(reuse)
{
	tt_attacker_close(&self->attacker);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* As many copies into the target as the ring takes, none of which is waited for. */
static void flood(struct tt_attacker *attacker, uint64_t target_va)
{
	unsigned int i;

	for (i = 0; i < IN_FLIGHT; i++)
		tt_uqueue_push_copy(&attacker->queue, target_va + i % 4 * 64 * TT_KIB,
				    attacker->src_va, 64 * TT_KIB);
	tt_uqueue_ring(&attacker->queue);
}

/* Some way into it: from none to about all of the copies. */
static void let_run(struct tt_attacker *attacker, uint64_t *random)
{
	uint64_t goal = tt_random(random) % IN_FLIGHT;
	const struct tt_uqueue *queue = &attacker->queue;

	while (tt_uqueue_done(queue) < goal && !tt_uqueue_error(queue))
		;
}

FIXTURE_VARIANT(reuse)
{
	bool hbm, userptr;
};

FIXTURE_VARIANT_ADD(reuse, hbm) { .hbm = true };
FIXTURE_VARIANT_ADD(reuse, host) { };
FIXTURE_VARIANT_ADD(reuse, userptr) { .userptr = true };

static int target_make(const struct tt_attacker *attacker, bool hbm, bool userptr,
		       struct tt_bo *bo)
{
	const struct tt_device *dev = &attacker->dev;
	void *mem;

	if (!userptr)
		return tt_bo_create(dev->fd, SIZE, hbm ? dev->hbm : dev->system, bo);
	mem = tt_pages(SIZE);
	return mem ? tt_bo_userptr(dev->fd, mem, SIZE, 0, bo) : -ENOMEM;
}

static int target_map(const struct tt_attacker *attacker, const struct tt_bo *bo, uint64_t va)
{
	struct drm_trn_vm_op op = tt_vm_op_map(bo, 0, va, SIZE, TT_VM_RW);

	return tt_vm_bind(&attacker->vm, &op, 1);
}

/*
 * The owner writes the memory as soon as the call has returned; what the queue still had
 * to do must not show. That it is dead by then is waited for, and only then looked.
 */
TEST_F(reuse, unmapped_memory_is_not_written)
{
	unsigned int rounds = tt_scale(700, 60), i;
	struct tt_attacker *attacker = &self->attacker;
	struct tt_bo target;
	int ret;

	ASSERT_EQ(0, target_make(attacker, variant->hbm, variant->userptr, &target));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, target_map(attacker, &target, self->target_va));
		flood(attacker, self->target_va);
		let_run(attacker, &self->random);
		ASSERT_EQ(0, tt_vm_unmap(&attacker->vm, self->target_va, SIZE));
		memset(target.map, VICTIM, SIZE);
		ret = tt_uqueue_poll(&attacker->queue, attacker->queue.s2m_pos);
		ASSERT_TRUE(!ret || ret == -EFAULT);
		ASSERT_EQ(SIZE, tt_byte_match(target.map, SIZE, VICTIM));
		ASSERT_EQ(0, tt_attacker_revive(attacker));
		if (attacker->deaths)
			continue;
		/* It has another file now: the memory was the old one's. */
		munmap(target.map, SIZE);
		ASSERT_EQ(0, target_make(attacker, variant->hbm, variant->userptr, &target));
	}
	if (variant->userptr)
		munmap(target.map, SIZE);
	tt_bo_close(&target);
}

/* The same where a mapping is replaced by another: the old memory is free at once. */
TEST_F(reuse, replaced_memory_is_not_written)
{
	unsigned int rounds = tt_scale(300, 40), i;
	struct tt_attacker *attacker = &self->attacker;
	struct tt_bo a, b;

	ASSERT_EQ(0, target_make(attacker, variant->hbm, variant->userptr, &a));
	ASSERT_EQ(0, target_make(attacker, variant->hbm, false, &b));
	ASSERT_EQ(0, target_map(attacker, &b, self->target_va));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, target_map(attacker, &a, self->target_va));
		flood(attacker, self->target_va);
		let_run(attacker, &self->random);
		ASSERT_EQ(0, target_map(attacker, &b, self->target_va));
		memset(a.map, VICTIM, SIZE);
		/* Nothing faults: the rest goes to the new memory. */
		ASSERT_EQ(0, tt_uqueue_poll(&attacker->queue, attacker->queue.s2m_pos));
		ASSERT_EQ(SIZE, tt_byte_match(a.map, SIZE, VICTIM));
	}
	if (variant->userptr)
		munmap(a.map, SIZE);
	tt_bo_close(&a);
	tt_bo_close(&b);
}

/* A file that closes with its queue at work: its memory goes to the next caller. */
TEST_F(reuse, memory_of_a_closed_file_is_not_written)
{
	unsigned int rounds = tt_scale(200, 30), i;
	struct tt_bo next, target;

	for (i = 0; i < rounds; i++) {
		struct tt_attacker other;

		ASSERT_EQ(0, tt_attacker_open(&other, DRM_TRN_NONE));
		ASSERT_EQ(0, target_make(&other, variant->hbm, variant->userptr, &target));
		ASSERT_EQ(0, target_map(&other, &target, self->target_va));
		flood(&other, self->target_va);
		let_run(&other, &self->random);
		/* All at once, and in no good order. */
		tt_attacker_drop(&other);
		if (variant->userptr) {
			memset(target.map, VICTIM, SIZE);
			ASSERT_EQ(SIZE, tt_byte_match(target.map, SIZE, VICTIM));
		}
		ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, variant->hbm ? self->dev.hbm :
					  self->dev.system, &next));
		ASSERT_EQ(SIZE, tt_byte_match(next.map, SIZE, 0));
		memset(next.map, VICTIM, SIZE);
		ASSERT_EQ(SIZE, tt_byte_match(next.map, SIZE, VICTIM));
		tt_bo_close(&next);
		munmap(target.map, SIZE);
	}
}

TEST_HARNESS_MAIN
