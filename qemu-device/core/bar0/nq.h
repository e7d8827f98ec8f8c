/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notification queue: a ring in memory that the chip fills (HW 8). Each engine
 * has one for DMA traces, queue 0 of the block at its base + 0x41000; those of
 * cores and TOP_SPs have registers and no source.
 *
 * The reference does not describe entries; these are the model's own. They have
 * 32 bytes, little endian:
 *
 *   0x00  31 phase: 1 in the first lap, then the inverse in each
 *         30 overflow: entries were lost right before this one
 *         23:16 engine, 11:8 queue, 3:0 type: 1 M2S done, 2 S2M done, 3 error
 *   0x04  ring pointer of the descriptor: 31:30 ring id, 23:0 index; error: 0
 *   0x08  descriptors that the ring has retired, this one included;
 *         error: the address
 *   0x10  virtual time in ns
 *   0x18  bytes; error: TRNX_ERR_*
 *   0x1c  0
 *
 * The word with the phase is written last. Writing SIZE, a power of two of at
 * least two entries, takes base and size and begins with entry 0 in phase 1; 0
 * is off. HEAD is the index of the entry that software reads next. One entry
 * stays free; without room, entries are lost.
 */
#ifndef TRN_CORE_NQ_H
#define TRN_CORE_NQ_H

#include "../port.h"

struct TrnChip;

#define TRN_NQ_ENTRY_SIZE 32

typedef enum TrnNqType {
    TRN_NQ_M2S_DONE = 1,
    TRN_NQ_S2M_DONE = 2,
    TRN_NQ_ERROR = 3,
} TrnNqType;

/* Changes only while the engine is held, or on the worker that runs it. */
typedef struct TrnNq {
    uint64_t base;              /* as SIZE found it */
    uint32_t entries;           /* 0 = off */
    uint32_t tail;              /* entry that is written next */
    bool odd_lap;               /* the phase is 0 */
    bool overflow;
} TrnNq;

typedef struct TrnNqEntry {
    TrnNqType type;
    unsigned engine;
    unsigned queue;
    uint32_t pointer;
    uint64_t count;             /* or address */
    uint32_t bytes;             /* or code */
} TrnNqEntry;

/* Write of SIZE. False, and off, if @size is invalid. The engine is held. */
bool trn_nq_start(TrnNq *nq, uint64_t base, uint32_t size);

static inline bool trn_nq_is_on(const TrnNq *nq)
{
    return nq->entries;
}

/* Address of the next entry. */
static inline uint64_t trn_nq_next(const TrnNq *nq)
{
    return nq->base + (uint64_t)nq->tail * TRN_NQ_ENTRY_SIZE;
}

/* False for a state that trn_nq_start() and trn_nq_post() cannot reach. */
bool trn_nq_is_sane(const TrnNq *nq);

/*
 * Appends @entry, if there is room before @head. False if the ring is not in
 * memory. The caller holds the big lock if the bus needs it for host memory.
 */
bool trn_nq_post(struct TrnChip *chip, TrnNq *nq, uint32_t head,
                 const TrnNqEntry *entry);

#endif /* TRN_CORE_NQ_H */
