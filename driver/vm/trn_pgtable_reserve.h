/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_PGTABLE_RESERVE_H
#define TRN_PGTABLE_RESERVE_H

#include <linux/list.h>
#include <linux/types.h>

#include "regs/trn_trnx.h"

struct trn_pgtable;
struct trn_range;
struct trn_table;

/**
 * struct trn_pgtable_reserve - Tables for a sequence of changes of a page table.
 *
 * The tables are counted first, then allocated, and then taken by the changes. So the
 * changes themselves cannot fail.
 */
struct trn_pgtable_reserve {
	unsigned int num_dirs, num_leaves;	/* not allocated yet */
	u64 num_entries;	/* entries written by the changes, without those cleared */
	/* By level: 1 + number of the table counted last; it needs no second count. */
	u64 last[TRNX_MMU_NUM_LEVELS];
	/* Allocated; see struct trn_table.children. */
	struct list_head dirs, leaves;
};

void trn_pgtable_reserve_init(struct trn_pgtable_reserve *reserve);
unsigned int trn_pgtable_reserve_map(struct trn_pgtable_reserve *reserve,
				     const struct trn_range *range);
void trn_pgtable_reserve_unmap(struct trn_pgtable_reserve *reserve, u64 va, u64 size,
			       unsigned int max_level);
int trn_pgtable_reserve_alloc(struct trn_pgtable_reserve *reserve, struct trn_pgtable *pgt);
void trn_pgtable_reserve_free(struct trn_pgtable_reserve *reserve, struct trn_pgtable *pgt);
struct trn_table *trn_pgtable_reserve_take(struct trn_pgtable_reserve *reserve,
					   unsigned int level);

#endif /* TRN_PGTABLE_RESERVE_H */
