/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reset.h"
#include "chip.h"

#define CORE_BITS(map)      ((map) & 0xff)
#define SDMA_BITS(map)      (((map) >> 8) & 0xff)
#define TOP_SP_BITS(map)    (((map) >> 16) & 0xff)
#define TOP_SP_PER_CORE     2

/*
 * Drops the writes deferred before the reset. If the reset is a deferred write
 * itself, all others came after it.
 */
static void reset_forget_deferred(TrnChip *chip)
{
    trn_mutex_lock(&chip->deferred_lock);
    if (!chip->draining) {
        chip->num_deferred = 0;
    }
    trn_mutex_unlock(&chip->deferred_lock);
}

/* Contents of the on-chip memories. All engines are held. */
static void reset_clear_memories(TrnChip *chip)
{
    trn_scratch_clear(chip);
    for (unsigned i = 0; i < TRN_NUM_CORES; i++) {
        trn_sem_reset(&chip->core_sem[i]);
    }
    for (unsigned i = 0; i < TRN_NUM_TOP_SP; i++) {
        trn_sem_reset(&chip->top_sp_sem[i]);
    }
}

/* An injected fault: the reset seems done, and is not. */
static bool reset_ignores(TrnChip *chip)
{
    return trn_errinj_take(&chip->errinj.ignore_resets) |
           trn_malice_reset(&chip->errinj);
}

void trn_reset_always(TrnChip *chip)
{
    trn_chip_stop(chip);
    trn_fabric_close(chip);
    reset_forget_deferred(chip);
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_reset(&chip->engine[i]);
    }
    trn_store_clear(&chip->regs);
    reset_clear_memories(chip);
    trn_mbox_reset(chip);
    trn_trnx_reset(chip);
    trn_timing_reset(chip);
    chip->trnx.reset_count++;
    trn_fabric_open(chip);
    trn_chip_start(chip);
}

void trn_reset_power_on(TrnChip *chip)
{
    if (!reset_ignores(chip)) {
        trn_reset_always(chip);
    }
}

/* The plain registers of a block. */
static void reset_zero_block(TrnChip *chip, TrnBlockKind kind, unsigned index)
{
    uint32_t size;
    uint64_t offset = trn_addrmap_block_bar0(kind, index, &size);

    trn_store_zero(&chip->regs, offset, size);
}

static void reset_core_engine(TrnChip *chip, unsigned engine)
{
    trn_engine_reset(&chip->engine[engine]);
    reset_zero_block(chip, TRN_BLOCK_ENGINE, engine);
    reset_zero_block(chip, TRN_BLOCK_FIS, engine);
}

static void reset_core(TrnChip *chip, unsigned core)
{
    trn_sem_reset(&chip->core_sem[core]);
    reset_zero_block(chip, TRN_BLOCK_NQ_CORE, core);
}

static void reset_top_sp(TrnChip *chip, unsigned used_id)
{
    /* HW 8.6: used ids 8..15 are blocks 10..17. */
    unsigned block = used_id < TRN_NUM_TOP_SP_USED / 2
                     ? used_id
                     : used_id - TRN_NUM_TOP_SP_USED / 2 + TRN_TOP_SP_PER_DIE;

    trn_sem_reset(&chip->top_sp_sem[block]);
    reset_zero_block(chip, TRN_BLOCK_NQ_TOP_SP, used_id);
}

static void reset_device(TrnChip *chip)
{
    trn_chip_stop(chip);
    trn_fabric_close(chip);
    reset_forget_deferred(chip);
    for (unsigned i = 0; i < TRN_NUM_CORE_ENGINES; i++) {
        reset_core_engine(chip, i);
    }
    for (unsigned i = TRN_NUM_CORE_ENGINES; i < TRN_NUM_ENGINES; i++) {
        trn_engine_drop_pending(&chip->engine[i]);
    }
    for (unsigned i = 0; i < TRN_NUM_CORES; i++) {
        reset_core(chip, i);
    }
    for (unsigned i = 0; i < TRN_NUM_TOP_SP_USED; i++) {
        reset_top_sp(chip, i);
    }
    reset_clear_memories(chip);
    trn_trnx_reset(chip);
    trn_timing_reset(chip);
    chip->trnx.reset_count++;
    trn_fabric_open(chip);
    trn_chip_start(chip);
}

/* Resets the engines of one core, while all others run. */
static void reset_sdma(TrnChip *chip, unsigned core)
{
    unsigned first = core * TRN_ENGINES_PER_CORE;

    for (unsigned i = first; i < first + TRN_ENGINES_PER_CORE; i++) {
        trn_engine_hold(&chip->engine[i]);
        reset_core_engine(chip, i);
        trn_engine_release(&chip->engine[i]);
    }
}

void trn_reset_map(TrnChip *chip, uint32_t map)
{
    if (!map) {
        if (!reset_ignores(chip)) {
            reset_device(chip);
        }
        return;
    }
    for (unsigned core = 0; core < TRN_NUM_CORES; core++) {
        if (SDMA_BITS(map) & (1u << core)) {
            reset_sdma(chip, core);
        }
        if (CORE_BITS(map) & (1u << core)) {
            reset_core(chip, core);
        }
        if (TOP_SP_BITS(map) & (1u << core)) {
            for (unsigned i = 0; i < TOP_SP_PER_CORE; i++) {
                reset_top_sp(chip, core * TOP_SP_PER_CORE + i);
            }
        }
    }
}
