/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the fake kernel share: queues (fake_kernel.c), memory (fake_bo.c),
 * timelines (fake_sync.c), answers (fake_query.c), address spaces
 * (fake_vm.c), and the device behind the doorbells (fake_ring.c, fake_inline.c).
 */
#ifndef FAKE_PRIV_H
#define FAKE_PRIV_H

#include <pthread.h>
#include <stddef.h>

#include <drm.h>
#include <drm/trn_ring.h>

#include "fake_kernel.h"

#define FAKE_MAX_OBJECTS 64
#define FAKE_MAX_WORK 64
#define NSEC_PER_SEC 1000000000ll

struct fake_bo {
	bool used, userptr, read_only;
	uint32_t region;
	uint64_t size, mmap_offset;
	char *data;
};

/* Ids, and handles of syncobjs, are the index + 1. */
struct fake_queue {
	bool used;
	struct drm_trn_queue_get_state state;
	struct fake_work *held[FAKE_MAX_WORK];

	/* User mode. */
	bool user;
	uint32_t vm_id, ring_size;
	uint64_t ring_va;
	struct drm_trn_queue_page *page;
	uint64_t doorbell_offset;
	char *doorbell;			/* where the process has it */
	uint64_t m2s_tail, s2m_tail;	/* as rung; the record has what was done */
	uint64_t m2s_done, s2m_done;
	uint64_t armed;			/* highest point */
	int eventfd;
	uint64_t eventfd_point;
};

/* As <drm/drm.h> has it since Linux 6.6. */
struct fake_eventfd {
	uint32_t handle, flags;
	uint64_t point;
	int32_t fd;
	uint32_t pad;
};

#define FAKE_IOCTL_EVENTFD DRM_IOWR(0xcf, struct fake_eventfd)

void fake_lock(void);
void fake_unlock(void);

struct fake_bo *fake_find_bo(uint32_t handle);
struct fake_queue *fake_find_queue(uint32_t id);
/* The queue whose doorbell page holds @addr, or NULL. */
struct fake_queue *fake_find_doorbell(const void *addr);
/* Something may have become of the queue: sleepers look, its eventfd is signalled. */
void fake_wake(struct fake_queue *queue);
void *fake_map(void *addr, size_t size, int prot, int flags, int fd, uint64_t offset);

/* Of all there is. Recursive: a call maps memory, too. */
extern pthread_mutex_t fake_mutex;

/* Work of a queue that was held gets done. */
void fake_finish_queue(struct fake_queue *queue);

/* fake_bo.c */
void fake_bos_reset(void);
/* The next @size bytes of the file, zeroes. */
char *fake_take_memory(int fd, uint64_t size, uint64_t *offset);
int fake_bo_create(int fd, struct drm_trn_bo_create *args);
int fake_bo_userptr(struct drm_trn_bo_userptr *args);
int fake_bo_info(struct drm_trn_bo_info *args);
int fake_gem_close(const struct drm_gem_close *args);
int fake_prime_handle_to_fd(struct drm_prime_handle *args);
int fake_prime_fd_to_handle(int node, struct drm_prime_handle *args);

/* fake_query.c */
int fake_dev_query(struct drm_trn_dev_query *args);

/* fake_sync.c */
int fake_timeline_wait(struct drm_syncobj_timeline_wait *args);
int fake_syncobj_eventfd(const struct fake_eventfd *args);

/* fake_vm.c */
void fake_vms_reset(void);
bool fake_vm_exists(uint32_t id);
int fake_vm_create(struct drm_trn_vm_create *args);
int fake_vm_destroy(const struct drm_trn_vm_destroy *args);
int fake_vm_bind(const struct drm_trn_vm_bind *args);
/* Move between a VM and @data; false, with the address in @fault, if it is not allowed. */
bool fake_vm_read(uint32_t id, uint64_t va, void *data, uint64_t size, uint64_t *fault);
bool fake_vm_write(uint32_t id, uint64_t va, const void *data, uint64_t size, uint64_t *fault);

/* fake_ring.c */
void fake_trap_doorbells(void);
/* Do all that was rung. */
void fake_ring_run(struct fake_queue *queue);
void fake_queue_die(struct fake_queue *queue, int error);

/* fake_inline.c: 0, or a negative errno that kills the queue. */
int fake_inline_run(const struct fake_queue *queue, const struct drm_trn_inline_op *op,
		    uint64_t dst, const uint64_t *sources, uint32_t num_sources, uint64_t *fault);

#endif /* FAKE_PRIV_H */
