/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The message of an interrupt is a store to the device that sends it: to its
 * registers, its configuration space, or the slot that it is in.
 */
#include "qt.h"

#define SRC 0x1000000ULL
#define DST 0x2000000ULL
#define WINDOW0 0x10000000000000ULL
#define ENGINE 33u
#define QUEUE 4u

/* Slots are powered off by their registers, not by ACPI. */
#define PORT \
    "-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off " \
    QT_PORT
/* HW 9.2, 9.3: routing ids 0 and 4 are neighbours by their links 0. */
#define NEIGHBOUR "-device trn3,id=trn1,addr=6,hbm-size=256M,routing-id=4"

static void setup(QtFixture *f, const char *more, bool behind_port, bool timed)
{
    g_autofree char *args = g_strdup_printf(
        PORT "-device trn3,id=trn0,hbm-size=256M,workers=2,%s%s %s",
        behind_port ? "bus=rp,addr=0" : "addr=4", timed ? ",timing=on" : "",
        more);

    qt_fixture_setup(f, args, behind_port);
}

/* Timed copies take a step of the clock. */
static void wait_count(QtFixture *f, uint64_t want)
{
    if (f->is_timed) {
        qtest_clock_step(f->vm->qts, 1000000);
    }
    qt_wait_count(f->q, want);
}

/* The next copy that completes stores @data at @addr. */
static void aim(QtFixture *f, uint64_t addr, uint32_t data)
{
    uint32_t qctl = qt_qctl(ENGINE, QUEUE);

    qt_queue_program(f->q);
    qt_msix_enable(f->dev, 0, data);
    qt_trnx_write(f->dev, 0x20000, addr);
    qt_trnx_write(f->dev, 0x20004, addr >> 32);
    qt_eq_enable(f->dev, 0, 4);
    qt_trnx_write(f->dev, 0x10018, 0);
    qt_trnx_write(f->dev, qctl + QCTL_EQ, 0);
    qt_trnx_write64(f->dev, qctl + QCTL_ARM, 1);
}

/* An undisturbed copy, after a reset of the function. */
static void expect_life(QtFixture *f, unsigned seed)
{
    qt_flr(f->dev);
    qt_queue_program(f->q);
    qt_mem_fill(f->dev, SRC, 4096, seed);
    qt_pair(f->q, DST, SRC, 4096);
    qt_ring(f->q);
    wait_count(f, 1);
    qt_mem_expect(f->dev, DST, 4096, seed);
}

static void copy(QtFixture *f)
{
    qt_pair(f->q, DST, SRC, 64);
    qt_ring(f->q);
}

typedef struct Target {
    unsigned bar;
    uint32_t offset;
    uint32_t data;
} Target;

/* Registers that stop the engine: resets, pauses, tables that change. */
static void messages_to_own_registers(bool timed)
{
    uint32_t m2s = qt_engine_bar0(ENGINE) + 0x1000 + QUEUE * 0x1000;
    uint32_t qctl = qt_qctl(ENGINE, QUEUE);
    const Target target[] = {
        { 0, QEMU_RESET, 0 },
        { 0, QEMU_RESET, 0x00010101 << 2 },
        { 0, MISC_RAM + 0x800, 1 },
        { 0, m2s + 0xb0, 0x100 },
        { 0, m2s + Q_CFG, 0x03000000 },
        { 0, qt_engine_bar0(ENGINE) + 0x204, 2 },
        { 0, qt_engine_bar0(ENGINE) + 0x40028, 0x1000 },
        { 2, qctl + QCTL_CTRL, 0 },
        { 2, qctl + 0x28, 1 },
        { 2, qctl + QCTL_COUNT_ADDR + 4, 0 },
        { 2, 0x2000, 1 },
        { 2, 0x2004, 1 },
        { 2, 0x10018, 0 },
        { 2, 0x2000c, 0 },
    };
    QtFixture f;

    setup(&f, "", false, timed);
    for (unsigned i = 0; i < ARRAY_SIZE(target); i++) {
        uint64_t bar = target[i].bar ? f.dev->bar2 : f.dev->bar0;

        aim(&f, bar + target[i].offset, target[i].data);
        copy(&f);
        wait_count(&f, 1);
        qt_query_status(f.vm);
        expect_life(&f, i);
    }
    qt_fixture_teardown(&f);
}

static void message_to_an_own_register_does_not_hang(void)
{
    messages_to_own_registers(false);
}

static void message_to_an_own_register_does_not_hang_timed(void)
{
    messages_to_own_registers(true);
}

/* Messages during a write by the vCPU: it unmasks a vector, or asks for one. */
static void message_of_a_pending_vector_does_not_come_back(void)
{
    QtFixture f;

    setup(&f, "", false, false);
    aim(&f, f.dev->bar0 + QEMU_RESET, 0);
    qt_set_number(f.dev, "x-spurious-irq", 0);
    qt_trnx_write(f.dev, 0x2000c, 1);
    qt_set_number(f.dev, "x-spurious-irq", 0);
    qt_trnx_write(f.dev, 0x2000c, 0);
    qt_query_status(f.vm);
    expect_life(&f, 1);
    qt_fixture_teardown(&f);
}

/* FLR and bus mastering, by way of the device's own configuration space. */
static void messages_to_own_configuration(bool timed)
{
    QtFixture f;
    uint64_t ecam = qt_ecam(0, 4);

    setup(&f, "", false, timed);
    for (unsigned i = 0; i < 2; i++) {
        if (i) {
            aim(&f, ecam + qt_find_cap(f.dev, 0x10) + 8, 0x8000);
        } else {
            aim(&f, ecam + 4, 2);
        }
        copy(&f);
        if (timed) {
            qtest_clock_step(f.vm->qts, 1000000);
        }
        while (qt_cfg_read(f.dev, 4) & 4) {
            qt_query_status(f.vm);
        }
        expect_life(&f, i);
    }
    qt_fixture_teardown(&f);
}

static void message_to_own_configuration_space_does_not_hang(void)
{
    messages_to_own_configuration(false);
}

static void message_to_own_configuration_space_does_not_hang_timed(void)
{
    messages_to_own_configuration(true);
}

/* Secondary bus reset of the port that the device is behind. */
static void message_to_the_bridge_resets_the_device(void)
{
    QtFixture f;

    setup(&f, "", true, false);
    aim(&f, qt_ecam(0, 3) + 0x3c, 0x00400000);
    copy(&f);
    while (qt_cfg_read(f.dev, 4) & 4) {
        qt_query_status(f.vm);
    }
    qt_fixture_teardown(&f);
}

/* Power and indicator off: the slot's device may be taken out. */
static void messages_to_own_slot(bool timed)
{
    QtFixture f;
    uint64_t slot_control;

    setup(&f, "", true, timed);
    slot_control = qt_port_slot_control(f.vm);
    qtest_writew(f.vm->qts, slot_control, 0x01c0);
    aim(&f, slot_control, 0x07c0);
    copy(&f);
    if (timed) {
        qtest_clock_step(f.vm->qts, 1000000);
    }
    qtest_qmp_eventwait(f.vm->qts, "DEVICE_DELETED");
    qt_query_status(f.vm);
    qt_fixture_teardown(&f);
}

static void message_to_its_slot_unplugs_the_device(void)
{
    messages_to_own_slot(false);
}

static void message_to_its_slot_unplugs_the_device_timed(void)
{
    messages_to_own_slot(true);
}

/*
 * One access of several words, of which the first has the device unplugged: as
 * with a processor that is about to make the next, they go on.
 */
static void access_goes_on_when_the_device_has_left(void)
{
    static const uint8_t words[64];
    QtFixture f;
    uint64_t slot_control;

    for (unsigned table = 0; table < 2; table++) {
        uint32_t at;

        setup(&f, "", true, false);
        slot_control = qt_port_slot_control(f.vm);
        qtest_writew(f.vm->qts, slot_control, 0x01c0);
        aim(&f, slot_control, 0x07c0);
        if (table) {
            /* The vector is pending, and the write unmasks it. */
            at = 0x2000c;
            qt_trnx_write(f.dev, at, 1);
            copy(&f);
            qt_wait_count(f.q, 1);
            while (!qt_trnx_read(f.dev, 0x28000)) {
                qt_query_status(f.vm);
            }
        } else {
            /* An event is pending, and the write arms its queue. */
            at = 0x10018;
            qt_trnx_write(f.dev, 0x1000c, 0);
            qt_trnx_write(f.dev, 0x1000c, 1);
            copy(&f);
            while (!qt_trnx_read(f.dev, 0x10010)) {
                qt_query_status(f.vm);
            }
        }
        qtest_memwrite(f.vm->qts, f.dev->bar2 + at, words, sizeof(words));
        qtest_qmp_eventwait(f.vm->qts, "DEVICE_DELETED");
        qt_query_status(f.vm);
        qt_fixture_teardown(&f);
    }
}

static void message_to_the_neighbour_resets_it(void)
{
    QtFixture f;
    unsigned before;

    setup(&f, NEIGHBOUR, false, false);
    before = qt_trnx_read(f.neighbour, 0x50);
    aim(&f, f.neighbour->bar0 + QEMU_RESET, 0);
    for (unsigned i = 0; i < 32; i++) {
        qt_pair(f.q, WINDOW0 + DST, SRC, 65536);
    }
    qt_ring(f.q);
    qt_wait_count(f.q, 32);
    g_assert_cmpuint(qt_trnx_read(f.neighbour, 0x50), ==, before + 1);
    expect_life(&f, 1);
    qt_fixture_teardown(&f);
}

/*
 * pvpanic stops the VM inside the store: on a worker or, if the interrupt
 * waits for its time, in the main loop, where no timer's callback may do that.
 */
static void message_stops_the_vm(bool waits)
{
    const uint64_t panic = 0xfea00000, config = qt_ecam(0, 7);
    uint32_t qctl = qt_qctl(ENGINE, QUEUE);
    unsigned done = 1;
    uint64_t ring;
    QtFixture f;

    setup(&f, "-device pvpanic-pci,addr=7 -action panic=pause", false, false);
    qtest_writel(f.vm->qts, config + 0x10, panic);
    qtest_writew(f.vm->qts, config + 0x04, 0x2);
    aim(&f, panic, 1);
    ring = qt_trnx_read64(f.dev, 0x10000) & ~HOST_BIT;
    if (waits) {
        qt_trnx_write(f.dev, 0x10020, 1000);
        qt_set_number(f.dev, "x-lose-irqs", 1);
        copy(&f);
        qt_wait_mem32(f.vm, ring, 0x80000001, "the first event");
        qt_trnx_write(f.dev, 0x10018, 1);
        qt_trnx_write64(f.dev, qctl + QCTL_ARM, ++done);
    }
    copy(&f);
    qt_wait_mem32(f.vm, ring + (done - 1) * 16, 0x80000001, "the event");
    if (waits) {
        qtest_clock_step(f.vm->qts, 1000);
    }
    qtest_qmp_eventwait(f.vm->qts, "STOP");
    copy(&f);
    qt_query_status(f.vm);
    g_assert_cmpuint(qt_trnx_read64(f.dev, qctl + QCTL_COUNT), ==, done);
    qtest_qmp_assert_success(f.vm->qts, "{'execute': 'cont'}");
    wait_count(&f, done + 1);
    expect_life(&f, 7);
    qt_fixture_teardown(&f);
}

static void message_that_stops_the_vm_does_not_hang(void)
{
    message_stops_the_vm(false);
}

static void message_that_waited_and_stops_the_vm_does_not_hang(void)
{
    message_stops_the_vm(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/reentry/" #name, name)
    T(message_to_an_own_register_does_not_hang);
    T(message_to_an_own_register_does_not_hang_timed);
    T(message_of_a_pending_vector_does_not_come_back);
    T(message_to_own_configuration_space_does_not_hang);
    T(message_to_own_configuration_space_does_not_hang_timed);
    T(message_to_the_bridge_resets_the_device);
    T(message_to_its_slot_unplugs_the_device);
    T(message_to_its_slot_unplugs_the_device_timed);
    T(access_goes_on_when_the_device_has_left);
    T(message_to_the_neighbour_resets_it);
    T(message_that_stops_the_vm_does_not_hang);
    T(message_that_waited_and_stops_the_vm_does_not_hang);
    return g_test_run();
}
