/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reset: the state that each source clears (HW 7). When a function here
 * returns, the engines that it reset move no more data. Big lock held.
 *
 *   source                      engines 0..127  128..131         trnx  MISC
 *   power on, FLR, PCI reset    cleared         cleared          yes   cleared
 *   whole device, HW 7.2, 7.3   cleared         pending dropped  yes   kept
 *   partial, SDMA bit of core   its 16          untouched        its   kept
 *
 * NeuronCore bits clear the core's semaphores, events and notification queues;
 * TOP_SP bits those of its two TOP_SPs. HBM keeps its contents in all cases.
 */
#ifndef TRN_CORE_RESET_H
#define TRN_CORE_RESET_H

#include "port.h"

struct TrnChip;

void trn_reset_power_on(struct TrnChip *chip);

/* The same, whatever faults are injected. */
void trn_reset_always(struct TrnChip *chip);

/* @map: as TRN_MISC_RESET_MAP; 0 is the whole device. */
void trn_reset_map(struct TrnChip *chip, uint32_t map);

#endif /* TRN_CORE_RESET_H */
