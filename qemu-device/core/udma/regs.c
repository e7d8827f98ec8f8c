/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: registers. Those that act are here; the rest is storage.
 */
#include "udma.h"
#include "../chip.h"

#define PTR_INDEX(ptr)      ((ptr) & TRN_Q_PTR_INDEX)
#define PTR_RING_ID(ptr)    trn_field_get(TRN_Q_PTR_RING_ID, ptr)
#define GROUP_SIZE          0x40
#define PAGE_OFFSET         (TRN_UDMA_QUEUE_STRIDE - 1)
#define NQ_REG(reg)         (TRN_UDMA_NQ + TRN_NQ_QUEUE(0) + (reg))
#define USED_SIZE           0x42000     /* end of the notification block */

/* Which part of the slot a register belongs to. */
typedef enum TrnPart {
    PART_PLAIN,
    PART_M2S_QUEUE,
    PART_S2M_QUEUE,
    PART_PRIMARY,
    PART_SECONDARY,
} TrnPart;

static bool in_range(uint32_t offset, uint32_t base, uint32_t size)
{
    return offset >= base && offset < base + size;
}

/* The part that @offset is in; the number of queue or group in *@index. */
static TrnPart part_of(uint32_t offset, unsigned *index)
{
    const uint32_t pages = TRN_QUEUES_PER_ENGINE * TRN_UDMA_QUEUE_STRIDE;

    if (in_range(offset, TRN_M2S_QUEUE(0), pages)) {
        *index = (offset - TRN_M2S_QUEUE(0)) / TRN_UDMA_QUEUE_STRIDE;
        return PART_M2S_QUEUE;
    }
    if (in_range(offset, TRN_S2M_QUEUE(0), pages)) {
        *index = (offset - TRN_S2M_QUEUE(0)) / TRN_UDMA_QUEUE_STRIDE;
        return PART_S2M_QUEUE;
    }
    if (in_range(offset, TRN_GEN_PRIMARY(0), 4 * GROUP_SIZE)) {
        *index = (offset - TRN_GEN_PRIMARY(0)) / GROUP_SIZE;
        return PART_PRIMARY;
    }
    if (in_range(offset, TRN_GEN_SECONDARY(0), 4 * GROUP_SIZE)) {
        *index = (offset - TRN_GEN_SECONDARY(0)) / GROUP_SIZE;
        return PART_SECONDARY;
    }
    return PART_PLAIN;
}

/* --- rings --- */

uint32_t trn_ring_advance(uint32_t ptr, uint32_t n, uint32_t len)
{
    uint64_t index = PTR_INDEX(ptr) + (uint64_t)n;
    uint32_t ring_id = PTR_RING_ID(ptr) + index / len;

    return index % len | trn_field_prep(TRN_Q_PTR_RING_ID, ring_id);
}

static void reset_pointers(TrnRing *r)
{
    r->head = trn_field_prep(TRN_Q_PTR_RING_ID, TRN_RING_ID_FIRST);
    r->tail = r->head;
    r->rung = 0;
    r->retired = 0;
}

/* What either direction's reset does to the pair. */
static void reset_pair(TrnQueue *q)
{
    q->packet_left = 0;
    q->opened = false;
    q->m2s_off = 0;
    q->s2m_off = 0;
    q->m2s_done = false;
    q->s2m_done = false;
    q->inline_state = TRN_INLINE_STATE_NONE;
    q->inline_pos = 0;
    TRN_WRITE(&q->due, 0);
    q->note_error = false;
    q->armed = false;
    q->record_due = false;
    q->status_due = false;
    q->send_completion = false;
    q->send_error = false;
    q->halted = false;
    q->error = TRNX_ERR_NONE;
    q->error_addr = 0;
    q->error_access = 0;
}

void trn_queue_reset_m2s(TrnQueue *q)
{
    reset_pointers(&q->m2s);
    reset_pair(q);
}

void trn_queue_reset_s2m(TrnQueue *q)
{
    reset_pointers(&q->s2m);
    q->published = 0;
    reset_pair(q);
}

static void reset_ring_registers(TrnRing *r)
{
    *r = (TrnRing) { .cfg = TRN_Q_CFG_RESET };
}

static uint32_t ring_status(const TrnEngine *e, unsigned q, const TrnRing *r)
{
    uint64_t used = trn_ring_pending(r);
    uint32_t status = MIN(used, TRN_Q_STATUS_USED);

    if ((e->running && !e->parked && e->active == (int)q) ||
        trn_timing_is_busy(e, q)) {
        status |= TRN_Q_STATUS_PREFETCHING | TRN_Q_STATUS_SCHEDULING;
    }
    if (r->len && used >= r->len) {
        status |= TRN_Q_STATUS_FULL;
    }
    return status;
}

/* Registers that both directions have at the same offset. */
static bool ring_read(const TrnEngine *e, unsigned q, const TrnRing *r,
                      uint32_t reg, uint32_t *value)
{
    switch (reg) {
    case TRN_Q_CFG:
        *value = r->cfg;
        return true;
    case TRN_Q_STATUS:
        *value = ring_status(e, q, r);
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

static void set_half(uint64_t *reg, bool high, uint32_t value)
{
    TRN_WRITE(reg, high ? (uint32_t)*reg | (uint64_t)value << 32
                        : (*reg & ~0xffffffffULL) | value);
}

/* As ring_read(); not the registers that start or stop something. */
static bool ring_write(TrnRing *r, uint32_t reg, uint32_t value)
{
    switch (reg) {
    case TRN_Q_DRBP_LOW:
        set_half(&r->base, false, value & TRN_Q_DRBP_LOW_MASK);
        return true;
    case TRN_Q_DRBP_HIGH:
        set_half(&r->base, true, value);
        return true;
    case TRN_Q_DRL:
        r->len = value & TRN_Q_DRL_MASK;
        return true;
    case TRN_Q_CRBP_LOW:
        set_half(&r->comp_base, false, value & TRN_Q_DRBP_LOW_MASK);
        return true;
    case TRN_Q_CRBP_HIGH:
        set_half(&r->comp_base, true, value);
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

/* Engine lock held. */
static void add_descriptors(TrnEngine *e, unsigned q, bool m2s, uint32_t n)
{
    TrnRing *r = m2s ? &e->queue[q].m2s : &e->queue[q].s2m;

    r->tail = trn_ring_advance(r->tail, n, r->len);
    TRN_STORE_RELEASE(&r->rung, r->rung + n);
    if (e->timing) {
        trn_timing_rung(e, q, m2s);
    }
    trn_trace(e->chip, m2s ? TRN_TRACE_DOORBELL_M2S : TRN_TRACE_DOORBELL_S2M,
              e->index, q, n, r->tail);
}

static void doorbell(TrnEngine *e, unsigned q, bool m2s, uint32_t value)
{
    TrnRing *r = m2s ? &e->queue[q].m2s : &e->queue[q].s2m;
    uint32_t n = PTR_INDEX(value);

    trn_mutex_lock(&e->lock);
    if (!r->len) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s doorbell without a ring", e->index, q,
                m2s ? "M2S" : "S2M");
        trn_mutex_unlock(&e->lock);
        return;
    }
    if (trn_ring_pending(r) + n > r->len) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: %s doorbell of %u overruns the ring of "
                "%u", e->index, q, m2s ? "M2S" : "S2M", n, r->len);
    }
    add_descriptors(e, q, m2s, n);
    if (n) {
        trn_engine_kick_locked(e, q);
    }
    trn_mutex_unlock(&e->lock);
}

/* --- stopping and starting --- */

bool trn_queue_can_run(const TrnQueue *q)
{
    return (TRN_READ(&q->m2s.cfg) & TRN_Q_CFG_EN) == TRN_Q_CFG_EN &&
           (TRN_READ(&q->s2m.cfg) & TRN_Q_CFG_EN) == TRN_Q_CFG_EN &&
           !TRN_READ(&q->halted) && trn_ring_pending(&q->m2s);
}

static void call_worker_locked(TrnEngine *e)
{
    if (e->ready && !e->hold && !e->queued) {
        e->queued = true;
        e->chip->bus->engine_ready(e->chip->opaque, e->index);
    }
}

void trn_engine_kick_locked(TrnEngine *e, unsigned q)
{
    if (trn_queue_can_run(&e->queue[q])) {
        e->queue[q].kicks++;
        e->ready |= 1u << q;
        call_worker_locked(e);
    }
}

bool trn_queue_fail_locked(TrnQueue *q, unsigned code, uint64_t addr,
                           unsigned access)
{
    if (!q->error) {
        q->error = code;
        q->error_addr = addr;
        q->error_access = access;
        TRN_WRITE(&q->send_error, q->ctrl & TRNX_QCTL_CTRL_ERR_EVENT);
        TRN_WRITE(&q->status_due, q->ctrl & TRNX_QCTL_CTRL_COUNT);
    }
    if (trn_queue_confines(q)) {
        TRN_WRITE(&q->halted, true);
        return true;
    }
    return false;
}

static bool has_room(const TrnRing *r, uint32_t n)
{
    return trn_ring_pending(r) + n <= r->len;
}

/* The worker tells of the error, halted or not. Engine lock held. */
static void refuse_ring(TrnEngine *e, unsigned q, uint32_t m2s, uint32_t s2m)
{
    TrnQueue *queue = &e->queue[q];

    if (!queue->error) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                "engine %u queue %u: doorbell page rung for %u M2S and %u S2M "
                "descriptors, more than there is room for", e->index, q, m2s,
                s2m);
    }
    trn_queue_fail_locked(queue, TRNX_ERR_DOORBELL, 0, 0);
    queue->kicks++;
    e->ready |= 1u << q;
    call_worker_locked(e);
}

void trn_engine_ring(TrnEngine *e, unsigned q, uint32_t m2s, uint32_t s2m)
{
    TrnQueue *queue = &e->queue[q];

    trn_mutex_lock(&e->lock);
    if (!(queue->ctrl & TRNX_QCTL_CTRL_DOORBELL)) {
        trn_log_once(e->chip, TRN_ONCE_DOORBELL_OFF, TRN_LOG_GUEST_ERROR,
                     "engine %u queue %u: doorbell page is not enabled",
                     e->index, q);
    } else if (!has_room(&queue->s2m, s2m) || !has_room(&queue->m2s, m2s)) {
        refuse_ring(e, q, m2s, s2m);
    } else {
        if (s2m) {
            add_descriptors(e, q, false, s2m);
        }
        if (m2s) {
            add_descriptors(e, q, true, m2s);
        }
        trn_engine_kick_locked(e, q);
    }
    trn_mutex_unlock(&e->lock);
}

void trn_engine_hold(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    TRN_WRITE(&e->hold, e->hold + 1);
    TRN_WRITE(&e->gen, e->gen + 1);
    while (e->running && !e->parked && !e->entered) {
        assert(e->runner != trn_thread_self());
        trn_cond_wait(&e->stopped, &e->lock);
    }
    trn_mutex_unlock(&e->lock);
}

void trn_engine_release(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    TRN_WRITE(&e->hold, e->hold - 1);
    trn_timing_released(e);
    call_worker_locked(e);
    trn_mutex_unlock(&e->lock);
}

static void write_cfg(TrnEngine *e, unsigned q, TrnRing *r, uint32_t value)
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

static void write_sw_ctrl(TrnEngine *e, unsigned q, bool m2s, uint32_t value)
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
 * the engine; normal switches it on, and ends what an error aborted. The engine
 * is on after reset, because the vendor's driver never switches it on.
 */
static void write_change_state(TrnEngine *e, uint32_t *off_state,
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
 * SIZE of the notification queue (HW 8.3): when this returns, the worker knows,
 * and nothing is written to where the ring was.
 */
static void write_nq_size(TrnEngine *e, uint32_t size)
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

static uint32_t read_state(const TrnEngine *e, uint32_t off_state)
{
    unsigned field = TRN_STATE_IDLE;

    if (e->aborted || (off_state & TRN_CHANGE_STATE_ABORT)) {
        field = TRN_STATE_ABORT;
    } else if (e->running && !e->parked) {
        field = TRN_STATE_NORMAL;
    }
    return trn_field_prep(TRN_STATE_COMPLETION, field) |
           trn_field_prep(TRN_STATE_STREAM, field) |
           trn_field_prep(TRN_STATE_DATA, field) |
           trn_field_prep(TRN_STATE_PREFETCH, field);
}

/* --- plain registers and those that look plain --- */

static uint32_t read_plain(TrnEngine *e, uint32_t offset)
{
    switch (offset) {
    case TRN_M2S_STATE:
        return read_state(e, e->m2s_off_state);
    case TRN_S2M_STATE:
        return read_state(e, e->s2m_off_state);
    case TRN_M2S_CHANGE_STATE:
    case TRN_S2M_CHANGE_STATE:
    case TRN_M2S_CLEAR_ERR_LOG:
    case TRN_S2M_CLEAR_ERR_LOG:
        return 0;
    case TRN_M2S_DMA_VERSION:
        return 4;       /* the layout of revision 4, family 1.1 and 2.7 */
    }
    if (in_range(offset, TRN_M2S_LOG(0), 16)) {
        return e->m2s_log.word[(offset - TRN_M2S_LOG(0)) / 4];
    }
    if (in_range(offset, TRN_S2M_LOG(0), 16)) {
        return e->s2m_log.word[(offset - TRN_S2M_LOG(0)) / 4];
    }
    return trn_store_read32(&e->chip->regs, e->bar0 + offset);
}

static void write_plain(TrnEngine *e, uint32_t offset, uint32_t value)
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
    if (!in_range(offset, TRN_M2S_LOG(0), 16) &&
        !in_range(offset, TRN_S2M_LOG(0), 16)) {
        trn_store_write32(&e->chip->regs, e->bar0 + offset, value);
    }
}

/* Registers of one direction only. */
static bool queue_read(const TrnEngine *e, unsigned q, bool m2s, uint32_t reg,
                       uint32_t *value)
{
    const TrnQueue *queue = &e->queue[q];

    if (m2s && reg == TRN_M2S_Q_RLIMIT_MASK) {
        *value = queue->rlimit_mask;
    } else if (reg == (m2s ? TRN_M2S_Q_COMP_CFG : TRN_S2M_Q_COMP_CFG)) {
        *value = m2s ? queue->m2s.comp_cfg : queue->s2m.comp_cfg;
    } else if (reg == (m2s ? TRN_M2S_Q_SW_CTRL : TRN_S2M_Q_SW_CTRL)) {
        *value = 0;
    } else {
        return ring_read(e, q, m2s ? &queue->m2s : &queue->s2m, reg, value);
    }
    return true;
}

static bool queue_write(TrnEngine *e, unsigned q, bool m2s, uint32_t reg,
                        uint32_t value)
{
    TrnQueue *queue = &e->queue[q];
    TrnRing *r = m2s ? &queue->m2s : &queue->s2m;

    if (m2s && reg == TRN_M2S_Q_RLIMIT_MASK) {
        queue->rlimit_mask = value;
    } else if (reg == (m2s ? TRN_M2S_Q_COMP_CFG : TRN_S2M_Q_COMP_CFG)) {
        TRN_WRITE(&r->comp_cfg, value);
    } else {
        return ring_write(r, reg, value);
    }
    return true;
}

uint32_t trn_engine_read(TrnEngine *e, uint32_t offset)
{
    unsigned index = 0;
    TrnPart part = part_of(offset, &index);
    uint32_t value = 0;
    bool known = false;

    if (offset >= USED_SIZE) {
        return 0;
    }
    trn_mutex_lock(&e->lock);
    switch (part) {
    case PART_M2S_QUEUE:
    case PART_S2M_QUEUE:
        known = queue_read(e, index, part == PART_M2S_QUEUE,
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
        value = read_plain(e, offset);
    }
    trn_mutex_unlock(&e->lock);
    return value;
}

/* Registers whose writes start, stop or reset. True if @offset is one. */
static bool write_action(TrnEngine *e, TrnPart part, unsigned index,
                         uint32_t offset, uint32_t value)
{
    bool m2s = part == PART_M2S_QUEUE;

    if (offset == TRN_M2S_CHANGE_STATE) {
        write_change_state(e, &e->m2s_off_state, value);
        return true;
    }
    if (offset == TRN_S2M_CHANGE_STATE) {
        write_change_state(e, &e->s2m_off_state, value);
        return true;
    }
    if (offset == NQ_REG(TRN_NQ_SIZE)) {
        write_nq_size(e, value);
        return true;
    }
    if (!m2s && part != PART_S2M_QUEUE) {
        return false;
    }
    offset &= PAGE_OFFSET;
    if (offset == TRN_Q_DRTP_INC) {
        doorbell(e, index, m2s, value);
    } else if (offset == TRN_Q_CFG) {
        write_cfg(e, index, m2s ? &e->queue[index].m2s : &e->queue[index].s2m,
                  value);
    } else if (offset == (m2s ? TRN_M2S_Q_SW_CTRL : TRN_S2M_Q_SW_CTRL)) {
        write_sw_ctrl(e, index, m2s, value);
    } else {
        return false;
    }
    return true;
}

void trn_engine_write(TrnEngine *e, uint32_t offset, uint32_t value)
{
    unsigned index = 0;
    TrnPart part = part_of(offset, &index);
    bool known = false;

    if (offset >= USED_SIZE || write_action(e, part, index, offset, value)) {
        return;
    }
    trn_mutex_lock(&e->lock);
    switch (part) {
    case PART_M2S_QUEUE:
    case PART_S2M_QUEUE:
        known = queue_write(e, index, part == PART_M2S_QUEUE,
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
        write_plain(e, offset, value);
    }
    trn_mutex_unlock(&e->lock);
}

bool trn_engine_write_waits(uint32_t offset, uint32_t value)
{
    unsigned index;
    TrnPart part = part_of(offset, &index);
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

    if ((e->running && !e->parked && e->active == (int)q) ||
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

/* --- reset and life --- */

static void reset_trnx(TrnQueue *q)
{
    q->ctrl = 0;
    q->eq = 0;
    q->asid = 0;
    q->priority = TRNX_PRIORITY_NORMAL;
    q->count_addr = 0;
    q->arm = 0;
    q->count_addr_low = 0;
    q->arm_low = 0;
}

void trn_queue_power_on(TrnQueue *q)
{
    reset_ring_registers(&q->m2s);
    reset_ring_registers(&q->s2m);
    q->rlimit_mask = TRN_M2S_Q_RLIMIT_MASK_RESET;
    q->s2m_first = false;
    q->m2s_flags = 0;
    q->s2m_flags = 0;
    trn_queue_reset_m2s(q);
    trn_queue_reset_s2m(q);
    reset_trnx(q);
}

void trn_engine_reset(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        trn_queue_power_on(&e->queue[q]);
    }
    e->nq = (TrnNq) { 0 };
    for (unsigned i = 0; i < ARRAY_SIZE(e->primary); i++) {
        trn_iofic_reset(&e->primary[i]);
        trn_iofic_reset(&e->secondary[i]);
    }
    e->m2s_log = (TrnErrLog) { 0 };
    e->s2m_log = (TrnErrLog) { 0 };
    e->hold -= !!e->m2s_off_state + !!e->s2m_off_state;
    e->m2s_off_state = 0;
    e->s2m_off_state = 0;
    e->aborted = 0;
    e->ready = 0;
    trn_timing_reset_engine(e);
    trn_mutex_unlock(&e->lock);
}

void trn_engine_resume(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    e->hold += !!e->m2s_off_state + !!e->s2m_off_state;
    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        TrnQueue *q = &e->queue[i];

        if (trn_queue_can_run(q) || q->m2s_done || q->s2m_done ||
            q->record_due || q->status_due || q->send_completion ||
            q->send_error || q->note_error) {
            e->ready |= 1u << i;
        }
    }
    call_worker_locked(e);
    trn_mutex_unlock(&e->lock);
}

static void drop_ring(TrnRing *r)
{
    r->head = r->tail;
    r->rung = 0;
    r->retired = 0;
}

void trn_engine_drop_pending(TrnEngine *e)
{
    trn_mutex_lock(&e->lock);
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        TrnQueue *queue = &e->queue[q];

        drop_ring(&queue->m2s);
        drop_ring(&queue->s2m);
        queue->published = 0;
        reset_pair(queue);
        reset_trnx(queue);
    }
    e->aborted = 0;
    e->ready = 0;
    trn_timing_reset_engine(e);
    trn_mutex_unlock(&e->lock);
}

void trn_engine_init(TrnEngine *e, TrnChip *chip, unsigned index)
{
    uint32_t size;

    *e = (TrnEngine) {
        .chip = chip,
        .index = index,
        .timing = chip->timing ? &chip->timing->engine[index] : NULL,
        .bar0 = trn_addrmap_block_bar0(TRN_BLOCK_ENGINE, index, &size),
        .hold = 1,              /* bus mastering is off */
        .active = -1,
        .last = TRN_QUEUES_PER_ENGINE - 1,
    };
    trn_mutex_init(&e->lock);
    trn_cond_init(&e->stopped);
    trn_engine_reset(e);
}

void trn_engine_fini(TrnEngine *e)
{
    trn_cond_destroy(&e->stopped);
    trn_mutex_destroy(&e->lock);
}
