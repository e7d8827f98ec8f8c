// SPDX-License-Identifier: GPL-2.0-only
#include "tt_victim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tt_uqueue.h"
#include "tt_vm.h"

#define RING_SIZE 64
#define MAX_COUNT 4096
#define COPY_SIZE (16 * TT_KIB)

enum command { CHECK, MEASURE };

struct request {
	enum command command;
	unsigned int count;
};

struct answer {
	int ret;
	struct tt_victim_times times;
};

/* State of the other process. */
struct state {
	struct tt_device dev;
	struct tt_bo area[TT_VICTIM_AREAS];
	struct tt_bo scratch;		/* of the host: the destination of its copies */
	struct tt_bo ring;
	uint64_t scratch_va;
	struct tt_uqueue queue;
	struct tt_victim_place place;
	struct tt_vm vm;
};

/* The physical address behind a mapped address, as /proc/self/pagemap has it. */
static int physical(const void *map, uint64_t *phys)
{
	uint64_t entry;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (pread(fd, &entry, sizeof(entry), (uintptr_t)map / TT_PAGE * sizeof(entry)) !=
	    sizeof(entry))
		ret = -EIO;
	close(fd);
	*phys = (entry & ((1ull << 55) - 1)) * TT_PAGE;
	return ret ?: *phys ? 0 : -ENXIO;
}

static int area_make(struct state *state, enum tt_victim_area n, uint64_t va)
{
	struct tt_bo *bo = &state->area[n];
	int ret;

	if (n == TT_VICTIM_USERPTR) {
		void *mem = tt_pages(TT_VICTIM_SIZE);

		ret = mem ? tt_bo_userptr(state->dev.fd, mem, TT_VICTIM_SIZE, 0, bo) : -ENOMEM;
	} else {
		ret = tt_bo_create(state->dev.fd, TT_VICTIM_SIZE, n == TT_VICTIM_HBM ?
				   state->dev.hbm : state->dev.system, bo);
	}
	if (ret)
		return ret;
	tt_pattern_fill(bo->map, TT_VICTIM_SIZE, n);
	state->place.va[n] = va;
	ret = tt_vm_map(&state->vm, bo, va);
	if (!ret && n == TT_VICTIM_USERPTR)
		ret = physical(bo->map, &state->place.phys);
	return ret;
}

static int queue_make(struct state *state, uint32_t engine, uint64_t va)
{
	struct drm_trn_queue_create args = tt_uqueue_args(state->vm.id, va, RING_SIZE);
	int ret = tt_bo_create(state->dev.fd, TT_RING_BYTES(RING_SIZE), state->dev.system,
			       &state->ring);

	args.engine = engine;
	if (!ret)
		ret = tt_vm_map(&state->vm, &state->ring, va);
	if (!ret)
		ret = tt_uqueue_create(state->dev.fd, &args, state->ring.map, &state->queue);
	state->place.engine = state->queue.queue.engine;
	state->place.doorbell_offset = state->queue.doorbell_offset;
	state->place.record_offset = state->queue.record_offset;
	return ret;
}

static int victim_open(struct state *state, uint32_t engine)
{
	uint64_t va;
	int ret, n;

	ret = tt_device_open(&state->dev);
	if (!ret)
		ret = tt_vm_create(state->dev.fd, &state->vm);
	va = state->dev.info.va_start + TT_GIB;
	for (n = 0; n < TT_VICTIM_AREAS && !ret; n++, va += 2 * TT_VICTIM_SIZE)
		ret = area_make(state, n, va);
	if (!ret)
		ret = tt_bo_create(state->dev.fd, COPY_SIZE, state->dev.system, &state->scratch);
	state->scratch_va = va;
	if (!ret)
		ret = tt_vm_map(&state->vm, &state->scratch, va);
	return ret ?: queue_make(state, engine, va + TT_MIB);
}

/* One copy out of an area, and a look at its bytes. */
static int copy_once(struct state *state, unsigned int n, bool sleep, int64_t *ns)
{
	enum tt_victim_area area = n % TT_VICTIM_AREAS;
	uint64_t at = n % 4 * 64 * TT_KIB;
	int ret;

	memset(state->scratch.map, 0, COPY_SIZE);
	tt_uqueue_push_copy(&state->queue, state->scratch_va, state->place.va[area] + at,
			    COPY_SIZE);
	*ns = tt_deadline(0);
	tt_uqueue_ring(&state->queue);
	ret = sleep ? tt_uqueue_wait(&state->queue, state->queue.s2m_pos) :
		      tt_uqueue_poll(&state->queue, state->queue.s2m_pos);
	*ns = tt_deadline(0) - *ns;
	if (!ret && memcmp(state->scratch.map, (char *)state->area[area].map + at, COPY_SIZE))
		ret = -EBADMSG;
	return ret;
}

static int check(struct state *state)
{
	int64_t ns;
	int n, ret = 0;

	for (n = 0; n < TT_VICTIM_AREAS; n++) {
		size_t good = tt_pattern_match(state->area[n].map, TT_VICTIM_SIZE, n);

		if (good != TT_VICTIM_SIZE) {
			fprintf(stderr, "# the victim's area %d is wrong at %zu\n", n, good);
			return -EBADMSG;
		}
	}
	for (n = 0; n < TT_VICTIM_AREAS && !ret; n++)
		ret = copy_once(state, n, false, &ns);
	return ret;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int measure(struct state *state, unsigned int count, struct tt_victim_times *times)
{
	static int64_t ns[MAX_COUNT];
	unsigned int n;
	int ret = 0;

	for (n = 0; n < count && !ret; n++)
		ret = copy_once(state, n, true, &ns[n]);
	if (ret)
		return ret;
	qsort(ns, count, sizeof(*ns), compare);
	times->median = ns[count / 2];
	times->worst = ns[count - 1];
	return 0;
}

static int serve(struct state *state, int from, int to)
{
	struct request request;
	struct answer answer;

	while (read(from, &request, sizeof(request)) == sizeof(request)) {
		memset(&answer, 0, sizeof(answer));
		answer.ret = request.command == CHECK ? check(state) :
			     measure(state, request.count, &answer.times);
		if (write(to, &answer, sizeof(answer)) != sizeof(answer))
			return 1;
	}
	return 0;
}

static int victim_main(uint32_t engine, int from, int to)
{
	struct state state = {};
	struct answer answer = { .ret = victim_open(&state, engine) };

	if (write(to, &answer, sizeof(answer)) != sizeof(answer) ||
	    write(to, &state.place, sizeof(state.place)) != sizeof(state.place))
		return 1;
	return answer.ret ? 1 : serve(&state, from, to);
}

/* -ECHILD if the process is gone. */
static int receive(struct tt_victim *victim, void *data, size_t len)
{
	return read(victim->from, data, len) == (ssize_t)len ? 0 : -ECHILD;
}

int tt_victim_start(struct tt_victim *victim, uint32_t engine)
{
	struct answer answer;
	int to[2], from[2], ret;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -errno;
	victim->pid = fork();
	if (victim->pid < 0)
		return -errno;
	if (!victim->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to[1]);
		close(from[0]);
		_exit(victim_main(engine, to[0], from[1]));
	}
	close(to[0]);
	close(from[1]);
	victim->to = to[1];
	victim->from = from[0];
	ret = receive(victim, &answer, sizeof(answer));
	if (!ret)
		ret = receive(victim, &victim->place, sizeof(victim->place));
	return ret ?: answer.ret;
}

static int command(struct tt_victim *victim, const struct request *request,
		   struct answer *answer)
{
	if (write(victim->to, request, sizeof(*request)) != sizeof(*request))
		return -ECHILD;
	return receive(victim, answer, sizeof(*answer)) ?: answer->ret;
}

int tt_victim_check(struct tt_victim *victim)
{
	struct request request = { .command = CHECK };
	struct answer answer;

	return command(victim, &request, &answer);
}

int tt_victim_measure(struct tt_victim *victim, unsigned int count,
		      struct tt_victim_times *times)
{
	struct request request = { .command = MEASURE, .count = count };
	struct answer answer;
	int ret = count && count <= MAX_COUNT ? command(victim, &request, &answer) : -EINVAL;

	*times = answer.times;
	return ret;
}

void tt_victim_stop(struct tt_victim *victim)
{
	close(victim->to);
	close(victim->from);
	waitpid(victim->pid, NULL, 0);
}
