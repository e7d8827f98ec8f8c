/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: interface between the files that execute queues. All of it runs
 * on the worker that runs the engine.
 */
#ifndef TRN_CORE_UDMA_RUN_H
#define TRN_CORE_UDMA_RUN_H

#include "../ops/inline.h"
#include "udma.h"

#define TRN_FETCH_MAX   64      /* descriptors a ring read brings */
#define TRN_CACHE_SIZE  512     /* descriptors: longest packet and a fetch */

typedef enum TrnStep {
    TRN_STEP_GO,                /* the state has changed: look again */
    TRN_STEP_IDLE,              /* nothing to do until the queue is kicked */
    TRN_STEP_LATER,             /* asked to stop, or the budget is used up */
    TRN_STEP_BAD,               /* the next descriptor cannot be read */
} TrnStep;

/* Descriptors fetched from the head of a ring on. */
typedef struct TrnCache {
    TrnRing *ring;
    bool m2s;
    uint64_t base;              /* the ring's, when the turn began */
    uint32_t len;
    unsigned pos;
    unsigned num;
    TrnDesc desc[TRN_CACHE_SIZE];
} TrnCache;

#define TRN_INLINE_ELEMENTS 4096 /* that are worked on at a time */

/* Elements in an inline operation, packed. */
typedef struct TrnInlineBuffers {
    uint8_t in[TRN_INLINE_ELEMENTS * 8];
    uint8_t out[TRN_INLINE_ELEMENTS * 8];
    uint8_t sum[TRN_INLINE_ELEMENTS * 4];
} TrnInlineBuffers;

struct TrnExec {
    struct TrnChip *chip;
    TrnEngine *e;
    TrnQueue *q;
    unsigned qi;
    TrnEngineState unparked;    /* state to go back to from PARKED */
    uint32_t hold_seq;
    uint32_t wake_seq;
    uint32_t max_desc;          /* per packet */
    uint32_t max_len;           /* of a packet, 0 = no limit */
    unsigned access;            /* TRNX_ACCESS_* translated last */
    unsigned pieces;            /* in this turn */
    uint32_t bytes;
    unsigned record_pieces;     /* since the last counter record */
    uint32_t record_bytes;
    TrnCost cost;               /* of the inline piece at hand, if timed */
    TrnCache m2s;
    TrnCache s2m;
    uint8_t raw[TRN_FETCH_MAX * TRN_DESC_SIZE];
    uint8_t bounce[TRN_DESC_MAX_LEN];
    TrnInlineBuffers inl;
};

/* --- run.c: turns, safe points --- */

bool trn_exec_asked_to_stop(const TrnExec *exec);

/*
 * While parked, the engine counts as stopped: nothing of the queue is touched
 * that a holder of the big lock may reset. False: asked to stop meanwhile.
 */
void trn_exec_park(TrnExec *exec);
bool trn_exec_unpark(TrnExec *exec);

/* Parks, takes the big lock; false, without it, if asked to stop meanwhile. */
bool trn_exec_enter_big_lock(TrnExec *exec);
void trn_exec_leave_big_lock(TrnExec *exec);

/*
 * Around an access, of host memory if @host: takes the big lock where the bus
 * wants that. False, without it, if asked to stop.
 */
bool trn_exec_enter_memory(TrnExec *exec, bool host);
void trn_exec_leave_memory(TrnExec *exec, bool host);

/* @bytes have moved, in what the turn counts as @pieces. */
void trn_exec_account(TrnExec *exec, unsigned pieces, uint32_t bytes);

/* --- error.c --- */

/*
 * Reports @code as the chip does and as trnx does. True if the queue halts, by
 * itself or because the engine aborts; otherwise the caller goes on as best it
 * can.
 */
bool trn_exec_report(TrnExec *exec, unsigned code, uint64_t addr,
                     const TrnDesc *d);

/* A cause bit that is no error: aborts nothing, whatever the mask. */
void trn_exec_hint(TrnExec *exec, TrnIofic *group, uint32_t bit);

/* The cause bit of a descriptor that asked for an interrupt. */
void trn_exec_raise_done(TrnExec *exec, bool m2s);

/* Reports a completion entry that cannot be written: no code of trnx. */
void trn_exec_report_completion(TrnExec *exec, bool m2s);

/* False if the queue halts over the ring id of @d, at ring place @ptr. */
bool trn_exec_check_ring_id(TrnExec *exec, const TrnCache *c, const TrnDesc *d,
                            uint32_t ptr);

/* --- fetch.c --- */

/*
 * Memory that the queue calls @va, for a TRNX_ACCESS_*, as a chip address. May
 * shorten *@len to what lies there. TRNX_ERR_NONE or TRNX_ERR_MMU_*.
 */
unsigned trn_exec_translate(TrnExec *exec, unsigned access, uint64_t va,
                            uint64_t *addr, uint32_t *len);

/* Host memory may be among the @len >= 1 bytes that the queue calls @va. */
bool trn_exec_touches_host(const TrnExec *exec, uint64_t va, uint32_t len);

void trn_cache_begin(TrnCache *c, TrnRing *ring, bool m2s);

/* Descriptors at hand. */
static inline unsigned trn_cache_count(const TrnCache *c)
{
    return c->num - c->pos;
}

/* Drops the head of the ring, which is finished. */
void trn_cache_move_head(TrnCache *c);

/*
 * Brings in more descriptors behind those at hand. GO: there are more, or the
 * head was skipped; IDLE: none are rung, or the queue has halted; BAD: some are
 * at hand, but the one behind them cannot be read.
 */
TrnStep trn_exec_fetch(TrnExec *exec, TrnCache *c);

/* --- move.c --- */

/* Fetches the next packet and counts its descriptors. */
TrnStep trn_exec_begin_packet(TrnExec *exec);

/* Moves one piece of the packet at hand. */
TrnStep trn_exec_move_data(TrnExec *exec);

/*
 * Copies up to *@len bytes, what is of one kind at both ends, and says how many
 * or, with a TRNX_ERR_*, where it failed: *@at_target, and the bytes to skip.
 */
unsigned trn_exec_copy(TrnExec *exec, uint64_t src_va, uint64_t dst_va,
                       uint32_t *len, bool *at_target);

/* --- inline-run.c --- */

/* Executes a piece of the inline operation, which is fetched in full. */
TrnStep trn_exec_inline(TrnExec *exec);

/* --- retire.c --- */

/* Retire the head, which is done. LATER if asked to stop before. */
TrnStep trn_exec_retire_s2m(TrnExec *exec);
TrnStep trn_exec_retire_m2s(TrnExec *exec);

/* Writes record, events and notifications that are due. */
void trn_exec_show_progress(TrnExec *exec);

#endif /* TRN_CORE_UDMA_RUN_H */
