// SPDX-License-Identifier: GPL-2.0-only
/* User-mode queues: arguments, and copies without a system call. */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "tt_uqueue.h"
#include "tt_vm.h"
#include "uqueue.h"

/* The error of a QUEUE_CREATE with these arguments; a queue is destroyed again. */
static int create_error(int fd, struct drm_trn_queue_create args)
{
	struct tt_queue queue = { .fd = fd };
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	if (!ret) {
		queue.id = args.queue_id;
		queue.syncobj = args.syncobj;
		tt_queue_destroy(&queue);
	}
	return ret;
}

TEST_F(uqueue, each_argument_wrong_once)
{
	struct drm_trn_queue_create ok = tt_uqueue_args(self->path.vm.id, TT_UPATH_RING, RING);
	const uint32_t sizes[] = { 0, 16, 63, 65, 72, self->dev.info.max_ring_size + 16, ~0u };
	int fd = self->dev.fd;
	struct drm_trn_queue_create bad;
	size_t i;

	EXPECT_EQ(0, create_error(fd, ok));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bad = ok;
		bad.ring_size = sizes[i];
		EXPECT_EQ(-EINVAL, create_error(fd, bad)) {
			TH_LOG("flags %#x", bad.flags);
		}
	}
	for (i = 0; i < 8; i++) {
		bad = ok;
		bad.ring_va = TT_UPATH_RING + (1ull << i);
		EXPECT_EQ(-EINVAL, create_error(fd, bad));
	}
	for (i = 0; i < 32; i++) {
		bad = ok;
		bad.flags = 1u << i;
		EXPECT_EQ(-EINVAL, create_error(fd, bad)) {
			TH_LOG("flag bit %d", (int)i);
		}
	}
	bad = ok;
	bad.mode = 2;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.pad = 1;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.timeout_ms = 3600001;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.engine = self->dev.info.num_engines;
	EXPECT_EQ(-EINVAL, create_error(fd, bad));
	bad = ok;
	bad.vm_id = 0;
	EXPECT_EQ(-ENOENT, create_error(fd, bad));
	bad.vm_id = self->path.vm.id + 1;
	EXPECT_EQ(-ENOENT, create_error(fd, bad));
}

TEST_F(uqueue, vm_of_another_file_is_unknown)
{
	struct drm_trn_queue_create args = tt_uqueue_args(self->path.vm.id, TT_UPATH_RING, RING);
	struct tt_device other;

	ASSERT_EQ(0, tt_device_open(&other));
	EXPECT_EQ(-ENOENT, create_error(other.fd, args));
	tt_device_close(&other);
}

TEST_F(uqueue, modes_do_not_mix)
{
	struct drm_trn_op op = tt_op_fill(&self->path.a, 0, 64, 1);
	struct drm_trn_queue_notify notify = { .point = 1 };
	struct tt_queue kernel;

	EXPECT_EQ(-EOPNOTSUPP, tt_submit(&self->path.uq.queue, &op, 1, NULL));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &kernel));
	notify.queue_id = kernel.id;
	EXPECT_EQ(-EOPNOTSUPP, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &notify));
	tt_queue_destroy(&kernel);
}

TEST_F(uqueue, new_queue_is_at_zero)
{
	struct drm_trn_queue_get_state state;

	EXPECT_EQ(0, tt_uqueue_done(&self->path.uq));
	EXPECT_EQ(0, tt_uqueue_error(&self->path.uq));
	ASSERT_EQ(0, tt_queue_state(&self->path.uq.queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	EXPECT_EQ(0, state.submitted);
	EXPECT_EQ(0, state.completed);
	EXPECT_EQ(0, state.error_point);
	EXPECT_EQ(0, state.error);
	EXPECT_EQ(self->dev.info.reset_count, state.reset_count);
}

/* ---- copies ---- */

TEST_F(uqueue, copies_both_ways)
{
	struct tt_upath *p = &self->path;
	uint32_t sizes[] = { 1, 3, 64, 4095, 4096, 65535, 65536 };
	struct drm_trn_queue_get_state state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		tt_pattern_fill(p->b.map, SIZE, i);
		memset(p->a.map, 0, SIZE);
		ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A + 5, TT_UPATH_B, sizes[i]));
		EXPECT_EQ(0, memcmp((char *)p->a.map + 5, p->b.map, sizes[i])) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(0, ((char *)p->a.map)[5 + sizes[i]]) {
			TH_LOG("case %d", (int)i);
		}
		ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_B, TT_UPATH_A + 5, sizes[i]));
		EXPECT_EQ(0, memcmp(p->b.map, (char *)p->a.map + 5, sizes[i])) {
			TH_LOG("case %d", (int)i);
		}
	}
	ASSERT_EQ(0, tt_queue_state(&p->uq.queue, &state));
	EXPECT_EQ(2 * ARRAY_SIZE(sizes), state.completed);
	EXPECT_EQ(0, state.submitted);
}

TEST_F(uqueue, rings_wrap_with_their_ids)
{
	struct tt_upath *p = &self->path;
	uint32_t len = 512, i, lap;

	/* More laps than there are ids, full rings, an odd start. */
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, len));
	for (lap = 0; lap < 10; lap++) {
		tt_pattern_fill(p->b.map, RING * len, lap);
		for (i = 0; i < RING; i++)
			tt_uqueue_push_copy(&p->uq, TT_UPATH_A + i * len, TT_UPATH_B + i * len,
					    len);
		tt_uqueue_ring(&p->uq);
		ASSERT_EQ(0, tt_uqueue_poll(&p->uq, p->uq.s2m_pos));
		EXPECT_EQ(RING * len, tt_pattern_match(p->a.map, RING * len, lap));
	}
}

TEST_F(uqueue, doorbells_of_32_bits_ring_too)
{
	struct tt_upath *p = &self->path;
	uint32_t *doorbell = p->uq.doorbell;

	tt_pattern_fill(p->b.map, TT_PAGE, 3);
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	__atomic_store_n(&doorbell[DRM_TRN_DOORBELL_S2M / 4], 1, __ATOMIC_RELEASE);
	__atomic_store_n(&doorbell[DRM_TRN_DOORBELL_M2S / 4], 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, tt_uqueue_poll(&p->uq, 1));
	EXPECT_EQ(TT_PAGE, tt_pattern_match(p->a.map, TT_PAGE, 3));
}

TEST_F(uqueue, packets_fill_descriptors_by_the_byte)
{
	struct tt_upath *p = &self->path;
	struct tt_uqueue *uq = &p->uq;

	/* Three sources, two destinations: 100 + 200 + 300 bytes into 250 + 350. */
	tt_pattern_fill(p->b.map, 600, 4);
	tt_uqueue_push_m2s(uq, DRM_TRN_DESC_FIRST, DRM_TRN_DESC_OP_COPY, TT_UPATH_B, 100);
	tt_uqueue_push_m2s(uq, 0, 0, TT_UPATH_B + 100, 200);
	tt_uqueue_push_m2s(uq, DRM_TRN_DESC_LAST, 0, TT_UPATH_B + 300, 300);
	tt_uqueue_push_s2m(uq, 0, TT_UPATH_A, 250);
	tt_uqueue_push_s2m(uq, 0, TT_UPATH_A + 250, 350);
	tt_uqueue_ring(uq);
	ASSERT_EQ(0, tt_uqueue_poll(uq, 2));
	EXPECT_EQ(3, le64toh(uq->page->record.m2s));
	EXPECT_EQ(600, tt_pattern_match(p->a.map, 600, 4));
}

TEST_F(uqueue, queues_of_one_vm_share_its_memory)
{
	struct tt_upath *p = &self->path;
	struct drm_trn_queue_create args = tt_uqueue_args(p->vm.id, TT_UPATH_RING, RING);
	struct tt_bo ring;
	struct tt_uqueue second;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_RING_BYTES(RING), self->dev.system, &ring));
	ASSERT_EQ(0, tt_vm_map(&p->vm, &ring, TT_UPATH_RING + TT_MIB));
	args.ring_va = TT_UPATH_RING + TT_MIB;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, ring.map, &second));
	tt_pattern_fill(p->b.map, TT_PAGE, 5);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	ASSERT_EQ(0, tt_uqueue_copy(&second, TT_UPATH_A + TT_PAGE, TT_UPATH_A, TT_PAGE));
	EXPECT_EQ(TT_PAGE, tt_pattern_match((char *)p->a.map + TT_PAGE, TT_PAGE, 5));
	tt_uqueue_destroy(&second);
	tt_bo_close(&ring);
}

TEST_F(uqueue, vm_lives_as_long_as_its_queue)
{
	struct tt_upath *p = &self->path;

	ASSERT_EQ(0, tt_vm_destroy(&p->vm));
	tt_pattern_fill(p->b.map, TT_PAGE, 6);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	EXPECT_EQ(TT_PAGE, tt_pattern_match(p->a.map, TT_PAGE, 6));
}

TEST_F(uqueue, destroy_while_busy)
{
	struct drm_trn_queue_create args;
	struct tt_upath *p = &self->path;
	int i, round, rounds = tt_scale(50, 10);

	args = tt_uqueue_args(p->vm.id, TT_UPATH_RING, RING);
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < RING; i++)
			tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 65536);
		tt_uqueue_ring(&p->uq);
		ASSERT_EQ(0, tt_uqueue_destroy(&p->uq));
		/* No write comes late. */
		memset(p->a.map, round, 65536);
		EXPECT_EQ(65536, tt_byte_match(p->a.map, 65536, round));
		ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	}
}

TEST_F(uqueue, killed_process_leaves_nothing)
{
	int round, rounds = tt_scale(20, 5), status, i;
	struct tt_usage before;

	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &before));
	for (round = 0; round < rounds; round++) {
		int ready[2];
		char byte;
		pid_t pid;

		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			struct tt_device dev;
			struct tt_upath p;

			if (tt_device_open(&dev) || tt_upath_open(&dev, RING, SIZE, &p))
				_exit(1);
			for (;;) {
				for (i = 0; i < RING; i++)
					tt_uqueue_push_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, 65536);
				tt_uqueue_ring(&p.uq);
				if (p.uq.s2m_pos == RING && write(ready[1], "1", 1) != 1)
					_exit(1);
				if (tt_uqueue_poll(&p.uq, p.uq.s2m_pos))
					_exit(1);
			}
		}
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		close(ready[0]);
		close(ready[1]);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &before));
	}
}

TEST_HARNESS_MAIN
