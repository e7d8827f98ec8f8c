// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every failure that the kernel can inject (slab, pages, user copies), one after
 * the other, on the way through every call and through probe. A failed call says
 * -ENOMEM or -EFAULT, leaves everything as it was, and works the next time.
 * Needs a kernel with fault injection.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_inject.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

/* No call here has so many places to fail: past it, the sweep does not end. */
#define MAX_SWEEP 20000

struct ctx {
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_vm vm;
	struct tt_bo a, b;
	struct tt_usage idle;
	struct tt_usage before;
	char path[PATH_MAX];
	char bdf[32];
	void *mem;
	uint32_t syncobj;

	/* Objects that the call of the sweep made. */
	struct tt_device other;
	struct tt_queue made_queue;
	struct tt_vm made_vm;
	struct tt_uqueue made_user;
	struct tt_bo made;
	void *map;
	uint64_t submitted;	/* before it */
};

FIXTURE(fail_nth)
{
	struct ctx ctx;
};

FIXTURE_SETUP(fail_nth)
{
	if (tt_inject_open())
		SKIP(return, "the kernel injects no failures (no /proc/self/fail-nth)");
	ASSERT_EQ(0, tt_device_path(self->ctx.path, sizeof(self->ctx.path)));
	ASSERT_EQ(0, tt_device_open(&self->ctx.dev));
	ASSERT_EQ(0, tt_device_bdf(self->ctx.dev.fd, self->ctx.bdf, sizeof(self->ctx.bdf)));
	ASSERT_EQ(0, tt_usage_read(self->ctx.dev.fd, &self->ctx.idle));
	ASSERT_EQ(0, tt_queue_create(self->ctx.dev.fd, DRM_TRN_NONE, 0, &self->ctx.queue));
	ASSERT_EQ(0, tt_vm_create(self->ctx.dev.fd, &self->ctx.vm));
	ASSERT_EQ(0, tt_bo_create(self->ctx.dev.fd, TT_MIB, self->ctx.dev.hbm, &self->ctx.a));
	ASSERT_EQ(0, tt_bo_create(self->ctx.dev.fd, TT_MIB, self->ctx.dev.system, &self->ctx.b));
	ASSERT_EQ(0, drmSyncobjCreate(self->ctx.dev.fd, 0, &self->ctx.syncobj));
	self->ctx.mem = tt_pages(4 * TT_MIB);
	ASSERT_NE(NULL, self->ctx.mem);
	/* Present from the start: faults of this memory are not the driver's. */
	memset(self->ctx.mem, 1, 4 * TT_MIB);
	ASSERT_EQ(0, tt_usage_read(self->ctx.dev.fd, &self->ctx.before));
}

FIXTURE_TEARDOWN(fail_nth)
{
	if (self->ctx.dev.fd >= 0) {
		drmSyncobjDestroy(self->ctx.dev.fd, self->ctx.syncobj);
		tt_bo_close(&self->ctx.b);
		tt_bo_close(&self->ctx.a);
		tt_vm_destroy(&self->ctx.vm);
		tt_queue_destroy(&self->ctx.queue);
		EXPECT_EQ(0, tt_usage_settle(self->ctx.dev.fd, &self->ctx.idle));
		tt_device_close(&self->ctx.dev);
	}
	tt_inject_close();
}

struct nth_case {
	const char *name;
	int (*prepare)(struct ctx *self);	/* before each try, no failures */
	int (*run)(struct ctx *self);		/* the call, with failures */
	int (*undo)(struct ctx *self, int ret);/* after each try, no failures */
	bool any_error;			/* errors other than the two are fine */
};

/* One try with failure @n, and its aftermath; sets @hit if it was injected. */
static int try_failure(struct ctx *self, const struct nth_case *nth, unsigned int n, bool *hit)
{
	int ret = nth->prepare ? nth->prepare(self) : 0;

	if (ret || tt_inject_start(n))
		return ret ?: -EIO;
	ret = nth->run(self);
	*hit = tt_inject_stop();
	if (nth->undo && nth->undo(self, ret)) {
		fprintf(stderr, "# %s: after failure %u nothing works\n", nth->name, n);
		return -EPIPE;
	}
	if (ret && !nth->any_error && ret != -ENOMEM && ret != -EFAULT) {
		fprintf(stderr, "# %s: failure %u became %d\n", nth->name, n, ret);
		return -EBADE;
	}
	if (self->dev.fd >= 0 && tt_usage_settle(self->dev.fd, &self->before)) {
		fprintf(stderr, "# %s: failure %u (%d) leaks\n", nth->name, n, ret);
		/* The cases after it are not to blame. */
		tt_usage_read(self->dev.fd, &self->before);
		return -EBUSY;
	}
	return *hit ? 0 : ret;
}

/* Returns how many failures were injected, or a negative errno. */
static int sweep(struct ctx *self, const struct nth_case *nth)
{
	unsigned int n;

	for (n = 1; n <= MAX_SWEEP; n++) {
		bool hit = false;
		int ret = try_failure(self, nth, n, &hit);

		if (ret)
			return ret;
		if (!hit)
			return n - 1;
	}
	return -E2BIG;
}

/* ---- the calls ---- */

static int run_open(struct ctx *self)
{
	self->other.fd = open(self->path, O_RDWR | O_CLOEXEC);
	return self->other.fd < 0 ? -errno : 0;
}

static int undo_other(struct ctx *self, int ret)
{
	(void)ret;
	tt_device_close(&self->other);
	return 0;
}

#define VA	(1ull << 40)

/* A file that is at work when it closes. */
static int prepare_close(struct ctx *self)
{
	struct drm_trn_op op;
	int ret = tt_device_open(&self->other);

	if (!ret)
		ret = tt_queue_create(self->other.fd, DRM_TRN_NONE, 64, &self->made_queue);
	if (!ret)
		ret = tt_bo_create_unmapped(self->other.fd, TT_MIB, self->other.hbm, &self->made);
	if (ret)
		return ret;
	op = tt_op_fill(&self->made, 0, TT_MIB, 1);
	ret = tt_submit(&self->made_queue, &op, 1, NULL);
	if (!ret)
		ret = tt_vm_create(self->other.fd, &self->made_vm);
	if (!ret)
		ret = tt_vm_map(&self->made_vm, &self->made, VA);
	return ret ?: tt_bo_userptr(self->other.fd, self->mem, TT_MIB, 0, &self->made);
}

static int run_close(struct ctx *self)
{
	tt_device_close(&self->other);
	return 0;
}

static int run_query(struct ctx *self)
{
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	struct drm_trn_query_firmware firmware;
	uint32_t size = sizeof(firmware);
	int ret;

	ret = tt_query(self->dev.fd, DRM_TRN_QUERY_FIRMWARE, &firmware, &size);
	if (ret)
		return ret;
	ret = tt_query_engines(self->dev.fd, engines, TT_MAX_ENGINES);
	if (ret < 0)
		return ret;
	ret = tt_query_regions(self->dev.fd, self->dev.regions, TT_MAX_REGIONS);
	if (ret < 0)
		return ret;
	size = sizeof(self->dev.info);
	return tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, &self->dev.info, &size);
}

/*
 * Calls that make an object do so in a file of its own: if the reply cannot be
 * written, the object's name is not known, and it stays until the file closes.
 */
static int prepare_other(struct ctx *self)
{
	return tt_device_open(&self->other);
}

static int run_create_hbm(struct ctx *self)
{
	return tt_bo_create_unmapped(self->other.fd, 3 * TT_MIB, self->dev.hbm, &self->made);
}

static int run_create_host(struct ctx *self)
{
	return tt_bo_create_unmapped(self->other.fd, TT_MIB / 4, self->dev.system, &self->made);
}

static int run_userptr(struct ctx *self)
{
	return tt_bo_userptr(self->other.fd, (char *)self->mem + 5, TT_MIB / 2, 0, &self->made);
}

static int run_info(struct ctx *self)
{
	struct drm_trn_bo_info info;

	return tt_bo_info(self->dev.fd, self->a.handle, &info);
}

static int prepare_close_hbm(struct ctx *self)
{
	int ret = prepare_other(self);

	return ret ?: run_create_hbm(self);
}

static int prepare_close_pinned(struct ctx *self)
{
	int ret = prepare_other(self);

	return ret ?: run_userptr(self);
}

static int run_gem_close(struct ctx *self)
{
	return tt_gem_close(self->other.fd, self->made.handle);
}

/* A close that could not read its arguments did nothing. */
static int undo_gem_close(struct ctx *self, int ret)
{
	if (ret)
		ret = run_gem_close(self);
	tt_device_close(&self->other);
	return ret;
}

static int run_mmap(struct ctx *self)
{
	self->map = mmap(NULL, TT_MIB, PROT_READ | PROT_WRITE, MAP_SHARED, self->dev.fd,
			 self->a.mmap_offset);
	return self->map == MAP_FAILED ? -errno : 0;
}

static int undo_mmap(struct ctx *self, int ret)
{
	if (!ret)
		munmap(self->map, TT_MIB);
	return 0;
}

static int run_queue_create(struct ctx *self)
{
	return tt_queue_create(self->other.fd, DRM_TRN_NONE, 64, &self->made_queue);
}

static int prepare_destroy(struct ctx *self)
{
	struct drm_trn_op op = tt_op_fill(&self->a, 0, TT_MIB, 1);
	int ret = tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &self->made_queue);

	return ret ?: tt_submit(&self->made_queue, &op, 1, NULL);
}

static int run_destroy(struct ctx *self)
{
	struct drm_trn_queue_destroy args = { .queue_id = self->made_queue.id };

	return tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
}

static int undo_destroy(struct ctx *self, int ret)
{
	if (ret && run_destroy(self))
		return -EIO;
	return drmSyncobjDestroy(self->dev.fd, self->made_queue.syncobj);
}

static int prepare_user_create(struct ctx *self)
{
	int ret = prepare_other(self);

	return ret ?: tt_vm_create(self->other.fd, &self->made_vm);
}

/* And maps its pages. */
static int run_user_create(struct ctx *self)
{
	struct drm_trn_queue_create args = tt_uqueue_args(self->made_vm.id, TT_UPATH_RING, 64);

	return tt_uqueue_create(self->other.fd, &args, NULL, &self->made_user);
}

static int undo_user_create(struct ctx *self, int ret)
{
	if (!ret)
		tt_uqueue_destroy(&self->made_user);
	return undo_other(self, ret);
}

/* A queue in a file of its own, as above, with a thread that sleeps for it. */
static int prepare_user_queue(struct ctx *self)
{
	int ret = prepare_user_create(self);

	if (!ret)
		ret = run_user_create(self);
	return ret ?: tt_uqueue_notify(&self->made_user, 10);
}

static int run_notify(struct ctx *self)
{
	return tt_uqueue_notify(&self->made_user, 5);
}

static int undo_user_queue(struct ctx *self, int ret)
{
	(void)ret;
	return undo_user_create(self, 0);
}

static int run_user_destroy(struct ctx *self)
{
	struct drm_trn_queue_destroy args = { .queue_id = self->made_user.queue.id };

	return tt_ioctl(self->other.fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);
}

static int run_submit(struct ctx *self)
{
	struct drm_trn_op ops[40];
	struct drm_trn_sync syncs[] = {
		{ DRM_TRN_SYNC_SIGNAL, self->syncobj, 0 },
		{ DRM_TRN_SYNC_SIGNAL, self->queue.syncobj, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = tt_op_copy(&self->b, i * 4096, &self->a, i * 4096, 4096);
	return tt_submit_syncs(&self->queue, ops, ARRAY_SIZE(ops), syncs, 1, NULL);
}

static int prepare_submit(struct ctx *self)
{
	struct drm_trn_queue_get_state state;
	int ret = tt_queue_state(&self->queue, &state);

	self->submitted = state.submitted;
	tt_pattern_fill(self->a.map, 40 * 4096, 7);
	memset(self->b.map, 0, 40 * 4096);
	return ret;
}

/*
 * Failed: nothing was submitted, or all of it was and could not be told, which is what
 * -EFAULT may mean. Then, or if it did not fail: the queue works.
 */
static int undo_submit(struct ctx *self, int ret)
{
	struct drm_trn_queue_get_state state;

	if (tt_queue_state(&self->queue, &state) || state.submitted > self->submitted + 1)
		return -EIO;
	if (ret && state.submitted != self->submitted && ret != -EFAULT)
		return -EPROTO;
	if (state.submitted == self->submitted) {
		if (!ret || tt_byte_match(self->b.map, 40 * 4096, 0) != 40 * 4096)
			return -EBADMSG;
		if (run_submit(self) || tt_queue_state(&self->queue, &state))
			return -EIO;
	}
	if (tt_wait(&self->queue, state.submitted))
		return -EIO;
	if (tt_pattern_match(self->b.map, 40 * 4096, 7) != 40 * 4096)
		return -EBADMSG;
	return 0;
}

static int run_dependent_submit(struct ctx *self)
{
	struct drm_trn_op op = tt_op_copy(&self->b, 0, &self->a, 0, 40 * 4096);
	struct drm_trn_sync syncs[] = {
		{ DRM_TRN_SYNC_WAIT, self->syncobj, 0 },
		{ DRM_TRN_SYNC_SIGNAL, self->syncobj, 0 },
	};

	return tt_submit_syncs(&self->queue, &op, 1, syncs, 2, NULL);
}

static int prepare_dependent_submit(struct ctx *self)
{
	return prepare_submit(self) ?: drmSyncobjSignal(self->dev.fd, &self->syncobj, 1);
}

static int run_vm_create(struct ctx *self)
{
	return tt_vm_create(self->other.fd, &self->made_vm);
}

/* With references that must be dropped. */
static int prepare_vm_destroy(struct ctx *self)
{
	int ret = tt_vm_create(self->dev.fd, &self->made_vm);

	return ret ?: tt_vm_map(&self->made_vm, &self->a, VA);
}

static int run_vm_destroy(struct ctx *self)
{
	struct drm_trn_vm_destroy args = { .vm_id = self->made_vm.id };

	return tt_ioctl(self->dev.fd, DRM_IOCTL_TRN_VM_DESTROY, &args);
}

static int undo_vm_destroy(struct ctx *self, int ret)
{
	return ret ? run_vm_destroy(self) : 0;
}

/* Operations that take tables, split mappings, and need no table in the end. */
static int prepare_bind(struct ctx *self)
{
	return tt_vm_map(&self->vm, &self->b, VA);
}

static int bind_ops(struct ctx *self, struct drm_trn_vm_op ops[3])
{
	ops[0] = tt_vm_op_unmap(VA + TT_PAGE, TT_PAGE);
	ops[1] = tt_vm_op_map(&self->a, 0, VA + TT_GIB, 3 * TT_PAGE, TT_VM_RW);
	ops[2] = tt_vm_op_map(&self->a, TT_PAGE, VA + 4 * TT_PAGE, TT_PAGE, TT_VM_RW);
	return 3;
}

static int run_bind(struct ctx *self)
{
	struct drm_trn_vm_op ops[3];

	return tt_vm_bind(&self->vm, ops, bind_ops(self, ops));
}

/* Failed: the mappings are as before. Then it works. */
static int undo_bind(struct ctx *self, int ret)
{
	struct tt_vm_books books;

	if (tt_vm_read_books(&books) || books.num_mappings != (ret ? 1 : 5))
		return -EBADMSG;
	if (ret && run_bind(self))
		return -EIO;
	return tt_vm_unmap(&self->vm, VA, 2 * TT_GIB);
}

static int prepare_async_bind(struct ctx *self)
{
	int ret = prepare_bind(self);

	return ret ?: drmSyncobjSignal(self->dev.fd, &self->syncobj, 1);
}

static int run_async_bind(struct ctx *self)
{
	struct drm_trn_sync syncs[] = {
		{ DRM_TRN_SYNC_WAIT, self->syncobj, 0 },
		{ DRM_TRN_SYNC_SIGNAL, self->syncobj, 1 },
	};
	struct drm_trn_vm_op ops[3];

	return tt_vm_bind_async(&self->vm, ops, bind_ops(self, ops), syncs, 2);
}

static int undo_async_bind(struct ctx *self, int ret)
{
	if (!ret && tt_sync_wait(self->dev.fd, self->syncobj, 1, tt_deadline(TT_DEADLINE_S), 0))
		return -ETIME;
	return undo_bind(self, ret);
}

static int run_state(struct ctx *self)
{
	struct drm_trn_queue_get_state state;

	return tt_queue_state(&self->queue, &state);
}

TEST_F_TIMEOUT(fail_nth, every_call_survives_every_failure, 2400)
{
	static const struct nth_case cases[] = {
		{ "open", NULL, run_open, undo_other, false },
		{ "close", prepare_close, run_close, NULL, false },
		{ "DEV_QUERY", NULL, run_query, NULL, false },
		{ "BO_CREATE of HBM", prepare_other, run_create_hbm, undo_other, false },
		{ "BO_CREATE of host memory", prepare_other, run_create_host, undo_other, false },
		{ "BO_USERPTR", prepare_other, run_userptr, undo_other, false },
		{ "BO_INFO", NULL, run_info, NULL, false },
		{ "GEM_CLOSE of HBM", prepare_close_hbm, run_gem_close, undo_gem_close, false },
		{ "GEM_CLOSE of pinned memory", prepare_close_pinned, run_gem_close,
		  undo_gem_close, false },
		{ "mmap", NULL, run_mmap, undo_mmap, false },
		{ "QUEUE_CREATE", prepare_other, run_queue_create, undo_other, false },
		{ "QUEUE_DESTROY", prepare_destroy, run_destroy, undo_destroy, false },
		{ "QUEUE_SUBMIT", prepare_submit, run_submit, undo_submit, false },
		{ "QUEUE_SUBMIT with fences", prepare_dependent_submit, run_dependent_submit,
		  undo_submit, false },
		{ "QUEUE_GET_STATE", NULL, run_state, NULL, false },
		{ "QUEUE_CREATE of user mode", prepare_user_create, run_user_create,
		  undo_user_create, false },
		{ "QUEUE_NOTIFY", prepare_user_queue, run_notify, undo_user_queue, false },
		{ "QUEUE_DESTROY of user mode", prepare_user_queue, run_user_destroy,
		  undo_user_queue, false },
		{ "VM_CREATE", prepare_other, run_vm_create, undo_other, false },
		{ "VM_DESTROY", prepare_vm_destroy, run_vm_destroy, undo_vm_destroy, false },
		{ "VM_BIND", prepare_bind, run_bind, undo_bind, false },
		{ "VM_BIND with fences", prepare_async_bind, run_async_bind, undo_async_bind,
		  false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int hits = sweep(&self->ctx, &cases[i]);

		EXPECT_LE(0, hits) {
			TH_LOG("%s: %s", cases[i].name, strerror(-hits));
		}
		if (hits >= 0)
			ksft_print_msg("%s: %d failures\n", cases[i].name, hits);
	}
}

/* ---- probe ---- */

static int run_probe(struct ctx *self)
{
	return tt_bind(self->bdf);
}

static int undo_probe(struct ctx *self, int ret)
{
	return ret ? 0 : tt_unbind(self->bdf);
}

TEST_F_TIMEOUT(fail_nth, probe_survives_every_failure, 2400)
{
	static const struct nth_case probe = { "probe", NULL, run_probe, undo_probe, true };
	struct tt_device dev;
	struct tt_usage now;
	int hits;

	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	munmap(self->ctx.a.map, self->ctx.a.size);
	munmap(self->ctx.b.map, self->ctx.b.size);
	tt_device_close(&self->ctx.dev);
	ASSERT_EQ(0, tt_unbind(self->ctx.bdf));
	/* The PCI and the interrupt core of 6.12 warn of their own ways back. */
	ksft_print_msg("expect-splat: WARNING: .* iounmap\\+\n");
	ksft_print_msg("expect-splat: WARNING: .* remove_proc_entry\\+\n");
	hits = sweep(&self->ctx, &probe);
	EXPECT_LT(0, hits) {
		TH_LOG("probe: %s", strerror(-hits));
	}
	ksft_print_msg("probe: %d failures\n", hits);
	ASSERT_EQ(0, tt_bind(self->ctx.bdf));
	ASSERT_EQ(0, tt_device_reopen(&dev));
	ASSERT_EQ(0, tt_usage_read(dev.fd, &now));
	EXPECT_EQ(0, memcmp(&now, &self->ctx.idle, sizeof(now)));
	tt_device_close(&dev);
}

TEST_HARNESS_MAIN
