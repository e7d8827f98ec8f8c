// SPDX-License-Identifier: MIT
/* Copies made simple, in both modes. */
#include <string.h>

#include "tap.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define HOST FAKE_STACKS

struct bench {
	struct trn_device *dev;
	struct trn_copier *copier;
	struct trn_bo *a, *b;
	unsigned char *a_map, *b_map;
};

static struct bench bench_begin(const struct trn_copier_attr *attr, uint32_t to, uint64_t size)
{
	struct bench bench = { .dev = tap_open() };

	EXPECT_RET(trn_copier_new(bench.dev, attr, &bench.copier), 0);
	EXPECT_RET(trn_bo_new(bench.dev, size, TRN_PLACE_REGION(HOST), 0, &bench.a), 0);
	EXPECT_RET(trn_bo_new(bench.dev, size, TRN_PLACE_REGION(to), 0, &bench.b), 0);
	EXPECT_RET(trn_bo_map(bench.a, (void **)&bench.a_map), 0);
	EXPECT_RET(trn_bo_map(bench.b, (void **)&bench.b_map), 0);
	for (uint64_t i = 0; i < size; i++)
		bench.a_map[i] = i % 251;
	return bench;
}

static void bench_end(struct bench *bench)
{
	trn_bo_unref(bench->a);
	trn_bo_unref(bench->b);
	trn_copier_unref(bench->copier);
	trn_device_unref(bench->dev);
}

static const struct trn_copier_attr kernel_mode = { .mode = TRN_COPIER_KERNEL };

static void sizes_arrive(const struct trn_copier_attr *attr)
{
	static const uint64_t sizes[] = { 1, 4095, 65536, 65537, 256 * KIB, 256 * KIB + 1,
					  2 * MIB - 7, 11 * MIB };
	struct bench bench = bench_begin(attr, 1, 11 * MIB + 16);

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		memset(bench.b_map, 0, 11 * MIB + 16);
		EXPECT_RET(trn_copy(bench.copier, bench.b, 5, bench.a, 3, sizes[i]), 0);
		EXPECT(!memcmp(bench.b_map + 5, bench.a_map + 3, sizes[i]));
		EXPECT(!bench.b_map[4]);
		EXPECT(!bench.b_map[5 + sizes[i]]);
	}
	EXPECT_RET(trn_fill(bench.copier, bench.b, 8, 9 * MIB, 0xdeadbeef), 0);
	EXPECT(bench.b_map[8] == 0xef);
	EXPECT(bench.b_map[9 * MIB + 7] == 0xde);
	EXPECT(!memcmp(bench.b_map + 8, bench.b_map + 12, 9 * MIB - 4));
	EXPECT(bench.b_map[9 * MIB + 8] == bench.a_map[9 * MIB + 6]);
	bench_end(&bench);
}

static void sizes_arrive_in_user_mode(void)
{
	sizes_arrive(NULL);
	EXPECT(fake.inline_ops);
	EXPECT(!fake.submissions);
}

static void sizes_arrive_in_kernel_mode(void)
{
	sizes_arrive(&kernel_mode);
	EXPECT(!fake.descriptors);
}

/* The kernel fills, where descriptors cannot. */
static void sizes_arrive_without_inline_operations(void)
{
	fake.caps = DRM_TRN_CAP_USER_QUEUES;
	sizes_arrive(NULL);
	EXPECT(fake.descriptors);
	EXPECT(fake.submissions == 2);
}

static void mode_follows_the_device(void)
{
	const struct trn_copier_attr user_mode = { .mode = TRN_COPIER_USER };
	struct trn_copier *copier;
	struct bench bench;

	bench = bench_begin(NULL, 1, FAKE_GRANULE);
	EXPECT(trn_copier_is_user_mode(bench.copier));
	bench_end(&bench);
	fake.caps = 0;
	bench = bench_begin(NULL, 1, FAKE_GRANULE);
	EXPECT(!trn_copier_is_user_mode(bench.copier));
	EXPECT_RET(trn_copier_new(bench.dev, &user_mode, &copier), -EOPNOTSUPP);
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 100), 0);
	bench_end(&bench);
}

/* Nothing but the first copy makes or maps anything. */
static void second_copy_calls_nobody(void)
{
	struct bench bench = bench_begin(NULL, 1, MIB);
	unsigned int calls;

	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	calls = fake.calls;
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	EXPECT_RET(trn_copy(bench.copier, bench.b, 4, bench.a, 8, 100), 0);
	EXPECT_RET(trn_fill(bench.copier, bench.b, 4, 8, 0), 0);
	EXPECT(fake.calls == calls);
	bench_end(&bench);
}

static void queues_are_near_the_stack(void)
{
	struct trn_queue_state state;
	uint32_t engine;

	for (uint32_t stack = 0; stack < FAKE_STACKS; stack++) {
		struct bench bench = bench_begin(NULL, stack, MIB);

		EXPECT_RET(trn_copier_get_state(bench.copier, &state, &engine), -ENOENT);
		EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
		EXPECT_RET(trn_copy(bench.copier, bench.a, 0, bench.b, 0, MIB), 0);
		EXPECT_RET(trn_copier_get_state(bench.copier, &state, &engine), 0);
		EXPECT(engine == stack);
		EXPECT(state.status == TRN_QUEUE_STATE_READY);
		EXPECT(fake.open_queues == 2);
		bench_end(&bench);
	}
}

static void large_copies_are_split_and_small_ones_take_turns(void)
{
	const struct trn_copier_attr attr = { .num_queues = 4 };
	struct bench bench = bench_begin(&attr, 1, 8 * MIB);
	struct trn_ticket ticket, other;
	struct trn_op op = { .type = TRN_OP_COPY, .dst = bench.b, .src = bench.a,
			     .size = 8 * MIB };

	EXPECT_RET(trn_copier_start(bench.copier, &op, &ticket), 0);
	EXPECT(fake.open_queues == 4);
	for (int i = 0; i < 4; i++)
		EXPECT(ticket.points[i] == 32);
	EXPECT_RET(trn_copier_wait(bench.copier, &ticket, INT64_MAX), 0);
	op.size = 8 * MIB - 1;
	EXPECT_RET(trn_copier_start(bench.copier, &op, &ticket), 0);
	EXPECT(ticket.points[0] == 160);
	EXPECT(!ticket.points[1]);
	EXPECT_RET(trn_copier_wait(bench.copier, &ticket, INT64_MAX), 0);
	op.size = 100;
	EXPECT_RET(trn_copier_start(bench.copier, &op, &ticket), 0);
	EXPECT_RET(trn_copier_start(bench.copier, &op, &other), 0);
	EXPECT(ticket.points[1] == 33);
	EXPECT(!ticket.points[0]);
	EXPECT(other.points[2] == 33);
	EXPECT(!other.points[1]);
	EXPECT_RET(trn_copier_wait(bench.copier, &ticket, INT64_MAX), 0);
	EXPECT_RET(trn_copier_wait(bench.copier, &other, INT64_MAX), 0);
	bench_end(&bench);
}

/* One queue is enough, whatever the reason is that there are no more. */
static void few_queues_will_do(void)
{
	const struct trn_copier_attr attr = { .num_queues = 4 };
	static const int errors[] = { EBUSY, EMFILE, ENOMEM, ENOSPC, EPERM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct bench bench = bench_begin(&attr, 1, MIB);

		fake.free_queues = 1;
		fake.no_queue_errno = errors[i];
		for (int n = 0; n < 3; n++)
			EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
		EXPECT(fake.open_queues == 1);
		EXPECT(!memcmp(bench.a_map, bench.b_map, MIB));
		/* The group of the host has none. */
		for (int n = 0; n < 3; n++)
			EXPECT_RET(trn_copy(bench.copier, bench.a, 0, bench.a, MIB / 2, 4),
				   -errors[i]);
		bench_end(&bench);
	}
}

/* Queues that others give back are taken, and asked for ever more rarely until then. */
static void more_queues_are_taken_later(void)
{
	const struct trn_copier_attr attr = { .num_queues = 3 };
	struct bench bench = bench_begin(&attr, 1, MIB);
	unsigned int calls, copies = 0;

	fake.free_queues = 1;
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	calls = fake.queue_creates;
	for (int i = 0; i < 1000; i++)
		EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 4), 0);
	EXPECT(fake.queue_creates - calls < 12);

	fake.free_queues = 10;
	while (fake.open_queues < 3 && copies++ < 2000)
		EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 4), 0);
	EXPECT(fake.open_queues == 3);
	calls = fake.calls;
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	EXPECT(fake.calls == calls);
	bench_end(&bench);
}

/* Far more than the rings hold; waiting for room works, asleep as well. */
static void copies_are_larger_than_rings(void)
{
	const struct trn_copier_attr attr = {
		.queue = { .ring_size = 64, .spin_ns = TRN_SPIN_NEVER },
	};
	struct bench bench = bench_begin(&attr, 1, 20 * MIB);

	fake.hold = true;
	fake.finish_on_sleep = true;
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 20 * MIB), 0);
	EXPECT(fake.sleeps > 1);
	EXPECT(!memcmp(bench.a_map, bench.b_map, 20 * MIB));
	fake.hold = false;
	bench_end(&bench);
}

static void bad_operations_are_refused(const struct trn_copier_attr *attr)
{
	struct bench bench = bench_begin(attr, 1, FAKE_GRANULE);
	struct bench other = bench_begin(attr, 1, FAKE_GRANULE);
	struct trn_ticket ticket = { .group = 99 };
	struct trn_op op = { .type = 7, .dst = bench.b, .size = 4 };
	struct trn_copier *copier = bench.copier;
	static const char memory[64];
	struct trn_bo *pinned;

	EXPECT_RET(trn_copy(copier, bench.b, 1, bench.a, 0, FAKE_GRANULE), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 0, bench.a, 1, FAKE_GRANULE), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 0, bench.a, 0, 0), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, UINT64_MAX, bench.a, 0, 2), -EINVAL);
	EXPECT_RET(trn_copy(copier, NULL, 0, bench.a, 0, 2), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 0, NULL, 0, 2), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 0, other.a, 0, 2), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 100, bench.b, 50, 51), -EINVAL);
	EXPECT_RET(trn_copy(copier, bench.b, 100, bench.b, 50, 50), 0);
	EXPECT_RET(trn_fill(copier, bench.b, 2, 4, 0), -EINVAL);
	EXPECT_RET(trn_fill(copier, bench.b, 0, 6, 0), -EINVAL);
	EXPECT_RET(trn_copier_start(copier, &op, &ticket), -EINVAL);
	EXPECT_RET(trn_copier_wait(copier, &ticket, 0), -EINVAL);
	EXPECT_RET(trn_bo_pin(bench.dev, (void *)memory, 64, TRN_BO_READ_ONLY, &pinned), 0);
	EXPECT_RET(trn_copy(copier, pinned, 0, bench.a, 0, 64), -EACCES);
	EXPECT_RET(trn_copy(copier, bench.b, 0, pinned, 0, 64), 0);
	trn_bo_unref(pinned);
	bench_end(&other);
	bench_end(&bench);
}

static void bad_operations_are_refused_in_user_mode(void)
{
	bad_operations_are_refused(NULL);
}

static void bad_operations_are_refused_in_kernel_mode(void)
{
	bad_operations_are_refused(&kernel_mode);
}

static void bad_copiers_are_refused(void)
{
	struct trn_device *dev = tap_open(), *other = tap_open();
	struct trn_copier_attr attr = { .num_queues = TRN_COPIER_MAX_QUEUES + 1 };
	struct trn_copier *copier;
	struct trn_vm *vm;

	EXPECT_RET(trn_copier_new(dev, &attr, &copier), -EINVAL);
	attr = (struct trn_copier_attr){ .mode = 9 };
	EXPECT_RET(trn_copier_new(dev, &attr, &copier), -EINVAL);
	attr = (struct trn_copier_attr){ .queue = { .flags = TRN_QUEUE_SHARED } };
	EXPECT_RET(trn_copier_new(dev, &attr, &copier), -EINVAL);
	EXPECT_RET(trn_vm_new(other, &vm), 0);
	attr = (struct trn_copier_attr){ .queue = { .vm = vm } };
	EXPECT_RET(trn_copier_new(dev, &attr, &copier), -EINVAL);
	attr.mode = TRN_COPIER_KERNEL;
	EXPECT_RET(trn_copier_new(other, &attr, &copier), -EINVAL);
	trn_vm_unref(vm);
	trn_device_unref(other);
	trn_device_unref(dev);
}

/* A BO that is dropped is unmapped, whichever goes first. */
static void mappings_end_with_the_bo_or_the_copier(void)
{
	struct bench bench = bench_begin(NULL, 1, FAKE_GRANULE);
	struct trn_copier *second;
	unsigned int before;
	struct trn_bo *bo;

	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 4), 0);
	EXPECT_RET(trn_copier_new(bench.dev, NULL, &second), 0);
	EXPECT_RET(trn_copy(second, bench.b, 0, bench.a, 0, 4), 0);
	before = fake.mappings;
	EXPECT_RET(trn_bo_new(bench.dev, FAKE_GRANULE, 1, 0, &bo), 0);
	EXPECT_RET(trn_copy(bench.copier, bo, 0, bench.a, 0, 4), 0);
	EXPECT_RET(trn_copy(second, bo, 0, bench.a, 0, 4), 0);
	EXPECT(fake.mappings > before);
	before = fake.mappings;
	trn_bo_unref(bo);
	EXPECT(fake.mappings == before - 2);
	trn_copier_unref(second);
	EXPECT(fake.open_vms == 1);
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, 4), 0);
	bench_end(&bench);
}

static void copier_can_share_a_vm(void)
{
	struct trn_device *dev = tap_open();
	struct trn_copier_attr attr = { 0 };
	struct trn_copier *copier;
	struct trn_bo *bo;
	uint64_t va;

	EXPECT_RET(trn_vm_new(dev, &attr.queue.vm), 0);
	EXPECT_RET(trn_bo_new(dev, FAKE_GRANULE, 1, 0, &bo), 0);
	EXPECT_RET(trn_vm_map(attr.queue.vm, bo, 0, 1, TRN_VM_READ, &va), 0);
	EXPECT_RET(trn_copier_new(dev, &attr, &copier), 0);
	EXPECT(trn_copier_ref(copier) == copier);
	trn_copier_unref(copier);
	EXPECT_RET(trn_fill(copier, bo, 0, 4, 1), 0);
	EXPECT(fake.open_vms == 1);
	trn_vm_unref(attr.queue.vm);
	EXPECT_RET(trn_fill(copier, bo, 0, 4, 1), 0);
	trn_copier_unref(copier);
	trn_copier_unref(NULL);
	trn_bo_unref(bo);
	trn_device_unref(dev);
}

static void dead_queue_is_told_and_found(void)
{
	struct bench bench = bench_begin(NULL, 1, MIB);
	struct trn_queue_state state;

	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	fake.work_error = EIO;
	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), -EIO);
	EXPECT_RET(trn_copier_get_state(bench.copier, &state, NULL), 0);
	EXPECT(state.status == TRN_QUEUE_STATE_FAULTED);
	EXPECT(state.error == -EIO);
	bench_end(&bench);
}

static void failure_to_map_is_told(void)
{
	struct bench bench = bench_begin(NULL, 1, MIB);
	struct trn_bo *bo;

	EXPECT_RET(trn_copy(bench.copier, bench.b, 0, bench.a, 0, MIB), 0);
	EXPECT_RET(trn_bo_new(bench.dev, FAKE_GRANULE, 1, 0, &bo), 0);
	fake.fail_request = DRM_IOCTL_TRN_VM_BIND;
	fake.fail_errno = EDQUOT;
	EXPECT_RET(trn_copy(bench.copier, bo, 0, bench.a, 0, 4), -EDQUOT);
	fake.fail_request = 0;
	EXPECT_RET(trn_copy(bench.copier, bo, 0, bench.a, 0, 4), 0);
	trn_bo_unref(bo);
	bench_end(&bench);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(sizes_arrive_in_user_mode),
		TAP_TEST(sizes_arrive_in_kernel_mode),
		TAP_TEST(sizes_arrive_without_inline_operations),
		TAP_TEST(mode_follows_the_device),
		TAP_TEST(second_copy_calls_nobody),
		TAP_TEST(queues_are_near_the_stack),
		TAP_TEST(large_copies_are_split_and_small_ones_take_turns),
		TAP_TEST(few_queues_will_do),
		TAP_TEST(more_queues_are_taken_later),
		TAP_TEST(copies_are_larger_than_rings),
		TAP_TEST(bad_operations_are_refused_in_user_mode),
		TAP_TEST(bad_operations_are_refused_in_kernel_mode),
		TAP_TEST(bad_copiers_are_refused),
		TAP_TEST(mappings_end_with_the_bo_or_the_copier),
		TAP_TEST(copier_can_share_a_vm),
		TAP_TEST(dead_queue_is_told_and_found),
		TAP_TEST(failure_to_map_is_told),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
