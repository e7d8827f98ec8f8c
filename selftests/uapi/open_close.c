// SPDX-License-Identifier: GPL-2.0-only
/* The device node: its driver, many opens, and the resources that a close gives back. */
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

#include "tt_harness.h"

FIXTURE(open_close)
{
	struct tt_device dev;
	char path[PATH_MAX];
};

FIXTURE_SETUP(open_close)
{
	ASSERT_EQ(0, tt_device_path(self->path, sizeof(self->path)));
	ASSERT_EQ(0, tt_device_open(&self->dev));
}

FIXTURE_TEARDOWN(open_close)
{
	tt_device_close(&self->dev);
}

TEST_F(open_close, driver_is_trn)
{
	drmVersionPtr version = drmGetVersion(self->dev.fd);

	ASSERT_NE(NULL, version);
	EXPECT_STREQ("trn", version->name);
	EXPECT_LT(0, version->desc_len);
	drmFreeVersion(version);
}

TEST_F(open_close, timeline_syncobjs_are_offered)
{
	uint64_t value = 0;

	EXPECT_EQ(0, drmGetCap(self->dev.fd, DRM_CAP_SYNCOBJ, &value));
	EXPECT_EQ(1, value);
	value = 0;
	EXPECT_EQ(0, drmGetCap(self->dev.fd, DRM_CAP_SYNCOBJ_TIMELINE, &value));
	EXPECT_EQ(1, value);
}

TEST_F(open_close, many_opens_at_once_work)
{
	int fds[200], i;

	for (i = 0; i < 200; i++) {
		fds[i] = open(self->path, O_RDWR | O_CLOEXEC);
		ASSERT_LE(0, fds[i]);
	}
	for (i = 0; i < 200; i++)
		EXPECT_EQ(0, close(fds[i]));
}

TEST_F(open_close, open_and_close_repeats)
{
	unsigned int i, rounds = tt_scale(1000, 100);

	for (i = 0; i < rounds; i++) {
		int fd = open(self->path, O_RDWR | O_CLOEXEC);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close(fd));
	}
}

TEST_F(open_close, dup_keeps_the_objects)
{
	struct drm_trn_bo_info info;
	struct tt_bo bo;
	int fd = dup(self->dev.fd);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &bo));
	close(self->dev.fd);
	self->dev.fd = -1;
	EXPECT_EQ(0, tt_bo_info(fd, bo.handle, &info));
	close(fd);
}

TEST_F(open_close, close_gives_everything_back)
{
	struct tt_usage before;
	struct tt_device other;
	struct tt_queue queue;
	struct tt_bo hbm, host, user;
	uint64_t size = 16 * TT_MIB;
	void *mem = tt_pages(size);
	int i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &before));
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_bo_create(other.fd, size, other.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_create(other.fd, size, other.system, &host));
	ASSERT_EQ(0, tt_bo_userptr(other.fd, mem, size, 0, &user));
	ASSERT_EQ(0, tt_queue_create(other.fd, DRM_TRN_NONE, 0, &queue));
	for (i = 0; i < 16; i++) {
		struct drm_trn_op ops[] = {
			tt_op_copy(&hbm, 0, &user, 0, size),
			tt_op_copy(&host, 0, &hbm, 0, size),
		};

		ASSERT_EQ(0, tt_submit(&queue, ops, 2, NULL));
	}
	/* Work is in flight, and only the mappings keep the memory alive. */
	munmap(hbm.map, hbm.size);
	munmap(host.map, host.size);
	tt_device_close(&other);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &before));
}

TEST_HARNESS_MAIN
