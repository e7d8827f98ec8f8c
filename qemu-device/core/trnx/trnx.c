/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trnx.h"
#include "qctl.h"
#include "../chip.h"

#define NUM_QUEUES      (TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE)

/* HW 2.2: chip address of each stack. */
static const uint64_t hbm_addr[TRN_NUM_HBM_STACKS] = {
    TRN_CHIP_HBM0, TRN_CHIP_HBM1, TRN_CHIP_HBM2, TRN_CHIP_HBM3,
};

static uint64_t trnx_id_read(TrnChip *chip, uint32_t offset)
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

static void trnx_id_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    if (offset == TRNX_ID_SCRATCH) {
        chip->trnx.scratch = value;
    }
}

/*
 * A block of registers. Offsets are in the block. A read is of the two 32-bit
 * registers at a multiple of 8, as one number; a write is of one register.
 */
typedef struct TrnTrnxBlock {
    uint32_t base;
    uint32_t size;
    uint64_t (*read)(TrnChip *chip, uint32_t offset);
    void (*write)(TrnChip *chip, uint32_t offset, uint32_t value);
} TrnTrnxBlock;

/* Doorbell pages are not here: a doorbell is one write of 4 or 8 bytes. */
static const TrnTrnxBlock trnx_blocks[] = {
    { 0, 0x100, trnx_id_read, trnx_id_write },
    { TRNX_MMU, 0x1000, trn_mmu_read, trn_mmu_write },
    { TRNX_TELEMETRY, 0x1000, trn_telemetry_read, trn_telemetry_write },
    { TRNX_LINKS, 0x1000, trn_links_read, trn_links_write },
    { TRNX_EQ, TRNX_NUM_EQ * TRNX_EQ_STRIDE, trn_eq_read, trn_eq_write },
    { TRNX_QCTL, NUM_QUEUES * TRNX_QCTL_STRIDE, trn_qctl_read,
      trn_qctl_write },
};

/* NULL in reserved space. */
static const TrnTrnxBlock *trnx_find_block(uint32_t offset)
{
    for (unsigned i = 0; i < ARRAY_SIZE(trnx_blocks); i++) {
        const TrnTrnxBlock *b = &trnx_blocks[i];

        if (offset - b->base < b->size) {
            return b;
        }
    }
    return NULL;
}

static uint64_t trnx_read_pair(TrnChip *chip, uint32_t offset)
{
    const TrnTrnxBlock *b = trnx_find_block(offset);

    return b ? b->read(chip, offset - b->base) : 0;
}

/* The value that software reads. */
static uint64_t trnx_distort(TrnChip *chip, uint32_t offset, uint64_t value)
{
    /* The only register that shows that a reset was not done. */
    if (offset == TRNX_ID_RESET_COUNT &&
        TRN_READ(&chip->errinj.malice_disobeyed)) {
        return value;
    }
    return trn_malice_read(&chip->errinj, value);
}

uint64_t trn_trnx_read(TrnChip *chip, uint32_t offset, unsigned size)
{
    uint64_t value = trnx_distort(chip, offset & ~7u,
                                  trnx_read_pair(chip, offset & ~7u));

    if (size == 8) {
        return value;
    }
    return offset & 4 ? value >> 32 : (uint32_t)value;
}

static void trnx_write_word(TrnChip *chip, uint32_t offset, uint32_t value)
{
    const TrnTrnxBlock *b = trnx_find_block(offset);

    if (b) {
        b->write(chip, offset - b->base, value);
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
