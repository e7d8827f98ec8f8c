/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page walker against tables full of noise, and against a second walker that
 * was written from the trnx manual, 10, alone. The input is a list of ten-byte
 * operations.
 *
 * What must hold: as long as no entry that was valid has changed without an
 * invalidation, both walkers agree on every address, in code, address, rights
 * and length; and no translation ever leads anywhere but to memory.
 */
#include "fuzz.h"
#include "unit/fake-bus.h"

#define PAGES 16u               /* tables, the context table among them */
#define TABLES 0x40000u
#define OP_SIZE 10u
#define NO_ENTRY UINT64_MAX

enum { VALID = 1, READ = 2, WRITE = 4, LEAF = 8 };
/* The trnx manual, 8. */
enum { OK = 0, NOT_PRESENT = 13, NO_READ, NO_WRITE, BAD_ENTRY };

typedef struct Op {
    uint8_t what;
    uint8_t where;
    uint64_t value;
} Op;

typedef struct World {
    FakeBus *f;
    bool stale;                 /* something may be remembered wrongly */
    bool on;
    uint32_t ctx_size;
    uint64_t ctx_addr;
} World;

/* --- the second walker --- */

static bool is_memory(uint64_t pa, uint64_t size)
{
    static const uint64_t hbm[] = {
        0x000000000000, 0x004000000000, 0x800000000000, 0x804000000000,
    };

    if (pa >> 46 == 1) {
        return true;            /* the window ends on a GiB */
    }
    for (unsigned i = 0; i < 4; i++) {
        if (pa >= hbm[i] && pa - hbm[i] < FAKE_HBM_SLOT &&
            size <= FAKE_HBM_SLOT - (pa - hbm[i])) {
            return true;
        }
    }
    return false;
}

static uint64_t entry(World *w, uint64_t table, unsigned index)
{
    uint64_t at = (table & ~HOST_BIT) + index * 8;

    if (table >> 46 != 1 || at > FAKE_HOST_SIZE - 8) {
        return NO_ENTRY;
    }
    return trn_get_le64(w->f->host + at);
}

static unsigned check_leaf(uint64_t e, unsigned shift, uint64_t va, bool write,
                           uint64_t *pa, uint64_t *len)
{
    uint64_t size = 1ULL << shift;
    uint64_t base = e & 0x0000fffffffff000;

    if (shift > 30 || (e & 0xffff000000000ff0) || (base & (size - 1)) ||
        !is_memory(base, size)) {
        return BAD_ENTRY;
    }
    if (!(e & (write ? WRITE : READ))) {
        return write ? NO_WRITE : NO_READ;
    }
    *pa = base + (va & (size - 1));
    *len = size - (va & (size - 1));
    return OK;
}

static unsigned walk(World *w, uint32_t asid, uint64_t va, bool write,
                     uint64_t *pa, uint64_t *len)
{
    uint64_t e;

    if (!w->on || asid >= w->ctx_size || va >> 48) {
        return NOT_PRESENT;
    }
    e = entry(w, w->ctx_addr, asid);
    for (unsigned shift = 39; ; shift -= 9) {
        if (e == NO_ENTRY) {
            return BAD_ENTRY;
        }
        if (!(e & VALID)) {
            return NOT_PRESENT;
        }
        if (e & ~(0x0000fffffffff000ULL | VALID)) {
            return BAD_ENTRY;
        }
        e = entry(w, e & 0x0000fffffffff000, va >> shift & 0x1ff);
        if (e != NO_ENTRY && (e & VALID) && (e & LEAF)) {
            return check_leaf(e, shift, va, write, pa, len);
        }
        if (shift == 12) {
            return e == NO_ENTRY ? BAD_ENTRY
                   : e & VALID ? BAD_ENTRY : NOT_PRESENT;
        }
    }
}

/* --- operations --- */

static uint64_t table_at(unsigned n)
{
    return HOST_BIT | (TABLES + n % PAGES * 4096);
}

/* Indices that addresses of translate_one() use. */
static unsigned index_of(unsigned v)
{
    static const uint16_t indices[] = { 0, 1, 2, 255, 256, 510, 511, 8 };

    return indices[v % G_N_ELEMENTS(indices)];
}

static uint64_t leaf_of(uint64_t v)
{
    static const uint64_t base[] = {
        HOST_BIT, HOST_BIT | 0x40000000, 0x001000000, 0x004000000000,
        0x800001fff000, 0x002000000000, 0x008006c84000, 0x10000000000000,
    };
    uint64_t at = base[v >> 40 & 7] + (v & 0x3ff000);

    return v & (1ULL << 39) ? at & ~0x1fffffULL : at;
}

static void set_entry(World *w, const Op *op)
{
    uint64_t at = TABLES + op->where % PAGES * 4096 +
                  index_of(op->where >> 4 ^ op->value >> 56) * 8;
    uint64_t e;

    switch (op->value >> 50 & 3) {
    case 0:
        e = op->value;
        break;
    case 1:
        e = table_at(op->value & 0xff) | VALID;
        break;
    default:
        e = leaf_of(op->value) | LEAF | (op->value & 7);
    }
    if (trn_get_le64(w->f->host + at) & VALID) {
        w->stale = true;
    }
    trn_put_le64(w->f->host + at, e);
}

static void set_registers(World *w, const Op *op)
{
    TrnChip *chip = w->f->chip;

    switch (op->where & 3) {
    case 0:
        w->on = op->value & 1;
        trn_trnx_write(chip, 0x2004, w->on, 4);
        break;
    case 1:
        w->ctx_size = op->value % 600;
        trn_trnx_write(chip, 0x2010, w->ctx_size, 4);
        break;
    default:
        w->ctx_addr = op->where & 4 ? op->value & ~0xfffULL
                                    : table_at(op->where >> 4);
        trn_trnx_write(chip, 0x2008, w->ctx_addr, 8);
    }
    w->stale = false;           /* all three forget everything */
}

static void invalidate(World *w, const Op *op)
{
    TrnChip *chip = w->f->chip;

    if (op->where & 1) {
        trn_trnx_write(chip, 0x2018, op->value, 8);
        trn_trnx_write(chip, 0x2020, op->value >> 16, 8);
        trn_trnx_write(chip, 0x2028, op->value & 0x3ffff, 4);
    } else {
        trn_trnx_write(chip, 0x2028, 1 << 16, 4);
        w->stale = false;
    }
}

static void translate_one(World *w, const Op *op)
{
    uint64_t v = op->value;
    uint64_t va = (uint64_t)index_of(v & 7) << 39 |
                  (uint64_t)index_of(v >> 3 & 7) << 30 |
                  (uint64_t)index_of(v >> 6 & 7) << 21 |
                  (uint64_t)index_of(v >> 9 & 7) << 12 | (v >> 12 & 0xfff) |
                  (v >> 24 & 0xf ? 0 : v & 0xffff000000000000);
    uint32_t asid = index_of(op->where), len = 1 + (v >> 32 & 0xffff);
    bool write = op->where & 0x80;
    uint64_t pa = 0, want_pa = 0, want_len = 0;
    uint32_t got_len = len;
    unsigned code, want;

    if (!asid) {
        return;                 /* chip addressing */
    }
    code = trn_mmu_translate(w->f->chip, op->where & 0x40 ? 128 : 0, asid, va,
                             write, &pa, &got_len);
    if (code == OK) {
        g_assert_cmpuint(got_len, >, 0);
        g_assert_cmpuint(got_len, <=, len);
        g_assert_true(is_memory(pa, got_len));
    }
    if (w->stale) {
        return;
    }
    want = walk(w, asid, va, write, &want_pa, &want_len);
    g_assert_cmpuint(code, ==, want);
    if (code == OK) {
        g_assert_cmphex(pa, ==, want_pa);
        g_assert_cmpuint(got_len, ==, MIN(len, want_len));
    }
}

void fuzz_mmu(const uint8_t *data, size_t size)
{
    /* One chip for all inputs: making one takes longer than most of them. */
    static FakeBus *f;
    World w = { 0 };

    if (!f) {
        f = fake_new();
    }
    w.f = f;
    trn_reset_power_on(f->chip);
    memset(f->host + TABLES, 0, PAGES * 4096);
    size = MIN(size, FUZZ_MAX_INPUT);
    for (size_t i = 0; i + OP_SIZE <= size; i += OP_SIZE) {
        Op op = { data[i], data[i + 1], trn_get_le64(data + i + 2) };

        switch (op.what & 7) {
        case 0:
        case 1:
        case 2:
            set_entry(&w, &op);
            break;
        case 3:
            set_registers(&w, &op);
            break;
        case 4:
            invalidate(&w, &op);
            break;
        default:
            translate_one(&w, &op);
        }
    }
}
