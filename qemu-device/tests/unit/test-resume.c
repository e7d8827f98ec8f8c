/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State from elsewhere that nothing could have left: it is refused, and the chip
 * is as it was made. Numbers are of HW 3 and 4 and of the trnx manual.
 */
#include "inline-op.h"

#define SPOILT(what) \
    static void what(TrnChip *c, TrnQueue *q)

/* Each makes one thing wrong; @q is queue 2 of engine 9. */
SPOILT(ring_too_long) { q->m2s.len = 1 << 24; }
SPOILT(head_with_other_bits) { q->s2m.head |= 1 << 24; }
SPOILT(tail_with_other_bits) { q->m2s.tail |= 1 << 29; }
SPOILT(more_retired_than_rung) { q->s2m.retired = q->s2m.rung + 1; }
SPOILT(count_that_wraps) { q->m2s.rung = UINT64_MAX; }
SPOILT(packet_too_long) { q->packet_left = 256; q->m2s.rung += 600; }
SPOILT(packet_not_rung) { q->packet_left = 9; }
SPOILT(m2s_done_without_packet) { q->m2s_done = true; q->m2s.rung++; }
SPOILT(s2m_done_without_descriptor) { q->s2m_done = true; }
SPOILT(inline_without_packet) { q->inline_state = 1; }
SPOILT(inline_state_unknown) { q->inline_state = 3; }
SPOILT(m2s_offset_too_large) { q->m2s_off = 65537; }
SPOILT(s2m_offset_too_large) { q->s2m_off = UINT32_MAX; }
SPOILT(m2s_flags_unknown) { q->m2s_flags = 1; }
SPOILT(s2m_flags_unknown) { q->s2m_flags = 1u << 31; }
SPOILT(control_unknown) { q->ctrl = 1u << 31; }
SPOILT(event_queue_unknown) { q->eq = 32; }
SPOILT(address_space_unknown) { q->asid = 4096; }
SPOILT(priority_unknown) { q->priority = 4; }
SPOILT(more_published_than_retired) { q->published = 1; }
SPOILT(switched_off_otherwise) { c->engine[131].m2s_off_state = 8; }
SPOILT(notification_ring_odd) { c->engine[3].nq.entries = 3; }
SPOILT(notification_tail) { c->engine[3].nq.tail = 1; }
SPOILT(event_ring_too_long) { c->trnx.eq[31].log2 = 17; }
SPOILT(event_control) { c->trnx.eq[0].ctrl = 2; }
SPOILT(event_status) { c->trnx.eq[0].status = 4; }
SPOILT(interrupt_never) { c->trnx.eq[5].next_irq = UINT64_MAX; }
SPOILT(address_spaces) { c->trnx.mmu.ctx_size = 4097; }
SPOILT(mmu_control) { c->trnx.mmu.ctrl = 2; }
SPOILT(links_event_queue) { c->trnx.links.eq = 32; }
SPOILT(links_control) { c->trnx.links.ctrl = 2; }
SPOILT(deferred_too_many) { c->num_deferred = 65; }
SPOILT(deferred_unaligned)
{
    c->num_deferred = 2;
    c->deferred[1].offset = 0xff;
}
SPOILT(sampled_in_the_future) { c->telemetry.sampled = 1001; }
SPOILT(began_in_the_future) { c->telemetry.began = 1001; }
SPOILT(throttled_in_the_future) { c->telemetry.throttle_since = 1001; }
SPOILT(throttled_otherwise) { c->telemetry.throttle = 4; }
SPOILT(hotter_than_anything) { c->telemetry.meter[136].rise_mk = INT32_MAX; }
SPOILT(colder_than_the_coolant) { c->telemetry.meter[0].rise_mk = -1; }
SPOILT(more_power_than_fits) { c->telemetry.meter[0].power_mw = UINT32_MAX; }

static void (*const spoilers[])(TrnChip *c, TrnQueue *q) = {
    ring_too_long, head_with_other_bits, tail_with_other_bits,
    more_retired_than_rung, count_that_wraps, packet_too_long,
    packet_not_rung, m2s_done_without_packet, s2m_done_without_descriptor,
    inline_without_packet, inline_state_unknown, m2s_offset_too_large,
    s2m_offset_too_large, m2s_flags_unknown, s2m_flags_unknown,
    control_unknown, event_queue_unknown, address_space_unknown,
    priority_unknown, more_published_than_retired, switched_off_otherwise,
    notification_ring_odd, notification_tail, event_ring_too_long,
    event_control, event_status, interrupt_never, address_spaces, mmu_control,
    links_event_queue, links_control, deferred_too_many, deferred_unaligned,
    sampled_in_the_future, began_in_the_future, throttled_in_the_future,
    throttled_otherwise, hotter_than_anything, colder_than_the_coolant,
    more_power_than_fits,
};

static void expect_power_on(FakeBus *f)
{
    TrnChip *c = f->chip;
    FakeBus *fresh = fake_new();
    TrnQueue want, got = c->engine[9].queue[2];

    trn_queue_power_on(&want);
    g_assert_cmphex(got.m2s.head, ==, want.m2s.head);
    g_assert_cmpuint(got.m2s.rung + got.s2m.rung + got.m2s.len, ==, 0);
    g_assert_cmpuint(got.packet_left + got.eq + got.asid + got.ctrl, ==, 0);
    g_assert_cmpuint(c->num_deferred, ==, 0);
    g_assert_cmpuint(c->scratch.used, ==, 0);
    for (unsigned i = 0; i < 132; i++) {
        g_assert_cmpuint(c->engine[i].hold, ==, 0);
        g_assert_cmpuint(c->engine[i].activity.bytes, ==, 0);
        g_assert_cmpuint(c->engine[i].m2s_off_state, ==, 0);
    }
    g_assert_cmpmem(c->mbox.ram, sizeof(c->mbox.ram), fresh->chip->mbox.ram,
                    sizeof(c->mbox.ram));
    g_assert_cmpmem(c->telemetry.meter, sizeof(c->telemetry.meter),
                    fresh->chip->telemetry.meter,
                    sizeof(c->telemetry.meter));
    fake_free(fresh);
}

static void what_could_not_have_been_left_is_refused(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(spoilers); i++) {
        Inline in = inline_start();
        TrnChip *c = in.f->chip;

        in.f->now = 1000;
        trn_chip_write(c, 0xd0000000, 5);
        c->engine[40].activity.bytes = 77;
        c->engine[41].m2s_off_state = 2;
        trn_chip_stop(c);
        spoilers[i](c, &c->engine[9].queue[2]);
        if (trn_chip_resume(c)) {
            g_error("bad state %u was taken", i);
        }
        trn_chip_start(c);
        expect_power_on(in.f);
        fake_free(in.f);
    }
}

/* A reset that is ignored is one of the guest, not one of a state refused. */
static void ignored_resets_have_no_say_in_a_load(void)
{
    Inline in = inline_start();
    TrnChip *c = in.f->chip;
    uint64_t stamp;

    c->errinj.ignore_resets = 2;
    trn_chip_write(c, c->engine[ENGINE].bar0 + 0x204, 2);
    g_assert_cmpuint(c->engine[ENGINE].hold, ==, 1);
    trn_reset_power_on(c);
    g_assert_cmpuint(c->engine[ENGINE].hold, ==, 1);
    trn_chip_stop(c);
    stamp = c->trnx.mmu.stamp[5];
    trn_chip_begin_load(c);
    g_assert_cmpuint(c->trnx.mmu.stamp[5], !=, stamp);
    c->engine[ENGINE].queue[QUEUE].eq = 32;
    g_assert_false(trn_chip_resume(c));
    trn_chip_start(c);
    expect_power_on(in.f);
    fake_free(in.f);
}

/* What had moved before the queue was disabled is finished. */
static void descriptor_that_is_done_retires(void)
{
    Inline in = inline_start();
    TrnChip *c = in.f->chip;
    TrnQueue *q = &c->engine[ENGINE].queue[QUEUE];

    trn_chip_stop(c);
    q->m2s.cfg = 0x03000000;
    q->m2s.rung = 1;
    q->s2m.rung = 1;
    q->packet_left = 1;
    q->m2s_done = true;
    q->s2m_done = true;
    g_assert_true(trn_chip_resume(c));
    trn_chip_start(c);
    fake_run(in.f);
    g_assert_cmpuint(q->s2m.retired, ==, 1);
    g_assert_cmpuint(q->m2s.retired, ==, 1);
    fake_free(in.f);
}

/* What was going on is taken, at any piece of it. */
static void what_a_run_leaves_is_taken(void)
{
    Inline i = inline_start();
    const uint64_t one = 0x30000 | HOST_BIT;
    InlineOp op = {
        ACCUMULATE, F32, F32, 1, ADD_TO_DST, .size = { 0x200000 },
        .dst_stride = { 4 },
    };
    unsigned turns = 0;

    for (unsigned n = 0; n < 20; n++) {
        inline_m2s(&i, FIRST | 65536, COPY, one);
        inline_m2s(&i, LAST | 65536, COPY, one);
        inline_s2m(&i, 0, 0x1000000);
        inline_s2m(&i, 0, 0x1010000);
    }
    inline_ring(&i, 40, 40);
    inline_post(&i, &op, 1, &one, 0x1000000);
    while (!fake_run_turns(i.f, 1)) {
        trn_chip_stop(i.f->chip);
        for (unsigned e = 0; e < 132; e++) {
            i.f->ready[e] = false;
            i.f->chip->engine[e].queued = false;
        }
        g_assert_true(trn_chip_resume(i.f->chip));
        trn_chip_start(i.f->chip);
        turns++;
    }
    g_assert_cmpuint(turns, >, 2);
    inline_expect_done(&i);
    fake_free(i.f);
}

/* Whatever a packet is said to be, what is fetched of it has room. */
static void packet_longer_than_the_cache_is_fetched_within_bounds(void)
{
    Inline i = inline_start();
    TrnQueue *q = &i.f->chip->engine[ENGINE].queue[QUEUE];

    trn_chip_stop(i.f->chip);
    for (unsigned n = 0; n < 20000; n++) {
        fake_desc(i.f, 0x100000 + n * 16, META | LAP | 4, 0x5a5a5a5a,
                  0x5a5a5a5a5a5a5a5a);
    }
    q->m2s.base = 0x100000 | HOST_BIT;
    q->m2s.len = 20000;
    q->m2s.rung = 20000;
    q->s2m.rung = 1;
    q->inline_state = TRN_INLINE_STATE_RUNS;
    q->packet_left = 20000;
    trn_chip_start(i.f->chip);
    trn_engine_kick_locked(&i.f->chip->engine[ENGINE], QUEUE);
    g_assert_true(fake_run_turns(i.f, 100));
    g_assert_cmpuint(q->m2s.retired, ==, 0);
    fake_free(i.f);
}

#define T(name) g_test_add_func("/resume/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(what_could_not_have_been_left_is_refused);
    T(ignored_resets_have_no_say_in_a_load);
    T(descriptor_that_is_done_retires);
    T(what_a_run_leaves_is_taken);
    T(packet_longer_than_the_cache_is_fetched_within_bounds);
    return g_test_run();
}
