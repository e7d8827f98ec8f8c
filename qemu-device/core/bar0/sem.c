/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sem.h"

#define WINDOW_MASK (TRN_NUM_SEMAPHORES * 4 - 1)

void trn_sem_reset(TrnSem *sem)
{
    memset(sem, 0, sizeof(*sem));
}

uint32_t trn_sem_read(TrnSem *sem, uint32_t offset)
{
    unsigned index = (offset & WINDOW_MASK) / 4;

    switch (offset & ~WINDOW_MASK) {
    case TRN_SEM_EVENT:
        return TRN_LOAD_ACQUIRE(&sem->event[index]);
    case TRN_SEM_READ:
        return TRN_LOAD_ACQUIRE(&sem->value[index]);
    default:
        return 0;
    }
}

void trn_sem_write(TrnSem *sem, uint32_t offset, uint32_t value)
{
    unsigned index = (offset & WINDOW_MASK) / 4;

    switch (offset & ~WINDOW_MASK) {
    case TRN_SEM_EVENT:
        TRN_STORE_RELEASE(&sem->event[index], value & 1);
        break;
    case TRN_SEM_SET:
        TRN_STORE_RELEASE(&sem->value[index], value);
        break;
    case TRN_SEM_INC:
        __atomic_add_fetch(&sem->value[index], value, __ATOMIC_SEQ_CST);
        break;
    case TRN_SEM_DEC:
        __atomic_sub_fetch(&sem->value[index], value, __ATOMIC_SEQ_CST);
        break;
    }
}
