/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MMU on a fake bus, from page tables to faults: the trnx manual, 10. */
#include "fake-bus.h"

#define ENGINE 77u
#define QUEUE 3u
#define ASID 5u

/* Host memory: tables, one a page, then rings, then pages to copy. */
#define CONTEXT 0x8000u
#define TABLE(n) (0x9000u + (n) * 0x1000u)
#define M2S_RING 0x20000u
#define S2M_RING 0x22000u
#define SOURCE 0x100000u
#define TARGET 0x1000000u       /* in HBM */

/* Virtual addresses; both walk TABLE(0) to TABLE(3). */
#define VA 0x123440000000ULL
#define VA_M2S (VA + 0x10000)
#define VA_S2M (VA + 0x12000)
#define VA_SOURCE (VA + 0x20000)
#define VA_TARGET (VA + 0x40000)

#define VALID 1u
#define READ 2u
#define WRITE 4u
#define LEAF 8u

#define ACCESS_M2S_RING 0
#define ACCESS_S2M_RING 1
#define ACCESS_SOURCE 2
#define ACCESS_TARGET 3

#define NOT_PRESENT 13
#define NO_READ 14
#define NO_WRITE 15
#define BAD_ENTRY 16

static uint32_t qctl(unsigned reg)
{
    return 0x100000 + (ENGINE * 16 + QUEUE) * 0x100 + reg;
}

static void put(FakeBus *f, uint32_t off, uint64_t val, unsigned size)
{
    trn_trnx_write(f->chip, off, val, size);
}

static uint64_t get64(FakeBus *f, uint32_t off)
{
    return trn_trnx_read(f->chip, off, 8);
}

static void set_entry(FakeBus *f, uint32_t table, unsigned index, uint64_t e)
{
    trn_put_le64(f->host + table + index * 8, e);
}

/* Where @va's entry of @level is, in the tables of start(). */
static uint32_t entry_at(unsigned level, uint64_t va)
{
    return TABLE(3 - level) + (va >> (12 + 9 * level) & 511) * 8;
}

static void map_page(FakeBus *f, uint64_t va, uint64_t to, unsigned rights)
{
    trn_put_le64(f->host + entry_at(0, va), to | VALID | LEAF | rights);
}

static void map_range(FakeBus *f, uint64_t va, uint64_t to, unsigned pages,
                      unsigned rights)
{
    for (unsigned i = 0; i < pages; i++) {
        map_page(f, va + i * 4096, to + i * 4096, rights);
    }
}

/* A queue in an address space, one table a level, nothing rung. */
static FakeBus *start(void)
{
    FakeBus *f = fake_new();

    put(f, 0x2008, CONTEXT | HOST_BIT, 8);
    put(f, 0x2010, 16, 4);
    put(f, 0x2004, 1, 4);
    set_entry(f, CONTEXT, ASID, TABLE(0) | HOST_BIT | VALID);
    for (unsigned level = 3; level; level--) {
        trn_put_le64(f->host + entry_at(level, VA),
                     TABLE(4 - level) | HOST_BIT | VALID);
    }
    map_range(f, VA_M2S, M2S_RING | HOST_BIT, 2, READ);
    map_range(f, VA_S2M, S2M_RING | HOST_BIT, 2, READ);
    map_range(f, VA_SOURCE, SOURCE | HOST_BIT, 16, READ);
    map_range(f, VA_TARGET, TARGET, 16, WRITE);
    fake_program(f, ENGINE, QUEUE, VA_M2S, VA_S2M, 512);
    put(f, qctl(0x28), ASID, 4);
    for (unsigned i = 0; i < 0x20000; i++) {
        f->host[SOURCE + i] = i * 7 + (i >> 8) + 1;
    }
    return f;
}

static void copy(FakeBus *f, unsigned slot, uint64_t dst, uint64_t src,
                 uint32_t len)
{
    fake_desc(f, M2S_RING + slot * 16, 0x0d000000 | (len & 0xffff), 0x01080003,
              src);
    fake_desc(f, S2M_RING + slot * 16, 0x01000000 | (len & 0xffff), 0, dst);
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, false) + 0x38, 1);
    fake_run(f);
}

static void expect_copied(FakeBus *f, uint32_t target, uint32_t source,
                          uint32_t len)
{
    g_assert_cmpmem(f->hbm + target, len, f->host + source, len);
    g_assert_cmphex(get64(f, qctl(0x00)) >> 32 & 0xff0a, ==, 0);
}

/* The queue halted with @code; nothing has been written anywhere. */
static void expect_fault(FakeBus *f, unsigned code, unsigned access,
                         uint64_t va)
{
    g_assert_cmphex(get64(f, qctl(0x00)) >> 32, ==, code << 8 | 0xa);
    g_assert_cmphex(get64(f, qctl(0x30)), ==, va);
    g_assert_cmpuint(get64(f, qctl(0x28)) >> 32, ==, access);
    g_assert_cmpuint(f->dirty_bytes, ==, 0);
    g_assert_cmpuint(f->guest_errors, ==, 1);
}

static void rings_and_data_go_through_small_leaves(void)
{
    FakeBus *f = start();

    copy(f, 0, VA_TARGET + 100, VA_SOURCE + 4000, 0x8000);
    expect_copied(f, TARGET + 100, SOURCE + 4000, 0x8000);
    g_assert_cmpuint(f->dirty_bytes, ==, 0x8000);
    g_assert_cmpuint(f->guest_errors, ==, 0);
    fake_free(f);
}

static void pages_need_not_be_neighbours(void)
{
    FakeBus *f = start();

    map_page(f, VA_SOURCE + 0x1000, (SOURCE + 0x7000) | HOST_BIT, READ);
    map_page(f, VA_TARGET + 0x1000, 0x4000000000 + TARGET, WRITE);
    copy(f, 0, VA_TARGET, VA_SOURCE, 0x2000);
    expect_copied(f, TARGET, SOURCE, 0x1000);
    expect_copied(f, FAKE_HBM_SLOT + TARGET, SOURCE + 0x7000, 0x1000);
    g_assert_cmphex(f->hbm[TARGET + 0x1000], ==, 0);
    fake_free(f);
}

static void rings_may_be_scattered_too(void)
{
    FakeBus *f = start();

    map_page(f, VA_M2S + 0x1000, SOURCE | HOST_BIT, READ);
    fake_desc(f, SOURCE, 0x0d000000 | 64, 0x01080003, VA_SOURCE + 0x1000);
    for (unsigned i = 0; i < 256; i++) {
        copy(f, i, VA_TARGET + 0x1000, VA_SOURCE, 16);
    }
    fake_desc(f, S2M_RING + 4096, 0x01000000 | 64, 0, VA_TARGET);
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(ENGINE, QUEUE, false) + 0x38, 1);
    fake_run(f);
    expect_copied(f, TARGET, SOURCE + 0x1000, 64);
    fake_free(f);
}

static void large_leaves_lead_as_far_as_they_reach(void)
{
    FakeBus *f = start();
    uint64_t two_mib = VA + 0x200000;
    uint64_t gib = VA + 0x40000000;

    trn_put_le64(f->host + entry_at(1, two_mib),
                 TARGET | VALID | LEAF | WRITE);
    trn_put_le64(f->host + entry_at(2, gib), HOST_BIT | VALID | LEAF | READ);
    copy(f, 0, two_mib + 0x12340, gib + SOURCE + 5, 0);
    expect_copied(f, TARGET + 0x12340, SOURCE + 5, 0x10000);
    fake_free(f);
}

static void asid_0_addresses_the_chip_as_ever(void)
{
    FakeBus *f = start();

    put(f, qctl(0x28), 0, 4);
    fake_program(f, ENGINE, QUEUE, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT,
                 256);
    copy(f, 0, TARGET, SOURCE | HOST_BIT, 4096);
    expect_copied(f, TARGET, SOURCE, 4096);
    /* And an error halts it only when asked for. */
    copy(f, 1, 0x002900000000, SOURCE | HOST_BIT, 64);
    g_assert_cmphex(get64(f, qctl(0x00)) >> 32, ==, 4 << 8 | 2);
    fake_free(f);
}

/* One thing wrong with what start() made, and what comes of it. */
typedef struct Wrong {
    const char *what;
    uint32_t at;                /* host address of 8 bytes to replace, or 0 */
    uint64_t value;
    unsigned code;
    unsigned access;
    uint64_t src;               /* 0: VA_SOURCE */
    uint64_t dst;               /* 0: VA_TARGET */
} Wrong;

#define LAST(va) (TABLE(3) + (((va) >> 12) & 511) * 8)
#define RW (VALID | READ | WRITE | LEAF)

static const Wrong wrongs[] = {
    { "source not mapped", LAST(VA_SOURCE), ~1ull, NOT_PRESENT, ACCESS_SOURCE, 0, 0 },
    { "target not mapped", LAST(VA_TARGET), 0, NOT_PRESENT, ACCESS_TARGET, 0, 0 },
    { "M2S ring not mapped", LAST(VA_M2S), 0, NOT_PRESENT, ACCESS_M2S_RING, 0, 0 },
    { "S2M ring not mapped", LAST(VA_S2M), 0, NOT_PRESENT,
      ACCESS_S2M_RING, 0, 0 },
    { "source not readable", LAST(VA_SOURCE), TARGET | VALID | LEAF | WRITE,
      NO_READ, ACCESS_SOURCE, 0, 0 },
    { "target not writable", LAST(VA_TARGET), TARGET | VALID | LEAF | READ,
      NO_WRITE, ACCESS_TARGET, 0, 0 },
    { "ring not readable", LAST(VA_M2S), M2S_RING | HOST_BIT | VALID | LEAF,
      NO_READ, ACCESS_M2S_RING, 0, 0 },
    { "copy into the source", 0, 0, NO_WRITE, ACCESS_TARGET,
      .dst = VA_SOURCE + 0x1000 },
    { "reserved bit of a leaf", LAST(VA_TARGET), TARGET | RW | 0x10,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "high bit of a leaf", LAST(VA_TARGET), TARGET | RW | 1ull << 63,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "table where a page must be", LAST(VA_TARGET),
      TABLE(3) | HOST_BIT | VALID, BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf in SBUF", LAST(VA_TARGET), 0x002000000000 | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf in semaphores", LAST(VA_TARGET), 0x002002700000 | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf in queue registers", LAST(VA_TARGET), 0x005004001000 | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf in MISC RAM", LAST(VA_TARGET), 0x008006c84000 | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf behind a stack", LAST(VA_TARGET), FAKE_HBM_SLOT | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "leaf at a neighbour", LAST(VA_TARGET), 1ull << 52 | RW,
      BAD_ENTRY, ACCESS_TARGET, 0, 0 },
    { "large leaf not aligned", TABLE(2) + (VA >> 21 & 511) * 8,
      0x1001000 | RW, BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "large leaf out of its stack", TABLE(1) + (VA >> 30 & 511) * 8, RW,
      BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "leaf of 512 GiB", TABLE(0) + (VA >> 39 & 511) * 8, HOST_BIT | RW,
      BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "rights on a table", TABLE(2) + (VA >> 21 & 511) * 8,
      TABLE(3) | HOST_BIT | VALID | READ, BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "table in HBM", TABLE(1) + (VA >> 30 & 511) * 8, 0x9000 | VALID,
      BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "table behind memory", TABLE(1) + (VA >> 30 & 511) * 8,
      0xfffff000 | HOST_BIT | VALID, BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "table that leads to itself", TABLE(0) + (VA >> 39 & 511) * 8,
      TABLE(0) | HOST_BIT | VALID, NOT_PRESENT, ACCESS_M2S_RING, 0, 0 },
    { "no root", CONTEXT + ASID * 8, 0, NOT_PRESENT, ACCESS_M2S_RING, 0, 0 },
    { "root that is a leaf", CONTEXT + ASID * 8, HOST_BIT | RW,
      BAD_ENTRY, ACCESS_M2S_RING, 0, 0 },
    { "source above 48 bits", 0, 0, NOT_PRESENT, ACCESS_SOURCE,
      .src = VA_SOURCE | 1ull << 48 },
    { "target in the upper half", 0, 0, NOT_PRESENT, ACCESS_TARGET,
      .dst = ~0xfffull },
    { "chip address", 0, 0, NOT_PRESENT, ACCESS_SOURCE, .src = 0x800000 },
};

static void whatever_is_wrong_halts_the_queue_and_moves_nothing(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        const Wrong *w = &wrongs[i];
        const uint64_t va[] = {
            [ACCESS_M2S_RING] = VA_M2S,
            [ACCESS_S2M_RING] = VA_S2M,
            [ACCESS_SOURCE] = w->src ? w->src : VA_SOURCE,
            [ACCESS_TARGET] = w->dst ? w->dst : VA_TARGET,
        };
        FakeBus *f = start();

        g_test_message("%s", w->what);
        if (w->at) {
            trn_put_le64(f->host + w->at, w->value);
        }
        copy(f, 0, va[ACCESS_TARGET], va[ACCESS_SOURCE], 64);
        expect_fault(f, w->code, w->access, va[w->access]);
        fake_free(f);
    }
}

static void fault_in_mid_copy_keeps_what_lies_before_it(void)
{
    FakeBus *f = start();

    map_page(f, VA_TARGET + 0x2000, 0, 0);
    trn_put_le64(f->host + entry_at(0, VA_TARGET + 0x2000), 0);
    copy(f, 0, VA_TARGET, VA_SOURCE, 0x4000);
    g_assert_cmpmem(f->hbm + TARGET, 0x2000, f->host + SOURCE, 0x2000);
    g_assert_cmpuint(f->dirty_bytes, ==, 0x2000);
    g_assert_cmphex(get64(f, qctl(0x30)), ==, VA_TARGET + 0x2000);
    /* Not retired; a reset and the page make it work. */
    g_assert_cmpuint(get64(f, qctl(0x10)), ==, 0);
    map_page(f, VA_TARGET + 0x2000, TARGET + 0x2000, WRITE);
    fake_program(f, ENGINE, QUEUE, VA_M2S, VA_S2M, 512);
    copy(f, 0, VA_TARGET, VA_SOURCE, 0x4000);
    expect_copied(f, TARGET, SOURCE, 0x4000);
    fake_free(f);
}

static void other_queues_run_on(void)
{
    FakeBus *f = start();

    fake_program(f, ENGINE, 4, 0x30000 | HOST_BIT, 0x31000 | HOST_BIT, 32);
    fake_desc(f, 0x30000, 0x0d000040, 0x01080003, SOURCE | HOST_BIT);
    fake_desc(f, 0x31000, 0x01000040, 0, TARGET);
    copy(f, 0, VA_TARGET, 0, 64);
    expect_fault(f, NOT_PRESENT, ACCESS_SOURCE, 0);
    trn_chip_write(f->chip, fake_page(ENGINE, 4, true) + 0x38, 1);
    trn_chip_write(f->chip, fake_page(ENGINE, 4, false) + 0x38, 1);
    fake_run(f);
    g_assert_cmpmem(f->hbm + TARGET, 64, f->host + SOURCE, 64);
    fake_free(f);
}

static void fault_event_tells_code_access_and_address(void)
{
    FakeBus *f = start();

    put(f, 0x10000 + 6 * 0x40, 0x50000 | HOST_BIT, 8);
    put(f, 0x10008 + 6 * 0x40, 4, 4);
    put(f, 0x1000c + 6 * 0x40, 1, 4);
    put(f, 0x10018 + 6 * 0x40, 0, 4);
    put(f, qctl(0x20), 6, 4);
    put(f, qctl(0x00), 2, 4);
    copy(f, 0, VA_SOURCE, VA_SOURCE, 64);
    g_assert_cmpuint(f->irqs[6], ==, 1);
    g_assert_cmphex(trn_get_le32(f->host + 0x50000), ==, 0x80000003);
    g_assert_cmphex(trn_get_le32(f->host + 0x50004), ==, ENGINE * 16 + QUEUE);
    g_assert_cmphex(trn_get_le64(f->host + 0x50008), ==,
                    VA_SOURCE << 16 | ACCESS_TARGET << 8 | NO_WRITE);
    fake_free(f);
}

/* The space's registers, as reset and as written. */
static void registers_read_back_and_reset(void)
{
    FakeBus *f = start();

    g_assert_cmphex(get64(f, 0x2000), ==, 0x104301000);
    g_assert_cmphex(get64(f, 0x2008), ==, CONTEXT | HOST_BIT);
    g_assert_cmphex(get64(f, 0x2010), ==, 16);
    put(f, 0x2010, 4097, 4);
    g_assert_cmphex(get64(f, 0x2010), ==, 4096);
    put(f, 0x2008, 0x12345678, 4);
    g_assert_cmphex(get64(f, 0x2008), ==, CONTEXT | HOST_BIT);
    put(f, 0x200c, 0x4000, 4);
    g_assert_cmphex(get64(f, 0x2008), ==, 0x12345000 | HOST_BIT);
    put(f, qctl(0x28), 4096, 4);
    g_assert_cmphex(get64(f, qctl(0x28)), ==, ASID);
    g_assert_cmpuint(f->guest_errors, ==, 3);
    trn_chip_write(f->chip, 0x06300010, 0);
    g_assert_cmphex(get64(f, 0x2000), ==, 0x04301000);
    g_assert_cmphex(get64(f, 0x2008), ==, 0);
    g_assert_cmphex(get64(f, 0x2010), ==, 0);
    g_assert_cmphex(get64(f, qctl(0x28)), ==, 0);
    fake_free(f);
}

static void space_that_is_off_or_too_small_faults(void)
{
    FakeBus *f = start();

    put(f, 0x2010, ASID, 4);
    copy(f, 0, VA_TARGET, VA_SOURCE, 64);
    expect_fault(f, NOT_PRESENT, ACCESS_M2S_RING, VA_M2S);
    fake_free(f);

    f = start();
    put(f, 0x2004, 0, 4);
    copy(f, 0, VA_TARGET, VA_SOURCE, 64);
    expect_fault(f, NOT_PRESENT, ACCESS_M2S_RING, VA_M2S);
    fake_free(f);
}

/* All, the space, a range of the space. */
static const uint32_t commands[] = { 0x10000, 0x20000 | ASID, 0x30000 | ASID };

static void invalidate_makes_a_changed_page_seen(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        FakeBus *f = start();

        copy(f, 0, VA_TARGET, VA_SOURCE, 64);
        map_page(f, VA_TARGET, TARGET + 0x100000, WRITE);
        put(f, 0x2018, VA_TARGET, 8);
        put(f, 0x2020, 4096, 8);
        put(f, 0x2028, commands[i], 4);
        copy(f, 1, VA_TARGET, VA_SOURCE + 0x1000, 64);
        expect_copied(f, TARGET, SOURCE, 64);
        expect_copied(f, TARGET + 0x100000, SOURCE + 0x1000, 64);
        g_assert_cmpuint(f->guest_errors, ==, 0);
        fake_free(f);
    }
}

static void translation_is_kept_until_its_space_is_invalidated(void)
{
    FakeBus *f = start();

    copy(f, 0, VA_TARGET, VA_SOURCE, 64);
    map_page(f, VA_TARGET, TARGET + 0x100000, WRITE);
    put(f, 0x2028, 0x20000 | (ASID + 1), 4);
    copy(f, 1, VA_TARGET, VA_SOURCE, 64);
    g_assert_cmphex(f->hbm[TARGET + 0x100000], ==, 0);
    put(f, 0x2028, 0x20000 | ASID, 4);
    copy(f, 2, VA_TARGET, VA_SOURCE, 64);
    expect_copied(f, TARGET + 0x100000, SOURCE, 64);
    fake_free(f);
}

static void large_leaf_is_invalidated_too(void)
{
    FakeBus *f = start();
    uint64_t va = VA + 0x40000000;

    trn_put_le64(f->host + entry_at(2, va), HOST_BIT | VALID | LEAF | READ);
    copy(f, 0, VA_TARGET, va + SOURCE, 64);
    trn_put_le64(f->host + entry_at(2, va), 0);
    put(f, 0x2028, 0x20000 | ASID, 4);
    copy(f, 1, VA_TARGET + 64, va + SOURCE, 64);
    g_assert_cmphex(get64(f, qctl(0x30)), ==, va + SOURCE);
    g_assert_cmphex(f->hbm[TARGET + 64], ==, 0);
    fake_free(f);
}

static void senseless_invalidate_is_refused(void)
{
    FakeBus *f = start();
    const uint32_t bad[] = { 0, ASID, 0x20000, 0x21000, 0x30000 | ASID };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        put(f, 0x2028, bad[i], 4);
        g_assert_cmpuint(f->guest_errors, ==, i + 1);
    }
    put(f, 0x2018, 0xfffffffff000, 8);
    put(f, 0x2020, 0x1001, 8);
    put(f, 0x2028, 0x30000 | ASID, 4);
    g_assert_cmpuint(f->guest_errors, ==, G_N_ELEMENTS(bad) + 1);
    fake_free(f);
}

/* Every slot of the IOTLB taken many times over. */
static void more_pages_than_are_remembered(void)
{
    FakeBus *f = start();

    for (unsigned i = 0; i < 512; i++) {
        set_entry(f, TABLE(4), i, (TARGET + i * 4096) | VALID | LEAF | WRITE);
    }
    for (unsigned i = 0; i < 4; i++) {
        trn_put_le64(f->host + entry_at(1, VA + (i + 1) * 0x200000),
                     TABLE(4) | HOST_BIT | VALID);
    }
    for (unsigned i = 0; i < 500; i++) {
        uint32_t from = (i * 7) % 16 * 0x1000;
        uint32_t to = (i * 129) % 512 * 0x1000;

        copy(f, i, VA + (i % 4 + 1) * 0x200000 + to, VA_SOURCE + from, 4096);
        expect_copied(f, TARGET + to, SOURCE + from, 4096);
    }
    fake_free(f);
}

static void random_tables_are_survived(void)
{
    GRand *rand = g_rand_new_with_seed(0x6d6d75);

    for (unsigned round = 0; round < 200; round++) {
        FakeBus *f = start();

        for (unsigned i = 0; i < 64; i++) {
            uint32_t at = TABLE(g_rand_int_range(rand, 0, 4)) +
                          g_rand_int_range(rand, 0, 512) * 8;
            uint64_t e = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

            trn_put_le64(f->host + at, round % 2 ? e : e & 0x40000001ffffull);
        }
        for (unsigned i = 0; i < 8; i++) {
            copy(f, i, VA_TARGET + g_rand_int(rand) % 0x80000,
                 VA_SOURCE + g_rand_int(rand) % 0x80000, 4096);
        }
        fake_free(f);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/mmu/" #name, name)
    T(rings_and_data_go_through_small_leaves);
    T(pages_need_not_be_neighbours);
    T(rings_may_be_scattered_too);
    T(large_leaves_lead_as_far_as_they_reach);
    T(asid_0_addresses_the_chip_as_ever);
    T(whatever_is_wrong_halts_the_queue_and_moves_nothing);
    T(fault_in_mid_copy_keeps_what_lies_before_it);
    T(other_queues_run_on);
    T(fault_event_tells_code_access_and_address);
    T(registers_read_back_and_reset);
    T(space_that_is_off_or_too_small_faults);
    T(invalidate_makes_a_changed_page_seen);
    T(translation_is_kept_until_its_space_is_invalidated);
    T(large_leaf_is_invalidated_too);
    T(senseless_invalidate_is_refused);
    T(more_pages_than_are_remembered);
    T(random_tables_are_survived);
    return g_test_run();
}
