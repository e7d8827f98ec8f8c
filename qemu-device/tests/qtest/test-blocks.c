/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Semaphores, events, notification queues, on-chip memory: HW 2.2 and 8. */
#include "qt.h"

#include "qemu/bswap.h"

static const uint64_t tpb_chip[8] = {
    0x002000000000, 0x003000000000, 0x006000000000, 0x007000000000,
    0x802000000000, 0x803000000000, 0x806000000000, 0x807000000000,
};

static uint32_t tpb_bar0(unsigned nc)
{
    return 0xd0000000u + nc * 0x04000000u;
}

static uint64_t top_sp_chip(unsigned i)
{
    return i < 10 ? 0x008280000000 + i * 0x40000000ULL
                  : 0x808280000000 + (i - 10) * 0x40000000ULL;
}

/* The block of 0x2000 bytes: events, then read, set, add, subtract windows. */
static void semaphore_arithmetic(QtDev *dev, uint32_t block, unsigned s)
{
    uint32_t off = s * 4;

    qt_write(dev, block + 0x1400 + off, 1000 + s);
    g_assert_cmpuint(qt_read(dev, block + 0x1000 + off), ==, 1000 + s);
    qt_write(dev, block + 0x1800 + off, 5);
    g_assert_cmpuint(qt_read(dev, block + 0x1000 + off), ==, 1005 + s);
    qt_write(dev, block + 0x1c00 + off, 2000);
    g_assert_cmpint((int32_t)qt_read(dev, block + 0x1000 + off), ==,
                    -995 + (int)s);
}

static void semaphores_of_all_cores_add_and_subtract(void)
{
    QtDev *dev = qt_start("");

    for (unsigned nc = 0; nc < 8; nc++) {
        for (unsigned s = 0; s < 256; s++) {
            semaphore_arithmetic(dev, tpb_bar0(nc) + 0x2700000, s);
        }
    }
    /* HW 8.5: NC7's are at 0xee701000; none shares a word with another. */
    g_assert_cmpint((int32_t)qt_read(dev, 0xee701000), ==, -995);
    for (unsigned nc = 0; nc < 8; nc++) {
        for (unsigned s = 0; s < 256; s++) {
            g_assert_cmpint((int32_t)qt_read(dev, tpb_bar0(nc) + 0x2701000
                                             + s * 4), ==, -995 + (int)s);
        }
    }
    qt_stop(dev);
}

static void semaphores_of_all_top_sps_add_and_subtract(void)
{
    QtDev *dev = qt_start("");

    for (unsigned i = 0; i < 20; i++) {
        semaphore_arithmetic(dev, 0xf0000000u + i * 0x400000, i);
        semaphore_arithmetic(dev, 0xf0000000u + i * 0x400000, 255);
    }
    qt_stop(dev);
}

static void events_hold_what_was_written(void)
{
    QtDev *dev = qt_start("");

    for (unsigned nc = 0; nc < 8; nc++) {
        uint32_t events = tpb_bar0(nc) + 0x2700000;

        for (unsigned e = 0; e < 256; e++) {
            g_assert_cmpuint(qt_read(dev, events + e * 4), ==, 0);
            qt_write(dev, events + e * 4, (e ^ nc) & 1);
        }
        for (unsigned e = 0; e < 256; e++) {
            g_assert_cmpuint(qt_read(dev, events + e * 4), ==, (e ^ nc) & 1);
        }
    }
    qt_stop(dev);
}

static uint32_t dma_read32(QtQueue *q, uint64_t host, uint64_t addr)
{
    qt_copy(q, host | HOST_BIT, addr, 4);
    return qtest_readl(q->dev->vm->qts, host);
}

static void dma_write32(QtQueue *q, uint64_t host, uint64_t addr, uint32_t val)
{
    qtest_writel(q->dev->vm->qts, host, val);
    qt_copy(q, addr, host | HOST_BIT, 4);
}

static void dma_moves_semaphores_and_events_of_every_core(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 64, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 4, 4);

    for (unsigned nc = 0; nc < 8; nc++) {
        uint64_t block = tpb_chip[nc] + 0x2700000;
        uint32_t value = tpb_bar0(nc) + 0x2701000 + 7 * 4;

        dma_write32(q, host, block + 0x1400 + 7 * 4, 100);
        dma_write32(q, host, block + 0x1800 + 7 * 4, 11);
        g_assert_cmpuint(qt_read(dev, value), ==, 111);
        dma_write32(q, host, block + 0x1c00 + 7 * 4, 12);
        g_assert_cmpuint(qt_read(dev, value), ==, 99);
        g_assert_cmpuint(dma_read32(q, host, block + 0x1000 + 7 * 4), ==, 99);
        dma_write32(q, host, block + 9 * 4, 1);
        g_assert_cmpuint(qt_read(dev, tpb_bar0(nc) + 0x2700000 + 9 * 4), ==,
                         1);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void dma_reaches_all_20_top_sps(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 65, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 4, 4);

    for (unsigned i = 0; i < 20; i++) {
        uint32_t window = 0xf0000000u + i * 0x400000;

        dma_write32(q, host, top_sp_chip(i) + 0x1800, i + 1);
        g_assert_cmpuint(qt_read(dev, window + 0x1000), ==, i + 1);
        dma_write32(q, host, top_sp_chip(i) + 0x3ffffc, 0x70500000 + i);
        g_assert_cmphex(qt_read(dev, window + 0x3ffffc), ==, 0x70500000 + i);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

/* One add for every 4-byte write, in the order of the queue. */
static void a_thousand_dma_increments_are_all_counted(void)
{
    QtDev *dev = qt_start("");
    QtQueue *a = qt_queue_new(dev, 64, 0, 1024);
    QtQueue *b = qt_queue_new(dev, 99, 5, 1024);
    uint64_t one = qt_alloc(dev->vm, 4, 4);

    qtest_writel(dev->vm->qts, one, 1);
    for (unsigned i = 0; i < 1000; i++) {
        qt_pair(a, tpb_chip[3] + 0x2701800, one | HOST_BIT, 4);
        qt_pair(b, tpb_chip[3] + 0x2701800, one | HOST_BIT, 4);
    }
    qt_post_marker(a);
    qt_post_marker(b);
    qt_ring(a);
    qt_ring(b);
    qt_wait_marker(a);
    qt_wait_marker(b);
    g_assert_cmpuint(qt_read(dev, tpb_bar0(3) + 0x2701000), ==, 2000);
    qt_queue_free(a);
    qt_queue_free(b);
    qt_stop(dev);
}

/* HW 2.4 and 8.2: where the notification blocks are. */
static void notification_registers_are_storage_of_their_own(void)
{
    static const uint32_t nc_block[8] = {
        0x06001000, 0x06181000, 0x06401000, 0x06581000,
        0x46001000, 0x46181000, 0x46401000, 0x46581000,
    };
    QtDev *dev = qt_start("");
    uint32_t block[8 + 16 + 132];
    unsigned n = 0;

    for (unsigned nc = 0; nc < 8; nc++) {
        block[n++] = nc_block[nc];
    }
    for (unsigned t = 0; t < 16; t++) {
        block[n++] = 0x06a00000 + t % 8 * 0x40000 + (t >= 8 ? 0x40000000 : 0);
    }
    for (unsigned e = 0; e < 132; e++) {
        block[n++] = qt_engine_bar0(e) + 0x41000;
    }
    for (unsigned b = 0; b < n; b++) {
        uint32_t reg = block[b] + 0x100 + b % 16 * 0x28;

        for (unsigned k = 0; k < 4; k++) {
            g_assert_cmphex(qt_read(dev, reg + k * 4), ==, 0);
            qt_write(dev, reg + k * 4, 0x1000 * (b + 1) + 0x100 * k);
        }
    }
    for (unsigned b = 0; b < n; b++) {
        uint32_t reg = block[b] + 0x100 + b % 16 * 0x28;

        for (unsigned k = 0; k < 4; k++) {
            g_assert_cmphex(qt_read(dev, reg + k * 4), ==,
                            0x1000 * (b + 1) + 0x100 * k);
        }
    }
    dev->vm->any_log = true;    /* those sizes are no powers of two */
    qt_stop(dev);
}

static void dma_and_bar0_see_the_same_state_buffer(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 66, 0, 256);
    uint64_t host = qt_alloc(dev->vm, MIB, 4096) | HOST_BIT;
    uint64_t back = qt_alloc(dev->vm, MIB, 4096) | HOST_BIT;

    for (unsigned nc = 0; nc < 8; nc++) {
        uint64_t at = tpb_chip[nc] + 0x1f00000 - nc * 333;
        uint8_t want[8];

        qt_mem_fill(dev, host, MIB, nc);
        qt_copy(q, at, host, MIB);
        qt_copy(q, back, at, MIB);
        qt_mem_expect(dev, back, MIB, nc);
        qt_pattern(want, sizeof(want), nc);

        qt_copy(q, tpb_chip[nc], host, 8);
        g_assert_cmphex(qt_read(dev, tpb_bar0(nc) + 4), ==,
                        (uint32_t)ldl_le_p(want + 4));
        qt_write(dev, tpb_bar0(nc) + 0x1fffffc, 0x5b0f0000 + nc);
        qt_copy(q, back, tpb_chip[nc] + 0x1fffffc, 4);
        g_assert_cmphex(qtest_readl(dev->vm->qts, back & ~HOST_BIT), ==,
                        0x5b0f0000 + nc);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 2.2: a TPB spans 0x804000000 bytes, PREPROC 0x34c0000. */
static void dma_round_trips_through_the_ends_of_on_chip_memory(void)
{
    static const uint64_t preproc[] = {
        0x001200000000, 0x005200000000, 0x801200000000, 0x805200000000,
    };
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 67, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 8192, 4096) | HOST_BIT;
    uint64_t place[12];

    for (unsigned i = 0; i < 8; i++) {
        place[i] = tpb_chip[i] + 0x804000000 - 8192;
    }
    for (unsigned i = 0; i < 4; i++) {
        place[8 + i] = preproc[i] + 0x34c0000 - 8192;
    }
    for (unsigned i = 0; i < 12; i++) {
        qt_mem_fill(dev, host, 8192, i);
        qt_copy(q, place[i], host, 8192);
    }
    for (unsigned i = 0; i < 12; i++) {
        qt_mem_set(dev, host, 0, 8192);
        qt_copy(q, host, place[i], 8192);
        qt_mem_expect(dev, host, 8192, i);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void untouched_on_chip_memory_reads_zero(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 67, 1, 64);
    uint64_t host = qt_alloc(dev->vm, 8192, 4096) | HOST_BIT;

    qt_mem_set(dev, host, 0xff, 8192);
    qt_copy(q, host, tpb_chip[6] + 0x300000000, 8192);
    qt_mem_expect_byte(dev, host, 0, 8192);
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 2.2: engine registers have chip addresses; a doorbell is one of them. */
static void dma_rings_the_doorbell_of_another_queue(void)
{
    QtDev *dev = qt_start("");
    QtQueue *ringer = qt_queue_new(dev, 10, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint64_t word = qt_alloc(dev->vm, 4, 4);

    for (unsigned e = 1; e < 132; e += 10) {
        QtQueue *q = qt_queue_new(dev, e, 3, 32);

        qt_mem_fill(dev, host, 4096, e);
        qt_pair(q, 0x1000000, host, 4096);
        qt_post_marker(q);
        qt_ring_s2m(q);
        qtest_writel(dev->vm->qts, word, q->m2s.posted);
        qt_copy(ringer, qt_engine_chip(e) + 0x4038, word | HOST_BIT, 4);
        qt_wait_marker(q);
        qt_mem_expect(dev, 0x1000000, 4096, e);
        qt_queue_free(q);
    }
    qt_queue_free(ringer);
    qt_stop(dev);
}

/* HW 12: counters of work that the model does not do; high word first. */
static void tensor_engine_counters_read_zero(void)
{
    static const uint32_t blocks[] = {
        0x06141100, 0x062c1100, 0x06541100, 0x066c1100,
        0x46141100, 0x462c1100, 0x46541100, 0x466c1100,
    };
    static const uint32_t counters[] = {
        0x0c0, 0x188, 0x008, 0x038, 0x068, 0x098, 0x0d0,
    };
    QtDev *dev = qt_start("");

    for (size_t nc = 0; nc < G_N_ELEMENTS(blocks); nc++) {
        for (unsigned i = 0; i < 4 * G_N_ELEMENTS(counters); i++) {
            uint32_t at = blocks[nc] + i % 4 * 0x1b0 + counters[i / 4];

            qt_write(dev, at, 0x12345678);
            g_assert_cmphex(qt_read(dev, at + 4), ==, 0);
            g_assert_cmphex(qt_read(dev, at), ==, 0);
        }
    }
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/blocks/" #name, name)
    T(semaphores_of_all_cores_add_and_subtract);
    T(semaphores_of_all_top_sps_add_and_subtract);
    T(events_hold_what_was_written);
    T(dma_moves_semaphores_and_events_of_every_core);
    T(dma_reaches_all_20_top_sps);
    T(a_thousand_dma_increments_are_all_counted);
    T(notification_registers_are_storage_of_their_own);
    T(dma_and_bar0_see_the_same_state_buffer);
    T(dma_round_trips_through_the_ends_of_on_chip_memory);
    T(untouched_on_chip_memory_reads_zero);
    T(tensor_engine_counters_read_zero);
    T(dma_rings_the_doorbell_of_another_queue);
    return g_test_run();
}
