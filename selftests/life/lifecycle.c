// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver comes and goes: unload, unbind and rebind, idle and under load.
 * Whoever has the device open gets -ENODEV, and every fence signals.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/sync_file.h>

#include "tt_fence.h"
#include "tt_harness.h"
#include "tt_load.h"
#include "tt_sysfs.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

FIXTURE(lifecycle)
{
	struct tt_device dev;
	struct tt_usage before;
	char bdf[32];
	char node[PATH_MAX];
	char module[PATH_MAX];
};

FIXTURE_SETUP(lifecycle)
{
	if (geteuid())
		SKIP(return, "needs root, to unbind the driver");
	ASSERT_EQ(0, tt_device_path(self->node, sizeof(self->node)));
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, self->bdf, sizeof(self->bdf)));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	if (tt_module_path(self->module, sizeof(self->module)))
		self->module[0] = 0;
}

FIXTURE_TEARDOWN(lifecycle)
{
	struct tt_device dev;

	/* Whatever the test did: the device is back, and whole. */
	tt_device_close(&self->dev);
	if (tt_device_open(&dev)) {
		tt_device_close(&dev);
		if (self->module[0])
			tt_module_load(self->module);
		tt_bind(self->bdf);
		ASSERT_EQ(0, tt_device_reopen(&dev));
	}
	EXPECT_EQ(0, tt_usage_settle(dev.fd, &self->before));
	tt_device_close(&dev);
}

static bool device_copies(const struct tt_device *dev)
{
	uint64_t size = TT_MIB + 3;
	struct tt_queue queue;
	struct tt_bo a, b;
	bool ok;

	if (tt_queue_create(dev->fd, DRM_TRN_NONE, 0, &queue))
		return false;
	ok = !tt_bo_create(dev->fd, size, dev->hbm, &a) &&
	     !tt_bo_create(dev->fd, size, dev->system, &b);
	if (ok) {
		tt_pattern_fill(a.map, size, 1);
		ok = tt_fact("error", 0, tt_copy(&queue, &b, 0, &a, 0, size)) &&
		     tt_fact("bytes copied", size, tt_pattern_match(b.map, size, 1));
		tt_bo_close(&b);
		tt_bo_close(&a);
	}
	return !tt_queue_destroy(&queue) && ok;
}

TEST_F(lifecycle, module_in_use_is_not_unloaded)
{
	if (!self->module[0])
		SKIP(return, "no trn.ko for this kernel (TRN_TEST_MODULE=)");
	EXPECT_EQ(-EAGAIN, tt_module_unload());
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_F(lifecycle, module_reloads)
{
	int i, rounds = tt_scale(5, 2);

	if (!self->module[0])
		SKIP(return, "no trn.ko for this kernel (TRN_TEST_MODULE=)");
	tt_device_close(&self->dev);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, tt_module_unload_unused());
		EXPECT_EQ(-ENODEV, tt_device_open(&self->dev));
		tt_device_close(&self->dev);
		ASSERT_EQ(0, tt_module_load(self->module));
		ASSERT_EQ(0, tt_device_reopen(&self->dev));
		EXPECT_TRUE(device_copies(&self->dev));
		tt_device_close(&self->dev);
	}
}

TEST_F(lifecycle, module_stays_while_the_load_runs_and_goes_after)
{
	int ends[TT_LOAD_PROCESSES], i;
	struct tt_load load;

	if (!self->module[0])
		SKIP(return, "no trn.ko for this kernel (TRN_TEST_MODULE=)");
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_load_start(&load));
	for (i = 0; i < 10; i++)
		EXPECT_EQ(-EAGAIN, tt_module_unload());
	EXPECT_EQ(0, tt_load_progress(&load, 8));
	/* The last work of the killed is still in the device. */
	for (i = 0; i < TT_LOAD_PROCESSES; i++)
		kill(load.pids[i], SIGKILL);
	tt_load_join(&load, ends);
	ASSERT_EQ(0, tt_module_unload_unused());
	ASSERT_EQ(0, tt_module_load(self->module));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_F(lifecycle, unbound_device_answers_enodev)
{
	struct drm_trn_queue_get_state state;
	struct tt_queue queue, none;
	struct tt_bo bo, other;
	uint32_t size = 0;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_fill(&queue, &bo, 0, TT_MIB, 1));
	ASSERT_EQ(0, tt_unbind(self->bdf));
	EXPECT_EQ(-ENODEV, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, NULL, &size));
	EXPECT_EQ(-ENODEV, tt_bo_create(self->dev.fd, TT_PAGE, self->dev.hbm, &other));
	EXPECT_EQ(-ENODEV, tt_fill(&queue, &bo, 0, TT_MIB, 1));
	EXPECT_EQ(-ENODEV, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &none));
	EXPECT_GT(0, open(self->node, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(-ENODEV, tt_queue_state(&queue, &state));
	munmap(bo.map, bo.size);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_F(lifecycle, unbind_signals_the_fences_in_flight)
{
	struct drm_trn_sync out = { DRM_TRN_SYNC_SIGNAL, 0, 0 };
	struct sync_file_info info = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	struct drm_trn_op op;
	struct tt_queue queue;
	struct tt_bo bo;
	int i;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, 64 * TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &out.handle));
	op = tt_op_fill(&bo, 0, bo.size, 1);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, tt_submit_syncs(&queue, &op, 1, &out, 1, NULL));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, out.handle, &pfd.fd));
	ASSERT_EQ(0, tt_unbind(self->bdf));
	ASSERT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	ASSERT_EQ(0, ioctl(pfd.fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(-ENODEV, info.status);
	close(pfd.fd);
	munmap(bo.map, bo.size);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_F(lifecycle, unbind_ends_address_spaces)
{
	struct drm_trn_sync syncs[] = {
		{ DRM_TRN_SYNC_WAIT, 0, 0 },
		{ DRM_TRN_SYNC_SIGNAL, 0, 0 },
	};
	struct sync_file_info info = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	struct drm_trn_vm_op op;
	struct tt_fence gate;
	struct tt_bo hbm, host;
	struct tt_vm vm, none;
	int ret;

	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, TT_MIB, self->dev.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_create_unmapped(self->dev.fd, TT_MIB, self->dev.system, &host));
	ASSERT_EQ(0, tt_vm_map(&vm, &hbm, TT_GIB));
	ASSERT_EQ(0, tt_vm_map(&vm, &host, 2 * TT_GIB));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &syncs[0].handle));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &syncs[1].handle));
	ret = tt_fence_attach(self->dev.fd, syncs[0].handle, &gate);
	if (ret == -ENODEV)
		SKIP(return, "no vgem, which has fences to hold");
	ASSERT_EQ(0, ret);
	/* With tables that are not in the page table yet. */
	op = tt_vm_op_map(&host, 0, 3 * TT_GIB, TT_MIB, TT_VM_RW);
	ASSERT_EQ(0, tt_vm_bind_async(&vm, &op, 1, syncs, 2));
	ASSERT_EQ(0, drmSyncobjExportSyncFile(self->dev.fd, syncs[1].handle, &pfd.fd));
	ASSERT_EQ(0, tt_unbind(self->bdf));
	ASSERT_EQ(1, poll(&pfd, 1, 0));
	ASSERT_EQ(0, ioctl(pfd.fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(-ENODEV, info.status);
	close(pfd.fd);
	EXPECT_EQ(-ENODEV, tt_vm_unmap(&vm, TT_GIB, TT_MIB));
	EXPECT_EQ(-ENODEV, tt_vm_create(self->dev.fd, &none));
	EXPECT_EQ(-ENODEV, tt_vm_destroy(&vm));
	/* Nobody is left to be woken. */
	tt_fence_close(&gate);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
}

/* Binds and unbinds until the device is gone; tells when it has begun. Returns an exit status. */
static int bind_until_enodev(int begun)
{
	struct tt_device dev;
	unsigned int n;
	struct tt_bo bo;
	struct tt_vm vm;

	if (tt_device_open(&dev) || tt_vm_create(dev.fd, &vm) ||
	    tt_bo_create_unmapped(dev.fd, TT_MIB, dev.system, &bo))
		return 1;
	for (n = 0;; n++) {
		struct drm_trn_vm_op ops[] = {
			tt_vm_op_map(&bo, 0, TT_GIB + n % 8 * TT_GIB, TT_MIB, TT_VM_RW),
			tt_vm_op_unmap(TT_GIB + (n + 1) % 8 * TT_GIB, TT_GIB),
		};
		int ret = n % 2 ? tt_vm_bind(&vm, ops, 2) : tt_vm_bind_async(&vm, ops, 2, NULL, 0);

		if (ret == -ENODEV)
			return 0;
		if (ret)
			return 2;
		if (n == 10 && write(begun, "x", 1) != 1)
			return 3;
	}
}

TEST_F(lifecycle, unbind_in_the_middle_of_binds)
{
	int round, i, rounds = tt_scale(10, 3), begun[2];
	pid_t pids[4];
	char byte;

	ASSERT_EQ(0, pipe(begun));
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < 4; i++) {
			pids[i] = fork();
			ASSERT_LE(0, pids[i]);
			if (!pids[i]) {
				tt_device_close(&self->dev);
				_exit(bind_until_enodev(begun[1]));
			}
		}
		tt_device_close(&self->dev);
		for (i = 0; i < 4; i++)
			ASSERT_EQ(1, read(begun[0], &byte, 1));
		ASSERT_EQ(0, tt_unbind(self->bdf));
		for (i = 0; i < 4; i++)
			EXPECT_EQ(0, tt_reap(pids[i]));
		ASSERT_EQ(0, tt_bind(self->bdf));
		ASSERT_EQ(0, tt_device_reopen(&self->dev));
	}
	close(begun[0]);
	close(begun[1]);
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_F(lifecycle, unbind_leaves_the_pages_of_a_user_queue)
{
	struct pollfd pfd = { .events = POLLIN };
	struct tt_upath p;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_upath_open(&self->dev, 64, TT_MIB, &p));
	ASSERT_EQ(0, tt_uqueue_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE));
	pfd.fd = tt_uqueue_eventfd(&p.uq, 1000);
	ASSERT_LE(0, pfd.fd);
	ASSERT_EQ(0, tt_uqueue_notify(&p.uq, 1000));
	ASSERT_EQ(0, tt_unbind(self->bdf));
	EXPECT_EQ(1, poll(&pfd, 1, TT_DEADLINE_S * 1000));
	close(pfd.fd);
	EXPECT_EQ(-ENODEV, tt_uqueue_error(&p.uq));
	EXPECT_EQ(1, tt_uqueue_done(&p.uq));
	tt_uqueue_ring_raw(&p.uq, 1, 1);
	EXPECT_EQ(-ENODEV, tt_uqueue_notify(&p.uq, 1));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, TT_PAGE, PROT_READ, MAP_SHARED, self->dev.fd,
				   p.uq.record_offset));
	/* The pages hold even when the file is closed, and a new device is there. */
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
	tt_uqueue_ring_raw(&p.uq, 1, 1);
	EXPECT_EQ(-ENODEV, tt_uqueue_error(&p.uq));
	munmap(p.uq.doorbell, TT_PAGE);
	munmap((void *)p.uq.page, TT_PAGE);
	munmap(p.ring.map, p.ring.size);
	munmap(p.a.map, p.a.size);
	munmap(p.b.map, p.b.size);
}

TEST_F(lifecycle, unbind_while_a_user_queue_rings)
{
	int round, rounds = tt_scale(8, 3), status;
	struct tt_upath p;
	pid_t pid;

	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	tt_device_close(&self->dev);
	for (round = 0; round < rounds; round++) {
		int ready[2];
		char byte;

		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			int ret = tt_device_open(&self->dev) ?:
				  tt_upath_open(&self->dev, 64, TT_MIB, &p);

			while (!ret) {
				ret = tt_uqueue_copy(&p.uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
				if (p.uq.s2m_pos == 3 && write(ready[1], "1", 1) != 1)
					_exit(2);
			}
			/* And once more, into the memory that is there now. */
			tt_uqueue_ring_raw(&p.uq, 1, 1);
			_exit(ret == -ENODEV ? 0 : 1);
		}
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		close(ready[0]);
		close(ready[1]);
		ASSERT_EQ(0, tt_unbind(self->bdf));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		ASSERT_EQ(0, tt_bind(self->bdf));
		ASSERT_EQ(0, tt_device_reopen(&self->dev));
		EXPECT_TRUE(device_copies(&self->dev));
		tt_device_close(&self->dev);
	}
}

TEST_F(lifecycle, unbind_under_load_ends_it_with_enodev)
{
	int ends[TT_LOAD_PROCESSES], round, i, rounds = tt_scale(4, 2);
	struct tt_load load;

	tt_device_close(&self->dev);
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, tt_load_start(&load));
		ASSERT_EQ(0, tt_unbind(self->bdf));
		tt_load_join(&load, ends);
		for (i = 0; i < TT_LOAD_PROCESSES; i++) {
			EXPECT_EQ(TT_LOAD_NODEV, ends[i]) {
				TH_LOG("error %d", load.shared->error);
			}
		}
		ASSERT_EQ(0, tt_bind(self->bdf));
		ASSERT_EQ(0, tt_device_reopen(&self->dev));
		EXPECT_TRUE(device_copies(&self->dev));
		tt_device_close(&self->dev);
	}
}

TEST_F(lifecycle, rebind_while_the_old_file_is_open)
{
	struct tt_device fresh;
	struct tt_bo bo;
	uint32_t size = 0;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &bo));
	ASSERT_EQ(0, tt_unbind(self->bdf));
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&fresh));
	EXPECT_TRUE(device_copies(&fresh));
	/* The old file stays dead, and its end does not touch the new device. */
	EXPECT_EQ(-ENODEV, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, NULL, &size));
	munmap(bo.map, bo.size);
	tt_device_close(&self->dev);
	EXPECT_TRUE(device_copies(&fresh));
	self->dev = fresh;
}

TEST_F(lifecycle, mapping_of_a_gone_device_harms_nobody)
{
	struct tt_bo hbm, host;
	int status;
	pid_t pid;

	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.hbm, &hbm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, TT_MIB, self->dev.system, &host));
	memset(hbm.map, 0x5a, TT_PAGE);
	memset(host.map, 0x5a, TT_MIB);
	ASSERT_EQ(0, tt_unbind(self->bdf));
	/* The bytes are undefined now; a page that was never touched may be refused. */
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		memset(hbm.map, 1, TT_MIB);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE((WIFEXITED(status) && !WEXITSTATUS(status)) ||
		    (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS));
	munmap(hbm.map, TT_MIB);
	munmap(host.map, TT_MIB);
	tt_device_close(&self->dev);
	ASSERT_EQ(0, tt_bind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&self->dev));
	EXPECT_TRUE(device_copies(&self->dev));
}

TEST_HARNESS_MAIN
