// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that loses its state: resets that the driver did not ask for, resets that it says
 * are done and are not, errors of the bus (lib/system/tt_qmp.h).
 */
#include <pthread.h>

#include "tt_harness.h"
#include "tt_qmp.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"

#include "trn_chip.h"

#define RING 1024
#define SIZE (64 * TT_KIB)

FIXTURE(lost)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo a, b;
	struct tt_usage before;
	char bdf[32];
	uint64_t resets;
	int qmp;
};

static uint64_t reset_count(int fd)
{
	struct drm_trn_query_device info = { 0 };
	uint32_t size = sizeof(info);

	return tt_query(fd, DRM_TRN_QUERY_DEVICE, &info, &size) ? ~0ull : info.reset_count;
}

FIXTURE_SETUP(lost)
{
	self->qmp = tt_qmp_open();
	if (self->qmp == -ENOENT)
		SKIP(return, "no monitor of the hypervisor (virtio port trn.qmp)");
	ASSERT_LE(0, self->qmp);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, self->bdf, sizeof(self->bdf)));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->b));
	self->resets = reset_count(self->dev.fd);
}

FIXTURE_TEARDOWN(lost)
{
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
	close(self->qmp);
}

/* The old queue is lost, a new one works, and one reset more was counted. */
static void expect_recovery(struct __test_metadata *_metadata, FIXTURE_DATA(lost) *self)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue fresh;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh));
	tt_pattern_fill(self->b.map, SIZE, 4);
	EXPECT_EQ(0, tt_copy(&fresh, &self->a, 0, &self->b, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->a.map, SIZE, 4));
	EXPECT_EQ(self->resets + 1, reset_count(self->dev.fd));
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	tt_queue_destroy(&fresh);
}

/* ---- a reset by the hand of root in the registers ---- */

static int reset_behind_the_back(int fd)
{
	uint32_t *reg = tt_bar_map(fd, TRN_BAR_REGS,
				   TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET);

	if (!reg)
		return -EIO;
	__atomic_store_n(reg, 0, __ATOMIC_SEQ_CST);
	tt_bar_unmap(reg);
	return 0;
}

/* The reset count, read after HBM, tells whether the bytes are those that were written. */
TEST_F(lost, reset_by_somebody_else_is_counted_when_asked_for)
{
	ASSERT_EQ(0, reset_behind_the_back(self->dev.fd));
	EXPECT_EQ(self->resets + 1, reset_count(self->dev.fd));
	expect_recovery(_metadata, self);
}

TEST_F(lost, reset_by_somebody_else_is_seen_when_a_queue_starts)
{
	ASSERT_EQ(0, reset_behind_the_back(self->dev.fd));
	expect_recovery(_metadata, self);
}

TEST_F(lost, reset_by_somebody_else_ends_work_long_before_its_timeout)
{
	struct drm_trn_queue_create args = { .engine = DRM_TRN_NONE, .timeout_ms = 3600000 };
	struct drm_trn_op op = tt_op_copy(&self->a, 0, &self->b, 0, SIZE);
	struct tt_queue patient = { .fd = self->dev.fd };
	uint64_t point;

	ksft_print_msg("expect-guest-error: doorbell without a ring\n");
	ASSERT_EQ(0, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args));
	patient.id = args.queue_id;
	patient.syncobj = args.syncobj;
	ASSERT_EQ(0, reset_behind_the_back(self->dev.fd));
	ASSERT_EQ(0, tt_submit(&patient, &op, 1, &point));
	EXPECT_EQ(-ECANCELED, tt_wait(&patient, point));
	expect_recovery(_metadata, self);
	tt_queue_destroy(&patient);
}

TEST_F(lost, reset_by_somebody_else_is_told_to_a_user_queue_that_does_not_ask)
{
	struct tt_upath p;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &p));
	ASSERT_EQ(0, tt_uqueue_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	ASSERT_EQ(0, reset_behind_the_back(self->dev.fd));
	EXPECT_EQ(-ECANCELED, tt_uqueue_poll_error(&p.uq));
	expect_recovery(_metadata, self);
	tt_upath_close(&p);
}

/* ---- a reset that is none ---- */

static void *reset_thread(void *bdf)
{
	return (void *)(intptr_t)tt_reset(bdf);
}

/*
 * The device goes on where it stood as soon as it may reach memory. It may not until it
 * was reset: its descriptors are in memory that has been given back.
 */
TEST_F(lost, bus_mastering_does_not_come_back_before_a_reset)
{
	pthread_t resetter;
	struct tt_upath p;
	uint64_t done;
	void *ret;
	int i;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &p));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-engine", p.uq.queue.engine));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-queue", p.uq.queue.hw_queue));
	/* Each copy is done so long after its data: there is work left at any time. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-delay-ns", 50000000));
	for (i = 0; i < RING - 16; i++)
		tt_uqueue_push_copy(&p.uq, TT_UPATH_B, TT_UPATH_A, 64);
	tt_uqueue_ring(&p.uq);
	/* That of the driver before, and the function-level one. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-ignore-resets", 2));
	ASSERT_EQ(0, pthread_create(&resetter, NULL, reset_thread, self->bdf));
	EXPECT_EQ(-ECANCELED, tt_uqueue_poll_error(&p.uq));
	/* The function-level reset has only begun. */
	done = tt_uqueue_done(&p.uq);
	EXPECT_GT(RING - 16, done);
	ASSERT_EQ(0, pthread_join(resetter, &ret));
	ASSERT_EQ(NULL, ret);
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-delay-ns", 0));
	expect_recovery(_metadata, self);
	EXPECT_EQ(done, tt_uqueue_done(&p.uq));
	tt_upath_close(&p);
}

TEST_F(lost, device_that_never_obeys_is_given_up)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue fresh;

	/* That before, the function-level one, and that after it. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-ignore-resets", 3));
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(-EIO, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh));
	/* A new bind lets the device try again. */
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_queue_destroy(&self->queue);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_unbind(self->bdf));
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
}

/* ---- errors of the bus ---- */

static int inject(int qmp, const char *error)
{
	char arguments[128];

	snprintf(arguments, sizeof(arguments),
		 "\"command-line\":\"pcie_aer_inject_error trn0 %s\"", error);
	return tt_qmp_execute(qmp, "human-monitor-command", arguments);
}

static bool wait_for_reset(int fd, uint64_t before)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);

	while (reset_count(fd) == before) {
		if (tt_deadline(0) > deadline)
			return false;
		tt_sleep_ms(10);
	}
	return true;
}

TEST_F(lost, fatal_error_of_the_bus_is_recovered_from)
{
	ASSERT_EQ(0, inject(self->qmp, "DLP"));
	ASSERT_TRUE(wait_for_reset(self->dev.fd, self->resets));
	expect_recovery(_metadata, self);
	/* And once more, with the state that was saved meanwhile. */
	self->resets++;
	ASSERT_EQ(0, inject(self->qmp, "DLP"));
	ASSERT_TRUE(wait_for_reset(self->dev.fd, self->resets));
	expect_recovery(_metadata, self);
}

/* A link that fails reads as all ones, maybe before its failure is reported. */
TEST_F(lost, device_that_was_silent_before_its_error_is_recovered)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct tt_queue fresh;
	int ret;

	ASSERT_EQ(0, tt_qmp_set(self->qmp, "x-gone", "true"));
	EXPECT_EQ(-ENODEV, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh));
	ASSERT_EQ(0, tt_qmp_set(self->qmp, "x-gone", "false"));
	EXPECT_EQ(-ENODEV, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh));
	ASSERT_EQ(0, inject(self->qmp, "DLP"));
	while ((ret = tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &fresh)) == -ENODEV &&
	       tt_deadline(0) < deadline)
		tt_sleep_ms(10);
	ASSERT_EQ(0, ret);
	tt_queue_destroy(&fresh);
	expect_recovery(_metadata, self);
}

TEST_F(lost, other_error_of_the_bus_disturbs_nothing)
{
	ASSERT_EQ(0, inject(self->qmp, "COMP_TIME"));
	tt_pattern_fill(self->b.map, SIZE, 5);
	EXPECT_EQ(0, tt_copy(&self->queue, &self->a, 0, &self->b, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->a.map, SIZE, 5));
	EXPECT_EQ(self->resets, reset_count(self->dev.fd));
}

TEST_HARNESS_MAIN
