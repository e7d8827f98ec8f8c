/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resume.h"
#include "chip.h"

/* Counts below this cannot wrap by what a doorbell adds. */
#define COUNT_MAX   (UINT64_MAX / 2)

/* Maximum temperature of a part above its base (model/telemetry.c). */
#define RISE_MAX    (INT32_MAX / 4)

/* --- queues --- */

static bool resume_ring_is_sane(const TrnRing *r)
{
    const uint32_t ptr = TRN_Q_PTR_INDEX | TRN_Q_PTR_RING_ID;

    return r->len <= TRN_Q_DRL_MASK && !(r->head & ~ptr) &&
           !(r->tail & ~ptr) && r->retired <= r->rung &&
           r->rung <= COUNT_MAX;
}

/* The current packet: its finished part is still pending. */
static bool resume_position_is_sane(const TrnQueue *q)
{
    const uint32_t m2s = TRN_M2S_W0_FIRST | TRN_M2S_W0_LAST |
                         TRN_M2S_W0_INT_EN;
    const uint32_t s2m = TRN_COMP_W0_FIRST | TRN_COMP_W0_LAST |
                         TRN_COMP_W0_BUF1 | TRN_S2M_W0_INT_EN;

    return q->packet_left <= TRN_M2S_DESC_PREF_MAX &&
           q->packet_left <= trn_ring_pending(&q->m2s) &&
           (q->packet_left || !q->m2s_done) &&
           (q->packet_left ||
            q->inline_state != TRN_INLINE_STATE_RUNS) &&
           (trn_ring_pending(&q->s2m) || !q->s2m_done) &&
           q->inline_state < TRN_INLINE_STATE_MAX &&
           q->m2s_off <= TRN_DESC_MAX_LEN && q->s2m_off <= TRN_DESC_MAX_LEN &&
           !(q->m2s_flags & ~m2s) && !(q->s2m_flags & ~s2m);
}

static bool resume_queue_is_sane(const TrnQueue *q)
{
    const uint32_t ctrl = TRNX_QCTL_CTRL_COUNT | TRNX_QCTL_CTRL_ERR_EVENT |
                          TRNX_QCTL_CTRL_HALT | TRNX_QCTL_CTRL_DOORBELL;

    return resume_ring_is_sane(&q->m2s) && resume_ring_is_sane(&q->s2m) &&
           resume_position_is_sane(q) && !(q->ctrl & ~ctrl) &&
           q->eq < TRNX_NUM_EQ && q->asid < TRNX_MMU_NUM_ASIDS &&
           q->priority <= TRNX_QCTL_PRIORITY_MASK &&
           q->published <= q->s2m.retired;
}

static bool resume_engine_is_sane(const TrnEngine *e)
{
    const uint32_t off = TRN_CHANGE_STATE_DISABLE | TRN_CHANGE_STATE_ABORT;
    bool good = trn_nq_is_sane(&e->nq) && !(e->m2s_off_state & ~off) &&
                !(e->s2m_off_state & ~off);

    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        good &= resume_queue_is_sane(&e->queue[i]);
    }
    return good;
}

/* --- the rest --- */

/* A held interrupt waits at most for the moderation time. */
static bool resume_eq_is_sane(const TrnEq *eq, uint64_t now)
{
    const uint32_t status = TRNX_EQ_STATUS_OVERFLOW | TRNX_EQ_STATUS_AXI;

    return !(eq->ctrl & ~TRNX_EQ_CTRL_ENABLE) && !(eq->status & ~status) &&
           eq->log2 <= TRNX_EQ_SIZE_MAX &&
           eq->next_irq <= now + eq->moderation;
}

static bool resume_trnx_is_sane(const TrnTrnx *t, uint64_t now)
{
    bool good = t->mmu.ctx_size <= TRNX_MMU_NUM_ASIDS &&
                !(t->mmu.ctrl & ~TRNX_MMU_CTRL_ENABLE) &&
                t->links.eq < TRNX_NUM_EQ &&
                !(t->links.ctrl & ~TRNX_LINKS_CTRL_EVENTS);

    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        good &= resume_eq_is_sane(&t->eq[i], now);
    }
    return good;
}

static bool resume_telemetry_is_sane(const TrnTelemetry *t, uint64_t now)
{
    const uint32_t throttle = TRNX_THROTTLE_THERMAL | TRNX_THROTTLE_FORCED;
    bool good = t->began <= now && t->sampled <= now &&
                t->throttle_since <= now && !(t->throttle & ~throttle);

    for (unsigned i = 0; i < TRN_NUM_PARTS; i++) {
        const TrnMeter *m = &t->meter[i];

        good &= m->power_mw <= INT32_MAX && m->rise_mk >= 0 &&
                m->rise_mk <= RISE_MAX;
    }
    return good;
}

/* DMA engines write whole registers. */
static bool resume_deferred_is_sane(const TrnChip *chip)
{
    bool good = chip->num_deferred <= TRN_DEFERRED_MAX;

    for (unsigned i = 0; good && i < chip->num_deferred; i++) {
        good = !(chip->deferred[i].offset & 3);
    }
    return good;
}

static bool resume_chip_is_sane(const TrnChip *chip)
{
    uint64_t now = chip->bus->now(chip->opaque);
    bool good = resume_deferred_is_sane(chip) &&
                resume_trnx_is_sane(&chip->trnx, now) &&
                resume_telemetry_is_sane(&chip->telemetry, now) &&
                trn_timing_is_sane(chip->timing);

    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        good &= resume_engine_is_sane(&chip->engine[i]);
    }
    return good;
}

/* --- the way in, and both ways out --- */

void trn_chip_begin_load(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_reset(&chip->engine[i]);
    }
    trn_mmu_reset(chip);
}

bool trn_chip_resume(TrnChip *chip)
{
    if (!resume_chip_is_sane(chip)) {
        trn_chip_refuse(chip);
        return false;
    }
    trn_timing_resume(chip);
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        trn_engine_resume(&chip->engine[i]);
    }
    trn_eq_resume(chip);
    trn_links_resume(chip);
    trn_telemetry_resume(chip);
    if (chip->num_deferred) {
        chip->bus->defer(chip->opaque);
    }
    return true;
}

void trn_chip_refuse(TrnChip *chip)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        TrnEngine *e = &chip->engine[i];

        /* The engine was not held for the state that was loaded. */
        e->m2s_off_state = 0;
        e->s2m_off_state = 0;
        e->activity = (TrnActivity) { 0 };
    }
    trn_scratch_clear_all(chip);
    memset(chip->peer.stack_bytes, 0, sizeof(chip->peer.stack_bytes));
    memset(chip->mbox.ram, 0, sizeof(chip->mbox.ram));
    chip->trnx.reset_count = 0;
    trn_reset_always(chip);
    trn_mbox_init(chip);
    if (chip->timing) {
        chip->timing->completion = 0;
    }
    trn_links_forget(chip);
    trn_telemetry_forget(chip);
}
