/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_PGTABLE_H
#define TRN_PGTABLE_H

#include <linux/list.h>
#include <linux/types.h>

#include "vm/trn_table.h"

struct trn_pgtable_reserve;
struct trn_range;

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

void trn_pgtable_init(struct trn_pgtable *pgt, struct device *dev, struct trn_budget *budget);
int trn_pgtable_alloc_root(struct trn_pgtable *pgt);
void trn_pgtable_clear(struct trn_pgtable *pgt);
void trn_pgtable_fini(struct trn_pgtable *pgt);

void trn_pgtable_map(struct trn_pgtable *pgt, const struct trn_range *range,
		     struct trn_pgtable_reserve *reserve);
void trn_pgtable_map_nothing(struct trn_pgtable *pgt, const struct trn_range *range,
			     struct trn_pgtable_reserve *reserve);
void trn_pgtable_unmap(struct trn_pgtable *pgt, u64 va, u64 size,
		       struct trn_pgtable_reserve *reserve);
void trn_pgtable_take_stale(struct trn_pgtable *pgt, struct list_head *tables);

static inline bool trn_pgtable_is_stale(const struct trn_pgtable *pgt)
{
	return pgt->stale_start < pgt->stale_end;
}

#endif /* TRN_PGTABLE_H */
