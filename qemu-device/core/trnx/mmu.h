/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx MMU: address spaces of queues with an ASID (trnx manual, 10).
 *
 * Each engine has an IOTLB of its own, which only the worker that runs the
 * engine touches; half of it is for reading and half for writing, so that the
 * two ends of a copy do not evict each other. An entry carries the stamp
 * that its address space had when the walk began; invalidating a space gives it
 * a stamp never used before, so that its entries match no more, wherever they
 * are. An engine at work on the space is then stopped once, which waits for the
 * piece in flight.
 *
 * A translation holds from the safe point before the piece to the one behind
 * it, never while the engine is parked (udma/udma.h).
 */
#ifndef TRN_CORE_MMU_H
#define TRN_CORE_MMU_H

#include "../port.h"
#include "../../regs/trn_chip.h"
#include "../../regs/trn_trnx.h"

struct TrnChip;

/* 2 MiB of small pages, 128 MiB of large ones; powers of two. */
#define TRN_TLB_SMALL 512
#define TRN_TLB_LARGE 64

typedef struct TrnTlbEntry {
    uint64_t stamp;             /* of the space; 0 = empty */
    uint64_t va;
    uint64_t pa;
    uint64_t size;
    uint64_t flags;             /* TRNX_PTE_READ, TRNX_PTE_WRITE */
} TrnTlbEntry;

typedef struct TrnTlb {
    TrnTlbEntry small[TRN_TLB_SMALL];   /* 4 KiB leaves */
    TrnTlbEntry large[TRN_TLB_LARGE];   /* larger ones */
    TrnTlbEntry span;           /* contiguous leaves */
} TrnTlb;

typedef struct TrnMmu {
    uint32_t ctrl;              /* registers; written with every engine held */
    uint64_t ctx_addr;
    uint32_t ctx_size;
    uint32_t ctx_addr_low;      /* low halves waiting for their high half */
    uint32_t inv_addr_low;
    uint32_t inv_size_low;
    uint64_t inv_addr;
    uint64_t inv_size;
    uint64_t last_stamp;
    uint64_t stamp[TRNX_MMU_NUM_ASIDS];     /* atomic */
    TrnTlb tlb[TRN_NUM_ENGINES][2];         /* for reading, for writing */
} TrnMmu;

/* True for an error code of the MMU. */
static inline bool trn_error_is_fault(unsigned code)
{
    return code >= TRNX_ERR_MMU_NOT_PRESENT && code <= TRNX_ERR_MMU_ENTRY;
}

/* Registers to power-on state, no translation kept. All engines are held. */
void trn_mmu_reset(struct TrnChip *chip);

/* The two 32-bit registers at @offset, a multiple of 8, as one number. */
uint64_t trn_mmu_read(struct TrnChip *chip, uint32_t offset);
void trn_mmu_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

/*
 * Translates @va in space @asid, which is not 0, to a chip address. Shortens
 * *@len to the bytes that are contiguous there. TRNX_ERR_NONE or
 * TRNX_ERR_MMU_*. On the worker that runs @engine, with the big lock if the bus
 * needs it for host memory.
 */
unsigned trn_mmu_translate(struct TrnChip *chip, unsigned engine, uint32_t asid,
                           uint64_t va, bool write, uint64_t *pa,
                           uint32_t *len);

#endif /* TRN_CORE_MMU_H */
