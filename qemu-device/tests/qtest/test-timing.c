/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timing model on the virtual clock: the trnx manual, 15, and what is
 * published of the chips. The clock of a qtest stands still between steps.
 */
#include "qt.h"

#include "qobject/qdict.h"

#define COMPLETION 0x3030
#define START_PS 1300000ULL
#define WINDOW0 0x10000000000000ULL

/* HW 2.2: SBUF of NeuronCore @core. */
static uint64_t sbuf(unsigned core)
{
    static const uint64_t base[] = {
        0x002000000000, 0x003000000000, 0x006000000000, 0x007000000000,
        0x802000000000, 0x803000000000, 0x806000000000, 0x807000000000,
    };

    return base[core];
}

static QtDev *start(const char *type)
{
    g_autofree char *devices = g_strdup_printf(
        "-device %s,id=trn0,addr=4,hbm-size=128M,timing=on", type);

    return qt_dev_open(qt_vm_start(devices), 0, 4);
}

/* Picoseconds from now until the last descriptor of this doorbell completes. */
static uint64_t measure(QtDev *dev)
{
    int64_t from = qtest_clock_step(dev->vm->qts, 1000000) - 1000000;

    return qt_trnx_read64(dev, COMPLETION) - from * 1000;
}

static uint64_t one_copy(QtDev *dev, uint32_t len)
{
    QtQueue *q = qt_queue_new(dev, 37, 5, 64);
    uint64_t ps;

    qt_mem_fill(dev, 0x1000000, len, len);
    qt_pair(q, 0x1100000, 0x1000000, len);
    qt_ring(q);
    ps = measure(dev);
    qt_mem_expect(dev, 0x1100000, len, len);
    qt_queue_free(q);
    return ps;
}

static void one_copy_takes_the_start_cost_and_its_bytes(void)
{
    QtDev *dev = start("trn3");

    /* 4096 and 32768 bytes at 38.4 GB/s. */
    g_assert_cmpuint(one_copy(dev, 4096), ==, 1406667);
    g_assert_cmpuint(one_copy(dev, 32768), ==, 2153334);
    g_assert_cmpuint(one_copy(dev, 64), ==, 1353000);
    qt_stop(dev);
}

/* Where the stream of an engine goes from and to. */
typedef uint64_t (*Place)(unsigned engine);

static uint64_t in_hbm(unsigned engine)
{
    return qt_hbm_base[engine % 4] + 0x1000000;
}

static uint64_t in_hbm_too(unsigned engine)
{
    return qt_hbm_base[engine % 4] + 0x1800000;
}

static uint64_t in_sbuf(unsigned engine)
{
    return sbuf(engine / 16) + engine % 16 * 65536;
}

static uint64_t in_host(unsigned engine)
{
    return (128 * MIB + engine * 65536) | HOST_BIT;
}

static uint64_t at_neighbour(unsigned engine)
{
    return WINDOW0 + in_hbm(engine);
}

/* @n engines move @each times 64 KiB; megabytes a second, without the start. */
static uint64_t stream(QtDev *dev, unsigned n, unsigned each, Place to,
                       Place from)
{
    QtQueue **q = g_new0(QtQueue *, n);
    uint64_t ps;

    for (unsigned i = 0; i < n; i++) {
        q[i] = qt_queue_new(dev, i, 0, 512);
        qt_post_same(q[i], to(i), from(i), each);
    }
    for (unsigned i = 0; i < n; i++) {
        qt_ring(q[i]);
    }
    ps = measure(dev) - START_PS;
    for (unsigned i = 0; i < n; i++) {
        uint32_t block = qt_qctl(i, 0);

        g_assert_cmpuint(qt_trnx_read64(dev, block + QCTL_COUNT), ==, each);
        qt_queue_free(q[i]);
    }
    g_free(q);
    return n * each * 65536ULL * 1000000 / ps;
}

static void expect_near(uint64_t mbps, uint64_t want, unsigned percent)
{
    g_test_message("%" PRIu64 " MB/s, published %" PRIu64, mbps, want);
    g_assert_cmpuint(mbps, >=, want * (100 - percent) / 100);
    g_assert_cmpuint(mbps, <=, want * (100 + percent) / 100);
}

static void trainium3_has_its_bandwidths(void)
{
    QtDev *dev = start("trn3");

    expect_near(stream(dev, 1, 200, in_sbuf, in_hbm), 38400, 1);
    expect_near(stream(dev, 16, 60, in_sbuf, in_hbm), 614400, 1);
    expect_near(stream(dev, 128, 50, in_sbuf, in_hbm), 4900000, 2);
    qt_stop(dev);
}

/* HBM is read and written: half of it is left. */
static void copies_inside_hbm_reach_half_of_it(void)
{
    QtDev *dev = start("trn3");

    expect_near(stream(dev, 128, 50, in_hbm_too, in_hbm), 2450000, 2);
    qt_stop(dev);
}

static void trainium2_has_its_bandwidths(void)
{
    QtDev *dev = start("trn2");

    expect_near(stream(dev, 1, 200, in_sbuf, in_hbm), 27200, 1);
    expect_near(stream(dev, 128, 50, in_sbuf, in_hbm), 2900000, 2);
    qt_stop(dev);
}

static void window_to_the_host_has_its_bandwidth(void)
{
    QtDev *dev = start("trn3");

    expect_near(stream(dev, 1, 200, in_hbm, in_host), 38400, 1);
    expect_near(stream(dev, 4, 100, in_hbm, in_host), 63000, 1);
    expect_near(stream(dev, 4, 100, in_host, in_hbm), 63000, 1);
    qt_stop(dev);
}

/* HW 9.3: link 0 of devices 0 and 12 leads to the other. */
static void link_has_its_bandwidth(void)
{
    QtVm *vm = qt_vm_start("-device trn3,id=trn0,hbm-size=128M,addr=4,"
                           "routing-id=0,timing=on "
                           "-device trn3,id=trn1,hbm-size=128M,addr=6,"
                           "routing-id=4,timing=on");
    QtDev *a = qt_dev_open(vm, 0, 4), *b = qt_dev_open(vm, 0, 6);

    expect_near(stream(a, 16, 100, at_neighbour, in_sbuf), 320000, 1);
    expect_near(stream(a, 16, 100, in_sbuf, at_neighbour), 320000, 1);
    qt_vm_stop(vm);
    g_free(a);
    g_free(b);
}

static void properties_are_the_constants_of_the_model(void)
{
    QtDev *dev = start("trn3,start-ns=200,engine-mbps=1000,hbm-mbps=400,"
                       "desc-ns=7000,host-latency-ns=3000,host-mbps=4096");

    /* A stack of 100 MB/s; the least time; 1 us of host beside 4.096. */
    g_assert_cmpuint(one_copy(dev, 1000), ==, 200000 + 20000000);
    g_assert_cmpuint(one_copy(dev, 4), ==, 200000 + 7000000);
    qt_refuse_number(dev, "start-ns", 5);
    qt_stop(dev);
}

static void devices_of_a_machine_are_of_one_kind(void)
{
    QtVm *vm = qt_vm_start("-device pcie-root-port,id=rp,slot=1 "
                           "-device trn3,addr=4,hbm-size=128M");
    QDict *rsp = qtest_qmp(vm->qts,
                           "{'execute': 'device_add', 'arguments': {"
                           "'driver': 'trn2', 'bus': 'rp', 'timing': true}}");
    const char *desc = qdict_get_str(qdict_get_qdict(rsp, "error"), "desc");

    g_assert_nonnull(strstr(desc, "timing"));
    qobject_unref(rsp);
    qt_vm_stop(vm);
}

static void without_it_nothing_is_timed(void)
{
    QtDev *dev = qt_start("hbm-size=128M");
    QtQueue *q = qt_queue_new(dev, 37, 5, 64);

    qt_copy(q, 0x1100000, 0x1000000, 65536);
    qtest_clock_step(dev->vm->qts, 1000);
    g_assert_cmpuint(qt_trnx_read64(dev, COMPLETION), ==, 0);
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 4.7: the marker, like every byte, comes when the model says so. */
static void nothing_is_seen_before_its_time(void)
{
    QtDev *dev = start("trn3");
    QTestState *qts = dev->vm->qts;
    QtQueue *q = qt_queue_new(dev, 37, 5, 64);
    uint64_t record = qt_alloc(dev->vm, 32, 32);
    uint64_t msi = qt_msix_enable(dev, 6, 0x4242);
    uint32_t block = qt_qctl(37, 5);

    qtest_memset(qts, record, 0, 32);
    qt_eq_enable(dev, 6, 4);
    qt_trnx_write64(dev, block + QCTL_COUNT_ADDR, record | HOST_BIT);
    qt_trnx_write(dev, block + QCTL_CTRL, 1);
    qt_trnx_write(dev, block + QCTL_EQ, 6);
    qt_trnx_write(dev, 0x10000 + 6 * 0x40 + 0x18, 0);
    qt_trnx_write64(dev, block + QCTL_ARM, 2);
    qt_pair(q, 0x1100000, 0x1000000, 65536);
    qt_post_marker(q);
    qt_ring(q);
    /* 1300 + 1706.667 + 53 and twice 500 for the marker. */
    qtest_clock_step(qts, 4059);
    g_assert_false(qt_marker_arrived(q));
    g_assert_cmpuint(qtest_readq(qts, record), ==, 1);
    g_assert_cmpuint(qt_trnx_read64(dev, block + QCTL_COUNT), ==, 1);
    g_assert_cmphex(qtest_readl(qts, msi), ==, 0);
    g_assert_cmphex(qt_trnx_read(dev, block + QCTL_STATUS), ==, 0x5);
    qtest_clock_step(qts, 1);
    g_assert_true(qt_marker_arrived(q));
    g_assert_cmpuint(qtest_readq(qts, record), ==, 2);
    g_assert_cmphex(qtest_readl(qts, msi), ==, 0x4242);
    g_assert_cmphex(qt_trnx_read(dev, block + QCTL_STATUS), ==, 0);
    g_assert_cmpuint(qt_trnx_read64(dev, COMPLETION), ==, 4059667);
    qt_queue_free(q);
    qt_stop(dev);
}

/* Queues of many engines at odds, rung at odd times; where they are when. */
static uint64_t *odd_run(unsigned samples)
{
    QtDev *dev = start("trn3");
    QtQueue *q[24];
    uint64_t *seen = g_new0(uint64_t, samples);

    for (unsigned i = 0; i < 24; i++) {
        q[i] = qt_queue_new(dev, i % 8 * 17, i / 8, 512);
        for (unsigned k = 0; k < 20; k++) {
            qt_pair(q[i], i % 2 ? in_host(i) : in_hbm_too(i), in_hbm(k),
                    1 + (i * 7919 + k * 104729) % 65536);
        }
        qt_ring(q[i]);
        qtest_clock_step(dev->vm->qts, 100 + i * 37);
    }
    for (unsigned s = 0; s < samples; s++) {
        qtest_clock_step(dev->vm->qts, 977);
        for (unsigned i = 0; i < 24; i++) {
            seen[s] = seen[s] * 21 + qt_read(dev, q[i]->s2m.page + Q_HEAD);
        }
        seen[s] ^= qt_trnx_read64(dev, COMPLETION);
    }
    for (unsigned i = 0; i < 24; i++) {
        qt_queue_free(q[i]);
    }
    qt_stop(dev);
    return seen;
}

static void same_run_gives_the_same_picosecond_twice(void)
{
    g_autofree uint64_t *first = odd_run(100);
    g_autofree uint64_t *second = odd_run(100);

    g_assert_cmpmem(first, 800, second, 800);
    g_assert_cmpuint(first[0], !=, first[99]);
}

static void resets_end_what_is_under_way(void)
{
    QtDev *dev = start("trn3");
    QtQueue *q = qt_queue_new(dev, 37, 5, 64);

    qt_mem_set(dev, 0x1000000, 0x5a, 65536);
    for (unsigned i = 0; i < 3; i++) {
        qt_mem_set(dev, 0x1100000, 0, 65536);
        qt_pair(q, 0x1100000, 0x1000000, 65536);
        qt_ring(q);
        qtest_clock_step(dev->vm->qts, 2000);
        if (!i) {
            qt_queue_reset(q);
        } else if (i == 1) {
            qt_write(dev, QEMU_RESET, 0);
        } else {
            qt_flr(dev);
        }
        qtest_clock_step(dev->vm->qts, 100000);
        qt_mem_expect_byte(dev, 0x1100000, 0, 65536);
        qt_queue_program(q);
        qt_pair(q, 0x1100000, 0x1000000, 4096);
        qt_ring(q);
        g_assert_cmpuint(measure(dev), ==, 1406667);
        qt_mem_expect_byte(dev, 0x1100000, 0x5a, 4096);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 7.3: a reset that a DMA asks for does not wait for another thread. */
static void reset_by_dma_comes_with_its_descriptor(void)
{
    QtDev *dev = start("trn3");
    QtQueue *q = qt_queue_new(dev, 37, 5, 64);
    uint64_t zero = qt_alloc(dev->vm, 4, 4);

    qtest_writel(dev->vm->qts, zero, 0);
    qt_write(dev, 0xd2701400, 77);
    qt_pair(q, 0x008006300010, zero | HOST_BIT, 4);
    qt_ring(q);
    qtest_clock_step(dev->vm->qts, 1852);
    g_assert_cmpuint(qt_read(dev, 0xd2701000), ==, 77);
    qtest_clock_step(dev->vm->qts, 1);
    g_assert_cmpuint(qt_read(dev, 0xd2701000), ==, 0);
    qt_queue_free(q);
    qt_stop(dev);
}

/* No time passes in the model, and yet the machine goes on. */
static void work_that_takes_no_time_holds_up_nobody(void)
{
    QtDev *dev = start("trn3,start-ns=0,desc-ns=0");
    QtQueue *q = qt_queue_new(dev, 0, 0, 0x100000);

    dev->vm->guest_errors = true;
    qt_write(dev, q->m2s.page + 0x28, 0);
    qt_write(dev, q->m2s.page + 0x2c, 0x01000000);
    qt_write(dev, q->s2m.page + Q_DOORBELL, 0xfffff);
    qt_write(dev, q->m2s.page + Q_DOORBELL, 0xfffff);
    qtest_clock_step(dev->vm->qts, 1);
    g_assert_cmpuint(qt_read(dev, q->m2s.page + Q_HEAD) & 0xffffff, <,
                     0x80000);
    qtest_clock_step(dev->vm->qts, 100000);
    g_assert_cmpuint(qt_read(dev, q->m2s.page + Q_HEAD) & 0xffffff, ==,
                     0xfffff);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/timing/" #name, name)
    T(one_copy_takes_the_start_cost_and_its_bytes);
    T(trainium3_has_its_bandwidths);
    T(copies_inside_hbm_reach_half_of_it);
    T(trainium2_has_its_bandwidths);
    T(window_to_the_host_has_its_bandwidth);
    T(link_has_its_bandwidth);
    T(properties_are_the_constants_of_the_model);
    T(devices_of_a_machine_are_of_one_kind);
    T(without_it_nothing_is_timed);
    T(nothing_is_seen_before_its_time);
    T(same_run_gives_the_same_picosecond_twice);
    T(resets_end_what_is_under_way);
    T(reset_by_dma_comes_with_its_descriptor);
    T(work_that_takes_no_time_holds_up_nobody);
    return g_test_run();
}
