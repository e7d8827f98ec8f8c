// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs in host memory: zeroed pages of the driver, in pieces as large as they come.
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

/* Large enough for one segment to feed many descriptors. */
#define TRN_HOST_MAX_ORDER	get_order(SZ_2M)

static unsigned int trn_host_num_pages(const struct trn_bo *bo)
{
	return bo->base.size >> PAGE_SHIFT;
}

/* Adds 2^order pages, or as many as can be had below that. Returns the number. */
static unsigned int trn_host_add_pages(struct trn_bo *bo, unsigned int first, unsigned int order)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN;
	struct page *page;
	unsigned int i;

	/* Neither hunt for large pieces, nor kill processes for small ones. */
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
		/* What failed once is not tried for every piece. */
		order = ilog2(got);
	}
	return 0;
}

static struct trn_bo *trn_host_create_unmapped(struct trn_device *tdev, u64 size)
{
	struct trn_bo *bo;
	int ret;

	/* Also keeps the page count within an int. */
	if (size >> PAGE_SHIFT > min_t(u64, totalram_pages(), INT_MAX))
		return ERR_PTR(-ENOMEM);
	bo = trn_bo_alloc(tdev, TRN_BO_HOST, size, size);
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
 * trn_host_create() - Zeroed host memory, mapped for the device.
 * @tdev: the device
 * @size: bytes, a multiple of the page size
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
 * trn_host_create_pattern() - Source of fills: memory that repeats a word.
 * @tdev: the device
 * @pattern: the word
 * @size: bytes of the fill; the BO need not be larger than one descriptor
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

/* For trn_gem_free(): the pages, of which some may be missing. */
void trn_host_free(struct trn_bo *bo)
{
	unsigned int i;

	sg_free_table(&bo->sgt);
	for (i = 0; bo->pages && i < trn_host_num_pages(bo) && bo->pages[i]; i++) {
		__free_page(bo->pages[i]);
		cond_resched();
	}
	kvfree(bo->pages);
}
