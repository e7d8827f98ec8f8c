/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden traces of HW appendix B: the register accesses that software
 * written for the chip makes, replayed, and what must follow from them.
 */
#include "qt-vendor.h"

static void replay_of_an_h2t_engine_is_132_writes_and_2_reads(void)
{
    QtDev *dev = qt_start("");
    Vendor v;

    vendor_init(&v, dev);
    vendor_engine_init(&v, 128);
    g_assert_cmpuint(v.writes, ==, 132);
    g_assert_cmpuint(v.reads, ==, 2);
    g_assert_cmpuint(g_hash_table_size(v.seen), ==, 128);
    g_assert_cmphex(qt_read(dev, 0x06801020), ==, 0x00030000);
    vendor_fini(&v);
    qt_stop(dev);
}

static void replay_of_a_core_engine_is_140_writes_and_8_reads(void)
{
    QtDev *dev = qt_start("");
    Vendor v;

    vendor_init(&v, dev);
    vendor_engine_init(&v, 0);
    g_assert_cmpuint(v.writes, ==, 140);
    g_assert_cmpuint(v.reads, ==, 8);
    g_assert_cmpuint(g_hash_table_size(v.seen), ==, 134);
    vendor_fini(&v);
    qt_stop(dev);
}

/* HW 4.4 and appendix B.4, byte by byte. */
static void b4_rings(QtVm *vm)
{
    static const uint32_t m2s[2][4] = {
        { 0x0d000000, 0x05080003, 0x00005000, 0x00004000 },
        { 0x0d000004, 0x01080003, 0x00006000, 0x00004000 },
    };
    static const uint32_t s2m[2][4] = {
        { 0x01000000, 0x00000000, 0x01000000, 0x00000000 },
        { 0x01000004, 0x00000000, 0x00006004, 0x00004000 },
    };

    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 4; k++) {
            qtest_writel(vm->qts, 0x01000000 + i * 16 + k * 4, m2s[i][k]);
            qtest_writel(vm->qts, 0x02000000 + i * 16 + k * 4, s2m[i][k]);
        }
    }
    qtest_writel(vm->qts, 0x6000, MARKER);
    qtest_writel(vm->qts, 0x6004, 0);
}

static void b4_copy(QtDev *dev)
{
    QtVm *vm = dev->vm;

    /*
     * The source of the trace covers the marker words: what is copied is the
     * memory as it was before the marker arrives.
     */
    qt_mem_fill(dev, 0x5000 | HOST_BIT, 65536, 4);
    b4_rings(vm);
    qt_mem_set(dev, 0x1000000, 0, 65536);
    qt_write(dev, 0x06821038, 0x00000002);
    qt_write(dev, 0x06801038, 0x00000002);
    qt_wait_mem32(vm, 0x6004, MARKER, "marker of the 64 KiB copy");
}

static void b4_expect(QtDev *dev)
{
    g_autofree uint8_t *want = g_malloc(65536);
    g_autofree uint8_t *got = g_malloc(65536);

    qt_mem_read(dev, 0x5000 | HOST_BIT, want, 65536);
    memset(want + 0x1004, 0, 4);
    qt_mem_read(dev, 0x1000000, got, 65536);
    g_assert_cmpmem(got, 65536, want, 65536);
}

/* HW appendix B.3. */
static void b3_queue(Vendor *v)
{
    vendor_queue_init(v, 128, 0, 0x01000000 | HOST_BIT, 0x02000000 | HOST_BIT,
                      0x2000);
}

static void sixty_four_kib_copy_of_the_trace_arrives(void)
{
    QtDev *dev = qt_start("");
    Vendor v;

    vendor_init(&v, dev);
    vendor_engine_init(&v, 128);
    b3_queue(&v);
    b4_copy(dev);
    b4_expect(dev);
    /* HW 3.4: both heads have moved by two, the ring id is still 1. */
    g_assert_cmphex(qt_read(dev, 0x06801034), ==, 0x40000002);
    g_assert_cmphex(qt_read(dev, 0x06821034), ==, 0x40000002);
    vendor_fini(&v);
    qt_stop(dev);
}

/* HW 11.5: the minimum; nothing but the queue registers was written. */
static void copy_needs_no_engine_initialisation(void)
{
    QtDev *dev = qt_start("");
    Vendor v;

    vendor_init(&v, dev);
    b3_queue(&v);
    b4_copy(dev);
    b4_expect(dev);
    vendor_fini(&v);
    qt_stop(dev);
}

static void whole_device_replay_has_the_published_totals(void)
{
    QtDev *dev = qt_start("");
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    Vendor v;

    vendor_init(&v, dev);
    vendor_dma_init(&v, VENDOR_ALL_CORES);
    g_assert_cmpuint(v.writes, ==, 18568);
    g_assert_cmpuint(v.reads, ==, 1032);
    g_assert_cmpuint(g_hash_table_size(v.seen), ==, 17752);
    g_assert_cmphex(v.highest, ==, 0xbc7e00d0);
    for (unsigned nc = 0; nc < 8; nc++) {
        vendor_round_trip(&v, nc, host, qt_hbm_base[nc / 2] + 0x1000000,
                          65536, nc);
    }
    vendor_fini(&v);
    qt_stop(dev);
}

/* HW appendix A. */
static void trainium2_replays_are_one_access_of_each_kind_shorter(void)
{
    QtDev *dev = qt_dev_open(qt_vm_start("-device trn2,addr=4"), 0, 4);
    Vendor v;

    vendor_init(&v, dev);
    vendor_engine_init(&v, 128);
    g_assert_cmpuint(v.writes, ==, 131);
    g_assert_cmpuint(v.reads, ==, 1);
    vendor_engine_init(&v, 0);
    g_assert_cmpuint(v.writes, ==, 131 + 139);
    g_assert_cmpuint(v.reads, ==, 1 + 7);
    vendor_fini(&v);
    qt_stop(dev);
}

/* HW 11, steps 2 to 29, in their order, on the qemu revision. */
static void checklist_of_the_vendor_driver_runs_in_order(void)
{
    QtDev *dev = qt_start("routing-id=5");
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;
    Vendor v;

    g_assert_cmphex(qt_cfg_read(dev, 0x08) & 0xff, ==, 0xff);
    vendor_init(&v, dev);
    g_assert_cmphex(vendor_probe(&v), ==, 5);
    vendor_start(&v);
    vendor_round_trip(&v, 0, host, 0x1000000, 65536, 4);
    qt_dev_set_master(dev, false);
    vendor_fini(&v);
    qt_stop(dev);
}

/* HW 3.2.1 and 3.2.4: the only reset values that software relies on. */
static void reset_values_of_queue_registers_are_the_known_ones(void)
{
    QtDev *dev = qt_start("");

    for (unsigned e = 0; e < 132; e += 43) {
        uint32_t b = qt_engine_bar0(e);

        g_assert_cmphex(qt_read(dev, b + 0x1020), ==, 0x03000000);
        g_assert_cmphex(qt_read(dev, b + 0x21020 + 15 * 0x1000), ==,
                        0x03000000);
        g_assert_cmphex(qt_read(dev, b + 0x1074), ==, 0x7);
        g_assert_cmphex(qt_read(dev, b + 0x1034), ==, 0x40000000);
        g_assert_cmphex(qt_read(dev, b + 0x2103c), ==, 0x40000000);
    }
    qt_stop(dev);
}

/* HW 3.2: the reads of the queue-state request of the vendor driver. */
static void ring_registers_read_back_what_was_programmed(void)
{
    QtDev *dev = qt_start("");

    for (unsigned e = 0; e < 132; e++) {
        for (unsigned side = 0; side < 2; side++) {
            uint32_t page = qt_engine_bar0(e) + side * 0x20000 + 0x1000
                            + (e % 16) * 0x1000;

            qt_write(dev, page + 0x28, 0x100 * (e + 1));
            qt_write(dev, page + 0x2c, 0x4000 + e);
            qt_write(dev, page + 0x30, 32 + 16 * e);
            g_assert_cmphex(qt_read(dev, page + 0x28), ==, 0x100 * (e + 1));
            g_assert_cmphex(qt_read(dev, page + 0x2c), ==, 0x4000 + e);
            g_assert_cmphex(qt_read(dev, page + 0x30), ==, 32 + 16 * e);
        }
    }
    qt_stop(dev);
}

/* HW 1.5: an undefined register reads 0, not all-ones. */
static void gaps_of_bar0_read_zero_and_drop_writes(void)
{
    static const uint32_t gaps[] = {
        0x20000000, 0x3ffffffc, 0xc0000000, 0xcffffffc, 0xf5000000, 0xfffffffc,
        0x00000000, 0x80000000,
    };
    QtDev *dev = qt_start("");

    for (size_t i = 0; i < G_N_ELEMENTS(gaps); i++) {
        qt_write(dev, gaps[i], 0x12345678);
        g_assert_cmphex(qt_read(dev, gaps[i]), ==, 0);
    }
    dev->vm->any_log = true;
    qt_stop(dev);
}

/* HW 3.7: the interrupt controllers as plain storage, or better. */
static void iofic_mask_bits_clear_by_writing_zero(void)
{
    QtDev *dev = qt_start("");
    uint32_t g = 0x0683a000;

    qt_write(dev, g + 0x10, 0x000f000f);
    g_assert_cmphex(qt_read(dev, g + 0x10), ==, 0x000f000f);
    qt_write(dev, g + 0x18, 0xfffffff0);
    g_assert_cmphex(qt_read(dev, g + 0x10), ==, 0x000f0000);
    qt_write(dev, g + 0x08, 0x00000005);
    g_assert_cmphex(qt_read(dev, g + 0x00) & 0x5, ==, 0x5);
    qt_write(dev, g + 0x00, 0xfffffffe);
    g_assert_cmphex(qt_read(dev, g + 0x00) & 0x5, ==, 0x4);
    qt_write(dev, g + 0x30, 0xf0000000);
    g_assert_cmphex(qt_read(dev, g + 0x30), ==, 0xf0000000);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/init/" #name, name)
    T(replay_of_an_h2t_engine_is_132_writes_and_2_reads);
    T(replay_of_a_core_engine_is_140_writes_and_8_reads);
    T(sixty_four_kib_copy_of_the_trace_arrives);
    T(copy_needs_no_engine_initialisation);
    T(whole_device_replay_has_the_published_totals);
    T(trainium2_replays_are_one_access_of_each_kind_shorter);
    T(checklist_of_the_vendor_driver_runs_in_order);
    T(reset_values_of_queue_registers_are_the_known_ones);
    T(ring_registers_read_back_what_was_programmed);
    T(gaps_of_bar0_read_zero_and_drop_writes);
    T(iofic_mask_bits_clear_by_writing_zero);
    return g_test_run();
}
