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

TrnExec *trn_exec_new(TrnChip *chip)
{
    TrnExec *exec = calloc(1, sizeof(*exec));

    if (exec) {
        exec->chip = chip;
    }
    return exec;
}

void trn_exec_free(TrnExec *exec)
{
    free(exec);
}

/* --- safe points and the big lock --- */

bool trn_exec_asked_to_stop(const TrnExec *exec)
{
    return TRN_READ(&exec->e->hold) ||
           TRN_READ(&exec->e->hold_seq) != exec->hold_seq;
}

/*
 * Orders the next access after all previous ones, as seen by others: data
 * before completion, record and event; the data of a descriptor before that of
 * the next (HW 4.5). The partners are the guest's barriers: a read barrier
 * after a poll, a write barrier between data and flag.
 */
static void udma_order_accesses(void)
{
    trn_rmb();
    trn_wmb();
}

void trn_exec_park(TrnExec *exec)
{
    TrnEngine *e = exec->e;

    trn_mutex_lock(&e->lock);
    exec->unparked = e->state;
    trn_engine_set_state_locked(e, TRN_ENGINE_PARKED);
    trn_mutex_unlock(&e->lock);
}

bool trn_exec_unpark(TrnExec *exec)
{
    TrnEngine *e = exec->e;
    bool go_on;

    trn_mutex_lock(&e->lock);
    trn_engine_set_state_locked(e, exec->unparked);
    go_on = !trn_exec_asked_to_stop(exec);
    trn_mutex_unlock(&e->lock);
    return go_on;
}

static void udma_set_state(TrnEngine *e, TrnEngineState state)
{
    trn_mutex_lock(&e->lock);
    trn_engine_set_state_locked(e, state);
    trn_mutex_unlock(&e->lock);
}

bool trn_exec_enter_big_lock(TrnExec *exec)
{
    bool stop;

    trn_exec_park(exec);
    exec->chip->bus->lock(exec->chip->opaque);
    stop = !trn_exec_unpark(exec);
    if (stop) {
        exec->chip->bus->unlock(exec->chip->opaque);
    } else {
        udma_set_state(exec->e, TRN_ENGINE_RUNS_LOCKED);
    }
    udma_order_accesses();
    return !stop;
}

void trn_exec_leave_big_lock(TrnExec *exec)
{
    udma_set_state(exec->e, TRN_ENGINE_RUNS);
    exec->chip->bus->unlock(exec->chip->opaque);
}

bool trn_exec_enter_memory(TrnExec *exec, bool host)
{
    if (host && exec->chip->bus->host_needs_lock) {
        return trn_exec_enter_big_lock(exec);
    }
    udma_order_accesses();
    return !trn_exec_asked_to_stop(exec);
}

void trn_exec_leave_memory(TrnExec *exec, bool host)
{
    if (host && exec->chip->bus->host_needs_lock) {
        trn_exec_leave_big_lock(exec);
    }
}

/* --- turns --- */

void trn_exec_account(TrnExec *exec, unsigned pieces, uint32_t bytes)
{
    exec->pieces += pieces;
    exec->bytes += bytes;
    exec->record_pieces += pieces;
    exec->record_bytes += bytes;
}

static TrnStep udma_take_step(TrnExec *exec)
{
    TrnQueue *q = exec->q;

    if (trn_exec_asked_to_stop(exec)) {
        return TRN_STEP_LATER;
    }
    if (!exec->m2s.len || !exec->s2m.len) {
        return TRN_STEP_IDLE;       /* taken away with descriptors pending */
    }
    if (exec->e->timing && !trn_timing_wait(exec->e, exec->qi)) {
        return TRN_STEP_IDLE;
    }
    if (q->s2m_done) {
        return trn_exec_retire_s2m(exec);
    }
    if (q->m2s_done) {
        return trn_exec_retire_m2s(exec);
    }
    if (!trn_queue_can_run(q)) {
        return TRN_STEP_IDLE;
    }
    if (exec->pieces >= TURN_PIECES || exec->bytes >= TURN_BYTES) {
        return TRN_STEP_LATER;
    }
    if (!q->packet_left) {
        return trn_exec_begin_packet(exec);
    }
    if (!trn_cache_count(&exec->m2s)) {
        return trn_exec_fetch(exec, &exec->m2s);
    }
    return trn_exec_move_data(exec);
}

static TrnStep udma_take_turn(TrnExec *exec)
{
    TrnStep step;

    while ((step = udma_take_step(exec)) == TRN_STEP_GO) {
        if (exec->record_pieces >= RECORD_PIECES ||
            exec->record_bytes >= RECORD_BYTES) {
            trn_exec_show_progress(exec);
        }
    }
    trn_exec_show_progress(exec);
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
 * The next queue with work, or -1, by weighted round robin. A queue that runs
 * out of work loses its remaining turns.
 */
static int udma_pick_queue_locked(TrnEngine *e)
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

static void udma_begin_turn_locked(TrnExec *exec, TrnEngine *e, unsigned q)
{
    TrnStore *regs = &exec->chip->regs;
    uint32_t max_desc = trn_store_read32(regs, e->bar0 +
                                         TRN_M2S_DESC_PREF_CFG_2) &
                        TRN_M2S_DESC_PREF_MAX;

    trn_engine_set_state_locked(e, TRN_ENGINE_RUNS);
    e->runner = trn_thread_self();
    e->active = q;
    exec->e = e;
    exec->q = &e->queue[q];
    exec->qi = q;
    exec->hold_seq = e->hold_seq;
    exec->wake_seq = exec->q->wake_seq;
    exec->max_desc = max_desc ? max_desc : TRN_PKT_MAX_DESC;
    exec->max_len = trn_store_read32(regs, e->bar0 + TRN_M2S_CFG_LEN) &
                   TRN_M2S_CFG_LEN_MAX;
    exec->pieces = 0;
    exec->bytes = 0;
    exec->record_pieces = 0;
    exec->record_bytes = 0;
    trn_cache_begin(&exec->m2s, &exec->q->m2s, true);
    trn_cache_begin(&exec->s2m, &exec->q->s2m, false);
}

/* True if a queue of the engine has more work. */
static bool udma_end_turn_locked(TrnExec *exec, TrnStep step)
{
    TrnEngine *e = exec->e;
    TrnQueue *q = exec->q;

    if (step == TRN_STEP_IDLE && q->wake_seq == exec->wake_seq &&
        !q->record_due && !q->status_due && !q->send_completion &&
        !q->send_error && !q->note_error) {
        e->ready &= ~(1u << exec->qi);
    }
    e->active = -1;
    trn_engine_set_state_locked(e, TRN_ENGINE_IDLE);
    if (e->timing) {
        trn_timing_end_turn_locked(e, exec->qi);
    }
    e->queued = e->ready && !e->hold;
    return e->queued;
}

bool trn_engine_run(TrnExec *exec, unsigned engine)
{
    TrnEngine *e = &exec->chip->engine[engine];
    bool more = false;
    TrnStep step;
    int q;

    trn_mutex_lock(&e->lock);
    q = e->hold ? -1 : udma_pick_queue_locked(e);
    if (q >= 0) {
        udma_begin_turn_locked(exec, e, q);
        trn_mutex_unlock(&e->lock);
        step = udma_take_turn(exec);
        trn_mutex_lock(&e->lock);
        more = udma_end_turn_locked(exec, step);
    } else {
        e->queued = false;
    }
    trn_mutex_unlock(&e->lock);
    return more;
}
