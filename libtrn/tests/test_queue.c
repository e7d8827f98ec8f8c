// SPDX-License-Identifier: MIT
/* Queues, submissions, waiting. */
#include <string.h>

#include "tap.h"

/* A device, a queue, and two pieces of memory. */
struct bench {
	struct trn_device *dev;
	struct trn_queue *queue;
	struct trn_bo *a, *b;
	char *a_map, *b_map;
};

static struct bench bench_begin(void)
{
	struct bench bench = { .dev = tap_open() };

	EXPECT_RET(trn_queue_new(bench.dev, NULL, &bench.queue), 0);
	EXPECT_RET(trn_bo_new(bench.dev, 4096, 1, 0, &bench.a), 0);
	EXPECT_RET(trn_bo_new(bench.dev, 4096, 2, 0, &bench.b), 0);
	EXPECT_RET(trn_bo_map(bench.a, (void **)&bench.a_map), 0);
	EXPECT_RET(trn_bo_map(bench.b, (void **)&bench.b_map), 0);
	return bench;
}

static void bench_end(struct bench *bench)
{
	trn_bo_unref(bench->a);
	trn_bo_unref(bench->b);
	trn_queue_unref(bench->queue);
	trn_device_unref(bench->dev);
}

/* Queue it and wait. */
static int copy(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		struct trn_bo *src, uint64_t src_offset, uint64_t size)
{
	uint64_t point;
	int ret;

	ret = trn_copy_async(queue, dst, dst_offset, src, src_offset, size, &point);
	return ret ? ret : trn_wait(queue, point, INT64_MAX);
}

static int fill(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset, uint64_t size,
		uint32_t pattern)
{
	uint64_t point;
	int ret;

	ret = trn_fill_async(queue, dst, dst_offset, size, pattern, &point);
	return ret ? ret : trn_wait(queue, point, INT64_MAX);
}

static int copy_a_to_b(struct bench *bench, uint64_t *point)
{
	return trn_copy_async(bench->queue, bench->b, 0, bench->a, 0, 64, point);
}

static void queue_tells_what_it_was_given(void)
{
	const struct trn_queue_attr attr = { .engine = 2 + 1, .ring_size = 128, .timeout_ms = 5 };
	struct trn_device *dev = tap_open();
	struct trn_queue *queue;

	EXPECT_RET(trn_queue_new(dev, &attr, &queue), 0);
	trn_device_unref(dev);
	EXPECT(trn_queue_engine(queue) == 2);
	EXPECT(trn_queue_ring_size(queue) == 128);
	EXPECT(trn_queue_hw_queue(queue) == 0);
	EXPECT(trn_queue_syncobj(queue));
	EXPECT(trn_queue_ref(queue) == queue);
	trn_queue_unref(queue);
	EXPECT(fake.open_queues == 1);
	trn_queue_unref(queue);
	EXPECT(fake.open_syncobjs == 0);
	trn_queue_unref(NULL);
}

static void bad_queues_are_refused(void)
{
	const struct trn_queue_attr engine = { .engine = FAKE_ENGINES + 1 };
	const struct trn_queue_attr ring = { .ring_size = 7 };
	struct trn_device *dev = tap_open();
	struct trn_queue *queue;

	EXPECT_RET(trn_queue_new(dev, &engine, &queue), -EINVAL);
	EXPECT_RET(trn_queue_new(dev, &ring, &queue), -EINVAL);
	fake.fail_request = DRM_IOCTL_TRN_QUEUE_CREATE;
	fake.fail_errno = EBUSY;
	EXPECT_RET(trn_queue_new(dev, NULL, &queue), -EBUSY);
	trn_device_unref(dev);
}

static void copy_moves_bytes(void)
{
	struct bench bench = bench_begin();

	memset(bench.a_map, 'a', 4096);
	EXPECT_RET(copy(bench.queue, bench.b, 1, bench.a, 3, 4093), 0);
	EXPECT(bench.b_map[0] == 0);
	EXPECT(bench.b_map[1] == 'a');
	EXPECT(bench.b_map[4093] == 'a');
	EXPECT(bench.b_map[4094] == 0);
	bench_end(&bench);
}

static void fill_writes_the_pattern(void)
{
	struct bench bench = bench_begin();
	uint32_t word;

	EXPECT_RET(fill(bench.queue, bench.b, 8, 16, 0xdeadbeef), 0);
	memcpy(&word, bench.b_map + 20, 4);
	EXPECT(word == 0xdeadbeef);
	EXPECT(bench.b_map[7] == 0);
	EXPECT(bench.b_map[24] == 0);
	EXPECT_RET(fill(bench.queue, bench.b, 2, 16, 1), -EINVAL);
	bench_end(&bench);
}

static void bad_work_is_refused_and_none_of_it_done(void)
{
	struct bench bench = bench_begin();
	struct trn_op ops[2] = {
		{ .type = TRN_OP_COPY, .dst = bench.b, .src = bench.a, .size = 64 },
		{ .type = TRN_OP_COPY, .dst = bench.b, .src = bench.a, .size = 5000 },
	};

	EXPECT_RET(trn_submit(bench.queue, ops, 2, NULL, 0, NULL), -EINVAL);
	ops[1] = (struct trn_op){ .type = 9, .dst = bench.b, .size = 64 };
	EXPECT_RET(trn_submit(bench.queue, ops, 2, NULL, 0, NULL), -EINVAL);
	EXPECT_RET(trn_submit(bench.queue, ops, 0, NULL, 0, NULL), -EINVAL);
	EXPECT_RET(trn_submit(bench.queue, NULL, 1, NULL, 0, NULL), -EINVAL);
	EXPECT_RET(trn_submit(bench.queue, ops, 1, NULL, 1, NULL), -EINVAL);
	EXPECT_RET(trn_submit(bench.queue, ops, FAKE_MAX_OPS + 1, NULL, 0, NULL), -EINVAL);
	EXPECT_RET(trn_submit(bench.queue, ops, SIZE_MAX, NULL, 0, NULL), -EINVAL);
	EXPECT_RET(copy(bench.queue, NULL, 0, bench.a, 0, 64), -EINVAL);
	EXPECT_RET(copy(bench.queue, bench.b, 0, NULL, 0, 64), -EINVAL);
	EXPECT(!fake.submissions);
	bench_end(&bench);
}

static void memory_of_another_device_is_refused(void)
{
	struct bench one = bench_begin(), other = bench_begin();

	EXPECT_RET(copy(one.queue, one.b, 0, other.a, 0, 64), -EINVAL);
	EXPECT_RET(copy(one.queue, other.b, 0, one.a, 0, 64), -EINVAL);
	EXPECT_RET(fill(one.queue, other.b, 0, 64, 0), -EINVAL);
	EXPECT(!fake.submissions);
	bench_end(&one);
	bench_end(&other);
}

static void read_only_memory_is_no_destination(void)
{
	struct bench bench = bench_begin();
	static const char memory[64] = "constant";
	struct trn_bo *pinned;

	EXPECT_RET(trn_bo_pin(bench.dev, (void *)memory, 64, TRN_BO_READ_ONLY, &pinned), 0);
	EXPECT_RET(copy(bench.queue, pinned, 0, bench.a, 0, 64), -EACCES);
	EXPECT_RET(copy(bench.queue, bench.a, 0, pinned, 0, 64), 0);
	EXPECT(!strcmp(bench.a_map, "constant"));
	trn_bo_unref(pinned);
	bench_end(&bench);
}

static void many_operations_are_one_submission(void)
{
	struct bench bench = bench_begin();
	struct trn_op ops[FAKE_MAX_OPS];
	uint64_t point = 0;

	for (uint32_t i = 0; i < FAKE_MAX_OPS; i++)
		ops[i] = (struct trn_op){
			.type = TRN_OP_FILL,
			.dst = bench.a,
			.dst_offset = 4 * i,
			.size = 4,
			.pattern = i,
		};
	EXPECT_RET(trn_submit(bench.queue, ops, FAKE_MAX_OPS, NULL, 0, &point), 0);
	EXPECT(fake.submissions == 1);
	EXPECT(fake.last_num_ops == FAKE_MAX_OPS);
	EXPECT(point == 1);
	for (uint32_t i = 0; i < FAKE_MAX_OPS; i++)
		EXPECT(!memcmp(bench.a_map + 4 * i, &i, 4));
	bench_end(&bench);
}

static void syncs_reach_the_kernel(void)
{
	const struct trn_sync syncs[] = {
		{ .flags = TRN_SYNC_WAIT, .handle = 1, .point = 42 },
		{ .flags = TRN_SYNC_SIGNAL, .handle = 1, .point = 43 },
	};
	struct bench bench = bench_begin();
	const struct trn_op op = { .type = TRN_OP_FILL, .dst = bench.a, .size = 4 };

	EXPECT_RET(trn_submit(bench.queue, &op, 1, syncs, 2, NULL), 0);
	EXPECT(fake.last_num_syncs == 2);
	EXPECT(fake.last_sync_point == 42);
	bench_end(&bench);
}

static void wait_sleeps_until_the_work_is_done(void)
{
	struct bench bench = bench_begin();
	uint64_t point;

	fake.hold = true;
	fake.finish_on_sleep = true;
	fake.interrupts = 2;
	EXPECT_RET(copy_a_to_b(&bench, &point), 0);
	fake.interrupts = 2;
	EXPECT_RET(trn_wait(bench.queue, point, INT64_MAX), 0);
	EXPECT(fake.sleeps == 1);
	EXPECT(fake.last_deadline == INT64_MAX);
	bench_end(&bench);
}

static void wait_for_known_work_asks_nobody(void)
{
	struct bench bench = bench_begin();
	uint64_t first, second;
	unsigned int calls;

	EXPECT_RET(copy_a_to_b(&bench, &first), 0);
	EXPECT_RET(copy_a_to_b(&bench, &second), 0);
	EXPECT_RET(trn_wait(bench.queue, second, INT64_MAX), 0);
	EXPECT(!fake.sleeps);
	calls = fake.calls;
	EXPECT_RET(trn_wait(bench.queue, first, 0), 0);
	EXPECT_RET(trn_wait(bench.queue, second, 0), 0);
	EXPECT(fake.calls == calls);
	bench_end(&bench);
}

static void wait_with_deadline_0_only_looks(void)
{
	struct bench bench = bench_begin();
	uint64_t point;

	fake.hold = true;
	EXPECT_RET(copy_a_to_b(&bench, &point), 0);
	EXPECT_RET(trn_wait(bench.queue, point, 0), -ETIMEDOUT);
	EXPECT_RET(trn_wait(bench.queue, point, -5), -ETIMEDOUT);
	EXPECT(!fake.sleeps);
	fake_finish();
	EXPECT_RET(trn_wait(bench.queue, point, 0), 0);
	bench_end(&bench);
}

static void wait_past_its_deadline_times_out(void)
{
	struct bench bench = bench_begin();
	uint64_t point;

	fake.hold = true;
	EXPECT_RET(copy_a_to_b(&bench, &point), 0);
	EXPECT_RET(trn_wait(bench.queue, point, 1), -ETIMEDOUT);
	EXPECT(fake.sleeps == 1);
	bench_end(&bench);
}

static void wait_for_a_point_never_submitted_fails(void)
{
	struct bench bench = bench_begin();

	EXPECT_RET(trn_wait(bench.queue, 0, INT64_MAX), -EINVAL);
	EXPECT_RET(trn_wait(bench.queue, 1, INT64_MAX), -EINVAL);
	EXPECT_RET(trn_wait(bench.queue, UINT64_MAX, INT64_MAX), -EINVAL);
	EXPECT(!fake.sleeps);
	bench_end(&bench);
}

static void wait_tells_the_error_of_the_first_and_cancels_the_rest(void)
{
	struct bench bench = bench_begin();
	struct trn_queue_state state;
	uint64_t done, failed, after;

	EXPECT_RET(copy_a_to_b(&bench, &done), 0);
	fake.hold = true;
	fake.finish_on_sleep = true;
	fake.work_error = EIO;
	EXPECT_RET(copy_a_to_b(&bench, &failed), 0);
	EXPECT_RET(copy_a_to_b(&bench, &after), 0);
	EXPECT_RET(trn_wait(bench.queue, failed, INT64_MAX), -EIO);
	EXPECT_RET(trn_wait(bench.queue, after, INT64_MAX), -ECANCELED);
	EXPECT_RET(trn_wait(bench.queue, done, INT64_MAX), 0);
	EXPECT_RET(copy_a_to_b(&bench, NULL), -ECANCELED);

	EXPECT_RET(trn_queue_get_state(bench.queue, &state), 0);
	EXPECT(state.status == TRN_QUEUE_STATE_FAULTED);
	EXPECT(state.error == -EIO);
	EXPECT(state.submitted == 3);
	EXPECT(state.completed == 1);
	EXPECT(state.error_point == 2);
	EXPECT(state.fault_code == 7);
	EXPECT(state.fault_addr == 0x1234);
	bench_end(&bench);
}

static void wait_on_a_hung_device_is_no_timeout_of_the_caller(void)
{
	struct bench bench = bench_begin();

	fake.work_error = ETIME;
	EXPECT_RET(copy(bench.queue, bench.b, 0, bench.a, 0, 64), -ETIME);
	bench_end(&bench);
}

static void wait_on_a_device_that_is_gone_says_so_for_every_point(void)
{
	struct bench bench = bench_begin();
	uint64_t first, second;

	fake.hold = true;
	EXPECT_RET(copy_a_to_b(&bench, &first), 0);
	EXPECT_RET(copy_a_to_b(&bench, &second), 0);
	fake.work_error = ENODEV;
	fake_finish();
	EXPECT_RET(trn_wait(bench.queue, first, INT64_MAX), -ENODEV);
	EXPECT_RET(trn_wait(bench.queue, second, INT64_MAX), -ENODEV);
	bench_end(&bench);
}

static void wait_fails_if_no_call_works_any_more(void)
{
	struct bench bench = bench_begin();
	uint64_t point;

	EXPECT_RET(copy_a_to_b(&bench, &point), 0);
	fake.gone = true;
	EXPECT_RET(trn_wait(bench.queue, point, INT64_MAX), -ENODEV);
	EXPECT_RET(copy_a_to_b(&bench, NULL), -ENODEV);
	fake.gone = false;
	bench_end(&bench);
}

static void wait_does_not_trust_a_signal_without_work(void)
{
	struct bench bench = bench_begin();
	uint64_t point;

	fake.hold = true;
	fake.lie_on_sleep = true;
	EXPECT_RET(copy_a_to_b(&bench, &point), 0);
	EXPECT_RET(trn_wait(bench.queue, point, INT64_MAX), -EPROTO);
	bench_end(&bench);
}

static void deadlines_never_overflow(void)
{
	int64_t now = trn_deadline(0);

	EXPECT(now > 0);
	EXPECT(trn_deadline(0) >= now);
	EXPECT(trn_deadline(INT64_MAX) == INT64_MAX);
	EXPECT(trn_deadline(INT64_MIN) == 0);
	EXPECT(trn_deadline(1000000000) - now >= 1000000000);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(queue_tells_what_it_was_given),
		TAP_TEST(bad_queues_are_refused),
		TAP_TEST(copy_moves_bytes),
		TAP_TEST(fill_writes_the_pattern),
		TAP_TEST(bad_work_is_refused_and_none_of_it_done),
		TAP_TEST(memory_of_another_device_is_refused),
		TAP_TEST(read_only_memory_is_no_destination),
		TAP_TEST(many_operations_are_one_submission),
		TAP_TEST(syncs_reach_the_kernel),
		TAP_TEST(wait_sleeps_until_the_work_is_done),
		TAP_TEST(wait_for_known_work_asks_nobody),
		TAP_TEST(wait_with_deadline_0_only_looks),
		TAP_TEST(wait_past_its_deadline_times_out),
		TAP_TEST(wait_for_a_point_never_submitted_fails),
		TAP_TEST(wait_tells_the_error_of_the_first_and_cancels_the_rest),
		TAP_TEST(wait_on_a_hung_device_is_no_timeout_of_the_caller),
		TAP_TEST(wait_on_a_device_that_is_gone_says_so_for_every_point),
		TAP_TEST(wait_fails_if_no_call_works_any_more),
		TAP_TEST(wait_does_not_trust_a_signal_without_work),
		TAP_TEST(deadlines_never_overflow),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
