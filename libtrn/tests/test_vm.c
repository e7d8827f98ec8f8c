// SPDX-License-Identifier: MIT
/* Address spaces. */
#include "user.h"

#define RW (TRN_VM_READ | TRN_VM_WRITE)
#define MIB (1ull << 20)

struct bench {
	struct trn_device *dev;
	struct trn_vm *vm;
	struct trn_bo *bo;
};

static struct bench bench_begin(uint64_t size)
{
	struct bench bench = { .dev = tap_open() };

	EXPECT_RET(trn_vm_new(bench.dev, &bench.vm), 0);
	EXPECT_RET(trn_bo_new(bench.dev, size, 1, 0, &bench.bo), 0);
	return bench;
}

static void bench_end(struct bench *bench)
{
	trn_bo_unref(bench->bo);
	trn_vm_unref(bench->vm);
	trn_device_unref(bench->dev);
}

static void vm_needs_a_device_that_has_them(void)
{
	struct trn_device *dev;
	struct trn_vm *vm;

	fake.caps = 0;
	dev = tap_open();
	EXPECT_RET(trn_vm_new(dev, &vm), -EOPNOTSUPP);
	trn_device_unref(dev);
}

static void vm_is_counted(void)
{
	struct trn_device *dev = tap_open();
	struct trn_vm *vms[5];

	for (int i = 0; i < 4; i++)
		EXPECT_RET(trn_vm_new(dev, &vms[i]), 0);
	EXPECT_RET(trn_vm_new(dev, &vms[4]), -EMFILE);
	EXPECT(trn_vm_id(vms[0]) != trn_vm_id(vms[1]));
	EXPECT(trn_vm_ref(vms[0]) == vms[0]);
	trn_vm_unref(vms[0]);
	EXPECT(fake.open_vms == 4);
	for (int i = 0; i < 4; i++)
		trn_vm_unref(vms[i]);
	trn_vm_unref(NULL);
	EXPECT(!fake.open_vms);
	trn_device_unref(dev);
}

static void mapping_is_of_whole_granules_and_any_bytes(void)
{
	struct bench bench = bench_begin(16 * FAKE_GRANULE);
	uint64_t va;

	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 5000, 10000, RW, &va), 0);
	EXPECT(va % FAKE_GRANULE == 5000 % FAKE_GRANULE);
	EXPECT(fake.last_bind.bo_offset == 4096);
	EXPECT(fake.last_bind.size == 3 * FAKE_GRANULE);
	EXPECT(fake.last_bind.va == va - va % FAKE_GRANULE);
	EXPECT(fake.mappings == 3);
	EXPECT_RET(trn_vm_unmap(bench.vm, va), 0);
	EXPECT(!fake.mappings);
	EXPECT_RET(trn_vm_unmap(bench.vm, va), -ENOENT);
	bench_end(&bench);
}

static void pinned_memory_is_mapped_where_it_begins(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	static char memory[3 * FAKE_GRANULE] __attribute__((aligned(FAKE_GRANULE)));
	struct trn_bo *bo;
	uint64_t va;

	EXPECT_RET(trn_bo_pin(bench.dev, memory + 100, FAKE_GRANULE, TRN_BO_READ_ONLY, &bo), 0);
	EXPECT_RET(trn_vm_map(bench.vm, bo, 0, FAKE_GRANULE, RW, &va), -EACCES);
	EXPECT_RET(trn_vm_map(bench.vm, bo, 0, FAKE_GRANULE, TRN_VM_READ, &va), 0);
	EXPECT(va % FAKE_GRANULE == 100);
	EXPECT(fake.last_bind.size == 2 * FAKE_GRANULE);
	EXPECT_RET(trn_vm_map(bench.vm, bo, 4000, 10, TRN_VM_READ, &va), 0);
	EXPECT(va % FAKE_GRANULE == 4);
	EXPECT(fake.last_bind.bo_offset == FAKE_GRANULE);
	trn_bo_unref(bo);
	bench_end(&bench);
}

static void bad_ranges_are_refused(void)
{
	struct bench bench = bench_begin(4 * FAKE_GRANULE), other = bench_begin(FAKE_GRANULE);
	uint64_t va, size = 4 * FAKE_GRANULE;

	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, size + 1, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 1, size, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, 0, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, UINT64_MAX, 2, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, size, 0, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, NULL, 0, 1, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map(bench.vm, other.bo, 0, 1, RW, &va), -EINVAL);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, 0), -EINVAL);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, FAKE_VA_START + 1), -EINVAL);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, FAKE_VA_START + FAKE_VA_SIZE),
		   -EINVAL);
	EXPECT_RET(trn_vm_reserve(bench.vm, 0, &va), -EINVAL);
	EXPECT_RET(trn_vm_reserve(bench.vm, UINT64_MAX, &va), -EINVAL);
	EXPECT_RET(trn_vm_unmap(bench.vm, FAKE_VA_START), -ENOENT);
	EXPECT(!fake.mappings);
	bench_end(&other);
	bench_end(&bench);
}

/* A failed call leaves the addresses to others. */
static void failure_of_the_kernel_changes_nothing(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	uint64_t va;

	fake.fail_request = DRM_IOCTL_TRN_VM_BIND;
	fake.fail_errno = EDQUOT;
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, FAKE_VA_START), -EDQUOT);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, 1, RW, &va), -EDQUOT);
	fake.fail_request = 0;
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, FAKE_VA_START), 0);
	fake.fail_request = DRM_IOCTL_TRN_VM_BIND;
	EXPECT_RET(trn_vm_unmap(bench.vm, FAKE_VA_START), -EDQUOT);
	fake.fail_request = 0;
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, FAKE_VA_START), -EEXIST);
	EXPECT_RET(trn_vm_unmap(bench.vm, FAKE_VA_START), 0);
	bench_end(&bench);
}

static void fixed_addresses_and_chosen_ones_do_not_collide(void)
{
	struct bench bench = bench_begin(4 * FAKE_GRANULE);
	uint64_t fixed = FAKE_VA_START + 4 * FAKE_GRANULE, size = 4 * FAKE_GRANULE, va;

	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, size, RW, fixed), 0);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, size, RW, fixed + size - FAKE_GRANULE),
		   -EEXIST);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, size, RW, fixed - FAKE_GRANULE), -EEXIST);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, FAKE_GRANULE, RW, fixed + FAKE_GRANULE),
		   -EEXIST);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, size, RW, fixed + size), 0);
	for (int i = 0; i < 8; i++) {
		EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, size, RW, &va), 0);
		EXPECT(va + size <= fixed || va >= fixed + 2 * size);
	}
	EXPECT(fake.mappings == 10 * 4);
	bench_end(&bench);
}

static void a_granule_stays_free_behind_a_mapping(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	uint64_t first, second;

	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, FAKE_GRANULE, RW, &first), 0);
	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, FAKE_GRANULE, RW, &second), 0);
	EXPECT(second >= first + 2 * FAKE_GRANULE);
	bench_end(&bench);
}

static void large_mappings_are_aligned_for_large_pages(void)
{
	struct bench bench = bench_begin(4 * MIB);
	uint64_t va;

	EXPECT_RET(trn_vm_map(bench.vm, bench.bo, 0, 4 * MIB, RW, &va), 0);
	EXPECT(va % (2 * MIB) == 0);
	bench_end(&bench);
}

/* What was given back comes again, but late; and all of it can be had. */
static void addresses_are_used_again_when_others_are_used_up(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	uint64_t first, second, third, part = FAKE_VA_SIZE / 4;

	EXPECT_RET(trn_vm_reserve(bench.vm, part, &first), 0);
	EXPECT_RET(trn_vm_unmap(bench.vm, first), 0);
	EXPECT_RET(trn_vm_reserve(bench.vm, part, &second), 0);
	EXPECT_RET(trn_vm_reserve(bench.vm, part, &third), 0);
	EXPECT_RET(trn_vm_unmap(bench.vm, second), 0);
	EXPECT_RET(trn_vm_reserve(bench.vm, part, &first), 0);
	EXPECT(first != second);
	EXPECT_RET(trn_vm_reserve(bench.vm, part, &first), 0);
	EXPECT(first == second);
	EXPECT_RET(trn_vm_reserve(bench.vm, part, &first), -ENOSPC);
	bench_end(&bench);
}

/* Of two threads that unmap the same, one does. */
static void range_leaves_once(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	struct trn_va_range *range, *other;
	uint64_t va;

	EXPECT_RET(trn_vm_reserve(bench.vm, 1, &va), 0);
	EXPECT_RET(trn_va_begin_leave(&bench.vm->space, va, &range), 0);
	EXPECT_RET(trn_va_begin_leave(&bench.vm->space, va, &other), -ENOENT);
	EXPECT_RET(trn_vm_unmap(bench.vm, va), -ENOENT);
	trn_va_cancel_leave(&bench.vm->space, range);
	EXPECT_RET(trn_vm_unmap(bench.vm, va), 0);
	bench_end(&bench);
}

static void reserved_addresses_are_the_callers(void)
{
	struct bench bench = bench_begin(4 * FAKE_GRANULE);
	struct trn_vm_op ops[2] = {
		{ .type = TRN_VM_MAP, .flags = RW, .bo = bench.bo, .size = FAKE_GRANULE },
		{ .type = TRN_VM_MAP, .flags = RW, .bo = bench.bo, .size = 2 * FAKE_GRANULE,
		  .bo_offset = FAKE_GRANULE },
	};
	struct trn_sync sync = { .flags = TRN_SYNC_WAIT, .handle = 1, .point = 77 };
	uint64_t va;

	EXPECT_RET(trn_vm_reserve(bench.vm, 4 * FAKE_GRANULE, &va), 0);
	ops[0].va = va;
	ops[1].va = va + FAKE_GRANULE;
	EXPECT_RET(trn_vm_bind(bench.vm, ops, 2, 0, NULL, 0), 0);
	EXPECT(fake.mappings == 3);
	EXPECT_RET(trn_vm_map_at(bench.vm, bench.bo, 0, 1, RW, va), -EEXIST);
	EXPECT_RET(trn_vm_bind(bench.vm, ops, 1, 0, &sync, 1), -EINVAL);
	EXPECT_RET(trn_vm_bind(bench.vm, ops, 1, TRN_VM_ASYNC, &sync, 1), 0);
	EXPECT(fake.last_num_syncs == 1);
	EXPECT(fake.last_sync_point == 77);
	ops[0] = (struct trn_vm_op){ .type = TRN_VM_UNMAP, .va = va, .size = FAKE_GRANULE };
	EXPECT_RET(trn_vm_bind(bench.vm, ops, 1, 0, NULL, 0), 0);
	EXPECT(fake.mappings == 2);
	EXPECT_RET(trn_vm_unmap(bench.vm, va + FAKE_GRANULE), 0);
	EXPECT(!fake.mappings);
	bench_end(&bench);
}

static void bad_operations_are_refused(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE), other = bench_begin(FAKE_GRANULE);
	struct trn_vm_op op = { .type = 7, .bo = bench.bo, .va = FAKE_VA_START, .flags = RW,
				.size = FAKE_GRANULE };

	EXPECT_RET(trn_vm_bind(bench.vm, &op, 1, 0, NULL, 0), -EINVAL);
	op.type = TRN_VM_MAP;
	op.bo = NULL;
	EXPECT_RET(trn_vm_bind(bench.vm, &op, 1, 0, NULL, 0), -EINVAL);
	op.bo = other.bo;
	EXPECT_RET(trn_vm_bind(bench.vm, &op, 1, 0, NULL, 0), -EINVAL);
	op.bo = bench.bo;
	EXPECT_RET(trn_vm_bind(bench.vm, &op, 0, 0, NULL, 0), -EINVAL);
	EXPECT_RET(trn_vm_bind(bench.vm, NULL, 1, 0, NULL, 0), -EINVAL);
	EXPECT_RET(trn_vm_bind(bench.vm, &op, 129, 0, NULL, 0), -EINVAL);
	EXPECT_RET(trn_vm_bind(bench.vm, &op, 1, TRN_VM_ASYNC, NULL, 1), -EINVAL);
	EXPECT(!fake.mappings);
	bench_end(&other);
	bench_end(&bench);
}

static void many_operations_are_one_call(void)
{
	struct bench bench = bench_begin(FAKE_GRANULE);
	struct trn_vm_op ops[128];

	for (int i = 0; i < 128; i++)
		ops[i] = (struct trn_vm_op){
			.type = TRN_VM_MAP,
			.flags = TRN_VM_READ,
			.bo = bench.bo,
			.va = FAKE_VA_START + i * FAKE_GRANULE,
			.size = FAKE_GRANULE,
		};
	EXPECT_RET(trn_vm_bind(bench.vm, ops, 128, 0, NULL, 0), 0);
	EXPECT(fake.bind_calls == 1);
	EXPECT(fake.mappings == 128);
	bench_end(&bench);
}

static void mapping_outlives_the_bo(void)
{
	struct user user = user_begin(NULL);
	struct trn_bo *bo;
	uint64_t va;

	EXPECT_RET(trn_bo_new(user.dev, FAKE_GRANULE, 1, 0, &bo), 0);
	EXPECT_RET(trn_vm_map(user.vm, bo, 0, FAKE_GRANULE, TRN_VM_READ, &va), 0);
	trn_bo_unref(bo);
	EXPECT(fake.mappings > USER_BYTES / FAKE_GRANULE);
	EXPECT_RET(trn_vm_unmap(user.vm, va), 0);
	user_end(&user);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(vm_needs_a_device_that_has_them),
		TAP_TEST(vm_is_counted),
		TAP_TEST(mapping_is_of_whole_granules_and_any_bytes),
		TAP_TEST(pinned_memory_is_mapped_where_it_begins),
		TAP_TEST(bad_ranges_are_refused),
		TAP_TEST(failure_of_the_kernel_changes_nothing),
		TAP_TEST(fixed_addresses_and_chosen_ones_do_not_collide),
		TAP_TEST(a_granule_stays_free_behind_a_mapping),
		TAP_TEST(large_mappings_are_aligned_for_large_pages),
		TAP_TEST(addresses_are_used_again_when_others_are_used_up),
		TAP_TEST(range_leaves_once),
		TAP_TEST(reserved_addresses_are_the_callers),
		TAP_TEST(bad_operations_are_refused),
		TAP_TEST(many_operations_are_one_call),
		TAP_TEST(mapping_outlives_the_bo),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
