// SPDX-License-Identifier: GPL-2.0-only
#include "tt_load.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define ROOM (4 * TT_MIB)

struct lane {
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo user, hbm;
	void *mem;
};

static int lane_open(struct lane *lane)
{
	int ret = tt_device_open(&lane->dev);

	if (!ret)
		ret = tt_queue_create(lane->dev.fd, DRM_TRN_NONE, 64, &lane->queue);
	if (!ret)
		ret = tt_bo_userptr(lane->dev.fd, lane->mem, 2 * ROOM, 0, &lane->user);
	if (!ret)
		ret = tt_bo_create_unmapped(lane->dev.fd, ROOM, lane->dev.hbm, &lane->hbm);
	return ret;
}

/* Out and back, four times over in one submission; -EBADMSG if bytes differ. */
static int lane_copy(struct lane *lane, uint64_t *state)
{
	uint64_t size = tt_random(state) % ROOM + 1, seed = tt_random(state);
	struct drm_trn_op out = tt_op_copy(&lane->hbm, 0, &lane->user, 0, size);
	struct drm_trn_op back = tt_op_copy(&lane->user, ROOM, &lane->hbm, 0, size);
	struct drm_trn_op ops[] = { out, back, out, back, out, back, out, back };
	int ret;

	tt_pattern_fill(lane->mem, size, seed);
	memset((char *)lane->mem + ROOM, 0, size);
	ret = tt_run(&lane->queue, ops, 8);
	if (ret)
		return ret;
	if (tt_pattern_match((char *)lane->mem + ROOM, size, seed) != size)
		return -EBADMSG;
	return 0;
}

static enum tt_load_end load_end(struct tt_load_shared *shared, int ret)
{
	switch (ret) {
	case -ENODEV:
		return TT_LOAD_NODEV;
	case -EBADMSG:
		return TT_LOAD_WRONG;
	case -ETIME:
		return TT_LOAD_HUNG;
	default:
		shared->error = ret;
		return TT_LOAD_ERROR;
	}
}

static enum tt_load_end load_run(struct tt_load_shared *shared, uint64_t seed)
{
	struct lane lane = { .mem = tt_pages(2 * ROOM) };
	uint64_t state = seed;
	int ret;

	ret = lane.mem ? lane_open(&lane) : -ENOMEM;
	while (!ret && !__atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE)) {
		ret = lane_copy(&lane, &state);
		if (!ret)
			__atomic_add_fetch(&shared->copies, 1, __ATOMIC_ACQ_REL);
		if (ret == -ECANCELED) {
			/* A reset took the queue; the rest of the file goes on. */
			__atomic_add_fetch(&shared->lost, 1, __ATOMIC_ACQ_REL);
			tt_queue_destroy(&lane.queue);
			ret = tt_queue_create(lane.dev.fd, DRM_TRN_NONE, 64, &lane.queue);
		}
	}
	return ret ? load_end(shared, ret) : TT_LOAD_STOPPED;
}

int tt_load_start(struct tt_load *load)
{
	int i;

	load->shared = mmap(NULL, sizeof(*load->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (load->shared == MAP_FAILED)
		return -ENOMEM;
	for (i = 0; i < TT_LOAD_PROCESSES; i++) {
		load->pids[i] = fork();
		if (load->pids[i] < 0)
			return -errno;
		if (!load->pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(load_run(load->shared, tt_seed() + i));
		}
	}
	return tt_load_progress(load, 2 * TT_LOAD_PROCESSES);
}

int tt_load_progress(struct tt_load *load, unsigned int copies)
{
	unsigned int goal = __atomic_load_n(&load->shared->copies, __ATOMIC_ACQUIRE) + copies;
	int64_t deadline = tt_deadline(TT_DEADLINE_S);

	while (__atomic_load_n(&load->shared->copies, __ATOMIC_ACQUIRE) < goal) {
		if (tt_deadline(0) > deadline)
			return -ETIMEDOUT;
		tt_sleep_ms(5);
	}
	return 0;
}

void tt_load_stop(struct tt_load *load)
{
	__atomic_store_n(&load->shared->stop, 1, __ATOMIC_RELEASE);
}

void tt_load_join(struct tt_load *load, int ends[TT_LOAD_PROCESSES])
{
	int i, status;

	for (i = 0; i < TT_LOAD_PROCESSES; i++) {
		ends[i] = -1;
		if (waitpid(load->pids[i], &status, 0) == load->pids[i] && WIFEXITED(status))
			ends[i] = WEXITSTATUS(status);
	}
}
