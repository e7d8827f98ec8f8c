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
 * The caller serialises all changes. @stale_start and @stale_end enclose all addresses
 * whose valid entries have changed; @stale lists removed tables that the device may still
 * read. Both stay until the caller has invalidated the range in the device and calls
 * trn_pgtable_take_stale().
 */
struct trn_pgtable {
	struct trn_table_memory memory;
	struct trn_table *root;
	u64 stale_start, stale_end;	/* end exclusive; empty: U64_MAX and 0 */
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
