// SPDX-License-Identifier: GPL-2.0-only
/* Attaching and pinning of exported memory by importers of other drivers. */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-buf.h>

#include "base/trn_device.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm.h"

static void stranger_move_notify(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops stranger_ops = {
	.allow_peer2peer = true,
	.move_notify = stranger_move_notify,
};

static const struct trn_upcalls no_upcalls;

struct ctx {
	struct trn_device tdev;
	struct trn_hbm hbm;
	struct trn_seg seg;
	struct trn_bo bo;
	struct dma_buf buf;
	struct dma_buf_attachment attach;
};

static int prime_init(struct kunit *test)
{
	struct ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->bo = (struct trn_bo) { .size = PAGE_SIZE, .segs = &ctx->seg, .num_segs = 1 };
	ctx->seg.end = PAGE_SIZE;
	ctx->tdev.upcalls = &no_upcalls;
	ctx->bo.base.dev = &ctx->tdev.drm;
	ctx->tdev.hbm = &ctx->hbm;
	ctx->hbm.cpu_visible = PAGE_SIZE;
	ctx->buf.priv = &ctx->bo.base;
	ctx->attach.dmabuf = &ctx->buf;
	ctx->attach.importer_ops = &stranger_ops;
	ctx->attach.peer2peer = true;
	ctx->attach.dev = kunit_device_register(test, "trn_prime");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->attach.dev);
	test->priv = ctx;
	return 0;
}

static void host_memory_can_be_pinned(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	ctx->bo.kind = TRN_BO_HOST;
	ctx->attach.peer2peer = false;
	KUNIT_EXPECT_EQ(test, trn_export_attach(&ctx->buf, &ctx->attach), 0);
	KUNIT_EXPECT_EQ(test, trn_export_pin(&ctx->attach), 0);
}

static void hbm_cannot_be_pinned(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	ctx->bo.kind = TRN_BO_HBM;
	KUNIT_EXPECT_EQ(test, trn_export_pin(&ctx->attach), -EOPNOTSUPP);
}

static void hbm_is_for_those_who_reach_it(struct kunit *test)
{
	struct ctx *ctx = test->priv;

	ctx->bo.kind = TRN_BO_HBM;
	/* No device of PCI. */
	KUNIT_EXPECT_EQ(test, trn_export_attach(&ctx->buf, &ctx->attach), -EOPNOTSUPP);
	KUNIT_EXPECT_FALSE(test, ctx->attach.peer2peer);
}

static struct kunit_case prime_cases[] = {
	KUNIT_CASE(host_memory_can_be_pinned),
	KUNIT_CASE(hbm_cannot_be_pinned),
	KUNIT_CASE(hbm_is_for_those_who_reach_it),
	{}
};

static struct kunit_suite prime_suite = {
	.name = "trn_prime",
	.init = prime_init,
	.test_cases = prime_cases,
};

kunit_test_suite(prime_suite);
