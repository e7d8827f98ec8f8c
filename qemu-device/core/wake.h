/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wake-ups of a chip on the virtual clock. Each owner has one pending time,
 * and one function that runs at that time. An owner with more to do later asks
 * again.
 */
#ifndef TRN_CORE_WAKE_H
#define TRN_CORE_WAKE_H

#include "port.h"

struct TrnChip;

typedef enum TrnWakeOwner {
    TRN_WAKE_EQ,                /* interrupts that moderation holds back */
    TRN_WAKE_LINKS,             /* events of links */
    TRN_WAKE_TIMING,            /* queues of the timing model */
    TRN_WAKE_ERRINJ,            /* completions that a fault delays */
    TRN_WAKE_OWNERS,
} TrnWakeOwner;

/* Pending times in nanoseconds, UINT64_MAX for none; atomic. */
typedef struct TrnWakeList {
    uint64_t at[TRN_WAKE_OWNERS];
} TrnWakeList;

void trn_wake_init(TrnWakeList *list);

/*
 * Runs the function of @owner at @when, or before. Of several requests the
 * earliest counts. Any thread.
 */
void trn_wake_at(struct TrnChip *chip, TrnWakeOwner owner, uint64_t when);

#endif /* TRN_CORE_WAKE_H */
