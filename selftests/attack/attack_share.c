// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues that never come to an end, on the engine of a victim that wants its fences: it
 * gets them, with the right bytes, and not much later than when it is alone. How much
 * that is depends on the machine, so it is measured first.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include "tt_attacker.h"
#include "tt_harness.h"
#include "tt_victim.h"

#define ATTACKERS 3
/*
 * In turn with three others, on two processors that run all of them, and on a busy host:
 * far more than that takes, and far less than the timeout of a hung queue.
 */
#define SLOWER 100
#define LEAST_BOUND (50 * 1000000ll)

FIXTURE(share)
{
	struct tt_device dev;
	struct tt_victim victim;
	struct tt_usage before;
	struct tt_victim_times alone;
	unsigned int copies;
};

FIXTURE_SETUP(share)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	self->copies = tt_scale(500, 100);
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_victim_start(&self->victim, DRM_TRN_NONE));
	ASSERT_EQ(0, tt_victim_measure(&self->victim, self->copies, &self->alone));
}

FIXTURE_TEARDOWN(share)
{
	EXPECT_EQ(0, tt_victim_check(&self->victim));
	tt_victim_stop(&self->victim);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* ---- attacks, without an end; they return only if they cannot go on ---- */

/* As many copies as there is room for, at any time. */
static int copy_for_ever(struct tt_attacker *attacker, uint32_t len)
{
	struct tt_uqueue *queue = &attacker->queue;

	while (!tt_uqueue_error(queue)) {
		/* The other ring may be a descriptor behind. */
		while (queue->s2m_pos < tt_uqueue_done(queue) + queue->queue.ring_size - 1)
			tt_uqueue_push_copy(queue, attacker->dst_va, attacker->src_va, len);
		tt_uqueue_ring(queue);
	}
	return tt_uqueue_error(queue);
}

static int attack_copies(struct tt_attacker *attacker)
{
	return copy_for_ever(attacker, 65536);
}

static int attack_crumbs(struct tt_attacker *attacker)
{
	return copy_for_ever(attacker, 1);
}

/* One fault after the other. */
static int attack_faults(struct tt_attacker *attacker)
{
	struct drm_trn_queue_get_state state;
	int ret;

	for (;;) {
		tt_uqueue_push_copy(&attacker->queue, attacker->dst_va, 0, 64);
		tt_uqueue_ring(&attacker->queue);
		if (tt_attacker_verdict(attacker, &state) != -EFAULT)
			return -EPROTO;
		ret = tt_attacker_revive(attacker);
		if (ret)
			return ret;
	}
}

/* Doorbells for descriptors that are not there, with good numbers and bad ones. */
static int attack_doorbells(struct tt_attacker *attacker)
{
	uint64_t random = tt_seed();
	int ret = 0;

	while (!ret) {
		uint64_t r = tt_random(&random);

		tt_uqueue_ring_raw(&attacker->queue, r % 4, r >> 2 & 3);
		if (r >> 60 == 0)
			tt_uqueue_ring_raw(&attacker->queue, r, r >> 20);
		if (tt_uqueue_error(&attacker->queue))
			ret = tt_attacker_revive(attacker);
	}
	return ret;
}

/* A packet that never ends: there is work, and no progress. */
static void push_endless(struct tt_attacker *attacker)
{
	tt_uqueue_push_m2s(&attacker->queue, DRM_TRN_DESC_FIRST, DRM_TRN_DESC_OP_COPY,
			   attacker->src_va, 64);
	tt_uqueue_push_s2m(&attacker->queue, 0, attacker->dst_va, 65536);
	tt_uqueue_ring(&attacker->queue);
}

static int attack_hang(struct tt_attacker *attacker)
{
	push_endless(attacker);
	for (;;)
		tt_sleep_ms(1000);
	return 0;
}

/* In a process of its own. It leaves the processors of the guest to the victim. */
static void attacker_main(int (*attack)(struct tt_attacker *attacker), uint32_t engine, int ready)
{
	struct tt_attacker attacker;
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (nice(19) < 0)
		_exit(1);
	ret = tt_attacker_open(&attacker, engine);
	if (write(ready, &ret, sizeof(ret)) != sizeof(ret) || ret)
		_exit(1);
	ret = attack(&attacker);
	fprintf(stderr, "# an attacker gave up: %d\n", ret);
	_exit(1);
}

static int attackers_start(int (*attack)(struct tt_attacker *attacker), uint32_t engine,
			   pid_t pids[ATTACKERS])
{
	int ready[2], ret, i;

	if (pipe(ready))
		return -errno;
	for (i = 0; i < ATTACKERS; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			return -errno;
		if (!pids[i])
			attacker_main(attack, engine, ready[1]);
		if (read(ready[0], &ret, sizeof(ret)) != sizeof(ret) || ret)
			return ret ?: -EPIPE;
	}
	close(ready[0]);
	close(ready[1]);
	return 0;
}

/* How many of them were still at it. */
static int attackers_end(pid_t pids[ATTACKERS])
{
	int i, status, alive = 0;

	for (i = 0; i < ATTACKERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		alive += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	return alive;
}

FIXTURE_VARIANT(share)
{
	int (*attack)(struct tt_attacker *attacker);
};

FIXTURE_VARIANT_ADD(share, copies) { .attack = attack_copies };
FIXTURE_VARIANT_ADD(share, crumbs) { .attack = attack_crumbs };
FIXTURE_VARIANT_ADD(share, faults) { .attack = attack_faults };
FIXTURE_VARIANT_ADD(share, doorbells) { .attack = attack_doorbells };
FIXTURE_VARIANT_ADD(share, hang) { .attack = attack_hang };

TEST_F(share, fences_of_others_come_in_time)
{
	int64_t bound = self->alone.worst * SLOWER;
	struct tt_victim_times times;
	pid_t pids[ATTACKERS];

	if (bound < LEAST_BOUND)
		bound = LEAST_BOUND;
	ASSERT_EQ(0, attackers_start(variant->attack, self->victim.place.engine, pids));
	EXPECT_EQ(0, tt_victim_measure(&self->victim, self->copies, &times));
	EXPECT_EQ(ATTACKERS, attackers_end(pids));
	TH_LOG("us, median and worst: alone %lld %lld, attacked %lld %lld",
	       (long long)self->alone.median / 1000, (long long)self->alone.worst / 1000,
	       (long long)times.median / 1000, (long long)times.worst / 1000);
	EXPECT_GE(bound, times.worst);
}

TEST_HARNESS_MAIN
