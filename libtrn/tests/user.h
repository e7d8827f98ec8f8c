/* SPDX-License-Identifier: MIT */
/* For tests of user-mode queues: one, and memory of its VM. */
#ifndef USER_H
#define USER_H

#include <string.h>

#include "tap.h"

#define USER_BYTES (1u << 20)

struct user {
	struct trn_device *dev;
	struct trn_vm *vm;
	struct trn_queue *queue;
	struct trn_bo *bo;
	unsigned char *map;	/* of the CPU */
	uint64_t va;		/* of the device */
};

static inline struct user user_begin(const struct trn_queue_attr *attr)
{
	struct trn_queue_attr all = attr ? *attr : (struct trn_queue_attr){ 0 };
	struct user user = { .dev = tap_open() };

	EXPECT_RET(trn_vm_new(user.dev, &user.vm), 0);
	all.vm = user.vm;
	EXPECT_RET(trn_queue_new(user.dev, &all, &user.queue), 0);
	EXPECT_RET(trn_bo_new(user.dev, USER_BYTES, 1, 0, &user.bo), 0);
	EXPECT_RET(trn_bo_map(user.bo, (void **)&user.map), 0);
	EXPECT_RET(trn_vm_map(user.vm, user.bo, 0, USER_BYTES, TRN_VM_READ | TRN_VM_WRITE,
			      &user.va), 0);
	return user;
}

static inline void user_end(struct user *user)
{
	trn_bo_unref(user->bo);
	trn_queue_unref(user->queue);
	trn_vm_unref(user->vm);
	trn_device_unref(user->dev);
}

/* Ring, and look at what came of all that was put. */
static inline int user_flush(struct user *user)
{
	trn_queue_kick(user->queue);
	return trn_queue_poll(user->queue, trn_queue_point(user->queue));
}

#endif /* USER_H */
