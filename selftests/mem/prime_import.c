// SPDX-License-Identifier: GPL-2.0-only
/* Memory of others as BOs: of udmabuf and of vgem. */
#include <fcntl.h>
#include <sys/mman.h>

#include "prime.h"
#include "prime_copies.h"
#include "tt_prime.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

/* Where imports are mapped in an address space of the device. */
#define IMPORT_VA 0x40000000ull
#define RING 1024

TEST_F(prime, udmabuf_is_read_and_written)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo, again;
	void *mem;
	int buf = tt_udmabuf_create(SIZE, &mem), back;

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_LE(0, buf);
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &bo));
	ASSERT_EQ(0, tt_bo_info(self->dev.fd, bo.handle, &info));
	EXPECT_EQ(DRM_TRN_BO_IS_IMPORT, info.flags);
	EXPECT_EQ(SIZE, info.size);
	EXPECT_EQ(0, info.mmap_offset);
	EXPECT_EQ(self->dev.info.num_regions - 1, info.region);
	expect_copies(_metadata, &self->queue, &bo, mem, &self->hbm);
	/* Once more: the same BO; given on: the same dma-buf. */
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &again));
	EXPECT_EQ(bo.handle, again.handle);
	back = tt_export(&bo);
	ASSERT_LE(0, back);
	EXPECT_TRUE(tt_is_same_buf(buf, back));
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
	int buf = tt_udmabuf_create(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_import(other.fd, buf, &bo));
	tt_bo_close(&bo);
	ASSERT_EQ(0, tt_import(other.fd, buf, &bo));
	tt_device_close(&other);
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &bo));
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
	int buf = tt_udmabuf_create(SIZE, &mem);

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &bo));
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &path));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &bo, IMPORT_VA));
	/* The mapping keeps its memory. */
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
	int buf = tt_udmabuf_create(8 * TT_MIB, &mem), i;

	if (buf == -ENOENT)
		SKIP(return, "the kernel has no /dev/udmabuf");
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &bo));
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
	ASSERT_EQ(0, tt_import(self->dev.fd, buf, &bo));
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
	buf = tt_export(&self->host);
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
	buf = tt_export(&self->hbm);
	ASSERT_LE(0, buf);
	EXPECT_EQ(-1, drmPrimeFDToHandle(vgem, buf, &handle));
	EXPECT_EQ(EOPNOTSUPP, errno);
	close(buf);
	close(vgem);
}

TEST_HARNESS_MAIN
