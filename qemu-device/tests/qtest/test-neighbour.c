/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that reach each other through the windows of HW 2.2 and 9.3. */
#include "trn-qtest.h"

#define WINDOW(x) (0x10000000000000ULL + (x) * 0x4000000000000ULL)

/* HW 9.2 and 9.3: routing ids 0 and 4 are devices 0 and 12, link 0 of each. */
#define TWO_DEVICES \
    "-device trn3,id=trn0,hbm-size=256M,addr=4,routing-id=0 " \
    "-device trn3,id=trn1,hbm-size=256M,addr=6,routing-id=4 "

typedef struct Two {
    TrnVm *vm;
    TrnDev *a;
    TrnDev *b;
} Two;

static Two two_start(void)
{
    Two t = { .vm = trn_vm_start(TWO_DEVICES) };

    t.a = trn_dev_open(t.vm, 0, 4);
    t.b = trn_dev_open(t.vm, 0, 6);
    return t;
}

static void two_stop(Two *t)
{
    trn_vm_stop(t->vm);
    g_free(t->a);
    g_free(t->b);
}

static void copies_go_to_the_neighbour_and_come_back(void)
{
    Two t = two_start();
    TrnQueue *q = trn_queue_new(t.a, 40, 3, 64);
    uint64_t host = trn_alloc(t.vm, MIB, 4096) | HOST_BIT;

    trn_mem_fill(t.a, host, MIB, 1);
    trn_copy(q, WINDOW(0) + 0x1100000, host, MIB);
    trn_mem_expect(t.b, 0x1100000, MIB, 1);
    trn_copy(q, 0x1200000, WINDOW(0) + 0x1100000, MIB);
    trn_mem_expect(t.a, 0x1200000, MIB, 1);
    trn_queue_free(q);
    two_stop(&t);
}

/* Both directions at once, while the neighbour is reset again and again. */
static void neighbour_is_reset_under_copies(void)
{
    Two t = two_start();
    TrnQueue *q = trn_queue_new(t.a, 0, 0, 256);
    uint64_t sbuf = WINDOW(0) + 0x002000000000;

    trn_mem_fill(t.a, 0x1000000, MIB, 2);
    for (unsigned i = 0; i < 128; i++) {
        trn_pair(q, sbuf, 0x1000000, 65536);
    }
    trn_post_marker(q);
    trn_ring(q);
    do {
        trn_write(t.b, QEMU_RESET, 0);
        g_assert_cmphex(trn_read(t.b, QEMU_RESET), ==, 0);
    } while (!trn_marker_arrived(q));
    trn_copy(q, sbuf, 0x1000000, 4096);
    g_assert_cmphex(trn_read(t.b, 0xd0000000), !=, 0);
    trn_queue_free(q);
    two_stop(&t);
}

/* A copy is inside the neighbour twice; its reset waits for both to end. */
static void neighbour_is_reset_under_copies_inside_it(void)
{
    Two t = two_start();
    TrnQueue *q = trn_queue_new(t.a, 0, 0, 256);

    trn_mem_fill(t.b, 0x1100000, 64, 3);
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 200; i++) {
            trn_pair(q, WINDOW(0) + 0x1200000, WINDOW(0) + 0x1100000, 64);
        }
        trn_post_marker(q);
        trn_ring(q);
        do {
            trn_write(t.b, QEMU_RESET, 0);
        } while (!trn_marker_arrived(q));
    }
    trn_mem_expect(t.b, 0x1200000, 64, 3);
    trn_queue_free(q);
    two_stop(&t);
}

/* Window 1 of routing id 0 leads to device 1, which is not there. */
static void missing_neighbour_is_an_axi_error(void)
{
    Two t = two_start();
    TrnQueue *q = trn_queue_new(t.a, 0, 0, 64);

    t.vm->guest_errors = true;
    trn_copy(q, WINDOW(1) + 0x1000000, 0x1000000, 64);
    g_assert_cmphex(trn_read(t.a, 0x8203a040) & 0x2, ==, 0x2);
    trn_queue_free(q);
    two_stop(&t);
}

/* Behind a root port, whose windows are opened as firmware would. */
static TrnDev *open_behind_port(TrnVm *vm)
{
    uint64_t port = trn_ecam(0, 3);

    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
    return trn_dev_open(vm, 1, 0);
}

/* The machine's reset, which ends the removal, also ends what is in flight. */
static void neighbour_is_unplugged_under_copies(void)
{
    TrnVm *vm = trn_vm_start("-device pcie-root-port,id=rp,addr=3,slot=1 "
                             "-device trn3,id=trn1,bus=rp,hbm-size=256M,"
                             "routing-id=4 "
                             "-device trn3,id=trn0,hbm-size=256M,addr=4");
    TrnDev *b = open_behind_port(vm);
    TrnDev *a = trn_dev_open(vm, 0, 4);
    TrnQueue *q = trn_queue_new(a, 0, 0, 512);

    trn_post_long(q, WINDOW(0) + 0x1000000, 0x1000000, 500);
    trn_ring(q);
    trn_wait_count(q, 1);
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                             "'arguments': {'id': 'trn1'}}");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    vm->any_log = true;
    trn_queue_free(q);
    trn_vm_stop(vm);
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
