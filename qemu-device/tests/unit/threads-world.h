/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip and its neighbour with real threads, for ThreadSanitizer: workers that
 * run engines, and a big lock for a thread that stands for a vCPU.
 *
 * Locks are pthreads', which ThreadSanitizer knows, not GLib's. Host memory and
 * HBM are accessed as QEMU does it.
 */
#ifndef TRN_TESTS_THREADS_WORLD_H
#define TRN_TESTS_THREADS_WORLD_H

#include "fake-bus.h"

#include <sched.h>

#define WORKERS 3

typedef struct World {
    TrnBus bus;
    TrnFabric fabric;
    TrnChip *chip;
    TrnChip *neighbour;           /* behind window 0 */
    uint8_t *host;
    uint8_t *hbm;
    uint8_t *scratch;             /* the neighbour's; the chip has none */
    TrnMutex big;
    pthread_t thread[WORKERS];
    TrnMutex fifo_lock;           /* protects fifo, head, tail, quit */
    TrnCond wake;
    uint8_t fifo[256];
    uint8_t head;
    uint8_t tail;
    bool quit;
    int deferred;
    int irqs;
    bool waits_for_polls;         /* workers do, for a while, when they read */
    unsigned polls;               /* atomic */
} World;

World *world_new(bool host_needs_lock);
void world_free(World *w);

void world_start(World *w);
void world_stop(World *w);

/*
 * The read barrier of a guest that has polled host memory at @at: the partner of
 * the last trn_wmb() before that word was written, and of no other. Only for
 * words that a worker wrote.
 */
void world_rmb(World *w, uint32_t at);

/* A thread has polled, and does so again soon. */
void world_polled(World *w);

/* Register accesses, with the big lock. */
void world_put(World *w, uint32_t off, uint32_t val);
uint32_t world_get(World *w, uint32_t off);
void world_put_trnx(World *w, uint32_t off, uint64_t val, unsigned size);

#endif
