// SPDX-License-Identifier: MIT
/* Builders of inline operations, and what becomes of them where there are none. */
#include "user.h"

#define DST 0x40000

static struct trn_array array_at(const struct user *user, uint64_t offset, uint32_t type,
				 int64_t s0, int64_t s1, int64_t s2, int64_t s3)
{
	return (struct trn_array){
		.va = user->va + offset,
		.type = type,
		.stride = { s0, s1, s2, s3 },
	};
}

static void types_have_sizes(void)
{
	EXPECT(trn_dtype_size(TRN_DTYPE_U8) == 1);
	EXPECT(trn_dtype_size(TRN_DTYPE_U64) == 8);
	EXPECT(trn_dtype_size(TRN_DTYPE_F32) == 4);
	EXPECT(trn_dtype_size(TRN_DTYPE_BF16) == 2);
	EXPECT(trn_dtype_size(TRN_DTYPE_F8E5M2) == 1);
	EXPECT(trn_dtype_size(TRN_DTYPE_F8E5M2 + 1) == 0);
	EXPECT(trn_dtype_size(UINT32_MAX) == 0);
}

static void packed_arrays_have_no_gaps(void)
{
	const struct trn_shape shape = { .dims = 3, .size = { 5, 7, 9 } };
	struct trn_array array = trn_array_packed(123, TRN_DTYPE_F32, &shape);

	EXPECT(array.va == 123);
	EXPECT(array.type == TRN_DTYPE_F32);
	EXPECT(array.stride[0] == 4);
	EXPECT(array.stride[1] == 20);
	EXPECT(array.stride[2] == 140);
	EXPECT(array.stride[3] == 1260);
}

static void fill_writes_elements_and_nothing_between(void)
{
	const struct trn_shape shape = { .dims = 2, .size = { 3, 2 } };
	struct user user = user_begin(NULL);
	struct trn_array dst = array_at(&user, 16, TRN_DTYPE_U16, 4, 32, 0, 0);

	EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 0x12345678abcd), 0);
	EXPECT_RET(user_flush(&user), 0);
	for (unsigned int i = 0; i < 64; i++) {
		bool in = (i >= 16 && i < 28) || (i >= 48 && i < 60);
		unsigned char expected = in && i % 4 == 0 ? 0xcd : in && i % 4 == 1 ? 0xab : 0;

		EXPECT(user.map[i] == expected);
	}
	EXPECT(trn_queue_point(user.queue) == 1);
	EXPECT(fake.inline_ops == 1);
	user_end(&user);
}

/* Both with inline operations and without them: the bytes are the same. */
static void copy_of_arrays(bool inline_ops)
{
	const struct trn_shape shape = { .dims = 3, .size = { 4, 3, 2 } };
	struct trn_array dst, src;
	struct user user;

	if (!inline_ops)
		fake.caps &= ~DRM_TRN_CAP_INLINE_OPS;
	user = user_begin(NULL);
	for (unsigned int i = 0; i < 4096; i++)
		user.map[i] = i % 251;
	/* Rows of four words that lie together; backwards in the last dimension. */
	src = array_at(&user, 1024, TRN_DTYPE_U32, 4, 64, -512, 0);
	dst = array_at(&user, DST, TRN_DTYPE_U32, 4, 16, 48, 0);
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), 0);
	EXPECT_RET(user_flush(&user), 0);
	for (unsigned int plane = 0; plane < 2; plane++) {
		for (unsigned int row = 0; row < 3; row++)
			EXPECT(!memcmp(user.map + DST + plane * 48 + row * 16,
				       user.map + 1024 - plane * 512 + row * 64, 16));
	}
	EXPECT(fake.inline_ops == inline_ops);
	EXPECT(trn_queue_point(user.queue) == (inline_ops ? 1 : 6));
	user_end(&user);
}

static void copy_of_arrays_is_one_operation(void)
{
	copy_of_arrays(true);
}

static void copy_of_arrays_is_split_without_inline_operations(void)
{
	copy_of_arrays(false);
}

static void what_lies_together_is_one_copy(void)
{
	const struct trn_shape shape = { .dims = 4, .size = { 10, 20, 30, 11 } };
	struct trn_array dst, src;
	struct user user;

	fake.caps &= ~DRM_TRN_CAP_INLINE_OPS;
	user = user_begin(NULL);
	for (unsigned int i = 0; i < 66000; i++)
		user.map[i] = i % 251;
	src = trn_array_packed(user.va, TRN_DTYPE_U8, &shape);
	dst = trn_array_packed(user.va + DST, TRN_DTYPE_U8, &shape);
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), 0);
	EXPECT(trn_queue_point(user.queue) == 2);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(!memcmp(user.map, user.map + DST, 66000));
	user_end(&user);
}

static void split_copy_goes_whole_or_not_at_all(void)
{
	const struct trn_queue_attr attr = { .ring_size = 64 };
	struct trn_shape shape = { .dims = 2, .size = { 1, 65 } };
	struct trn_array dst, src;
	struct user user;

	fake.caps &= ~DRM_TRN_CAP_INLINE_OPS;
	user = user_begin(&attr);
	src = array_at(&user, 0, TRN_DTYPE_U8, 1, 2, 2, 2);
	dst = array_at(&user, DST, TRN_DTYPE_U8, 1, 2, 2, 2);
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), -EMSGSIZE);
	shape = (struct trn_shape){ .dims = 3, .size = { 1, -1u, 1u << 31 } };
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), -EMSGSIZE);
	shape.size[2]++;
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), -EINVAL);
	/* 2^64 + 64 bytes that lie together. */
	shape = (struct trn_shape){ .dims = 3, .size = { 536838145, 536903681, 8 } };
	src = trn_array_packed(user.va, TRN_DTYPE_U64, &shape);
	EXPECT_RET(trn_prep_array(user.queue, &src, &src, &shape, 0), -EMSGSIZE);
	src = array_at(&user, 0, TRN_DTYPE_U8, 1, 2, 2, 2);
	shape = (struct trn_shape){ .dims = 2, .size = { 1, 64 } };
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), 0);
	fake.hold = true;
	EXPECT_RET(user_flush(&user), -EINPROGRESS);
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), -EAGAIN);
	fake_finish();
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), 0);
	dst.type = TRN_DTYPE_BF16;
	src.type = TRN_DTYPE_F32;
	EXPECT_RET(trn_prep_array(user.queue, &dst, &src, &shape, 0), -EOPNOTSUPP);
	EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 0), -EOPNOTSUPP);
	user_end(&user);
}

static void gather_and_scatter_choose_rows(void)
{
	const struct trn_shape row = { .dims = 1, .size = { 8 } };
	static const uint32_t chosen[] = { 5, 0, 3 };
	struct user user = user_begin(NULL);
	struct trn_index index = { .va = user.va + 4096, .count = 3, .size = 4, .bound = 6 };
	struct trn_array rows = array_at(&user, 0, TRN_DTYPE_U8, 1, 8, 0, 0);
	struct trn_array gathered = array_at(&user, DST, TRN_DTYPE_U8, 1, 16, 0, 0);
	struct trn_array scattered = array_at(&user, 2 * DST, TRN_DTYPE_U8, 1, 8, 0, 0);

	for (unsigned int i = 0; i < 48; i++)
		user.map[i] = 100 + i;
	memcpy(user.map + 4096, chosen, sizeof(chosen));
	EXPECT_RET(trn_prep_gather(user.queue, &gathered, &rows, &row, &index, 0), 0);
	EXPECT_RET(trn_prep_scatter(user.queue, &scattered, &gathered, &row, &index, 0), 0);
	EXPECT_RET(user_flush(&user), 0);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT(!memcmp(user.map + DST + 16 * i, user.map + 8 * chosen[i], 8));
		EXPECT(!memcmp(user.map + 2 * DST + 8 * chosen[i], user.map + 8 * chosen[i], 8));
	}
	EXPECT(!user.map[2 * DST + 8]);
	index.bound = 5;
	EXPECT_RET(trn_prep_gather(user.queue, &gathered, &rows, &row, &index,
				   TRN_ARRAY_SKIP_BOUND), 0);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT_RET(trn_prep_gather(user.queue, &gathered, &rows, &row, &index, 0), 0);
	EXPECT_RET(user_flush(&user), -EIO);
	user_end(&user);
}

static void transpose_swaps_rows_and_columns(void)
{
	const struct trn_shape shape = { .dims = 2, .size = { 5, 3 } };
	struct user user = user_begin(NULL);
	struct trn_array src = array_at(&user, 0, TRN_DTYPE_U16, 2, 10, 0, 0);
	struct trn_array dst = array_at(&user, DST, TRN_DTYPE_U16, 2, 8, 0, 0);
	uint16_t *in = (uint16_t *)user.map, *out = (uint16_t *)(user.map + DST);

	for (unsigned int i = 0; i < 15; i++)
		in[i] = i + 1;
	EXPECT_RET(trn_prep_transpose(user.queue, &dst, &src, &shape, 0), 0);
	EXPECT_RET(user_flush(&user), 0);
	for (unsigned int r = 0; r < 3; r++) {
		for (unsigned int c = 0; c < 5; c++)
			EXPECT(out[c * 4 + r] == in[r * 5 + c]);
	}
	user_end(&user);
}

static void accumulate_adds_up_to_16_sources(void)
{
	const struct trn_shape shape = { .dims = 1, .size = { 4 } };
	struct user user = user_begin(NULL);
	struct trn_array dst = array_at(&user, DST, TRN_DTYPE_F32, 4, 0, 0, 0);
	float *in = (float *)user.map, *out = (float *)(user.map + DST);
	uint64_t sources[17];

	for (unsigned int i = 0; i < 17; i++)
		sources[i] = user.va + 16 * i;
	for (unsigned int i = 0; i < 64; i++)
		in[i] = i / 4;
	EXPECT_RET(trn_prep_accumulate(user.queue, &dst, &dst, sources, 16, &shape, 0), 0);
	EXPECT_RET(trn_prep_accumulate(user.queue, &dst, &dst, sources + 2, 1, &shape,
				       TRN_ARRAY_ADD_TO_DST), 0);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(out[0] == 122);
	EXPECT(out[3] == 122);
	EXPECT(out[4] == 0);
	EXPECT(trn_queue_point(user.queue) == 2);
	EXPECT_RET(trn_prep_accumulate(user.queue, &dst, &dst, sources, 17, &shape, 0), -EINVAL);
	EXPECT_RET(trn_prep_accumulate(user.queue, &dst, &dst, sources, 0, &shape, 0), -EINVAL);
	user_end(&user);
}

/* The sides of an operation advance unevenly; copies between them notice nothing. */
static void operations_and_copies_share_wrapping_rings(void)
{
	const struct trn_queue_attr attr = { .ring_size = 64 };
	const struct trn_shape shape = { .dims = 1, .size = { 4 } };
	struct user user = user_begin(&attr);
	struct trn_array dst = array_at(&user, DST, TRN_DTYPE_F32, 4, 0, 0, 0);
	uint64_t sources[16];
	float *in = (float *)user.map, *out = (float *)(user.map + DST);

	for (unsigned int i = 0; i < 16; i++)
		sources[i] = user.va + 64 * i;
	for (unsigned int round = 0; round < 100; round++) {
		unsigned int n = round % 16 + 1;

		for (unsigned int i = 0; i < 16; i++)
			in[16 * i] = round + i;
		EXPECT_RET(trn_prep_accumulate(user.queue, &dst, &dst, sources, n, &shape, 0), 0);
		EXPECT_RET(trn_prep_copy(user.queue, user.va + DST + 64, user.va + DST, 16), 0);
		EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 0), 0);
		EXPECT_RET(trn_prep_copy(user.queue, user.va + DST + 128, user.va + DST, 16), 0);
		EXPECT_RET(user_flush(&user), 0);
		EXPECT(out[16] == n * round + n * (n - 1) / 2);
		EXPECT(out[32] == 0);
	}
	user_end(&user);
}

/* Each has a slot of its own, as many as there are descriptors. */
static void operands_stay_until_the_device_has_read_them(void)
{
	const struct trn_queue_attr attr = { .ring_size = 64 };
	const struct trn_shape shape = { .dims = 1, .size = { 1 } };
	struct user user = user_begin(&attr);
	struct trn_array dst;

	fake.hold = true;
	for (unsigned int i = 0; i < 64; i++) {
		dst = array_at(&user, 4 * i, TRN_DTYPE_U32, 4, 0, 0, 0);
		EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, i + 1), 0);
	}
	EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 0), -EAGAIN);
	EXPECT_RET(user_flush(&user), -EINPROGRESS);
	EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 0), -EAGAIN);
	fake_finish();
	for (unsigned int i = 0; i < 64; i++)
		EXPECT(((uint32_t *)user.map)[i] == i + 1);
	user_end(&user);
}

static void barrier_goes_before_an_operation_too(void)
{
	const struct trn_shape shape = { .dims = 1, .size = { 1 } };
	struct user user = user_begin(NULL);
	struct trn_array dst = array_at(&user, 0, TRN_DTYPE_U32, 4, 0, 0, 0);

	EXPECT_RET(trn_prep_barrier(user.queue), 0);
	EXPECT_RET(trn_prep_fill(user.queue, &dst, &shape, 1), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va + 64, user.va, 4), 0);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(fake.barriers == 1);
	user_end(&user);
}

static void senseless_operations_are_refused(void)
{
	struct trn_shape good = { .dims = 2, .size = { 2, 2 } }, bad[] = {
		{ .dims = 0 }, { .dims = 5, .size = { 1, 1, 1, 1 } },
		{ .dims = 2, .size = { 2, 0 } },
	};
	struct user user = user_begin(NULL);
	struct trn_array a = array_at(&user, 0, TRN_DTYPE_F32, 4, 8, 8, 8), b = a;
	struct trn_index index = { .va = user.va, .count = 1, .size = 4, .bound = 1 };
	struct trn_queue *queue = user.queue;
	struct trn_shape four = { .dims = 4, .size = { 1, 1, 1, 1 } };

	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_RET(trn_prep_fill(queue, &a, &bad[i], 0), -EINVAL);
		EXPECT_RET(trn_prep_array(queue, &a, &b, &bad[i], 0), -EINVAL);
		EXPECT_RET(trn_prep_gather(queue, &a, &b, &bad[i], &index, 0), -EINVAL);
		EXPECT_RET(trn_prep_scatter(queue, &a, &b, &bad[i], &index, 0), -EINVAL);
		EXPECT_RET(trn_prep_transpose(queue, &a, &b, &bad[i], 0), -EINVAL);
		EXPECT_RET(trn_prep_accumulate(queue, &a, &b, &a.va, 1, &bad[i], 0), -EINVAL);
	}
	EXPECT_RET(trn_prep_gather(queue, &a, &b, &four, &index, 0), -EINVAL);
	EXPECT_RET(trn_prep_gather(queue, &a, &b, &good, &index, TRN_ARRAY_ADD_TO_DST), -EINVAL);
	index.size = 3;
	EXPECT_RET(trn_prep_gather(queue, &a, &b, &good, &index, 0), -EINVAL);
	EXPECT_RET(trn_prep_scatter(queue, &a, &b, &good, &index, 0), -EINVAL);
	EXPECT_RET(trn_prep_transpose(queue, &a, &a, &good, TRN_ARRAY_SKIP_BOUND), -EINVAL);
	b.type = TRN_DTYPE_U32;
	EXPECT_RET(trn_prep_array(queue, &a, &b, &good, 0), -EINVAL);
	EXPECT_RET(trn_prep_transpose(queue, &a, &b, &good, 0), -EINVAL);
	EXPECT_RET(trn_prep_accumulate(queue, &a, &b, &a.va, 1, &good, 0), -EINVAL);
	b.type = 99;
	EXPECT_RET(trn_prep_fill(queue, &b, &good, 0), -EINVAL);
	EXPECT_RET(trn_prep_array(queue, &b, &b, &good, 0), -EINVAL);
	b.type = TRN_DTYPE_U64;
	EXPECT_RET(trn_prep_transpose(queue, &b, &b, &good, 0), -EINVAL);
	EXPECT_RET(trn_prep_array(queue, &a, &a, &good, TRN_ARRAY_SKIP_BOUND), -EINVAL);
	EXPECT(!trn_queue_point(queue));
	user_end(&user);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(types_have_sizes),
		TAP_TEST(packed_arrays_have_no_gaps),
		TAP_TEST(fill_writes_elements_and_nothing_between),
		TAP_TEST(copy_of_arrays_is_one_operation),
		TAP_TEST(copy_of_arrays_is_split_without_inline_operations),
		TAP_TEST(what_lies_together_is_one_copy),
		TAP_TEST(split_copy_goes_whole_or_not_at_all),
		TAP_TEST(gather_and_scatter_choose_rows),
		TAP_TEST(transpose_swaps_rows_and_columns),
		TAP_TEST(accumulate_adds_up_to_16_sources),
		TAP_TEST(operations_and_copies_share_wrapping_rings),
		TAP_TEST(operands_stay_until_the_device_has_read_them),
		TAP_TEST(barrier_goes_before_an_operation_too),
		TAP_TEST(senseless_operations_are_refused),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
