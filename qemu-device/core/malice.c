/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "malice.h"
#include "../regs/trn_trnx.h"
#include "../regs/trn_udma.h"

#define STUCK_READS_MAX 512     /* of the reset register */
#define BEHIND_MAX      64

/* One step of SplitMix64 at place @n of the sequence of @seed. */
static uint64_t malice_random_at(uint64_t seed, uint64_t n)
{
    uint64_t z = seed + n * 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

bool trn_malice_roll(TrnErrinj *inj, TrnMalice kind, uint64_t *random)
{
    uint64_t n = __atomic_add_fetch(&inj->malice_chances[kind], 1,
                                    __ATOMIC_RELAXED);
    uint64_t seed = malice_random_at(TRN_READ(&inj->malice_seed), kind + 1);
    uint32_t rate = MAX(TRN_READ(&inj->malice_rate), 1);

    *random = malice_random_at(seed, 2 * n);
    return malice_random_at(seed, 2 * n + 1) % rate == 0;
}

uint64_t trn_malice_read(TrnErrinj *inj, uint64_t value)
{
    uint64_t random;

    if (trn_malice(inj, TRN_MALICE_ONES, &random)) {
        return UINT64_MAX;
    }
    if (!trn_malice(inj, TRN_MALICE_READ, &random)) {
        return value;
    }
    switch (random % 4) {
    case 0:
        return value ^ 1ULL << (random >> 2 & 63);
    case 1:
        return ~value;
    case 2:
        return 0;
    default:
        return random;
    }
}

/* Further ahead than a ring is long, backwards, or random. */
static uint64_t malice_impossible_count(uint64_t count, uint64_t random)
{
    switch (random % 4) {
    case 0:
        return count - MIN(count, 1 + (random >> 2) % BEHIND_MAX);
    case 1:
        return count + TRN_RING_MAX + 1 + (random >> 2) % TRN_RING_MAX;
    case 2:
        return UINT64_MAX;
    default:
        return random | 1ULL << 63;
    }
}

bool trn_malice_record(TrnErrinj *inj, uint64_t *s2m, uint64_t *m2s)
{
    uint64_t random;

    if (trn_malice(inj, TRN_MALICE_RECORD, &random)) {
        *s2m = malice_impossible_count(*s2m, random);
        *m2s = malice_impossible_count(*m2s, random >> 32);
    }
    return !trn_malice(inj, TRN_MALICE_STALL, &random);
}

bool trn_malice_reset(TrnErrinj *inj)
{
    uint64_t random;

    TRN_WRITE(&inj->malice_disobeyed, false);
    if (!trn_malice(inj, TRN_MALICE_RESET, &random)) {
        return false;
    }
    if (random & 1) {
        TRN_WRITE(&inj->malice_stuck, (random >> 1) % STUCK_READS_MAX);
        return false;
    }
    TRN_WRITE(&inj->malice_disobeyed, true);
    return true;
}

unsigned trn_malice_vector(TrnErrinj *inj, unsigned vector)
{
    uint64_t random;

    if (!trn_malice(inj, TRN_MALICE_IRQ, &random)) {
        return vector;
    }
    return random & 1 ? TRNX_NUM_EQ : (random >> 1) % TRNX_NUM_EQ;
}
