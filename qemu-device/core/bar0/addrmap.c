/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "addrmap.h"
#include "../../regs/trn_chip.h"
#include "../../regs/trn_udma.h"

#define PAGE 4096u

typedef struct TrnChipRange {
    uint64_t base;
    uint64_t size;
    uint64_t stride;
    unsigned count;
    TrnTargetKind kind;
    unsigned index;             /* of the first; APB: BAR0 offset / 256 MiB */
} TrnChipRange;

/* HW 2.2. HBM is first: most addresses are there. */
static const TrnChipRange chip_ranges[] = {
    { TRN_CHIP_HBM0, TRN_HBM_STACK_SIZE, TRN_CHIP_HBM1, 2, TRN_TARGET_HBM, 0 },
    { TRN_CHIP_HBM2, TRN_HBM_STACK_SIZE, TRN_CHIP_HBM1, 2, TRN_TARGET_HBM, 2 },
    { TRN_CHIP_TPB0, TRN_TPB_SIZE, TRN_CHIP_TPB1 - TRN_CHIP_TPB0, 2,
      TRN_TARGET_TPB, 0 },
    { TRN_CHIP_TPB2, TRN_TPB_SIZE, TRN_CHIP_TPB1 - TRN_CHIP_TPB0, 2,
      TRN_TARGET_TPB, 2 },
    { TRN_CHIP_TPB4, TRN_TPB_SIZE, TRN_CHIP_TPB1 - TRN_CHIP_TPB0, 2,
      TRN_TARGET_TPB, 4 },
    { TRN_CHIP_TPB6, TRN_TPB_SIZE, TRN_CHIP_TPB1 - TRN_CHIP_TPB0, 2,
      TRN_TARGET_TPB, 6 },
    { TRN_CHIP_TOP_SP_DIE0, TRN_TOP_SP_SIZE, TRN_CHIP_TOP_SP_STRIDE,
      TRN_TOP_SP_PER_DIE, TRN_TARGET_TOP_SP, 0 },
    { TRN_CHIP_TOP_SP_DIE1, TRN_TOP_SP_SIZE, TRN_CHIP_TOP_SP_STRIDE,
      TRN_TOP_SP_PER_DIE, TRN_TARGET_TOP_SP, TRN_TOP_SP_PER_DIE },
    { TRN_CHIP_PREPROC0, TRN_PREPROC_SIZE, TRN_CHIP_HBM1, 2,
      TRN_TARGET_PREPROC, 0 },
    { TRN_CHIP_PREPROC2, TRN_PREPROC_SIZE, TRN_CHIP_HBM1, 2,
      TRN_TARGET_PREPROC, 2 },
    { TRN_CHIP_APB_IO0, TRN_APB_IO_SIZE, 0, 1, TRN_TARGET_APB,
      TRN_BAR0_APB_IO0 / TRN_APB_SE_SIZE },
    { TRN_CHIP_APB_IO1, TRN_APB_IO_SIZE, 0, 1, TRN_TARGET_APB,
      TRN_BAR0_APB_IO1 / TRN_APB_SE_SIZE },
    { TRN_CHIP_APB_SE0, TRN_APB_SE_SIZE, TRN_CHIP_HBM1, 2, TRN_TARGET_APB,
      TRN_BAR0_APB_SE0 / TRN_APB_SE_SIZE },
    { TRN_CHIP_APB_SE2, TRN_APB_SE_SIZE, TRN_CHIP_HBM1, 2, TRN_TARGET_APB,
      TRN_BAR0_APB_SE0 / TRN_APB_SE_SIZE + 2 },
};

static TrnTarget addrmap_target(TrnTargetKind kind, unsigned index,
                                uint64_t offset, uint64_t avail)
{
    return (TrnTarget) { kind, index, offset, avail };
}

/* Ranges are page-aligned, so a gap lasts at least to the end of its page. */
static TrnTarget addrmap_nothing(TrnTargetKind kind, unsigned index,
                                 uint64_t addr)
{
    return addrmap_target(kind, index, addr, PAGE - (addr & (PAGE - 1)));
}

TrnTarget trn_addrmap_chip(uint64_t addr, uint64_t hbm_usable)
{
    if (addr & TRN_CHIP_NEIGHBOUR) {
        uint64_t there = addr & (TRN_CHIP_NEIGHBOUR_STRIDE - 1);

        if (addr >= 2 * TRN_CHIP_NEIGHBOUR) {
            return addrmap_nothing(TRN_TARGET_NONE, 0, addr);
        }
        return addrmap_target(TRN_TARGET_NEIGHBOUR,
                              trn_field_get(TRN_CHIP_NEIGHBOUR_SEL, addr),
                              there, TRN_CHIP_NEIGHBOUR_STRIDE - there);
    }
    if (addr & TRN_CHIP_HOST) {
        uint64_t host = addr & TRN_CHIP_HOST_ADDR;

        /* No other bit below the neighbours' may be set. */
        if (addr & ~(TRN_CHIP_HOST | TRN_CHIP_HOST_ADDR)) {
            return addrmap_nothing(TRN_TARGET_NONE, 0, addr);
        }
        return addrmap_target(TRN_TARGET_HOST, 0, host, TRN_CHIP_HOST - host);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(chip_ranges); i++) {
        const TrnChipRange *r = &chip_ranges[i];
        uint64_t size = r->kind == TRN_TARGET_HBM ? MIN(r->size, hbm_usable)
                                                  : r->size;
        uint64_t offset = addr - r->base;
        uint64_t n = r->stride ? offset / r->stride : 0;

        offset -= n * r->stride;
        if (addr < r->base || n >= r->count || offset >= size) {
            continue;
        }
        if (r->kind == TRN_TARGET_APB) {
            return addrmap_target(r->kind, 0,
                                  (r->index + n) * TRN_APB_SE_SIZE + offset,
                                  size - offset);
        }
        return addrmap_target(r->kind, r->index + n, offset, size - offset);
    }
    return addrmap_nothing(TRN_TARGET_NONE, 0, addr);
}

typedef struct TrnBar0Range {
    uint64_t base;
    uint32_t size;
    uint32_t stride;
    unsigned count;
    TrnBlockKind kind;
    unsigned index;             /* of the first */
} TrnBar0Range;

#define APB_IO(die)     ((die) ? TRN_BAR0_APB_IO1 : TRN_BAR0_APB_IO0)
#define APB_SE(seng)    (TRN_BAR0_APB_SE0 + (seng) * TRN_BAR0_APB_SE_STRIDE)
#define SE_ENGINES(seng, offset) \
    { APB_SE(seng) + (offset), TRN_UDMA_SIZE, TRN_UDMA_SIZE, \
      TRN_ENGINES_PER_SENG, TRN_BLOCK_ENGINE, (seng) * TRN_ENGINES_PER_SENG }
#define SE_FIS(seng, offset) \
    { APB_SE(seng) + (offset), 0x100, TRN_FIS_STRIDE, \
      TRN_ENGINES_PER_SENG, TRN_BLOCK_FIS, (seng) * TRN_ENGINES_PER_SENG }
#define NQ_SIZE         TRN_NQ_QUEUE(TRN_NQ_NUM_QUEUES)
#define PE_SIZE         0x700   /* four row groups of 0x1b0, HW 12 */
/* In the I/O block of its die, the second SENG is a stride further. */
#define IO_OF_SENG(seng) \
    (APB_IO((seng) / 2) + (seng) % 2 * TRN_APB_IO_SENG_STRIDE)
#define NQ_CORE(seng) \
    { IO_OF_SENG(seng) + TRN_APB_IO_NQ_CORE, NQ_SIZE, TRN_APB_IO_NC_STRIDE, \
      2, TRN_BLOCK_NQ_CORE, (seng) * 2 }
#define PE(seng) \
    { IO_OF_SENG(seng) + TRN_APB_IO_PE, PE_SIZE, TRN_APB_IO_NC_STRIDE, 2, \
      TRN_BLOCK_PE, (seng) * 2 }
#define H2T_ENGINES(die) \
    { APB_IO(die) + TRN_APB_IO_H2T, TRN_UDMA_SIZE, TRN_UDMA_SIZE, 2, \
      TRN_BLOCK_ENGINE, TRN_NUM_CORE_ENGINES + (die) * 2 }
#define NQ_TOP_SP(die) \
    { APB_IO(die) + TRN_APB_IO_NQ_TOP_SP, NQ_SIZE, \
      TRN_APB_IO_NQ_TOP_SP_STRIDE, TRN_NUM_TOP_SP_USED / 2, \
      TRN_BLOCK_NQ_TOP_SP, (die) * TRN_NUM_TOP_SP_USED / 2 }

/* HW 2.4 and 5.1; the engines first. */
static const TrnBar0Range bar0_ranges[] = {
    H2T_ENGINES(0),
    H2T_ENGINES(1),
    SE_ENGINES(0, TRN_APB_SE_UDMA_EVEN),
    SE_ENGINES(1, TRN_APB_SE_UDMA_ODD),
    SE_ENGINES(2, TRN_APB_SE_UDMA_EVEN),
    SE_ENGINES(3, TRN_APB_SE_UDMA_ODD),
    SE_FIS(0, TRN_APB_SE_FIS_EVEN),
    SE_FIS(1, TRN_APB_SE_FIS_ODD),
    SE_FIS(2, TRN_APB_SE_FIS_EVEN),
    SE_FIS(3, TRN_APB_SE_FIS_ODD),
    { TRN_BAR0_TPB, TRN_TPB_WINDOW, TRN_TPB_WINDOW, TRN_NUM_CORES,
      TRN_BLOCK_TPB, 0 },
    { TRN_BAR0_TOP_SP, TRN_TOP_SP_SIZE, TRN_TOP_SP_SIZE, TRN_NUM_TOP_SP,
      TRN_BLOCK_TOP_SP, 0 },
    { TRN_BAR0_APB_IO0 + TRN_APB_IO_MISC_RAM, TRN_MISC_RAM_SIZE,
      TRN_MISC_RAM_SIZE, 1, TRN_BLOCK_MISC_RAM, 0 },
    { TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET, 4, 4, 1,
      TRN_BLOCK_QEMU_RESET, 0 },
    NQ_TOP_SP(0),
    NQ_TOP_SP(1),
    NQ_CORE(0),
    NQ_CORE(1),
    NQ_CORE(2),
    NQ_CORE(3),
    PE(0),
    PE(1),
    PE(2),
    PE(3),
};

TrnBlock trn_addrmap_bar0(uint64_t offset)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bar0_ranges); i++) {
        const TrnBar0Range *r = &bar0_ranges[i];
        uint64_t rest = offset - r->base;

        if (offset >= r->base && rest / r->stride < r->count &&
            rest % r->stride < r->size) {
            return (TrnBlock) { r->kind, r->index + rest / r->stride,
                                rest % r->stride };
        }
    }
    return (TrnBlock) { TRN_BLOCK_NONE, 0, 0 };
}

uint64_t trn_addrmap_block_bar0(TrnBlockKind kind, unsigned index,
                                uint32_t *size)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bar0_ranges); i++) {
        const TrnBar0Range *r = &bar0_ranges[i];

        if (r->kind == kind && index >= r->index &&
            index < r->index + r->count) {
            *size = r->size;
            return r->base + (uint64_t)(index - r->index) * r->stride;
        }
    }
    *size = 0;
    return 0;
}
