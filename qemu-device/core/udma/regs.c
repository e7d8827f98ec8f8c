/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDMA engine: registers. Those without a side effect are storage. */
#include "udma.h"
#include "../chip.h"

#define GROUP_SIZE          0x40
#define PAGE_OFFSET         (TRN_UDMA_QUEUE_STRIDE - 1)
#define NQ_REG(reg)         (TRN_UDMA_NQ + TRN_NQ_QUEUE(0) + (reg))
#define USED_SIZE           0x42000     /* end of the notification block */

/* Part of the slot that a register belongs to. */
typedef enum TrnPart {
    PART_PLAIN,
    PART_M2S_QUEUE,
    PART_S2M_QUEUE,
    PART_PRIMARY,
    PART_SECONDARY,
} TrnPart;

static bool udma_in_range(uint32_t offset, uint32_t base, uint32_t size)
{
    return offset >= base && offset < base + size;
}

/* The part that @offset is in; the number of queue or group in *@index. */
static TrnPart udma_part_of(uint32_t offset, unsigned *index)
{
    const uint32_t pages = TRN_QUEUES_PER_ENGINE * TRN_UDMA_QUEUE_STRIDE;

    if (udma_in_range(offset, TRN_M2S_QUEUE(0), pages)) {
        *index = (offset - TRN_M2S_QUEUE(0)) / TRN_UDMA_QUEUE_STRIDE;
        return PART_M2S_QUEUE;
    }
    if (udma_in_range(offset, TRN_S2M_QUEUE(0), pages)) {
        *index = (offset - TRN_S2M_QUEUE(0)) / TRN_UDMA_QUEUE_STRIDE;
        return PART_S2M_QUEUE;
    }
    if (udma_in_range(offset, TRN_GEN_PRIMARY(0), 4 * GROUP_SIZE)) {
        *index = (offset - TRN_GEN_PRIMARY(0)) / GROUP_SIZE;
        return PART_PRIMARY;
    }
    if (udma_in_range(offset, TRN_GEN_SECONDARY(0), 4 * GROUP_SIZE)) {
        *index = (offset - TRN_GEN_SECONDARY(0)) / GROUP_SIZE;
        return PART_SECONDARY;
    }
    return PART_PLAIN;
}

static uint32_t udma_ring_status(const TrnEngine *e, unsigned q,
                                 const TrnRing *r)
{
    uint64_t used = trn_ring_pending(r);
    uint32_t status = MIN(used, TRN_Q_STATUS_USED);

    if ((trn_engine_runs(e) && e->active == (int)q) ||
        trn_timing_is_busy(e, q)) {
        status |= TRN_Q_STATUS_PREFETCHING | TRN_Q_STATUS_SCHEDULING;
    }
    if (r->len && used >= r->len) {
        status |= TRN_Q_STATUS_FULL;
    }
    return status;
}

/* Registers that both directions have at the same offset. */
static bool udma_ring_read(const TrnEngine *e, unsigned q, const TrnRing *r,
                           uint32_t reg, uint32_t *value)
{
    switch (reg) {
    case TRN_Q_CFG:
        *value = r->cfg;
        return true;
    case TRN_Q_STATUS:
        *value = udma_ring_status(e, q, r);
        return true;
    case TRN_Q_DRBP_LOW:
        *value = r->base;
        return true;
    case TRN_Q_DRBP_HIGH:
        *value = r->base >> 32;
        return true;
    case TRN_Q_DRL:
        *value = r->len;
        return true;
    case TRN_Q_DRHP:
    case TRN_Q_DCP:
    case TRN_Q_CRHP:
        *value = TRN_LOAD_ACQUIRE(&r->head);
        return true;
    case TRN_Q_DRTP_INC:
        *value = 0;
        return true;
    case TRN_Q_DRTP:
        *value = r->tail;
        return true;
    case TRN_Q_CRBP_LOW:
        *value = r->comp_base;
        return true;
    case TRN_Q_CRBP_HIGH:
        *value = r->comp_base >> 32;
        return true;
    }
    return false;
}

static void udma_set_half(uint64_t *reg, bool high, uint32_t value)
{
    TRN_WRITE(reg, high ? (uint32_t)*reg | (uint64_t)value << 32
                        : (*reg & ~0xffffffffULL) | value);
}

/* As udma_ring_read(), without the registers that start or stop work. */
static bool udma_ring_write(TrnRing *r, uint32_t reg, uint32_t value)
{
    switch (reg) {
    case TRN_Q_DRBP_LOW:
        udma_set_half(&r->base, false, value & TRN_Q_DRBP_LOW_MASK);
        return true;
    case TRN_Q_DRBP_HIGH:
        udma_set_half(&r->base, true, value);
        return true;
    case TRN_Q_DRL:
        r->len = value & TRN_Q_DRL_MASK;
        return true;
    case TRN_Q_CRBP_LOW:
        udma_set_half(&r->comp_base, false, value & TRN_Q_DRBP_LOW_MASK);
        return true;
    case TRN_Q_CRBP_HIGH:
        udma_set_half(&r->comp_base, true, value);
        return true;
    case TRN_Q_STATUS:
    case TRN_Q_DRHP:
    case TRN_Q_DRTP:
    case TRN_Q_DCP:
    case TRN_Q_CRHP:
        return true;
    }
    return false;
}

static void udma_write_cfg(TrnEngine *e, unsigned q, TrnRing *r, uint32_t value)
{
    bool disables = (value & TRN_Q_CFG_EN) != TRN_Q_CFG_EN;

    if (disables) {
        trn_engine_hold(e);
    }
    trn_mutex_lock(&e->lock);
    TRN_WRITE(&r->cfg, value);
    trn_timing_enabled(e, q);
    trn_engine_kick_locked(e, q);
    trn_mutex_unlock(&e->lock);
    if (disables) {
        trn_engine_release(e);
    }
}

static void udma_write_sw_ctrl(TrnEngine *e, unsigned q, bool m2s,
                               uint32_t value)
{
    if (!(value & TRN_Q_SW_CTRL_RESET)) {
        return;
    }
    trn_engine_hold(e);
    trn_mutex_lock(&e->lock);
    if (m2s) {
        trn_queue_reset_m2s(&e->queue[q]);
    } else {
        trn_queue_reset_s2m(&e->queue[q]);
    }
    e->aborted &= ~(1u << q);
    trn_timing_reset_queue(e, q);
    trn_mutex_unlock(&e->lock);
    trn_engine_release(e);
    trn_trace(e->chip, TRN_TRACE_QUEUE_RESET, e->index, q, !m2s, 0);
}

/*
 * change_state (HW 3.6): disable and abort switch a direction off, and with it
 * the engine. Normal switches it on, and ends an abort. The engine is on after
 * reset, because the vendor's driver never switches it on.
 */
static void udma_write_change_state(TrnEngine *e, uint32_t *off_state,
                                    uint32_t value)
{
    uint32_t off = value & (TRN_CHANGE_STATE_DISABLE | TRN_CHANGE_STATE_ABORT);
    bool was_off = *off_state;

    if (!off && !(value & TRN_CHANGE_STATE_NORMAL)) {
        return;
    }
    if (off && !was_off) {
        trn_engine_hold(e);
    }
    trn_mutex_lock(&e->lock);
    *off_state = off;
    if (!off) {
        trn_engine_recover_locked(e);
    }
    trn_mutex_unlock(&e->lock);
    if (!off && was_off) {
        trn_engine_release(e);
    }
}

/*
 * SIZE of the notification queue (HW 8.3): after the return, the worker uses
 * the new ring, and the old one is not written to.
 */
static void udma_write_nq_size(TrnEngine *e, uint32_t size)
{
    TrnStore *regs = &e->chip->regs;
    uint64_t base = trn_store_read32(regs, e->bar0 + NQ_REG(TRN_NQ_BASE_LOW));

    base |= (uint64_t)trn_store_read32(regs, e->bar0 +
                                       NQ_REG(TRN_NQ_BASE_HIGH)) << 32;
    trn_engine_hold(e);
    trn_store_write32(regs, e->bar0 + NQ_REG(TRN_NQ_SIZE), size);
    if (!trn_nq_start(&e->nq, base, size)) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u: notification queue of 0x%x bytes", e->index, size);
    }
    trn_engine_release(e);
}

static uint32_t udma_read_state(const TrnEngine *e, uint32_t off_state)
{
    unsigned field = TRN_STATE_IDLE;

    if (e->aborted || (off_state & TRN_CHANGE_STATE_ABORT)) {
        field = TRN_STATE_ABORT;
    } else if (trn_engine_runs(e)) {
        field = TRN_STATE_NORMAL;
    }
    return trn_field_prep(TRN_STATE_COMPLETION, field) |
           trn_field_prep(TRN_STATE_STREAM, field) |
           trn_field_prep(TRN_STATE_DATA, field) |
           trn_field_prep(TRN_STATE_PREFETCH, field);
}

/* --- plain registers and those that look plain --- */

static uint32_t udma_read_plain(TrnEngine *e, uint32_t offset)
{
    switch (offset) {
    case TRN_M2S_STATE:
        return udma_read_state(e, e->m2s_off_state);
    case TRN_S2M_STATE:
        return udma_read_state(e, e->s2m_off_state);
    case TRN_M2S_CHANGE_STATE:
    case TRN_S2M_CHANGE_STATE:
    case TRN_M2S_CLEAR_ERR_LOG:
    case TRN_S2M_CLEAR_ERR_LOG:
        return 0;
    case TRN_M2S_DMA_VERSION:
        return 4;       /* the layout of revision 4, family 1.1 and 2.7 */
    }
    if (udma_in_range(offset, TRN_M2S_LOG(0), 16)) {
        return e->m2s_log.word[(offset - TRN_M2S_LOG(0)) / 4];
    }
    if (udma_in_range(offset, TRN_S2M_LOG(0), 16)) {
        return e->s2m_log.word[(offset - TRN_S2M_LOG(0)) / 4];
    }
    return trn_store_read32(&e->chip->regs, e->bar0 + offset);
}

static void udma_write_plain(TrnEngine *e, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case TRN_M2S_STATE:
    case TRN_S2M_STATE:
    case TRN_M2S_DMA_VERSION:
        return;
    case TRN_M2S_CLEAR_ERR_LOG:
        if (value & 1) {
            e->m2s_log = (TrnErrLog) { 0 };
        }
        return;
    case TRN_S2M_CLEAR_ERR_LOG:
        if (value & 1) {
            e->s2m_log = (TrnErrLog) { 0 };
        }
        return;
    }
    if (!udma_in_range(offset, TRN_M2S_LOG(0), 16) &&
        !udma_in_range(offset, TRN_S2M_LOG(0), 16)) {
        trn_store_write32(&e->chip->regs, e->bar0 + offset, value);
    }
}

/* Registers of one direction only. */
static bool udma_queue_read(const TrnEngine *e, unsigned q, bool m2s,
                            uint32_t reg, uint32_t *value)
{
    const TrnQueue *queue = &e->queue[q];

    if (m2s && reg == TRN_M2S_Q_RLIMIT_MASK) {
        *value = queue->rlimit_mask;
    } else if (reg == (m2s ? TRN_M2S_Q_COMP_CFG : TRN_S2M_Q_COMP_CFG)) {
        *value = m2s ? queue->m2s.comp_cfg : queue->s2m.comp_cfg;
    } else if (reg == (m2s ? TRN_M2S_Q_SW_CTRL : TRN_S2M_Q_SW_CTRL)) {
        *value = 0;
    } else {
        return udma_ring_read(e, q, m2s ? &queue->m2s : &queue->s2m, reg,
                              value);
    }
    return true;
}

static bool udma_queue_write(TrnEngine *e, unsigned q, bool m2s, uint32_t reg,
                             uint32_t value)
{
    TrnQueue *queue = &e->queue[q];
    TrnRing *r = m2s ? &queue->m2s : &queue->s2m;

    if (m2s && reg == TRN_M2S_Q_RLIMIT_MASK) {
        queue->rlimit_mask = value;
    } else if (reg == (m2s ? TRN_M2S_Q_COMP_CFG : TRN_S2M_Q_COMP_CFG)) {
        TRN_WRITE(&r->comp_cfg, value);
    } else {
        return udma_ring_write(r, reg, value);
    }
    return true;
}

uint32_t trn_engine_read(TrnEngine *e, uint32_t offset)
{
    unsigned index = 0;
    TrnPart part = udma_part_of(offset, &index);
    uint32_t value = 0;
    bool known = false;

    if (offset >= USED_SIZE) {
        return 0;
    }
    trn_mutex_lock(&e->lock);
    switch (part) {
    case PART_M2S_QUEUE:
    case PART_S2M_QUEUE:
        known = udma_queue_read(e, index, part == PART_M2S_QUEUE,
                                offset & PAGE_OFFSET, &value);
        break;
    case PART_PRIMARY:
        value = trn_iofic_read(&e->primary[index], offset % GROUP_SIZE);
        known = true;
        break;
    case PART_SECONDARY:
        value = trn_iofic_read(&e->secondary[index], offset % GROUP_SIZE);
        known = true;
        break;
    case PART_PLAIN:
        break;
    }
    if (!known) {
        value = udma_read_plain(e, offset);
    }
    trn_mutex_unlock(&e->lock);
    return value;
}

/* Registers whose writes start, stop or reset. True if @offset is one. */
static bool udma_write_action(TrnEngine *e, TrnPart part, unsigned index,
                              uint32_t offset, uint32_t value)
{
    bool m2s = part == PART_M2S_QUEUE;

    if (offset == TRN_M2S_CHANGE_STATE) {
        udma_write_change_state(e, &e->m2s_off_state, value);
        return true;
    }
    if (offset == TRN_S2M_CHANGE_STATE) {
        udma_write_change_state(e, &e->s2m_off_state, value);
        return true;
    }
    if (offset == NQ_REG(TRN_NQ_SIZE)) {
        udma_write_nq_size(e, value);
        return true;
    }
    if (!m2s && part != PART_S2M_QUEUE) {
        return false;
    }
    offset &= PAGE_OFFSET;
    if (offset == TRN_Q_DRTP_INC) {
        trn_engine_doorbell(e, index, m2s, value & TRN_Q_PTR_INDEX);
    } else if (offset == TRN_Q_CFG) {
        udma_write_cfg(
            e, index, m2s ? &e->queue[index].m2s : &e->queue[index].s2m, value);
    } else if (offset == (m2s ? TRN_M2S_Q_SW_CTRL : TRN_S2M_Q_SW_CTRL)) {
        udma_write_sw_ctrl(e, index, m2s, value);
    } else {
        return false;
    }
    return true;
}

void trn_engine_write(TrnEngine *e, uint32_t offset, uint32_t value)
{
    unsigned index = 0;
    TrnPart part = udma_part_of(offset, &index);
    bool known = false;

    if (offset >= USED_SIZE ||
        udma_write_action(e, part, index, offset, value)) {
        return;
    }
    trn_mutex_lock(&e->lock);
    switch (part) {
    case PART_M2S_QUEUE:
    case PART_S2M_QUEUE:
        known = udma_queue_write(e, index, part == PART_M2S_QUEUE,
                                 offset & PAGE_OFFSET, value);
        break;
    case PART_PRIMARY:
        trn_iofic_write(&e->primary[index], offset % GROUP_SIZE, value);
        known = true;
        break;
    case PART_SECONDARY:
        trn_iofic_write(&e->secondary[index], offset % GROUP_SIZE, value);
        known = true;
        break;
    case PART_PLAIN:
        break;
    }
    if (!known) {
        udma_write_plain(e, offset, value);
    }
    trn_mutex_unlock(&e->lock);
}

bool trn_engine_write_waits(uint32_t offset, uint32_t value)
{
    unsigned index;
    TrnPart part = udma_part_of(offset, &index);
    uint32_t sw_ctrl = part == PART_M2S_QUEUE ? TRN_M2S_Q_SW_CTRL
                                              : TRN_S2M_Q_SW_CTRL;

    if (part != PART_M2S_QUEUE && part != PART_S2M_QUEUE) {
        return offset == NQ_REG(TRN_NQ_SIZE) ||
               offset == TRN_M2S_CHANGE_STATE ||
               offset == TRN_S2M_CHANGE_STATE;
    }
    offset &= PAGE_OFFSET;
    return offset == sw_ctrl ||
           (offset == TRN_Q_CFG && (value & TRN_Q_CFG_EN) != TRN_Q_CFG_EN);
}

uint32_t trn_queue_status_locked(const TrnEngine *e, unsigned q)
{
    const TrnQueue *queue = &e->queue[q];
    uint32_t status = trn_field_prep(TRNX_QCTL_STATUS_CODE, queue->error);

    if ((trn_engine_runs(e) && e->active == (int)q) ||
        trn_timing_is_busy(e, q) ||
        trn_errinj_busy(e->chip, e->index, q)) {
        status |= TRNX_QCTL_STATUS_BUSY;
    }
    if (queue->error) {
        status |= TRNX_QCTL_STATUS_ERROR;
    }
    if (queue->armed) {
        status |= TRNX_QCTL_STATUS_ARMED;
    }
    if (queue->halted) {
        status |= TRNX_QCTL_STATUS_HALTED;
    }
    return status;
}
