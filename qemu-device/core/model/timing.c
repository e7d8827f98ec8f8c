/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timing.h"
#include "../chip.h"

#define PS_PER_NS   1000u
#define TURNS_MAX   16u     /* of trn_queue_turns() */

/* --- the model, on its own --- */

uint64_t trn_timing_of(uint64_t bytes, uint32_t mbps)
{
    return (bytes * 1000000 + mbps - 1) / mbps;
}

TrnPs trn_busy_take(TrnBusy *busy, TrnPs start, uint64_t ps)
{
    *busy = MAX(*busy, start) + ps;
    return *busy;
}

static TrnArrival *timing_arrival(TrnArrivals *a, unsigned i)
{
    return &a->ring[(a->first + i) % TRN_ARRIVALS];
}

void trn_arrivals_add(TrnArrivals *a, uint64_t rung, TrnPs at)
{
    if (a->num == TRN_ARRIVALS) {
        timing_arrival(a, a->num - 1)->upto = rung;
        return;
    }
    *timing_arrival(a, a->num) = (TrnArrival) { .upto = rung, .at = at };
    a->num++;
}

TrnPs trn_arrivals_find(TrnArrivals *a, uint64_t n)
{
    while (a->num > 1 && timing_arrival(a, 0)->upto <= n) {
        a->first = (a->first + 1) % TRN_ARRIVALS;
        a->num--;
    }
    return a->num ? timing_arrival(a, 0)->at : 0;
}

/* --- what a piece costs --- */

void trn_cost_add(TrnChip *chip, TrnCost *cost, uint64_t addr, uint64_t n,
                  bool write)
{
    TrnTarget t = trn_addrmap_chip(addr, trn_chip_hbm_usable(chip));
    unsigned window = t.index;

    switch (t.kind) {
    case TRN_TARGET_HBM:
        cost->stack[t.index] += n;
        break;
    case TRN_TARGET_HOST:
        cost->host[write] += n;
        break;
    case TRN_TARGET_NEIGHBOUR:
        cost->link[window][write] += n;
        t = trn_addrmap_chip(t.offset, TRN_HBM_STACK_SIZE);
        if (t.kind == TRN_TARGET_HBM) {
            cost->far[window][t.index] += n;
        }
        break;
    default:
        break;
    }
}

/* --- time --- */

static TrnPs timing_now(const TrnChip *chip)
{
    return (TrnPs)chip->bus->now(chip->opaque) * PS_PER_NS;
}

/* Rounds up to the nanoseconds of the clock. */
static void timing_ask(TrnChip *chip, TrnPs ps)
{
    TrnPs ns = (ps + PS_PER_NS - 1) / PS_PER_NS;

    trn_wake_at(chip, TRN_WAKE_TIMING, MIN(ns, UINT64_MAX));
}

static void timing_wake_engine(TrnEngine *e, TrnPs at)
{
    TrnEngineTiming *t = e->timing;

    if (!t->wake || at < t->wake) {
        t->wake = at;
        timing_ask(e->chip, at);
    }
}

static void timing_wake_queue(TrnEngine *e, unsigned q, TrnPs at)
{
    e->timing->queue[q].wake = at;
    timing_wake_engine(e, at);
}

/* --- reserving --- */

typedef struct TrnReservation {
    TrnChip *chip;
    TrnPs start;
    TrnPs done;
    uint64_t latency;
} TrnReservation;

static void timing_take(TrnReservation *p, TrnBusy *busy, uint64_t bytes,
                        uint32_t mbps)
{
    if (bytes) {
        TrnPs done = trn_busy_take(busy, p->start, trn_timing_of(bytes, mbps));

        p->done = MAX(p->done, done);
    }
}

static void timing_take_stacks(TrnReservation *p, TrnChip *chip,
                               const uint64_t *bytes)
{
    for (unsigned i = 0; i < TRN_NUM_HBM_STACKS; i++) {
        timing_take(p, &chip->timing->stack[i], bytes[i],
                    chip->cfg.timing.hbm_mbps / TRN_NUM_HBM_STACKS);
    }
}

static void timing_take_host(TrnReservation *p, const TrnCost *cost)
{
    const TrnTimingModel *m = &p->chip->cfg.timing;

    for (unsigned write = 0; write < 2; write++) {
        timing_take(p, &p->chip->timing->host[write], cost->host[write],
                    m->host_mbps);
        if (cost->host[write]) {
            p->latency += m->host_latency_ns * (uint64_t)PS_PER_NS;
        }
    }
}

/*
 * One direction of a link is one resource for both chips: a read uses the
 * direction in which the neighbour writes.
 */
static TrnBusy *timing_link_way(TrnChip *chip, unsigned window, bool write,
                                TrnChip *there)
{
    int back = there ? trn_fabric_window_back(there, chip) : -1;

    return write || back < 0 ? &chip->timing->link[window][write]
                             : &there->timing->link[back][1];
}

static void timing_take_link(TrnReservation *p, const TrnCost *cost,
                             unsigned window)
{
    const TrnTimingModel *m = &p->chip->cfg.timing;
    TrnChip *there;

    if (!cost->link[window][0] && !cost->link[window][1]) {
        return;
    }
    there = trn_fabric_neighbour(p->chip, window);
    for (unsigned write = 0; write < 2; write++) {
        timing_take(p, timing_link_way(p->chip, window, write, there),
                    cost->link[window][write], m->link_mbps);
        if (cost->link[window][write]) {
            p->latency += m->link_latency_ns * (uint64_t)PS_PER_NS;
        }
    }
    if (there) {
        timing_take_stacks(p, there, cost->far[window]);
    }
}

/* Start time of the queue if no other queue used the engine. */
static TrnPs timing_ready_at(TrnEngine *e, unsigned q)
{
    TrnQueueTiming *t = &e->timing->queue[q];
    const TrnQueue *queue = &e->queue[q];
    uint32_t packet = MAX(queue->packet_left, 1);
    TrnPs m2s = trn_arrivals_find(&t->m2s, queue->m2s.retired + packet - 1);
    TrnPs s2m = trn_arrivals_find(&t->s2m, queue->s2m.retired);
    uint64_t start = e->chip->cfg.timing.start_ns * (uint64_t)PS_PER_NS;

    return MAX(MAX(m2s, s2m), t->since) + start;
}

bool trn_timing_start(TrnEngine *e, unsigned q)
{
    TrnEngineTiming *t = e->timing;
    TrnPs at = MAX(timing_ready_at(e, q), MAX(t->busy, t->since));

    if (at > timing_now(e->chip)) {
        timing_wake_queue(e, q, at);
        return false;
    }
    /* Other queues are considered only if there are any. */
    if (t->owner == (int)q || (!t->waiting && e->ready == 1u << q)) {
        return true;
    }
    t->waiting |= 1u << q;
    return false;
}

static uint64_t timing_engine_time(const TrnChip *chip, const TrnCost *cost)
{
    const TrnTimingModel *m = &chip->cfg.timing;
    uint64_t ps = trn_timing_of(cost->bytes, m->engine_mbps);

    if (cost->whole) {
        ps = MAX(ps, m->desc_ns * (uint64_t)PS_PER_NS);
    }
    return chip->telemetry.throttle ? 2 * ps : ps;
}

/* Counts the turn: the queue that has it, and how many may follow. */
static void timing_count_turn(TrnEngine *e, unsigned q)
{
    TrnEngineTiming *t = e->timing;

    if (q != t->last || !t->more) {
        t->last = q;
        t->more = trn_queue_turns(&e->queue[q]);
    }
    t->more--;
    t->owner = -1;
}

void trn_timing_reserve(TrnEngine *e, unsigned q, const TrnCost *cost,
                        uint32_t bytes)
{
    TrnEngineTiming *t = e->timing;
    TrnQueueTiming *queue = &t->queue[q];
    TrnReservation p = { .chip = e->chip };

    p.start = MAX(timing_ready_at(e, q), MAX(t->busy, t->since));
    p.done = p.start + timing_engine_time(e->chip, cost);
    timing_take_stacks(&p, e->chip, cost->stack);
    timing_take_host(&p, cost);
    for (unsigned i = 0; i < TRN_NUM_SENGS; i++) {
        timing_take_link(&p, cost, i);
    }
    t->busy = p.done;
    timing_count_turn(e, q);
    queue->granted = bytes;
    queue->until = p.done + p.latency;
    if (t->waiting) {
        timing_wake_engine(e, t->busy);
    }
}

bool trn_timing_wait(TrnEngine *e, unsigned q)
{
    TrnPs until = e->timing->queue[q].until;

    if (until <= timing_now(e->chip)) {
        return true;
    }
    timing_wake_queue(e, q, until);
    return false;
}

uint32_t trn_timing_granted(const TrnEngine *e, unsigned q)
{
    return e->timing->queue[q].granted;
}

void trn_timing_consume(TrnEngine *e, unsigned q, uint32_t bytes)
{
    uint32_t *granted = &e->timing->queue[q].granted;

    *granted -= MIN(*granted, bytes);
}

void trn_timing_complete(TrnEngine *e, unsigned q)
{
    TrnPs *completion = &e->chip->timing->completion;

    *completion = MAX(*completion, e->timing->queue[q].until);
}

bool trn_timing_is_busy(const TrnEngine *e, unsigned q)
{
    return e->timing && e->timing->queue[q].until > timing_now(e->chip);
}

/* --- who is next --- */

/* The next waiting queue, by weight. There is one. */
static unsigned timing_choose(const TrnEngineTiming *t)
{
    unsigned q = t->last;

    if (t->more && (t->waiting & (1u << q))) {
        return q;
    }
    do {
        q = (q + 1) % TRN_QUEUES_PER_ENGINE;
    } while (!(t->waiting & (1u << q)));
    return q;
}

/* Grants an idle engine to one of the waiting queues. */
static void timing_grant_locked(TrnEngine *e)
{
    TrnEngineTiming *t = e->timing;

    while (t->waiting && !e->ready && t->busy <= timing_now(e->chip)) {
        unsigned q = timing_choose(t);

        t->waiting &= ~(1u << q);
        t->owner = q;
        trn_engine_kick_locked(e, q);
    }
}

void trn_timing_end_turn_locked(TrnEngine *e, unsigned q)
{
    if (e->timing->owner == (int)q) {
        e->timing->owner = -1;
    }
    timing_grant_locked(e);
}

static void timing_wake_queues(TrnEngine *e, TrnPs at)
{
    TrnEngineTiming *t = e->timing;

    t->wake = 0;
    for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
        TrnPs *wake = &t->queue[q].wake;

        if (!*wake) {
            continue;
        }
        if (*wake <= at) {
            *wake = 0;
            trn_engine_kick_locked(e, q);
        } else if (!t->wake || *wake < t->wake) {
            t->wake = *wake;
        }
    }
    if (t->waiting && t->busy > at && (!t->wake || t->busy < t->wake)) {
        t->wake = t->busy;
    }
    timing_grant_locked(e);
}

void trn_timing_woken(TrnChip *chip)
{
    TrnPs at, next = 0;

    if (!chip->timing) {
        return;
    }
    at = timing_now(chip);
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        TrnEngineTiming *t = &chip->timing->engine[i];
        TrnEngine *e = &chip->engine[i];

        if (t->wake && t->wake <= at) {
            trn_mutex_lock(&e->lock);
            timing_wake_queues(e, at);
            trn_mutex_unlock(&e->lock);
        }
        if (t->wake && (!next || t->wake < next)) {
            next = t->wake;
        }
    }
    if (next) {
        timing_ask(chip, next);
    }
}

/* --- what happens to rings and engines --- */

void trn_timing_rung(TrnEngine *e, unsigned q, bool m2s)
{
    TrnQueueTiming *t = &e->timing->queue[q];

    trn_arrivals_add(m2s ? &t->m2s : &t->s2m,
                     m2s ? e->queue[q].m2s.rung : e->queue[q].s2m.rung,
                     timing_now(e->chip));
}

void trn_timing_released(TrnEngine *e)
{
    TrnEngineTiming *t = e->timing;

    if (t) {
        t->since = timing_now(e->chip);
    }
}

void trn_timing_enabled(TrnEngine *e, unsigned q)
{
    TrnEngineTiming *t = e->timing;

    if (t) {
        t->queue[q].since = timing_now(e->chip);
    }
}

void trn_timing_reset_queue(TrnEngine *e, unsigned q)
{
    TrnEngineTiming *t = e->timing;

    if (t) {
        t->queue[q] = (TrnQueueTiming) { 0 };
        t->waiting &= ~(1u << q);
    }
}

void trn_timing_reset_engine(TrnEngine *e)
{
    TrnEngineTiming *t = e->timing;

    if (t) {
        *t = (TrnEngineTiming) { .owner = -1 };
    }
}

void trn_timing_reset(TrnChip *chip)
{
    TrnTiming *t = chip->timing;

    if (t) {
        for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
            trn_timing_reset_engine(&chip->engine[i]);
        }
        memset(t->stack, 0, sizeof(t->stack));
        memset(t->host, 0, sizeof(t->host));
        memset(t->link, 0, sizeof(t->link));
    }
}

/* --- what was loaded from elsewhere --- */

/* Within the range of the clock. */
static bool timing_all_sane(const TrnPs *ps, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (ps[i] > (TrnPs)INT64_MAX * PS_PER_NS) {
            return false;
        }
    }
    return true;
}

static bool timing_arrivals_are_sane(const TrnArrivals *a)
{
    bool good = a->first < TRN_ARRIVALS && a->num <= TRN_ARRIVALS;

    for (unsigned i = 0; i < TRN_ARRIVALS; i++) {
        good &= timing_all_sane(&a->ring[i].at, 1);
    }
    return good;
}

static bool timing_engine_is_sane(const TrnEngineTiming *t)
{
    bool good = t->last < TRN_QUEUES_PER_ENGINE && t->more <= TURNS_MAX &&
                timing_all_sane(&t->busy, 1) && timing_all_sane(&t->since, 1);

    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        const TrnQueueTiming *q = &t->queue[i];

        good &= timing_arrivals_are_sane(&q->m2s) &&
                timing_arrivals_are_sane(&q->s2m) &&
                timing_all_sane(&q->since, 1) &&
                timing_all_sane(&q->until, 1) && q->granted <= TRN_DESC_MAX_LEN;
    }
    return good;
}

bool trn_timing_is_sane(const TrnTiming *t)
{
    bool good = true;

    if (!t) {
        return true;
    }
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        good &= timing_engine_is_sane(&t->engine[i]);
    }
    for (unsigned i = 0; i < TRN_NUM_SENGS; i++) {
        good &= timing_all_sane(t->link[i], 2);
    }
    return good && timing_all_sane(t->stack, TRN_NUM_HBM_STACKS) &&
           timing_all_sane(t->host, 2) && timing_all_sane(&t->completion, 1);
}

/* Waiting queues ask again. */
void trn_timing_resume(TrnChip *chip)
{
    if (!chip->timing) {
        return;
    }
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        TrnEngineTiming *t = &chip->timing->engine[i];

        t->wake = 0;
        t->waiting = 0;
        t->owner = -1;
        for (unsigned q = 0; q < TRN_QUEUES_PER_ENGINE; q++) {
            t->queue[q].wake = 0;
        }
    }
}
