/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wake.h"
#include "chip.h"

#define NEVER UINT64_MAX

/* Called in this order if several are due. */
static void (*const wake_functions[TRN_WAKE_OWNERS])(TrnChip *chip) = {
    [TRN_WAKE_EQ] = trn_eq_woken,
    [TRN_WAKE_LINKS] = trn_links_woken,
    [TRN_WAKE_TIMING] = trn_timing_woken,
    [TRN_WAKE_ERRINJ] = trn_errinj_woken,
};

void trn_wake_init(TrnWakeList *list)
{
    for (unsigned i = 0; i < TRN_WAKE_OWNERS; i++) {
        list->at[i] = NEVER;
    }
}

void trn_wake_at(TrnChip *chip, TrnWakeOwner owner, uint64_t when)
{
    uint64_t *at = &chip->wake.at[owner];
    uint64_t old = TRN_READ(at);

    while (when < old) {
        if (__atomic_compare_exchange_n(at, &old, when, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            break;
        }
    }
    chip->bus->wake_at(chip->opaque, when);
}

/*
 * Clears the time before the function runs, so that a request in between is
 * kept.
 */
static bool wake_take_due(uint64_t *at, uint64_t now)
{
    uint64_t old = TRN_READ(at);

    while (old <= now) {
        if (__atomic_compare_exchange_n(at, &old, NEVER, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            return true;
        }
    }
    return false;
}

void trn_chip_woken(TrnChip *chip)
{
    uint64_t now = chip->bus->now(chip->opaque);
    uint64_t next = NEVER;

    for (unsigned i = 0; i < TRN_WAKE_OWNERS; i++) {
        if (wake_take_due(&chip->wake.at[i], now)) {
            wake_functions[i](chip);
        }
    }
    for (unsigned i = 0; i < TRN_WAKE_OWNERS; i++) {
        next = MIN(next, TRN_READ(&chip->wake.at[i]));
    }
    if (next != NEVER) {
        chip->bus->wake_at(chip->opaque, next);
    }
}
