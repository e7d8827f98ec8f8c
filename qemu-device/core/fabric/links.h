/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx links: state, counters and events of the links (trnx manual, 14).
 *
 * The fabric decides whether a link is up (fabric.h). Whoever changes what it
 * decides by says so to trn_links_changed(), which notes the new state of every
 * link at once. The event comes from trn_links_woken(), on the virtual clock,
 * so that nothing is written while the VM is stopped; a link that changed and
 * changed back meanwhile sends none.
 */
#ifndef TRN_CORE_LINKS_H
#define TRN_CORE_LINKS_H

#include "../port.h"
#include "../../regs/trn_trnx.h"

struct TrnChip;

/* Bytes and errors are of the fabric's lock, the rest of the big lock. */
typedef struct TrnLink {
    uint64_t tx_bytes;
    uint64_t rx_bytes;
    uint32_t tx_errors;
    uint32_t rx_errors;
    uint32_t changes;
    bool up;
    bool reported;              /* state that software was last told */
} TrnLink;

typedef struct TrnLinks {
    uint32_t ctrl;
    uint32_t eq;
    TrnLink link[TRNX_NUM_LINKS];
} TrnLinks;

/* Registers to power-on state; states and counters stay. */
void trn_links_reset(struct TrnChip *chip);

/* The two 32-bit registers at @offset, a multiple of 8, as one number. */
uint64_t trn_links_read(struct TrnChip *chip, uint32_t offset);
void trn_links_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

/*
 * Something that decides about the links of @chip has changed. Big lock held.
 */
void trn_links_changed(struct TrnChip *chip);

/* Sends the events that are due. Big lock held. */
void trn_links_woken(struct TrnChip *chip);

/* After the state was loaded from elsewhere. */
void trn_links_resume(struct TrnChip *chip);

/* Current states, counters at 0. No neighbour has a reference. */
void trn_links_forget(struct TrnChip *chip);

/*
 * Counts bytes that went through @window of @chip to or from @there, at both
 * ends of the link; or an access that failed. TrnFabric.lock held.
 */
void trn_links_count_bytes(struct TrnChip *chip, unsigned window,
                           struct TrnChip *there, bool write, uint32_t bytes);
void trn_links_count_error(struct TrnChip *chip, unsigned window, bool write);

#endif /* TRN_CORE_LINKS_H */
