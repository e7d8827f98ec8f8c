/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chunk is published with release and found with acquire, so that a reader
 * sees its zeroes; chunks are taken under the lock.
 */
#include "scratch.h"
#include "../chip.h"
#include "../words.h"

#define IN_CHUNK    (TRN_SCRATCH_CHUNK - 1)

static const uint8_t zeroes[TRN_SCRATCH_CHUNK] __attribute__((aligned(8)));

bool trn_scratch_init(TrnScratch *s, uint8_t *pool, uint64_t size)
{
    *s = (TrnScratch) {
        .pool = pool,
        .num = MIN(size, TRN_SCRATCH_SIZE) >> TRN_SCRATCH_SHIFT,
    };
    s->place = calloc(MAX(s->num, 1), sizeof(*s->place));
    s->chunk = calloc(TRN_SCRATCH_PLACES, sizeof(*s->chunk));
    if (!s->place || !s->chunk) {
        free(s->place);
        free(s->chunk);
        return false;
    }
    trn_mutex_init(&s->lock);
    return true;
}

void trn_scratch_fini(TrnScratch *s)
{
    free(s->place);
    free(s->chunk);
    trn_mutex_destroy(&s->lock);
}

static uint8_t *scratch_find_chunk(TrnScratch *s, uint64_t offset)
{
    uint32_t chunk = TRN_LOAD_ACQUIRE(&s->chunk[offset >> TRN_SCRATCH_SHIFT]);

    return chunk ? s->pool + (uint64_t)(chunk - 1) * TRN_SCRATCH_CHUNK : NULL;
}

static bool scratch_take_locked(TrnScratch *s, uint32_t place)
{
    if (s->used == s->num) {
        return false;
    }
    s->place[s->used++] = place;
    TRN_STORE_RELEASE(&s->chunk[place], s->used);
    return true;
}

bool trn_scratch_take(TrnScratch *s, uint32_t place)
{
    bool good;

    trn_mutex_lock(&s->lock);
    good = place < TRN_SCRATCH_PLACES && !s->chunk[place] &&
           scratch_take_locked(s, place);
    trn_mutex_unlock(&s->lock);
    return good;
}

const void *trn_scratch_peek(TrnScratch *s, uint64_t offset, uint64_t *avail)
{
    const uint8_t *chunk = scratch_find_chunk(s, offset);

    *avail = TRN_SCRATCH_CHUNK - (offset & IN_CHUNK);
    return (chunk ? chunk : zeroes) + (offset & IN_CHUNK);
}

void *trn_scratch_poke(TrnScratch *s, uint64_t offset, uint64_t *avail)
{
    uint32_t place = offset >> TRN_SCRATCH_SHIFT;
    uint8_t *chunk = scratch_find_chunk(s, offset);

    *avail = TRN_SCRATCH_CHUNK - (offset & IN_CHUNK);
    if (!chunk) {
        trn_mutex_lock(&s->lock);
        if (!s->chunk[place]) {
            scratch_take_locked(s, place);
        }
        trn_mutex_unlock(&s->lock);
        chunk = scratch_find_chunk(s, offset);
    }
    return chunk ? chunk + (offset & IN_CHUNK) : NULL;
}

void trn_scratch_dirty(TrnChip *chip, const void *p, uint64_t len)
{
    if (chip->bus->scratch_dirty) {
        chip->bus->scratch_dirty(chip->opaque,
                                 (const uint8_t *)p - chip->scratch.pool, len);
    }
}

uint32_t trn_scratch_read32(TrnScratch *s, uint64_t offset)
{
    uint64_t avail;

    return trn_read_le32(trn_scratch_peek(s, offset, &avail));
}

void trn_scratch_write32(TrnChip *chip, uint64_t offset, uint32_t value)
{
    TrnScratch *s = &chip->scratch;
    uint64_t avail;
    void *p;

    /* A zero written to an empty place needs no memory. */
    if (!value && !scratch_find_chunk(s, offset)) {
        return;
    }
    p = trn_scratch_poke(s, offset, &avail);
    if (p) {
        trn_write_le32(p, value);
        trn_scratch_dirty(chip, p, sizeof(value));
    }
}

void trn_scratch_forget(TrnScratch *s)
{
    for (uint32_t i = 0; i < s->used; i++) {
        s->chunk[s->place[i]] = 0;
    }
    s->used = 0;
}

static void scratch_clear_chunks(TrnChip *chip, uint64_t chunks)
{
    trn_scratch_forget(&chip->scratch);
    if (chunks) {
        chip->bus->scratch_clear(chip->opaque, chunks * TRN_SCRATCH_CHUNK);
    }
}

void trn_scratch_clear(TrnChip *chip)
{
    scratch_clear_chunks(chip, chip->scratch.used);
}

void trn_scratch_clear_all(TrnChip *chip)
{
    scratch_clear_chunks(chip, chip->scratch.num);
}
