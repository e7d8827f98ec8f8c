/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register accesses against noise: sequences over all of BAR0 and BAR2, by the
 * CPU and by DMA, with resets of every kind, mastering, hangs, faults and a
 * neighbour in between. The input is a list of eight-byte operations.
 *
 * What must hold besides no sanitizer report: after a power-on reset the chip is
 * as new, and copies.
 */
#include "fuzz.h"
#include "unit/fake-bus.h"

#define CHIPS 2u
#define TURNS 4u
#define RINGS 0x10000u
#define OP_SIZE 8u

typedef struct Op {
    uint8_t what;
    uint8_t block;
    uint16_t where;
    uint32_t value;
} Op;

typedef struct World {
    TrnFabric fabric;
    FakeBus *bus[CHIPS];
    bool stopped[CHIPS];
} World;

/* Where registers that do something are: HW 2.4, 3.1 and 8. */
static const uint32_t bar0_blocks[] = {
    0x82000000, 0x82001000, 0x82021000, 0x82020000, 0x82038000, 0x8203a000,
    0x82041000, 0x8203c000, 0x95f00000, 0x95f01000, 0x95f21000, 0x95f41000,
    0x06800000, 0x06801000, 0x06821000, 0x0683a000, 0x46900000, 0x46901000,
    0x46921000, 0x4693a000, 0x06c84000, 0x06c84000, 0x06300000, 0x06001000,
    0x06a00000, 0x06141000, 0x8c000000, 0xd2700000, 0xd2701000, 0xd0000000,
    0xf0000000, 0xf4c01000,
};

/* Engines whose queues those are, with queue 0: 0, 63, 128 and 131. */
static const unsigned engines[] = { 0, 63, 128, 131 };

/* The trnx manual, 3. */
static const uint32_t bar2_blocks[] = {
    0x0000000,
    0x0002000,
    0x0010000,
    0x0010000,
    0x0100000,
    0x0100000 + 63 * 4096,
    0x0100000 + 128 * 4096,
    0x0100000 + 131 * 4096,
    0x1000000,
    0x1000000 + 63 * 65536,
    0x1000000 + 128 * 65536,
    0x1000000 + 131 * 65536,
    0x0003000,
    0x0004000,
    0x0020000,
    0x1ff0000,
};

static uint32_t bar0_offset(const Op *op)
{
    return bar0_blocks[op->block % G_N_ELEMENTS(bar0_blocks)] +
           (op->where & 0xffc);
}

static uint32_t bar2_offset(const Op *op, unsigned size)
{
    return bar2_blocks[op->block % G_N_ELEMENTS(bar2_blocks)] +
           (op->where & 0xfff & ~(size - 1));
}

/* Addresses of all kinds, from 32 bits. */
static uint64_t address(uint32_t v)
{
    static const uint64_t base[16] = {
        HOST_BIT, HOST_BIT, HOST_BIT, HOST_BIT | RINGS,
        HOST_BIT | (FAKE_HOST_SIZE - 0x1000), 0, 0x4000000000, 0x804001fff000,
        0x2000000000, 0x2002700000, 0x8006c84000, 0x1002000000,
        0x10000000000000, 0x10001002000000, 0x10002002700000,
        0xffffffff00000000,
    };

    return base[v >> 28] + (v & 0x0fffffff) % 0x200000;
}

/* Ring registers with values that mean something. */
static void program(FakeBus *f, const Op *op)
{
    unsigned e = engines[op->block % G_N_ELEMENTS(engines)];

    fake_program(f, e, op->block >> 2 & 1, HOST_BIT | RINGS,
                 HOST_BIT | (RINGS + 0x1000), 16 + op->value % 128);
}

static void descriptor(FakeBus *f, const Op *op)
{
    uint32_t at = RINGS + (op->block & 1) * 0x1000 + (op->where & 0x7f) * 16;

    fake_desc(f, at, 0x0d000000 ^ (uint32_t)(op->where & 0xff80) << 16 ^
                     op->value % 4096, 0x01080003, address(op->value));
}

static void fault(FakeBus *f, const Op *op)
{
    TrnErrinj *inj = &f->chip->errinj;

    switch (op->block % 10) {
    case 0:
        inj->mbox_fault = op->value % TRN_MBOX_FAULT_MAX;
        break;
    case 1:
        inj->not_ready = op->value % 4;
        break;
    case 2:
        inj->engine = engines[op->where % G_N_ELEMENTS(engines)];
        inj->queue = op->value % 2;
        break;
    case 3:
        inj->axi_error_at = op->value % 8;
        break;
    case 4:
        inj->delay_ns = op->value % 1000;
        trn_errinj_woken(f->chip);
        break;
    case 5:
        inj->links_down = op->value % 16;
        break;
    case 6:
        trn_chip_set_hang(f->chip, (int)(op->value % 133) - 1);
        break;
    case 7:
        inj->malice_kinds = op->value & TRN_MALICE_ALL;
        inj->malice_rate = 1 + op->where % 16;
        inj->malice_seed = op->value >> 16;
        break;
    case 8:
        inj->ignore_resets = op->value % 4;
        break;
    default:
        trn_chip_set_gone(f->chip, op->value & 1);
    }
}

static void set_stopped(World *w, unsigned n, bool stop)
{
    if (stop == w->stopped[n]) {
        return;
    }
    w->stopped[n] = stop;
    if (stop) {
        trn_chip_stop(w->bus[n]->chip);
    } else {
        trn_chip_start(w->bus[n]->chip);
    }
}

static void step_time(FakeBus *f, const Op *op)
{
    f->now += op->value;
    if (f->wake_at && f->now >= f->wake_at) {
        f->wake_at = 0;
        trn_chip_woken(f->chip);
    }
}

static void access_bar2(FakeBus *f, const Op *op)
{
    unsigned size = op->what & 0x20 ? 8 : 4;
    uint32_t off = bar2_offset(op, size);

    if (op->what & 0x40) {
        trn_trnx_read(f->chip, off, size);
    } else {
        trn_trnx_write(f->chip, off, op->what & 0x10 ? address(op->value)
                                                     : op->value, size);
    }
}

static void apply(World *w, const Op *op)
{
    unsigned n = op->what >> 7;
    FakeBus *f = w->bus[n];

    switch (op->what & 0xf) {
    case 0:
    case 1:
        trn_chip_write(f->chip, bar0_offset(op), op->value);
        break;
    case 2:
        trn_chip_read(f->chip, bar0_offset(op));
        break;
    case 3:
        trn_chip_write(f->chip, op->value & ~3u, op->where);
        trn_chip_read(f->chip, op->value & ~3u);
        break;
    case 4:
    case 5:
        access_bar2(f, op);
        break;
    case 6:
        trn_chip_dma_write(f->chip, bar0_offset(op), op->value);
        break;
    case 7:
        program(f, op);
        break;
    case 8:
        descriptor(f, op);
        break;
    case 9:
        trn_chip_write(f->chip, 0x06300010, op->value & 0x00ffffff);
        break;
    case 10:
        trn_chip_set_bus_master(f->chip, op->value & 1);
        break;
    case 11:
        fault(f, op);
        break;
    case 12:
        set_stopped(w, n, op->value & 1);
        break;
    case 13:
        step_time(f, op);
        break;
    case 14:
        if (op->value & 1) {
            trn_reset_power_on(f->chip);
        }
        break;
    default:
        fake_run_turns(f, TURNS);
    }
}

/* Nothing of what was written is left: HW 3.2 and 11.5. */
static void expect_as_new(FakeBus *f)
{
    static const uint8_t zero[] = { 0x28, 0x2c, 0x30, 0x38, 0x44, 0x48 };

    for (unsigned i = 0; i < G_N_ELEMENTS(engines); i++) {
        for (unsigned side = 0; side < 2; side++) {
            uint32_t page = fake_page(engines[i], 0, side);

            g_assert_cmphex(trn_chip_read(f->chip, page + 0x20), ==,
                            0x03000000);
            g_assert_cmphex(trn_chip_read(f->chip, page + 0x34), ==,
                            0x40000000);
            for (unsigned k = 0; k < sizeof(zero); k++) {
                g_assert_cmphex(trn_chip_read(f->chip, page + zero[k]), ==, 0);
            }
        }
        g_assert_cmphex(trn_chip_read(f->chip, fake_page(engines[i], 0, false)
                                               - 0x1000 + 0x200), ==, 0);
    }
    g_assert_cmphex(f->chip->reg_limit.used, ==, 0);
    g_assert_cmphex(f->chip->scratch.used, ==, 0);
}

static void expect_copies(FakeBus *f, unsigned engine)
{
    memset(f->host + 0x200000, 0xa5, 4096);
    memset(f->hbm + 0x1000000, 0, 4096);
    fake_program(f, engine, 0, HOST_BIT | RINGS, HOST_BIT | (RINGS + 0x1000),
                 64);
    fake_desc(f, RINGS, 0x0d001000, 0x01080003, HOST_BIT | 0x200000);
    fake_desc(f, RINGS + 0x1000, 0x01001000, 0, 0x1000000);
    trn_chip_write(f->chip, fake_page(engine, 0, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(engine, 0, false) + 0x38, 1);
    fake_run(f);
    g_assert_cmpmem(f->hbm + 0x1000000, 4096, f->host + 0x200000, 4096);
}

static void restore(World *w, unsigned n)
{
    FakeBus *f = w->bus[n];

    set_stopped(w, n, false);
    trn_chip_set_hang(f->chip, -1);
    trn_chip_set_gone(f->chip, false);
    f->chip->errinj = (TrnErrinj) { 0 };
    trn_chip_set_bus_master(f->chip, false);
    trn_reset_power_on(f->chip);
    expect_as_new(f);
    trn_chip_set_bus_master(f->chip, true);
    fake_run(f);
}

void fuzz_regs(const uint8_t *data, size_t size)
{
    World *w = g_new0(World, 1);

    trn_fabric_init(&w->fabric);
    /* HW 9.2 and 9.3: window 0 of one leads to the other. */
    w->bus[0] = fake_new_in(&w->fabric, 0);
    w->bus[1] = fake_new_in(&w->fabric, 4);
    size = MIN(size, FUZZ_MAX_INPUT);
    for (size_t i = 0; i + OP_SIZE <= size; i += OP_SIZE) {
        Op op = {
            .what = data[i],
            .block = data[i + 1],
            .where = data[i + 2] | data[i + 3] << 8,
            .value = trn_get_le32(data + i + 4),
        };

        apply(w, &op);
    }
    for (unsigned n = 0; n < CHIPS; n++) {
        restore(w, n);
    }
    for (unsigned n = 0; n < CHIPS; n++) {
        expect_copies(w->bus[n], engines[size % G_N_ELEMENTS(engines)]);
        fake_free(w->bus[n]);
    }
    trn_fabric_fini(&w->fabric);
    g_free(w);
}
