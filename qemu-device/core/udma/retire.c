/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: completion of work.
 *
 * Order in which others see it: data, completion entry, head, interrupt cause;
 * data, counter record, event.
 */
#include "run.h"
#include "../chip.h"

/* --- retiring --- */

/* Completion entries (family 3.4) have the index and the ring id. */
static void udma_write_entry(TrnExec *exec, const TrnCache *c, uint64_t addr,
                             unsigned size, uint32_t flags, uint32_t bytes)
{
    uint8_t entry[TRN_S2M_COMP_SIZE] = { 0 };

    flags |= trn_field_prep(TRN_COMP_W0_RING_ID,
                            trn_field_get(TRN_Q_PTR_RING_ID, c->ring->head));
    trn_put_le32(entry + 4, bytes);

    if (size > 4 && !trn_mem_write(exec->chip, addr + 4, entry + 4, size - 4,
                                   NULL)) {
        flags |= TRN_COMP_W0_ERROR;
    }
    trn_put_le32(entry, flags);
    trn_wmb();      /* word 0 has the ring id, which the guest polls */
    if (!trn_mem_write(exec->chip, addr, entry, 4, NULL)) {
        trn_exec_report_completion(exec, c->m2s);
    }
}

/* False if the worker was asked to stop before. */
static bool udma_write_completion(TrnExec *exec, const TrnCache *c,
                                  uint32_t flags, uint32_t bytes)
{
    uint64_t index = c->ring->head & TRN_Q_PTR_INDEX;
    unsigned size = c->m2s ? TRN_M2S_COMP_SIZE : TRN_S2M_COMP_SIZE;
    uint64_t addr = TRN_READ(&c->ring->comp_base) + index * size;
    bool host = trn_mem_touches_host(addr, size);

    if (!trn_exec_enter_memory(exec, host)) {
        return false;
    }
    udma_write_entry(exec, c, addr, size, flags, bytes);
    trn_exec_leave_memory(exec, host);
    return true;
}

/* An entry in the notification queue of the engine; LATER if asked to stop. */
static TrnStep udma_notify(TrnExec *exec, TrnNqEntry *entry)
{
    TrnEngine *e = exec->e;
    bool host = trn_mem_touches_host(trn_nq_next(&e->nq), TRN_NQ_ENTRY_SIZE);
    uint32_t head = trn_store_read32(&exec->chip->regs,
                                     e->bar0 + TRN_UDMA_NQ +
                                     TRN_NQ_QUEUE(0) + TRN_NQ_HEAD);

    if (!trn_exec_enter_memory(exec, host)) {
        return TRN_STEP_LATER;
    }
    entry->engine = e->index;
    entry->queue = exec->qi;
    if (!trn_nq_post(exec->chip, &e->nq, head, entry)) {
        trn_log_once(exec->chip, TRN_ONCE_NQ_RING, TRN_LOG_GUEST_ERROR,
                     "engine %u: notification queue at 0x%" PRIx64
                     " is not in memory", e->index, e->nq.base);
    }
    trn_exec_leave_memory(exec, host);
    return TRN_STEP_GO;
}

static TrnStep udma_notify_completion(TrnExec *exec, const TrnCache *c,
                                      uint32_t bytes)
{
    TrnNqEntry entry = {
        .type = c->m2s ? TRN_NQ_M2S_DONE : TRN_NQ_S2M_DONE,
        .pointer = c->ring->head,
        .count = c->ring->retired + 1,
        .bytes = bytes,
    };

    return udma_notify(exec, &entry);
}

static void udma_notify_error(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    TrnNqEntry entry = {
        .type = TRN_NQ_ERROR, .count = q->error_addr, .bytes = q->error,
    };

    if (!trn_nq_is_on(&exec->e->nq) ||
        udma_notify(exec, &entry) == TRN_STEP_GO) {
        q->note_error = false;
    }
}

/* Retires the head, which is done. LATER if asked to stop before. */
static TrnStep udma_retire(TrnExec *exec, TrnCache *c, uint32_t flags,
                           uint32_t bytes)
{
    if ((TRN_READ(&c->ring->comp_cfg) & TRN_Q_COMP_CFG_EN) &&
        !udma_write_completion(exec, c, flags & ~TRN_S2M_W0_INT_EN, bytes)) {
        return TRN_STEP_LATER;
    }
    if ((flags & TRN_S2M_W0_INT_EN) && trn_nq_is_on(&exec->e->nq) &&
        udma_notify_completion(exec, c, bytes) != TRN_STEP_GO) {
        return TRN_STEP_LATER;
    }
    trn_cache_move_head(c);
    trn_activity_add(&exec->e->activity.descs, 1);
    if (trn_cache_count(c)) {
        c->pos++;
    }
    exec->q->record_due = true;
    if (flags & TRN_S2M_W0_INT_EN) {    /* the same bit in both directions */
        trn_exec_raise_done(exec, c->m2s);
    }
    return TRN_STEP_GO;
}

TrnStep trn_exec_retire_s2m(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    TrnStep step;

    if (trn_errinj_delays(exec->chip, exec->e->index, exec->qi)) {
        return TRN_STEP_IDLE;
    }
    step = udma_retire(exec, &exec->s2m, q->s2m_flags, q->s2m_off);
    if (step == TRN_STEP_GO) {
        if (exec->e->timing) {
            trn_timing_complete(exec->e, exec->qi);
        }
        TRN_WRITE(&q->due, 0);
        q->s2m_done = false;
        q->s2m_off = 0;
        q->s2m_first = false;
    }
    return step;
}

TrnStep trn_exec_retire_m2s(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    TrnStep step = udma_retire(exec, &exec->m2s, q->m2s_flags, q->m2s_off);

    if (step == TRN_STEP_GO) {
        q->m2s_done = false;
        q->m2s_off = 0;
        q->packet_left--;
        trn_trace(exec->chip, TRN_TRACE_RETIRE, exec->e->index, exec->qi,
                  q->s2m.retired, q->m2s.retired);
    }
    return step;
}

/* --- record and events --- */

/* The bytes of the record that @addr is to show. */
static bool udma_write_record(TrnExec *exec, uint64_t addr, bool with_status,
                              uint32_t status)
{
    uint64_t s2m = exec->q->s2m.retired, m2s = exec->q->m2s.retired;
    uint8_t record[TRNX_RECORD_STATUS];
    uint8_t word[4];

    if (!trn_malice_record(&exec->chip->errinj, &s2m, &m2s)) {
        return true;
    }
    trn_put_le64(record + TRNX_RECORD_S2M, s2m);
    trn_put_le64(record + TRNX_RECORD_M2S, m2s);
    trn_put_le32(word, status);
    if (with_status &&
        !trn_mem_write(exec->chip, addr + TRNX_RECORD_STATUS, word,
                       sizeof(word), NULL)) {
        return false;
    }
    trn_wmb();      /* the guest polls the counts, then reads the status */
    return trn_mem_write(exec->chip, addr, record, sizeof(record), NULL);
}

/*
 * Publishes the counts: writes the record, then compares the armed threshold.
 * With this order, and the comparison under the lock, a write of ARM either
 * sees the published count or is seen here.
 */
static void udma_publish(TrnExec *exec)
{
    TrnEngine *e = exec->e;
    TrnQueue *q = exec->q;
    uint64_t addr;
    uint32_t status;
    bool wanted, with_status, host;

    trn_mutex_lock(&e->lock);
    wanted = q->ctrl & TRNX_QCTL_CTRL_COUNT;
    with_status = q->status_due;
    addr = q->count_addr;
    status = trn_queue_status_locked(e, exec->qi) & ~TRNX_QCTL_STATUS_BUSY;
    trn_mutex_unlock(&e->lock);

    if (wanted) {
        bool ok;

        host = trn_mem_touches_host(addr, TRNX_RECORD_SIZE);
        if (!trn_exec_enter_memory(exec, host)) {
            return;
        }
        ok = udma_write_record(exec, addr, with_status, status);
        trn_exec_leave_memory(exec, host);
        if (!ok) {
            trn_exec_report(exec, TRNX_ERR_RECORD, addr, NULL);
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
    exec->record_pieces = 0;
    exec->record_bytes = 0;
}

/* The event of the queue's first error. Big lock held. */
static void udma_post_error(TrnExec *exec, uint32_t source)
{
    TrnQueue *q = exec->q;

    if (trn_error_is_fault(q->error)) {
        trn_eq_post(exec->chip, q->eq, TRNX_EVENT_MMU_FAULT, source,
                    trn_field_prep(TRNX_FAULT_CODE, q->error) |
                    trn_field_prep(TRNX_FAULT_ACCESS, q->error_access) |
                    trn_field_prep(TRNX_FAULT_ADDR, q->error_addr));
    } else {
        trn_eq_post(exec->chip, q->eq, TRNX_EVENT_QUEUE_ERROR, source,
                    q->error);
    }
}

/* True if the event is due; clears @due. */
static bool udma_take_event(TrnEngine *e, bool *due)
{
    bool yes;

    trn_mutex_lock(&e->lock);
    yes = *due;
    TRN_WRITE(due, false);
    trn_mutex_unlock(&e->lock);
    return yes;
}

/*
 * The message of an interrupt can be addressed to any register, of this chip or
 * one that resets the whole bus. The engine is parked meanwhile, because this
 * thread would wait for itself. Events that were not sent because of that stay
 * due.
 */
static void udma_send_events(TrnExec *exec)
{
    TrnEngine *e = exec->e;
    TrnQueue *q = exec->q;
    uint32_t source = e->index * TRN_QUEUES_PER_ENGINE + exec->qi;

    if (!trn_exec_enter_big_lock(exec)) {
        return;
    }
    trn_exec_park(exec);
    if (udma_take_event(e, &q->send_error)) {
        udma_post_error(exec, source);
    }
    if (!trn_exec_asked_to_stop(exec) &&
        udma_take_event(e, &q->send_completion)) {
        trn_eq_post(exec->chip, q->eq, TRNX_EVENT_COMPLETION, source,
                    q->published);
    }
    trn_exec_unpark(exec);
    trn_exec_leave_big_lock(exec);
}

void trn_exec_show_progress(TrnExec *exec)
{
    TrnQueue *q = exec->q;

    if (q->record_due || TRN_READ(&q->status_due)) {
        udma_publish(exec);
    }
    if (q->send_completion || TRN_READ(&q->send_error)) {
        udma_send_events(exec);
    }
    if (q->note_error) {
        udma_notify_error(exec);
    }
}
