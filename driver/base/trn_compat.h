/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between Linux 6.12, for which the driver is written, and Linux 7.3. No other
 * file looks at the version. Kernels between the two have a part of the differences each,
 * and are not supported.
 */
#ifndef TRN_COMPAT_H
#define TRN_COMPAT_H

#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>
#include <drm/drm_buddy.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>
#include <drm/gpu_scheduler.h>

#if KERNEL_VERSION(7, 3, 0) <= LINUX_VERSION_CODE

#include <linux/cgroup_dmem.h>

#define TRN_IMPORT_NS(ns)	MODULE_IMPORT_NS(#ns)
#define TRN_DRIVER_DATE
#define DRIVER_GEM_GPUVA	0

#define drm_buddy		gpu_buddy
#define drm_buddy_block		gpu_buddy_block
#define drm_buddy_init		gpu_buddy_init
#define drm_buddy_fini		gpu_buddy_fini
#define drm_buddy_alloc_blocks	gpu_buddy_alloc_blocks
#define drm_buddy_free_list	gpu_buddy_free_list
#define drm_buddy_block_offset	gpu_buddy_block_offset
#define drm_buddy_block_size	gpu_buddy_block_size
#define DRM_BUDDY_RANGE_ALLOCATION	GPU_BUDDY_RANGE_ALLOCATION
#define DRM_BUDDY_TOPDOWN_ALLOCATION	GPU_BUDDY_TOPDOWN_ALLOCATION

#define move_notify		invalidate_mappings
#define dma_buf_move_notify	dma_buf_invalidate_mappings

/* The core has its own lock for the list of mappings of a BO. */
static inline void drm_gem_gpuva_set_lock(struct drm_gem_object *obj, struct mutex *lock)
{
}

static inline bool trn_compat_vma_is_cow(struct vm_area_struct *vma)
{
	return vma_is_cow_mapping(vma);
}

static inline int trn_gpuvm_sm_map(struct drm_gpuvm *gpuvm, void *priv, u64 va, u64 size,
				   struct drm_gem_object *obj, u64 offset)
{
	struct drm_gpuvm_map_req req = {
		.map.va.addr = va,
		.map.va.range = size,
		.map.gem.obj = obj,
		.map.gem.offset = offset,
	};

	return drm_gpuvm_sm_map(gpuvm, priv, &req);
}

static inline int trn_sched_init(struct drm_gpu_scheduler *sched,
				 const struct drm_sched_backend_ops *ops,
				 struct workqueue_struct *wq, u32 credits, const char *name,
				 struct device *dev)
{
	const struct drm_sched_init_args args = {
		.ops = ops,
		.submit_wq = wq,
		.num_rqs = 1,
		.credit_limit = credits,
		.timeout = MAX_SCHEDULE_TIMEOUT,
		.name = name,
		.dev = dev,
	};

	return drm_sched_init(sched, &args);
}

static inline int trn_sched_job_init(struct drm_sched_job *job, struct drm_sched_entity *entity)
{
	return drm_sched_job_init(job, entity, 1, NULL, 0);
}

/* Device memory is charged to the cgroup of the process that allocates it. */
static inline struct dmem_cgroup_region *trn_dmem_register(struct drm_device *drm,
							   const char *name, u64 size)
{
	const struct dmem_cgroup_init init = { .size = size };

	return drmm_cgroup_register_region(drm, name, &init);
}

static inline int trn_dmem_charge(struct dmem_cgroup_region *region, u64 size,
				  struct dmem_cgroup_pool_state **pool)
{
	int ret = dmem_cgroup_try_charge(region, size, pool, NULL);

	return ret == -EAGAIN ? -EDQUOT : ret;
}

static inline void trn_dmem_uncharge(struct dmem_cgroup_pool_state *pool, u64 size)
{
	dmem_cgroup_uncharge(pool, size);
}

#else /* 6.12 */

#define TRN_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
#define TRN_DRIVER_DATE		.date = "20250101",

struct dmem_cgroup_pool_state;
struct dmem_cgroup_region;

static inline bool trn_compat_vma_is_cow(struct vm_area_struct *vma)
{
	return is_cow_mapping(vma->vm_flags);
}

static inline int trn_gpuvm_sm_map(struct drm_gpuvm *gpuvm, void *priv, u64 va, u64 size,
				   struct drm_gem_object *obj, u64 offset)
{
	return drm_gpuvm_sm_map(gpuvm, priv, va, size, obj, offset);
}

static inline int trn_sched_init(struct drm_gpu_scheduler *sched,
				 const struct drm_sched_backend_ops *ops,
				 struct workqueue_struct *wq, u32 credits, const char *name,
				 struct device *dev)
{
	return drm_sched_init(sched, ops, wq, 1, credits, 0, MAX_SCHEDULE_TIMEOUT, NULL, NULL,
			      name, dev);
}

static inline int trn_sched_job_init(struct drm_sched_job *job, struct drm_sched_entity *entity)
{
	return drm_sched_job_init(job, entity, 1, NULL);
}

static inline struct dmem_cgroup_region *trn_dmem_register(struct drm_device *drm,
							   const char *name, u64 size)
{
	return NULL;
}

static inline int trn_dmem_charge(struct dmem_cgroup_region *region, u64 size,
				  struct dmem_cgroup_pool_state **pool)
{
	return 0;
}

static inline void trn_dmem_uncharge(struct dmem_cgroup_pool_state *pool, u64 size)
{
}

#endif
#endif /* TRN_COMPAT_H */
