// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of one open file and of one user, and the error past them. At a limit the objects
 * that exist go on, other users are not limited, and freed objects can be had again.
 */
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tt_harness.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

#define RING_SIZE 64

FIXTURE(limits)
{
	struct tt_device dev, other;
	struct tt_usage before;
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	ASSERT_EQ(0, tt_device_open(&self->other));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(limits)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->other);
	tt_device_close(&self->dev);
}

/* ---- address spaces ---- */

/* As many as can be had; returns the error that came then. */
static int vms_create(int fd, struct tt_vm *vms, unsigned int max, unsigned int *num)
{
	int ret = 0;

	for (*num = 0; *num < max; ++*num) {
		ret = tt_vm_create(fd, &vms[*num]);
		if (ret)
			break;
	}
	return ret;
}

TEST_F(limits, of_address_spaces)
{
	unsigned int max = self->dev.info.max_vms, num;
	struct tt_vm *vms, other;

	vms = calloc(max + 1, sizeof(*vms));
	ASSERT_NE(NULL, vms);
	EXPECT_EQ(-EMFILE, vms_create(self->dev.fd, vms, max + 1, &num));
	EXPECT_EQ(max, num);
	EXPECT_EQ(0, tt_vm_create(self->other.fd, &other));
	EXPECT_EQ(0, tt_vm_destroy(&other));
	EXPECT_EQ(0, tt_vm_destroy(&vms[max / 2]));
	EXPECT_EQ(0, tt_vm_create(self->dev.fd, &vms[max / 2]));
	while (num--)
		EXPECT_EQ(0, tt_vm_destroy(&vms[num]));
	free(vms);
}

/* However many files he opens; others are not concerned. */
TEST_F(limits, of_address_spaces_of_a_user)
{
	enum { FILES = 64, USER_VMS = 1024 };
	unsigned int max = self->dev.info.max_vms, num = 0, files, total = 0;
	struct tt_device *devs = calloc(FILES, sizeof(*devs)), stranger;
	struct tt_vm *vms = calloc(max, sizeof(*vms)), other;

	if (geteuid())
		SKIP(return, "needs root, to be another user");
	ASSERT_NE(NULL, devs);
	ASSERT_NE(NULL, vms);
	for (files = 0; files < FILES && total < USER_VMS; files++) {
		ASSERT_EQ(0, tt_device_open(&devs[files]));
		ASSERT_EQ(0, vms_create(devs[files].fd, vms, max, &num));
		total += num;
	}
	EXPECT_EQ(USER_VMS, total);
	EXPECT_EQ(-EMFILE, tt_vm_create(self->dev.fd, &other));
	ASSERT_EQ(0, tt_device_open_as(1000, &stranger));
	EXPECT_EQ(0, tt_vm_create(stranger.fd, &other));
	tt_device_close(&stranger);
	tt_device_close(&devs[--files]);
	EXPECT_EQ(0, tt_vm_create(self->dev.fd, &other));
	EXPECT_EQ(0, tt_vm_destroy(&other));
	while (files--)
		tt_device_close(&devs[files]);
	free(vms);
	free(devs);
}

/* ---- page tables ---- */

/* Map one page at a time, each where it needs tables of its own; the error at last. */
static int tables_fill(const struct tt_device *dev, const struct tt_vm *vm, const struct tt_bo *bo)
{
	uint64_t va = dev->info.va_start, end = va + dev->info.va_size;
	uint32_t max = dev->info.max_bind_ops, i;
	struct drm_trn_vm_op *ops = calloc(max, sizeof(*ops));
	int ret = ops ? 0 : -ENOMEM;

	while (!ret && end - va > max * TT_GIB) {
		for (i = 0; i < max; i++, va += TT_GIB)
			ops[i] = tt_vm_op_map(bo, 0, va, TT_PAGE, TT_VM_RW);
		ret = tt_vm_bind(vm, ops, max);
	}
	free(ops);
	return ret;
}

TEST_F(limits, of_page_tables)
{
	struct tt_bo bo, other_bo;
	struct tt_vm vm, other_vm;

	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.system, &bo));
	ASSERT_EQ(-EDQUOT, tables_fill(&self->dev, &vm, &bo));
	/* It is the file's, not the space's. */
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &other_vm));
	EXPECT_EQ(-EDQUOT, tables_fill(&self->dev, &other_vm, &bo));
	tt_vm_destroy(&other_vm);

	ASSERT_EQ(0, tt_vm_create(self->other.fd, &other_vm));
	ASSERT_EQ(0, tt_bo_create(self->other.fd, TT_PAGE, self->dev.system, &other_bo));
	EXPECT_EQ(0, tt_vm_map(&other_vm, &other_bo, self->dev.info.va_start));
	tt_vm_destroy(&other_vm);
	tt_bo_close(&other_bo);

	EXPECT_EQ(0, tt_vm_unmap(&vm, self->dev.info.va_start, self->dev.info.va_size));
	EXPECT_EQ(0, tt_vm_map(&vm, &bo, self->dev.info.va_start));
	tt_vm_destroy(&vm);
	tt_bo_close(&bo);
}

/*
 * What one call writes, which nothing can interrupt: to write the same entries again and
 * again takes as many tables as if they were others.
 */
TEST_F(limits, of_entries_that_one_bind_writes)
{
	uint64_t size = 64 * TT_MIB, va = TT_GIB + TT_PAGE;
	uint32_t max = self->dev.info.max_bind_ops, i;
	uint64_t fits = self->dev.info.max_table_bytes / 8 / (size / TT_PAGE);
	struct drm_trn_vm_op *ops = calloc(max, sizeof(*ops));
	struct tt_bo bo;
	struct tt_vm vm;

	ASSERT_NE(NULL, ops);
	ASSERT_LT(fits, max);
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, size, self->dev.hbm, &bo));
	/* Off by a page, so that each page has an entry of its own. */
	for (i = 0; i < max; i++)
		ops[i] = tt_vm_op_map(&bo, 0, va, size, TT_VM_RW);
	EXPECT_EQ(-EDQUOT, tt_vm_bind(&vm, ops, max));
	EXPECT_EQ(-EDQUOT, tt_vm_bind(&vm, ops, fits + 1));
	EXPECT_EQ(0, tt_vm_bind(&vm, ops, 8));
	tt_bo_close(&bo);
	tt_vm_destroy(&vm);
	free(ops);
}

/* ---- queues ---- */

struct queues {
	struct tt_vm vm;
	struct tt_bo ring;
	uint64_t ring_va;
};

static int queues_open(const struct tt_device *dev, struct queues *queues)
{
	int ret = tt_vm_create(dev->fd, &queues->vm);

	queues->ring_va = dev->info.va_start;
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_PAGE, dev->system, &queues->ring);
	return ret ?: tt_vm_map(&queues->vm, &queues->ring, queues->ring_va);
}

static void queues_close(struct queues *queues)
{
	tt_vm_destroy(&queues->vm);
	tt_bo_close(&queues->ring);
}

/* All share one ring, in which there are no descriptors. */
static int queues_create(const struct queues *queues, uint32_t engine, struct tt_uqueue *uqs,
			 unsigned int max, unsigned int *num)
{
	struct drm_trn_queue_create args = tt_uqueue_args(queues->vm.id, queues->ring_va,
							  RING_SIZE);
	int ret = 0;

	args.engine = engine;
	for (*num = 0; *num < max; ++*num) {
		ret = tt_uqueue_create(queues->vm.fd, &args, queues->ring.map, &uqs[*num]);
		if (ret)
			break;
	}
	return ret;
}

TEST_F(limits, of_queues_of_both_modes)
{
	unsigned int max = self->dev.info.max_queues, num;
	struct tt_queue kernel_queue;
	struct tt_uqueue *uqs;
	struct queues queues;

	uqs = calloc(max, sizeof(*uqs));
	ASSERT_NE(NULL, uqs);
	ASSERT_EQ(0, queues_open(&self->dev, &queues));
	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &kernel_queue));
	EXPECT_EQ(-EMFILE, queues_create(&queues, DRM_TRN_NONE, uqs, max, &num));
	EXPECT_EQ(max - 1, num);
	tt_queue_destroy(&kernel_queue);
	EXPECT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &kernel_queue));
	tt_queue_destroy(&kernel_queue);
	while (num--)
		EXPECT_EQ(0, tt_uqueue_destroy(&uqs[num]));
	queues_close(&queues);
	free(uqs);
}

TEST_F(limits, of_queues_of_an_engine)
{
	unsigned int max = self->dev.info.queues_per_engine, num, more;
	struct tt_uqueue *uqs;
	struct queues queues;

	uqs = calloc(max + 1, sizeof(*uqs));
	ASSERT_NE(NULL, uqs);
	ASSERT_EQ(0, queues_open(&self->dev, &queues));
	EXPECT_EQ(-EBUSY, queues_create(&queues, 7, uqs, max + 1, &num));
	EXPECT_EQ(max, num);
	EXPECT_EQ(0, tt_uqueue_destroy(&uqs[--num]));
	EXPECT_EQ(0, queues_create(&queues, 7, &uqs[num], 1, &more));
	num += more;
	while (num--)
		EXPECT_EQ(0, tt_uqueue_destroy(&uqs[num]));
	queues_close(&queues);
	free(uqs);
}

static int set_max_user_queues(const char *bdf, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/max_user_queues", bdf);
	return tt_write_file(path, text);
}

/* As another user, with a file of his own; the error for one queue more, or 0. */
static int queues_of_somebody(unsigned int num)
{
	struct tt_queue queue;
	struct tt_device dev;
	unsigned int i;
	int ret;

	if (setresuid(65534, 65534, 0))
		return -EPERM;
	ret = tt_device_open(&dev);
	for (i = 0; i < num && !ret; i++)
		ret = tt_queue_create(dev.fd, DRM_TRN_NONE, 64, &queue);
	/* Another file does not lift it. */
	if (!ret)
		ret = tt_device_open(&dev);
	if (!ret)
		ret = tt_queue_create(dev.fd, DRM_TRN_NONE, 64, &queue) == -EDQUOT ? 0 : -EPROTO;
	return ret;
}

TEST_F(limits, of_queues_of_a_user)
{
	struct tt_queue mine[4];
	char bdf[32], path[PATH_MAX];
	struct stat node;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, bdf, sizeof(bdf)));
	ASSERT_EQ(0, tt_device_path(path, sizeof(path)));
	ASSERT_EQ(0, stat(path, &node));
	if (geteuid() || set_max_user_queues(bdf, "3"))
		SKIP(return, "needs root, to set max_user_queues");
	EXPECT_EQ(0, chmod(path, 0666));
	pid = fork();
	if (!pid)
		_exit(-queues_of_somebody(3));
	EXPECT_EQ(0, tt_reap(pid));
	/* The resources of the process are given back, and root has no such limit. */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &mine[i]));
	while (i--)
		tt_queue_destroy(&mine[i]);
	EXPECT_EQ(0, chmod(path, node.st_mode & 07777));
	EXPECT_EQ(0, set_max_user_queues(bdf, "1056"));
}

/* ---- memory ---- */

/* Pinned pages count once for each BO, however they are mapped; mapping pins none. */
TEST_F(limits, of_pinned_memory_is_not_passed_by_mapping)
{
	const uint64_t size = TT_MIB;
	struct rlimit limit = { size, size };
	void *mem = tt_pages(2 * size);
	struct tt_bo pinned, more;
	struct tt_vm vm;
	unsigned int i;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) || geteuid() || setresuid(65534, 65534, 0))
		SKIP(return, "root's rights are needed to drop them");
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, mem, size, 0, &pinned));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, tt_vm_map(&vm, &pinned, self->dev.info.va_start + i * size));
	EXPECT_EQ(-ENOMEM, tt_bo_userptr(self->dev.fd, (char *)mem + size, TT_PAGE, 0, &more));
	/* A mapping holds the pages, and their charge, when the handle is closed. */
	tt_bo_close(&pinned);
	EXPECT_EQ(-ENOMEM, tt_bo_userptr(self->dev.fd, (char *)mem + size, TT_PAGE, 0, &more));
	EXPECT_EQ(0, tt_vm_destroy(&vm));
	EXPECT_EQ(0, tt_bo_userptr(self->dev.fd, (char *)mem + size, TT_PAGE, 0, &more));
	tt_bo_close(&more);
	EXPECT_EQ(0, setresuid(0, 0, 0));
}

TEST_HARNESS_MAIN
