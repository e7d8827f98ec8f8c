/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole device in QEMU against noise, for a fixed time: accesses to its
 * BARs and configuration space in every width, memory full of descriptors,
 * tables and rings that mostly mean something, resets, stops and faults from
 * outside, all while two chips, each other's neighbours, run what they can of
 * it.
 *
 * The noise is the same in every run of one seed, the race with the workers is
 * not. TRN_FUZZ_SEED and TRN_FUZZ_SECONDS ask for other, or more, of it. What
 * must hold: QEMU lives, answers, and both chips copy afterwards.
 */
#include "qt.h"

#include "qemu/bswap.h"

#define SEED 0x5eed7564u
#define SECONDS 6
#define CHIPS 2u
#define BURST 256u              /* operations between looks at the clock */

/* Guest memory that everything here points to. */
#define POOL (8 * MIB)

typedef struct World {
    QtVm *vm;
    QtDev *dev[CHIPS];
    GRand *rand;
    uint64_t pool;
    bool paused;
} World;

static uint32_t below(World *w, uint32_t n)
{
    return g_rand_int_range(w->rand, 0, n);
}

static uint64_t bits64(World *w)
{
    return (uint64_t)g_rand_int(w->rand) << 32 | g_rand_int(w->rand);
}

static QtDev *some_dev(World *w)
{
    return w->dev[below(w, CHIPS)];
}

/* HW 2.2, mostly memory, sometimes an address without memory. */
static uint64_t address(World *w)
{
    static const uint64_t base[] = {
        0x001000000, 0x004001000000, 0x800001000000, 0x002000000000,
        0x002002700000, 0x008006c84000, 0x001002000000, 0x008280000000,
        0x001200000000, 0x10000001000000, 0x10002002700000, 0x002900000000,
        0xffffffff00000000,
    };
    unsigned pick = below(w, 2 * G_N_ELEMENTS(base));
    uint32_t off = below(w, 256) * 4096 + (below(w, 4) ? 0 : below(w, 4096));

    return pick < G_N_ELEMENTS(base) ? base[pick] + off
                                     : (w->pool + off) | HOST_BIT;
}

/* --- accesses --- */

static void poke(World *w, uint64_t addr, uint64_t value, unsigned kind)
{
    QTestState *qts = w->vm->qts;

    switch (kind % 8) {
    case 0:
        qtest_writeb(qts, addr, value);
        break;
    case 1:
        qtest_writew(qts, addr, value);
        break;
    case 2:
    case 3:
    case 4:
        qtest_writel(qts, addr, value);
        break;
    case 5:
        qtest_writeq(qts, addr, value);
        break;
    case 6:
        qtest_readl(qts, addr);
        break;
    default:
        qtest_readq(qts, addr);
    }
}

static void bar0(World *w)
{
    static const uint32_t odd[] = {
        MISC_RAM, MISC_RAM + 0x100, MISC_RAM + 0x1e0, MISC_RAM + 0x800,
        QEMU_RESET & ~0xfffu, 0x06001100, 0x06a00100, 0x06141100, 0x8c000000,
        0xd2700000, 0xd2701000, 0xf0000000,
    };
    static const uint32_t in_engine[] = {
        0, 0x1000, 0x21000, 0x20000, 0x38000, 0x3a000, 0x3c000, 0x40000,
        0x41000,
    };
    uint32_t off = below(w, 3)
                   ? qt_engine_bar0(below(w, 132)) +
                     in_engine[below(w, G_N_ELEMENTS(in_engine))]
                   : odd[below(w, G_N_ELEMENTS(odd))];

    off += below(w, 0x400) * 4;
    poke(w, some_dev(w)->bar0 + off, below(w, 2) ? bits64(w) : below(w, 70000),
         below(w, 64));
}

static void bar2(World *w)
{
    static const uint32_t block[] = {
        0x0, 0x2000, 0x3000, 0x4000, 0x10000, 0x10000, 0x20000, 0x28000,
        0x100000, 0x180000, 0x1000000, 0x1800000,
    };
    uint32_t off = block[below(w, G_N_ELEMENTS(block))] + below(w, 0x400) * 4;

    poke(w, some_dev(w)->bar2 + off, below(w, 2) ? address(w) : below(w, 64),
         below(w, 64));
}

static void bar4(World *w)
{
    QtDev *dev = some_dev(w);

    poke(w, dev->bar4 + bits64(w) % (dev->bar4_size - 8), bits64(w),
         below(w, 64));
}

/* All of it but the BARs, which nothing could be found at any more. */
static void config_space(World *w)
{
    QtDev *dev = some_dev(w);
    unsigned off = below(w, 4) ? below(w, 0x100) : below(w, 0x1000);

    if (off < 0x10 || off >= 0x28) {
        poke(w, qt_ecam(dev->bus, dev->slot) + (off & ~3u), bits64(w),
             2 + below(w, 5));
    }
    if (below(w, 2)) {
        qt_dev_set_master(dev, below(w, 4));
    }
}

/* --- memory --- */

/* 4 KiB of descriptors, page table entries, or anything. */
static void fill_page(World *w)
{
    g_autofree uint8_t *page = g_malloc(4096);
    unsigned kind = below(w, 4);

    for (unsigned at = 0; at < 4096; at += 16) {
        if (kind < 2) {
            stl_le_p(page + at, 0x0d000000 ^ (below(w, 8) ? 0 : bits64(w)) ^
                                below(w, 0x10000));
            stl_le_p(page + at + 4, below(w, 8) ? OP_COPY : bits64(w));
            stq_le_p(page + at + 8, address(w));
        } else if (kind == 2) {
            stq_le_p(page + at, (address(w) & ~0xfffULL) | below(w, 16));
            stq_le_p(page + at + 8, (address(w) & ~0xfffULL) | 1);
        } else {
            stq_le_p(page + at, bits64(w));
            stq_le_p(page + at + 8, bits64(w));
        }
    }
    qt_mem_write(w->dev[0], (w->pool + below(w, 256) * 4096) | HOST_BIT, page,
                 4096);
}

/* --- work for engines --- */

static void run_a_queue(World *w)
{
    QtQueue q = { .dev = some_dev(w), .engine = below(w, 132) };
    uint32_t page = qt_engine_bar0(q.engine) + 0x1000 + below(w, 4) * 0x1000;
    uint32_t len = 16 + below(w, 240);

    q.m2s = (QtRing) { .page = page, .len = len };
    q.s2m = (QtRing) { .page = page + 0x20000, .len = len };
    q.m2s.addr = (w->pool + below(w, 256) * 4096) | HOST_BIT;
    q.s2m.addr = (w->pool + below(w, 256) * 4096) | HOST_BIT;
    qt_queue_program(&q);
    qt_write(q.dev, q.s2m.page + Q_DOORBELL, below(w, len + 2));
    qt_write(q.dev, q.m2s.page + Q_DOORBELL, below(w, len + 2));
}

static void set_up_an_address_space(World *w)
{
    QtDev *dev = some_dev(w);

    qt_trnx_write64(dev, 0x2008, (w->pool + below(w, 256) * 4096) | HOST_BIT);
    qt_trnx_write(dev, 0x2010, below(w, 600));
    qt_trnx_write(dev, 0x2004, below(w, 4) != 0);
    qt_trnx_write(dev, qt_qctl(below(w, 132), below(w, 4)) + 0x28,
                  below(w, 16));
    qt_trnx_write(dev, 0x2028, bits64(w) & 0x3ffff);
}

/* --- from outside --- */

static void pause_or_go_on(World *w)
{
    w->paused = !w->paused;
    qtest_qmp_assert_success(w->vm->qts, w->paused ? "{'execute': 'stop'}"
                                                   : "{'execute': 'cont'}");
}

static void fault(World *w)
{
    static const char *const counts[] = {
        "x-mbox-not-ready", "x-axi-error-at", "x-delay-ns", "x-lose-irqs",
    };

    if (below(w, 2)) {
        qt_set_number(w->dev[0], counts[below(w, G_N_ELEMENTS(counts))],
                      below(w, 4));
    } else {
        qt_set_number(w->dev[0], "x-hang-engine", (int)below(w, 133) - 1);
    }
}

static void resets(World *w)
{
    QtDev *dev = some_dev(w);

    switch (below(w, 3)) {
    case 0:
        qt_write(dev, QEMU_RESET, 0);
        break;
    case 1:
        qt_write(dev, QEMU_RESET, bits64(w) & 0xffffff);
        break;
    default:
        qt_flr(dev);
    }
}

static void operation(World *w)
{
    unsigned pick = below(w, 200);

    if (pick < 60) {
        bar0(w);
    } else if (pick < 90) {
        bar2(w);
    } else if (pick < 100) {
        bar4(w);
    } else if (pick < 110) {
        config_space(w);
    } else if (pick < 140) {
        fill_page(w);
    } else if (pick < 185) {
        run_a_queue(w);
    } else if (pick < 192) {
        set_up_an_address_space(w);
    } else if (pick < 195) {
        resets(w);
    } else if (pick < 197) {
        qtest_clock_step(w->vm->qts, below(w, 1000000));
    } else if (pick < 199) {
        fault(w);
    } else {
        pause_or_go_on(w);
    }
}

/* --- a run --- */

static void world_init(World *w, const char *props, uint32_t seed)
{
    g_autofree char *args = g_strdup_printf(
        "-device trn3,id=trn0,addr=4,hbm-size=128M,routing-id=0,%s "
        "-device trn3,id=trn1,addr=6,hbm-size=128M,routing-id=4,%s", props,
        props);

    w->vm = qt_vm_start(args);
    w->vm->any_log = true;
    w->dev[0] = qt_dev_open(w->vm, 0, 4);
    w->dev[1] = qt_dev_open(w->vm, 0, 6);
    w->rand = g_rand_new_with_seed(seed);
    w->pool = qt_alloc(w->vm, POOL, 4096);
    w->paused = false;
}

static void expect_alive(World *w)
{
    uint64_t host = qt_alloc(w->vm, 65536, 4096) | HOST_BIT;

    if (w->paused) {
        pause_or_go_on(w);
    }
    qt_set_number(w->dev[0], "x-hang-engine", -1);
    qt_set_number(w->dev[0], "x-axi-error-at", 0);
    qt_set_number(w->dev[0], "x-delay-ns", 0);
    for (unsigned n = 0; n < CHIPS; n++) {
        QtQueue *q;

        qt_flr(w->dev[n]);
        q = qt_queue_new(w->dev[n], 128 + n, n, 64);
        qt_copy_verify(q, 0x1000000, host, 65536, n);
        qt_queue_free(q);
    }
}

static void noise(const char *props)
{
    uint32_t seed = qt_env_number("TRN_FUZZ_SEED", SEED);
    int64_t end = g_get_monotonic_time() +
                  qt_env_number("TRN_FUZZ_SECONDS", SECONDS) * G_USEC_PER_SEC;

    for (; g_get_monotonic_time() < end; seed++) {
        World w;

        /* Said before: the last one said is the one that failed. */
        g_test_message("seed 0x%x", seed);
        world_init(&w, props, seed);
        for (unsigned n = 0; n < 20 && g_get_monotonic_time() < end; n++) {
            for (unsigned i = 0; i < BURST; i++) {
                operation(&w);
            }
        }
        expect_alive(&w);
        qt_vm_stop(w.vm);
        g_rand_free(w.rand);
        for (unsigned n = 0; n < CHIPS; n++) {
            g_free(w.dev[n]);
        }
    }
}

static void noise_from_all_sides_is_survived(void)
{
    noise("workers=1");
}

static void noise_from_all_sides_is_survived_by_four_workers(void)
{
    noise("workers=4,spin-ns=20000");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/fuzz/" #name, name)
    T(noise_from_all_sides_is_survived);
    T(noise_from_all_sides_is_survived_by_four_workers);
    return g_test_run();
}
