// SPDX-License-Identifier: GPL-2.0-only
/* The mapped pages of user-mode queues: doorbell and record. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tt_uqueue.h"
#include "uqueue.h"

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
	/* Doorbells are lost now, in pages mapped before as in new ones. */
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

TEST_HARNESS_MAIN
