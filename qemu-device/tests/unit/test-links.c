/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a chip tells of its links: the trnx manual, 14. */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define EVENTS 0x50000u
#define WINDOW(x) (0x10000000000000ULL + (x) * 0x4000000000000ULL)
#define LINKS 0x4000u
#define LINK(x) (LINKS + 0x40 + (x) * 0x40)

/* Devices 0 and 12, link 0 of each leads to the other (HW 9.3). */
typedef struct Pair {
    TrnFabric fabric;
    FakeBus *a;
    FakeBus *b;
} Pair;

/* Virtual time 0 would be a wake_at of nobody. */
static FakeBus *join(Pair *p, uint32_t routing_id)
{
    FakeBus *f = fake_new_in(&p->fabric, routing_id);

    f->now = 1000;
    return f;
}

static void pair_start(Pair *p)
{
    trn_fabric_init(&p->fabric);
    p->a = join(p, 0);
    p->b = join(p, 4);
    trn_mbox_set_status(p->b->chip, 0x38, UINT32_MAX, 0x89abcdef);
    trn_mbox_set_status(p->b->chip, 0x3c, UINT32_MAX, 0x1234567);
    fake_program(p->a, 8, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
}

static void pair_end(Pair *p)
{
    if (p->b) {
        fake_free(p->b);
    }
    fake_free(p->a);
    trn_fabric_fini(&p->fabric);
}

static uint64_t get(FakeBus *f, uint32_t off)
{
    return trn_trnx_read(f->chip, off, 8);
}

static void put(FakeBus *f, uint32_t off, uint32_t val)
{
    trn_trnx_write(f->chip, off, val, 4);
}

static void copy(FakeBus *f, uint64_t dst, uint64_t src, uint32_t len)
{
    uint32_t at = trn_chip_read(f->chip, fake_page(8, 0, false) + 0x3c)
                  & 0xffffff;

    fake_desc(f, M2S_RING + at * 16, 0x0d000000 | len, 0x01080003, src);
    fake_desc(f, S2M_RING + at * 16, 0x01000000 | len, 0, dst);
    trn_chip_write(f->chip, fake_page(8, 0, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(8, 0, false) + 0x38, 1);
    fake_run(f);
}

/* Event queue 3 on, and the links' events in it. */
static void hear(FakeBus *f)
{
    trn_trnx_write(f->chip, 0x100c0, EVENTS | HOST_BIT, 8);
    put(f, 0x100c8, 8);
    put(f, 0x100cc, 1);
    put(f, LINKS + 4, 3);
    put(f, LINKS, 1);
}

/* As the frontend does, once the clock runs. */
static void wake(FakeBus *f)
{
    if (f->wake_at) {
        f->wake_at = 0;
        trn_chip_woken(f->chip);
    }
}

static uint32_t num_events(FakeBus *f)
{
    return trn_trnx_read(f->chip, 0x100d0, 4);
}

static void expect_event(FakeBus *f, unsigned n, uint64_t data)
{
    wake(f);
    g_assert_cmpuint(num_events(f), ==, n + 1);
    g_assert_cmphex(trn_get_le32(f->host + EVENTS + n * 16), ==, 0x80000004);
    g_assert_cmphex(trn_get_le32(f->host + EVENTS + n * 16 + 4), ==, 0);
    g_assert_cmphex(trn_get_le64(f->host + EVENTS + n * 16 + 8), ==, data);
}

static void set_links_down(FakeBus *f, uint32_t mask)
{
    f->chip->errinj.links_down = mask;
    trn_errinj_changed(f->chip);
}

static void block_tells_who_is_there(void)
{
    Pair p;

    pair_start(&p);
    g_assert_cmphex(get(p.a, LINK(0)), ==, 0x400000003);
    g_assert_cmphex(get(p.a, LINK(0) + 0x08), ==, 0x123456789abcdef);
    /* Device 1, routing id 8, is not there. */
    g_assert_cmphex(get(p.a, LINK(1)), ==, 0x800000000);
    g_assert_cmphex(get(p.a, LINK(1) + 0x08), ==, 0);
    g_assert_cmphex(get(p.b, LINK(0)), ==, 0x000000003);
    set_links_down(p.b, 0x1);
    g_assert_cmphex(get(p.a, LINK(0)), ==, 0x400000002);
    g_assert_cmphex(get(p.a, LINK(0) + 0x08), ==, 0);
    pair_end(&p);
}

static void bytes_count_at_both_ends(void)
{
    Pair p;

    pair_start(&p);
    copy(p.a, WINDOW(0) + 0x4001000000, DATA | HOST_BIT, 0x1000);
    copy(p.a, DATA | HOST_BIT, WINDOW(0) + 0x1000000, 0x300);
    copy(p.a, WINDOW(0) + 0x2000000000, WINDOW(0) + 0x1000000, 0x40);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x10), ==, 0x1040);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x18), ==, 0x340);
    g_assert_cmpuint(get(p.b, LINK(0) + 0x10), ==, 0x340);
    g_assert_cmpuint(get(p.b, LINK(0) + 0x18), ==, 0x1040);
    g_assert_cmphex(get(p.a, LINK(0) + 0x20), ==, 0);
    /* The telemetry of the stacks, where the bytes are. */
    g_assert_cmpuint(get(p.b, 0x3040 + 0x18), ==, 0x340);
    g_assert_cmpuint(get(p.b, 0x3060 + 0x18), ==, 0x1000);
    g_assert_cmpuint(get(p.a, 0x3040 + 0x18), ==, 0);
    g_assert_cmpuint(get(p.b, LINK(1) + 0x18), ==, 0);
    pair_end(&p);
}

static void accesses_that_fail_count_as_errors(void)
{
    Pair p;

    pair_start(&p);
    /* Nobody there, nothing there, link down. */
    copy(p.a, WINDOW(2) + 0x1000000, DATA | HOST_BIT, 64);
    copy(p.a, DATA | HOST_BIT, WINDOW(0) + (1ULL << 48), 64);
    g_assert_cmphex(get(p.a, LINK(2) + 0x20), ==, 1);
    g_assert_cmphex(get(p.a, LINK(0) + 0x20), ==, 0x100000000);
    /* Half a register, to read and to write. */
    copy(p.a, DATA | HOST_BIT, WINDOW(0) + 0x008006c84038, 2);
    g_assert_cmphex(get(p.a, LINK(0) + 0x20), ==, 0x200000000);
    copy(p.a, WINDOW(0) + 0x008006c84100, DATA | HOST_BIT, 2);
    g_assert_cmphex(get(p.a, LINK(0) + 0x20), ==, 0x200000001);
    set_links_down(p.a, 0x1);
    copy(p.a, DATA | HOST_BIT, WINDOW(0) + 0x1000000, 64);
    copy(p.a, WINDOW(0) + 0x1000000, DATA | HOST_BIT, 64);
    g_assert_cmphex(get(p.a, LINK(0) + 0x20), ==, 0x300000002);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x10), ==, 0);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x18), ==, 0);
    g_assert_cmphex(get(p.b, LINK(0) + 0x20), ==, 0);
    pair_end(&p);
}

static void changes_are_counted_and_told(void)
{
    Pair p;

    pair_start(&p);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x28), ==, 1);
    wake(p.a);
    hear(p.a);
    hear(p.b);
    set_links_down(p.b, 0x1);
    g_assert_cmpuint(num_events(p.a), ==, 0);
    expect_event(p.a, 0, 0x400000001);
    expect_event(p.b, 0, 0x000000001);
    set_links_down(p.b, 0);
    expect_event(p.a, 1, 0x400010001);
    expect_event(p.b, 1, 0x000010001);
    trn_chip_set_gone(p.b->chip, true);
    expect_event(p.a, 2, 0x400000001);
    g_assert_cmphex(get(p.b, LINK(0)), ==, 2);
    wake(p.b);
    g_assert_cmpuint(num_events(p.b), ==, 2);
    trn_chip_set_gone(p.b->chip, false);
    expect_event(p.a, 3, 0x400010001);
    wake(p.b);
    g_assert_cmpuint(num_events(p.b), ==, 2);
    fake_free(p.b);
    p.b = NULL;
    expect_event(p.a, 4, 0x400000001);
    p.b = join(&p, 4);
    expect_event(p.a, 5, 0x400010001);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x28), ==, 7);
    g_assert_cmpuint(get(p.a, LINK(1) + 0x28), ==, 0);
    pair_end(&p);
}

static void change_and_back_before_the_clock_runs_is_no_event(void)
{
    Pair p;

    pair_start(&p);
    wake(p.a);
    hear(p.a);
    set_links_down(p.a, 0x1);
    set_links_down(p.a, 0);
    wake(p.a);
    g_assert_cmpuint(num_events(p.a), ==, 0);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x28), ==, 3);
    pair_end(&p);
}

static void nobody_is_told_who_did_not_ask(void)
{
    Pair p;

    pair_start(&p);
    hear(p.a);
    put(p.a, LINKS, 0);
    set_links_down(p.a, 0x1);
    wake(p.a);
    g_assert_cmpuint(num_events(p.a), ==, 0);
    /* Nor of what was before. */
    put(p.a, LINKS, 1);
    trn_errinj_changed(p.a->chip);
    wake(p.a);
    g_assert_cmpuint(num_events(p.a), ==, 0);
    pair_end(&p);
}

/* Without bus mastering nothing is written; it is told when it is back. */
static void event_waits_for_bus_mastering(void)
{
    Pair p;

    pair_start(&p);
    wake(p.a);
    hear(p.a);
    trn_chip_set_bus_master(p.a->chip, false);
    set_links_down(p.a, 0x1);
    wake(p.a);
    g_assert_cmpuint(num_events(p.a), ==, 0);
    trn_chip_set_bus_master(p.a->chip, true);
    expect_event(p.a, 0, 0x400000001);
    pair_end(&p);
}

static void resets_silence_it_and_keep_the_counters(void)
{
    Pair p;

    pair_start(&p);
    wake(p.a);
    hear(p.a);
    copy(p.a, WINDOW(0) + 0x1000000, DATA | HOST_BIT, 64);
    trn_chip_write(p.a->chip, 0x06300010, 0);
    g_assert_cmphex(get(p.a, LINKS), ==, 0);
    g_assert_cmphex(get(p.a, LINK(0)), ==, 0x400000003);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x10), ==, 64);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x28), ==, 1);
    hear(p.a);
    trn_reset_power_on(p.a->chip);
    g_assert_cmphex(get(p.a, LINKS), ==, 0);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x10), ==, 64);
    /* The reset of a neighbour is no change. */
    hear(p.a);
    trn_chip_write(p.b->chip, 0x06300010, 0);
    trn_reset_power_on(p.b->chip);
    g_assert_cmpuint(get(p.a, LINK(0) + 0x28), ==, 1);
    pair_end(&p);
}

static void registers_take_what_they_should(void)
{
    FakeBus *f = fake_new();

    put(f, LINKS, 0xffffffff);
    put(f, LINKS + 4, 31);
    g_assert_cmphex(get(f, LINKS), ==, 0x1f00000001);
    put(f, LINKS + 4, 32);
    g_assert_cmpuint(f->guest_errors, ==, 1);
    g_assert_cmphex(get(f, LINKS), ==, 0x1f00000001);
    for (uint32_t off = 0x08; off < 0x1000; off += 8) {
        uint64_t before = get(f, LINKS + off);

        trn_trnx_write(f->chip, LINKS + off, ~before, 8);
        g_assert_cmphex(get(f, LINKS + off), ==, before);
    }
    /* Routing id 7: device 11, whose links lead to 10, 7, 15 and 8. */
    g_assert_cmphex(get(f, LINK(0)), ==, 0xfull << 32);
    g_assert_cmphex(get(f, LINK(3)), ==, 0x6ull << 32);
    g_assert_cmphex(get(f, LINK(4)), ==, 0);
    fake_free(f);
}

static void loaded_state_is_compared_with_the_machine(void)
{
    Pair p;

    pair_start(&p);
    wake(p.a);
    hear(p.a);
    /* Where this came from, link 0 was down and link 2 up. */
    p.a->chip->trnx.links.link[0].up = false;
    p.a->chip->trnx.links.link[0].reported = false;
    p.a->chip->trnx.links.link[2].up = true;
    p.a->chip->trnx.links.link[2].reported = true;
    trn_links_resume(p.a->chip);
    wake(p.a);
    g_assert_cmpuint(num_events(p.a), ==, 2);
    g_assert_cmphex(trn_get_le64(p.a->host + EVENTS + 8), ==, 0x400010001);
    g_assert_cmphex(trn_get_le64(p.a->host + EVENTS + 24), ==, 0x100000201);
    pair_end(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/links/" #name, name)
    T(block_tells_who_is_there);
    T(bytes_count_at_both_ends);
    T(accesses_that_fail_count_as_errors);
    T(changes_are_counted_and_told);
    T(change_and_back_before_the_clock_runs_is_no_event);
    T(nobody_is_told_who_did_not_ask);
    T(event_waits_for_bus_mastering);
    T(resets_silence_it_and_keep_the_counters);
    T(registers_take_what_they_should);
    T(loaded_state_is_compared_with_the_machine);
    return g_test_run();
}
