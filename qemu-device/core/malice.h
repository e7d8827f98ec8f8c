/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip that lies, to see that its driver survives: what it tells software is wrong
 * now and then, by a seed. The n-th chance of a kind is a lie, and which, whatever
 * chances of other kinds come between; threads decide only in which order chances of
 * one kind come.
 *
 * It lies about itself and obeys all the same: what was stopped, reset, unmapped or
 * disabled moves no data any more, and memory that software may have given back is
 * not written. No driver could survive the contrary without an IOMMU. A reset that is
 * not done can be told by RESET_COUNT, which is honest about it.
 */
#ifndef TRN_CORE_MALICE_H
#define TRN_CORE_MALICE_H

#include "errinj.h"

struct TrnChip;

/* Bits of TrnErrinj.malice_kinds. */
typedef enum TrnMalice {
    TRN_MALICE_READ,            /* registers read as something else */
    TRN_MALICE_ONES,            /* registers read as all-ones */
    TRN_MALICE_RECORD,          /* records show counts that cannot be */
    TRN_MALICE_STALL,           /* records are not written */
    TRN_MALICE_EVENT,           /* events of any kind, of any queue, by the dozen */
    TRN_MALICE_DROP,            /* events are lost */
    TRN_MALICE_IRQ,             /* interrupts are lost, or have another vector */
    TRN_MALICE_LATE,            /* events of event queues that are disabled */
    TRN_MALICE_RESET,           /* resets take long, or are not done */
    TRN_MALICE_KINDS,
} TrnMalice;

#define TRN_MALICE_ALL  ((1u << TRN_MALICE_KINDS) - 1)

/* Whether the chance at hand is a lie; @random then chooses among lies. */
bool trn_malice_roll(TrnErrinj *inj, TrnMalice kind, uint64_t *random);

static inline bool trn_malice(TrnErrinj *inj, TrnMalice kind, uint64_t *random)
{
    return (TRN_READ(&inj->malice_kinds) & 1u << kind) &&
           trn_malice_roll(inj, kind, random);
}

/* What software reads where @value stands. */
uint64_t trn_malice_read(TrnErrinj *inj, uint64_t value);

/* The counts that a record shows; false: it is not written. */
bool trn_malice_record(TrnErrinj *inj, uint64_t *s2m, uint64_t *m2s);

/* A reset is asked for: true if it is not done. It may seem to take long. */
bool trn_malice_reset(TrnErrinj *inj);

/* The vector that is raised instead of @vector; one that is none: no interrupt. */
unsigned trn_malice_vector(TrnErrinj *inj, unsigned vector);

#endif /* TRN_CORE_MALICE_H */
