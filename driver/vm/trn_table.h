/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_TABLE_H
#define TRN_TABLE_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "regs/trn_trnx.h"

struct device;
struct trn_budget;

#define TRN_TABLE_ENTRIES	((unsigned int)BIT(TRNX_MMU_ENTRY_BITS))

/* One page of entries that the device reads. */
struct trn_table {
	__le64 *entries;
	struct trn_table **children;	/* tables of the next level; NULL: all entries are leaves */
	unsigned int num_valid;		/* number of valid entries */
	struct list_head node;		/* in a list of unused tables */
	dma_addr_t dma;
	bool mapped;			/* trn_table_memory.lock */
	struct list_head all_node;	/* in trn_table_memory.all while mapped */
};

/*
 * Memory of the tables of one address space.
 *
 * The pages are DMA-mapped until they are freed or the driver unbinds, whichever is first.
 */
struct trn_table_memory {
	struct device *dev;
	struct trn_budget *budget;
	struct mutex lock;		/* protects all and trn_table.mapped; leaf */
	struct list_head all;
};

void trn_table_memory_init(struct trn_table_memory *memory, struct device *dev,
			   struct trn_budget *budget);
void trn_table_memory_fini(struct trn_table_memory *memory);
void trn_table_memory_unmap(struct trn_table_memory *memory);

struct trn_table *trn_table_alloc(struct trn_table_memory *memory, bool leaves_only);
void trn_table_free_list(struct trn_table_memory *memory, struct list_head *tables);
u64 trn_table_addr(const struct trn_table *table);

#endif /* TRN_TABLE_H */
