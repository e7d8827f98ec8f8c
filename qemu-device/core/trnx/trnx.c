/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trnx.h"
#include "qctl.h"
#include "../chip.h"

#define ID_SIZE         0x100
#define MMU_SIZE        0x1000
#define TELEMETRY_SIZE  0x1000
#define LINKS_SIZE      0x1000
#define NUM_QUEUES      (TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE)

/* HW 2.2: chip address of each stack. */
static const uint64_t hbm_addr[TRN_NUM_HBM_STACKS] = {
    TRN_CHIP_HBM0, TRN_CHIP_HBM1, TRN_CHIP_HBM2, TRN_CHIP_HBM3,
};

static uint64_t trnx_id_read(const TrnChip *chip, uint32_t offset)
{
    TrnIdFault id_fault = chip->cfg.id_fault;

    switch (offset) {
    case TRNX_ID_MAGIC:
        return trn_pair(id_fault == TRN_ID_FAULT_IDENTITY ? 0 : TRNX_MAGIC,
                    TRNX_VERSION_MAJOR << 16 | TRNX_VERSION_MINOR);
    case TRNX_ID_FEATURES:
        return TRN_TRNX_FEATURES;
    case TRNX_ID_GENERATION:
        return trn_pair(chip->cfg.gen->number,
                    (id_fault == TRN_ID_FAULT_GEOMETRY ? 2 * TRN_NUM_ENGINES
                                               : TRN_NUM_ENGINES) |
                    TRN_NUM_CORE_ENGINES << 16);
    case TRNX_ID_QUEUES:
        return trn_pair(TRN_QUEUES_PER_ENGINE | TRNX_NUM_EQ << 16,
                    TRN_NUM_CORES | TRN_NUM_DIES << 16 |
                    TRN_NUM_HBM_STACKS << 24);
    case TRNX_ID_HBM_SIZE:
        return trn_chip_hbm_usable(chip);
    case TRNX_ID_HBM_STRIDE:
        return chip->cfg.hbm_slot;
    case TRNX_ID_HBM_RESERVED:
        return TRN_HBM_RESERVED;
    case TRNX_ID_QCTL_BASE:
        return trn_pair(TRNX_QCTL, TRNX_QCTL_STRIDE);
    case TRNX_ID_DOORBELL_BASE:
        return trn_pair(TRNX_DOORBELL, TRNX_DOORBELL_STRIDE);
    case TRNX_ID_EQ_BASE:
        return trn_pair(TRNX_EQ, TRNX_EQ_STRIDE);
    case TRNX_ID_RESET_COUNT:
        return trn_pair(chip->trnx.reset_count, chip->trnx.scratch);
    }
    for (unsigned i = 0; i < TRN_NUM_HBM_STACKS; i++) {
        if (offset == TRNX_ID_HBM_ADDR(i)) {
            return hbm_addr[i];
        }
    }
    return 0;
}

static uint64_t trnx_read_pair(TrnChip *chip, uint32_t offset)
{
    if (offset < ID_SIZE) {
        return trnx_id_read(chip, offset);
    }
    if (offset >= TRNX_MMU && offset < TRNX_MMU + MMU_SIZE) {
        return trn_mmu_read(chip, offset - TRNX_MMU);
    }
    if (offset >= TRNX_TELEMETRY &&
        offset < TRNX_TELEMETRY + TELEMETRY_SIZE) {
        return trn_telemetry_read(chip, offset - TRNX_TELEMETRY);
    }
    if (offset >= TRNX_LINKS && offset < TRNX_LINKS + LINKS_SIZE) {
        return trn_links_read(chip, offset - TRNX_LINKS);
    }
    if (offset >= TRNX_EQ &&
        offset < TRNX_EQ + TRNX_NUM_EQ * TRNX_EQ_STRIDE) {
        offset -= TRNX_EQ;
        return trn_eq_read(chip, offset / TRNX_EQ_STRIDE,
                           offset % TRNX_EQ_STRIDE);
    }
    if (offset >= TRNX_QCTL &&
        offset < TRNX_QCTL + NUM_QUEUES * TRNX_QCTL_STRIDE) {
        offset -= TRNX_QCTL;
        return trn_qctl_read(chip, offset / TRNX_QCTL_STRIDE,
                         offset % TRNX_QCTL_STRIDE);
    }
    return 0;
}

/* What software is told of @value. */
static uint64_t trnx_tell(TrnChip *chip, uint32_t offset, uint64_t value)
{
    /* The only one by which it could know that it was not obeyed. */
    if (offset == TRNX_ID_RESET_COUNT &&
        TRN_READ(&chip->errinj.malice_disobeyed)) {
        return value;
    }
    return trn_malice_read(&chip->errinj, value);
}

uint64_t trn_trnx_read(TrnChip *chip, uint32_t offset, unsigned size)
{
    uint64_t value = trnx_tell(chip, offset & ~7u,
                               trnx_read_pair(chip, offset & ~7u));

    if (size == 8) {
        return value;
    }
    return offset & 4 ? value >> 32 : (uint32_t)value;
}

static void trnx_write_word(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (offset == TRNX_ID_SCRATCH) {
        chip->trnx.scratch = value;
    } else if (offset < ID_SIZE) {
        return;
    } else if (offset >= TRNX_MMU && offset < TRNX_MMU + MMU_SIZE) {
        trn_mmu_write(chip, offset - TRNX_MMU, value);
    } else if (offset >= TRNX_TELEMETRY &&
               offset < TRNX_TELEMETRY + TELEMETRY_SIZE) {
        return;
    } else if (offset >= TRNX_LINKS && offset < TRNX_LINKS + LINKS_SIZE) {
        trn_links_write(chip, offset - TRNX_LINKS, value);
    } else if (offset >= TRNX_EQ &&
               offset < TRNX_EQ + TRNX_NUM_EQ * TRNX_EQ_STRIDE) {
        offset -= TRNX_EQ;
        trn_eq_write(chip, offset / TRNX_EQ_STRIDE, offset % TRNX_EQ_STRIDE,
                     value);
    } else if (offset >= TRNX_QCTL &&
               offset < TRNX_QCTL + NUM_QUEUES * TRNX_QCTL_STRIDE) {
        offset -= TRNX_QCTL;
        trn_qctl_write(chip, offset / TRNX_QCTL_STRIDE,
                       offset % TRNX_QCTL_STRIDE, value);
    } else {
        trn_log_once(chip, TRN_ONCE_RESERVED_TRNX, TRN_LOG_UNIMP,
                     "write to reserved trnx space at 0x%x", offset);
    }
}

void trn_trnx_write(TrnChip *chip, uint32_t offset, uint64_t value,
                    unsigned size)
{
    if (offset >= TRNX_DOORBELL &&
        offset < TRNX_DOORBELL + NUM_QUEUES * TRNX_DOORBELL_STRIDE) {
        trn_doorbell_write(chip, offset - TRNX_DOORBELL, value, size);
        return;
    }
    trnx_write_word(chip, offset, value);
    if (size == 8) {
        trnx_write_word(chip, offset + 4, value >> 32);
    }
}

void trn_trnx_reset(TrnChip *chip)
{
    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        trn_eq_reset(&chip->trnx.eq[i]);
    }
    trn_mmu_reset(chip);
    trn_links_reset(chip);
    chip->trnx.scratch = 0;
}
