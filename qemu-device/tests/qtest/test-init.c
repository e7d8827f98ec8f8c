/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden traces of HW appendix B: the register accesses that software
 * written for the chip makes, replayed, and what must follow from them.
 */
#include "trn-qtest.h"

typedef struct Trace {
    TrnDev *dev;
    unsigned writes;
    unsigned reads;
    uint32_t highest;
    GHashTable *seen;           /* distinct registers */
} Trace;

typedef struct TraceWrite {
    uint32_t off;
    uint32_t val;
} TraceWrite;

static void trace_init(Trace *t, TrnDev *dev)
{
    *t = (Trace) {
        .dev = dev,
        .seen = g_hash_table_new(NULL, NULL),
    };
}

static void trace_fini(Trace *t)
{
    g_hash_table_unref(t->seen);
}

static void note(Trace *t, uint32_t off)
{
    g_hash_table_add(t->seen, GUINT_TO_POINTER(off));
    t->highest = MAX(t->highest, off);
}

static void w(Trace *t, uint32_t off, uint32_t val)
{
    trn_write(t->dev, off, val);
    t->writes++;
    note(t, off);
}

static uint32_t r(Trace *t, uint32_t off)
{
    t->reads++;
    note(t, off);
    return trn_read(t->dev, off);
}

static void w_all(Trace *t, uint32_t base, const TraceWrite *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        w(t, base + list[i].off, list[i].val);
    }
}

/* HW 3.5 steps 1 to 14, appendix B.1. */
static void trace_engine_data_path(Trace *t, uint32_t b)
{
    static const TraceWrite before_selectors[] = {
        { 0x00310, 0x010008f8 }, { 0x00124, 0x20808080 },
        { 0x3a300, 0x05f5e100 }, { 0x00408, 0x00000000 },
        { 0x00254, 0x010fffff }, { 0x00258, 0x00000102 },
    };

    for (unsigned q = 0; q < 16; q++) {
        w(t, b + 0x1020 + q * 0x1000, 0x00030000);
        w(t, b + 0x21020 + q * 0x1000, 0x00030000);
    }
    w_all(t, b, before_selectors, G_N_ELEMENTS(before_selectors));
    for (unsigned i = 0; i < 16; i++) {
        w(t, b + 0x3c400 + i * 0x40, 0xffffffff);
    }
    w(t, b + 0x00118, 0x00010008);
    w(t, b + 0x2038c, 0x00000000);
    for (unsigned i = 0; i < 16; i++) {
        w(t, b + 0x3c404 + i * 0x40, 0xffffffff);
        w(t, b + 0x3c408 + i * 0x40, 0xffffffff);
        w(t, b + 0x3c40c + i * 0x40, 0xffffffff);
    }
    w(t, b + 0x20124, 0x00400080);
    w(t, b + 0x20128, 0x40804080);
    w(t, b + 0x2012c, (r(t, b + 0x2012c) & ~0x3ffu) | 0x100);
}

/* Steps 15 to 26. */
static void trace_engine_rest(Trace *t, uint32_t b)
{
    static const TraceWrite list[] = {
        { 0x3a028, 0x00000028 }, { 0x380e8, 0x00000028 },
        { 0x3a030, 0xf0000000 }, { 0x3a0b0, 0xffffffc0 },
        { 0x3a018, 0xf0000000 }, { 0x3a098, 0xffffffc0 },
        { 0x380d8, 0xfffffaff },
        { 0x3a068, 0x00000028 }, { 0x380e8, 0x00000028 },
        { 0x3a070, 0x000010f8 }, { 0x3a0b0, 0xfffff03f },
        { 0x3a058, 0x000010f8 }, { 0x3a098, 0xfffff03f },
        { 0x380d8, 0xfffff9ff },
        { 0x20380, 0x00001004 }, { 0x00304, 0x00010041 },
        { 0x00308, 0x00004181 }, { 0x20308, 0x00004181 },
        { 0x0011c, 0x00010008 }, { 0x2011c, 0x00010008 },
        { 0x4001c, 0x00000001 }, { 0x40020, 0x00000001 },
        { 0x40000, 0x00000001 }, { 0x40800, 0x00000026 },
    };

    w(t, b + 0x3b460, r(t, b + 0x3b460) & ~1u);
    w_all(t, b, list, G_N_ELEMENTS(list));
}

static void rmw(Trace *t, uint32_t off, uint32_t set)
{
    w(t, off, r(t, off) | set);
}

/* Steps 27 to 32, appendix B.2; HW 2.4 places the error block. */
static void trace_engine_errors(Trace *t, unsigned e, uint32_t b)
{
    static const uint32_t fis_group[] = {
        0x8c000000, 0x9c400000, 0xac000000, 0xbc400000,
    };
    uint32_t fis = fis_group[e / 32] + (e % 32) * 0x20000;
    uint32_t val;

    val = r(t, b + 0x3a010) | 0x00020000;
    w(t, b + 0x3a010, val);
    w(t, b + 0x3a030, val);
    val = r(t, b + 0x3a050) | 0x00000800;
    w(t, b + 0x3a050, val);
    w(t, b + 0x3a070, val);
    rmw(t, fis + 0x90, 0x800);
    rmw(t, fis + 0xd0, 0x4);
    rmw(t, b + 0x0020c, 0x00020000);
    rmw(t, b + 0x2020c, 0x00000800);
}

static void trace_engine(Trace *t, unsigned e)
{
    uint32_t b = trn_engine_bar0(e);

    trace_engine_data_path(t, b);
    trace_engine_rest(t, b);
    if (e < 128) {
        trace_engine_errors(t, e, b);
    }
}

/* HW 3.3 with the ring addresses of appendix B.3. */
static void trace_queue(Trace *t, unsigned e, unsigned q, uint64_t m2s,
                        uint64_t s2m)
{
    uint32_t h = trn_engine_bar0(e) + 0x1000 + q * 0x1000;
    uint32_t s = h + 0x20000;

    w(t, h + 0x74, 0x00000003);
    w(t, h + 0x20, 0x03000000);
    w(t, h + 0xb0, 0x00000100);
    w(t, h + 0x28, m2s);
    w(t, h + 0x2c, 0x00004000 | m2s >> 32);
    w(t, h + 0x30, 0x00002000);
    w(t, h + 0xa0, 0x00000000);
    w(t, h + 0x20, 0x03030000);
    w(t, s + 0x20, 0x03000000);
    w(t, s + 0x64, 0x00000100);
    w(t, s + 0x28, s2m);
    w(t, s + 0x2c, 0x00004000 | s2m >> 32);
    w(t, s + 0x30, 0x00002000);
    w(t, s + 0x54, 0x00000000);
    w(t, s + 0x20, 0x03030000);
}

static void replay_of_an_h2t_engine_is_132_writes_and_2_reads(void)
{
    TrnDev *dev = trn_start("");
    Trace t;

    trace_init(&t, dev);
    trace_engine(&t, 128);
    g_assert_cmpuint(t.writes, ==, 132);
    g_assert_cmpuint(t.reads, ==, 2);
    g_assert_cmpuint(g_hash_table_size(t.seen), ==, 128);
    g_assert_cmphex(trn_read(dev, 0x06801020), ==, 0x00030000);
    trace_fini(&t);
    trn_stop(dev);
}

static void replay_of_a_core_engine_is_140_writes_and_8_reads(void)
{
    TrnDev *dev = trn_start("");
    Trace t;

    trace_init(&t, dev);
    trace_engine(&t, 0);
    g_assert_cmpuint(t.writes, ==, 140);
    g_assert_cmpuint(t.reads, ==, 8);
    g_assert_cmpuint(g_hash_table_size(t.seen), ==, 134);
    trace_fini(&t);
    trn_stop(dev);
}

/* HW 4.4 and appendix B.4, byte by byte. */
static void b4_rings(TrnVm *vm)
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

static void b4_copy(TrnDev *dev)
{
    TrnVm *vm = dev->vm;

    /*
     * The source of the trace covers the marker words: what is copied is the
     * memory as it was before the marker arrives.
     */
    trn_mem_fill(dev, 0x5000 | HOST_BIT, 65536, 4);
    b4_rings(vm);
    trn_mem_set(dev, 0x1000000, 0, 65536);
    trn_write(dev, 0x06821038, 0x00000002);
    trn_write(dev, 0x06801038, 0x00000002);
    trn_wait_mem32(vm, 0x6004, MARKER, "marker of the 64 KiB copy");
}

static void b4_expect(TrnDev *dev)
{
    g_autofree uint8_t *want = g_malloc(65536);
    g_autofree uint8_t *got = g_malloc(65536);

    trn_mem_read(dev, 0x5000 | HOST_BIT, want, 65536);
    memset(want + 0x1004, 0, 4);
    trn_mem_read(dev, 0x1000000, got, 65536);
    g_assert_cmpmem(got, 65536, want, 65536);
}

static void sixty_four_kib_copy_of_the_trace_arrives(void)
{
    TrnDev *dev = trn_start("");
    Trace t;

    trace_init(&t, dev);
    trace_engine(&t, 128);
    trace_queue(&t, 128, 0, 0x01000000, 0x02000000);
    b4_copy(dev);
    b4_expect(dev);
    /* HW 3.4: both heads have moved by two, the ring id is still 1. */
    g_assert_cmphex(trn_read(dev, 0x06801034), ==, 0x40000002);
    g_assert_cmphex(trn_read(dev, 0x06821034), ==, 0x40000002);
    trace_fini(&t);
    trn_stop(dev);
}

/* HW 11.5: the minimum; nothing but the queue registers was written. */
static void copy_needs_no_engine_initialisation(void)
{
    TrnDev *dev = trn_start("");
    Trace t;

    trace_init(&t, dev);
    trace_queue(&t, 128, 0, 0x01000000, 0x02000000);
    b4_copy(dev);
    b4_expect(dev);
    trace_fini(&t);
    trn_stop(dev);
}

/* HW 5.5. */
static void trace_device(Trace *t)
{
    for (unsigned nc = 0; nc < 8; nc++) {
        unsigned h2t = 128 + nc / 2;

        for (unsigned e = 16 * nc; e < 16 * nc + 16; e++) {
            trace_engine(t, e);
        }
        if (nc % 2 == 0) {
            trace_engine(t, h2t);
        }
        trace_queue(t, h2t, nc % 2, 0x01000000 + nc * 0x20000,
                    0x02000000 + nc * 0x20000);
    }
}

static void whole_device_replay_has_the_published_totals(void)
{
    TrnDev *dev = trn_start("");
    Trace t;

    trace_init(&t, dev);
    trace_device(&t);
    g_assert_cmpuint(t.writes, ==, 18568);
    g_assert_cmpuint(t.reads, ==, 1032);
    g_assert_cmpuint(g_hash_table_size(t.seen), ==, 17752);
    g_assert_cmphex(t.highest, ==, 0xbc7e00d0);
    b4_copy(dev);
    b4_expect(dev);
    trace_fini(&t);
    trn_stop(dev);
}

/* HW 11, steps 2 to 25, in their order, on the qemu revision. */
static void checklist_of_the_vendor_driver_runs_in_order(void)
{
    TrnDev *dev = trn_start("routing-id=5");
    TrnVm *vm = dev->vm;
    uint64_t back = trn_alloc(vm, 65536, 4096);
    TrnQueue q = {
        .dev = dev, .engine = 128,
        .m2s = { .page = 0x06801000, .addr = 0x01000000 | HOST_BIT, .len = 8192,
                 .tail = 2, .ring_id = 1 },
        .s2m = { .page = 0x06821000, .addr = 0x02000000 | HOST_BIT, .len = 8192,
                 .tail = 2, .ring_id = 1 },
        .marker = trn_alloc(vm, 8, 8),
    };
    Trace t;

    g_assert_cmphex(trn_cfg_read(dev, 0x08) & 0xff, ==, 0xff);
    g_assert_cmphex(trn_read(dev, 0x06c84024), ==, 5);
    trn_write(dev, 0x06300010, 0);
    trn_wait_reg(dev, 0x06300010, 0xffffffff, 0, "reset register");
    trace_init(&t, dev);
    trace_device(&t);
    b4_copy(dev);
    b4_expect(dev);
    trn_copy(&q, back | HOST_BIT, 0x1000000, 65536);
    {
        g_autofree uint8_t *a = g_malloc(65536);
        g_autofree uint8_t *b = g_malloc(65536);

        trn_mem_read(dev, 0x1000000, a, 65536);
        trn_mem_read(dev, back | HOST_BIT, b, 65536);
        g_assert_cmpmem(a, 65536, b, 65536);
    }
    trn_dev_set_master(dev, false);
    trace_fini(&t);
    trn_stop(dev);
}

/* HW 3.2.1 and 3.2.4: the only reset values that software relies on. */
static void reset_values_of_queue_registers_are_the_known_ones(void)
{
    TrnDev *dev = trn_start("");

    for (unsigned e = 0; e < 132; e += 43) {
        uint32_t b = trn_engine_bar0(e);

        g_assert_cmphex(trn_read(dev, b + 0x1020), ==, 0x03000000);
        g_assert_cmphex(trn_read(dev, b + 0x21020 + 15 * 0x1000), ==,
                        0x03000000);
        g_assert_cmphex(trn_read(dev, b + 0x1074), ==, 0x7);
        g_assert_cmphex(trn_read(dev, b + 0x1034), ==, 0x40000000);
        g_assert_cmphex(trn_read(dev, b + 0x2103c), ==, 0x40000000);
    }
    trn_stop(dev);
}

/* HW 3.2: what the queue-state request of the vendor driver reads back. */
static void ring_registers_read_back_what_was_programmed(void)
{
    TrnDev *dev = trn_start("");

    for (unsigned e = 0; e < 132; e++) {
        for (unsigned side = 0; side < 2; side++) {
            uint32_t page = trn_engine_bar0(e) + side * 0x20000 + 0x1000
                            + (e % 16) * 0x1000;

            trn_write(dev, page + 0x28, 0x100 * (e + 1));
            trn_write(dev, page + 0x2c, 0x4000 + e);
            trn_write(dev, page + 0x30, 32 + 16 * e);
            g_assert_cmphex(trn_read(dev, page + 0x28), ==, 0x100 * (e + 1));
            g_assert_cmphex(trn_read(dev, page + 0x2c), ==, 0x4000 + e);
            g_assert_cmphex(trn_read(dev, page + 0x30), ==, 32 + 16 * e);
        }
    }
    trn_stop(dev);
}

/* HW 1.5: what the driver does not define reads 0 and is not all-ones. */
static void gaps_of_bar0_read_zero_and_drop_writes(void)
{
    static const uint32_t gaps[] = {
        0x20000000, 0x3ffffffc, 0xc0000000, 0xcffffffc, 0xf5000000, 0xfffffffc,
        0x00000000, 0x80000000,
    };
    TrnDev *dev = trn_start("");

    for (size_t i = 0; i < G_N_ELEMENTS(gaps); i++) {
        trn_write(dev, gaps[i], 0x12345678);
        g_assert_cmphex(trn_read(dev, gaps[i]), ==, 0);
    }
    dev->vm->any_log = true;
    trn_stop(dev);
}

/* HW 3.7: the interrupt controllers as plain storage, or better. */
static void iofic_mask_bits_clear_by_writing_zero(void)
{
    TrnDev *dev = trn_start("");
    uint32_t g = 0x0683a000;

    trn_write(dev, g + 0x10, 0x000f000f);
    g_assert_cmphex(trn_read(dev, g + 0x10), ==, 0x000f000f);
    trn_write(dev, g + 0x18, 0xfffffff0);
    g_assert_cmphex(trn_read(dev, g + 0x10), ==, 0x000f0000);
    trn_write(dev, g + 0x08, 0x00000005);
    g_assert_cmphex(trn_read(dev, g + 0x00) & 0x5, ==, 0x5);
    trn_write(dev, g + 0x00, 0xfffffffe);
    g_assert_cmphex(trn_read(dev, g + 0x00) & 0x5, ==, 0x4);
    trn_write(dev, g + 0x30, 0xf0000000);
    g_assert_cmphex(trn_read(dev, g + 0x30), ==, 0xf0000000);
    trn_stop(dev);
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
    T(checklist_of_the_vendor_driver_runs_in_order);
    T(reset_values_of_queue_registers_are_the_known_ones);
    T(ring_registers_read_back_what_was_programmed);
    T(gaps_of_bar0_read_zero_and_drop_writes);
    T(iofic_mask_bits_clear_by_writing_zero);
    return g_test_run();
}
