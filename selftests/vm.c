// SPDX-License-Identifier: GPL-2.0-only
/* VM_CREATE, _DESTROY and _BIND: limits, arguments, books, order, ends. */
#include "trn_harness.h"
#include "trn_fence.h"
#include "trn_vm.h"

#define VA	(1ull << 40)

FIXTURE(vm)
{
	struct tt_device dev;
	struct tt_vm vm;
	struct tt_bo bo;
	struct tt_usage before;
};

FIXTURE_SETUP(vm)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &self->vm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &self->bo));
}

FIXTURE_TEARDOWN(vm)
{
	tt_bo_close(&self->bo);
	if (self->vm.id)
		EXPECT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

TEST_F(vm, maps_and_unmaps)
{
	struct tt_vm_books books;

	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	ASSERT_EQ(1, books.num_mappings);
	EXPECT_EQ(VA, books.mappings[0].va);
	EXPECT_EQ(TT_MIB, books.mappings[0].size);
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, TT_MIB));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	EXPECT_EQ(0, books.num_mappings);
}

TEST_HARNESS_MAIN
