/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDMA engine: translation of addresses, fetch of descriptors. */
#include "run.h"
#include "../chip.h"

/* --- addresses --- */

unsigned trn_exec_translate(TrnExec *exec, unsigned access, uint64_t va,
                            uint64_t *addr, uint32_t *len)
{
    uint32_t asid = exec->q->asid;

    if (!asid) {
        *addr = va;
        return TRNX_ERR_NONE;
    }
    exec->access = access;
    return trn_mmu_translate(exec->chip, exec->e->index, asid, va,
                             access == TRNX_ACCESS_TARGET, addr, len);
}

/* With an address space: any page may be host memory, as its tables are. */
bool trn_exec_touches_host(const TrnExec *exec, uint64_t va, uint32_t len)
{
    return exec->q->asid || trn_mem_touches_host(va, len);
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

/* @len bytes of the ring into exec->raw: TRNX_ERR_*. */
static unsigned udma_read_ring(TrnExec *exec, const TrnCache *c, uint64_t va,
                               uint32_t len)
{
    for (uint32_t done = 0, n; done < len; done += n) {
        uint64_t addr;
        unsigned code;

        n = len - done;
        code = trn_exec_translate(exec, c->m2s ? TRNX_ACCESS_M2S_RING
                                             : TRNX_ACCESS_S2M_RING,
                                  va + done, &addr, &n);
        if (code != TRNX_ERR_NONE) {
            return code;
        }
        if (!trn_mem_read(exec->chip, addr, exec->raw + done, n, NULL)) {
            return c->m2s ? TRNX_ERR_M2S_PREFETCH : TRNX_ERR_S2M_PREFETCH;
        }
    }
    return TRNX_ERR_NONE;
}

/* Skips the head, which cannot be read (@code), unless the queue halts. */
static TrnStep udma_skip_head(TrnExec *exec, TrnCache *c, unsigned code,
                              uint64_t addr)
{
    TrnQueue *q = exec->q;

    if (trn_exec_report(exec, code, addr, NULL)) {
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
    exec->pieces++;
    return TRN_STEP_GO;
}

TrnStep trn_exec_fetch(TrnExec *exec, TrnCache *c)
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
    host = trn_exec_touches_host(exec, addr, n * TRN_DESC_SIZE);
    if (c->pos && c->num + n > TRN_CACHE_SIZE) {
        memmove(c->desc, c->desc + c->pos,
                trn_cache_count(c) * sizeof(c->desc[0]));
        c->num -= c->pos;
        c->pos = 0;
    }
    if (!trn_exec_enter_memory(exec, host)) {
        return TRN_STEP_LATER;
    }
    code = udma_read_ring(exec, c, addr, n * TRN_DESC_SIZE);
    if (code != TRNX_ERR_NONE && n > 1) {
        n = 1;
        code = udma_read_ring(exec, c, addr, TRN_DESC_SIZE);
    }
    trn_exec_leave_memory(exec, host);
    if (code != TRNX_ERR_NONE) {
        return trn_cache_count(c) ? TRN_STEP_BAD
                                  : udma_skip_head(exec, c, code, addr);
    }
    for (unsigned i = 0; i < n; i++) {
        c->desc[c->num++] = trn_desc_decode(exec->raw + i * TRN_DESC_SIZE);
    }
    trn_trace(exec->chip, c->m2s ? TRN_TRACE_FETCH_M2S : TRN_TRACE_FETCH_S2M,
              exec->e->index, exec->qi, at, n);
    return TRN_STEP_GO;
}
