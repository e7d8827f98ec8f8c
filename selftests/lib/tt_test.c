// SPDX-License-Identifier: GPL-2.0-only
#include "tt_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

/* Not yet in every libdrm; from the kernel's drm.h. */
#ifndef DRM_IOCTL_SYNCOBJ_EVENTFD
struct drm_syncobj_eventfd {
	__u32 handle;
	__u32 flags;
	__u64 point;
	__s32 fd;
	__u32 pad;
};

#define DRM_IOCTL_SYNCOBJ_EVENTFD DRM_IOWR(0xCF, struct drm_syncobj_eventfd)
#endif

int tt_ioctl(int fd, unsigned long request, void *arg)
{
	return drmIoctl(fd, request, arg) ? -errno : 0;
}

static bool is_trn_node(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool found = version && !strcmp(version->name, "trn");

	drmFreeVersion(version);
	return found;
}

int tt_device_path(char *path, size_t len)
{
	const char *env = getenv("TRN_TEST_DEVICE");
	int n, fd;

	if (env && *env)
		return snprintf(path, len, "%s", env) < (int)len ? 0 : -ENAMETOOLONG;

	for (n = 0; n < 64; n++) {
		snprintf(path, len, "/dev/accel/accel%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_trn_node(fd)) {
			close(fd);
			return 0;
		}
		close(fd);
	}
	return -ENODEV;
}

int tt_device_open(struct tt_device *dev)
{
	uint32_t size = sizeof(dev->info);
	char path[PATH_MAX];
	int ret, i, n;

	memset(dev, 0, sizeof(*dev));
	dev->fd = -1;
	ret = tt_device_path(path, sizeof(path));
	if (ret)
		return ret;
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0)
		return -errno;
	ret = tt_query(dev->fd, DRM_TRN_QUERY_DEVICE, &dev->info, &size);
	if (ret)
		return ret;
	n = tt_query_regions(dev->fd, dev->regions, TT_MAX_REGIONS);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_REGIONS; i++) {
		if (dev->regions[i].kind == DRM_TRN_REGION_HBM)
			dev->hbm |= 1ull << i;
		else if (dev->regions[i].kind == DRM_TRN_REGION_SYSTEM)
			dev->system |= 1ull << i;
	}
	return 0;
}

int tt_device_open_as(unsigned int uid, struct tt_device *dev)
{
	int ret;

	dev->fd = -1;
	if (seteuid(uid))
		return -errno;
	/* The rights to the node stay root's. */
	setfsuid(0);
	ret = tt_device_open(dev);
	if (seteuid(0))
		return -errno;
	return ret;
}

void tt_device_close(struct tt_device *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
	dev->fd = -1;
}

int tt_device_bdf(int fd, char *bdf, size_t len)
{
	char link[64], target[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u/device", major(st.st_rdev),
		 minor(st.st_rdev));
	if (!realpath(link, target))
		return -errno;
	return snprintf(bdf, len, "%s", basename(target)) < (int)len ? 0 : -ENAMETOOLONG;
}

int tt_query(int fd, uint32_t type, void *reply, uint32_t *size)
{
	struct drm_trn_dev_query query = {
		.type = type,
		.size = *size,
		.pointer = (uintptr_t)reply,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_DEV_QUERY, &query);

	*size = query.size;
	return ret;
}

static int query_list(int fd, uint32_t type, void *elements, size_t element_size, unsigned int max)
{
	uint32_t size = sizeof(struct drm_trn_query_list) + max * element_size;
	struct drm_trn_query_list *list = calloc(1, size);
	int ret;

	if (!list)
		return -ENOMEM;
	ret = tt_query(fd, type, list, &size);
	if (!ret && list->stride != element_size)
		ret = -EPROTO;
	if (!ret) {
		if (list->count < max)
			max = list->count;
		memcpy(elements, list + 1, max * element_size);
		ret = list->count;
	}
	free(list);
	return ret;
}

int tt_query_regions(int fd, struct drm_trn_region *regions, unsigned int max)
{
	return query_list(fd, DRM_TRN_QUERY_REGIONS, regions, sizeof(*regions), max);
}

int tt_query_engines(int fd, struct drm_trn_engine *engines, unsigned int max)
{
	return query_list(fd, DRM_TRN_QUERY_ENGINES, engines, sizeof(*engines), max);
}

/* ---- accounting ---- */

/* Pages pinned and not yet unpinned; CPUs keep their shares until they are asked. */
static int64_t pinned_pages(void)
{
	char text[16];

	tt_read_file("/proc/sys/vm/stat_refresh", text, sizeof(text));
	return tt_read_field("/proc/vmstat", "nr_foll_pin_acquired") -
	       tt_read_field("/proc/vmstat", "nr_foll_pin_released");
}

int tt_usage_read(int fd, struct tt_usage *usage)
{
	struct drm_trn_region regions[TT_MAX_REGIONS];
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	int i, n;

	memset(usage, 0, sizeof(*usage));
	n = tt_query_regions(fd, regions, TT_MAX_REGIONS);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_REGIONS; i++)
		usage->hbm_free += regions[i].free;
	n = tt_query_engines(fd, engines, TT_MAX_ENGINES);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_ENGINES; i++)
		usage->free_queues += engines[i].free_queues;
	usage->pinned_pages = pinned_pages();
	return 0;
}

int tt_usage_settle(int fd, const struct tt_usage *before)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct tt_usage now;
	int ret;

	for (;;) {
		ret = tt_usage_read(fd, &now);
		if (ret || !memcmp(&now, before, sizeof(now)))
			return ret;
		if (tt_deadline(0) > deadline) {
			fprintf(stderr, "# HBM %+lld bytes, queues %+lld, pinned pages %+lld\n",
				(long long)(now.hbm_free - before->hbm_free),
				(long long)(now.free_queues - before->free_queues),
				(long long)(now.pinned_pages - before->pinned_pages));
			return -ETIMEDOUT;
		}
		tt_sleep_ms(10);
	}
}

int64_t tt_pinned_bytes(void)
{
	return (tt_read_field("/proc/self/status", "VmLck:") +
		tt_read_field("/proc/self/status", "VmPin:")) * 1024;
}

/* ---- memory ---- */

static int bo_create(int fd, uint64_t size, uint64_t placement, uint32_t flags, struct tt_bo *bo)
{
	struct drm_trn_bo_create args = {
		.size = size,
		.placement = placement,
		.flags = flags,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_BO_CREATE, &args);

	memset(bo, 0, sizeof(*bo));
	if (ret)
		return ret;
	bo->fd = fd;
	bo->handle = args.handle;
	bo->size = args.size;
	bo->mmap_offset = args.mmap_offset;
	return 0;
}

int tt_bo_create(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo)
{
	int ret = bo_create(fd, size, placement, 0, bo);

	if (ret)
		return ret;
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, bo->mmap_offset);
	if (bo->map == MAP_FAILED) {
		ret = -errno;
		bo->map = NULL;
		tt_bo_close(bo);
	}
	return ret;
}

int tt_bo_create_unmapped(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo)
{
	return bo_create(fd, size, placement, DRM_TRN_BO_NO_MMAP, bo);
}

int tt_bo_userptr(int fd, void *addr, uint64_t size, uint32_t flags, struct tt_bo *bo)
{
	struct drm_trn_bo_userptr args = {
		.addr = (uintptr_t)addr,
		.size = size,
		.flags = flags,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_BO_USERPTR, &args);

	memset(bo, 0, sizeof(*bo));
	if (ret)
		return ret;
	bo->fd = fd;
	bo->handle = args.handle;
	bo->size = size;
	bo->map = addr;
	bo->userptr = true;
	return 0;
}

int tt_bo_info(int fd, uint32_t handle, struct drm_trn_bo_info *info)
{
	memset(info, 0, sizeof(*info));
	info->handle = handle;
	return tt_ioctl(fd, DRM_IOCTL_TRN_BO_INFO, info);
}

int tt_gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	return tt_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

void tt_bo_close(struct tt_bo *bo)
{
	if (bo->map && !bo->userptr)
		munmap(bo->map, bo->size);
	if (bo->handle)
		tt_gem_close(bo->fd, bo->handle);
	memset(bo, 0, sizeof(*bo));
}

void *tt_pages(size_t size)
{
	void *addr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

/* ---- queues ---- */

int tt_queue_create(int fd, uint32_t engine, uint32_t ring_size, struct tt_queue *queue)
{
	struct drm_trn_queue_create args = {
		.engine = engine,
		.ring_size = ring_size,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	memset(queue, 0, sizeof(*queue));
	if (ret)
		return ret;
	queue->fd = fd;
	queue->id = args.queue_id;
	queue->engine = args.engine;
	queue->hw_queue = args.hw_queue;
	queue->ring_size = args.ring_size;
	queue->syncobj = args.syncobj;
	return 0;
}

int tt_queue_destroy(struct tt_queue *queue)
{
	struct drm_trn_queue_destroy args = { .queue_id = queue->id };
	int ret = tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);

	drmSyncobjDestroy(queue->fd, queue->syncobj);
	memset(queue, 0, sizeof(*queue));
	return ret;
}

int tt_queue_state(const struct tt_queue *queue, struct drm_trn_queue_get_state *state)
{
	memset(state, 0, sizeof(*state));
	state->queue_id = queue->id;
	return tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_GET_STATE, state);
}

struct drm_trn_op tt_op_copy(const struct tt_bo *dst, uint64_t dst_offset,
			     const struct tt_bo *src, uint64_t src_offset, uint64_t size)
{
	return (struct drm_trn_op) {
		.type = DRM_TRN_OP_COPY,
		.dst = dst->handle,
		.src = src->handle,
		.dst_offset = dst_offset,
		.src_offset = src_offset,
		.size = size,
	};
}

struct drm_trn_op tt_op_fill(const struct tt_bo *dst, uint64_t offset, uint64_t size,
			     uint32_t pattern)
{
	return (struct drm_trn_op) {
		.type = DRM_TRN_OP_FILL,
		.dst = dst->handle,
		.dst_offset = offset,
		.size = size,
		.pattern = pattern,
	};
}

int tt_submit_syncs(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
		    const struct drm_trn_sync *syncs, uint32_t num_syncs, uint64_t *point)
{
	struct drm_trn_queue_submit args = {
		.queue_id = queue->id,
		.ops = { sizeof(*ops), num_ops, (uintptr_t)ops },
		.syncs = { sizeof(*syncs), num_syncs, (uintptr_t)syncs },
	};
	int ret = tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);

	if (!ret && point)
		*point = args.point;
	return ret;
}

int tt_submit(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
	      uint64_t *point)
{
	return tt_submit_syncs(queue, ops, num_ops, NULL, 0, point);
}

int tt_wait(const struct tt_queue *queue, uint64_t point)
{
	struct drm_trn_queue_get_state state;
	int ret;

	ret = tt_sync_wait(queue->fd, queue->syncobj, point, tt_deadline(TT_DEADLINE_S), 0);
	if (ret)
		return ret;
	ret = tt_queue_state(queue, &state);
	if (ret)
		return ret;
	return state.error_point && point >= state.error_point ? state.error : 0;
}

int tt_run(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops)
{
	uint64_t point;
	int ret = tt_submit(queue, ops, num_ops, &point);

	return ret ? ret : tt_wait(queue, point);
}

int tt_copy(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t dst_offset,
	    const struct tt_bo *src, uint64_t src_offset, uint64_t size)
{
	struct drm_trn_op op = tt_op_copy(dst, dst_offset, src, src_offset, size);

	return tt_run(queue, &op, 1);
}

int tt_fill(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t offset, uint64_t size,
	    uint32_t pattern)
{
	struct drm_trn_op op = tt_op_fill(dst, offset, size, pattern);

	return tt_run(queue, &op, 1);
}

/* ---- syncobjs and time ---- */

int64_t tt_deadline(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TT_NSEC + now.tv_nsec + seconds * TT_NSEC;
}

int tt_sync_wait(int fd, uint32_t handle, uint64_t point, int64_t deadline, uint32_t flags)
{
	int ret;

	flags |= DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL;
	if (point)
		ret = drmSyncobjTimelineWait(fd, &handle, &point, 1, deadline, flags, NULL);
	else
		ret = drmSyncobjWait(fd, &handle, 1, deadline, flags, NULL);
	return ret < 0 ? -errno : 0;
}

int tt_sync_eventfd(int fd, uint32_t handle, uint64_t point, int event)
{
	struct drm_syncobj_eventfd args = { .handle = handle, .point = point, .fd = event };

	return tt_ioctl(fd, DRM_IOCTL_SYNCOBJ_EVENTFD, &args);
}

void tt_sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
}

/* ---- patterns ---- */

/*
 * A block of random words, made once. A pattern is a chain of chunks of it, each
 * from another place that depends on the seed and the chunk's number.
 */
#define POOL_WORDS	131072
#define CHUNK		65536
static uint64_t pool[POOL_WORDS];

uint64_t tt_random(uint64_t *state)
{
	/* splitmix64: any seed will do, zero too. */
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static __attribute__((constructor)) void pool_init(void)
{
	uint64_t state = 1;
	size_t i;

	for (i = 0; i < POOL_WORDS; i++)
		pool[i] = tt_random(&state);
}

static const unsigned char *pattern_chunk(uint64_t seed, size_t chunk)
{
	uint64_t state = seed * 0x100000001b3ull + chunk;

	return (const unsigned char *)pool + tt_random(&state) % (sizeof(pool) - CHUNK);
}

void tt_pattern_fill(void *buf, size_t len, uint64_t seed)
{
	unsigned char *p = buf;
	size_t chunk, n;

	for (chunk = 0; len; chunk++, p += n, len -= n) {
		n = len < CHUNK ? len : CHUNK;
		memcpy(p, pattern_chunk(seed, chunk), n);
	}
}

/* First difference of two buffers that do differ, by halves. */
static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t len)
{
	size_t start = 0;

	while (len > 1) {
		size_t half = len / 2;

		if (!memcmp(a + start, b + start, half)) {
			start += half;
			len -= half;
		} else {
			len = half;
		}
	}
	return start;
}

size_t tt_pattern_match(const void *buf, size_t len, uint64_t seed)
{
	const unsigned char *p = buf;
	size_t done, chunk, n;

	for (done = 0, chunk = 0; done < len; done += n, chunk++) {
		const unsigned char *want = pattern_chunk(seed, chunk);

		n = len - done < CHUNK ? len - done : CHUNK;
		if (memcmp(p + done, want, n))
			return done + first_difference(p + done, want, n);
	}
	return len;
}

size_t tt_byte_match(const void *buf, size_t len, unsigned char byte)
{
	const unsigned char *p = buf;

	if (!len || p[0] != byte)
		return 0;
	if (!memcmp(p, p + 1, len - 1))
		return len;
	return first_difference(p, p + 1, len - 1) + 1;
}

uint64_t tt_seed(void)
{
	const char *env = getenv("TRN_TEST_SEED");

	return env && *env ? strtoull(env, NULL, 0) : 1;
}

/* ---- surroundings ---- */

unsigned int tt_scale(unsigned int full, unsigned int small)
{
	const char *env = getenv("TRN_TEST_SCALE");

	return env && !strcmp(env, "small") ? small : full;
}

int tt_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int tt_read_file(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return -errno;
	n = read(fd, text, len - 1);
	if (n < 0)
		ret = -errno;
	else
		text[n] = 0;
	close(fd);
	return ret;
}

int64_t tt_read_field(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	int64_t value = -ENOENT;
	char line[256];
	size_t len = strlen(name);

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, len) && strchr(" \t", line[len])) {
			value = strtoll(line + len, NULL, 10);
			break;
		}
	}
	fclose(file);
	return value;
}

int tt_reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ECHILD;
}
