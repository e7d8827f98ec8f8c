/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt coalescing on a clock that the test moves: the trnx manual, 6.4. */
#include "fake-bus.h"

#define EQ 5u
#define EVENTS 0x50000u

static uint32_t reg(unsigned n, unsigned off)
{
    return 0x10000 + n * 0x40 + off;
}

static void put(FakeBus *f, uint32_t off, uint64_t val)
{
    trn_trnx_write(f->chip, off, val, 4);
}

static void arm(FakeBus *f, unsigned n, uint32_t ci)
{
    put(f, reg(n, 0x18), ci);
}

/* A threshold that is met already makes an event inside the write. */
static void event(FakeBus *f, unsigned n)
{
    put(f, 0x100020, n);
    trn_trnx_write(f->chip, 0x100018, 0, 8);
}

static void enable(FakeBus *f, unsigned n, uint32_t moderation)
{
    trn_trnx_write(f->chip, reg(n, 0), (EVENTS + n * 0x1000) | HOST_BIT, 8);
    put(f, reg(n, 0x08), 8);
    put(f, reg(n, 0x0c), 1);
    put(f, reg(n, 0x20), moderation);
}

/* As the frontend does: wakes the chip when it asked for it. */
static void pass(FakeBus *f, uint64_t until)
{
    while (f->wake_at && f->wake_at <= until) {
        f->now = MAX(f->now, f->wake_at);
        f->wake_at = 0;
        trn_chip_woken(f->chip);
    }
    f->now = until;
}

static FakeBus *start(uint32_t moderation)
{
    FakeBus *f = fake_new();

    f->now = 1000000;
    enable(f, EQ, moderation);
    return f;
}

static void without_it_every_arm_interrupts(void)
{
    FakeBus *f = start(0);

    for (unsigned i = 0; i < 10; i++) {
        arm(f, EQ, i);
        event(f, EQ);
        g_assert_cmpuint(f->irqs[EQ], ==, i + 1);
    }
    fake_free(f);
}

static void early_interrupt_comes_at_the_end_of_the_time(void)
{
    FakeBus *f = start(5000);

    arm(f, EQ, 0);
    event(f, EQ);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    f->now += 100;
    arm(f, EQ, 1);
    event(f, EQ);
    /* The entry is there at once, its interrupt is not. */
    g_assert_cmphex(trn_get_le32(f->host + EVENTS + EQ * 0x1000 + 16), ==,
                    0x80000001);
    pass(f, 1004999);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    pass(f, 1005000);
    g_assert_cmpuint(f->irqs[EQ], ==, 2);
    pass(f, 2000000);
    g_assert_cmpuint(f->irqs[EQ], ==, 2);
    fake_free(f);
}

static void late_interrupt_is_not_held(void)
{
    FakeBus *f = start(5000);

    arm(f, EQ, 0);
    event(f, EQ);
    pass(f, 1005000);
    arm(f, EQ, 1);
    event(f, EQ);
    g_assert_cmpuint(f->irqs[EQ], ==, 2);
    fake_free(f);
}

static void many_arms_make_one_interrupt_a_time(void)
{
    FakeBus *f = start(5000);

    for (unsigned i = 0; i < 200; i++) {
        arm(f, EQ, i);
        event(f, EQ);
        pass(f, f->now + 100);
    }
    /* 20 us: one at the start and one for each 5 us after it. */
    g_assert_cmpuint(f->irqs[EQ], ==, 5);
    pass(f, f->now + 5000);
    g_assert_cmpuint(f->irqs[EQ], ==, 5);
    fake_free(f);
}

static void queues_have_their_own_times(void)
{
    FakeBus *f = start(5000);

    enable(f, 1, 300);
    enable(f, 2, 0);
    for (unsigned i = 0; i < 2; i++) {
        arm(f, EQ, i);
        arm(f, 1, i);
        arm(f, 2, i);
        event(f, EQ);
        event(f, 1);
        event(f, 2);
    }
    g_assert_cmpuint(f->irqs[2], ==, 2);
    pass(f, 1000300);
    g_assert_cmpuint(f->irqs[1], ==, 2);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    pass(f, 1005000);
    g_assert_cmpuint(f->irqs[EQ], ==, 2);
    fake_free(f);
}

static void shorter_time_lets_out_what_is_held(void)
{
    FakeBus *f = start(0xffffffff);

    for (unsigned i = 0; i < 2; i++) {
        arm(f, EQ, i);
        event(f, EQ);
    }
    put(f, reg(EQ, 0x20), 700);
    g_assert_cmpuint(trn_trnx_read(f->chip, reg(EQ, 0x20), 4), ==, 700);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    pass(f, 1000700);
    g_assert_cmpuint(f->irqs[EQ], ==, 2);
    arm(f, EQ, 2);
    event(f, EQ);
    put(f, reg(EQ, 0x20), 0);
    g_assert_cmpuint(f->irqs[EQ], ==, 3);
    fake_free(f);
}

static void queue_that_is_turned_off_interrupts_no_more(void)
{
    FakeBus *f = start(5000);

    for (unsigned i = 0; i < 2; i++) {
        arm(f, EQ, i);
        event(f, EQ);
    }
    put(f, reg(EQ, 0x0c), 0);
    pass(f, 2000000);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    g_assert_cmpuint(trn_trnx_read(f->chip, reg(EQ, 0x20), 4), ==, 5000);
    fake_free(f);
}

static void reset_drops_what_is_held(void)
{
    FakeBus *f = start(5000);

    for (unsigned i = 0; i < 2; i++) {
        arm(f, EQ, i);
        event(f, EQ);
    }
    trn_chip_write(f->chip, 0x06300010, 0);
    pass(f, 2000000);
    g_assert_cmpuint(f->irqs[EQ], ==, 1);
    g_assert_cmpuint(trn_trnx_read(f->chip, reg(EQ, 0x20), 4), ==, 0);
    fake_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/coalesce/" #name, name)
    T(without_it_every_arm_interrupts);
    T(early_interrupt_comes_at_the_end_of_the_time);
    T(late_interrupt_is_not_held);
    T(many_arms_make_one_interrupt_a_time);
    T(queues_have_their_own_times);
    T(shorter_time_lets_out_what_is_held);
    T(queue_that_is_turned_off_interrupts_no_more);
    T(reset_drops_what_is_held);
    return g_test_run();
}
