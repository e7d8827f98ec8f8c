/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BAR2: queue control blocks and doorbell pages.
 */
#ifndef TRN_CORE_QCTL_H
#define TRN_CORE_QCTL_H

#include "../port.h"

struct TrnChip;

/* @offset: in all control blocks. The rest as in trnx.c. Big lock held. */
uint64_t trn_qctl_read(struct TrnChip *chip, uint32_t offset);
void trn_qctl_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

/* @offset: in all doorbell pages. @size: 4 or 8. */
void trn_doorbell_write(struct TrnChip *chip, uint32_t offset, uint64_t value,
                        unsigned size);

#endif /* TRN_CORE_QCTL_H */
