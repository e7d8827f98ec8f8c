// SPDX-License-Identifier: MIT
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <drm.h>
#include <drm/trn_accel.h>

#include "fake_kernel.h"

#define FAKE_DEFAULTS { .driver = "trn", .driver_major = 1 }
#define MAX_OBJECTS 64
#define MAX_WORK 64

struct fake_bo {
	bool used, userptr, read_only;
	uint32_t region;
	uint64_t size, mmap_offset;
	char *data;
};

struct fake_work {
	struct drm_trn_op ops[FAKE_MAX_OPS];
	uint32_t num_ops;
};

/* Ids, and handles of syncobjs, are the index + 1. */
struct fake_queue {
	bool used;
	struct drm_trn_queue_get_state state;
	struct fake_work *held[MAX_WORK];
};

struct fake_kernel fake = FAKE_DEFAULTS;

static struct fake_bo bos[MAX_OBJECTS];
static struct fake_queue queues[MAX_OBJECTS];
static uint64_t file_end = FAKE_GRANULE;

void fake_reset(void)
{
	memset(bos, 0, sizeof(bos));
	memset(queues, 0, sizeof(queues));
	file_end = FAKE_GRANULE;
	fake = (struct fake_kernel)FAKE_DEFAULTS;
}

static struct fake_bo *find_bo(uint32_t handle)
{
	if (!handle || handle > MAX_OBJECTS || !bos[handle - 1].used)
		return NULL;
	return &bos[handle - 1];
}

static struct fake_queue *find_queue(uint32_t id)
{
	if (!id || id > MAX_OBJECTS || !queues[id - 1].used)
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
	const struct fake_bo *dst = find_bo(op->dst);

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
		if (!find_bo(op->src))
			return -ENOENT;
		if (op->pattern || !range_is_in(find_bo(op->src), op->src_offset, op->size))
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
	char *dst = find_bo(op->dst)->data + op->dst_offset;

	if (op->type == DRM_TRN_OP_COPY)
		memmove(dst, find_bo(op->src)->data + op->src_offset, op->size);
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
	for (int i = 0; i < MAX_WORK && queue->held[i]; i++) {
		do_work(queue, queue->held[i]);
		free(queue->held[i]);
		queue->held[i] = NULL;
	}
}

void fake_finish(void)
{
	for (int i = 0; i < MAX_OBJECTS; i++)
		finish_queue(&queues[i]);
}

static int submit(struct drm_trn_queue_submit *args)
{
	const struct drm_trn_sync *syncs = (void *)(uintptr_t)args->syncs.ptr;
	struct fake_queue *queue = find_queue(args->queue_id);
	struct fake_work *work;
	int slot = 0, err;

	if (!queue)
		return -ENOENT;
	if (queue->state.state != DRM_TRN_QUEUE_READY)
		return -ECANCELED;
	if (args->flags || !args->ops.count || args->ops.count > FAKE_MAX_OPS ||
	    args->ops.stride != sizeof(struct drm_trn_op) ||
	    (args->syncs.count && args->syncs.stride != sizeof(struct drm_trn_sync)))
		return -EINVAL;
	while (slot < MAX_WORK && queue->held[slot])
		slot++;
	work = slot < MAX_WORK ? calloc(1, sizeof(*work)) : NULL;
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

static int timeline_wait(const struct drm_syncobj_timeline_wait *args)
{
	uint64_t point = *(uint64_t *)(uintptr_t)args->points;
	uint32_t handle = *(uint32_t *)(uintptr_t)args->handles;
	struct fake_queue *queue = find_queue(handle);

	fake.sleeps++;
	fake.last_deadline = args->timeout_nsec;
	if (!queue)
		return -ENOENT;
	if (args->count_handles != 1 || args->flags || args->pad || point > queue->state.submitted)
		return -EINVAL;
	if (fake.lie_on_sleep)
		return 0;
	if (fake.finish_on_sleep)
		finish_queue(queue);
	return point > queue->state.completed && !queue->state.error_point ? -ETIME : 0;
}

/* ---- objects ---- */

static int new_bo(const struct fake_bo *bo, uint32_t *handle)
{
	for (uint32_t i = 0; i < MAX_OBJECTS; i++) {
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
	if (ftruncate(fd, file_end + bo.size))
		return -ENOMEM;
	bo.data = mmap(NULL, bo.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, file_end);
	if (bo.data == MAP_FAILED)
		return -ENOMEM;
	file_end += bo.size;
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

static int bo_info(struct drm_trn_bo_info *args)
{
	const struct fake_bo *bo = find_bo(args->handle);

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
	struct fake_bo *bo = find_bo(args->handle);

	if (!bo)
		return -EINVAL;
	if (!bo->userptr)
		munmap(bo->data, bo->size);
	bo->used = false;
	fake.open_bos--;
	return 0;
}

static int queue_create(struct drm_trn_queue_create *args)
{
	if (args->flags || args->mode || args->vm_id || args->pad || args->ring_size % 16 ||
	    (args->engine != DRM_TRN_NONE && args->engine >= FAKE_ENGINES))
		return -EINVAL;
	for (uint32_t i = 0; i < MAX_OBJECTS; i++) {
		if (queues[i].used)
			continue;
		queues[i] = (struct fake_queue){ .used = true };
		args->queue_id = i + 1;
		args->syncobj = i + 1;
		args->hw_queue = i;
		args->engine = args->engine == DRM_TRN_NONE ? 0 : args->engine;
		args->ring_size = args->ring_size ? args->ring_size : 1024;
		fake.open_queues++;
		fake.open_syncobjs++;
		return 0;
	}
	return -EMFILE;
}

static int queue_destroy(const struct drm_trn_queue_destroy *args)
{
	struct fake_queue *queue = find_queue(args->queue_id);

	if (!queue)
		return -ENOENT;
	for (int i = 0; i < MAX_WORK; i++)
		free(queue->held[i]);
	*queue = (struct fake_queue){ 0 };
	fake.open_queues--;
	return 0;
}

static int queue_get_state(struct drm_trn_queue_get_state *args)
{
	const struct fake_queue *queue = find_queue(args->queue_id);

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

static int dev_query(struct drm_trn_dev_query *args)
{
	static const struct drm_trn_query_device device = {
		.generation = 3,
		.revision = 0xff,
		.num_engines = FAKE_ENGINES,
		.first_h2t_engine = FAKE_ENGINES - 1,
		.queues_per_engine = 16,
		.num_cores = 2,
		.num_regions = FAKE_STACKS + 1,
		.max_queues = MAX_OBJECTS,
		.max_ops = FAKE_MAX_OPS,
		.max_syncs = 16,
		.max_ring_size = 4096,
		.default_timeout_ms = 10000,
		.bo_granule = FAKE_GRANULE,
	};
	static const struct drm_trn_query_firmware firmware = {
		.serial = 0x123456789abcdef0,
		.api_version = 1,
		.routing_id = 5,
	};

	switch (args->type) {
	case DRM_TRN_QUERY_DEVICE:
		return reply(args, &device, sizeof(device));
	case DRM_TRN_QUERY_REGIONS:
		return query_regions(args);
	case DRM_TRN_QUERY_ENGINES:
		return query_engines(args);
	case DRM_TRN_QUERY_FIRMWARE:
		return reply(args, &firmware, sizeof(firmware));
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
	case DRM_IOCTL_TRN_DEV_QUERY:
		return dev_query(arg);
	case DRM_IOCTL_TRN_BO_CREATE:
		return bo_create(fd, arg);
	case DRM_IOCTL_TRN_BO_INFO:
		return bo_info(arg);
	case DRM_IOCTL_TRN_BO_USERPTR:
		return bo_userptr(arg);
	case DRM_IOCTL_TRN_QUEUE_CREATE:
		return queue_create(arg);
	case DRM_IOCTL_TRN_QUEUE_DESTROY:
		return queue_destroy(arg);
	case DRM_IOCTL_TRN_QUEUE_SUBMIT:
		return submit(arg);
	case DRM_IOCTL_TRN_QUEUE_GET_STATE:
		return queue_get_state(arg);
	default:
		return -ENOTTY;
	}
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
	return dispatch(fd, request, arg);
}

/* In place of libc's, for libdrm too; what is not for a DRM driver goes on to the kernel. */
__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	va_list args;
	void *arg;
	int err;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (_IOC_TYPE(request) != DRM_IOCTL_BASE)
		return syscall(SYS_ioctl, fd, request, arg);

	pthread_mutex_lock(&lock);
	err = call(fd, request, arg);
	pthread_mutex_unlock(&lock);
	if (!err)
		return 0;
	errno = -err;
	return -1;
}
