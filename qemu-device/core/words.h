/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of memory that are accessed concurrently: the guest polls them, or
 * another engine writes them. Accesses to an aligned word are atomic, which
 * memcpy() does not promise. A read acquires, so that an access through a page
 * table entry comes after the read of the entry. The partner is the guest's
 * write barrier before it writes the entry.
 */
#ifndef TRN_CORE_WORDS_H
#define TRN_CORE_WORDS_H

#include "port.h"

typedef uint32_t __attribute__((may_alias)) TrnWord32;
typedef uint64_t __attribute__((may_alias)) TrnWord64;

static inline uint32_t trn_load32(const void *p)
{
    TrnWord32 word;

    if ((uintptr_t)p % sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        return word;
    }
    return TRN_LOAD_ACQUIRE((const TrnWord32 *)p);
}

static inline void trn_store32(void *p, TrnWord32 word)
{
    if ((uintptr_t)p % sizeof(word)) {
        memcpy(p, &word, sizeof(word));
    } else {
        TRN_WRITE((TrnWord32 *)p, word);
    }
}

static inline uint64_t trn_load64(const void *p)
{
    TrnWord64 word;

    if ((uintptr_t)p % sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        return word;
    }
    return TRN_LOAD_ACQUIRE((const TrnWord64 *)p);
}

static inline void trn_store64(void *p, TrnWord64 word)
{
    if ((uintptr_t)p % sizeof(word)) {
        memcpy(p, &word, sizeof(word));
    } else {
        TRN_WRITE((TrnWord64 *)p, word);
    }
}

/*
 * Aligned little-endian words: registers, and CPU accesses to on-chip memory.
 * Writes release and reads acquire.
 */
static inline uint32_t trn_read_le32(const void *p)
{
    uint32_t word = TRN_LOAD_ACQUIRE((const TrnWord32 *)p);

    return trn_get_le32(&word);
}

static inline void trn_write_le32(void *p, uint32_t value)
{
    uint32_t word;

    trn_put_le32(&word, value);
    TRN_STORE_RELEASE((TrnWord32 *)p, word);
}

/* As memmove(). Counts, markers, phase words and table entries go as words. */
static inline void trn_move(void *to, const void *from, size_t len)
{
    const uint8_t *f = from;
    uint8_t *t = to;

    if (len == 4) {
        trn_store32(t, trn_load32(f));
    } else if (len == 8) {
        trn_store64(t, trn_load64(f));
    } else if (len == 16) {
        uint64_t low = trn_load64(f), high = trn_load64(f + 8);

        trn_store64(t, low);
        trn_store64(t + 8, high);
    } else {
        memmove(t, f, len);
    }
}

#endif /* TRN_CORE_WORDS_H */
