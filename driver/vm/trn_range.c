// SPDX-License-Identifier: GPL-2.0-only
/*
 * Iteration over the page table entries that map a range of an address space.
 */
#include <linux/align.h>
#include <linux/minmax.h>

#include "mem/trn_gem.h"
#include "vm/trn_range.h"

static unsigned int trn_leaf_level(u64 va, u64 addr, u64 len)
{
	unsigned int level = TRN_MAX_LEAF_LEVEL;

	while (level && (len < trn_level_size(level) ||
			 !IS_ALIGNED(va | addr, trn_level_size(level))))
		level--;
	return level;
}

void trn_range_begin(const struct trn_range *range, struct trn_range_cursor *cursor)
{
	cursor->pos = 0;
	cursor->seg = trn_bo_find_page_seg(range->bo, range->offset);
}

/* Get the next entries of a range. Returns false at its end. */
bool trn_range_next(const struct trn_range *range, struct trn_range_cursor *cursor,
		    struct trn_entry_run *run)
{
	u64 len = range->size - cursor->pos;

	if (!len)
		return false;
	run->va = range->va + cursor->pos;
	run->addr = trn_bo_page_addr(range->bo, &cursor->seg, range->offset + cursor->pos, &len);
	run->level = trn_leaf_level(run->va, run->addr, len);
	/* Stop at the end of the table, where a larger leaf may be possible. */
	run->num = min_t(u64, len >> trn_level_shift(run->level),
			 TRN_TABLE_ENTRIES - trn_level_index(run->va, run->level));
	cursor->pos += (u64)run->num << trn_level_shift(run->level);
	return true;
}
