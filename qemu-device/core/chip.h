/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One chip: everything behind BAR0, BAR2 and BAR4. The frontend makes one with
 * a configuration and a bus, hands it register accesses, and lends it workers.
 */
#ifndef TRN_CORE_CHIP_H
#define TRN_CORE_CHIP_H

#include "bar0/addrmap.h"
#include "bus.h"
#include "ecc.h"
#include "errinj.h"
#include "fabric/fabric.h"
#include "model/gen.h"
#include "malice.h"
#include "bar0/mbox.h"
#include "mem.h"
#include "reset.h"
#include "resume.h"
#include "bar0/scratch.h"
#include "bar0/sem.h"
#include "bar0/store.h"
#include "model/telemetry.h"
#include "trnx/trnx.h"
#include "udma/udma.h"
#include "wake.h"

/* What is wrong with trnx: for tests of drivers, which are to refuse it. */
typedef enum TrnIdFault {
    TRN_ID_FAULT_NONE,
    TRN_ID_FAULT_SUBSYSTEM,     /* that of some board, not the model's */
    TRN_ID_FAULT_ABSENT,        /* no capability in configuration space */
    TRN_ID_FAULT_MAGIC,         /* the capability is about something else */
    TRN_ID_FAULT_VERSION,       /* a major version to come */
    TRN_ID_FAULT_PLACE,         /* in a BAR that is not its own */
    TRN_ID_FAULT_IDENTITY,      /* the identity block is about something else */
    TRN_ID_FAULT_GEOMETRY,      /* more engines than a chip can have */
    TRN_ID_FAULT_SMALL,         /* half of BAR2 is missing */
    TRN_ID_FAULT_MAX,
} TrnIdFault;

typedef struct TrnConfig {
    const TrnGeneration *gen;
    uint8_t *hbm;               /* four slots, one after the other */
    uint64_t hbm_slot;          /* BAR4 bytes from one stack to the next */
    uint32_t routing_id;
    uint32_t fw_api_version;
    TrnIdFault id_fault;
    uint8_t *scratch;           /* pool of SBUF, TOP_SP and PREPROC, zeroes */
    uint64_t scratch_size;
    TrnEnergyModel energy;
    bool aborts;                /* errors abort engines (udma/abort.c) */
    bool timed;                 /* the timing model is on */
    TrnTimingModel timing;
} TrnConfig;

/* Register writes by DMA that have to wait for a thread that may wait. */
#define TRN_DEFERRED_MAX 64

typedef struct TrnDeferred {
    uint32_t offset;            /* in BAR0 */
    uint32_t value;
} TrnDeferred;

typedef struct TrnChip {
    TrnConfig cfg;
    const TrnBus *bus;
    void *opaque;               /* of the bus */
    bool bus_master;
    int hang_engine;            /* or -1 */
    TrnEngine engine[TRN_NUM_ENGINES];
    TrnStoreLimit reg_limit;
    TrnStore regs;              /* BAR0 registers that are plain storage */
    TrnScratch scratch;
    TrnSem core_sem[TRN_NUM_CORES];
    TrnSem top_sp_sem[TRN_NUM_TOP_SP];
    TrnMbox mbox;
    TrnTrnx trnx;
    TrnTelemetry telemetry;
    TrnTiming *timing;          /* NULL: the timing model is off */
    TrnPeer peer;
    TrnErrinj errinj;
    TrnWakeList wake;
    TrnMutex deferred_lock;     /* protects the four below; innermost */
    TrnDeferred deferred[TRN_DEFERRED_MAX];
    unsigned num_deferred;
    bool draining;              /* earlier ones are being carried out */
    uint64_t logged;            /* TrnOnce bits already logged; atomic */
} TrnChip;

/*
 * NULL if the host is out of memory. The chip is at power-on state with bus
 * mastering off. @bus and the memories stay the caller's and outlive the
 * chip.
 */
TrnChip *trn_chip_new(const TrnConfig *cfg, const TrnBus *bus, void *opaque);

/* No worker runs any more. */
void trn_chip_free(TrnChip *chip);

/* BAR0: 32 bits, @offset a multiple of 4 below 4 GiB. Big lock held. */
uint32_t trn_chip_read(TrnChip *chip, uint32_t offset);
void trn_chip_write(TrnChip *chip, uint32_t offset, uint32_t value);

/* The same when a DMA engine addresses registers: any thread, never waits. */
uint32_t trn_chip_dma_read(TrnChip *chip, uint32_t offset);
void trn_chip_dma_write(TrnChip *chip, uint32_t offset, uint32_t value);

/* Answer to TrnBus.defer. Big lock held. */
void trn_chip_deferred(TrnChip *chip);

/* Answer to TrnBus.wake_at. Big lock held. */
void trn_chip_woken(TrnChip *chip);

/* While off, doorbells are counted and nothing moves. Returns when so. */
void trn_chip_set_bus_master(TrnChip *chip, bool on);

/* Nothing moves from the return of stop until start; they nest. */
void trn_chip_stop(TrnChip *chip);
void trn_chip_start(TrnChip *chip);

/* This engine accepts doorbells and fetches nothing; -1 for none. */
void trn_chip_set_hang(TrnChip *chip, int engine);

/* Pulled out: no DMA, no interrupt, and neighbours do not find it. */
void trn_chip_set_gone(TrnChip *chip, bool gone);

/* Bytes of a stack that decode: the generation's, or the slot if smaller. */
uint64_t trn_chip_hbm_usable(const TrnChip *chip);

/* Lines that are logged once for each chip. */
typedef enum TrnOnce {
    TRN_ONCE_BAR0_GAP,
    TRN_ONCE_META,
    TRN_ONCE_NQ_RING,
    TRN_ONCE_OP,
    TRN_ONCE_SCRATCH_FULL,
    TRN_ONCE_DEFERRED_FULL,
    TRN_ONCE_RESERVED_TRNX,
    TRN_ONCE_DOORBELL_OFF,
    TRN_ONCE_FW_METRICS,
} TrnOnce;

void trn_log(TrnChip *chip, TrnLog kind, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
void trn_log_once(TrnChip *chip, TrnOnce what, TrnLog kind, const char *fmt,
                  ...) G_GNUC_PRINTF(4, 5);

static inline void trn_trace(const TrnChip *chip, TrnTrace event,
                             unsigned engine, unsigned queue, uint64_t a,
                             uint64_t b)
{
    if (chip->bus->trace) {
        chip->bus->trace(chip->opaque, event, engine, queue, a, b);
    }
}

#endif /* TRN_CORE_CHIP_H */
