/* SPDX-License-Identifier: MIT */
/*
 * A trn driver in user space, put in place of ioctl(2), for tests without a device.
 *
 * libdrm and everything above it are the real ones. The "node" is any regular file:
 * BOs that can be mapped are ranges of it. Work is done at once, unless it is held.
 * It takes the arguments as strictly as uapi/drm/trn_accel.h wants. A doorbell page is
 * one that no access is permitted to: what is stored there is seen at once (x86-64).
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/trn_accel.h>

#define FAKE_STACKS 2		/* regions 0 and 1; region 2 is host memory */
#define FAKE_STACK_SIZE (1ull << 30)
#define FAKE_GRANULE 4096
#define FAKE_MAX_OPS 256
#define FAKE_ENGINES 4
#define FAKE_VA_START 0x100000ull
#define FAKE_VA_SIZE (1ull << 30)
#define FAKE_MAX_RING 4096

struct fake_kernel {
	/* What to do. */
	const char *driver;		/* name that it tells */
	int driver_major;		/* and its version */
	bool gone;			/* everything fails with ENODEV */
	unsigned long fail_request;	/* DRM_IOCTL_* that fails ... */
	int fail_errno;			/* ... with this */
	unsigned int fail_in;		/* the n-th call from now, or allocation, fails (ENOMEM) */
	unsigned long signal_request;	/* DRM_IOCTL_* that raises SIGBUS */
	bool resets;			/* the device was reset whenever somebody asks */
	unsigned int interrupts;	/* the next so many calls are interrupted */
	bool hold;			/* work stays undone ... */
	bool finish_on_sleep;		/* ... till somebody sleeps for it */
	bool lie_on_sleep;		/* sleepers wake though nothing was done */
	int work_error;			/* all work from now on fails with this */
	bool corrupt;			/* copies get their last byte wrong */
	uint32_t stride_extra;		/* list elements are longer by this */
	uint64_t caps;			/* DRM_TRN_CAP_* */
	uint32_t max_ring_size;
	unsigned int free_queues;	/* QUEUE_CREATEs that will find one ... */
	int no_queue_errno;		/* ... and what those get that do not */
	bool no_eventfd;		/* the kernel is too old for it */
	bool late_record;		/* the record shows nothing: GET_STATE does */
	int64_t clock_offset;		/* the machine's clock is so far ahead of the program's */
	bool no_clock;			/* the driver is too old to tell it */
	int mmap_errno;			/* mapping the node fails with this */

	/* What was seen. */
	unsigned int calls;
	uint64_t reset_count;
	unsigned int open_bos, open_queues, open_syncobjs, open_vms;
	unsigned int maps;		/* of the process, made by the library or a test */
	unsigned int mappings;		/* in VMs that are open */
	unsigned int bind_calls;
	struct drm_trn_vm_op last_bind;	/* the last operation of the last VM_BIND */
	unsigned int doorbells;		/* stores to doorbell pages */
	unsigned int descriptors;	/* that were executed, S2M */
	unsigned int barriers;		/* M2S descriptors with DMB */
	unsigned int inline_ops;
	unsigned int arms;
	unsigned int queue_creates;
	unsigned int sleeps;
	int64_t last_deadline;		/* of the machine's clock */
	unsigned int submissions;
	uint32_t last_num_ops, last_num_syncs;
	uint64_t last_sync_point;
};

extern struct fake_kernel fake;

/* As new; nothing may be open. */
void fake_reset(void);

/* The held work of all queues gets done. */
void fake_finish(void);

/* The one of fake.fail_in is now. Calls of the fake itself do not count. */
bool fake_fails_now(void);

/* A queue of the kernel's number @id dies, as if the device had failed. */
void fake_kill_queue(uint32_t id, int error);

#endif /* FAKE_KERNEL_H */
