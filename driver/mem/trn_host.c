// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs in host memory: zeroed pages of the driver, in pieces as large as possible.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "mem/trn_host.h"
#include "regs/trn_udma.h"

/* Order of the largest piece, which is enough for many descriptors. */
#define TRN_HOST_MAX_ORDER	get_order(SZ_2M)

static unsigned int trn_host_num_pages(const struct trn_bo *bo)
{
	return bo->base.size >> PAGE_SHIFT;
}

/* Add 2^order pages, or a smaller power of two. Returns the number of pages added. */
static unsigned int trn_host_add_pages(struct trn_bo *bo, unsigned int first, unsigned int order)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN;
	struct page *page;
	unsigned int i;

	/* Do not try hard for large pieces, and never kill processes for small ones. */
	for (; order; order--) {
		page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NORETRY, order);
		if (page)
			break;
	}
	if (!order)
		page = alloc_page(gfp | __GFP_RETRY_MAYFAIL);
	if (!page)
		return 0;
	if (order)
		split_page(page, order);
	for (i = 0; i < 1U << order; i++)
		bo->pages[first + i] = page + i;
	return 1U << order;
}

static int trn_host_alloc_pages(struct trn_bo *bo)
{
	unsigned int num = trn_host_num_pages(bo);
	unsigned int order = TRN_HOST_MAX_ORDER;
	unsigned int done, got;

	bo->pages = kvcalloc(num, sizeof(*bo->pages), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bo->pages)
		return -ENOMEM;
	for (done = 0; done < num; done += got) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		order = min_t(unsigned int, order, ilog2(num - done));
		got = trn_host_add_pages(bo, done, order);
		if (!got)
			return -ENOMEM;
		/* An order that failed once is not tried again. */
		order = ilog2(got);
	}
	return 0;
}

/* Free the pages, of which some may be missing. */
static void trn_host_free(struct trn_bo *bo)
{
	unsigned int i;

	sg_free_table(&bo->sgt);
	for (i = 0; bo->pages && i < trn_host_num_pages(bo) && bo->pages[i]; i++) {
		__free_page(bo->pages[i]);
		cond_resched();
	}
	kvfree(bo->pages);
}

static unsigned long trn_host_pfn(const struct trn_bo *bo, pgoff_t page)
{
	return page_to_pfn(bo->pages[page]);
}

static const struct trn_bo_ops trn_host_ops = {
	.kind = TRN_BO_HOST,
	.free = trn_host_free,
	.pfn = trn_host_pfn,
};

static struct trn_bo *trn_host_create_unmapped(struct trn_device *tdev, u64 size)
{
	struct trn_bo *bo;
	int ret;

	/* This check also keeps the page count within an int. */
	if (size >> PAGE_SHIFT > min_t(u64, totalram_pages(), INT_MAX))
		return ERR_PTR(-ENOMEM);
	bo = trn_bo_alloc(tdev, &trn_host_ops, size, size);
	if (IS_ERR(bo))
		return bo;
	ret = trn_host_alloc_pages(bo);
	if (!ret)
		ret = sg_alloc_table_from_pages_segment(&bo->sgt, bo->pages,
							trn_host_num_pages(bo), 0, size,
							dma_get_max_seg_size(tdev->drm.dev),
							GFP_KERNEL_ACCOUNT);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}

/**
 * trn_host_create() - Make a BO of zeroed host memory, DMA-mapped.
 * @tdev: the device
 * @size: bytes, a multiple of the page size
 *
 * Return: the BO or an error pointer.
 */
struct trn_bo *trn_host_create(struct trn_device *tdev, u64 size)
{
	struct trn_bo *bo = trn_host_create_unmapped(tdev, size);
	int ret;

	if (IS_ERR(bo))
		return bo;
	ret = trn_bo_map_dma(bo, true);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}

/**
 * trn_host_create_pattern() - Make the source of a fill: memory that repeats a word.
 * @tdev: the device
 * @pattern: the word
 * @size: bytes of the fill; the BO is at most as large as one descriptor needs
 *
 * Return: the BO or an error pointer.
 */
struct trn_bo *trn_host_create_pattern(struct trn_device *tdev, u32 pattern, u64 size)
{
	struct trn_bo *bo;
	unsigned int i;
	int ret;

	size = PAGE_ALIGN(min_t(u64, size, TRN_DESC_MAX_LEN));
	bo = trn_host_create_unmapped(tdev, size);
	if (IS_ERR(bo))
		return bo;
	bo->is_pattern = true;
	bo->pattern = pattern;
	for (i = 0; pattern && i < trn_host_num_pages(bo); i++)
		memset32(page_address(bo->pages[i]), (__force u32)cpu_to_le32(pattern),
			 PAGE_SIZE / sizeof(pattern));
	ret = trn_bo_map_dma(bo, false);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}

bool trn_host_pattern_is(const struct trn_bo *bo, u32 pattern)
{
	return bo->is_pattern && bo->pattern == pattern;
}
