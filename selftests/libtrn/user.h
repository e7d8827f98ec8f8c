/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of the suites of user-mode queues by the library. */
#ifndef USER_H
#define USER_H

#include "tt_harness.h"

#include "trn_prep.h"

#define RW (TRN_VM_READ | TRN_VM_WRITE)
#define SIZE (4 * TT_MIB)
#define DESC 65536u

FIXTURE(user)
{
	struct trn_device *dev;
	struct trn_device_info info;
	uint64_t hbm, system;
	struct trn_vm *vm;
	struct trn_queue *queue;
	struct trn_bo *host, *dev_bo;
	unsigned char *map;		/* of the host memory */
	uint64_t host_va, hbm_va;
};

static inline struct trn_queue *new_queue(struct trn_vm *vm, struct trn_device *dev, uint32_t flags,
					  uint32_t spin_ns)
{
	const struct trn_queue_attr attr = {
		.vm = vm, .ring_size = 64, .flags = flags, .spin_ns = spin_ns,
	};
	struct trn_queue *queue = NULL;

	return trn_queue_new(dev, &attr, &queue) ? NULL : queue;
}

FIXTURE_SETUP(user)
{
	ASSERT_EQ(0, trn_device_open(0, &self->dev));
	ASSERT_EQ(0, trn_device_get_info(self->dev, &self->info, sizeof(self->info)));
	if (!(self->info.caps & TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, trn_place_hbm(self->dev, &self->hbm));
	ASSERT_EQ(0, trn_place_system(self->dev, &self->system));
	ASSERT_EQ(0, trn_vm_new(self->dev, &self->vm));
	self->queue = new_queue(self->vm, self->dev, 0, 0);
	ASSERT_NE(NULL, self->queue);
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->system, 0, &self->host));
	ASSERT_EQ(0, trn_bo_new(self->dev, SIZE, self->hbm, 0, &self->dev_bo));
	ASSERT_EQ(0, trn_bo_map(self->host, (void **)&self->map));
	ASSERT_EQ(0, trn_vm_map(self->vm, self->host, 0, SIZE, RW, &self->host_va));
	ASSERT_EQ(0, trn_vm_map(self->vm, self->dev_bo, 0, SIZE, RW, &self->hbm_va));
}

FIXTURE_TEARDOWN(user)
{
	trn_bo_unref(self->host);
	trn_bo_unref(self->dev_bo);
	trn_queue_unref(self->queue);
	trn_vm_unref(self->vm);
	trn_device_unref(self->dev);
}

/* QEMU logs the mistake that a test makes on purpose. */
static inline void expect_guest_error(const char *what)
{
	printf("# expect-guest-error: engine [0-9]+ queue [0-9]+: .*%s\n", what);
	fflush(stdout);
}

/* Ring, and wait for all that was put. */
static inline int flush(struct trn_queue *queue)
{
	trn_queue_kick(queue);
	return trn_wait(queue, trn_queue_point(queue), trn_deadline(TT_DEADLINE_S * TT_NSEC));
}

#endif /* USER_H */
