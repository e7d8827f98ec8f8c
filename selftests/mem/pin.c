// SPDX-License-Identifier: GPL-2.0-only
/* BO_USERPTR: the memory that can be pinned, its charge, and its life. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tt_harness.h"

#define SIZE (64 * TT_KIB)

FIXTURE(pin)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo hbm;
	struct tt_usage before;
	int64_t charged;
};

FIXTURE_SETUP(pin)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	self->charged = tt_pinned_bytes();
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * TT_MIB, self->dev.hbm, &self->hbm));
}

FIXTURE_TEARDOWN(pin)
{
	tt_bo_close(&self->hbm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	EXPECT_EQ(self->charged, tt_pinned_bytes());
	tt_device_close(&self->dev);
}

/* The error of a BO_USERPTR; a BO that came after all is closed. */
static int pin_error(int fd, const void *addr, uint64_t size, uint32_t flags)
{
	struct tt_bo bo;
	int ret = tt_bo_userptr(fd, (void *)addr, size, flags, &bo);

	if (!ret)
		tt_bo_close(&bo);
	return ret;
}

/* Through the device and back: true if all @size bytes of @bo came back. */
static bool round_trip(const struct tt_queue *queue, const struct tt_bo *hbm,
		       const struct tt_bo *bo, uint64_t size)
{
	size_t match = 0;
	int there, back = 0;

	tt_pattern_fill(bo->map, size, 11);
	there = tt_copy(queue, hbm, 0, bo, 0, size);
	memset(bo->map, 0, size);
	if (!there)
		back = tt_copy(queue, bo, 0, hbm, 0, size);
	if (!there && !back)
		match = tt_pattern_match(bo->map, size, 11);
	if (match != size)
		fprintf(stderr, "# there %d, back %d, %zu of %llu bytes\n", there, back, match,
			(unsigned long long)size);
	return match == size;
}

TEST_F(pin, any_alignment_works)
{
	static const struct { uint32_t offset, size; } cases[] = {
		{ 0, 1 }, { 1, 1 }, { 4095, 1 }, { 4095, 2 }, { 5, 4096 }, { 63, 65 },
		{ 4033, 8191 }, { 17, 61440 }, { 3, 61441 },
	};
	unsigned char *mem = tt_pages(SIZE + 2 * TT_PAGE);
	struct tt_bo bo;
	size_t i;

	ASSERT_NE(NULL, mem);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t end = cases[i].offset + cases[i].size;

		memset(mem, 0xa5, SIZE + 2 * TT_PAGE);
		ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + cases[i].offset, cases[i].size, 0,
					   &bo));
		EXPECT_TRUE(round_trip(&self->queue, &self->hbm, &bo, cases[i].size)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(cases[i].offset, tt_byte_match(mem, cases[i].offset, 0xa5)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(TT_PAGE, tt_byte_match(mem + end, TT_PAGE, 0xa5)) {
			TH_LOG("case %d", (int)i);
		}
		tt_bo_close(&bo);
	}
}

/* Each even page of @mem as a BO of its own, after all pages were touched in their order. */
static int pin_even_pages(int fd, unsigned char *mem, struct tt_bo *bos, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 2 * count; i++)
		mem[(i + 1) * TT_PAGE - 1] = i + 1;
	for (i = 0; !ret && i < count; i++)
		ret = tt_bo_userptr(fd, mem + 2 * i * TT_PAGE, TT_PAGE, 0, &bos[i]);
	return ret;
}

/*
 * An IOMMU that looks up one byte too many translates the last byte of a page by the
 * mapping of the next one. That leads to the end of the page before the other page: a
 * page between those that are pinned, whose last byte has another value.
 */
TEST_F(pin, last_byte_of_a_page_is_its_own)
{
	enum { PAGES = 16, LAST = TT_PAGE - 1 };
	unsigned char *mem = tt_pages(2 * PAGES * TT_PAGE), *hbm = self->hbm.map;
	struct tt_bo bos[PAGES] = {};
	unsigned int i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, pin_even_pages(self->dev.fd, mem, bos, PAGES));
	memset(hbm, 0xa5, PAGES * TT_PAGE);
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(0, tt_copy(&self->queue, &self->hbm, i * TT_PAGE, &bos[i], LAST, 1));
		EXPECT_EQ(2 * i + 1, hbm[i * TT_PAGE]) {
			TH_LOG("page %u", i);
		}
		EXPECT_EQ(LAST, tt_byte_match(hbm + i * TT_PAGE + 1, LAST, 0xa5));
		hbm[i * TT_PAGE] = 0xff - 2 * i;
		EXPECT_EQ(0, tt_copy(&self->queue, &bos[i], LAST, &self->hbm, i * TT_PAGE, 1));
	}
	for (i = 0; i < PAGES; i++)
		tt_bo_close(&bos[i]);
	for (i = 0; i < 2 * PAGES; i++) {
		EXPECT_EQ(LAST, tt_byte_match(mem + i * TT_PAGE, LAST, 0));
		EXPECT_EQ(i % 2 ? i + 1 : 0xff - i, mem[i * TT_PAGE + LAST]) {
			TH_LOG("page %u", i);
		}
	}
}

TEST_F(pin, pages_are_charged_once_per_bo)
{
	char *mem = tt_pages(SIZE);
	struct tt_bo a, b, c;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &a));
	EXPECT_EQ(self->charged + (int64_t)SIZE, tt_pinned_bytes());
	/* Two bytes on two pages; then the same pages once more. */
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + 4095, 2, 0, &b));
	EXPECT_EQ(self->charged + (int64_t)(SIZE + 2 * TT_PAGE), tt_pinned_bytes());
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, DRM_TRN_BO_READ_ONLY, &c));
	EXPECT_EQ(self->charged + (int64_t)(2 * SIZE + 2 * TT_PAGE), tt_pinned_bytes());
	tt_bo_close(&b);
	tt_bo_close(&a);
	EXPECT_EQ(self->charged + (int64_t)SIZE, tt_pinned_bytes());
	tt_bo_close(&c);
	EXPECT_EQ(self->charged, tt_pinned_bytes());
}

/* As a user without CAP_IPC_LOCK and with @limit bytes to lock. */
static int limited_pins(int fd, char *mem, uint64_t limit)
{
	struct rlimit rlimit = { limit, limit };
	struct tt_bo bo;

	if (setrlimit(RLIMIT_MEMLOCK, &rlimit) || setresuid(65534, 65534, 65534))
		return 10;
	if (tt_bo_userptr(fd, mem, limit, 0, &bo))
		return 11;
	if (pin_error(fd, mem, 1, 0) != -ENOMEM)
		return 12;
	tt_bo_close(&bo);
	if (pin_error(fd, mem, limit + 1, 0) != -ENOMEM)
		return 13;
	if (pin_error(fd, mem + 1, limit, 0) != -ENOMEM)
		return 14;
	if (pin_error(fd, mem, limit, 0))
		return 15;
	if (pin_error(fd, mem, 1ull << 46, 0) == 0)
		return 16;
	return tt_pinned_bytes() == 0 ? 0 : 17;
}

TEST_F(pin, memlock_limit_holds_for_users)
{
	char *mem = tt_pages(2 * SIZE);
	int status;
	pid_t pid;

	if (geteuid())
		SKIP(return, "needs root, to become another user");
	ASSERT_NE(NULL, mem);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(limited_pins(self->dev.fd, mem, SIZE));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_F(pin, size_zero_is_refused)
{
	EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, tt_pages(TT_PAGE), 0, 0));
}

TEST_F(pin, range_that_wraps_is_refused)
{
	char *mem = tt_pages(TT_PAGE);

	EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, mem, ~0ull, 0));
	EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, mem, 0 - (uint64_t)(uintptr_t)mem + 1, 0));
	EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, (void *)~0ull, 2, 0));
	EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, (void *)(~0ull - 4095), 8192, 0));
}

TEST_F(pin, kernel_addresses_are_efault)
{
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, (void *)0xffff888000000000ull, TT_PAGE, 0));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, (void *)0xffffffff81000000ull, TT_PAGE,
				     DRM_TRN_BO_READ_ONLY));
}

TEST_F(pin, unknown_flag_is_refused)
{
	void *mem = tt_pages(TT_PAGE);
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		if (1u << bit != DRM_TRN_BO_READ_ONLY)
			EXPECT_EQ(-EINVAL, pin_error(self->dev.fd, mem, TT_PAGE, 1u << bit));
	}
}

TEST_F(pin, unmapped_memory_is_efault)
{
	char *mem = tt_pages(3 * TT_PAGE);

	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, NULL, TT_PAGE, 0));
	ASSERT_NE(NULL, mem);
	munmap(mem + TT_PAGE, TT_PAGE);
	EXPECT_EQ(0, pin_error(self->dev.fd, mem, TT_PAGE, 0));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, mem, 3 * TT_PAGE, 0));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, mem + TT_PAGE - 1, 2, 0));
	EXPECT_EQ(0, pin_error(self->dev.fd, mem + 2 * TT_PAGE, TT_PAGE, 0));
}

TEST_F(pin, hole_far_into_a_large_range_is_efault)
{
	uint64_t size = 32 * TT_MIB;
	char *mem = tt_pages(size);

	/* Past the first batch of pages that any driver pins at once. */
	ASSERT_NE(NULL, mem);
	munmap(mem + size - 2 * TT_PAGE, TT_PAGE);
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, mem, size, 0));
}

TEST_F(pin, protections_are_respected)
{
	char *mem = tt_pages(SIZE);
	struct tt_bo bo;

	ASSERT_NE(NULL, mem);
	tt_pattern_fill(mem, SIZE, 12);
	ASSERT_EQ(0, mprotect(mem, SIZE, PROT_READ));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, mem, SIZE, 0));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, DRM_TRN_BO_READ_ONLY, &bo));
	ASSERT_EQ(0, tt_copy(&self->queue, &self->hbm, 0, &bo, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->hbm.map, SIZE, 12));
	tt_bo_close(&bo);
	ASSERT_EQ(0, mprotect(mem, SIZE, PROT_NONE));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, mem, SIZE, DRM_TRN_BO_READ_ONLY));
}

TEST_F(pin, read_only_bo_is_no_destination)
{
	char *mem = tt_pages(SIZE);
	struct tt_bo bo;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, DRM_TRN_BO_READ_ONLY, &bo));
	EXPECT_EQ(-EACCES, tt_copy(&self->queue, &bo, 0, &self->hbm, 0, SIZE));
	EXPECT_EQ(-EACCES, tt_fill(&self->queue, &bo, 0, SIZE, 1));
	EXPECT_EQ(SIZE, tt_byte_match(mem, SIZE, 0));
	tt_bo_close(&bo);
}

TEST_F(pin, zero_page_is_not_written)
{
	const unsigned char *other = tt_pages(SIZE);
	unsigned char *mem = tt_pages(SIZE);
	struct tt_bo bo;

	/* Both were only read: both are the shared page of zeroes until a write. */
	ASSERT_TRUE(mem && other);
	ASSERT_EQ(SIZE, tt_byte_match(mem, SIZE, 0));
	ASSERT_EQ(SIZE, tt_byte_match(other, SIZE, 0));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	ASSERT_EQ(0, tt_fill(&self->queue, &bo, 0, SIZE, 0x11111111));
	EXPECT_EQ(SIZE, tt_byte_match(mem, SIZE, 0x11));
	EXPECT_EQ(SIZE, tt_byte_match(other, SIZE, 0));
	tt_bo_close(&bo);
}

TEST_F(pin, shared_memory_file_sees_the_device)
{
	int fd = memfd_create("trn", MFD_CLOEXEC);
	unsigned char *mem, *view;
	struct tt_bo bo;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	view = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_TRUE(mem != MAP_FAILED && view != MAP_FAILED);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	ASSERT_EQ(0, tt_fill(&self->queue, &bo, 0, SIZE, 0x22222222));
	EXPECT_EQ(SIZE, tt_byte_match(view, SIZE, 0x22));
	tt_bo_close(&bo);
	close(fd);
}

TEST_F(pin, private_file_is_not_changed)
{
	int fd = memfd_create("trn", MFD_CLOEXEC);
	unsigned char *mem, *view;
	struct tt_bo bo;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	view = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_TRUE(mem != MAP_FAILED && view != MAP_FAILED);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	ASSERT_EQ(0, tt_fill(&self->queue, &bo, 0, SIZE, 0x33333333));
	EXPECT_EQ(SIZE, tt_byte_match(mem, SIZE, 0x33));
	EXPECT_EQ(SIZE, tt_byte_match(view, SIZE, 0));
	tt_bo_close(&bo);
	close(fd);
}

TEST_F(pin, device_mapping_is_efault)
{
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, self->hbm.map, TT_PAGE, 0));
	EXPECT_EQ(-EFAULT, pin_error(self->dev.fd, self->hbm.map, TT_PAGE, DRM_TRN_BO_READ_ONLY));
}

TEST_F(pin, transparent_huge_pages_work)
{
	uint64_t size = 4 * TT_MIB;
	char *mem = tt_pages(size + 2 * TT_MIB);
	struct tt_bo bo;

	ASSERT_NE(NULL, mem);
	mem += -(uintptr_t)mem % (2 * TT_MIB);
	if (madvise(mem, size, MADV_HUGEPAGE))
		SKIP(return, "the kernel has no transparent huge pages");
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + 123, size - 456, 0, &bo));
	EXPECT_TRUE(round_trip(&self->queue, &self->hbm, &bo, size - 456));
	EXPECT_EQ(self->charged + (int64_t)size, tt_pinned_bytes());
	tt_bo_close(&bo);
}

TEST_F(pin, hugetlb_pages_work)
{
	static const char knob[] = "/proc/sys/vm/nr_hugepages";
	uint64_t size = 4 * TT_MIB;
	struct tt_bo bo;
	char *mem;

	if (tt_write_file(knob, "2"))
		SKIP(return, "cannot write %s", knob);
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		   -1, 0);
	if (mem == MAP_FAILED) {
		tt_write_file(knob, "0");
		SKIP(return, "no two huge pages to be had");
	}
	EXPECT_EQ(0, tt_bo_userptr(self->dev.fd, mem, size, 0, &bo));
	EXPECT_TRUE(round_trip(&self->queue, &self->hbm, &bo, size));
	tt_bo_close(&bo);
	munmap(mem, size);
	tt_write_file(knob, "0");
}

TEST_F(pin, pages_stay_after_munmap)
{
	struct tt_usage now;
	struct tt_bo bo;
	char *mem = tt_pages(SIZE);

	ASSERT_NE(NULL, mem);
	tt_pattern_fill(mem, SIZE, 13);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	munmap(mem, SIZE);
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &now));
	EXPECT_EQ(self->before.pinned_pages + (int64_t)(SIZE / TT_PAGE), now.pinned_pages);
	ASSERT_EQ(0, tt_copy(&self->queue, &self->hbm, 0, &bo, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(self->hbm.map, SIZE, 13));
	tt_bo_close(&bo);
}

TEST_F(pin, pages_stay_while_the_device_works)
{
	uint64_t size = 4 * TT_MIB, point;
	struct drm_trn_op op;
	struct tt_bo bo;
	char *mem = tt_pages(size);
	int i;

	ASSERT_NE(NULL, mem);
	tt_pattern_fill(mem, size, 14);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, size, 0, &bo));
	op = tt_op_copy(&self->hbm, 0, &bo, 0, size);
	for (i = 0; i < 16; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	tt_bo_close(&bo);
	munmap(mem, size);
	/* Reuse of the pages, if they had been given back, would show. */
	mem = tt_pages(size);
	memset(mem, 0xee, size);
	ASSERT_EQ(0, tt_wait(&self->queue, point));
	EXPECT_EQ(size, tt_pattern_match(self->hbm.map, size, 14));
}

TEST_F(pin, parent_keeps_the_pages_after_fork)
{
	char *mem = tt_pages(SIZE);
	int go[2];
	struct tt_bo bo;
	pid_t pid;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, pipe(go));
	tt_pattern_fill(mem, SIZE, 15);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		char c;

		/* After the parent has let the device write: still the old bytes. */
		close(go[1]);
		if (read(go[0], &c, 1) != 0 || tt_pattern_match(mem, SIZE, 15) != SIZE)
			_exit(1);
		memset(mem, 0xcc, SIZE);
		_exit(0);
	}
	tt_pattern_fill(self->hbm.map, SIZE, 16);
	EXPECT_EQ(0, tt_copy(&self->queue, &bo, 0, &self->hbm, 0, SIZE));
	EXPECT_EQ(SIZE, tt_pattern_match(mem, SIZE, 16));
	close(go[0]);
	close(go[1]);
	EXPECT_EQ(0, tt_reap(pid));
	EXPECT_EQ(SIZE, tt_pattern_match(mem, SIZE, 16));
	tt_bo_close(&bo);
}

TEST_F(pin, large_range_is_charged_and_given_back)
{
	uint64_t size = tt_scale(256, 64) * TT_MIB;
	void *mem = tt_pages(size);
	struct tt_bo bo;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, size, 0, &bo));
	EXPECT_EQ(self->charged + (int64_t)size, tt_pinned_bytes());
	tt_bo_close(&bo);
	EXPECT_EQ(self->charged, tt_pinned_bytes());
}

/* Pin in a child, which then exits or becomes another program; the handle, or -errno. */
static int pin_in_child(int fd, char *mem, uint64_t size, bool exec)
{
	int ends[2], handle = -EPIPE;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		struct tt_bo bo;
		int ret = tt_bo_userptr(fd, mem, size, 0, &bo);

		if (!ret)
			ret = bo.handle;
		if (write(ends[1], &ret, sizeof(ret)) != sizeof(ret))
			_exit(1);
		if (exec)
			execl("/proc/self/exe", "pin", "--none", NULL);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &handle, sizeof(handle)) != sizeof(handle))
		handle = -EPIPE;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return handle;
}

/* The BO outlives its maker in a file that all share; so does its charge. */
static int pins_of_children(int fd, char *mem, uint64_t limit)
{
	struct rlimit rlimit = { limit, limit };
	int exec, handle;

	if (setrlimit(RLIMIT_MEMLOCK, &rlimit) || setresuid(65534, 65534, 65534))
		return 10;
	for (exec = 0; exec < 2; exec++) {
		handle = pin_in_child(fd, mem, limit, exec);
		if (handle < 0)
			return 11;
		if (pin_in_child(fd, mem, TT_PAGE, exec) != -ENOMEM)
			return 12;
		if (pin_error(fd, mem, TT_PAGE, 0) != -ENOMEM)
			return 13;
		if (tt_gem_close(fd, handle))
			return 14;
	}
	return pin_error(fd, mem, limit, 0) ? 15 : 0;
}

TEST_F(pin, memlock_limit_holds_through_fork_and_exec)
{
	char *mem = tt_pages(SIZE);
	int status;
	pid_t pid;

	if (geteuid())
		SKIP(return, "needs root, to become another user");
	ASSERT_NE(NULL, mem);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(pins_of_children(self->dev.fd, mem, SIZE));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	/* The status file shows the pages of this process alone. */
	EXPECT_EQ(self->charged, tt_pinned_bytes());
}

TEST_HARNESS_MAIN
