/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults injected over QMP, as a driver meets them. */
#include "qt.h"

static void device_that_is_gone_reads_all_ones_and_drops_writes(void)
{
    QtDev *dev = qt_start("");
    QTestState *qts = dev->vm->qts;

    qtest_writel(qts, dev->bar4 + 0x2000000, 0x1234);
    qt_write(dev, MISC_RAM + 0x100, 0x5678);
    qt_set_bool(dev, "x-gone", true);
    g_assert_cmphex(qt_cfg_read(dev, 0), ==, 0xffffffff);
    g_assert_cmphex(qtest_readw(qts, qt_ecam(0, 4)), ==, 0xffff);
    g_assert_cmphex(qt_read(dev, MISC_RAM + 0x24), ==, 0xffffffff);
    g_assert_cmphex(qt_trnx_read(dev, 0), ==, 0xffffffff);
    g_assert_cmphex(qt_trnx_read64(dev, 0x20000), ==, UINT64_MAX);
    g_assert_cmphex(qtest_readl(qts, dev->bar4 + 0x2000000), ==, 0xffffffff);
    qtest_writel(qts, dev->bar4 + 0x2000000, 0);
    qt_write(dev, MISC_RAM + 0x100, 0);
    qt_cfg_write(dev, 0x04, 0);
    qt_set_bool(dev, "x-gone", false);
    g_assert_cmphex(qt_cfg_read(dev, 0x04) & 0x6, ==, 0x2);
    g_assert_cmphex(qt_read(dev, MISC_RAM + 0x100), ==, 0x5678);
    g_assert_cmphex(qtest_readl(qts, dev->bar4 + 0x2000000), ==, 0x1234);
    qt_stop(dev);
}

static void device_that_is_gone_stops_in_the_middle(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 3, 0, 512);
    uint64_t host = qt_alloc(dev->vm, 16 * MIB, 4096);

    qt_mem_set(dev, host | HOST_BIT, 0, 16 * MIB);
    qt_mem_set(dev, 0x1000000, 0x77, 65536);
    for (unsigned i = 0; i < 256; i++) {
        qt_pair(q, (host + i * 65536) | HOST_BIT, 0x1000000, 65536);
    }
    qt_ring(q);
    qt_set_bool(dev, "x-gone", true);
    qt_mem_set(dev, host | HOST_BIT, 0, 16 * MIB);
    qt_mem_expect_byte(dev, host | HOST_BIT, 0, 16 * MIB);
    qt_set_bool(dev, "x-gone", false);
    qt_mem_expect_byte(dev, host | HOST_BIT, 0, 16 * MIB);
    qt_cfg_write(dev, 0x04, 6);
    qt_wait_count(q, 256);
    qt_queue_free(q);
    qt_stop(dev);
}

static void machine_resets_and_quits_without_a_device_that_is_gone(void)
{
    QtDev *dev = qt_start("");

    qt_set_bool(dev, "x-gone", true);
    qtest_system_reset(dev->vm->qts);
    /* The reset closed ECAM: through the ports, device 4. */
    qtest_outl(dev->vm->qts, 0xcf8, 0x80002000);
    g_assert_cmphex(qtest_inl(dev->vm->qts, 0xcfc), ==, 0xffffffff);
    qt_stop(dev);
}

static void spurious_interrupt_arrives_and_lost_ones_do_not(void)
{
    QtDev *dev = qt_start("");
    QTestState *qts = dev->vm->qts;
    uint64_t at = qt_msix_enable(dev, 5, 0xcafe);

    qt_set_number(dev, "x-lose-irqs", 1);
    qt_set_number(dev, "x-spurious-irq", 5);
    g_assert_cmphex(qtest_readl(qts, at), ==, 0);
    qt_set_number(dev, "x-spurious-irq", 5);
    g_assert_cmphex(qtest_readl(qts, at), ==, 0xcafe);
    qt_refuse_number(dev, "x-spurious-irq", 32);
    qt_stop(dev);
}

/* On the virtual clock, which a qtest moves itself. */
static void delayed_completion_keeps_the_marker_back(void)
{
    QtDev *dev = qt_start("x-fault-engine=128,x-fault-queue=1");
    QtQueue *q = qt_queue_new(dev, 128, 1, 64);

    qt_set_number(dev, "x-delay-ns", 1000000);
    qt_mem_fill(dev, 0x1000000, 4096, 1);
    qt_pair(q, 0x2000000, 0x1000000, 4096);
    qt_pair(q, 0x2001000, 0x1000000, 4096);
    qt_ring(q);
    qt_wait_mem32(dev->vm, dev->bar4 + 0x2000000,
                  qtest_readl(dev->vm->qts, dev->bar4 + 0x1000000), "data");
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(128, 1) + QCTL_COUNT), ==, 0);
    /* The timer may be set after the data can be seen: step until it fires. */
    while (!qt_trnx_read64(dev, qt_qctl(128, 1) + QCTL_COUNT)) {
        qtest_clock_step(dev->vm->qts, 1000000);
    }
    qt_set_number(dev, "x-delay-ns", 0);
    qt_wait_count(q, 2);
    qt_mem_expect(dev, 0x2001000, 4096, 1);
    qt_queue_free(q);
    qt_stop(dev);
}

static void axi_error_is_reported_for_the_descriptor_asked_for(void)
{
    QtDev *dev = qt_start("x-fault-engine=7,x-fault-queue=4");
    QtQueue *q = qt_queue_new(dev, 7, 4, 64);

    dev->vm->guest_errors = true;
    qt_set_number(dev, "x-axi-error-at", 2);
    qt_mem_set(dev, 0x1000000, 0x11, 4096);
    qt_mem_set(dev, 0x2000000, 0, 4096 * 3);
    for (unsigned i = 0; i < 3; i++) {
        qt_pair(q, 0x2000000 + i * 4096, 0x1000000, 4096);
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect_byte(dev, 0x2000000, 0x11, 4096);
    qt_mem_expect_byte(dev, 0x2001000, 0, 4096);
    qt_mem_expect_byte(dev, 0x2002000, 0x11, 4096);
    g_assert_cmphex(qt_read(dev, 0x8273a000) & 0x100, ==, 0x100);
    g_assert_cmpint(qt_get_number(dev, "x-axi-error-at"), ==, 0);
    qt_refuse_number(dev, "x-fault-engine", 132);
    qt_refuse_number(dev, "x-fault-queue", 16);
    qt_refuse_number(dev, "x-links-down", 16);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/inject/" #name, name)
    T(device_that_is_gone_reads_all_ones_and_drops_writes);
    T(device_that_is_gone_stops_in_the_middle);
    T(machine_resets_and_quits_without_a_device_that_is_gone);
    T(spurious_interrupt_arrives_and_lost_ones_do_not);
    T(delayed_completion_keeps_the_marker_back);
    T(axi_error_is_reported_for_the_descriptor_asked_for);
    return g_test_run();
}
