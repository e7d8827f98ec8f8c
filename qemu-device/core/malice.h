/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip that lies, to test that its driver survives: some values that software
 * reads are wrong, at random by a seed. Kind and number of a chance decide
 * whether it is a lie, and which; chances of other kinds have no influence.
 *
 * Only the answers are wrong. A queue that was stopped, reset, unmapped or
 * disabled moves no data, and memory that software may have freed is not
 * written: no driver could survive that without an IOMMU. RESET_COUNT is always
 * right, so software can detect a reset that was not done.
 */
#ifndef TRN_CORE_MALICE_H
#define TRN_CORE_MALICE_H

#include "errinj.h"

struct TrnChip;

/* Bits of TrnErrinj.malice_kinds. */
typedef enum TrnMalice {
    TRN_MALICE_READ,            /* registers read as something else */
    TRN_MALICE_ONES,            /* registers read as all-ones */
    TRN_MALICE_RECORD,          /* records show impossible counts */
    TRN_MALICE_STALL,           /* records are not written */
    TRN_MALICE_EVENT,           /* bursts of events of any queue */
    TRN_MALICE_DROP,            /* events are lost */
    TRN_MALICE_IRQ,             /* interrupts are lost or misdirected */
    TRN_MALICE_LATE,            /* events of disabled event queues */
    TRN_MALICE_RESET,           /* resets are slow, or not done */
    TRN_MALICE_KINDS,
} TrnMalice;

#define TRN_MALICE_ALL  ((1u << TRN_MALICE_KINDS) - 1)

/* True if this chance is a lie. *@random then selects one. */
bool trn_malice_roll(TrnErrinj *inj, TrnMalice kind, uint64_t *random);

static inline bool trn_malice(TrnErrinj *inj, TrnMalice kind, uint64_t *random)
{
    return (TRN_READ(&inj->malice_kinds) & 1u << kind) &&
           trn_malice_roll(inj, kind, random);
}

/* The value that software reads instead of @value. */
uint64_t trn_malice_read(TrnErrinj *inj, uint64_t value);

/* The counts that a record shows. False: it is not written. */
bool trn_malice_record(TrnErrinj *inj, uint64_t *s2m, uint64_t *m2s);

/* At a request for a reset: true if it is not done. It may seem slow. */
bool trn_malice_reset(TrnErrinj *inj);

/* The vector raised instead of @vector. TRNX_NUM_EQ or more: none. */
unsigned trn_malice_vector(TrnErrinj *inj, unsigned vector);

#endif /* TRN_CORE_MALICE_H */
