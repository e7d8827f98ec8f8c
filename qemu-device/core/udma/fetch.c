/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDMA engine: addresses, and descriptors fetched from a ring. */
#include "run.h"
#include "../chip.h"

/* --- addresses --- */

unsigned trn_run_translate(TrnRun *run, unsigned access, uint64_t va,
                           uint64_t *addr, uint32_t *len)
{
    uint32_t asid = run->q->asid;

    if (!asid) {
        *addr = va;
        return TRNX_ERR_NONE;
    }
    run->access = access;
    return trn_mmu_translate(run->chip, run->e->index, asid, va,
                             access == TRNX_ACCESS_TARGET, addr, len);
}

/* An address space can lead anywhere, and its tables are in host memory. */
bool trn_run_touches_host(const TrnRun *run, uint64_t va, uint32_t len)
{
    return run->q->asid || trn_mem_touches_host(va, len);
}

/* --- fetching --- */

void trn_cache_begin(TrnCache *c, TrnRing *ring, bool m2s)
{
    c->ring = ring;
    c->m2s = m2s;
    c->base = ring->base;
    c->len = ring->len;
    c->pos = 0;
    c->num = 0;
}

void trn_cache_move_head(TrnCache *c)
{
    TrnRing *r = c->ring;

    TRN_STORE_RELEASE(&r->head, trn_ring_advance(r->head, 1, c->len));
    TRN_STORE_RELEASE(&r->retired, r->retired + 1);
}

/* @len bytes of the ring into run->raw: TRNX_ERR_*. */
static unsigned read_ring(TrnRun *run, const TrnCache *c, uint64_t va,
                          uint32_t len)
{
    for (uint32_t done = 0, n; done < len; done += n) {
        uint64_t addr;
        unsigned code;

        n = len - done;
        code = trn_run_translate(run, c->m2s ? TRNX_ACCESS_M2S_RING
                                             : TRNX_ACCESS_S2M_RING,
                                 va + done, &addr, &n);
        if (code != TRNX_ERR_NONE) {
            return code;
        }
        if (!trn_mem_read(run->chip, addr, run->raw + done, n, NULL)) {
            return c->m2s ? TRNX_ERR_M2S_PREFETCH : TRNX_ERR_S2M_PREFETCH;
        }
    }
    return TRNX_ERR_NONE;
}

/* The head cannot be read, as @code says: skips it, unless the queue halts. */
static TrnStep skip_head(TrnRun *run, TrnCache *c, unsigned code,
                         uint64_t addr)
{
    TrnQueue *q = run->q;

    if (trn_run_report(run, code, addr, NULL)) {
        return TRN_STEP_IDLE;
    }
    if (!c->m2s) {
        q->s2m_off = 0;
    } else if (q->packet_left) {
        q->m2s_off = 0;
        q->packet_left--;
        if (q->inline_state == TRN_INLINE_STATE_RUNS) {
            q->inline_state = TRN_INLINE_STATE_ENDED;
        }
    }
    trn_cache_move_head(c);
    q->record_due = true;
    run->pieces++;
    return TRN_STEP_GO;
}

TrnStep trn_run_fetch(TrnRun *run, TrnCache *c)
{
    uint32_t at = trn_ring_advance(c->ring->head, trn_cache_count(c), c->len) &
                  TRN_Q_PTR_INDEX;
    uint64_t rung = trn_ring_pending(c->ring) - trn_cache_count(c);
    unsigned room = TRN_CACHE_SIZE - trn_cache_count(c);
    unsigned n = MIN(MIN(rung, c->len - at), MIN(TRN_FETCH_MAX, room));
    uint64_t addr = c->base + (uint64_t)at * TRN_DESC_SIZE;
    unsigned code;
    bool host;

    if (!n) {
        return TRN_STEP_IDLE;
    }
    host = trn_run_touches_host(run, addr, n * TRN_DESC_SIZE);
    if (c->pos && c->num + n > TRN_CACHE_SIZE) {
        memmove(c->desc, c->desc + c->pos,
                trn_cache_count(c) * sizeof(c->desc[0]));
        c->num -= c->pos;
        c->pos = 0;
    }
    if (!trn_run_enter_memory(run, host)) {
        return TRN_STEP_LATER;
    }
    code = read_ring(run, c, addr, n * TRN_DESC_SIZE);
    if (code != TRNX_ERR_NONE && n > 1) {
        n = 1;
        code = read_ring(run, c, addr, TRN_DESC_SIZE);
    }
    trn_run_leave_memory(run, host);
    if (code != TRNX_ERR_NONE) {
        return trn_cache_count(c) ? TRN_STEP_BAD
                                  : skip_head(run, c, code, addr);
    }
    for (unsigned i = 0; i < n; i++) {
        c->desc[c->num++] = trn_desc_decode(run->raw + i * TRN_DESC_SIZE);
    }
    trn_trace(run->chip, c->m2s ? TRN_TRACE_FETCH_M2S : TRN_TRACE_FETCH_S2M,
              run->e->index, run->qi, at, n);
    return TRN_STEP_GO;
}
