/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDMA engine: reports of errors, those of the chip and those of trnx. */
#include "run.h"
#include "../chip.h"

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

static void udma_capture_log(TrnExec *exec, const TrnErrorCause *c,
                             const TrnDesc *d)
{
    TrnErrLog *log = c->m2s ? &exec->e->m2s_log : &exec->e->s2m_log;
    uint32_t mask_reg = c->m2s ? TRN_M2S_ERR_LOG_MASK : TRN_S2M_ERR_LOG_MASK;
    uint32_t mask = trn_store_read32(&exec->chip->regs,
                                     exec->e->bar0 + mask_reg);

    if (d && !log->full && (c->bit & ~mask)) {
        *log = (TrnErrLog) {
            .word = { d->w0, d->w1, d->addr, d->addr >> 32 },
            .full = true,
        };
    }
}

/* Bits of group B, C or D, of which A holds one each (family 5.3). */
static void udma_raise_primary_locked(TrnEngine *e, unsigned group,
                                      uint32_t bits)
{
    trn_iofic_raise(&e->primary[group], bits);
    trn_iofic_raise(&e->primary[0], 1u << (group - 1));
}

/* Raises an error's cause bit; true if the engine is to abort. Lock held. */
static bool udma_raise_locked(TrnExec *exec, bool m2s, uint32_t bit)
{
    TrnEngine *e = exec->e;

    udma_raise_primary_locked(e, 3, m2s ? 1u << 8 : 1u << 9);
    return trn_iofic_raise(&e->secondary[m2s ? 0 : 1], bit) &&
           e->chip->cfg.aborts;
}

void trn_exec_raise_done(TrnExec *exec, bool m2s)
{
    trn_mutex_lock(&exec->e->lock);
    udma_raise_primary_locked(exec->e, m2s ? 2 : 1, 1u << exec->qi);
    trn_mutex_unlock(&exec->e->lock);
}

bool trn_exec_report(TrnExec *exec, unsigned code, uint64_t addr,
                     const TrnDesc *d)
{
    const TrnErrorCause *c = &error_causes[code];
    TrnEngine *e = exec->e;
    TrnQueue *q = exec->q;
    bool halts, aborts = false;

    trn_mutex_lock(&e->lock);
    if (c->bit) {
        aborts = udma_raise_locked(exec, c->m2s, c->bit);
        udma_capture_log(exec, c, d);
    }
    if (!q->error) {
        q->note_error = trn_nq_is_on(&e->nq);
        trn_log(exec->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s (address 0x%" PRIx64 ")", e->index,
                exec->qi, c->what, addr);
    }
    halts = trn_queue_fail_locked(q, code, addr, trn_error_is_fault(code)
                                                 ? exec->access : 0);
    if (aborts && !halts) {
        trn_engine_abort_locked(e);
    }
    trn_mutex_unlock(&e->lock);
    trn_trace(exec->chip, TRN_TRACE_ERROR, e->index, exec->qi, code, addr);
    return halts || aborts;
}

void trn_exec_report_completion(TrnExec *exec, bool m2s)
{
    TrnEngine *e = exec->e;
    TrnQueue *q = exec->q;

    trn_mutex_lock(&e->lock);
    if (udma_raise_locked(exec, m2s, m2s ? TRN_M2S_ERR_COMP_AXI
                                   : TRN_S2M_ERR_COMP_AXI) &&
        !trn_queue_confines(q)) {
        trn_engine_abort_locked(e);
    }
    trn_mutex_unlock(&e->lock);
}

/*
 * A wrong ring id is no error if its abort is masked, as by the vendor's driver
 * for the engines of cores (HW 3.5, 27 and 28): it only sets the cause bit.
 */
bool trn_exec_check_ring_id(TrnExec *exec, const TrnCache *c, const TrnDesc *d,
                            uint32_t ptr)
{
    TrnIofic *group = &exec->e->secondary[c->m2s ? 0 : 1];
    uint32_t bit = c->m2s ? TRN_M2S_ERR_RING_ID : TRN_S2M_ERR_RING_ID;
    unsigned want = trn_field_get(TRN_Q_PTR_RING_ID, ptr);

    if (trn_desc_ring_id(d) == want) {
        return true;
    }
    if (TRN_READ(&group->abort_mask) & bit) {
        trn_exec_hint(exec, group, bit);
        return true;
    }
    return !trn_exec_report(exec, c->m2s ? TRNX_ERR_M2S_RING_ID
                                       : TRNX_ERR_S2M_RING_ID,
                            c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE,
                            d);
}

void trn_exec_hint(TrnExec *exec, TrnIofic *group, uint32_t bit)
{
    trn_mutex_lock(&exec->e->lock);
    trn_iofic_raise(group, bit);
    trn_mutex_unlock(&exec->e->lock);
}
