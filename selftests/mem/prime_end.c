// SPDX-License-Identifier: GPL-2.0-only
/* dma-bufs whose device or driver goes away while they exist. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "prime.h"
#include "prime_copies.h"
#include "tt_prime.h"
#include "tt_sysfs.h"

TEST_F(prime, importer_unbinds_before_the_dma_buf_ends)
{
	struct tt_device other;
	struct tt_usage idle;
	struct tt_bo bo;
	char bdf[32];
	void *mem;
	int buf = tt_udmabuf_create(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_import(other.fd, buf, &bo));
	expect_copies(_metadata, &self->queue, &self->host, self->host.map, &self->hbm);
	ASSERT_EQ(0, tt_unbind(bdf));
	EXPECT_EQ(-ENODEV, tt_import(other.fd, buf, &bo));
	tt_device_close(&other);
	close(buf);
	munmap(mem, SIZE);

	munmap(self->host.map, SIZE);
	munmap(self->hbm.map, SIZE);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(bdf));
	/* For the teardown. */
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &idle));
	EXPECT_EQ(0, memcmp(&idle, &self->before, sizeof(idle)));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->host));
}

TEST_F(prime, module_stays_while_a_dma_buf_exists)
{
	int buf = tt_export(&self->host);
	char *map;

	if (geteuid())
		SKIP(return, "needs root, to unload the driver");
	ASSERT_LE(0, buf);
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, buf, 0);
	ASSERT_NE(MAP_FAILED, map);
	tt_pattern_fill(self->host.map, SIZE, 4);
	tt_bo_close(&self->host);
	tt_bo_close(&self->hbm);
	tt_device_close(&self->dev);
	tt_sleep_ms(100);
	EXPECT_EQ(-EAGAIN, tt_module_unload());
	EXPECT_EQ(SIZE, tt_pattern_match(map, SIZE, 4));
	munmap(map, SIZE);
	close(buf);

	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->host));
}

#define NUM_ENDING 128

struct ending {
	int bufs[NUM_ENDING];		/* nothing else is left of their BOs */
};

static int ending_open(struct ending *ending, const struct tt_device *dev)
{
	struct tt_bo bo;
	int i, ret;

	for (i = 0; i < NUM_ENDING; i++) {
		ret = tt_bo_create_unmapped(dev->fd, TT_PAGE, dev->hbm, &bo);
		if (ret)
			return ret;
		ending->bufs[i] = tt_export(&bo);
		tt_bo_close(&bo);
		if (ending->bufs[i] < 0)
			return ending->bufs[i];
	}
	return 0;
}

/* From the last to the first. */
static void *ending_close(void *arg)
{
	struct ending *ending = arg;
	int i;

	for (i = NUM_ENDING; i--;)
		close(ending->bufs[i]);
	return NULL;
}

TEST_F(prime, dma_bufs_end_while_memory_is_taken_back)
{
	int round, rounds = tt_scale(6, 3);
	struct ending ending;
	pthread_t thread;
	char bdf[32];

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ending_open(&ending, &self->dev));
		ASSERT_EQ(0, pthread_create(&thread, NULL, ending_close, &ending));
		EXPECT_EQ(0, tt_reset(bdf));
		ASSERT_EQ(0, pthread_join(thread, NULL));
	}
	/* The teardown sees that it is all given back. */
}

/* The dma-buf of a new BO, without its file: only a path leads to it. Or -errno. */
static int open_path(const struct tt_device *dev)
{
	char name[32];
	struct tt_bo bo;
	int buf, path;

	if (tt_bo_create_unmapped(dev->fd, TT_PAGE, dev->hbm, &bo))
		return -ENOMEM;
	buf = tt_export(&bo);
	tt_bo_close(&bo);
	if (buf < 0)
		return buf;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", buf);
	path = open(name, O_PATH | O_CLOEXEC);
	close(buf);
	return path;
}

/* The kernel may use the memory of a file that was closed for one that is opened. */
TEST_F(prime, file_of_a_dma_buf_ends_before_it)
{
	int mem = memfd_create("others", MFD_CLOEXEC);
	int paths[NUM_ENDING], files[NUM_ENDING], i;
	char name[32], bdf[32], *own;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	ASSERT_EQ(0, ftruncate(mem, TT_PAGE));
	own = mmap(NULL, TT_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, mem, 0);
	ASSERT_NE(MAP_FAILED, own);
	tt_pattern_fill(own, TT_PAGE, 7);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", mem);
	for (i = 0; i < NUM_ENDING; i++) {
		paths[i] = open_path(&self->dev);
		ASSERT_LE(0, paths[i]);
	}
	for (i = 0; i < NUM_ENDING; i++)
		files[i] = open(name, O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(0, tt_reset(bdf));
	/* The reset takes back the memory of its BOs, and of no other file. */
	EXPECT_EQ(TT_PAGE, tt_pattern_match(own, TT_PAGE, 7));
	for (i = 0; i < NUM_ENDING; i++) {
		close(files[i]);
		close(paths[i]);
	}
	munmap(own, TT_PAGE);
	close(mem);
}

TEST_HARNESS_MAIN
