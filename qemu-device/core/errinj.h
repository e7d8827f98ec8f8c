/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error injection: faults that somebody outside the guest arms. They survive
 * every reset and are not migrated; all fields are 0 when nothing is armed.
 */
#ifndef TRN_CORE_ERRINJ_H
#define TRN_CORE_ERRINJ_H

#include "port.h"

/* What is wrong with the replies of the mailbox (HW 6.4, 6.5). */
typedef enum TrnPoison {
    TRN_POISON_NONE,
    TRN_POISON_SEQUENCE,        /* the number of some other request */
    TRN_POISON_FAILED,          /* error 1, and nothing was done */
    TRN_POISON_UNKNOWN,         /* error 2, and nothing was done */
    TRN_POISON_CRC,             /* the request arrives damaged */
    TRN_POISON_SILENT,          /* no reply; TRIGGER stays 1 */
    TRN_POISON_MAX,
} TrnPoison;

typedef struct TrnErrinj {
    TrnPoison poison;           /* big lock */
    uint32_t not_ready;         /* reads of MISC RAM to come that fail; atomic */
} TrnErrinj;

/* True, and one less to come, if @count is not used up. Any thread. */
bool trn_errinj_take(uint32_t *count);

#endif /* TRN_CORE_ERRINJ_H */
