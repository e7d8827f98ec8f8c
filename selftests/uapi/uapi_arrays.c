// SPDX-License-Identifier: GPL-2.0-only
/* Arrays that calls take: elements, their size, number and place. */
#include "abuse.h"
#include "tt_vm.h"

/* Strides that are multiples of 8, as they must be, but too large. */
#define LONGER_THAN_A_PAGE	(4096 + 8)
#define LONGEST			0xfffffff8u

/* Submit with an ops array of any shape; only the error counts. */
static int submit_array(FIXTURE_DATA(abuse) *self, const void *ops, uint32_t stride, uint32_t count)
{
	struct drm_trn_queue_submit args = {
		.queue_id = self->queue.id,
		.ops = { stride, count, (uintptr_t)ops },
	};
	int ret = tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);

	return ret ? ret : tt_wait(&self->queue, args.point);
}

static int submit_sync_array(FIXTURE_DATA(abuse) *self, const void *syncs, uint32_t stride,
			     uint32_t count)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, 64);
	struct drm_trn_queue_submit args = {
		.queue_id = self->queue.id,
		.ops = { sizeof(op), 1, (uintptr_t)&op },
		.syncs = { stride, count, (uintptr_t)syncs },
	};
	int ret = tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);

	return ret ? ret : tt_wait(&self->queue, args.point);
}

static int bind_arrays(FIXTURE_DATA(abuse) *self, struct drm_trn_array ops,
		       struct drm_trn_array syncs)
{
	struct drm_trn_vm_bind args = {
		.vm_id = self->vm.id,
		.flags = DRM_TRN_VM_BIND_ASYNC,
		.ops = ops,
		.syncs = syncs,
	};

	return tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_BIND, &args);
}

static int bind_array(FIXTURE_DATA(abuse) *self, const void *ops, uint32_t stride, uint32_t count)
{
	return bind_arrays(self, (struct drm_trn_array) { stride, count, (uintptr_t)ops },
			   (struct drm_trn_array) { 0 });
}

static int bind_sync_array(FIXTURE_DATA(abuse) *self, const void *syncs, uint32_t stride,
			   uint32_t count)
{
	struct drm_trn_vm_op op = tt_vm_op_unmap(TT_GIB, TT_PAGE);

	return bind_arrays(self, (struct drm_trn_array) { sizeof(op), 1, (uintptr_t)&op },
			   (struct drm_trn_array) { stride, count, (uintptr_t)syncs });
}

TEST_F(abuse, arrays_of_binds_obey_the_same_rules)
{
	const uint32_t full = sizeof(struct drm_trn_vm_op);
	const uint32_t bad[] = {
		0, 1, 8, full - 8, full - 1, full + 1, full + 4, 0xffffffff,
	};
	struct drm_trn_vm_op ops[2] = {
		tt_vm_op_map(&self->a, 0, TT_GIB, TT_PAGE, TT_VM_RW),
		tt_vm_op_unmap(TT_GIB, TT_PAGE),
	};
	struct { struct drm_trn_vm_op op; uint64_t tail; } long_ops[2] = {
		{ ops[0], 0 }, { ops[1], 0 },
	};
	struct drm_trn_sync sync = { DRM_TRN_SYNC_SIGNAL, self->queue.syncobj, 1000 };
	uint32_t max = self->dev.info.max_bind_ops;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, bind_array(self, ops, bad[i], 2)) {
			TH_LOG("stride %u", bad[i]);
		}
	}
	for (i = 0; i < sizeof(sync); i++) {
		EXPECT_EQ(-EINVAL, bind_sync_array(self, &sync, i, 1)) {
			TH_LOG("stride %zu", i);
		}
	}
	EXPECT_EQ(-E2BIG, bind_array(self, ops, LONGER_THAN_A_PAGE, 1));
	EXPECT_EQ(-E2BIG, bind_array(self, ops, LONGEST, max));
	EXPECT_EQ(-E2BIG, bind_sync_array(self, &sync, 0x80000000, 1));
	EXPECT_EQ(-EINVAL, bind_array(self, ops, sizeof(ops[0]), max + 1));
	EXPECT_EQ(-EINVAL, bind_array(self, ops, sizeof(ops[0]), 0xffffffff));
	EXPECT_EQ(-EINVAL, bind_sync_array(self, &sync, 16, self->dev.info.max_syncs + 1));
	EXPECT_EQ(0, bind_array(self, long_ops, sizeof(long_ops[0]), 2));
	long_ops[1].tail = 1ull << 63;
	EXPECT_EQ(-E2BIG, bind_array(self, long_ops, sizeof(long_ops[0]), 2));
	memcpy(self->edge - sizeof(ops), ops, sizeof(ops));
	EXPECT_EQ(0, bind_array(self, self->edge - sizeof(ops), sizeof(ops[0]), 2));
	EXPECT_EQ(-EFAULT, bind_array(self, self->edge - sizeof(ops), sizeof(ops[0]), 3));
	EXPECT_EQ(-EFAULT, bind_array(self, self->edge - 8, sizeof(ops[0]), 1));
	EXPECT_EQ(-EFAULT, bind_array(self, (void *)0xffff888000000000, sizeof(ops[0]), 1));
	EXPECT_EQ(-EFAULT, bind_sync_array(self, self->edge - 8, 16, 1));
	EXPECT_EQ(0, bind_sync_array(self, (void *)~0ull, 0, 0));
}

TEST_F(abuse, strides_are_checked)
{
	const uint32_t full = sizeof(struct drm_trn_op);
	const uint32_t bad[] = {
		0, 1, 4, 8, full - 8, full - 1, full + 1, full + 2, full + 4, full + 12, 0xffffffff,
	};
	struct drm_trn_op ops[2] = {
		tt_op_copy(&self->b, 0, &self->a, 0, 64),
		tt_op_copy(&self->b, 64, &self->a, 64, 64),
	};
	struct drm_trn_sync sync = { DRM_TRN_SYNC_SIGNAL, self->queue.syncobj, 1000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, submit_array(self, ops, bad[i], 1)) {
			TH_LOG("stride %u", bad[i]);
		}
		EXPECT_EQ(-EINVAL, submit_array(self, ops, bad[i], 2)) {
			TH_LOG("stride %u, two elements", bad[i]);
		}
	}
	for (i = 0; i < sizeof(sync); i++) {
		EXPECT_EQ(-EINVAL, submit_sync_array(self, &sync, i, 1)) {
			TH_LOG("stride %zu", i);
		}
	}
	EXPECT_EQ(-EINVAL, submit_sync_array(self, &sync, sizeof(sync) + 4, 1));
	EXPECT_EQ(-E2BIG, submit_array(self, ops, LONGER_THAN_A_PAGE, 1));
	EXPECT_EQ(-E2BIG, submit_array(self, ops, LONGEST, 1));
	EXPECT_EQ(-E2BIG, submit_array(self, ops, LONGEST, self->dev.info.max_ops));
	EXPECT_EQ(-E2BIG, submit_sync_array(self, &sync, 0x80000000, self->dev.info.max_syncs));
}

TEST_F(abuse, longer_elements_with_zero_tails_work)
{
	static const uint32_t strides[] = { 56, 64, 128, 4096 };
	char *space = tt_pages(2 * TT_PAGE);
	size_t i;

	ASSERT_NE(NULL, space);
	for (i = 0; i < ARRAY_SIZE(strides); i++) {
		struct drm_trn_op ops[2] = {
			tt_op_copy(&self->b, 0, &self->a, 0, 64),
			tt_op_copy(&self->b, 64, &self->a, 64, 64),
		};

		memset(space, 0, 2 * TT_PAGE);
		memcpy(space, &ops[0], sizeof(ops[0]));
		memcpy(space + strides[i], &ops[1], sizeof(ops[1]));
		tt_pattern_fill(self->a.map, 128, i);
		EXPECT_EQ(0, submit_array(self, space, strides[i], 2)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(128, tt_pattern_match(self->b.map, 128, i)) {
			TH_LOG("case %d", (int)i);
		}
		/* The last byte of the first tail, then of the second. */
		space[strides[i] - 1] = 1;
		EXPECT_EQ(-E2BIG, submit_array(self, space, strides[i], 2)) {
			TH_LOG("case %d", (int)i);
		}
		space[strides[i] - 1] = 0;
		space[strides[i] + sizeof(ops[1])] = 1;
		EXPECT_EQ(-E2BIG, submit_array(self, space, strides[i], 2)) {
			TH_LOG("case %d", (int)i);
		}
	}
}

TEST_F(abuse, longer_syncs_with_zero_tails_work)
{
	struct { struct drm_trn_sync sync; uint64_t tail; } long_sync = {
		.sync = { DRM_TRN_SYNC_SIGNAL, 0, 0 },
	};

	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &long_sync.sync.handle));
	EXPECT_EQ(0, submit_sync_array(self, &long_sync, sizeof(long_sync), 1));
	long_sync.tail = 1ull << 63;
	EXPECT_EQ(-E2BIG, submit_sync_array(self, &long_sync, sizeof(long_sync), 1));
	drmSyncobjDestroy(self->dev.fd, long_sync.sync.handle);
}

TEST_F(abuse, array_at_the_end_of_a_page_works)
{
	struct drm_trn_op ops[3] = {
		tt_op_copy(&self->b, 0, &self->a, 0, 64),
		tt_op_copy(&self->b, 64, &self->a, 64, 64),
		tt_op_copy(&self->b, 128, &self->a, 128, 64),
	};
	char *place = self->edge - sizeof(ops);

	memcpy(place, ops, sizeof(ops));
	tt_pattern_fill(self->a.map, 192, 1);
	EXPECT_EQ(0, submit_array(self, place, sizeof(ops[0]), 3));
	EXPECT_EQ(192, tt_pattern_match(self->b.map, 192, 1));
	EXPECT_EQ(-EFAULT, submit_array(self, place, sizeof(ops[0]), 4));
	/* The last element alone is cut off. */
	memmove(place + 8, place, sizeof(ops) - 8);
	EXPECT_EQ(-EFAULT, submit_array(self, place + 8, sizeof(ops[0]), 3));
	EXPECT_EQ(-EFAULT, submit_array(self, self->edge, sizeof(ops[0]), 1));
}

TEST_F(abuse, wild_array_pointers_are_efault)
{
	static const uint64_t wild[] = {
		0, 1, 4096, 0x00007ffffffff000, 0x0000800000000000, 0xffff800000000000,
		0xffff888000000000, 0xffffffff81000000, 0xfffffffffffff000, ~0ull - 7, ~0ull,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		EXPECT_EQ(-EFAULT, submit_array(self, (void *)wild[i], 48, 1)) {
			TH_LOG("ops at %#llx", (unsigned long long)wild[i]);
		}
		EXPECT_EQ(-EFAULT, submit_sync_array(self, (void *)wild[i], 16, 1)) {
			TH_LOG("syncs at %#llx", (unsigned long long)wild[i]);
		}
	}
}

TEST_F(abuse, pointer_of_an_empty_array_is_ignored)
{
	EXPECT_EQ(0, submit_sync_array(self, (void *)~0ull, 16, 0));
	EXPECT_EQ(0, submit_sync_array(self, (void *)~0ull, 0, 0));
}

TEST_F(abuse, counts_are_limited)
{
	uint32_t n = self->dev.info.max_ops + 1;
	struct drm_trn_op *ops = calloc(n, sizeof(*ops));
	uint32_t i;

	ASSERT_NE(NULL, ops);
	for (i = 0; i < n; i++)
		ops[i] = tt_op_fill(&self->a, i % 1024 * 4, 4, i);
	EXPECT_EQ(-EINVAL, submit_array(self, ops, sizeof(*ops), 0));
	EXPECT_EQ(-EINVAL, submit_array(self, ops, sizeof(*ops), n));
	EXPECT_EQ(-EINVAL, submit_array(self, ops, sizeof(*ops), 0x80000000));
	EXPECT_EQ(-EINVAL, submit_array(self, ops, sizeof(*ops), 0xffffffff));
	EXPECT_EQ(-EINVAL, submit_sync_array(self, ops, 16, self->dev.info.max_syncs + 1));
	EXPECT_EQ(-EINVAL, submit_sync_array(self, ops, 16, 0xffffffff));
	EXPECT_EQ(0, submit_array(self, ops, sizeof(*ops), n - 1));
	free(ops);
}

/* ---- operations ---- */

TEST_F(abuse, dirty_operation_fields_are_refused)
{
	struct drm_trn_op good = tt_op_copy(&self->b, 0, &self->a, 0, 64), op;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		op = good;
		op.flags = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
		op = good;
		op.pad = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
		op = good;
		op.pattern = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
		if (bit < 1)
			continue;
		op = good;
		op.type = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
	}
	op = good;
	op.type = 0xffffffff;
	EXPECT_EQ(-EINVAL, tt_run(&self->queue, &op, 1));
	EXPECT_EQ(0, tt_run(&self->queue, &good, 1));
}

TEST_F(abuse, one_bad_operation_stops_the_whole_batch)
{
	struct drm_trn_queue_get_state before, after;
	struct drm_trn_op ops[16];
	int bad, i;

	memset(self->b.map, 0, TT_MIB);
	tt_pattern_fill(self->a.map, TT_MIB, 3);
	ASSERT_EQ(0, tt_queue_state(&self->queue, &before));
	for (bad = 0; bad < 16; bad += 5) {
		for (i = 0; i < 16; i++)
			ops[i] = tt_op_copy(&self->b, i * 4096, &self->a, i * 4096, 4096);
		ops[bad].size = TT_MIB + 1;
		EXPECT_EQ(-EINVAL, tt_run(&self->queue, ops, 16));
		ops[bad].size = 4096;
		ops[bad].src = 0x1234;
		EXPECT_EQ(-ENOENT, tt_run(&self->queue, ops, 16));
	}
	ASSERT_EQ(0, tt_queue_state(&self->queue, &after));
	EXPECT_EQ(before.submitted, after.submitted);
	EXPECT_EQ(TT_MIB, tt_byte_match(self->b.map, TT_MIB, 0));
}

TEST_HARNESS_MAIN
