/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: execution of one queue pair, a bounded turn at a time.
 *
 * A turn fetches descriptors in batches, gathers one M2S packet (FIRST to LAST;
 * a packet not rung to its end waits), and moves it piece by piece into the S2M
 * descriptors: a piece is what both descriptors at hand, M2S and S2M, still
 * have. A packet that ends inside an S2M descriptor closes it; one that is
 * longer goes on in the next (family 4.2). A piece is accounted for after its
 * bytes have moved, so that a turn can end, or be broken off, before any piece.
 *
 * Order of what others can see: data, completion entry, head, interrupt cause;
 * data, counter record, event.
 *
 * Everything in order, one piece after the other, satisfies DMB, write barrier
 * and strong order alike (HW 4.5).
 */
#include "udma.h"
#include "chip.h"

#define FETCH_MAX       64      /* descriptors a ring read brings */
#define CACHE_SIZE      512     /* descriptors: longest packet and a fetch */
#define TURN_PIECES     128
#define TURN_BYTES      (4u << 20)
#define RECORD_PIECES   16      /* pieces between counter records */
#define RECORD_BYTES    (256u << 10)

typedef enum TrnStep {
    STEP_GO,                    /* the state has changed: look again */
    STEP_IDLE,                  /* nothing to do until somebody kicks */
    STEP_LATER,                 /* asked to stop, or the budget is used up */
    STEP_BAD,                   /* the next descriptor cannot be read */
} TrnStep;

/* Descriptors fetched from the head of a ring on. */
typedef struct TrnCache {
    TrnRing *ring;
    bool m2s;
    uint64_t base;              /* the ring's, when the turn began */
    uint32_t len;
    unsigned pos;
    unsigned num;
    TrnDesc desc[CACHE_SIZE];
} TrnCache;

struct TrnRun {
    TrnChip *chip;
    TrnEngine *e;
    TrnQueue *q;
    unsigned qi;
    uint32_t gen;
    uint32_t kicks;
    uint32_t max_desc;          /* per packet */
    uint32_t max_len;           /* of a packet, 0 = no limit */
    unsigned access;            /* TRNX_ACCESS_* translated last */
    unsigned pieces;            /* in this turn */
    uint32_t bytes;
    unsigned record_pieces;     /* since the last counter record */
    uint32_t record_bytes;
    TrnCache m2s;
    TrnCache s2m;
    uint8_t raw[FETCH_MAX * TRN_DESC_SIZE];
    uint8_t bounce[TRN_DESC_MAX_LEN];
};

TrnRun *trn_run_new(TrnChip *chip)
{
    TrnRun *run = calloc(1, sizeof(*run));

    if (run) {
        run->chip = chip;
    }
    return run;
}

void trn_run_free(TrnRun *run)
{
    free(run);
}

/* --- safe points and the big lock --- */

static bool asked_to_stop(const TrnRun *run)
{
    return TRN_READ(&run->e->hold) || TRN_READ(&run->e->gen) != run->gen;
}

/* Parks, takes the big lock; false, without it, if asked to stop meanwhile. */
static bool enter_big_lock(TrnRun *run)
{
    TrnEngine *e = run->e;
    bool stop;

    trn_mutex_lock(&e->lock);
    e->parked = true;
    trn_cond_broadcast(&e->stopped);
    trn_mutex_unlock(&e->lock);

    run->chip->bus->lock(run->chip->opaque);

    trn_mutex_lock(&e->lock);
    e->parked = false;
    stop = asked_to_stop(run);
    trn_mutex_unlock(&e->lock);
    if (stop) {
        run->chip->bus->unlock(run->chip->opaque);
    }
    return !stop;
}

static void leave_big_lock(TrnRun *run)
{
    run->chip->bus->unlock(run->chip->opaque);
}

/* Around an access: takes the big lock where the bus wants that. */
static bool enter_memory(TrnRun *run, bool host)
{
    if (host && run->chip->bus->host_needs_lock) {
        return enter_big_lock(run);
    }
    return !asked_to_stop(run);
}

static void leave_memory(TrnRun *run, bool host)
{
    if (host && run->chip->bus->host_needs_lock) {
        leave_big_lock(run);
    }
}

/* --- errors --- */

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

/*
 * Reports @code as the chip does and as trnx does. True if the queue halts;
 * otherwise the caller goes on as best it can.
 */
static bool report(TrnRun *run, unsigned code, uint64_t addr,
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
static bool check_ring_id(TrnRun *run, const TrnCache *c, const TrnDesc *d,
                          uint32_t ptr)
{
    TrnIofic *group = &run->e->secondary[c->m2s ? 0 : 1];
    uint32_t bit = c->m2s ? TRN_M2S_ERR_RING_ID : TRN_S2M_ERR_RING_ID;
    unsigned want = trn_field_get(TRN_Q_PTR_RING_ID, ptr);

    if (trn_desc_ring_id(d) == want || (TRN_READ(&group->abort_mask) & bit)) {
        return true;
    }
    return !report(run, c->m2s ? TRNX_ERR_M2S_RING_ID : TRNX_ERR_S2M_RING_ID,
                   c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE, d);
}

/* --- addresses --- */

/*
 * Memory that the queue calls @va, for a TRNX_ACCESS_*, as a chip address. May
 * shorten *@len to what lies there. TRNX_ERR_NONE or TRNX_ERR_MMU_*.
 */
static unsigned translate(TrnRun *run, unsigned access, uint64_t va,
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

/*
 * What the queue calls @a or @b may be in host memory: an address space can
 * lead anywhere, and its tables are there.
 */
static bool touches_host(const TrnRun *run, uint64_t a, uint64_t b)
{
    return run->q->asid || ((a | b) & TRN_CHIP_HOST);
}

/* --- fetching --- */

static void begin_cache(TrnCache *c, TrnRing *ring, bool m2s)
{
    c->ring = ring;
    c->m2s = m2s;
    c->base = ring->base;
    c->len = ring->len;
    c->pos = 0;
    c->num = 0;
}

static unsigned cached(const TrnCache *c)
{
    return c->num - c->pos;
}

static void move_head(TrnCache *c)
{
    TrnRing *r = c->ring;

    TRN_WRITE(&r->head, trn_ring_advance(r->head, 1, c->len));
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
        code = translate(run, c->m2s ? TRNX_ACCESS_M2S_RING
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

    if (report(run, code, addr, NULL)) {
        return STEP_IDLE;
    }
    if (!c->m2s) {
        q->s2m_off = 0;
    } else if (q->packet_left) {
        q->m2s_off = 0;
        q->packet_left--;
    }
    move_head(c);
    q->record_due = true;
    run->pieces++;
    return STEP_GO;
}

/*
 * Brings in more descriptors behind those at hand. GO: there are more, or the
 * head was skipped; IDLE: none are rung, or the queue has halted; BAD: some are
 * at hand, but the one behind them cannot be read.
 */
static TrnStep fetch(TrnRun *run, TrnCache *c)
{
    uint32_t at = trn_ring_advance(c->ring->head, cached(c), c->len) &
                  TRN_Q_PTR_INDEX;
    uint64_t rung = trn_ring_pending(c->ring) - cached(c);
    unsigned n = MIN(MIN(rung, c->len - at), FETCH_MAX);
    uint64_t addr = c->base + (uint64_t)at * TRN_DESC_SIZE;
    bool host = touches_host(run, addr, 0);
    unsigned code;

    if (!n) {
        return STEP_IDLE;
    }
    if (c->pos && c->num + n > CACHE_SIZE) {
        memmove(c->desc, c->desc + c->pos, cached(c) * sizeof(c->desc[0]));
        c->num -= c->pos;
        c->pos = 0;
    }
    if (!enter_memory(run, host)) {
        return STEP_LATER;
    }
    code = read_ring(run, c, addr, n * TRN_DESC_SIZE);
    if (code != TRNX_ERR_NONE && n > 1) {
        n = 1;
        code = read_ring(run, c, addr, TRN_DESC_SIZE);
    }
    leave_memory(run, host);
    if (code != TRNX_ERR_NONE) {
        return cached(c) ? STEP_BAD : skip_head(run, c, code, addr);
    }
    for (unsigned i = 0; i < n; i++) {
        c->desc[c->num++] = trn_desc_decode(run->raw + i * TRN_DESC_SIZE);
    }
    trn_trace(run->chip, c->m2s ? TRN_TRACE_FETCH_M2S : TRN_TRACE_FETCH_S2M,
              run->e->index, run->qi, at, n);
    return STEP_GO;
}

/* --- retiring --- */

static void hint(TrnRun *run, TrnIofic *group, uint32_t bit)
{
    trn_mutex_lock(&run->e->lock);
    trn_iofic_raise(group, bit);
    trn_mutex_unlock(&run->e->lock);
}

/* Completion entries: family 3.4. They have the index and id of the ring. */
static void write_completion(TrnRun *run, TrnCache *c, uint32_t flags,
                             uint32_t bytes)
{
    TrnRing *r = c->ring;
    uint32_t index = r->head & TRN_Q_PTR_INDEX;
    unsigned size = c->m2s ? TRN_M2S_COMP_SIZE : TRN_S2M_COMP_SIZE;
    uint8_t entry[TRN_S2M_COMP_SIZE] = { 0 };
    uint64_t addr = r->comp_base + (uint64_t)index * size;

    flags |= trn_field_prep(TRN_COMP_W0_RING_ID,
                            trn_field_get(TRN_Q_PTR_RING_ID, r->head));
    trn_put_le32(entry + 4, bytes);

    /* Word 0 carries the phase and is visible last. */
    if (size > 4 && !trn_mem_write(run->chip, addr + 4, entry + 4, size - 4,
                                   NULL)) {
        flags |= TRN_COMP_W0_ERROR;
    }
    trn_put_le32(entry, flags);
    if (!trn_mem_write(run->chip, addr, entry, 4, NULL)) {
        hint(run, &run->e->secondary[c->m2s ? 0 : 1],
             c->m2s ? TRN_M2S_ERR_COMP_AXI : TRN_S2M_ERR_COMP_AXI);
    }
}

/* An entry in the notification queue of the engine; LATER if asked to stop. */
static TrnStep notify(TrnRun *run, TrnNqEntry *entry)
{
    TrnEngine *e = run->e;
    bool host = e->nq.base & TRN_CHIP_HOST;
    uint32_t head = trn_store_read32(&run->chip->regs,
                                     e->bar0 + TRN_UDMA_NQ +
                                     TRN_NQ_QUEUE(0) + TRN_NQ_HEAD);

    if (!enter_memory(run, host)) {
        return STEP_LATER;
    }
    entry->engine = e->index;
    entry->queue = run->qi;
    if (!trn_nq_post(run->chip, &e->nq, head, entry)) {
        trn_log_once(run->chip, TRN_ONCE_NQ_RING, TRN_LOG_GUEST_ERROR,
                     "engine %u: notification queue at 0x%" PRIx64
                     " is not in memory", e->index, e->nq.base);
    }
    leave_memory(run, host);
    return STEP_GO;
}

static TrnStep notify_completion(TrnRun *run, const TrnCache *c,
                                 uint32_t bytes)
{
    TrnNqEntry entry = {
        .type = c->m2s ? TRN_NQ_M2S_DONE : TRN_NQ_S2M_DONE,
        .pointer = c->ring->head,
        .count = c->ring->retired + 1,
        .bytes = bytes,
    };

    return notify(run, &entry);
}

static void notify_error(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnNqEntry entry = {
        .type = TRN_NQ_ERROR, .count = q->error_addr, .bytes = q->error,
    };

    if (!trn_nq_is_on(&run->e->nq) || notify(run, &entry) == STEP_GO) {
        q->note_error = false;
    }
}

/* Retires the head, which is done. LATER if asked to stop before. */
static TrnStep retire(TrnRun *run, TrnCache *c, uint32_t flags,
                      uint32_t bytes)
{
    bool host = c->ring->comp_base & TRN_CHIP_HOST;

    if (c->ring->comp_cfg & TRN_Q_COMP_CFG_EN) {
        if (!enter_memory(run, host)) {
            return STEP_LATER;
        }
        write_completion(run, c, flags & ~TRN_S2M_W0_INT_EN, bytes);
        leave_memory(run, host);
    }
    if ((flags & TRN_S2M_W0_INT_EN) && trn_nq_is_on(&run->e->nq) &&
        notify_completion(run, c, bytes) != STEP_GO) {
        return STEP_LATER;
    }
    move_head(c);
    if (cached(c)) {
        c->pos++;
    }
    run->q->record_due = true;
    if (flags & TRN_S2M_W0_INT_EN) {    /* the same bit in both directions */
        hint(run, &run->e->primary[c->m2s ? 2 : 1], 1u << run->qi);
    }
    return STEP_GO;
}

static TrnStep retire_s2m(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnStep step;

    if (trn_errinj_delays(run->chip, run->e->index, run->qi)) {
        return STEP_IDLE;
    }
    step = retire(run, &run->s2m, q->s2m_flags, q->s2m_off);
    if (step == STEP_GO) {
        TRN_WRITE(&q->due, 0);
        q->s2m_done = false;
        q->s2m_off = 0;
        q->s2m_first = false;
    }
    return step;
}

static TrnStep retire_m2s(TrnRun *run)
{
    TrnQueue *q = run->q;
    TrnStep step = retire(run, &run->m2s, q->m2s_flags, q->m2s_off);

    if (step == STEP_GO) {
        q->m2s_done = false;
        q->m2s_off = 0;
        q->packet_left--;
        trn_trace(run->chip, TRN_TRACE_RETIRE, run->e->index, run->qi,
                  q->s2m.retired, q->m2s.retired);
    }
    return step;
}

/* --- packets --- */

static TrnStep stall(TrnRun *run, TrnStall why)
{
    trn_trace(run->chip, TRN_TRACE_STALL, run->e->index, run->qi, why,
              run->q->m2s.head);
    return STEP_IDLE;
}

/*
 * Looks at the descriptor at place @n of a packet. GO: it belongs to it; BAD:
 * the packet ends before it; IDLE: the queue has halted.
 */
static TrnStep check_place(TrnRun *run, unsigned n, uint32_t *bytes)
{
    TrnCache *c = &run->m2s;
    const TrnDesc *d = &c->desc[c->pos + n];
    uint32_t ptr = trn_ring_advance(c->ring->head, n, c->len);
    bool first = d->w0 & TRN_M2S_W0_FIRST;
    uint64_t at = c->base + (ptr & TRN_Q_PTR_INDEX) * TRN_DESC_SIZE;

    if (!check_ring_id(run, c, d, ptr)) {
        return STEP_IDLE;
    }
    if (first != !n) {
        if (report(run, TRNX_ERR_M2S_FIRST, at, d)) {
            return STEP_IDLE;
        }
        if (n) {
            return STEP_BAD;
        }
    }
    if (n == run->max_desc) {
        return report(run, TRNX_ERR_M2S_MAX_DESC, at, d) ? STEP_IDLE
                                                         : STEP_BAD;
    }
    if (!trn_desc_is_meta(d)) {
        *bytes += trn_desc_len(d);
    }
    return STEP_GO;
}

/* Gathers the next packet, so that it is known how many descriptors it has. */
static TrnStep begin_packet(TrnRun *run)
{
    TrnCache *c = &run->m2s;
    TrnQueue *q = run->q;
    uint32_t bytes = 0;
    unsigned n = 0;
    TrnStep step;

    for (bool last = false; !last; ) {
        if (n == cached(c)) {
            step = fetch(run, c);
            if (step == STEP_BAD) {
                break;
            }
            if (step != STEP_GO || !cached(c)) {
                return n && step == STEP_IDLE ? stall(run, TRN_STALL_NO_LAST)
                                              : step;
            }
        }
        step = check_place(run, n, &bytes);
        if (step == STEP_BAD) {
            break;
        }
        if (step == STEP_IDLE) {
            return step;
        }
        last = c->desc[c->pos + n].w0 & TRN_M2S_W0_LAST;
        n++;
    }
    if (run->max_len && bytes > run->max_len &&
        report(run, TRNX_ERR_M2S_PKT_LEN, c->desc[c->pos].addr,
               &c->desc[c->pos])) {
        return STEP_IDLE;
    }
    q->packet_left = n;
    q->opened = false;
    q->s2m_first = true;
    return STEP_GO;
}

/* The M2S descriptor at hand is finished. */
static void finish_m2s(TrnQueue *q, const TrnDesc *d)
{
    q->m2s_done = true;
    q->m2s_flags = d->w0 & (TRN_M2S_W0_FIRST | TRN_M2S_W0_LAST |
                            TRN_M2S_W0_INT_EN);
}

static void finish_s2m(TrnQueue *q, const TrnDesc *s, bool last)
{
    q->s2m_done = true;
    q->s2m_flags = (s->w0 & TRN_S2M_W0_INT_EN) | TRN_COMP_W0_BUF1 |
                   (q->s2m_first ? TRN_COMP_W0_FIRST : 0) |
                   (last ? TRN_COMP_W0_LAST : 0);
}

/*
 * What a descriptor still has after @off bytes. It may have shrunk: it is read
 * anew in each turn, and the guest can write it at any time.
 */
static uint32_t rest_of(const TrnDesc *d, uint32_t off)
{
    uint32_t len = trn_desc_len(d);

    return len > off ? len - off : 0;
}

/*
 * Copies up to *@len bytes, what is of one kind at both ends, and says how many
 * or, with a TRNX_ERR_*, where it failed: *@at_target, and the bytes to skip.
 */
static unsigned copy_piece(TrnRun *run, uint64_t src_va, uint64_t dst_va,
                           uint32_t *len, bool *at_target)
{
    TrnCopy result = TRN_COPY_BAD_SOURCE;
    uint64_t src, dst;
    TrnSpan from, to;
    unsigned code;

    *at_target = false;
    code = translate(run, TRNX_ACCESS_SOURCE, src_va, &src, len);
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    code = translate(run, TRNX_ACCESS_TARGET, dst_va, &dst, len);
    if (code != TRNX_ERR_NONE) {
        *at_target = true;
        return code;
    }
    from = trn_mem_span(run->chip, src, *len, false);
    *len = from.len;
    if (from.kind != TRN_SPAN_NONE) {
        to = trn_mem_span(run->chip, dst, *len, true);
        *len = to.len;
        result = trn_mem_copy(run->chip, &from, src, &to, dst, *len,
                              run->bounce);
    }
    *at_target = result == TRN_COPY_BAD_TARGET;
    return result == TRN_COPY_OK ? TRNX_ERR_NONE
           : *at_target ? TRNX_ERR_S2M_DATA : TRNX_ERR_M2S_DATA;
}

/* Moves up to @n bytes between the descriptors at hand, what is of one kind. */
static TrnStep move_piece(TrnRun *run, const TrnDesc *d, const TrnDesc *s,
                          uint32_t n)
{
    TrnQueue *q = run->q;
    uint64_t src = d->addr + q->m2s_off;
    uint64_t dst = s->addr + q->s2m_off;
    bool host = touches_host(run, src, dst);
    bool at_target = false;
    unsigned code;

    if (!enter_memory(run, host)) {
        return STEP_LATER;
    }
    code = !q->m2s_off &&
           trn_errinj_axi_error(run->chip, run->e->index, run->qi)
           ? TRNX_ERR_M2S_DATA
           : copy_piece(run, src, dst, &n, &at_target);
    leave_memory(run, host);

    trn_trace(run->chip, TRN_TRACE_MOVE_FROM, run->e->index, run->qi, src, n);
    trn_trace(run->chip, TRN_TRACE_MOVE_TO, run->e->index, run->qi, dst, n);
    if (code != TRNX_ERR_NONE &&
        report(run, code, at_target ? dst : src, at_target ? s : d)) {
        return STEP_IDLE;
    }
    q->m2s_off += n;
    q->s2m_off += n;
    run->pieces++;
    run->bytes += n;
    run->record_pieces++;
    run->record_bytes += n;
    return STEP_GO;
}

/* A descriptor without a buffer: nothing moves (family 3.3). */
static void pass_meta(TrnRun *run, const TrnDesc *d)
{
    TrnQueue *q = run->q;

    trn_log_once(run->chip, TRN_ONCE_META, TRN_LOG_UNIMP,
                 "engine %u queue %u: metadata descriptor ignored",
                 run->e->index, run->qi);
    finish_m2s(q, d);
    run->pieces++;
}

static TrnStep move_data(TrnRun *run)
{
    TrnQueue *q = run->q;
    const TrnDesc *d = &run->m2s.desc[run->m2s.pos];
    const TrnDesc *s;
    uint32_t n;
    bool ends;
    TrnStep step;

    if (trn_desc_is_meta(d) && (q->packet_left > 1 || !q->s2m_off)) {
        pass_meta(run, d);
        return STEP_GO;
    }
    if (!cached(&run->s2m)) {
        step = fetch(run, &run->s2m);
        if (step == STEP_IDLE && !TRN_READ(&q->halted)) {
            hint(run, &run->e->secondary[1], TRN_S2M_HINT_NO_DESC);
            return stall(run, TRN_STALL_NO_S2M);
        }
        return step;
    }
    s = &run->s2m.desc[run->s2m.pos];
    if (!q->s2m_off && !check_ring_id(run, &run->s2m, s, q->s2m.head)) {
        return STEP_IDLE;
    }
    if (trn_desc_is_meta(d)) {
        pass_meta(run, d);
        finish_s2m(q, s, true);
        return STEP_GO;
    }
    if (!q->opened) {
        q->opened = true;
        if (!trn_desc_op_is_copy(d) &&
            report(run, TRNX_ERR_M2S_OP, d->addr, d)) {
            return STEP_IDLE;
        }
    }
    n = MIN(rest_of(d, q->m2s_off), rest_of(s, q->s2m_off));
    if (n) {
        step = move_piece(run, d, s, n);
        if (step != STEP_GO) {
            return step;
        }
    }
    ends = !rest_of(d, q->m2s_off);
    if (ends) {
        finish_m2s(q, d);
        ends = q->packet_left == 1;
    }
    if (ends || !rest_of(s, q->s2m_off)) {
        finish_s2m(q, s, ends);
    }
    return STEP_GO;
}

/* --- turns --- */

static TrnStep take_step(TrnRun *run)
{
    TrnQueue *q = run->q;

    if (asked_to_stop(run)) {
        return STEP_LATER;
    }
    if (!run->m2s.len || !run->s2m.len) {
        return STEP_IDLE;       /* taken away with descriptors pending */
    }
    if (q->s2m_done) {
        return retire_s2m(run);
    }
    if (q->m2s_done) {
        return retire_m2s(run);
    }
    if (!trn_queue_can_run(q)) {
        return STEP_IDLE;
    }
    if (run->pieces >= TURN_PIECES || run->bytes >= TURN_BYTES) {
        return STEP_LATER;
    }
    if (!q->packet_left) {
        return begin_packet(run);
    }
    if (!cached(&run->m2s)) {
        return fetch(run, &run->m2s);
    }
    return move_data(run);
}

/* The bytes of the record that @addr is to show. */
static bool write_record(TrnRun *run, uint64_t addr, bool with_status,
                         uint32_t status)
{
    uint8_t record[TRNX_RECORD_STATUS];
    uint8_t word[4];

    trn_put_le64(record + TRNX_RECORD_S2M, run->q->s2m.retired);
    trn_put_le64(record + TRNX_RECORD_M2S, run->q->m2s.retired);
    trn_put_le32(word, status);
    return (!with_status ||
            trn_mem_write(run->chip, addr + TRNX_RECORD_STATUS, word,
                          sizeof(word), NULL)) &&
           trn_mem_write(run->chip, addr, record, sizeof(record), NULL);
}

/*
 * Shows the counts: writes the record, then decides whether the armed threshold
 * is met. In this order and with the decision under the lock, an ARM write
 * either sees the count published or is seen here.
 */
static void publish(TrnRun *run)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;
    uint64_t addr;
    uint32_t status;
    bool wanted, with_status, host;

    trn_mutex_lock(&e->lock);
    wanted = q->ctrl & TRNX_QCTL_CTRL_COUNT;
    with_status = q->status_due;
    addr = q->count_addr;
    status = trn_queue_status_locked(e, run->qi) & ~TRNX_QCTL_STATUS_BUSY;
    trn_mutex_unlock(&e->lock);

    if (wanted) {
        bool ok;

        host = addr & TRN_CHIP_HOST;
        if (!enter_memory(run, host)) {
            return;
        }
        ok = write_record(run, addr, with_status, status);
        leave_memory(run, host);
        if (!ok) {
            report(run, TRNX_ERR_RECORD, addr, NULL);
        }
    }
    trn_mutex_lock(&e->lock);
    q->record_due = false;
    if (with_status) {
        TRN_WRITE(&q->status_due, false);
    }
    q->published = q->s2m.retired;
    if (q->armed && q->published >= q->arm) {
        q->armed = false;
        q->send_completion = true;
    }
    trn_mutex_unlock(&e->lock);
    run->record_pieces = 0;
    run->record_bytes = 0;
}

/* The event of the queue's first error. Big lock held. */
static void post_error(TrnRun *run, uint32_t source)
{
    TrnQueue *q = run->q;

    if (trn_error_is_fault(q->error)) {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_MMU_FAULT, source,
                    trn_field_prep(TRNX_FAULT_CODE, q->error) |
                    trn_field_prep(TRNX_FAULT_ACCESS, q->error_access) |
                    trn_field_prep(TRNX_FAULT_ADDR, q->error_addr));
    } else {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_QUEUE_ERROR, source,
                    q->error);
    }
}

static void send_events(TrnRun *run)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;
    uint32_t source = e->index * TRN_QUEUES_PER_ENGINE + run->qi;
    bool completion, error;

    if (!enter_big_lock(run)) {
        return;
    }
    trn_mutex_lock(&e->lock);
    completion = q->send_completion;
    error = q->send_error;
    q->send_completion = false;
    TRN_WRITE(&q->send_error, false);
    trn_mutex_unlock(&e->lock);
    if (error) {
        post_error(run, source);
    }
    if (completion) {
        trn_eq_post(run->chip, q->eq, TRNX_EVENT_COMPLETION, source,
                    q->published);
    }
    leave_big_lock(run);
}

static void show_progress(TrnRun *run)
{
    TrnQueue *q = run->q;

    if (q->record_due || TRN_READ(&q->status_due)) {
        publish(run);
    }
    if (q->send_completion || TRN_READ(&q->send_error)) {
        send_events(run);
    }
    if (q->note_error) {
        notify_error(run);
    }
}

static TrnStep take_turn(TrnRun *run)
{
    TrnStep step;

    while ((step = take_step(run)) == STEP_GO) {
        if (run->record_pieces >= RECORD_PIECES ||
            run->record_bytes >= RECORD_BYTES) {
            show_progress(run);
        }
    }
    show_progress(run);
    return step;
}

/* The next queue that is worth a turn, round robin, or -1. */
static int pick_queue_locked(TrnEngine *e)
{
    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        unsigned q = (e->next + i) % TRN_QUEUES_PER_ENGINE;

        if (e->ready & (1u << q)) {
            e->next = q + 1;
            return q;
        }
    }
    return -1;
}

static void begin_turn_locked(TrnRun *run, TrnEngine *e, unsigned q)
{
    TrnStore *regs = &run->chip->regs;
    uint32_t max_desc = trn_store_read32(regs, e->bar0 +
                                         TRN_M2S_DESC_PREF_CFG_2) &
                        TRN_M2S_DESC_PREF_MAX;

    e->running = true;
    e->active = q;
    run->e = e;
    run->q = &e->queue[q];
    run->qi = q;
    run->gen = e->gen;
    run->kicks = run->q->kicks;
    run->max_desc = max_desc ? max_desc : TRN_PKT_MAX_DESC;
    run->max_len = trn_store_read32(regs, e->bar0 + TRN_M2S_CFG_LEN) &
                   TRN_M2S_CFG_LEN_MAX;
    run->pieces = 0;
    run->bytes = 0;
    run->record_pieces = 0;
    run->record_bytes = 0;
    begin_cache(&run->m2s, &run->q->m2s, true);
    begin_cache(&run->s2m, &run->q->s2m, false);
}

/* True if some queue of the engine wants another turn. */
static bool end_turn_locked(TrnRun *run, TrnStep step)
{
    TrnEngine *e = run->e;
    TrnQueue *q = run->q;

    if (step == STEP_IDLE && q->kicks == run->kicks && !q->record_due &&
        !q->status_due && !q->send_completion && !q->send_error &&
        !q->note_error) {
        e->ready &= ~(1u << run->qi);
    }
    e->running = false;
    e->active = -1;
    trn_cond_broadcast(&e->stopped);
    e->queued = e->ready && !e->hold;
    return e->queued;
}

bool trn_engine_run(TrnRun *run, unsigned engine)
{
    TrnEngine *e = &run->chip->engine[engine];
    bool more = false;
    TrnStep step;
    int q;

    trn_mutex_lock(&e->lock);
    q = e->hold ? -1 : pick_queue_locked(e);
    if (q >= 0) {
        begin_turn_locked(run, e, q);
        trn_mutex_unlock(&e->lock);
        step = take_turn(run);
        trn_mutex_lock(&e->lock);
        more = end_turn_locked(run, step);
    } else {
        e->queued = false;
    }
    trn_mutex_unlock(&e->lock);
    return more;
}
