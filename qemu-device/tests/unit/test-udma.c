/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMA engine on a fake bus: what no VM is needed, or able, to show. */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define COPY 0x01080003u        /* HW 4.3 */
#define ONE 0x0d000000u         /* FIRST, LAST, ring id 1: HW 4.4 */

static void doorbell(FakeBus *f, unsigned e, unsigned q, bool s2m, uint32_t n)
{
    trn_chip_write(f->chip, fake_page(e, q, s2m) + 0x38, n);
}

static void ring_both(FakeBus *f, unsigned e, unsigned q, uint32_t n)
{
    doorbell(f, e, q, true, n);
    doorbell(f, e, q, false, n);
}

static void put_pair(FakeBus *f, unsigned i, uint64_t dst, uint64_t src,
                     uint32_t len)
{
    fake_desc(f, M2S_RING + i * 16, ONE | (len & 0xffff), COPY, src);
    fake_desc(f, S2M_RING + i * 16, 0x01000000 | (len & 0xffff), 0, dst);
}

static FakeBus *start(unsigned e, unsigned q)
{
    FakeBus *f = fake_new();

    fake_program(f, e, q, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    for (unsigned i = 0; i < 0x10000; i++) {
        f->host[DATA + i] = i * 7 + (i >> 8);
    }
    return f;
}

static uint32_t head(FakeBus *f, unsigned e, unsigned q, bool s2m)
{
    return trn_chip_read(f->chip, fake_page(e, q, s2m) + 0x34);
}

static void nothing_moves_inside_a_doorbell_write(void)
{
    FakeBus *f = start(128, 0);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 4096);
    ring_both(f, 128, 0, 1);
    g_assert_true(f->ready[128]);
    g_assert_cmphex(trn_get_le64(f->hbm + 0x1000008), ==, 0);
    fake_run(f);
    g_assert_cmpmem(f->hbm + 0x1000000, 4096, f->host + DATA, 4096);
    g_assert_cmpuint(f->dirty_bytes, ==, 4096);
    fake_free(f);
}

/* Bytes that came before the error are in HBM, and travel in a migration. */
static void source_that_ends_in_a_hole_marks_its_target_dirty(void)
{
    FakeBus *f = start(128, 0);

    f->host[FAKE_HOST_SIZE - 1] = 0x42;
    put_pair(f, 0, 0x1000000, (FAKE_HOST_SIZE - 64) | HOST_BIT, 4096);
    ring_both(f, 128, 0, 1);
    fake_run(f);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    g_assert_cmphex(f->hbm[0x1000000 + 63], ==, 0x42);
    g_assert_cmpuint(f->dirty_bytes, >=, 64);
    fake_free(f);
}

static void idle_engine_asks_for_no_worker(void)
{
    FakeBus *f = start(128, 0);

    fake_run(f);
    for (unsigned e = 0; e < 132; e++) {
        g_assert_false(f->ready[e]);
    }
    /* S2M alone has nothing to do either. */
    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    doorbell(f, 128, 0, true, 1);
    fake_run(f);
    g_assert_cmphex(head(f, 128, 0, true) & 0xffffff, ==, 0);
    fake_free(f);
}

static void turn_is_bounded_however_much_is_pending(void)
{
    FakeBus *f = start(128, 0);
    unsigned turns = 0;

    for (unsigned i = 0; i < 255; i++) {
        put_pair(f, i, 0x1000000, 0x800000, 65536);
    }
    ring_both(f, 128, 0, 255);
    do {
        turns++;
        f->ready[128] = false;
    } while (trn_engine_run(f->run, 128));
    g_assert_cmpuint(turns, >, 1);
    g_assert_cmphex(head(f, 128, 0, false), ==, 0x400000ff);
    fake_free(f);
}

static void held_engine_moves_nothing_and_holds_nest(void)
{
    FakeBus *f = start(128, 0);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    trn_chip_stop(f->chip);
    trn_chip_stop(f->chip);
    ring_both(f, 128, 0, 1);
    fake_run(f);
    g_assert_cmphex(head(f, 128, 0, false), ==, 0x40000000);
    trn_chip_start(f->chip);
    fake_run(f);
    g_assert_cmphex(head(f, 128, 0, false), ==, 0x40000000);
    trn_chip_start(f->chip);
    fake_run(f);
    g_assert_cmphex(head(f, 128, 0, false), ==, 0x40000001);
    g_assert_cmpmem(f->hbm + 0x1000000, 64, f->host + DATA, 64);
    fake_free(f);
}

static void bus_master_off_keeps_pending(void)
{
    FakeBus *f = start(5, 5);

    trn_chip_set_bus_master(f->chip, false);
    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    ring_both(f, 5, 5, 1);
    fake_run(f);
    g_assert_cmphex(head(f, 5, 5, false), ==, 0x40000000);
    trn_chip_set_bus_master(f->chip, true);
    fake_run(f);
    g_assert_cmphex(head(f, 5, 5, false), ==, 0x40000001);
    fake_free(f);
}

/* HW 11.7, item 2, and both descriptors' own idea of a length. */
static void length_zero_is_64_kib_on_both_sides(void)
{
    FakeBus *f = start(0, 0);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 0);
    ring_both(f, 0, 0, 1);
    fake_run(f);
    g_assert_cmpmem(f->hbm + 0x1000000, 65536, f->host + DATA, 65536);
    g_assert_cmphex(f->hbm[0x1010000], ==, 0);
    fake_free(f);
}

static void set_priority(FakeBus *f, unsigned e, unsigned q, uint32_t value)
{
    trn_trnx_write(f->chip, 0x100000 + (e * 16 + q) * 0x100 + 0x40, value, 4);
}

/* Queues 0 to @n - 1 of engine 128, each with 3000 small copies rung. */
static FakeBus *start_queues(unsigned n)
{
    FakeBus *f = start(128, 0);

    for (unsigned i = 0; i < 3000; i++) {
        put_pair(f, i, 0x1000000, 0x800000, 64);
    }
    for (unsigned q = 0; q < n; q++) {
        fake_program(f, 128, q, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 4000);
        ring_both(f, 128, q, 3000);
    }
    return f;
}

/* The queue that had the next turn. */
static unsigned run_turn(FakeBus *f, unsigned queues)
{
    uint32_t before[16];

    for (unsigned q = 0; q < queues; q++) {
        before[q] = head(f, 128, q, false);
    }
    f->ready[128] = false;
    f->ready[128] = trn_engine_run(f->run, 128);
    for (unsigned q = 0; q < queues; q++) {
        if (head(f, 128, q, false) != before[q]) {
            return q;
        }
    }
    g_assert_not_reached();
}

/* The trnx manual, 7.4: 4 turns, 1 turn, 16 turns; 3 means nothing. */
static void queues_of_an_engine_share_turns_by_priority(void)
{
    static const unsigned turns[] = { 4, 1, 16, 4 };
    FakeBus *f = start_queues(4);

    for (unsigned q = 0; q < 4; q++) {
        set_priority(f, 128, q, q);
    }
    /* A queue that comes to an end gives its turns away. */
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned q = 0; q < 4; q++) {
            for (unsigned n = 0; n < (round && q == 2 ? 8 : turns[q]); n++) {
                g_assert_cmpuint(run_turn(f, 4), ==, q);
            }
        }
    }
    fake_run(f);
    for (unsigned q = 0; q < 4; q++) {
        g_assert_cmphex(head(f, 128, q, false), ==, 0x40000bb8);
    }
    fake_free(f);
}

static void priority_that_changes_counts_from_the_next_round_on(void)
{
    FakeBus *f = start_queues(2);

    g_assert_cmpuint(run_turn(f, 2), ==, 0);
    set_priority(f, 128, 0, 1);
    set_priority(f, 128, 1, 1);
    for (unsigned n = 0; n < 3; n++) {
        g_assert_cmpuint(run_turn(f, 2), ==, 0);
    }
    for (unsigned n = 0; n < 6; n++) {
        g_assert_cmpuint(run_turn(f, 2), ==, !(n & 1));
    }
    fake_run(f);
    fake_free(f);
}

static void queue_reset_drops_what_is_pending(void)
{
    FakeBus *f = start(77, 3);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    ring_both(f, 77, 3, 1);
    trn_chip_write(f->chip, fake_page(77, 3, false) + 0xb0, 0x100);
    trn_chip_write(f->chip, fake_page(77, 3, true) + 0x64, 0x100);
    fake_run(f);
    g_assert_cmphex(head(f, 77, 3, false), ==, 0x40000000);
    g_assert_cmphex(head(f, 77, 3, true), ==, 0x40000000);
    g_assert_cmphex(f->hbm[0x1000001], ==, 0);
    fake_free(f);
}

/* One side reset while half a packet is through: nothing stale may be used. */
static void reset_of_one_side_in_mid_packet_is_survived(void)
{
    for (unsigned side = 0; side < 2; side++) {
        FakeBus *f = start(77, 3);

        put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 4096);
        trn_put_le32(f->host + S2M_RING, 0x01000000 | 1000);
        ring_both(f, 77, 3, 1);
        fake_run(f);
        trn_chip_write(f->chip, fake_page(77, 3, side) + (side ? 0x64 : 0xb0),
                       0x100);
        fake_run(f);
        fake_program(f, 77, 3, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
        put_pair(f, 0, 0x1100000, DATA | HOST_BIT, 4096);
        ring_both(f, 77, 3, 1);
        fake_run(f);
        g_assert_cmpmem(f->hbm + 0x1100000, 4096, f->host + DATA, 4096);
        fake_free(f);
    }
}

/* Descriptors stay the guest's to write while a packet waits for room. */
static void descriptor_that_shrinks_in_mid_packet_ends_it(void)
{
    FakeBus *f = start(77, 3);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 4096);
    trn_put_le32(f->host + S2M_RING, 0x01000000 | 1000);
    ring_both(f, 77, 3, 1);
    fake_run(f);
    trn_put_le32(f->host + M2S_RING, ONE | 16);
    put_pair(f, 1, 0x1100000, DATA | HOST_BIT, 64);
    doorbell(f, 77, 3, true, 1);
    fake_run(f);
    g_assert_cmphex(head(f, 77, 3, false), ==, 0x40000001);
    g_assert_cmpmem(f->hbm + 0x1000000, 1000, f->host + DATA, 1000);
    g_assert_cmpuint(f->hbm[0x1000000 + 1000], ==, 0);
    fake_free(f);
}

static void ring_length_taken_away_with_work_pending_is_survived(void)
{
    FakeBus *f = start(77, 3);

    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 4096);
    ring_both(f, 77, 3, 1);
    for (unsigned side = 0; side < 2; side++) {
        trn_chip_write(f->chip, fake_page(77, 3, side) + 0x30, 0);
        trn_chip_write(f->chip, fake_page(77, 3, side) + 0x20, 0x03030000);
        fake_run(f);
        g_assert_cmphex(head(f, 77, 3, false), ==, 0x40000000);
        trn_chip_write(f->chip, fake_page(77, 3, side) + 0x30, 256);
    }
    trn_chip_write(f->chip, fake_page(77, 3, false) + 0x20, 0x03030000);
    fake_run(f);
    g_assert_cmpmem(f->hbm + 0x1000000, 4096, f->host + DATA, 4096);
    fake_free(f);
}

/* The family 3.4: 16 bytes for an S2M completion, 4 for an M2S one. */
static void completion_ring_gets_one_entry_a_descriptor(void)
{
    FakeBus *f = start(128, 4);
    uint32_t s = fake_page(128, 4, true);

    trn_chip_write(f->chip, s + 0x44, 0x40000);
    trn_chip_write(f->chip, s + 0x48, 0x4000);
    trn_chip_write(f->chip, s + 0x54, 3);
    for (unsigned i = 0; i < 3; i++) {
        put_pair(f, i, 0x1000000, DATA | HOST_BIT, 64);
    }
    ring_both(f, 128, 4, 3);
    fake_run(f);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t w0 = trn_get_le32(f->host + 0x40000 + i * 16);

        /* FIRST, LAST and ring id 1. */
        g_assert_cmphex(w0 & 0x8f000000, ==, i < 3 ? 0x0d000000 : 0);
    }
    g_assert_cmphex(trn_chip_read(f->chip, s + 0x4c), ==, 0x40000003);
    fake_free(f);
}

/* The family 5.3: group B for S2M, C for M2S, a bit a queue, and A sums up. */
static void interrupt_bit_of_a_descriptor_raises_that_of_its_queue(void)
{
    for (unsigned side = 0; side < 2; side++) {
        FakeBus *f = start(128, 4);
        uint32_t primary = fake_page(128, 0, false) - 0x1000 + 0x38000;

        put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
        f->host[(side ? S2M_RING : M2S_RING) + 3] |= 0x10;
        ring_both(f, 128, 4, 1);
        fake_run(f);
        g_assert_cmphex(trn_chip_read(f->chip, primary), ==, side ? 0x1 : 0x2);
        g_assert_cmphex(trn_chip_read(f->chip, primary + 0x40), ==,
                        side ? 0x10 : 0);
        g_assert_cmphex(trn_chip_read(f->chip, primary + 0x80), ==,
                        side ? 0 : 0x10);
        g_assert_cmphex(trn_chip_read(f->chip, primary + 0xc0), ==, 0);
        fake_free(f);
    }
}

/* A ring that ends inside host memory's end: the fetch must not read on. */
static void ring_at_the_end_of_memory_is_read_to_its_last_descriptor(void)
{
    FakeBus *f = fake_new();
    uint32_t at = FAKE_HOST_SIZE - 32 * 16;

    fake_program(f, 3, 3, at | HOST_BIT, S2M_RING | HOST_BIT, 32);
    for (unsigned i = 0; i < 32; i++) {
        fake_desc(f, at + i * 16, ONE | 16, COPY, DATA | HOST_BIT);
        fake_desc(f, S2M_RING + i * 16, 0x01000010, 0, 0x1000000 + i * 16);
    }
    ring_both(f, 3, 3, 32);
    fake_run(f);
    g_assert_cmphex(head(f, 3, 3, false), ==, 0x80000000);
    g_assert_cmpuint(f->guest_errors, ==, 0);
    fake_free(f);
}

static void copy_across_the_end_of_a_stack_moves_what_is_inside(void)
{
    FakeBus *f = start(3, 3);

    put_pair(f, 0, FAKE_HBM_SLOT - 100, DATA | HOST_BIT, 4096);
    put_pair(f, 1, 0x1000000, DATA | HOST_BIT, 64);
    ring_both(f, 3, 3, 2);
    fake_run(f);
    g_assert_cmphex(head(f, 3, 3, false), ==, 0x40000002);
    g_assert_cmpuint(f->guest_errors, >, 0);
    /* The next stack follows in BAR4 and must not have been reached. */
    for (unsigned i = 0; i < 4096; i++) {
        g_assert_cmphex(f->hbm[FAKE_HBM_SLOT + i], ==, 0);
    }
    g_assert_cmpmem(f->hbm + 0x1000000, 64, f->host + DATA, 64);
    fake_free(f);
}

/* Registers by DMA: those that have to wait are done later, none is lost. */
/*
 * Behind an IOMMU: rings that begin right below the host window reach into it.
 * The fake bus expects the big lock.
 */
static void entry_that_carries_into_host_memory_is_locked(void)
{
    const uint64_t below = HOST_BIT - 64;
    FakeBus *f = start(128, 0);
    uint32_t r = fake_page(128, 0, true);

    f->bus.host_needs_lock = true;
    trn_chip_write(f->chip, r + 0x44, (uint32_t)below);
    trn_chip_write(f->chip, r + 0x48, below >> 32);
    trn_chip_write(f->chip, r + 0x54, 1);
    trn_chip_write(f->chip, 0x06841100, (uint32_t)below);
    trn_chip_write(f->chip, 0x06841104, below >> 32);
    trn_chip_write(f->chip, 0x06841108, 1024);
    for (unsigned i = 0; i < 8; i++) {
        put_pair(f, i, 0x1000000, DATA | HOST_BIT, 64);
        f->host[M2S_RING + i * 16 + 3] |= 0x10;
        f->host[S2M_RING + i * 16 + 3] |= 0x10;
        ring_both(f, 128, 0, 1);
        fake_run(f);
    }
    /* Entries 4 and 2 of them are at host address 0. */
    g_assert_cmphex(trn_get_le32(f->host + 4), ==, 64);
    fake_free(f);
}

static void dma_to_a_queue_reset_is_deferred_not_deadlocked(void)
{
    FakeBus *f = start(40, 0);

    fake_program(f, 41, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    doorbell(f, 41, 0, true, 7);
    trn_put_le32(f->host + DATA, 0x100);
    put_pair(f, 0, 0x005004000000 + 9 * 0x100000 + 0x21064, DATA | HOST_BIT, 4);
    ring_both(f, 40, 0, 1);
    g_assert_cmphex(trn_chip_read(f->chip, fake_page(41, 0, true) + 0x3c), ==,
                    0x40000007);
    fake_run(f);
    g_assert_cmphex(trn_chip_read(f->chip, fake_page(41, 0, true) + 0x3c), ==,
                    0x40000000);
    fake_free(f);
}

static void dma_to_the_own_queue_reset_is_survived(void)
{
    FakeBus *f = start(40, 0);

    trn_put_le32(f->host + DATA, 0x100);
    put_pair(f, 0, 0x005004000000 + 8 * 0x100000 + 0x21064, DATA | HOST_BIT, 4);
    ring_both(f, 40, 0, 1);
    fake_run(f);
    fake_program(f, 40, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    ring_both(f, 40, 0, 1);
    fake_run(f);
    g_assert_cmpmem(f->hbm + 0x1000000, 64, f->host + DATA, 64);
    fake_free(f);
}

static void dma_to_the_reset_register_resets_the_device(void)
{
    FakeBus *f = start(40, 0);
    uint32_t before = trn_trnx_read(f->chip, 0x50, 4);

    put_pair(f, 0, 0x008006300010, 0x800000, 4);
    ring_both(f, 40, 0, 1);
    fake_run(f);
    g_assert_cmpuint(trn_trnx_read(f->chip, 0x50, 4), ==, before + 1);
    fake_free(f);
}

static void interrupt_comes_after_the_event_is_in_memory(void)
{
    FakeBus *f = start(128, 0);

    trn_trnx_write(f->chip, 0x10000 + 3 * 0x40, 0x50000 | HOST_BIT, 8);
    trn_trnx_write(f->chip, 0x10008 + 3 * 0x40, 4, 4);
    trn_trnx_write(f->chip, 0x1000c + 3 * 0x40, 1, 4);
    trn_trnx_write(f->chip, 0x10018 + 3 * 0x40, 0, 4);
    trn_trnx_write(f->chip, 0x100000 + 128 * 0x1000 + 0x20, 3, 4);
    trn_trnx_write(f->chip, 0x100000 + 128 * 0x1000 + 0x18, 2, 8);
    put_pair(f, 0, 0x1000000, DATA | HOST_BIT, 64);
    put_pair(f, 1, 0x1000000, DATA | HOST_BIT, 64);
    ring_both(f, 128, 0, 2);
    fake_run(f);
    g_assert_cmpuint(f->irqs[3], ==, 1);
    g_assert_cmphex(trn_get_le32(f->host + 0x50000), ==, 0x80000001);
    g_assert_cmphex(trn_get_le32(f->host + 0x50004), ==, 128 * 16);
    g_assert_cmphex(trn_get_le64(f->host + 0x50008), ==, 2);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/udma/" #name, name)
    T(nothing_moves_inside_a_doorbell_write);
    T(source_that_ends_in_a_hole_marks_its_target_dirty);
    T(idle_engine_asks_for_no_worker);
    T(turn_is_bounded_however_much_is_pending);
    T(held_engine_moves_nothing_and_holds_nest);
    T(bus_master_off_keeps_pending);
    T(length_zero_is_64_kib_on_both_sides);
    T(queues_of_an_engine_share_turns_by_priority);
    T(priority_that_changes_counts_from_the_next_round_on);
    T(queue_reset_drops_what_is_pending);
    T(reset_of_one_side_in_mid_packet_is_survived);
    T(descriptor_that_shrinks_in_mid_packet_ends_it);
    T(ring_length_taken_away_with_work_pending_is_survived);
    T(completion_ring_gets_one_entry_a_descriptor);
    T(interrupt_bit_of_a_descriptor_raises_that_of_its_queue);
    T(ring_at_the_end_of_memory_is_read_to_its_last_descriptor);
    T(copy_across_the_end_of_a_stack_moves_what_is_inside);
    T(entry_that_carries_into_host_memory_is_locked);
    T(dma_to_a_queue_reset_is_deferred_not_deadlocked);
    T(dma_to_the_own_queue_reset_is_survived);
    T(dma_to_the_reset_register_resets_the_device);
    T(interrupt_comes_after_the_event_is_in_memory);
    return g_test_run();
}
