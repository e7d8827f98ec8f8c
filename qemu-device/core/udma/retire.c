/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: what others see of finished work.
 *
 * Order of what others can see: data, completion entry, head, interrupt cause;
 * data, counter record, event.
 */
#include "run.h"
#include "../chip.h"

/* --- retiring --- */

/* Completion entries: family 3.4. They have the index and id of the ring. */
static void write_entry(TrnRun *run, const TrnCache *c, uint64_t addr,
                        unsigned size, uint32_t flags, uint32_t bytes)
{
    uint8_t entry[TRN_S2M_COMP_SIZE] = { 0 };

    flags |= trn_field_prep(TRN_COMP_W0_RING_ID,
                            trn_field_get(TRN_Q_PTR_RING_ID, c->ring->head));
    trn_put_le32(entry + 4, bytes);

    if (size > 4 && !trn_mem_write(run->chip, addr + 4, entry + 4, size - 4,
                                   NULL)) {
        flags |= TRN_COMP_W0_ERROR;
    }
    trn_put_le32(entry, flags);
    trn_wmb();      /* word 0 has the ring id, which the guest polls */
    if (!trn_mem_write(run->chip, addr, entry, 4, NULL)) {
        trn_run_report_completion(run, c->m2s);
    }
}

/* False if asked to stop before. */
static bool write_completion(TrnRun *run, const TrnCache *c, uint32_t flags,
                             uint32_t bytes)
{
    uint64_t index = c->ring->head & TRN_Q_PTR_INDEX;
    unsigned size = c->m2s ? TRN_M2S_COMP_SIZE : TRN_S2M_COMP_SIZE;
    uint64_t addr = TRN_READ(&c->ring->comp_base) + index * size;
    bool host = trn_mem_touches_host(addr, size);

    if (!trn_run_enter_memory(run, host)) {
        return false;
    }
    write_entry(run, c, addr, size, flags, bytes);
    trn_run_leave_memory(run, host);
    return true;
}

/* An entry in the notification queue of the engine; LATER if asked to stop. */
static TrnStep notify(TrnRun *run, TrnNqEntry *entry)
{
    TrnEngine *e = run->e;
    bool host = trn_mem_touches_host(trn_nq_next(&e->nq), TRN_NQ_ENTRY_SIZE);
    uint32_t head = trn_store_read32(&run->chip->regs,
                                     e->bar0 + TRN_UDMA_NQ +
                                     TRN_NQ_QUEUE(0) + TRN_NQ_HEAD);

    if (!trn_run_enter_memory(run, host)) {
        return TRN_STEP_LATER;
    }
    entry->engine = e->index;
    entry->queue = run->qi;
    if (!trn_nq_post(run->chip, &e->nq, head, entry)) {
        trn_log_once(run->chip, TRN_ONCE_NQ_RING, TRN_LOG_GUEST_ERROR,
                     "engine %u: notification queue at 0x%" PRIx64
                     " is not in memory", e->index, e->nq.base);
    }
    trn_run_leave_memory(run, host);
    return TRN_STEP_GO;
}

static TrnStep notify_completion(TrnRun *run, const TrnCache *c,
                                 uint32_t bytes)
{
    TrnNqEntry entry = {
        .type = c->m2s ? TRN_NQ_M2S_DONE : TRN_NQ_S2M_DONE,
        .pointer = c->ring->head,
        .count = c->ring->retired + 1,
        .bytes = bytes,
    };

    return notify(run, &entry);
}

static void notify_error(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnNqEntry entry = {
        .type = TRN_NQ_ERROR, .count = q->error_addr, .bytes = q->error,
    };

    if (!trn_nq_is_on(&run->e->nq) || notify(run, &entry) == TRN_STEP_GO) {
        q->note_error = false;
    }
}

/* Retires the head, which is done. LATER if asked to stop before. */
static TrnStep retire(TrnRun *run, TrnCache *c, uint32_t flags,
                      uint32_t bytes)
{
    if ((TRN_READ(&c->ring->comp_cfg) & TRN_Q_COMP_CFG_EN) &&
        !write_completion(run, c, flags & ~TRN_S2M_W0_INT_EN, bytes)) {
        return TRN_STEP_LATER;
    }
    if ((flags & TRN_S2M_W0_INT_EN) && trn_nq_is_on(&run->e->nq) &&
        notify_completion(run, c, bytes) != TRN_STEP_GO) {
        return TRN_STEP_LATER;
    }
    trn_cache_move_head(c);
    trn_activity_add(&run->e->activity.descs, 1);
    if (trn_cache_count(c)) {
        c->pos++;
    }
    run->q->record_due = true;
    if (flags & TRN_S2M_W0_INT_EN) {    /* the same bit in both directions */
        trn_run_raise_done(run, c->m2s);
    }
    return TRN_STEP_GO;
}

TrnStep trn_run_retire_s2m(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnStep step;

    if (trn_errinj_delays(run->chip, run->e->index, run->qi)) {
        return TRN_STEP_IDLE;
    }
    step = retire(run, &run->s2m, q->s2m_flags, q->s2m_off);
    if (step == TRN_STEP_GO) {
        if (run->e->timing) {
            trn_timing_complete(run->e, run->qi);
        }
        TRN_WRITE(&q->due, 0);
        q->s2m_done = false;
        q->s2m_off = 0;
        q->s2m_first = false;
    }
    return step;
}

TrnStep trn_run_retire_m2s(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnStep step = retire(run, &run->m2s, q->m2s_flags, q->m2s_off);

    if (step == TRN_STEP_GO) {
        q->m2s_done = false;
        q->m2s_off = 0;
        q->packet_left--;
        trn_trace(run->chip, TRN_TRACE_RETIRE, run->e->index, run->qi,
                  q->s2m.retired, q->m2s.retired);
    }
    return step;
}

/* --- record and events --- */

/* The bytes of the record that @addr is to show. */
static bool write_record(TrnRun *run, uint64_t addr, bool with_status,
                         uint32_t status)
{
    uint64_t s2m = run->q->s2m.retired, m2s = run->q->m2s.retired;
    uint8_t record[TRNX_RECORD_STATUS];
    uint8_t word[4];

    if (!trn_malice_record(&run->chip->errinj, &s2m, &m2s)) {
        return true;
    }
    trn_put_le64(record + TRNX_RECORD_S2M, s2m);
    trn_put_le64(record + TRNX_RECORD_M2S, m2s);
    trn_put_le32(word, status);
    if (with_status &&
        !trn_mem_write(run->chip, addr + TRNX_RECORD_STATUS, word,
                       sizeof(word), NULL)) {
        return false;
    }
    trn_wmb();      /* the guest polls the counts, then reads the status */
    return trn_mem_write(run->chip, addr, record, sizeof(record), NULL);
}

/*
 * Shows the counts: writes the record, then decides whether the armed threshold
 * is met. In this order and with the decision under the lock, an ARM write
 * either sees the count published or is seen here.
 */
static void publish(TrnRun *run)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;
    uint64_t addr;
    uint32_t status;
    bool wanted, with_status, host;

    trn_mutex_lock(&e->lock);
    wanted = q->ctrl & TRNX_QCTL_CTRL_COUNT;
    with_status = q->status_due;
    addr = q->count_addr;
    status = trn_queue_status_locked(e, run->qi) & ~TRNX_QCTL_STATUS_BUSY;
    trn_mutex_unlock(&e->lock);

    if (wanted) {
        bool ok;

        host = trn_mem_touches_host(addr, TRNX_RECORD_SIZE);
        if (!trn_run_enter_memory(run, host)) {
            return;
        }
        ok = write_record(run, addr, with_status, status);
        trn_run_leave_memory(run, host);
        if (!ok) {
            trn_run_report(run, TRNX_ERR_RECORD, addr, NULL);
        }
    }
    trn_mutex_lock(&e->lock);
    q->record_due = false;
    if (with_status) {
        TRN_WRITE(&q->status_due, false);
    }
    q->published = q->s2m.retired;
    if (q->armed && q->published >= q->arm) {
        q->armed = false;
        q->send_completion = true;
    }
    trn_mutex_unlock(&e->lock);
    run->record_pieces = 0;
    run->record_bytes = 0;
}

/* The event of the queue's first error. Big lock held. */
static void post_error(TrnRun *run, uint32_t source)
{
    TrnQueue *q = run->q;

    if (trn_error_is_fault(q->error)) {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_MMU_FAULT, source,
                    trn_field_prep(TRNX_FAULT_CODE, q->error) |
                    trn_field_prep(TRNX_FAULT_ACCESS, q->error_access) |
                    trn_field_prep(TRNX_FAULT_ADDR, q->error_addr));
    } else {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_QUEUE_ERROR, source,
                    q->error);
    }
}

/* Whether the event is due that @due is about; from then on it is not. */
static bool take_event(TrnEngine *e, bool *due)
{
    bool yes;

    trn_mutex_lock(&e->lock);
    yes = *due;
    TRN_WRITE(due, false);
    trn_mutex_unlock(&e->lock);
    return yes;
}

/*
 * The message of an interrupt can be addressed to anything, a register of this
 * chip or one that resets the whole bus. The engine is parked meanwhile, for
 * this thread would wait for itself. What is not sent because of it stays due.
 */
static void send_events(TrnRun *run)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;
    uint32_t source = e->index * TRN_QUEUES_PER_ENGINE + run->qi;

    if (!trn_run_enter_big_lock(run)) {
        return;
    }
    trn_run_park(run);
    if (take_event(e, &q->send_error)) {
        post_error(run, source);
    }
    if (!trn_run_asked_to_stop(run) && take_event(e, &q->send_completion)) {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_COMPLETION, source,
                    q->published);
    }
    trn_run_unpark(run);
    trn_run_leave_big_lock(run);
}

void trn_run_show_progress(TrnRun *run)
{
    TrnQueue *q = run->q;

    if (q->record_due || TRN_READ(&q->status_due)) {
        publish(run);
    }
    if (q->send_completion || TRN_READ(&q->send_error)) {
        send_events(run);
    }
    if (q->note_error) {
        notify_error(run);
    }
}
