/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: abort (HW 3.6 and 3.7, family 5.1).
 *
 * With TrnConfig.aborts, an error whose bit is clear in the abort mask of its
 * group aborts the engine: all queues halt between two pieces, and count
 * doorbells from then on. An error of a queue that trnx lets halt by itself
 * aborts nothing. Without TrnConfig.aborts, an error affects its queue only,
 * which skips the bytes and continues (HW 11.6).
 *
 * No recovery sequence is published (family 6.4). The model accepts both that
 * software for the chip uses: change_state "normal" resumes all queues, the
 * reset of a queue resumes that queue. The second is needed: the vendor's
 * driver resets the queues of a process that ends and the queues that it
 * claims, and writes change_state only at the request of a process (HW 3.3,
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
