/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: registers (regs.c), control (engine.c) and execution (run.h).
 *
 * A queue is a pair of rings. Each ring counts descriptors in free-running
 * 64-bit numbers: "rung" is what doorbells added, "retired" what is finished;
 * their difference is pending. Indices and ring ids (HW 3.4) are kept beside
 * them and never compared to tell full from empty.
 *
 * Who writes what:
 *
 *  - registers, rung and tail: register accesses, under TrnEngine.lock. The
 *    worker reads comp_cfg and comp_base, each once, without it;
 *  - retired, head and the packet position: the worker that runs the engine,
 *    without the lock. Others write them only while the engine is stopped. The
 *    guest polls head and retired in registers: a store of either releases, a
 *    read acquires, so that the data of finished descriptors is seen.
 *
 * Stopping. trn_engine_hold() raises TrnEngine.hold and returns once no worker
 * is between two safe points of this engine (TrnEngineState). No byte moves
 * until trn_engine_release(). Holds nest, one for each reason: reset, bus
 * master off, VM stop, a hang, change_state. A worker looks at hold before
 * every piece of a descriptor (at most 64 KiB). An abort (abort.c) holds
 * nothing: it halts the queues, which count doorbells from then on.
 *
 * Parking. A worker that needs the big lock parks first: a parked engine counts
 * as stopped, so that a holder of the big lock can wait for it. With the lock,
 * the worker goes on only if nobody held the engine meanwhile
 * (TrnEngine.hold_seq). Otherwise it forgets the piece it was at, which is not
 * accounted for yet, and ends its turn. The engine is parked as well while the
 * worker sends events: an interrupt may come back to this thread as a register
 * write that waits for the engine.
 *
 * The holder of an engine has the big lock. A worker that has it too, and is
 * not parked, is in an access of host memory that came back to it as a stop of
 * the VM. Waiting for that worker would never end, so hold does not wait; the
 * worker stops after the access.
 */
#ifndef TRN_CORE_UDMA_H
#define TRN_CORE_UDMA_H

#include "desc.h"
#include "../bar0/iofic.h"
#include "../bar0/nq.h"
#include "../model/telemetry.h"
#include "../model/timing.h"
#include "../../regs/trn_chip.h"
#include "../../regs/trn_trnx.h"

struct TrnChip;

typedef struct TrnRing {
    uint32_t cfg;               /* TRN_Q_CFG */
    uint32_t comp_cfg;
    uint64_t base;
    uint64_t comp_base;
    uint32_t len;               /* in descriptors */
    uint32_t tail;              /* register format: index, ring id */
    uint32_t head;              /* register format; also current, completion */
    uint64_t rung;
    uint64_t retired;
} TrnRing;

/* Reason for which a queue with pending M2S descriptors does not run. */
typedef enum TrnStall {
    TRN_STALL_NONE,
    TRN_STALL_NO_S2M,           /* a packet waits for a destination */
    TRN_STALL_NO_LAST,          /* the packet is not rung to its end */
} TrnStall;

/* The current packet, as an inline operation. */
typedef enum TrnInlineState {
    TRN_INLINE_STATE_NONE,      /* it is none */
    TRN_INLINE_STATE_RUNS,
    TRN_INLINE_STATE_ENDED,     /* only its descriptors are not retired yet */
    TRN_INLINE_STATE_MAX,
} TrnInlineState;

typedef struct TrnQueue {
    TrnRing m2s;
    TrnRing s2m;
    uint32_t rlimit_mask;

    /* Position inside the packet being moved. */
    uint32_t packet_left;       /* M2S descriptors to its end, 0 = no packet */
    bool op_checked;            /* the operation word has been looked at */
    bool s2m_first;             /* the next S2M completion carries FIRST */
    uint32_t m2s_off;           /* bytes of the M2S head already moved */
    uint32_t s2m_off;           /* bytes of the S2M head already filled */
    bool m2s_done;              /* the head is finished, but not yet retired, */
    bool s2m_done;
    uint32_t m2s_flags;         /* and its completion carries these */
    uint32_t s2m_flags;
    uint8_t inline_state;       /* TrnInlineState */
    uint64_t inline_pos;        /* elements, TRANSPOSE: tiles, that are done */

    /* trnx queue control block (regs/trn_trnx.h), under TrnEngine.lock. */
    uint32_t ctrl;
    uint32_t eq;
    uint32_t asid;
    uint32_t priority;          /* TRNX_PRIORITY_* */
    uint64_t count_addr;
    uint64_t arm;
    uint32_t count_addr_low;    /* low halves waiting for their high half */
    uint32_t arm_low;
    bool armed;
    uint64_t published;         /* S2M count that the record shows */
    bool record_due;            /* the record is older than the counts */
    bool halted;                /* also read without the lock */
    uint8_t error;              /* TRNX_ERR_*, first since reset */
    uint64_t error_addr;
    uint8_t error_access;       /* TRNX_ACCESS_*, of TRNX_ERR_MMU_* */
    bool status_due;            /* the record does not show the error yet */
    bool send_completion;       /* events decided on, not yet written */
    bool send_error;
    bool note_error;            /* not in the notification queue yet */
    uint64_t due;               /* completion held back until then; atomic */
    uint32_t wake_seq;          /* times it was marked worth a turn */
} TrnQueue;

typedef struct TrnErrLog {
    uint32_t word[4];           /* header of the packet, here: descriptor */
    bool full;                  /* until cleared */
} TrnErrLog;

/*
 * The turn of an engine, as others see it:
 *
 *   IDLE ----> RUNS <----> RUNS_LOCKED
 *     ^--------' ^             ^
 *                '--> PARKED <-'
 *
 * A turn may begin only in IDLE with hold at 0. Reset, load and disable need an
 * engine that is held, in any state but RUNS.
 */
typedef enum TrnEngineState {
    TRN_ENGINE_IDLE,            /* no worker has it */
    TRN_ENGINE_RUNS,            /* a worker may touch all of it; hold waits */
    TRN_ENGINE_RUNS_LOCKED,     /* the same, and the worker has the big lock */
    TRN_ENGINE_PARKED,          /* a worker has it, and touches none of it */
    TRN_ENGINE_STATES,
} TrnEngineState;

typedef struct TrnEngine {
    struct TrnChip *chip;
    unsigned index;
    uint64_t bar0;              /* offset of the registers */
    TrnMutex lock;
    TrnCond stopped;            /* state is not RUNS any more */
    unsigned hold;              /* number of holds; atomic reads */
    uint32_t hold_seq;          /* number of holds ever; atomic reads */
    bool queued;                /* engine_ready called, run not returned */
    TrnEngineState state;       /* trn_engine_set_state_locked() */
    void *runner;               /* the worker's trn_thread_self() */
    int active;                 /* queue being run, or -1 */
    uint16_t ready;             /* queues worth a turn */
    unsigned last;              /* queue that had the last turn, */
    unsigned more_turns;        /* and those that it may have after it */
    TrnQueue queue[TRN_QUEUES_PER_ENGINE];
    TrnIofic primary[4];        /* groups A..D */
    TrnIofic secondary[4];      /* A = M2S errors, B = S2M errors, C, D */
    TrnNq nq;                   /* DMA trace */
    TrnErrLog m2s_log;
    TrnErrLog s2m_log;
    uint16_t aborted;           /* queues that an abort has halted */
    uint32_t m2s_off_state;     /* TRN_CHANGE_STATE_* that switched it off */
    uint32_t s2m_off_state;
    TrnActivity activity;       /* the worker's; no reset clears it */
    TrnEngineTiming *timing;    /* NULL: the timing model is off */
} TrnEngine;

/* --- regs.c: registers --- */

/* @offset: inside the engine's 1 MiB slot, a multiple of 4. */
uint32_t trn_engine_read(TrnEngine *e, uint32_t offset);
void trn_engine_write(TrnEngine *e, uint32_t offset, uint32_t value);

/*
 * True if that write has to wait for the engine to stop: done by a DMA engine,
 * it must be deferred.
 */
bool trn_engine_write_waits(uint32_t offset, uint32_t value);

/* TRNX_QCTL_STATUS. Engine lock held. */
uint32_t trn_queue_status_locked(const TrnEngine *e, unsigned q);

/* --- engine.c: doorbells, holds, resets --- */

void trn_engine_init(TrnEngine *e, struct TrnChip *chip, unsigned index);
void trn_engine_fini(TrnEngine *e);

void trn_engine_hold(TrnEngine *e);
void trn_engine_release(TrnEngine *e);

/* A step of a turn; it must be in the picture above. Engine lock held. */
void trn_engine_set_state_locked(TrnEngine *e, TrnEngineState state);

static inline bool trn_engine_runs(const TrnEngine *e)
{
    return e->state == TRN_ENGINE_RUNS || e->state == TRN_ENGINE_RUNS_LOCKED;
}

/* Power-on state of everything. The engine is held. */
void trn_engine_reset(TrnEngine *e);

/*
 * What a whole-device reset does to the H2T engines: pending work is dropped,
 * ring registers and indices stay (HW 7.5). The engine is held.
 */
void trn_engine_drop_pending(TrnEngine *e);

/*
 * After the registers and positions were loaded from elsewhere into an engine
 * at power-on state: holds it if it is switched off, and finds its work.
 */
void trn_engine_resume(TrnEngine *e);

/* Power-on state of all fields that are saved. The engine is held. */
void trn_queue_power_on(TrnQueue *q);

/* Queue reset as by q_sw_ctrl bit 8 (HW 3.2.2). The engine is held. */
void trn_queue_reset_m2s(TrnQueue *q);
void trn_queue_reset_s2m(TrnQueue *q);

/* Enabled in both directions, not halted, and something is rung. */
bool trn_queue_can_run(const TrnQueue *q);

/* The doorbell register of one ring of @q: adds @n descriptors. */
void trn_engine_doorbell(TrnEngine *e, unsigned q, bool m2s, uint32_t n);

/*
 * The doorbell page of @q: adds descriptors to both rings, or to neither if
 * they have no room, which is an error of the queue.
 */
void trn_engine_ring(TrnEngine *e, unsigned q, uint32_t m2s, uint32_t s2m);

/*
 * Keeps @code as the queue's error if it is the first. True if the queue halts,
 * as one with an address space always does. Engine lock held.
 */
bool trn_queue_fail_locked(TrnQueue *q, unsigned code, uint64_t addr,
                           unsigned access);

/* The queue halts at an error by itself, so that none aborts the engine. */
static inline bool trn_queue_confines(const TrnQueue *q)
{
    return q->asid || (q->ctrl & TRNX_QCTL_CTRL_HALT);
}

/* Marks @q worth a turn and asks for a worker. Engine lock held. */
void trn_engine_kick_locked(TrnEngine *e, unsigned q);

/* --- abort.c --- */

/* Halts all queues of an engine, and lets them go on. Engine lock held. */
void trn_engine_abort_locked(TrnEngine *e);
void trn_engine_recover_locked(TrnEngine *e);

/* --- both --- */

/* Descriptors rung and not finished. */
static inline uint64_t trn_ring_pending(const TrnRing *r)
{
    return TRN_LOAD_ACQUIRE(&r->rung) - TRN_LOAD_ACQUIRE(&r->retired);
}

/* Ring pointer @ptr (register format) moved on by @n < 2^24. */
uint32_t trn_ring_advance(uint32_t ptr, uint32_t n, uint32_t len);

/* --- run.c: execution --- */

/* Context of a worker, which runs one engine at a time. */
typedef struct TrnExec TrnExec;

TrnExec *trn_exec_new(struct TrnChip *chip);
void trn_exec_free(TrnExec *exec);

/* Turns in a row; an unknown priority counts as normal. */
unsigned trn_queue_turns(const TrnQueue *q);

/*
 * Gives the engine one bounded turn. True: there is more to do, and the caller
 * runs the engine again (after others had theirs).
 */
bool trn_engine_run(TrnExec *exec, unsigned engine);

#endif /* TRN_CORE_UDMA_H */
