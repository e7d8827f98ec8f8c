/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "eq.h"
#include "../chip.h"

#define FLOOD_MAX   64          /* events that one lie brings */
#define NUM_SOURCES (TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE)

static void eq_post_lies(TrnChip *chip, unsigned n);

void trn_eq_reset(TrnEq *eq)
{
    *eq = (TrnEq) { 0 };
}

uint64_t trn_eq_read(TrnChip *chip, uint32_t offset)
{
    const TrnEq *eq = &chip->trnx.eq[offset / TRNX_EQ_STRIDE];

    switch (offset % TRNX_EQ_STRIDE) {
    case TRNX_EQ_BASE_ADDR:
        return eq->base;
    case TRNX_EQ_SIZE:
        return eq->size | (uint64_t)eq->ctrl << 32;
    case TRNX_EQ_PI:
        return eq->pi | (uint64_t)eq->ci << 32;
    case TRNX_EQ_ARM:
        return (uint64_t)eq->status << 32;
    case TRNX_EQ_MODERATION:
        return eq->moderation;
    default:
        return 0;
    }
}

/* --- interrupts --- */

static void eq_raise_now(TrnChip *chip, unsigned n)
{
    TrnEq *eq = &chip->trnx.eq[n];

    eq->held = false;
    eq->next_irq = chip->bus->now(chip->opaque) + eq->moderation;
    trn_wmb();      /* the message can be a store that the guest polls */
    n = trn_malice_vector(&chip->errinj, n);
    if (n < TRNX_NUM_EQ) {
        chip->bus->irq(chip->opaque, n);
    }
}

/* Requests a wake-up for the first held interrupt. */
static void eq_plan(TrnChip *chip)
{
    uint64_t when = UINT64_MAX;

    for (unsigned n = 0; n < TRNX_NUM_EQ; n++) {
        const TrnEq *eq = &chip->trnx.eq[n];

        if (eq->held) {
            when = MIN(when, eq->next_irq);
        }
    }
    if (when != UINT64_MAX) {
        trn_wake_at(chip, TRN_WAKE_EQ, when);
    }
}

static void eq_interrupt(TrnChip *chip, unsigned n)
{
    TrnEq *eq = &chip->trnx.eq[n];

    eq->armed = false;
    if (chip->bus->now(chip->opaque) >= eq->next_irq) {
        eq_raise_now(chip, n);
    } else if (!eq->held) {
        eq->held = true;
        eq_plan(chip);
    }
}

void trn_eq_woken(TrnChip *chip)
{
    for (unsigned n = 0; n < TRNX_NUM_EQ; n++) {
        TrnEq *eq = &chip->trnx.eq[n];

        if (eq->held && chip->bus->now(chip->opaque) >= eq->next_irq) {
            eq_raise_now(chip, n);
        }
    }
    eq_plan(chip);
}

/*
 * A shorter time takes effect at once, a longer one after the next interrupt.
 */
static void eq_write_moderation(TrnChip *chip, TrnEq *eq, uint32_t value)
{
    uint64_t now = chip->bus->now(chip->opaque);

    eq->moderation = value;
    eq->next_irq = MIN(eq->next_irq, now + value);
    if (eq->held) {
        trn_eq_woken(chip);
    }
}

void trn_eq_resume(TrnChip *chip)
{
    eq_plan(chip);
}

/* --- registers --- */

static void eq_write_ctrl(TrnChip *chip, unsigned n, uint32_t value)
{
    TrnEq *eq = &chip->trnx.eq[n];
    bool was_on = eq->ctrl & TRNX_EQ_CTRL_ENABLE;

    value &= TRNX_EQ_CTRL_ENABLE;
    if (value && !was_on) {
        if (eq->size < TRNX_EQ_SIZE_MIN || eq->size > TRNX_EQ_SIZE_MAX ||
            (eq->base & 63)) {
            trn_log(chip, TRN_LOG_GUEST_ERROR,
                    "event queue %u not enabled: base 0x%" PRIx64 ", size %u",
                    n, eq->base, eq->size);
            return;
        }
        eq->ring = eq->base;
        eq->log2 = eq->size;
        eq->pi = 0;
        eq->ci = 0;
        eq->armed = false;
    }
    eq->ctrl = value;
    eq->held &= was_on && value;
}

static void eq_write_arm(TrnChip *chip, unsigned n, uint32_t ci)
{
    TrnEq *eq = &chip->trnx.eq[n];

    eq->ci = ci;
    if (!(eq->ctrl & TRNX_EQ_CTRL_ENABLE)) {
        return;
    }
    eq->armed = true;
    eq_post_lies(chip, n);
    if (eq->armed && eq->pi != eq->ci) {
        eq_interrupt(chip, n);
    }
}

void trn_eq_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    unsigned n = offset / TRNX_EQ_STRIDE;
    TrnEq *eq = &chip->trnx.eq[n];

    switch (offset % TRNX_EQ_STRIDE) {
    case TRNX_EQ_BASE_ADDR:
        eq->base_low = value;
        break;
    case TRNX_EQ_BASE_ADDR + 4:
        eq->base = eq->base_low | (uint64_t)value << 32;
        break;
    case TRNX_EQ_SIZE:
        eq->size = value;
        break;
    case TRNX_EQ_CTRL:
        eq_write_ctrl(chip, n, value);
        break;
    case TRNX_EQ_CI:
        eq->ci = value;
        break;
    case TRNX_EQ_ARM:
        eq_write_arm(chip, n, value);
        break;
    case TRNX_EQ_STATUS:
        eq->status &= ~value;
        break;
    case TRNX_EQ_MODERATION:
        eq_write_moderation(chip, eq, value);
        break;
    }
}

/* --- events --- */

/* An injected lie: the ring stays known until the reset. */
static bool eq_is_late(TrnChip *chip)
{
    uint64_t random;

    return trn_malice(&chip->errinj, TRN_MALICE_LATE, &random);
}

static bool eq_write_entry(TrnChip *chip, uint64_t addr, const uint8_t *entry)
{
    if (!trn_mem_write(chip, addr + TRNX_EVENT_W1, entry + TRNX_EVENT_W1,
                       TRNX_EVENT_SIZE - TRNX_EVENT_W1, NULL)) {
        return false;
    }
    trn_wmb();      /* the guest polls the phase, then reads the rest */
    return trn_mem_write(chip, addr, entry, TRNX_EVENT_W1, NULL);
}

static void eq_post(TrnChip *chip, unsigned n, unsigned type, uint32_t source,
                    uint64_t data)
{
    TrnEq *eq = &chip->trnx.eq[n];
    uint8_t entry[TRNX_EVENT_SIZE];
    uint32_t entries;
    uint64_t addr;

    trn_trace(chip, TRN_TRACE_EVENT, source / TRN_QUEUES_PER_ENGINE,
              source % TRN_QUEUES_PER_ENGINE, type, data);
    if (!(eq->ctrl & TRNX_EQ_CTRL_ENABLE) && !(eq->ring && eq_is_late(chip))) {
        return;
    }
    entries = 1u << eq->log2;
    addr = eq->ring + (eq->pi & (entries - 1)) * TRNX_EVENT_SIZE;
    if (eq->pi - eq->ci >= entries) {
        eq->status |= TRNX_EQ_STATUS_OVERFLOW;
        return;
    }
    trn_put_le32(entry + TRNX_EVENT_W0,
                 trn_field_prep(TRNX_EVENT_W0_TYPE, type) |
                 (eq->pi & entries ? 0 : TRNX_EVENT_W0_PHASE));
    trn_put_le32(entry + TRNX_EVENT_W1, source);
    trn_put_le64(entry + TRNX_EVENT_DATA, data);

    if (!eq_write_entry(chip, addr, entry)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "event queue %u: no memory at 0x%" PRIx64, n, addr);
        eq->status |= TRNX_EQ_STATUS_AXI;
        return;
    }
    eq->pi++;
    if (eq->armed) {
        eq_interrupt(chip, n);
    }
}

/* Spurious events, with real types and sources among them. */
static void eq_post_lies(TrnChip *chip, unsigned n)
{
    uint64_t random;

    if (!trn_malice(&chip->errinj, TRN_MALICE_EVENT, &random)) {
        return;
    }
    for (unsigned i = random % FLOOD_MAX; i; i--) {
        uint64_t lie = random * (2 * i + 1);

        eq_post(chip, n, lie >> 8 & 3 ? lie >> 16 & 3 : lie >> 16 & 0xff,
                lie >> 24 & 7 ? (lie >> 32) % NUM_SOURCES : lie >> 32, lie);
    }
}

void trn_eq_post(TrnChip *chip, unsigned n, unsigned type, uint32_t source,
                 uint64_t data)
{
    uint64_t random;

    eq_post_lies(chip, n);
    if (!trn_malice(&chip->errinj, TRN_MALICE_DROP, &random)) {
        eq_post(chip, n, type, source, data);
    }
}
