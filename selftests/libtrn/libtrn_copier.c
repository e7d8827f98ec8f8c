// SPDX-License-Identifier: GPL-2.0-only
/* Copiers of the library, on the real driver. */
#include <sys/mman.h>

#include "user.h"

static void copy_there_and_back(struct __test_metadata *_metadata, struct trn_device *dev,
				uint32_t mode, uint64_t hbm)
{
	const struct trn_copier_attr attr = { .mode = mode, .num_queues = 3 };
	uint64_t size = tt_scale(96, 8) * TT_MIB + 13;
	unsigned char *memory = tt_pages(size), *back = tt_pages(size);
	struct trn_bo *src, *dst, *middle;
	struct trn_copier *copier;

	ASSERT_TRUE(memory && back);
	tt_pattern_fill(memory, size, mode);
	ASSERT_EQ(0, trn_copier_new(dev, &attr, &copier));
	EXPECT_EQ(mode == TRN_COPIER_USER, trn_copier_is_user_mode(copier));
	ASSERT_EQ(0, trn_bo_pin(dev, memory, size, TRN_BO_READ_ONLY, &src));
	ASSERT_EQ(0, trn_bo_pin(dev, back, size, 0, &dst));
	ASSERT_EQ(0, trn_bo_new(dev, size + 64, hbm, TRN_BO_NO_MMAP, &middle));
	ASSERT_EQ(0, trn_fill(copier, middle, 0, trn_bo_size(middle), 0x01010101));
	ASSERT_EQ(0, trn_copy(copier, middle, 3, src, 0, size));
	ASSERT_EQ(0, trn_copy(copier, dst, 0, middle, 3, size));
	EXPECT_EQ(size, tt_pattern_match(back, size, mode));
	ASSERT_EQ(0, trn_copy(copier, dst, 0, middle, size + 3, 32));
	EXPECT_EQ(32, tt_byte_match(back, 32, 1));
	trn_bo_unref(middle);
	trn_bo_unref(dst);
	trn_bo_unref(src);
	trn_copier_unref(copier);
	munmap(memory, size);
	munmap(back, size);
}

TEST_F(user, copier_copies_in_user_mode)
{
	copy_there_and_back(_metadata, self->dev, TRN_COPIER_USER, self->hbm);
}

TEST_F(user, copier_copies_in_kernel_mode)
{
	copy_there_and_back(_metadata, self->dev, TRN_COPIER_KERNEL, self->hbm);
}

/* The mapping of a copier ends with its BO: a copier can meet any number of them. */
TEST_F(user, copier_gives_up_what_was_dropped)
{
	struct tt_usage before, after;
	struct trn_copier *copier;
	unsigned int rounds = tt_scale(100, 20), i;
	struct trn_bo *bo;

	ASSERT_EQ(0, trn_copier_new(self->dev, NULL, &copier));
	ASSERT_EQ(0, trn_copy(copier, self->dev_bo, 0, self->host, 0, 64));
	ASSERT_EQ(0, tt_usage_read(trn_device_fd(self->dev), &before));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, trn_bo_new(self->dev, TT_MIB, self->hbm, 0, &bo));
		ASSERT_EQ(0, trn_copy(copier, bo, 0, self->host, 0, 64));
		trn_bo_unref(bo);
	}
	ASSERT_EQ(0, tt_usage_read(trn_device_fd(self->dev), &after));
	EXPECT_EQ(before.hbm_free, after.hbm_free);
	trn_copier_unref(copier);
}

TEST_HARNESS_MAIN
