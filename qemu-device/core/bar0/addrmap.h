/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address decoding: the chip's address map (HW 2.2) and BAR0 (HW 1.5, 2.4),
 * both as tables of {base, size, stride, count, kind}.
 *
 * Pure functions of the address. Ranges are [base, base + size).
 */
#ifndef TRN_CORE_ADDRMAP_H
#define TRN_CORE_ADDRMAP_H

#include "../port.h"

typedef enum TrnTargetKind {
    TRN_TARGET_NONE,            /* decodes to nothing: AXI error */
    TRN_TARGET_HOST,            /* offset = bus address */
    TRN_TARGET_HBM,             /* index = stack */
    TRN_TARGET_TPB,             /* index = NeuronCore */
    TRN_TARGET_TOP_SP,          /* index = 0..19 */
    TRN_TARGET_PREPROC,         /* index = SENG */
    TRN_TARGET_APB,             /* offset = BAR0 offset */
    TRN_TARGET_NEIGHBOUR,       /* index = window, offset = its address */
} TrnTargetKind;

typedef struct TrnTarget {
    TrnTargetKind kind;
    unsigned index;
    uint64_t offset;
    uint64_t avail;             /* bytes from here to the end of the target */
} TrnTarget;

/* @hbm_usable: bytes of a stack that decode. */
TrnTarget trn_addrmap_chip(uint64_t addr, uint64_t hbm_usable);

typedef enum TrnBlockKind {
    TRN_BLOCK_NONE,
    TRN_BLOCK_ENGINE,           /* index = engine 0..131 */
    TRN_BLOCK_FIS,              /* index = engine 0..127 */
    TRN_BLOCK_NQ_CORE,          /* index = NeuronCore */
    TRN_BLOCK_NQ_TOP_SP,        /* index = 0..15 */
    TRN_BLOCK_PE,               /* index = NeuronCore */
    TRN_BLOCK_QEMU_RESET,
    TRN_BLOCK_MISC_RAM,
    TRN_BLOCK_TPB,              /* index = NeuronCore, first 64 MiB */
    TRN_BLOCK_TOP_SP,           /* index = 0..19 */
} TrnBlockKind;

typedef struct TrnBlock {
    TrnBlockKind kind;
    unsigned index;
    uint32_t offset;            /* inside the block */
} TrnBlock;

TrnBlock trn_addrmap_bar0(uint64_t offset);

/* BAR0 offset and size of a block that exists. */
uint64_t trn_addrmap_block_bar0(TrnBlockKind kind, unsigned index,
                                uint32_t *size);

#endif /* TRN_CORE_ADDRMAP_H */
