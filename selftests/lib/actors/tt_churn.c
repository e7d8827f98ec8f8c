// SPDX-License-Identifier: GPL-2.0-only
#include "tt_churn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tt_uqueue.h"

#define SIZE (256 * TT_KIB)
#define RING 64
#define TIMEOUT_MS 200
#define ROUNDS 16

/* The objects of one process at a time. */
struct life {
	struct tt_churn_shared *shared;
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo hbm, host, pinned;
	struct tt_upath path;
	void *mem;
	int dmabuf;
	uint64_t random;
};

/* An answer must come; any will do. */
static int ends(struct life *life, int ret, unsigned int line)
{
	if (ret != -ETIME && ret != -ETIMEDOUT)
		return ret;
	if (!__atomic_fetch_add(&life->shared->hung, 1, __ATOMIC_ACQ_REL))
		__atomic_store_n(&life->shared->hung_at, line, __ATOMIC_RELEASE);
	return ret;
}

static bool stopped(const struct life *life)
{
	return __atomic_load_n(&life->shared->stop, __ATOMIC_ACQUIRE);
}

static int life_open(struct life *life)
{
	struct drm_trn_queue_create args = {
		.engine = DRM_TRN_NONE, .timeout_ms = TIMEOUT_MS, .ring_size = RING,
	};
	int ret = tt_device_open(&life->dev);

	if (!ret)
		ret = tt_ioctl(life->dev.fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);
	if (ret)
		return ret;
	life->queue = (struct tt_queue) {
		.fd = life->dev.fd, .id = args.queue_id, .syncobj = args.syncobj,
	};
	ret = tt_bo_create(life->dev.fd, SIZE, life->dev.hbm, &life->hbm);
	if (!ret)
		ret = tt_bo_create(life->dev.fd, SIZE, life->dev.system, &life->host);
	if (!ret)
		ret = tt_bo_userptr(life->dev.fd, life->mem, SIZE, 0, &life->pinned);
	if (!ret && drmPrimeHandleToFD(life->dev.fd, life->hbm.handle, DRM_CLOEXEC,
				       &life->dmabuf))
		ret = -errno;
	return ret;
}

static int life_open_user(struct life *life)
{
	struct drm_trn_queue_create args;
	int ret;

	if (!(life->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		return -EOPNOTSUPP;
	ret = tt_upath_open_memory(&life->dev, RING, SIZE, &life->path);
	if (ret)
		return ret;
	args = tt_uqueue_args(life->path.vm.id, TT_UPATH_RING, RING);
	args.timeout_ms = TIMEOUT_MS;
	return tt_uqueue_create(life->dev.fd, &args, life->path.ring.map, &life->path.uq);
}

static int copy_by_kernel(struct life *life)
{
	struct drm_trn_op ops[] = {
		tt_op_copy(&life->hbm, 0, &life->pinned, 0, SIZE),
		tt_op_copy(&life->host, 0, &life->hbm, 0, SIZE),
		tt_op_fill(&life->hbm, 0, SIZE, tt_random(&life->random)),
	};
	uint64_t point;
	int ret = tt_submit(&life->queue, ops, 3, &point);

	if (ret)
		return ret;
	return ends(life, tt_sync_wait(life->dev.fd, life->queue.syncobj, point,
				       tt_deadline(TT_DEADLINE_S), 0), __LINE__);
}

static int copy_by_user(struct life *life)
{
	struct tt_uqueue *uq = &life->path.uq;
	uint32_t num = 1 + tt_random(&life->random) % 8, i;
	int ret;

	for (i = 0; i < num; i++)
		tt_uqueue_push_copy(uq, TT_UPATH_A, TT_UPATH_B, TT_PAGE);
	tt_uqueue_ring(uq);
	ret = tt_uqueue_notify(uq, uq->s2m_pos);
	if (!ret)
		ret = ends(life, tt_sync_wait(life->dev.fd, uq->queue.syncobj, uq->s2m_pos,
					      tt_deadline(TT_DEADLINE_S),
					      DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT), __LINE__);
	return ret ?: tt_uqueue_error(uq);
}

/* A mapping of HBM may be taken away: then the process is, too, and begins anew. */
static void touch(struct life *life)
{
	char *at = (char *)life->hbm.map + tt_random(&life->random) % SIZE;

	if (life->hbm.map)
		__atomic_store_n(at, 1, __ATOMIC_RELAXED);
}

static void life_close(struct life *life)
{
	if (life->dmabuf >= 0)
		close(life->dmabuf);
	tt_upath_close(&life->path);
	tt_bo_close(&life->pinned);
	tt_bo_close(&life->host);
	tt_bo_close(&life->hbm);
	if (life->queue.id)
		tt_queue_destroy(&life->queue);
	tt_device_close(&life->dev);
}

static void life_live(struct life *life)
{
	int user, kernel, round;

	kernel = life_open(life);
	user = kernel ?: life_open_user(life);
	for (round = 0; round < ROUNDS && !(kernel && user) && !stopped(life); round++) {
		touch(life);
		if (!kernel)
			kernel = copy_by_kernel(life);
		if (!user)
			user = copy_by_user(life);
		if (!kernel || !user)
			__atomic_add_fetch(&life->shared->copies, 1, __ATOMIC_RELAXED);
	}
	life_close(life);
}

static void child(struct tt_churn_shared *shared, uint64_t seed)
{
	struct life life = { .random = seed };
	void *mem = tt_pages(SIZE);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (mem && !__atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE)) {
		life = (struct life) {
			.shared = shared, .mem = mem, .dmabuf = -1, .random = life.random,
		};
		__atomic_add_fetch(&shared->lives, 1, __ATOMIC_ACQ_REL);
		life_live(&life);
		tt_sleep_ms(tt_random(&life.random) % 8);
	}
	_exit(0);
}

static int begin(struct tt_churn *churn, int i)
{
	uint64_t seed = tt_random(&churn->random);

	churn->pids[i] = fork();
	if (churn->pids[i] < 0)
		return -errno;
	if (!churn->pids[i])
		child(churn->shared, seed);
	return 0;
}

int tt_churn_start(struct tt_churn *churn, uint64_t seed)
{
	int i, ret = 0;

	churn->random = seed;
	churn->shared = mmap(NULL, sizeof(*churn->shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (churn->shared == MAP_FAILED)
		return -ENOMEM;
	for (i = 0; i < TT_CHURN_PROCESSES && !ret; i++)
		ret = begin(churn, i);
	return ret;
}

unsigned int tt_churn_renew(struct tt_churn *churn)
{
	unsigned int num = 0;
	int i;

	for (i = 0; i < TT_CHURN_PROCESSES; i++) {
		if (churn->pids[i] > 0 && waitpid(churn->pids[i], NULL, WNOHANG) != churn->pids[i])
			continue;
		num++;
		begin(churn, i);
	}
	return num;
}

/* Wait until a child has come to its end. */
static int reap(pid_t pid)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);

	while (pid > 0 && waitpid(pid, NULL, WNOHANG) != pid) {
		if (tt_deadline(0) > deadline)
			return -ETIMEDOUT;
		tt_sleep_ms(5);
	}
	return 0;
}

int tt_churn_kill_one(struct tt_churn *churn)
{
	int i = tt_random(&churn->random) % TT_CHURN_PROCESSES, ret;

	if (churn->pids[i] > 0)
		kill(churn->pids[i], SIGKILL);
	ret = reap(churn->pids[i]);
	if (!ret)
		ret = begin(churn, i);
	return ret;
}

int tt_churn_stop(struct tt_churn *churn)
{
	int i, ret = 0;

	__atomic_store_n(&churn->shared->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < TT_CHURN_PROCESSES; i++)
		ret = reap(churn->pids[i]) ?: ret;
	return ret;
}
