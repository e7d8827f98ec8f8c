/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest that polls sees, in which order. A thread without a lock polls one
 * of counter record, completion ring, notification queue, head register and
 * marker, besides the event queue, and reads the data behind it. Data is plain
 * memory: where the core lacks a write barrier, ThreadSanitizer reports a race,
 * on x86 as well. One of them at a time, because the barrier of one would do for
 * another.
 */
#include "threads-world.h"

#define ENGINE 128u
#define RING 256u
#define BATCH 32u
#define BATCHES 6u
#define LEN 64u
#define M2S_RING 0x10000u
#define S2M_RING 0x12000u
#define COMP_RING 0x14000u
#define RECORD 0x40000u
#define EQ_RING 0x50000u
#define EQ_LOG2 6u
#define NQ_RING 0x60000u
#define NQ_ENTRIES 512u
#define MARKER 0x70000u
#define MARKER_SOURCE 0x70100u
#define DATA 0x100000u
#define HBM 0x1000000u
#define QCTL (0x100000u + ENGINE * 0x1000u)
#define NQ_REG 0x06841100u
#define INT_EN 0x10000000u

typedef enum Way {
    BY_RECORD,
    BY_COMPLETION,
    BY_NOTIFICATION,
    BY_HEAD,
    BY_MARKER,
} Way;

typedef struct Reader {
    World *w;
    Way way;
    uint32_t consumed;          /* atomic: descriptors that were looked at */
} Reader;

/* A word of host memory, with the guest's read barrier behind it. */
static uint32_t poll32(World *w, uint32_t at)
{
    uint32_t word = TRN_READ((uint32_t *)(w->host + at));

    world_rmb(w, at);
    return trn_get_le32(&word);
}

static uint64_t poll64(World *w, uint32_t at)
{
    uint64_t word = TRN_READ((uint64_t *)(w->host + at));

    world_rmb(w, at);
    return trn_get_le64(&word);
}

static bool is_marker(uint32_t n)
{
    return n % BATCH == BATCH - 1;
}

static uint8_t pattern(uint32_t n)
{
    return n * 37 + n / RING * 101 + 1;
}

/* --- the guest that polls --- */

static bool record_shows(World *w, uint32_t n)
{
    return poll64(w, RECORD) > n;
}

static bool completion_shows(World *w, uint32_t n)
{
    uint32_t w0 = poll32(w, COMP_RING + n % RING * 16);

    return (w0 >> 24 & 3) == (1 + n / RING) % 4;    /* the ring id */
}

static bool notification_shows(World *w, uint32_t n)
{
    return poll32(w, NQ_RING + n % NQ_ENTRIES * 32) >> 31 ==
           !(n / NQ_ENTRIES % 2);
}

static bool head_shows(World *w, uint32_t n)
{
    uint32_t head = world_get(w, fake_page(ENGINE, 0, true) + 0x34);
    uint32_t ahead = ((head & 0xffffff) - n) % RING;

    return ahead && ahead <= BATCH;
}

static void check_data(World *w, uint32_t n)
{
    const uint8_t *p = w->hbm + HBM + n % RING * LEN;

    for (unsigned i = 0; i < LEN && !is_marker(n); i++) {
        g_assert_cmphex(p[i], ==, pattern(n));
    }
}

static void wait_for(World *w, bool (*shows)(World *, uint32_t), uint32_t n)
{
    while (!shows(w, n)) {
        world_polled(w);
    }
}

static void watch_one(World *w, Way way, uint32_t n)
{
    const uint8_t *entry = w->host + COMP_RING + n % RING * 16;
    const uint8_t *note = w->host + NQ_RING + n % NQ_ENTRIES * 32;

    switch (way) {
    case BY_RECORD:
        wait_for(w, record_shows, n);
        break;
    case BY_COMPLETION:
        wait_for(w, completion_shows, n);
        g_assert_cmpuint(trn_get_le32(entry + 4), ==,
                         is_marker(n) ? 8 : LEN);
        break;
    case BY_NOTIFICATION:
        wait_for(w, notification_shows, n);
        g_assert_cmpuint(trn_get_le64(note + 8), ==, n + 1);
        break;
    case BY_HEAD:
        wait_for(w, head_shows, n);
        break;
    case BY_MARKER:
        break;
    }
    check_data(w, n);
}

static bool marker_shows(World *w, uint32_t batch)
{
    return poll64(w, MARKER) == batch + 1;
}

static bool event_shows(World *w, uint32_t batch)
{
    uint32_t entries = 1u << EQ_LOG2;

    return poll32(w, EQ_RING + batch % entries * 16) >> 31 ==
           !(batch / entries % 2);
}

/* One event a batch: it was armed for its last descriptor. */
static void watch_event(World *w, uint32_t batch)
{
    const uint8_t *event = w->host + EQ_RING +
                           batch % (1u << EQ_LOG2) * 16;

    wait_for(w, event_shows, batch);
    g_assert_cmphex(trn_get_le32(event + 4), ==, ENGINE * 16);
    g_assert_cmpuint(trn_get_le64(event + 8), ==, (batch + 1) * BATCH);
    g_assert_cmpuint(poll64(w, RECORD), ==, (batch + 1) * BATCH);
}

static void *watch(void *opaque)
{
    Reader *r = opaque;

    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        uint32_t first = batch * BATCH;

        if (r->way == BY_MARKER) {
            wait_for(r->w, marker_shows, batch);
        }
        for (uint32_t n = first; n < first + BATCH; n++) {
            watch_one(r->w, r->way, n);
        }
        watch_event(r->w, batch);
        TRN_STORE_RELEASE(&r->consumed, first + BATCH);
    }
    return NULL;
}

/* --- the guest that rings --- */

static void program(World *w, Way way)
{
    const uint32_t h = fake_page(ENGINE, 0, false);
    const uint32_t r = fake_page(ENGINE, 0, true);
    const uint32_t writes[][2] = {
        { h + 0xb0, 0x100 }, { h + 0x28, M2S_RING }, { h + 0x2c, 0x4000 },
        { h + 0x30, RING }, { h + 0x20, 0x03030000 },
        { r + 0x64, 0x100 }, { r + 0x28, S2M_RING }, { r + 0x2c, 0x4000 },
        { r + 0x44, COMP_RING }, { r + 0x48, 0x4000 },
        { r + 0x54, way == BY_COMPLETION },
        { r + 0x30, RING }, { r + 0x20, 0x03030000 },
        { NQ_REG, NQ_RING }, { NQ_REG + 4, 0x4000 },
        { NQ_REG + 8, way == BY_NOTIFICATION ? NQ_ENTRIES * 32 : 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        world_put(w, writes[i][0], writes[i][1]);
    }
    world_put_trnx(w, 0x10000, EQ_RING | HOST_BIT, 8);
    world_put_trnx(w, 0x10008, EQ_LOG2, 4);
    world_put_trnx(w, 0x1000c, 1, 4);
    world_put_trnx(w, QCTL + 0x08, RECORD | HOST_BIT, 8);
    world_put_trnx(w, QCTL + 0x00, 1, 4);
}

static void put_descriptor(World *w, Way way, uint32_t n)
{
    uint8_t *m2s = w->host + M2S_RING + n % RING * 16;
    uint8_t *s2m = w->host + S2M_RING + n % RING * 16;
    uint32_t id = (1 + n / RING) % 4 << 24;
    uint32_t len = is_marker(n) ? 8 : LEN;
    uint32_t source = is_marker(n) ? MARKER_SOURCE : DATA + n % RING * LEN;

    trn_put_le32(m2s, 0x0c000000 | id | len);
    trn_put_le32(m2s + 4, 0x01080003);
    trn_put_le64(m2s + 8, source | HOST_BIT);
    trn_put_le32(s2m, (way == BY_NOTIFICATION ? INT_EN : 0) | id | len);
    trn_put_le64(s2m + 8, is_marker(n) ? MARKER | HOST_BIT
                                       : HBM + n % RING * LEN);
    memset(w->host + DATA + n % RING * LEN, pattern(n), LEN);
}

static void ring_batch(World *w, Way way, uint32_t batch)
{
    for (uint32_t n = batch * BATCH; n < (batch + 1) * BATCH; n++) {
        put_descriptor(w, way, n);
    }
    trn_put_le64(w->host + MARKER_SOURCE, batch + 1);
    world_put(w, NQ_REG + 0xc, batch * BATCH % NQ_ENTRIES);
    world_put_trnx(w, 0x10010 + 4, batch, 4);
    world_put_trnx(w, QCTL + 0x18, (batch + 1) * BATCH, 8);
    world_put(w, fake_page(ENGINE, 0, true) + 0x38, BATCH);
    world_put(w, fake_page(ENGINE, 0, false) + 0x38, BATCH);
}

static void poll(Way way, bool host_needs_lock)
{
    World *w = world_new(host_needs_lock);
    Reader r = { .w = w, .way = way };
    pthread_t reader;

    w->waits_for_polls = true;
    program(w, way);
    world_start(w);
    g_assert_cmpint(pthread_create(&reader, NULL, watch, &r), ==, 0);
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        ring_batch(w, way, batch);
        while (TRN_LOAD_ACQUIRE(&r.consumed) != (batch + 1) * BATCH) {
            sched_yield();
        }
    }
    pthread_join(reader, NULL);
    world_stop(w);
    world_free(w);
}

static void both(Way way)
{
    poll(way, false);
    poll(way, true);
}

static void data_comes_before_the_record(void)
{
    both(BY_RECORD);
}

static void data_comes_before_its_completion(void)
{
    both(BY_COMPLETION);
}

static void data_comes_before_its_notification(void)
{
    both(BY_NOTIFICATION);
}

static void data_comes_before_the_head(void)
{
    both(BY_HEAD);
}

/* A descriptor behind others tells that they are done (HW 4.5). */
static void descriptors_are_seen_in_their_order(void)
{
    both(BY_MARKER);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/order/" #name, name)
    T(data_comes_before_the_record);
    T(data_comes_before_its_completion);
    T(data_comes_before_its_notification);
    T(data_comes_before_the_head);
    T(descriptors_are_seen_in_their_order);
    return g_test_run();
}
