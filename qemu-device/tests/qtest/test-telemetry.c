/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telemetry through BAR2, with properties and a clock: the trnx manual, 13. */
#include "qt.h"

#define TELEMETRY 0x3000
#define STACK(n) (0x3040 + (n) * 0x20)
#define ENGINE(n) (0x3100 + (n) * 0x10)
#define SECOND 1000000000LL

static void properties_are_the_constants_of_the_model(void)
{
    QtDev *dev = qt_start("hbm-size=128M,idle-mw=1000,hbm-idle-mw=500,"
                          "engine-idle-mw=0,hbm-pj-per-byte=1000,"
                          "engine-pj-per-byte=2000,engine-pj-per-desc=0,"
                          "ambient-mc=10000,mk-per-w=1000,hbm-mk-per-w=2000,"
                          "engine-mk-per-w=500,settle-ms=1,sample-ns=1000,"
                          "temp-limit-mc=12500");
    QtQueue *q = qt_queue_new(dev, 17, 3, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY), ==, 10000);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 4), ==, 3000);
    g_assert_cmphex(qt_trnx_read64(dev, TELEMETRY + 0x10), ==, 12500ull << 32);
    qt_copy(q, 0x4001000000, host, 65536);
    g_assert_cmpuint(qt_trnx_read64(dev, STACK(1) + 0x18), ==, 65536);
    g_assert_cmpuint(qt_trnx_read64(dev, STACK(1) + 8), ==, 65);
    /* The copy, and the marker's 4 bytes. */
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3a00 + 17 * 8), ==, 65540);
    g_assert_cmpuint(qt_trnx_read64(dev, ENGINE(17) + 8), ==, 131);

    /* A tenth of a second later each part is as warm as it gets. */
    qtest_clock_step(dev->vm->qts, SECOND / 10);
    g_assert_cmpuint(qt_trnx_read64(dev, STACK(0) + 8), ==, 50000);
    g_assert_cmpuint(qt_trnx_read64(dev, TELEMETRY + 0x20), ==, SECOND / 10);
    qtest_clock_step(dev->vm->qts, SECOND / 10);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY), ==, 13000);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 4), ==, 3000);
    g_assert_cmpuint(qt_trnx_read(dev, STACK(0)), ==, 11000);
    g_assert_cmpuint(qt_trnx_read(dev, STACK(0) + 4), ==, 500);
    g_assert_cmpuint(qt_trnx_read(dev, ENGINE(131)), ==, 13000);
    /* From the first sample on, at 12.5 degrees. */
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 0x10), ==, 1);
    g_assert_cmpuint(qt_trnx_read64(dev, TELEMETRY + 0x18), ==, SECOND / 10);
    qt_queue_free(q);
    qt_stop(dev);
}

static void defaults_are_those_of_the_manual(void)
{
    QtDev *dev = qt_start("hbm-size=128M");

    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY), ==, 30000);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 4), ==, 226600);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 0x14), ==, 95000);
    g_assert_cmpuint(qt_trnx_read(dev, TELEMETRY + 0x28), ==, 100000000);
    g_assert_cmpuint(qt_trnx_read(dev, STACK(2) + 4), ==, 5000);
    g_assert_cmpuint(qt_trnx_read(dev, ENGINE(3) + 4), ==, 50);
    g_assert_cmpuint(qt_get_number(dev, "hbm-pj-per-byte"), ==, 32);
    g_assert_cmpuint(qt_get_number(dev, "engine-pj-per-byte"), ==, 20);
    g_assert_cmpuint(qt_get_number(dev, "engine-pj-per-desc"), ==, 2000);
    g_assert_cmpuint(qt_get_number(dev, "link-pj-per-byte"), ==, 40);
    qt_refuse_number(dev, "idle-mw", 1);
    qtest_clock_step(dev->vm->qts, SECOND);
    g_assert_cmpuint(qt_trnx_read64(dev, TELEMETRY + 8), ==, 226600000);
    qt_stop(dev);
}

static void ecc_and_throttling_follow_their_properties(void)
{
    QtDev *dev = qt_start("hbm-size=128M,ecc-hbm1-corrected=7,"
                          "x-throttle=1");

    g_assert_cmphex(qt_trnx_read64(dev, STACK(1) + 0x10), ==, 7);
    qt_set_number(dev, "ecc-hbm1-uncorrected", 3);
    qt_set_number(dev, "ecc-sram-corrected", 5);
    g_assert_cmphex(qt_trnx_read64(dev, STACK(1) + 0x10), ==, 0x300000007);
    g_assert_cmphex(qt_trnx_read64(dev, TELEMETRY + 0x38), ==, 5);
    g_assert_cmphex(qt_trnx_read(dev, TELEMETRY + 0x10), ==, 2);
    qtest_clock_step(dev->vm->qts, 1234);
    qt_set_number(dev, "x-throttle", 0);
    qtest_clock_step(dev->vm->qts, 1000);
    g_assert_cmphex(qt_trnx_read(dev, TELEMETRY + 0x10), ==, 0);
    g_assert_cmpuint(qt_trnx_read64(dev, TELEMETRY + 0x18), ==, 1234);
    qt_refuse_number(dev, "x-throttle", 2);
    qt_stop(dev);
}

static void resets_clear_nothing_of_it(void)
{
    QtDev *dev = qt_start("hbm-size=128M");
    QtQueue *q = qt_queue_new(dev, 17, 3, 64);

    qt_copy(q, 0x4001000000, 0x1000000, 4096);
    qtest_clock_step(dev->vm->qts, SECOND);
    qt_write(dev, QEMU_RESET, 0);
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3a00 + 17 * 8), ==, 4100);
    qt_flr(dev);
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3a00 + 17 * 8), ==, 4100);
    g_assert_cmpuint(qt_trnx_read64(dev, STACK(1) + 0x18), ==, 4096);
    g_assert_cmpuint(qt_trnx_read64(dev, ENGINE(0) + 8), ==, 50000);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/telemetry/" #name, name)
    T(properties_are_the_constants_of_the_model);
    T(defaults_are_those_of_the_manual);
    T(ecc_and_throttling_follow_their_properties);
    T(resets_clear_nothing_of_it);
    return g_test_run();
}
