/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errinj.h"
#include "chip.h"

uint32_t trn_errinj_take(uint32_t *count)
{
    uint32_t n = TRN_READ(count);

    while (n) {
        if (__atomic_compare_exchange_n(count, &n, n - 1, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            break;
        }
    }
    return n;
}

static bool is_about(const TrnErrinj *inj, unsigned engine, unsigned q)
{
    return TRN_READ(&inj->engine) == engine && TRN_READ(&inj->queue) == q;
}

bool trn_errinj_axi_error(TrnChip *chip, unsigned engine, unsigned q)
{
    TrnErrinj *inj = &chip->errinj;

    return TRN_READ(&inj->axi_error_at) && is_about(inj, engine, q) &&
           trn_errinj_take(&inj->axi_error_at) == 1;
}

/* Each time it is armed it is met once. */
static bool meets_ecc(TrnErrinj *inj, TrnEcc kind, uint64_t addr, uint32_t len)
{
    uint64_t at = TRN_READ(&inj->ecc_at[kind]);

    return at && at - 1 - addr < len &&
           __atomic_compare_exchange_n(&inj->ecc_at[kind], &at, 0, false,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

bool trn_errinj_ecc(TrnChip *chip, unsigned stack, uint64_t addr, uint32_t len)
{
    TrnErrinj *inj = &chip->errinj;
    bool corrected = meets_ecc(inj, TRN_ECC_CORRECTED, addr, len);
    bool uncorrected = meets_ecc(inj, TRN_ECC_UNCORRECTED, addr, len);

    if (corrected || uncorrected) {
        __atomic_fetch_add(&inj->ecc_hits[stack],
                           corrected << 16 | uncorrected, __ATOMIC_RELAXED);
        chip->bus->defer(chip->opaque);
    }
    return uncorrected;
}

void trn_errinj_count_ecc(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_HBM_STACKS; i++) {
        uint32_t hits = __atomic_exchange_n(&chip->errinj.ecc_hits[i], 0,
                                            __ATOMIC_RELAXED);
        uint32_t word = trn_mbox_status(chip, TRN_MISC_ECC_HBM(i));
        uint32_t corrected = MIN((word >> 16) + (hits >> 16), 0xffff);
        uint32_t uncorrected = MIN((word & 0xffff) + (hits & 0xffff), 0xffff);

        if (hits) {
            trn_mbox_set_status(chip, TRN_MISC_ECC_HBM(i), UINT32_MAX,
                                corrected << 16 | uncorrected);
        }
    }
}

bool trn_errinj_delays(TrnChip *chip, unsigned engine, unsigned q)
{
    TrnErrinj *inj = &chip->errinj;
    uint64_t *due = &chip->engine[engine].queue[q].due;
    uint32_t delay = TRN_READ(&inj->delay_ns);
    uint64_t now;

    if (!delay || !is_about(inj, engine, q)) {
        return false;
    }
    now = chip->bus->now(chip->opaque);
    if (!TRN_READ(due)) {
        TRN_WRITE(due, now + delay);
        TRN_WRITE(&inj->delayed, true);
    }
    if (now >= TRN_READ(due)) {
        return false;
    }
    chip->bus->wake_at(chip->opaque, TRN_READ(due));
    return true;
}

bool trn_errinj_busy(const TrnChip *chip, unsigned engine, unsigned q)
{
    const TrnErrinj *inj = &chip->errinj;

    return TRN_READ(&inj->busy) && is_about(inj, engine, q);
}

void trn_errinj_changed(TrnChip *chip)
{
    trn_errinj_wake(chip);
    trn_telemetry_force(chip);
    trn_links_changed(chip);
}

void trn_errinj_wake(TrnChip *chip)
{
    if (!TRN_READ(&chip->errinj.delayed)) {
        return;
    }
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        TrnEngine *e = &chip->engine[i];

        for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
            if (TRN_READ(&e->queue[q].due)) {
                trn_mutex_lock(&e->lock);
                trn_engine_kick_locked(e, q);
                trn_mutex_unlock(&e->lock);
            }
        }
    }
}
