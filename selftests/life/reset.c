// SPDX-License-Identifier: GPL-2.0-only
/* Function level reset: queues are lost, files live on, other memory is kept. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_load.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

FIXTURE(reset)
{
	struct tt_device dev;
	struct tt_usage before;
	char bdf[32];
};

FIXTURE_SETUP(reset)
{
	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, self->bdf, sizeof(self->bdf)));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(reset)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

static uint64_t reset_count(int fd)
{
	struct drm_trn_query_device info = { 0 };
	uint32_t size = sizeof(info);

	return tt_query(fd, DRM_TRN_QUERY_DEVICE, &info, &size) ? ~0ull : info.reset_count;
}

TEST_F(reset, count_tells_the_resets)
{
	uint64_t count = reset_count(self->dev.fd);

	ASSERT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(count + 1, reset_count(self->dev.fd));
	ASSERT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(count + 2, reset_count(self->dev.fd));
}

TEST_F(reset, idle_queue_is_lost_and_a_new_one_works)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	struct tt_bo hbm, host;
	struct drm_trn_op op;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &host));
	tt_pattern_fill(host.map, TT_MIB, 1);
	ASSERT_EQ(0, tt_copy(&queue, &hbm, 0, &host, 0, TT_MIB));
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_queue_state(&queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(1, state.completed);
	EXPECT_EQ(0, state.error_point);
	op = tt_op_copy(&hbm, 0, &host, 0, TT_MIB);
	EXPECT_EQ(-ECANCELED, tt_submit(&queue, &op, 1, NULL));
	EXPECT_EQ(0, tt_queue_destroy(&queue));
	/* The BOs are the same; host memory kept its bytes. */
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	EXPECT_EQ(TT_MIB, tt_pattern_match(host.map, TT_MIB, 1));
	EXPECT_EQ(0, tt_copy(&queue, &hbm, 0, &host, 0, TT_MIB));
	EXPECT_EQ(TT_MIB, tt_pattern_match(hbm.map, TT_MIB, 1));
	tt_bo_close(&host);
	tt_bo_close(&hbm);
	tt_queue_destroy(&queue);
}

TEST_F(reset, work_in_flight_is_cancelled)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	struct drm_trn_op ops[64];
	struct tt_bo bo;
	uint64_t point;
	int i;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 64 * TT_MIB, self->dev.hbm, &bo));
	for (i = 0; i < 64; i++)
		ops[i] = tt_op_fill(&bo, 0, bo.size, 0x44444444);
	/* 800 GiB: no host is done with that before a reset. */
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, tt_submit(&queue, ops, 64, &point));
	ASSERT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(-ECANCELED, tt_wait(&queue, point));
	ASSERT_EQ(0, tt_queue_state(&queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(point, state.submitted);
	EXPECT_EQ(-ECANCELED, state.error);
	EXPECT_EQ(state.completed + 1, state.error_point);
	tt_queue_destroy(&queue);
	/* No write comes late. */
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_fill(&queue, &bo, 0, bo.size, 0x55555555));
	EXPECT_EQ(bo.size, tt_byte_match(bo.map, bo.size, 0x55));
	tt_queue_destroy(&queue);
	tt_bo_close(&bo);
}

TEST_F(reset, user_queue_is_lost_and_its_vm_is_kept)
{
	uint64_t count = reset_count(self->dev.fd);
	struct drm_trn_queue_create args;
	struct drm_trn_queue_get_state state;
	struct tt_upath p;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->dev, 64, TT_MIB, &p));
	ASSERT_EQ(0, tt_uqueue_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	ASSERT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(-ECANCELED, tt_uqueue_error(&p.uq));
	EXPECT_EQ(1, tt_uqueue_done(&p.uq));
	ASSERT_EQ(0, tt_queue_state(&p.uq.queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(-ECANCELED, state.error);
	EXPECT_EQ(1, state.completed);
	EXPECT_EQ(count, state.reset_count);
	EXPECT_EQ(-ECANCELED, tt_uqueue_notify(&p.uq, 2));
	/* Doorbells are lost. */
	tt_uqueue_ring_raw(&p.uq, 1, 1);
	tt_uqueue_destroy(&p.uq);

	args = tt_uqueue_args(p.vm.id, TT_UPATH_RING, 64);
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p.ring.map, &p.uq));
	tt_pattern_fill(p.b.map, TT_PAGE, 3);
	EXPECT_EQ(0, tt_uqueue_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	EXPECT_EQ(TT_PAGE, tt_pattern_match(p.a.map, TT_PAGE, 3));
	tt_upath_close(&p);
}

struct ringer {
	pthread_t thread;
	struct tt_uqueue *uq;
	uint64_t copies;	/* read by the test while it grows */
	int error;
};

/* Copies until its queue dies. */
static void *ring_for_ever(void *arg)
{
	struct ringer *ringer = arg;

	while (!ringer->error) {
		ringer->error = tt_uqueue_copy(ringer->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
		__atomic_fetch_add(&ringer->copies, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(reset, user_queue_that_is_rung_meanwhile)
{
	int round, rounds = tt_scale(20, 5);
	struct pollfd pfd = { .events = POLLIN };
	struct drm_trn_queue_create args;
	struct tt_upath p;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->dev, 64, TT_MIB, &p));
	args = tt_uqueue_args(p.vm.id, TT_UPATH_RING, 64);
	for (round = 0; round < rounds; round++) {
		struct ringer ringer = { .uq = &p.uq };

		pfd.fd = tt_uqueue_eventfd(&p.uq, UINT64_MAX);
		ASSERT_LE(0, pfd.fd);
		ASSERT_EQ(0, pthread_create(&ringer.thread, NULL, ring_for_ever, &ringer));
		while (__atomic_load_n(&ringer.copies, __ATOMIC_RELAXED) < 3)
			sched_yield();
		ASSERT_EQ(0, tt_reset(self->bdf));
		EXPECT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
		close(pfd.fd);
		ASSERT_EQ(0, pthread_join(ringer.thread, NULL));
		EXPECT_EQ(-ECANCELED, ringer.error);
		tt_uqueue_destroy(&p.uq);
		ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p.ring.map, &p.uq));
	}
	tt_upath_close(&p);
}

struct storer {
	pthread_t thread;
	volatile uint32_t *at;	/* in a mapping of HBM */
	bool stop;		/* set by the test */
	uint32_t stores;	/* read by the test while it grows */
	unsigned int lies;
};

/*
 * What is read back is what was stored, unless a reset came in between, once. Where nothing
 * answers, it goes on.
 */
static void *store_for_ever(void *arg)
{
	struct storer *storer = arg;
	bool is_lost = false;

	while (!__atomic_load_n(&storer->stop, __ATOMIC_RELAXED)) {
		uint32_t value = __atomic_add_fetch(&storer->stores, 1, __ATOMIC_RELAXED);
		bool was_lost = is_lost;

		*storer->at = value;
		is_lost = *storer->at != value;
		storer->lies += is_lost && was_lost;
	}
	return NULL;
}

TEST_F(reset, mappings_of_hbm_do_not_lie_meanwhile)
{
	int buf, i, round, rounds = tt_scale(10, 3);
	struct storer storers[2] = {};
	struct tt_bo bo;
	void *maps[2];

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	ASSERT_EQ(0, drmPrimeHandleToFD(bo.fd, bo.handle, DRM_CLOEXEC | DRM_RDWR, &buf));
	maps[0] = bo.map;
	maps[1] = mmap(NULL, TT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
	ASSERT_NE(MAP_FAILED, maps[1]);
	for (i = 0; i < 2; i++) {
		storers[i].at = (volatile uint32_t *)maps[i] + i;
		ASSERT_EQ(0, pthread_create(&storers[i].thread, NULL, store_for_ever,
					    &storers[i]));
	}
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, tt_reset(self->bdf));
		/* Each goes on, by a mapping that came back. */
		for (i = 0; i < 2; i++) {
			uint32_t before = __atomic_load_n(&storers[i].stores, __ATOMIC_RELAXED);

			while (__atomic_load_n(&storers[i].stores, __ATOMIC_RELAXED) - before < 3)
				sched_yield();
		}
	}
	for (i = 0; i < 2; i++) {
		__atomic_store_n(&storers[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(storers[i].thread, NULL);
		EXPECT_EQ(0, storers[i].lies);
	}
	munmap(maps[1], TT_PAGE);
	close(buf);
	tt_bo_close(&bo);
}

TEST_F(reset, pinned_memory_survives)
{
	char *mem = tt_pages(TT_MIB);
	struct tt_queue queue;
	struct tt_bo user, hbm;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, TT_MIB, 0, &user));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &hbm));
	tt_pattern_fill(mem, TT_MIB, 2);
	ASSERT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(TT_MIB, tt_pattern_match(mem, TT_MIB, 2));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	EXPECT_EQ(0, tt_copy(&queue, &hbm, 0, &user, 0, TT_MIB));
	EXPECT_EQ(TT_MIB, tt_pattern_match(hbm.map, TT_MIB, 2));
	tt_bo_close(&hbm);
	tt_bo_close(&user);
	tt_queue_destroy(&queue);
}

TEST_F(reset, memory_allocated_after_it_is_zero)
{
	struct tt_queue queue;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 8 * TT_MIB, 1, &bo));
	ASSERT_EQ(0, tt_fill(&queue, &bo, 0, bo.size, 0x66666666));
	tt_queue_destroy(&queue);
	tt_bo_close(&bo);
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 8 * TT_MIB, 1, &bo));
	EXPECT_EQ(bo.size, tt_byte_match(bo.map, bo.size, 0));
	tt_bo_close(&bo);
}

TEST_F(reset, address_spaces_survive)
{
	struct tt_vm_books books;
	struct tt_bo bo;
	struct tt_vm vm;

	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_vm_map(&vm, &bo, TT_GIB));
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_vm_unmap(&vm, TT_GIB, TT_PAGE));
	ASSERT_EQ(0, tt_vm_map(&vm, &bo, 2 * TT_GIB));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	EXPECT_EQ(2, books.num_mappings);
	tt_bo_close(&bo);
	ASSERT_EQ(0, tt_vm_destroy(&vm));
}

TEST_F(reset, load_goes_on_with_new_queues)
{
	int ends[TT_LOAD_PROCESSES], i, rounds = tt_scale(8, 3);
	uint64_t count = reset_count(self->dev.fd);
	struct tt_load load;

	ASSERT_EQ(0, tt_load_start(&load));
	for (i = 0; i < rounds; i++) {
		EXPECT_EQ(0, tt_reset(self->bdf));
		EXPECT_EQ(0, tt_load_progress(&load, 8));
	}
	tt_load_stop(&load);
	tt_load_join(&load, ends);
	for (i = 0; i < TT_LOAD_PROCESSES; i++) {
		EXPECT_EQ(TT_LOAD_STOPPED, ends[i]) {
			TH_LOG("error %d", load.shared->error);
		}
	}
	EXPECT_LT(0, load.shared->lost);
	EXPECT_EQ(count + rounds, reset_count(self->dev.fd));
}

TEST_F(reset, back_to_back_resets_work)
{
	int ends[TT_LOAD_PROCESSES], i;
	struct tt_load load;

	ASSERT_EQ(0, tt_load_start(&load));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, tt_reset(self->bdf));
	EXPECT_EQ(0, tt_load_progress(&load, 8));
	tt_load_stop(&load);
	tt_load_join(&load, ends);
	for (i = 0; i < TT_LOAD_PROCESSES; i++)
		EXPECT_EQ(TT_LOAD_STOPPED, ends[i]);
}

TEST_HARNESS_MAIN
