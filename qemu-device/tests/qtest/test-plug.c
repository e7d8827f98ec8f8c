/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that come and go, what they cost when idle, and a guest that does
 * nothing but ring doorbells.
 */
#include "trn-qtest.h"

#define SRC 0x1000000ULL
#define DST 0x2000000ULL
#define LONG 24000u             /* descriptors of 64 KiB: 1.5 GiB */
#define LONG_RING 24576u

/* --- hot plug --- */

#define PORT \
    "-device pcie-root-port,id=rp,addr=3,slot=1 " \
    "-device trn3,id=stays,addr=4,hbm-size=256M,routing-id=0 "

typedef struct Slot {
    TrnVm *vm;
    TrnDev *stays;
    TrnQueue *busy;             /* of the device that stays */
    uint64_t next_bar;
    unsigned plugs;
} Slot;

static void slot_init(Slot *s)
{
    s->vm = trn_vm_start(PORT);
    s->stays = trn_dev_open(s->vm, 0, 4);
    s->busy = trn_queue_new(s->stays, 0, 0, LONG_RING);
    s->next_bar = s->vm->next_bar;
    s->plugs = 0;
}

static void slot_fini(Slot *s)
{
    trn_queue_free(s->busy);
    trn_vm_stop(s->vm);
    g_free(s->stays);
}

/* The windows of the port, as firmware opens them. */
static void open_port(TrnVm *vm)
{
    uint64_t port = trn_ecam(0, 3);

    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
}

/* Routing id 4 is the neighbour of 0 behind window 0: HW 9.2 and 9.3. */
static TrnDev *plug(Slot *s)
{
    qtest_qmp_device_add(s->vm->qts, "trn3", "trn0",
                         "{'bus': 'rp', 'hbm-size': 268435456,"
                         "'routing-id': 4}");
    open_port(s->vm);
    s->vm->next_bar = s->next_bar;
    s->plugs++;
    return trn_dev_open(s->vm, 1, 0);
}

/* The guest's part: the eject register of ACPI, which this machine plugs by. */
static void unplug(Slot *s)
{
    uint32_t slots;

    qtest_qmp_device_del_send(s->vm->qts, "trn0");
    /* QEMU's docs/specs/acpi_pci_hotplug: bus selector, down, eject. */
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(s->vm->qts, 0xcc0 + 0x10, bus);
        slots = qtest_inl(s->vm->qts, 0xcc0 + 0x4);
        if (slots) {
            qtest_outl(s->vm->qts, 0xcc0 + 0x8, slots);
        }
    }
    qtest_qmp_eventwait(s->vm->qts, "DEVICE_DELETED");
}

static void devices_come_and_go_under_load(void)
{
    Slot s;

    slot_init(&s);
    s.vm->any_log = true;       /* the neighbour goes in mid copy */
    trn_mem_fill(s.stays, SRC, 65536, 1);
    for (unsigned round = 0; round < 8; round++) {
        TrnDev *dev;
        TrnQueue *q;

        trn_queue_program(s.busy);
        trn_post_long(s.busy, 0x10000000000000ULL + DST, SRC, LONG);
        trn_ring(s.busy);
        dev = plug(&s);
        q = trn_queue_new(dev, 128, 0, LONG_RING);
        trn_copy_verify(q, SRC, trn_alloc(s.vm, 65536, 4096) | HOST_BIT, 65536,
                        round);
        trn_queue_program(q);
        trn_post_long(q, DST, SRC, 4000);
        trn_ring(q);
        trn_wait_count(q, 1);
        if (round % 2) {
            /* Pulled out first, and told afterwards. */
            trn_set_bool(dev, "x-gone", true);
        }
        unplug(&s);
        trn_queue_free(q);
        g_free(dev);
    }
    trn_queue_program(s.busy);
    trn_copy_verify(s.busy, SRC, trn_alloc(s.vm, 65536, 4096) | HOST_BIT,
                    65536, 9);
    slot_fini(&s);
}

/* --- memory --- */

/* Bytes of the host that QEMU has touched. */
static uint64_t resident(TrnVm *vm)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            qtest_pid(vm->qts));
    g_autofree char *text = NULL;
    unsigned long long size, pages;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%llu %llu", &size, &pages), ==, 2);
    return pages * qemu_real_host_page_size();
}

static TrnVm *start_idle(unsigned n)
{
    GString *args = g_string_new(NULL);
    TrnVm *vm;

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(args, "-device trn3,addr=%x,routing-id=%u ",
                               i + 2, i);
    }
    vm = trn_vm_start(args->str);
    g_string_free(args, TRUE);
    for (unsigned i = 0; i < n; i++) {
        g_free(trn_dev_open(vm, 0, i + 2));
    }
    return vm;
}

static void idle_chip_costs_less_than_eight_mib(void)
{
    TrnVm *one = start_idle(1);
    TrnVm *sixteen = start_idle(16);
    uint64_t each = (resident(sixteen) - resident(one)) / 15;

    g_test_message("an idle chip costs %u KiB", (unsigned)(each / KIB));
    g_assert_cmpuint(each, <, 8 * MIB);
    trn_vm_stop(sixteen);
    trn_vm_stop(one);
}

/* --- a guest without manners --- */

static void ask_query_status(TrnVm *vm)
{
    int64_t begin = g_get_monotonic_time();

    qtest_qmp_assert_success(vm->qts, "{'execute': 'query-status'}");
    /* Generous for a busy host; a main loop that starves never answers. */
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 5 * G_USEC_PER_SEC);
}

/* Every engine has work that never ends, and every doorbell is rung again. */
static void doorbells_for_ever_starve_nobody(void)
{
    TrnDev *dev = trn_start("hbm-size=1G");
    TrnQueue *q = trn_queue_new(dev, 0, 0, LONG_RING);
    uint64_t host = trn_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    TrnQueue *witness;

    dev->vm->any_log = true;
    trn_post_long(q, DST, SRC, LONG);
    for (unsigned e = 0; e < 132; e++) {
        TrnQueue other = *q;

        other.m2s.page = trn_engine_bar0(e) + 0x1000;
        other.s2m.page = trn_engine_bar0(e) + 0x21000;
        trn_queue_program(&other);
        trnx_write(dev, trnx_qctl(e, 0) + QCTL_CTRL, 8);
    }
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned e = 0; e < 132; e++) {
            uint32_t page = trn_engine_bar0(e) + 0x1000;

            trn_write(dev, page + 0x20000 + Q_DOORBELL, 0xffffff);
            trn_write(dev, page + Q_DOORBELL, 0xffffff);
            trnx_write64(dev, 0x1000000 + e * 0x10000 + 8, UINT64_MAX);
        }
        ask_query_status(dev->vm);
    }
    /* A queue of a busy engine gets its turns, and resets still end it all. */
    witness = trn_queue_new(dev, 128, 5, 64);
    trn_copy_verify(witness, SRC + MIB, host, 65536, 3);
    trn_write(dev, QEMU_RESET, 0);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    trn_flr(dev);
    trn_queue_program(witness);
    trn_copy_verify(witness, SRC + MIB, host, 65536, 4);
    trn_queue_free(witness);
    trn_queue_free(q);
    trn_stop(dev);
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
