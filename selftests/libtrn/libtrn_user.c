// SPDX-License-Identifier: GPL-2.0-only
/* User-mode queues by the library, on the real driver. */
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tt_harness.h"

#include "trn_prep.h"

#define RW (TRN_VM_READ | TRN_VM_WRITE)
#define SIZE (4 * TT_MIB)
#define DESC 65536u

FIXTURE(user)
{
	struct trn_device *dev;
	struct trn_device_info info;
	uint64_t hbm, system;
	struct trn_vm *vm;
	struct trn_queue *queue;
	struct trn_bo *host, *dev_bo;
	unsigned char *map;		/* of the host memory */
	uint64_t host_va, hbm_va;
};

static struct trn_queue *new_queue(struct trn_vm *vm, struct trn_device *dev, uint32_t flags,
				   uint32_t spin_ns)
{
	const struct trn_queue_attr attr = {
		.vm = vm, .ring_size = 64, .flags = flags, .spin_ns = spin_ns,
	};
	struct trn_queue *queue = NULL;

	return trn_queue_new(dev, &attr, &queue) ? NULL : queue;
}

FIXTURE_SETUP(user)
{
	ASSERT_EQ(0, trn_device_open(0, &self->dev));
	ASSERT_EQ(0, trn_device_get_info(self->dev, &self->info, sizeof(self->info)));
	if (!(self->info.caps & TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, trn_place_hbm(self->dev, &self->hbm));
	ASSERT_EQ(0, trn_place_system(self->dev, &self->system));
	ASSERT_EQ(0, trn_vm_new(self->dev, &self->vm));
	self->queue = new_queue(self->vm, self->dev, 0, 0);
	ASSERT_NE(NULL, self->queue);
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->system, 0, &self->host));
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->hbm, 0, &self->dev_bo));
	ASSERT_EQ(0, trn_bo_map(self->host, (void **)&self->map));
	ASSERT_EQ(0, trn_vm_map(self->vm, self->host, 0, SIZE, RW, &self->host_va));
	ASSERT_EQ(0, trn_vm_map(self->vm, self->dev_bo, 0, SIZE, RW, &self->hbm_va));
}

FIXTURE_TEARDOWN(user)
{
	trn_bo_unref(self->host);
	trn_bo_unref(self->dev_bo);
	trn_queue_unref(self->queue);
	trn_vm_unref(self->vm);
	trn_device_unref(self->dev);
}

/* QEMU logs what a test does wrong on purpose. */
static void expect_guest_error(const char *what)
{
	printf("# expect-guest-error: engine [0-9]+ queue [0-9]+: .*%s\n", what);
	fflush(stdout);
}

/* Ring, and wait for all that was put. */
static int flush(struct trn_queue *queue)
{
	trn_queue_kick(queue);
	return trn_wait(queue, trn_queue_point(queue), trn_deadline(TT_DEADLINE_S * TT_NSEC));
}

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

/* ---- inline operations ---- */

static struct trn_array array(uint64_t va, uint32_t type, int64_t s0, int64_t s1)
{
	return (struct trn_array){ .va = va, .type = type, .stride = { s0, s1 } };
}

static bool has_inline_ops(const struct trn_device_info *info)
{
	return info->caps & TRN_CAP_INLINE_OPS;
}

/* With inline operations or without: that is the library's business. */
TEST_F(user, arrays_are_copied)
{
	const struct trn_shape shape = { .dims = 2, .size = { 16, 10 } };
	struct trn_array src = array(self->host_va, TRN_DTYPE_U32, 4, 256);
	struct trn_array dst = array(self->host_va + SIZE / 2, TRN_DTYPE_U32, 4, 64);
	unsigned int row;

	tt_pattern_fill(self->map, 4096, 9);
	ASSERT_EQ(0, trn_prep_array(self->queue, &dst, &src, &shape, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (row = 0; row < 10; row++)
		EXPECT_EQ(0, memcmp(self->map + 256 * row, self->map + SIZE / 2 + 64 * row, 64));
}

TEST_F(user, arrays_are_filled_and_transposed)
{
	const struct trn_shape shape = { .dims = 2, .size = { 5, 3 } };
	struct trn_array src = array(self->host_va, TRN_DTYPE_U16, 2, 10);
	struct trn_array dst = array(self->hbm_va, TRN_DTYPE_U16, 2, 6);
	struct trn_array fill = array(self->host_va + 4096, TRN_DTYPE_U16, 4, 32);
	uint16_t *in = (uint16_t *)self->map, *out = (uint16_t *)(self->map + SIZE / 2);
	unsigned int i, c, r;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	for (i = 0; i < 15; i++)
		in[i] = i + 1;
	memset(self->map + 4096, 0, 128);
	ASSERT_EQ(0, trn_prep_fill(self->queue, &fill, &shape, 0xabcd));
	ASSERT_EQ(0, trn_prep_transpose(self->queue, &dst, &src, &shape, 0));
	ASSERT_EQ(0, trn_prep_barrier(self->queue));
	ASSERT_EQ(0, trn_prep_copy(self->queue, self->host_va + SIZE / 2, self->hbm_va, 30));
	ASSERT_EQ(0, flush(self->queue));
	for (r = 0; r < 3; r++)
		for (c = 0; c < 5; c++) {
			EXPECT_EQ(in[r * 5 + c], out[c * 3 + r]);
			EXPECT_EQ(0xabcd, in[2048 + r * 16 + c * 2]);
			EXPECT_EQ(0, in[2048 + r * 16 + c * 2 + 1]);
		}
}

TEST_F(user, rows_are_gathered_and_scattered)
{
	const struct trn_shape row = { .dims = 1, .size = { 64 } };
	static const uint32_t chosen[] = { 9, 0, 4 };
	struct trn_index index = { .va = self->host_va + 4096, .count = 3, .size = 4, .bound = 10 };
	struct trn_array rows = array(self->host_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array dense = array(self->hbm_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array back = array(self->host_va + SIZE / 2, TRN_DTYPE_U8, 1, 64);
	unsigned int i;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	tt_pattern_fill(self->map, 640, 4);
	memcpy(self->map + 4096, chosen, sizeof(chosen));
	memset(self->map + SIZE / 2, 0, 640);
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dense, &rows, &row, &index, 0));
	ASSERT_EQ(0, trn_prep_barrier(self->queue));
	ASSERT_EQ(0, trn_prep_scatter(self->queue, &back, &dense, &row, &index, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, memcmp(self->map + 64 * chosen[i],
				    self->map + SIZE / 2 + 64 * chosen[i], 64));
	EXPECT_EQ(64, tt_byte_match(self->map + SIZE / 2 + 64, 64, 0));
}

TEST_F(user, values_are_cast_and_added)
{
	const struct trn_shape shape = { .dims = 1, .size = { 8 } };
	struct trn_array f32 = array(self->host_va, TRN_DTYPE_F32, 4, 0);
	struct trn_array bf16 = array(self->host_va + 4096, TRN_DTYPE_BF16, 2, 0);
	struct trn_array sum = array(self->host_va + 8192, TRN_DTYPE_F32, 4, 0);
	uint64_t sources[16];
	float *in = (float *)self->map, *out = (float *)(self->map + 8192);
	uint16_t *half = (uint16_t *)(self->map + 4096);
	unsigned int i;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	for (i = 0; i < 8; i++)
		in[i] = 1 + i / 128.0f;
	for (i = 0; i < 16; i++)
		sources[i] = self->host_va;
	ASSERT_EQ(0, trn_prep_array(self->queue, &bf16, &f32, &shape, 0));
	ASSERT_EQ(0, trn_prep_accumulate(self->queue, &sum, &f32, sources, 16, &shape, 0));
	ASSERT_EQ(0, flush(self->queue));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0x3f80 + i, half[i]);
		EXPECT_EQ(16 * in[i], out[i]);
	}
}

/* An operation without sense costs the queue, and is told. */
TEST_F(user, index_out_of_bound_is_an_error)
{
	const struct trn_shape row = { .dims = 1, .size = { 64 } };
	struct trn_index index = { .va = self->host_va + 4096, .count = 1, .size = 8, .bound = 3 };
	struct trn_array rows = array(self->host_va, TRN_DTYPE_U8, 1, 64);
	struct trn_array dst = array(self->hbm_va, TRN_DTYPE_U8, 1, 64);
	const uint64_t beyond = 3;

	if (!has_inline_ops(&self->info))
		SKIP(return, "the device has no inline operations");
	memcpy(self->map + 4096, &beyond, sizeof(beyond));
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dst, &rows, &row, &index, TRN_ARRAY_SKIP_BOUND));
	ASSERT_EQ(0, flush(self->queue));
	expect_guest_error("index is out of bounds");
	ASSERT_EQ(0, trn_prep_gather(self->queue, &dst, &rows, &row, &index, 0));
	EXPECT_EQ(-EIO, flush(self->queue));
}

/* ---- copiers ---- */

static void copy_there_and_back(struct __test_metadata *_metadata, struct trn_device *dev,
				uint32_t mode, uint64_t hbm)
{
	const struct trn_copier_attr attr = { .mode = mode, .num_queues = 3 };
	uint64_t size = tt_scale(96, 8) * TT_MIB + 13;
	unsigned char *memory = tt_pages(size), *back = tt_pages(size);
	struct trn_bo *src, *dst, *middle;
	struct trn_copier *copier;

	ASSERT_TRUE(memory && back);
	tt_pattern_fill(memory, size, mode);
	ASSERT_EQ(0, trn_copier_new(dev, &attr, &copier));
	EXPECT_EQ(mode == TRN_COPIER_USER, trn_copier_is_user_mode(copier));
	ASSERT_EQ(0, trn_bo_pin(dev, memory, size, TRN_BO_READ_ONLY, &src));
	ASSERT_EQ(0, trn_bo_pin(dev, back, size, 0, &dst));
	ASSERT_EQ(0, trn_bo_new(dev, size + 64, hbm, TRN_BO_NO_MMAP, &middle));
	ASSERT_EQ(0, trn_fill(copier, middle, 0, trn_bo_size(middle), 0x01010101));
	ASSERT_EQ(0, trn_copy(copier, middle, 3, src, 0, size));
	ASSERT_EQ(0, trn_copy(copier, dst, 0, middle, 3, size));
	EXPECT_EQ(size, tt_pattern_match(back, size, mode));
	ASSERT_EQ(0, trn_copy(copier, dst, 0, middle, size + 3, 32));
	EXPECT_EQ(32, tt_byte_match(back, 32, 1));
	trn_bo_unref(middle);
	trn_bo_unref(dst);
	trn_bo_unref(src);
	trn_copier_unref(copier);
	munmap(memory, size);
	munmap(back, size);
}

TEST_F(user, copier_copies_in_user_mode)
{
	copy_there_and_back(_metadata, self->dev, TRN_COPIER_USER, self->hbm);
}

TEST_F(user, copier_copies_in_kernel_mode)
{
	copy_there_and_back(_metadata, self->dev, TRN_COPIER_KERNEL, self->hbm);
}

/* What a copier mapped goes with the BO: there is no end to those that it can meet. */
TEST_F(user, copier_gives_up_what_was_dropped)
{
	struct tt_usage before, after;
	struct trn_copier *copier;
	unsigned int rounds = tt_scale(100, 20), i;
	struct trn_bo *bo;

	ASSERT_EQ(0, trn_copier_new(self->dev, NULL, &copier));
	ASSERT_EQ(0, trn_copy(copier, self->dev_bo, 0, self->host, 0, 64));
	ASSERT_EQ(0, tt_usage_read(trn_device_fd(self->dev), &before));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, trn_bo_new(self->dev, TT_MIB, self->hbm, 0, &bo));
		ASSERT_EQ(0, trn_copy(copier, bo, 0, self->host, 0, 64));
		trn_bo_unref(bo);
	}
	ASSERT_EQ(0, tt_usage_read(trn_device_fd(self->dev), &after));
	EXPECT_EQ(before.hbm_free, after.hbm_free);
	trn_copier_unref(copier);
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
