/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_GEM_H
#define TRN_GEM_H

#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <drm/drm_gem.h>

struct dentry;
struct dma_buf;
struct dma_buf_attachment;
struct dmem_cgroup_pool_state;
struct drm_file;
struct drm_printer;
struct mm_struct;
struct trn_bo;
struct trn_device;
struct trn_user;
struct user_struct;

/* A segment: bytes of a BO that are contiguous for the device. */
struct trn_seg {
	u64 addr;	/* chip address of the first byte */
	u64 end;	/* offset in the BO of the end, exclusive */
};

enum trn_bo_kind {
	TRN_BO_HBM,
	TRN_BO_HOST,
	TRN_BO_USER,
	TRN_BO_IMPORT,
};

/**
 * struct trn_bo_ops - Operations that differ between the kinds of BOs.
 */
struct trn_bo_ops {
	enum trn_bo_kind kind;

	/** @free: Free the memory, also if only a part was allocated. May sleep. */
	void (*free)(struct trn_bo *bo);

	/** @pfn: Return the page frame of a page; NULL for kinds without mmap(). */
	unsigned long (*pfn)(const struct trn_bo *bo, pgoff_t page);
};

/*
 * Buffer object: memory that operations can address.
 *
 * All fields but the DMA mapping are fixed before the BO gets a handle. Segments of host
 * memory are valid while the memory is DMA-mapped. The mapping ends when the BO is freed or
 * the driver unbinds, in both cases after all jobs that use the BO. Segments of an import
 * become invalid when the import is revoked, too.
 */
struct trn_bo {
	struct drm_gem_object base;
	const struct trn_bo_ops *ops;
	enum trn_bo_kind kind;	/* that of ops */
	u32 flags;		/* DRM_TRN_BO_* */
	u32 region;
	u64 size;		/* bytes that operations can address */
	struct trn_seg *segs;	/* by offset; the last ends at size */
	u32 num_segs;

	struct list_head blocks;	/* HBM: of drm_buddy_block */
	struct trn_user *owner;	/* HBM: user charged with size, or NULL */
	struct dmem_cgroup_pool_state *dmem;	/* HBM: cgroup charged with size, or NULL */
	struct dma_buf *exported;	/* HBM: its dma-buf; trn_device.exports_lock, as the next */
	struct dentry *export_dentry;	/* HBM: of exported; outlives the file of exported */
	struct list_head export_node;	/* HBM: while exported; trn_device.exports_lock */

	struct page **pages;	/* HOST */
	struct sg_table sgt;	/* HOST, USER */
	enum dma_data_direction dma_dir;
	bool mapped;		/* sgt is DMA-mapped; trn_device.bos_lock */
	struct list_head node;	/* in trn_device.bos while mapped, in .imports while attached */

	bool revoked;		/* no VM reaches the memory, see trn_vm_revoke_bo() */

	struct user_struct *user;	/* USER: user charged for the pages, or NULL */
	struct mm_struct *mm;	/* USER: its pinned_vm counts the pages */

	struct dma_buf_attachment *attach;	/* IMPORT: used by the creator, then the detacher */
	struct sg_table *import_sgt;	/* IMPORT: while mapped; reservation lock of the dma-buf */
	bool import_pinned;	/* IMPORT: protected like import_sgt */

	bool is_pattern;	/* HOST, made by the driver: repeats pattern */
	u32 pattern;
};

#define to_trn_bo(o) container_of(o, struct trn_bo, base)

static inline struct trn_bo *trn_bo_get(struct trn_bo *bo)
{
	drm_gem_object_get(&bo->base);
	return bo;
}

static inline void trn_bo_put(struct trn_bo *bo)
{
	if (bo)
		drm_gem_object_put(&bo->base);
}

/* The answer is stable under the lock of the VM that is to map the BO. */
static inline bool trn_bo_is_revoked(const struct trn_bo *bo)
{
	return READ_ONCE(bo->revoked);
}

/**
 * trn_bo_addr() - Chip address of a byte.
 * @bo: the BO
 * @seg: segment to start the search from; gets the segment of the byte
 * @offset: of the byte, inside the BO and not before @seg
 * @len: bytes; gets at most the bytes contiguous from there
 *
 * Return: the chip address.
 */
static inline u64 trn_bo_addr(const struct trn_bo *bo, u32 *seg, u64 offset, u64 *len)
{
	u64 start;

	while (bo->segs[*seg].end <= offset)
		(*seg)++;
	start = *seg ? bo->segs[*seg - 1].end : 0;
	*len = min(*len, bo->segs[*seg].end - offset);
	return bo->segs[*seg].addr + (offset - start);
}

u32 trn_bo_find_seg(const struct trn_bo *bo, u64 offset);

/* Bytes of the first page before the first byte of the BO. */
static inline u64 trn_bo_page_shift(const struct trn_bo *bo)
{
	return offset_in_page(bo->segs[0].addr);
}

/* Like trn_bo_find_seg(), with @offset from the start of the first page. */
static inline u32 trn_bo_find_page_seg(const struct trn_bo *bo, u64 offset)
{
	u64 shift = trn_bo_page_shift(bo);

	return trn_bo_find_seg(bo, max(offset, shift) - shift);
}

/* Like trn_bo_addr(), in whole pages and with @offset from the start of the first page. */
static inline u64 trn_bo_page_addr(const struct trn_bo *bo, u32 *seg, u64 offset, u64 *len)
{
	u64 shift = trn_bo_page_shift(bo);
	u64 start;

	while (bo->segs[*seg].end + shift <= offset)
		(*seg)++;
	start = *seg ? bo->segs[*seg - 1].end + shift : 0;
	*len = min(*len, PAGE_ALIGN(bo->segs[*seg].end + shift) - offset);
	return (bo->segs[*seg].addr & PAGE_MASK) + (offset - start);
}

struct trn_bo *trn_bo_alloc(struct trn_device *tdev, const struct trn_bo_ops *ops, u64 size,
			    u64 span);
int trn_bo_alloc_segs(struct trn_bo *bo, size_t max);
void trn_bo_add_seg(struct trn_bo *bo, u64 addr, u64 len);
int trn_bo_add_sgt_segs(struct trn_bo *bo, struct sg_table *sgt);
int trn_bo_map_dma(struct trn_bo *bo, bool device_writes);
void trn_bo_unmap_all(struct trn_device *tdev);
struct trn_bo *trn_bo_lookup(struct drm_file *file, u32 handle);

void trn_gem_show_fdinfo(struct drm_printer *p, struct drm_file *file);

#endif /* TRN_GEM_H */
