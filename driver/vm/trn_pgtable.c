// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of the device's MMU (trnx 10.1), four levels.
 *
 * Level n is that of tables whose entries cover 4 KiB * 512^n: 0 is the last, whose
 * entries are all leaves, 3 is the root, which has none. A leaf is as large as its
 * place and its memory allow, and never larger than the range that it was mapped
 * by, so that only an unmapping of a part has to split one.
 *
 * A change is never seen half done by the device: a table is complete before an
 * entry leads to it, and an entry is written whole. Mapping over what is mapped
 * replaces entry by entry, and while a leaf is split what stays of it can be reached.
 *
 * Changes are in the path of fences. The tables that they take are planned and
 * allocated before; those that they leave over wait in trn_pgtable.stale.
 */
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "vm/trn_pgtable.h"

#define TRN_ROOT_LEVEL		(TRNX_MMU_NUM_LEVELS - 1)
#define TRN_MAX_LEAF_LEVEL	(TRN_ROOT_LEVEL - 1)
#define TRN_PLAN_MAX_ENTRIES	(TRN_MAX_TABLE_BYTES / sizeof(__le64))

/* Entries of one table that lead to contiguous memory. */
struct trn_run {
	u64 va;
	u64 addr;
	unsigned int level;
	unsigned int num;
};

/* Where an iteration of a range stands. */
struct trn_range_cursor {
	u64 pos;	/* bytes of the range that are behind it */
	u32 seg;	/* of the BO */
};

static unsigned int trn_level_shift(unsigned int level)
{
	return TRNX_MMU_PAGE_SHIFT + level * TRNX_MMU_ENTRY_BITS;
}

/* Bytes that an entry covers. */
static u64 trn_level_size(unsigned int level)
{
	return BIT_ULL(trn_level_shift(level));
}

static unsigned int trn_level_index(u64 va, unsigned int level)
{
	return (va >> trn_level_shift(level)) % TRN_TABLE_ENTRIES;
}

/* Number of the table of a level that has the entry for an address. */
static u64 trn_level_table(u64 va, unsigned int level)
{
	return va >> trn_level_shift(level + 1);
}

static unsigned int trn_leaf_level(u64 va, u64 addr, u64 len)
{
	unsigned int level = TRN_MAX_LEAF_LEVEL;

	while (level && (len < trn_level_size(level) ||
			 !IS_ALIGNED(va | addr, trn_level_size(level))))
		level--;
	return level;
}

static void trn_range_begin(const struct trn_range *range, struct trn_range_cursor *cursor)
{
	cursor->pos = 0;
	cursor->seg = trn_bo_find_page_seg(range->bo, range->offset);
}

/* The next entries of a range, or false. */
static bool trn_range_next(const struct trn_range *range, struct trn_range_cursor *cursor,
			   struct trn_run *run)
{
	u64 len = range->size - cursor->pos;

	if (!len)
		return false;
	run->va = range->va + cursor->pos;
	run->addr = trn_bo_page_addr(range->bo, &cursor->seg, range->offset + cursor->pos, &len);
	run->level = trn_leaf_level(run->va, run->addr, len);
	/* Where the table ends a larger leaf may be possible. */
	run->num = min_t(u64, len >> trn_level_shift(run->level),
			 TRN_TABLE_ENTRIES - trn_level_index(run->va, run->level));
	cursor->pos += (u64)run->num << trn_level_shift(run->level);
	return true;
}

void trn_table_plan_init(struct trn_table_plan *plan)
{
	*plan = (struct trn_table_plan) {};
	INIT_LIST_HEAD(&plan->dirs);
	INIT_LIST_HEAD(&plan->leaves);
}

/* More entries than there can be tables for: there is no need to count on. */
static bool trn_table_plan_is_too_long(const struct trn_table_plan *plan)
{
	return plan->num_entries > TRN_PLAN_MAX_ENTRIES;
}

static void trn_table_plan_add(struct trn_table_plan *plan, unsigned int level)
{
	if (level)
		plan->num_dirs++;
	else
		plan->num_leaves++;
}

static void trn_table_plan_run(struct trn_table_plan *plan, const struct trn_run *run)
{
	unsigned int level;

	plan->num_entries += run->num;
	/* Its leaves replace what tables stand below. */
	for (level = 0; level < run->level; level++)
		plan->last[level] = 0;
	for (level = run->level; level < TRN_ROOT_LEVEL; level++) {
		u64 number = 1 + trn_level_table(run->va, level);

		if (plan->last[level] != number)
			trn_table_plan_add(plan, level);
		plan->last[level] = number;
	}
}

/**
 * trn_table_plan_map() - Count the tables that mapping a range may take.
 * @plan: goes on counting
 * @range: to map next
 *
 * Stops where trn_table_plan_alloc() will refuse.
 *
 * Return: level of its largest leaf.
 */
unsigned int trn_table_plan_map(struct trn_table_plan *plan, const struct trn_range *range)
{
	struct trn_range_cursor cursor;
	unsigned int max_level = 0;
	struct trn_run run;

	trn_range_begin(range, &cursor);
	while (!trn_table_plan_is_too_long(plan) && trn_range_next(range, &cursor, &run)) {
		trn_table_plan_run(plan, &run);
		max_level = max(max_level, run.level);
		cond_resched();
	}
	return max_level;
}

/* Leaves that may lie across a boundary of what is unmapped are split. */
static void trn_table_plan_split(struct trn_table_plan *plan, u64 va, unsigned int max_level)
{
	unsigned int level;

	for (level = 1; level <= max_level; level++)
		if (!IS_ALIGNED(va, trn_level_size(level)))
			trn_table_plan_add(plan, level - 1);
}

/**
 * trn_table_plan_unmap() - Count the tables that unmapping a range may take.
 * @plan: goes on counting
 * @va: first byte
 * @size: bytes
 * @max_level: of the leaves that are there by then
 */
void trn_table_plan_unmap(struct trn_table_plan *plan, u64 va, u64 size, unsigned int max_level)
{
	trn_table_plan_split(plan, va, max_level);
	trn_table_plan_split(plan, va + size, max_level);
	/* Tables may go. */
	memset(plan->last, 0, sizeof(plan->last));
}

static int trn_table_plan_alloc_list(struct trn_pgtable *pgt, struct list_head *tables,
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
 * trn_table_plan_alloc() - Allocate what was counted since the last time.
 * @plan: to be freed with trn_table_plan_free() whatever is returned
 * @pgt: where it will be used; its device is there
 *
 * Return: 0, -ENOMEM or -EDQUOT.
 */
int trn_table_plan_alloc(struct trn_table_plan *plan, struct trn_pgtable *pgt)
{
	if (trn_table_plan_is_too_long(plan))
		return -EDQUOT;
	return trn_table_plan_alloc_list(pgt, &plan->dirs, &plan->num_dirs, false) ?:
	       trn_table_plan_alloc_list(pgt, &plan->leaves, &plan->num_leaves, true);
}

/* Free what was not taken. */
void trn_table_plan_free(struct trn_table_plan *plan, struct trn_pgtable *pgt)
{
	trn_table_free_list(&pgt->memory, &plan->dirs);
	trn_table_free_list(&pgt->memory, &plan->leaves);
}

static struct trn_table *trn_table_plan_take(struct trn_table_plan *plan, unsigned int level)
{
	struct list_head *tables = level ? &plan->dirs : &plan->leaves;
	struct trn_table *table;

	table = list_first_entry_or_null(tables, struct trn_table, node);
	/* The plan was wrong. */
	if (WARN_ON_ONCE(!table))
		return NULL;
	list_del(&table->node);
	return table;
}

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

/* A table that nothing leads to any more, and those below it. */
static void trn_pgtable_discard(struct trn_pgtable *pgt, struct trn_table *table)
{
	unsigned int i;

	for (i = 0; table->children && i < TRN_TABLE_ENTRIES; i++)
		if (table->children[i])
			trn_pgtable_discard(pgt, table->children[i]);
	list_add_tail(&table->node, &pgt->stale);
}

/* Write a leaf, or 0, in place of whatever is there. */
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

/* Leaves of the next level that are together what one was. */
static void trn_table_fill(struct trn_table *table, u64 leaf, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < TRN_TABLE_ENTRIES; i++)
		trn_table_write(table, i, leaf + i * trn_level_size(level));
	table->num_valid = TRN_TABLE_ENTRIES;
}

/* Put a table where there is none, or a leaf, which it takes the place of. */
static bool trn_pgtable_add_child(struct trn_pgtable *pgt, struct trn_table *table,
				  unsigned int level, u64 va, struct trn_table_plan *plan)
{
	struct trn_table *child = trn_table_plan_take(plan, level - 1);
	unsigned int index = trn_level_index(va, level);
	u64 leaf = trn_table_read(table, index);

	if (!child)
		return false;
	if (leaf & TRNX_PTE_VALID)
		trn_table_fill(child, leaf, level - 1);
	/* The child before what leads to it; pairs with the device's walk. */
	dma_wmb();
	trn_pgtable_write(pgt, table, level, va, trn_table_addr(child) | TRNX_PTE_VALID);
	table->children[index] = child;
	return true;
}

/* The table of @level for @va. */
static struct trn_table *trn_pgtable_obtain(struct trn_pgtable *pgt, u64 va,
					    unsigned int level, struct trn_table_plan *plan)
{
	struct trn_table *table = pgt->root;
	unsigned int at;

	for (at = TRN_ROOT_LEVEL; at > level; at--) {
		unsigned int index = trn_level_index(va, at);

		if (!table->children[index] &&
		    !trn_pgtable_add_child(pgt, table, at, va, plan))
			return NULL;
		table = table->children[index];
	}
	return table;
}

/* With @flags 0 the entries lead nowhere. */
static void trn_pgtable_write_run(struct trn_pgtable *pgt, const struct trn_run *run, u64 flags,
				  struct trn_table_plan *plan)
{
	struct trn_table *table = trn_pgtable_obtain(pgt, run->va, run->level, plan);
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
				    u64 flags, struct trn_table_plan *plan)
{
	struct trn_range_cursor cursor;
	struct trn_run run;

	trn_range_begin(range, &cursor);
	while (trn_range_next(range, &cursor, &run))
		trn_pgtable_write_run(pgt, &run, flags, plan);
}

/**
 * trn_pgtable_map() - Map a range, in place of what is mapped there.
 * @pgt: the page table
 * @range: the range
 * @plan: has the tables for it
 */
void trn_pgtable_map(struct trn_pgtable *pgt, const struct trn_range *range,
		     struct trn_table_plan *plan)
{
	trn_pgtable_write_range(pgt, range, range->flags | TRNX_PTE_LEAF | TRNX_PTE_VALID, plan);
}

/**
 * trn_pgtable_map_nothing() - Map a range whose memory is gone.
 * @pgt: the page table
 * @range: the range
 * @plan: has the tables for it
 *
 * Takes the tables that trn_pgtable_map() would, because the rest of the plan counts on
 * them: unmapping could free tables that it expects to be there.
 */
void trn_pgtable_map_nothing(struct trn_pgtable *pgt, const struct trn_range *range,
			     struct trn_table_plan *plan)
{
	trn_pgtable_write_range(pgt, range, 0, plan);
}

/* Unmap what the table has of [va, end), and the tables below that become empty. */
static void trn_pgtable_unmap_in(struct trn_pgtable *pgt, struct trn_table *table,
				 unsigned int level, u64 va, u64 end,
				 struct trn_table_plan *plan)
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
			       trn_pgtable_add_child(pgt, table, level, va, plan))) {
			struct trn_table *child = table->children[index];

			trn_pgtable_unmap_in(pgt, child, level - 1, va, next, plan);
			if (child->num_valid)
				continue;
		}
		/* What could not be split goes as a whole. */
		trn_pgtable_write(pgt, table, level, va, 0);
	}
}

/**
 * trn_pgtable_unmap() - Unmap what is mapped of a range.
 * @pgt: the page table
 * @va: first byte
 * @size: bytes
 * @plan: has the tables for it; not needed for a range that was mapped as a whole
 */
void trn_pgtable_unmap(struct trn_pgtable *pgt, u64 va, u64 size, struct trn_table_plan *plan)
{
	trn_pgtable_unmap_in(pgt, pgt->root, TRN_ROOT_LEVEL, va, va + size, plan);
}

/**
 * trn_pgtable_take_stale() - The device has forgotten all that was valid.
 * @pgt: the page table
 * @tables: gets those that can be freed now
 */
void trn_pgtable_take_stale(struct trn_pgtable *pgt, struct list_head *tables)
{
	pgt->stale_start = U64_MAX;
	pgt->stale_end = 0;
	list_splice_tail_init(&pgt->stale, tables);
}

/**
 * trn_pgtable_init() - Begin without any table.
 * @pgt: the page table
 * @dev: will walk it
 * @budget: will be charged for the tables
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
 * trn_pgtable_alloc_root() - Make it an empty page table.
 * @pgt: the page table; its device is there
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

/* Free all tables. The device does not know them any more. */
void trn_pgtable_clear(struct trn_pgtable *pgt)
{
	trn_pgtable_discard(pgt, pgt->root);
	pgt->root = NULL;
	trn_table_free_list(&pgt->memory, &pgt->stale);
}

/* There is no table any more. */
void trn_pgtable_fini(struct trn_pgtable *pgt)
{
	trn_table_memory_fini(&pgt->memory);
}
