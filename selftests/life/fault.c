// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of the device, made by the hypervisor (lib/system/tt_qmp.h): a DMA error, events that
 * are lost, a queue that does not stop.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_qmp.h"
#include "tt_uqueue.h"

#include "trn_trnx.h"

#define ENGINE 9
#define SIZE (64 * TT_KIB)

FIXTURE(fault)
{
	struct tt_device dev;
	struct tt_queue queue, other;
	struct tt_bo a, b;
	struct tt_usage before;
	int qmp;
};

static int patient_queue(int fd, uint32_t timeout_ms, struct tt_queue *queue)
{
	struct drm_trn_queue_create args = { .engine = ENGINE, .timeout_ms = timeout_ms };
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	*queue = (struct tt_queue) {
		.fd = fd,
		.id = args.queue_id,
		.engine = args.engine,
		.hw_queue = args.hw_queue,
		.syncobj = args.syncobj,
	};
	return ret;
}

FIXTURE_SETUP(fault)
{
	self->qmp = tt_qmp_open();
	if (self->qmp == -ENOENT)
		SKIP(return, "no monitor of the hypervisor (virtio port trn.qmp)");
	ASSERT_LE(0, self->qmp);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, patient_queue(self->dev.fd, 60000, &self->queue));
	ASSERT_EQ(0, patient_queue(self->dev.fd, 60000, &self->other));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * SIZE, self->dev.hbm, &self->a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * SIZE, self->dev.hbm, &self->b));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-engine", ENGINE));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-queue", self->queue.hw_queue));
}

FIXTURE_TEARDOWN(fault)
{
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_queue_destroy(&self->other);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
	close(self->qmp);
}

TEST_F(fault, dma_error_ends_the_queue_and_says_where)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue fresh;
	uint64_t point = 0;
	int i;

	ksft_print_msg("expect-guest-error: engine %u queue %u: source address\n",
		       ENGINE, self->queue.hw_queue);
	tt_pattern_fill(self->a.map, self->a.size, 1);
	/* One descriptor an operation: the third fails. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-axi-error-at", 3));
	for (i = 0; i < 4; i++) {
		struct drm_trn_op op = tt_op_copy(&self->b, i * SIZE, &self->a, i * SIZE, SIZE);
		int ret = tt_submit(&self->queue, &op, 1, &point);

		/* The fourth may come too late. */
		ASSERT_TRUE(!ret || (i == 3 && ret == -ECANCELED));
	}
	EXPECT_EQ(-EIO, tt_wait(&self->queue, 3));
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_FAULTED, state.state);
	EXPECT_EQ(2, state.completed);
	EXPECT_EQ(3, state.error_point);
	EXPECT_EQ(-EIO, state.error);
	EXPECT_EQ(TRNX_ERR_M2S_DATA, state.fault_code);
	EXPECT_NE(0, state.fault_addr);
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->queue.syncobj, point,
				  tt_deadline(TT_DEADLINE_S), 0));

	EXPECT_EQ(2 * SIZE, tt_pattern_match(self->b.map, 4 * SIZE, 1));
	EXPECT_EQ(2 * SIZE, tt_byte_match((char *)self->b.map + 2 * SIZE, 2 * SIZE, 0));
	/* The neighbour on the same engine has not noticed, and a new queue works. */
	EXPECT_EQ(0, tt_copy(&self->other, &self->b, 2 * SIZE, &self->a, 2 * SIZE, SIZE));
	ASSERT_EQ(0, patient_queue(self->dev.fd, 0, &fresh));
	EXPECT_EQ(0, tt_copy(&fresh, &self->b, 3 * SIZE, &self->a, 3 * SIZE, SIZE));
	EXPECT_EQ(4 * SIZE, tt_pattern_match(self->b.map, 4 * SIZE, 1));
	tt_queue_destroy(&fresh);
}

/* ---- a flood of events, by the hand of root in the registers ---- */

/* BAR2, or NULL. */
static uint32_t *map_trnx(int fd, size_t len)
{
	char bdf[32], path[PATH_MAX];
	void *map;
	int bar;

	if (tt_device_bdf(fd, bdf, sizeof(bdf)))
		return NULL;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2", bdf);
	bar = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	if (bar < 0)
		return NULL;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bar, 0);
	close(bar);
	return map == MAP_FAILED ? NULL : map;
}

static uint32_t reg_read(const uint32_t *trnx, size_t at)
{
	return __atomic_load_n(&trnx[at / 4], __ATOMIC_RELAXED);
}

static void reg_write(uint32_t *trnx, size_t at, uint32_t value)
{
	__atomic_store_n(&trnx[at / 4], value, __ATOMIC_RELAXED);
}

static size_t qctl(const struct tt_queue *queue, size_t reg)
{
	return TRNX_QCTL + (queue->engine * 16 + queue->hw_queue) * TRNX_QCTL_STRIDE + reg;
}

static size_t eq_reg(uint32_t eq, size_t reg)
{
	return TRNX_EQ + eq * TRNX_EQ_STRIDE + reg;
}

/* Another queue that shares the event queue of @queue; the rest are closed again. */
static int find_neighbour(uint32_t *trnx, const struct tt_queue *queue,
			  struct tt_queue *found)
{
	struct tt_queue tried[16];
	int num, ret = -ENOENT;

	for (num = 0; num < 14; num++) {
		ret = patient_queue(queue->fd, 60000, &tried[num]);
		if (ret)
			break;
		if (reg_read(trnx, qctl(&tried[num], TRNX_QCTL_EQ)) ==
		    reg_read(trnx, qctl(queue, TRNX_QCTL_EQ))) {
			*found = tried[num];
			break;
		}
		ret = -ENOENT;
	}
	while (num--)
		tt_queue_destroy(&tried[num]);
	return ret;
}

/* Completion events of an idle queue, one for each time that it is armed at 0. */
static bool flood(uint32_t *trnx, const struct tt_queue *queue, uint32_t eq)
{
	unsigned int i;

	for (i = 0; i < (2u << TRNX_EQ_SIZE_MAX); i++) {
		reg_write(trnx, qctl(queue, TRNX_QCTL_ARM), 0);
		reg_write(trnx, qctl(queue, TRNX_QCTL_ARM) + 4, 0);
		if (!(i % 64) &&
		    reg_read(trnx, eq_reg(eq, TRNX_EQ_STATUS)) & TRNX_EQ_STATUS_OVERFLOW)
			return true;
	}
	return false;
}

TEST_F(fault, completion_whose_event_was_dropped_is_found)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	size_t len = TRNX_DOORBELL;
	uint32_t *trnx = map_trnx(self->dev.fd, len);
	struct tt_queue neighbour;
	uint64_t point;
	uint32_t eq;

	if (!trnx)
		SKIP(return, "BAR2 cannot be mapped (root, iomem=relaxed)");
	ASSERT_EQ(0, find_neighbour(trnx, &self->queue, &neighbour));
	eq = reg_read(trnx, qctl(&self->queue, TRNX_QCTL_EQ));
	tt_pattern_fill(self->a.map, SIZE, 2);

	/* Nobody takes the events out, until no more fit in. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", 1000000));
	ASSERT_TRUE(flood(trnx, &neighbour, eq));
	ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	/* Long before the queue's own timeout would find it. */
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->queue.syncobj, point, tt_deadline(30), 0));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 2));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", 0));
	EXPECT_EQ(0, reg_read(trnx, eq_reg(eq, TRNX_EQ_STATUS)));
	/* And events come again. */
	EXPECT_EQ(0, tt_copy(&self->queue, &self->b, SIZE, &self->a, 0, SIZE));
	tt_queue_destroy(&neighbour);
	munmap(trnx, len);
}

/* ---- events that come late, or of which no interrupt tells ---- */

TEST_F(fault, lost_interrupt_does_not_cost_the_timeout)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
		uint64_t point;

		tt_pattern_fill(self->a.map, SIZE, 40 + i);
		/* In turn; the driver has armed nothing else when the next one comes. */
		ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", i % 2 ? 0 : 1));
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
		ASSERT_EQ(0, tt_sync_wait(self->dev.fd, self->queue.syncobj, point,
					  tt_deadline(30), 0));
		EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 40 + i));
	}
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", 0));
}

/* A user-mode queue on the engine meets an error whose event is lost. */
static int fail_silently(struct __test_metadata *_metadata, FIXTURE_DATA(fault) *self,
			 uint32_t *trnx, struct tt_upath *path)
{
	struct drm_trn_queue_create args;
	unsigned int tries;
	int ret = tt_upath_open_memory(&self->dev, 64, TT_PAGE, path);

	if (ret)
		return ret;
	args = tt_uqueue_args(path->vm.id, TT_UPATH_RING, 64);
	args.engine = ENGINE;
	ret = tt_uqueue_create(self->dev.fd, &args, path->ring.map, &path->uq);
	if (ret)
		return ret;
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", 1000));
	ksft_print_msg("expect-guest-error: doorbell page rung\n");
	tt_uqueue_ring_raw(&path->uq, ~0u, ~0u);
	for (tries = 0; tries < 10000; tries++)
		if (reg_read(trnx, qctl(&path->uq.queue, TRNX_QCTL_STATUS)) &
		    TRNX_QCTL_STATUS_ERROR)
			return 0;
	return -ETIME;
}

TEST_F(fault, error_of_a_queue_that_is_gone_spares_its_successor)
{
	struct drm_trn_queue_get_state state;
	size_t len = TRNX_DOORBELL;
	uint32_t *trnx = map_trnx(self->dev.fd, len);
	struct tt_queue victim;
	struct tt_upath path;
	uint32_t eq, hw_queue;

	if (!trnx)
		SKIP(return, "BAR2 cannot be mapped (root, iomem=relaxed)");
	ASSERT_EQ(0, fail_silently(_metadata, self, trnx, &path));
	eq = reg_read(trnx, qctl(&path.uq.queue, TRNX_QCTL_EQ));
	hw_queue = path.uq.queue.hw_queue;
	ASSERT_EQ(0, tt_uqueue_destroy(&path.uq));
	ASSERT_EQ(0, patient_queue(self->dev.fd, 60000, &victim));
	ASSERT_EQ(hw_queue, victim.hw_queue);
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-lose-irqs", 0));
	/* The event of the error is still in memory. */
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-spurious-irq", eq));
	tt_pattern_fill(self->a.map, SIZE, 6);
	/* Its completion comes through the same event queue, behind the error. */
	EXPECT_EQ(0, tt_copy(&victim, &self->b, 0, &self->a, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 6));
	ASSERT_EQ(0, tt_queue_state(&victim, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	tt_queue_destroy(&victim);
	tt_upath_close(&path);
	munmap(trnx, len);
}

/* ---- a queue that does not stop takes the device with it ---- */

static uint64_t reset_count(int fd)
{
	struct drm_trn_query_device info = { 0 };
	uint32_t size = sizeof(info);

	return tt_query(fd, DRM_TRN_QUERY_DEVICE, &info, &size) ? ~0ull : info.reset_count;
}

static void expect_reset(struct __test_metadata *_metadata, FIXTURE_DATA(fault) *self,
			 uint64_t count)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue fresh;

	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-busy", 0));
	ASSERT_EQ(0, tt_qmp_set(self->qmp, "x-hang-engine", "-1"));
	EXPECT_EQ(count + 1, reset_count(self->dev.fd));
	ASSERT_EQ(0, tt_queue_state(&self->other, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	ASSERT_EQ(0, patient_queue(self->dev.fd, 0, &fresh));
	tt_pattern_fill(self->a.map, SIZE, 3);
	EXPECT_EQ(0, tt_copy(&fresh, &self->b, 0, &self->a, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->b.map, SIZE, 3));
	tt_queue_destroy(&fresh);
}

TEST_F(fault, hung_queue_that_does_not_stop_resets_the_device)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, SIZE);
	uint64_t count = reset_count(self->dev.fd), point, later;
	struct drm_trn_queue_get_state state;
	struct tt_queue hung;

	ASSERT_EQ(0, patient_queue(self->dev.fd, 300, &hung));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-queue", hung.hw_queue));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-hang-engine", ENGINE));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-busy", 1));
	ASSERT_EQ(0, tt_submit(&self->other, &op, 1, &later));
	ASSERT_EQ(0, tt_submit(&hung, &op, 1, &point));
	EXPECT_EQ(-ETIME, tt_wait(&hung, point));
	ASSERT_EQ(0, tt_queue_state(&hung, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_TIMEDOUT, state.state);
	EXPECT_EQ(-ECANCELED, tt_wait(&self->other, later));
	expect_reset(_metadata, self, count);
	tt_queue_destroy(&hung);
}

TEST_F(fault, closing_a_queue_that_does_not_stop_resets_the_device)
{
	uint64_t count = reset_count(self->dev.fd);
	struct tt_queue stuck;

	ASSERT_EQ(0, patient_queue(self->dev.fd, 0, &stuck));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-fault-queue", stuck.hw_queue));
	ASSERT_EQ(0, tt_qmp_set_number(self->qmp, "x-busy", 1));
	ASSERT_EQ(0, tt_queue_destroy(&stuck));
	expect_reset(_metadata, self, count);
}

TEST_HARNESS_MAIN
