// SPDX-License-Identifier: GPL-2.0-only
/* Every call with arguments of the wrong size, shape, place and owner. */
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

/* The same command with another size of struct, as older or newer programs have it. */
#define SIZED(request, size) \
	(((request) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT)) | (size) << _IOC_SIZESHIFT)

FIXTURE(abuse)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_uqueue user;
	struct tt_vm vm;
	struct tt_bo a, b;
	char *edge;		/* end of a page; what follows cannot be touched */
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

/* ---- every command, with good arguments ---- */

union any_args {
	struct drm_trn_dev_query query;
	struct drm_trn_vm_create vm_create;
	struct drm_trn_vm_destroy vm_destroy;
	struct drm_trn_vm_bind vm_bind;
	struct drm_trn_bo_create create;
	struct drm_trn_bo_info info;
	struct drm_trn_bo_userptr userptr;
	struct drm_trn_queue_create queue_create;
	struct drm_trn_queue_destroy destroy;
	struct drm_trn_queue_submit submit;
	struct drm_trn_queue_get_state state;
	struct drm_trn_queue_notify notify;
	unsigned char bytes[256];
};

static struct drm_trn_op the_op;
static struct drm_trn_vm_op the_vm_op;

static void args_query(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	(void)self;
	args->query = (struct drm_trn_dev_query) { .type = DRM_TRN_QUERY_DEVICE };
}

static void args_vm_create(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	(void)self;
	args->vm_create = (struct drm_trn_vm_create) { 0 };
}

/* Destroys a VM made for it. */
static void args_vm_destroy(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	struct tt_vm vm;

	tt_vm_create(self->dev.fd, &vm);
	args->vm_destroy = (struct drm_trn_vm_destroy) { .vm_id = vm.id };
}

static void args_vm_bind(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	the_vm_op = tt_vm_op_map(&self->a, 0, TT_GIB, TT_PAGE, TT_VM_RW);
	args->vm_bind = (struct drm_trn_vm_bind) {
		.vm_id = self->vm.id,
		.ops = { sizeof(the_vm_op), 1, (uintptr_t)&the_vm_op },
	};
}

static void args_create(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	args->create = (struct drm_trn_bo_create) {
		.size = TT_PAGE,
		.placement = self->dev.hbm,
	};
}

static void args_info(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	args->info = (struct drm_trn_bo_info) { .handle = self->a.handle };
}

static void args_userptr(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	args->userptr = (struct drm_trn_bo_userptr) {
		.addr = (uintptr_t)self->edge - 64,
		.size = 64,
	};
}

static void args_queue_create(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	(void)self;
	args->queue_create = (struct drm_trn_queue_create) { .engine = DRM_TRN_NONE };
}

/* Destroys a queue made for it. */
static void args_destroy(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	struct tt_queue queue;

	tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &queue);
	args->destroy = (struct drm_trn_queue_destroy) { .queue_id = queue.id };
	drmSyncobjDestroy(self->dev.fd, queue.syncobj);
}

static void args_submit(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	the_op = tt_op_copy(&self->b, 0, &self->a, 0, 64);
	args->submit = (struct drm_trn_queue_submit) {
		.queue_id = self->queue.id,
		.ops = { sizeof(the_op), 1, (uintptr_t)&the_op },
	};
}

static void args_state(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	args->state = (struct drm_trn_queue_get_state) { .queue_id = self->queue.id };
}

static void args_notify(FIXTURE_DATA(abuse) *self, union any_args *args)
{
	args->notify = (struct drm_trn_queue_notify) {
		.queue_id = self->user.queue.id, .point = 1,
	};
}

struct command {
	const char *name;
	unsigned long request;
	void (*fill)(FIXTURE_DATA(abuse) *self, union any_args *args);
	/* Shortest prefix that means the same: what follows is zero or output. */
	unsigned int enough;
};

static const struct command commands[] = {
	{ "DEV_QUERY", DRM_IOCTL_TRN_DEV_QUERY, args_query, 4 },
	{ "VM_CREATE", DRM_IOCTL_TRN_VM_CREATE, args_vm_create, 4 },
	{ "VM_DESTROY", DRM_IOCTL_TRN_VM_DESTROY, args_vm_destroy, 4 },
	{ "VM_BIND", DRM_IOCTL_TRN_VM_BIND, args_vm_bind, 24 },
	{ "BO_CREATE", DRM_IOCTL_TRN_BO_CREATE, args_create, 16 },
	{ "BO_INFO", DRM_IOCTL_TRN_BO_INFO, args_info, 4 },
	{ "BO_USERPTR", DRM_IOCTL_TRN_BO_USERPTR, args_userptr, 16 },
	{ "QUEUE_CREATE", DRM_IOCTL_TRN_QUEUE_CREATE, args_queue_create, 16 },
	{ "QUEUE_DESTROY", DRM_IOCTL_TRN_QUEUE_DESTROY, args_destroy, 4 },
	{ "QUEUE_SUBMIT", DRM_IOCTL_TRN_QUEUE_SUBMIT, args_submit, 24 },
	{ "QUEUE_GET_STATE", DRM_IOCTL_TRN_QUEUE_GET_STATE, args_state, 4 },
	{ "QUEUE_NOTIFY", DRM_IOCTL_TRN_QUEUE_NOTIFY, args_notify, 16 },
};

/* Close what a command that succeeded made, as far as @args tell. */
static void undo(FIXTURE_DATA(abuse) *self, const struct command *command,
		 const union any_args *args)
{
	struct tt_queue queue = { .fd = self->dev.fd };
	struct tt_vm vm = { .fd = self->dev.fd };

	if (command->request == DRM_IOCTL_TRN_VM_CREATE) {
		vm.id = args->vm_create.vm_id;
		tt_vm_destroy(&vm);
	}
	if (command->request == DRM_IOCTL_TRN_BO_CREATE)
		tt_gem_close(self->dev.fd, args->create.handle);
	if (command->request == DRM_IOCTL_TRN_BO_USERPTR)
		tt_gem_close(self->dev.fd, args->userptr.handle);
	if (command->request == DRM_IOCTL_TRN_QUEUE_CREATE) {
		queue.id = args->queue_create.queue_id;
		queue.syncobj = args->queue_create.syncobj;
		tt_queue_destroy(&queue);
	}
}

TEST_F(abuse, good_arguments_work)
{
	union any_args args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		commands[i].fill(self, &args);
		EXPECT_EQ(0, tt_ioctl(self->dev.fd, commands[i].request, &args)) {
			TH_LOG("%s", commands[i].name);
		}
		undo(self, &commands[i], &args);
	}
}

/* A result that cannot be told: found out before anything is done. */
TEST_F(abuse, struct_that_cannot_be_written_changes_nothing)
{
	union any_args *args = tt_pages(TT_PAGE);
	struct drm_trn_queue_get_state state;
	struct tt_usage usage;
	size_t i;

	ASSERT_NE(NULL, args);
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &usage));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!(_IOC_DIR(commands[i].request) & _IOC_READ))
			continue;
		ASSERT_EQ(0, mprotect(args, TT_PAGE, PROT_READ | PROT_WRITE));
		commands[i].fill(self, args);
		ASSERT_EQ(0, mprotect(args, TT_PAGE, PROT_READ));
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request, args)) {
			TH_LOG("%s", commands[i].name);
		}
	}
	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(0, state.submitted);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &usage));
	munmap(args, TT_PAGE);
}

TEST_F(abuse, older_program_with_a_short_struct_works)
{
	union any_args args;
	size_t i;

	/* Commands that make objects tell their names in the part that is cut. */
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *command = &commands[i];
		unsigned int size = command->enough;

		if (command->request == DRM_IOCTL_TRN_VM_CREATE)
			size = 8;
		if (command->request == DRM_IOCTL_TRN_BO_CREATE ||
		    command->request == DRM_IOCTL_TRN_BO_USERPTR)
			size = 24;
		if (command->request == DRM_IOCTL_TRN_QUEUE_CREATE)
			size = 60;
		memset(&args, 0xa5, sizeof(args));
		command->fill(self, &args);
		memset(args.bytes + size, 0xa5, sizeof(args) - size);
		EXPECT_EQ(0, tt_ioctl(self->dev.fd, SIZED(command->request, size), &args)) {
			TH_LOG("%s with %u bytes", command->name, size);
		}
		EXPECT_EQ(sizeof(args) - size,
			  tt_byte_match(args.bytes + size, sizeof(args) - size, 0xa5));
		undo(self, command, &args);
	}
}

TEST_F(abuse, newer_program_with_a_long_struct_works)
{
	unsigned int dirty;
	union any_args args;
	size_t i;

	/* The DRM core cuts the tail off; what is in it changes nothing. */
	for (dirty = 0; dirty < 2; dirty++) {
		for (i = 0; i < ARRAY_SIZE(commands); i++) {
			unsigned int size = _IOC_SIZE(commands[i].request);

			memset(&args, dirty ? 0xff : 0, sizeof(args));
			commands[i].fill(self, &args);
			EXPECT_EQ(0, tt_ioctl(self->dev.fd, SIZED(commands[i].request, size + 64),
					      &args)) {
				TH_LOG("%s", commands[i].name);
			}
			undo(self, &commands[i], &args);
		}
	}
}

TEST_F(abuse, every_truncation_is_survived)
{
	union any_args args;
	unsigned int size;
	size_t i;

	/* In a file of its own, so that nameless objects go when it closes. */
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (size = 0; size < _IOC_SIZE(commands[i].request); size++) {
			struct tt_device other;

			ASSERT_EQ(0, tt_device_open(&other));
			commands[i].fill(self, &args);
			tt_ioctl(other.fd, SIZED(commands[i].request, size), &args);
			tt_device_close(&other);
		}
	}
	/* args_destroy and args_vm_destroy made what nobody destroyed. */
	tt_queue_destroy(&self->queue);
	tt_vm_destroy(&self->vm);
	tt_bo_close(&self->a);
	tt_bo_close(&self->b);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_device_open(&self->dev));
}

TEST_F(abuse, struct_at_the_end_of_a_page_works)
{
	union any_args args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		unsigned int size = _IOC_SIZE(commands[i].request);
		char *place = self->edge - size;

		commands[i].fill(self, &args);
		memcpy(place, &args, size);
		EXPECT_EQ(0, tt_ioctl(self->dev.fd, commands[i].request, place)) {
			TH_LOG("%s", commands[i].name);
		}
		memcpy(&args, place, size);
		undo(self, &commands[i], &args);
	}
}

TEST_F(abuse, struct_across_the_end_of_memory_is_efault)
{
	union any_args args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		unsigned int size = _IOC_SIZE(commands[i].request);
		char *place = self->edge - size + 1;

		if (commands[i].request == DRM_IOCTL_TRN_QUEUE_DESTROY)
			args.destroy = (struct drm_trn_queue_destroy) { self->queue.id, 0 };
		else if (commands[i].request == DRM_IOCTL_TRN_VM_DESTROY)
			args.vm_destroy = (struct drm_trn_vm_destroy) { self->vm.id, 0 };
		else
			commands[i].fill(self, &args);
		memcpy(place, &args, size - 1);
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request, place));
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request, NULL));
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request, (void *)~0ul));
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request,
					    (void *)0xffff888000001000ul));
	}
}

TEST_F(abuse, struct_in_read_only_memory_is_efault_and_leaks_nothing)
{
	union any_args args;
	size_t i;

	/* The reply cannot be written: the objects are unknown to the program. */
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		struct tt_device other;
		char *page = tt_pages(TT_PAGE);

		if (commands[i].request == DRM_IOCTL_TRN_QUEUE_DESTROY ||
		    commands[i].request == DRM_IOCTL_TRN_VM_DESTROY)
			continue;
		ASSERT_EQ(0, tt_device_open(&other));
		commands[i].fill(self, &args);
		memcpy(page, &args, sizeof(args));
		ASSERT_EQ(0, mprotect(page, TT_PAGE, PROT_READ));
		if (commands[i].request == DRM_IOCTL_TRN_VM_CREATE ||
		    commands[i].request == DRM_IOCTL_TRN_BO_CREATE ||
		    commands[i].request == DRM_IOCTL_TRN_BO_USERPTR ||
		    commands[i].request == DRM_IOCTL_TRN_QUEUE_CREATE)
			EXPECT_EQ(-EFAULT, tt_ioctl(other.fd, commands[i].request, page));
		tt_device_close(&other);
		munmap(page, TT_PAGE);
	}
}

TEST_F(abuse, unknown_commands_are_refused)
{
	unsigned char bytes[256] = { 0 };
	unsigned int nr;

	for (nr = DRM_COMMAND_BASE; nr < DRM_COMMAND_END; nr++) {
		unsigned int command = nr - DRM_COMMAND_BASE;

		if (command <= DRM_TRN_VM_BIND ||
		    (command >= DRM_TRN_BO_CREATE && command <= DRM_TRN_QUEUE_GET_STATE))
			continue;
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOWR(nr, unsigned char[64]), bytes)) {
			TH_LOG("command %#x", command);
		}
	}
}

/* ---- names ---- */

TEST_F(abuse, unknown_handles_are_enoent)
{
	uint32_t bad[] = { 0, self->b.handle + 100, 0x7fffffff, 0x80000000, 0xffffffff };
	struct drm_trn_queue_get_state state;
	struct drm_trn_bo_info info;
	struct drm_trn_op op;
	struct tt_queue queue;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-ENOENT, tt_bo_info(self->dev.fd, bad[i], &info));
		op = tt_op_copy(&self->a, 0, &self->b, 0, 64);
		op.dst = bad[i];
		EXPECT_EQ(-ENOENT, tt_run(&self->queue, &op, 1));
		op = tt_op_copy(&self->a, 0, &self->b, 0, 64);
		op.src = bad[i];
		EXPECT_EQ(-ENOENT, tt_run(&self->queue, &op, 1));
		if (bad[i] == self->queue.id)
			continue;
		queue = self->queue;
		queue.id = bad[i];
		queue.syncobj = 0;
		op = tt_op_copy(&self->a, 0, &self->b, 0, 64);
		EXPECT_EQ(-ENOENT, tt_submit(&queue, &op, 1, NULL));
		EXPECT_EQ(-ENOENT, tt_queue_state(&queue, &state));
		EXPECT_EQ(-ENOENT, tt_queue_destroy(&queue));
	}
}

TEST_F(abuse, handles_of_another_file_are_enoent)
{
	struct tt_device other;
	struct tt_queue queue, foreign;
	struct drm_trn_op op;
	struct tt_bo bo;

	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, tt_queue_create(other.fd, DRM_TRN_NONE, 64, &queue));
	ASSERT_EQ(0, tt_bo_create(other.fd, TT_PAGE, other.hbm, &bo));
	/* b's handle is 2 here; the other file has only 1. */
	op = tt_op_copy(&bo, 0, &self->b, 0, 64);
	EXPECT_EQ(-ENOENT, tt_run(&queue, &op, 1));
	op = tt_op_fill(&self->b, 0, 64, 1);
	EXPECT_EQ(-ENOENT, tt_run(&queue, &op, 1));
	foreign = queue;
	foreign.fd = self->dev.fd;
	foreign.id = self->user.queue.id + 1;
	EXPECT_EQ(-ENOENT, tt_run(&foreign, &op, 1));
	tt_bo_close(&bo);
	tt_device_close(&other);
}

/* ---- arrays ---- */

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
	static const uint32_t bad[] = { 0, 1, 8, 32, 39, 41, 44, 0xffffffff };
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

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, bind_array(self, ops, bad[i], 2));
	for (i = 0; i < 16; i++)
		EXPECT_EQ(-EINVAL, bind_sync_array(self, &sync, i, 1));
	EXPECT_EQ(-E2BIG, bind_array(self, ops, 4096 + 8, 1));
	EXPECT_EQ(-E2BIG, bind_array(self, ops, 0xfffffff8, max));
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
	static const uint32_t bad[] = { 0, 1, 4, 8, 40, 47, 49, 50, 52, 60, 0xffffffff };
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
		EXPECT_EQ(-EINVAL, submit_array(self, ops, bad[i], 2));
	}
	for (i = 0; i < 16; i++)
		EXPECT_EQ(-EINVAL, submit_sync_array(self, &sync, i, 1));
	EXPECT_EQ(-EINVAL, submit_sync_array(self, &sync, 20, 1));
	/* Whole multiples, but longer than a page. */
	EXPECT_EQ(-E2BIG, submit_array(self, ops, 4096 + 8, 1));
	EXPECT_EQ(-E2BIG, submit_array(self, ops, 0xfffffff8, 1));
	EXPECT_EQ(-E2BIG, submit_array(self, ops, 0xfffffff8, self->dev.info.max_ops));
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
		EXPECT_EQ(0, submit_array(self, space, strides[i], 2));
		EXPECT_EQ(128, tt_pattern_match(self->b.map, 128, i));
		/* The last byte of the first tail, then of the second. */
		space[strides[i] - 1] = 1;
		EXPECT_EQ(-E2BIG, submit_array(self, space, strides[i], 2));
		space[strides[i] - 1] = 0;
		space[strides[i] + sizeof(ops[1])] = 1;
		EXPECT_EQ(-E2BIG, submit_array(self, space, strides[i], 2));
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

TEST_F(abuse, dirty_submit_fields_are_refused)
{
	struct drm_trn_queue_submit args;
	union any_args any;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		args_submit(self, &any);
		args = any.submit;
		args.flags = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args));
	}
	struct drm_trn_queue_destroy destroy = { self->queue.id, 1 };

	EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &destroy));
	destroy.pad = 1u << 31;
	EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &destroy));
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

TEST_F(abuse, output_fields_are_not_read)
{
	struct drm_trn_bo_info info;

	memset(&info, 0xff, sizeof(info));
	info.handle = self->a.handle;
	EXPECT_EQ(0, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_BO_INFO, &info));
	EXPECT_EQ(TT_MIB, info.size);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(0, info.pad);
}

TEST_HARNESS_MAIN
