// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file whose queues die again and again: each dies alone, and after
 * max_faults of them there is no other for it. All that it has goes on, and so do others.
 */
#include "tt_attacker.h"
#include "tt_harness.h"
#include "tt_victim.h"

#define TIMEOUT_MS 200

FIXTURE(ban)
{
	struct tt_device dev;
	struct tt_victim victim;
	struct tt_attacker attacker;
	struct tt_usage before;
};

FIXTURE_SETUP(ban)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_victim_start(&self->victim, DRM_TRN_NONE));
	/* Its queue is a good one, and stays so. */
	ASSERT_EQ(0, tt_attacker_open(&self->attacker, self->victim.place.engine));
	ASSERT_LT(0, self->dev.info.max_faults);
}

FIXTURE_TEARDOWN(ban)
{
	EXPECT_EQ(0, tt_victim_check(&self->victim));
	tt_attacker_close(&self->attacker);
	tt_victim_stop(&self->victim);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* A second queue in the address space of the attacker, which does not wait long. */
static int queue_make(struct tt_attacker *attacker, struct tt_bo *ring, struct tt_uqueue *queue)
{
	struct drm_trn_queue_create args = tt_uqueue_args(attacker->vm.id,
							  attacker->ring_va + TT_MIB, 64);

	args.engine = attacker->engine;
	args.timeout_ms = TIMEOUT_MS;
	return tt_uqueue_create(attacker->dev.fd, &args, ring->map, queue);
}

static int die_of_fault(struct tt_attacker *attacker, struct tt_uqueue *queue)
{
	tt_uqueue_push_copy(queue, attacker->dst_va, 0, 64);
	tt_uqueue_ring(queue);
	return tt_uqueue_poll_error(queue) == -EFAULT ? 0 : -EPROTO;
}

/* Work that does not end is given up, if a thread waits for it. */
static int die_of_time(struct tt_attacker *attacker, struct tt_uqueue *queue)
{
	tt_uqueue_push_m2s(queue, DRM_TRN_DESC_FIRST, DRM_TRN_DESC_OP_COPY, attacker->src_va, 64);
	tt_uqueue_push_s2m(queue, 0, attacker->dst_va, 65536);
	tt_uqueue_ring(queue);
	return tt_uqueue_wait(queue, 1) == -ETIME ? 0 : -EPROTO;
}

FIXTURE_VARIANT(ban)
{
	int (*die)(struct tt_attacker *attacker, struct tt_uqueue *queue);
	int error;
	uint32_t state;
};

FIXTURE_VARIANT_ADD(ban, faults)
{
	.die = die_of_fault,
	.error = -EFAULT,
	.state = DRM_TRN_QUEUE_STATE_FAULTED,
};

FIXTURE_VARIANT_ADD(ban, timeouts)
{
	.die = die_of_time,
	.error = -ETIME,
	.state = DRM_TRN_QUEUE_STATE_TIMEDOUT,
};

TEST_F(ban, too_many_dead_queues_are_the_last)
{
	struct tt_attacker *attacker = &self->attacker;
	struct drm_trn_queue_get_state state;
	struct tt_queue kernel_queue;
	struct tt_uqueue queue;
	struct tt_bo ring;
	unsigned int i;

	ASSERT_EQ(0, tt_bo_create(attacker->dev.fd, TT_PAGE, self->dev.system, &ring));
	ASSERT_EQ(0, tt_vm_map(&attacker->vm, &ring, attacker->ring_va + TT_MIB));
	for (i = 0; i < self->dev.info.max_faults; i++) {
		ASSERT_EQ(0, queue_make(attacker, &ring, &queue));
		ASSERT_EQ(0, variant->die(attacker, &queue));
		ASSERT_EQ(0, tt_queue_state(&queue.queue, &state));
		EXPECT_EQ(variant->state, state.state);
		EXPECT_EQ(variant->error, state.error);
		/* Its neighbour in the same space, and that of another process. */
		EXPECT_EQ(0, tt_uqueue_copy(&attacker->queue, attacker->dst_va, attacker->src_va,
					    64));
		EXPECT_EQ(0, tt_victim_check(&self->victim));
		tt_uqueue_destroy(&queue);
	}
	EXPECT_EQ(-EPERM, queue_make(attacker, &ring, &queue));
	EXPECT_EQ(-EPERM, tt_queue_create(attacker->dev.fd, DRM_TRN_NONE, 0, &kernel_queue));
	/* That is no reason to refuse others, in the same process or not. */
	EXPECT_EQ(0, tt_queue_create(self->dev.fd, attacker->engine, 0, &kernel_queue));
	tt_queue_destroy(&kernel_queue);
	EXPECT_EQ(0, tt_uqueue_copy(&attacker->queue, attacker->dst_va, attacker->src_va, 64));
	tt_bo_close(&ring);
}

TEST_HARNESS_MAIN
