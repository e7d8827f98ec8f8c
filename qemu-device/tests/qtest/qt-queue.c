/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The software side of a queue pair, HW 3 and 4: rings, ring ids, doorbells and
 * the completion marker. Written without a look at the device's own ring code.
 */
#include "qt.h"

#include "qemu/bswap.h"

/* HW 2.4: odd groups of 32 engines sit at +0x4000000, even at +0x2000000. */
uint32_t qt_engine_bar0(unsigned e)
{
    static const uint32_t group[] = {
        0x82000000, 0x94000000, 0xa2000000, 0xb4000000,
    };
    static const uint32_t h2t[] = {
        0x06800000, 0x06900000, 0x46800000, 0x46900000,
    };

    return e < 128 ? group[e / 32] + (e % 32) * 0x100000 : h2t[e - 128];
}

uint64_t qt_engine_chip(unsigned e)
{
    static const uint64_t group[] = {
        0x001002000000, 0x005004000000, 0x801002000000, 0x805004000000,
    };
    static const uint64_t h2t[] = {
        0x008006800000, 0x008006900000, 0x808006800000, 0x808006900000,
    };

    return e < 128 ? group[e / 32] + (e % 32) * 0x100000 : h2t[e - 128];
}

static void ring_rewind(QtRing *r)
{
    r->tail = 0;
    r->ring_id = 1;
    r->posted = 0;
}

void qt_queue_rewind(QtQueue *q)
{
    ring_rewind(&q->m2s);
    ring_rewind(&q->s2m);
}

void qt_queue_program(QtQueue *q)
{
    QtDev *dev = q->dev;
    uint32_t h = q->m2s.page;
    uint32_t r = q->s2m.page;

    qt_queue_rewind(q);
    qt_write(dev, h + 0x74, 0x00000003);
    qt_write(dev, h + 0x20, 0x03000000);
    qt_write(dev, h + 0xb0, 0x00000100);
    qt_write(dev, h + 0x28, q->m2s.addr);
    qt_write(dev, h + 0x2c, q->m2s.addr >> 32);
    qt_write(dev, h + 0x30, q->m2s.len);
    qt_write(dev, h + 0xa0, 0x00000000);
    qt_write(dev, h + 0x20, 0x03030000);
    qt_write(dev, r + 0x20, 0x03000000);
    qt_write(dev, r + 0x64, 0x00000100);
    qt_write(dev, r + 0x28, q->s2m.addr);
    qt_write(dev, r + 0x2c, q->s2m.addr >> 32);
    qt_write(dev, r + 0x30, q->s2m.len);
    qt_write(dev, r + 0x54, 0x00000000);
    qt_write(dev, r + 0x20, 0x03030000);
}

QtQueue *qt_queue_new(QtDev *dev, unsigned engine, unsigned queue,
                      uint32_t len)
{
    QtQueue *q = g_new0(QtQueue, 1);
    QtVm *vm = dev->vm;

    q->dev = dev;
    q->engine = engine;
    q->queue = queue;
    q->m2s.page = qt_engine_bar0(engine) + 0x1000 + queue * 0x1000;
    q->s2m.page = qt_engine_bar0(engine) + 0x21000 + queue * 0x1000;
    q->m2s.len = q->s2m.len = len;
    q->m2s.addr = qt_alloc(vm, len * 16, 256) | HOST_BIT;
    q->s2m.addr = qt_alloc(vm, len * 16, 256) | HOST_BIT;
    q->marker = qt_alloc(vm, 8, 8);
    qt_queue_program(q);
    return q;
}

void qt_queue_free(QtQueue *q)
{
    g_free(q);
}

void qt_queue_reset(QtQueue *q)
{
    qt_write(q->dev, q->m2s.page + 0xb0, 0x100);
    qt_write(q->dev, q->s2m.page + 0x64, 0x100);
    qt_queue_rewind(q);
}

static void ring_put(QtDev *dev, QtRing *r, uint32_t w0, uint32_t w1,
                     uint64_t addr)
{
    uint32_t desc[4] = {
        cpu_to_le32(w0 | r->ring_id << 24),
        cpu_to_le32(w1),
        cpu_to_le32(addr),
        cpu_to_le32(addr >> 32),
    };

    qt_mem_write(dev, r->addr + r->tail * 16, desc, sizeof(desc));
    r->posted++;
    if (++r->tail == r->len) {
        r->tail = 0;
        r->ring_id = (r->ring_id + 1) % 4;
    }
}

void qt_m2s(QtQueue *q, uint32_t w0, uint32_t op, uint64_t addr)
{
    ring_put(q->dev, &q->m2s, w0, op, addr);
}

void qt_s2m(QtQueue *q, uint32_t w0, uint64_t addr)
{
    ring_put(q->dev, &q->s2m, w0, 0, addr);
}

void qt_pair(QtQueue *q, uint64_t dst, uint64_t src, uint32_t len)
{
    /* HW 4.1: 0 in the length field stands for 65,536. */
    qt_s2m(q, len & 0xffff, dst);
    qt_m2s(q, M2S_FIRST | M2S_LAST | (len & 0xffff), OP_COPY, src);
}

void qt_post_copy(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len)
{
    while (len) {
        uint32_t n = MIN(len, 65536);

        qt_pair(q, dst, src, n);
        dst += n;
        src += n;
        len -= n;
    }
}

static void put_desc(uint8_t *ring, uint32_t i, uint32_t w0, uint32_t w1,
                     uint64_t addr)
{
    stl_le_p(ring + i * 16, w0);
    stl_le_p(ring + i * 16 + 4, w1);
    stq_le_p(ring + i * 16 + 8, addr);
}

static void post_many(QtQueue *q, uint64_t dst, uint64_t src, uint32_t n,
                      uint32_t places)
{
    g_autofree uint8_t *m2s = g_malloc(n * 16);
    g_autofree uint8_t *s2m = g_malloc(n * 16);

    g_assert_cmpuint(q->m2s.tail, ==, 0);
    g_assert_cmpuint(n, <, q->m2s.len);
    for (uint32_t i = 0; i < n; i++) {
        put_desc(m2s, i, M2S_FIRST | M2S_LAST | q->m2s.ring_id << 24, OP_COPY,
                 src);
        put_desc(s2m, i, q->s2m.ring_id << 24, 0, dst + i % places * 65536);
    }
    qt_mem_write(q->dev, q->m2s.addr, m2s, n * 16);
    qt_mem_write(q->dev, q->s2m.addr, s2m, n * 16);
    q->m2s.tail = q->s2m.tail = n;
    q->m2s.posted += n;
    q->s2m.posted += n;
}

void qt_post_long(QtQueue *q, uint64_t dst, uint64_t src, uint32_t n)
{
    post_many(q, dst, src, n, 256);
}

void qt_post_same(QtQueue *q, uint64_t dst, uint64_t src, uint32_t n)
{
    post_many(q, dst, src, n, 1);
}

void qt_post_marker(QtQueue *q)
{
    qtest_writel(q->dev->vm->qts, q->marker, MARKER);
    qtest_writel(q->dev->vm->qts, q->marker + 4, 0);
    qt_pair(q, (q->marker + 4) | HOST_BIT, q->marker | HOST_BIT, 4);
}

static void ring_doorbell(QtDev *dev, QtRing *r)
{
    qt_write(dev, r->page + Q_DOORBELL, r->posted);
    r->posted = 0;
}

void qt_ring_s2m(QtQueue *q)
{
    ring_doorbell(q->dev, &q->s2m);
}

void qt_ring_m2s(QtQueue *q)
{
    ring_doorbell(q->dev, &q->m2s);
}

void qt_ring(QtQueue *q)
{
    qt_ring_s2m(q);
    qt_ring_m2s(q);
}

bool qt_marker_arrived(QtQueue *q)
{
    return qtest_readl(q->dev->vm->qts, q->marker + 4) == MARKER;
}

void qt_wait_marker(QtQueue *q)
{
    g_autofree char *what = g_strdup_printf("marker of engine %u queue %u",
                                            q->engine, q->queue);

    qt_wait_mem32(q->dev->vm, q->marker + 4, MARKER, what);
}

void qt_copy(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len)
{
    qt_post_copy(q, dst, src, len);
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
}

void qt_copy_verify(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len,
                    uint32_t seed)
{
    qt_mem_fill(q->dev, src, len, seed);
    qt_mem_set(q->dev, dst, 0, len);
    qt_copy(q, dst, src, len);
    qt_mem_expect(q->dev, dst, len, seed);
}

void qt_wait_count(QtQueue *q, uint64_t want)
{
    uint32_t block = qt_qctl(q->engine, q->queue);
    int64_t end = qt_deadline();
    uint64_t got;

    while ((got = qt_trnx_read64(q->dev, block + QCTL_COUNT)) < want) {
        if (g_get_monotonic_time() > end) {
            g_error("engine %u queue %u retired %" PRIu64 " descriptors, "
                    "never %" PRIu64, q->engine, q->queue, got, want);
        }
    }
}
