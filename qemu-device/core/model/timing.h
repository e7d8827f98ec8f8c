/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timing model: how long the chip takes, in picoseconds of virtual time. Off
 * unless TrnConfig.timed is set: TrnChip.timing is then NULL.
 *
 * A descriptor can start once it has been rung for start_ns. Then it takes its
 * engine for the time of its bytes, but at least desc_ns, and each memory, link
 * or host window at its two ends for the time of the bytes there; each of these
 * does one thing after the other, in the order in which they start. It ends
 * when the last of them is done with it, and is seen after the latency of the
 * host window and the link. The engine is free for the next descriptor when it
 * ends, so that start cost and latency overlap with the work of others.
 *
 * Where the time goes: a queue asks for its engine (trn_timing_start()),
 * reserves the time of a piece (trn_timing_reserve()), and waits until the
 * piece is done (trn_timing_wait()). A plain copy moves its bytes only then, so
 * that nobody sees them before; an inline operation has moved them, and
 * completes then.
 *
 * All of it is a function of virtual time, if the engines of all chips run with
 * the big lock held, in one order: by doorbells and by wake_at. The frontend
 * sees to that.
 */
#ifndef TRN_CORE_TIMING_H
#define TRN_CORE_TIMING_H

#include "../port.h"
#include "../../regs/trn_chip.h"

struct TrnChip;
struct TrnEngine;

/* Constants; a bandwidth is 10^6 bytes a second, which is bytes a us. */
typedef struct TrnTimingModel {
    uint32_t engine_mbps;
    uint32_t hbm_mbps;          /* of all stacks together, both ways */
    uint32_t link_mbps;         /* of a link, each way */
    uint32_t host_mbps;         /* each way */
    uint32_t start_ns;          /* from the doorbell */
    uint32_t desc_ns;           /* least time of a descriptor */
    uint32_t link_latency_ns;
    uint32_t host_latency_ns;
} TrnTimingModel;

/* --- the model, on its own --- */

/*
 * A point of virtual time in picoseconds. The clock counts nanoseconds for 292
 * years; in 64 bits their picoseconds would end after 213 days.
 */
typedef TrnWide TrnPs;

/* A resource that serves one request at a time: free from this time on. */
typedef TrnPs TrnBusy;

/* Picoseconds that @bytes take, rounded up. */
uint64_t trn_timing_of(uint64_t bytes, uint32_t mbps);

/* Occupies @busy for @ps, not before @start. Returns the end. */
TrnPs trn_busy_take(TrnBusy *busy, TrnPs start, uint64_t ps);

/*
 * Times at which descriptors were rung, the oldest first. With more doorbells
 * than this and no completion, the later ones count as rung earlier.
 */
#define TRN_ARRIVALS 16

typedef struct TrnArrival {
    uint64_t upto;              /* TrnRing.rung after the doorbell */
    TrnPs at;
} TrnArrival;

typedef struct TrnArrivals {
    uint8_t first;
    uint8_t num;
    TrnArrival ring[TRN_ARRIVALS];
} TrnArrivals;

void trn_arrivals_add(TrnArrivals *a, uint64_t rung, TrnPs at);

/* Time at which descriptor @n was rung; forgets those before. From 0. */
TrnPs trn_arrivals_find(TrnArrivals *a, uint64_t n);

/* --- the state of a chip --- */

/* Bytes that a piece moves through each resource. */
typedef struct TrnCost {
    uint64_t bytes;             /* of the engine */
    bool whole;                 /* a descriptor begins here */
    uint64_t stack[TRN_NUM_HBM_STACKS];
    uint64_t host[2];           /* read, written */
    uint64_t link[TRN_NUM_SENGS][2];
    uint64_t far[TRN_NUM_SENGS][TRN_NUM_HBM_STACKS];    /* neighbours' stacks */
} TrnCost;

/*
 * @n bytes at chip address @addr; of any chip, whether they are there or not.
 */
void trn_cost_add(struct TrnChip *chip, TrnCost *cost, uint64_t addr,
                  uint64_t n, bool write);

typedef struct TrnQueueTiming {
    TrnArrivals m2s;
    TrnArrivals s2m;
    TrnPs since;                /* it can run, as far as that was switched */
    TrnPs until;                /* its last piece is seen */
    uint32_t granted;           /* bytes that it may move from then on */
    TrnPs wake;                 /* when to kick it, 0 = never */
} TrnQueueTiming;

typedef struct TrnEngineTiming {
    TrnBusy busy;
    TrnPs since;                /* it was stopped before */
    TrnPs wake;                 /* the first of its queues', 0 = never */
    uint16_t waiting;           /* queues that could start were it free */
    int owner;                  /* the one that may now, or -1 */
    uint32_t last;              /* the one that had it last, */
    uint32_t more;              /* and may have it so many times after that */
    TrnQueueTiming queue[TRN_QUEUES_PER_ENGINE];
} TrnEngineTiming;

/* Under the big lock. */
typedef struct TrnTiming {
    TrnEngineTiming engine[TRN_NUM_ENGINES];
    TrnBusy stack[TRN_NUM_HBM_STACKS];
    TrnBusy host[2];            /* read, written */
    /* Read, which only counts where nobody is at the far end; written. */
    TrnBusy link[TRN_NUM_SENGS][2];
    TrnPs completion;           /* when the last descriptor was done */
} TrnTiming;

/* Forgets all work in flight; completion stays. */
void trn_timing_reset(struct TrnChip *chip);
void trn_timing_reset_engine(struct TrnEngine *e);
void trn_timing_reset_queue(struct TrnEngine *e, unsigned q);

/* False for a state that the model cannot reach. True for NULL. */
bool trn_timing_is_sane(const TrnTiming *t);

/* After the state was loaded from elsewhere. Big lock held. */
void trn_timing_resume(struct TrnChip *chip);

/* The engine, or the queue, can run again: not earlier than now. */
void trn_timing_released(struct TrnEngine *e);
void trn_timing_enabled(struct TrnEngine *e, unsigned q);

/* A piece of the queue is in flight. */
bool trn_timing_is_busy(const struct TrnEngine *e, unsigned q);

/* Kicks the queues whose time has come. Big lock held. */
void trn_timing_woken(struct TrnChip *chip);

/* --- of an engine that has a TrnEngine.timing --- */

/* Descriptors were rung, and TrnRing.rung counts them. Engine lock held. */
void trn_timing_rung(struct TrnEngine *e, unsigned q, bool m2s);

/*
 * The turn of @q is over. If the engine has nothing to do, one of the queues
 * that wait for it gets it. Engine lock held.
 */
void trn_timing_end_turn_locked(struct TrnEngine *e, unsigned q);

/* True if no piece of the queue is in flight. Else kicks it at that time. */
bool trn_timing_wait(struct TrnEngine *e, unsigned q);

/* True if the queue may start its next piece. Else kicks it in time. */
bool trn_timing_start(struct TrnEngine *e, unsigned q);

/* After the start: a piece of @cost, of which @bytes will move then. */
void trn_timing_reserve(struct TrnEngine *e, unsigned q, const TrnCost *cost,
                        uint32_t bytes);

/* Bytes that have their time reserved; @bytes of them have moved. */
uint32_t trn_timing_granted(const struct TrnEngine *e, unsigned q);
void trn_timing_consume(struct TrnEngine *e, unsigned q, uint32_t bytes);

/* A descriptor of @q is complete. */
void trn_timing_complete(struct TrnEngine *e, unsigned q);

#endif /* TRN_CORE_TIMING_H */
