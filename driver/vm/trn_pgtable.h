/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_PGTABLE_H
#define TRN_PGTABLE_H

#include <linux/list.h>
#include <linux/types.h>

#include "vm/trn_table.h"

struct trn_bo;

/* A range of an address space that shows memory of a BO. */
struct trn_range {
	u64 va;
	u64 size;
	const struct trn_bo *bo;
	u64 offset;	/* from the start of the BO's first page */
	u64 flags;	/* TRNX_PTE_READ, TRNX_PTE_WRITE */
};

/**
 * struct trn_pgtable - Page table of one address space.
 *
 * Whoever changes it has it to himself. What was valid and has changed lies between
 * @stale_start and @stale_end, and tables that the device may still read are in
 * @stale, until the device has been told and trn_pgtable_take_stale() is called.
 */
struct trn_pgtable {
	struct trn_table_memory memory;
	struct trn_table *root;
	u64 stale_start, stale_end;	/* empty: start is U64_MAX, end 0 */
	struct list_head stale;
};

/**
 * struct trn_table_plan - Tables that a sequence of changes may take.
 *
 * Counted first, then allocated, then taken, so that the changes cannot fail.
 */
struct trn_table_plan {
	unsigned int num_dirs, num_leaves;	/* not allocated yet */
	u64 num_entries;	/* that the changes write, apart from those that they clear */
	/* By level: 1 + number of the table counted last, which is there from then on. */
	u64 last[TRNX_MMU_NUM_LEVELS];
	/* Allocated; see struct trn_table.children. */
	struct list_head dirs, leaves;
};

void trn_pgtable_init(struct trn_pgtable *pgt, struct device *dev, struct trn_budget *budget);
int trn_pgtable_alloc_root(struct trn_pgtable *pgt);
void trn_pgtable_clear(struct trn_pgtable *pgt);
void trn_pgtable_fini(struct trn_pgtable *pgt);

void trn_table_plan_init(struct trn_table_plan *plan);
unsigned int trn_table_plan_map(struct trn_table_plan *plan, const struct trn_range *range);
void trn_table_plan_unmap(struct trn_table_plan *plan, u64 va, u64 size,
			  unsigned int max_level);
int trn_table_plan_alloc(struct trn_table_plan *plan, struct trn_pgtable *pgt);
void trn_table_plan_free(struct trn_table_plan *plan, struct trn_pgtable *pgt);

void trn_pgtable_map(struct trn_pgtable *pgt, const struct trn_range *range,
		     struct trn_table_plan *plan);
void trn_pgtable_map_nothing(struct trn_pgtable *pgt, const struct trn_range *range,
			     struct trn_table_plan *plan);
void trn_pgtable_unmap(struct trn_pgtable *pgt, u64 va, u64 size, struct trn_table_plan *plan);
void trn_pgtable_take_stale(struct trn_pgtable *pgt, struct list_head *tables);

static inline bool trn_pgtable_is_stale(const struct trn_pgtable *pgt)
{
	return pgt->stale_start < pgt->stale_end;
}

#endif /* TRN_PGTABLE_H */
