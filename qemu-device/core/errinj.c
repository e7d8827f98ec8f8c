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

static bool errinj_is_about(const TrnErrinj *inj, unsigned engine, unsigned q)
{
    return TRN_READ(&inj->engine) == engine && TRN_READ(&inj->queue) == q;
}

bool trn_errinj_axi_error(TrnChip *chip, unsigned engine, unsigned q)
{
    TrnErrinj *inj = &chip->errinj;

    return TRN_READ(&inj->axi_error_at) && errinj_is_about(inj, engine, q) &&
           trn_errinj_take(&inj->axi_error_at) == 1;
}

bool trn_errinj_delays(TrnChip *chip, unsigned engine, unsigned q)
{
    TrnErrinj *inj = &chip->errinj;
    uint64_t *due = &chip->engine[engine].queue[q].due;
    uint32_t delay = TRN_READ(&inj->delay_ns);
    uint64_t now;

    if (!delay || !errinj_is_about(inj, engine, q)) {
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
    trn_wake_at(chip, TRN_WAKE_ERRINJ, TRN_READ(due));
    return true;
}

bool trn_errinj_busy(const TrnChip *chip, unsigned engine, unsigned q)
{
    const TrnErrinj *inj = &chip->errinj;

    return TRN_READ(&inj->busy) && errinj_is_about(inj, engine, q);
}

void trn_errinj_changed(TrnChip *chip)
{
    trn_errinj_woken(chip);
    trn_telemetry_force(chip);
    trn_links_changed(chip);
}

void trn_errinj_woken(TrnChip *chip)
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
