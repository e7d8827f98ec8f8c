/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings, doorbells and packets: HW 3.3, 3.4, 4.1, 4.6. */
#include "qt.h"

#define HBM(off) (0x1000000ULL + (off))

typedef struct Fixture {
    QtDev *dev;
    uint64_t host;              /* 1 MiB, a chip address */
} Fixture;

static void setup(Fixture *f)
{
    f->dev = qt_start("");
    f->host = qt_alloc(f->dev->vm, MIB, 4096) | HOST_BIT;
    qt_mem_fill(f->dev, f->host, MIB, 1);
}

static void teardown(Fixture *f)
{
    qt_stop(f->dev);
}

/* Lengths that are no power of two; the id must be that of HW 3.4. */
static void ring_wraps_at_its_programmed_length(void)
{
    static const uint32_t lengths[] = { 32, 48, 80, 112 };
    Fixture f;

    setup(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        uint32_t len = lengths[i];
        QtQueue *q = qt_queue_new(f.dev, 128, i, len);
        uint32_t total = 0;

        while (total < 5 * len) {
            for (unsigned k = 0; k < 10; k++) {
                qt_pair(q, HBM(k * 64), f.host + (total + k) * 64, 64);
            }
            qt_post_marker(q);
            qt_ring(q);
            qt_wait_marker(q);
            total += 11;
            g_assert_cmphex(qt_read(f.dev, q->m2s.page + Q_HEAD), ==,
                            (1 + total / len) % 4 << 30 | total % len);
            g_assert_cmphex(qt_read(f.dev, q->s2m.page + Q_TAIL), ==,
                            (1 + total / len) % 4 << 30 | total % len);
        }
        qt_queue_free(q);
    }
    teardown(&f);
}

static void rings_of_different_lengths_wrap_independently(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 3, 7, 64);
    q->s2m.len = 48;
    qt_queue_program(q);
    for (unsigned i = 1; i <= 300; i++) {
        qt_copy(q, HBM(i * 8), f.host + i * 8, 8);
        g_assert_cmphex(qt_read(f.dev, q->m2s.page + Q_HEAD), ==,
                        (1 + 2 * i / 64) % 4 << 30 | 2 * i % 64);
        g_assert_cmphex(qt_read(f.dev, q->s2m.page + Q_HEAD), ==,
                        (1 + 2 * i / 48) % 4 << 30 | 2 * i % 48);
    }
    qt_queue_free(q);
    teardown(&f);
}

/* HW 3.4: a count equal to the ring length; head and tail indices are equal. */
static void full_ring_doorbell_runs_the_whole_ring(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 17, 3, 64);
    for (unsigned round = 0; round < 5; round++) {
        qt_mem_set(f.dev, HBM(0), 0, 63 * 256);
        for (unsigned i = 0; i < 63; i++) {
            qt_pair(q, HBM(i * 256), f.host + i * 256, 256);
        }
        qt_post_marker(q);
        g_assert_cmpuint(q->m2s.posted, ==, 64);
        qt_ring(q);
        qt_wait_marker(q);
        qt_mem_expect(f.dev, HBM(0), 63 * 256, 1);
        g_assert_cmphex(qt_read(f.dev, q->m2s.page + Q_HEAD), ==,
                        (2 + round) % 4 << 30);
    }
    qt_queue_free(q);
    teardown(&f);
}

static void m2s_rung_before_s2m_works_too(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 130, 0, 32);
    for (unsigned i = 0; i < 10; i++) {
        qt_mem_set(f.dev, HBM(0), 0, 4096);
        qt_pair(q, HBM(0), f.host, 4096);
        qt_post_marker(q);
        qt_ring_m2s(q);
        g_assert_false(qt_marker_arrived(q));
        qt_ring_s2m(q);
        qt_wait_marker(q);
        qt_mem_expect(f.dev, HBM(0), 4096, 1);
    }
    qt_queue_free(q);
    teardown(&f);
}

static void s2m_rung_alone_waits_for_its_packets(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 130, 1, 64);
    qt_mem_set(f.dev, HBM(0), 0x33, 4096);
    for (unsigned i = 0; i < 20; i++) {
        qt_s2m(q, 64, HBM(i * 64));
    }
    qt_ring_s2m(q);
    for (unsigned i = 0; i < 20; i++) {
        qt_mem_expect_byte(f.dev, HBM(i * 64), 0x33, 64);
        qt_m2s(q, M2S_FIRST | M2S_LAST | 64, OP_COPY, f.host + i * 64);
        qt_ring_m2s(q);
        qt_wait_count(q, i + 1);
    }
    qt_mem_expect(f.dev, HBM(0), 20 * 64, 1);
    qt_queue_free(q);
    teardown(&f);
}

static void doorbells_accumulate(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 5, 5, 256);
    qt_mem_set(f.dev, HBM(0), 0, 200 * 1024);
    for (unsigned i = 0; i < 200; i++) {
        qt_pair(q, HBM(i * 1024), f.host + i * 1024, 1024);
        if (i % 3 == 0) {
            qt_ring_s2m(q);
        }
        if (i % 7 == 0) {
            qt_ring_m2s(q);
        }
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 200 * 1024, 1);
    qt_queue_free(q);
    teardown(&f);
}

static void doorbell_of_zero_does_nothing(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 5, 6, 32);
    for (unsigned i = 0; i < 4; i++) {
        qt_ring(q);
    }
    g_assert_cmphex(qt_read(f.dev, q->m2s.page + Q_TAIL), ==, 0x40000000);
    qt_copy(q, HBM(0), f.host, 512);
    qt_mem_expect(f.dev, HBM(0), 512, 1);
    f.dev->vm->any_log = true;
    qt_queue_free(q);
    teardown(&f);
}

static void doorbell_larger_than_the_ring_is_a_logged_mistake(void)
{
    Fixture f;
    QtQueue *q;
    QtQueue *other;

    setup(&f);
    q = qt_queue_new(f.dev, 6, 0, 32);
    other = qt_queue_new(f.dev, 6, 1, 32);
    qt_write(f.dev, q->m2s.page + Q_DOORBELL, 33);
    qt_write(f.dev, q->s2m.page + Q_DOORBELL, 0xffffff);
    qt_copy(other, HBM(0), f.host, 512);
    qt_mem_expect(f.dev, HBM(0), 512, 1);
    qt_queue_program(q);
    qt_copy(q, HBM(4096), f.host, 512);
    qt_mem_expect(f.dev, HBM(4096), 512, 1);
    f.dev->vm->guest_errors = true;
    qt_queue_free(q);
    qt_queue_free(other);
    teardown(&f);
}

static void doorbell_of_a_queue_without_a_ring_is_harmless(void)
{
    Fixture f;
    QtQueue *q;
    uint32_t page = qt_engine_bar0(9) + 0x1000;

    setup(&f);
    qt_write(f.dev, page + Q_CFG, 0x03030000);
    qt_write(f.dev, page + 0x20000 + Q_CFG, 0x03030000);
    qt_write(f.dev, page + 0x20000 + Q_DOORBELL, 1);
    qt_write(f.dev, page + Q_DOORBELL, 1);
    q = qt_queue_new(f.dev, 9, 1, 32);
    qt_copy(q, HBM(0), f.host, 512);
    qt_mem_expect(f.dev, HBM(0), 512, 1);
    f.dev->vm->guest_errors = true;
    qt_queue_free(q);
    teardown(&f);
}

/* HW 3.9: pause, work posted meanwhile, resume. */
static void paused_queue_keeps_its_work_until_it_resumes(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 12, 4, 64);
    for (unsigned side = 0; side < 2; side++) {
        uint32_t page = side ? q->s2m.page : q->m2s.page;

        qt_mem_set(f.dev, HBM(0), 0x44, 4096);
        qt_write(f.dev, page + Q_CFG, 0x03000000);
        qt_pair(q, HBM(0), f.host, 4096);
        qt_post_marker(q);
        qt_ring(q);
        for (unsigned i = 0; i < 100; i++) {
            g_assert_false(qt_marker_arrived(q));
        }
        qt_mem_expect_byte(f.dev, HBM(0), 0x44, 4096);
        qt_write(f.dev, page + Q_CFG, 0x03030000);
        qt_wait_marker(q);
        qt_mem_expect(f.dev, HBM(0), 4096, 1);
    }
    qt_queue_free(q);
    teardown(&f);
}

/* Splits 12,000 bytes in different ways on the two sides, HW 4.6 (model). */
static void packet_of_many_sources_fills_many_destinations(void)
{
    static const uint32_t src_parts[] = { 1, 4095, 3000, 904, 4000 };
    static const uint32_t dst_parts[] = { 5000, 7, 993, 6000 };
    Fixture f;
    QtQueue *q;
    uint32_t off = 0;

    setup(&f);
    q = qt_queue_new(f.dev, 128, 2, 64);
    qt_mem_set(f.dev, HBM(0), 0, 12000);
    for (size_t i = 0; i < G_N_ELEMENTS(dst_parts); i++) {
        qt_s2m(q, dst_parts[i], HBM(off));
        off += dst_parts[i];
    }
    off = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(src_parts); i++) {
        uint32_t flags = (i == 0 ? M2S_FIRST : 0) |
                         (i == G_N_ELEMENTS(src_parts) - 1 ? M2S_LAST : 0);

        qt_m2s(q, flags | src_parts[i], i ? 0 : OP_COPY, f.host + off);
        off += src_parts[i];
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 12000, 1);
    qt_queue_free(q);
    teardown(&f);
}

/* The family's rule: the rest of the buffer is left as it was. */
static void short_packet_ends_its_destination_descriptor(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 128, 3, 64);
    qt_mem_set(f.dev, HBM(0), 0x66, 8192);
    qt_s2m(q, 4096, HBM(0));
    qt_m2s(q, M2S_FIRST | M2S_LAST | 100, OP_COPY, f.host);
    qt_s2m(q, 4096, HBM(4096));
    qt_m2s(q, M2S_FIRST | M2S_LAST | 200, OP_COPY, f.host);
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 100, 1);
    qt_mem_expect_byte(f.dev, HBM(100), 0x66, 4096 - 100);
    qt_mem_expect(f.dev, HBM(4096), 200, 1);
    qt_mem_expect_byte(f.dev, HBM(4096 + 200), 0x66, 4096 - 200);
    qt_queue_free(q);
    teardown(&f);
}

/* HW 11.6: a packet whose LAST is not yet rung waits. */
static void half_a_packet_waits_for_its_last_descriptor(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 128, 4, 64);
    qt_mem_set(f.dev, HBM(0), 0, 4096);
    qt_s2m(q, 4096, HBM(0));
    qt_m2s(q, M2S_FIRST | 1000, OP_COPY, f.host);
    qt_ring(q);
    qt_m2s(q, 3000, 0, f.host + 1000);
    qt_ring_m2s(q);
    qt_m2s(q, M2S_LAST | 96, 0, f.host + 4000);
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 4096, 1);
    qt_queue_free(q);
    teardown(&f);
}

static void packet_longer_than_what_is_posted_waits_for_more_room(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 128, 5, 64);
    qt_mem_set(f.dev, HBM(0), 0, 8192);
    qt_m2s(q, M2S_FIRST | M2S_LAST | 8192, OP_COPY, f.host);
    qt_ring_m2s(q);
    for (unsigned i = 0; i < 8; i++) {
        qt_s2m(q, 1024, HBM(i * 1024));
        qt_ring_s2m(q);
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 8192, 1);
    qt_queue_free(q);
    teardown(&f);
}

static void packet_of_64_descriptors_is_the_longest_allowed(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 20, 0, 128);
    qt_mem_set(f.dev, HBM(0), 0, 64 * 128);
    qt_s2m(q, 64 * 128, HBM(0));
    for (unsigned i = 0; i < 64; i++) {
        qt_m2s(q, (i == 0 ? M2S_FIRST : 0) | (i == 63 ? M2S_LAST : 0) | 128,
               i ? 0 : OP_COPY, f.host + i * 128);
    }
    qt_post_marker(q);
    qt_ring(q);
    qt_wait_marker(q);
    qt_mem_expect(f.dev, HBM(0), 64 * 128, 1);
    qt_queue_free(q);
    teardown(&f);
}

/* HW 5.3: rings may lie anywhere that the engine can read. */
static void rings_in_hbm_work(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 77, 8, 64);
    for (unsigned s = 0; s < 4; s++) {
        q->m2s.addr = qt_hbm_base[s] + 0x2000000;
        q->s2m.addr = qt_hbm_base[3 - s] + 0x2010000;
        qt_queue_program(q);
        for (unsigned i = 0; i < 70; i++) {
            qt_mem_set(f.dev, HBM(0), 0, 300);
            qt_copy(q, HBM(0), f.host, 300);
            qt_mem_expect(f.dev, HBM(0), 300, 1);
        }
    }
    qt_queue_free(q);
    teardown(&f);
}

static void largest_ring_wraps_after_its_16777200_descriptors(void)
{
    Fixture f;
    QtQueue *q;
    uint32_t h;

    setup(&f);
    q = qt_queue_new(f.dev, 2, 2, 32);
    h = q->m2s.page;
    /* Only the tail is looked at: a paused queue fetches no descriptor. */
    qt_write(f.dev, h + Q_CFG, 0x03000000);
    qt_write(f.dev, h + Q_LEN, 16777200);
    qt_write(f.dev, h + Q_DOORBELL, 16777199);
    g_assert_cmphex(qt_read(f.dev, h + Q_TAIL), ==, 0x40ffffef);
    qt_write(f.dev, h + Q_DOORBELL, 1);
    g_assert_cmphex(qt_read(f.dev, h + Q_TAIL), ==, 0x80000000);
    qt_queue_free(q);
    teardown(&f);
}

static void queue_status_is_quiet_when_the_work_is_done(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    q = qt_queue_new(f.dev, 128, 6, 64);
    for (unsigned i = 0; i < 50; i++) {
        qt_copy(q, HBM(0), f.host, 65536);
        /* The family: bits 28 and 29 say prefetching and scheduling. */
        qt_wait_reg(f.dev, q->m2s.page + Q_STATUS, 0x30000000, 0,
                    "M2S status");
        qt_wait_reg(f.dev, q->s2m.page + Q_STATUS, 0x30000000, 0,
                    "S2M status");
    }
    qt_queue_free(q);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/ring/" #name, name)
    T(ring_wraps_at_its_programmed_length);
    T(rings_of_different_lengths_wrap_independently);
    T(full_ring_doorbell_runs_the_whole_ring);
    T(m2s_rung_before_s2m_works_too);
    T(s2m_rung_alone_waits_for_its_packets);
    T(doorbells_accumulate);
    T(doorbell_of_zero_does_nothing);
    T(doorbell_larger_than_the_ring_is_a_logged_mistake);
    T(doorbell_of_a_queue_without_a_ring_is_harmless);
    T(paused_queue_keeps_its_work_until_it_resumes);
    T(packet_of_many_sources_fills_many_destinations);
    T(short_packet_ends_its_destination_descriptor);
    T(half_a_packet_waits_for_its_last_descriptor);
    T(packet_longer_than_what_is_posted_waits_for_more_room);
    T(packet_of_64_descriptors_is_the_longest_allowed);
    T(rings_in_hbm_work);
    T(largest_ring_wraps_after_its_16777200_descriptors);
    T(queue_status_is_quiet_when_the_work_is_done);
    return g_test_run();
}
