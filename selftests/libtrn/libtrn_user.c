// SPDX-License-Identifier: GPL-2.0-only
/* User-mode queues by the library, on the real driver. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/seccomp.h>

#include "user.h"

TEST_F(user, bytes_travel_host_hbm_host)
{
	static const uint64_t sizes[] = { 1, 3, 4096, DESC - 1, DESC, DESC + 1, 3 * DESC + 7 };
	uint64_t back = SIZE / 2 + 5;
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		tt_pattern_fill(self->map, sizes[i], i);
		memset(self->map + SIZE / 2, 0, sizes[i] + 16);
		ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va + 7, self->host_va, sizes[i]));
		ASSERT_EQ(0, trn_prep_barrier(self->queue));
		ASSERT_EQ(0, trn_prep_copy(self->queue, self->host_va + back, self->hbm_va + 7,
					   sizes[i]));
		ASSERT_EQ(0, flush(self->queue));
		EXPECT_EQ(sizes[i], tt_pattern_match(self->map + back, sizes[i], i));
		EXPECT_EQ(0, self->map[back - 1]);
		EXPECT_EQ(0, self->map[back + sizes[i]]);
	}
}

/* Lap after lap, at every fill level. */
TEST_F(user, rings_wrap)
{
	unsigned int rounds = tt_scale(2000, 200), round, n, i;
	uint32_t *words = (uint32_t *)self->map, value = 0;
	uint32_t *back = (uint32_t *)(self->map + SIZE / 2);

	for (round = 0; round < rounds; round++) {
		n = round % 31 + 1;
		for (i = 0; i < n; i++) {
			words[i] = ++value;
			ASSERT_EQ(0, trn_prep_copy(self->queue, self->host_va + SIZE / 2 + 4 * i,
						   self->host_va + 4 * i, 4));
		}
		ASSERT_EQ(0, flush(self->queue));
		ASSERT_EQ(0, memcmp(words, back, 4 * n));
	}
	EXPECT_EQ(trn_queue_point(self->queue), trn_queue_completed(self->queue));
}

TEST_F(user, full_rings_empty_again)
{
	unsigned int copies = tt_scale(5000, 500), done = 0, full = 0;
	int ret;

	while (done < copies) {
		ret = trn_prep_copy(self->queue, self->hbm_va + done * 64, self->host_va, 64);
		if (!ret) {
			done++;
			continue;
		}
		ASSERT_EQ(-EAGAIN, ret);
		full++;
		trn_queue_kick(self->queue);
		ASSERT_EQ(0, trn_wait(self->queue, trn_queue_point(self->queue) - 32,
				      INT64_MAX));
	}
	EXPECT_LT(0, full);
	EXPECT_EQ(0, flush(self->queue));
	EXPECT_EQ(copies, trn_queue_completed(self->queue));
}

/* In a thread that is killed by any call but read, write and exit. */
struct silent {
	struct trn_queue *queue;
	uint64_t dst, src;
	bool done;
};

static void *put_and_poll_silently(void *arg)
{
	struct silent *silent = arg;
	unsigned int i, n;
	int ret = 0;

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		return NULL;
	for (n = 0; n < 20 && !ret; n++) {
		for (i = 0; i < 32 && !ret; i++)
			ret = trn_prep_copy(silent->queue, silent->dst + i, silent->src, 1);
		trn_queue_kick(silent->queue);
		while (!ret && trn_queue_poll(silent->queue, trn_queue_point(silent->queue)) ==
		       -EINPROGRESS)
			;
	}
	silent->done = !ret;
	syscall(SYS_exit, 0);
	return NULL;
}

TEST_F(user, submission_and_polling_make_no_system_call)
{
	struct silent silent = { self->queue, self->hbm_va, self->host_va, false };
	pthread_t thread;

	if (prctl(PR_GET_SECCOMP) < 0)
		SKIP(return, "the kernel cannot forbid system calls");
	ASSERT_EQ(0, pthread_create(&thread, NULL, put_and_poll_silently, &silent));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(silent.done);
	EXPECT_EQ(640, trn_queue_completed(self->queue));
}

TEST_F(user, sleeping_waits_wake)
{
	struct trn_queue *queue = new_queue(self->vm, self->dev, 0, TRN_SPIN_NEVER);
	unsigned int rounds = tt_scale(50, 10), i;

	ASSERT_NE(NULL, queue);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, trn_prep_copy(queue, self->hbm_va, self->host_va, SIZE / 2));
		ASSERT_EQ(0, flush(queue));
	}
	ASSERT_EQ(-EINVAL, trn_wait(queue, trn_queue_point(queue) + 1, 0));
	trn_queue_unref(queue);
}

TEST_F(user, points_not_rung_time_out)
{
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, 1));
	EXPECT_EQ(-ETIMEDOUT, trn_wait(self->queue, 1, 0));
	EXPECT_EQ(-ETIMEDOUT, trn_wait(self->queue, 1, trn_deadline(TT_NSEC / 100)));
	EXPECT_EQ(0, flush(self->queue));
}

TEST_F(user, any_and_all_of_several_are_waited_for)
{
	struct trn_point points[4];
	struct trn_queue *kernel;
	unsigned int rounds = tt_scale(20, 5), i, round;
	size_t which;

	ASSERT_EQ(0, trn_queue_new(self->dev, NULL, &kernel));
	for (i = 0; i < 3; i++) {
		points[i].queue = new_queue(self->vm, self->dev, 0, i ? TRN_SPIN_NEVER : 0);
		ASSERT_NE(NULL, points[i].queue);
	}
	points[3].queue = kernel;
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(0, trn_prep_copy(points[i].queue, self->hbm_va + i * TT_MIB,
						   self->host_va, TT_MIB));
			trn_queue_kick(points[i].queue);
			points[i].point = trn_queue_point(points[i].queue);
		}
		ASSERT_EQ(0, trn_fill_async(kernel, self->dev_bo, 3 * TT_MIB, TT_MIB, round,
					    &points[3].point));
		ASSERT_EQ(0, trn_wait_any(points, 4, INT64_MAX, &which));
		ASSERT_GT(4, which);
		EXPECT_EQ(0, trn_wait(points[which].queue, points[which].point, 0));
		ASSERT_EQ(0, trn_wait_all(points, 4, INT64_MAX));
		for (i = 0; i < 4; i++)
			EXPECT_EQ(0, trn_wait(points[i].queue, points[i].point, 0));
	}
	for (i = 0; i < 4; i++)
		trn_queue_unref(points[i].queue);
}

TEST_F(user, eventfd_tells_of_the_end)
{
	int fd = eventfd(0, 0);
	eventfd_t value;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, SIZE / 2));
	ASSERT_EQ(0, trn_queue_eventfd(self->queue, trn_queue_point(self->queue), fd));
	trn_queue_kick(self->queue);
	ASSERT_EQ(0, eventfd_read(fd, &value));
	EXPECT_EQ(0, trn_wait(self->queue, trn_queue_point(self->queue), 0));
	close(fd);
}

TEST_F(user, fault_is_told_and_harms_nobody_else)
{
	struct trn_queue *other = new_queue(self->vm, self->dev, 0, 0);
	uint64_t nowhere = self->hbm_va + SIZE;
	struct trn_queue_state state;

	ASSERT_NE(NULL, other);
	expect_guest_error("no translation");
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, 8));
	ASSERT_EQ(0, trn_prep_copy(self->queue, nowhere, self->host_va, 8));
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, 8));
	EXPECT_EQ(-EFAULT, flush(self->queue));
	EXPECT_EQ(0, trn_wait(self->queue, 1, 0));
	ASSERT_EQ(0, trn_queue_get_state(self->queue, &state));
	EXPECT_EQ(TRN_QUEUE_STATE_FAULTED, state.status);
	EXPECT_EQ(-EFAULT, state.error);
	EXPECT_EQ(2, state.error_point);
	EXPECT_EQ(nowhere, state.fault_addr);
	EXPECT_EQ(TRN_ACCESS_TARGET, state.fault_access);
	EXPECT_EQ(0, trn_prep_copy(other, self->hbm_va, self->host_va, 8));
	EXPECT_EQ(0, flush(other));
	trn_queue_unref(other);
}

TEST_F(user, permissions_are_kept)
{
	struct trn_queue_state state;
	uint64_t va;

	ASSERT_EQ(0, trn_vm_map(self->vm, self->dev_bo, 0, TT_PAGE, TRN_VM_READ, &va));
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->host_va, va, TT_PAGE));
	EXPECT_EQ(0, flush(self->queue));
	expect_guest_error("writing is not permitted");
	ASSERT_EQ(0, trn_prep_copy(self->queue, va, self->host_va, TT_PAGE));
	EXPECT_EQ(-EFAULT, flush(self->queue));
	ASSERT_EQ(0, trn_queue_get_state(self->queue, &state));
	EXPECT_EQ(va, state.fault_addr);
}

TEST_F(user, what_was_unmapped_faults)
{
	uint64_t va;

	ASSERT_EQ(0, trn_vm_map(self->vm, self->dev_bo, 100, 50, RW, &va));
	ASSERT_EQ(0, trn_prep_copy(self->queue, va, self->host_va, 50));
	EXPECT_EQ(0, flush(self->queue));
	ASSERT_EQ(0, trn_vm_unmap(self->vm, va));
	expect_guest_error("no translation");
	ASSERT_EQ(0, trn_prep_copy(self->queue, va, self->host_va, 50));
	EXPECT_EQ(-EFAULT, flush(self->queue));
}

TEST_F(user, pinned_memory_is_mapped_at_its_bytes)
{
	unsigned char *memory = tt_pages(4 * TT_PAGE);
	struct trn_bo *bo;
	uint64_t va;

	ASSERT_NE(NULL, memory);
	tt_pattern_fill(self->map, 2 * TT_PAGE, 3);
	ASSERT_EQ(0, trn_bo_pin(self->dev, memory + 777, 2 * TT_PAGE, 0, &bo));
	ASSERT_EQ(0, trn_vm_map(self->vm, bo, 0, 2 * TT_PAGE, RW, &va));
	trn_bo_unref(bo);
	ASSERT_EQ(0, trn_prep_copy(self->queue, va, self->host_va, 2 * TT_PAGE));
	ASSERT_EQ(0, flush(self->queue));
	EXPECT_EQ(2 * TT_PAGE, tt_pattern_match(memory + 777, 2 * TT_PAGE, 3));
	EXPECT_EQ(777, tt_byte_match(memory, 777, 0));
	munmap(memory, 4 * TT_PAGE);
}

/* ---- threads ---- */

#define THREADS 4

struct producer {
	struct trn_queue *queue;
	unsigned char *map;
	uint64_t va;
	unsigned int rounds, errors;
};

static void *produce(void *arg)
{
	struct producer *producer = arg;
	unsigned int i;
	int ret;

	for (i = 0; i < producer->rounds; i++) {
		memset(producer->map, i, 64);
		do {
			ret = trn_prep_copy(producer->queue, producer->va + TT_PAGE, producer->va,
					    64);
			trn_queue_kick(producer->queue);
		} while (ret == -EAGAIN);
		if (ret || trn_wait(producer->queue, trn_queue_point(producer->queue), INT64_MAX) ||
		    memcmp(producer->map, producer->map + TT_PAGE, 64))
			producer->errors++;
	}
	return NULL;
}

TEST_F(user, threads_share_a_queue)
{
	struct trn_queue *queue = new_queue(self->vm, self->dev, TRN_QUEUE_SHARED, 0);
	struct producer producers[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	ASSERT_NE(NULL, queue);
	for (i = 0; i < THREADS; i++) {
		producers[i] = (struct producer){
			.queue = queue,
			.map = self->map + 2 * i * TT_PAGE,
			.va = self->host_va + 2 * i * TT_PAGE,
			.rounds = tt_scale(500, 100),
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, produce, &producers[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, producers[i].errors);
	}
	EXPECT_EQ(THREADS * producers[0].rounds, trn_queue_completed(queue));
	trn_queue_unref(queue);
}

/* ---- fork ---- */

static int child_status(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST_F(user, child_of_a_fork_cannot_reach_the_queue)
{
	pid_t pid;

	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, 8));
	pid = fork();
	if (!pid) {
		trn_prep_copy(self->queue, self->hbm_va, self->host_va, 8);
		_exit(0);
	}
	EXPECT_EQ(-SIGSEGV, child_status(pid));
	pid = fork();
	if (!pid) {
		trn_queue_kick(self->queue);
		_exit(0);
	}
	EXPECT_EQ(-SIGSEGV, child_status(pid));
	EXPECT_EQ(0, trn_queue_completed(self->queue));
	EXPECT_EQ(0, flush(self->queue));
}

TEST_F(user, child_of_a_fork_drops_its_references)
{
	pid_t pid = fork();

	if (!pid) {
		trn_bo_unref(self->host);
		trn_queue_unref(self->queue);
		trn_vm_unref(self->vm);
		trn_device_unref(self->dev);
		_exit(0);
	}
	ASSERT_EQ(0, child_status(pid));
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->hbm_va, self->host_va, 8));
	EXPECT_EQ(0, flush(self->queue));
}

/* ---- sharing ---- */

TEST_F(user, memory_is_shared_between_open_devices)
{
	struct trn_device *other;
	struct trn_copier *copier;
	struct trn_bo *bo, *again;
	int fd, ret;

	ret = trn_bo_export(self->host, &fd);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "the driver shares nothing");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, trn_bo_import(self->dev, fd, &again));
	EXPECT_EQ(again, self->host);
	trn_bo_unref(again);
	ASSERT_EQ(0, trn_device_open(0, &other));
	ret = trn_bo_import(other, fd, &bo);
	close(fd);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(trn_bo_size(self->host), trn_bo_size(bo));
	ASSERT_EQ(0, trn_copier_new(other, NULL, &copier));
	ASSERT_EQ(0, trn_fill(copier, bo, 0, TT_PAGE, 0x42424242));
	EXPECT_EQ(TT_PAGE, tt_byte_match(self->map, TT_PAGE, 0x42));
	trn_bo_unref(bo);
	trn_copier_unref(copier);
	trn_device_unref(other);
}

TEST_HARNESS_MAIN
