/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: abort (HW 3.6 and 3.7, family 5.1).
 *
 * Where the chip was made so (TrnConfig.aborts), an error whose bit is clear in
 * the abort mask of its group aborts the engine: all of its queues halt,
 * between two pieces, and count doorbells from then on. A queue that halts by
 * itself, because trnx has it so, confines its errors. Elsewhere an error is
 * the business of its queue alone, which skips the bytes and goes on (HW 11.6).
 *
 * No sequence that recovers is published (family 6.4). The model takes either
 * of the two that software for the chip has: change_state "normal" lets all
 * queues go on, the reset of a queue that one. The second matters: the vendor's
 * driver resets the queues of a process that ends and those it takes for
 * itself, and writes change_state only when a process asks for it (HW 3.3,
 * 3.9).
 */
#include "udma.h"
#include "../chip.h"

void trn_engine_abort_locked(TrnEngine *e)
{
    trn_log(e->chip, TRN_LOG_GUEST_ERROR, "engine %u: aborts", e->index);
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        if (!e->queue[q].halted) {
            TRN_WRITE(&e->queue[q].halted, true);
            e->aborted |= 1u << q;
        }
    }
}

void trn_engine_recover_locked(TrnEngine *e)
{
    unsigned aborted = e->aborted;

    e->aborted = 0;
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        if (aborted & (1u << q)) {
            TRN_WRITE(&e->queue[q].halted, false);
            trn_engine_kick_locked(e, q);
        }
    }
}
