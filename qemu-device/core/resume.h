/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that came from elsewhere: a migration stream or a snapshot, which anybody
 * may have written.
 *
 * Whatever register accesses, DMA and time could not have left is refused, so that
 * the rest of the core may rely on what it relies on otherwise. What a guest may
 * set to any value is not looked at.
 */
#ifndef TRN_CORE_RESUME_H
#define TRN_CORE_RESUME_H

#include "port.h"

struct TrnChip;

/*
 * The state of the chip is going to be loaded: no engine is held for what was before,
 * and no translation kept, though the reset that came first was ignored. The chip is
 * stopped.
 */
void trn_chip_begin_load(struct TrnChip *chip);

/*
 * A load was begun, and the state of the chip is loaded. True if it makes sense:
 * work goes on where it was. Else the chip is as after trn_chip_refuse(). The chip
 * is stopped.
 */
bool trn_chip_resume(struct TrnChip *chip);

/*
 * Some of the state was loaded, and is not to be used: power-on state, with
 * everything gone that a reset keeps. The chip is stopped.
 */
void trn_chip_refuse(struct TrnChip *chip);

#endif /* TRN_CORE_RESUME_H */
