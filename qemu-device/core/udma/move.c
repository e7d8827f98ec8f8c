/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: one M2S packet into S2M descriptors, piece by piece.
 *
 * A packet (FIRST to LAST; one not rung to its end waits) is gathered, then
 * moved: a piece is what both descriptors at hand, M2S and S2M, still have. A
 * packet that ends inside an S2M descriptor closes it; one that is longer goes
 * on in the next (family 4.2). A piece is accounted for after its bytes have
 * moved, so that a turn can end, or be broken off, before any piece.
 */
#include "run.h"
#include "../chip.h"

static TrnStep stall(TrnRun *run, TrnStall why)
{
    trn_trace(run->chip, TRN_TRACE_STALL, run->e->index, run->qi, why,
              run->q->m2s.head);
    return TRN_STEP_IDLE;
}

/*
 * Looks at the descriptor at place @n of a packet. GO: it belongs to it; BAD:
 * the packet ends before it; IDLE: the queue has halted.
 */
static TrnStep check_place(TrnRun *run, unsigned n, uint32_t *bytes)
{
    TrnCache *c = &run->m2s;
    const TrnDesc *d = &c->desc[c->pos + n];
    uint32_t ptr = trn_ring_advance(c->ring->head, n, c->len);
    bool first = d->w0 & TRN_M2S_W0_FIRST;
    uint64_t at = c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE;

    if (!trn_run_check_ring_id(run, c, d, ptr)) {
        return TRN_STEP_IDLE;
    }
    if (first != !n) {
        if (trn_run_report(run, TRNX_ERR_M2S_FIRST, at, d)) {
            return TRN_STEP_IDLE;
        }
        if (n) {
            return TRN_STEP_BAD;
        }
    }
    if (n == run->max_desc) {
        return trn_run_report(run, TRNX_ERR_M2S_MAX_DESC, at, d)
               ? TRN_STEP_IDLE : TRN_STEP_BAD;
    }
    if (!trn_desc_is_meta(d)) {
        *bytes += trn_desc_len(d);
    }
    return TRN_STEP_GO;
}

TrnStep trn_run_begin_packet(TrnRun *run)
{
    TrnCache *c = &run->m2s;
    TrnQueue *q = run->q;
    uint32_t bytes = 0;
    unsigned n = 0;
    bool is_inline;
    TrnStep step;

    for (bool last = false; !last; ) {
        if (n == trn_cache_count(c)) {
            step = trn_run_fetch(run, c);
            if (step == TRN_STEP_BAD) {
                break;
            }
            if (step != TRN_STEP_GO || !trn_cache_count(c)) {
                return n && step == TRN_STEP_IDLE
                       ? stall(run, TRN_STALL_NO_LAST) : step;
            }
        }
        step = check_place(run, n, &bytes);
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
    if (run->max_len && bytes > run->max_len && !is_inline &&
        trn_run_report(run, TRNX_ERR_M2S_PKT_LEN, c->desc[c->pos].addr,
                       &c->desc[c->pos])) {
        return TRN_STEP_IDLE;
    }
    q->packet_left = n;
    q->opened = false;
    q->s2m_first = true;
    q->inline_state = is_inline ? TRN_INLINE_STATE_RUNS
                                : TRN_INLINE_STATE_NONE;
    q->inline_pos = 0;
    return TRN_STEP_GO;
}

/* The M2S descriptor at hand is finished. */
static void finish_m2s(TrnQueue *q, const TrnDesc *d)
{
    q->m2s_done = true;
    q->m2s_flags = d->w0 & (TRN_M2S_W0_FIRST | TRN_M2S_W0_LAST |
                            TRN_M2S_W0_INT_EN);
}

static void finish_s2m(TrnQueue *q, const TrnDesc *s, bool last)
{
    q->s2m_done = true;
    q->s2m_flags = (s->w0 & TRN_S2M_W0_INT_EN) | TRN_COMP_W0_BUF1 |
                   (q->s2m_first ? TRN_COMP_W0_FIRST : 0) |
                   (last ? TRN_COMP_W0_LAST : 0);
}

/*
 * What a descriptor still has after @off bytes. It may have shrunk: it is read
 * anew in each turn, and the guest can write it at any time.
 */
static uint32_t rest_of(const TrnDesc *d, uint32_t off)
{
    uint32_t len = trn_desc_len(d);

    return len > off ? len - off : 0;
}

static void count_piece(TrnRun *run, const TrnSpan *from, const TrnSpan *to,
                        uint32_t n)
{
    TrnActivity *a = &run->e->activity;

    trn_activity_add(&a->bytes, n);
    trn_activity_touch(a, from, n);
    trn_activity_touch(a, to, n);
}

/* ECC does not save what is read there. Only of the chip's own memory. */
static bool is_spoilt(TrnRun *run, const TrnSpan *from, uint64_t src)
{
    return from->is_hbm && !from->remote &&
           trn_ecc_meets(run->chip, from->stack, src, from->len);
}

unsigned trn_run_copy(TrnRun *run, uint64_t src_va, uint64_t dst_va,
                      uint32_t *len, bool *at_target)
{
    TrnCopy result = TRN_COPY_BAD_SOURCE;
    uint64_t src, dst;
    TrnSpan from, to;
    unsigned code;

    *at_target = false;
    code = trn_run_translate(run, TRNX_ACCESS_SOURCE, src_va, &src, len);
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    code = trn_run_translate(run, TRNX_ACCESS_TARGET, dst_va, &dst, len);
    if (code != TRNX_ERR_NONE) {
        *at_target = true;
        return code;
    }
    from = trn_mem_source(run->chip, src, *len);
    *len = from.len;
    if (from.kind != TRN_SPAN_NONE && !is_spoilt(run, &from, src)) {
        result = trn_mem_copy(run->chip, &from, src, &to, dst, run->bounce);
        *len = to.len;
    }
    if (result == TRN_COPY_OK) {
        count_piece(run, &from, &to, *len);
    }
    if (run->e->timing) {
        trn_cost_add(run->chip, &run->cost, src, *len, false);
        trn_cost_add(run->chip, &run->cost, dst, *len, true);
    }
    *at_target = result == TRN_COPY_BAD_TARGET;
    return result == TRN_COPY_OK ? TRNX_ERR_NONE
           : *at_target ? TRNX_ERR_S2M_DATA : TRNX_ERR_M2S_DATA;
}

/*
 * What the timing model takes for @src_va and @dst_va, before anything moves.
 * True: it is time, for up to *@n bytes; else the queue is kicked in time.
 */
static bool pay_piece(TrnRun *run, uint64_t src_va, uint64_t dst_va,
                      uint32_t *n)
{
    TrnCost cost = { .whole = !run->q->m2s_off };
    uint64_t src, dst;

    if (trn_timing_paid(run->e, run->qi)) {
        *n = MIN(*n, trn_timing_paid(run->e, run->qi));
        return true;
    }
    if (!trn_timing_start(run->e, run->qi)) {
        return false;
    }
    /* What has no translation is found out when it moves. */
    if (trn_run_translate(run, TRNX_ACCESS_SOURCE, src_va, &src, n) ==
        TRNX_ERR_NONE &&
        trn_run_translate(run, TRNX_ACCESS_TARGET, dst_va, &dst, n) ==
        TRNX_ERR_NONE) {
        trn_cost_add(run->chip, &cost, src, *n, false);
        trn_cost_add(run->chip, &cost, dst, *n, true);
    }
    cost.bytes = *n;
    trn_timing_pay(run->e, run->qi, &cost, *n);
    return trn_timing_wait(run->e, run->qi);
}

/* Moves up to @n bytes between the descriptors at hand, what is of one kind. */
static TrnStep move_piece(TrnRun *run, const TrnDesc *d, const TrnDesc *s,
                          uint32_t n)
{
    TrnQueue *q = run->q;
    uint64_t src = d->addr + q->m2s_off;
    uint64_t dst = s->addr + q->s2m_off;
    bool host = trn_run_touches_host(run, src, n) ||
                trn_run_touches_host(run, dst, n);
    bool at_target = false;
    unsigned code;

    if (run->e->timing && !pay_piece(run, src, dst, &n)) {
        return TRN_STEP_IDLE;
    }
    if (!trn_run_enter_memory(run, host)) {
        return TRN_STEP_LATER;
    }
    code = !q->m2s_off &&
           trn_errinj_axi_error(run->chip, run->e->index, run->qi)
           ? TRNX_ERR_M2S_DATA
           : trn_run_copy(run, src, dst, &n, &at_target);
    trn_run_leave_memory(run, host);
    if (run->e->timing) {
        trn_timing_spend(run->e, run->qi, n);
    }

    trn_trace(run->chip, TRN_TRACE_MOVE_FROM, run->e->index, run->qi, src, n);
    trn_trace(run->chip, TRN_TRACE_MOVE_TO, run->e->index, run->qi, dst, n);
    if (code != TRNX_ERR_NONE &&
        trn_run_report(run, code, at_target ? dst : src, at_target ? s : d)) {
        return TRN_STEP_IDLE;
    }
    q->m2s_off += n;
    q->s2m_off += n;
    trn_run_account(run, 1, n);
    return TRN_STEP_GO;
}

/* A descriptor without a buffer: nothing moves (family 3.3). */
static void pass_meta(TrnRun *run, const TrnDesc *d)
{
    TrnQueue *q = run->q;

    trn_log_once(run->chip, TRN_ONCE_META, TRN_LOG_UNIMP,
                 "engine %u queue %u: metadata descriptor ignored",
                 run->e->index, run->qi);
    finish_m2s(q, d);
    run->pieces++;
}

/* The operation word of a packet. False if the queue halts. */
static bool open_packet(TrnRun *run, const TrnDesc *d)
{
    run->q->opened = true;
    if (!trn_desc_op_is_copy(d)) {
        return !trn_run_report(run, TRNX_ERR_M2S_OP, d->addr, d);
    }
    if (trn_desc_op_has_extras(d)) {
        trn_log_once(run->chip, TRN_ONCE_OP, TRN_LOG_UNIMP,
                     "engine %u queue %u: of operation 0x%08x only the copy is "
                     "done", run->e->index, run->qi, d->w1);
    }
    return true;
}

/*
 * True if a descriptor to write to is at hand, whose ring id is looked at if
 * nothing was written to it yet; else *@step is what comes of it.
 */
static bool find_s2m(TrnRun *run, bool is_new, TrnStep *step)
{
    TrnCache *c = &run->s2m;

    if (!trn_cache_count(c)) {
        *step = trn_run_fetch(run, c);
        if (*step == TRN_STEP_IDLE && !TRN_READ(&run->q->halted)) {
            trn_run_hint(run, &run->e->secondary[1], TRN_S2M_HINT_NO_DESC);
            *step = stall(run, TRN_STALL_NO_S2M);
        }
        return false;
    }
    *step = TRN_STEP_IDLE;
    return !is_new || trn_run_check_ring_id(run, c, &c->desc[c->pos],
                                            c->ring->head);
}

/*
 * The descriptors of an inline operation are all at hand while it runs, and
 * retire when it has ended.
 */
static TrnStep move_inline(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnStep step;

    if (!find_s2m(run, !q->inline_pos, &step)) {
        return step;
    }
    if (q->inline_state == TRN_INLINE_STATE_RUNS) {
        if (trn_cache_count(&run->m2s) >= q->packet_left) {
            return trn_run_inline(run);
        }
        step = trn_run_fetch(run, &run->m2s);
        if (step != TRN_STEP_BAD) {
            return step;
        }
        q->inline_state = TRN_INLINE_STATE_ENDED;
    }
    finish_m2s(q, &run->m2s.desc[run->m2s.pos]);
    if (q->packet_left == 1) {
        finish_s2m(q, &run->s2m.desc[run->s2m.pos], true);
    }
    return TRN_STEP_GO;
}

TrnStep trn_run_move_data(TrnRun *run)
{
    TrnQueue *q = run->q;
    const TrnDesc *d = &run->m2s.desc[run->m2s.pos];
    const TrnDesc *s;
    uint32_t n;
    bool ends;
    TrnStep step;

    if (q->inline_state != TRN_INLINE_STATE_NONE) {
        return move_inline(run);
    }
    if (trn_desc_is_meta(d) && (q->packet_left > 1 || !q->s2m_off)) {
        pass_meta(run, d);
        return TRN_STEP_GO;
    }
    if (!find_s2m(run, !q->s2m_off, &step)) {
        return step;
    }
    s = &run->s2m.desc[run->s2m.pos];
    if (trn_desc_is_meta(d)) {
        pass_meta(run, d);
        finish_s2m(q, s, true);
        return TRN_STEP_GO;
    }
    if (!q->opened && !open_packet(run, d)) {
        return TRN_STEP_IDLE;
    }
    n = MIN(rest_of(d, q->m2s_off), rest_of(s, q->s2m_off));
    if (n) {
        step = move_piece(run, d, s, n);
        if (step != TRN_STEP_GO) {
            return step;
        }
    }
    ends = !rest_of(d, q->m2s_off);
    if (ends) {
        finish_m2s(q, d);
        ends = q->packet_left == 1;
    }
    if (ends || !rest_of(s, q->s2m_off)) {
        finish_s2m(q, s, ends);
    }
    return TRN_STEP_GO;
}
