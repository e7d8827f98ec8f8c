/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fabric: the chips of one machine, by routing id, and the links between them
 * (HW 9.2, 9.3). Window x of a chip leads to the neighbour that the reference
 * names for SENG x. A link whose neighbour is not there leads nowhere.
 *
 * A visitor is inside a neighbour from trn_fabric_enter() to
 * trn_fabric_leave(), for one piece at most. A chip closes itself while it
 * clears memory that neighbours may be using, and waits until all visitors have
 * left; a visitor that comes meanwhile waits for it to open.
 *
 * That cannot deadlock:
 *
 *  - a chip is closed only by a holder of the big lock that waits for nothing
 *    else until it opens, so that one chip is closed at a time;
 *  - a visitor that enters a second time is let in at once, because its first
 *    visit keeps the chip from being closed for good;
 *  - inside a neighbour, nobody asks for the big lock, and nobody calls the bus
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
    TrnCond changed;            /* some chip's visits */
    struct TrnChip *chip[TRN_FABRIC_CHIPS];     /* that neighbours find */
    struct TrnChip *members;    /* all, in the order in which they joined */
    bool timed;                 /* what all members are */
} TrnFabric;

/* One chip's part. */
typedef struct TrnPeer {
    TrnFabric *fabric;          /* NULL: the chip has no neighbours */
    struct TrnChip *next;       /* member of the fabric */
    unsigned refs;
    bool closed;
    uint64_t stack_bytes[TRN_NUM_HBM_STACKS];   /* moved by visitors */
} TrnPeer;

/* What a chip can see of the neighbour behind a window. */
typedef struct TrnFabricView {
    bool present;
    bool up;                    /* accesses get through */
    uint64_t serial;            /* 0 unless up */
} TrnFabricView;

/* One access through a window. */
typedef struct TrnPeerRef {
    struct TrnChip *there;      /* NULL: nobody is there */
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
 * id, the one that joined first. When part returns, no neighbour accesses it any
 * more. Big lock held.
 */
void trn_fabric_join(TrnFabric *fabric, struct TrnChip *chip);
void trn_fabric_part(struct TrnChip *chip);

/* Between these two nobody is inside the chip. Big lock held; short. */
void trn_fabric_close(struct TrnChip *chip);
void trn_fabric_open(struct TrnChip *chip);

/* The window of @there that leads to @here, or -1. */
int trn_fabric_window_back(const struct TrnChip *there,
                           const struct TrnChip *here);

/* The chip behind @window, if the link is up, or NULL. Big lock held. */
struct TrnChip *trn_fabric_neighbour(struct TrnChip *chip, unsigned window);

/* What is behind @window, as of now. Big lock held. */
TrnFabricView trn_fabric_look(struct TrnChip *chip, unsigned window);

/* Calls @fn for all that share a fabric with @chip. Big lock held. */
void trn_fabric_for_each(struct TrnChip *chip, void (*fn)(struct TrnChip *));

/*
 * Into the neighbour behind @window; if nobody is there, an error of the link.
 * @held is the chip that the caller is inside already, or NULL. Any thread, as
 * for the two ways out: with @bytes of memory moved, of HBM stack @stack or,
 * where that is -1, of another kind; or with an error.
 */
TrnPeerRef trn_fabric_enter(struct TrnChip *chip, unsigned window, bool write,
                            const struct TrnChip *held);
void trn_fabric_leave(struct TrnChip *chip, const TrnPeerRef *ref,
                      uint32_t bytes, int stack);
void trn_fabric_leave_failed(struct TrnChip *chip, const TrnPeerRef *ref);

#endif /* TRN_CORE_FABRIC_H */
