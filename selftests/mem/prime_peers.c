// SPDX-License-Identifier: GPL-2.0-only
/* dma-bufs between two devices, one of which is reset or leaves. */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "prime_copies.h"
#include "tt_fence.h"
#include "tt_harness.h"
#include "tt_prime.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

#define SIZE (256 * TT_KIB)
/* Large enough that a copy is still under way when the test does the next thing. */
#define PEER_SIZE (16 * TT_MIB)
/* Where imports are mapped in an address space of the device. */
#define IMPORT_VA 0x40000000ull
#define RING 1024

FIXTURE(peers)
{
	struct tt_device here, there;
	struct tt_queue queue;		/* of here */
	struct tt_bo hbm;		/* of here */
	struct tt_bo far;		/* HBM of there */
	struct tt_bo imported;		/* the same, here */
	struct tt_usage before;
	char bdf[32];			/* of there */
	int buf;
};

/* A device that is not the one called @bdf. */
static int open_other(const char *bdf, struct tt_device *dev, char *other, size_t len)
{
	char path[64];
	int n, ret = -ENODEV;

	for (n = 0; ret && n < 64; n++) {
		snprintf(path, sizeof(path), "/dev/accel/accel%d", n);
		setenv("TRN_TEST_DEVICE", path, 1);
		ret = tt_device_open(dev);
		if (!ret)
			ret = tt_device_bdf(dev->fd, other, len);
		if (!ret && !strcmp(bdf, other))
			ret = -ENODEV;
		if (ret)
			tt_device_close(dev);
	}
	unsetenv("TRN_TEST_DEVICE");
	return ret;
}

FIXTURE_SETUP(peers)
{
	char bdf[32];

	ASSERT_EQ(0, tt_device_open(&self->here));
	ASSERT_EQ(0, tt_device_bdf(self->here.fd, bdf, sizeof(bdf)));
	if (open_other(bdf, &self->there, self->bdf, sizeof(self->bdf)))
		SKIP(return, "there is only one device");
	ASSERT_EQ(0, tt_usage_read(self->here.fd, &self->before));
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_bo_create(self->here.fd, PEER_SIZE, self->here.hbm, &self->hbm));
	ASSERT_EQ(0, tt_bo_create(self->there.fd, PEER_SIZE, self->there.hbm, &self->far));
	self->buf = tt_export(&self->far);
	ASSERT_LE(0, self->buf);
	ASSERT_EQ(0, tt_import(self->here.fd, self->buf, &self->imported));
}

FIXTURE_TEARDOWN(peers)
{
	tt_bo_close(&self->imported);
	close(self->buf);
	tt_bo_close(&self->far);
	tt_bo_close(&self->hbm);
	tt_queue_destroy(&self->queue);
	EXPECT_EQ(0, tt_usage_settle(self->here.fd, &self->before));
	tt_device_close(&self->there);
	tt_device_close(&self->here);
}

TEST_F(peers, hbm_of_one_is_reached_by_the_other)
{
	struct drm_trn_bo_info info;
	struct tt_queue queue;

	ASSERT_EQ(0, tt_bo_info(self->here.fd, self->imported.handle, &info));
	EXPECT_EQ(DRM_TRN_BO_IS_IMPORT, info.flags);
	EXPECT_EQ(self->far.size, info.size);
	expect_copies(_metadata, &self->queue, &self->imported, self->far.map, &self->hbm);
	/* The owner's engines see the same bytes as its CPU. */
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_fill(&self->queue, &self->imported, 0, SIZE, 0x12121212));
	ASSERT_EQ(0, tt_copy(&queue, &self->far, SIZE, &self->far, 0, SIZE));
	EXPECT_EQ(2 * SIZE, tt_byte_match(self->far.map, 2 * SIZE, 0x12));
	tt_queue_destroy(&queue);
}

TEST_F(peers, both_reach_the_same_host_memory)
{
	struct tt_queue queue;
	struct tt_bo host, taken;
	int buf;

	ASSERT_EQ(0, tt_bo_create(self->there.fd, SIZE, self->there.system, &host));
	buf = tt_export(&host);
	ASSERT_LE(0, buf);
	ASSERT_EQ(0, tt_import(self->here.fd, buf, &taken));
	close(buf);
	expect_copies(_metadata, &self->queue, &taken, host.map, &self->hbm);
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_copy(&queue, &self->far, 0, &host, 0, SIZE));
	EXPECT_EQ(0, memcmp(self->far.map, host.map, SIZE));
	tt_queue_destroy(&queue);
	tt_bo_close(&taken);
	tt_bo_close(&host);
}

/* Copies into the other's HBM, many and large; returns the last point. */
static uint64_t keep_busy(struct __test_metadata *_metadata, FIXTURE_DATA(peers) *self)
{
	struct drm_trn_op ops[1000];
	uint64_t point = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = tt_op_copy(&self->imported, 0, &self->hbm, 0, self->hbm.size);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, ops, ARRAY_SIZE(ops), &point));
	return point;
}

/* The memory was taken back: its queue is lost, it can be named no more, others work. */
static void expect_revoked(struct __test_metadata *_metadata, FIXTURE_DATA(peers) *self,
			   uint64_t point)
{
	struct drm_trn_op op = tt_op_fill(&self->imported, 0, SIZE, 1);
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct drm_trn_queue_get_state state;
	struct tt_queue queue;
	int ret;

	EXPECT_EQ(0, tt_sync_wait(self->here.fd, self->queue.syncobj, point, deadline, 0));
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &queue));
	/* After a reset by the driver itself it comes a moment later. */
	while (!(ret = tt_submit(&queue, &op, 1, NULL)) && tt_deadline(0) < deadline)
		tt_sleep_ms(10);
	/* It may have taken this queue along, too. */
	EXPECT_TRUE(ret == -ENXIO || ret == -ECANCELED);
	tt_queue_destroy(&queue);

	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &queue));
	EXPECT_EQ(-ENXIO, tt_submit(&queue, &op, 1, NULL));
	EXPECT_EQ(0, tt_fill(&queue, &self->hbm, 0, SIZE, 0x33333333));
	EXPECT_EQ(SIZE, tt_byte_match(self->hbm.map, SIZE, 0x33));
	tt_queue_destroy(&queue);

	ASSERT_EQ(0, tt_queue_state(&self->queue, &state));
	EXPECT_EQ(DRM_TRN_QUEUE_STATE_LOST, state.state);
	EXPECT_EQ(-ECANCELED, state.error);
	EXPECT_EQ(state.completed + 1, state.error_point);
}

TEST_F(peers, reset_of_the_owner_takes_its_memory_back)
{
	struct tt_bo again;
	uint64_t point;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	point = keep_busy(_metadata, self);
	ASSERT_EQ(0, tt_reset(self->bdf));
	expect_revoked(_metadata, self, point);

	/* Closed and imported anew, it works again. */
	tt_bo_close(&self->imported);
	tt_queue_destroy(&self->queue);
	ASSERT_EQ(0, tt_queue_create(self->here.fd, DRM_TRN_NONE, 0, &self->queue));
	ASSERT_EQ(0, tt_import(self->here.fd, self->buf, &again));
	expect_copies(_metadata, &self->queue, &again, self->far.map, &self->hbm);
	tt_bo_close(&again);
}

/* A new queue in the address space of @path. */
static int open_queue(const struct tt_device *dev, struct tt_upath *path)
{
	struct drm_trn_queue_create args = tt_uqueue_args(path->vm.id, TT_UPATH_RING, RING);

	return tt_uqueue_create(dev->fd, &args, path->ring.map, &path->uq);
}

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(bus_error, 1);
}

/* True if reading there raises SIGBUS. */
static bool faults(const void *at)
{
	bool fault = true;

	signal(SIGBUS, on_bus_error);
	if (!sigsetjmp(bus_error, 1)) {
		*(const volatile char *)at;
		fault = false;
	}
	signal(SIGBUS, SIG_DFL);
	return fault;
}

TEST_F(peers, owner_that_leaves_takes_its_memory_along)
{
	struct tt_bo again;
	uint64_t point;
	char *map;

	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, self->buf, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_FALSE(faults(map));
	point = keep_busy(_metadata, self);
	ASSERT_EQ(0, tt_unbind(self->bdf));
	EXPECT_TRUE(faults(map));
	EXPECT_TRUE(faults(self->far.map));
	expect_revoked(_metadata, self, point);
	/* The dma-buf is an empty shell. */
	tt_bo_close(&self->imported);
	EXPECT_EQ(-ENODEV, tt_import(self->here.fd, self->buf, &again));
	munmap(map, SIZE);
	tt_bo_close(&self->far);
	tt_device_close(&self->there);
	ASSERT_EQ(0, tt_bind(self->bdf));
}

/* A user-mode queue that copies to the other's HBM without end finds nothing there any more. */
TEST_F(peers, address_spaces_lose_what_is_taken_back)
{
	struct tt_queue there;
	struct tt_upath path;
	struct tt_bo again;
	int i;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	if (!(self->here.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->here, RING, SIZE, &path));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &self->imported, IMPORT_VA));
	tt_pattern_fill(path.a.map, 65536, 7);
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536));
	EXPECT_EQ(65536, tt_pattern_match(self->far.map, 65536, 7));

	ksft_print_msg("expect-guest-error: engine [0-9]+ queue [0-9]+: .*no translation\n");
	for (i = 0; i < RING / 2; i++)
		tt_uqueue_push_copy(&path.uq, IMPORT_VA + i * 4096, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	ASSERT_EQ(0, tt_reset(self->bdf));
	/* From here on no byte arrives, even of new work. */
	ASSERT_EQ(0, tt_queue_create(self->there.fd, DRM_TRN_NONE, 0, &there));
	ASSERT_EQ(0, tt_fill(&there, &self->far, 0, PEER_SIZE, 0));
	tt_uqueue_push_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&path.uq));
	EXPECT_EQ(PEER_SIZE, tt_byte_match(self->far.map, PEER_SIZE, 0));
	tt_queue_destroy(&there);

	/* It cannot be mapped once more; imported once more it can. */
	tt_uqueue_destroy(&path.uq);
	EXPECT_EQ(-ENXIO, tt_vm_map(&path.vm, &self->imported, IMPORT_VA));
	tt_bo_close(&self->imported);
	ASSERT_EQ(0, tt_import(self->here.fd, self->buf, &again));
	ASSERT_EQ(0, tt_vm_map(&path.vm, &again, 2 * IMPORT_VA));
	ASSERT_EQ(0, open_queue(&self->here, &path));
	ASSERT_EQ(0, tt_uqueue_copy(&path.uq, 2 * IMPORT_VA, TT_UPATH_A, 65536));
	EXPECT_EQ(65536, tt_pattern_match(self->far.map, 65536, 7));
	tt_uqueue_push_copy(&path.uq, IMPORT_VA, TT_UPATH_A, 65536);
	tt_uqueue_ring(&path.uq);
	EXPECT_EQ(-EFAULT, tt_uqueue_poll_error(&path.uq));
	tt_bo_close(&again);
	tt_upath_close(&path);
}

/* A bind that was planned with the memory runs without it; its other mappings are made. */
TEST_F(peers, bind_under_way_does_without_what_is_taken_back)
{
	const uint64_t va = 1ull << 45, size = 65536;
	struct drm_trn_sync wait = { .flags = DRM_TRN_SYNC_WAIT };
	struct drm_trn_vm_op ops[3];
	struct tt_fence gate;
	struct tt_upath path;
	int ret;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	if (!(self->here.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, drmSyncobjCreate(self->here.fd, 0, &wait.handle));
	ret = tt_fence_attach(self->here.fd, wait.handle, &gate);
	if (ret == -ENODEV)
		SKIP(return, "no vgem, which has fences to hold");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, tt_upath_open(&self->here, RING, size, &path));
	/* Nothing else is near: the first takes the tables, the last counts on them. */
	ops[0] = tt_vm_op_map(&path.a, 0, va, size, TT_VM_RW);
	ops[1] = tt_vm_op_map(&self->imported, 0, va, size, TT_VM_RW);
	ops[2] = ops[0];
	ASSERT_EQ(0, tt_vm_bind_async(&path.vm, ops, 3, &wait, 1));
	ASSERT_EQ(0, tt_reset(self->bdf));
	ASSERT_EQ(0, tt_fence_signal(&gate));
	/* Binds are in order: after this one, that one is done. */
	ASSERT_EQ(0, tt_vm_map(&path.vm, &path.b, 2 * va));
	tt_pattern_fill(path.b.map, size, 9);
	EXPECT_EQ(0, tt_uqueue_copy(&path.uq, va, TT_UPATH_B, size));
	EXPECT_EQ(size, tt_pattern_match(path.a.map, size, 9));
	/* Asked for now, it is refused. */
	EXPECT_EQ(-ENXIO, tt_vm_bind(&path.vm, ops, 3));
	tt_fence_close(&gate);
	drmSyncobjDestroy(self->here.fd, wait.handle);
	tt_upath_close(&path);
}

/* The owner's file and the dma-buf go first, the importer's work goes on. */
TEST_F(peers, memory_outlives_the_file_that_made_it)
{
	struct drm_trn_op op = tt_op_copy(&self->imported, 0, &self->hbm, 0, self->hbm.size);
	uint64_t point;
	int i;

	close(self->buf);
	tt_bo_close(&self->far);
	tt_device_close(&self->there);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, tt_submit(&self->queue, &op, 1, &point));
	tt_bo_close(&self->imported);
	EXPECT_EQ(0, tt_wait(&self->queue, point));
}

TEST_HARNESS_MAIN
