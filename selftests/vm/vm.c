// SPDX-License-Identifier: GPL-2.0-only
/* VM_CREATE, VM_DESTROY and VM_BIND that waits: limits, arguments, mappings, ends. */
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_vm.h"

#define VA	(1ull << 40)

FIXTURE(vm)
{
	struct tt_device dev;
	struct tt_vm vm;
	struct tt_bo bo;
	struct tt_usage before;
	int64_t idle_bytes;	/* tables of an empty VM */
};

FIXTURE_SETUP(vm)
{
	struct tt_vm_books books;

	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &self->vm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 4 * TT_MIB, self->dev.hbm, &self->bo));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	ASSERT_EQ(1, books.num_vms);
	self->idle_bytes = books.table_bytes;
}

FIXTURE_TEARDOWN(vm)
{
	struct tt_vm_books books;

	tt_bo_close(&self->bo);
	if (self->vm.id)
		EXPECT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(0, tt_vm_read_books(&books));
	EXPECT_EQ(0, books.num_vms);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* Mapping @n of the only VM is this one. */
static bool is_mapped(unsigned int n, uint64_t va, uint64_t size, uint64_t bo_offset)
{
	struct tt_vm_books books;

	return tt_fact("error", 0, tt_vm_read_books(&books)) &&
	       tt_fact("mapping exists", true, n < books.num_mappings) &&
	       tt_fact("address", va, books.mappings[n].va) &&
	       tt_fact("size", size, books.mappings[n].size) &&
	       tt_fact("offset in the BO", bo_offset, books.mappings[n].bo_offset);
}

static unsigned int num_mappings(void)
{
	struct tt_vm_books books;

	return tt_vm_read_books(&books) ? ~0u : books.num_mappings;
}

static int64_t table_bytes(void)
{
	struct tt_vm_books books;

	return tt_vm_read_books(&books) ? -1 : books.table_bytes;
}

/* ---- VMs ---- */

TEST_F(vm, limits_are_told)
{
	const struct drm_trn_query_device *info = &self->dev.info;

	EXPECT_LE(1, info->max_vms);
	EXPECT_LE(1, info->max_bind_ops);
	/* The page of a null pointer is not mapped. */
	EXPECT_LE(TT_PAGE, info->va_start);
	EXPECT_EQ(0, info->va_start % info->bo_granule);
	EXPECT_LE(1ull << 47, info->va_size);
	EXPECT_GE(1ull << 48, info->va_start + info->va_size);
	EXPECT_LE(TT_MIB, info->max_table_bytes);
}

TEST_F(vm, create_and_destroy_check_their_arguments)
{
	struct drm_trn_vm_create create;
	struct drm_trn_vm_destroy destroy;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		create = (struct drm_trn_vm_create) { .flags = 1u << bit };
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_CREATE, &create)) {
			TH_LOG("bit %u", bit);
		}
		destroy = (struct drm_trn_vm_destroy) { self->vm.id, 1u << bit };
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_DESTROY, &destroy)) {
			TH_LOG("bit %u", bit);
		}
	}
}

TEST_F(vm, unknown_ids_are_enoent)
{
	uint32_t bad[] = { 0, self->vm.id + 1, self->dev.info.max_vms + 1, 0x80000000, ~0u };
	struct drm_trn_vm_op op = tt_vm_op_map(&self->bo, 0, VA, TT_PAGE, TT_VM_RW);
	struct tt_vm vm;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		vm = (struct tt_vm) { self->dev.fd, bad[i] };
		EXPECT_EQ(-ENOENT, tt_vm_bind(&vm, &op, 1)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(-ENOENT, tt_vm_destroy(&vm)) {
			TH_LOG("case %d", (int)i);
		}
	}
	/* Once gone, an id stays gone. */
	vm = self->vm;
	ASSERT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(-ENOENT, tt_vm_bind(&vm, &op, 1));
	EXPECT_EQ(-ENOENT, tt_vm_destroy(&vm));
}

TEST_F(vm, ids_belong_to_their_file)
{
	struct drm_trn_vm_op op = tt_vm_op_unmap(VA, TT_PAGE);
	struct tt_device other;
	struct tt_vm vm;

	ASSERT_EQ(0, tt_device_open(&other));
	vm = (struct tt_vm) { other.fd, self->vm.id };
	EXPECT_EQ(-ENOENT, tt_vm_bind(&vm, &op, 1));
	EXPECT_EQ(-ENOENT, tt_vm_destroy(&vm));
	tt_device_close(&other);
}

TEST_F(vm, as_many_as_promised_and_no_more)
{
	uint32_t i, max = self->dev.info.max_vms;
	struct tt_device other;
	struct tt_vm vms[256], more;

	ASSERT_GE(ARRAY_SIZE(vms), max);
	for (i = 1; i < max; i++)
		ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vms[i]));
	EXPECT_EQ(-EMFILE, tt_vm_create(self->dev.fd, &more));
	/* Another file has a limit of its own; an id that was freed is free. */
	ASSERT_EQ(0, tt_device_open(&other));
	EXPECT_EQ(0, tt_vm_create(other.fd, &more));
	EXPECT_EQ(0, tt_vm_destroy(&vms[1]));
	EXPECT_EQ(0, tt_vm_create(self->dev.fd, &vms[1]));
	for (i = 1; i < max; i++)
		EXPECT_EQ(0, tt_vm_destroy(&vms[i]));
	tt_device_close(&other);
}

TEST_F(vm, device_runs_out_of_address_spaces)
{
	uint32_t i, n, max = self->dev.info.max_vms;
	struct tt_device files[80];
	struct tt_vm vm;
	int ret = 0;

	if (geteuid())
		SKIP(return, "needs root, to be many users");
	/* 4095 ASIDs, of which one is taken; a user gets 1024. */
	for (n = 0; n < ARRAY_SIZE(files) && !ret; n++) {
		ASSERT_EQ(0, tt_device_open_as(1000 + n / 16, &files[n]));
		for (i = 0; i < max && !ret; i++)
			ret = tt_vm_create(files[n].fd, &vm);
	}
	EXPECT_EQ(-ENOSPC, ret);
	EXPECT_EQ(4094, (n - 1) * max + i - 1);
	while (n--)
		tt_device_close(&files[n]);
	EXPECT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
}

/* ---- mappings ---- */

TEST_F(vm, maps_and_unmaps)
{
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	EXPECT_TRUE(is_mapped(0, VA, self->bo.size, 0));
	EXPECT_LT(self->idle_bytes, table_bytes());
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, self->bo.size));
	EXPECT_EQ(0, num_mappings());
	EXPECT_EQ(self->idle_bytes, table_bytes());
}

TEST_F(vm, the_whole_space_can_be_used)
{
	const struct drm_trn_query_device *info = &self->dev.info;
	uint64_t end = info->va_start + info->va_size;
	struct drm_trn_vm_op ops[] = {
		tt_vm_op_map(&self->bo, 0, info->va_start, TT_PAGE, TT_VM_RW),
		tt_vm_op_map(&self->bo, 0, end - TT_PAGE, TT_PAGE, TT_VM_RW),
	};

	ASSERT_EQ(0, tt_vm_bind(&self->vm, ops, 2));
	EXPECT_TRUE(is_mapped(0, info->va_start, TT_PAGE, 0));
	EXPECT_TRUE(is_mapped(1, end - TT_PAGE, TT_PAGE, 0));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, info->va_start, info->va_size));
	EXPECT_EQ(0, num_mappings());
	EXPECT_EQ(self->idle_bytes, table_bytes());
}

TEST_F(vm, one_bo_appears_many_times)
{
	struct drm_trn_vm_op ops[] = {
		tt_vm_op_map(&self->bo, 0, VA, TT_MIB, DRM_TRN_VM_MAP_READ),
		tt_vm_op_map(&self->bo, 0, VA + TT_MIB, TT_MIB, DRM_TRN_VM_MAP_WRITE),
		tt_vm_op_map(&self->bo, TT_PAGE, VA + TT_GIB, TT_MIB, TT_VM_RW),
	};
	struct tt_vm_books books;

	ASSERT_EQ(0, tt_vm_bind(&self->vm, ops, 3));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	ASSERT_EQ(3, books.num_mappings);
	EXPECT_EQ(books.mappings[0].bo, books.mappings[1].bo);
	EXPECT_EQ(books.mappings[0].bo, books.mappings[2].bo);
}

TEST_F(vm, parts_are_unmapped)
{
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA + TT_MIB, TT_PAGE));
	ASSERT_EQ(2, num_mappings());
	EXPECT_TRUE(is_mapped(0, VA, TT_MIB, 0));
	EXPECT_TRUE(is_mapped(1, VA + TT_MIB + TT_PAGE, 3 * TT_MIB - TT_PAGE, TT_MIB + TT_PAGE));
	/* A range that begins before and ends behind, with a hole in it. */
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA - TT_MIB, 3 * TT_MIB));
	ASSERT_EQ(1, num_mappings());
	EXPECT_TRUE(is_mapped(0, VA + 2 * TT_MIB, 2 * TT_MIB, 2 * TT_MIB));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA + 4 * TT_MIB - TT_PAGE, TT_GIB));
	ASSERT_EQ(1, num_mappings());
	EXPECT_TRUE(is_mapped(0, VA + 2 * TT_MIB, 2 * TT_MIB - TT_PAGE, 2 * TT_MIB));
	/* Nothing there: no error. */
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, TT_MIB));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA + TT_GIB, TT_MIB));
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm, mapping_replaces_what_is_there)
{
	struct tt_vm_books books;
	struct drm_trn_vm_op op;
	struct tt_bo other;

	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, TT_MIB, self->dev.system, &other));
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	op = tt_vm_op_map(&other, TT_PAGE, VA + TT_MIB, 2 * TT_PAGE, TT_VM_RW);
	ASSERT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	ASSERT_EQ(0, tt_vm_read_books(&books));
	ASSERT_EQ(3, books.num_mappings);
	EXPECT_TRUE(is_mapped(0, VA, TT_MIB, 0));
	EXPECT_TRUE(is_mapped(1, VA + TT_MIB, 2 * TT_PAGE, TT_PAGE));
	EXPECT_TRUE(is_mapped(2, VA + TT_MIB + 2 * TT_PAGE, 3 * TT_MIB - 2 * TT_PAGE,
			      TT_MIB + 2 * TT_PAGE));
	EXPECT_EQ(books.mappings[0].bo, books.mappings[2].bo);
	EXPECT_NE(books.mappings[0].bo, books.mappings[1].bo);
	/* The same again, and then over everything. */
	ASSERT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(3, num_mappings());
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	ASSERT_EQ(1, num_mappings());
	EXPECT_TRUE(is_mapped(0, VA, 4 * TT_MIB, 0));
	tt_bo_close(&other);
}

TEST_F(vm, operations_of_a_call_follow_each_other)
{
	struct drm_trn_vm_op ops[] = {
		tt_vm_op_map(&self->bo, 0, VA, 4 * TT_MIB, TT_VM_RW),
		tt_vm_op_unmap(VA, 2 * TT_MIB),
		tt_vm_op_map(&self->bo, 0, VA + TT_MIB, TT_MIB, TT_VM_RW),
		tt_vm_op_unmap(VA + 3 * TT_MIB, TT_MIB),
	};

	ASSERT_EQ(0, tt_vm_bind(&self->vm, ops, ARRAY_SIZE(ops)));
	ASSERT_EQ(2, num_mappings());
	EXPECT_TRUE(is_mapped(0, VA + TT_MIB, TT_MIB, 0));
	EXPECT_TRUE(is_mapped(1, VA + 2 * TT_MIB, TT_MIB, 2 * TT_MIB));
}

TEST_F(vm, as_many_operations_as_promised_and_no_more)
{
	uint32_t i, max = self->dev.info.max_bind_ops;
	struct drm_trn_vm_op *ops = calloc(max + 1, sizeof(*ops));

	ASSERT_NE(NULL, ops);
	for (i = 0; i <= max; i++)
		ops[i] = tt_vm_op_map(&self->bo, 0, VA + i * TT_PAGE, TT_PAGE, TT_VM_RW);
	EXPECT_EQ(-EINVAL, tt_vm_bind(&self->vm, ops, max + 1));
	EXPECT_EQ(-EINVAL, tt_vm_bind(&self->vm, ops, 0));
	EXPECT_EQ(0, num_mappings());
	EXPECT_EQ(0, tt_vm_bind(&self->vm, ops, max));
	EXPECT_EQ(max, num_mappings());
	free(ops);
}

/* ---- arguments ---- */

TEST_F(vm, one_wrong_argument_is_enough)
{
	const struct drm_trn_query_device *info = &self->dev.info;
	const struct drm_trn_vm_op map = tt_vm_op_map(&self->bo, 0, VA, TT_PAGE, TT_VM_RW);
	const struct drm_trn_vm_op unmap = tt_vm_op_unmap(VA, TT_PAGE);
	const uint64_t end = info->va_start + info->va_size;
	const struct { int error; struct drm_trn_vm_op op; } bad[] = {
#define MAP_WITH(e, ...)	{ e, ({ struct drm_trn_vm_op o = map; __VA_ARGS__; o; }) }
#define UNMAP_WITH(e, ...)	{ e, ({ struct drm_trn_vm_op o = unmap; __VA_ARGS__; o; }) }
		MAP_WITH(-EINVAL, o.type = 2),
		MAP_WITH(-EINVAL, o.type = ~0u),
		MAP_WITH(-EINVAL, o.flags = 0),
		MAP_WITH(-EINVAL, o.flags |= 1u << 2),
		MAP_WITH(-EINVAL, o.flags |= 1u << 31),
		MAP_WITH(-EINVAL, o.pad = 1),
		MAP_WITH(-ENOENT, o.handle = 0),
		MAP_WITH(-ENOENT, o.handle += 100),
		MAP_WITH(-EINVAL, o.size = 0),
		MAP_WITH(-EINVAL, o.size = 1),
		MAP_WITH(-EINVAL, o.size += 8),
		MAP_WITH(-EINVAL, o.size = self->bo.size + TT_PAGE),
		MAP_WITH(-EINVAL, o.size = ~0ull & ~(TT_PAGE - 1)),
		MAP_WITH(-EINVAL, o.va += 1),
		MAP_WITH(-EINVAL, o.va = 0),
		MAP_WITH(-EINVAL, o.va = info->va_start - TT_PAGE),
		MAP_WITH(-EINVAL, o.va = end),
		MAP_WITH(-EINVAL, o.va = end - TT_PAGE; o.size = 2 * TT_PAGE),
		MAP_WITH(-EINVAL, o.va = 1ull << 48),
		MAP_WITH(-EINVAL, o.va = 1ull << 63),
		MAP_WITH(-EINVAL, o.va = -TT_PAGE),
		MAP_WITH(-EINVAL, o.va = -TT_PAGE; o.size = 2 * TT_PAGE),
		MAP_WITH(-EINVAL, o.bo_offset = 512),
		MAP_WITH(-EINVAL, o.bo_offset = self->bo.size),
		MAP_WITH(-EINVAL, o.bo_offset = -TT_PAGE),
		MAP_WITH(-EINVAL, o.bo_offset = -TT_PAGE; o.size = 2 * TT_PAGE),
		UNMAP_WITH(-EINVAL, o.flags = DRM_TRN_VM_MAP_READ),
		UNMAP_WITH(-EINVAL, o.handle = self->bo.handle),
		UNMAP_WITH(-EINVAL, o.bo_offset = TT_PAGE),
		UNMAP_WITH(-EINVAL, o.pad = 1u << 31),
		UNMAP_WITH(-EINVAL, o.size = 0),
		UNMAP_WITH(-EINVAL, o.size = TT_PAGE - 1),
		UNMAP_WITH(-EINVAL, o.va = TT_PAGE / 2),
		UNMAP_WITH(-EINVAL, o.va = 0),
		UNMAP_WITH(-EINVAL, o.va = end),
		UNMAP_WITH(-EINVAL, o.size = ~0ull & ~(TT_PAGE - 1)),
	};
	struct drm_trn_vm_op ops[3] = { map, map, unmap };
	size_t i;

	ops[0].va += TT_MIB;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].error, tt_vm_bind(&self->vm, &bad[i].op, 1)) {
			TH_LOG("case %zu", i);
		}
		/* Between good ones, which then do nothing either. */
		ops[1] = bad[i].op;
		EXPECT_EQ(bad[i].error, tt_vm_bind(&self->vm, ops, 3));
		EXPECT_EQ(0, num_mappings());
	}
	EXPECT_EQ(self->idle_bytes, table_bytes());
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &map, 1));
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &unmap, 1));
}

TEST_F(vm, flags_of_the_call_are_checked)
{
	struct drm_trn_vm_op op = tt_vm_op_map(&self->bo, 0, VA, TT_PAGE, TT_VM_RW);
	struct drm_trn_sync sync = { .flags = DRM_TRN_SYNC_SIGNAL };
	struct drm_trn_vm_bind args = {
		.vm_id = self->vm.id,
		.ops = { sizeof(op), 1, (uintptr_t)&op },
	};
	unsigned int bit;

	for (bit = 1; bit < 32; bit++) {
		args.flags = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_BIND, &args));
	}
	/* A bind that waits takes no fences. */
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &sync.handle));
	args.flags = 0;
	args.syncs = (struct drm_trn_array) { sizeof(sync), 1, (uintptr_t)&sync };
	EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_BIND, &args));
	EXPECT_EQ(-EINVAL, tt_sync_wait(self->dev.fd, sync.handle, 0, 0, 0));
	EXPECT_EQ(0, num_mappings());
	drmSyncobjDestroy(self->dev.fd, sync.handle);
}

TEST_F(vm, read_only_memory_is_not_mapped_for_writing)
{
	struct drm_trn_vm_op op;
	void *mem = tt_pages(TT_MIB);
	struct tt_bo bo;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, TT_MIB, DRM_TRN_BO_READ_ONLY, &bo));
	op = tt_vm_op_map(&bo, 0, VA, TT_MIB, TT_VM_RW);
	EXPECT_EQ(-EACCES, tt_vm_bind(&self->vm, &op, 1));
	op.flags = DRM_TRN_VM_MAP_WRITE;
	EXPECT_EQ(-EACCES, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(0, num_mappings());
	op.flags = DRM_TRN_VM_MAP_READ;
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(1, num_mappings());
	tt_bo_close(&bo);
	munmap(mem, TT_MIB);
}

TEST_F(vm, user_memory_is_mapped_in_whole_pages)
{
	char *mem = tt_pages(4 * TT_PAGE);
	struct drm_trn_vm_op op;
	struct tt_bo bo;

	/* The last byte of one page to the first of the third. */
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem + TT_PAGE - 1, TT_PAGE + 2, 0, &bo));
	op = tt_vm_op_map(&bo, 0, VA, 3 * TT_PAGE, TT_VM_RW);
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_TRUE(is_mapped(0, VA, 3 * TT_PAGE, 0));
	op.size += TT_PAGE;
	EXPECT_EQ(-EINVAL, tt_vm_bind(&self->vm, &op, 1));
	op = tt_vm_op_map(&bo, 2 * TT_PAGE, VA, TT_PAGE, TT_VM_RW);
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	op.bo_offset += TT_PAGE;
	EXPECT_EQ(-EINVAL, tt_vm_bind(&self->vm, &op, 1));
	tt_bo_close(&bo);
	munmap(mem, 4 * TT_PAGE);
}

/* ---- references, and their life ---- */

static uint64_t hbm_free(int fd)
{
	struct tt_usage usage;

	return tt_usage_read(fd, &usage) ? 0 : usage.hbm_free;
}

TEST_F(vm, a_mapping_holds_its_bo)
{
	struct tt_bo bo = self->bo;
	uint64_t free_before = hbm_free(self->dev.fd);

	ASSERT_EQ(0, tt_vm_map(&self->vm, &bo, VA));
	tt_bo_close(&self->bo);
	EXPECT_EQ(free_before, hbm_free(self->dev.fd));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, 2 * TT_MIB));
	EXPECT_EQ(free_before, hbm_free(self->dev.fd));
	/* The last part of it: free when the call is back. */
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA + 2 * TT_MIB, 2 * TT_MIB));
	EXPECT_EQ(free_before + bo.size, hbm_free(self->dev.fd));
}

TEST_F(vm, replacing_a_mapping_lets_go_of_its_bo)
{
	uint64_t free_before = hbm_free(self->dev.fd), size = self->bo.size;
	struct tt_bo other;

	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, size, self->dev.system, &other));
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	tt_bo_close(&self->bo);
	ASSERT_EQ(0, tt_vm_map(&self->vm, &other, VA));
	EXPECT_EQ(free_before + size, hbm_free(self->dev.fd));
	tt_bo_close(&other);
}

TEST_F(vm, destroying_lets_go_of_everything)
{
	uint64_t free_before = hbm_free(self->dev.fd), size = self->bo.size;

	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, 2 * VA + TT_PAGE));
	tt_bo_close(&self->bo);
	ASSERT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(free_before + size, hbm_free(self->dev.fd));
}

TEST_F(vm, two_vms_hold_one_bo)
{
	uint64_t free_before = hbm_free(self->dev.fd), size = self->bo.size;
	struct tt_vm other;

	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &other));
	ASSERT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
	ASSERT_EQ(0, tt_vm_map(&other, &self->bo, VA));
	tt_bo_close(&self->bo);
	ASSERT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(free_before, hbm_free(self->dev.fd));
	ASSERT_EQ(0, tt_vm_destroy(&other));
	EXPECT_EQ(free_before + size, hbm_free(self->dev.fd));
}

TEST_F(vm, closing_the_file_lets_go_of_everything)
{
	struct tt_device other;
	struct tt_bo bo;
	struct tt_vm vm;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_vm_create(other.fd, &vm));
	ASSERT_EQ(0, tt_bo_create_unmapped(other.fd, TT_MIB, other.hbm, &bo));
	ASSERT_EQ(0, tt_vm_map(&vm, &bo, VA));
	tt_device_close(&other);
	/* The teardown looks for resources that are left. */
}

/* One page in each of @num GiB from @va on, which takes two tables each. */
static int map_sparsely(FIXTURE_DATA(vm) *self, uint64_t va, uint32_t num)
{
	struct drm_trn_vm_op *ops = calloc(num, sizeof(*ops));
	uint32_t i;
	int ret;

	if (!ops)
		return -ENOMEM;
	for (i = 0; i < num; i++)
		ops[i] = tt_vm_op_map(&self->bo, 0, va + i * TT_GIB, TT_PAGE, TT_VM_RW);
	ret = tt_vm_bind(&self->vm, ops, num);
	free(ops);
	return ret;
}

TEST_F(vm, tables_are_limited)
{
	uint32_t num = self->dev.info.max_bind_ops, mapped;
	int64_t max = self->dev.info.max_table_bytes, bytes;
	struct tt_vm others[8];
	uint64_t va = VA;
	int ret;

	for (;; va += num * TT_GIB) {
		mapped = num_mappings();
		bytes = table_bytes();
		ASSERT_LE(bytes, max);
		ret = map_sparsely(self, va, num);
		if (ret)
			break;
		ASSERT_LT(va, VA + max / TT_PAGE * TT_GIB);
	}
	EXPECT_EQ(-EDQUOT, ret);
	/* As if it had not been. */
	EXPECT_EQ(mapped, num_mappings());
	EXPECT_EQ(bytes, table_bytes());
	while (!map_sparsely(self, va, 1))
		va += TT_GIB;
	/* The limit is one of the file, not of a VM. */
	num = 0;
	while (num < ARRAY_SIZE(others) && !(ret = tt_vm_create(self->dev.fd, &others[num])))
		num++;
	EXPECT_EQ(-EDQUOT, ret);
	while (num--)
		EXPECT_EQ(0, tt_vm_destroy(&others[num]));
	/* Unmapping needs nothing. */
	EXPECT_EQ(0, tt_vm_unmap(&self->vm, self->dev.info.va_start, self->dev.info.va_size));
	EXPECT_EQ(self->idle_bytes, table_bytes());
	EXPECT_EQ(0, tt_vm_map(&self->vm, &self->bo, VA));
}

TEST_F(vm, many_rounds_leave_nothing)
{
	unsigned int i, rounds = tt_scale(5000, 500);
	uint64_t rnd = tt_seed();

	for (i = 0; i < rounds; i++) {
		uint64_t page = tt_random(&rnd) % 1024;
		uint64_t num = 1 + tt_random(&rnd) % (1024 - page);
		uint64_t offset = tt_random(&rnd) % (1025 - num);
		struct drm_trn_vm_op op;

		op = tt_vm_op_map(&self->bo, offset * TT_PAGE, VA + page * TT_PAGE, num * TT_PAGE,
				  TT_VM_RW);
		if (tt_random(&rnd) % 2)
			op = tt_vm_op_unmap(VA + page * TT_PAGE, num * TT_PAGE);
		ASSERT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	}
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, 4 * TT_MIB));
	EXPECT_EQ(0, num_mappings());
	EXPECT_EQ(self->idle_bytes, table_bytes());
}

TEST_HARNESS_MAIN
