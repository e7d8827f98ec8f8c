/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors, and the work that they must not affect: addresses that decode to
 * nothing, ring ids, broken packets; HW 3.7, 11.6 and the trnx manual.
 */
#include "qt.h"

/* HW 2.2: between the TPBs' 0x804000000 bytes and the next region. */
#define NOWHERE 0x002900000000ULL
/* HW 3.7: secondary groups A (M2S) and B (S2M), from the engine base. */
#define CAUSE_M2S 0x3a000
#define CAUSE_S2M 0x3a040

/* trnx manual: error codes, QCTL bits. */
enum {
    ERR_M2S_PREFETCH = 1, ERR_S2M_PREFETCH, ERR_M2S_DATA, ERR_S2M_DATA,
    ERR_M2S_RING_ID, ERR_S2M_RING_ID, ERR_M2S_FIRST, ERR_M2S_LAST,
    ERR_M2S_MAX_DESC, ERR_M2S_PKT_LEN, ERR_RECORD, ERR_M2S_OP,
};
#define CTRL_HALT 4
#define STATUS_ERROR 2
#define STATUS_HALTED 8

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    QtQueue *neighbour;        /* another queue of the same engine */
    uint32_t base;              /* of the engine in BAR0 */
    uint32_t qctl;
    uint64_t host;
} Fixture;

static void setup(Fixture *f)
{
    f->dev = qt_start("");
    f->dev->vm->guest_errors = true;
    f->q = qt_queue_new(f->dev, 21, 6, 64);
    f->neighbour = qt_queue_new(f->dev, 21, 7, 64);
    f->base = qt_engine_bar0(21);
    f->qctl = qt_qctl(21, 6);
    f->host = qt_alloc(f->dev->vm, 65536, 4096) | HOST_BIT;
    qt_mem_fill(f->dev, f->host, 65536, 1);
}

static void expect_working(Fixture *f, QtQueue *q)
{
    qt_mem_set(f->dev, 0x1000000, 0, 65536);
    qt_copy(q, 0x1000000, f->host, 65536);
    qt_mem_expect(f->dev, 0x1000000, 65536, 1);
}

static void teardown(Fixture *f)
{
    expect_working(f, f->neighbour);
    qt_queue_free(f->q);
    qt_queue_free(f->neighbour);
    qt_stop(f->dev);
}

static uint32_t status(Fixture *f)
{
    return qt_trnx_read(f->dev, f->qctl + QCTL_STATUS);
}

static void expect_error(Fixture *f, unsigned code, uint64_t addr)
{
    g_assert_cmphex(status(f) & STATUS_ERROR, ==, STATUS_ERROR);
    g_assert_cmpuint(status(f) >> 8 & 0xff, ==, code);
    g_assert_cmphex(qt_trnx_read64(f->dev, f->qctl + QCTL_ERR_ADDR), ==, addr);
}

/* HW 11.6: log, skip the bytes, go on; the marker of the batch still comes. */
static void unknown_source_is_skipped_and_the_queue_goes_on(void)
{
    Fixture f;

    setup(&f);
    qt_mem_set(f.dev, 0x1000000, 0x77, 4096);
    qt_pair(f.q, 0x1000000, NOWHERE, 4096);
    qt_pair(f.q, 0x1001000, f.host, 4096);
    qt_post_marker(f.q);
    qt_ring(f.q);
    qt_wait_marker(f.q);
    qt_mem_expect_byte(f.dev, 0x1000000, 0x77, 4096);
    qt_mem_expect(f.dev, 0x1001000, 4096, 1);
    g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_M2S) & 1 << 8, !=, 0);
    expect_error(&f, ERR_M2S_DATA, NOWHERE);
    g_assert_cmphex(status(&f) & STATUS_HALTED, ==, 0);
    teardown(&f);
}

static void unknown_destination_is_skipped_and_the_queue_goes_on(void)
{
    Fixture f;

    setup(&f);
    qt_pair(f.q, NOWHERE, f.host, 4096);
    qt_pair(f.q, 0x1001000, f.host, 4096);
    qt_post_marker(f.q);
    qt_ring(f.q);
    qt_wait_marker(f.q);
    qt_mem_expect(f.dev, 0x1001000, 4096, 1);
    g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_S2M) & 1 << 1, !=, 0);
    expect_error(&f, ERR_S2M_DATA, NOWHERE);
    teardown(&f);
}

static void cause_bits_clear_by_writing_zero(void)
{
    Fixture f;

    setup(&f);
    qt_copy(f.q, NOWHERE, f.host, 64);
    g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_S2M) & 2, ==, 2);
    qt_write(f.dev, f.base + CAUSE_S2M, ~2u);
    g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_S2M) & 2, ==, 0);
    qt_copy(f.q, NOWHERE, f.host, 64);
    g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_S2M) & 2, ==, 2);
    teardown(&f);
}

/* Each address once as a source and once as a destination. */
static void nothing_undecodable_stops_the_device(void)
{
    static const uint64_t bad[] = {
        0x000100000000 + 4 * GIB,           /* beyond the stack */
        0x0000ffffffff,                     /* its last byte, and on */
        0x000f00000000, 0x004900000000, 0x80f000000000,
        0x008020000000, 0x008800000000, 0x00a000000000, 0x3fffffffffff,
        0x0010000000000 - 65536,
        0x10000000000000, 0x14008006c84038, 0x1c000000000000,
        0x20000000000000, 0x8000000000000000, 0xffffffffffffffff,
        0x7fffffffffffff00,
        HOST_BIT | 0x2fffffff0000, HOST_BIT | 0x3ffffffffff0,
        HOST_BIT | (1 * GIB - 100), HOST_BIT | 0x800000000000,
        HOST_BIT | 0xfee00000, HOST_BIT | 0xfec00000, HOST_BIT | 0xb0020000,
    };
    Fixture f;

    setup(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        qt_pair(f.q, 0x1000000, bad[i], 65536);
        qt_pair(f.q, bad[i], f.host, 65536);
        qt_post_marker(f.q);
        qt_ring(f.q);
        qt_wait_marker(f.q);
    }
    expect_working(&f, f.q);
    teardown(&f);
}

/* Peer-to-peer into registers may fail. It must not hang. */
static void own_registers_as_host_memory_do_not_hang(void)
{
    Fixture f;
    uint64_t places[3];

    setup(&f);
    f.dev->vm->any_log = true;
    places[0] = f.dev->bar0 + MISC_RAM;
    places[1] = f.dev->bar2;
    places[2] = f.dev->bar0 + f.base + 0x7038;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        qt_pair(f.q, 0x1000000, places[i] | HOST_BIT, 4);
        qt_pair(f.q, places[i] | HOST_BIT, f.host, 4);
        qt_post_marker(f.q);
        qt_ring(f.q);
        qt_wait_marker(f.q);
    }
    teardown(&f);
}

static void ring_that_decodes_to_nothing_stops_its_queue_alone(void)
{
    Fixture f;

    for (unsigned side = 0; side < 2; side++) {
        uint64_t good;
        QtRing *ring;
        int64_t end = qt_deadline();

        setup(&f);
        ring = side ? &f.q->s2m : &f.q->m2s;
        good = ring->addr;
        ring->addr = NOWHERE;
        qt_queue_program(f.q);
        ring->addr = good;
        qt_post_copy(f.q, 0x1000000, f.host, 4096);
        qt_post_marker(f.q);
        qt_ring(f.q);
        while (!(status(&f) & STATUS_ERROR)) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        }
        expect_error(&f, side ? ERR_S2M_PREFETCH : ERR_M2S_PREFETCH, NOWHERE);
        g_assert_cmphex(qt_read(f.dev, f.base + (side ? CAUSE_S2M : CAUSE_M2S))
                        & (side ? 1 << 9 : 1 << 11), !=, 0);
        expect_working(&f, f.neighbour);
        qt_queue_program(f.q);
        expect_working(&f, f.q);
        g_assert_cmphex(status(&f) & STATUS_ERROR, ==, 0);
        teardown(&f);
    }
}

static void bus_master_off_keeps_work_and_resumes(void)
{
    Fixture f;

    setup(&f);
    f.dev->vm->guest_errors = false;
    qt_mem_set(f.dev, 0x1000000, 0x13, 65536);
    qt_dev_set_master(f.dev, false);
    qt_post_copy(f.q, 0x1000000, f.host, 65536);
    qt_post_marker(f.q);
    qt_ring(f.q);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_false(qt_marker_arrived(f.q));
    }
    qt_mem_expect_byte(f.dev, 0x1000000, 0x13, 65536);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_TAIL), ==, 0x40000002);
    qt_dev_set_master(f.dev, true);
    qt_wait_marker(f.q);
    qt_mem_expect(f.dev, 0x1000000, 65536, 1);
    teardown(&f);
}

/* With HALT the first error holds the queue until its reset. */
static void halt_stops_at_the_error_and_queue_reset_recovers(void)
{
    Fixture f;
    int64_t end = qt_deadline();

    setup(&f);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_HALT);
    qt_mem_set(f.dev, 0x1000000, 0x55, 8192);
    qt_pair(f.q, 0x1000000, f.host, 4096);
    qt_pair(f.q, NOWHERE, f.host, 4096);
    qt_pair(f.q, 0x1001000, f.host, 4096);
    qt_post_marker(f.q);
    qt_ring(f.q);
    while (!(status(&f) & STATUS_HALTED)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    expect_error(&f, ERR_S2M_DATA, NOWHERE);
    expect_working(&f, f.neighbour);
    qt_mem_set(f.dev, 0x1001000, 0x55, 4096);
    for (unsigned i = 0; i < 50; i++) {
        g_assert_false(qt_marker_arrived(f.q));
    }
    qt_mem_expect_byte(f.dev, 0x1001000, 0x55, 4096);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT), ==, 1);

    /* More doorbells do not wake it; its reset does. */
    qt_pair(f.q, 0x1001000, f.host, 4096);
    qt_ring(f.q);
    g_assert_cmphex(status(&f) & STATUS_HALTED, ==, STATUS_HALTED);
    qt_queue_reset(f.q);
    g_assert_cmphex(status(&f) & (STATUS_HALTED | STATUS_ERROR | 0xff00), ==,
                    0);
    g_assert_cmpuint(qt_trnx_read64(f.dev, f.qctl + QCTL_COUNT), ==, 0);
    expect_working(&f, f.q);
    teardown(&f);
}

static void bad_ring_id(Fixture *f, bool s2m)
{
    qt_mem_set(f->dev, 0x1000000, 0, 4096);
    f->q->m2s.ring_id = s2m ? 1 : 3;
    f->q->s2m.ring_id = s2m ? 3 : 1;
    qt_pair(f->q, 0x1000000, f->host, 4096);
    f->q->m2s.ring_id = f->q->s2m.ring_id = 1;
    qt_post_marker(f->q);
    qt_ring(f->q);
}

/* HW 3.5 steps 27 to 32: setup of engines 0..127 by the driver. */
static void masked_ring_id_mismatch_is_no_error(void)
{
    Fixture f;

    setup(&f);
    f.dev->vm->guest_errors = false;
    qt_write(f.dev, f.base + 0x3a010, 0x00020000);
    qt_write(f.dev, f.base + 0x3a030, 0x00020000);
    qt_write(f.dev, f.base + 0x3a050, 0x00000800);
    qt_write(f.dev, f.base + 0x3a070, 0x00000800);
    qt_write(f.dev, f.base + 0x0020c, 0x00020000);
    qt_write(f.dev, f.base + 0x2020c, 0x00000800);
    qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_HALT);
    for (unsigned s2m = 0; s2m < 2; s2m++) {
        bad_ring_id(&f, s2m);
        qt_wait_marker(f.q);
        qt_mem_expect(f.dev, 0x1000000, 4096, 1);
        g_assert_cmphex(status(&f) & STATUS_ERROR, ==, 0);
    }
    teardown(&f);
}

static void unmasked_ring_id_mismatch_halts_a_queue_that_asks_for_it(void)
{
    Fixture f;

    setup(&f);
    qt_write(f.dev, f.base + 0x3a030, 0);
    qt_write(f.dev, f.base + 0x3a070, 0);
    for (unsigned s2m = 0; s2m < 2; s2m++) {
        int64_t end = qt_deadline();

        qt_queue_program(f.q);
        qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_HALT);
        bad_ring_id(&f, s2m);
        while (!(status(&f) & STATUS_HALTED)) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        }
        g_assert_cmpuint(status(&f) >> 8 & 0xff, ==,
                         s2m ? ERR_S2M_RING_ID : ERR_M2S_RING_ID);
        g_assert_cmphex(qt_read(f.dev, f.base + (s2m ? CAUSE_S2M : CAUSE_M2S))
                        & (s2m ? 1 << 11 : 1 << 17), !=, 0);
        qt_mem_expect_byte(f.dev, 0x1000000, 0, 4096);
    }
    teardown(&f);
}

typedef struct BadPacket {
    uint32_t w0[3];             /* flags of up to three M2S descriptors */
    unsigned n;
    unsigned code;
    unsigned cause;             /* bit of secondary group A */
} BadPacket;

static void broken_packets_are_reported_and_recovered_from(void)
{
    static const BadPacket packets[] = {
        { { M2S_LAST }, 1, ERR_M2S_FIRST, 15 },
        { { M2S_FIRST, M2S_FIRST | M2S_LAST }, 2, ERR_M2S_FIRST, 15 },
    };
    Fixture f;

    setup(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(packets); i++) {
        const BadPacket *p = &packets[i];
        int64_t end = qt_deadline();

        qt_queue_program(f.q);
        qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_HALT);
        for (unsigned k = 0; k < p->n; k++) {
            qt_s2m(f.q, 64, 0x1000000);
            qt_m2s(f.q, p->w0[k] | 64, OP_COPY, f.host);
        }
        qt_ring(f.q);
        while (!(status(&f) & STATUS_HALTED)) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        }
        g_assert_cmpuint(status(&f) >> 8 & 0xff, ==, p->code);
        g_assert_cmphex(qt_read(f.dev, f.base + CAUSE_M2S) & 1 << p->cause,
                        !=, 0);
    }
    qt_queue_program(f.q);
    expect_working(&f, f.q);
    teardown(&f);
}

/* HW 3.5 step 23: 65 descriptors; HW 4.1: 0xfffff bytes. */
static void packet_limits_are_enforced(void)
{
    Fixture f;

    setup(&f);
    qt_write(f.dev, f.base + 0x00304, 0x00010041);
    qt_write(f.dev, f.base + 0x00254, 0x010fffff);
    for (unsigned kind = 0; kind < 2; kind++) {
        unsigned n = kind ? 17 : 66;
        int64_t end = qt_deadline();

        qt_queue_free(f.q);
        f.q = qt_queue_new(f.dev, 21, 6, 128);
        qt_trnx_write(f.dev, f.qctl + QCTL_CTRL, CTRL_HALT);
        for (unsigned i = 0; i < n; i++) {
            qt_s2m(f.q, 0, 0x1000000 + i * 65536);
            qt_m2s(f.q, (i == 0 ? M2S_FIRST : 0) | (i == n - 1 ? M2S_LAST : 0)
                   | (kind ? 0 : 16), OP_COPY, f.host);
        }
        qt_ring(f.q);
        while (!(status(&f) & STATUS_HALTED)) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        }
        g_assert_cmpuint(status(&f) >> 8 & 0xff, ==,
                         kind ? ERR_M2S_PKT_LEN : ERR_M2S_MAX_DESC);
    }
    teardown(&f);
}

static void hung_engine_takes_doorbells_and_moves_nothing(void)
{
    QtDev *dev = qt_start("x-hang-engine=128");
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    QtQueue *hung = qt_queue_new(dev, 128, 0, 64);
    QtQueue *other = qt_queue_new(dev, 129, 0, 64);

    qt_mem_set(dev, 0x1000000, 0x21, 4096);
    qt_post_copy(hung, 0x1000000, host, 4096);
    qt_post_marker(hung);
    qt_ring(hung);
    qt_copy_verify(other, 0x1001000, host, 4096, 2);
    g_assert_false(qt_marker_arrived(hung));
    g_assert_cmphex(qt_read(dev, hung->m2s.page + Q_TAIL), ==, 0x40000002);
    g_assert_cmphex(qt_read(dev, hung->m2s.page + Q_HEAD), ==, 0x40000000);
    qt_mem_expect_byte(dev, 0x1000000, 0x21, 4096);
    /* A queue reset returns although the engine hangs, and drops the work. */
    qt_queue_reset(hung);
    qtest_qmp_assert_success(dev->vm->qts,
                             "{'execute': 'qom-set', 'arguments': {'path':"
                             "'/machine/peripheral/trn0', 'property':"
                             "'x-hang-engine', 'value': -1}}");
    qt_copy_verify(hung, 0x1002000, host, 4096, 3);
    qt_mem_expect_byte(dev, 0x1000000, 0x21, 4096);
    qt_queue_free(hung);
    qt_queue_free(other);
    qt_stop(dev);
}

static void hang_at_run_time_holds_work_until_it_ends(void)
{
    QtDev *dev = qt_start("");
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    QtQueue *q = qt_queue_new(dev, 31, 15, 64);

    qt_copy_verify(q, 0x1000000, host, 4096, 1);
    qtest_qmp_assert_success(dev->vm->qts,
                             "{'execute': 'qom-set', 'arguments': {'path':"
                             "'/machine/peripheral/trn0', 'property':"
                             "'x-hang-engine', 'value': 31}}");
    qt_mem_set(dev, 0x1000000, 0, 4096);
    qt_post_copy(q, 0x1000000, host, 4096);
    qt_post_marker(q);
    qt_ring(q);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_false(qt_marker_arrived(q));
    }
    qtest_qmp_assert_success(dev->vm->qts,
                             "{'execute': 'qom-set', 'arguments': {'path':"
                             "'/machine/peripheral/trn0', 'property':"
                             "'x-hang-engine', 'value': -1}}");
    qt_wait_marker(q);
    qt_mem_expect(dev, 0x1000000, 4096, 1);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/error/" #name, name)
    T(unknown_source_is_skipped_and_the_queue_goes_on);
    T(unknown_destination_is_skipped_and_the_queue_goes_on);
    T(cause_bits_clear_by_writing_zero);
    T(nothing_undecodable_stops_the_device);
    T(own_registers_as_host_memory_do_not_hang);
    T(ring_that_decodes_to_nothing_stops_its_queue_alone);
    T(bus_master_off_keeps_work_and_resumes);
    T(halt_stops_at_the_error_and_queue_reset_recovers);
    T(masked_ring_id_mismatch_is_no_error);
    T(unmasked_ring_id_mismatch_halts_a_queue_that_asks_for_it);
    T(broken_packets_are_reported_and_recovered_from);
    T(packet_limits_are_enforced);
    T(hung_engine_takes_doorbells_and_moves_nothing);
    T(hang_at_run_time_holds_work_until_it_ends);
    return g_test_run();
}
