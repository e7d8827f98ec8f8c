// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of BOs: the CPU sees the bytes of the device, and no other bytes. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tt_harness.h"

#define SIZE (2 * TT_MIB)

FIXTURE(mmap)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo user;
	struct tt_usage before;
};

FIXTURE_VARIANT(mmap)
{
	bool system;
};

FIXTURE_VARIANT_ADD(mmap, hbm) { .system = false };
FIXTURE_VARIANT_ADD(mmap, host) { .system = true };

FIXTURE_SETUP(mmap)
{
	void *mem = tt_pages(SIZE);

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &self->user));
}

FIXTURE_TEARDOWN(mmap)
{
	tt_bo_close(&self->user);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

static uint64_t place(const struct tt_device *dev, bool system)
{
	return system ? dev->system : dev->hbm;
}

/* mmap() with a negative errno. */
static int map_error(size_t len, int prot, int flags, int fd, uint64_t offset)
{
	void *map = mmap(NULL, len, prot, flags, fd, offset);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, len);
	return 0;
}

TEST_F(mmap, cpu_writes_reach_the_device)
{
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(bo.map, SIZE, 1);
	ASSERT_EQ(0, tt_copy(&self->queue, &self->user, 0, &bo, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->user.map, SIZE, 1));
	tt_bo_close(&bo);
}

TEST_F(mmap, device_writes_reach_the_cpu)
{
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	/* Touch every page first: stale mappings would show. */
	EXPECT_EQ(SIZE, tt_byte_match(bo.map, SIZE, 0));
	tt_pattern_fill(self->user.map, SIZE, 2);
	ASSERT_EQ(0, tt_copy(&self->queue, &bo, 0, &self->user, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(bo.map, SIZE, 2));
	tt_bo_close(&bo);
}

TEST_F(mmap, two_bos_do_not_share)
{
	uint64_t placement = place(&self->dev, variant->system);
	struct tt_bo a, b;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, placement, &a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, placement, &b));
	tt_pattern_fill(a.map, SIZE, 3);
	tt_pattern_fill(b.map, SIZE, 4);
	EXPECT_EQ(SIZE, tt_pattern_match(a.map, SIZE, 3));
	EXPECT_EQ(SIZE, tt_pattern_match(b.map, SIZE, 4));
	tt_bo_close(&a);
	tt_bo_close(&b);
}

TEST_F(mmap, two_mappings_show_the_same)
{
	struct tt_bo bo;
	void *again;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	again = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, self->dev.fd, bo.mmap_offset);
	ASSERT_NE(MAP_FAILED, again);
	tt_pattern_fill(bo.map, SIZE, 5);
	EXPECT_EQ(SIZE, tt_pattern_match(again, SIZE, 5));
	munmap(again, SIZE);
	tt_bo_close(&bo);
}

TEST_F(mmap, part_of_a_bo_can_be_mapped)
{
	struct tt_bo bo;
	char *part;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	part = mmap(NULL, TT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->dev.fd,
		    bo.mmap_offset);
	ASSERT_NE(MAP_FAILED, part);
	tt_pattern_fill(part, TT_PAGE, 6);
	EXPECT_EQ(TT_PAGE, tt_pattern_match(bo.map, TT_PAGE, 6));
	munmap(part, TT_PAGE);
	tt_bo_close(&bo);
}

TEST_F(mmap, more_than_the_bo_is_refused)
{
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	EXPECT_EQ(-EINVAL, map_error(bo.size + TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd,
				     bo.mmap_offset));
	EXPECT_GT(0, map_error(TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd,
			       bo.mmap_offset + bo.size));
	tt_bo_close(&bo);
}

TEST_F(mmap, offsets_that_are_no_bo_are_refused)
{
	uint64_t offsets[] = { 0, TT_PAGE, 1ull << 32, 1ull << 40, 0x7ffffffffffff000ull };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_GT(0, map_error(TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd, offsets[i])) {
			TH_LOG("case %d", (int)i);
		}
	}
}

TEST_F(mmap, private_mapping_is_refused)
{
	struct tt_bo bo;

	/* A copy-on-write mapping of device memory would be neither. */
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	EXPECT_GT(0, map_error(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->dev.fd,
			       bo.mmap_offset));
	tt_bo_close(&bo);
}

TEST_F(mmap, mapping_cannot_grow)
{
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	EXPECT_EQ(MAP_FAILED, mremap(bo.map, SIZE, 2 * SIZE, MREMAP_MAYMOVE));
	tt_bo_close(&bo);
}

TEST_F(mmap, mapping_outlives_the_handle)
{
	struct tt_bo bo, other;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(bo.map, SIZE, 7);
	ASSERT_EQ(0, tt_gem_close(self->dev.fd, bo.handle));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &other));
	tt_pattern_fill(other.map, SIZE, 8);
	EXPECT_EQ(SIZE, tt_pattern_match(bo.map, SIZE, 7));
	tt_bo_close(&other);
	munmap(bo.map, SIZE);
	EXPECT_GT(0, map_error(TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd, bo.mmap_offset));
}

TEST_F(mmap, another_file_cannot_map_it)
{
	struct tt_device other;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	EXPECT_EQ(-EACCES, map_error(TT_PAGE, PROT_READ, MAP_SHARED, other.fd, bo.mmap_offset));
	tt_bo_close(&bo);
	tt_device_close(&other);
}

TEST_F(mmap, child_shares_the_mapping)
{
	struct tt_bo bo;
	pid_t pid;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(bo.map, SIZE, 9);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		bool same = tt_pattern_match(bo.map, SIZE, 9) == SIZE;

		tt_pattern_fill(bo.map, SIZE, 10);
		_exit(!same);
	}
	EXPECT_EQ(0, tt_reap(pid));
	EXPECT_EQ(SIZE, tt_pattern_match(bo.map, SIZE, 10));
	ASSERT_EQ(0, tt_copy(&self->queue, &self->user, 0, &bo, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->user.map, SIZE, 10));
	tt_bo_close(&bo);
}

TEST_F(mmap, read_only_mapping_refuses_stores)
{
	unsigned char *map;
	struct tt_bo bo;
	int status;
	pid_t pid;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, self->dev.fd, bo.mmap_offset);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, map[0]);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		memset(map, 1, 8);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	munmap(map, SIZE);
	tt_bo_close(&bo);
}

TEST_F(mmap, no_mmap_cannot_be_mapped)
{
	uint64_t placement = place(&self->dev, variant->system);
	struct tt_bo bo, neighbour;

	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, SIZE, placement, &bo));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, placement, &neighbour));
	EXPECT_GT(0, map_error(TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd, bo.mmap_offset));
	/* Offsets are handed out one after the other: it is at neither side. */
	EXPECT_GT(0, map_error(TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd,
			       neighbour.mmap_offset + SIZE));
	tt_bo_close(&neighbour);
	tt_bo_close(&bo);
}

/* As gdb does it, across pages and up to the end. */
TEST_F(mmap, debugger_reads_and_writes)
{
	unsigned char word[8], text[] = "debugger";
	struct tt_bo bo;
	int fd;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(self->user.map, SIZE, 11);
	ASSERT_EQ(0, tt_copy(&self->queue, &bo, 0, &self->user, 0, SIZE));
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	/* Nobody has touched the page by now. */
	EXPECT_EQ(8, pread(fd, word, 8, (uintptr_t)bo.map + 5 * TT_PAGE - 3));
	EXPECT_EQ(0, memcmp(word, self->user.map + 5 * TT_PAGE - 3, 8));
	EXPECT_EQ(8, pread(fd, word, 8, (uintptr_t)bo.map + SIZE - 8));
	EXPECT_EQ(0, memcmp(word, self->user.map + SIZE - 8, 8));
	EXPECT_EQ(8, pwrite(fd, text, 8, (uintptr_t)bo.map + TT_PAGE - 3));
	EXPECT_EQ(0, memcmp(bo.map + TT_PAGE - 3, text, 8));
	ASSERT_EQ(0, tt_copy(&self->queue, &self->user, 0, &bo, 0, SIZE));
	EXPECT_EQ(0, memcmp(self->user.map + TT_PAGE - 3, text, 8));
	close(fd);
	tt_bo_close(&bo);
}

TEST_F(mmap, tracer_peeks)
{
	struct tt_bo bo;
	pid_t pid;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(bo.map, SIZE, 12);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, WUNTRACED));
	errno = 0;
	EXPECT_EQ(*(long *)bo.map, ptrace(PTRACE_PEEKDATA, pid, bo.map, 0));
	EXPECT_EQ(0, errno);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tt_bo_close(&bo);
}

/* The man page says of mappings: reads into files work, pins of their pages do not. */
TEST_F(mmap, mapping_has_no_pages_to_pin)
{
	struct iovec from, to;
	struct tt_bo bo;
	char word[8];
	int fd;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	tt_pattern_fill(bo.map, SIZE, 13);
	from = (struct iovec){ bo.map, 8 };
	to = (struct iovec){ word, 8 };
	EXPECT_EQ(-1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	/* The debug kernel has no such call. */
	EXPECT_TRUE(errno == EFAULT || errno == ENOSYS);
	fd = memfd_create("x", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2 * TT_PAGE, write(fd, bo.map, 2 * TT_PAGE));
	memset(bo.map, 0, 2 * TT_PAGE);
	EXPECT_EQ(2 * TT_PAGE, pread(fd, bo.map, 2 * TT_PAGE, 0));
	EXPECT_EQ(SIZE, tt_pattern_match(bo.map, SIZE, 13));
	close(fd);
	tt_bo_close(&bo);
}

TEST_F(mmap, memory_cannot_be_run)
{
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, place(&self->dev, variant->system), &bo));
	EXPECT_EQ(-EINVAL, map_error(SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, self->dev.fd,
				     bo.mmap_offset));
	EXPECT_EQ(-EACCES, mprotect(bo.map, TT_PAGE, PROT_READ | PROT_EXEC) ? -errno : 0);
	tt_bo_close(&bo);
}

TEST_HARNESS_MAIN
