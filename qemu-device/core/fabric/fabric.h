/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fabric: the chips of one machine, by routing id, and the links between them
 * (HW 9.2, 9.3). Window x of a chip leads to the neighbour that the reference
 * names for SENG x. A link whose neighbour is not there leads nowhere.
 *
 * An access to a neighbour holds a reference to it from trn_fabric_enter() to
 * trn_fabric_leave(), for one piece at most. A chip closes while it clears
 * memory that neighbours may be using: it waits until all references are gone,
 * and a new access waits until the chip is open.
 *
 * That cannot deadlock:
 *
 *  - a chip is closed only by a holder of the big lock that waits for nothing
 *    else until it opens, so that one chip is closed at a time;
 *  - a second reference is given at once to an access that has one (@held),
 *    because closing waits for the first one anyway;
 *  - an access with a reference takes no big lock, and does not call the bus
 *    for host memory: behind an IOMMU, such an access can run the code of any
 *    device, up to a register that resets the neighbour (trn_mem_copy()).
 */
#ifndef TRN_CORE_FABRIC_H
#define TRN_CORE_FABRIC_H

#include "../port.h"
#include "../../regs/trn_chip.h"

struct TrnChip;

#define TRN_FABRIC_CHIPS 128    /* routing ids, HW 6.3 */

typedef struct TrnFabric {
    TrnMutex lock;              /* protects what follows, and TrnPeer */
    TrnCond changed;            /* refs or closed of some chip */
    struct TrnChip *chip[TRN_FABRIC_CHIPS];     /* slots, by routing id */
    struct TrnChip *members;    /* all, in the order in which they joined */
    bool timed;                 /* all members have the timing model on */
} TrnFabric;

/* A chip as the peer of its neighbours. */
typedef struct TrnPeer {
    TrnFabric *fabric;          /* NULL: the chip has no neighbours */
    struct TrnChip *next;       /* member of the fabric */
    unsigned refs;
    bool closed;
    uint64_t stack_bytes[TRN_NUM_HBM_STACKS];   /* moved by neighbours */
} TrnPeer;

/* The neighbour behind a window, as seen by a chip. */
typedef struct TrnFabricView {
    bool present;
    bool up;                    /* accesses get through */
    uint64_t serial;            /* 0 unless up */
} TrnFabricView;

/* A reference to a neighbour, for an access through a window. */
typedef struct TrnPeerRef {
    struct TrnChip *there;      /* NULL: there is no neighbour */
    uint8_t window;
    bool write;
} TrnPeerRef;

void trn_fabric_init(TrnFabric *fabric);
void trn_fabric_fini(TrnFabric *fabric);

/* Routing id of the chip that link @window of @routing_id leads to. */
uint32_t trn_fabric_neighbour_id(uint32_t routing_id, unsigned window);

/*
 * Chips that are timed run with the big lock held, others without: they cannot
 * share a fabric. Big lock held.
 */
bool trn_fabric_admits(TrnFabric *fabric, bool timed);

/*
 * From join to part, neighbours find the chip; of several with the same routing
 * id, the one that joined first. When part returns, no neighbour accesses it
 * any more. Big lock held.
 */
void trn_fabric_join(TrnFabric *fabric, struct TrnChip *chip);
void trn_fabric_part(struct TrnChip *chip);

/* No neighbour has a reference between close and open. Big lock held; short. */
void trn_fabric_close(struct TrnChip *chip);
void trn_fabric_open(struct TrnChip *chip);

/* The window of @there that leads to @here, or -1. */
int trn_fabric_window_back(const struct TrnChip *there,
                           const struct TrnChip *here);

/* The chip behind @window, if the link is up, or NULL. Big lock held. */
struct TrnChip *trn_fabric_neighbour(struct TrnChip *chip, unsigned window);

/* The current state of the neighbour behind @window. Big lock held. */
TrnFabricView trn_fabric_look(struct TrnChip *chip, unsigned window);

/* Calls @fn for all that share a fabric with @chip. Big lock held. */
void trn_fabric_for_each(struct TrnChip *chip, void (*fn)(struct TrnChip *));

/*
 * Takes a reference to the neighbour behind @window; without a neighbour,
 * counts an error of the link. @held is a chip that the caller has a reference
 * to, or NULL. Both calls that drop the reference count for the link: leave
 * counts @bytes, of HBM stack @stack or, if that is -1, of other memory;
 * leave_failed counts an error. Any thread.
 */
TrnPeerRef trn_fabric_enter(struct TrnChip *chip, unsigned window, bool write,
                            const struct TrnChip *held);
void trn_fabric_leave(struct TrnChip *chip, const TrnPeerRef *ref,
                      uint32_t bytes, int stack);
void trn_fabric_leave_failed(struct TrnChip *chip, const TrnPeerRef *ref);

#endif /* TRN_CORE_FABRIC_H */
