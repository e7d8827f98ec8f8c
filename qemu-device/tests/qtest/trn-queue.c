/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The software side of a queue pair, HW 3 and 4: rings, ring ids, doorbells and
 * the completion marker. Written without a look at the device's own ring code.
 */
#include "trn-qtest.h"

#include "qemu/bswap.h"

/* HW 2.4: odd groups of 32 engines sit at +0x4000000, even at +0x2000000. */
uint32_t trn_engine_bar0(unsigned e)
{
    static const uint32_t group[] = {
        0x82000000, 0x94000000, 0xa2000000, 0xb4000000,
    };
    static const uint32_t h2t[] = {
        0x06800000, 0x06900000, 0x46800000, 0x46900000,
    };

    return e < 128 ? group[e / 32] + (e % 32) * 0x100000 : h2t[e - 128];
}

uint64_t trn_engine_chip(unsigned e)
{
    static const uint64_t group[] = {
        0x001002000000, 0x005004000000, 0x801002000000, 0x805004000000,
    };
    static const uint64_t h2t[] = {
        0x008006800000, 0x008006900000, 0x808006800000, 0x808006900000,
    };

    return e < 128 ? group[e / 32] + (e % 32) * 0x100000 : h2t[e - 128];
}

static void ring_rewind(TrnRing *r)
{
    r->tail = 0;
    r->ring_id = 1;
    r->posted = 0;
}

void trn_queue_rewind(TrnQueue *q)
{
    ring_rewind(&q->m2s);
    ring_rewind(&q->s2m);
}

void trn_queue_program(TrnQueue *q)
{
    TrnDev *dev = q->dev;
    uint32_t h = q->m2s.page;
    uint32_t r = q->s2m.page;

    trn_queue_rewind(q);
    trn_write(dev, h + 0x74, 0x00000003);
    trn_write(dev, h + 0x20, 0x03000000);
    trn_write(dev, h + 0xb0, 0x00000100);
    trn_write(dev, h + 0x28, q->m2s.addr);
    trn_write(dev, h + 0x2c, q->m2s.addr >> 32);
    trn_write(dev, h + 0x30, q->m2s.len);
    trn_write(dev, h + 0xa0, 0x00000000);
    trn_write(dev, h + 0x20, 0x03030000);
    trn_write(dev, r + 0x20, 0x03000000);
    trn_write(dev, r + 0x64, 0x00000100);
    trn_write(dev, r + 0x28, q->s2m.addr);
    trn_write(dev, r + 0x2c, q->s2m.addr >> 32);
    trn_write(dev, r + 0x30, q->s2m.len);
    trn_write(dev, r + 0x54, 0x00000000);
    trn_write(dev, r + 0x20, 0x03030000);
}

TrnQueue *trn_queue_new(TrnDev *dev, unsigned engine, unsigned queue,
                        uint32_t len)
{
    TrnQueue *q = g_new0(TrnQueue, 1);
    TrnVm *vm = dev->vm;

    q->dev = dev;
    q->engine = engine;
    q->queue = queue;
    q->m2s.page = trn_engine_bar0(engine) + 0x1000 + queue * 0x1000;
    q->s2m.page = trn_engine_bar0(engine) + 0x21000 + queue * 0x1000;
    q->m2s.len = q->s2m.len = len;
    q->m2s.addr = trn_alloc(vm, len * 16, 256) | HOST_BIT;
    q->s2m.addr = trn_alloc(vm, len * 16, 256) | HOST_BIT;
    q->marker = trn_alloc(vm, 8, 8);
    trn_queue_program(q);
    return q;
}

void trn_queue_free(TrnQueue *q)
{
    g_free(q);
}

void trn_queue_reset(TrnQueue *q)
{
    trn_write(q->dev, q->m2s.page + 0xb0, 0x100);
    trn_write(q->dev, q->s2m.page + 0x64, 0x100);
    trn_queue_rewind(q);
}

static void ring_put(TrnDev *dev, TrnRing *r, uint32_t w0, uint32_t w1,
                     uint64_t addr)
{
    uint32_t desc[4] = {
        cpu_to_le32(w0 | r->ring_id << 24),
        cpu_to_le32(w1),
        cpu_to_le32(addr),
        cpu_to_le32(addr >> 32),
    };

    trn_mem_write(dev, r->addr + r->tail * 16, desc, sizeof(desc));
    r->posted++;
    if (++r->tail == r->len) {
        r->tail = 0;
        r->ring_id = (r->ring_id + 1) % 4;
    }
}

void trn_m2s(TrnQueue *q, uint32_t w0, uint32_t op, uint64_t addr)
{
    ring_put(q->dev, &q->m2s, w0, op, addr);
}

void trn_s2m(TrnQueue *q, uint32_t w0, uint64_t addr)
{
    ring_put(q->dev, &q->s2m, w0, 0, addr);
}

void trn_pair(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t len)
{
    /* HW 4.1: 0 in the length field stands for 65,536. */
    trn_s2m(q, len & 0xffff, dst);
    trn_m2s(q, M2S_FIRST | M2S_LAST | (len & 0xffff), OP_COPY, src);
}

void trn_post_copy(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len)
{
    while (len) {
        uint32_t n = MIN(len, 65536);

        trn_pair(q, dst, src, n);
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

static void post_many(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t n,
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
    trn_mem_write(q->dev, q->m2s.addr, m2s, n * 16);
    trn_mem_write(q->dev, q->s2m.addr, s2m, n * 16);
    q->m2s.tail = q->s2m.tail = n;
    q->m2s.posted += n;
    q->s2m.posted += n;
}

void trn_post_long(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t n)
{
    post_many(q, dst, src, n, 256);
}

void trn_post_same(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t n)
{
    post_many(q, dst, src, n, 1);
}

void trn_post_marker(TrnQueue *q)
{
    qtest_writel(q->dev->vm->qts, q->marker, MARKER);
    qtest_writel(q->dev->vm->qts, q->marker + 4, 0);
    trn_pair(q, (q->marker + 4) | HOST_BIT, q->marker | HOST_BIT, 4);
}

static void ring_doorbell(TrnDev *dev, TrnRing *r)
{
    trn_write(dev, r->page + Q_DOORBELL, r->posted);
    r->posted = 0;
}

void trn_ring_s2m(TrnQueue *q)
{
    ring_doorbell(q->dev, &q->s2m);
}

void trn_ring_m2s(TrnQueue *q)
{
    ring_doorbell(q->dev, &q->m2s);
}

void trn_ring(TrnQueue *q)
{
    trn_ring_s2m(q);
    trn_ring_m2s(q);
}

bool trn_marker_arrived(TrnQueue *q)
{
    return qtest_readl(q->dev->vm->qts, q->marker + 4) == MARKER;
}

void trn_wait_marker(TrnQueue *q)
{
    g_autofree char *what = g_strdup_printf("marker of engine %u queue %u",
                                            q->engine, q->queue);

    trn_wait_mem32(q->dev->vm, q->marker + 4, MARKER, what);
}

void trn_copy(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len)
{
    trn_post_copy(q, dst, src, len);
    trn_post_marker(q);
    trn_ring(q);
    trn_wait_marker(q);
}

void trn_copy_verify(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len,
                     uint32_t seed)
{
    trn_mem_fill(q->dev, src, len, seed);
    trn_mem_set(q->dev, dst, 0, len);
    trn_copy(q, dst, src, len);
    trn_mem_expect(q->dev, dst, len, seed);
}

void trn_wait_count(TrnQueue *q, uint64_t want)
{
    uint32_t block = trnx_qctl(q->engine, q->queue);
    int64_t end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    uint64_t got;

    while ((got = trnx_read64(q->dev, block + QCTL_COUNT)) < want) {
        if (g_get_monotonic_time() > end) {
            g_error("engine %u queue %u retired %" PRIu64 " descriptors, "
                    "never %" PRIu64, q->engine, q->queue, got, want);
        }
    }
}
