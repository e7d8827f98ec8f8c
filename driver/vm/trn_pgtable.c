// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of the device's MMU (trnx 10.1), four levels.
 *
 * An entry of a table of level n covers 4 KiB * 512^n. All entries of level 0 are leaves;
 * level 3 is the root, which has no leaves. A leaf is as large as the alignment of address
 * and memory allows, but never larger than the range of its mapping. So only unmapping a
 * part of a mapping splits a leaf.
 *
 * The device never sees a change half done. A table is complete before an entry points to
 * it, and each entry is written with one store. Mapping over mapped addresses replaces entry
 * by entry. While a leaf is split, the remaining part stays reachable.
 *
 * Changes are in the fence-signalling path. Tables for them are counted and allocated
 * before (trn_pgtable_reserve.c). Removed tables wait in trn_pgtable.stale.
 */
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "vm/trn_pgtable.h"
#include "vm/trn_pgtable_reserve.h"
#include "vm/trn_range.h"

static u64 trn_table_read(const struct trn_table *table, unsigned int index)
{
	return le64_to_cpu(table->entries[index]);
}

static void trn_table_write(struct trn_table *table, unsigned int index, u64 entry)
{
	WRITE_ONCE(table->entries[index], cpu_to_le64(entry));
}

static void trn_pgtable_add_stale(struct trn_pgtable *pgt, u64 va, u64 size)
{
	pgt->stale_start = min(pgt->stale_start, va);
	pgt->stale_end = max(pgt->stale_end, va + size);
}

/* Discard a table without a parent, and all tables below it. */
static void trn_pgtable_discard(struct trn_pgtable *pgt, struct trn_table *table)
{
	unsigned int i;

	for (i = 0; table->children && i < TRN_TABLE_ENTRIES; i++)
		if (table->children[i])
			trn_pgtable_discard(pgt, table->children[i]);
	list_add_tail(&table->node, &pgt->stale);
}

/* Write a leaf, or 0, in place of the present entry. */
static void trn_pgtable_write(struct trn_pgtable *pgt, struct trn_table *table,
			      unsigned int level, u64 va, u64 entry)
{
	unsigned int index = trn_level_index(va, level);
	u64 size = trn_level_size(level);

	if (trn_table_read(table, index) & TRNX_PTE_VALID) {
		trn_pgtable_add_stale(pgt, round_down(va, size), size);
		table->num_valid--;
	}
	if (entry & TRNX_PTE_VALID)
		table->num_valid++;
	trn_table_write(table, index, entry);
	if (table->children && table->children[index]) {
		trn_pgtable_discard(pgt, table->children[index]);
		table->children[index] = NULL;
	}
}

/* Fill a new table with leaves that together equal one leaf of the level above. */
static void trn_table_fill(struct trn_table *table, u64 leaf, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < TRN_TABLE_ENTRIES; i++)
		trn_table_write(table, i, leaf + i * trn_level_size(level));
	table->num_valid = TRN_TABLE_ENTRIES;
}

/* Add a child table in place of an empty entry or of a leaf. */
static bool trn_pgtable_add_child(struct trn_pgtable *pgt, struct trn_table *table,
				  unsigned int level, u64 va, struct trn_pgtable_reserve *reserve)
{
	struct trn_table *child = trn_pgtable_reserve_take(reserve, level - 1);
	unsigned int index = trn_level_index(va, level);
	u64 leaf = trn_table_read(table, index);

	if (!child)
		return false;
	if (leaf & TRNX_PTE_VALID)
		trn_table_fill(child, leaf, level - 1);
	/* Child table before the entry that points to it; pairs with the device's walk. */
	dma_wmb();
	trn_pgtable_write(pgt, table, level, va, trn_table_addr(child) | TRNX_PTE_VALID);
	table->children[index] = child;
	return true;
}

/* Get the table of @level for @va; add it if it does not exist. */
static struct trn_table *trn_pgtable_obtain(struct trn_pgtable *pgt, u64 va,
					    unsigned int level, struct trn_pgtable_reserve *reserve)
{
	struct trn_table *table = pgt->root;
	unsigned int at;

	for (at = TRN_ROOT_LEVEL; at > level; at--) {
		unsigned int index = trn_level_index(va, at);

		if (!table->children[index] &&
		    !trn_pgtable_add_child(pgt, table, at, va, reserve))
			return NULL;
		table = table->children[index];
	}
	return table;
}

/* With @flags 0 the entries become invalid. */
static void trn_pgtable_write_run(struct trn_pgtable *pgt, const struct trn_entry_run *run,
				  u64 flags,
				  struct trn_pgtable_reserve *reserve)
{
	struct trn_table *table = trn_pgtable_obtain(pgt, run->va, run->level, reserve);
	u64 entry = flags ? run->addr | flags : 0;
	unsigned int i;

	for (i = 0; table && i < run->num; i++) {
		u64 offset = i * trn_level_size(run->level);

		trn_pgtable_write(pgt, table, run->level, run->va + offset,
				  flags ? entry + offset : 0);
	}
	cond_resched();
}

static void trn_pgtable_write_range(struct trn_pgtable *pgt, const struct trn_range *range,
				    u64 flags, struct trn_pgtable_reserve *reserve)
{
	struct trn_range_cursor cursor;
	struct trn_entry_run run;

	trn_range_begin(range, &cursor);
	while (trn_range_next(range, &cursor, &run))
		trn_pgtable_write_run(pgt, &run, flags, reserve);
}

/**
 * trn_pgtable_map() - Map a range, in place of present mappings.
 * @pgt: the page table
 * @range: the range
 * @reserve: contains the tables for the range
 */
void trn_pgtable_map(struct trn_pgtable *pgt, const struct trn_range *range,
		     struct trn_pgtable_reserve *reserve)
{
	trn_pgtable_write_range(pgt, range, range->flags | TRNX_PTE_LEAF | TRNX_PTE_VALID, reserve);
}

/**
 * trn_pgtable_map_nothing() - Map a range of a revoked BO with invalid entries.
 * @pgt: the page table
 * @range: the range
 * @reserve: contains the tables for the range
 *
 * The call adds the same tables as trn_pgtable_map(), because later changes of the reserve
 * count on them. Unmapping instead could free tables that they expect.
 */
void trn_pgtable_map_nothing(struct trn_pgtable *pgt, const struct trn_range *range,
			     struct trn_pgtable_reserve *reserve)
{
	trn_pgtable_write_range(pgt, range, 0, reserve);
}

/* Unmap the part of [va, end) in a table, and discard tables below that become empty. */
static void trn_pgtable_unmap_in(struct trn_pgtable *pgt, struct trn_table *table,
				 unsigned int level, u64 va, u64 end,
				 struct trn_pgtable_reserve *reserve)
{
	u64 size = trn_level_size(level);
	u64 next;

	for (; va < end; va = next) {
		unsigned int index = trn_level_index(va, level);
		bool whole;

		next = min(end, round_down(va, size) + size);
		if (!(trn_table_read(table, index) & TRNX_PTE_VALID))
			continue;
		whole = next - va == size;
		if (!whole && (table->children[index] ||
			       trn_pgtable_add_child(pgt, table, level, va, reserve))) {
			struct trn_table *child = table->children[index];

			trn_pgtable_unmap_in(pgt, child, level - 1, va, next, reserve);
			if (child->num_valid)
				continue;
		}
		/* A leaf that could not be split is removed as a whole. */
		trn_pgtable_write(pgt, table, level, va, 0);
	}
}

/**
 * trn_pgtable_unmap() - Unmap a range.
 * @pgt: the page table
 * @va: first byte
 * @size: bytes
 * @reserve: contains the tables for the range; may be empty if the range is that of one
 * mapping
 */
void trn_pgtable_unmap(struct trn_pgtable *pgt, u64 va, u64 size,
		       struct trn_pgtable_reserve *reserve)
{
	trn_pgtable_unmap_in(pgt, pgt->root, TRN_ROOT_LEVEL, va, va + size, reserve);
}

/**
 * trn_pgtable_take_stale() - Take the removed tables after an invalidation.
 * @pgt: the page table, whose stale range the device has invalidated
 * @tables: gets the tables that can be freed now
 */
void trn_pgtable_take_stale(struct trn_pgtable *pgt, struct list_head *tables)
{
	pgt->stale_start = U64_MAX;
	pgt->stale_end = 0;
	list_splice_tail_init(&pgt->stale, tables);
}

/**
 * trn_pgtable_init() - Initialise a page table without tables.
 * @pgt: the page table
 * @dev: device that walks the page table
 * @budget: budget charged for the tables
 */
void trn_pgtable_init(struct trn_pgtable *pgt, struct device *dev, struct trn_budget *budget)
{
	trn_table_memory_init(&pgt->memory, dev, budget);
	INIT_LIST_HEAD(&pgt->stale);
	pgt->stale_start = U64_MAX;
	pgt->stale_end = 0;
	pgt->root = NULL;
}

/**
 * trn_pgtable_alloc_root() - Allocate the root of an empty page table.
 * @pgt: the page table; its device is present
 *
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int trn_pgtable_alloc_root(struct trn_pgtable *pgt)
{
	struct trn_table *root = trn_table_alloc(&pgt->memory, false);

	if (IS_ERR(root))
		return PTR_ERR(root);
	pgt->root = root;
	return 0;
}

/* Free all tables. The device no longer uses them. */
void trn_pgtable_clear(struct trn_pgtable *pgt)
{
	trn_pgtable_discard(pgt, pgt->root);
	pgt->root = NULL;
	trn_table_free_list(&pgt->memory, &pgt->stale);
}

/* All tables have been freed. */
void trn_pgtable_fini(struct trn_pgtable *pgt)
{
	trn_table_memory_fini(&pgt->memory);
}
