// SPDX-License-Identifier: GPL-2.0-only
/* User-mode queues: arguments, mappings, copies without a system call, sleeping. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tt_harness.h"
#include "tt_uqueue.h"

#define RING 64
#define SIZE (256 * TT_KIB)

FIXTURE(uqueue)
{
	struct tt_device dev;
	struct tt_usage before;
	struct tt_upath path;
};

FIXTURE_SETUP(uqueue)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &self->path));
}

FIXTURE_TEARDOWN(uqueue)
{
	tt_upath_close(&self->path);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* ---- creation ---- */

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
		EXPECT_EQ(-EINVAL, create_error(fd, bad));
	}
	for (i = 0; i < 8; i++) {
		bad = ok;
		bad.ring_va = TT_UPATH_RING + (1ull << i);
		EXPECT_EQ(-EINVAL, create_error(fd, bad));
	}
	for (i = 0; i < 32; i++) {
		bad = ok;
		bad.flags = 1u << i;
		EXPECT_EQ(-EINVAL, create_error(fd, bad));
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

/* ---- mappings ---- */

/* The error of mapping a page of the queue, unmapped again. */
static int map_error(int fd, size_t len, int prot, int flags, uint64_t offset)
{
	void *map = mmap(NULL, len, prot, flags, fd, offset);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, len);
	return 0;
}

TEST_F(uqueue, doorbell_is_mapped_shared_for_writing_only)
{
	uint64_t offset = self->path.uq.doorbell_offset;
	int fd = self->dev.fd;

	EXPECT_EQ(0, map_error(fd, TT_PAGE, PROT_WRITE, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_WRITE, MAP_PRIVATE, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_NONE, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_WRITE | PROT_READ, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_WRITE | PROT_EXEC, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, 2 * TT_PAGE, PROT_WRITE, MAP_SHARED, offset));
	EXPECT_EQ(-EACCES, mprotect(self->path.uq.doorbell, TT_PAGE, PROT_READ) ? -errno : 0);
	EXPECT_EQ(-EACCES, mprotect(self->path.uq.doorbell, TT_PAGE, PROT_EXEC) ? -errno : 0);
}

TEST_F(uqueue, record_is_mapped_shared_for_reading_only)
{
	uint64_t offset = self->path.uq.record_offset;
	void *page = (void *)self->path.uq.page;
	int fd = self->dev.fd;

	EXPECT_EQ(0, map_error(fd, TT_PAGE, PROT_READ, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ, MAP_PRIVATE, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_WRITE, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, map_error(fd, 2 * TT_PAGE, PROT_READ, MAP_SHARED, offset));
	EXPECT_EQ(-EACCES, mprotect(page, TT_PAGE, PROT_READ | PROT_WRITE) ? -errno : 0);
	EXPECT_EQ(-EACCES, mprotect(page, TT_PAGE, PROT_READ | PROT_EXEC) ? -errno : 0);
}

TEST_F(uqueue, record_of_a_file_open_for_reading)
{
	uint64_t offset = self->path.uq.record_offset;
	struct tt_uqueue uq = self->path.uq;
	char path[64];
	void *map;
	int fd;

	/* The same open file through proc is another one: nothing of it is mapped there. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->dev.fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, map_error(fd, TT_PAGE, PROT_READ, MAP_SHARED, offset));
	close(fd);
	/* And writing through a record's memory by force is refused, too. */
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	map = (void *)uq.page;
	EXPECT_EQ(-1, pwrite(fd, "1", 1, (uintptr_t)map));
	close(fd);
	EXPECT_EQ(0, tt_uqueue_done(&uq));
}

TEST_F(uqueue, another_file_cannot_map_the_pages)
{
	struct tt_device other;
	struct tt_upath path;

	ASSERT_EQ(0, tt_device_open(&other));
	/* It has a queue of its own, with the same id. */
	ASSERT_EQ(0, tt_upath_open(&other, RING, TT_PAGE, &path));
	EXPECT_EQ(path.uq.queue.id, self->path.uq.queue.id);
	EXPECT_EQ(-EINVAL, map_error(other.fd, TT_PAGE, PROT_WRITE, MAP_SHARED,
				     self->path.uq.doorbell_offset));
	EXPECT_EQ(-EINVAL, map_error(other.fd, TT_PAGE, PROT_READ, MAP_SHARED,
				     self->path.uq.record_offset));
	tt_upath_close(&path);
	tt_device_close(&other);
}

/* How many pages can be mapped that are so near to this one. */
static int count_pages(int fd, int prot, uint64_t offset, uint64_t distance)
{
	uint64_t at = offset > distance ? offset - distance : 0;
	int num = 0;

	for (; at <= offset + distance; at += TT_PAGE)
		num += !map_error(fd, TT_PAGE, prot, MAP_SHARED, at);
	return num;
}

TEST_F(uqueue, only_the_pages_of_a_queue_are_there)
{
	uint64_t all = TT_PAGE * tt_scale(self->dev.info.num_engines *
					  self->dev.info.queues_per_engine, 64);
	struct tt_uqueue *uq = &self->path.uq;
	struct tt_queue kernel;

	/* One of the kernel's mode has none. */
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, uq->queue.engine, 64, &kernel));
	EXPECT_EQ(1, count_pages(self->dev.fd, PROT_WRITE, uq->doorbell_offset, all));
	EXPECT_EQ(1, count_pages(self->dev.fd, PROT_READ, uq->record_offset, all));
	/* A 32-bit program can name them. */
	EXPECT_GT(1ull << 31, uq->doorbell_offset);
	EXPECT_GT(1ull << 31, uq->record_offset);
	tt_queue_destroy(&kernel);
}

/* The signal that ends a child which touches the address, or 0. */
static int touch_in_child(void *addr, bool write)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (write)
			__atomic_store_n((uint32_t *)addr, 0, __ATOMIC_RELAXED);
		else
			__atomic_load_n((uint32_t *)addr, __ATOMIC_RELAXED);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(uqueue, fork_does_not_inherit_the_doorbell)
{
	EXPECT_EQ(SIGSEGV, touch_in_child(self->path.uq.doorbell, true));
	EXPECT_NE(0, madvise(self->path.uq.doorbell, TT_PAGE, MADV_DOFORK));
	EXPECT_EQ(SIGSEGV, touch_in_child(self->path.uq.doorbell, true));
	/* The record may be looked at, but not written. */
	EXPECT_EQ(0, touch_in_child((void *)self->path.uq.page, false));
	EXPECT_EQ(SIGSEGV, touch_in_child((void *)self->path.uq.page, true));
}

TEST_F(uqueue, moved_mapping_still_rings)
{
	struct tt_upath *p = &self->path;
	void *old = p->uq.doorbell, *map;

	/* It does not grow, and moves as one. */
	EXPECT_EQ(MAP_FAILED, mremap(old, TT_PAGE, 2 * TT_PAGE, MREMAP_MAYMOVE));
	map = mmap(NULL, TT_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(map, mremap(old, TT_PAGE, TT_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map));
	p->uq.doorbell = map;
	tt_pattern_fill(p->b.map, TT_PAGE, 1);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	EXPECT_EQ(TT_PAGE, tt_pattern_match(p->a.map, TT_PAGE, 1));
}

TEST_F(uqueue, pages_outlive_their_queue)
{
	struct tt_upath *p = &self->path;
	struct tt_uqueue old = p->uq;

	tt_pattern_fill(p->b.map, TT_PAGE, 2);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	ASSERT_EQ(0, tt_queue_destroy(&p->uq.queue));
	EXPECT_EQ(-ECANCELED, tt_uqueue_error(&old));
	EXPECT_EQ(1, tt_uqueue_done(&old));
	/* What is rung now is lost, in pages mapped before as in new ones. */
	tt_uqueue_ring_raw(&old, 1, 1);
	EXPECT_EQ(-EINVAL, map_error(self->dev.fd, TT_PAGE, PROT_WRITE, MAP_SHARED,
				     old.doorbell_offset));
	/* The next queue takes the same hardware, and does not hear it. */
	ASSERT_EQ(0, munmap((void *)old.page, TT_PAGE));
	struct drm_trn_queue_create args = tt_uqueue_args(p->vm.id, TT_UPATH_RING, RING);

	args.engine = old.queue.engine;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	EXPECT_EQ(old.queue.hw_queue, p->uq.queue.hw_queue);
	memset(p->ring.map, 0, p->ring.size);
	tt_uqueue_ring_raw(&old, RING + 1, RING + 1);
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_B, TT_UPATH_A, TT_PAGE));
	EXPECT_EQ(1, tt_uqueue_done(&p->uq));
	EXPECT_EQ(0, munmap(old.doorbell, TT_PAGE));
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
		EXPECT_EQ(0, memcmp((char *)p->a.map + 5, p->b.map, sizes[i]));
		EXPECT_EQ(0, ((char *)p->a.map)[5 + sizes[i]]);
		ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_B, TT_UPATH_A + 5, sizes[i]));
		EXPECT_EQ(0, memcmp(p->b.map, (char *)p->a.map + 5, sizes[i]));
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

/* ---- sleeping ---- */

TEST_F(uqueue, notify_arguments)
{
	struct drm_trn_queue_notify ok = { .queue_id = self->path.uq.queue.id, .point = 1 }, bad;
	int fd = self->dev.fd;

	EXPECT_EQ(0, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &ok));
	bad = ok;
	bad.point = 0;
	EXPECT_EQ(-EINVAL, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
	bad = ok;
	bad.flags = 1;
	EXPECT_EQ(-EINVAL, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
	bad = ok;
	bad.queue_id++;
	EXPECT_EQ(-ENOENT, tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &bad));
}

static int sync_now(const struct tt_uqueue *uq, uint64_t point)
{
	return tt_sync_wait(uq->queue.fd, uq->queue.syncobj, point, 0,
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
}

TEST_F(uqueue, point_that_is_done_is_on_the_timeline_at_once)
{
	struct tt_upath *p = &self->path;
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	/* Nobody armed: nothing is there. */
	EXPECT_EQ(-ETIME, sync_now(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 2));
	EXPECT_EQ(0, sync_now(&p->uq, 1));
	EXPECT_EQ(0, sync_now(&p->uq, 2));
	/* A later one that is done by then. */
	EXPECT_EQ(0, sync_now(&p->uq, 3));
	EXPECT_EQ(-ETIME, sync_now(&p->uq, 4));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 3));
}

TEST_F(uqueue, sleeper_is_woken)
{
	struct tt_upath *p = &self->path;
	int i;

	for (i = 1; i <= 20; i++) {
		tt_pattern_fill(p->b.map, 65536, i);
		tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 65536);
		tt_uqueue_ring(&p->uq);
		ASSERT_EQ(0, tt_uqueue_wait(&p->uq, i));
		EXPECT_EQ(65536, tt_pattern_match(p->a.map, 65536, i));
	}
}

struct sleeper {
	pthread_t thread;
	const struct tt_uqueue *uq;
	uint64_t point;
	int ret;
};

static void *sleep_for_point(void *arg)
{
	struct sleeper *s = arg;

	s->ret = tt_uqueue_wait(s->uq, s->point);
	return NULL;
}

/* More points than the driver remembers one by one, in no order, each awaited. */
TEST_F(uqueue, many_sleepers_at_many_points)
{
	struct tt_upath *p = &self->path;
	struct sleeper sleepers[RING] = { 0 };
	uint64_t i;

	for (i = 0; i < RING; i++) {
		sleepers[i].uq = &p->uq;
		sleepers[i].point = (i * 37) % RING + 1;
		ASSERT_EQ(0, pthread_create(&sleepers[i].thread, NULL, sleep_for_point,
					    &sleepers[i]));
	}
	for (i = 1; i <= RING; i++) {
		tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 4096);
		tt_uqueue_ring(&p->uq);
		/* Of each, the sleeper wakes though nobody else goes on. */
		if (i % 16 == 0)
			ASSERT_EQ(0, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, i,
						  tt_deadline(TT_DEADLINE_S),
						  DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	}
	for (i = 0; i < RING; i++) {
		ASSERT_EQ(0, pthread_join(sleepers[i].thread, NULL));
		EXPECT_EQ(0, sleepers[i].ret);
	}
}

static bool fd_is_ready(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1;
}

TEST_F(uqueue, eventfd_comes_with_its_point)
{
	struct tt_upath *p = &self->path;
	int first, second;

	first = tt_uqueue_eventfd(&p->uq, 1);
	second = tt_uqueue_eventfd(&p->uq, 2);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 2));
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	EXPECT_TRUE(fd_is_ready(first, TT_DEADLINE_S * 1000));
	EXPECT_FALSE(fd_is_ready(second, 0));
	ASSERT_EQ(0, tt_uqueue_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64));
	EXPECT_TRUE(fd_is_ready(second, TT_DEADLINE_S * 1000));
	close(first);
	close(second);
}

TEST_F(uqueue, point_that_is_never_rung_waits_for_its_deadline)
{
	struct drm_trn_queue_create args;
	struct tt_upath *p = &self->path;

	ASSERT_EQ(0, tt_uqueue_destroy(&p->uq));
	args = tt_uqueue_args(p->vm.id, TT_UPATH_RING, RING);
	args.timeout_ms = 20;
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &args, p->ring.map, &p->uq));
	/* Nothing rung, then one side only: none of that is the device's fault. */
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	EXPECT_EQ(-ETIME, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, 1,
				       tt_deadline(0) + TT_NSEC / 4,
				       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	tt_uqueue_push_copy(&p->uq, TT_UPATH_A, TT_UPATH_B, 64);
	tt_uqueue_ring_raw(&p->uq, 1, 0);
	EXPECT_EQ(-ETIME, tt_sync_wait(self->dev.fd, p->uq.queue.syncobj, 1,
				       tt_deadline(0) + TT_NSEC / 4,
				       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT));
	EXPECT_EQ(0, tt_uqueue_error(&p->uq));
	tt_uqueue_ring_raw(&p->uq, 0, 1);
	EXPECT_EQ(0, tt_uqueue_wait(&p->uq, 1));
}

TEST_F(uqueue, destroy_wakes_everybody)
{
	struct tt_upath *p = &self->path;
	struct sleeper sleeper = { .uq = &p->uq, .point = 1 };
	uint64_t last = 0;
	uint32_t handle = p->uq.queue.syncobj;
	int fd;

	fd = tt_uqueue_eventfd(&p->uq, UINT64_MAX);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tt_uqueue_notify(&p->uq, 1));
	ASSERT_EQ(0, pthread_create(&sleeper.thread, NULL, sleep_for_point, &sleeper));
	struct drm_trn_queue_destroy args = { .queue_id = p->uq.queue.id };

	ASSERT_EQ(0, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args));
	EXPECT_TRUE(fd_is_ready(fd, TT_DEADLINE_S * 1000));
	ASSERT_EQ(0, pthread_join(sleeper.thread, NULL));
	/* Came late to the queue, or was woken by its end. */
	EXPECT_TRUE(sleeper.ret == -ECANCELED || sleeper.ret == -ENOENT);
	ASSERT_EQ(0, drmSyncobjQuery(self->dev.fd, &handle, &last, 1));
	EXPECT_EQ(UINT64_MAX, last);
	EXPECT_EQ(-ENOENT, tt_uqueue_notify(&p->uq, 1));
	close(fd);
}

TEST_HARNESS_MAIN
