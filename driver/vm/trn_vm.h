/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_VM_H
#define TRN_VM_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <drm/drm_gpuvm.h>

#include "vm/trn_pgtable.h"

struct drm_device;
struct drm_file;
struct trn_bo;
struct trn_device;
struct trn_file;
struct trn_user;

/* Addresses that can be mapped. The start keeps small offsets from a null pointer out. */
#define TRN_VA_START		SZ_4M
#define TRN_VA_SIZE		(BIT_ULL(48) - TRN_VA_START)

/* Limit of existing binds of a VM; each has a fence and reserved memory. */
#define TRN_VM_MAX_BINDS	1024

/**
 * struct trn_vm - An address space of the device.
 *
 * While a reference is held, the ASID is in the device's context table and is not reused.
 * The last trn_vm_put() removes the ASID from the device and then frees tables and BOs. It
 * sleeps, and takes trn_device.reset_sem and locks under which other code allocates, so it
 * must not be called in the fence-signalling path.
 *
 * References of @base keep the memory of the struct, too.
 */
struct trn_vm {
	struct drm_gpuvm base;	/* mappings by address; trn_vm.lock */
	struct kref ref;
	struct trn_device *tdev;
	struct trn_user *user;	/* charged for the VM */
	u32 asid;
	char name[16];
	u64 fence_context;

	struct mutex bind_lock;		/* order of binds; protects the next three */
	u64 seqno;
	unsigned int max_leaf_level;	/* limit for all leaves, pending binds included */
	int error;			/* 0, or the errno of further binds */

	struct mutex lock;		/* protects base and all below */
	struct trn_pgtable pgt;		/* pgt.memory has its own lock */
	struct list_head binds;		/* unfinished trn_bind_job.node, in order */
	struct work_struct bind_work;

	atomic_t num_binds;		/* existing trn_bind_jobs, at most TRN_VM_MAX_BINDS */
	wait_queue_head_t fewer_binds;

	struct llist_head done_binds;	/* trn_bind_job.free_node, for free_work */
	struct work_struct free_work;	/* on trn_device.free_wq */
};

#define to_trn_vm(v) container_of(v, struct trn_vm, base)

struct trn_vm *trn_vm_create(struct trn_device *tdev, struct trn_file *tfile);
struct trn_vm *trn_vm_lookup(struct drm_file *file, u32 id);
void trn_vm_get(struct trn_vm *vm);
void trn_vm_put(struct trn_vm *vm);
u32 trn_vm_asid(const struct trn_vm *vm);

void trn_vm_flush_locked(struct trn_vm *vm, struct list_head *tables);
void trn_vm_revoke_bo(struct trn_bo *bo);

struct trn_vm *trn_vm_next(struct trn_device *tdev, u32 *asid);
void trn_vm_remove_all(struct trn_device *tdev);

void trn_vm_close(struct trn_vm *vm);
void trn_vm_close_all(struct drm_file *file);

#endif /* TRN_VM_H */
