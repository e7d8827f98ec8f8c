// SPDX-License-Identifier: GPL-2.0-only
/* Inline operations by the library, on the real driver. */
#include "user.h"

static struct trn_array array(uint64_t va, uint32_t type, int64_t s0, int64_t s1)
{
	return (struct trn_array){ .va = va, .type = type, .stride = { s0, s1 } };
}

static bool has_inline_ops(const struct trn_device_info *info)
{
	return info->caps & TRN_CAP_INLINE_OPS;
}

/* With inline operations or without: that is the library's business. */
TEST_F(user, arrays_are_copied)
{
	const struct trn_shape shape = { .dims = 2, .size = { 16, 10 } };
	struct trn_array src = array(self->host_va, TRN_DTYPE_U32, 4, 256);
	struct trn_array dst = array(self->host_va + SIZE / 2, TRN_DTYPE_U32, 4, 64);
	unsigned int row;

	tt_pattern_fill(self->map, 4096, 9);
	ASSERT_EQ(0, trn_prep_array(self->queue, &dst, &src, &shape, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (row = 0; row < 10; row++)
		EXPECT_EQ(0, memcmp(self->map + 256 * row, self->map + SIZE / 2 + 64 * row, 64));
}

TEST_F(user, arrays_are_filled_and_transposed)
{
	const struct trn_shape shape = { .dims = 2, .size = { 5, 3 } };
	struct trn_array src = array(self->host_va, TRN_DTYPE_U16, 2, 10);
	struct trn_array dst = array(self->hbm_va, TRN_DTYPE_U16, 2, 6);
	struct trn_array fill = array(self->host_va + 4096, TRN_DTYPE_U16, 4, 32);
	uint16_t *in = (uint16_t *)self->map, *out = (uint16_t *)(self->map + SIZE / 2);
	unsigned int i, c, r;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	for (i = 0; i < 15; i++)
		in[i] = i + 1;
	memset(self->map + 4096, 0, 128);
	ASSERT_EQ(0, trn_prep_fill(self->queue, &fill, &shape, 0xabcd));
	ASSERT_EQ(0, trn_prep_transpose(self->queue, &dst, &src, &shape, 0));
	ASSERT_EQ(0, trn_prep_barrier(self->queue));
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->host_va + SIZE / 2, self->hbm_va, 30));
	ASSERT_EQ(0, flush(self->queue));
	for (r = 0; r < 3; r++)
		for (c = 0; c < 5; c++) {
			EXPECT_EQ(in[r * 5 + c], out[c * 3 + r]);
			EXPECT_EQ(0xabcd, in[2048 + r * 16 + c * 2]);
			EXPECT_EQ(0, in[2048 + r * 16 + c * 2 + 1]);
		}
}

TEST_F(user, rows_are_gathered_and_scattered)
{
	const struct trn_shape row = { .dims = 1, .size = { 64 } };
	static const uint32_t chosen[] = { 9, 0, 4 };
	struct trn_index index = { .va = self->host_va + 4096, .count = 3, .size = 4, .bound = 10 };
	struct trn_array rows = array(self->host_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array dense = array(self->hbm_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array back = array(self->host_va + SIZE / 2, TRN_DTYPE_U8, 1, 64);
	unsigned int i;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	tt_pattern_fill(self->map, 640, 4);
	memcpy(self->map + 4096, chosen, sizeof(chosen));
	memset(self->map + SIZE / 2, 0, 640);
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dense, &rows, &row, &index, 0));
	ASSERT_EQ(0, trn_prep_barrier(self->queue));
	ASSERT_EQ(0, trn_prep_scatter(self->queue, &back, &dense, &row, &index, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, memcmp(self->map + 64 * chosen[i],
				    self->map + SIZE / 2 + 64 * chosen[i], 64));
	EXPECT_EQ(64, tt_byte_match(self->map + SIZE / 2 + 64, 64, 0));
}

TEST_F(user, values_are_cast_and_added)
{
	const struct trn_shape shape = { .dims = 1, .size = { 8 } };
	struct trn_array f32 = array(self->host_va, TRN_DTYPE_F32, 4, 0);
	struct trn_array bf16 = array(self->host_va + 4096, TRN_DTYPE_BF16, 2, 0);
	struct trn_array sum = array(self->host_va + 8192, TRN_DTYPE_F32, 4, 0);
	uint64_t sources[16];
	float *in = (float *)self->map, *out = (float *)(self->map + 8192);
	uint16_t *half = (uint16_t *)(self->map + 4096);
	unsigned int i;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	for (i = 0; i < 8; i++)
		in[i] = 1 + i / 128.0f;
	for (i = 0; i < 16; i++)
		sources[i] = self->host_va;
	ASSERT_EQ(0, trn_prep_array(self->queue, &bf16, &f32, &shape, 0));
	ASSERT_EQ(0, trn_prep_accumulate(self->queue, &sum, &f32, sources, 16, &shape, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0x3f80 + i, half[i]);
		EXPECT_EQ(16 * in[i], out[i]);
	}
}

/* An operation without sense costs the queue, and is told. */
TEST_F(user, index_out_of_bound_is_an_error)
{
	const struct trn_shape row = { .dims = 1, .size = { 64 } };
	struct trn_index index = { .va = self->host_va + 4096, .count = 1, .size = 8, .bound = 3 };
	struct trn_array rows = array(self->host_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array dst = array(self->hbm_va, TRN_DTYPE_U8, 1, 64);
	const uint64_t beyond = 3;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	memcpy(self->map + 4096, &beyond, sizeof(beyond));
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dst, &rows, &row, &index, TRN_ARRAY_SKIP_BOUND));
	ASSERT_EQ(0, flush(self->queue));
	expect_guest_error("index is out of bounds");
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dst, &rows, &row, &index, 0));
	EXPECT_EQ(-EIO, flush(self->queue));
}

TEST_HARNESS_MAIN
