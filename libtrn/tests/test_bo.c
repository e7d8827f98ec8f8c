// SPDX-License-Identifier: MIT
/* Allocating, pinning, mapping. */
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tap.h"

static bool is_mapped(void *page)
{
	return !msync(page, FAKE_GRANULE, MS_ASYNC);
}

static void allocation_is_rounded_up_and_knows_its_region(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo;

	EXPECT_RET(trn_bo_new(dev, 5000, TRN_PLACE_REGION(1), 0, &bo), 0);
	EXPECT(trn_bo_size(bo) == 8192);
	EXPECT(trn_bo_region(bo) == 1);
	EXPECT(trn_bo_handle(bo));
	trn_bo_unref(bo);
	trn_device_unref(dev);
}

static void bad_allocations_are_refused(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo;

	EXPECT_RET(trn_bo_new(dev, 0, 1, 0, &bo), -EINVAL);
	EXPECT_RET(trn_bo_new(dev, 4096, 0, 0, &bo), -EINVAL);
	EXPECT_RET(trn_bo_new(dev, 4096, 1ull << 63, 0, &bo), -EINVAL);
	EXPECT_RET(trn_bo_new(dev, 4096, 1, 1u << 9, &bo), -EINVAL);
	EXPECT_RET(trn_bo_new(dev, 2 * FAKE_STACK_SIZE, 1, 0, &bo), -ENOSPC);
	trn_device_unref(dev);
}

static void handle_is_closed_if_the_kernel_tells_nothing_about_it(void)
{
	struct trn_device *dev = tap_open();
	char memory[16];
	struct trn_bo *bo;

	fake.fail_request = DRM_IOCTL_TRN_BO_INFO;
	fake.fail_errno = ENOMEM;
	EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo), -ENOMEM);
	EXPECT(!fake.open_bos);
	EXPECT_RET(trn_bo_pin(dev, memory, sizeof(memory), 0, &bo), -ENOMEM);
	EXPECT(!fake.open_bos);
	trn_device_unref(dev);
}

static void mapping_is_made_once(void)
{
	struct trn_device *dev = tap_open();
	void *first, *second;
	struct trn_bo *bo;

	EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo), 0);
	EXPECT_RET(trn_bo_map(bo, &first), 0);
	EXPECT_RET(trn_bo_map(bo, &second), 0);
	EXPECT(first == second);
	EXPECT(is_mapped(first));
	trn_bo_unref(bo);
	EXPECT(!is_mapped(first));
	trn_device_unref(dev);
}

/* The limit of locked memory, or an address that is too large: not that rings are full. */
static void mapping_that_fails_is_told(void)
{
	static const int errors[][2] = {
		{ EAGAIN, ENOMEM }, { EOVERFLOW, ENOMEM }, { ENOMEM, ENOMEM }, { ENODEV, ENODEV },
	};
	struct trn_device *dev = tap_open();
	struct trn_queue_attr user = { 0 };
	struct trn_queue *queue;
	struct trn_bo *bo;
	void *addr;

	EXPECT_RET(trn_vm_new(dev, &user.vm), 0);
	EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo), 0);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		fake.mmap_errno = errors[i][0];
		EXPECT_RET(trn_bo_map(bo, &addr), -errors[i][1]);
		EXPECT_RET(trn_queue_new(dev, &user, &queue), -errors[i][1]);
	}
	fake.mmap_errno = 0;
	EXPECT_RET(trn_bo_map(bo, &addr), 0);
	trn_bo_unref(bo);
	trn_vm_unref(user.vm);
	trn_device_unref(dev);
}

static void mapping_shows_the_memory_of_the_bo(void)
{
	struct trn_device *dev = tap_open();
	struct trn_queue *queue;
	struct trn_bo *bo[2];
	char *map[2];

	EXPECT_RET(trn_queue_new(dev, NULL, &queue), 0);
	for (int i = 0; i < 2; i++) {
		EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo[i]), 0);
		EXPECT_RET(trn_bo_map(bo[i], (void **)&map[i]), 0);
	}
	memcpy(map[0], "over there", 11);
	EXPECT_RET(trn_copy_async(queue, bo[1], 0, bo[0], 0, 4096, NULL), 0);
	EXPECT(!strcmp(map[1], "over there"));
	trn_bo_unref(bo[0]);
	trn_bo_unref(bo[1]);
	trn_queue_unref(queue);
	trn_device_unref(dev);
}

static void memory_that_is_never_mapped_cannot_be(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo;
	void *addr;

	EXPECT_RET(trn_bo_new(dev, 4096, 1, TRN_BO_NO_MMAP, &bo), 0);
	EXPECT_RET(trn_bo_map(bo, &addr), -EPERM);
	trn_bo_unref(bo);
	trn_device_unref(dev);
}

static void pinned_memory_stays_where_and_as_long_as_it_is(void)
{
	struct trn_device *dev = tap_open();
	char memory[100], *page;
	struct trn_bo *bo;
	void *addr;

	EXPECT_RET(trn_bo_pin(dev, memory + 1, 99, 0, &bo), 0);
	EXPECT(trn_bo_size(bo) == 99);
	EXPECT(trn_bo_region(bo) == FAKE_STACKS);
	EXPECT_RET(trn_bo_map(bo, &addr), 0);
	EXPECT(addr == memory + 1);
	trn_bo_unref(bo);

	page = aligned_alloc(FAKE_GRANULE, FAKE_GRANULE);
	EXPECT_RET(trn_bo_pin(dev, page, FAKE_GRANULE, 0, &bo), 0);
	trn_bo_unref(bo);
	EXPECT(is_mapped(page));
	free(page);
	trn_device_unref(dev);
}

static void bad_pins_are_refused(void)
{
	struct trn_device *dev = tap_open();
	char memory[16];
	struct trn_bo *bo;

	EXPECT_RET(trn_bo_pin(dev, memory, 0, 0, &bo), -EINVAL);
	EXPECT_RET(trn_bo_pin(dev, NULL, 16, 0, &bo), -EFAULT);
	EXPECT_RET(trn_bo_pin(dev, memory, 16, 1u << 31, &bo), -EINVAL);
	trn_device_unref(dev);
}

static void bo_keeps_its_device(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo;

	EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo), 0);
	trn_device_unref(dev);
	EXPECT(trn_bo_ref(bo) == bo);
	trn_bo_unref(bo);
	EXPECT(fake.open_bos == 1);
	trn_bo_unref(bo);
	EXPECT(fake.open_bos == 0);
	trn_bo_unref(NULL);
}

static void unref_in_a_child_leaves_the_parents_objects(void)
{
	struct trn_device *dev = tap_open();
	struct trn_queue *queue;
	struct trn_bo *bo;
	int status;
	void *addr;

	EXPECT_RET(trn_bo_new(dev, 4096, 1, 0, &bo), 0);
	EXPECT_RET(trn_bo_map(bo, &addr), 0);
	EXPECT_RET(trn_queue_new(dev, NULL, &queue), 0);
	fflush(stdout);
	if (!fork()) {
		unsigned int calls = fake.calls;

		trn_queue_unref(queue);
		trn_bo_unref(bo);
		trn_device_unref(dev);
		_exit(fake.calls == calls ? 0 : 1);
	}
	EXPECT(wait(&status) > 0);
	EXPECT(WIFEXITED(status));
	EXPECT(!WEXITSTATUS(status));
	trn_queue_unref(queue);
	trn_bo_unref(bo);
	trn_device_unref(dev);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(allocation_is_rounded_up_and_knows_its_region),
		TAP_TEST(bad_allocations_are_refused),
		TAP_TEST(handle_is_closed_if_the_kernel_tells_nothing_about_it),
		TAP_TEST(mapping_is_made_once),
		TAP_TEST(mapping_that_fails_is_told),
		TAP_TEST(mapping_shows_the_memory_of_the_bo),
		TAP_TEST(memory_that_is_never_mapped_cannot_be),
		TAP_TEST(pinned_memory_stays_where_and_as_long_as_it_is),
		TAP_TEST(bad_pins_are_refused),
		TAP_TEST(bo_keeps_its_device),
		TAP_TEST(unref_in_a_child_leaves_the_parents_objects),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
