// SPDX-License-Identifier: GPL-2.0-only
#include "tt_uqueue.h"

#include <endian.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

struct drm_trn_queue_create tt_uqueue_args(uint32_t vm_id, uint64_t ring_va, uint32_t ring_size)
{
	return (struct drm_trn_queue_create) {
		.mode = DRM_TRN_QUEUE_MODE_USER,
		.vm_id = vm_id,
		.engine = DRM_TRN_NONE,
		.ring_size = ring_size,
		.ring_va = ring_va,
	};
}

static int map_pages(struct tt_uqueue *uq)
{
	void *map;

	map = mmap(NULL, TT_PAGE, PROT_WRITE, MAP_SHARED, uq->queue.fd, uq->doorbell_offset);
	if (map == MAP_FAILED)
		return -errno;
	uq->doorbell = map;
	map = mmap(NULL, TT_PAGE, PROT_READ, MAP_SHARED, uq->queue.fd, uq->record_offset);
	if (map == MAP_FAILED)
		return -errno;
	uq->page = map;
	return 0;
}

int tt_uqueue_create(int fd, const struct drm_trn_queue_create *wanted, void *ring,
		     struct tt_uqueue *uq)
{
	struct drm_trn_queue_create args = *wanted;
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	memset(uq, 0, sizeof(*uq));
	if (ret)
		return ret;
	uq->queue = (struct tt_queue) {
		.fd = fd,
		.id = args.queue_id,
		.engine = args.engine,
		.hw_queue = args.hw_queue,
		.ring_size = args.ring_size,
		.syncobj = args.syncobj,
	};
	uq->doorbell_offset = args.doorbell_offset;
	uq->record_offset = args.record_offset;
	if (ring) {
		uq->m2s = ring;
		uq->s2m = uq->m2s + args.ring_size;
	}
	ret = map_pages(uq);
	if (ret)
		tt_uqueue_destroy(uq);
	return ret;
}

int tt_uqueue_destroy(struct tt_uqueue *uq)
{
	int ret = tt_queue_destroy(&uq->queue);

	if (uq->doorbell)
		munmap(uq->doorbell, TT_PAGE);
	if (uq->page)
		munmap((void *)uq->page, TT_PAGE);
	uq->doorbell = NULL;
	uq->page = NULL;
	return ret;
}

static void write_desc(const struct tt_uqueue *uq, struct drm_trn_desc *ring, uint64_t pos,
		       uint32_t flags, uint32_t op, uint64_t addr, uint32_t len)
{
	uint32_t lap = pos / uq->queue.ring_size;

	ring[pos % uq->queue.ring_size] = (struct drm_trn_desc) {
		.ctrl = htole32((len & DRM_TRN_DESC_LEN) | DRM_TRN_DESC_RING_ID(lap + 1) | flags),
		.op = htole32(op),
		.addr = htole64(addr),
	};
}

void tt_uqueue_push_m2s(struct tt_uqueue *uq, uint32_t flags, uint32_t op, uint64_t addr,
			uint32_t len)
{
	write_desc(uq, uq->m2s, uq->m2s_pos++, flags, op, addr, len);
}

void tt_uqueue_push_s2m(struct tt_uqueue *uq, uint32_t flags, uint64_t addr, uint32_t len)
{
	write_desc(uq, uq->s2m, uq->s2m_pos++, flags, 0, addr, len);
}

void tt_uqueue_push_copy(struct tt_uqueue *uq, uint64_t dst, uint64_t src, uint32_t len)
{
	tt_uqueue_push_m2s(uq, DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST, DRM_TRN_DESC_OP_COPY, src,
			   len);
	tt_uqueue_push_s2m(uq, 0, dst, len);
}

void tt_uqueue_ring_raw(struct tt_uqueue *uq, uint32_t m2s, uint32_t s2m)
{
	uint64_t *both = (uint64_t *)((char *)uq->doorbell + DRM_TRN_DOORBELL_BOTH);

	/* Descriptors before the doorbell, as the device sees them. */
	__atomic_store_n(both, htole64((uint64_t)m2s << 32 | s2m), __ATOMIC_RELEASE);
}

void tt_uqueue_ring(struct tt_uqueue *uq)
{
	tt_uqueue_ring_raw(uq, uq->m2s_pos - uq->m2s_rung, uq->s2m_pos - uq->s2m_rung);
	uq->m2s_rung = uq->m2s_pos;
	uq->s2m_rung = uq->s2m_pos;
}

uint64_t tt_uqueue_done(const struct tt_uqueue *uq)
{
	return le64toh(__atomic_load_n(&uq->page->record.s2m, __ATOMIC_ACQUIRE));
}

int tt_uqueue_error(const struct tt_uqueue *uq)
{
	return __atomic_load_n(&uq->page->error, __ATOMIC_ACQUIRE);
}

static int poll_until(const struct tt_uqueue *uq, uint64_t count)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	int error;

	for (;;) {
		error = tt_uqueue_error(uq);
		if (tt_uqueue_done(uq) >= count)
			return 0;
		if (error)
			return error;
		if (tt_deadline(0) > deadline)
			return -ETIME;
		/* The device has processors to share with us. */
		sched_yield();
	}
}

int tt_uqueue_poll(const struct tt_uqueue *uq, uint64_t count)
{
	return poll_until(uq, count);
}

int tt_uqueue_poll_error(const struct tt_uqueue *uq)
{
	return poll_until(uq, UINT64_MAX);
}

int tt_uqueue_notify(const struct tt_uqueue *uq, uint64_t point)
{
	struct drm_trn_queue_notify args = { .queue_id = uq->queue.id, .point = point };

	return tt_ioctl(uq->queue.fd, DRM_IOCTL_TRN_QUEUE_NOTIFY, &args);
}

int tt_uqueue_wait(const struct tt_uqueue *uq, uint64_t point)
{
	int ret = tt_uqueue_notify(uq, point);

	if (!ret)
		ret = tt_sync_wait(uq->queue.fd, uq->queue.syncobj, point,
				   tt_deadline(TT_DEADLINE_S),
				   DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
	if (ret)
		return ret;
	return tt_uqueue_done(uq) >= point ? 0 : tt_uqueue_error(uq);
}

int tt_uqueue_eventfd(const struct tt_uqueue *uq, uint64_t point)
{
	int event = eventfd(0, EFD_CLOEXEC);
	int ret;

	if (event < 0)
		return -errno;
	ret = tt_sync_eventfd(uq->queue.fd, uq->queue.syncobj, point, event);
	if (!ret)
		return event;
	close(event);
	return ret;
}

int tt_uqueue_copy(struct tt_uqueue *uq, uint64_t dst, uint64_t src, uint32_t len)
{
	tt_uqueue_push_copy(uq, dst, src, len);
	tt_uqueue_ring(uq);
	return tt_uqueue_poll(uq, uq->s2m_pos);
}

int tt_upath_open_memory(const struct tt_device *dev, uint32_t ring_size, uint64_t size,
			 struct tt_upath *path)
{
	struct drm_trn_vm_op ops[3];
	int ret;

	memset(path, 0, sizeof(*path));
	ret = tt_vm_create(dev->fd, &path->vm);
	if (!ret)
		ret = tt_bo_create(dev->fd, TT_RING_BYTES(ring_size), dev->system, &path->ring);
	if (!ret)
		ret = tt_bo_create(dev->fd, size, dev->hbm, &path->a);
	if (!ret)
		ret = tt_bo_create(dev->fd, size, dev->system, &path->b);
	if (ret)
		return ret;
	ops[0] = tt_vm_op_map(&path->ring, 0, TT_UPATH_RING, path->ring.size,
			      DRM_TRN_VM_MAP_READ);
	ops[1] = tt_vm_op_map(&path->a, 0, TT_UPATH_A, path->a.size, TT_VM_RW);
	ops[2] = tt_vm_op_map(&path->b, 0, TT_UPATH_B, path->b.size, TT_VM_RW);
	return tt_vm_bind(&path->vm, ops, 3);
}

int tt_upath_open(const struct tt_device *dev, uint32_t ring_size, uint64_t size,
		  struct tt_upath *path)
{
	int ret = tt_upath_open_memory(dev, ring_size, size, path);
	struct drm_trn_queue_create args;

	if (ret)
		return ret;
	args = tt_uqueue_args(path->vm.id, TT_UPATH_RING, ring_size);
	return tt_uqueue_create(dev->fd, &args, path->ring.map, &path->uq);
}

void tt_upath_close(struct tt_upath *path)
{
	if (path->uq.queue.id)
		tt_uqueue_destroy(&path->uq);
	if (path->vm.id)
		tt_vm_destroy(&path->vm);
	tt_bo_close(&path->b);
	tt_bo_close(&path->a);
	tt_bo_close(&path->ring);
}
