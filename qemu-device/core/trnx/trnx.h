/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx register space in BAR2: identity, queue control, doorbell pages, and
 * where the blocks of others are.
 */
#ifndef TRN_CORE_TRNX_H
#define TRN_CORE_TRNX_H

#include "eq.h"
#include "../fabric/links.h"
#include "mmu.h"

struct TrnChip;

typedef struct TrnTrnx {
    TrnEq eq[TRNX_NUM_EQ];
    TrnMmu mmu;
    TrnLinks links;
    uint32_t scratch;
    uint32_t reset_count;
} TrnTrnx;

/* Two 32-bit registers side by side. */
static inline uint64_t trn_pair(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

/* What this version of the model offers. */
#define TRN_TRNX_FEATURES \
    (TRNX_FEAT_EVENTS | TRNX_FEAT_COUNTERS | TRNX_FEAT_HALT | TRNX_FEAT_MMU | \
     TRNX_FEAT_DOORBELLS | TRNX_FEAT_INLINE_OPS | TRNX_FEAT_TELEMETRY | \
     TRNX_FEAT_LINKS | TRNX_FEAT_COALESCING | TRNX_FEAT_PRIORITY)

/* @size is 4 or 8, @offset a multiple of it. */
uint64_t trn_trnx_read(struct TrnChip *chip, uint32_t offset, unsigned size);
void trn_trnx_write(struct TrnChip *chip, uint32_t offset, uint64_t value,
                    unsigned size);

/*
 * Event queues, MMU, scratch and what the links do back to power-on state;
 * reset_count stays.
 */
void trn_trnx_reset(struct TrnChip *chip);

#endif /* TRN_CORE_TRNX_H */
