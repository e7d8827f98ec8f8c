/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ECC errors of HBM: met by copies, counted by the firmware.
 */
#ifndef TRN_CORE_ECC_H
#define TRN_CORE_ECC_H

#include "port.h"

struct TrnChip;

/*
 * Before a copy reads @len bytes of an HBM stack at chip address @addr: true if
 * the read must fail, with an uncorrected error. Any thread.
 */
bool trn_ecc_meets(struct TrnChip *chip, unsigned stack, uint64_t addr,
                   uint32_t len);

/* Adds new errors to the counts of the firmware. Big lock held. */
void trn_ecc_report(struct TrnChip *chip);

#endif /* TRN_CORE_ECC_H */
