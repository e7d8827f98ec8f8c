/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDMA engine: errors, reported as the chip does and as trnx does. */
#include "udma-run.h"
#include "chip.h"

typedef struct TrnErrorCause {
    bool m2s;
    uint32_t bit;               /* in secondary group A (M2S) or B (S2M) */
    const char *what;
} TrnErrorCause;

/* HW 3.7; AXI errors are of the response kind. By TRNX_ERR_*. */
static const TrnErrorCause error_causes[] = {
    [TRNX_ERR_M2S_PREFETCH] = { true, TRN_M2S_ERR_PREFETCH_AXI,
                                "M2S ring address decodes to nothing" },
    [TRNX_ERR_S2M_PREFETCH] = { false, TRN_S2M_ERR_PREFETCH_AXI,
                                "S2M ring address decodes to nothing" },
    [TRNX_ERR_M2S_DATA] = { true, TRN_M2S_ERR_DATA_AXI,
                            "source address decodes to nothing" },
    [TRNX_ERR_S2M_DATA] = { false, TRN_S2M_ERR_DATA_AXI,
                            "destination address decodes to nothing" },
    [TRNX_ERR_M2S_RING_ID] = { true, TRN_M2S_ERR_RING_ID,
                               "M2S descriptor has the wrong ring id" },
    [TRNX_ERR_S2M_RING_ID] = { false, TRN_S2M_ERR_RING_ID,
                               "S2M descriptor has the wrong ring id" },
    [TRNX_ERR_M2S_FIRST] = { true, TRN_M2S_ERR_FIRST,
                             "FIRST inside a packet, or missing" },
    [TRNX_ERR_M2S_LAST] = { true, TRN_M2S_ERR_LAST, "LAST is wrong" },
    [TRNX_ERR_M2S_MAX_DESC] = { true, TRN_M2S_ERR_MAX_DESC,
                                "packet has too many descriptors" },
    [TRNX_ERR_M2S_PKT_LEN] = { true, TRN_M2S_ERR_PKT_LEN,
                               "packet is too long" },
    [TRNX_ERR_RECORD] = { false, 0, "counter record cannot be written" },
    [TRNX_ERR_M2S_OP] = { true, 0, "operation word is not known" },
    [TRNX_ERR_MMU_NOT_PRESENT] = { false, 0, "no translation" },
    [TRNX_ERR_MMU_READ] = { false, 0, "reading is not permitted" },
    [TRNX_ERR_MMU_WRITE] = { false, 0, "writing is not permitted" },
    [TRNX_ERR_MMU_ENTRY] = { false, 0, "page table entry is bad" },
    [TRNX_ERR_INLINE] = { true, 0, "inline operation makes no sense" },
    [TRNX_ERR_INDEX] = { true, 0, "index is out of bounds" },
};

static void capture_log(TrnRun *run, const TrnErrorCause *c,
                        const TrnDesc *d)
{
    TrnErrLog *log = c->m2s ? &run->e->m2s_log : &run->e->s2m_log;
    uint32_t mask_reg = c->m2s ? TRN_M2S_ERR_LOG_MASK : TRN_S2M_ERR_LOG_MASK;
    uint32_t mask = trn_store_read32(&run->chip->regs,
                                     run->e->bar0 + mask_reg);

    if (d && !log->full && (c->bit & ~mask)) {
        *log = (TrnErrLog) {
            .word = { d->w0, d->w1, d->addr, d->addr >> 32 },
            .full = true,
        };
    }
}

bool trn_run_report(TrnRun *run, unsigned code, uint64_t addr,
                    const TrnDesc *d)
{
    const TrnErrorCause *c = &error_causes[code];
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;
    bool halts;

    trn_mutex_lock(&e->lock);
    if (c->bit) {
        trn_iofic_raise(&e->secondary[c->m2s ? 0 : 1], c->bit);
        trn_iofic_raise(&e->primary[3], c->m2s ? 1u << 8 : 1u << 9);
        capture_log(run, c, d);
    }
    if (!q->error) {
        q->note_error = trn_nq_is_on(&e->nq);
        trn_log(run->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s (address 0x%" PRIx64 ")", e->index,
                run->qi, c->what, addr);
    }
    halts = trn_queue_fail_locked(q, code, addr, trn_error_is_fault(code)
                                                 ? run->access : 0);
    trn_mutex_unlock(&e->lock);
    trn_trace(run->chip, TRN_TRACE_ERROR, e->index, run->qi, code, addr);
    return halts;
}

/* A wrong ring id is no error where its abort is masked (HW 3.5, 27 and 28). */
bool trn_run_check_ring_id(TrnRun *run, const TrnCache *c, const TrnDesc *d,
                           uint32_t ptr)
{
    TrnIofic *group = &run->e->secondary[c->m2s ? 0 : 1];
    uint32_t bit = c->m2s ? TRN_M2S_ERR_RING_ID : TRN_S2M_ERR_RING_ID;
    unsigned want = trn_field_get(TRN_Q_PTR_RING_ID, ptr);

    if (trn_desc_ring_id(d) == want || (TRN_READ(&group->abort_mask) & bit)) {
        return true;
    }
    return !trn_run_report(run, c->m2s ? TRNX_ERR_M2S_RING_ID
                                       : TRNX_ERR_S2M_RING_ID,
                           c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE,
                           d);
}
