// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>
#include <drm/trn_accel.h>

#include "fake_priv.h"

#define FAKE_DEFAULTS { \
	.driver = "trn", \
	.driver_major = 1, \
	.caps = DRM_TRN_CAP_USER_QUEUES | DRM_TRN_CAP_INLINE_OPS, \
	.max_ring_size = FAKE_MAX_RING, \
	.free_queues = -1u, \
	.no_queue_errno = EBUSY, \
}

#define NSEC_PER_SEC 1000000000ll

/* Of the file, at most: address space is cheap. */
#define WINDOW_SIZE (16ull << 30)

struct fake_work {
	struct drm_trn_op ops[FAKE_MAX_OPS];
	uint32_t num_ops;
};

struct fake_kernel fake = FAKE_DEFAULTS;

/* Recursive: a call maps memory, too. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;	/* of all there is */
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;

static struct fake_bo bos[FAKE_MAX_OBJECTS];
static struct fake_queue queues[FAKE_MAX_OBJECTS];
static uint64_t file_end = FAKE_GRANULE;
/*
 * A dma-buf of this kernel is any file, of which it only knows the last one exported.
 * The handle lives on when the file is closed, as long as the BO does.
 */
static uint32_t exported_handle;

void fake_reset(void)
{
	memset(bos, 0, sizeof(bos));
	memset(queues, 0, sizeof(queues));
	exported_handle = 0;
	fake_vms_reset();
	file_end = FAKE_GRANULE;
	fake = (struct fake_kernel)FAKE_DEFAULTS;
}

struct fake_bo *fake_find_bo(uint32_t handle)
{
	if (!handle || handle > FAKE_MAX_OBJECTS || !bos[handle - 1].used)
		return NULL;
	return &bos[handle - 1];
}

struct fake_queue *fake_find_queue(uint32_t id)
{
	if (!id || id > FAKE_MAX_OBJECTS || !queues[id - 1].used)
		return NULL;
	return &queues[id - 1];
}

/* ---- work ---- */

static bool range_is_in(const struct fake_bo *bo, uint64_t offset, uint64_t size)
{
	return bo && size && offset <= bo->size && size <= bo->size - offset;
}

static int check_op(const struct drm_trn_op *op)
{
	const struct fake_bo *dst = fake_find_bo(op->dst);

	if (op->flags || op->pad)
		return -EINVAL;
	if (!dst)
		return -ENOENT;
	if (dst->read_only)
		return -EACCES;
	if (!range_is_in(dst, op->dst_offset, op->size))
		return -EINVAL;
	switch (op->type) {
	case DRM_TRN_OP_COPY:
		if (!fake_find_bo(op->src))
			return -ENOENT;
		if (op->pattern || !range_is_in(fake_find_bo(op->src), op->src_offset, op->size))
			return -EINVAL;
		return 0;
	case DRM_TRN_OP_FILL:
		if (op->src || op->src_offset || (op->dst_offset | op->size) % 4)
			return -EINVAL;
		return 0;
	default:
		return -EINVAL;
	}
}

static void do_op(const struct drm_trn_op *op)
{
	char *dst = fake_find_bo(op->dst)->data + op->dst_offset;

	if (op->type == DRM_TRN_OP_COPY)
		memmove(dst, fake_find_bo(op->src)->data + op->src_offset, op->size);
	else
		for (uint64_t at = 0; at < op->size; at += 4)
			memcpy(dst + at, &op->pattern, 4);
	if (fake.corrupt)
		dst[op->size - 1] ^= 1;
}

static void do_work(struct fake_queue *queue, const struct fake_work *work)
{
	if (queue->state.error_point)
		return;
	if (fake.work_error) {
		queue->state.state = DRM_TRN_QUEUE_FAULTED;
		queue->state.error_point = queue->state.completed + 1;
		queue->state.error = -fake.work_error;
		queue->state.fault_code = 7;
		queue->state.fault_addr = 0x1234;
		return;
	}
	for (uint32_t i = 0; i < work->num_ops; i++)
		do_op(&work->ops[i]);
	queue->state.completed++;
}

static void finish_queue(struct fake_queue *queue)
{
	if (queue->user) {
		fake_ring_run(queue);
		return;
	}
	for (int i = 0; i < FAKE_MAX_WORK && queue->held[i]; i++) {
		do_work(queue, queue->held[i]);
		free(queue->held[i]);
		queue->held[i] = NULL;
	}
}

void fake_finish(void)
{
	for (int i = 0; i < FAKE_MAX_OBJECTS; i++)
		finish_queue(&queues[i]);
}

static int submit(struct drm_trn_queue_submit *args)
{
	const struct drm_trn_sync *syncs = (void *)(uintptr_t)args->syncs.ptr;
	struct fake_queue *queue = fake_find_queue(args->queue_id);
	struct fake_work *work;
	int slot = 0, err;

	if (!queue)
		return -ENOENT;
	if (queue->user)
		return -EOPNOTSUPP;
	if (queue->state.state != DRM_TRN_QUEUE_READY)
		return -ECANCELED;
	if (args->flags || !args->ops.count || args->ops.count > FAKE_MAX_OPS ||
	    args->ops.stride != sizeof(struct drm_trn_op) ||
	    (args->syncs.count && args->syncs.stride != sizeof(struct drm_trn_sync)))
		return -EINVAL;
	while (slot < FAKE_MAX_WORK && queue->held[slot])
		slot++;
	work = slot < FAKE_MAX_WORK ? calloc(1, sizeof(*work)) : NULL;
	if (!work)
		return -ENOMEM;
	work->num_ops = args->ops.count;
	memcpy(work->ops, (void *)(uintptr_t)args->ops.ptr,
	       args->ops.count * sizeof(struct drm_trn_op));
	for (uint32_t i = 0; i < work->num_ops; i++) {
		err = check_op(&work->ops[i]);
		if (err) {
			free(work);
			return err;
		}
	}

	fake.submissions++;
	fake.last_num_ops = args->ops.count;
	fake.last_num_syncs = args->syncs.count;
	if (args->syncs.count)
		fake.last_sync_point = syncs[0].point;
	args->point = ++queue->state.submitted;
	queue->held[slot] = work;
	if (!fake.hold)
		finish_queue(queue);
	return 0;
}

/* The timeline of a queue has come to @point. In user mode only what was armed is on it. */
static bool is_signalled(const struct fake_queue *queue, uint64_t point)
{
	if (queue->state.error)
		return true;
	return point <= queue->state.completed && (!queue->user || point <= queue->armed);
}

static int check_timeline(uint32_t handle, uint64_t point, uint32_t flags)
{
	const struct fake_queue *queue = fake_find_queue(handle);

	if (!queue)
		return -ENOENT;
	if (!queue->user && point > queue->state.submitted)
		return -EINVAL;
	/* Nobody will put a point there that was not armed. */
	if (queue->user && (!(flags & DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT) ||
			    (queue->armed < point && !queue->state.error)))
		return -EINVAL;
	return 0;
}

/* How many of them are signalled; *first is one of those. */
static uint32_t count_signalled(const struct drm_syncobj_timeline_wait *args, uint32_t *first)
{
	const uint64_t *points = (uint64_t *)(uintptr_t)args->points;
	const uint32_t *handles = (uint32_t *)(uintptr_t)args->handles;
	uint32_t count = 0;

	for (uint32_t i = 0; i < args->count_handles; i++) {
		if (!is_signalled(fake_find_queue(handles[i]), points[i]))
			continue;
		*first = i;
		count++;
	}
	return count;
}

/* Till something may have changed; false at the deadline, of the machine's clock. */
static bool sleep_until(int64_t deadline)
{
	int64_t own = deadline - fake.clock_offset;
	struct timespec ts = { .tv_sec = own / NSEC_PER_SEC, .tv_nsec = own % NSEC_PER_SEC };

	if (own <= 0)
		return false;

	return !pthread_cond_clockwait(&progress, &lock, CLOCK_MONOTONIC, &ts);
}

static int timeline_wait(struct drm_syncobj_timeline_wait *args)
{
	const uint64_t *points = (uint64_t *)(uintptr_t)args->points;
	const uint32_t *handles = (uint32_t *)(uintptr_t)args->handles;
	bool all = args->flags & DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL;
	int err;

	fake.sleeps++;
	fake.last_deadline = args->timeout_nsec;
	if (!args->count_handles || args->pad ||
	    args->flags & ~(DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT))
		return -EINVAL;
	for (uint32_t i = 0; i < args->count_handles; i++) {
		err = check_timeline(handles[i], points[i], args->flags);
		if (err)
			return err;
		/* Who waits for any gets the last one. */
		if (fake.finish_on_sleep && (all || i == args->count_handles - 1))
			finish_queue(fake_find_queue(handles[i]));
	}
	if (fake.lie_on_sleep)
		return 0;
	while (count_signalled(args, &args->first_signaled) < (all ? args->count_handles : 1)) {
		if (!sleep_until(args->timeout_nsec))
			return -ETIME;
	}
	return 0;
}

/* As <drm/drm.h> has it since Linux 6.6. */
struct fake_eventfd {
	uint32_t handle, flags;
	uint64_t point;
	int32_t fd;
	uint32_t pad;
};

#define FAKE_IOCTL_EVENTFD DRM_IOWR(0xcf, struct fake_eventfd)

/* Signals at once, or when the queue's ring runs; one at a time is enough here. */
static int syncobj_eventfd(const struct fake_eventfd *args)
{
	struct fake_queue *queue = fake_find_queue(args->handle);

	if (fake.no_eventfd)
		return -ENOTTY;
	if (!queue)
		return -ENOENT;
	if (args->flags || args->pad)
		return -EINVAL;
	queue->eventfd = args->fd;
	queue->eventfd_point = args->point;
	fake_wake(queue);
	return 0;
}

void fake_wake(struct fake_queue *queue)
{
	const uint64_t one = 1;

	pthread_cond_broadcast(&progress);
	if (!queue->eventfd_point || !is_signalled(queue, queue->eventfd_point))
		return;
	queue->eventfd_point = 0;
	if (write(queue->eventfd, &one, sizeof(one)) != sizeof(one))
		abort();
}

/* ---- objects ---- */

static int new_bo(const struct fake_bo *bo, uint32_t *handle)
{
	for (uint32_t i = 0; i < FAKE_MAX_OBJECTS; i++) {
		if (!bos[i].used) {
			bos[i] = *bo;
			bos[i].used = true;
			*handle = i + 1;
			fake.open_bos++;
			return 0;
		}
	}
	return -ENOMEM;
}

/*
 * The next @size bytes of the file, zeroes. All of it that is ever used is mapped
 * once: what a VM has of a BO must stay when the BO is closed.
 */
static char *take_memory(int fd, uint64_t size)
{
	static char *window;
	char *memory;

	if (!window) {
		window = mmap(NULL, WINDOW_SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_NORESERVE, fd, 0);
		if (window == MAP_FAILED)
			abort();
	}
	if (size > WINDOW_SIZE - file_end ||
	    (file_end == FAKE_GRANULE && ftruncate(fd, 0)) || ftruncate(fd, file_end + size))
		return NULL;
	memory = window + file_end;
	file_end += size;
	return memory;
}

static int bo_create(int fd, struct drm_trn_bo_create *args)
{
	struct fake_bo bo = { .mmap_offset = file_end };
	uint64_t all = (1ull << (FAKE_STACKS + 1)) - 1;

	if (!args->size || !args->placement || args->placement & ~all ||
	    args->flags & ~DRM_TRN_BO_NO_MMAP || args->handle || args->mmap_offset)
		return -EINVAL;
	bo.size = (args->size + FAKE_GRANULE - 1) / FAKE_GRANULE * FAKE_GRANULE;
	bo.region = __builtin_ctzll(args->placement);
	if (bo.region < FAKE_STACKS && bo.size > FAKE_STACK_SIZE)
		return -ENOSPC;
	bo.data = take_memory(fd, bo.size);
	if (!bo.data)
		return -ENOMEM;
	if (args->flags & DRM_TRN_BO_NO_MMAP)
		bo.mmap_offset = 0;
	args->size = bo.size;
	args->mmap_offset = bo.mmap_offset;
	return new_bo(&bo, &args->handle);
}

static int bo_userptr(struct drm_trn_bo_userptr *args)
{
	const struct fake_bo bo = {
		.userptr = true,
		.read_only = args->flags & DRM_TRN_BO_READ_ONLY,
		.region = FAKE_STACKS,
		.size = args->size,
		.data = (char *)(uintptr_t)args->addr,
	};

	if (!args->size || args->flags & ~DRM_TRN_BO_READ_ONLY || args->handle)
		return -EINVAL;
	return args->addr ? new_bo(&bo, &args->handle) : -EFAULT;
}

static int prime_handle_to_fd(struct drm_prime_handle *args)
{
	struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -ENOENT;
	if (args->flags != (DRM_CLOEXEC | DRM_RDWR) || bo->userptr)
		return -EINVAL;
	args->fd = memfd_create("dma-buf", MFD_CLOEXEC);
	if (args->fd < 0)
		return -errno;
	exported_handle = args->handle;
	return 0;
}

/* What was exported here has its handle still; all else is new, of another device. */
static int prime_fd_to_handle(int node, struct drm_prime_handle *args)
{
	struct drm_trn_bo_create create = {
		.size = FAKE_GRANULE,
		.placement = 1 << FAKE_STACKS,
	};
	int err;

	if (fcntl(args->fd, F_GETFD) < 0)
		return -EBADF;
	if (args->flags)
		return -EINVAL;
	if (!fake_find_bo(exported_handle)) {
		err = bo_create(node, &create);
		if (err)
			return err;
		exported_handle = create.handle;
	}
	args->handle = exported_handle;
	return 0;
}

static int bo_info(struct drm_trn_bo_info *args)
{
	const struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -ENOENT;
	args->flags = bo->userptr ? DRM_TRN_BO_IS_USERPTR : 0;
	args->size = bo->size;
	args->mmap_offset = bo->mmap_offset;
	args->region = bo->region;
	return 0;
}

static int gem_close(const struct drm_gem_close *args)
{
	struct fake_bo *bo = fake_find_bo(args->handle);

	if (!bo)
		return -EINVAL;
	bo->used = false;
	fake.open_bos--;
	return 0;
}

/* Two pages of the file; the doorbell's are kept from the process: see mmap64(). */
static int make_pages(int fd, struct fake_queue *queue, struct drm_trn_queue_create *args)
{
	uint64_t offset = file_end;
	char *pages = take_memory(fd, 2 * FAKE_GRANULE);

	if (!pages)
		return -ENOMEM;
	queue->page = (struct drm_trn_queue_page *)(pages + FAKE_GRANULE);
	queue->doorbell_offset = offset;
	args->doorbell_offset = offset;
	args->record_offset = offset + FAKE_GRANULE;
	return 0;
}

static int check_queue_create(const struct drm_trn_queue_create *args)
{
	bool user = args->mode == DRM_TRN_QUEUE_USER;

	if (args->flags || args->mode > DRM_TRN_QUEUE_USER || args->pad || args->ring_size % 16 ||
	    args->ring_size > FAKE_MAX_RING || args->priority > DRM_TRN_QUEUE_HIGH ||
	    (args->engine != DRM_TRN_NONE &&
	     (args->engine >= FAKE_ENGINES || args->engine_class || args->placement)))
		return -EINVAL;
	if (!user)
		return args->vm_id || args->ring_va ? -EINVAL : 0;
	if (!(fake.caps & DRM_TRN_CAP_USER_QUEUES))
		return -EOPNOTSUPP;
	if (!fake_vm_exists(args->vm_id))
		return -ENOENT;
	return args->ring_size < 64 || args->ring_va % 256 ? -EINVAL : 0;
}

/* Engines as query_engines() tells them. */
static uint32_t choose_engine(const struct drm_trn_queue_create *args)
{
	if (args->engine != DRM_TRN_NONE)
		return args->engine;
	if (args->engine_class == DRM_TRN_ENGINE_H2T)
		return FAKE_ENGINES - 1;
	return args->placement ? __builtin_ctzll(args->placement) % FAKE_STACKS : 0;
}

static int queue_create(int fd, struct drm_trn_queue_create *args)
{
	struct fake_queue *queue = queues;
	int err;

	fake.queue_creates++;
	err = check_queue_create(args);
	if (err)
		return err;
	if (!fake.free_queues)
		return -fake.no_queue_errno;
	while (queue < queues + FAKE_MAX_OBJECTS && queue->used)
		queue++;
	if (queue == queues + FAKE_MAX_OBJECTS)
		return -EMFILE;
	*queue = (struct fake_queue){
		.used = true,
		.user = args->mode == DRM_TRN_QUEUE_USER,
		.vm_id = args->vm_id,
		.ring_va = args->ring_va,
		.ring_size = args->ring_size,
	};
	if (queue->user) {
		err = make_pages(fd, queue, args);
		if (err) {
			queue->used = false;
			return err;
		}
	}
	args->queue_id = queue - queues + 1;
	args->syncobj = args->queue_id;
	args->hw_queue = queue - queues;
	args->engine = choose_engine(args);
	args->ring_size = args->ring_size ? args->ring_size : 1024;
	fake.free_queues--;
	fake.open_queues++;
	fake.open_syncobjs++;
	return 0;
}

static int queue_destroy(const struct drm_trn_queue_destroy *args)
{
	struct fake_queue *queue = fake_find_queue(args->queue_id);

	if (!queue)
		return -ENOENT;
	for (int i = 0; i < FAKE_MAX_WORK; i++)
		free(queue->held[i]);
	*queue = (struct fake_queue){ 0 };
	fake.open_queues--;
	return 0;
}

static int queue_arm(const struct drm_trn_queue_arm *args)
{
	struct fake_queue *queue = fake_find_queue(args->queue_id);

	fake.arms++;
	if (!queue)
		return -ENOENT;
	if (!queue->user)
		return -EOPNOTSUPP;
	if (args->flags || !args->point)
		return -EINVAL;
	if (queue->state.error)
		return -ECANCELED;
	if (queue->armed < args->point)
		queue->armed = args->point;
	fake_wake(queue);
	return 0;
}

void fake_kill_queue(uint32_t id, int error)
{
	fake_queue_die(fake_find_queue(id), error);
}

/* A doorbell page is to be mapped: nothing may be done there but by the trap. */
void *fake_map(void *addr, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	struct fake_queue *queue = NULL;
	void *map;

	for (int i = 0; i < FAKE_MAX_OBJECTS && !queue; i++) {
		if (queues[i].used && queues[i].user && queues[i].doorbell_offset == offset)
			queue = &queues[i];
	}
	map = (void *)syscall(SYS_mmap, addr, size, queue ? PROT_NONE : prot, flags, fd, offset);
	if (queue && map != MAP_FAILED) {
		queue->doorbell = map;
		fake_trap_doorbells();
	}
	return map;
}

struct fake_queue *fake_find_doorbell(const void *addr)
{
	for (int i = 0; i < FAKE_MAX_OBJECTS; i++) {
		const char *page = queues[i].doorbell;

		if (queues[i].used && page && (char *)addr >= page &&
		    (char *)addr < page + FAKE_GRANULE)
			return &queues[i];
	}
	return NULL;
}

static int queue_get_state(struct drm_trn_queue_get_state *args)
{
	const struct fake_queue *queue = fake_find_queue(args->queue_id);

	if (!queue)
		return -ENOENT;
	*args = queue->state;
	return 0;
}

/* ---- queries ---- */

static int reply(struct drm_trn_dev_query *args, const void *data, uint32_t size)
{
	if (args->pointer)
		memcpy((void *)(uintptr_t)args->pointer, data,
		       args->size < size ? args->size : size);
	args->size = size;
	return 0;
}

/* Elements of @size bytes, followed by fake.stride_extra bytes of newer fields. */
static int reply_list(struct drm_trn_dev_query *args, const void *elements, uint32_t count,
		      uint32_t size)
{
	struct drm_trn_query_list list = { .count = count, .stride = size + fake.stride_extra };
	char data[1024];

	memset(data, 0xee, sizeof(data));
	memcpy(data, &list, sizeof(list));
	for (uint32_t i = 0; i < count; i++)
		memcpy(data + sizeof(list) + i * list.stride, (const char *)elements + i * size,
		       size);
	return reply(args, data, sizeof(list) + count * list.stride);
}

static int query_regions(struct drm_trn_dev_query *args)
{
	struct drm_trn_region regions[FAKE_STACKS + 1] = { 0 };

	for (uint32_t i = 0; i < FAKE_STACKS; i++)
		regions[i] = (struct drm_trn_region){
			.kind = DRM_TRN_REGION_HBM,
			.instance = i,
			.size = FAKE_STACK_SIZE,
			.free = FAKE_STACK_SIZE / 2,
			.cpu_visible = FAKE_STACK_SIZE,
		};
	regions[FAKE_STACKS].kind = DRM_TRN_REGION_SYSTEM;
	return reply_list(args, regions, FAKE_STACKS + 1, sizeof(*regions));
}

static int query_engines(struct drm_trn_dev_query *args)
{
	struct drm_trn_engine engines[FAKE_ENGINES];

	for (uint32_t i = 0; i < FAKE_ENGINES; i++)
		engines[i] = (struct drm_trn_engine){
			.id = i,
			.core = i < FAKE_ENGINES - 1 ? i / 2 : DRM_TRN_NONE,
			.stack = i % FAKE_STACKS,
			.free_queues = 16,
		};
	return reply_list(args, engines, FAKE_ENGINES, sizeof(*engines));
}

static int query_clock(struct drm_trn_dev_query *args)
{
	struct drm_trn_query_clock clock;
	struct timespec ts;

	if (fake.no_clock)
		return -EINVAL;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	clock.monotonic_ns = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec + fake.clock_offset;
	return reply(args, &clock, sizeof(clock));
}

static int dev_query(struct drm_trn_dev_query *args)
{
	const struct drm_trn_query_device device = {
		.generation = 3,
		.revision = 0xff,
		.num_engines = FAKE_ENGINES,
		.first_h2t_engine = FAKE_ENGINES - 1,
		.queues_per_engine = 16,
		.num_cores = 2,
		.num_regions = FAKE_STACKS + 1,
		.max_queues = FAKE_MAX_OBJECTS,
		.max_ops = FAKE_MAX_OPS,
		.max_syncs = 16,
		.max_ring_size = fake.max_ring_size,
		.default_timeout_ms = 10000,
		.bo_granule = FAKE_GRANULE,
		.caps = fake.caps,
		.max_vms = 4,
		.max_bind_ops = 128,
		.max_faults = 8,
		.va_start = FAKE_VA_START,
		.va_size = FAKE_VA_SIZE,
		.max_table_bytes = 1 << 24,
		.reset_count = fake.reset_count,
	};
	static const struct drm_trn_query_firmware firmware = {
		.serial = 0x123456789abcdef0,
		.api_version = 1,
		.routing_id = 5,
	};

	switch (args->type) {
	case DRM_TRN_QUERY_DEVICE:
		fake.reset_count += fake.resets;
		return reply(args, &device, sizeof(device));
	case DRM_TRN_QUERY_REGIONS:
		return query_regions(args);
	case DRM_TRN_QUERY_ENGINES:
		return query_engines(args);
	case DRM_TRN_QUERY_FIRMWARE:
		return reply(args, &firmware, sizeof(firmware));
	case DRM_TRN_QUERY_CLOCK:
		return query_clock(args);
	default:
		return -EINVAL;
	}
}

/* As drm_copy_field() does: as much as fits, and the whole length. */
static void copy_field(char *field, __kernel_size_t *size, const char *value)
{
	size_t len = strlen(value);

	if (field)
		memcpy(field, value, *size < len ? *size : len);
	*size = len;
}

static int get_version(struct drm_version *args)
{
	args->version_major = fake.driver_major;
	args->version_minor = 1;
	args->version_patchlevel = 2;
	copy_field(args->name, &args->name_len, fake.driver);
	copy_field(args->date, &args->date_len, "20260101");
	copy_field(args->desc, &args->desc_len, "fake");
	return 0;
}

static int dispatch(int fd, unsigned long request, void *arg)
{
	switch (request) {
	case DRM_IOCTL_VERSION:
		return get_version(arg);
	case DRM_IOCTL_GEM_CLOSE:
		return gem_close(arg);
	case DRM_IOCTL_SYNCOBJ_DESTROY:
		fake.open_syncobjs--;
		return 0;
	case DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT:
		return timeline_wait(arg);
	case FAKE_IOCTL_EVENTFD:
		return syncobj_eventfd(arg);
	case DRM_IOCTL_PRIME_HANDLE_TO_FD:
		return prime_handle_to_fd(arg);
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		return prime_fd_to_handle(fd, arg);
	case DRM_IOCTL_TRN_DEV_QUERY:
		return dev_query(arg);
	case DRM_IOCTL_TRN_BO_CREATE:
		return bo_create(fd, arg);
	case DRM_IOCTL_TRN_BO_INFO:
		return bo_info(arg);
	case DRM_IOCTL_TRN_BO_USERPTR:
		return bo_userptr(arg);
	case DRM_IOCTL_TRN_QUEUE_CREATE:
		return queue_create(fd, arg);
	case DRM_IOCTL_TRN_QUEUE_DESTROY:
		return queue_destroy(arg);
	case DRM_IOCTL_TRN_QUEUE_SUBMIT:
		return submit(arg);
	case DRM_IOCTL_TRN_QUEUE_GET_STATE:
		return queue_get_state(arg);
	case DRM_IOCTL_TRN_QUEUE_ARM:
		return queue_arm(arg);
	case DRM_IOCTL_TRN_VM_CREATE:
		return fake_vm_create(arg);
	case DRM_IOCTL_TRN_VM_DESTROY:
		return fake_vm_destroy(arg);
	case DRM_IOCTL_TRN_VM_BIND:
		return fake_vm_bind(arg);
	default:
		return -ENOTTY;
	}
}

/* Calls that are under way in the fake; what it calls itself is not the library's. */
static unsigned int depth;

bool fake_fails_now(void)
{
	bool now;

	pthread_mutex_lock(&lock);
	now = !depth && fake.fail_in && !--fake.fail_in;
	pthread_mutex_unlock(&lock);
	return now;
}

/* Giving back needs no memory, and does not fail. */
static bool gives_back(unsigned long request)
{
	return request == DRM_IOCTL_GEM_CLOSE || request == DRM_IOCTL_SYNCOBJ_DESTROY ||
	       request == DRM_IOCTL_TRN_QUEUE_DESTROY || request == DRM_IOCTL_TRN_VM_DESTROY;
}

static int call(int fd, unsigned long request, void *arg)
{
	fake.calls++;
	if (fake.interrupts) {
		fake.interrupts--;
		return -EINTR;
	}
	if (fake.gone)
		return -ENODEV;
	if (fake.fail_request == request)
		return -fake.fail_errno;
	if (fake.signal_request == request)
		raise(SIGBUS);
	return dispatch(fd, request, arg);
}

/* In place of libc's, for libdrm too; what is not for a DRM driver goes on to the kernel. */
__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;
	int err;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (_IOC_TYPE(request) != DRM_IOCTL_BASE)
		return syscall(SYS_ioctl, fd, request, arg);

	if (!gives_back(request) && fake_fails_now()) {
		errno = ENOMEM;
		return -1;
	}
	pthread_mutex_lock(&lock);
	depth++;
	err = call(fd, request, arg);
	depth--;
	pthread_mutex_unlock(&lock);
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

static void *count_map(void *map)
{
	__atomic_add_fetch(&fake.maps, !depth && map != MAP_FAILED, __ATOMIC_RELAXED);
	return map;
}

/* libtrn is built with 64-bit offsets, and so calls this one. */
__attribute__((visibility("default")))
void *mmap64(void *addr, size_t size, int prot, int flags, int fd, __off64_t offset)
{
	void *map;

	if (fake_fails_now()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	/* Others, which no queue has, may come from anywhere. */
	if (!(flags & MAP_SHARED))
		return count_map((void *)syscall(SYS_mmap, addr, size, prot, flags, fd, offset));
	if (fake.mmap_errno) {
		errno = fake.mmap_errno;
		return MAP_FAILED;
	}
	pthread_mutex_lock(&lock);
	map = count_map(fake_map(addr, size, prot, flags, fd, offset));
	pthread_mutex_unlock(&lock);
	return map;
}

__attribute__((visibility("default"))) int munmap(void *addr, size_t size)
{
	__atomic_sub_fetch(&fake.maps, !depth, __ATOMIC_RELAXED);
	return syscall(SYS_munmap, addr, size);
}

void fake_lock(void)
{
	pthread_mutex_lock(&lock);
}

void fake_unlock(void)
{
	pthread_mutex_unlock(&lock);
}
