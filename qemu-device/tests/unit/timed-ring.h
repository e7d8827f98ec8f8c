/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of a chip with the timing model, on a clock that the test moves. */
#ifndef TRN_TESTS_TIMED_RING_H
#define TRN_TESTS_TIMED_RING_H

#include "fake-bus.h"

#define MARK 0x80000u
#define HBM0 0x1000000u
#define HBM1 0x4001000000ull
#define SBUF(core) (0x002000000000ull + (core) * 0x1000000000ull)
#define WINDOW0 0x10000000000000ULL
#define COPY 0x01080003u

/* Where a test begins. */
#define T0 5000000ull
#define PS 1000ull

typedef struct TimedRing {
    FakeBus *f;
    unsigned engine;
    unsigned queue;
    uint32_t at;
    uint32_t m2s;
    uint32_t s2m;
} TimedRing;

/* Rings of 256 entries. Each ring of a test needs its own @n. */
static inline TimedRing timed_ring(FakeBus *f, unsigned n, unsigned engine,
                                   unsigned queue)
{
    TimedRing r = {
        .f = f, .engine = engine, .queue = queue,
        .m2s = 0x100000 + n * 0x2000, .s2m = 0x101000 + n * 0x2000,
    };

    fake_program(f, engine, queue, r.m2s | HOST_BIT, r.s2m | HOST_BIT, 256);
    return r;
}

static inline void timed_put(TimedRing *r, uint64_t dst, uint64_t src,
                             uint32_t len)
{
    fake_desc(r->f, r->m2s + r->at * 16, 0x0d000000 | (len & 0xffff), COPY,
              src);
    fake_desc(r->f, r->s2m + r->at * 16, 0x01000000 | (len & 0xffff), 0, dst);
    r->at++;
}

static inline void timed_doorbell(TimedRing *r, uint32_t n)
{
    trn_chip_write(r->f->chip, fake_page(r->engine, r->queue, true) + 0x38, n);
    trn_chip_write(r->f->chip, fake_page(r->engine, r->queue, false) + 0x38,
                   n);
}

static inline uint32_t timed_head(const TimedRing *r)
{
    return trn_chip_read(r->f->chip, fake_page(r->engine, r->queue, true) +
                                     0x34) & 0xffffff;
}

/* The trnx manual, 13.1, since T0. */
static inline uint64_t timed_completion(FakeBus *f)
{
    return trn_trnx_read(f->chip, 0x3030, 8) - T0 * PS;
}

static inline FakeBus *timed_start(void)
{
    FakeBus *f = fake_new_timed(NULL, 7);

    f->now = T0;
    return f;
}

#endif
