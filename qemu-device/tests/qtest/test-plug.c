/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that come and go, what they cost when idle, and a guest that does
 * nothing but ring doorbells.
 */
#include "qt.h"

#define SRC 0x1000000ULL
#define DST 0x2000000ULL
#define LONG 24000u             /* descriptors of 64 KiB: 1.5 GiB */
#define LONG_RING 24576u

/* --- hot plug --- */

#define PORT \
    QT_PORT \
    "-device trn3,id=stays,addr=4,hbm-size=256M,routing-id=0 "

typedef struct Slot {
    QtVm *vm;
    QtDev *stays;
    QtQueue *busy;             /* of the device that stays */
    uint64_t next_bar;
    unsigned plugs;
} Slot;

static void slot_init(Slot *s)
{
    s->vm = qt_vm_start(PORT);
    s->stays = qt_dev_open(s->vm, 0, 4);
    s->busy = qt_queue_new(s->stays, 0, 0, LONG_RING);
    s->next_bar = s->vm->next_bar;
    s->plugs = 0;
}

static void slot_fini(Slot *s)
{
    qt_queue_free(s->busy);
    qt_vm_stop(s->vm);
    g_free(s->stays);
}

/* Routing id 4 is the neighbour of 0 behind window 0: HW 9.2 and 9.3. */
static QtDev *plug(Slot *s)
{
    qtest_qmp_device_add(s->vm->qts, "trn3", "trn0",
                         "{'bus': 'rp', 'hbm-size': 268435456,"
                         "'routing-id': 4}");
    qt_port_open(s->vm);
    s->vm->next_bar = s->next_bar;
    s->plugs++;
    return qt_dev_open(s->vm, 1, 0);
}

/* The guest's part: the eject register of ACPI, which this machine plugs by. */
static void unplug(Slot *s)
{
    qt_eject(s->vm, "trn0");
    qtest_qmp_eventwait(s->vm->qts, "DEVICE_DELETED");
}

static void devices_come_and_go_under_load(void)
{
    Slot s;

    slot_init(&s);
    s.vm->any_log = true;       /* the neighbour goes in mid copy */
    qt_mem_fill(s.stays, SRC, 65536, 1);
    for (unsigned round = 0; round < 8; round++) {
        QtDev *dev;
        QtQueue *q;

        qt_queue_program(s.busy);
        qt_post_long(s.busy, 0x10000000000000ULL + DST, SRC, LONG);
        qt_ring(s.busy);
        dev = plug(&s);
        q = qt_queue_new(dev, 128, 0, LONG_RING);
        qt_copy_verify(q, SRC, qt_alloc(s.vm, 65536, 4096) | HOST_BIT, 65536,
                       round);
        qt_queue_program(q);
        qt_post_long(q, DST, SRC, 4000);
        qt_ring(q);
        qt_wait_count(q, 1);
        if (round % 2) {
            /* Surprise removal: pulled out before the guest knows. */
            qt_set_bool(dev, "x-gone", true);
        }
        unplug(&s);
        qt_queue_free(q);
        g_free(dev);
    }
    qt_queue_program(s.busy);
    qt_copy_verify(s.busy, SRC, qt_alloc(s.vm, 65536, 4096) | HOST_BIT,
                   65536, 9);
    slot_fini(&s);
}

/* --- memory --- */

/* Bytes of the host that QEMU has touched. */
static uint64_t resident(QtVm *vm)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            qtest_pid(vm->qts));
    g_autofree char *text = NULL;
    unsigned long long size, pages;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%llu %llu", &size, &pages), ==, 2);
    return pages * qemu_real_host_page_size();
}

static QtVm *start_idle(unsigned n)
{
    GString *args = g_string_new(NULL);
    QtVm *vm;

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(args, "-device trn3,addr=%x,routing-id=%u ",
                               i + 2, i);
    }
    vm = qt_vm_start(args->str);
    g_string_free(args, TRUE);
    for (unsigned i = 0; i < n; i++) {
        g_free(qt_dev_open(vm, 0, i + 2));
    }
    return vm;
}

static void idle_chip_costs_less_than_eight_mib(void)
{
    QtVm *one = start_idle(1);
    QtVm *sixteen = start_idle(16);
    uint64_t each = (resident(sixteen) - resident(one)) / 15;

    g_test_message("an idle chip costs %u KiB", (unsigned)(each / KIB));
    g_assert_cmpuint(each, <, 8 * MIB);
    qt_vm_stop(sixteen);
    qt_vm_stop(one);
}

/* --- a guest that rings without end --- */

static void expect_fast_answer(QtVm *vm)
{
    int64_t begin = g_get_monotonic_time();

    qt_query_status(vm);
    /* Generous for a busy host; a main loop that starves never answers. */
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 5 * G_USEC_PER_SEC);
}

/* Every engine has work that never ends, and every doorbell is rung again. */
static void doorbells_for_ever_starve_nobody(void)
{
    QtDev *dev = qt_start("hbm-size=1G");
    QtQueue *q = qt_queue_new(dev, 0, 0, LONG_RING);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    QtQueue *witness;

    dev->vm->any_log = true;
    qt_post_long(q, DST, SRC, LONG);
    for (unsigned e = 0; e < 132; e++) {
        QtQueue other = *q;

        other.m2s.page = qt_engine_bar0(e) + 0x1000;
        other.s2m.page = qt_engine_bar0(e) + 0x21000;
        qt_queue_program(&other);
        qt_trnx_write(dev, qt_qctl(e, 0) + QCTL_CTRL, 8);
    }
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned e = 0; e < 132; e++) {
            uint32_t page = qt_engine_bar0(e) + 0x1000;

            qt_write(dev, page + 0x20000 + Q_DOORBELL, 0xffffff);
            qt_write(dev, page + Q_DOORBELL, 0xffffff);
            qt_trnx_write64(dev, 0x1000000 + e * 0x10000 + 8, UINT64_MAX);
        }
        expect_fast_answer(dev->vm);
    }
    /* A queue of a busy engine gets its turns, and resets still end it all. */
    witness = qt_queue_new(dev, 128, 5, 64);
    qt_copy_verify(witness, SRC + MIB, host, 65536, 3);
    qt_write(dev, QEMU_RESET, 0);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    qt_flr(dev);
    qt_queue_program(witness);
    qt_copy_verify(witness, SRC + MIB, host, 65536, 4);
    qt_queue_free(witness);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/plug/" #name, name)
    T(devices_come_and_go_under_load);
    T(idle_chip_costs_less_than_eight_mib);
    T(doorbells_for_ever_starve_nobody);
    return g_test_run();
}
