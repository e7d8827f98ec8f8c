/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults of an IOMMU whose message is an access to the device that caused
 * them. It is AMD's, which sends a plain store. The model of QEMU 10.0 sends
 * none: there the tests are skipped.
 */
#include "qt.h"

#define AMDVI 0xfed80000ULL
#define SRC 0x1000000ULL
#define DST 0x2000000ULL
#define WINDOW0 0x10000000000000ULL
#define UNMAPPED (3 * GIB)
#define WAYS 4u

/*
 * Slots are powered off by their registers, not by ACPI. HW 9.2, 9.3: routing
 * ids 0 and 4 are neighbours by their links 0.
 */
#define MACHINE \
    "-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off " \
    QT_PORT \
    "-device trn3,id=trn1,addr=6,hbm-size=256M,routing-id=4 " \
    "-device amd-iommu -device trn3,id=trn0,hbm-size=256M,workers=2,"

/* Rings in HBM, so that the IOMMU stays out of it. */
static void setup(QtFixture *f, bool behind_port)
{
    qt_fixture_setup(f, behind_port ? MACHINE "bus=rp" : MACHINE "addr=4",
                     behind_port);
    f->q->m2s.addr = 0x100000;
    f->q->s2m.addr = 0x101000;
}

/* The function of the IOMMU, which has taken the first free slot. */
static QtDev find_iommu(QtVm *vm)
{
    QtDev iommu = { .vm = vm };

    while (qt_cfg_read(&iommu, 0) != 0x14191022) {
        g_assert_cmpuint(++iommu.slot, <, 32);
    }
    return iommu;
}

/* Every access of any device faults, and the fault stores @data at @addr. */
static void aim_faults(QtFixture *f, uint64_t addr, uint32_t data)
{
    QTestState *qts = f->vm->qts;
    QtDev iommu = find_iommu(f->vm);
    unsigned msi = qt_find_cap(&iommu, 0x05);
    uint64_t table = qt_alloc(f->vm, 65536, 4096);
    uint64_t root = qt_alloc(f->vm, 4096, 4096);
    uint64_t events = qt_alloc(f->vm, 65536, 4096);

    /* Entries of the next lower level that are not present. */
    for (unsigned i = 0; i < 4096; i += 8) {
        qtest_writeq(qts, root + i, 2 << 9);
    }
    for (unsigned i = 0; i < 65536; i += 32) {
        qtest_writeq(qts, table + i, root | 3ULL << 61 | 3 << 9 | 3);
        qtest_writeq(qts, table + i + 8, 1);
    }
    qt_cfg_write(&iommu, msi + 4, addr);
    qt_cfg_write(&iommu, msi + 8, addr >> 32);
    qt_cfg_write(&iommu, msi + 12, data);
    qt_cfg_write(&iommu, msi, qt_cfg_read(&iommu, msi) | 0x10000);
    qtest_writeq(qts, AMDVI + 0x00, table | 15);
    qtest_writeq(qts, AMDVI + 0x10, events | 15ULL << 56);
    qtest_writeq(qts, AMDVI + 0x18, 0xd);
}

/* Copies from and to host memory, within the chip and through a neighbour. */
static void fault(QtFixture *f, unsigned way)
{
    static const uint64_t end[WAYS][2] = {
        { DST, UNMAPPED | HOST_BIT },
        { UNMAPPED | HOST_BIT, SRC },
        { WINDOW0 + DST, UNMAPPED | HOST_BIT },
        { UNMAPPED | HOST_BIT, WINDOW0 + SRC },
    };

    qt_queue_program(f->q);
    qt_pair(f->q, end[way][0], end[way][1], 64);
    qt_ring(f->q);
}

/* Whether faults send messages at all, tried with one to memory. */
static bool faults_are_told(void)
{
    QtFixture f;
    uint64_t ram;
    bool told;

    setup(&f, false);
    ram = qt_alloc(f.vm, 4, 4);
    qtest_writel(f.vm->qts, ram, 0);
    aim_faults(&f, ram, 0x4242);
    fault(&f, 0);
    qt_wait_count(f.q, 1);
    told = qtest_readl(f.vm->qts, ram) == 0x4242;
    qt_fixture_teardown(&f);
    if (!told) {
        g_test_skip("the amd-iommu of this QEMU tells of no fault");
    }
    return told;
}

/* At @offset of the device's or its neighbour's BAR0, else configuration. */
static void faults_at(bool neighbour, bool bar0, uint32_t offset)
{
    QtFixture f;
    QtDev *at;

    if (!faults_are_told()) {
        return;
    }
    setup(&f, false);
    at = neighbour ? f.neighbour : f.dev;
    aim_faults(&f, (bar0 ? at->bar0 : qt_ecam(0, at->slot)) + offset, 0);
    for (unsigned way = 0; way < WAYS; way++) {
        fault(&f, way);
        qt_wait_count(f.q, 1);
        qt_query_status(f.vm);
        qt_flr(f.dev);
        qt_queue_program(f.q);
        qt_mem_fill(f.dev, SRC, 4096, way);
        qt_pair(f.q, DST, SRC, 4096);
        qt_ring(f.q);
        qt_wait_count(f.q, 1);
        qt_mem_expect(f.dev, DST, 4096, way);
    }
    qt_fixture_teardown(&f);
}

static void fault_at_an_own_register_does_not_hang(void)
{
    faults_at(false, true, QEMU_RESET);
}

static void fault_at_a_register_of_the_neighbour_does_not_hang(void)
{
    faults_at(true, true, QEMU_RESET);
}

static void fault_at_own_configuration_space_does_not_hang(void)
{
    faults_at(false, false, 4);
}

static void fault_at_configuration_space_of_the_neighbour_does_not_hang(void)
{
    faults_at(true, false, 4);
}

/* Power and indicator off: the slot's device may be taken out. */
static void fault_at_the_slot_unplugs_the_device(void)
{
    QtFixture f;
    uint64_t slot_control;

    if (!faults_are_told()) {
        return;
    }
    setup(&f, true);
    slot_control = qt_port_slot_control(f.vm);
    qtest_writew(f.vm->qts, slot_control, 0x01c0);
    aim_faults(&f, slot_control, 0x07c0);
    fault(&f, 3);
    qtest_qmp_eventwait(f.vm->qts, "DEVICE_DELETED");
    qt_query_status(f.vm);
    qt_fixture_teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/fault/" #name, name)
    T(fault_at_an_own_register_does_not_hang);
    T(fault_at_a_register_of_the_neighbour_does_not_hang);
    T(fault_at_own_configuration_space_does_not_hang);
    T(fault_at_configuration_space_of_the_neighbour_does_not_hang);
    T(fault_at_the_slot_unplugs_the_device);
    return g_test_run();
}
