/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: doorbells, calls of a worker, holds, resets.
 */
#include "udma.h"
#include "../chip.h"

#define PTR_INDEX(ptr)      ((ptr) & TRN_Q_PTR_INDEX)
#define PTR_RING_ID(ptr)    trn_field_get(TRN_Q_PTR_RING_ID, ptr)

/* --- rings --- */

uint32_t trn_ring_advance(uint32_t ptr, uint32_t n, uint32_t len)
{
    uint64_t index = PTR_INDEX(ptr) + (uint64_t)n;
    uint32_t ring_id = PTR_RING_ID(ptr) + index / len;

    return index % len | trn_field_prep(TRN_Q_PTR_RING_ID, ring_id);
}

static void engine_reset_pointers(TrnRing *r)
{
    r->head = trn_field_prep(TRN_Q_PTR_RING_ID, TRN_RING_ID_FIRST);
    r->tail = r->head;
    r->rung = 0;
    r->retired = 0;
}

/* The part of a reset that both directions share. */
static void engine_reset_pair(TrnQueue *q)
{
    q->packet_left = 0;
    q->op_checked = false;
    q->m2s_off = 0;
    q->s2m_off = 0;
    q->m2s_done = false;
    q->s2m_done = false;
    q->inline_state = TRN_INLINE_STATE_NONE;
    q->inline_pos = 0;
    TRN_WRITE(&q->due, 0);
    q->note_error = false;
    q->armed = false;
    q->record_due = false;
    q->status_due = false;
    q->send_completion = false;
    q->send_error = false;
    q->halted = false;
    q->error = TRNX_ERR_NONE;
    q->error_addr = 0;
    q->error_access = 0;
}

void trn_queue_reset_m2s(TrnQueue *q)
{
    engine_reset_pointers(&q->m2s);
    engine_reset_pair(q);
}

void trn_queue_reset_s2m(TrnQueue *q)
{
    engine_reset_pointers(&q->s2m);
    q->published = 0;
    engine_reset_pair(q);
}

static void engine_reset_ring_registers(TrnRing *r)
{
    *r = (TrnRing) { .cfg = TRN_Q_CFG_RESET };
}

/* --- doorbells and turns --- */

bool trn_queue_can_run(const TrnQueue *q)
{
    return (TRN_READ(&q->m2s.cfg) & TRN_Q_CFG_EN) == TRN_Q_CFG_EN &&
           (TRN_READ(&q->s2m.cfg) & TRN_Q_CFG_EN) == TRN_Q_CFG_EN &&
           !TRN_READ(&q->halted) && trn_ring_pending(&q->m2s);
}

static void engine_call_worker_locked(TrnEngine *e)
{
    if (e->ready && !e->hold && !e->queued) {
        e->queued = true;
        e->chip->bus->engine_ready(e->chip->opaque, e->index);
    }
}

void trn_engine_kick_locked(TrnEngine *e, unsigned q)
{
    if (trn_queue_can_run(&e->queue[q])) {
        e->queue[q].wake_seq++;
        e->ready |= 1u << q;
        engine_call_worker_locked(e);
    }
}

bool trn_queue_fail_locked(TrnQueue *q, unsigned code, uint64_t addr,
                           unsigned access)
{
    if (!q->error) {
        q->error = code;
        q->error_addr = addr;
        q->error_access = access;
        TRN_WRITE(&q->send_error, q->ctrl & TRNX_QCTL_CTRL_ERR_EVENT);
        TRN_WRITE(&q->status_due, q->ctrl & TRNX_QCTL_CTRL_COUNT);
    }
    if (trn_queue_confines(q)) {
        TRN_WRITE(&q->halted, true);
        return true;
    }
    return false;
}

/* Engine lock held. */
static void engine_add_descriptors(TrnEngine *e, unsigned q, bool m2s,
                                   uint32_t n)
{
    TrnRing *r = m2s ? &e->queue[q].m2s : &e->queue[q].s2m;

    r->tail = trn_ring_advance(r->tail, n, r->len);
    TRN_STORE_RELEASE(&r->rung, r->rung + n);
    if (e->timing) {
        trn_timing_rung(e, q, m2s);
    }
    trn_trace(e->chip, m2s ? TRN_TRACE_DOORBELL_M2S : TRN_TRACE_DOORBELL_S2M,
              e->index, q, n, r->tail);
}

void trn_engine_doorbell(TrnEngine *e, unsigned q, bool m2s, uint32_t n)
{
    TrnRing *r = m2s ? &e->queue[q].m2s : &e->queue[q].s2m;

    trn_mutex_lock(&e->lock);
    if (!r->len) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s doorbell without a ring", e->index, q,
                m2s ? "M2S" : "S2M");
        trn_mutex_unlock(&e->lock);
        return;
    }
    if (trn_ring_pending(r) + n > r->len) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s doorbell of %u overruns the ring of "
                "%u", e->index, q, m2s ? "M2S" : "S2M", n, r->len);
    }
    engine_add_descriptors(e, q, m2s, n);
    if (n) {
        trn_engine_kick_locked(e, q);
    }
    trn_mutex_unlock(&e->lock);
}

static bool engine_has_room(const TrnRing *r, uint32_t n)
{
    return trn_ring_pending(r) + n <= r->len;
}

/* The worker reports the error, halted or not. Engine lock held. */
static void engine_refuse_ring(TrnEngine *e, unsigned q, uint32_t m2s,
                               uint32_t s2m)
{
    TrnQueue *queue = &e->queue[q];

    if (!queue->error) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: doorbell page rung for %u M2S and %u S2M "
                "descriptors, more than there is room for", e->index, q, m2s,
                s2m);
    }
    trn_queue_fail_locked(queue, TRNX_ERR_DOORBELL, 0, 0);
    queue->wake_seq++;
    e->ready |= 1u << q;
    engine_call_worker_locked(e);
}

void trn_engine_ring(TrnEngine *e, unsigned q, uint32_t m2s, uint32_t s2m)
{
    TrnQueue *queue = &e->queue[q];

    trn_mutex_lock(&e->lock);
    if (!(queue->ctrl & TRNX_QCTL_CTRL_DOORBELL)) {
        trn_log_once(e->chip, TRN_ONCE_DOORBELL_OFF, TRN_LOG_GUEST_ERROR,
                     "engine %u queue %u: doorbell page is not enabled",
                     e->index, q);
    } else if (!engine_has_room(&queue->s2m, s2m) ||
               !engine_has_room(&queue->m2s, m2s)) {
        engine_refuse_ring(e, q, m2s, s2m);
    } else {
        if (s2m) {
            engine_add_descriptors(e, q, false, s2m);
        }
        if (m2s) {
            engine_add_descriptors(e, q, true, m2s);
        }
        trn_engine_kick_locked(e, q);
    }
    trn_mutex_unlock(&e->lock);
}

/* --- states and holds --- */

void trn_engine_set_state_locked(TrnEngine *e, TrnEngineState state)
{
    static const uint8_t from[TRN_ENGINE_STATES] = {
        [TRN_ENGINE_IDLE] = 1u << TRN_ENGINE_RUNS,
        [TRN_ENGINE_RUNS] = 1u << TRN_ENGINE_IDLE | 1u << TRN_ENGINE_PARKED |
                            1u << TRN_ENGINE_RUNS_LOCKED,
        [TRN_ENGINE_RUNS_LOCKED] = 1u << TRN_ENGINE_RUNS |
                                   1u << TRN_ENGINE_PARKED,
        [TRN_ENGINE_PARKED] = 1u << TRN_ENGINE_RUNS |
                              1u << TRN_ENGINE_RUNS_LOCKED,
    };

    assert(from[state] & (1u << e->state));
    e->state = state;
    if (state != TRN_ENGINE_RUNS) {
        trn_cond_broadcast(&e->stopped);
    }
}

void trn_engine_hold(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    TRN_WRITE(&e->hold, e->hold + 1);
    TRN_WRITE(&e->hold_seq, e->hold_seq + 1);
    while (e->state == TRN_ENGINE_RUNS) {
        assert(e->runner != trn_thread_self());
        trn_cond_wait(&e->stopped, &e->lock);
    }
    trn_mutex_unlock(&e->lock);
}

void trn_engine_release(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    TRN_WRITE(&e->hold, e->hold - 1);
    trn_timing_released(e);
    engine_call_worker_locked(e);
    trn_mutex_unlock(&e->lock);
}

/* --- reset and life --- */

static void engine_reset_trnx(TrnQueue *q)
{
    q->ctrl = 0;
    q->eq = 0;
    q->asid = 0;
    q->priority = TRNX_PRIORITY_NORMAL;
    q->count_addr = 0;
    q->arm = 0;
    q->count_addr_low = 0;
    q->arm_low = 0;
}

void trn_queue_power_on(TrnQueue *q)
{
    engine_reset_ring_registers(&q->m2s);
    engine_reset_ring_registers(&q->s2m);
    q->rlimit_mask = TRN_M2S_Q_RLIMIT_MASK_RESET;
    q->s2m_first = false;
    q->m2s_flags = 0;
    q->s2m_flags = 0;
    trn_queue_reset_m2s(q);
    trn_queue_reset_s2m(q);
    engine_reset_trnx(q);
}

void trn_engine_reset(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        trn_queue_power_on(&e->queue[q]);
    }
    e->nq = (TrnNq) { 0 };
    for (unsigned i = 0; i < ARRAY_SIZE(e->primary); i++) {
        trn_iofic_reset(&e->primary[i]);
        trn_iofic_reset(&e->secondary[i]);
    }
    e->m2s_log = (TrnErrLog) { 0 };
    e->s2m_log = (TrnErrLog) { 0 };
    e->hold -= !!e->m2s_off_state + !!e->s2m_off_state;
    e->m2s_off_state = 0;
    e->s2m_off_state = 0;
    e->aborted = 0;
    e->ready = 0;
    trn_timing_reset_engine(e);
    trn_mutex_unlock(&e->lock);
}

void trn_engine_resume(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    e->hold += !!e->m2s_off_state + !!e->s2m_off_state;
    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        TrnQueue *q = &e->queue[i];

        if (trn_queue_can_run(q) || q->m2s_done || q->s2m_done ||
            q->record_due || q->status_due || q->send_completion ||
            q->send_error || q->note_error) {
            e->ready |= 1u << i;
        }
    }
    engine_call_worker_locked(e);
    trn_mutex_unlock(&e->lock);
}

static void engine_drop_ring(TrnRing *r)
{
    r->head = r->tail;
    r->rung = 0;
    r->retired = 0;
}

void trn_engine_drop_pending(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        TrnQueue *queue = &e->queue[q];

        engine_drop_ring(&queue->m2s);
        engine_drop_ring(&queue->s2m);
        queue->published = 0;
        engine_reset_pair(queue);
        engine_reset_trnx(queue);
    }
    e->aborted = 0;
    e->ready = 0;
    trn_timing_reset_engine(e);
    trn_mutex_unlock(&e->lock);
}

void trn_engine_init(TrnEngine *e, TrnChip *chip, unsigned index)
{
    uint32_t size;

    *e = (TrnEngine) {
        .chip = chip,
        .index = index,
        .timing = chip->timing ? &chip->timing->engine[index] : NULL,
        .bar0 = trn_addrmap_block_bar0(TRN_BLOCK_ENGINE, index, &size),
        .hold = 1,              /* bus mastering is off */
        .active = -1,
        .last = TRN_QUEUES_PER_ENGINE - 1,
    };
    trn_mutex_init(&e->lock);
    trn_cond_init(&e->stopped);
    trn_engine_reset(e);
}

void trn_engine_fini(TrnEngine *e)
{
    trn_cond_destroy(&e->stopped);
    trn_mutex_destroy(&e->lock);
}
