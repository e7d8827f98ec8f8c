/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One chip: everything behind BAR0, BAR2 and BAR4. The front end creates it
 * with a configuration and a bus, passes register accesses to it, and runs its
 * engines on worker threads.
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

/* Faults of trnx that a driver must refuse, for tests of drivers. */
typedef enum TrnIdFault {
    TRN_ID_FAULT_NONE,
    TRN_ID_FAULT_SUBSYSTEM,     /* subsystem id of a board */
    TRN_ID_FAULT_ABSENT,        /* no capability in configuration space */
    TRN_ID_FAULT_MAGIC,         /* wrong magic in the capability */
    TRN_ID_FAULT_VERSION,       /* unknown major version */
    TRN_ID_FAULT_PLACE,         /* the capability names another BAR */
    TRN_ID_FAULT_IDENTITY,      /* wrong magic in the identity block */
    TRN_ID_FAULT_GEOMETRY,      /* more engines than a chip can have */
    TRN_ID_FAULT_SMALL,         /* half of BAR2 is missing */
    TRN_ID_FAULT_MAX,
} TrnIdFault;

typedef struct TrnConfig {
    const TrnGeneration *gen;
    uint8_t *hbm;               /* four slots, contiguous */
    uint64_t hbm_slot;          /* BAR4 bytes from one stack to the next */
    uint32_t routing_id;
    uint32_t fw_api_version;
    TrnIdFault id_fault;
    uint8_t *scratch;           /* pool of SBUF, TOP_SP and PREPROC, zeroed */
    uint64_t scratch_size;
    TrnEnergyModel energy;
    bool aborts;                /* errors abort engines (udma/abort.c) */
    bool timed;                 /* the timing model is on */
    TrnTimingModel timing;
} TrnConfig;

/* Register writes by DMA that must wait: another thread does them. */
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
    TrnMutex deferred_lock;     /* of the three below; innermost */
    TrnDeferred deferred[TRN_DEFERRED_MAX];
    unsigned num_deferred;
    bool draining;              /* earlier ones are being done */
    uint64_t logged;            /* TrnOnce bits already logged; atomic */
} TrnChip;

/*
 * Returns NULL if the host is out of memory. The chip is in power-on state, bus
 * mastering off. The caller keeps @bus and the memories, which must outlive the
 * chip.
 */
TrnChip *trn_chip_new(const TrnConfig *cfg, const TrnBus *bus, void *opaque);

/* All workers have ended. */
void trn_chip_free(TrnChip *chip);

/* BAR0: 32 bits, @offset a multiple of 4 below 4 GiB. Big lock held. */
uint32_t trn_chip_read(TrnChip *chip, uint32_t offset);
void trn_chip_write(TrnChip *chip, uint32_t offset, uint32_t value);

/* The same for a DMA engine that addresses registers. Any thread; no wait. */
uint32_t trn_chip_dma_read(TrnChip *chip, uint32_t offset);
void trn_chip_dma_write(TrnChip *chip, uint32_t offset, uint32_t value);

/* The bus calls this after TrnBus.defer. Big lock held. */
void trn_chip_deferred(TrnChip *chip);

/* The bus calls this after TrnBus.wake_at. Big lock held. */
void trn_chip_woken(TrnChip *chip);

/* While off, doorbells are counted and no data moves. Waits for that. */
void trn_chip_set_bus_master(TrnChip *chip, bool on);

/* No data moves from the return of stop until start. Calls nest. */
void trn_chip_stop(TrnChip *chip);
void trn_chip_start(TrnChip *chip);

/* This engine accepts doorbells and fetches nothing; -1 for none. */
void trn_chip_set_hang(TrnChip *chip, int engine);

/* Unplugged: no DMA, no interrupt, and no neighbour can reach the chip. */
void trn_chip_set_gone(TrnChip *chip, bool gone);

/* Bytes of a stack that decode: those of the generation, at most a slot. */
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
