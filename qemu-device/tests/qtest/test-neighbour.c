/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that reach each other through the windows of HW 2.2 and 9.3. */
#include "qt.h"

#define WINDOW(x) (0x10000000000000ULL + (x) * 0x4000000000000ULL)

/* HW 9.2 and 9.3: routing ids 0 and 4 are devices 0 and 12, link 0 of each. */
#define TWO_DEVICES \
    "-device trn3,id=trn0,hbm-size=256M,addr=4,routing-id=0 " \
    "-device trn3,id=trn1,hbm-size=256M,addr=6,routing-id=4 "

typedef struct Two {
    QtVm *vm;
    QtDev *a;
    QtDev *b;
} Two;

static Two two_start(void)
{
    Two t = { .vm = qt_vm_start(TWO_DEVICES) };

    t.a = qt_dev_open(t.vm, 0, 4);
    t.b = qt_dev_open(t.vm, 0, 6);
    return t;
}

static void two_stop(Two *t)
{
    qt_vm_stop(t->vm);
    g_free(t->a);
    g_free(t->b);
}

static void copies_go_to_the_neighbour_and_come_back(void)
{
    Two t = two_start();
    QtQueue *q = qt_queue_new(t.a, 40, 3, 64);
    uint64_t host = qt_alloc(t.vm, MIB, 4096) | HOST_BIT;

    qt_mem_fill(t.a, host, MIB, 1);
    qt_copy(q, WINDOW(0) + 0x1100000, host, MIB);
    qt_mem_expect(t.b, 0x1100000, MIB, 1);
    qt_copy(q, 0x1200000, WINDOW(0) + 0x1100000, MIB);
    qt_mem_expect(t.a, 0x1200000, MIB, 1);
    qt_queue_free(q);
    two_stop(&t);
}

/* Both directions at once, while the neighbour is reset again and again. */
static void neighbour_is_reset_under_copies(void)
{
    Two t = two_start();
    QtQueue *q = qt_queue_new(t.a, 0, 0, 256);
    uint64_t sbuf = WINDOW(0) + 0x002000000000;

    qt_mem_fill(t.a, 0x1000000, MIB, 2);
    for (unsigned i = 0; i < 128; i++) {
        qt_pair(q, sbuf, 0x1000000, 65536);
    }
    qt_post_marker(q);
    qt_ring(q);
    do {
        qt_write(t.b, QEMU_RESET, 0);
        g_assert_cmphex(qt_read(t.b, QEMU_RESET), ==, 0);
    } while (!qt_marker_arrived(q));
    qt_copy(q, sbuf, 0x1000000, 4096);
    g_assert_cmphex(qt_read(t.b, 0xd0000000), !=, 0);
    qt_queue_free(q);
    two_stop(&t);
}

/* A copy is inside the neighbour twice; its reset waits for both to end. */
static void neighbour_is_reset_under_copies_inside_it(void)
{
    Two t = two_start();
    QtQueue *q = qt_queue_new(t.a, 0, 0, 256);

    qt_mem_fill(t.b, 0x1100000, 64, 3);
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 200; i++) {
            qt_pair(q, WINDOW(0) + 0x1200000, WINDOW(0) + 0x1100000, 64);
        }
        qt_post_marker(q);
        qt_ring(q);
        do {
            qt_write(t.b, QEMU_RESET, 0);
        } while (!qt_marker_arrived(q));
    }
    qt_mem_expect(t.b, 0x1200000, 64, 3);
    qt_queue_free(q);
    two_stop(&t);
}

/* Window 1 of routing id 0 leads to device 1, which is not there. */
static void missing_neighbour_is_an_axi_error(void)
{
    Two t = two_start();
    QtQueue *q = qt_queue_new(t.a, 0, 0, 64);

    t.vm->guest_errors = true;
    qt_copy(q, WINDOW(1) + 0x1000000, 0x1000000, 64);
    g_assert_cmphex(qt_read(t.a, 0x8203a040) & 0x2, ==, 0x2);
    qt_queue_free(q);
    two_stop(&t);
}

/* The reset of the machine ends the removal and the work in progress. */
static void neighbour_is_unplugged_under_copies(void)
{
    QtVm *vm = qt_vm_start(QT_PORT
                           "-device trn3,id=trn1,bus=rp,hbm-size=256M,"
                           "routing-id=4 "
                           "-device trn3,id=trn0,hbm-size=256M,addr=4");
    QtDev *a = qt_dev_open(vm, 0, 4);
    QtQueue *q = qt_queue_new(a, 0, 0, 512);
    QtDev *b;

    qt_port_open(vm);
    b = qt_dev_open(vm, 1, 0);
    qt_post_long(q, WINDOW(0) + 0x1000000, 0x1000000, 500);
    qt_ring(q);
    qt_wait_count(q, 1);
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                             "'arguments': {'id': 'trn1'}}");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    vm->any_log = true;
    qt_queue_free(q);
    qt_vm_stop(vm);
    g_free(a);
    g_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/neighbour/" #name, name)
    T(copies_go_to_the_neighbour_and_come_back);
    T(neighbour_is_reset_under_copies);
    T(neighbour_is_reset_under_copies_inside_it);
    T(missing_neighbour_is_an_axi_error);
    T(neighbour_is_unplugged_under_copies);
    return g_test_run();
}
