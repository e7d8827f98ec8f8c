/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A radix tree of 256-way nodes over chunks of 2^chunk_shift bytes. Nodes and
 * chunks are published with release and found with acquire, so that a reader
 * sees a chunk's zeroes; allocation is under the lock.
 */
#include "store.h"
#include "../words.h"

#define NODE_SHIFT  8
#define NODE_SLOTS  (1u << NODE_SHIFT)
#define MAX_CHUNK   65536

typedef struct TrnStoreNode {
    void *slot[NODE_SLOTS];
} TrnStoreNode;

static const uint8_t zeroes[MAX_CHUNK] __attribute__((aligned(8)));

void trn_store_init(TrnStore *store, uint64_t size, unsigned chunk_shift,
                    TrnStoreLimit *limit)
{
    *store = (TrnStore) {
        .limit = limit,
        .size = size,
        .chunk_shift = chunk_shift,
        .levels = 1,
    };
    while (size > 1ULL << (chunk_shift + store->levels * NODE_SHIFT)) {
        store->levels++;
    }
    trn_mutex_init(&store->lock);
}

/* Size of a tree element; level 0 is a chunk. */
static size_t store_element_size(const TrnStore *store, unsigned level)
{
    return level ? sizeof(TrnStoreNode) : (size_t)1 << store->chunk_shift;
}

static void store_free_tree(TrnStore *store, void *p, unsigned level)
{
    if (!p) {
        return;
    }
    if (level) {
        TrnStoreNode *node = p;

        for (unsigned i = 0; i < NODE_SLOTS; i++) {
            store_free_tree(store, node->slot[i], level - 1);
        }
    }
    free(p);
    __atomic_sub_fetch(&store->limit->used, store_element_size(store, level),
                       __ATOMIC_RELAXED);
}

void trn_store_clear(TrnStore *store)
{
    store_free_tree(store, store->root, store->levels);
    store->root = NULL;
}

void trn_store_fini(TrnStore *store)
{
    trn_store_clear(store);
    trn_mutex_destroy(&store->lock);
}

static unsigned store_slot_index(const TrnStore *store, uint64_t offset,
                                 unsigned level)
{
    unsigned shift = store->chunk_shift + (level - 1) * NODE_SHIFT;

    return (offset >> shift) & (NODE_SLOTS - 1);
}

static uint8_t *store_find_chunk(TrnStore *store, uint64_t offset)
{
    void *p = TRN_LOAD_ACQUIRE(&store->root);

    for (unsigned level = store->levels; p && level; level--) {
        TrnStoreNode *node = p;

        p = TRN_LOAD_ACQUIRE(
            &node->slot[store_slot_index(store, offset, level)]);
    }
    return p;
}

/* Memory for a node or a chunk, if the limit allows. */
static void *store_charge(TrnStore *store, size_t len)
{
    TrnStoreLimit *limit = store->limit;
    uint64_t used = __atomic_add_fetch(&limit->used, len, __ATOMIC_RELAXED);
    void *p = used <= limit->bytes ? calloc(1, len) : NULL;

    if (!p) {
        __atomic_sub_fetch(&limit->used, len, __ATOMIC_RELAXED);
    }
    return p;
}

static uint8_t *store_make_chunk(TrnStore *store, uint64_t offset)
{
    void **where = &store->root;

    trn_mutex_lock(&store->lock);
    for (unsigned level = store->levels; ; level--) {
        if (!*where) {
            void *p = store_charge(store, store_element_size(store, level));

            if (!p) {
                break;
            }
            TRN_STORE_RELEASE(where, p);
        }
        if (!level) {
            break;
        }
        where = &((TrnStoreNode *)*where)->slot[store_slot_index(store, offset,
                                                                 level)];
    }
    trn_mutex_unlock(&store->lock);
    return store_find_chunk(store, offset);
}

static uint64_t store_chunk_rest(const TrnStore *store, uint64_t offset)
{
    uint64_t chunk = 1ULL << store->chunk_shift;

    return MIN(chunk - (offset & (chunk - 1)), store->size - offset);
}

const void *trn_store_peek(TrnStore *store, uint64_t offset, uint64_t *avail)
{
    uint64_t in_chunk = offset & ((1ULL << store->chunk_shift) - 1);
    const uint8_t *chunk = store_find_chunk(store, offset);

    *avail = store_chunk_rest(store, offset);
    return (chunk ? chunk : zeroes) + in_chunk;
}

void *trn_store_poke(TrnStore *store, uint64_t offset, uint64_t *avail)
{
    uint64_t in_chunk = offset & ((1ULL << store->chunk_shift) - 1);
    uint8_t *chunk = store_find_chunk(store, offset);

    *avail = store_chunk_rest(store, offset);
    if (!chunk) {
        chunk = store_make_chunk(store, offset);
    }
    return chunk ? chunk + in_chunk : NULL;
}

uint32_t trn_store_read32(TrnStore *store, uint64_t offset)
{
    uint64_t avail;

    return trn_read_le32(trn_store_peek(store, offset, &avail));
}

void trn_store_write32(TrnStore *store, uint64_t offset, uint32_t value)
{
    uint64_t avail;
    void *p;

    /* A zero written to an empty place needs no memory. */
    if (!value && !store_find_chunk(store, offset)) {
        return;
    }
    p = trn_store_poke(store, offset, &avail);
    if (p) {
        trn_write_le32(p, value);
    }
}

void trn_store_zero(TrnStore *store, uint64_t offset, uint64_t len)
{
    uint64_t chunk_size = 1ULL << store->chunk_shift;

    for (uint64_t at = offset; at < offset + len; at += chunk_size) {
        TrnWord32 *chunk = (TrnWord32 *)store_find_chunk(store, at);

        for (uint64_t i = 0; chunk && i < chunk_size / 4; i++) {
            TRN_WRITE(&chunk[i], 0);
        }
    }
}

static bool store_walk_tree(TrnStore *store, void *p, unsigned level,
                            uint64_t offset,
                            bool (*fn)(void *, uint64_t, void *, size_t),
                            void *opaque)
{
    if (!p) {
        return true;
    }
    if (!level) {
        return fn(opaque, offset, p, store_chunk_rest(store, offset));
    }
    for (unsigned i = 0; i < NODE_SLOTS; i++) {
        unsigned shift = store->chunk_shift + (level - 1) * NODE_SHIFT;

        if (!store_walk_tree(store, ((TrnStoreNode *)p)->slot[i], level - 1,
                             offset + ((uint64_t)i << shift), fn, opaque)) {
            return false;
        }
    }
    return true;
}

bool trn_store_walk(TrnStore *store,
                    bool (*fn)(void *opaque, uint64_t offset, void *chunk,
                               size_t len),
                    void *opaque)
{
    return store_walk_tree(store, store->root, store->levels, 0, fn, opaque);
}
