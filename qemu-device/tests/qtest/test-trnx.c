/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trnx: completion counters, arming, event queues, MSI-X. The trnx manual. */
#include "qt.h"

#define CTRL_COUNT 1
#define CTRL_ERR_EVENT 2
#define CTRL_HALT 4
#define STATUS_ARMED 4

#define EVENT_COMPLETION 1
#define EVENT_QUEUE_ERROR 2
#define PHASE 0x80000000u

#define NOWHERE 0x002900000000ULL

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint32_t qctl;
    uint32_t index;
    uint64_t record;            /* guest memory, 32 bytes */
    uint64_t host;
} Fixture;

static void setup(Fixture *f, unsigned engine, unsigned queue)
{
    f->dev = qt_start("");
    f->q = qt_queue_new(f->dev, engine, queue, 256);
    f->qctl = qt_qctl(engine, queue);
    f->index = engine * 16 + queue;
    f->record = qt_alloc(f->dev->vm, 32, 32);
    f->host = qt_alloc(f->dev->vm, 65536, 4096) | HOST_BIT;
    qtest_memset(f->dev->vm->qts, f->record, 0, 32);
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->q);
    qt_stop(f->dev);
}

static uint32_t eq_reg(unsigned n, unsigned off)
{
    return 0x10000 + n * 0x40 + off;
}

static void eq_arm(Fixture *f, unsigned n, uint32_t ci)
{
    qt_trnx_write(f->dev, eq_reg(n, 0x18), ci);
}

static void copies(Fixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        qt_pair(f->q, 0x1000000 + i * 64, f->host, 64);
    }
    qt_ring(f->q);
}

static uint64_t record64(Fixture *f, unsigned off)
{
    return qtest_readq(f->dev->vm->qts, f->record + off);
}

static void wait_record(Fixture *f, uint64_t want)
{
    qt_wait_mem32(f->dev->vm, f->record, want, "counter record");
}

static void count_registers_follow_both_directions(void)
{
    Fixture f;

    setup(&f, 44, 9);
    /* Three sources, two destinations in one packet. */
    qt_s2m(f.q, 100, 0x1000000);
    qt_s2m(f.q, 200, 0x1000100);
    qt_m2s(f.q, M2S_FIRST | 150, OP_COPY, f.host);
    qt_m2s(f.q, 100, 0, f.host + 150);
    qt_m2s(f.q, M2S_LAST | 50, 0, f.host + 250);
    qt_post_marker(f.q);
    qt_ring(f.q);
    qt_wait_marker(f.q);
    qt_wait_count(f.q, 3);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT), ==, 3);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_M2S_COUNT), ==, 4);
    g_assert_cmpuint(qt_trnx_read(f.dev, f.qctl + QCTL_COUNT), ==, 3);
    qt_queue_reset(f.q);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT), ==, 0);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_M2S_COUNT), ==, 0);
    teardown(&f);
}

static void record_is_written_only_when_asked_for(void)
{
    Fixture f;

    setup(&f, 128, 0);
    qt_trnx_write64(f.dev, f.qctl + QCTL_COUNT_ADDR, f.record | HOST_BIT);
    g_assert_cmphex(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT_ADDR), ==,
                    f.record | HOST_BIT);
    copies(&f, 5);
    qt_wait_count(f.q, 5);
    g_assert_cmpuint(record64(&f, 0), ==, 0);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_COUNT);
    copies(&f, 5);
    wait_record(&f, 10);
    g_assert_cmpuint(record64(&f, 8), ==, 10);
    g_assert_cmpuint(record64(&f, 16), ==, 0);
    teardown(&f);
}

static void record_address_may_come_in_halves(void)
{
    Fixture f;

    setup(&f, 3, 1);
    qt_trnx_write(f.dev, f.qctl + QCTL_COUNT_ADDR, f.record);
    g_assert_cmphex(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT_ADDR), ==, 0);
    qt_trnx_write(f.dev, f.qctl + QCTL_COUNT_ADDR + 4, 0x4000 | f.record >> 32);
    g_assert_cmphex(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT_ADDR), ==,
                    f.record | HOST_BIT);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_COUNT);
    copies(&f, 3);
    wait_record(&f, 3);
    teardown(&f);
}

static void record_may_lie_in_hbm(void)
{
    Fixture f;
    uint64_t at = qt_hbm_base[2] + 0x3000040;
    int64_t end = qt_deadline();
    uint64_t count = 0;

    setup(&f, 90, 2);
    qt_mem_set(f.dev, at, 0, 32);
    qt_trnx_write64(f.dev, f.qctl + QCTL_COUNT_ADDR, at);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_COUNT);
    copies(&f, 6);
    while (count != 6) {
        qt_mem_read(f.dev, at, &count, 8);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    teardown(&f);
}

static void data_is_there_when_the_record_counts_it(void)
{
    Fixture f;

    setup(&f, 129, 0);
    qt_trnx_write64(f.dev, f.qctl + QCTL_COUNT_ADDR, f.record | HOST_BIT);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_COUNT);
    for (unsigned round = 1; round <= 100; round++) {
        qt_mem_fill(f.dev, f.host, 65536, round);
        qt_pair(f.q, 0x1000000, f.host, 65536);
        qt_ring(f.q);
        wait_record(&f, round);
        qt_mem_expect(f.dev, 0x1000000, 65536, round);
    }
    teardown(&f);
}

static void expect_event(Fixture *f, uint64_t ring, unsigned slot, uint32_t w0,
                         uint64_t data)
{
    QTestState *qts = f->dev->vm->qts;

    qt_wait_mem32(f->dev->vm, ring + slot * 16, w0, "event");
    g_assert_cmphex(qtest_readl(qts, ring + slot * 16 + 4), ==, f->index);
    g_assert_cmpuint(qtest_readq(qts, ring + slot * 16 + 8), ==, data);
}

static void arming_before_the_work_interrupts_once(void)
{
    Fixture f;
    uint64_t msi;
    uint64_t ring;

    setup(&f, 128, 1);
    msi = qt_msix_enable(f.dev, 5, 0xcafe);
    ring = qt_eq_enable(f.dev, 5, 4);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 5);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 3);
    g_assert_cmphex(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) & STATUS_ARMED,
                    ==, STATUS_ARMED);
    eq_arm(&f, 5, 0);
    copies(&f, 2);
    qt_wait_count(f.q, 2);
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    copies(&f, 1);
    qt_wait_mem32(f.dev->vm, msi, 0xcafe, "MSI-X vector 5");
    expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, 3);
    g_assert_cmphex(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) & STATUS_ARMED,
                    ==, 0);

    /* One shot: more work, no second event. */
    copies(&f, 10);
    qt_wait_count(f.q, 13);
    g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(5, 0x10)), ==, 1);
    teardown(&f);
}

static void arming_after_the_work_interrupts_at_once(void)
{
    Fixture f;
    uint64_t msi;
    uint64_t ring;

    setup(&f, 131, 1);
    msi = qt_msix_enable(f.dev, 0, 0xbeef);
    ring = qt_eq_enable(f.dev, 0, 4);
    copies(&f, 8);
    qt_wait_count(f.q, 8);
    g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(0, 0x10)), ==, 0);
    eq_arm(&f, 0, 0);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 8);
    qt_wait_mem32(f.dev->vm, msi, 0xbeef, "MSI-X vector 0");
    expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, 8);
    teardown(&f);
}

/* An entry written before its queue is armed must not be slept over. */
static void event_before_the_event_queue_is_armed_interrupts_at_the_arm(void)
{
    Fixture f;
    uint64_t msi;

    setup(&f, 131, 0);
    msi = qt_msix_enable(f.dev, 31, 0x1f);
    qt_eq_enable(f.dev, 31, 4);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 31);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 1);
    copies(&f, 1);
    while (qt_trnx_read(f.dev, eq_reg(31, 0x10)) != 1) {
        qt_wait_count(f.q, 1);
    }
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    eq_arm(&f, 31, 0);
    qt_wait_mem32(f.dev->vm, msi, 0x1f, "MSI-X vector 31");
    /* Armed with nothing new: silence. */
    qtest_writel(f.dev->vm->qts, msi, 0);
    eq_arm(&f, 31, 1);
    g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(31, 0x14)), ==, 1);
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    teardown(&f);
}

static void unarmed_work_interrupts_nobody(void)
{
    Fixture f;
    uint64_t msi[4];

    setup(&f, 60, 0);
    for (unsigned v = 0; v < 4; v++) {
        msi[v] = qt_msix_enable(f.dev, v, 0x100 + v);
        qt_eq_enable(f.dev, v, 4);
        eq_arm(&f, v, 0);
    }
    copies(&f, 200);
    qt_wait_count(f.q, 200);
    /* The one that is armed arrives; by then any other would have. */
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 2);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 201);
    copies(&f, 1);
    qt_wait_mem32(f.dev->vm, msi[2], 0x102, "MSI-X vector 2");
    for (unsigned v = 0; v < 4; v++) {
        g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi[v]), ==,
                        v == 2 ? 0x102 : 0);
        g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(v, 0x10)), ==, v == 2);
    }
    teardown(&f);
}

static void masked_vector_stays_pending_until_unmasked(void)
{
    Fixture f;
    uint64_t msi;

    setup(&f, 61, 0);
    msi = qt_msix_enable(f.dev, 3, 0x33);
    qt_trnx_write(f.dev, 0x20000 + 3 * 16 + 12, 1);
    qt_eq_enable(f.dev, 3, 4);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 3);
    eq_arm(&f, 3, 0);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 1);
    copies(&f, 1);
    while (!(qt_trnx_read(f.dev, 0x28000) & 1 << 3)) {
        qt_wait_count(f.q, 1);
    }
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    qt_trnx_write(f.dev, 0x20000 + 3 * 16 + 12, 0);
    qt_wait_mem32(f.dev->vm, msi, 0x33, "MSI-X vector 3");
    teardown(&f);
}

/* Sixteen entries; the phase is 1 on the first lap, 0 on the next, 1 again. */
static void event_ring_wraps_and_flips_its_phase(void)
{
    Fixture f;
    uint64_t ring;

    setup(&f, 2, 2);
    ring = qt_eq_enable(f.dev, 1, 4);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 1);
    for (unsigned n = 1; n <= 50; n++) {
        unsigned slot = (n - 1) % 16;
        bool phase = (n - 1) / 16 % 2 == 0;

        qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, n);
        copies(&f, 1);
        expect_event(&f, ring, slot, (phase ? PHASE : 0) | EVENT_COMPLETION, n);
        g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(1, 0x10)), ==, n);
        qt_trnx_write(f.dev, eq_reg(1, 0x14), n);
    }
    g_assert_cmphex(qt_trnx_read(f.dev, eq_reg(1, 0x1c)), ==, 0);
    teardown(&f);
}

static void full_event_ring_drops_and_says_overflow(void)
{
    Fixture f;
    uint64_t ring;
    uint64_t guard;

    setup(&f, 2, 3);
    ring = qt_eq_enable(f.dev, 6, 4);
    guard = qt_alloc(f.dev->vm, 16, 16);
    g_assert_cmphex(guard, ==, ring + 256);
    qtest_memset(f.dev->vm->qts, guard, 0xd5, 16);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 6);
    for (unsigned n = 1; n <= 17; n++) {
        qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, n);
        copies(&f, 1);
        while (qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) & STATUS_ARMED) {
            qt_wait_count(f.q, n);
        }
    }
    while (!(qt_trnx_read(f.dev, eq_reg(6, 0x1c)) & 1)) {
        qt_wait_count(f.q, 17);
    }
    g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(6, 0x10)), ==, 16);
    qt_mem_expect_byte(f.dev, guard | HOST_BIT, 0xd5, 16);
    expect_event(&f, ring, 15, PHASE | EVENT_COMPLETION, 16);
    expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, 1);

    qt_trnx_write(f.dev, eq_reg(6, 0x1c), 1);
    g_assert_cmphex(qt_trnx_read(f.dev, eq_reg(6, 0x1c)), ==, 0);
    qt_trnx_write(f.dev, eq_reg(6, 0x14), 16);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 18);
    copies(&f, 1);
    expect_event(&f, ring, 0, EVENT_COMPLETION, 18);
    f.dev->vm->any_log = true;
    teardown(&f);
}

static void enabling_an_event_queue_again_starts_it_afresh(void)
{
    Fixture f;
    uint64_t ring;

    setup(&f, 2, 4);
    for (unsigned round = 0; round < 3; round++) {
        ring = qt_eq_enable(f.dev, 9, 4);
        qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 9);
        qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, round + 1);
        copies(&f, 1);
        expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, round + 1);
        qt_trnx_write(f.dev, eq_reg(9, 0x0c), 0);
    }
    teardown(&f);
}

static void queue_error_sends_an_event_with_its_code(void)
{
    Fixture f;
    uint64_t ring;

    setup(&f, 130, 0);
    ring = qt_eq_enable(f.dev, 4, 4);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 4);
    qt_trnx_write64(f.dev, f.qctl + QCTL_COUNT_ADDR, f.record | HOST_BIT);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL,
                  CTRL_COUNT | CTRL_ERR_EVENT | CTRL_HALT);
    qt_pair(f.q, 0x1000000, NOWHERE, 64);
    qt_ring(f.q);
    expect_event(&f, ring, 0, PHASE | EVENT_QUEUE_ERROR, 3);
    /* ERROR, HALTED and the code, in the record as in the register. */
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, f.record + 16) & 0xff0a, ==,
                    0x030a);
    g_assert_cmphex(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) & 0xff0a, ==,
                    0x030a);
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

static void bad_record_address_is_reported_and_harms_nothing(void)
{
    Fixture f;
    int64_t end = qt_deadline();

    setup(&f, 130, 1);
    qt_trnx_write64(f.dev, f.qctl + QCTL_COUNT_ADDR, NOWHERE);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_COUNT);
    qt_copy(f.q, 0x1000000, f.host, 4096);
    while (!(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) & 2)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    g_assert_cmpuint(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS) >> 8 & 0xff, ==,
                     11);
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

static void event_ring_outside_memory_sets_its_axi_bit(void)
{
    Fixture f;
    int64_t end = qt_deadline();

    setup(&f, 130, 2);
    qt_trnx_write64(f.dev, eq_reg(8, 0x00), NOWHERE);
    qt_trnx_write(f.dev, eq_reg(8, 0x08), 4);
    qt_trnx_write(f.dev, eq_reg(8, 0x0c), 1);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 8);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 1);
    copies(&f, 1);
    while (!(qt_trnx_read(f.dev, eq_reg(8, 0x1c)) & 2)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

static void every_vector_reaches_its_own_address(void)
{
    Fixture f;
    uint64_t msi[32];

    setup(&f, 100, 0);
    for (unsigned v = 0; v < 32; v++) {
        msi[v] = qt_msix_enable(f.dev, v, 0x4000 + v);
        qt_eq_enable(f.dev, v, 4);
        eq_arm(&f, v, 0);
    }
    for (unsigned v = 0; v < 32; v++) {
        qt_trnx_write(f.dev, f.qctl + QCTL_EQ, v);
        qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, v + 1);
        copies(&f, 1);
        qt_wait_mem32(f.dev->vm, msi[v], 0x4000 + v, "MSI-X");
        for (unsigned later = v + 1; later < 32; later++) {
            g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi[later]), ==, 0);
        }
    }
    teardown(&f);
}

/* The chip's own software knows no MSI: nothing of trnx may be needed. */
static void copies_work_with_trnx_untouched_and_msix_off(void)
{
    Fixture f;

    setup(&f, 128, 0);
    qt_copy_verify(f.q, 0x1000000, f.host, 65536, 1);
    g_assert_cmphex(qt_trnx_read(f.dev, f.qctl + QCTL_STATUS), ==, 0);
    teardown(&f);
}

static void armed_event_without_msix_is_only_written(void)
{
    Fixture f;
    uint64_t ring;

    setup(&f, 128, 3);
    ring = qt_eq_enable(f.dev, 0, 4);
    eq_arm(&f, 0, 0);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 4);
    copies(&f, 4);
    expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, 4);
    teardown(&f);
}

static void queue_reset_disarms_and_leaves_the_control_words(void)
{
    Fixture f;
    uint64_t ring;

    setup(&f, 128, 4);
    ring = qt_eq_enable(f.dev, 0, 4);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 1000);
    qt_queue_reset(f.q);
    qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, 2);
    copies(&f, 2);
    expect_event(&f, ring, 0, PHASE | EVENT_COMPLETION, 2);
    g_assert_cmpuint(qt_trnx_read(f.dev, eq_reg(0, 0x10)), ==, 1);
    teardown(&f);
}

/* Virtual time stands still unless the test moves it. */
static void interrupt_that_is_early_waits_for_its_time(void)
{
    Fixture f;
    uint64_t msi, ring;

    setup(&f, 128, 5);
    g_assert_cmphex(qt_trnx_read64(f.dev, 0x08) & 0x2000, ==, 0x2000);
    msi = qt_msix_enable(f.dev, 7, 0xbeef);
    ring = qt_eq_enable(f.dev, 7, 4);
    qt_trnx_write(f.dev, eq_reg(7, 0x20), 1000000);
    qt_trnx_write(f.dev, f.qctl + QCTL_EQ, 7);
    for (unsigned i = 0; i < 2; i++) {
        eq_arm(&f, 7, i);
        qt_trnx_write64(f.dev, f.qctl + QCTL_ARM, i + 1);
        copies(&f, 1);
        expect_event(&f, ring, i, PHASE | EVENT_COMPLETION, i + 1);
        if (!i) {
            qt_wait_mem32(f.dev->vm, msi, 0xbeef, "the first interrupt");
            qtest_writel(f.dev->vm->qts, msi, 0);
        }
    }
    qtest_clock_step(f.dev->vm->qts, 999999);
    g_assert_cmphex(qtest_readl(f.dev->vm->qts, msi), ==, 0);
    qtest_clock_step(f.dev->vm->qts, 1);
    qt_wait_mem32(f.dev->vm, msi, 0xbeef, "the held interrupt");
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/trnx/" #name, name)
    T(count_registers_follow_both_directions);
    T(record_is_written_only_when_asked_for);
    T(record_address_may_come_in_halves);
    T(record_may_lie_in_hbm);
    T(data_is_there_when_the_record_counts_it);
    T(arming_before_the_work_interrupts_once);
    T(arming_after_the_work_interrupts_at_once);
    T(event_before_the_event_queue_is_armed_interrupts_at_the_arm);
    T(unarmed_work_interrupts_nobody);
    T(masked_vector_stays_pending_until_unmasked);
    T(event_ring_wraps_and_flips_its_phase);
    T(full_event_ring_drops_and_says_overflow);
    T(enabling_an_event_queue_again_starts_it_afresh);
    T(queue_error_sends_an_event_with_its_code);
    T(bad_record_address_is_reported_and_harms_nothing);
    T(event_ring_outside_memory_sets_its_axi_bit);
    T(every_vector_reaches_its_own_address);
    T(copies_work_with_trnx_untouched_and_msix_off);
    T(armed_event_without_msix_is_only_written);
    T(queue_reset_disarms_and_leaves_the_control_words);
    T(interrupt_that_is_early_waits_for_its_time);
    return g_test_run();
}
