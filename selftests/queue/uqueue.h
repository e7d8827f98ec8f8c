/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of the suites of user-mode queues: a device and a queue with two BOs. */
#ifndef UQUEUE_H
#define UQUEUE_H

#include "tt_harness.h"
#include "tt_uqueue.h"

#define RING 64
#define SIZE (256 * TT_KIB)

FIXTURE(uqueue)
{
	struct tt_device dev;
	struct tt_usage before;
	struct tt_upath path;
};

FIXTURE_SETUP(uqueue)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, SIZE, &self->path));
}

FIXTURE_TEARDOWN(uqueue)
{
	tt_upath_close(&self->path);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

#endif /* UQUEUE_H */
