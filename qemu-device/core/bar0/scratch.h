/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The on-chip memories of a chip, TPB, TOP_SP and PREPROC, in one pool of RAM.
 *
 * The memories have 257 GiB of addresses and few of them are used. They are
 * divided into places of TRN_SCRATCH_CHUNK bytes. A place that was never
 * written reads 0; the first write gives it the next free chunk of the pool, so
 * that the size of the pool limits how much may be written. A reset takes all
 * chunks back.
 *
 * The pool is the frontend's and migrates as RAM does; which chunk belongs to
 * which place is the state of the chip. Chunks that are free hold zeroes.
 *
 * Readers and writers on several threads need no lock: a place gets its chunk
 * atomically and keeps it until a reset, which no other thread overlaps.
 */
#ifndef TRN_CORE_SCRATCH_H
#define TRN_CORE_SCRATCH_H

#include "../port.h"
#include "../../regs/trn_chip.h"

struct TrnChip;

#define TRN_SCRATCH_SHIFT       16
#define TRN_SCRATCH_CHUNK       (1u << TRN_SCRATCH_SHIFT)

/* Offsets of the memories; each begins with a place of its own. */
#define TRN_SCRATCH_TPB(i)      ((i) * TRN_TPB_SIZE)
#define TRN_SCRATCH_TOP_SP(i) \
    (TRN_SCRATCH_TPB(TRN_NUM_CORES) + (i) * TRN_TOP_SP_SIZE)
#define TRN_SCRATCH_PREPROC(i) \
    (TRN_SCRATCH_TOP_SP(TRN_NUM_TOP_SP) + (i) * TRN_PREPROC_SIZE)
#define TRN_SCRATCH_SIZE        TRN_SCRATCH_PREPROC(TRN_NUM_SENGS)
#define TRN_SCRATCH_PLACES      (TRN_SCRATCH_SIZE >> TRN_SCRATCH_SHIFT)

typedef struct TrnScratch {
    TrnMutex lock;              /* protects the taking of chunks */
    uint8_t *pool;
    uint32_t num;               /* chunks of the pool, */
    uint32_t used;              /* the first of which are taken */
    uint32_t *place;            /* [num]: the place that a chunk belongs to */
    uint32_t *chunk;            /* of each place, plus 1; 0 = none; atomic */
} TrnScratch;

/* @size bytes at @pool, all zero. False if the host is out of memory. */
bool trn_scratch_init(TrnScratch *s, uint8_t *pool, uint64_t size);
void trn_scratch_fini(TrnScratch *s);

/*
 * Pointer to the byte at @offset (< TRN_SCRATCH_SIZE) and, in *@avail, how many
 * bytes are contiguous there. For writing, NULL if no chunk is free; the writer
 * then calls trn_scratch_dirty().
 */
const void *trn_scratch_peek(TrnScratch *s, uint64_t offset, uint64_t *avail);
void *trn_scratch_poke(TrnScratch *s, uint64_t offset, uint64_t *avail);

/* @len bytes at @p, which trn_scratch_poke() has given, were written. */
void trn_scratch_dirty(struct TrnChip *chip, const void *p, uint64_t len);

/* Aligned little-endian words. A write that finds no memory is dropped. */
uint32_t trn_scratch_read32(TrnScratch *s, uint64_t offset);
void trn_scratch_write32(struct TrnChip *chip, uint64_t offset,
                         uint32_t value);

/* All zeroes again. No other thread may use the memories. */
void trn_scratch_clear(struct TrnChip *chip);

/* The same if free chunks may hold anything. */
void trn_scratch_clear_all(struct TrnChip *chip);

/* Clears the map only, for a pool that is loaded separately. */
void trn_scratch_forget(TrnScratch *s);

/*
 * The next free chunk for @place; false if there is none, or @place has one or
 * does not exist.
 */
bool trn_scratch_take(TrnScratch *s, uint32_t place);

#endif /* TRN_CORE_SCRATCH_H */
