/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies by length, alignment, place and engine: HW 4.1, 4.6, 5. */
#include "qt.h"

#define HBM(stack, off) (qt_hbm_base[stack] + 0x1000000 + (off))

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint64_t host_a;            /* 128 KiB each, chip addresses */
    uint64_t host_b;
} Fixture;

static void setup(Fixture *f)
{
    f->dev = qt_start("");
    f->q = qt_queue_new(f->dev, 128, 0, 256);
    f->host_a = qt_alloc(f->dev->vm, 128 * KIB, 4096) | HOST_BIT;
    f->host_b = qt_alloc(f->dev->vm, 128 * KIB, 4096) | HOST_BIT;
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->q);
    qt_stop(f->dev);
}

static void every_kind_of_place_to_every_other(void)
{
    Fixture f;
    uint32_t seed = 1;

    setup(&f);
    {
        const uint64_t places[] = {
            f.host_a, f.host_b, HBM(0, 0), HBM(0, MIB), HBM(1, 0), HBM(2, 0),
            HBM(3, 0), HBM(3, MIB),
        };

        for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
            for (size_t k = 0; k < G_N_ELEMENTS(places); k++) {
                if (i != k) {
                    qt_copy_verify(f.q, places[i], places[k], 65536, seed++);
                }
            }
        }
    }
    teardown(&f);
}

static void engine_and_bar4_see_the_same_bytes(void)
{
    Fixture f;

    setup(&f);
    for (int s = 0; s < 4; s++) {
        uint64_t in_bar4 = f.dev->bar4 + s * (f.dev->bar4_size / 4) + 0x1000000;
        g_autofree uint8_t *want = g_malloc(4096);
        g_autofree uint8_t *got = g_malloc(4096);

        qt_mem_fill(f.dev, f.host_a, 4096, 70 + s);
        qt_copy(f.q, HBM(s, 0), f.host_a, 4096);
        qt_pattern(want, 4096, 70 + s);
        qtest_bufread(f.dev->vm->qts, in_bar4, got, 4096);
        g_assert_cmpmem(got, 4096, want, 4096);

        /* HW 0: BAR4 is memory, bytes may be stored singly. */
        qtest_writeb(f.dev->vm->qts, in_bar4 + 3, 0xa5);
        qt_copy(f.q, f.host_b, HBM(s, 0), 4096);
        want[3] = 0xa5;
        qt_mem_read(f.dev, f.host_b, got, 4096);
        g_assert_cmpmem(got, 4096, want, 4096);
    }
    teardown(&f);
}

static void odd_lengths_and_addresses_move_exactly_their_bytes(void)
{
    static const uint32_t lengths[] = {
        1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 255, 257,
        1000, 4095, 4096, 4097, 32767, 65534, 65535, 65536,
    };
    Fixture f;

    setup(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        uint64_t src = f.host_a + (i * 7) % 64;
        uint64_t dst = HBM(i % 4, (i * 13) % 64 + 64);
        uint32_t len = lengths[i];

        qt_mem_fill(f.dev, src, len, i);
        qt_mem_set(f.dev, dst - 64, 0xee, len + 128);
        qt_copy(f.q, dst, src, len);
        qt_mem_expect(f.dev, dst, len, i);
        qt_mem_expect_byte(f.dev, dst - 64, 0xee, 64);
        qt_mem_expect_byte(f.dev, dst + len, 0xee, 64);
    }
    teardown(&f);
}

static void every_length_up_to_300_moves_exactly_its_bytes(void)
{
    Fixture f;

    setup(&f);
    for (uint32_t len = 1; len <= 300; len++) {
        uint64_t dst = HBM(len % 4, 512 - len % 5);

        qt_mem_fill(f.dev, f.host_a + len % 3, len, len);
        qt_mem_set(f.dev, dst - 8, 0x11, len + 16);
        qt_copy(f.q, dst, f.host_a + len % 3, len);
        qt_mem_expect(f.dev, dst, len, len);
        qt_mem_expect_byte(f.dev, dst - 8, 0x11, 8);
        qt_mem_expect_byte(f.dev, dst + len, 0x11, 8);
    }
    teardown(&f);
}

static void zero_in_the_length_field_means_65536(void)
{
    Fixture f;

    setup(&f);
    qt_mem_fill(f.dev, f.host_a, 65536, 9);
    qt_mem_set(f.dev, HBM(0, 0), 0, 65536 + 16);
    qt_s2m(f.q, 0, HBM(0, 0));
    qt_m2s(f.q, M2S_FIRST | M2S_LAST | 0, OP_COPY, f.host_a);
    qt_post_marker(f.q);
    qt_ring(f.q);
    qt_wait_marker(f.q);
    qt_mem_expect(f.dev, HBM(0, 0), 65536, 9);
    qt_mem_expect_byte(f.dev, HBM(0, 65536), 0, 16);
    teardown(&f);
}

static void barrier_and_order_bits_change_no_data(void)
{
    static const struct {
        uint32_t m2s;
        uint32_t op;
        uint32_t s2m;
    } kinds[] = {
        { 0, OP_COPY, 0 },
        { 0, OP_COPY_BARRIER, 0 },
        { M2S_DMB, OP_COPY, 0 },
        { 0, OP_COPY, 0x20000000 },
        { 0, OP_COPY, 0x10000000 },
    };
    Fixture f;

    setup(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        qt_mem_fill(f.dev, f.host_a, 4096, 30 + i);
        qt_mem_set(f.dev, HBM(1, 0), 0, 4096);
        qt_s2m(f.q, kinds[i].s2m | 4096, HBM(1, 0));
        qt_m2s(f.q, kinds[i].m2s | M2S_FIRST | M2S_LAST | 4096, kinds[i].op,
               f.host_a);
        qt_post_marker(f.q);
        qt_ring(f.q);
        qt_wait_marker(f.q);
        qt_mem_expect(f.dev, HBM(1, 0), 4096, 30 + i);
    }
    teardown(&f);
}

/* HW 4.6: destination of one pair is the source of the next; order shows. */
static void descriptors_of_a_queue_run_strictly_in_order(void)
{
    Fixture f;

    setup(&f);
    for (unsigned round = 0; round < 16; round++) {
        qt_mem_fill(f.dev, f.host_a, 65536, 200 + round);
        qt_mem_set(f.dev, f.host_b, 0, 65536);
        qt_pair(f.q, HBM(0, 0), f.host_a, 65536);
        for (unsigned hop = 1; hop < 12; hop++) {
            qt_pair(f.q, HBM(hop % 4, hop * 65536),
                    HBM((hop - 1) % 4, (hop - 1) * 65536), 65536);
        }
        qt_pair(f.q, f.host_b, HBM(3, 11 * 65536), 65536);
        qt_post_marker(f.q);
        qt_ring(f.q);
        qt_wait_marker(f.q);
        qt_mem_expect(f.dev, f.host_b, 65536, 200 + round);
    }
    teardown(&f);
}

static void marker_becomes_visible_only_after_the_data(void)
{
    Fixture f;
    uint64_t host = 0;
    const uint64_t len = 16 * MIB;

    setup(&f);
    qt_queue_free(f.q);
    f.q = qt_queue_new(f.dev, 129, 1, 512);
    host = qt_alloc(f.dev->vm, len, 4096) | HOST_BIT;
    for (unsigned round = 0; round < 4; round++) {
        uint8_t last = 0;

        qt_mem_set(f.dev, HBM(2, 0), round + 1, len);
        qt_mem_set(f.dev, host, 0, len);
        qt_post_copy(f.q, host, HBM(2, 0), len);
        qt_post_marker(f.q);
        qt_ring(f.q);
        qt_wait_marker(f.q);
        qt_mem_read(f.dev, host + len - 1, &last, 1);
        g_assert_cmphex(last, ==, round + 1);
        qt_mem_expect_byte(f.dev, host, round + 1, len);
    }
    teardown(&f);
}

static void a_megabyte_takes_seventeen_descriptors(void)
{
    Fixture f;
    uint64_t host;

    setup(&f);
    host = qt_alloc(f.dev->vm, MIB, 4096) | HOST_BIT;
    qt_copy_verify(f.q, HBM(1, 0), host, MIB, 5);
    g_assert_cmphex(qt_read(f.dev, f.q->s2m.page + Q_HEAD), ==, 0x40000011);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_TAIL), ==, 0x40000011);
    teardown(&f);
}

static void overlapping_copy_forward_is_done_descriptor_by_descriptor(void)
{
    Fixture f;

    setup(&f);
    /* Much as the vendor driver fills memory, HW 4.7. */
    qt_mem_fill(f.dev, f.host_a, 4096, 77);
    qt_pair(f.q, HBM(0, 0), f.host_a, 4096);
    for (unsigned i = 1; i < 32; i++) {
        qt_pair(f.q, HBM(0, i * 4096), HBM(0, (i - 1) * 4096), 4096);
    }
    qt_post_marker(f.q);
    qt_ring(f.q);
    qt_wait_marker(f.q);
    for (unsigned i = 0; i < 32; i++) {
        qt_mem_expect(f.dev, HBM(0, i * 4096), 4096, 77);
    }
    teardown(&f);
}

static void same_source_and_destination_is_harmless(void)
{
    Fixture f;

    setup(&f);
    qt_mem_fill(f.dev, f.host_a, 65536, 3);
    qt_copy(f.q, f.host_a, f.host_a, 65536);
    qt_mem_expect(f.dev, f.host_a, 65536, 3);
    qt_mem_fill(f.dev, HBM(0, 0), 65536, 4);
    qt_copy(f.q, HBM(0, 0), HBM(0, 0), 65536);
    qt_mem_expect(f.dev, HBM(0, 0), 65536, 4);
    teardown(&f);
}

/* Copies 256 bytes, different ones each time, through one queue. */
static void exercise_queue(QtDev *dev, QtQueue *q, unsigned e, unsigned n,
                           uint64_t host)
{
    uint32_t seed = e * 16 + n;

    q->engine = e;
    q->queue = n;
    q->m2s.page = qt_engine_bar0(e) + 0x1000 + n * 0x1000;
    q->s2m.page = qt_engine_bar0(e) + 0x21000 + n * 0x1000;
    qt_queue_program(q);
    qt_copy_verify(q, HBM(e % 4, seed * 256), host, 256, seed);
    /* Out of the way before the next queue takes over these rings. */
    qt_write(dev, q->m2s.page + Q_CFG, 0x03000000);
    qt_write(dev, q->s2m.page + Q_CFG, 0x03000000);
}

static void all_2112_queues_copy(void)
{
    Fixture f;

    setup(&f);
    for (unsigned e = 0; e < 132; e++) {
        for (unsigned n = 0; n < 16; n++) {
            exercise_queue(f.dev, f.q, e, n, f.host_a);
        }
    }
    /* No later copy has changed the bytes of an earlier one. */
    for (unsigned seed = 0; seed < 132 * 16; seed++) {
        qt_mem_expect(f.dev, HBM((seed / 16) % 4, seed * 256), 256, seed);
    }
    teardown(&f);
}

static void sixteen_queues_of_one_engine_run_together(void)
{
    Fixture f;
    QtQueue *q[16];
    uint64_t host;

    setup(&f);
    host = qt_alloc(f.dev->vm, 16 * MIB, 4096) | HOST_BIT;
    for (unsigned n = 0; n < 16; n++) {
        q[n] = qt_queue_new(f.dev, 40, n, 64);
        qt_mem_fill(f.dev, host + n * MIB, MIB, 500 + n);
        qt_post_copy(q[n], HBM(n % 4, n * MIB), host + n * MIB, MIB);
        qt_post_marker(q[n]);
    }
    for (unsigned n = 0; n < 16; n++) {
        qt_ring(q[n]);
    }
    for (unsigned n = 0; n < 16; n++) {
        qt_wait_marker(q[n]);
        qt_mem_expect(f.dev, HBM(n % 4, n * MIB), MIB, 500 + n);
        qt_queue_free(q[n]);
    }
    teardown(&f);
}

static void thirty_two_engines_run_together(void)
{
    Fixture f;
    QtQueue *q[32];

    setup(&f);
    qt_mem_fill(f.dev, HBM(0, 0), 512 * KIB, 11);
    for (unsigned i = 0; i < 32; i++) {
        q[i] = qt_queue_new(f.dev, i * 4 + i % 4, i % 16, 32);
        qt_post_copy(q[i], HBM(i % 4, (i + 1) * MIB), HBM(0, 0), 512 * KIB);
        qt_post_marker(q[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        qt_ring(q[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        qt_wait_marker(q[i]);
        qt_mem_expect(f.dev, HBM(i % 4, (i + 1) * MIB), 512 * KIB, 11);
        qt_queue_free(q[i]);
    }
    teardown(&f);
}

/* HW 0 and 2.2: 36 GiB of each 64 GiB slot. */
static void full_hbm_layout_reaches_the_last_byte_of_each_stack(void)
{
    QtDev *dev = qt_start("hbm-size=256G");
    QtQueue *q = qt_queue_new(dev, 128, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    for (unsigned s = 0; s < 4; s++) {
        uint64_t last = qt_hbm_base[s] + 36 * GIB - 65536;
        uint64_t in_bar4 = dev->bar4 + s * 64 * GIB + 36 * GIB - 65536;
        g_autofree uint8_t *want = g_malloc(65536);
        g_autofree uint8_t *got = g_malloc(65536);

        qt_copy_verify(q, last, host, 65536, 900 + s);
        qt_pattern(want, 65536, 900 + s);
        qtest_bufread(dev->vm->qts, in_bar4, got, 65536);
        g_assert_cmpmem(got, 65536, want, 65536);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void small_hbm_wraps_no_stack_into_another(void)
{
    QtDev *dev = qt_start("hbm-size=128M");
    QtQueue *q = qt_queue_new(dev, 131, 1, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    for (unsigned s = 0; s < 4; s++) {
        qt_copy_verify(q, qt_hbm_base[s] + 32 * MIB - 65536, host, 65536, s);
    }
    for (unsigned s = 0; s < 4; s++) {
        qt_mem_expect(dev, qt_hbm_base[s] + 32 * MIB - 65536, 65536, s);
    }
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/copy/" #name, name)
    T(every_kind_of_place_to_every_other);
    T(engine_and_bar4_see_the_same_bytes);
    T(odd_lengths_and_addresses_move_exactly_their_bytes);
    T(every_length_up_to_300_moves_exactly_its_bytes);
    T(zero_in_the_length_field_means_65536);
    T(barrier_and_order_bits_change_no_data);
    T(descriptors_of_a_queue_run_strictly_in_order);
    T(marker_becomes_visible_only_after_the_data);
    T(a_megabyte_takes_seventeen_descriptors);
    T(overlapping_copy_forward_is_done_descriptor_by_descriptor);
    T(same_source_and_destination_is_harmless);
    T(all_2112_queues_copy);
    T(sixteen_queues_of_one_engine_run_together);
    T(thirty_two_engines_run_together);
    T(full_hbm_layout_reaches_the_last_byte_of_each_stack);
    T(small_hbm_wraps_no_stack_into_another);
    return g_test_run();
}
