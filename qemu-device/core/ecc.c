/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ecc.h"
#include "chip.h"

/* Each injected error is met once. */
static bool ecc_take(TrnErrinj *inj, TrnEcc kind, uint64_t addr, uint32_t len)
{
    uint64_t at = TRN_READ(&inj->ecc_at[kind]);

    return at && at - 1 - addr < len &&
           __atomic_compare_exchange_n(&inj->ecc_at[kind], &at, 0, false,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

bool trn_ecc_meets(TrnChip *chip, unsigned stack, uint64_t addr, uint32_t len)
{
    TrnErrinj *inj = &chip->errinj;
    bool corrected = ecc_take(inj, TRN_ECC_CORRECTED, addr, len);
    bool uncorrected = ecc_take(inj, TRN_ECC_UNCORRECTED, addr, len);

    if (corrected || uncorrected) {
        __atomic_fetch_add(&inj->ecc_hits[stack],
                           corrected << 16 | uncorrected, __ATOMIC_RELAXED);
        chip->bus->defer(chip->opaque);
    }
    return uncorrected;
}

void trn_ecc_report(TrnChip *chip)
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
