/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for the core without QEMU: flat host memory, four small HBM stacks,
 * recorders for what the chip asks and says. One thread, no locks.
 */
#ifndef TRN_TESTS_FAKE_BUS_H
#define TRN_TESTS_FAKE_BUS_H

#include "unit.h"

#include "core/chip.h"

#define FAKE_HOST_SIZE 0x400000u        /* host addresses from 0 on */
#define FAKE_HBM_SLOT 0x2000000u        /* 32 MiB a stack */
#define FAKE_VECTORS 32
#define FAKE_SCRATCH 0x4000000u         /* 64 MiB */

/* HW 2.3. */
#define HOST_BIT 0x400000000000ULL

typedef struct FakeBus {
    TrnChip *chip;
    TrnExec *run;
    TrnBus bus;
    bool in_turn;               /* an engine runs, as on a worker */
    uint8_t *host;
    uint8_t *hbm;
    uint8_t *scratch;
    bool ready[132];            /* engine_ready seen, not yet run */
    bool deferred;
    unsigned irqs[FAKE_VECTORS];
    void (*on_irq)(TrnChip *chip);  /* what an interrupt's message does, */
    void (*on_read)(struct FakeBus *fake);      /* and a read of host memory */
    bool log_off;
    void (*on_log)(struct FakeBus *fake);       /* for one line, or NULL */
    unsigned guest_errors;
    unsigned unimp;
    int lock_depth;
    uint64_t now;               /* virtual time, moved by the test */
    uint64_t wake_at;           /* the first that the chip asked for, or 0 */
    uint64_t dirty_bytes;       /* of HBM */
    uint64_t scratch_dirty;
} FakeBus;

/* A chip at power-on state with bus mastering on. */
FakeBus *fake_new(void);
/* The same, one of several in @fabric. */
FakeBus *fake_new_in(TrnFabric *fabric, uint32_t routing_id);
/* The same with the timing model of trn3; @fabric may be NULL. */
FakeBus *fake_new_timed(TrnFabric *fabric, uint32_t routing_id);
void fake_free(FakeBus *fake);

/* Gives every engine that is ready up to @turns turns; true if all are idle. */
bool fake_run_turns(FakeBus *fake, unsigned turns);
/* Runs engines until all are idle; if that takes too long, an error. */
void fake_run(FakeBus *fake);

/* Runs them and moves the clock to @when, with a stop wherever one is due. */
void fake_run_until(FakeBus *fake, uint64_t when);

/* HW 3.1 and 5.1: a queue's pages in BAR0, and its programming of HW 3.3. */
uint32_t fake_page(unsigned engine, unsigned queue, bool s2m);
void fake_program(FakeBus *fake, unsigned engine, unsigned queue, uint64_t m2s,
                  uint64_t s2m, uint32_t len);

/* A descriptor into host memory at bus address @at. */
void fake_desc(FakeBus *fake, uint64_t at, uint32_t w0, uint32_t w1,
               uint64_t addr);

#endif
