/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sparse byte store: a window that reads 0 until written and costs host memory
 * only for the chunks that were. Backs the registers that are plain storage.
 *
 * Readers and writers on several threads need no lock: chunks appear atomically
 * and stay until trn_store_clear(), whose caller has stopped all other threads.
 */
#ifndef TRN_CORE_STORE_H
#define TRN_CORE_STORE_H

#include "../port.h"

/* Limit on the memory of all stores of one chip. */
typedef struct TrnStoreLimit {
    uint64_t bytes;             /* most that may be allocated */
    uint64_t used;              /* atomic */
} TrnStoreLimit;

typedef struct TrnStore {
    TrnMutex lock;              /* protects allocation of nodes and chunks */
    TrnStoreLimit *limit;
    uint64_t size;
    unsigned chunk_shift;
    unsigned levels;
    void *root;
} TrnStore;

void trn_store_init(TrnStore *store, uint64_t size, unsigned chunk_shift,
                    TrnStoreLimit *limit);
void trn_store_fini(TrnStore *store);

/* All zeroes again. No other thread may use the store. */
void trn_store_clear(TrnStore *store);

/*
 * Pointer to the byte at @offset (< size) and, in *@avail, how many bytes are
 * contiguous there. For reading, a chunk never written is a page of zeroes. For
 * writing, NULL if the limit is reached or the host is out of memory.
 */
const void *trn_store_peek(TrnStore *store, uint64_t offset, uint64_t *avail);
void *trn_store_poke(TrnStore *store, uint64_t offset, uint64_t *avail);

/* Words as in words.h. A write without memory for it is dropped. */
uint32_t trn_store_read32(TrnStore *store, uint64_t offset);
void trn_store_write32(TrnStore *store, uint64_t offset, uint32_t value);

/* [offset, offset + len) back to zero, to whole chunks. */
void trn_store_zero(TrnStore *store, uint64_t offset, uint64_t len);

/*
 * Calls @fn for every chunk that exists, in order of offset, until it returns
 * false. No other thread may use the store.
 */
bool trn_store_walk(TrnStore *store,
                    bool (*fn)(void *opaque, uint64_t offset, void *chunk,
                               size_t len),
                    void *opaque);

#endif /* TRN_CORE_STORE_H */
