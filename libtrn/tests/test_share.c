// SPDX-License-Identifier: MIT
/* BOs as dma-bufs: one object a handle, closed once. */
#include <fcntl.h>

#include "tap.h"

static struct trn_bo *new_bo(struct trn_device *dev)
{
	struct trn_bo *bo = NULL;

	EXPECT_RET(trn_bo_new(dev, FAKE_GRANULE, 1, 0, &bo), 0);
	return bo;
}

static void what_was_exported_comes_back_as_itself(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo = new_bo(dev), *again;
	int fd;

	EXPECT_RET(trn_bo_export(bo, &fd), 0);
	EXPECT_RET(trn_bo_import(dev, fd, &again), 0);
	EXPECT(again == bo);
	close(fd);
	trn_bo_unref(again);
	EXPECT(fake.open_bos == 1);
	trn_bo_unref(bo);
	EXPECT(!fake.open_bos);
	trn_device_unref(dev);
}

static void foreign_memory_is_one_object_however_often_imported(void)
{
	struct trn_device *dev = tap_open();
	int fd = open(tap_node, O_RDONLY);
	struct trn_bo *first, *second;

	EXPECT_RET(trn_bo_import(dev, fd, &first), 0);
	EXPECT_RET(trn_bo_import(dev, fd, &second), 0);
	EXPECT(first == second);
	EXPECT(fake.open_bos == 1);
	EXPECT(trn_bo_size(first) == FAKE_GRANULE);
	trn_bo_unref(first);
	EXPECT(fake.open_bos == 1);
	trn_bo_unref(second);
	EXPECT(!fake.open_bos);
	/* Gone, so it is a new one. */
	EXPECT_RET(trn_bo_import(dev, fd, &first), 0);
	trn_bo_unref(first);
	close(fd);
	trn_device_unref(dev);
}

static void shared_objects_leave_in_any_order(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bos[3];
	int fds[3];

	for (int i = 0; i < 3; i++) {
		bos[i] = new_bo(dev);
		EXPECT_RET(trn_bo_export(bos[i], &fds[i]), 0);
		close(fds[i]);
	}
	EXPECT_RET(trn_bo_export(bos[1], &fds[1]), 0);
	close(fds[1]);
	trn_bo_unref(bos[1]);
	trn_bo_unref(bos[2]);
	trn_bo_unref(bos[0]);
	EXPECT(!fake.open_bos);
	EXPECT(!dev->shared_bos);
	trn_device_unref(dev);
}

/* The last reference is being dropped, and its handle comes by an import meanwhile. */
static void handle_of_a_dying_object_is_taken_over(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *old = new_bo(dev), *taker;
	int fd;

	EXPECT_RET(trn_bo_export(old, &fd), 0);
	EXPECT(trn_ref_put(&old->refs));
	EXPECT_RET(trn_bo_import(dev, fd, &taker), 0);
	EXPECT(taker != old);
	EXPECT(!old->handle);
	atomic_init(&old->refs, 1);
	trn_bo_unref(old);
	EXPECT(fake.open_bos == 1);
	trn_bo_unref(taker);
	EXPECT(!fake.open_bos);
	close(fd);
	trn_device_unref(dev);
}

static void errors_are_the_kernels(void)
{
	struct trn_device *dev = tap_open();
	struct trn_bo *bo, *pinned;
	static char memory[64];
	int fd = open(tap_node, O_RDONLY);

	EXPECT_RET(trn_bo_pin(dev, memory, sizeof(memory), 0, &pinned), 0);
	EXPECT_RET(trn_bo_export(pinned, &fd), -EINVAL);
	trn_bo_unref(pinned);
	EXPECT_RET(trn_bo_import(dev, -1, &bo), -EBADF);
	fake.fail_request = DRM_IOCTL_TRN_BO_INFO;
	fake.fail_errno = ENOMEM;
	EXPECT_RET(trn_bo_import(dev, fd, &bo), -ENOMEM);
	EXPECT(!fake.open_bos);
	close(fd);
	trn_device_unref(dev);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(what_was_exported_comes_back_as_itself),
		TAP_TEST(foreign_memory_is_one_object_however_often_imported),
		TAP_TEST(shared_objects_leave_in_any_order),
		TAP_TEST(handle_of_a_dying_object_is_taken_over),
		TAP_TEST(errors_are_the_kernels),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
