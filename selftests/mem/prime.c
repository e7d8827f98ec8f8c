// SPDX-License-Identifier: GPL-2.0-only
/* dma-bufs of BOs: the programs that get them, and how long their memory lives. */
#include <fcntl.h>
#include <sys/mman.h>

#include "prime.h"
#include "tt_prime.h"

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
		buf = tt_export(bos[i]);
		ASSERT_LE(0, buf);
		EXPECT_EQ(SIZE, lseek(buf, 0, SEEK_END));
		ASSERT_EQ(0, tt_import(other.fd, buf, &bo));
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
	int buf = tt_export(&self->hbm), again = tt_export(&self->hbm);

	ASSERT_LE(0, buf);
	ASSERT_LE(0, again);
	EXPECT_TRUE(tt_is_same_buf(buf, again));
	ASSERT_EQ(0, tt_import(self->dev.fd, again, &bo));
	EXPECT_EQ(self->hbm.handle, bo.handle);
	close(again);
	close(buf);
}

TEST_F(prime, pinned_memory_is_not_ours_to_give)
{
	void *mem = tt_pages(SIZE);
	struct tt_bo bo;

	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, SIZE, 0, &bo));
	EXPECT_EQ(-EOPNOTSUPP, tt_export(&bo));
	tt_bo_close(&bo);
	munmap(mem, SIZE);
}

TEST_F(prime, what_is_no_dma_buf_is_refused)
{
	struct tt_bo bo = { .fd = self->dev.fd, .handle = 12345 };
	int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	EXPECT_EQ(-ENOENT, tt_export(&bo));
	EXPECT_EQ(-EINVAL, tt_import(self->dev.fd, file, &bo));
	EXPECT_EQ(-EINVAL, tt_import(self->dev.fd, self->dev.fd, &bo));
	EXPECT_EQ(-EBADF, tt_import(self->dev.fd, -1, &bo));
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

		buf = tt_export(bos[i]);
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
	buf = tt_export(&hidden);
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
		buf = tt_export(&given);
		ASSERT_LE(0, buf);
		ASSERT_EQ(0, tt_import(taker.fd, buf, &taken));
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

TEST_HARNESS_MAIN
