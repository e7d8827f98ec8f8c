// SPDX-License-Identifier: GPL-2.0-only
/* VM_BIND that does not wait: fences in and out, order, and the ends of all that. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tt_harness.h"
#include "tt_fence.h"
#include "tt_vm.h"

#define VA	(1ull << 40)
#define SIZE	(64 * TT_KIB)

FIXTURE(vm_async)
{
	struct tt_device dev;
	struct tt_vm vm;
	struct tt_bo bo;
	uint32_t in, out;		/* syncobjs */
	struct tt_fence gate;		/* the fence of in */
	struct tt_usage before;
};

FIXTURE_SETUP(vm_async)
{
	int ret;

	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &self->vm));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->bo));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &self->in));
	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &self->out));
	ret = tt_fence_attach(self->dev.fd, self->in, &self->gate);
	if (ret == -ENODEV)
		SKIP(return, "no vgem, which has fences to hold");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(vm_async)
{
	struct tt_vm_books books;

	tt_fence_close(&self->gate);
	if (self->dev.fd >= 0) {
		drmSyncobjDestroy(self->dev.fd, self->out);
		drmSyncobjDestroy(self->dev.fd, self->in);
		tt_bo_close(&self->bo);
		if (self->vm.id)
			EXPECT_EQ(0, tt_vm_destroy(&self->vm));
		EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
		tt_device_close(&self->dev);
	}
	EXPECT_EQ(0, tt_vm_read_books(&books));
	EXPECT_EQ(0, books.num_vms);
}

static unsigned int num_mappings(void)
{
	struct tt_vm_books books;

	return tt_vm_read_books(&books) ? ~0u : books.num_mappings;
}

static struct drm_trn_sync wait_for(uint32_t handle)
{
	return (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT, handle, 0 };
}

static struct drm_trn_sync signal_to(uint32_t handle)
{
	return (struct drm_trn_sync) { DRM_TRN_SYNC_SIGNAL, handle, 0 };
}

/* The BO as mapping @n of the VM. */
static struct drm_trn_vm_op map_op(FIXTURE_DATA(vm_async) *self, unsigned int n)
{
	return tt_vm_op_map(&self->bo, 0, VA + n * SIZE, SIZE, TT_VM_RW);
}

/* Map @n when the gate opens. */
static int map_gated(FIXTURE_DATA(vm_async) *self, unsigned int n)
{
	struct drm_trn_sync syncs[] = { wait_for(self->in), signal_to(self->out) };
	struct drm_trn_vm_op op = map_op(self, n);

	return tt_vm_bind_async(&self->vm, &op, 1, syncs, 2);
}

TEST_F(vm_async, is_done_at_once_without_fences)
{
	struct drm_trn_sync out = signal_to(self->out);
	struct drm_trn_vm_op op = map_op(self, 0);

	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, &out, 1));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	EXPECT_EQ(1, num_mappings());
	/* And without a fence to signal; the next call is queued behind it. */
	op = tt_vm_op_unmap(VA, SIZE);
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, NULL, 0));
	op = map_op(self, 1);
	ASSERT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm_async, waits_for_its_fence)
{
	ASSERT_EQ(0, map_gated(self, 0));
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->out));
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm_async, waits_for_all_its_fences)
{
	struct drm_trn_sync syncs[4] = { wait_for(self->in) };
	struct drm_trn_vm_op op = map_op(self, 0);
	struct tt_fence gates[2];
	uint32_t objs[2];
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &objs[i]));
		ASSERT_EQ(0, tt_fence_attach(self->dev.fd, objs[i], &gates[i]));
		syncs[1 + i] = wait_for(objs[i]);
	}
	syncs[3] = signal_to(self->out);
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, syncs, 4));
	/* The last of them first. */
	ASSERT_EQ(0, tt_fence_signal(&gates[1]));
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->out));
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->out));
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&gates[0]));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	EXPECT_EQ(1, num_mappings());
	for (i = 0; i < 2; i++) {
		tt_fence_close(&gates[i]);
		drmSyncobjDestroy(self->dev.fd, objs[i]);
	}
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* The call is interrupted again and again, so that a signal cannot come too early. */
static int map_interrupted(FIXTURE_DATA(vm_async) *self)
{
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct drm_trn_vm_op op = map_op(self, 0);
	struct drm_trn_vm_bind args = {
		.vm_id = self->vm.id,
		.flags = DRM_TRN_VM_BIND_ASYNC,
		.ops = { sizeof(op), 1, (uintptr_t)&op },
	};
	int ret;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	ret = ioctl(self->vm.fd, DRM_IOCTL_TRN_VM_BIND, &args) ? -errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	return ret;
}

TEST_F(vm_async, full_vm_makes_the_next_bind_wait)
{
	const unsigned int max = 1024;
	struct drm_trn_vm_op op;
	unsigned int i;
	int ret;

	for (i = 0; i < max; i++)
		ASSERT_EQ(0, map_gated(self, i % 2));
	ret = map_interrupted(self);
	if (tt_fence_status(self->dev.fd, self->in))
		SKIP(return, "the machine is too slow for a fence of ten seconds");
	EXPECT_EQ(-EINTR, ret);
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	/* Now there is room; and it stands behind all of them. */
	op = tt_vm_op_unmap(VA, SIZE);
	EXPECT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm_async, timeline_points_in_and_out)
{
	struct drm_trn_sync syncs[] = {
		{ DRM_TRN_SYNC_WAIT, self->in, 5 },
		{ DRM_TRN_SYNC_SIGNAL, self->out, 7 },
	};
	struct drm_trn_vm_op op = map_op(self, 0);
	uint64_t point = 0;

	ASSERT_EQ(0, drmSyncobjTransfer(self->dev.fd, self->in, 5, self->in, 0, 0));
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	ASSERT_EQ(0, drmSyncobjQuery(self->dev.fd, &self->out, &point, 1));
	EXPECT_EQ(0, point);
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_sync_wait(self->dev.fd, self->out, 7, tt_deadline(TT_DEADLINE_S), 0));
	ASSERT_EQ(0, drmSyncobjQuery(self->dev.fd, &self->out, &point, 1));
	EXPECT_EQ(7, point);
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm_async, order_of_calls_is_kept)
{
	struct drm_trn_sync out = signal_to(self->out);
	struct drm_trn_vm_op op = tt_vm_op_unmap(VA, SIZE);

	ASSERT_EQ(0, map_gated(self, 0));
	/* Waits for nothing but the call before. */
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, &out, 1));
	op = map_op(self, 1);
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, NULL, 0));
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->out));
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	op = map_op(self, 2);
	ASSERT_EQ(0, tt_vm_bind(&self->vm, &op, 1));
	EXPECT_EQ(2, num_mappings());
}

TEST_F(vm_async, another_vm_does_not_wait)
{
	struct drm_trn_vm_op op = map_op(self, 0);
	struct tt_vm other;

	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &other));
	ASSERT_EQ(0, tt_vm_bind(&other, &op, 1));
	EXPECT_EQ(1, num_mappings());
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->out));
	ASSERT_EQ(0, tt_vm_destroy(&other));
}

TEST_F(vm_async, a_chain_over_two_vms)
{
	struct drm_trn_sync syncs[] = { wait_for(self->out), signal_to(self->out) };
	struct drm_trn_vm_op op = map_op(self, 0);
	struct tt_vm other;
	int i;

	ASSERT_EQ(0, tt_vm_create(self->dev.fd, &other));
	ASSERT_EQ(0, map_gated(self, 0));
	for (i = 0; i < 20; i++) {
		op = map_op(self, i);
		ASSERT_EQ(0, tt_vm_bind_async(i % 2 ? &self->vm : &other, &op, 1, syncs, 2));
	}
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	/* Mapping 0 of this VM, then 1, 3, 5 ...; 0, 2, 4 ... of the other. */
	EXPECT_EQ(21, num_mappings());
	ASSERT_EQ(0, tt_vm_destroy(&other));
}

/* ---- binds that wait, behind binds that do not ---- */

struct waiter {
	pthread_t thread;
	const struct tt_vm *vm;
	struct drm_trn_vm_op op;
	pid_t tid;
	int ret;
};

static void *waiter_main(void *arg)
{
	struct waiter *waiter = arg;
	struct drm_trn_vm_bind args = {
		.vm_id = waiter->vm->id,
		.ops = { sizeof(waiter->op), 1, (uintptr_t)&waiter->op },
	};

	__atomic_store_n(&waiter->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	/* Not tt_ioctl(), which begins again after a signal. */
	waiter->ret = ioctl(waiter->vm->fd, DRM_IOCTL_TRN_VM_BIND, &args) ? -errno : 0;
	return NULL;
}

/* Returns when the thread sleeps in its call. */
static int waiter_start(struct waiter *waiter, const struct tt_vm *vm, struct drm_trn_vm_op op)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	char path[64], stat[256];
	pid_t tid;

	*waiter = (struct waiter) { .vm = vm, .op = op };
	if (pthread_create(&waiter->thread, NULL, waiter_main, waiter))
		return -EAGAIN;
	do {
		const char *state = NULL;

		tid = __atomic_load_n(&waiter->tid, __ATOMIC_ACQUIRE);
		snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
		if (tid && !tt_read_file(path, stat, sizeof(stat)))
			state = stat;
		if (state && atoi(state) == SYS_ioctl)
			return 0;
		sched_yield();
	} while (tt_deadline(0) < deadline);
	return -ETIMEDOUT;
}

TEST_F(vm_async, who_waits_stands_in_line)
{
	struct waiter waiter;

	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, waiter_start(&waiter, &self->vm, tt_vm_op_unmap(VA, SIZE)));
	EXPECT_EQ(0, num_mappings());
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	pthread_join(waiter.thread, NULL);
	EXPECT_EQ(0, waiter.ret);
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	/* It has undone the operations before it. */
	EXPECT_EQ(0, num_mappings());
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST_F(vm_async, a_signal_ends_the_wait_and_nothing_is_done)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct waiter waiter;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, waiter_start(&waiter, &self->vm, map_op(self, 1)));
	ASSERT_EQ(0, pthread_kill(waiter.thread, SIGUSR1));
	pthread_join(waiter.thread, NULL);
	EXPECT_EQ(-EINTR, waiter.ret);
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	EXPECT_EQ(1, num_mappings());
}

TEST_F(vm_async, destroying_the_vm_ends_the_wait)
{
	struct waiter waiter;
	struct tt_vm vm = self->vm;

	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, waiter_start(&waiter, &vm, map_op(self, 1)));
	ASSERT_EQ(0, tt_vm_destroy(&self->vm));
	pthread_join(waiter.thread, NULL);
	EXPECT_EQ(-ECANCELED, waiter.ret);
	EXPECT_EQ(-ECANCELED, tt_fence_wait(self->dev.fd, self->out));
}

/* ---- refusals ---- */

TEST_F(vm_async, a_fence_that_is_not_there_is_refused)
{
	struct drm_trn_vm_op op = map_op(self, 0);
	struct drm_trn_sync syncs[] = { signal_to(self->in), wait_for(self->out) };

	EXPECT_EQ(-EINVAL, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	syncs[1] = (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT, self->out, 3 };
	EXPECT_EQ(-EINVAL, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	syncs[1] = wait_for(self->in + self->out + 100);
	EXPECT_EQ(-ENOENT, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	syncs[1] = signal_to(0);
	EXPECT_EQ(-ENOENT, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	syncs[1] = (struct drm_trn_sync) { 0, self->out, 0 };
	EXPECT_EQ(-EINVAL, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	syncs[1] = (struct drm_trn_sync) { DRM_TRN_SYNC_WAIT | DRM_TRN_SYNC_SIGNAL, self->in, 0 };
	EXPECT_EQ(-EINVAL, tt_vm_bind_async(&self->vm, &op, 1, syncs, 2));
	EXPECT_EQ(0, num_mappings());
	/* And in has the fence that it had. */
	EXPECT_EQ(0, tt_fence_status(self->dev.fd, self->in));
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(1, tt_fence_status(self->dev.fd, self->in));
}

TEST_F(vm_async, a_refused_call_attaches_no_fence)
{
	struct drm_trn_sync out = signal_to(self->out);
	struct drm_trn_vm_op ops[] = { map_op(self, 0), map_op(self, 1) };

	ops[1].size += TT_PAGE;
	EXPECT_EQ(-EINVAL, tt_vm_bind_async(&self->vm, ops, 2, &out, 1));
	EXPECT_EQ(-EINVAL, tt_sync_wait(self->dev.fd, self->out, 0, 0, 0));
	EXPECT_EQ(0, num_mappings());
}

/* ---- ends ---- */

TEST_F(vm_async, destroying_the_vm_cancels)
{
	struct drm_trn_vm_op op = map_op(self, 1);
	struct drm_trn_sync last = { .flags = DRM_TRN_SYNC_SIGNAL };

	ASSERT_EQ(0, drmSyncobjCreate(self->dev.fd, 0, &last.handle));
	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, tt_vm_bind_async(&self->vm, &op, 1, &last, 1));
	ASSERT_EQ(0, tt_vm_destroy(&self->vm));
	EXPECT_EQ(-ECANCELED, tt_fence_status(self->dev.fd, self->out));
	EXPECT_EQ(-ECANCELED, tt_fence_status(self->dev.fd, last.handle));
	/* The gate stays closed. */
	EXPECT_EQ(0, tt_fence_signal(&self->gate));
	drmSyncobjDestroy(self->dev.fd, last.handle);
}

TEST_F(vm_async, closing_the_file_cancels)
{
	struct tt_device other;
	uint32_t shared;
	int file;

	/* Another file has the out syncobj, too. */
	ASSERT_EQ(0, tt_device_open(&other));
	ASSERT_EQ(0, drmSyncobjHandleToFD(self->dev.fd, self->out, &file));
	ASSERT_EQ(0, drmSyncobjFDToHandle(other.fd, file, &shared));
	close(file);
	ASSERT_EQ(0, map_gated(self, 0));
	munmap(self->bo.map, self->bo.size);
	tt_device_close(&self->dev);
	EXPECT_EQ(-ECANCELED, tt_fence_wait(other.fd, shared));
	EXPECT_EQ(0, tt_usage_settle(other.fd, &self->before));
	tt_device_close(&other);
}

TEST_F(vm_async, being_killed_cancels)
{
	int pipe_fds[2], status;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(pipe_fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct tt_device dev;
		struct tt_fence gate;
		struct tt_bo bo;
		struct tt_vm vm;
		struct drm_trn_sync in = { .flags = DRM_TRN_SYNC_WAIT };
		struct drm_trn_vm_op op;

		if (tt_device_open(&dev) || tt_vm_create(dev.fd, &vm) ||
		    tt_bo_create(dev.fd, SIZE, dev.hbm, &bo) ||
		    drmSyncobjCreate(dev.fd, 0, &in.handle) ||
		    tt_fence_attach(dev.fd, in.handle, &gate))
			_exit(1);
		op = tt_vm_op_map(&bo, 0, VA, SIZE, TT_VM_RW);
		if (tt_vm_bind_async(&vm, &op, 1, &in, 1) || write(pipe_fds[1], "x", 1) != 1)
			_exit(1);
		/* Sleeps behind it. */
		_exit(tt_vm_bind(&vm, &op, 1) ? 1 : 2);
	}
	ASSERT_EQ(1, read(pipe_fds[0], &byte, 1));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

TEST_F(vm_async, bos_can_be_closed_while_it_waits)
{
	struct tt_usage now;

	ASSERT_EQ(0, map_gated(self, 0));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &now));
	tt_bo_close(&self->bo);
	ASSERT_EQ(0, tt_fence_signal(&self->gate));
	EXPECT_EQ(0, tt_fence_wait(self->dev.fd, self->out));
	EXPECT_EQ(1, num_mappings());
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &now));
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, SIZE));
}

/* ---- many at once ---- */

struct crowd {
	const struct tt_vm *vm;
	const struct tt_bo *bo;
	unsigned int rounds;
	uint64_t seed;
	int unexpected;
};

static void *crowd_main(void *arg)
{
	struct crowd *crowd = arg;
	uint64_t rnd = crowd->seed;
	unsigned int i;

	for (i = 0; i < crowd->rounds; i++) {
		uint64_t va = VA + tt_random(&rnd) % 64 * TT_PAGE;
		struct drm_trn_vm_op op = tt_random(&rnd) % 2 ?
			tt_vm_op_map(crowd->bo, 0, va, SIZE, TT_VM_RW) : tt_vm_op_unmap(va, SIZE);
		int ret = tt_random(&rnd) % 2 ? tt_vm_bind(crowd->vm, &op, 1) :
			tt_vm_bind_async(crowd->vm, &op, 1, NULL, 0);

		/* Binds that were queued when the VM was destroyed are cancelled. */
		if (ret == -ENOENT || ret == -ECANCELED)
			break;
		if (ret)
			crowd->unexpected = ret;
	}
	return NULL;
}

TEST_F(vm_async, a_vm_goes_under_a_crowd)
{
	struct crowd crowd[4];
	pthread_t threads[4];
	unsigned int i, lap;

	for (lap = 0; lap < tt_scale(50, 10); lap++) {
		struct tt_vm vm;

		ASSERT_EQ(0, tt_vm_create(self->dev.fd, &vm));
		for (i = 0; i < 4; i++) {
			crowd[i] = (struct crowd) {
				.vm = &vm, .bo = &self->bo, .rounds = 1000000,
				.seed = tt_seed() + 4 * lap + i,
			};
			ASSERT_EQ(0, pthread_create(&threads[i], NULL, crowd_main, &crowd[i]));
		}
		tt_sleep_ms(lap % 10);
		ASSERT_EQ(0, tt_vm_destroy(&(struct tt_vm) { vm.fd, vm.id }));
		for (i = 0; i < 4; i++) {
			pthread_join(threads[i], NULL);
			EXPECT_EQ(0, crowd[i].unexpected);
		}
	}
}

TEST_F(vm_async, a_crowd_leaves_order_behind)
{
	struct crowd crowd[4];
	pthread_t threads[4];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		crowd[i] = (struct crowd) {
			.vm = &self->vm, .bo = &self->bo, .rounds = tt_scale(2000, 200),
			.seed = tt_seed() + i,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, crowd_main, &crowd[i]));
	}
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, crowd[i].unexpected);
	}
	ASSERT_EQ(0, tt_vm_unmap(&self->vm, VA, TT_GIB));
	EXPECT_EQ(0, num_mappings());
}

TEST_HARNESS_MAIN
