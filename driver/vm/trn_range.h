/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_RANGE_H
#define TRN_RANGE_H

#include <linux/bits.h>
#include <linux/types.h>

#include "regs/trn_trnx.h"
#include "vm/trn_table.h"

struct trn_bo;

/* Levels of tables (trnx 10.1): all entries of level 0 are leaves. */
#define TRN_ROOT_LEVEL		(TRNX_MMU_NUM_LEVELS - 1)
#define TRN_MAX_LEAF_LEVEL	(TRN_ROOT_LEVEL - 1)

/* A range of an address space, and the memory of a BO mapped there. */
struct trn_range {
	u64 va;
	u64 size;
	const struct trn_bo *bo;
	u64 offset;	/* from the start of the BO's first page */
	u64 flags;	/* TRNX_PTE_READ, TRNX_PTE_WRITE */
};

/* Consecutive entries of one table that map contiguous memory. */
struct trn_entry_run {
	u64 va;
	u64 addr;
	unsigned int level;
	unsigned int num;
};

/* Position of an iteration over a range. */
struct trn_range_cursor {
	u64 pos;	/* bytes of the range already visited */
	u32 seg;	/* index of the segment in the BO */
};

static inline unsigned int trn_level_shift(unsigned int level)
{
	return TRNX_MMU_PAGE_SHIFT + level * TRNX_MMU_ENTRY_BITS;
}

/* Bytes covered by an entry. */
static inline u64 trn_level_size(unsigned int level)
{
	return BIT_ULL(trn_level_shift(level));
}

static inline unsigned int trn_level_index(u64 va, unsigned int level)
{
	return (va >> trn_level_shift(level)) % TRN_TABLE_ENTRIES;
}

/* Number, within its level, of the table with the entry for an address. */
static inline u64 trn_level_table(u64 va, unsigned int level)
{
	return va >> trn_level_shift(level + 1);
}

void trn_range_begin(const struct trn_range *range, struct trn_range_cursor *cursor);
bool trn_range_next(const struct trn_range *range, struct trn_range_cursor *cursor,
		    struct trn_entry_run *run);

#endif /* TRN_RANGE_H */
