/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mmu.h"
#include "../chip.h"

#define VA_BITS         (TRNX_MMU_PAGE_SHIFT + \
                         TRNX_MMU_NUM_LEVELS * TRNX_MMU_ENTRY_BITS)
#define VA_END          (1ULL << VA_BITS)
#define INDEX_MASK      ((1u << TRNX_MMU_ENTRY_BITS) - 1)
#define TABLE_ALIGN     (1ULL << TRNX_MMU_PAGE_SHIFT)
#define ENTRY_SIZE      8
#define TABLE_BITS      (TRNX_PTE_VALID | TRNX_PTE_ADDR)
#define LEAF_BITS       (TABLE_BITS | TRNX_PTE_LEAF | TRNX_PTE_READ | \
                         TRNX_PTE_WRITE)
#define LARGE_SHIFT     (TRNX_MMU_PAGE_SHIFT + TRNX_MMU_ENTRY_BITS)

/* --- walking --- */

/* Page tables must be in host memory. */
static bool mmu_read_entry(TrnChip *chip, uint64_t table, unsigned index,
                           uint64_t *entry)
{
    uint8_t raw[ENTRY_SIZE];

    if (!(table & TRN_CHIP_HOST) ||
        !trn_mem_read(chip, table + index * ENTRY_SIZE, raw, sizeof(raw),
                      NULL)) {
        return false;
    }
    *entry = trn_get_le64(raw);
    return true;
}

/* A leaf must lie within one HBM stack or within host memory. */
static bool mmu_leaf_is_memory(TrnChip *chip, uint64_t pa, uint64_t size)
{
    TrnTarget t = trn_addrmap_chip(pa, trn_chip_hbm_usable(chip));

    return (t.kind == TRN_TARGET_HBM || t.kind == TRN_TARGET_HOST) &&
           t.avail >= size && !(pa & (size - 1));
}

/* The entry @e of @level, where the table was entered for @va, is a leaf. */
static unsigned mmu_take_leaf(TrnChip *chip, uint64_t e, unsigned level,
                              uint64_t va, TrnTlbEntry *leaf)
{
    uint64_t size = 1ULL << (TRNX_MMU_PAGE_SHIFT +
                             level * TRNX_MMU_ENTRY_BITS);

    if (level == TRNX_MMU_NUM_LEVELS - 1 || (e & ~LEAF_BITS) ||
        !mmu_leaf_is_memory(chip, e & TRNX_PTE_ADDR, size)) {
        return TRNX_ERR_MMU_ENTRY;
    }
    leaf->va = va & ~(size - 1);
    leaf->pa = e & TRNX_PTE_ADDR;
    leaf->size = size;
    leaf->flags = e & (TRNX_PTE_READ | TRNX_PTE_WRITE);
    return TRNX_ERR_NONE;
}

/* Walks from the context table down: four levels at most. */
static unsigned mmu_walk(TrnChip *chip, uint32_t asid, uint64_t va,
                         TrnTlbEntry *leaf)
{
    const TrnMmu *mmu = &chip->trnx.mmu;
    uint64_t table = mmu->ctx_addr;
    unsigned index = asid;
    uint64_t e;

    for (unsigned level = TRNX_MMU_NUM_LEVELS; ; level--) {
        if (!mmu_read_entry(chip, table, index, &e)) {
            return TRNX_ERR_MMU_ENTRY;
        }
        if (!(e & TRNX_PTE_VALID)) {
            return TRNX_ERR_MMU_NOT_PRESENT;
        }
        if ((e & TRNX_PTE_LEAF) && level < TRNX_MMU_NUM_LEVELS) {
            return mmu_take_leaf(chip, e, level, va, leaf);
        }
        if (!level || (e & ~TABLE_BITS)) {
            return TRNX_ERR_MMU_ENTRY;
        }
        table = e & TRNX_PTE_ADDR;
        index = va >> (TRNX_MMU_PAGE_SHIFT +
                       (level - 1) * TRNX_MMU_ENTRY_BITS) & INDEX_MASK;
    }
}

/* --- translating --- */

static bool mmu_covers(const TrnTlbEntry *t, uint64_t stamp, uint64_t va)
{
    return t->stamp == stamp && va - t->va < t->size;
}

/* The entry for @va in *@found, from @tlb or by a walk. */
static unsigned mmu_look_up(TrnChip *chip, TrnTlb *tlb, uint32_t asid,
                            uint64_t va, const TrnTlbEntry **found)
{
    TrnMmu *mmu = &chip->trnx.mmu;
    TrnTlbEntry *small = &tlb->small[(va >> TRNX_MMU_PAGE_SHIFT) %
                                     TRN_TLB_SMALL];
    TrnTlbEntry *large = &tlb->large[(va >> LARGE_SHIFT) % TRN_TLB_LARGE];
    TrnTlbEntry leaf = { .stamp = TRN_READ(&mmu->stamp[asid]) };
    TrnTlbEntry *slot;
    unsigned code;

    if (mmu_covers(small, leaf.stamp, va)) {
        *found = small;
        return TRNX_ERR_NONE;
    }
    if (mmu_covers(large, leaf.stamp, va)) {
        *found = large;
        return TRNX_ERR_NONE;
    }
    code = mmu_walk(chip, asid, va, &leaf);
    if (code == TRNX_ERR_NONE) {
        slot = leaf.size == TABLE_ALIGN ? small : large;
        *slot = leaf;
        *found = slot;
    }
    return code;
}

/* Translates @va by one leaf, and finds the bytes left in it. */
static unsigned mmu_translate_leaf(TrnChip *chip, unsigned engine,
                                   uint32_t asid, uint64_t va, bool write,
                                   uint64_t *pa, uint64_t *avail)
{
    TrnMmu *mmu = &chip->trnx.mmu;
    const TrnTlbEntry *t;
    unsigned code;

    if (va >= VA_END) {
        return TRNX_ERR_MMU_NOT_PRESENT;
    }
    code = mmu_look_up(chip, &mmu->tlb[engine][write], asid, va, &t);
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    if (!(t->flags & (write ? TRNX_PTE_WRITE : TRNX_PTE_READ))) {
        return write ? TRNX_ERR_MMU_WRITE : TRNX_ERR_MMU_READ;
    }
    *pa = t->pa + (va - t->va);
    *avail = t->size - (va - t->va);
    return TRNX_ERR_NONE;
}

/* Extends a translation of @got bytes by contiguous leaves, up to @len. */
static uint64_t mmu_extend(TrnChip *chip, unsigned engine, uint32_t asid,
                           uint64_t va, bool write, uint64_t pa, uint64_t got,
                           uint32_t len)
{
    uint64_t next, avail;

    while (got < len &&
           mmu_translate_leaf(chip, engine, asid, va + got, write, &next,
                              &avail) == TRNX_ERR_NONE && next == pa + got) {
        got += avail;
    }
    return got;
}

unsigned trn_mmu_translate(TrnChip *chip, unsigned engine, uint32_t asid,
                           uint64_t va, bool write, uint64_t *pa,
                           uint32_t *len)
{
    TrnMmu *mmu = &chip->trnx.mmu;
    TrnTlbEntry *span = &mmu->tlb[engine][write].span;
    uint64_t stamp = TRN_READ(&mmu->stamp[asid]);
    uint64_t had, got;
    unsigned code;

    if (!(mmu->ctrl & TRNX_MMU_CTRL_ENABLE) || asid >= mmu->ctx_size) {
        return TRNX_ERR_MMU_NOT_PRESENT;
    }
    /* Within the span, or directly behind it. */
    if (span->stamp == stamp && va - span->va <= span->size) {
        *pa = span->pa + (va - span->va);
        got = mmu_extend(chip, engine, asid, va, write, *pa,
                         span->size - (va - span->va), *len);
        if (got) {
            span->size = va - span->va + got;
            *len = MIN(*len, got);
            return TRNX_ERR_NONE;
        }
    }
    code = mmu_translate_leaf(chip, engine, asid, va, write, pa, &had);
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    got = mmu_extend(chip, engine, asid, va, write, *pa, had, *len);
    if (got > had) {
        *span = (TrnTlbEntry) {
            .stamp = stamp, .va = va, .pa = *pa, .size = got,
        };
    }
    *len = MIN(*len, got);
    return TRNX_ERR_NONE;
}

/* --- invalidating --- */

static void mmu_restamp(TrnMmu *mmu, uint32_t asid)
{
    TRN_WRITE(&mmu->stamp[asid], ++mmu->last_stamp);
}

static void mmu_restamp_all(TrnMmu *mmu)
{
    for (unsigned i = 0; i < TRNX_MMU_NUM_ASIDS; i++) {
        mmu_restamp(mmu, i);
    }
}

/* The engine may be in an access of @asid (0: of any space). */
static bool mmu_is_at_work(TrnEngine *e, uint32_t asid)
{
    bool yes;
    uint32_t now;

    trn_mutex_lock(&e->lock);
    now = e->state != TRN_ENGINE_IDLE ? e->queue[e->active].asid : 0;
    yes = now && (!asid || now == asid);
    trn_mutex_unlock(&e->lock);
    return yes;
}

/*
 * A turn that begins after the check takes the engine's lock later, and sees
 * the new stamp.
 */
static void mmu_drain(TrnChip *chip, uint32_t asid)
{
    for (unsigned i = 0; i < TRN_NUM_ENGINES; i++) {
        if (mmu_is_at_work(&chip->engine[i], asid)) {
            trn_engine_hold(&chip->engine[i]);
            trn_engine_release(&chip->engine[i]);
        }
    }
}

/*
 * Invalidating more than requested is always allowed: a range invalidates its
 * whole space.
 */
static void mmu_invalidate(TrnChip *chip, uint32_t command)
{
    TrnMmu *mmu = &chip->trnx.mmu;
    unsigned kind = trn_field_get(TRNX_MMU_INVALIDATE_KIND, command);
    uint32_t asid = trn_field_get(TRNX_MMU_INVALIDATE_ASID, command);
    bool range_ok = mmu->inv_addr < VA_END && mmu->inv_size &&
                    mmu->inv_size <= VA_END - mmu->inv_addr;

    if (kind == TRNX_MMU_INV_ALL) {
        mmu_restamp_all(mmu);
        mmu_drain(chip, 0);
    } else if (kind && asid && asid < TRNX_MMU_NUM_ASIDS &&
               (kind == TRNX_MMU_INV_ASID || range_ok)) {
        mmu_restamp(mmu, asid);
        mmu_drain(chip, asid);
    } else {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "MMU: invalidate 0x%x of 0x%" PRIx64 " + 0x%" PRIx64
                " means nothing", command, mmu->inv_addr, mmu->inv_size);
    }
}

/* --- registers --- */

void trn_mmu_reset(TrnChip *chip)
{
    TrnMmu *mmu = &chip->trnx.mmu;

    mmu->ctrl = 0;
    mmu->ctx_addr = 0;
    mmu->ctx_size = 0;
    mmu->ctx_addr_low = 0;
    mmu->inv_addr_low = 0;
    mmu->inv_size_low = 0;
    mmu->inv_addr = 0;
    mmu->inv_size = 0;
    mmu_restamp_all(mmu);
}

uint64_t trn_mmu_read(TrnChip *chip, uint32_t offset)
{
    const TrnMmu *mmu = &chip->trnx.mmu;

    switch (offset) {
    case TRNX_MMU_CAPS:
        return trn_field_prep(TRNX_MMU_CAPS_ASIDS, TRNX_MMU_NUM_ASIDS) |
               trn_field_prep(TRNX_MMU_CAPS_VA_BITS, VA_BITS) |
               trn_field_prep(TRNX_MMU_CAPS_LEVELS, TRNX_MMU_NUM_LEVELS) |
               (uint64_t)mmu->ctrl << 32;
    case TRNX_MMU_CTX_ADDR:
        return mmu->ctx_addr;
    case TRNX_MMU_CTX_SIZE:
        return mmu->ctx_size;
    case TRNX_MMU_INV_ADDR:
        return mmu->inv_addr;
    case TRNX_MMU_INV_SIZE:
        return mmu->inv_size;
    default:
        return 0;
    }
}

static void mmu_set_ctx_addr(TrnChip *chip, uint32_t high)
{
    TrnMmu *mmu = &chip->trnx.mmu;
    uint64_t addr = mmu->ctx_addr_low | (uint64_t)high << 32;

    if (addr & (TABLE_ALIGN - 1)) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "MMU: context table at 0x%" PRIx64 " is not aligned", addr);
        addr &= ~(TABLE_ALIGN - 1);
    }
    mmu->ctx_addr = addr;
}

static void mmu_set_ctx_size(TrnChip *chip, uint32_t size)
{
    if (size > TRNX_MMU_NUM_ASIDS) {
        trn_log(chip, TRN_LOG_GUEST_ERROR,
                "MMU: context table of %u entries, most is %u", size,
                TRNX_MMU_NUM_ASIDS);
        size = TRNX_MMU_NUM_ASIDS;
    }
    chip->trnx.mmu.ctx_size = size;
}

/* Address of the tables: no walk is in progress, and no entry is kept. */
static void mmu_write_context(TrnChip *chip, uint32_t offset, uint32_t value)
{
    trn_chip_stop(chip);
    switch (offset) {
    case TRNX_MMU_CTRL:
        chip->trnx.mmu.ctrl = value & TRNX_MMU_CTRL_ENABLE;
        break;
    case TRNX_MMU_CTX_SIZE:
        mmu_set_ctx_size(chip, value);
        break;
    default:
        mmu_set_ctx_addr(chip, value);
    }
    mmu_restamp_all(&chip->trnx.mmu);
    trn_chip_start(chip);
}

void trn_mmu_write(TrnChip *chip, uint32_t offset, uint32_t value)
{
    TrnMmu *mmu = &chip->trnx.mmu;

    switch (offset) {
    case TRNX_MMU_CTRL:
    case TRNX_MMU_CTX_SIZE:
    case TRNX_MMU_CTX_ADDR + 4:
        mmu_write_context(chip, offset, value);
        break;
    case TRNX_MMU_CTX_ADDR:
        mmu->ctx_addr_low = value;
        break;
    case TRNX_MMU_INV_ADDR:
        mmu->inv_addr_low = value;
        break;
    case TRNX_MMU_INV_ADDR + 4:
        mmu->inv_addr = mmu->inv_addr_low | (uint64_t)value << 32;
        break;
    case TRNX_MMU_INV_SIZE:
        mmu->inv_size_low = value;
        break;
    case TRNX_MMU_INV_SIZE + 4:
        mmu->inv_size = mmu->inv_size_low | (uint64_t)value << 32;
        break;
    case TRNX_MMU_INVALIDATE:
        mmu_invalidate(chip, value);
        break;
    }
}
