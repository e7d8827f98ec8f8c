// SPDX-License-Identifier: MIT
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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

struct fake_work {
	struct drm_trn_op ops[FAKE_MAX_OPS];
	uint32_t num_ops;
};

struct fake_kernel fake = FAKE_DEFAULTS;

pthread_mutex_t fake_mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static struct fake_queue queues[FAKE_MAX_OBJECTS];

void fake_reset(void)
{
	fake_bos_reset();
	memset(queues, 0, sizeof(queues));
	fake_vms_reset();
	fake = (struct fake_kernel)FAKE_DEFAULTS;
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
		queue->state.state = DRM_TRN_QUEUE_STATE_FAULTED;
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

void fake_finish_queue(struct fake_queue *queue)
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
		fake_finish_queue(&queues[i]);
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
	if (queue->state.state != DRM_TRN_QUEUE_STATE_READY)
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
		fake_finish_queue(queue);
	return 0;
}

/* ---- queues ---- */

/* Two pages of the file; the doorbell's are kept from the process: see mmap64(). */
static int make_pages(int fd, struct fake_queue *queue, struct drm_trn_queue_create *args)
{
	uint64_t offset;
	char *pages = fake_take_memory(fd, 2 * FAKE_GRANULE, &offset);

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
	bool user = args->mode == DRM_TRN_QUEUE_MODE_USER;

	if (args->flags || args->mode > DRM_TRN_QUEUE_MODE_USER || args->pad ||
	    args->ring_size % 16 || args->ring_size > FAKE_MAX_RING ||
	    args->priority > DRM_TRN_QUEUE_PRIORITY_HIGH ||
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
	if (args->engine_class == DRM_TRN_ENGINE_CLASS_H2T)
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
		.user = args->mode == DRM_TRN_QUEUE_MODE_USER,
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

static int queue_notify(const struct drm_trn_queue_notify *args)
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
		return fake_gem_close(arg);
	case DRM_IOCTL_SYNCOBJ_DESTROY:
		fake.open_syncobjs--;
		return 0;
	case DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT:
		return fake_timeline_wait(arg);
	case FAKE_IOCTL_EVENTFD:
		return fake_syncobj_eventfd(arg);
	case DRM_IOCTL_PRIME_HANDLE_TO_FD:
		return fake_prime_handle_to_fd(arg);
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		return fake_prime_fd_to_handle(fd, arg);
	case DRM_IOCTL_TRN_DEV_QUERY:
		return fake_dev_query(arg);
	case DRM_IOCTL_TRN_BO_CREATE:
		return fake_bo_create(fd, arg);
	case DRM_IOCTL_TRN_BO_INFO:
		return fake_bo_info(arg);
	case DRM_IOCTL_TRN_BO_USERPTR:
		return fake_bo_userptr(arg);
	case DRM_IOCTL_TRN_QUEUE_CREATE:
		return queue_create(fd, arg);
	case DRM_IOCTL_TRN_QUEUE_DESTROY:
		return queue_destroy(arg);
	case DRM_IOCTL_TRN_QUEUE_SUBMIT:
		return submit(arg);
	case DRM_IOCTL_TRN_QUEUE_GET_STATE:
		return queue_get_state(arg);
	case DRM_IOCTL_TRN_QUEUE_NOTIFY:
		return queue_notify(arg);
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
static _Thread_local unsigned int depth;

bool fake_fails_now(void)
{
	bool now;

	pthread_mutex_lock(&fake_mutex);
	now = !depth && fake.fail_in && !--fake.fail_in;
	pthread_mutex_unlock(&fake_mutex);
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
	pthread_mutex_lock(&fake_mutex);
	depth++;
	err = call(fd, request, arg);
	depth--;
	pthread_mutex_unlock(&fake_mutex);
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
	pthread_mutex_lock(&fake_mutex);
	map = count_map(fake_map(addr, size, prot, flags, fd, offset));
	pthread_mutex_unlock(&fake_mutex);
	return map;
}

__attribute__((visibility("default"))) int munmap(void *addr, size_t size)
{
	__atomic_sub_fetch(&fake.maps, !depth, __ATOMIC_RELAXED);
	return syscall(SYS_munmap, addr, size);
}

void fake_lock(void)
{
	pthread_mutex_lock(&fake_mutex);
}

void fake_unlock(void)
{
	pthread_mutex_unlock(&fake_mutex);
}
