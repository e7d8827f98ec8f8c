// SPDX-License-Identifier: GPL-2.0-only
/* Every call with arguments of the wrong size, shape, place and owner. */
#include <sys/mman.h>

#include "abuse.h"
#include "tt_vm.h"

/* The same command with another size of struct, as older or newer programs have it. */
#define SIZED(request, size) \
	(((request) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT)) | (size) << _IOC_SIZESHIFT)

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
	/* Bytes of the prefix with all inputs that are not zero. */
	unsigned int inputs;
	/* Bytes of the prefix with the names of new objects, too; 0: there is none. */
	unsigned int names;
};

/* Bytes of a struct of the interface up to the end of a member. */
#define UNTIL(type, member) \
	(offsetof(struct drm_trn_##type, member) + sizeof(((struct drm_trn_##type *)0)->member))

static const struct command commands[] = {
	{ "DEV_QUERY", DRM_IOCTL_TRN_DEV_QUERY, args_query, UNTIL(dev_query, type), 0 },
	{ "VM_CREATE", DRM_IOCTL_TRN_VM_CREATE, args_vm_create, UNTIL(vm_create, flags),
	  UNTIL(vm_create, vm_id) },
	{ "VM_DESTROY", DRM_IOCTL_TRN_VM_DESTROY, args_vm_destroy, UNTIL(vm_destroy, vm_id), 0 },
	{ "VM_BIND", DRM_IOCTL_TRN_VM_BIND, args_vm_bind, UNTIL(vm_bind, ops), 0 },
	{ "BO_CREATE", DRM_IOCTL_TRN_BO_CREATE, args_create, UNTIL(bo_create, placement),
	  UNTIL(bo_create, handle) },
	{ "BO_INFO", DRM_IOCTL_TRN_BO_INFO, args_info, UNTIL(bo_info, handle), 0 },
	{ "BO_USERPTR", DRM_IOCTL_TRN_BO_USERPTR, args_userptr, UNTIL(bo_userptr, size),
	  UNTIL(bo_userptr, handle) },
	{ "QUEUE_CREATE", DRM_IOCTL_TRN_QUEUE_CREATE, args_queue_create,
	  UNTIL(queue_create, engine), UNTIL(queue_create, syncobj) },
	{ "QUEUE_DESTROY", DRM_IOCTL_TRN_QUEUE_DESTROY, args_destroy,
	  UNTIL(queue_destroy, queue_id), 0 },
	{ "QUEUE_SUBMIT", DRM_IOCTL_TRN_QUEUE_SUBMIT, args_submit, UNTIL(queue_submit, ops), 0 },
	{ "QUEUE_GET_STATE", DRM_IOCTL_TRN_QUEUE_GET_STATE, args_state,
	  UNTIL(queue_get_state, queue_id), 0 },
	{ "QUEUE_NOTIFY", DRM_IOCTL_TRN_QUEUE_NOTIFY, args_notify, UNTIL(queue_notify, point), 0 },
};

/* Destroy the object of a command that succeeded, if @args has its name. */
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

	/* The names of new objects must come back, so that they can be destroyed. */
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *command = &commands[i];
		unsigned int size = command->names ?: command->inputs;

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

	/* The DRM core cuts the tail off; its contents change nothing. */
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
	/* The objects of args_destroy and args_vm_destroy are still there. */
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
		EXPECT_EQ(-EFAULT, tt_ioctl(self->dev.fd, commands[i].request, place)) {
			TH_LOG("%s", commands[i].name);
		}
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

TEST_F(abuse, dirty_submit_fields_are_refused)
{
	struct drm_trn_queue_submit args;
	union any_args any;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		args_submit(self, &any);
		args = any.submit;
		args.flags = 1u << bit;
		EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args)) {
			TH_LOG("bit %u", bit);
		}
	}
	struct drm_trn_queue_destroy destroy = { self->queue.id, 1 };

	EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &destroy));
	destroy.pad = 1u << 31;
	EXPECT_EQ(-EINVAL, tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &destroy));
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
