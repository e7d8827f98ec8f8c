/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies that prove that a BO and a mapping are the same memory. */
#ifndef PRIME_COPIES_H
#define PRIME_COPIES_H

#include "tt_harness.h"

/* Out of @bo by the device, into it again, and back: all bytes are right. */
static inline void expect_copies(struct __test_metadata *_metadata, const struct tt_queue *queue,
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

#endif /* PRIME_COPIES_H */
