/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Semaphore and event block (HW 8.5): 256 semaphores behind read, set, add and
 * subtract windows, 256 one-bit events. Every access of CPU or DMA engine is
 * atomic.
 */
#ifndef TRN_CORE_SEM_H
#define TRN_CORE_SEM_H

#include "../port.h"
#include "../../regs/trn_chip.h"

typedef struct TrnSem {
    uint32_t value[TRN_NUM_SEMAPHORES];
    uint32_t event[TRN_NUM_EVENTS];
} TrnSem;

void trn_sem_reset(TrnSem *sem);

/* @offset: inside the 8 KiB block, a multiple of 4. Gaps read 0. */
uint32_t trn_sem_read(TrnSem *sem, uint32_t offset);
void trn_sem_write(TrnSem *sem, uint32_t offset, uint32_t value);

#endif /* TRN_CORE_SEM_H */
