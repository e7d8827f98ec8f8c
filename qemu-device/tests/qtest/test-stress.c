/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several devices, and malicious input. */
#include "qt.h"

#include "qemu/bswap.h"

/* The same noise in every run: a failure can be had again. */
#define SEED 0x5eed7264u

static QtVm *start_many(unsigned n, QtDev **dev)
{
    GString *args = g_string_new(NULL);
    QtVm *vm;

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(args, "-device trn3,id=trn%u,addr=%x,"
                               "routing-id=%u,hbm-size=1G ", i, i + 2, i);
    }
    vm = qt_vm_start(args->str);
    for (unsigned i = 0; i < n; i++) {
        dev[i] = qt_dev_open(vm, 0, i + 2);
    }
    g_string_free(args, TRUE);
    return vm;
}

static void devices_are_strangers_to_each_other(unsigned n)
{
    QtDev *dev[16];
    QtQueue *q[16];
    QtVm *vm = start_many(n, dev);
    uint64_t host = qt_alloc(vm, n * MIB, 4096) | HOST_BIT;

    for (unsigned i = 0; i < n; i++) {
        g_assert_cmpuint(qt_read(dev[i], MISC_RAM + 0x24), ==, i);
        q[i] = qt_queue_new(dev[i], 128, 0, 64);
        qt_mem_fill(dev[i], host + i * MIB, MIB, i);
        qt_post_copy(q[i], 0x1000000, host + i * MIB, MIB);
        qt_post_marker(q[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        qt_ring(q[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        qt_wait_marker(q[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        qt_mem_expect(dev[i], 0x1000000, MIB, i);
        qt_write(dev[i], 0xd2701400, i + 1);
    }
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmpuint(qt_read(dev[i], 0xd2701000), ==, i + 1);
        qt_queue_free(q[i]);
        g_free(dev[i]);
    }
    qt_vm_stop(vm);
}

static void two_devices_in_one_machine(void)
{
    devices_are_strangers_to_each_other(2);
}

static void sixteen_devices_in_one_machine(void)
{
    devices_are_strangers_to_each_other(16);
}

/* HW 9.6: the BAR4 of one is host memory to the other. */
static void one_device_copies_into_the_hbm_of_another(void)
{
    QtDev *dev[2];
    QtQueue *q;
    uint64_t peer;

    start_many(2, dev);
    q = qt_queue_new(dev[0], 128, 0, 64);
    peer = (dev[1]->bar4 + 0x1000000) | HOST_BIT;
    qt_mem_fill(dev[0], 0x1000000, 65536, 3);
    qt_copy(q, peer, 0x1000000, 65536);
    qt_mem_expect(dev[1], 0x1000000, 65536, 3);
    qt_mem_fill(dev[1], 0x1000000, 65536, 4);
    qt_copy(q, 0x2000000, peer, 65536);
    qt_mem_expect(dev[0], 0x2000000, 65536, 4);
    qt_queue_free(q);
    g_free(dev[1]);
    qt_stop(dev[0]);
}

static void poke(QtDev *dev, GRand *rand, uint64_t addr)
{
    QTestState *qts = dev->vm->qts;
    uint64_t val = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

    switch (g_rand_int_range(rand, 0, 8)) {
    case 0:
        qtest_writeb(qts, addr, val);
        break;
    case 1:
        qtest_writew(qts, addr, val);
        break;
    case 2:
        qtest_writel(qts, addr, val);
        break;
    case 3:
        qtest_writeq(qts, addr, val);
        break;
    case 4:
        qtest_readb(qts, addr);
        break;
    case 5:
        qtest_readw(qts, addr);
        break;
    case 6:
        qtest_readl(qts, addr);
        break;
    case 7:
        qtest_readq(qts, addr);
        break;
    }
}

/* A fresh device must still copy: nothing but the noise was lost. */
static void expect_alive(QtDev *dev)
{
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    QtQueue *q;

    qt_flr(dev);
    q = qt_queue_new(dev, 128, 0, 64);
    qt_copy_verify(q, 0x1000000, host, 65536, 1);
    qt_queue_free(q);
}

static void noise_on_bar(unsigned bar)
{
    QtDev *dev = qt_start("hbm-size=1G");
    const uint64_t base[] = { dev->bar0, dev->bar2, dev->bar4 };
    const uint64_t size[] = { 4 * GIB, 32 * MIB, 1 * GIB };
    GRand *rand = g_rand_new_with_seed(SEED + bar);

    dev->vm->any_log = true;
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t off = ((uint64_t)g_rand_int(rand) << 16 ^ g_rand_int(rand))
                       % size[bar];

        poke(dev, rand, base[bar] + off);
    }
    g_rand_free(rand);
    expect_alive(dev);
    qt_stop(dev);
}

static void noise_on_bar0_is_survived(void)
{
    noise_on_bar(0);
}

static void noise_on_bar2_is_survived(void)
{
    noise_on_bar(1);
}

static void noise_on_bar4_is_survived(void)
{
    noise_on_bar(2);
}

/* Noise that knows where the registers are. */
static void noise_on_live_registers_is_survived(void)
{
    static const uint32_t regs[] = {
        0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x48, 0x4c,
        0x54, 0x64, 0x74, 0xa0, 0xb0,
    };
    QtDev *dev = qt_start("hbm-size=1G");
    GRand *rand = g_rand_new_with_seed(SEED);

    dev->vm->any_log = true;
    for (unsigned i = 0; i < 20000; i++) {
        unsigned e = g_rand_int_range(rand, 0, 132);
        uint64_t page = qt_engine_bar0(e) + 0x1000
                        + g_rand_int_range(rand, 0, 16) * 0x1000
                        + g_rand_int_range(rand, 0, 2) * 0x20000;
        uint64_t qctl = 0x100000 + g_rand_int_range(rand, 0, 132 * 16) * 0x100;

        switch (g_rand_int_range(rand, 0, 4)) {
        case 0:
            poke(dev, rand, dev->bar2 + qctl
                 + g_rand_int_range(rand, 0, 16) * 4);
            break;
        case 1:
            poke(dev, rand, dev->bar2 + 0x10000
                 + g_rand_int_range(rand, 0, 512) * 4);
            break;
        case 2:
            poke(dev, rand, dev->bar0 + MISC_RAM
                 + g_rand_int_range(rand, 0, 1024) * 4);
            break;
        default:
            poke(dev, rand, dev->bar0 + page
                 + regs[g_rand_int_range(rand, 0, G_N_ELEMENTS(regs))]);
        }
    }
    g_rand_free(rand);
    expect_alive(dev);
    qt_stop(dev);
}

/* Rings full of random descriptors, most of them with addresses of memory. */
static uint64_t random_addr(GRand *rand, uint64_t host)
{
    static const uint64_t bases[] = {
        0, 0x004000000000, 0x800000000000, 0x804000000000, 0x002000000000,
        0x008006c84000, 0x001002000000, 0x008280000000, 0x001200000000,
        0x10000000000000, 0xffffffffff000000,
    };
    unsigned pick = g_rand_int_range(rand, 0, G_N_ELEMENTS(bases) + 4);
    uint32_t off = g_rand_int(rand) >> g_rand_int_range(rand, 0, 28);

    if (pick >= G_N_ELEMENTS(bases)) {
        return host + off % (8 * MIB);
    }
    return bases[pick] + off;
}

static void fill_with_noise(QtDev *dev, QtRing *ring, GRand *rand,
                            uint64_t host)
{
    g_autofree uint8_t *buf = g_malloc(ring->len * 16);

    for (uint32_t i = 0; i < ring->len; i++) {
        uint32_t w0 = g_rand_int(rand);

        if (g_rand_int_range(rand, 0, 4)) {
            w0 = (w0 & 0xffff) | M2S_FIRST | M2S_LAST | 1 << 24;
        }
        stl_le_p(buf + i * 16, w0);
        stl_le_p(buf + i * 16 + 4,
                 g_rand_int_range(rand, 0, 4) ? OP_COPY : g_rand_int(rand));
        stq_le_p(buf + i * 16 + 8, random_addr(rand, host));
    }
    qt_mem_write(dev, ring->addr, buf, ring->len * 16);
}

static void rings_full_of_noise_are_survived(void)
{
    QtDev *dev = qt_start("hbm-size=1G");
    uint64_t host = qt_alloc(dev->vm, 16 * MIB, 4096) | HOST_BIT;
    GRand *rand = g_rand_new_with_seed(SEED);

    dev->vm->any_log = true;
    for (unsigned round = 0; round < 60; round++) {
        unsigned e = g_rand_int_range(rand, 0, 132);
        QtQueue *q = qt_queue_new(dev, e, round % 16, 512);

        qt_trnx_write(dev, qt_qctl(e, round % 16), round % 8);
        fill_with_noise(dev, &q->m2s, rand, host);
        fill_with_noise(dev, &q->s2m, rand, host);
        qt_write(dev, q->s2m.page + Q_DOORBELL, 512);
        qt_write(dev, q->m2s.page + Q_DOORBELL, 512);
        qt_read(dev, q->m2s.page + Q_HEAD);
        qt_queue_free(q);
    }
    g_rand_free(rand);
    expect_alive(dev);
    qt_stop(dev);
}

/* Resets of every kind thrown into running work, over and over. */
static void storm_of_resets(const char *props)
{
    QtDev *dev = qt_start(props);
    GRand *rand = g_rand_new_with_seed(SEED);
    QtQueue *q[8];

    dev->vm->any_log = true;
    for (unsigned i = 0; i < 8; i++) {
        q[i] = qt_queue_new(dev, i * 16 + i, i, 1024);
    }
    for (unsigned round = 0; round < 200; round++) {
        QtQueue *one = q[round % 8];

        qt_queue_program(one);
        qt_post_long(one, 0x4000000, 0x1000000, 500);
        qt_ring(one);
        switch (g_rand_int_range(rand, 0, 6)) {
        case 0:
            qt_queue_reset(one);
            break;
        case 1:
            qt_write(dev, QEMU_RESET, 0);
            break;
        case 2:
            qt_write(dev, QEMU_RESET,
                     0x00010101u << g_rand_int_range(rand, 0, 8));
            break;
        case 3:
            qt_dev_set_master(dev, false);
            qt_dev_set_master(dev, true);
            break;
        case 4:
            qt_flr(dev);
            break;
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        qt_queue_free(q[i]);
    }
    g_rand_free(rand);
    expect_alive(dev);
    qt_stop(dev);
}

static void storm_of_resets_under_load_is_survived(void)
{
    storm_of_resets("hbm-size=1G");
}

static void storm_of_resets_under_four_workers_is_survived(void)
{
    storm_of_resets("hbm-size=1G,workers=4");
}

/* 32 engines, four workers: every byte arrives, and in the right place. */
static void four_workers_lose_nothing(void)
{
    QtDev *dev = qt_start("hbm-size=4G,workers=4");
    uint64_t host = qt_alloc(dev->vm, 32 * MIB, 4096) | HOST_BIT;
    QtQueue *q[32];

    for (unsigned i = 0; i < 32; i++) {
        q[i] = qt_queue_new(dev, i * 4, i % 16, 64);
        qt_mem_fill(dev, host + i * MIB, MIB, i);
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 32; i++) {
            qt_post_copy(q[i], 0x1000000 + (i + round) * MIB, host + i * MIB,
                         MIB);
            qt_post_marker(q[i]);
        }
        for (unsigned i = 0; i < 32; i++) {
            qt_ring(q[i]);
        }
        for (unsigned i = 0; i < 32; i++) {
            qt_wait_marker(q[i]);
        }
        for (unsigned i = 0; i < 32; i++) {
            qt_mem_expect(dev, 0x1000000 + (i + round) * MIB, MIB, i);
        }
    }
    for (unsigned i = 0; i < 32; i++) {
        qt_queue_free(q[i]);
    }
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/stress/" #name, name)
    T(two_devices_in_one_machine);
    T(sixteen_devices_in_one_machine);
    T(one_device_copies_into_the_hbm_of_another);
    T(noise_on_bar0_is_survived);
    T(noise_on_bar2_is_survived);
    T(noise_on_bar4_is_survived);
    T(noise_on_live_registers_is_survived);
    T(rings_full_of_noise_are_survived);
    T(storm_of_resets_under_load_is_survived);
    T(storm_of_resets_under_four_workers_is_survived);
    T(four_workers_lose_nothing);
    return g_test_run();
}
