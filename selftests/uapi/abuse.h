/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of the suites of wrong arguments: one object of each kind. */
#ifndef ABUSE_H
#define ABUSE_H

#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

FIXTURE(abuse)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_uqueue user;
	struct tt_vm vm;
	struct tt_bo a, b;
	char *edge;		/* end of a page; the next one cannot be touched */
	struct tt_usage before;
};

FIXTURE_SETUP(abuse)
{
	char *pages = tt_pages(2 * TT_PAGE);
	struct drm_trn_queue_create queue;

	ASSERT_NE(NULL, pages);
	/* Kept, so that nothing else gets there. */
	ASSERT_EQ(0, mprotect(pages + TT_PAGE, TT_PAGE, PROT_NONE));
	self->edge = pages + TT_PAGE;
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &self->vm));
	queue = tt_uqueue_args(self->vm.id, TT_UPATH_RING, 64);
	ASSERT_EQ(0, tt_uqueue_create(self->dev.fd, &queue, NULL, &self->user));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &self->a));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &self->b));
}

FIXTURE_TEARDOWN(abuse)
{
	tt_bo_close(&self->b);
	tt_bo_close(&self->a);
	tt_uqueue_destroy(&self->user);
	tt_vm_destroy(&self->vm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

#endif /* ABUSE_H */
