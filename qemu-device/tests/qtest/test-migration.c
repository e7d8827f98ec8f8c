/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that travels: the source stops with work in flight, the destination
 * finishes it, and every byte and register is what it would have been.
 */
#include "qt.h"

#include "qemu/bswap.h"

#include <glib/gstdio.h>

#include "qobject/qdict.h"

#define PROPS "hbm-size=128M"   /* HW 1.3: stacks of 32 MiB, quick to save */
#define LONG 4000u

/* Of both ends. */
static const char *props = PROPS;

/*
 * Where the clock of the destination begins: that of a qtest does not travel.
 */
static int64_t clock_ns;

/* Saves @dev's VM to a file, ends it, and gives the VM that loaded the file. */
static void arrive(QtDev *dev)
{
    g_autofree char *path = qt_save(dev->vm);
    g_autofree char *args = g_strdup_printf("-device trn3,id=trn0,addr=4,%s "
                                            "-incoming defer", props);
    QtVm *old = dev->vm, *vm = qt_vm_start(args);

    if (clock_ns) {
        qtest_clock_step(vm->qts, clock_ns);
    }
    vm->next_ram = old->next_ram;
    vm->next_bar = old->next_bar;
    qt_vm_stop(old);
    g_assert_true(qt_load(vm, path));
    g_unlink(path);
    dev->vm = vm;
}

static void migrate(QtDev *dev)
{
    arrive(dev);
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'cont'}");
}

/* A packet of 4096 bytes, of which 1000 had room before. */
static void packet_begun_on_one_side_ends_on_the_other(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 97, 5, 64);
    uint64_t host = qt_alloc(dev->vm, 8192, 4096) | HOST_BIT;
    uint64_t back = qt_alloc(dev->vm, 8192, 4096) | HOST_BIT;

    qt_mem_fill(dev, host, 4096, 3);
    qt_mem_set(dev, back, 0x5a, 8192);
    qt_m2s(q, M2S_FIRST | M2S_LAST | 4096, OP_COPY, host);
    qt_s2m(q, 1000, back);
    qt_ring(q);
    qt_wait_count(q, 1);

    migrate(dev);
    g_assert_cmphex(qt_trnx_read64(dev, qt_qctl(97, 5) + QCTL_COUNT), ==, 1);
    g_assert_cmphex(qt_trnx_read64(dev, qt_qctl(97, 5) + QCTL_M2S_COUNT), ==,
                    0);
    qt_s2m(q, 3096, back + 1000);
    qt_ring_s2m(q);
    qt_wait_count(q, 2);
    qt_mem_expect(dev, back, 4096, 3);
    qt_mem_expect_byte(dev, back + 4096, 0x5a, 4096);
    qt_queue_free(q);
    qt_stop(dev);
}

static void work_in_flight_is_finished_by_the_destination(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 128, 1, 4096);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    qt_mem_fill(dev, host, 65536, 9);
    qt_post_long(q, 0x1000000, host, LONG);
    qt_ring(q);
    migrate(dev);
    qt_wait_count(q, LONG);
    for (unsigned i = 0; i < 256; i++) {
        qt_mem_expect(dev, 0x1000000 + i * 65536, 65536, 9);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void nothing_moves_before_the_destination_goes_on(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 128, 1, 4096);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    uint64_t done;

    qt_post_long(q, 0x1000000, host, LONG);
    qt_ring(q);
    arrive(dev);
    done = qt_trnx_read64(dev, qt_qctl(128, 1) + QCTL_COUNT);
    g_assert_cmpuint(done, <, LONG);
    qt_mem_set(dev, 0x1000000, 0x5a, 16 * MIB);
    for (unsigned i = 0; i < 500; i++) {
        g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(128, 1) + QCTL_COUNT), ==,
                         done);
    }
    qt_mem_expect_byte(dev, 0x1000000, 0x5a, 16 * MIB);
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'cont'}");
    qt_wait_count(q, LONG);
    qt_queue_free(q);
    qt_stop(dev);
}

/* An increment shows whether a piece was done twice, or never. */
static void every_descriptor_in_flight_is_done_exactly_once(void)
{
    const unsigned n = 8000;
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 64, 0, 8192);
    uint64_t one = qt_alloc(dev->vm, 4, 4);

    qtest_writel(dev->vm->qts, one, 1);
    for (unsigned i = 0; i < n; i++) {
        qt_pair(q, 0x002002701800, one | HOST_BIT, 4);
    }
    qt_post_marker(q);
    qt_ring(q);
    migrate(dev);
    qt_wait_marker(q);
    g_assert_cmpuint(qt_read(dev, 0xd2701000), ==, n);
    qt_queue_free(q);
    qt_stop(dev);
}

/*
 * The trnx manual, 12: sums show whether an element was added twice, or never.
 * @n packets add 1.0 to a million elements of fp32 each.
 */
static void post_increments(QtQueue *q, unsigned n)
{
    QtDev *dev = q->dev;
    uint64_t operands = qt_alloc(dev->vm, 128, 8);
    uint64_t one = qt_alloc(dev->vm, 4, 4);

    qtest_memset(dev->vm->qts, operands, 0, 128);
    qtest_writel(dev->vm->qts, operands, 0x01040406);
    qtest_writel(dev->vm->qts, operands + 0x04, 1);
    qtest_writel(dev->vm->qts, operands + 0x10, 1 << 20);
    qtest_writeq(dev->vm->qts, operands + 0x40, 4);
    qtest_writel(dev->vm->qts, one, 0x3f800000);
    for (unsigned i = 0; i < n; i++) {
        qt_m2s(q, 0x00800000 | M2S_FIRST, 0x03800003, operands | HOST_BIT);
        qt_m2s(q, M2S_LAST, 0, one | HOST_BIT);
        qt_s2m(q, 0, 0x1000000);
    }
}

static void half_done_accumulation_adds_every_element_once(void)
{
    const unsigned n = 16;
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 33, 7, 64);
    uint32_t qctl = qt_qctl(33, 7);
    g_autofree uint32_t *sums = g_new(uint32_t, 1 << 20);

    qt_trnx_write(dev, qctl + 0x40, 2);
    post_increments(q, n);
    qt_ring(q);
    qt_wait_count(q, 1);
    migrate(dev);
    g_assert_cmpuint(qt_trnx_read64(dev, qctl + QCTL_COUNT), <, n);
    g_assert_cmphex(qt_trnx_read(dev, qctl + 0x40), ==, 2);
    qt_wait_count(q, n);
    g_assert_cmpuint(qt_trnx_read64(dev, qctl + QCTL_M2S_COUNT), ==, 2 * n);
    qt_mem_read(dev, 0x1000000, sums, 4 << 20);
    for (unsigned i = 0; i < 1 << 20; i++) {
        g_assert_cmphex(le32_to_cpu(sums[i]), ==, 0x41800000);  /* 16 */
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void work_held_by_bus_mastering_is_still_pending(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 5, 9, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    qt_mem_fill(dev, host, 65536, 8);
    qt_copy(q, 0x1000000, host, 4096);
    qt_dev_set_master(dev, false);
    qt_post_copy(q, 0x1100000, host, 65536);
    qt_post_marker(q);
    qt_ring(q);
    migrate(dev);
    qt_mem_expect_byte(dev, 0x1100000, 0, 65536);
    g_assert_false(qt_marker_arrived(q));
    qt_dev_set_master(dev, true);
    qt_wait_marker(q);
    qt_mem_expect(dev, 0x1100000, 65536, 8);
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(5, 9) + QCTL_COUNT), ==, 4);
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 2.2: a TPB far behind its BAR0 window, PREPROC, the last stack. */
static void memory_that_only_dma_reaches_travels(void)
{
    static const uint64_t place[] = {
        0x804000805000, 0x002700000000, 0x801200001000, 0x007012345678,
    };
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 70, 3, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    for (unsigned i = 0; i < G_N_ELEMENTS(place); i++) {
        qt_mem_fill(dev, host, 4096, i);
        qt_copy(q, place[i], host, 4096);
    }
    migrate(dev);
    for (unsigned i = 0; i < G_N_ELEMENTS(place); i++) {
        qt_mem_set(dev, host, 0, 4096);
        qt_copy(q, host, place[i], 4096);
        qt_mem_expect(dev, host, 4096, i);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 6.1, 8.5, 2.2: mailbox scratch, semaphores, state buffer, registers. */
static void registers_and_on_chip_memory_travel(void)
{
    static const struct {
        uint32_t off;
        uint32_t value;
    } place[] = {
        { MISC_RAM + 0x100, 0x600df00d },
        { 0xd0000100, 0x12345678 },         /* SBUF of core 0 */
        { 0xefff0000, 0x9abcdef0 },         /* window of core 7 */
        { 0xf4c00000 + 0x3000, 0x0badcafe },/* TOP_SP 19 */
        { 0x8203a030, 0x00020000 },         /* abort mask of engine 0 */
        { 0x8c000090, 0x00000800 },         /* its FIS block */
        { 0xbc7e00d0, 0x00000004 },         /* the highest of HW B.5 */
        { 0x06800310, 0x010008f8 },
    };
    QtDev *dev = qt_start(PROPS);

    for (unsigned i = 0; i < ARRAY_SIZE(place); i++) {
        qt_write(dev, place[i].off, place[i].value);
    }
    qt_write(dev, 0xd2701400 + 4 * 17, 70);
    qt_write(dev, 0xd2701800 + 4 * 17, 7);
    qt_trnx_write(dev, 0x54, 0x5c5c5c5c);
    migrate(dev);
    for (unsigned i = 0; i < ARRAY_SIZE(place); i++) {
        g_assert_cmphex(qt_read(dev, place[i].off), ==, place[i].value);
    }
    g_assert_cmpuint(qt_read(dev, 0xd2701000 + 4 * 17), ==, 77);
    g_assert_cmphex(qt_trnx_read(dev, 0x54), ==, 0x5c5c5c5c);
    qt_stop(dev);
}

/* An armed threshold and event queue still work where they arrive. */
static void sleeper_is_woken_by_the_destination(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 40, 15, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint64_t msi = qt_msix_enable(dev, 6, 0x4242);

    qt_eq_enable(dev, 6, 4);
    qt_trnx_write(dev, qt_qctl(40, 15) + QCTL_EQ, 6);
    qt_trnx_write(dev, 0x10000 + 6 * 0x40 + 0x18, 0);
    qt_trnx_write64(dev, qt_qctl(40, 15) + QCTL_ARM, 1);
    migrate(dev);
    qt_pair(q, 0x1000000, host, 512);
    qt_ring(q);
    qt_wait_mem32(dev->vm, msi, 0x4242, "the interrupt");
    qt_queue_free(q);
    qt_stop(dev);
}

static uint64_t new_table(QtDev *dev)
{
    uint64_t at = qt_alloc(dev->vm, 4096, 4096);

    qtest_memset(dev->vm->qts, at, 0, 4096);
    return at;
}

/* The trnx manual, 10: a GiB of host memory to read, by one leaf. */
static void address_space_travels(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 40, 15, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint64_t table[3] = { new_table(dev), new_table(dev), new_table(dev) };
    uint32_t qctl = qt_qctl(40, 15);
    int64_t end;

    qtest_writeq(dev->vm->qts, table[0] + 77 * 8, table[1] | HOST_BIT | 1);
    qtest_writeq(dev->vm->qts, table[1] + 128 * 8, table[2] | HOST_BIT | 1);
    qtest_writeq(dev->vm->qts, table[2], HOST_BIT | 0xf);
    qt_trnx_write64(dev, 0x2008, table[0] | HOST_BIT);
    qt_trnx_write(dev, 0x2010, 78);
    qt_trnx_write(dev, 0x2004, 1);
    qt_trnx_write(dev, qctl + 0x28, 77);
    qt_copy(q, host, host + 64, 64);
    migrate(dev);
    qt_mem_fill(dev, host + 2048, 2048, 4);
    qt_copy(q, host, host + 2048, 2048);
    qt_mem_expect(dev, host, 2048, 4);

    /* A fault travels too. */
    end = qt_deadline();
    qt_pair(q, 0x1000000, host, 64);
    qt_ring(q);
    while (!(qt_trnx_read(dev, qctl + QCTL_STATUS) & 8)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    dev->vm->guest_errors = true;
    migrate(dev);
    g_assert_cmphex(qt_trnx_read(dev, qctl + QCTL_STATUS), ==, 0xd0a);
    g_assert_cmphex(qt_trnx_read64(dev, qctl + QCTL_ERR_ADDR), ==, 0x1000000);
    g_assert_cmphex(qt_trnx_read(dev, qctl + 0x2c), ==, 3);
    qt_queue_free(q);
    qt_stop(dev);
}

static void interrupt_that_waits_for_its_time_travels(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 40, 15, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint64_t msi = qt_msix_enable(dev, 6, 0x4242);
    uint64_t ring = qt_eq_enable(dev, 6, 4);

    qt_trnx_write(dev, 0x10000 + 6 * 0x40 + 0x20, 1000000);
    qt_trnx_write(dev, qt_qctl(40, 15) + QCTL_EQ, 6);
    for (unsigned i = 0; i < 2; i++) {
        qt_trnx_write(dev, 0x10000 + 6 * 0x40 + 0x18, i);
        qt_copy(q, 0x1000000, host, 512);
        qt_trnx_write64(dev, qt_qctl(40, 15) + QCTL_ARM, 1);
        qt_wait_mem32(dev->vm, ring + i * 16, 0x80000001, "the event");
        if (!i) {
            qt_wait_mem32(dev->vm, msi, 0x4242, "the first interrupt");
            qtest_writel(dev->vm->qts, msi, 0);
        }
    }
    migrate(dev);
    g_assert_cmphex(qtest_readl(dev->vm->qts, msi), ==, 0);
    qtest_clock_step(dev->vm->qts, 1000000);
    qt_wait_mem32(dev->vm, msi, 0x4242, "the interrupt");
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 3.7: an aborted engine stays aborted, and recovers at the destination. */
static void aborted_engine_travels(void)
{
    QtDev *dev = qt_start(props = PROPS ",abort=on");
    QtQueue *q = qt_queue_new(dev, 12, 3, 64);
    QtQueue *other = qt_queue_new(dev, 12, 4, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint32_t base = qt_engine_bar0(12);

    dev->vm->guest_errors = true;
    qt_write(dev, base + 0x3a070, 0);
    qt_pair(q, 0x002900000000, host, 64);
    qt_ring(q);
    qt_wait_reg(dev, base + 0x200, 0x3333, 0x2222, "M2S state");
    qt_mem_fill(dev, host, 4096, 6);
    qt_pair(other, 0x1000000, host, 4096);
    qt_post_marker(other);
    qt_ring(other);
    migrate(dev);
    g_assert_cmphex(qt_read(dev, base + 0x200) & 0x3333, ==, 0x2222);
    g_assert_false(qt_marker_arrived(other));
    qt_queue_program(q);
    qt_write(dev, base + 0x204, 1);
    qt_wait_marker(other);
    qt_mem_expect(dev, 0x1000000, 4096, 6);
    qt_queue_free(other);
    qt_queue_free(q);
    qt_stop(dev);
    props = PROPS;
}

/* The trnx manual, 13 and 14: counters continue from their values. */
static void telemetry_and_links_travel(void)
{
    QtDev *dev = qt_start(PROPS);
    QtQueue *q = qt_queue_new(dev, 40, 15, 64);
    uint64_t before[0x1000 / 8], now;

    qtest_clock_step(dev->vm->qts, 200000000);
    qt_copy(q, 0x4001000000, 0x1000000, 65536);
    qt_set_number(dev, "x-throttle", 1);
    qtest_clock_step(dev->vm->qts, 1000);
    qt_trnx_write(dev, 0x4004, 9);
    qt_trnx_write(dev, 0x4000, 1);
    dev->vm->guest_errors = true;
    qt_copy(q, 0x14000000000000, 0x1000000, 64);
    for (unsigned i = 0; i < G_N_ELEMENTS(before); i++) {
        before[i] = qt_trnx_read64(dev, 0x3000 + i * 8);
    }
    clock_ns = 200001000;
    migrate(dev);
    for (unsigned i = 0; i < G_N_ELEMENTS(before); i++) {
        now = qt_trnx_read64(dev, 0x3000 + i * 8);
        /* x-throttle begins with x: it is not migrated, its time is. */
        g_assert_cmphex(now, ==, i == 2 ? before[i] & ~2ull : before[i]);
    }
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3018), ==, 1000);
    g_assert_cmphex(qt_trnx_read64(dev, 0x4000), ==, 0x900000001);
    g_assert_cmphex(qt_trnx_read64(dev, 0x40a0), ==, 1);
    qt_queue_free(q);
    qt_stop(dev);
}

/* An injected error leaves its header in a log. */
static void error_log_travels(void)
{
    QtDev *dev = qt_start(PROPS);
    unsigned aer = qt_find_ext_cap(dev, 1);
    g_autofree char *said = qtest_hmp(dev->vm->qts, "pcie_aer_inject_error "
                                      "trn0 MALF_TLP 1 2 3 4");

    g_assert_nonnull(strstr(said, "OK"));
    migrate(dev);
    g_assert_cmphex(qt_cfg_read(dev, aer + 0x04), ==, 1 << 18);
    g_assert_cmphex(qt_cfg_read(dev, aer + 0x18) & 0x1f, ==, 18);
    g_assert_cmphex(qt_cfg_read(dev, aer + 0x1c), ==, 0x01000000);
    g_assert_cmphex(qt_cfg_read(dev, aer + 0x28), ==, 0x04000000);
    qt_stop(dev);
}

/*
 * The timing model: the piece in progress, waiting pieces, and times of
 * arrival. One queue of two was rung late, so that its start cost is still to
 * come.
 */
static void times_travel(void)
{
    QtDev *dev;
    QtQueue *a, *b;

    props = PROPS ",timing=on";
    dev = qt_start(props);
    a = qt_queue_new(dev, 40, 15, 64);
    b = qt_queue_new(dev, 41, 0, 64);
    qt_mem_fill(dev, 0x1000000, 65536, 5);
    qt_post_same(a, 0x1800000, 0x1000000, 10);
    qt_pair(b, 0x1900000, 0x1000000, 4096);
    qt_ring(a);
    qtest_clock_step(dev->vm->qts, 17900);
    qt_ring(b);
    qtest_clock_step(dev->vm->qts, 100);
    clock_ns = 18000;
    migrate(dev);
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(40, 15) + QCTL_COUNT), ==, 9);
    g_assert_cmphex(qt_trnx_read(dev, qt_qctl(40, 15) + QCTL_STATUS), ==, 1);
    /* 1300 + 10 * 1706.667 */
    qtest_clock_step(dev->vm->qts, 366);
    qt_mem_expect(dev, 0x1800000, 65536, 5);
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(40, 15) + QCTL_COUNT), ==, 9);
    qtest_clock_step(dev->vm->qts, 1);
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(40, 15) + QCTL_COUNT), ==, 10);
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3030), ==, 18366670);
    qtest_clock_step(dev->vm->qts, 10000);
    g_assert_cmpuint(qt_trnx_read64(dev, 0x3030), ==, 17900000 + 1406667);
    qt_mem_expect(dev, 0x1900000, 4096, 5);
    qt_queue_free(a);
    qt_queue_free(b);
    qt_stop(dev);
}

/* HW 9.2 and 9.3: routing ids 0 and 4 have link 0 of each in common. */
static void copies_to_a_neighbour_are_finished_there(void)
{
    QtDev *a, *b;
    QtQueue *q;
    uint64_t host;

    props = PROPS ",routing-id=0 -device trn3,id=trn1,addr=6," PROPS
            ",routing-id=4";
    a = qt_start(props);
    b = qt_dev_open(a->vm, 0, 6);
    q = qt_queue_new(a, 128, 1, 4096);
    host = qt_alloc(a->vm, 65536, 4096) | HOST_BIT;
    qt_mem_fill(a, host, 65536, 9);
    qt_post_long(q, 0x10000001000000, host, LONG);
    qt_pair(q, 0x10002000000000, host, 4096);
    qt_ring(q);
    migrate(a);
    b->vm = a->vm;
    qt_wait_count(q, LONG + 1);
    for (unsigned i = 0; i < 256; i++) {
        qt_mem_expect(b, 0x1000000 + i * 65536, 65536, 9);
    }
    /* The bytes in the neighbour's SBUF. */
    qt_copy(q, 0x1000000, 0x10002000000000, 4096);
    qt_mem_expect(a, 0x1000000, 4096, 9);
    qt_queue_free(q);
    g_free(b);
    qt_stop(a);
    props = PROPS;
}

/* A QEMU without the fix of qemu.patch would lose stores, or abort. */
static void tcg_that_loses_stores_is_not_migrated(void)
{
    for (unsigned mended = 0; mended < 2; mended++) {
        g_autofree char *args = g_strdup_printf(
            "-S -accel tcg -device trn3,id=trn0,addr=4," PROPS
            ",x-qemu-is-mended=%s", mended ? "on" : "off");
        QtVm *vm = qt_vm_start(args);
        QDict *r = qtest_qmp(vm->qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': 'exec:cat >/dev/null'}}");

        g_assert_cmpint(qdict_haskey(r, "return"), ==, mended);
        if (!mended) {
            g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(r, "error"),
                                                  "desc"), "qemu.patch"));
        }
        qobject_unref(r);
        qt_vm_stop(vm);
    }
}

#define T(name) g_test_add_func("/migration/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(packet_begun_on_one_side_ends_on_the_other);
    T(work_in_flight_is_finished_by_the_destination);
    T(nothing_moves_before_the_destination_goes_on);
    T(every_descriptor_in_flight_is_done_exactly_once);
    T(half_done_accumulation_adds_every_element_once);
    T(work_held_by_bus_mastering_is_still_pending);
    T(memory_that_only_dma_reaches_travels);
    T(registers_and_on_chip_memory_travel);
    T(sleeper_is_woken_by_the_destination);
    T(address_space_travels);
    T(interrupt_that_waits_for_its_time_travels);
    T(aborted_engine_travels);
    T(telemetry_and_links_travel);
    T(error_log_travels);
    T(times_travel);
    T(copies_to_a_neighbour_are_finished_there);
    T(tcg_that_loses_stores_is_not_migrated);
    return g_test_run();
}
