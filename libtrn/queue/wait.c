// SPDX-License-Identifier: MIT
/*
 * Waiting for a point of a queue's timeline.
 *
 * The result is looked up first, while the device works (point.c): in user mode that is
 * a memory read. Only work that is still under way is slept for, on the queue's syncobj.
 *
 * In user mode a wait polls before it sleeps. Sleeping takes three calls and an
 * interrupt, so polling is better for short work and a waste for long work. The measure
 * is how long the whole wait took. After at most twice spin_ns, the next wait polls for
 * the whole of spin_ns; one slow wait among many short ones therefore does not make all
 * of them sleep. After a longer wait the next one polls half as long, down to a 16th.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <xf86drm.h>

#include "base/ioctl.h"
#include "base/util.h"
#include "queue/point.h"
#include "queue/wait.h"

#define NSEC_PER_SEC 1000000000ll

/* Reads of the record between two reads of the clock. */
#define POLLS_PER_CLOCK 64

#define SHORTEST_SPIN(spin_ns) ((spin_ns) / 16)

/* In kernels since 6.6. Some headers lack the struct, some libdrms lack the function. */
struct syncobj_eventfd {
	uint32_t handle;
	uint32_t flags;
	uint64_t point;
	int32_t fd;
	uint32_t pad;
};

#define IOCTL_SYNCOBJ_EVENTFD DRM_IOWR(0xcf, struct syncobj_eventfd)

/* A hint for processors that have one. */
static void relax(void)
{
#if defined(__has_builtin)
#if __has_builtin(__builtin_ia32_pause)
	__builtin_ia32_pause();
#endif
#endif
}

static int spin_until(struct trn_queue *queue, uint64_t point, int64_t until)
{
	int ret;

	do {
		for (unsigned int i = 0; i < POLLS_PER_CLOCK; i++) {
			ret = trn_point_result(queue, point);
			if (ret != -EINPROGRESS)
				return ret;
			relax();
		}
	} while (trn_deadline(0) < until);
	return -EINPROGRESS;
}

uint32_t trn_spin_time(const struct trn_queue *queue)
{
	return atomic_load_explicit(&queue->spin_now, memory_order_relaxed);
}

/* The time is an estimate: threads that wait at once may overwrite it. */
void trn_spin_learn(struct trn_queue *queue, int64_t took)
{
	uint32_t now = trn_spin_time(queue), next = queue->spin_ns;

	if (took > 2ll * queue->spin_ns) {
		next = now / 2;
		if (next < SHORTEST_SPIN(queue->spin_ns))
			next = SHORTEST_SPIN(queue->spin_ns);
	}
	if (next != now)
		atomic_store_explicit(&queue->spin_now, next, memory_order_relaxed);
}

/*
 * The DRM core takes deadlines of the machine's clock, which differs from the clock of a
 * process in a time namespace. The machine's clock is read first: time that passes between
 * the two readings makes the deadline too early, never too late.
 */
static int translate_deadline(const struct trn_device *dev, int64_t deadline, int64_t *machine)
{
	struct drm_trn_query_clock clock;
	int64_t left;
	int ret;

	*machine = deadline;
	if (deadline == INT64_MAX)
		return 0;
	ret = trn_query(dev, DRM_TRN_QUERY_CLOCK, &clock, sizeof(clock));
	/* A driver without this query: assume that the clocks are equal. */
	if (ret)
		return ret == -EINVAL ? 0 : ret;
	left = deadline - trn_deadline(0);
	if (__builtin_add_overflow((int64_t)clock.monotonic_ns, left, machine))
		*machine = INT64_MAX;
	if (*machine < 0)
		*machine = 0;
	return 0;
}

int trn_timeline_wait(const struct trn_device *dev, uint32_t *handles, uint64_t *points,
		      unsigned int count, int64_t deadline, uint32_t flags, uint32_t *first)
{
	int saved = errno;
	int64_t machine;
	int ret;

	do {
		ret = translate_deadline(dev, deadline, &machine);
		if (!ret)
			ret = drmSyncobjTimelineWait(dev->fd, handles, points, count, machine,
						     flags, first);
	} while (ret == -ETIME && trn_deadline(0) < deadline);
	errno = saved;
	return ret == -ETIME ? -ETIMEDOUT : ret;
}

static int sleep_until(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	uint32_t flags = queue->doorbell ? DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT : 0;
	uint32_t handle = queue->syncobj;

	return trn_timeline_wait(queue->dev, &handle, &point, 1, deadline, flags, NULL);
}

static int notify_and_sleep(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	int ret = trn_point_notify(queue, point);

	if (!ret)
		ret = sleep_until(queue, point, deadline);
	return ret ? ret : trn_point_settle(queue, point);
}

/* Poll for the current time of the queue, then sleep. */
static int spin_and_sleep(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	int64_t begin = trn_deadline(0);
	int ret;

	ret = spin_until(queue, point, trn_min(begin + trn_spin_time(queue), deadline));
	if (ret == -EINPROGRESS)
		ret = notify_and_sleep(queue, point, deadline);
	trn_spin_learn(queue, trn_deadline(0) - begin);
	return ret;
}

int trn_wait(struct trn_queue *queue, uint64_t point, int64_t deadline)
{
	int ret;

	ret = trn_point_result(queue, point);
	if (ret != -EINPROGRESS)
		return ret;
	if (deadline <= 0)
		return -ETIMEDOUT;
	/* In kernel mode the time is 0. */
	return trn_spin_time(queue) ? spin_and_sleep(queue, point, deadline) :
				      notify_and_sleep(queue, point, deadline);
}

int trn_queue_eventfd(struct trn_queue *queue, uint64_t point, int fd)
{
	struct syncobj_eventfd args = {
		.handle = queue->syncobj,
		.point = point,
		.fd = fd,
	};
	int ret;

	/* Refuse points never submitted; a failed point is still a valid wait. */
	if (trn_point_result(queue, point) == -EINVAL)
		return -EINVAL;
	/* Notify first: if that fails, @fd stays silent. A done point signals at once. */
	ret = trn_point_notify(queue, point);
	if (ret)
		return ret;
	ret = trn_ioctl(queue->dev, IOCTL_SYNCOBJ_EVENTFD, &args);
	return ret == -ENOTTY ? -EOPNOTSUPP : ret;
}

int64_t trn_deadline(int64_t ns)
{
	struct timespec ts;
	int64_t now, deadline;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	if (__builtin_add_overflow(now, ns, &deadline))
		return INT64_MAX;
	return deadline < 0 ? 0 : deadline;
}
