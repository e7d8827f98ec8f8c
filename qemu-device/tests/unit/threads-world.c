/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "threads-world.h"

#include <sanitizer/tsan_interface.h>

#include "core/words.h"

#define SCRATCH 0x400000u       /* of the neighbour */

/*
 * Write barriers for ThreadSanitizer. Each is a variable of its own, which the
 * thread releases; each word of host memory remembers the last one of its writer.
 * Who reads the word acquires that variable. The fence itself would do more than
 * needed: one variable for all would let a later barrier stand in for one that
 * is missing.
 */
#define BARRIERS (1u << 16)

static char barrier[BARRIERS];
static unsigned barriers;
static __thread unsigned last_barrier;
static unsigned barrier_of[FAKE_HOST_SIZE / 4];

void trn_tsan_wmb(void)
{
    last_barrier = __atomic_fetch_add(&barriers, 1, __ATOMIC_RELAXED) %
                   BARRIERS;
    __tsan_release(&barrier[last_barrier]);
}

void world_rmb(World *w, uint32_t at)
{
    __tsan_acquire(&barrier[TRN_READ(&barrier_of[at / 4])]);
}

void world_polled(World *w)
{
    __atomic_fetch_add(&w->polls, 1, __ATOMIC_RELAXED);
    sched_yield();
}

/*
 * Lets who polls look twice, so that it sees what is there in the middle of a
 * turn. It may have seen enough, so that nobody waits for ever.
 */
static void wait_for_polls(World *w)
{
    unsigned polls = TRN_READ(&w->polls);

    for (unsigned i = 0; i < 50 && TRN_READ(&w->polls) - polls < 2; i++) {
        sched_yield();
    }
}

static bool host_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    World *w = opaque;

    if (addr >= FAKE_HOST_SIZE || len > FAKE_HOST_SIZE - addr) {
        return false;
    }
    if (w->waits_for_polls) {
        wait_for_polls(w);
    }
    trn_move(buf, w->host + addr, len);
    return true;
}

static bool host_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    World *w = opaque;

    if (addr >= FAKE_HOST_SIZE || len > FAKE_HOST_SIZE - addr) {
        return false;
    }
    for (size_t i = 0; i < len; i += 4) {
        TRN_WRITE(&barrier_of[(addr + i) / 4], last_barrier);
    }
    trn_move(w->host + addr, buf, len);
    return true;
}

static void irq(void *opaque, unsigned vector)
{
    World *w = opaque;

    w->irqs++;
}

static void lock(void *opaque)
{
    World *w = opaque;

    trn_mutex_lock(&w->big);
}

static void unlock(void *opaque)
{
    World *w = opaque;

    trn_mutex_unlock(&w->big);
}

static void engine_ready(void *opaque, unsigned engine)
{
    World *w = opaque;

    trn_mutex_lock(&w->fifo_lock);
    w->fifo[w->tail++] = engine;
    trn_cond_broadcast(&w->wake);
    trn_mutex_unlock(&w->fifo_lock);
}

static uint64_t now(void *opaque)
{
    return 0;
}

static void wake_at(void *opaque, uint64_t when)
{
}

static void scratch_clear(void *opaque, uint64_t len)
{
    World *w = opaque;

    memset(w->scratch, 0, len);
}

static void defer(void *opaque)
{
    World *w = opaque;

    __atomic_store_n(&w->deferred, 1, __ATOMIC_RELEASE);
}

static bool log_is_on(void *opaque, TrnLog kind)
{
    return true;
}

static void log_line(void *opaque, TrnLog kind, const char *line)
{
}

static void *worker(void *opaque)
{
    World *w = opaque;
    TrnExec *run = trn_exec_new(w->chip);

    g_assert_nonnull(run);
    trn_mutex_lock(&w->fifo_lock);
    while (!w->quit) {
        if (w->head == w->tail) {
            trn_cond_wait(&w->wake, &w->fifo_lock);
            continue;
        }
        unsigned engine = w->fifo[w->head++];

        trn_mutex_unlock(&w->fifo_lock);
        if (trn_engine_run(run, engine)) {
            engine_ready(w, engine);
        }
        trn_mutex_lock(&w->fifo_lock);
    }
    trn_mutex_unlock(&w->fifo_lock);
    trn_exec_free(run);
    return NULL;
}

void world_put(World *w, uint32_t off, uint32_t val)
{
    trn_mutex_lock(&w->big);
    trn_chip_write(w->chip, off, val);
    trn_mutex_unlock(&w->big);
}

uint32_t world_get(World *w, uint32_t off)
{
    uint32_t val;

    trn_mutex_lock(&w->big);
    val = trn_chip_read(w->chip, off);
    trn_mutex_unlock(&w->big);
    return val;
}

void world_put_trnx(World *w, uint32_t off, uint64_t val, unsigned size)
{
    trn_mutex_lock(&w->big);
    trn_trnx_write(w->chip, off, val, size);
    trn_mutex_unlock(&w->big);
}

World *world_new(bool host_needs_lock)
{
    World *w = g_new0(World, 1);
    TrnConfig cfg = {
        .gen = &trn_generations[TRN_GENERATION_3], .hbm_slot = FAKE_HBM_SLOT,
        .fw_api_version = 7,
    };

    w->bus = (TrnBus) {
        .host_read = host_read, .host_write = host_write, .irq = irq,
        .host_needs_lock = host_needs_lock, .lock = lock, .unlock = unlock,
        .now = now, .wake_at = wake_at, .engine_ready = engine_ready,
        .scratch_clear = scratch_clear, .defer = defer,
        .log_is_on = log_is_on, .log = log_line,
    };
    trn_mutex_init(&w->big);
    trn_mutex_init(&w->fifo_lock);
    trn_cond_init(&w->wake);
    w->host = g_malloc0(FAKE_HOST_SIZE);
    w->hbm = cfg.hbm = g_malloc0(4ul * FAKE_HBM_SLOT);
    w->chip = trn_chip_new(&cfg, &w->bus, w);
    cfg.routing_id = 4;
    w->scratch = cfg.scratch = g_malloc0(SCRATCH);
    cfg.scratch_size = SCRATCH;
    w->neighbour = trn_chip_new(&cfg, &w->bus, w);
    trn_fabric_init(&w->fabric);
    trn_fabric_join(&w->fabric, w->chip);
    trn_fabric_join(&w->fabric, w->neighbour);
    trn_mutex_lock(&w->big);
    trn_chip_set_bus_master(w->chip, true);
    trn_mutex_unlock(&w->big);
    return w;
}

void world_start(World *w)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        g_assert_cmpint(pthread_create(&w->thread[i], NULL, worker, w), ==, 0);
    }
}

void world_stop(World *w)
{
    trn_mutex_lock(&w->big);
    trn_chip_stop(w->chip);
    trn_mutex_unlock(&w->big);
    trn_mutex_lock(&w->fifo_lock);
    w->quit = true;
    trn_cond_broadcast(&w->wake);
    trn_mutex_unlock(&w->fifo_lock);
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(w->thread[i], NULL);
    }
}

void world_free(World *w)
{
    trn_fabric_part(w->chip);
    trn_fabric_part(w->neighbour);
    trn_fabric_fini(&w->fabric);
    trn_chip_free(w->chip);
    trn_chip_free(w->neighbour);
    trn_cond_destroy(&w->wake);
    trn_mutex_destroy(&w->fifo_lock);
    trn_mutex_destroy(&w->big);
    g_free(w->scratch);
    g_free(w->hbm);
    g_free(w->host);
    g_free(w);
}
