/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the timing model, one by one: rounding, resources, arrivals. */
#include "fake-bus.h"

static void bytes_take_their_time_rounded_up(void)
{
    g_assert_cmpuint(trn_timing_of(0, 38400), ==, 0);
    g_assert_cmpuint(trn_timing_of(4096, 38400), ==, 106667);
    g_assert_cmpuint(trn_timing_of(32768, 38400), ==, 853334);
    g_assert_cmpuint(trn_timing_of(65536, 27200), ==, 2409412);
    g_assert_cmpuint(trn_timing_of(1, 1000000), ==, 1);
}

static void busy_does_one_thing_after_the_other(void)
{
    TrnBusy b = 0;

    g_assert_cmpuint(trn_busy_take(&b, 100, 10), ==, 110);
    g_assert_cmpuint(trn_busy_take(&b, 105, 10), ==, 120);
    g_assert_cmpuint(trn_busy_take(&b, 200, 10), ==, 210);
}

static void arrivals_are_those_of_each_doorbell(void)
{
    TrnArrivals a = { 0 };

    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 0);
    trn_arrivals_add(&a, 3, 100);
    trn_arrivals_add(&a, 4, 200);
    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 2), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 3), ==, 200);
    for (unsigned i = 5; i < 1000; i++) {
        trn_arrivals_add(&a, i, i * 100);
        g_assert_cmpuint(trn_arrivals_find(&a, i - 1), ==, i * 100);
    }
}

static void arrivals_without_room_join_the_last(void)
{
    TrnArrivals a = { 0 };

    for (unsigned i = 1; i <= 40; i++) {
        trn_arrivals_add(&a, i, i * 100);
    }
    g_assert_cmpuint(trn_arrivals_find(&a, 0), ==, 100);
    g_assert_cmpuint(trn_arrivals_find(&a, 14), ==, 1500);
    g_assert_cmpuint(trn_arrivals_find(&a, 15), ==, 1600);
    g_assert_cmpuint(trn_arrivals_find(&a, 39), ==, 1600);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/timing/" #name, name)
    T(bytes_take_their_time_rounded_up);
    T(busy_does_one_thing_after_the_other);
    T(arrivals_are_those_of_each_doorbell);
    T(arrivals_without_room_join_the_last);
    return g_test_run();
}
