// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of page tables.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "base/trn_budget.h"
#include "regs/trn_chip.h"
#include "vm/trn_table.h"

/* The memory is coherent; dma_sync_*() is never called on it. */
#define TRN_TABLE_DMA_ATTRS	DMA_ATTR_SKIP_CPU_SYNC

#define TRN_TABLE_CHILD_BYTES	(TRN_TABLE_ENTRIES * sizeof(struct trn_table *))

/* Bytes of a table: the page that the device reads, and the array of children. */
static s64 trn_table_cost(bool leaves_only)
{
	return PAGE_SIZE + (leaves_only ? 0 : TRN_TABLE_CHILD_BYTES);
}

/**
 * trn_table_memory_init() - Initialise the memory, without tables.
 * @memory: the memory
 * @dev: device that reads the tables
 * @budget: budget charged for the tables; gets a reference
 */
void trn_table_memory_init(struct trn_table_memory *memory, struct device *dev,
			   struct trn_budget *budget)
{
	BUILD_BUG_ON(PAGE_SHIFT != TRNX_MMU_PAGE_SHIFT);

	memory->dev = dev;
	memory->budget = trn_budget_get(budget);
	mutex_init(&memory->lock);
	INIT_LIST_HEAD(&memory->all);
}

/* All tables have been freed. */
void trn_table_memory_fini(struct trn_table_memory *memory)
{
	mutex_destroy(&memory->lock);
	trn_budget_put(memory->budget);
}

static int trn_table_map(struct trn_table_memory *memory, struct trn_table *table)
{
	table->dma = dma_map_page_attrs(memory->dev, virt_to_page(table->entries), 0, PAGE_SIZE,
					DMA_TO_DEVICE, TRN_TABLE_DMA_ATTRS);
	if (dma_mapping_error(memory->dev, table->dma))
		return -ENOMEM;
	mutex_lock(&memory->lock);
	table->mapped = true;
	list_add_tail(&table->all_node, &memory->all);
	mutex_unlock(&memory->lock);
	return 0;
}

static void trn_table_unmap_locked(struct trn_table_memory *memory, struct trn_table *table)
{
	lockdep_assert_held(&memory->lock);

	if (!table->mapped)
		return;
	dma_unmap_page_attrs(memory->dev, table->dma, PAGE_SIZE, DMA_TO_DEVICE,
			     TRN_TABLE_DMA_ATTRS);
	table->mapped = false;
	list_del(&table->all_node);
}

/* Unmap all tables when the driver unbinds. The device no longer reaches memory. */
void trn_table_memory_unmap(struct trn_table_memory *memory)
{
	struct trn_table *table, *next;

	mutex_lock(&memory->lock);
	list_for_each_entry_safe(table, next, &memory->all, all_node)
		trn_table_unmap_locked(memory, table);
	mutex_unlock(&memory->lock);
}

static void trn_table_free(struct trn_table_memory *memory, struct trn_table *table)
{
	mutex_lock(&memory->lock);
	trn_table_unmap_locked(memory, table);
	mutex_unlock(&memory->lock);
	trn_budget_uncharge(memory->budget, trn_table_cost(!table->children));
	free_page((unsigned long)table->entries);
	kfree(table->children);
	kfree(table);
}

static struct trn_table *trn_table_alloc_memory(bool leaves_only)
{
	struct trn_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (!table)
		return NULL;
	table->entries = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!table->entries)
		goto err_free;
	if (!leaves_only) {
		table->children = kzalloc(TRN_TABLE_CHILD_BYTES, GFP_KERNEL_ACCOUNT);
		if (!table->children)
			goto err_free;
	}
	return table;

err_free:
	free_page((unsigned long)table->entries);
	kfree(table);
	return NULL;
}

/**
 * trn_table_alloc() - Allocate an empty table.
 * @memory: memory of the address space; the device is present
 * @leaves_only: the table will have no children
 *
 * Return: the table, -ENOMEM or -EDQUOT.
 */
struct trn_table *trn_table_alloc(struct trn_table_memory *memory, bool leaves_only)
{
	struct trn_table *table;
	int ret;

	ret = trn_budget_charge(memory->budget, trn_table_cost(leaves_only));
	if (ret)
		return ERR_PTR(ret);
	table = trn_table_alloc_memory(leaves_only);
	if (!table) {
		trn_budget_uncharge(memory->budget, trn_table_cost(leaves_only));
		return ERR_PTR(-ENOMEM);
	}
	ret = trn_table_map(memory, table);
	if (ret) {
		trn_table_free(memory, table);
		return ERR_PTR(ret);
	}
	return table;
}

/**
 * trn_table_free_list() - Free tables.
 * @memory: memory of the address space
 * @tables: linked by their node; the device does not use them
 */
void trn_table_free_list(struct trn_table_memory *memory, struct list_head *tables)
{
	struct trn_table *table, *next;

	list_for_each_entry_safe(table, next, tables, node)
		trn_table_free(memory, table);
	INIT_LIST_HEAD(tables);
}

/* Chip address of a table, for an entry. */
u64 trn_table_addr(const struct trn_table *table)
{
	return table->dma | TRN_CHIP_HOST;
}
