/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines against noise: the input is a list of six-byte operations on registers
 * and on the memory that holds rings. seeds.py writes what libFuzzer starts from.
 *
 * What must hold: no sanitizer report, no turn without end, no lock left taken.
 */
#include "fuzz.h"
#include "unit/fake-bus.h"
#include "core/bar0/crc32c.h"

#define RINGS 4u
#define TABLES 0x80000u
#define OPERANDS 0x90000u
/* Sixteen million pending descriptors are legal, but take too long. */
#define TURNS 4u
#define RING_AT(n, s2m) (0x10000u + (n) * 0x2000u + (s2m) * 0x1000u)

typedef struct Op {
    uint8_t what;
    uint8_t where;
    uint32_t value;
} Op;

static unsigned engine_of(uint8_t where)
{
    static const unsigned engines[RINGS] = { 0, 40, 128, 131 };

    return engines[where % RINGS];
}

/* Addresses that lead everywhere, from 32 bits. */
static uint64_t address(uint32_t v)
{
    static const uint64_t base[16] = {
        0, 0x4000000000, 0x800000000000, 0x804000000000,
        HOST_BIT, HOST_BIT, HOST_BIT, HOST_BIT | 0x3f0000,
        0x2000000000, 0x2002700000, 0x8006c84000, 0x1002000000,
        0x8280000000, 0x1200000000, 0x10000000000000, 0xffffffff00000000,
    };

    return base[v >> 28] + (v & 0x0fffffff) % 0x2100000;
}

static void queue_register(FakeBus *f, const Op *op)
{
    static const uint8_t regs[16] = {
        0x20, 0x28, 0x2c, 0x30, 0x38, 0x38, 0x38, 0x3c,
        0x44, 0x48, 0x54, 0x64, 0x74, 0xa0, 0xb0, 0x24,
    };
    uint32_t page = fake_page(engine_of(op->where), op->where >> 2 & 3,
                              op->where & 0x80);
    uint32_t off = page + regs[op->value >> 28];

    if (op->where & 0x40) {
        trn_chip_read(f->chip, off);
    } else {
        trn_chip_write(f->chip, off, op->value & 0x0fffffff);
    }
}

static void descriptor(FakeBus *f, const Op *op)
{
    unsigned n = op->where % RINGS;
    bool s2m = op->where & 0x80;
    unsigned slot = op->where >> 2 & 0x1f;
    uint32_t w0 = op->value >> 8 & 0xffff;

    w0 |= (uint32_t)(op->value & 0xff) << 24 ^ 0x0d000000;
    fake_desc(f, RING_AT(n, s2m) + slot * 16, w0,
              op->value % 7 ? 0x01080003 : op->value, address(op->value * 257));
}

/* Mostly memory. */
static uint64_t memory(uint32_t v)
{
    return v % 64 ? (v & 0x100 ? HOST_BIT | (v >> 9) % FAKE_HOST_SIZE
                               : (v >> 9) % FAKE_HBM_SLOT)
                  : address(v);
}

/* The operand block at @block: most of its fields make sense. */
static void operands(uint8_t *block, const Op *op)
{
    static const uint8_t dims[7] = { 1, 4, 4, 3, 3, 2, 4 };
    unsigned opcode = op->value % 7;
    uint32_t v = op->value * 2654435761u;

    memset(block, 0, 128);
    block[0] = opcode;
    block[1] = 4 + (op->value >> 3) % 5;
    block[2] = op->value & 0x100 ? block[1] : 4 + (op->value >> 5) % 5;
    block[3] = 1 + (op->value >> 9) % dims[opcode];
    block[4] = op->value & 0x1000 ? op->value >> 13 & 7 : 0;
    for (unsigned i = 0; i < 4; i++) {
        v = v * 1664525 + 1013904223;
        block[0x10 + i * 4] = 1 + (v >> 8 & 0x7f);
        block[0x13 + i * 4] = op->value >> 24 == 0x5a;      /* and huge */
        trn_put_le64(block + 0x20 + i * 8, (int64_t)(v >> 16 & 0xff) - 64);
        trn_put_le64(block + 0x40 + i * 8, (int64_t)(v >> 24 & 0xff) - 64);
    }
    if (v & 0x40) {
        block[0x20] = block[0x40] = "\4\2\2\1\1"[block[1] - 4];
        memset(block + 0x21, 0, 7);
        memset(block + 0x41, 0, 7);
    }
    if (opcode == 3 || opcode == 4) {
        trn_put_le64(block + 0x60, memory(op->value * 5));
        trn_put_le32(block + 0x68, op->value >> 8 & 0xfff);
        trn_put_le32(block + 0x6c, op->value & 0x200 ? 4 : 8);
        trn_put_le64(block + 0x70, v & 0x20 ? 1000 : UINT64_MAX);
    }
}

/* An inline operation (trnx manual, 12): noise would not pass for one. */
static void inline_operation(FakeBus *f, const Op *op)
{
    unsigned n = op->where % RINGS, slot = op->where >> 2 & 0x1f;
    unsigned sources = op->value % 7 == 1 ? 0
                       : op->where & 0x80 ? 1 + op->value % 16 : 1;
    uint32_t at = OPERANDS + (n * 32 + slot) * 128;

    operands(f->host + at, op);
    fake_desc(f, RING_AT(n, 0) + slot * 16,
              0x05800080 | (sources ? 0 : 0x08000000), 0x03800003,
              at | HOST_BIT);
    for (unsigned i = 1; i <= sources; i++) {
        fake_desc(f, RING_AT(n, 0) + (slot + i) % 128 * 16,
                  i == sources ? 0x09000000 : 0x01000000, 0,
                  memory(op->value * 257 + i * 0x1001));
    }
    fake_desc(f, RING_AT(n, 1) + slot * 16, 0x01000000, 0,
              memory(op->value * 263));
}

/* The MMU's registers and doorbell pages. */
static uint32_t space_register(const Op *op)
{
    uint32_t page = 0x1000000 + engine_of(op->where) * 0x10000 +
                    (op->where >> 2 & 1) * 0x1000;

    return op->where & 0x80 ? page + (op->where >> 3 & 7) * 4
                            : 0x2000 + (op->where & 0xf) * 4;
}

/* Four tables that lead to each other, and anywhere. */
static void table_entry(FakeBus *f, const Op *op)
{
    uint32_t at = TABLES + (op->where & 3) * 0x1000 + (op->where >> 2) * 64;
    uint64_t next = (TABLES + (op->value >> 4 & 3) * 0x1000) | HOST_BIT | 1;

    trn_put_le64(f->host + at, op->value & 8
                               ? (address(op->value) & ~0xfffull) |
                                 (op->value & 0xf)
                               : next);
}

static void trnx_register(FakeBus *f, const Op *op)
{
    uint32_t off = op->what & 0x40 ? space_register(op)
                   : op->where & 0x80
                   ? 0x10000 + (op->where & 0x7) * 0x40
                     + (op->where >> 3 & 7) * 4
                   : 0x100000 + engine_of(op->where) * 0x1000
                     + (op->where >> 2 & 1) * 0x100
                     + (op->where >> 3 & 0xe) * 4
                     + (op->what >> 4 & 1) * 0x40;

    if ((op->what & 0x80) && !(off & 7)) {
        trn_trnx_write(f->chip, off, address(op->value), 8);
    } else {
        trn_trnx_write(f->chip, off, op->value & 0xff, 4);
    }
    trn_trnx_read(f->chip, off, 4);
}

static void mailbox_register(FakeBus *f, const Op *op)
{
    static const uint16_t regs[] = {
        0x0f0, 0x100, 0x104, 0x17c, 0x1d8, 0x1ec, 0x1f0, 0x1f4, 0x1f8, 0x1fc,
        0x800, 0x800, 0x024, 0x054, 0x808, 0xffc,
    };
    uint32_t off = 0x06c84000 + regs[op->where % G_N_ELEMENTS(regs)];

    trn_chip_write(f->chip, off, op->value);
    trn_chip_read(f->chip, off);
}

/* An old-style request of HW 6.4 whose CRC is right, so that it is believed. */
static void mailbox_request(FakeBus *f, const Op *op)
{
    const uint32_t at = 0x30000;
    uint16_t size = op->value;
    uint8_t *req = f->host + at;
    uint64_t rsp = address(op->value);

    trn_put_le32(req, op->where | (op->where % 5) << 8 | (uint32_t)size << 16);
    trn_put_le32(req + 4, 0);
    trn_put_le64(req + 8, address(op->value * 3));
    trn_put_le32(req + 4, trn_crc32c(0, req, size));
    trn_chip_write(f->chip, 0x06c840f0, 0);
    trn_chip_write(f->chip, 0x06c841f4, at);
    trn_chip_write(f->chip, 0x06c841f0, 0x4000);
    trn_chip_write(f->chip, 0x06c841fc, rsp);
    trn_chip_write(f->chip, 0x06c841f8, rsp >> 32);
    trn_chip_write(f->chip, 0x06c84800, 1);
}

static void program(FakeBus *f, const Op *op)
{
    unsigned n = op->where % RINGS;
    uint32_t len = 32 + op->value % 8 * 16;

    fake_program(f, engine_of(op->where), op->where >> 2 & 3,
                 RING_AT(n, 0) | HOST_BIT, RING_AT(n, 1) | HOST_BIT, len);
}

static void apply(FakeBus *f, const Op *op)
{
    switch (op->what & 0xf) {
    case 0:
        program(f, op);
        break;
    case 1:
        descriptor(f, op);
        break;
    case 2:
        inline_operation(f, op);
        break;
    case 3:
        table_entry(f, op);
        break;
    case 4:
    case 5:
        queue_register(f, op);
        break;
    case 6:
        trn_chip_write(f->chip, fake_page(engine_of(op->where), op->where >> 2
                       & 3, op->where & 0x80) + 0x38, op->value % 129);
        break;
    case 7:
        trnx_register(f, op);
        break;
    case 8:
        trn_chip_write(f->chip, op->value & ~3u, op->where);
        trn_chip_read(f->chip, op->value & ~3u);
        break;
    case 9:
        mailbox_request(f, op);
        break;
    case 10:
        mailbox_register(f, op);
        break;
    case 11:
        trn_chip_write(f->chip, 0x06300010, 1u << op->where % 32);
        break;
    case 12:
        trn_chip_set_bus_master(f->chip, op->where & 1);
        break;
    case 13:
        trn_chip_set_hang(f->chip, op->where % 133 - 1);
        break;
    case 14:
        trn_chip_write(f->chip, fake_page(engine_of(op->where), 0, false)
                       - 0x1000 + (op->value >> 16 & 0x3c) + 0x3a000
                       + (op->where & 0xc0), op->value);
        break;
    default:
        fake_run_turns(f, TURNS);
    }
}

void fuzz_udma(const uint8_t *data, size_t size)
{
    FakeBus *f = fake_new();

    /* Behind an IOMMU, half of the time: the fake bus expects the big lock. */
    f->bus.host_needs_lock = size & 1;
    for (size_t i = 0; i + 6 <= size && i < FUZZ_MAX_INPUT; i += 6) {
        Op op = {
            .what = data[i],
            .where = data[i + 1],
            .value = trn_get_le32(data + i + 2),
        };

        apply(f, &op);
    }
    trn_chip_set_hang(f->chip, -1);
    trn_chip_set_bus_master(f->chip, true);
    fake_run_turns(f, TURNS);
    fake_free(f);
}
