/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core with real threads, for ThreadSanitizer: workers run engines while
 * one thread, which stands for a vCPU and holds the big lock as QEMU's would,
 * rings doorbells, reads registers and throws resets in between. Once with host
 * memory that needs the big lock, as behind an IOMMU, and once without.
 *
 * Memory that workers use is left alone while they may: a report is then a race
 * in the core, never one that the guest made.
 */
#include "threads-world.h"

#define ENGINES 4u
#define RING 256u
#define ROUNDS 3000
#define IN_SPACE 1u             /* this one of the engines has an ASID */
#define ASID 3u
#define TABLE(n) (0x60000u + (n) * 0x1000u)
#define LEAF_RW 0xfu
#define COPY 0x01080003u
#define INLINE 0x03800003u
#define META 0x00800000u
#define OPERANDS(i) (0x58000u + (i) * 128u)
#define ONE 0x0d000000u

static const unsigned engines[ENGINES] = { 0, 40, 128, 131 };

static uint64_t count_of(World *w, unsigned i)
{
    uint64_t val;

    trn_mutex_lock(&w->big);
    val = trn_trnx_read(w->chip, 0x100000 + engines[i] * 0x1000 + 0x10, 8);
    trn_mutex_unlock(&w->big);
    return val;
}

static uint32_t m2s_at(unsigned i)
{
    return 0x10000 + i * 0x4000;
}

static void program(World *w, unsigned i)
{
    uint32_t h = fake_page(engines[i], 0, false);
    uint32_t r = fake_page(engines[i], 0, true);
    uint32_t qctl = 0x100000 + engines[i] * 0x1000;

    /* Ring ids are those of the first lap for ever: HW 3.5, 27 and 28. */
    world_put(w, h - 0x1000 + 0x3a030, 0x00020000);
    world_put(w, h - 0x1000 + 0x3a070, 0x00000800);
    world_put(w, h + 0xb0, 0x100);
    world_put(w, h + 0x28, m2s_at(i));
    world_put(w, h + 0x2c, 0x4000);
    world_put(w, h + 0x30, RING);
    world_put(w, h + 0x20, 0x03030000);
    world_put(w, r + 0x64, 0x100);
    world_put(w, r + 0x28, m2s_at(i) + 0x2000);
    world_put(w, r + 0x2c, 0x4000);
    world_put(w, r + 0x30, RING);
    world_put(w, r + 0x20, 0x03030000);
    world_put_trnx(w, qctl + 0x08, (0x40000 + i * 64) | HOST_BIT, 8);
    world_put_trnx(w, qctl + 0x20, i, 4);
    world_put_trnx(w, qctl + 0x28, i == IN_SPACE ? ASID : 0, 4);
    world_put_trnx(w, qctl + 0x40, i, 4);
    world_put_trnx(w, qctl + 0x00, 3 | 8, 4);
}

static void set_entry(World *w, unsigned table, unsigned index, uint64_t e)
{
    uint64_t word;

    trn_put_le64(&word, e);
    __atomic_store_n((uint64_t *)(w->host + TABLE(table) + index * 8), word,
                     __ATOMIC_RELEASE);
}

/* HBM by 2 MiB and a GiB of host memory, at the addresses of the chip. */
static void build_space(World *w)
{
    set_entry(w, 0, ASID, TABLE(1) | HOST_BIT | 1);
    set_entry(w, 1, 0, TABLE(2) | HOST_BIT | 1);
    set_entry(w, 1, HOST_BIT >> 39, TABLE(4) | HOST_BIT | 1);
    set_entry(w, 2, 0, TABLE(3) | HOST_BIT | 1);
    set_entry(w, 4, 0, HOST_BIT | LEAF_RW);
    for (unsigned i = 0; i < 16; i++) {
        set_entry(w, 3, i, i * 0x200000 | LEAF_RW);
    }
    world_put_trnx(w, 0x2008, TABLE(0) | HOST_BIT, 8);
    world_put_trnx(w, 0x2010, 16, 4);
    world_put_trnx(w, 0x2004, 1, 4);
}

/* The first half of the targets becomes somebody else's, then comes back. */
static void take_memory_away(World *w)
{
    uint8_t *mine = w->hbm + 0x310000;

    set_entry(w, 3, 1, 0);
    world_put_trnx(w, 0x2028, 0x20000 | ASID, 4);
    memset(mine, 0x99, 0xf0000);
    sched_yield();
    for (unsigned i = 0; i < 0xf0000; i += 4096) {
        g_assert_cmphex(mine[i], ==, 0x99);
    }
    set_entry(w, 3, 1, 0x200000 | LEAF_RW);
    program(w, IN_SPACE);
}

static void program_event_queue(World *w, unsigned i)
{
    world_put_trnx(w, 0x10000 + i * 0x40, (0x50000 + i * 0x1000) | HOST_BIT, 8);
    world_put_trnx(w, 0x10008 + i * 0x40, 4, 4);
    world_put_trnx(w, 0x1000c + i * 0x40, 1, 4);
}

/*
 * Slots from HBM of the neighbour to its SBUF, which its resets clear: a copy is
 * inside it twice.
 */
static bool goes_to_neighbour(unsigned i, unsigned k)
{
    return i != IN_SPACE && k % 8 == 6;
}

/* Slots that are inline operations, with the data of odd ones. */
static bool is_inline(unsigned k)
{
    return k % 8 == 3;
}

/* A fill of 4096 bytes, a hundred times over: several pieces. */
static void write_operands(World *w, unsigned i)
{
    uint8_t *p = w->host + OPERANDS(i);

    memset(p, 0, 128);
    trn_put_le32(p, 0x02020201);
    trn_put_le32(p + 0x08, (0x50 + i) * 0x01010101u);
    trn_put_le32(p + 0x10, 1024);
    trn_put_le32(p + 0x14, 100);
    p[0x40] = 4;
}

/* Host to HBM on the even slots, HBM to HBM on the odd ones, but for those. */
static void write_rings(World *w, unsigned i)
{
    uint64_t hbm = 0x100000 + i * 0x200000;

    for (unsigned k = 0; k < RING; k++) {
        uint8_t *m2s = w->host + m2s_at(i) + k * 16;
        uint8_t *s2m = m2s + 0x2000;
        uint64_t src = goes_to_neighbour(i, k) ? 0x10000000000000 + hbm
                       : k % 2 ? hbm : (0x100000 + i * 0x10000) | HOST_BIT;
        uint64_t dst = goes_to_neighbour(i, k)
                       ? 0x10002000000000 + i * 0x100000
                       : hbm + 0x10000 + k * 4096;

        trn_put_le32(m2s, ONE | 4096 | (is_inline(k) ? META : 0));
        trn_put_le32(m2s + 4, is_inline(k) ? INLINE : COPY);
        trn_put_le64(m2s + 8, is_inline(k) ? OPERANDS(i) | HOST_BIT : src);
        trn_put_le32(s2m, 0x01001000);
        trn_put_le64(s2m + 8, dst);
    }
    memset(w->host + 0x100000 + i * 0x10000, 0x30 + i, 4096);
    memset(w->hbm + hbm, 0x50 + i, 4096);
}

static void ring(World *w, unsigned i, uint32_t n)
{
    world_put(w, fake_page(engines[i], 0, true) + 0x38, n);
    world_put(w, fake_page(engines[i], 0, false) + 0x38, n);
}

static void disturb(World *w, GRand *rand, unsigned i)
{
    uint32_t h = fake_page(engines[i], 0, false);

    switch (g_rand_int_range(rand, 0, 16)) {
    case 0:
        program(w, i);
        break;
    case 1:
        world_put(w, h + 0x20, 0x03000000);
        world_get(w, h + 0x24);
        world_put(w, h + 0x20, 0x03030000);
        break;
    case 2:
        world_put(w, 0x06300010, 0x00010101u << engines[i] / 16 % 8);
        program(w, i);
        break;
    case 3:
        trn_mutex_lock(&w->big);
        trn_chip_set_bus_master(w->chip, false);
        trn_chip_set_bus_master(w->chip, true);
        trn_mutex_unlock(&w->big);
        break;
    case 4:
        world_put_trnx(w, 0x100018 + engines[i] * 0x1000, count_of(w, i) + 3,
                       8);
        world_put_trnx(w, 0x10018 + i * 0x40, 0, 4);
        break;
    case 5:
        program_event_queue(w, i);
        break;
    case 6:
        trn_mutex_lock(&w->big);
        trn_chip_stop(w->chip);
        trn_chip_start(w->chip);
        trn_mutex_unlock(&w->big);
        break;
    case 7:
        trn_mutex_lock(&w->big);
        trn_reset_power_on(w->neighbour);
        trn_mutex_unlock(&w->big);
        break;
    case 8:
        trn_mutex_lock(&w->big);
        trn_fabric_part(w->neighbour);
        trn_fabric_join(&w->fabric, w->neighbour);
        trn_mutex_unlock(&w->big);
        break;
    case 9:
        world_put_trnx(w, 0x2028, i % 2 ? 0x20000 | ASID : 0x10000, 4);
        break;
    case 10:
        take_memory_away(w);
        break;
    case 11:
        /* What there is no room for, while the queue runs. */
        world_put_trnx(w, 0x1000008 + engines[i] * 0x10000, RING + 1, 8);
        program(w, i);
        break;
    default:
        /* Never more than the ring takes: pending is at most what was rung. */
        if ((world_get(w, h + 0x3c) - world_get(w, h + 0x34)) % RING == 0) {
            ring(w, i, g_rand_int_range(rand, 1, 65));
        }
    }
    if (__atomic_exchange_n(&w->deferred, 0, __ATOMIC_ACQUIRE)) {
        trn_mutex_lock(&w->big);
        trn_chip_deferred(w->chip);
        trn_mutex_unlock(&w->big);
    }
}

static void finish(World *w, unsigned i)
{
    int64_t end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;

    program(w, i);
    ring(w, i, RING);
    while (count_of(w, i) != RING) {
        if (g_get_monotonic_time() > end) {
            g_error("engine %u stopped at %" PRIu64, engines[i],
                    count_of(w, i));
        }
        sched_yield();
    }
    for (unsigned k = 0; k < RING; k++) {
        uint8_t *p = w->hbm + 0x110000 + i * 0x200000 + k * 4096;

        if (goes_to_neighbour(i, k)) {
            continue;
        }
        g_assert_cmphex(p[0], ==, (k % 2 ? 0x50 : 0x30) + i);
        g_assert_cmphex(p[4095], ==, (k % 2 ? 0x50 : 0x30) + i);
    }
}

static void storm(bool host_needs_lock)
{
    GRand *rand = g_rand_new_with_seed(0x7472);
    World *w = world_new(host_needs_lock);

    build_space(w);
    for (unsigned i = 0; i < ENGINES; i++) {
        write_operands(w, i);
        write_rings(w, i);
        program(w, i);
        program_event_queue(w, i);
    }
    world_start(w);
    for (unsigned n = 0; n < ROUNDS; n++) {
        disturb(w, rand, g_rand_int_range(rand, 0, ENGINES));
    }
    for (unsigned i = 0; i < ENGINES; i++) {
        finish(w, i);
    }
    world_stop(w);
    world_free(w);
    g_rand_free(rand);
}

static void resets_race_with_workers_on_plain_memory(void)
{
    storm(false);
}

static void resets_race_with_workers_behind_an_iommu(void)
{
    storm(true);
}

static void *close_and_open(void *opaque)
{
    TrnChip *chip = opaque;

    trn_fabric_close(chip);
    g_assert_cmpuint(chip->peer.refs, ==, 0);
    trn_fabric_open(chip);
    return NULL;
}

static bool is_closed(TrnChip *chip)
{
    TrnFabric *fabric = chip->peer.fabric;
    bool closed;

    trn_mutex_lock(&fabric->lock);
    closed = chip->peer.closed;
    trn_mutex_unlock(&fabric->lock);
    return closed;
}

/* As a copy whose two ends are in the neighbour that closes. */
static void visitor_enters_again_while_the_neighbour_closes(void)
{
    World *w = world_new(false);
    TrnPeerRef first = trn_fabric_enter(w->chip, 0, false, NULL);
    TrnPeerRef second;
    pthread_t closer;

    g_assert_true(first.there == w->neighbour);
    g_assert_cmpint(pthread_create(&closer, NULL, close_and_open,
                                   w->neighbour), ==, 0);
    while (!is_closed(w->neighbour)) {
        sched_yield();
    }
    second = trn_fabric_enter(w->chip, 0, true, first.there);
    g_assert_true(second.there == w->neighbour);
    trn_fabric_leave(w->chip, &first, 1, -1);
    trn_fabric_leave(w->chip, &second, 1, -1);
    pthread_join(closer, NULL);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/threads/" #name, name)
    T(resets_race_with_workers_on_plain_memory);
    T(resets_race_with_workers_behind_an_iommu);
    T(visitor_enters_again_while_the_neighbour_closes);
    return g_test_run();
}
