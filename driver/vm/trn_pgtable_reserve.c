// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables reserved for changes of a page table.
 *
 * A change runs in the fence-signalling path, where nothing may be allocated. Its tables are
 * counted and allocated before, for the worst case of the contents of the page table.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "base/trn_device.h"
#include "vm/trn_pgtable.h"
#include "vm/trn_pgtable_reserve.h"
#include "vm/trn_range.h"

#define TRN_RESERVE_MAX_ENTRIES	(TRN_MAX_TABLE_BYTES / sizeof(__le64))

void trn_pgtable_reserve_init(struct trn_pgtable_reserve *reserve)
{
	*reserve = (struct trn_pgtable_reserve) {};
	INIT_LIST_HEAD(&reserve->dirs);
	INIT_LIST_HEAD(&reserve->leaves);
}

/* The entries exceed every limit of tables, so counting can stop. */
static bool trn_pgtable_reserve_is_too_long(const struct trn_pgtable_reserve *reserve)
{
	return reserve->num_entries > TRN_RESERVE_MAX_ENTRIES;
}

static void trn_pgtable_reserve_add(struct trn_pgtable_reserve *reserve, unsigned int level)
{
	if (level)
		reserve->num_dirs++;
	else
		reserve->num_leaves++;
}

static void trn_pgtable_reserve_run(struct trn_pgtable_reserve *reserve,
				    const struct trn_entry_run *run)
{
	unsigned int level;

	reserve->num_entries += run->num;
	/* The leaves replace all tables below them. */
	for (level = 0; level < run->level; level++)
		reserve->last[level] = 0;
	for (level = run->level; level < TRN_ROOT_LEVEL; level++) {
		u64 number = 1 + trn_level_table(run->va, level);

		if (reserve->last[level] != number)
			trn_pgtable_reserve_add(reserve, level);
		reserve->last[level] = number;
	}
}

/**
 * trn_pgtable_reserve_map() - Count the tables for mapping a range.
 * @reserve: gets the sum
 * @range: range of the next change
 *
 * Counting stops at a sum that trn_pgtable_reserve_alloc() refuses.
 *
 * Return: level of the largest leaf of the range.
 */
unsigned int trn_pgtable_reserve_map(struct trn_pgtable_reserve *reserve,
				     const struct trn_range *range)
{
	struct trn_range_cursor cursor;
	unsigned int max_level = 0;
	struct trn_entry_run run;

	trn_range_begin(range, &cursor);
	while (!trn_pgtable_reserve_is_too_long(reserve) && trn_range_next(range, &cursor, &run)) {
		trn_pgtable_reserve_run(reserve, &run);
		max_level = max(max_level, run.level);
		cond_resched();
	}
	return max_level;
}

/* Count the tables for splitting leaves across @va, a boundary of an unmapped range. */
static void trn_pgtable_reserve_split(struct trn_pgtable_reserve *reserve, u64 va,
				      unsigned int max_level)
{
	unsigned int level;

	for (level = 1; level <= max_level; level++)
		if (!IS_ALIGNED(va, trn_level_size(level)))
			trn_pgtable_reserve_add(reserve, level - 1);
}

/**
 * trn_pgtable_reserve_unmap() - Count the tables for unmapping a range.
 * @reserve: gets the sum
 * @va: first byte
 * @size: bytes
 * @max_level: limit of the level of leaves at the time of the change
 */
void trn_pgtable_reserve_unmap(struct trn_pgtable_reserve *reserve, u64 va, u64 size,
			       unsigned int max_level)
{
	trn_pgtable_reserve_split(reserve, va, max_level);
	trn_pgtable_reserve_split(reserve, va + size, max_level);
	/* Unmapping may remove tables, so later changes cannot rely on those counted. */
	memset(reserve->last, 0, sizeof(reserve->last));
}

static int trn_pgtable_reserve_alloc_list(struct trn_pgtable *pgt, struct list_head *tables,
					  unsigned int *num, bool leaves_only)
{
	for (; *num; (*num)--) {
		struct trn_table *table = trn_table_alloc(&pgt->memory, leaves_only);

		if (IS_ERR(table))
			return PTR_ERR(table);
		list_add_tail(&table->node, tables);
	}
	return 0;
}

/**
 * trn_pgtable_reserve_alloc() - Allocate the tables counted since the last call.
 * @reserve: the caller frees it with trn_pgtable_reserve_free(), also after an error
 * @pgt: page table of the changes; its device is present
 *
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int trn_pgtable_reserve_alloc(struct trn_pgtable_reserve *reserve, struct trn_pgtable *pgt)
{
	if (trn_pgtable_reserve_is_too_long(reserve))
		return -EDQUOT;
	return trn_pgtable_reserve_alloc_list(pgt, &reserve->dirs, &reserve->num_dirs, false) ?:
	       trn_pgtable_reserve_alloc_list(pgt, &reserve->leaves, &reserve->num_leaves, true);
}

/* Free the tables that no change has taken. */
void trn_pgtable_reserve_free(struct trn_pgtable_reserve *reserve, struct trn_pgtable *pgt)
{
	trn_table_free_list(&pgt->memory, &reserve->dirs);
	trn_table_free_list(&pgt->memory, &reserve->leaves);
}

struct trn_table *trn_pgtable_reserve_take(struct trn_pgtable_reserve *reserve, unsigned int level)
{
	struct list_head *tables = level ? &reserve->dirs : &reserve->leaves;
	struct trn_table *table;

	table = list_first_entry_or_null(tables, struct trn_table, node);
	/* An empty reserve means that the count was wrong. */
	if (WARN_ON_ONCE(!table))
		return NULL;
	list_del(&table->node);
	return table;
}
