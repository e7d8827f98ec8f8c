/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nq.h"
#include "../chip.h"

#define W0_PHASE        (1u << 31)
#define W0_OVERFLOW     (1u << 30)
#define W0_ENGINE       0x00ff0000u
#define W0_QUEUE        0x00000f00u

bool trn_nq_start(TrnNq *nq, uint64_t base, uint32_t size)
{
    *nq = (TrnNq) { .base = base };
    if (size && (size < 2 * TRN_NQ_ENTRY_SIZE || (size & (size - 1)))) {
        return false;
    }
    nq->entries = size / TRN_NQ_ENTRY_SIZE;
    return true;
}

bool trn_nq_is_sane(const TrnNq *nq)
{
    return !(nq->entries & (nq->entries - 1)) &&
           (nq->entries ? nq->tail < nq->entries : !nq->tail);
}

bool trn_nq_post(TrnChip *chip, TrnNq *nq, uint32_t head,
                 const TrnNqEntry *entry)
{
    uint64_t addr = trn_nq_next(nq);
    uint32_t next = (nq->tail + 1) % nq->entries;
    uint8_t raw[TRN_NQ_ENTRY_SIZE] = { 0 };

    if (next == head % nq->entries) {
        nq->overflow = true;
        return true;
    }
    trn_put_le32(raw, (nq->odd_lap ? 0 : W0_PHASE) |
                      (nq->overflow ? W0_OVERFLOW : 0) |
                      trn_field_prep(W0_ENGINE, entry->engine) |
                      trn_field_prep(W0_QUEUE, entry->queue) | entry->type);
    trn_put_le32(raw + 0x04, entry->pointer);
    trn_put_le64(raw + 0x08, entry->count);
    trn_put_le64(raw + 0x10, chip->bus->now(chip->opaque));
    trn_put_le32(raw + 0x18, entry->bytes);
    nq->overflow = false;
    nq->tail = next;
    nq->odd_lap ^= !next;
    if (!trn_mem_write(chip, addr + 4, raw + 4, sizeof(raw) - 4, NULL)) {
        return false;
    }
    trn_wmb();      /* the guest polls the phase, then reads the rest */
    return trn_mem_write(chip, addr, raw, 4, NULL);
}
