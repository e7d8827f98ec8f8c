// SPDX-License-Identifier: GPL-2.0-only
/* Mistakes of user-mode queues: the error is reported, and no other queue is harmed. */
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_uqueue.h"

#define RING 64
#define SIZE (256 * TT_KIB)
#define NOWHERE 0x7000000000ull

#define ERR_M2S_RING_ID		5	/* codes of the device's manual */
#define ERR_S2M_RING_ID		6
#define ERR_M2S_FIRST		7
#define ERR_M2S_OP		12
#define ERR_MMU_NOT_PRESENT	13
#define ERR_MMU_READ		14
#define ERR_MMU_WRITE		15
#define ERR_DOORBELL		17

FIXTURE(ufault)
{
	struct tt_device dev;
	struct tt_usage before;
	struct tt_upath path;
	struct tt_upath neighbour;	/* in a VM of its own, on the same engine */
};

/* The device tells QEMU's log of mistakes; say which is meant. */
static void announce(const char *what)
{
	printf("# expect-guest-error: engine [0-9]+ queue [0-9]+: .*%s\n", what);
	fflush(stdout);
}

FIXTURE_SETUP(ufault)
{
	struct drm_trn_queue_create args;

	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	/* An engine of no core, because only these check ring ids. */
	ASSERT_EQ(0, tt_upath_open_memory(&self->dev, RING, SIZE, &self->path));
	args = tt_uqueue_args(self->path.vm.id, TT_UPATH_RING, RING);
	args.engine_class = DRM_TRN_ENGINE_CLASS_H2T;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, self->path.ring.map, &self->path.uq));
	ASSERT_EQ(0, tt_upath_open_memory(&self->dev, RING, SIZE, &self->neighbour));
	args = tt_uqueue_args(self->neighbour.vm.id, TT_UPATH_RING, RING);
	args.engine = self->path.uq.queue.engine;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, self->neighbour.ring.map,
				      &self->neighbour.uq));
}

/* Another queue of the engine goes on as if nothing had been. */
static bool neighbour_copies(struct tt_upath *n, uint64_t seed)
{
	tt_pattern_fill(n->b.map, TT_PAGE, seed);
	return tt_fact("error", 0, tt_uqueue_copy(&n->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE)) &&
	       tt_fact("bytes copied", TT_PAGE, tt_pattern_match(n->a.map, TT_PAGE, seed));
}

FIXTURE_TEARDOWN(ufault)
{
	if (self->neighbour.uq.queue.id)
		EXPECT_TRUE(neighbour_copies(&self->neighbour, 99));
	tt_upath_close(&self->neighbour);
	tt_upath_close(&self->path);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

struct fault {
	int error;
	uint32_t code;
	uint64_t addr;
	uint32_t access;
	uint64_t completed;
};

#define EXPECT_FAULT(queue, ...) expect_fault(_metadata, queue, (struct fault) { __VA_ARGS__ })

/* Wait for the end of the queue, and compare its error. */
static void expect_fault(struct __test_metadata *_metadata, const struct tt_uqueue *uq,
			 struct fault fault)
{
	struct drm_trn_queue_get_state state;

	EXPECT_EQ(fault.error, tt_uqueue_poll_error(uq));
	ASSERT_EQ(0, tt_queue_state(&uq->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_FAULTED, state.state);
	EXPECT_EQ(fault.error, state.error);
	EXPECT_EQ(fault.code, state.fault_code);
	EXPECT_EQ(fault.addr, state.fault_addr);
	EXPECT_EQ(fault.access, state.fault_access);
	EXPECT_EQ(fault.completed, state.completed);
	EXPECT_EQ(fault.completed + 1, state.error_point);
	EXPECT_EQ(fault.completed, tt_uqueue_done(uq));
}

TEST_F(ufault, source_that_is_not_mapped)
{
	struct tt_upath *p = &self->path;

	announce("no translation");
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	memset(p->a.map, 0x11, TT_PAGE);
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, NOWHERE + 0x123, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_NOT_PRESENT, NOWHERE + 0x123,
		     DRM_TRN_ACCESS_SOURCE, 1);
	EXPECT_EQ(TT_PAGE, tt_byte_match(p->a.map, TT_PAGE, 0x11));
}

TEST_F(ufault, destination_that_is_not_mapped)
{
	struct tt_upath *p = &self->path;

	announce("no translation");
	tt_uqueue_push_copy(&p->uq, NOWHERE, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_NOT_PRESENT, NOWHERE, DRM_TRN_ACCESS_TARGET, 0);
}

TEST_F(ufault, copy_that_runs_out_of_its_mapping)
{
	struct tt_upath *p = &self->path;

	announce("no translation");
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A + SIZE - TT_PAGE, TT_UPATH_B, 2 * TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_NOT_PRESENT, TT_UPATH_A + SIZE,
		     DRM_TRN_ACCESS_TARGET, 0);
}

TEST_F(ufault, destination_that_is_read_only)
{
	struct tt_upath *p = &self->path;
	struct drm_trn_vm_op op = tt_vm_op_map(&p->a, 0, NOWHERE, p->a.size,
					       DRM_TRN_VM_MAP_READ);

	announce("not permit");
	ASSERT_EQ(0, tt_vm_bind(&p->vm, &op, 1));
	memset(p->a.map, 0x22, TT_PAGE);
	tt_pattern_fill(p->b.map, TT_PAGE, 1);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_B + TT_PAGE, NOWHERE, TT_PAGE));
	tt_uqueue_push_copy(&p->uq, NOWHERE, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_WRITE, NOWHERE, DRM_TRN_ACCESS_TARGET, 1);
	EXPECT_EQ(TT_PAGE, tt_byte_match(p->a.map, TT_PAGE, 0x22));
}

TEST_F(ufault, source_that_is_write_only)
{
	struct tt_upath *p = &self->path;
	struct drm_trn_vm_op op = tt_vm_op_map(&p->a, 0, NOWHERE, p->a.size,
					       DRM_TRN_VM_MAP_WRITE);

	announce("not permit");
	ASSERT_EQ(0, tt_vm_bind(&p->vm, &op, 1));
	memset(p->b.map, 0x33, TT_PAGE);
	tt_uqueue_push_copy(&p->uq, TT_UPATH_B, NOWHERE, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_READ, NOWHERE, DRM_TRN_ACCESS_SOURCE, 0);
	EXPECT_EQ(TT_PAGE, tt_byte_match(p->b.map, TT_PAGE, 0x33));
}

TEST_F(ufault, rings_that_are_not_mapped)
{
	struct tt_upath *p = &self->path;
	uint64_t s2m = TT_UPATH_RING + RING * sizeof(struct drm_trn_desc);

	announce("no translation");
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	ASSERT_EQ(0, tt_vm_unmap(&p->vm, TT_UPATH_RING, p->ring.size));
	tt_uqueue_ring(&p->uq);
	/* Which of the two it looks at first is the device's affair. */
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&p->uq));
	struct drm_trn_queue_get_state state;

	ASSERT_EQ(0, tt_queue_state(&p->uq.queue, &state));
	EXPECT_EQ(ERR_MMU_NOT_PRESENT, state.fault_code);
	EXPECT_EQ(0, state.completed);
	EXPECT_TRUE((state.fault_access == DRM_TRN_ACCESS_M2S_RING &&
		     state.fault_addr == TT_UPATH_RING) ||
		    (state.fault_access == DRM_TRN_ACCESS_S2M_RING && state.fault_addr == s2m));
}

TEST_F(ufault, ring_address_beyond_all_addresses)
{
	struct tt_upath *p = &self->path;
	struct drm_trn_queue_create args = tt_uqueue_args(p->vm.id, 0ull - 256, RING);

	announce("no translation");
	tt_uqueue_destroy(&p->uq);
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	tt_uqueue_ring_raw(&p->uq, 1, 1);
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&p->uq));
}

TEST_F(ufault, doorbell_for_more_than_the_ring_holds)
{
	struct tt_upath *p = &self->path;

	announce("doorbell page rung");
	tt_uqueue_ring_raw(&p->uq, 0, RING + 1);
	EXPECT_FAULT(&p->uq, -EIO, ERR_DOORBELL, 0, 0, 0);
}

TEST_F(ufault, doorbell_of_all_ones)
{
	struct tt_upath *p = &self->path;

	announce("doorbell page rung");
	tt_uqueue_ring_raw(&p->uq, ~0u, ~0u);
	EXPECT_FAULT(&p->uq, -EIO, ERR_DOORBELL, 0, 0, 0);
}

TEST_F(ufault, ring_id_of_another_lap)
{
	struct tt_upath *p = &self->path;

	announce("ring id");
	p->uq.m2s_pos = RING;
	p->uq.m2s_rung = RING;
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EIO, ERR_M2S_RING_ID, TT_UPATH_RING, 0, 0);
}

TEST_F(ufault, packet_without_a_beginning)
{
	struct tt_upath *p = &self->path;

	announce("FIRST");
	tt_uqueue_push_m2s(&p->uq, DRM_TRN_DESC_LAST, DRM_TRN_DESC_OP_COPY, TT_UPATH_B, 64);
	tt_uqueue_push_s2m(&p->uq, 0, TT_UPATH_A, 64);
	tt_uqueue_ring(&p->uq);
	EXPECT_EQ(-EIO, tt_uqueue_poll_error(&p->uq));
}

TEST_F(ufault, operation_that_is_not_known)
{
	struct drm_trn_queue_get_state state;
	struct tt_upath *p = &self->path;

	announce("operation");
	tt_uqueue_push_m2s(&p->uq, DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST, 0xffffffff,
			   TT_UPATH_B, 64);
	tt_uqueue_push_s2m(&p->uq, 0, TT_UPATH_A, 64);
	tt_uqueue_ring(&p->uq);
	EXPECT_EQ(-EIO, tt_uqueue_poll_error(&p->uq));
	ASSERT_EQ(0, tt_queue_state(&p->uq.queue, &state));
	EXPECT_EQ(ERR_M2S_OP, state.fault_code);
}

/* ---- the end of a queue ---- */

struct sleeper {
	pthread_t thread;
	const struct tt_uqueue *uq;
	uint64_t point;
	int ret;
};

static void *sleep_for_point(void *arg)
{
	struct sleeper *s = arg;

	s->ret = tt_sync_wait(s->uq->queue.fd, s->uq->queue.syncobj, s->point,
			      tt_deadline(TT_DEADLINE_S),
			      DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
	return NULL;
}

TEST_F(ufault, fault_wakes_everybody)
{
	const uint64_t points[] = { 1, 2, 1000, UINT64_MAX };
	struct tt_upath *p = &self->path;
	struct sleeper sleepers[4] = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	int i;

	announce("no translation");
	pfd.fd = tt_uqueue_eventfd(&p->uq, 5);
	ASSERT_LE(0, pfd.fd);
	for (i = 0; i < 4; i++) {
		sleepers[i].uq = &p->uq;
		sleepers[i].point = points[i];
		ASSERT_EQ(0, tt_uqueue_notify(&p->uq, points[i]));
		ASSERT_EQ(0, pthread_create(&sleepers[i].thread, NULL, sleep_for_point,
					    &sleepers[i]));
	}
	tt_uqueue_push_copy(&p->uq, NOWHERE, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pthread_join(sleepers[i].thread, NULL));
		EXPECT_EQ(0, sleepers[i].ret);
	}
	EXPECT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	close(pfd.fd);
	/* Whoever comes later does not sleep either. */
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, 77, 0,
				  DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	EXPECT_EQ(-ECANCELED, tt_uqueue_notify(&p->uq, 1));
	EXPECT_EQ(-EFAULT, tt_uqueue_error(&p->uq));
}

TEST_F(ufault, doorbell_of_a_dead_queue_leads_nowhere)
{
	struct tt_upath *p = &self->path;
	void *again;

	announce("doorbell page rung");
	tt_uqueue_ring_raw(&p->uq, ~0u, 0);
	ASSERT_EQ(-EIO, tt_uqueue_poll_error(&p->uq));
	/* In the mapping that there was, and in a new one; no guest error is announced. */
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	again = mmap(NULL, TT_PAGE, PROT_WRITE, MAP_SHARED, self->dev.fd, p->uq.doorbell_offset);
	ASSERT_NE(MAP_FAILED, again);
	__atomic_store_n((uint32_t *)again, 1, __ATOMIC_RELEASE);
	munmap(again, TT_PAGE);
	EXPECT_EQ(0, tt_uqueue_done(&p->uq));
}

TEST_F(ufault, what_was_done_before_counts)
{
	struct tt_upath *p = &self->path;
	int i;

	announce("no translation");
	tt_pattern_fill(p->b.map, 10 * TT_PAGE, 1);
	for (i = 0; i < 10; i++)
		tt_uqueue_push_copy(&p->uq, TT_UPATH_A + i * TT_PAGE, TT_UPATH_B + i * TT_PAGE,
				    TT_PAGE);
	tt_uqueue_push_copy(&p->uq, NOWHERE, TT_UPATH_B, TT_PAGE);
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(&p->uq);
	EXPECT_FAULT(&p->uq, -EFAULT, ERR_MMU_NOT_PRESENT, NOWHERE, DRM_TRN_ACCESS_TARGET, 10);
	EXPECT_EQ(10 * TT_PAGE, tt_pattern_match(p->a.map, 10 * TT_PAGE, 1));
}

TEST_F(ufault, neighbours_copy_between_faults)
{
	struct drm_trn_queue_create args = tt_uqueue_args(self->path.vm.id, TT_UPATH_RING, RING);
	struct tt_upath *p = &self->path;
	int i, rounds = tt_scale(30, 10);

	announce("no translation");
	args.engine = p->uq.queue.engine;
	for (i = 0; i < rounds; i++) {
		tt_uqueue_push_copy(&p->uq, NOWHERE, TT_UPATH_B, TT_PAGE);
		tt_uqueue_ring(&p->uq);
		EXPECT_TRUE(neighbour_copies(&self->neighbour, i));
		EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&p->uq));
		EXPECT_TRUE(neighbour_copies(&self->neighbour, i + 1000));
		tt_uqueue_destroy(&p->uq);
		ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	}
}

TEST_F(ufault, file_with_too_many_faults_gets_no_more_queues)
{
	struct tt_device other;
	struct tt_upath path;
	struct tt_queue kernel;
	uint32_t i;

	announce("doorbell page rung");
	ASSERT_LT(0, self->dev.info.max_faults);
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_upath_open(&other, RING, TT_PAGE, &path));
	for (i = 0; i < other.info.max_faults; i++) {
		struct drm_trn_queue_create args = tt_uqueue_args(path.vm.id, TT_UPATH_RING, RING);

		tt_uqueue_ring_raw(&path.uq, ~0u, ~0u);
		ASSERT_EQ(-EIO, tt_uqueue_poll_error(&path.uq));
		tt_uqueue_destroy(&path.uq);
		EXPECT_EQ(i + 1 < other.info.max_faults ? 0 : -EPERM,
			  tt_uqueue_create(other.fd, &args, path.ring.map, &path.uq));
	}
	/* Nor of the other mode: a queue without an error goes on. */
	EXPECT_EQ(-EPERM, tt_queue_create(other.fd, DRM_TRN_NONE, 64, &kernel));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &kernel));
	tt_queue_destroy(&kernel);
	tt_upath_close(&path);
	tt_device_close(&other);
}

TEST_HARNESS_MAIN
