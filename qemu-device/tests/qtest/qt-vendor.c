/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qt-vendor.h"

#include "qemu/bswap.h"

#define NOT_READY 0xdeadbeefu
#define OP_LAST OP_COPY_BARRIER

typedef struct RegWrite {
    uint32_t off;
    uint32_t val;
} RegWrite;

void vendor_init(Vendor *v, QtDev *dev)
{
    *v = (Vendor) {
        .dev = dev,
        .trn2 = qt_cfg_read(dev, 0) >> 16 == 0x7364,
        .seen = g_hash_table_new(NULL, NULL),
    };
    v->rev = qt_cfg_read(dev, 0x08);
}

static void drop_rings(Vendor *v, unsigned core)
{
    qt_queue_free(v->h2t[core]);
    v->h2t[core] = NULL;
}

void vendor_fini(Vendor *v)
{
    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        drop_rings(v, nc);
    }
    g_hash_table_unref(v->seen);
}

/* --- probe --- */

/* HW 6.1: firmware that is not ready is asked again. */
static uint32_t misc_read(Vendor *v, uint32_t off)
{
    uint32_t value;
    unsigned tries = 0;

    do {
        g_assert_cmpuint(tries++, <, 30);
        value = qt_read(v->dev, MISC_RAM + off);
    } while (value == NOT_READY);
    return value;
}

uint32_t vendor_probe(Vendor *v)
{
    uint32_t id = misc_read(v, 0x024);

    /* HW 6.3: the range of a standard platform. */
    g_assert_cmpuint(id, <=, 63);
    if (v->rev == VENDOR_REV_SILICON) {
        /* HW 12: every 50 ms from now on. */
        g_assert_cmpuint(misc_read(v, 0x000), >=, 3);
        g_assert_cmpuint(misc_read(v, 0x054) & 0xffff, <=, 10000);
        g_assert_cmpuint(misc_read(v, 0x058) & 0xffff, <=, 10000);
    }
    return id;
}

unsigned vendor_cores(const Vendor *v)
{
    return v->rev == VENDOR_REV_EMU ? 0x1 : VENDOR_ALL_CORES;
}

/* --- reset --- */

static uint32_t reset_map(Vendor *v, unsigned cores)
{
    return cores == VENDOR_ALL_CORES ? 0 : cores | cores << 8 | cores << 16;
}

/* HW 7.3. */
static void reset_as_qemu(Vendor *v, unsigned cores)
{
    qt_write(v->dev, QEMU_RESET, reset_map(v, cores));
    qt_wait_reg(v->dev, QEMU_RESET, 0xffffffff, 0, "reset register");
}

/* HW 7.2; the reads of FW_STATUS are five. */
static void reset_as_silicon(Vendor *v, unsigned cores)
{
    bool whole = cores == VENDOR_ALL_CORES;
    unsigned tries = 0;

    if (!whole) {
        qt_write(v->dev, MISC_RAM + 0x1d8, reset_map(v, cores));
    }
    qt_write(v->dev, MISC_RAM + 0x1ec, whole ? 1 : 2);
    qt_write(v->dev, MISC_RAM + 0x800, 1);
    qt_wait_reg(v->dev, MISC_RAM + 0x1ec, 0xffffffff, 0, "RESET");
    while (misc_read(v, 0x808) & 0x8) {
        g_assert_cmpuint(tries++, <, 5);
    }
}

void vendor_reset(Vendor *v, unsigned cores)
{
    if (v->rev == VENDOR_REV_QEMU) {
        reset_as_qemu(v, cores);
    } else if (v->rev != VENDOR_REV_EMU || v->trn2) {
        reset_as_silicon(v, cores);
    }
}

/* --- register accesses that are counted --- */

static void note(Vendor *v, uint32_t off)
{
    g_hash_table_add(v->seen, GUINT_TO_POINTER(off));
    v->highest = MAX(v->highest, off);
}

static void w(Vendor *v, uint32_t off, uint32_t val)
{
    qt_write(v->dev, off, val);
    v->writes++;
    note(v, off);
}

static uint32_t r(Vendor *v, uint32_t off)
{
    v->reads++;
    note(v, off);
    return qt_read(v->dev, off);
}

static void w_all(Vendor *v, uint32_t base, const RegWrite *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        w(v, base + list[i].off, list[i].val);
    }
}

/* --- engines --- */

/* HW 3.5 steps 1 to 14, appendix B.1. */
static void engine_data_path(Vendor *v, uint32_t b)
{
    static const RegWrite before_selectors[] = {
        { 0x00310, 0x010008f8 }, { 0x00124, 0x20808080 },
        { 0x3a300, 0x05f5e100 }, { 0x00408, 0x00000000 },
        { 0x00254, 0x010fffff }, { 0x00258, 0x00000102 },
    };
    uint32_t cfg = v->initialised ? 0x03030000 : 0x00030000;

    for (unsigned q = 0; q < 16; q++) {
        w(v, b + 0x1020 + q * 0x1000, cfg);
        w(v, b + 0x21020 + q * 0x1000, cfg);
    }
    w_all(v, b, before_selectors, G_N_ELEMENTS(before_selectors));
    for (unsigned i = 0; i < 16; i++) {
        w(v, b + 0x3c400 + i * 0x40, 0xffffffff);
    }
    w(v, b + 0x00118, 0x00010008);
    w(v, b + 0x2038c, 0x00000000);
    for (unsigned i = 0; i < 16; i++) {
        w(v, b + 0x3c404 + i * 0x40, 0xffffffff);
        w(v, b + 0x3c408 + i * 0x40, 0xffffffff);
        w(v, b + 0x3c40c + i * 0x40, 0xffffffff);
    }
    w(v, b + 0x20124, 0x00400080);
    w(v, b + 0x20128, 0x40804080);
    if (!v->trn2) {
        w(v, b + 0x2012c, (r(v, b + 0x2012c) & ~0x3ffu) | 0x100);
    }
}

/* Steps 15 to 26. */
static void engine_rest(Vendor *v, uint32_t b)
{
    static const RegWrite list[] = {
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

    w(v, b + 0x3b460, r(v, b + 0x3b460) & ~1u);
    w_all(v, b, list, G_N_ELEMENTS(list));
}

static void rmw(Vendor *v, uint32_t off, uint32_t set)
{
    w(v, off, r(v, off) | set);
}

/* Steps 27 to 32, appendix B.2; HW 2.4 places the error block. */
static void engine_errors(Vendor *v, unsigned e, uint32_t b)
{
    static const uint32_t fis_group[] = {
        0x8c000000, 0x9c400000, 0xac000000, 0xbc400000,
    };
    uint32_t fis = fis_group[e / 32] + (e % 32) * 0x20000;
    uint32_t val;

    val = r(v, b + 0x3a010) | 0x00020000;
    w(v, b + 0x3a010, val);
    w(v, b + 0x3a030, val);
    val = r(v, b + 0x3a050) | 0x00000800;
    w(v, b + 0x3a050, val);
    w(v, b + 0x3a070, val);
    rmw(v, fis + 0x90, 0x800);
    rmw(v, fis + 0xd0, 0x4);
    rmw(v, b + 0x0020c, 0x00020000);
    rmw(v, b + 0x2020c, 0x00000800);
}

void vendor_engine_init(Vendor *v, unsigned engine)
{
    uint32_t b = qt_engine_bar0(engine);

    engine_data_path(v, b);
    engine_rest(v, b);
    if (engine < 128) {
        engine_errors(v, engine, b);
    }
}

/* --- queues --- */

void vendor_queue_init(Vendor *v, unsigned engine, unsigned queue, uint64_t m2s,
                       uint64_t s2m, uint32_t len)
{
    uint32_t h = qt_engine_bar0(engine) + 0x1000 + queue * 0x1000;
    uint32_t s = h + 0x20000;

    w(v, h + 0x74, 0x00000003);
    w(v, h + 0x20, 0x03000000);
    w(v, h + 0xb0, 0x00000100);
    w(v, h + 0x28, m2s);
    w(v, h + 0x2c, m2s >> 32);
    w(v, h + 0x30, len);
    w(v, h + 0xa0, 0x00000000);
    w(v, h + 0x20, 0x03030000);
    w(v, s + 0x20, 0x03000000);
    w(v, s + 0x64, 0x00000100);
    w(v, s + 0x28, s2m);
    w(v, s + 0x2c, s2m >> 32);
    w(v, s + 0x30, len);
    w(v, s + 0x54, 0x00000000);
    w(v, s + 0x20, 0x03030000);
}

/* HW 5.3: page-aligned rings and completion words of its own. */
static void h2t_queue_init(Vendor *v, unsigned nc)
{
    QtVm *vm = v->dev->vm;
    QtQueue *q = g_new0(QtQueue, 1);
    uint32_t page;

    drop_rings(v, nc);
    q->dev = v->dev;
    q->engine = 128 + nc / 2;
    q->queue = nc % 2;
    page = qt_engine_bar0(q->engine) + 0x1000 + q->queue * 0x1000;
    q->m2s = (QtRing) { .page = page, .len = VENDOR_RING };
    q->s2m = (QtRing) { .page = page + 0x20000, .len = VENDOR_RING };
    q->m2s.addr = qt_alloc(vm, VENDOR_RING * 16, 4096) | HOST_BIT;
    q->s2m.addr = qt_alloc(vm, VENDOR_RING * 16, 4096) | HOST_BIT;
    v->contexts[nc] = qt_alloc(vm, 24, 4096);
    qt_queue_rewind(q);
    v->h2t[nc] = q;
    vendor_queue_init(v, q->engine, q->queue, q->m2s.addr, q->s2m.addr,
                      VENDOR_RING);
}

void vendor_dma_init(Vendor *v, unsigned cores)
{
    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        unsigned pair = 3u << (nc & ~1u);
        bool fresh = !v->initialised || (cores & pair) == pair;

        if (!(cores & 1u << nc)) {
            continue;
        }
        for (unsigned e = 16 * nc; e < 16 * nc + 16; e++) {
            vendor_engine_init(v, e);
        }
        if (nc % 2 == 0 && fresh) {
            vendor_engine_init(v, 128 + nc / 2);
        }
        h2t_queue_init(v, nc);
    }
    v->initialised = true;
}

void vendor_start(Vendor *v)
{
    vendor_reset(v, VENDOR_ALL_CORES);
    vendor_dma_init(v, vendor_cores(v));
}

/* --- copies --- */

static uint64_t context(Vendor *v, unsigned core, unsigned ctx)
{
    return v->contexts[core] + ctx * 8;
}

/* Descriptors at the tail of a ring, in as few accesses as the wrap allows. */
static void put_descs(QtQueue *q, QtRing *r, const uint8_t *descs, uint32_t n)
{
    for (uint32_t part; n; n -= part, descs += part * 16) {
        part = MIN(n, r->len - r->tail);
        qt_mem_write(q->dev, r->addr + r->tail * 16, descs, part * 16);
        r->posted += part;
        r->tail += part;
        if (r->tail == r->len) {
            r->tail = 0;
            r->ring_id = (r->ring_id + 1) % 4;
        }
    }
}

/* The id that the descriptor @i places behind the tail has: HW 3.4. */
static uint32_t id_bits(const QtRing *r, uint32_t i)
{
    return (r->ring_id + (r->tail + i) / r->len) % 4 << 24;
}

static void set_desc(uint8_t *d, uint32_t w0, uint32_t w1, uint64_t addr)
{
    stl_le_p(d, w0);
    stl_le_p(d + 4, w1);
    stq_le_p(d + 8, addr);
}

static void set_pair(QtQueue *q, uint8_t *m2s, uint8_t *s2m, uint32_t i,
                     const VendorCopy *c)
{
    uint64_t at = (uint64_t)i * 65536;
    uint32_t len = MIN(c->len - at, 65536) & 0xffff;
    bool last = at + 65536 >= c->len;

    set_desc(m2s + i * 16,
             M2S_FIRST | M2S_LAST | c->m2s_flags | id_bits(&q->m2s, i) | len,
             last ? c->last_op : OP_COPY, c->src + (uint64_t)i * c->src_step);
    set_desc(s2m + i * 16, id_bits(&q->s2m, i) | len, 0, c->dst + at);
}

void vendor_submit(Vendor *v, unsigned core, unsigned ctx, const VendorCopy *c)
{
    QtQueue *q = v->h2t[core];
    QTestState *qts = v->dev->vm->qts;
    uint32_t n = DIV_ROUND_UP(c->len, 65536);
    uint64_t words = context(v, core, ctx);
    g_autofree uint8_t *m2s = g_malloc((n + 1) * 16);
    g_autofree uint8_t *s2m = g_malloc((n + 1) * 16);

    g_assert_cmpuint(n, <=, VENDOR_BATCH);
    for (uint32_t i = 0; i < n; i++) {
        set_pair(q, m2s, s2m, i, c);
    }
    set_desc(m2s + n * 16, M2S_FIRST | M2S_LAST | id_bits(&q->m2s, n) | 4,
             OP_COPY, words | HOST_BIT);
    set_desc(s2m + n * 16, c->marker_s2m_flags | id_bits(&q->s2m, n) | 4, 0,
             (words + 4) | HOST_BIT);
    put_descs(q, &q->m2s, m2s, n + 1);
    put_descs(q, &q->s2m, s2m, n + 1);
    qtest_writel(qts, words, MARKER);
    qtest_writel(qts, words + 4, 0);
    qt_ring(q);
}

void vendor_wait(Vendor *v, unsigned core, unsigned ctx)
{
    g_autofree char *what = g_strdup_printf("marker %u of core %u", ctx, core);

    qt_wait_mem32(v->dev->vm, context(v, core, ctx) + 4, MARKER, what);
}

void vendor_copy(Vendor *v, unsigned core, uint64_t dst, uint64_t src,
                 uint64_t len)
{
    const VendorCopy c = {
        .dst = dst, .src = src, .src_step = 65536, .len = len,
        .last_op = OP_LAST,
    };

    vendor_submit(v, core, 0, &c);
    vendor_wait(v, core, 0);
}

void vendor_round_trip(Vendor *v, unsigned core, uint64_t host, uint64_t hbm,
                       uint64_t len, uint32_t seed)
{
    qt_mem_fill(v->dev, host, len, seed);
    vendor_copy(v, core, hbm, host, len);
    qt_mem_set(v->dev, host, 0, len);
    vendor_copy(v, core, host, hbm, len);
    qt_mem_expect(v->dev, host, len, seed);
}
