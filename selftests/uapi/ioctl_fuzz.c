// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls: pure noise, and calls that are nearly right. Nothing is expected
 * of them but that the kernel survives, that no byte outside the arena changes,
 * and that closing the file gives everything back. TRN_TEST_SEED= repeats a run.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>

#include "tt_harness.h"
#include "tt_vm.h"

#define ARENA (64 * TT_KIB)

FIXTURE(fuzz)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_SETUP(fuzz)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(fuzz)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* A little world: some objects, and memory that calls may point to. */
struct world {
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_vm vm;
	struct tt_bo a, b;
	int buf;	/* dma-buf of a */
	char *arena;	/* between two guard pages that are not mapped */
	uint64_t state;
};

static int world_open(struct world *world, uint64_t seed)
{
	char *pages = tt_pages(ARENA + 2 * TT_PAGE);
	int ret = tt_device_open(&world->dev);

	world->state = seed;
	if (ret || !pages)
		return ret ?: -ENOMEM;
	munmap(pages, TT_PAGE);
	munmap(pages + TT_PAGE + ARENA, TT_PAGE);
	world->arena = pages + TT_PAGE;
	ret = tt_queue_create(world->dev.fd, DRM_TRN_NONE, 64, &world->queue);
	if (!ret)
		ret = tt_vm_create(world->dev.fd, &world->vm);
	if (!ret)
		ret = tt_bo_create(world->dev.fd, TT_MIB, world->dev.hbm, &world->a);
	if (!ret)
		ret = tt_bo_create(world->dev.fd, TT_MIB, world->dev.system, &world->b);
	if (!ret && drmPrimeHandleToFD(world->dev.fd, world->a.handle, DRM_CLOEXEC, &world->buf))
		ret = -errno;
	return ret;
}

/* A number that is likely to mean something, or to be just beside it. */
static uint64_t likely(struct world *world)
{
	static const uint64_t marks[] = {
		0, 1, 2, 3, 4, 15, 16, 48, 63, 64, 4096, 65535, 65536, TT_MIB, 2 * TT_MIB,
		1ull << 31, 0xffffffff, 1ull << 32, 1ull << 46, 1ull << 63, ~0ull,
	};
	uint64_t r = tt_random(&world->state);

	switch (r % 8) {
	case 0:
		return tt_random(&world->state);
	case 1:
		return world->a.handle;
	case 2:
		return world->b.handle;
	case 3:
		return world->queue.id;
	case 4:
		return (uintptr_t)world->arena + tt_random(&world->state) % (ARENA + TT_PAGE);
	case 5:
		return marks[r / 8 % ARRAY_SIZE(marks)] + r / 1024 % 3 - 1;
	default:
		return marks[r / 8 % ARRAY_SIZE(marks)];
	}
}

/* Pointers that a call writes through stay in the arena, or are not mapped. */
static uint64_t likely_pointer(struct world *world)
{
	static const uint64_t wild[] = { 0, 8, 0x00007ffffffff000, 0xffff888000000000, ~0ull - 7 };
	uint64_t r = tt_random(&world->state);

	if (r % 4 == 0)
		return wild[r / 4 % ARRAY_SIZE(wild)];
	if (r % 4 == 1)
		return (uintptr_t)world->arena + ARENA - r / 4 % 128;
	return (uintptr_t)world->arena + r / 4 % (ARENA / 8) * 8;
}

static void random_op(struct world *world, struct drm_trn_op *op)
{
	uint32_t *word = (uint32_t *)op;
	uint64_t r = tt_random(&world->state);

	*op = tt_op_copy(&world->a, r % TT_MIB, &world->b, (r >> 20) % TT_MIB,
			 (r >> 40) % 70000 + 1);
	if (r >> 63)
		*op = tt_op_fill(&world->b, r % TT_MIB & ~3, (r >> 40) % 70000 & ~3, r);
	/* One field in most of them is wrong. */
	if (r % 4)
		word[tt_random(&world->state) % (sizeof(*op) / 4)] = likely(world);
}

static void random_submit(struct world *world, struct drm_trn_queue_submit *args)
{
	struct drm_trn_op *ops = (struct drm_trn_op *)world->arena;
	struct drm_trn_sync *syncs = (struct drm_trn_sync *)(world->arena + ARENA / 2);
	uint32_t *word = (uint32_t *)args;
	int i;

	for (i = 0; i < 4; i++) {
		random_op(world, &ops[i]);
		syncs[i] = (struct drm_trn_sync) { likely(world), likely(world), likely(world) };
	}
	*args = (struct drm_trn_queue_submit) {
		.queue_id = world->queue.id,
		.ops = { sizeof(*ops), tt_random(&world->state) % 5, (uintptr_t)ops },
		.syncs = { sizeof(*syncs), tt_random(&world->state) % 3, (uintptr_t)syncs },
	};
	if (tt_random(&world->state) % 3 == 0)
		word[tt_random(&world->state) % 10] = likely(world);
	if (tt_random(&world->state) % 8 == 0)
		args->ops.ptr = likely_pointer(world);
	if (tt_random(&world->state) % 8 == 0)
		args->syncs.ptr = likely_pointer(world);
}

static void random_vm_op(struct world *world, struct drm_trn_vm_op *op)
{
	uint64_t r = tt_random(&world->state);
	uint64_t page = r % 256, num = 1 + r / 256 % (256 - page);
	uint64_t va = TT_GIB - 128 * TT_PAGE + (r >> 24) % 1024 * TT_PAGE;
	uint32_t *word = (uint32_t *)op;

	*op = tt_vm_op_map(r >> 63 ? &world->a : &world->b, page * TT_PAGE, va, num * TT_PAGE,
			   1 + (r >> 40) % 3);
	if (r >> 62 & 1)
		*op = tt_vm_op_unmap(va, num * TT_PAGE);
	if (tt_random(&world->state) % 4 == 0)
		word[tt_random(&world->state) % (sizeof(*op) / 4)] = likely(world);
}

static void random_bind(struct world *world, struct drm_trn_vm_bind *args)
{
	struct drm_trn_vm_op *ops = (struct drm_trn_vm_op *)world->arena;
	struct drm_trn_sync *syncs = (struct drm_trn_sync *)(world->arena + ARENA / 2);
	bool is_async = tt_random(&world->state) % 2;
	uint32_t *word = (uint32_t *)args;
	int i;

	for (i = 0; i < 4; i++) {
		random_vm_op(world, &ops[i]);
		syncs[i] = (struct drm_trn_sync) { likely(world), likely(world), likely(world) };
	}
	*args = (struct drm_trn_vm_bind) {
		.vm_id = world->vm.id,
		.flags = is_async ? DRM_TRN_VM_BIND_ASYNC : 0,
		.ops = { sizeof(*ops), 1 + tt_random(&world->state) % 4, (uintptr_t)ops },
		.syncs = { sizeof(*syncs), is_async ? tt_random(&world->state) % 2 : 0,
			   (uintptr_t)syncs },
	};
	if (tt_random(&world->state) % 8 == 0)
		word[tt_random(&world->state) % (sizeof(*args) / 4)] = likely(world);
	if (tt_random(&world->state) % 8 == 0)
		args->ops.ptr = likely_pointer(world);
}

static void nearly_right_call(struct world *world)
{
	static const unsigned long requests[] = {
		DRM_IOCTL_TRN_DEV_QUERY, DRM_IOCTL_TRN_BO_CREATE, DRM_IOCTL_TRN_BO_INFO,
		DRM_IOCTL_TRN_BO_USERPTR, DRM_IOCTL_TRN_QUEUE_CREATE, DRM_IOCTL_TRN_QUEUE_DESTROY,
		DRM_IOCTL_TRN_QUEUE_SUBMIT, DRM_IOCTL_TRN_QUEUE_GET_STATE,
		DRM_IOCTL_TRN_QUEUE_SUBMIT, DRM_IOCTL_TRN_QUEUE_SUBMIT,
		DRM_IOCTL_TRN_VM_CREATE, DRM_IOCTL_TRN_VM_DESTROY, DRM_IOCTL_TRN_QUEUE_NOTIFY,
		DRM_IOCTL_TRN_VM_BIND, DRM_IOCTL_TRN_VM_BIND, DRM_IOCTL_TRN_VM_BIND,
		DRM_IOCTL_PRIME_HANDLE_TO_FD, DRM_IOCTL_PRIME_FD_TO_HANDLE, DRM_IOCTL_GEM_CLOSE,
	};
	unsigned long request = requests[tt_random(&world->state) % ARRAY_SIZE(requests)];
	union {
		uint64_t words[10];
		struct drm_trn_dev_query query;
		struct drm_trn_bo_create create;
		struct drm_trn_bo_userptr userptr;
		struct drm_trn_queue_create queue;
		struct drm_trn_queue_submit submit;
		struct drm_trn_vm_create vm;
		struct drm_trn_vm_bind bind;
		struct drm_prime_handle prime;
	} args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(args.words); i++)
		args.words[i] = likely(world) & (i & 1 ? ~0ull : 0xffffffff);
	if (request == DRM_IOCTL_TRN_DEV_QUERY) {
		args.query.type %= 6;
		args.query.size %= ARENA;
		args.query.pointer = likely_pointer(world);
	} else if (request == DRM_IOCTL_TRN_BO_CREATE) {
		args.create.size %= 8 * TT_MIB;
		args.create.placement = likely(world) % 64;
		args.create.flags &= DRM_TRN_BO_NO_MMAP;
	} else if (request == DRM_IOCTL_TRN_BO_USERPTR) {
		args.userptr.addr = likely_pointer(world);
		args.userptr.size = likely(world) % (2 * ARENA);
	} else if (request == DRM_IOCTL_TRN_QUEUE_CREATE) {
		/* Too many wrong at once would never get to a queue. */
		args.queue.flags = 0;
		args.queue.pad = 0;
		args.queue.mode %= 3;
		args.queue.engine_class %= 4;
		args.queue.priority %= 4;
		args.queue.ring_va &= args.queue.mode ? ~0xffull : 0;
		if (!args.queue.mode)
			args.queue.vm_id = 0;
	} else if (request == DRM_IOCTL_TRN_QUEUE_SUBMIT) {
		random_submit(world, &args.submit);
	} else if (request == DRM_IOCTL_TRN_VM_CREATE) {
		args.vm.flags %= 2;
	} else if (request == DRM_IOCTL_TRN_VM_BIND) {
		random_bind(world, &args.bind);
	} else if (request == DRM_IOCTL_PRIME_FD_TO_HANDLE && likely(world) % 2) {
		args.prime.fd = world->buf;
	}
	if (!ioctl(world->dev.fd, request, &args) && request == DRM_IOCTL_PRIME_HANDLE_TO_FD)
		close(args.prime.fd);
}

static void noise_call(struct world *world)
{
	uint64_t r = tt_random(&world->state);
	unsigned int nr = DRM_COMMAND_BASE + r % 20, size = r / 32 % 256;
	uint64_t noise[32], i;

	/* DEV_QUERY writes where it is told to: not through random pointers. */
	if (nr == DRM_COMMAND_BASE + DRM_TRN_DEV_QUERY)
		return;
	for (i = 0; i < ARRAY_SIZE(noise); i++)
		noise[i] = tt_random(&world->state);
	ioctl(world->dev.fd, _IOC(r >> 62, DRM_IOCTL_BASE, nr, size), noise);
}

/* In a child: fuzz, with fresh worlds in between. 0 if all held. */
static int fuzz(void (*call)(struct world *world), uint64_t seed)
{
	static unsigned char guard[ARENA];
	unsigned int worlds = tt_scale(40, 8), calls = 400, w, i;
	struct world world;

	memset(guard, 0xc3, sizeof(guard));
	for (w = 0; w < worlds; w++) {
		if (world_open(&world, seed + w))
			return 1;
		for (i = 0; i < calls; i++)
			call(&world);
		munmap(world.arena, ARENA);
		munmap(world.a.map, TT_MIB);
		munmap(world.b.map, TT_MIB);
		close(world.buf);
		tt_device_close(&world.dev);
		if (tt_byte_match(guard, sizeof(guard), 0xc3) != sizeof(guard))
			return 2;
	}
	return 0;
}

static bool device_works(const struct tt_device *dev)
{
	struct tt_queue queue;
	struct tt_bo bo;
	bool ok;

	if (tt_queue_create(dev->fd, DRM_TRN_NONE, 0, &queue) ||
	    tt_bo_create(dev->fd, TT_MIB, dev->hbm, &bo))
		return false;
	ok = tt_fact("error", 0, tt_fill(&queue, &bo, 0, TT_MIB, 0x3c3c3c3c)) &&
	     tt_fact("bytes filled", TT_MIB, tt_byte_match(bo.map, TT_MIB, 0x3c));
	tt_bo_close(&bo);
	tt_queue_destroy(&queue);
	return ok;
}

FIXTURE_VARIANT(fuzz)
{
	void (*call)(struct world *world);
};

FIXTURE_VARIANT_ADD(fuzz, noise) { .call = noise_call };
FIXTURE_VARIANT_ADD(fuzz, nearly_right) { .call = nearly_right_call };

TEST_F(fuzz, kernel_survives_and_forgets)
{
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(fuzz(variant->call, tt_seed() * 1000));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status) {
		TH_LOG("TRN_TEST_SEED=%llu", (unsigned long long)tt_seed());
	}
	EXPECT_TRUE(device_works(&self->dev));
}

TEST_F(fuzz, four_at_once_survive)
{
	int i, status;
	pid_t pids[4];

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i])
			_exit(fuzz(variant->call, tt_seed() * 1000 + 100 * (i + 1)));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_TRUE(device_works(&self->dev));
}

TEST_HARNESS_MAIN
