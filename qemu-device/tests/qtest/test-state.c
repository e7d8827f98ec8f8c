/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines that are switched off and on, that abort and are brought back: HW 3.6
 * and 3.7; and the registers of HW 3.8.
 */
#include "qt-vendor.h"

#define SRC 0x1000000ULL
#define DST 0x2000000ULL
/* HW 2.2: nothing is there. */
#define NOWHERE 0x002900000000ULL
/* HW 3.6: offsets from the engine, the same for S2M at + 0x20000. */
#define STATE 0x00200
#define CHANGE_STATE 0x00204
#define NORMAL 1
#define DISABLE 2
#define ABORT 4
#define ALL_ABORT 0x2222

typedef struct Fixture {
    const char *props;
    QtDev *dev;
    Vendor v;
    uint32_t base;
    QtQueue *a;                /* two queues of one engine */
    QtQueue *b;
    uint64_t host;
} Fixture;

static void setup(Fixture *f, unsigned engine)
{
    f->dev = qt_start(f->props ? f->props : "");
    vendor_init(&f->v, f->dev);
    vendor_engine_init(&f->v, engine);
    f->base = qt_engine_bar0(engine);
    f->a = qt_queue_new(f->dev, engine, 2, 64);
    f->b = qt_queue_new(f->dev, engine, 11, 64);
    f->host = qt_alloc(f->dev->vm, 65536, 4096) | HOST_BIT;
    qt_mem_fill(f->dev, f->host, 65536, 1);
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->a);
    qt_queue_free(f->b);
    vendor_fini(&f->v);
    qt_stop(f->dev);
}

/* The same value to both directions, as the request 31 does. */
static void change_state(Fixture *f, uint32_t value)
{
    qt_write(f->dev, f->base + CHANGE_STATE, value);
    qt_write(f->dev, f->base + 0x20000 + CHANGE_STATE, value);
}

static void expect_state(Fixture *f, uint32_t want)
{
    qt_wait_reg(f->dev, f->base + STATE, 0x3333, want, "M2S state");
    qt_wait_reg(f->dev, f->base + 0x20000 + STATE, 0x3333, want, "S2M state");
}

static void post(Fixture *f, QtQueue *q)
{
    qt_mem_set(f->dev, DST, 0x3c, 65536);
    qt_post_copy(q, DST, f->host, 65536);
    qt_post_marker(q);
    qt_ring(q);
}

static void expect_nothing_moved(Fixture *f, QtQueue *q)
{
    for (unsigned i = 0; i < 100; i++) {
        g_assert_false(qt_marker_arrived(q));
    }
    qt_mem_expect_byte(f->dev, DST, 0x3c, 65536);
}

static void expect_moved(Fixture *f, QtQueue *q)
{
    qt_wait_marker(q);
    qt_mem_expect(f->dev, DST, 65536, 1);
}

static void engine_is_idle_until_it_is_told_or_busy(void)
{
    Fixture f = { 0 };

    setup(&f, 128);
    expect_state(&f, 0);
    post(&f, f.a);
    expect_moved(&f, f.a);
    expect_state(&f, 0);
    g_assert_cmpuint(qt_read(f.dev, f.base + 0x604), >=, 4);
    teardown(&f);
}

/* HW 3.6: 1 is "go to normal", 2 disable, 4 abort. */
static void engine_that_is_off_keeps_work_until_it_is_normal(void)
{
    static const struct {
        uint32_t change;
        uint32_t state;
    } ways[] = { { DISABLE, 0 }, { ABORT, ALL_ABORT } };
    Fixture f = { 0 };

    setup(&f, 77);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        change_state(&f, ways[i].change);
        expect_state(&f, ways[i].state);
        post(&f, f.a);
        expect_nothing_moved(&f, f.a);
        /* One direction alone does not do. */
        qt_write(f.dev, f.base + CHANGE_STATE, NORMAL);
        expect_nothing_moved(&f, f.a);
        change_state(&f, NORMAL);
        expect_moved(&f, f.a);
        expect_state(&f, 0);
    }
    teardown(&f);
}

static void reset_switches_an_engine_on(void)
{
    Fixture f = { 0 };

    setup(&f, 77);
    change_state(&f, ABORT);
    qt_write(f.dev, QEMU_RESET, 0x00010101u << 4);
    qt_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    expect_state(&f, 0);
    qt_queue_program(f.a);
    post(&f, f.a);
    expect_moved(&f, f.a);
    teardown(&f);
}

/*
 * HW 11.6: the bytes are skipped. Only cause bit and log report it.
 */
static void error_disturbs_nothing_else(void)
{
    Fixture f = { 0 };

    setup(&f, 129);
    f.dev->vm->guest_errors = true;
    qt_pair(f.a, NOWHERE, f.host, 64);
    post(&f, f.a);
    expect_moved(&f, f.a);
    post(&f, f.b);
    expect_moved(&f, f.b);
    expect_state(&f, 0);
    g_assert_cmphex(qt_read(f.dev, f.base + 0x3a040), ==, 1 << 1);
    teardown(&f);
}

/*
 * HW 3.5: after the setup of the vendor's driver, an AXI error is fatal to its
 * engine where engines abort.
 */
static void aborted_engine_comes_back_by_normal_or_by_queue_resets(void)
{
    for (unsigned way = 0; way < 2; way++) {
        Fixture f = { .props = "abort=on" };

        setup(&f, 5);
        f.dev->vm->guest_errors = true;
        qt_copy(f.b, DST, f.host, 64);
        qt_pair(f.a, NOWHERE, f.host, 64);
        qt_ring(f.a);
        expect_state(&f, ALL_ABORT);
        g_assert_cmphex(qt_read(f.dev, f.base + 0x3a040), ==, 1 << 1);
        post(&f, f.b);
        expect_nothing_moved(&f, f.b);
        qt_queue_program(f.a);
        if (way) {
            change_state(&f, NORMAL);
            expect_moved(&f, f.b);
            expect_state(&f, 0);
        } else {
            qt_queue_program(f.b);
        }
        post(&f, f.a);
        expect_moved(&f, f.a);
        post(&f, f.b);
        expect_moved(&f, f.b);
        teardown(&f);
    }
}

static void abort_leaves_other_engines_alone(void)
{
    Fixture f = { .props = "abort=on" };
    QtQueue *other;

    setup(&f, 5);
    f.dev->vm->guest_errors = true;
    other = qt_queue_new(f.dev, 6, 0, 64);
    qt_pair(f.a, DST, NOWHERE, 64);
    qt_ring(f.a);
    expect_state(&f, ALL_ABORT);
    post(&f, other);
    expect_moved(&f, other);
    qt_queue_free(other);
    teardown(&f);
}

/* HW 3.8: programmed on Trainium1 only, storage here. */
static void registers_of_other_generations_are_storage(void)
{
    static const uint32_t regs[] = {
        0x3a900, 0x3a900 + 6 * 0x40, 0x3ab00, 0x3ab00 + 6 * 8, 0x3ac00,
        0x3ac00 + 15 * 12, 0x3ad10, 0x3ae10, 0x3af10, 0x3b010, 0x3b110,
        0x3b210, 0x3b310, 0x40100, 0x40104, 0x20250,
    };
    Fixture f = { 0 };

    setup(&f, 131);
    for (size_t i = 0; i < G_N_ELEMENTS(regs); i++) {
        g_assert_cmphex(qt_read(f.dev, f.base + regs[i]), ==, 0);
        qt_write(f.dev, f.base + regs[i], 0xa5000000 | regs[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(regs); i++) {
        g_assert_cmphex(qt_read(f.dev, f.base + regs[i]), ==,
                        0xa5000000 | regs[i]);
    }
    post(&f, f.a);
    expect_moved(&f, f.a);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/state/" #name, name)
    T(engine_is_idle_until_it_is_told_or_busy);
    T(engine_that_is_off_keeps_work_until_it_is_normal);
    T(reset_switches_an_engine_on);
    T(error_disturbs_nothing_else);
    T(aborted_engine_comes_back_by_normal_or_by_queue_resets);
    T(abort_leaves_other_engines_alone);
    T(registers_of_other_generations_are_storage);
    return g_test_run();
}
