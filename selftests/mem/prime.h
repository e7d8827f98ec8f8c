/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of the suites of dma-bufs: one device with a BO of each kind. */
#ifndef PRIME_H
#define PRIME_H

#include "tt_harness.h"
#include "tt_prime.h"

#define SIZE (256 * TT_KIB)

FIXTURE(prime)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo hbm, host;
	struct tt_usage before;
};

FIXTURE_SETUP(prime)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->host));
}

FIXTURE_TEARDOWN(prime)
{
	tt_bo_close(&self->host);
	tt_bo_close(&self->hbm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

#endif /* PRIME_H */
