/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that aborts, and one that must not: HW 3.5 to 3.7, family 5.1. Plus
 * what descriptors may ask for that is not modelled: HW 4.1 to 4.3.
 */
#include "fake-bus.h"

#define DATA 0x100000u
#define COPY 0x01080003u
#define NOWHERE 0x002900000000ULL
#define STATE_ABORT 0x2222u     /* HW 3.6: four fields */

typedef struct Fixture {
    FakeBus *f;
    unsigned engine;
    uint32_t base;
    unsigned next[16];          /* descriptors posted on each queue */
} Fixture;

static uint64_t ring_at(unsigned q, bool s2m)
{
    return 0x10000 + q * 0x2000 + s2m * 0x1000;
}

static void program(Fixture *x, unsigned q)
{
    fake_program(x->f, x->engine, q, ring_at(q, false) | HOST_BIT,
                 ring_at(q, true) | HOST_BIT, 64);
    x->next[q] = 0;
}

/* HW 3.5, steps 16 to 21; 27 and 28 for the engines of cores. */
static void init_errors(Fixture *x)
{
    static const uint32_t writes[][2] = {
        { 0x3a028, 0x28 }, { 0x380e8, 0x28 },
        { 0x3a030, 0xf0000000 }, { 0x3a0b0, 0xffffffc0 },
        { 0x3a018, 0xf0000000 }, { 0x3a098, 0xffffffc0 },
        { 0x380d8, 0xfffffaff }, { 0x3a068, 0x28 }, { 0x380e8, 0x28 },
        { 0x3a070, 0x000010f8 }, { 0x3a0b0, 0xfffff03f },
        { 0x3a058, 0x000010f8 }, { 0x3a098, 0xfffff03f },
        { 0x380d8, 0xfffff9ff },
    };
    TrnChip *chip = x->f->chip;

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        trn_chip_write(chip, x->base + writes[i][0], writes[i][1]);
    }
    for (unsigned s2m = 0; x->engine < 128 && s2m < 2; s2m++) {
        uint32_t mask = x->base + 0x3a010 + s2m * 0x40;
        uint32_t value = trn_chip_read(chip, mask) | (s2m ? 0x800 : 0x20000);

        trn_chip_write(chip, mask, value);
        trn_chip_write(chip, mask + 0x20, value);
    }
}

static void setup(Fixture *x, unsigned engine)
{
    *x = (Fixture) {
        .f = fake_new(),
        .engine = engine,
        .base = fake_page(engine, 0, false) - 0x1000,
    };
    for (unsigned i = 0; i < 0x10000; i++) {
        x->f->host[DATA + i] = i * 11 + (i >> 8) + 1;
    }
    for (unsigned q = 0; q < 3; q++) {
        program(x, q);
    }
}

/* One packet of @len bytes; flags of both descriptors besides the usual. */
static void post(Fixture *x, unsigned q, uint64_t dst, uint64_t src,
                 uint32_t len, uint32_t w0, uint32_t op)
{
    unsigned i = x->next[q]++;

    fake_desc(x->f, ring_at(q, false) + i * 16, 0x0d000000 ^ w0 ^ len, op, src);
    fake_desc(x->f, ring_at(q, true) + i * 16, 0x01000000 | len, 0, dst);
    trn_chip_write(x->f->chip, fake_page(x->engine, q, true) + 0x38, 1);
    trn_chip_write(x->f->chip, fake_page(x->engine, q, false) + 0x38, 1);
}

/* A copy of 4 KiB to a place of the queue's own, as the copies before it. */
static void copy(Fixture *x, unsigned q)
{
    post(x, q, 0x1000000 + q * 0x1000, DATA | HOST_BIT, 4096, 0, COPY);
}

static bool copied(Fixture *x, unsigned q)
{
    uint8_t *at = x->f->hbm + 0x1000000 + q * 0x1000;
    bool yes = !memcmp(at, x->f->host + DATA, 4096);

    memset(at, 0, 4096);
    return yes;
}

static uint32_t reg(Fixture *x, uint32_t off)
{
    return trn_chip_read(x->f->chip, x->base + off);
}

static bool is_aborted(Fixture *x)
{
    g_assert_cmphex(reg(x, 0x00200), ==, reg(x, 0x20200));
    return reg(x, 0x00200) == STATE_ABORT;
}

static uint32_t status(Fixture *x, unsigned q)
{
    return trn_trnx_read(x->f->chip,
                         0x100004 + (x->engine * 16 + q) * 0x100, 4);
}

/* An error on queue 0, work on queue 1 behind it. */
static void fail(Fixture *x)
{
    post(x, 0, 0x1000000, NOWHERE, 64, 0, COPY);
    copy(x, 0);
    fake_run(x->f);
}

static void masks_begin_as_ones_and_init_leaves_what_it_wants(void)
{
    Fixture x;

    setup(&x, 5);
    g_assert_cmphex(reg(&x, 0x3a010), ==, 0xffffffff);
    g_assert_cmphex(reg(&x, 0x3a030), ==, 0xffffffff);
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0);
    init_errors(&x);
    g_assert_cmphex(reg(&x, 0x3a030), ==, 0xf0020000);
    g_assert_cmphex(reg(&x, 0x3a070), ==, 0x000018f8);
    g_assert_cmphex(reg(&x, 0x3a0b0), ==, 0xfffff03f);
    fake_free(x.f);
}

/* HW 11.6: skip the bytes, go on. */
static void engine_that_nobody_initialised_never_aborts(void)
{
    Fixture x;

    setup(&x, 128);
    fail(&x);
    g_assert_true(copied(&x, 0));
    g_assert_false(is_aborted(&x));
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0x100);
    fake_free(x.f);
}

/* The same where the chip was not made so, whatever its masks say. */
static void error_disturbs_nothing_where_engines_do_not_abort(void)
{
    Fixture x;

    setup(&x, 128);
    x.f->chip->cfg.aborts = false;
    init_errors(&x);
    fail(&x);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_true(copied(&x, 0));
    g_assert_true(copied(&x, 1));
    g_assert_false(is_aborted(&x));
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0x100);
    g_assert_cmphex(reg(&x, 0x0021c), ==, (uint32_t)NOWHERE);
    fake_free(x.f);
}

static void error_aborts_the_engine_and_all_its_queues(void)
{
    Fixture x;

    setup(&x, 128);
    init_errors(&x);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_true(copied(&x, 1));
    fail(&x);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_true(is_aborted(&x));
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0x100);
    g_assert_cmphex(reg(&x, 0x380c0), ==, 0x100);
    g_assert_cmphex(reg(&x, 0x38000), ==, 0x4);
    /* What failed, in the log, and where it stopped. */
    g_assert_cmphex(reg(&x, 0x0021c), ==, (uint32_t)NOWHERE);
    g_assert_cmphex(reg(&x, 0x01034), ==, 0x40000000);
    g_assert_cmphex(status(&x, 0), ==, 0x30a);
    g_assert_cmphex(status(&x, 1), ==, 0x008);
    g_assert_false(copied(&x, 0));
    g_assert_false(copied(&x, 1));
    fake_free(x.f);
}

static void normal_lets_every_queue_go_on(void)
{
    Fixture x;

    setup(&x, 128);
    init_errors(&x);
    fail(&x);
    copy(&x, 1);
    program(&x, 0);
    trn_chip_write(x.f->chip, x.base + 0x00204, 1);
    trn_chip_write(x.f->chip, x.base + 0x20204, 1);
    fake_run(x.f);
    g_assert_false(is_aborted(&x));
    g_assert_true(copied(&x, 1));
    copy(&x, 0);
    fake_run(x.f);
    g_assert_true(copied(&x, 0));
    fake_free(x.f);
}

/* Whoever resumes what is broken meets the same error again. */
static void normal_without_a_reset_fails_at_the_same_place(void)
{
    Fixture x;

    setup(&x, 128);
    init_errors(&x);
    fail(&x);
    trn_chip_write(x.f->chip, x.base + 0x00204, 1);
    fake_run(x.f);
    g_assert_true(is_aborted(&x));
    g_assert_false(copied(&x, 0));
    fake_free(x.f);
}

/* HW 3.9, and the scrub of HW 5.2, whose queue is set up anew each time. */
static void reset_brings_back_its_queue_and_no_other(void)
{
    Fixture x;

    setup(&x, 37);
    init_errors(&x);
    fail(&x);
    copy(&x, 2);
    program(&x, 1);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_true(copied(&x, 1));
    g_assert_false(copied(&x, 2));
    g_assert_true(is_aborted(&x));
    for (unsigned q = 0; q < 16; q++) {
        program(&x, q);
    }
    g_assert_false(is_aborted(&x));
    copy(&x, 2);
    fake_run(x.f);
    g_assert_true(copied(&x, 2));
    fake_free(x.f);
}

/* HW 7.5: the rings of an H2T engine go on after a device reset. */
static void device_reset_ends_an_abort(void)
{
    Fixture x;

    setup(&x, 128);
    init_errors(&x);
    fail(&x);
    copy(&x, 1);
    trn_chip_write(x.f->chip, 0x06300010, 0);
    g_assert_false(is_aborted(&x));
    copy(&x, 1);
    copy(&x, 0);
    fake_run(x.f);
    g_assert_true(copied(&x, 0));
    g_assert_true(copied(&x, 1));
    fake_free(x.f);
}

static void partial_reset_ends_an_abort(void)
{
    Fixture x;

    setup(&x, 37);
    init_errors(&x);
    fail(&x);
    trn_chip_write(x.f->chip, 0x06300010, 0x00010101u << 2);
    g_assert_false(is_aborted(&x));
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0);
    program(&x, 1);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_true(copied(&x, 1));
    fake_free(x.f);
}

/* The trnx manual, 8: the rest of the engine runs on. */
static void queue_with_halt_confines_its_errors(void)
{
    Fixture x;

    setup(&x, 128);
    init_errors(&x);
    trn_trnx_write(x.f->chip, 0x100000 + 128 * 0x1000, 4, 4);
    fail(&x);
    copy(&x, 1);
    fake_run(x.f);
    g_assert_false(is_aborted(&x));
    g_assert_cmphex(status(&x, 0), ==, 0x30a);
    g_assert_cmphex(reg(&x, 0x3a000), ==, 0x100);
    g_assert_true(copied(&x, 1));
    fake_free(x.f);
}

static void completion_that_cannot_be_written_aborts(void)
{
    uint32_t s2m = fake_page(128, 0, true);

    for (unsigned halt = 0; halt < 2; halt++) {
        Fixture x;

        setup(&x, 128);
        init_errors(&x);
        trn_trnx_write(x.f->chip, 0x100000 + 128 * 0x1000, halt * 4, 4);
        trn_chip_write(x.f->chip, s2m + 0x44, (uint32_t)NOWHERE);
        trn_chip_write(x.f->chip, s2m + 0x48, NOWHERE >> 32);
        trn_chip_write(x.f->chip, s2m + 0x54, 3);
        copy(&x, 0);
        fake_run(x.f);
        g_assert_cmpint(is_aborted(&x), ==, !halt);
        g_assert_cmphex(reg(&x, 0x3a040), ==, 1 << 14);
        fake_free(x.f);
    }
}

/* HW 3.5, steps 27 and 28. */
static void wrong_ring_id_aborts_h2t_engines_alone(void)
{
    static const unsigned engines[] = { 5, 128 };

    for (unsigned i = 0; i < 2; i++) {
        for (unsigned s2m = 0; s2m < 2; s2m++) {
            Fixture x;

            setup(&x, engines[i]);
            init_errors(&x);
            post(&x, 0, 0x1000000, DATA | HOST_BIT, 4096,
                 s2m ? 0 : 0x03000000, COPY);
            if (s2m) {
                x.f->host[ring_at(0, true) + 3] = 2;
            }
            fake_run(x.f);
            g_assert_cmpint(copied(&x, 0), ==, engines[i] < 128);
            g_assert_cmpint(is_aborted(&x), ==, engines[i] == 128);
            g_assert_cmphex(reg(&x, s2m ? 0x3a040 : 0x3a000), ==,
                            s2m ? 0x800 : 0x20000);
            fake_free(x.f);
        }
    }
}

/* HW 3.4: an S2M ring may be filled late. That is a hint and no error. */
static void packet_that_waits_for_room_aborts_nothing(void)
{
    Fixture x;

    setup(&x, 128);
    trn_chip_write(x.f->chip, x.base + 0x3a070, 0);
    fake_desc(x.f, ring_at(0, false), 0x0d001000, COPY, DATA | HOST_BIT);
    trn_chip_write(x.f->chip, fake_page(128, 0, false) + 0x38, 1);
    fake_run(x.f);
    g_assert_cmphex(reg(&x, 0x3a040), ==, 0x80);
    g_assert_false(is_aborted(&x));
    fake_desc(x.f, ring_at(0, true), 0x01001000, 0, 0x1000000);
    trn_chip_write(x.f->chip, fake_page(128, 0, true) + 0x38, 1);
    fake_run(x.f);
    g_assert_true(copied(&x, 0));
    fake_free(x.f);
}

/* HW 4.3: swaps and CRCs are said once, and the data moves. */
static void operations_beside_a_copy_are_said_once_and_the_copy_done(void)
{
    static const uint32_t ops[] = {
        0x01080003 | 1 << 10, 0x01080003 | 1 << 14, 0x05080003 | 1 << 17,
        0x01080003 | 1u << 31,
    };
    Fixture x;

    setup(&x, 128);
    copy(&x, 0);
    fake_run(x.f);
    g_assert_true(copied(&x, 0));
    g_assert_cmpuint(x.f->unimp, ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
        post(&x, 0, 0x1000000, DATA | HOST_BIT, 4096, 0, ops[i]);
        fake_run(x.f);
        g_assert_true(copied(&x, 0));
        g_assert_cmpuint(x.f->unimp, ==, 1);
        g_assert_cmphex(status(&x, 0), ==, 0);
    }
    fake_free(x.f);
}

/* The family 3.3: FIRST is on the metadata, which has no buffer. */
static void metadata_in_front_of_data_is_passed_over(void)
{
    Fixture x;

    setup(&x, 128);
    for (unsigned i = 0; i < 3; i++) {
        fake_desc(x.f, ring_at(0, false) + 2 * i * 16, 0x05800040, 0, NOWHERE);
        fake_desc(x.f, ring_at(0, false) + (2 * i + 1) * 16, 0x09001000, COPY,
                  DATA | HOST_BIT);
        fake_desc(x.f, ring_at(0, true) + i * 16, 0x01001000, 0, 0x1000000);
        trn_chip_write(x.f->chip, fake_page(128, 0, true) + 0x38, 1);
        trn_chip_write(x.f->chip, fake_page(128, 0, false) + 0x38, 2);
        fake_run(x.f);
        g_assert_true(copied(&x, 0));
    }
    g_assert_cmphex(reg(&x, 0x01034), ==, 0x40000006);
    g_assert_cmphex(reg(&x, 0x21034), ==, 0x40000003);
    g_assert_cmpuint(x.f->unimp, ==, 1);
    g_assert_cmpuint(x.f->guest_errors, ==, 0);
    fake_free(x.f);
}

/* HW 4.1 and 4.2: w0 31, 29 and 22:16; of S2M also 23, 27, 26 and w1. */
static void bits_without_a_meaning_change_nothing(void)
{
    Fixture x;

    setup(&x, 128);
    for (unsigned bit = 16; bit < 32; bit++) {
        bool m2s_has_it = bit >= 23 && bit <= 28;

        if (bit == 24 || bit == 25) {
            continue;           /* ring id */
        }
        post(&x, 0, 0x1000000, DATA | HOST_BIT, 4096,
             m2s_has_it ? 0 : 1u << bit, COPY);
        x.f->host[ring_at(0, true) + (x.next[0] - 1) * 16 + bit / 8] |=
            1 << bit % 8;
        x.f->host[ring_at(0, true) + (x.next[0] - 1) * 16 + 5] = 0xff;
        fake_run(x.f);
        g_assert_true(copied(&x, 0));
    }
    g_assert_cmpuint(x.f->guest_errors, ==, 0);
    g_assert_cmpuint(x.f->unimp, ==, 0);
    fake_free(x.f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/abort/" #name, name)
    T(masks_begin_as_ones_and_init_leaves_what_it_wants);
    T(engine_that_nobody_initialised_never_aborts);
    T(error_disturbs_nothing_where_engines_do_not_abort);
    T(error_aborts_the_engine_and_all_its_queues);
    T(normal_lets_every_queue_go_on);
    T(normal_without_a_reset_fails_at_the_same_place);
    T(reset_brings_back_its_queue_and_no_other);
    T(device_reset_ends_an_abort);
    T(partial_reset_ends_an_abort);
    T(queue_with_halt_confines_its_errors);
    T(completion_that_cannot_be_written_aborts);
    T(wrong_ring_id_aborts_h2t_engines_alone);
    T(packet_that_waits_for_room_aborts_nothing);
    T(operations_beside_a_copy_are_said_once_and_the_copy_done);
    T(metadata_in_front_of_data_is_passed_over);
    T(bits_without_a_meaning_change_nothing);
    return g_test_run();
}
