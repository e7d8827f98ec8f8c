/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qctl.h"
#include "../chip.h"

#define RECORD_ALIGN    TRNX_RECORD_SIZE

uint64_t trn_qctl_read(TrnChip *chip, uint32_t offset)
{
    unsigned index = offset / TRNX_QCTL_STRIDE;
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    unsigned qi = index % TRN_QUEUES_PER_ENGINE;
    TrnQueue *q = &e->queue[qi];
    uint64_t value = 0;

    trn_mutex_lock(&e->lock);
    switch (offset % TRNX_QCTL_STRIDE) {
    case TRNX_QCTL_CTRL:
        value = trn_pair(q->ctrl, trn_queue_status_locked(e, qi));
        break;
    case TRNX_QCTL_COUNT_ADDR:
        value = q->count_addr;
        break;
    case TRNX_QCTL_COUNT:
        value = TRN_LOAD_ACQUIRE(&q->s2m.retired);
        break;
    case TRNX_QCTL_ARM:
        value = q->arm;
        break;
    case TRNX_QCTL_EQ:
        value = q->eq;
        break;
    case TRNX_QCTL_ASID:
        value = trn_pair(q->asid, q->error_access);
        break;
    case TRNX_QCTL_ERR_ADDR:
        value = q->error_addr;
        break;
    case TRNX_QCTL_M2S_COUNT:
        value = TRN_LOAD_ACQUIRE(&q->m2s.retired);
        break;
    case TRNX_QCTL_PRIORITY:
        value = q->priority;
        break;
    }
    trn_mutex_unlock(&e->lock);
    return value;
}

/*
 * Control and address of the record. After the write returns, software may
 * reuse the memory of the old record.
 */
static void qctl_write_record(TrnEngine *e, TrnQueue *q, uint32_t offset,
                              uint32_t value)
{
    trn_engine_hold(e);
    trn_mutex_lock(&e->lock);
    if (offset == TRNX_QCTL_CTRL) {
        q->ctrl = value & (TRNX_QCTL_CTRL_COUNT | TRNX_QCTL_CTRL_ERR_EVENT |
                           TRNX_QCTL_CTRL_HALT | TRNX_QCTL_CTRL_DOORBELL);
    } else {
        q->count_addr = trn_pair(q->count_addr_low, value);
        if (q->count_addr & (RECORD_ALIGN - 1)) {
            trn_log(e->chip, TRN_LOG_GUEST_ERROR,
                    "counter record at 0x%" PRIx64 " is not aligned",
                    q->count_addr);
            q->count_addr &= ~(uint64_t)(RECORD_ALIGN - 1);
        }
    }
    trn_mutex_unlock(&e->lock);
    trn_engine_release(e);
}

static void qctl_write_asid(TrnEngine *e, TrnQueue *q, uint32_t asid)
{
    if (asid >= TRNX_MMU_NUM_ASIDS) {
        trn_log(e->chip, TRN_LOG_GUEST_ERROR, "queue control: no ASID %u",
                asid);
        return;
    }
    trn_engine_hold(e);
    trn_mutex_lock(&e->lock);
    q->asid = asid;
    trn_mutex_unlock(&e->lock);
    trn_engine_release(e);
}

static void qctl_write_arm(TrnChip *chip, TrnEngine *e, unsigned index,
                           uint32_t high)
{
    TrnQueue *q = &e->queue[index % TRN_QUEUES_PER_ENGINE];
    uint64_t published;
    bool fires;

    trn_mutex_lock(&e->lock);
    q->arm = trn_pair(q->arm_low, high);
    published = q->published;
    fires = published >= q->arm;
    q->armed = !fires;
    trn_mutex_unlock(&e->lock);
    if (fires) {
        trn_eq_post(chip, q->eq, TRNX_EVENT_COMPLETION, index, published);
    }
}

void trn_qctl_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    unsigned index = offset / TRNX_QCTL_STRIDE;
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    TrnQueue *q = &e->queue[index % TRN_QUEUES_PER_ENGINE];

    offset %= TRNX_QCTL_STRIDE;
    switch (offset) {
    case TRNX_QCTL_CTRL:
    case TRNX_QCTL_COUNT_ADDR + 4:
        qctl_write_record(e, q, offset, value);
        break;
    case TRNX_QCTL_COUNT_ADDR:
        q->count_addr_low = value;
        break;
    case TRNX_QCTL_ARM:
        q->arm_low = value;
        break;
    case TRNX_QCTL_ARM + 4:
        qctl_write_arm(chip, e, index, value);
        break;
    case TRNX_QCTL_EQ:
        if (value < TRNX_NUM_EQ) {
            q->eq = value;
        } else {
            trn_log(chip, TRN_LOG_GUEST_ERROR,
                    "queue control %u: no event queue %u", index, value);
        }
        break;
    case TRNX_QCTL_ASID:
        qctl_write_asid(e, q, value);
        break;
    case TRNX_QCTL_PRIORITY:
        trn_mutex_lock(&e->lock);
        q->priority = value & TRNX_QCTL_PRIORITY_MASK;
        trn_mutex_unlock(&e->lock);
        break;
    }
}

void trn_doorbell_write(TrnChip *chip, uint32_t offset, uint64_t value,
                           unsigned size)
{
    unsigned index = offset / TRNX_DOORBELL_STRIDE;
    TrnEngine *e = &chip->engine[index / TRN_QUEUES_PER_ENGINE];
    unsigned q = index % TRN_QUEUES_PER_ENGINE;

    switch (offset % TRNX_DOORBELL_STRIDE) {
    case TRNX_DOORBELL_BOTH:
        trn_engine_ring(e, q,
                        size == 8 ? trn_field_get(TRNX_DOORBELL_BOTH_M2S, value)
                                  : 0,
                        trn_field_get(TRNX_DOORBELL_BOTH_S2M, value));
        break;
    case TRNX_DOORBELL_M2S:
        trn_engine_ring(e, q, value, size == 8 ? value >> 32 : 0);
        break;
    case TRNX_DOORBELL_S2M:
        trn_engine_ring(e, q, 0, value);
        break;
    case TRNX_DOORBELL_BOTH + 4:
        trn_engine_ring(e, q, value, 0);
        break;
    }
}
