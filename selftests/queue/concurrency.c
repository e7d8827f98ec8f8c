// SPDX-License-Identifier: GPL-2.0-only
/* Many at once: processes, threads, one file shared by all, forks, sudden death. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "tt_harness.h"

#define PROCESSES	8
#define THREADS		4
#define ROOM		(512 * TT_KIB)

FIXTURE(concurrency)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_SETUP(concurrency)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(concurrency)
{
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

struct worker {
	pthread_t thread;
	const struct tt_device *dev;
	uint64_t seed;
	unsigned int rounds;
	int ret;
};

/* The memory and queue of one worker. */
struct path {
	struct tt_queue queue;
	struct tt_bo user, hbm, host;
	void *mem;
};

static int path_open(const struct tt_device *dev, uint64_t *state, struct path *path)
{
	uint32_t engine = tt_random(state) % dev->info.num_engines;
	int ret;

	memset(path, 0, sizeof(*path));
	path->mem = tt_pages(ROOM);
	if (!path->mem)
		return -ENOMEM;
	ret = tt_queue_create(dev->fd, engine, 64, &path->queue);
	if (ret == -EBUSY)
		ret = tt_queue_create(dev->fd, DRM_TRN_NONE, 64, &path->queue);
	if (!ret)
		ret = tt_bo_userptr(dev->fd, path->mem, ROOM, 0, &path->user);
	if (!ret)
		ret = tt_bo_create(dev->fd, ROOM, dev->hbm, &path->hbm);
	if (!ret)
		ret = tt_bo_create(dev->fd, ROOM, dev->system, &path->host);
	return ret;
}

static int path_close(struct path *path)
{
	int ret = path->queue.id ? tt_queue_destroy(&path->queue) : 0;

	tt_bo_close(&path->host);
	tt_bo_close(&path->hbm);
	tt_bo_close(&path->user);
	munmap(path->mem, ROOM);
	return ret;
}

/* pinned -> HBM -> host -> pinned, in one submission; -EBADMSG if bytes differ. */
static int path_round(struct path *path, uint64_t *state)
{
	uint64_t size = tt_random(state) % (ROOM / 2) + 1;
	uint64_t at = tt_random(state) % (ROOM / 2 - size + 1);
	uint64_t seed = tt_random(state);
	struct drm_trn_op ops[] = {
		tt_op_copy(&path->hbm, at, &path->user, 0, size),
		tt_op_copy(&path->host, at + 1, &path->hbm, at, size),
		tt_op_copy(&path->user, ROOM / 2, &path->host, at + 1, size),
	};
	int ret;

	tt_pattern_fill(path->mem, size, seed);
	memset((char *)path->mem + ROOM / 2, 0, size);
	ret = tt_run(&path->queue, ops, 3);
	if (ret)
		return ret;
	if (tt_pattern_match((char *)path->mem + ROOM / 2, size, seed) != size)
		return -EBADMSG;
	return 0;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	uint64_t state = worker->seed;
	struct path path;
	unsigned int i;

	worker->ret = path_open(worker->dev, &state, &path);
	for (i = 0; i < worker->rounds && !worker->ret; i++)
		worker->ret = path_round(&path, &state);
	if (path.mem && path_close(&path) && !worker->ret)
		worker->ret = -EIO;
	return NULL;
}

/* Run @n threads on one file; the first error of any. */
static int run_threads(const struct tt_device *dev, unsigned int n, unsigned int rounds,
		       uint64_t seed)
{
	struct worker workers[64];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n; i++) {
		workers[i] = (struct worker) { .dev = dev, .seed = seed + i, .rounds = rounds };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return -EAGAIN;
	}
	for (i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].ret && !ret)
			ret = workers[i].ret;
	}
	return ret;
}

TEST_F(concurrency, eight_processes_of_four_threads_copy)
{
	unsigned int i, rounds = tt_scale(40, 8);
	pid_t pids[PROCESSES];
	int status;

	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i]) {
			struct tt_device dev;
			int ret = tt_device_open(&dev);

			if (!ret)
				ret = run_threads(&dev, THREADS, rounds, tt_seed() + 100 * i);
			_exit(-ret);
		}
	}
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status) {
			TH_LOG("process %u: %s", i, strerror(WEXITSTATUS(status)));
		}
	}
}

TEST_F(concurrency, sixteen_threads_share_one_file)
{
	EXPECT_EQ(0, run_threads(&self->dev, 16, tt_scale(40, 8), tt_seed() + 1000));
}

struct shared_queue {
	const struct tt_device *dev;
	struct tt_queue queue;
	unsigned int rounds;
};

/* Submits to a queue that others submit to as well. */
static void *share(void *arg)
{
	struct shared_queue *shared = arg;
	uint64_t state = (uintptr_t)&state;
	intptr_t ret;
	struct path path;
	unsigned int i;

	ret = path_open(shared->dev, &state, &path);
	if (ret)
		return (void *)ret;
	tt_queue_destroy(&path.queue);
	path.queue = shared->queue;
	for (i = 0; i < shared->rounds && !ret; i++)
		ret = path_round(&path, &state);
	path.queue.id = 0;
	path_close(&path);
	return (void *)ret;
}

TEST_F(concurrency, eight_threads_share_one_queue)
{
	struct shared_queue shared = { .dev = &self->dev, .rounds = tt_scale(40, 8) };
	pthread_t threads[8];
	void *ret;
	int i;

	ASSERT_EQ(0, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 64, &shared.queue));
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, share, &shared));
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], &ret);
		EXPECT_EQ(NULL, ret);
	}
	tt_queue_destroy(&shared.queue);
}

/* Opens and closes everything again and again. */
static void *churn(void *arg)
{
	struct worker *worker = arg;
	uint64_t state = worker->seed;
	struct path path;
	unsigned int i;

	for (i = 0; i < worker->rounds && !worker->ret; i++) {
		worker->ret = path_open(worker->dev, &state, &path);
		if (!worker->ret)
			worker->ret = path_round(&path, &state);
		if (path.mem)
			path_close(&path);
	}
	return NULL;
}

TEST_F(concurrency, threads_create_and_destroy_at_once)
{
	struct worker workers[8];
	int i;

	for (i = 0; i < 8; i++) {
		workers[i] = (struct worker) {
			.dev = &self->dev,
			.seed = tt_seed() + 2000 + i,
			.rounds = tt_scale(40, 8),
		};
		ASSERT_EQ(0, pthread_create(&workers[i].thread, NULL, churn, &workers[i]));
	}
	for (i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		EXPECT_EQ(0, workers[i].ret);
	}
}

TEST_F(concurrency, child_works_on_the_inherited_file)
{
	uint64_t state = tt_seed();
	struct path path;
	pid_t pid;
	int i, status;

	ASSERT_EQ(0, path_open(&self->dev, &state, &path));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* Its own memory, queue and pins, in the file of the parent. */
		struct path mine;
		int ret = path_open(&self->dev, &state, &mine);

		for (i = 0; i < 20 && !ret; i++)
			ret = path_round(&mine, &state);
		_exit(-(path_close(&mine) ?: ret));
	}
	for (i = 0; i < 20; i++)
		EXPECT_EQ(0, path_round(&path, &state));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	/* The child's exit took nothing of the parent's. */
	EXPECT_EQ(0, path_round(&path, &state));
	EXPECT_EQ(0, path_close(&path));
}

/* ---- sudden death ---- */

enum victim_kind { VICTIM_COPIES, VICTIM_WAITS, VICTIM_PINS, VICTIM_ALLOCATES, VICTIM_CHURNS };

/* Never returns. Tells through @ready when it is in the middle of it. */
static void victim(enum victim_kind kind, int ready)
{
	struct worker worker = { .seed = tt_seed(), .rounds = ~0u };
	uint64_t size = 16 * TT_MIB, big = tt_scale(256, 64) * TT_MIB;
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo a, b, c;
	void *mem = tt_pages(big);
	int i;

	if (!mem || tt_device_open(&dev) || tt_queue_create(dev.fd, DRM_TRN_NONE, 64, &queue) ||
	    tt_bo_create(dev.fd, size, dev.hbm, &a) || tt_bo_userptr(dev.fd, mem, size, 0, &b))
		_exit(1);
	struct drm_trn_op ops[] = {
		tt_op_copy(&a, 0, &b, 0, size),
		tt_op_copy(&b, 0, &a, 0, size),
	};

	worker.dev = &dev;
	for (i = 0; i < 64; i++)
		if (tt_submit(&queue, ops, 2, NULL))
			_exit(2);
	if (write(ready, "x", 1) != 1)
		_exit(3);
	for (;;) {
		switch (kind) {
		case VICTIM_COPIES:
			if (tt_submit(&queue, ops, 2, NULL))
				_exit(4);
			break;
		case VICTIM_WAITS:
			tt_sync_wait(dev.fd, queue.syncobj, 1000000, INT64_MAX,
				     DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
			break;
		case VICTIM_PINS:
			if (!tt_bo_userptr(dev.fd, mem, big, 0, &c))
				tt_bo_close(&c);
			break;
		case VICTIM_ALLOCATES:
			if (!tt_bo_create_unmapped(dev.fd, big, dev.hbm, &c))
				tt_bo_close(&c);
			break;
		case VICTIM_CHURNS:
			churn(&worker);
			_exit(5);
		}
	}
}

FIXTURE(sudden_death)
{
	struct tt_device dev;
	struct tt_usage before;
};

FIXTURE_VARIANT(sudden_death)
{
	enum victim_kind kind;
};

FIXTURE_VARIANT_ADD(sudden_death, copying) { .kind = VICTIM_COPIES };
FIXTURE_VARIANT_ADD(sudden_death, waiting) { .kind = VICTIM_WAITS };
FIXTURE_VARIANT_ADD(sudden_death, pinning) { .kind = VICTIM_PINS };
FIXTURE_VARIANT_ADD(sudden_death, allocating) { .kind = VICTIM_ALLOCATES };
FIXTURE_VARIANT_ADD(sudden_death, creating) { .kind = VICTIM_CHURNS };

FIXTURE_SETUP(sudden_death)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
}

FIXTURE_TEARDOWN(sudden_death)
{
	tt_device_close(&self->dev);
}

TEST_F(sudden_death, gives_everything_back)
{
	unsigned int i, rounds = tt_scale(8, 3);
	uint64_t state = tt_seed();
	int ready[2], status;
	char c;

	for (i = 0; i < rounds; i++) {
		pid_t pid;

		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			victim(variant->kind, ready[1]);
		close(ready[1]);
		ASSERT_EQ(1, read(ready[0], &c, 1));
		/* Another moment each time; there is no event to await for "the middle". */
		tt_sleep_ms(tt_random(&state) % 20);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		close(ready[0]);
		EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	}
}

TEST_HARNESS_MAIN
