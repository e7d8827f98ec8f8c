/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers and events of links: the trnx manual, 14. */
#include "qt.h"

#define WINDOW0 0x10000000000000ULL
#define LINKS 0x4000
#define LINK(x) (0x4040 + (x) * 0x40)

/* HW 9.2, 9.3: routing ids 0 and 4 are devices 0 and 12, link 0 of each. */
static QtVm *start(QtDev **a, const char *more)
{
    g_autofree char *devices = g_strdup_printf(
        QT_PORT
        "-device trn3,id=trn0,hbm-size=128M,addr=4,routing-id=0 %s", more);
    QtVm *vm = qt_vm_start(devices);

    *a = qt_dev_open(vm, 0, 4);
    return vm;
}

static uint64_t hear(QtDev *dev)
{
    uint64_t ring = qt_eq_enable(dev, 9, 4);

    qt_trnx_write(dev, LINKS + 4, 9);
    qt_trnx_write(dev, LINKS, 1);
    return ring;
}

static void expect_event(QtDev *dev, uint64_t ring, unsigned n, uint64_t data)
{
    QTestState *qts = dev->vm->qts;

    qt_wait_mem32(dev->vm, ring + n * 16, 0x80000004, "the event");
    g_assert_cmphex(qtest_readl(qts, ring + n * 16 + 4), ==, 0);
    g_assert_cmphex(qtest_readq(qts, ring + n * 16 + 8), ==, data);
    g_assert_cmpuint(qt_trnx_read(dev, 0x10000 + 9 * 0x40 + 0x10), ==, n + 1);
}

static void block_tells_of_the_neighbour_and_counts(void)
{
    QtDev *a, *b;
    QtVm *vm = start(&a, "-device trn3,id=trn1,hbm-size=128M,addr=6,"
                          "routing-id=4,serial=0x1122334455667788");
    QtQueue *q = qt_queue_new(a, 40, 3, 64);

    b = qt_dev_open(vm, 0, 6);
    g_assert_cmphex(qt_trnx_read64(a, LINK(0)), ==, 0x400000003);
    g_assert_cmphex(qt_trnx_read64(a, LINK(0) + 8), ==, 0x1122334455667788);
    g_assert_cmphex(qt_trnx_read64(a, LINK(1)), ==, 0x800000000);
    qt_copy(q, WINDOW0 + 0x1000000, 0x1000000, 65536);
    qt_copy(q, 0x1000000, WINDOW0 + 0x1000000, 4096);
    g_assert_cmpuint(qt_trnx_read64(a, LINK(0) + 0x10), ==, 65536);
    g_assert_cmpuint(qt_trnx_read64(a, LINK(0) + 0x18), ==, 4096);
    g_assert_cmpuint(qt_trnx_read64(b, LINK(0) + 0x10), ==, 4096);
    g_assert_cmpuint(qt_trnx_read64(b, LINK(0) + 0x18), ==, 65536);
    vm->guest_errors = true;
    qt_copy(q, WINDOW0 + 0x4000000000000 + 0x1000000, 0x1000000, 64);
    g_assert_cmphex(qt_trnx_read64(a, LINK(1) + 0x20), ==, 1);
    qt_queue_free(q);
    qt_vm_stop(vm);
    g_free(a);
    g_free(b);
}

/* HW 9.3: 12 leads to 0, 13, 15 and 8; only 0 is present. */
static void link_that_goes_down_and_up_is_told(void)
{
    QtDev *a, *b;
    QtVm *vm = start(&a, "-device trn3,id=trn1,hbm-size=128M,addr=6,"
                          "routing-id=4");
    uint64_t ring = hear(a), msi = qt_msix_enable(a, 9, 0x77);
    uint64_t far;

    b = qt_dev_open(vm, 0, 6);
    far = hear(b);
    qt_trnx_write(a, 0x10000 + 9 * 0x40 + 0x18, 0);
    qt_set_number(a, "x-links-down", 1);
    qt_wait_mem32(vm, msi, 0x77, "the interrupt");
    expect_event(a, ring, 0, 0x400000001);
    expect_event(b, far, 0, 0x000000001);
    g_assert_cmphex(qt_trnx_read(b, LINK(0)), ==, 2);
    qt_set_number(a, "x-links-down", 0xe);
    expect_event(a, ring, 1, 0x400010001);
    expect_event(b, far, 1, 0x000010001);
    qt_set_bool(a, "x-gone", true);
    expect_event(b, far, 2, 0x000000001);
    g_assert_cmphex(qt_trnx_read(b, LINK(0)), ==, 0);
    qt_set_bool(a, "x-gone", false);
    expect_event(b, far, 3, 0x000010001);
    g_assert_cmpuint(qt_trnx_read(a, 0x10000 + 9 * 0x40 + 0x10), ==, 2);
    g_assert_cmpuint(qt_trnx_read(b, LINK(0) + 0x28), ==, 5);
    qt_vm_stop(vm);
    g_free(a);
    g_free(b);
}

static void neighbour_that_is_plugged_and_unplugged_is_told(void)
{
    QtDev *a;
    QtVm *vm = start(&a, "");
    uint64_t ring = hear(a);

    qtest_qmp_device_add(vm->qts, "trn3", "trn1",
                         "{'bus': 'rp', 'hbm-size': 134217728, "
                         "'routing-id': 4}");
    expect_event(a, ring, 0, 0x400010001);
    g_assert_cmphex(qt_trnx_read(a, LINK(0)), ==, 3);
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                             "'arguments': {'id': 'trn1'}}");
    /* The reset that ends the removal also turns the events off. */
    qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    g_free(a);
    qt_vm_open_ecam(vm);
    a = qt_dev_open(vm, 0, 4);
    g_assert_cmphex(qt_trnx_read(a, LINKS), ==, 0);
    g_assert_cmphex(qt_trnx_read64(a, LINK(0)), ==, 0x400000000);
    g_assert_cmpuint(qt_trnx_read(a, LINK(0) + 0x28), ==, 2);
    qt_vm_stop(vm);
    g_free(a);
}

static void nothing_is_written_to_who_did_not_ask(void)
{
    QtDev *a;
    QtVm *vm = start(&a, "-device trn3,id=trn1,hbm-size=128M,addr=6,"
                          "routing-id=4");
    uint64_t ring = qt_eq_enable(a, 0, 4);

    qt_set_number(a, "x-links-down", 1);
    qtest_clock_step(vm->qts, 1000);
    g_assert_cmphex(qt_trnx_read(a, LINK(0)), ==, 2);
    g_assert_cmphex(qtest_readl(vm->qts, ring), ==, 0);
    g_assert_cmpuint(qt_trnx_read(a, 0x10010), ==, 0);
    qt_vm_stop(vm);
    g_free(a);
}

static void devices_of_two_fabrics_are_no_neighbours(void)
{
    QtVm *vm = qt_vm_start(
        "-device trn-fabric,id=f0 -device trn-fabric,id=f1 "
        "-device trn3,id=trn0,hbm-size=128M,addr=4,fabric=f0 "
        "-device trn3,hbm-size=128M,addr=5,fabric=f0,routing-id=4 "
        "-device trn3,hbm-size=128M,addr=6,fabric=f1,timing=on "
        "-device trn3,hbm-size=128M,addr=7,fabric=f1,routing-id=8,timing=on "
        "-device trn3,hbm-size=128M,addr=8,routing-id=0");
    /* Which of the links 0 and 1 of routing id 0 have a neighbour. */
    static const bool link[] = { true, false, false, true, false, false };
    static const unsigned slot[] = { 4, 6, 8 };

    for (unsigned i = 0; i < G_N_ELEMENTS(slot); i++) {
        g_autofree QtDev *dev = qt_dev_open(vm, 0, slot[i]);

        g_assert_cmphex(qt_trnx_read(dev, LINK(0)), ==, link[i * 2] ? 3 : 0);
        g_assert_cmphex(qt_trnx_read(dev, LINK(1)), ==,
                        link[i * 2 + 1] ? 3 : 0);
    }
    qt_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/links/" #name, name)
    T(block_tells_of_the_neighbour_and_counts);
    T(link_that_goes_down_and_up_is_told);
    T(neighbour_that_is_plugged_and_unplugged_is_told);
    T(nothing_is_written_to_who_did_not_ask);
    T(devices_of_two_fabrics_are_no_neighbours);
    return g_test_run();
}
