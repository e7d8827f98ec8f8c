// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma-bufs both ways: BOs that others get, memory of others that becomes BOs, and
 * what happens to both when a device is reset or leaves.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <linux/udmabuf.h>

#include "tt_fence.h"
#include "tt_harness.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"

#define SIZE (256 * TT_KIB)
/* Of copies that shall still be under way when something happens. */
#define PEER_SIZE (16 * TT_MIB)
/* Where imports are mapped in an address space of the device. */
#define IMPORT_VA 0x40000000ull
#define RING 1024

FIXTURE(prime)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo hbm, host;
	struct tt_usage before;
};

FIXTURE_SETUP(prime)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->host));
}

FIXTURE_TEARDOWN(prime)
{
	tt_bo_close(&self->host);
	tt_bo_close(&self->hbm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* Descriptor of the dma-buf of a BO, or -errno. */
static int export(const struct tt_bo *bo)
{
	int fd;

	return drmPrimeHandleToFD(bo->fd, bo->handle, DRM_CLOEXEC | DRM_RDWR, &fd) ? -errno : fd;
}

/* A BO of a dma-buf, without a mapping. */
static int import(int fd, int buf, struct tt_bo *bo)
{
	struct drm_trn_bo_info info;
	int ret;

	memset(bo, 0, sizeof(*bo));
	bo->fd = fd;
	if (drmPrimeFDToHandle(fd, buf, &bo->handle))
		return -errno;
	ret = tt_bo_info(fd, bo->handle, &info);
	bo->size = info.size;
	return ret;
}

/* A dma-buf of a memfd, whose memory is at @mem. */
static int memory_of_a_file(size_t size, void **mem)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int buf;

	create.memfd = memfd_create("memory", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (dev < 0 || ftruncate(create.memfd, size) ||
	    fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -errno;
	*mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, create.memfd, 0);
	buf = ioctl(dev, UDMABUF_CREATE, &create);
	close(create.memfd);
	close(dev);
	return buf < 0 || *mem == MAP_FAILED ? -errno : buf;
}

/* Two descriptors of one dma-buf. */
static bool is_same(int a, int b)
{
	struct stat sa, sb;

	return !fstat(a, &sa) && !fstat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* Out of @bo by the device, into it again, and back: all bytes are right. */
static void expect_copies(struct __test_metadata *_metadata, const struct tt_queue *queue,
			  const struct tt_bo *bo, void *mem, const struct tt_bo *hbm)
{
	size_t size = bo->size < hbm->size ? bo->size : hbm->size;

	tt_pattern_fill(mem, size, 1);
	ASSERT_EQ(0, tt_copy(queue, hbm, 0, bo, 0, size));
	EXPECT_EQ(size, tt_pattern_match(hbm->map, size, 1));
	tt_pattern_fill(hbm->map, size, 2);
	ASSERT_EQ(0, tt_copy(queue, bo, 0, hbm, 0, size));
	EXPECT_EQ(size, tt_pattern_match(mem, size, 2));
	ASSERT_EQ(0, tt_fill(queue, bo, size / 2, 4096, 0x5a5a5a5a));
	EXPECT_EQ(4096, tt_byte_match((char *)mem + size / 2, 4096, 0x5a));
}

/* ---- one device ---- */

TEST_F(prime, another_file_of_the_device_gets_the_same_memory)
{
	const struct tt_bo *bos[] = { &self->hbm, &self->host };
	struct drm_trn_bo_info info;
	struct tt_device other;
	struct tt_queue queue;
	struct tt_bo bo;
	size_t i;
	int buf;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_queue_create(other.fd, DRM_TRN_NONE, 0, &queue));
	for (i = 0; i < 2; i++) {
		buf = export(bos[i]);
		ASSERT_LE(0, buf);
		EXPECT_EQ(SIZE, lseek(buf, 0, SEEK_END));
		ASSERT_EQ(0, import(other.fd, buf, &bo));
		ASSERT_EQ(0, tt_bo_info(other.fd, bo.handle, &info));
		EXPECT_EQ(0, info.flags);
		EXPECT_EQ(SIZE, info.size);
		EXPECT_EQ(bos[i]->mmap_offset, info.mmap_offset);
		ASSERT_EQ(0, tt_fill(&queue, &bo, 0, SIZE, 0x11111111 * (i + 1)));
		EXPECT_EQ(SIZE, tt_byte_match(bos[i]->map, SIZE, 0x11 * (i + 1)));
		tt_bo_close(&bo);
		close(buf);
	}
	tt_queue_destroy(&queue);
	tt_device_close(&other);
}

TEST_F(prime, the_same_file_gets_the_same_handle)
{
	struct tt_bo bo;
	int buf = export(&self->hbm), again = export(&self->hbm);

	ASSERT_LE(0, buf);
	ASSERT_LE(0, again);
	EXPECT_TRUE(is_same(buf, again));
	ASSERT_EQ(0, import(self->dev.fd, again, &bo));
	EXPECT_EQ(self->hbm.handle, bo.handle);
	close(again);
	close(buf);
}

TEST_F(prime, pinned_memory_is_not_ours_to_give)
{
	void *mem = tt_pages(SIZE);
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	EXPECT_EQ(-EOPNOTSUPP, export(&bo));
	tt_bo_close(&bo);
	munmap(mem, SIZE);
}

TEST_F(prime, what_is_no_dma_buf_is_refused)
{
	struct tt_bo bo = { .fd = self->dev.fd, .handle = 12345 };
	int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	EXPECT_EQ(-ENOENT, export(&bo));
	EXPECT_EQ(-EINVAL, import(self->dev.fd, file, &bo));
	EXPECT_EQ(-EINVAL, import(self->dev.fd, self->dev.fd, &bo));
	EXPECT_EQ(-EBADF, import(self->dev.fd, -1, &bo));
	close(file);
}

TEST_F(prime, dma_buf_can_be_mapped)
{
	const struct tt_bo *bos[] = { &self->hbm, &self->host };
	struct tt_bo hidden;
	size_t i;
	int buf;

	for (i = 0; i < 2; i++) {
		char *map;

		buf = export(bos[i]);
		ASSERT_LE(0, buf);
		map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
		ASSERT_NE(MAP_FAILED, map);
		tt_pattern_fill(map, SIZE, i);
		EXPECT_EQ(SIZE, tt_pattern_match(bos[i]->map, SIZE, i));
		munmap(map, SIZE);
		/* A part, the right one; nothing behind it, and no copy on write. */
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, buf, SIZE - 4096);
		ASSERT_NE(MAP_FAILED, map);
		EXPECT_EQ(0, memcmp(map, (char *)bos[i]->map + SIZE - 4096, 4096));
		munmap(map, 4096);
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 8192, PROT_READ, MAP_SHARED, buf, SIZE - 4096));
		EXPECT_EQ(MAP_FAILED,
			  mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, buf, 0));
		close(buf);
	}
	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, SIZE, self->dev.system, &hidden));
	buf = export(&hidden);
	ASSERT_LE(0, buf);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SIZE, PROT_READ, MAP_SHARED, buf, 0));
	close(buf);
	tt_bo_close(&hidden);
}

/* Four holds on the memory, let go in every order: the bytes are there to the last. */
TEST_F(prime, memory_lives_as_long_as_somebody_holds_it)
{
	int order;

	for (order = 0; order < 24; order++) {
		int left[] = { 0, 1, 2, 3 }, code = order, num, buf;
		struct tt_device giver, taker;
		struct tt_bo given, taken;
		char *map;

		ASSERT_EQ(0, tt_device_open(&giver));
		ASSERT_EQ(0, tt_device_open(&taker));
		ASSERT_EQ(0, tt_bo_create(giver.fd, SIZE, order & 1 ? giver.hbm : giver.system,
					  &given));
		buf = export(&given);
		ASSERT_LE(0, buf);
		ASSERT_EQ(0, import(taker.fd, buf, &taken));
		map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
		ASSERT_NE(MAP_FAILED, map);
		tt_pattern_fill(map, SIZE, order);
		munmap(given.map, SIZE);
		for (num = 4; num; num--) {
			int pick = code % num;

			code /= num;
			switch (left[pick]) {
			case 0:
				tt_device_close(&giver);
				break;
			case 1:
				close(buf);
				break;
			case 2:
				EXPECT_EQ(SIZE, tt_pattern_match(map, SIZE, order));
				munmap(map, SIZE);
				break;
			case 3:
				tt_device_close(&taker);
				break;
			}
			left[pick] = left[num - 1];
		}
	}
	/* The teardown sees that it is all given back. */
}

/* ---- memory of others ---- */

TEST_F(prime, udmabuf_is_read_and_written)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo, again;
	void *mem;
	int buf = memory_of_a_file(SIZE, &mem), back;

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_LE(0, buf);
	ASSERT_EQ(0, import(self->dev.fd, buf, &bo));
	ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
	EXPECT_EQ(DRM_TRN_BO_IS_IMPORT, info.flags);
	EXPECT_EQ(SIZE, info.size);
	EXPECT_EQ(0, info.mmap_offset);
	EXPECT_EQ(self->dev.info.num_regions - 1, info.region);
	expect_copies(_metadata, &self->queue, &bo, mem, &self->hbm);
	/* Once more: the same BO; given on: the same dma-buf. */
	ASSERT_EQ(0, import(self->dev.fd, buf, &again));
	EXPECT_EQ(bo.handle, again.handle);
	back = export(&bo);
	ASSERT_LE(0, back);
	EXPECT_TRUE(is_same(buf, back));
	close(back);
	/* It holds its memory by itself. */
	close(buf);
	expect_copies(_metadata, &self->queue, &bo, mem, &self->hbm);
	tt_bo_close(&bo);
	munmap(mem, SIZE);
}

TEST_F(prime, import_ends_before_and_after_its_file)
{
	struct tt_device other;
	struct tt_bo bo;
	void *mem;
	int buf = memory_of_a_file(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, import(other.fd, buf, &bo));
	tt_bo_close(&bo);
	ASSERT_EQ(0, import(other.fd, buf, &bo));
	tt_device_close(&other);
	ASSERT_EQ(0, import(self->dev.fd, buf, &bo));
	expect_copies(_metadata, &self->queue, &bo, mem, &self->hbm);
	tt_bo_close(&bo);
	close(buf);
	munmap(mem, SIZE);
}

TEST_F(prime, import_is_mapped_in_an_address_space)
{
	struct tt_upath path;
	struct tt_bo bo;
	void *mem;
	int buf = memory_of_a_file(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, import(self->dev.fd, buf, &bo));
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &path));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &bo, IMPORT_VA));
	/* The mapping holds what it needs. */
	tt_bo_close(&bo);
	close(buf);
	tt_pattern_fill(mem, SIZE, 5);
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, TT_UPATH_A, IMPORT_VA + 4096, 65536));
	EXPECT_EQ(0, memcmp(path.a.map, (char *)mem + 4096, 65536));
	tt_pattern_fill(path.a.map, 65536, 6);
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536));
	EXPECT_EQ(65536, tt_pattern_match(mem, 65536, 6));
	tt_upath_close(&path);
	munmap(mem, SIZE);
}

/* Closed with work under way: the work finds its memory. */
TEST_F(prime, import_is_held_by_its_work)
{
	struct drm_trn_op op;
	struct tt_bo bo;
	uint64_t point;
	void *mem;
	int buf = memory_of_a_file(8 * TT_MIB, &mem), i;

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_EQ(0, import(self->dev.fd, buf, &bo));
	close(buf);
	op = tt_op_fill(&bo, 0, bo.size, 0x77777777);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	tt_bo_close(&bo);
	EXPECT_EQ(0, tt_wait(&self->queue, point));
	EXPECT_EQ(8 * TT_MIB, tt_byte_match(mem, 8 * TT_MIB, 0x77));
	munmap(mem, 8 * TT_MIB);
}

/* A file of vgem, or -ENODEV. */
static int open_vgem(void)
{
	char path[64];
	int n, fd;

	if (system("modprobe vgem 2>/dev/null"))
		return -ENODEV;
	for (n = 0; n < 16; n++) {
		drmVersionPtr version;
		bool found;

		snprintf(path, sizeof(path), "/dev/dri/card%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		version = fd < 0 ? NULL : drmGetVersion(fd);
		found = version && !strcmp(version->name, "vgem");
		drmFreeVersion(version);
		if (found)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -ENODEV;
}

static void *map_dumb(int fd, uint32_t handle, size_t size)
{
	struct drm_mode_map_dumb map = { .handle = handle };

	if (drmIoctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map))
		return MAP_FAILED;
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, map.offset);
}

TEST_F(prime, vgem_gives)
{
	struct drm_mode_create_dumb dumb = { .width = 256, .height = SIZE / 1024, .bpp = 32 };
	int vgem = open_vgem(), buf;
	struct tt_bo bo;
	void *mem;

	if (vgem == -ENODEV)
		SKIP(return, "the kernel has no vgem");
	ASSERT_EQ(0, drmIoctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb));
	mem = map_dumb(vgem, dumb.handle, SIZE);
	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, drmPrimeHandleToFD(vgem, dumb.handle, DRM_CLOEXEC | DRM_RDWR, &buf));
	ASSERT_EQ(0, import(self->dev.fd, buf, &bo));
	close(buf);
	close(vgem);
	expect_copies(_metadata, &self->queue, &bo, mem, &self->hbm);
	tt_bo_close(&bo);
	munmap(mem, SIZE);
}

TEST_F(prime, vgem_takes_pages_and_nothing_else)
{
	int vgem = open_vgem(), buf;
	uint32_t handle;
	void *mem;

	if (vgem == -ENODEV)
		SKIP(return, "the kernel has no vgem");
	buf = export(&self->host);
	ASSERT_LE(0, buf);
	ASSERT_EQ(0, drmPrimeFDToHandle(vgem, buf, &handle));
	mem = map_dumb(vgem, handle, SIZE);
	if (mem != MAP_FAILED) {
		tt_pattern_fill(self->host.map, SIZE, 3);
		EXPECT_EQ(SIZE, tt_pattern_match(mem, SIZE, 3));
		munmap(mem, SIZE);
	}
	close(buf);
	/* It would look for the pages of HBM. */
	buf = export(&self->hbm);
	ASSERT_LE(0, buf);
	EXPECT_EQ(-1, drmPrimeFDToHandle(vgem, buf, &handle));
	EXPECT_EQ(EOPNOTSUPP, errno);
	close(buf);
	close(vgem);
}

/* ---- the driver lets go of an importer ---- */

TEST_F(prime, importer_unbinds_before_the_dma_buf_ends)
{
	struct tt_device other;
	struct tt_usage idle;
	struct tt_bo bo;
	char bdf[32];
	void *mem;
	int buf = memory_of_a_file(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, import(other.fd, buf, &bo));
	expect_copies(_metadata, &self->queue, &self->host, self->host.map, &self->hbm);
	ASSERT_EQ(0, tt_unbind(bdf));
	EXPECT_EQ(-ENODEV, import(other.fd, buf, &bo));
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
	int buf = export(&self->host);
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

/* ---- dma-bufs that end while their memory is taken back ---- */

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
		ending->bufs[i] = export(&bo);
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
	buf = export(&bo);
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
	/* What was taken back is not the memory of others. */
	EXPECT_EQ(TT_PAGE, tt_pattern_match(own, TT_PAGE, 7));
	for (i = 0; i < NUM_ENDING; i++) {
		close(files[i]);
		close(paths[i]);
	}
	munmap(own, TT_PAGE);
	close(mem);
}

/* ---- two devices ---- */

FIXTURE(peers)
{
	struct tt_device here, there;
	struct tt_queue queue;		/* of here */
	struct tt_bo hbm;		/* of here */
	struct tt_bo far;		/* HBM of there */
	struct tt_bo imported;		/* the same, here */
	struct tt_usage before;
	char bdf[32];			/* of there */
	int buf;
};

/* A device that is not the one called @bdf. */
static int open_other(const char *bdf, struct tt_device *dev, char *other, size_t len)
{
	char path[64];
	int n, ret = -ENODEV;

	for (n = 0; ret && n < 64; n++) {
		snprintf(path, sizeof(path), "/dev/accel/accel%d", n);
		setenv("TRN_TEST_DEVICE", path, 1);
		ret = tt_device_open(dev);
		if (!ret)
			ret = tt_device_bdf(dev->fd, other, len);
		if (!ret && !strcmp(bdf, other))
			ret = -ENODEV;
		if (ret)
			tt_device_close(dev);
	}
	unsetenv("TRN_TEST_DEVICE");
	return ret;
}

FIXTURE_SETUP(peers)
{
	char bdf[32];

	ASSERT_EQ(0, tt_device_open(&self->here));
	ASSERT_EQ(0, tt_device_bdf(self->here.fd, bdf, sizeof(bdf)));
	if (open_other(bdf, &self->there, self->bdf, sizeof(self->bdf)))
		SKIP(return, "there is only one device");
	ASSERT_EQ(0, tt_usage_read(self->here.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->here.fd, PEER_SIZE, self->here.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->there.fd, PEER_SIZE, self->there.hbm, &self->far));
	self->buf = export(&self->far);
	ASSERT_LE(0, self->buf);
	ASSERT_EQ(0, import(self->here.fd, self->buf, &self->imported));
}

FIXTURE_TEARDOWN(peers)
{
	tt_bo_close(&self->imported);
	close(self->buf);
	tt_bo_close(&self->far);
	tt_bo_close(&self->hbm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->here.fd, &self->before));
	tt_device_close(&self->there);
	tt_device_close(&self->here);
}

TEST_F(peers, hbm_of_one_is_reached_by_the_other)
{
	struct drm_trn_bo_info info;
	struct tt_queue queue;

	ASSERT_EQ(0, tt_bo_info(self->here.fd, self->imported.handle, &info));
	EXPECT_EQ(DRM_TRN_BO_IS_IMPORT, info.flags);
	EXPECT_EQ(self->far.size, info.size);
	expect_copies(_metadata, &self->queue, &self->imported, self->far.map, &self->hbm);
	/* The owner's engines see the same bytes as its CPU. */
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_fill(&self->queue, &self->imported, 0, SIZE, 0x12121212));
	ASSERT_EQ(0, tt_copy(&queue, &self->far, SIZE, &self->far, 0, SIZE));
	EXPECT_EQ(2 * SIZE, tt_byte_match(self->far.map, 2 * SIZE, 0x12));
	tt_queue_destroy(&queue);
}

TEST_F(peers, both_reach_the_same_host_memory)
{
	struct tt_queue queue;
	struct tt_bo host, taken;
	int buf;

	ASSERT_EQ(0, tt_bo_create(self->there.fd, SIZE, self->there.system, &host));
	buf = export(&host);
	ASSERT_LE(0, buf);
	ASSERT_EQ(0, import(self->here.fd, buf, &taken));
	close(buf);
	expect_copies(_metadata, &self->queue, &taken, host.map, &self->hbm);
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_copy(&queue, &self->far, 0, &host, 0, SIZE));
	EXPECT_EQ(0, memcmp(self->far.map, host.map, SIZE));
	tt_queue_destroy(&queue);
	tt_bo_close(&taken);
	tt_bo_close(&host);
}

/* Copies into the other's HBM, many and large; returns the last point. */
static uint64_t keep_busy(struct __test_metadata *_metadata, FIXTURE_DATA(peers) *self)
{
	struct drm_trn_op ops[1000];
	uint64_t point = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = tt_op_copy(&self->imported, 0, &self->hbm, 0, self->hbm.size);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, ops, ARRAY_SIZE(ops), &point));
	return point;
}

/* The memory was taken back: its queue is lost, it can be named no more, others work. */
static void expect_revoked(struct __test_metadata *_metadata, FIXTURE_DATA(peers) *self,
			   uint64_t point)
{
	struct drm_trn_op op = tt_op_fill(&self->imported, 0, SIZE, 1);
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	int ret;

	EXPECT_EQ(0, tt_sync_wait(self->here.fd, self->queue.syncobj, point, deadline, 0));
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &queue));
	/* After a reset that was nobody's call it comes a moment later. */
	while (!(ret = tt_submit(&queue, &op, 1, NULL)) && tt_deadline(0) < deadline)
		tt_sleep_ms(10);
	/* It may have taken this queue along, too. */
	EXPECT_TRUE(ret == -ENXIO || ret == -ECANCELED);
	tt_queue_destroy(&queue);

	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &queue));
	EXPECT_EQ(-ENXIO, tt_submit(&queue, &op, 1, NULL));
	EXPECT_EQ(0, tt_fill(&queue, &self->hbm, 0, SIZE, 0x33333333));
	EXPECT_EQ(SIZE, tt_byte_match(self->hbm.map, SIZE, 0x33));
	tt_queue_destroy(&queue);

	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(-ECANCELED, state.error);
	EXPECT_EQ(state.completed + 1, state.error_point);
}

TEST_F(peers, reset_of_the_owner_takes_its_memory_back)
{
	struct tt_bo again;
	uint64_t point;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	point = keep_busy(_metadata, self);
	ASSERT_EQ(0, tt_reset(self->bdf));
	expect_revoked(_metadata, self, point);

	/* Closed and imported anew, it works again. */
	tt_bo_close(&self->imported);
	tt_queue_destroy(&self->queue);
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, import(self->here.fd, self->buf, &again));
	expect_copies(_metadata, &self->queue, &again, self->far.map, &self->hbm);
	tt_bo_close(&again);
}

/* A new queue in the address space of @path. */
static int open_queue(const struct tt_device *dev, struct tt_upath *path)
{
	struct drm_trn_queue_create args = tt_uqueue_args(path->vm.id, TT_UPATH_RING, RING);

	return tt_uqueue_create(dev->fd, &args, path->ring.map, &path->uq);
}

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(bus_error, 1);
}

/* True if reading there raises SIGBUS. */
static bool faults(const void *at)
{
	bool fault = true;

	signal(SIGBUS, on_bus_error);
	if (!sigsetjmp(bus_error, 1)) {
		*(const volatile char *)at;
		fault = false;
	}
	signal(SIGBUS, SIG_DFL);
	return fault;
}

TEST_F(peers, owner_that_leaves_takes_its_memory_along)
{
	struct tt_bo again;
	uint64_t point;
	char *map;

	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, self->buf, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_FALSE(faults(map));
	point = keep_busy(_metadata, self);
	ASSERT_EQ(0, tt_unbind(self->bdf));
	EXPECT_TRUE(faults(map));
	EXPECT_TRUE(faults(self->far.map));
	expect_revoked(_metadata, self, point);
	/* The dma-buf is an empty shell. */
	tt_bo_close(&self->imported);
	EXPECT_EQ(-ENODEV, import(self->here.fd, self->buf, &again));
	munmap(map, SIZE);
	tt_bo_close(&self->far);
	tt_device_close(&self->there);
	ASSERT_EQ(0, tt_bind(self->bdf));
}

/* A user-mode queue that copies to the other's HBM without end finds nothing there any more. */
TEST_F(peers, address_spaces_lose_what_is_taken_back)
{
	struct tt_queue there;
	struct tt_upath path;
	struct tt_bo again;
	int i;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	if (!(self->here.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->here, RING, SIZE, &path));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &self->imported, IMPORT_VA));
	tt_pattern_fill(path.a.map, 65536, 7);
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536));
	EXPECT_EQ(65536, tt_pattern_match(self->far.map, 65536, 7));

	ksft_print_msg("expect-guest-error: engine [0-9]+ queue [0-9]+: .*no translation\n");
	for (i = 0; i < RING / 2; i++)
		tt_uqueue_push_copy(&path.uq, IMPORT_VA + i * 4096, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	ASSERT_EQ(0, tt_reset(self->bdf));
	/* From here on not a byte arrives, whatever the queue is given. */
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &there));
	ASSERT_EQ(0, tt_fill(&there, &self->far, 0, PEER_SIZE, 0));
	tt_uqueue_push_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&path.uq));
	EXPECT_EQ(PEER_SIZE, tt_byte_match(self->far.map, PEER_SIZE, 0));
	tt_queue_destroy(&there);

	/* It cannot be mapped once more; imported once more it can. */
	tt_uqueue_destroy(&path.uq);
	EXPECT_EQ(-ENXIO, tt_vm_map(&path.vm, &self->imported, IMPORT_VA));
	tt_bo_close(&self->imported);
	ASSERT_EQ(0, import(self->here.fd, self->buf, &again));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &again, 2 * IMPORT_VA));
	ASSERT_EQ(0, open_queue(&self->here, &path));
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, 2 * IMPORT_VA, TT_UPATH_A, 65536));
	EXPECT_EQ(65536, tt_pattern_match(self->far.map, 65536, 7));
	tt_uqueue_push_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&path.uq));
	tt_bo_close(&again);
	tt_upath_close(&path);
}

/* A bind that was planned with the memory runs without it; what else it maps is there. */
TEST_F(peers, bind_under_way_does_without_what_is_taken_back)
{
	const uint64_t va = 1ull << 45, size = 65536;
	struct drm_trn_sync wait = { .flags = DRM_TRN_SYNC_WAIT };
	struct drm_trn_vm_op ops[3];
	struct tt_fence gate;
	struct tt_upath path;
	int ret;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	if (!(self->here.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, drmSyncobjCreate(self->here.fd, 0, &wait.handle));
	ret = tt_fence_attach(self->here.fd, wait.handle, &gate);
	if (ret == -ENODEV)
		SKIP(return, "no vgem, which has fences to hold");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, tt_upath_open(&self->here, RING, size, &path));
	/* Nothing else is near: the first takes the tables, the last counts on them. */
	ops[0] = tt_vm_op_map(&path.a, 0, va, size, TT_VM_RW);
	ops[1] = tt_vm_op_map(&self->imported, 0, va, size, TT_VM_RW);
	ops[2] = ops[0];
	ASSERT_EQ(0, tt_vm_bind_async(&path.vm, ops, 3, &wait, 1));
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_fence_signal(&gate));
	/* Binds are in order: after this one, that one is done. */
	ASSERT_EQ(0, tt_vm_map(&path.vm, &path.b, 2 * va));
	tt_pattern_fill(path.b.map, size, 9);
	EXPECT_EQ(0, tt_uqueue_copy(&path.uq, va, TT_UPATH_B, size));
	EXPECT_EQ(size, tt_pattern_match(path.a.map, size, 9));
	/* Asked for now, it is refused. */
	EXPECT_EQ(-ENXIO, tt_vm_bind(&path.vm, ops, 3));
	tt_fence_close(&gate);
	drmSyncobjDestroy(self->here.fd, wait.handle);
	tt_upath_close(&path);
}

/* The owner's file and the dma-buf go first, the importer's work goes on. */
TEST_F(peers, memory_outlives_the_file_that_made_it)
{
	struct drm_trn_op op = tt_op_copy(&self->imported, 0, &self->hbm, 0, self->hbm.size);
	uint64_t point;
	int i;

	close(self->buf);
	tt_bo_close(&self->far);
	tt_device_close(&self->there);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	tt_bo_close(&self->imported);
	EXPECT_EQ(0, tt_wait(&self->queue, point));
}

TEST_HARNESS_MAIN
