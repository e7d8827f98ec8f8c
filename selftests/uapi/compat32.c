// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit program on the 64-bit kernel, with nothing but the kernel's headers:
 * open, query, memory, mapping, queue, copy, wait.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>

#include "drm/trn_accel.h"

#include <kselftest_harness.h>

#define SIZE 65536

_Static_assert(sizeof(void *) == 4, "this is for -m32");

FIXTURE(compat32)
{
	struct drm_trn_query_device info;
	int fd;
};

static uint64_t user_address(const void *at)
{
	return (uintptr_t)at;
}

/* A device of the driver, or -1. */
static int open_device(void)
{
	char name[8], path[64];
	int n;

	for (n = 0; n < 64; n++) {
		struct drm_version version = { .name = name, .name_len = sizeof(name) };
		int fd;

		snprintf(path, sizeof(path), "/dev/accel/accel%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!ioctl(fd, DRM_IOCTL_VERSION, &version) && version.name_len == 3 &&
		    !memcmp(name, "trn", 3))
			return fd;
		close(fd);
	}
	return -1;
}

FIXTURE_SETUP(compat32)
{
	struct drm_trn_dev_query query = {
		.type = DRM_TRN_QUERY_DEVICE,
		.size = sizeof(self->info),
		.pointer = user_address(&self->info),
	};

	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ioctl(self->fd, DRM_IOCTL_TRN_DEV_QUERY, &query));
	ASSERT_EQ(sizeof(self->info), query.size);
}

FIXTURE_TEARDOWN(compat32)
{
	close(self->fd);
}

/* A BO of @placement, mapped. */
static void *create_bo(int fd, uint64_t placement, uint32_t *handle)
{
	struct drm_trn_bo_create args = { .size = SIZE, .placement = placement };

	if (ioctl(fd, DRM_IOCTL_TRN_BO_CREATE, &args))
		return MAP_FAILED;
	*handle = args.handle;
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, args.mmap_offset);
}

static int submit(int fd, uint32_t queue, const struct drm_trn_op *op, uint64_t *point)
{
	struct drm_trn_queue_submit args = {
		.queue_id = queue,
		.ops = { .stride = sizeof(*op), .count = 1, .ptr = user_address(op) },
	};
	int ret = ioctl(fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);

	*point = args.point;
	return ret;
}

static int wait_point(int fd, uint32_t syncobj, uint64_t point)
{
	struct drm_syncobj_timeline_wait args = {
		.handles = user_address(&syncobj),
		.points = user_address(&point),
		.count_handles = 1,
	};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	args.timeout_nsec = (now.tv_sec + 60) * 1000000000ll;
	return ioctl(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
}

TEST_F(compat32, copies_through_a_queue)
{
	struct drm_trn_queue_create queue = { .engine = DRM_TRN_NONE };
	struct drm_trn_queue_get_state state;
	struct drm_trn_op op = { .size = SIZE };
	uint64_t system = 1ull << (self->info.num_regions - 1);
	uint64_t point;
	uint32_t *from, *to;
	size_t i;

	from = create_bo(self->fd, system - 1, &op.src);
	ASSERT_NE(MAP_FAILED, from);
	to = create_bo(self->fd, system, &op.dst);
	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(0, ioctl(self->fd, DRM_IOCTL_TRN_QUEUE_CREATE, &queue));
	for (i = 0; i < SIZE / sizeof(*from); i++)
		from[i] = i * 2654435761u;
	ASSERT_EQ(0, submit(self->fd, queue.queue_id, &op, &point));
	EXPECT_EQ(1, point);
	ASSERT_EQ(0, wait_point(self->fd, queue.syncobj, point));
	EXPECT_EQ(0, memcmp(from, to, SIZE));

	memset(&state, 0, sizeof(state));
	state.queue_id = queue.queue_id;
	ASSERT_EQ(0, ioctl(self->fd, DRM_IOCTL_TRN_QUEUE_GET_STATE, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_READY, state.state);
	EXPECT_EQ(1, state.completed);
}

TEST_F(compat32, own_memory_is_pinned)
{
	struct drm_trn_queue_create queue = { .engine = DRM_TRN_NONE };
	struct drm_trn_bo_userptr pin = { .size = SIZE };
	struct drm_trn_op op = {
		.type = DRM_TRN_OP_FILL,
		.size = SIZE,
		.pattern = 0xa5a5a5a5,
	};
	uint64_t point;
	uint32_t *mem;
	size_t i;

	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	pin.addr = user_address(mem);
	ASSERT_EQ(0, ioctl(self->fd, DRM_IOCTL_TRN_BO_USERPTR, &pin));
	op.dst = pin.handle;
	ASSERT_EQ(0, ioctl(self->fd, DRM_IOCTL_TRN_QUEUE_CREATE, &queue));
	ASSERT_EQ(0, submit(self->fd, queue.queue_id, &op, &point));
	ASSERT_EQ(0, wait_point(self->fd, queue.syncobj, point));
	for (i = 0; i < SIZE / sizeof(*mem); i++)
		ASSERT_EQ(0xa5a5a5a5, mem[i]);
}

TEST_F(compat32, addresses_beyond_its_own_are_refused)
{
	struct drm_trn_bo_userptr pin = { .addr = 1ull << 32, .size = SIZE };
	struct drm_trn_dev_query query = {
		.type = DRM_TRN_QUERY_DEVICE,
		.size = sizeof(self->info),
		.pointer = (1ull << 32) + user_address(&self->info),
	};

	EXPECT_EQ(-1, ioctl(self->fd, DRM_IOCTL_TRN_BO_USERPTR, &pin));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->fd, DRM_IOCTL_TRN_DEV_QUERY, &query));
	EXPECT_EQ(EFAULT, errno);
}

TEST_HARNESS_MAIN
