/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: execution of one queue pair, a bounded turn at a time.
 *
 * A turn fetches descriptors in batches (fetch.c), moves packets piece by
 * piece (move.c), and retires what is finished (retire.c).
 *
 * Everything in order, one piece after the other, satisfies DMB, write barrier
 * and strong order alike (HW 4.5).
 */
#include "run.h"
#include "../chip.h"

#define TURN_PIECES     128
#define TURN_BYTES      (4u << 20)
#define RECORD_PIECES   16      /* pieces between counter records */
#define RECORD_BYTES    (256u << 10)

TrnRun *trn_run_new(TrnChip *chip)
{
    TrnRun *run = calloc(1, sizeof(*run));

    if (run) {
        run->chip = chip;
    }
    return run;
}

void trn_run_free(TrnRun *run)
{
    free(run);
}

/* --- safe points and the big lock --- */

bool trn_run_asked_to_stop(const TrnRun *run)
{
    return TRN_READ(&run->e->hold) || TRN_READ(&run->e->gen) != run->gen;
}

/*
 * What is accessed next comes after all that was accessed before, as others see
 * it: data before completion, record and event, a descriptor's data before that
 * of the next (HW 4.5). The partners are the guest's barriers: a read barrier
 * after it has polled one of them, a write barrier between data and flag.
 */
static void order_accesses(void)
{
    trn_rmb();
    trn_wmb();
}

void trn_run_park(TrnRun *run)
{
    TrnEngine *e = run->e;

    trn_mutex_lock(&e->lock);
    e->parked = true;
    trn_cond_broadcast(&e->stopped);
    trn_mutex_unlock(&e->lock);
}

bool trn_run_unpark(TrnRun *run)
{
    TrnEngine *e = run->e;
    bool go_on;

    trn_mutex_lock(&e->lock);
    e->parked = false;
    go_on = !trn_run_asked_to_stop(run);
    trn_mutex_unlock(&e->lock);
    return go_on;
}

static void set_entered(TrnEngine *e, bool entered)
{
    trn_mutex_lock(&e->lock);
    e->entered = entered;
    trn_mutex_unlock(&e->lock);
}

bool trn_run_enter_big_lock(TrnRun *run)
{
    bool stop;

    trn_run_park(run);
    run->chip->bus->lock(run->chip->opaque);
    stop = !trn_run_unpark(run);
    if (stop) {
        run->chip->bus->unlock(run->chip->opaque);
    } else {
        set_entered(run->e, true);
    }
    order_accesses();
    return !stop;
}

void trn_run_leave_big_lock(TrnRun *run)
{
    set_entered(run->e, false);
    run->chip->bus->unlock(run->chip->opaque);
}

bool trn_run_enter_memory(TrnRun *run, bool host)
{
    if (host && run->chip->bus->host_needs_lock) {
        return trn_run_enter_big_lock(run);
    }
    order_accesses();
    return !trn_run_asked_to_stop(run);
}

void trn_run_leave_memory(TrnRun *run, bool host)
{
    if (host && run->chip->bus->host_needs_lock) {
        trn_run_leave_big_lock(run);
    }
}

/* --- turns --- */

void trn_run_account(TrnRun *run, unsigned pieces, uint32_t bytes)
{
    run->pieces += pieces;
    run->bytes += bytes;
    run->record_pieces += pieces;
    run->record_bytes += bytes;
}

static TrnStep take_step(TrnRun *run)
{
    TrnQueue *q = run->q;

    if (trn_run_asked_to_stop(run)) {
        return TRN_STEP_LATER;
    }
    if (!run->m2s.len || !run->s2m.len) {
        return TRN_STEP_IDLE;       /* taken away with descriptors pending */
    }
    if (run->e->timing && !trn_timing_wait(run->e, run->qi)) {
        return TRN_STEP_IDLE;
    }
    if (q->s2m_done) {
        return trn_run_retire_s2m(run);
    }
    if (q->m2s_done) {
        return trn_run_retire_m2s(run);
    }
    if (!trn_queue_can_run(q)) {
        return TRN_STEP_IDLE;
    }
    if (run->pieces >= TURN_PIECES || run->bytes >= TURN_BYTES) {
        return TRN_STEP_LATER;
    }
    if (!q->packet_left) {
        return trn_run_begin_packet(run);
    }
    if (!trn_cache_count(&run->m2s)) {
        return trn_run_fetch(run, &run->m2s);
    }
    return trn_run_move_data(run);
}

static TrnStep take_turn(TrnRun *run)
{
    TrnStep step;

    while ((step = take_step(run)) == TRN_STEP_GO) {
        if (run->record_pieces >= RECORD_PIECES ||
            run->record_bytes >= RECORD_BYTES) {
            trn_run_show_progress(run);
        }
    }
    trn_run_show_progress(run);
    return step;
}

unsigned trn_queue_turns(const TrnQueue *q)
{
    static const unsigned turns[] = {
        [TRNX_PRIORITY_NORMAL] = 4,
        [TRNX_PRIORITY_LOW] = 1,
        [TRNX_PRIORITY_HIGH] = 16,
    };

    return turns[q->priority < ARRAY_SIZE(turns) ? q->priority
                                                 : TRNX_PRIORITY_NORMAL];
}

/*
 * The next queue that is worth a turn, or -1: weighted round robin. A queue
 * that runs out of work loses the turns that it had left.
 */
static int pick_queue_locked(TrnEngine *e)
{
    if (e->more_turns && (e->ready & (1u << e->last))) {
        e->more_turns--;
        return e->last;
    }
    for (unsigned i = 1; i <= TRN_QUEUES_PER_ENGINE; i++) {
        unsigned q = (e->last + i) % TRN_QUEUES_PER_ENGINE;

        if (e->ready & (1u << q)) {
            e->last = q;
            e->more_turns = trn_queue_turns(&e->queue[q]) - 1;
            return q;
        }
    }
    return -1;
}

static void begin_turn_locked(TrnRun *run, TrnEngine *e, unsigned q)
{
    TrnStore *regs = &run->chip->regs;
    uint32_t max_desc = trn_store_read32(regs, e->bar0 +
                                         TRN_M2S_DESC_PREF_CFG_2) &
                        TRN_M2S_DESC_PREF_MAX;

    e->running = true;
    e->runner = trn_thread_self();
    e->active = q;
    run->e = e;
    run->q = &e->queue[q];
    run->qi = q;
    run->gen = e->gen;
    run->kicks = run->q->kicks;
    run->max_desc = max_desc ? max_desc : TRN_PKT_MAX_DESC;
    run->max_len = trn_store_read32(regs, e->bar0 + TRN_M2S_CFG_LEN) &
                   TRN_M2S_CFG_LEN_MAX;
    run->pieces = 0;
    run->bytes = 0;
    run->record_pieces = 0;
    run->record_bytes = 0;
    trn_cache_begin(&run->m2s, &run->q->m2s, true);
    trn_cache_begin(&run->s2m, &run->q->s2m, false);
}

/* True if some queue of the engine wants another turn. */
static bool end_turn_locked(TrnRun *run, TrnStep step)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;

    if (step == TRN_STEP_IDLE && q->kicks == run->kicks && !q->record_due &&
        !q->status_due && !q->send_completion && !q->send_error &&
        !q->note_error) {
        e->ready &= ~(1u << run->qi);
    }
    e->running = false;
    e->active = -1;
    trn_cond_broadcast(&e->stopped);
    if (e->timing) {
        trn_timing_end_turn_locked(e, run->qi);
    }
    e->queued = e->ready && !e->hold;
    return e->queued;
}

bool trn_engine_run(TrnRun *run, unsigned engine)
{
    TrnEngine *e = &run->chip->engine[engine];
    bool more = false;
    TrnStep step;
    int q;

    trn_mutex_lock(&e->lock);
    q = e->hold ? -1 : pick_queue_locked(e);
    if (q >= 0) {
        begin_turn_locked(run, e, q);
        trn_mutex_unlock(&e->lock);
        step = take_turn(run);
        trn_mutex_lock(&e->lock);
        more = end_turn_locked(run, step);
    } else {
        e->queued = false;
    }
    trn_mutex_unlock(&e->lock);
    return more;
}
