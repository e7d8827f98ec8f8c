/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A root port in slot 3, the device behind it, and its removal. */
#include "qt.h"

#define PORT_SLOT 3

/* Writes of the firmware: bus numbers, and windows above 4 GiB. */
void qt_port_open(QtVm *vm)
{
    uint64_t port = qt_ecam(0, PORT_SLOT);

    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
}

uint64_t qt_port_slot_control(QtVm *vm)
{
    QtDev port = { .vm = vm, .slot = PORT_SLOT };

    return qt_ecam(0, PORT_SLOT) + qt_find_cap(&port, 0x10) + 0x18;
}

/* QEMU's docs/specs/acpi_pci_hotplug: bus selector, down, eject. */
void qt_eject(QtVm *vm, const char *id)
{
    qtest_qmp_device_del_send(vm->qts, id);
    for (unsigned bus = 0; bus < 4; bus++) {
        uint32_t slots;

        qtest_outl(vm->qts, 0xcc0 + 0x10, bus);
        slots = qtest_inl(vm->qts, 0xcc0 + 0x4);
        if (slots) {
            qtest_outl(vm->qts, 0xcc0 + 0x8, slots);
        }
    }
}

void qt_query_status(QtVm *vm)
{
    qtest_qmp_assert_success(vm->qts, "{'execute': 'query-status'}");
}

void qt_fixture_setup(QtFixture *f, const char *devices, bool behind_port)
{
    f->vm = qt_vm_start(devices);
    f->vm->any_log = true;
    if (behind_port) {
        qt_port_open(f->vm);
    }
    f->dev = qt_dev_open(f->vm, behind_port, behind_port ? 0 : 4);
    f->neighbour = strstr(devices, "id=trn1") ? qt_dev_open(f->vm, 0, 6) : NULL;
    f->q = qt_queue_new(f->dev, 33, 4, 64);
    f->is_timed = strstr(devices, "timing=on");
}

void qt_fixture_teardown(QtFixture *f)
{
    qt_queue_free(f->q);
    g_free(f->neighbour);
    g_free(f->dev);
    qt_vm_stop(f->vm);
}
