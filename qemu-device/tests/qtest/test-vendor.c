/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run of the vendor driver, HW 11 and the sections that it names, on
 * every revision and generation: probe, work of users, removal.
 */
#include "qt-vendor.h"

#include "qemu/bswap.h"

/* HW 0: the memory below belongs to the firmware. */
#define HBM0 0x1000000ULL
#define HBM(stack) (qt_hbm_base[stack] + HBM0)

typedef struct Life {
    Vendor v;
    uint64_t host;              /* 2 MiB, a chip address */
} Life;

static void life_begin(Life *l, QtDev *dev)
{
    vendor_init(&l->v, dev);
    l->host = qt_alloc(dev->vm, 2 * MIB, 4096) | HOST_BIT;
    vendor_probe(&l->v);
    vendor_start(&l->v);
}

static void life_end(Life *l)
{
    vendor_fini(&l->v);
}

static bool has_core(Life *l, unsigned nc)
{
    return vendor_cores(&l->v) & 1u << nc;
}

/* --- requests of users --- */

static void copies_of_every_core(Life *l)
{
    static const uint64_t lengths[] = { 1, 4096, 65536, 65537, 300001 };

    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        for (size_t i = 0; has_core(l, nc) && i < G_N_ELEMENTS(lengths); i++) {
            vendor_round_trip(&l->v, nc, l->host, HBM(nc / 2), lengths[i],
                              nc * 8 + i);
        }
    }
}

/* HW 4.7: contexts 1 and 2 in flight together, waited for in either order. */
static void asynchronous_copies(Life *l)
{
    Vendor *v = &l->v;

    qt_mem_fill(v->dev, l->host, 2 * MIB, 21);
    qt_mem_set(v->dev, HBM(0), 0, 2 * MIB);
    for (unsigned ctx = 1; ctx <= 2; ctx++) {
        uint64_t at = (ctx - 1) * MIB;
        const VendorCopy c = {
            .dst = HBM(0) + at, .src = l->host + at, .src_step = 65536,
            .len = MIB, .last_op = OP_COPY_BARRIER,
        };

        vendor_submit(v, 0, ctx, &c);
    }
    vendor_wait(v, 0, 2);
    vendor_wait(v, 0, 1);
    qt_mem_expect(v->dev, HBM(0), 2 * MIB, 21);
}

/*
 * HW 4.5 and 4.7: pages of a user, unaligned at both ends, two batches in
 * flight; the last marker is ordered strongly.
 */
static void zero_copies(Life *l)
{
    Vendor *v = &l->v;
    const uint64_t off = 0x123, batch = 256 * KIB;

    qt_mem_fill(v->dev, l->host + off, 2 * batch + 77, 22);
    qt_mem_set(v->dev, HBM(0), 0xee, 3 * batch);
    for (unsigned i = 0; i < 2; i++) {
        const VendorCopy c = {
            .dst = HBM(0) + 3 + i * batch, .src = l->host + off + i * batch,
            .src_step = 65536, .len = i ? batch + 77 : batch,
            .last_op = OP_COPY, .marker_s2m_flags = i ? 1u << 29 : 0,
        };

        vendor_submit(v, 0, 1 + i, &c);
    }
    vendor_wait(v, 0, 2);
    qt_mem_expect(v->dev, HBM(0) + 3, 2 * batch + 77, 22);
    qt_mem_expect_byte(v->dev, HBM(0), 0xee, 3);
    qt_mem_expect_byte(v->dev, HBM(0) + 3 + 2 * batch + 77, 0xee, 100);
}

/* HW 4.7: host to HBM once, then HBM to HBM from one source. */
static void memset_by_copies(Life *l)
{
    Vendor *v = &l->v;
    const VendorCopy spread = {
        .dst = HBM(0) + 65536, .src = HBM(0), .len = MIB - 65536,
        .last_op = OP_COPY_BARRIER,
    };

    qt_mem_set(v->dev, l->host, 0x5a, 65536);
    qt_mem_set(v->dev, HBM(0), 0, MIB + 4096);
    vendor_copy(v, 0, HBM(0), l->host, 65536);
    vendor_submit(v, 0, 0, &spread);
    vendor_wait(v, 0, 0);
    qt_mem_expect_byte(v->dev, HBM(0), 0x5a, MIB);
    qt_mem_expect_byte(v->dev, HBM(0) + MIB, 0, 4096);
}

/*
 * HW 5.4: queue 0 of the engines that reach the host; DMB on every descriptor.
 */
static void scrub(Life *l, unsigned stack)
{
    Vendor *v = &l->v;
    QtDev *dev = v->dev;

    qt_mem_fill(dev, HBM(stack), 256 * KIB, 23);
    qt_mem_set(dev, l->host, 0, 65536);
    for (unsigned e = 32 * stack; e < 32 * stack + 32; e++) {
        QtQueue *q;

        if (!(e & 4)) {
            continue;
        }
        q = qt_queue_new(dev, e, 0, 1024);
        vendor_queue_init(v, e, 0, q->m2s.addr, q->s2m.addr, 1024);
        for (unsigned i = 0; i < 4; i++) {
            qt_s2m(q, 0, HBM(stack) + i * 65536);
            qt_m2s(q, M2S_FIRST | M2S_LAST | M2S_DMB, OP_COPY, l->host);
        }
        qt_post_marker(q);
        qt_ring(q);
        qt_wait_marker(q);
        qt_queue_free(q);
    }
    qt_mem_expect_byte(dev, HBM(stack), 0, 256 * KIB);
}

/* HW 8.1 and 8.3: high, low, size to begin with and to end with. */
static void nq_write(QtDev *dev, uint32_t queue, uint64_t base, uint32_t size)
{
    qt_write(dev, queue + 0x4, base >> 32);
    qt_write(dev, queue + 0x0, base);
    qt_write(dev, queue + 0x8, size);
}

/* HW 8.2: of core 0, of its engine 3, of the TOP_SPs 0 and 1. */
static void notification_queues(Life *l)
{
    static const uint32_t queues[] = {
        0x06001100, 0x06001100 + 15 * 0x28, 0x82300000 + 0x41100,
        0x06a00100, 0x06a40100 + 5 * 0x28,
    };
    QtDev *dev = l->v.dev;
    uint64_t ring = qt_alloc(dev->vm, 65536, 65536);

    qtest_memset(dev->vm->qts, ring, 0, 65536);
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < G_N_ELEMENTS(queues); i++) {
            uint64_t at = ring + i * 8192;

            nq_write(dev, queues[i], at | HOST_BIT, 8192);
            g_assert_cmphex(qt_read(dev, queues[i]), ==, (uint32_t)at);
            g_assert_cmphex(qt_read(dev, queues[i] + 8), ==, 8192);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(queues); i++) {
            nq_write(dev, queues[i], 0, 0);
            g_assert_cmphex(qt_read(dev, queues[i] + 8), ==, 0);
        }
    }
    qt_mem_expect_byte(dev, ring | HOST_BIT, 0, 65536);
}

/* HW 8.5, as the requests 41 to 46 do it; the driver lets event 256 through. */
static void semaphores_and_events(Life *l)
{
    QtDev *dev = l->v.dev;

    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        uint32_t block = 0xd2700000u + nc * 0x04000000u;

        qt_write(dev, block + 0x1400 + 4 * nc, 10);
        qt_write(dev, block + 0x1800 + 4 * nc, 5);
        qt_write(dev, block + 0x1c00 + 4 * nc, 20);
        g_assert_cmpint((int32_t)qt_read(dev, block + 0x1000 + 4 * nc), ==,
                        -5);
        qt_write(dev, block + 4 * 255, 1);
        g_assert_cmphex(qt_read(dev, block + 4 * 255), ==, 1);
        qt_write(dev, block + 4 * 256, 1);
        g_assert_cmphex(qt_read(dev, block + 4 * 256), ==, 0);
    }
}

/* --- a process with queues of its own --- */

/*
 * HW 5.3: rings in HBM whose descriptors the kernel writes by DMA, doorbells
 * by request 35. HW 3.9: at the end each queue is set up anew over one dummy
 * page, although descriptors are still pending.
 */
static void process_with_rings_in_hbm(Life *l, bool dies_early)
{
    Vendor *v = &l->v;
    QtDev *dev = v->dev;
    uint64_t dummy = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    g_autofree uint8_t *descs = g_malloc0(2 * 48 * 16);
    uint64_t rings = HBM(0) + 16 * MIB;
    QtQueue *q = qt_queue_new(dev, 3, 9, 48);

    /* HW 3.3: a multiple of 16, no power of two. */
    q->m2s.addr = rings;
    q->s2m.addr = rings + 48 * 16;
    vendor_queue_init(v, 3, 9, q->m2s.addr, q->s2m.addr, 48);
    for (unsigned i = 0; i < 48; i++) {
        stl_le_p(descs + i * 16, M2S_FIRST | M2S_LAST | 1 << 24 | 4096);
        stl_le_p(descs + i * 16 + 4, OP_COPY);
        stq_le_p(descs + i * 16 + 8, HBM(0));
        stl_le_p(descs + (48 + i) * 16, 1 << 24 | 4096);
        stq_le_p(descs + (48 + i) * 16 + 8, HBM(0) + MIB + i * 4096);
    }
    qt_mem_write(dev, l->host, descs, 2 * 48 * 16);
    vendor_copy(v, 0, rings, l->host, 2 * 48 * 16);
    qt_mem_fill(dev, HBM(0), 4096, 31);
    /* HW 11.7: a full ring; the S2M side may stay short of it. */
    qt_write(dev, q->s2m.page + Q_DOORBELL, dies_early ? 7 : 48);
    qt_write(dev, q->m2s.page + Q_DOORBELL, 48);
    qt_wait_count(q, dies_early ? 7 : 48);
    qt_mem_expect(dev, HBM(0) + MIB + 6 * 4096, 4096, 31);

    vendor_queue_init(v, 3, 9, dummy, dummy, 64);
    g_assert_cmphex(qt_read(dev, q->m2s.page + Q_HEAD), ==, 0x40000000);
    qt_mem_set(dev, HBM(0) + MIB, 0, 48 * 4096);
    qt_mem_set(dev, dummy, 0xff, 4096);
    qt_queue_free(q);

    /* The next process finds the queue usable, and nothing of the last one. */
    q = qt_queue_new(dev, 3, 9, 64);
    vendor_queue_init(v, 3, 9, q->m2s.addr, q->s2m.addr, 64);
    qt_copy_verify(q, HBM(0) + 2 * MIB, l->host, 65536, 32);
    qt_mem_expect_byte(dev, HBM(0) + MIB, 0, 48 * 4096);
    qt_mem_expect_byte(dev, dummy, 0xff, 4096);
    qt_queue_free(q);
}

/* --- resets --- */

/*
 * HW 5.5, 7.5: one core of a pair is reset and gets fresh rings while the queue
 * of the other is at work, on the same engine.
 */
static void reset_of_one_core(Life *l, unsigned nc)
{
    Vendor *v = &l->v;
    unsigned other = nc ^ 1;
    const VendorCopy busy = {
        .dst = HBM(1) + MIB, .src = HBM(1), .len = 1500ULL * 65536,
        .last_op = OP_COPY_BARRIER,
    };

    qt_mem_fill(v->dev, HBM(1), 65536, 41);
    vendor_submit(v, other, 1, &busy);
    vendor_reset(v, 1u << nc);
    vendor_dma_init(v, 1u << nc);
    vendor_round_trip(v, nc, l->host, HBM(nc / 2), 65536, 42);
    vendor_wait(v, other, 1);
    qt_mem_expect(v->dev, HBM(1) + MIB + 1499ULL * 65536, 65536, 41);
    vendor_round_trip(v, other, l->host, HBM(nc / 2), 65536, 43);
}

/* HW 7.5: by sysfs, nothing is set up again and old indices are used on. */
static void reset_without_setup(Life *l)
{
    Vendor *v = &l->v;

    for (unsigned i = 0; i < 3; i++) {
        vendor_round_trip(v, 0, l->host, HBM(0), 200000, 50 + i);
        vendor_reset(v, VENDOR_ALL_CORES);
    }
    vendor_round_trip(v, 0, l->host, HBM(0), 200000, 53);
}

/* --- removal --- */

/*
 * HW 11.4: mastering off, queues of notifications ended through BAR0, memory
 * freed and used by others; engines and queues stay enabled.
 */
static void removal(Life *l)
{
    Vendor *v = &l->v;
    QtDev *dev = v->dev;
    uint32_t nq = 0x82041100;
    uint64_t was = qt_alloc(dev->vm, 4096, 4096);

    nq_write(dev, nq, was | HOST_BIT, 4096);
    qt_dev_set_master(dev, false);
    nq_write(dev, nq, 0, 0);
    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        if (has_core(l, nc)) {
            qt_mem_set(dev, v->h2t[nc]->m2s.addr, 0xdd, VENDOR_RING * 16);
            qt_mem_set(dev, v->h2t[nc]->s2m.addr, 0xdd, VENDOR_RING * 16);
        }
    }
    qt_dev_set_master(dev, true);
    for (unsigned nc = 0; nc < VENDOR_CORES; nc++) {
        if (has_core(l, nc)) {
            qt_mem_expect_byte(dev, v->h2t[nc]->m2s.addr, 0xdd,
                               VENDOR_RING * 16);
        }
    }
}

/* --- lives --- */

static void everything(Life *l)
{
    bool resets = l->v.rev != VENDOR_REV_EMU || l->v.trn2;

    copies_of_every_core(l);
    asynchronous_copies(l);
    zero_copies(l);
    memset_by_copies(l);
    notification_queues(l);
    semaphores_and_events(l);
    process_with_rings_in_hbm(l, false);
    process_with_rings_in_hbm(l, true);
    if (vendor_cores(&l->v) == VENDOR_ALL_CORES) {
        for (unsigned stack = 0; stack < 4; stack++) {
            scrub(l, stack);
        }
        reset_of_one_core(l, 4);
        reset_of_one_core(l, 5);
    } else {
        scrub(l, 0);
    }
    if (resets) {
        reset_without_setup(l);
    }
    copies_of_every_core(l);
}

static void life_on(const char *type, const char *props)
{
    g_autofree char *args = g_strdup_printf("-device %s,id=trn0,addr=4,%s",
                                            type, props);
    QtDev *dev = qt_dev_open(qt_vm_start(args), 0, 4);

    /* Loaded twice, the second time over the state that the first left. */
    for (unsigned load = 0; load < 2; load++) {
        Life l;

        life_begin(&l, dev);
        if (load) {
            copies_of_every_core(&l);
        } else {
            everything(&l);
        }
        removal(&l);
        life_end(&l);
    }
    qt_stop(dev);
}

static void life_of_a_trainium3_on_the_qemu_revision(void)
{
    life_on("trn3", "rev=0xff,hbm-size=1G");
}

/* HW 1.3: there BAR4 has its full size or trouble begins. */
static void life_of_a_trainium3_on_silicon(void)
{
    life_on("trn3", "rev=0,hbm-size=256G,x-mbox-not-ready=12");
}

static void life_of_a_trainium3_on_the_emulator(void)
{
    life_on("trn3", "rev=0xf0,hbm-size=256G");
}

static void life_of_a_trainium2_on_the_qemu_revision(void)
{
    life_on("trn2", "rev=0xff,hbm-size=1G");
}

static void life_of_a_trainium2_on_silicon(void)
{
    life_on("trn2", "rev=0,hbm-size=256G");
}

static void life_of_a_trainium2_on_the_emulator(void)
{
    life_on("trn2", "rev=0xf0,hbm-size=256G");
}

/* HW 4.7 and 11.3: the largest batches, until the ids have gone all round. */
static void h2t_ring_wraps_under_the_largest_batches(void)
{
    QtDev *dev = qt_start("hbm-size=1G");
    const VendorCopy batch = {
        .dst = HBM(0) + MIB, .src = HBM(0), .len = VENDOR_BATCH * 65536ULL,
        .last_op = OP_COPY_BARRIER,
    };
    unsigned descs = 0;
    Vendor v;

    vendor_init(&v, dev);
    vendor_start(&v);
    qt_mem_fill(dev, HBM(0), 65536, 1);
    while (descs < 5 * VENDOR_RING) {
        qt_mem_set(dev, batch.dst + batch.len - 65536, 0, 65536);
        vendor_submit(&v, 1, 0, &batch);
        vendor_wait(&v, 1, 0);
        descs += VENDOR_BATCH + 1;
        g_assert_cmphex(qt_read(dev, v.h2t[1]->s2m.page + Q_HEAD), ==,
                        (1 + descs / VENDOR_RING) % 4 << 30 |
                        descs % VENDOR_RING);
        qt_mem_expect(dev, batch.dst + batch.len - 65536, 65536, 1);
    }
    vendor_fini(&v);
    qt_stop(dev);
}

/*
 * An error of a process must not affect the kernel. After an error that aborts
 * the engine, HW 3.9 and the setup of the scrub recover the queues that they
 * use.
 */
static void scrub_works_on_an_engine_that_a_process_has_aborted(void)
{
    QtDev *dev = qt_start("hbm-size=1G,abort=on");
    QtQueue *q;
    Life l;

    dev->vm->guest_errors = true;
    life_begin(&l, dev);
    q = qt_queue_new(dev, 4, 2, 64);
    qt_pair(q, HBM(0), 0x002900000000ULL, 4096);
    qt_ring(q);
    qt_wait_reg(dev, qt_engine_bar0(4) + 0x200, 0x3333, 0x2222, "M2S state");
    scrub(&l, 0);
    qt_queue_program(q);
    qt_copy_verify(q, HBM(0), l.host, 4096, 2);
    qt_queue_free(q);
    life_end(&l);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/vendor/" #name, name)
    T(life_of_a_trainium3_on_the_qemu_revision);
    T(life_of_a_trainium3_on_silicon);
    T(life_of_a_trainium3_on_the_emulator);
    T(life_of_a_trainium2_on_the_qemu_revision);
    T(life_of_a_trainium2_on_silicon);
    T(life_of_a_trainium2_on_the_emulator);
    T(h2t_ring_wraps_under_the_largest_batches);
    T(scrub_works_on_an_engine_that_a_process_has_aborted);
    return g_test_run();
}
