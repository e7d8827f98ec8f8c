// SPDX-License-Identifier: MIT
/*
 * Every call of the kernel and every allocation fails once, in every function that can:
 * on an error nothing is left behind, and the same works afterwards.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>

#include "tap.h"

#define RW (TRN_VM_READ | TRN_VM_WRITE)
#define BYTES (256u << 10)
#define MANY 80		/* more than what is kept on the stack */
#define MOST 200	/* calls of one function */

/* Calls of calloc() in the library and the tests (-Wl,--wrap). */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (!fake_fails_now())
		return __real_calloc(count, size);
	errno = ENOMEM;
	return NULL;
}

/* What functions work on, and what they make. */
struct ctx {
	struct trn_device *dev;
	struct trn_vm *vm;
	struct trn_queue *kernel, *user;
	struct trn_copier *copier;
	struct trn_bo *a, *b;
	uint64_t va, reserved;
	int fd;

	struct trn_device *new_dev;
	struct trn_vm *new_vm;
	struct trn_queue *new_queue;
	struct trn_copier *new_copier;
	struct trn_bo *new_bo;
	void *map;
	int new_fd;
};

static void ctx_begin(struct ctx *ctx)
{
	struct trn_queue_attr attr = { .ring_size = 128, .spin_ns = TRN_SPIN_NEVER };

	*ctx = (struct ctx){ .dev = tap_open(), .fd = eventfd(0, EFD_NONBLOCK), .new_fd = -1 };
	EXPECT_RET(trn_vm_new(ctx->dev, &ctx->vm), 0);
	EXPECT_RET(trn_queue_new(ctx->dev, NULL, &ctx->kernel), 0);
	attr.vm = ctx->vm;
	EXPECT_RET(trn_queue_new(ctx->dev, &attr, &ctx->user), 0);
	EXPECT_RET(trn_bo_new(ctx->dev, BYTES, 1, 0, &ctx->a), 0);
	EXPECT_RET(trn_bo_new(ctx->dev, BYTES, 2, 0, &ctx->b), 0);
	EXPECT_RET(trn_vm_map(ctx->vm, ctx->a, 0, BYTES, RW, &ctx->va), 0);
	EXPECT_RET(trn_vm_reserve(ctx->vm, MANY * FAKE_GRANULE, &ctx->reserved), 0);
	EXPECT_RET(trn_copier_new(ctx->dev, NULL, &ctx->copier), 0);
}

static void ctx_end(struct ctx *ctx)
{
	trn_copier_unref(ctx->new_copier);
	trn_queue_unref(ctx->new_queue);
	trn_bo_unref(ctx->new_bo);
	trn_vm_unref(ctx->new_vm);
	trn_device_unref(ctx->new_dev);
	trn_copier_unref(ctx->copier);
	trn_bo_unref(ctx->a);
	trn_bo_unref(ctx->b);
	trn_queue_unref(ctx->user);
	trn_queue_unref(ctx->kernel);
	trn_vm_unref(ctx->vm);
	trn_device_unref(ctx->dev);
	close(ctx->fd);
	if (ctx->new_fd >= 0)
		close(ctx->new_fd);
}

/* ---- functions ---- */

static int open_path(struct ctx *ctx)
{
	return trn_device_open_path(tap_node, &ctx->new_dev);
}

static int get_info(struct ctx *ctx)
{
	struct trn_device_info info;

	return trn_device_get_info(ctx->dev, &info, sizeof(info));
}

static int get_resets(struct ctx *ctx)
{
	uint64_t count;

	return trn_device_get_resets(ctx->dev, &count);
}

static int get_regions(struct ctx *ctx)
{
	struct trn_region regions[8];
	int ret = trn_device_get_regions(ctx->dev, regions, 8);

	return ret < 0 ? ret : 0;
}

static int get_engines(struct ctx *ctx)
{
	struct trn_engine engines[8];
	int ret = trn_device_get_engines(ctx->dev, engines, 8);

	return ret < 0 ? ret : 0;
}

static int place(struct ctx *ctx)
{
	uint64_t placement;

	return trn_place_hbm(ctx->dev, &placement);
}

static int bo_new(struct ctx *ctx)
{
	return trn_bo_new(ctx->dev, 4096, 1, 0, &ctx->new_bo);
}

static int bo_pin(struct ctx *ctx)
{
	static char memory[10000];

	return trn_bo_pin(ctx->dev, memory + 5, 9000, 0, &ctx->new_bo);
}

static int bo_map(struct ctx *ctx)
{
	return trn_bo_map(ctx->b, &ctx->map);
}

static int bo_export(struct ctx *ctx)
{
	return trn_bo_export(ctx->b, &ctx->new_fd);
}

static int bo_import(struct ctx *ctx)
{
	return trn_bo_import(ctx->dev, ctx->fd, &ctx->new_bo);
}

static int vm_new(struct ctx *ctx)
{
	return trn_vm_new(ctx->dev, &ctx->new_vm);
}

static int vm_map(struct ctx *ctx)
{
	uint64_t va;

	return trn_vm_map(ctx->vm, ctx->b, 5, 5000, TRN_VM_READ, &va);
}

static int vm_map_at(struct ctx *ctx)
{
	return trn_vm_map_at(ctx->vm, ctx->b, 4096, 4096, TRN_VM_READ, FAKE_VA_START + (1u << 29));
}

static int vm_unmap(struct ctx *ctx)
{
	return trn_vm_unmap(ctx->vm, ctx->va);
}

static int vm_reserve(struct ctx *ctx)
{
	uint64_t va;

	return trn_vm_reserve(ctx->vm, 4096, &va);
}

static int vm_bind(struct ctx *ctx)
{
	struct trn_vm_op ops[MANY];

	for (int i = 0; i < MANY; i++)
		ops[i] = (struct trn_vm_op){
			.type = TRN_VM_MAP,
			.flags = TRN_VM_READ,
			.bo = ctx->b,
			.va = ctx->reserved + i * FAKE_GRANULE,
			.size = FAKE_GRANULE,
		};
	return trn_vm_bind(ctx->vm, ops, MANY, 0, NULL, 0);
}

static int queue_new(struct ctx *ctx)
{
	return trn_queue_new(ctx->dev, NULL, &ctx->new_queue);
}

static int user_queue_new(struct ctx *ctx)
{
	const struct trn_queue_attr attr = { .vm = ctx->vm, .flags = TRN_QUEUE_SHARED };

	return trn_queue_new(ctx->dev, &attr, &ctx->new_queue);
}

static int get_state(struct ctx *ctx)
{
	struct trn_queue_state state;

	return trn_queue_get_state(ctx->kernel, &state);
}

static int submit(struct ctx *ctx)
{
	struct trn_op ops[MANY];

	for (int i = 0; i < MANY; i++)
		ops[i] = (struct trn_op){ .type = TRN_OP_FILL, .dst = ctx->a, .size = 64 };
	return trn_submit(ctx->kernel, ops, MANY, NULL, 0, NULL);
}

/* What is put once is waited for asleep, with a deadline. */
static uint64_t held_point(struct ctx *ctx)
{
	fake.hold = true;
	fake.finish_on_sleep = true;
	if (!trn_queue_point(ctx->user)) {
		EXPECT_RET(trn_prep_copy(ctx->user, ctx->va, ctx->va + 4096, 64), 0);
		trn_queue_kick(ctx->user);
	}
	return trn_queue_point(ctx->user);
}

static int sleep_for_point(struct ctx *ctx)
{
	uint64_t point = held_point(ctx);

	return trn_wait(ctx->user, point, trn_deadline(60000000000ll));
}

static int sleep_for_all(struct ctx *ctx)
{
	uint64_t point = held_point(ctx);
	struct trn_point points[MANY];

	for (int i = 0; i < MANY; i++)
		points[i] = (struct trn_point){ ctx->user, point };
	return trn_wait_all(points, MANY, trn_deadline(60000000000ll));
}

static int have_eventfd(struct ctx *ctx)
{
	uint64_t point = held_point(ctx);
	eventfd_t value;
	int ret;

	ret = trn_queue_eventfd(ctx->user, point, ctx->fd);
	/* Somebody else sleeps for it. */
	if (ret)
		EXPECT_RET(trn_point_notify(ctx->user, point), 0);
	fake_finish();
	/* Never after an error. */
	EXPECT(!!eventfd_read(ctx->fd, &value) == !!ret);
	return ret;
}

static int copier_new(struct ctx *ctx)
{
	return trn_copier_new(ctx->dev, NULL, &ctx->new_copier);
}

static int copy(struct ctx *ctx)
{
	return trn_copy(ctx->copier, ctx->b, 0, ctx->a, 0, BYTES);
}

static int fill(struct ctx *ctx)
{
	return trn_fill(ctx->copier, ctx->b, 0, BYTES, 7);
}

/* The kernel fills, the rest goes to queues of user mode. */
static int fill_by_kernel(struct ctx *ctx)
{
	ctx->dev->limits.caps &= ~DRM_TRN_CAP_INLINE_OPS;
	return fill(ctx);
}

static const struct function {
	const char *name;
	int (*run)(struct ctx *ctx);
	bool keeps;	/* what it made when it fails, for the next time */
} functions[] = {
	{ .name = "trn_device_open_path", .run = open_path },
	{ .name = "trn_device_get_info", .run = get_info },
	{ .name = "trn_device_get_resets", .run = get_resets },
	{ .name = "trn_device_get_regions", .run = get_regions },
	{ .name = "trn_device_get_engines", .run = get_engines },
	{ .name = "trn_place_hbm", .run = place },
	{ .name = "trn_bo_new", .run = bo_new },
	{ .name = "trn_bo_pin", .run = bo_pin },
	{ .name = "trn_bo_map", .run = bo_map },
	{ .name = "trn_bo_export", .run = bo_export },
	{ .name = "trn_bo_import", .run = bo_import },
	{ .name = "trn_vm_new", .run = vm_new },
	{ .name = "trn_vm_map", .run = vm_map },
	{ .name = "trn_vm_map_at", .run = vm_map_at },
	{ .name = "trn_vm_unmap", .run = vm_unmap },
	{ .name = "trn_vm_reserve", .run = vm_reserve },
	{ .name = "trn_vm_bind", .run = vm_bind },
	{ .name = "trn_queue_new", .run = queue_new },
	{ .name = "trn_queue_new of user mode", .run = user_queue_new },
	{ .name = "trn_queue_get_state", .run = get_state },
	{ .name = "trn_submit", .run = submit },
	{ .name = "trn_wait", .run = sleep_for_point },
	{ .name = "trn_wait_all", .run = sleep_for_all },
	{ .name = "trn_queue_eventfd", .run = have_eventfd },
	{ .name = "trn_copier_new", .run = copier_new },
	{ .name = "trn_copy", .run = copy, .keeps = true },
	{ .name = "trn_fill", .run = fill, .keeps = true },
	{ .name = "trn_fill by the kernel", .run = fill_by_kernel, .keeps = true },
};

/* ---- the sweep ---- */

struct usage {
	unsigned int bos, queues, syncobjs, vms, mappings, maps, files;
};

static unsigned int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static struct usage usage_now(void)
{
	return (struct usage){
		fake.open_bos, fake.open_queues, fake.open_syncobjs, fake.open_vms, fake.mappings,
		fake.maps, count_files(),
	};
}

/* The @n-th call fails, if there are so many; false if there are not. */
static bool fail_nth(const struct function *function, unsigned int n)
{
	struct usage before, after;
	bool failed;
	struct ctx ctx;
	int ret;

	fake_reset();
	ctx_begin(&ctx);
	before = usage_now();
	fake.fail_in = n;
	ret = function->run(&ctx);
	failed = !fake.fail_in;
	fake.fail_in = 0;
	after = usage_now();
	EXPECT(!ret || (failed && ret == -ENOMEM));
	if (ret && !function->keeps)
		EXPECT(!memcmp(&before, &after, sizeof(before)));
	if (ret)
		EXPECT_RET(function->run(&ctx), 0);
	ctx_end(&ctx);
	EXPECT(!fake.open_bos);
	EXPECT(!fake.open_queues);
	EXPECT(!fake.open_syncobjs);
	EXPECT(!fake.open_vms);
	EXPECT(!fake.mappings);
	EXPECT(!fake.maps);
	return failed;
}

static void failures_leave_nothing_behind(void)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		unsigned int failures = tap_failures, n = 1;

		while (n < MOST && fail_nth(&functions[i], n) && failures == tap_failures)
			n++;
		EXPECT(n > 1);
		EXPECT(n < MOST);
		if (failures != tap_failures)
			fprintf(stderr, "# %s, call %u\n", functions[i].name, n);
	}
}

/* What cannot be unmapped when a BO goes stays mapped, until the VM goes. */
static void mappings_that_stay_go_with_the_vm(void)
{
	struct ctx ctx;

	ctx_begin(&ctx);
	EXPECT_RET(copy(&ctx), 0);
	fake.fail_request = DRM_IOCTL_TRN_VM_BIND;
	fake.fail_errno = ENOMEM;
	trn_bo_unref(ctx.b);
	fake.fail_request = 0;
	EXPECT_RET(trn_bo_new(ctx.dev, BYTES, 2, 0, &ctx.b), 0);
	EXPECT_RET(copy(&ctx), 0);
	ctx_end(&ctx);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(failures_leave_nothing_behind),
		TAP_TEST(mappings_that_stay_go_with_the_vm),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
