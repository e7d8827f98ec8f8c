/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State loaded from a migration stream or a snapshot, which is not trusted.
 *
 * A state is refused if no sequence of register accesses, DMA and time leads to
 * it. The rest of the core may then rely on its invariants. Values that a guest
 * may set freely are not checked.
 */
#ifndef TRN_CORE_RESUME_H
#define TRN_CORE_RESUME_H

#include "port.h"

struct TrnChip;

/*
 * Before a load: drops holds and translations of the old state, also if the
 * preceding reset was ignored by an injected fault. The chip is stopped.
 */
void trn_chip_begin_load(struct TrnChip *chip);

/*
 * After a load. True if the state is valid: work continues from it. Otherwise
 * the chip is as after trn_chip_refuse(). The chip is stopped.
 */
bool trn_chip_resume(struct TrnChip *chip);

/*
 * Discards a state that was loaded in part: power-on state, and also initial
 * values for all that a reset keeps. The chip is stopped.
 */
void trn_chip_refuse(struct TrnChip *chip);

#endif /* TRN_CORE_RESUME_H */
