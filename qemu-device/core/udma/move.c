/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: copy of one M2S packet into S2M descriptors, piece by piece.
 *
 * A packet (FIRST to LAST) is gathered before it is moved, and waits until it
 * is rung in full. A piece is the remainder of the current M2S or S2M
 * descriptor, the smaller of both. A packet that ends within an S2M descriptor
 * closes it; a longer one continues in the next (family 4.2). A piece is
 * accounted for after its bytes have moved, so that a turn can end before any
 * piece.
 */
#include "run.h"
#include "../chip.h"

static TrnStep udma_stall(TrnExec *exec, TrnStall why)
{
    trn_trace(exec->chip, TRN_TRACE_STALL, exec->e->index, exec->qi, why,
              exec->q->m2s.head);
    return TRN_STEP_IDLE;
}

/*
 * Checks the descriptor at place @n of a packet. GO: it belongs to the packet;
 * BAD: the packet ends before it; IDLE: the queue has halted.
 */
static TrnStep udma_check_place(TrnExec *exec, unsigned n, uint32_t *bytes)
{
    TrnCache *c = &exec->m2s;
    const TrnDesc *d = &c->desc[c->pos + n];
    uint32_t ptr = trn_ring_advance(c->ring->head, n, c->len);
    bool first = d->w0 & TRN_M2S_W0_FIRST;
    uint64_t at = c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE;

    if (!trn_exec_check_ring_id(exec, c, d, ptr)) {
        return TRN_STEP_IDLE;
    }
    if (first != !n) {
        if (trn_exec_report(exec, TRNX_ERR_M2S_FIRST, at, d)) {
            return TRN_STEP_IDLE;
        }
        if (n) {
            return TRN_STEP_BAD;
        }
    }
    if (n == exec->max_desc) {
        return trn_exec_report(exec, TRNX_ERR_M2S_MAX_DESC, at, d)
               ? TRN_STEP_IDLE : TRN_STEP_BAD;
    }
    if (!trn_desc_is_meta(d)) {
        *bytes += trn_desc_len(d);
    }
    return TRN_STEP_GO;
}

TrnStep trn_exec_begin_packet(TrnExec *exec)
{
    TrnCache *c = &exec->m2s;
    TrnQueue *q = exec->q;
    uint32_t bytes = 0;
    unsigned n = 0;
    bool is_inline;
    TrnStep step;

    for (bool last = false; !last; ) {
        if (n == trn_cache_count(c)) {
            step = trn_exec_fetch(exec, c);
            if (step == TRN_STEP_BAD) {
                break;
            }
            if (step != TRN_STEP_GO || !trn_cache_count(c)) {
                return n && step == TRN_STEP_IDLE
                       ? udma_stall(exec, TRN_STALL_NO_LAST) : step;
            }
        }
        step = udma_check_place(exec, n, &bytes);
        if (step == TRN_STEP_BAD) {
            break;
        }
        if (step == TRN_STEP_IDLE) {
            return step;
        }
        last = c->desc[c->pos + n].w0 & TRN_M2S_W0_LAST;
        n++;
    }
    is_inline = trn_desc_is_inline(&c->desc[c->pos]);
    if (exec->max_len && bytes > exec->max_len && !is_inline &&
        trn_exec_report(exec, TRNX_ERR_M2S_PKT_LEN, c->desc[c->pos].addr,
                        &c->desc[c->pos])) {
        return TRN_STEP_IDLE;
    }
    q->packet_left = n;
    q->op_checked = false;
    q->s2m_first = true;
    q->inline_state = is_inline ? TRN_INLINE_STATE_RUNS
                                : TRN_INLINE_STATE_NONE;
    q->inline_pos = 0;
    return TRN_STEP_GO;
}

/* Finishes the current M2S descriptor. */
static void udma_finish_m2s(TrnQueue *q, const TrnDesc *d)
{
    q->m2s_done = true;
    q->m2s_flags = d->w0 & (TRN_M2S_W0_FIRST | TRN_M2S_W0_LAST |
                            TRN_M2S_W0_INT_EN);
}

static void udma_finish_s2m(TrnQueue *q, const TrnDesc *s, bool last)
{
    q->s2m_done = true;
    q->s2m_flags = (s->w0 & TRN_S2M_W0_INT_EN) | TRN_COMP_W0_BUF1 |
                   (q->s2m_first ? TRN_COMP_W0_FIRST : 0) |
                   (last ? TRN_COMP_W0_LAST : 0);
}

/*
 * Bytes of a descriptor after @off. It may have become shorter: each turn reads
 * it again, and the guest can write it at any time.
 */
static uint32_t udma_rest_of(const TrnDesc *d, uint32_t off)
{
    uint32_t len = trn_desc_len(d);

    return len > off ? len - off : 0;
}

static void udma_count_piece(TrnExec *exec, const TrnSpan *from,
                             const TrnSpan *to, uint32_t n)
{
    TrnActivity *a = &exec->e->activity;

    trn_activity_add(&a->bytes, n);
    trn_activity_touch(a, from, n);
    trn_activity_touch(a, to, n);
}

/* True if the read meets an uncorrected ECC error, in the chip's own memory. */
static bool udma_has_ecc_error(TrnExec *exec, const TrnSpan *from, uint64_t src)
{
    return from->is_hbm && !from->remote &&
           trn_ecc_meets(exec->chip, from->stack, src, from->len);
}

unsigned trn_exec_copy(TrnExec *exec, uint64_t src_va, uint64_t dst_va,
                       uint32_t *len, bool *at_target)
{
    TrnCopy result = TRN_COPY_BAD_SOURCE;
    uint64_t src, dst;
    TrnSpan from, to;
    unsigned code;

    *at_target = false;
    code = trn_exec_translate(exec, TRNX_ACCESS_SOURCE, src_va, &src, len);
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    code = trn_exec_translate(exec, TRNX_ACCESS_TARGET, dst_va, &dst, len);
    if (code != TRNX_ERR_NONE) {
        *at_target = true;
        return code;
    }
    from = trn_mem_source(exec->chip, src, *len);
    *len = from.len;
    if (from.kind != TRN_SPAN_NONE && !udma_has_ecc_error(exec, &from, src)) {
        result = trn_mem_copy(exec->chip, &from, src, &to, dst, exec->bounce);
        *len = to.len;
    }
    if (result == TRN_COPY_OK) {
        udma_count_piece(exec, &from, &to, *len);
    }
    if (exec->e->timing) {
        trn_cost_add(exec->chip, &exec->cost, src, *len, false);
        trn_cost_add(exec->chip, &exec->cost, dst, *len, true);
    }
    *at_target = result == TRN_COPY_BAD_TARGET;
    return result == TRN_COPY_OK ? TRNX_ERR_NONE
           : *at_target ? TRNX_ERR_S2M_DATA : TRNX_ERR_M2S_DATA;
}

/*
 * Reserves the time of a piece, before any data moves. True if the time has
 * come, for up to *@n bytes; otherwise the queue is kicked then.
 */
static bool udma_reserve_piece(TrnExec *exec, uint64_t src_va, uint64_t dst_va,
                               uint32_t *n)
{
    TrnCost cost = { .whole = !exec->q->m2s_off };
    uint64_t src, dst;

    if (trn_timing_granted(exec->e, exec->qi)) {
        *n = MIN(*n, trn_timing_granted(exec->e, exec->qi));
        return true;
    }
    if (!trn_timing_start(exec->e, exec->qi)) {
        return false;
    }
    /* A missing translation is reported when the piece moves. */
    if (trn_exec_translate(exec, TRNX_ACCESS_SOURCE, src_va, &src, n) ==
        TRNX_ERR_NONE &&
        trn_exec_translate(exec, TRNX_ACCESS_TARGET, dst_va, &dst, n) ==
        TRNX_ERR_NONE) {
        trn_cost_add(exec->chip, &cost, src, *n, false);
        trn_cost_add(exec->chip, &cost, dst, *n, true);
    }
    cost.bytes = *n;
    trn_timing_reserve(exec->e, exec->qi, &cost, *n);
    return trn_timing_wait(exec->e, exec->qi);
}

/*
 * Moves up to @n bytes between the current descriptors, of one kind of memory.
 */
static TrnStep udma_move_piece(TrnExec *exec, const TrnDesc *d,
                               const TrnDesc *s, uint32_t n)
{
    TrnQueue *q = exec->q;
    uint64_t src = d->addr + q->m2s_off;
    uint64_t dst = s->addr + q->s2m_off;
    bool host = trn_exec_touches_host(exec, src, n) ||
                trn_exec_touches_host(exec, dst, n);
    bool at_target = false;
    unsigned code;

    if (exec->e->timing && !udma_reserve_piece(exec, src, dst, &n)) {
        return TRN_STEP_IDLE;
    }
    if (!trn_exec_enter_memory(exec, host)) {
        return TRN_STEP_LATER;
    }
    code = !q->m2s_off &&
           trn_errinj_axi_error(exec->chip, exec->e->index, exec->qi)
           ? TRNX_ERR_M2S_DATA
           : trn_exec_copy(exec, src, dst, &n, &at_target);
    trn_exec_leave_memory(exec, host);
    if (exec->e->timing) {
        trn_timing_consume(exec->e, exec->qi, n);
    }

    trn_trace(exec->chip, TRN_TRACE_MOVE_FROM, exec->e->index, exec->qi, src,
              n);
    trn_trace(exec->chip, TRN_TRACE_MOVE_TO, exec->e->index, exec->qi, dst, n);
    if (code != TRNX_ERR_NONE &&
        trn_exec_report(exec, code, at_target ? dst : src, at_target ? s : d)) {
        return TRN_STEP_IDLE;
    }
    q->m2s_off += n;
    q->s2m_off += n;
    trn_exec_account(exec, 1, n);
    return TRN_STEP_GO;
}

/* A descriptor without a buffer moves no data (family 3.3). */
static void udma_pass_meta(TrnExec *exec, const TrnDesc *d)
{
    TrnQueue *q = exec->q;

    trn_log_once(exec->chip, TRN_ONCE_META, TRN_LOG_UNIMP,
                 "engine %u queue %u: metadata descriptor ignored",
                 exec->e->index, exec->qi);
    udma_finish_m2s(q, d);
    exec->pieces++;
}

/* Checks the operation word of a packet. False if the queue halts. */
static bool udma_open_packet(TrnExec *exec, const TrnDesc *d)
{
    exec->q->op_checked = true;
    if (!trn_desc_op_is_copy(d)) {
        return !trn_exec_report(exec, TRNX_ERR_M2S_OP, d->addr, d);
    }
    if (trn_desc_op_has_extras(d)) {
        trn_log_once(exec->chip, TRN_ONCE_OP, TRN_LOG_UNIMP,
                     "engine %u queue %u: of operation 0x%08x only the copy is "
                     "done", exec->e->index, exec->qi, d->w1);
    }
    return true;
}

/*
 * True if there is an S2M descriptor to write to. Its ring id is checked before
 * its first byte. Otherwise *@step is the result.
 */
static bool udma_find_s2m(TrnExec *exec, bool is_new, TrnStep *step)
{
    TrnCache *c = &exec->s2m;

    if (!trn_cache_count(c)) {
        *step = trn_exec_fetch(exec, c);
        if (*step == TRN_STEP_IDLE && !TRN_READ(&exec->q->halted)) {
            trn_exec_hint(exec, &exec->e->secondary[1], TRN_S2M_HINT_NO_DESC);
            *step = udma_stall(exec, TRN_STALL_NO_S2M);
        }
        return false;
    }
    *step = TRN_STEP_IDLE;
    return !is_new || trn_exec_check_ring_id(exec, c, &c->desc[c->pos],
                                             c->ring->head);
}

/*
 * All descriptors of an inline operation are fetched while it runs, and retire
 * after its end.
 */
static TrnStep udma_move_inline(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    TrnStep step;

    if (!udma_find_s2m(exec, !q->inline_pos, &step)) {
        return step;
    }
    if (q->inline_state == TRN_INLINE_STATE_RUNS) {
        if (trn_cache_count(&exec->m2s) >= q->packet_left) {
            return trn_exec_inline(exec);
        }
        step = trn_exec_fetch(exec, &exec->m2s);
        if (step != TRN_STEP_BAD) {
            return step;
        }
        q->inline_state = TRN_INLINE_STATE_ENDED;
    }
    udma_finish_m2s(q, &exec->m2s.desc[exec->m2s.pos]);
    if (q->packet_left == 1) {
        udma_finish_s2m(q, &exec->s2m.desc[exec->s2m.pos], true);
    }
    return TRN_STEP_GO;
}

TrnStep trn_exec_move_data(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    const TrnDesc *d = &exec->m2s.desc[exec->m2s.pos];
    const TrnDesc *s;
    uint32_t n;
    bool ends;
    TrnStep step;

    if (q->inline_state != TRN_INLINE_STATE_NONE) {
        return udma_move_inline(exec);
    }
    if (trn_desc_is_meta(d) && (q->packet_left > 1 || !q->s2m_off)) {
        udma_pass_meta(exec, d);
        return TRN_STEP_GO;
    }
    if (!udma_find_s2m(exec, !q->s2m_off, &step)) {
        return step;
    }
    s = &exec->s2m.desc[exec->s2m.pos];
    if (trn_desc_is_meta(d)) {
        udma_pass_meta(exec, d);
        udma_finish_s2m(q, s, true);
        return TRN_STEP_GO;
    }
    if (!q->op_checked && !udma_open_packet(exec, d)) {
        return TRN_STEP_IDLE;
    }
    n = MIN(udma_rest_of(d, q->m2s_off), udma_rest_of(s, q->s2m_off));
    if (n) {
        step = udma_move_piece(exec, d, s, n);
        if (step != TRN_STEP_GO) {
            return step;
        }
    }
    ends = !udma_rest_of(d, q->m2s_off);
    if (ends) {
        udma_finish_m2s(q, d);
        ends = q->packet_left == 1;
    }
    if (ends || !udma_rest_of(s, q->s2m_off)) {
        udma_finish_s2m(q, s, ends);
    }
    return TRN_STEP_GO;
}
