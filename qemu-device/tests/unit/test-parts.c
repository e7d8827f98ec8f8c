/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small parts of the core, each alone: CRC, address map, store, IOFIC. */
#include "unit.h"

#include "core/bar0/addrmap.h"
#include "core/bar0/crc32c.h"
#include "core/udma/desc.h"
#include "core/bar0/iofic.h"
#include "core/bar0/sem.h"
#include "core/bar0/store.h"
#include "core/udma/udma.h"

#define GIB (1ULL << 30)
#define USABLE 0x900000000ULL   /* HW 0: 36 GiB */

/* HW 6.4. */
static void crc32c_has_its_check_value_in_any_split(void)
{
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t crc = trn_crc32c(0, "123456789", cut);

        crc = trn_crc32c(crc, "123456789" + cut, 9 - cut);
        g_assert_cmphex(crc, ==, 0xe3069283);
    }
}

typedef struct Region {
    uint64_t base;
    uint64_t size;
    TrnTargetKind kind;
    unsigned index;
    uint64_t offset;            /* that the first byte has */
} Region;

/* HW 2.2, typed again. */
static const Region regions[] = {
    { 0x000000000000, USABLE, TRN_TARGET_HBM, 0, 0 },
    { 0x004000000000, USABLE, TRN_TARGET_HBM, 1, 0 },
    { 0x800000000000, USABLE, TRN_TARGET_HBM, 2, 0 },
    { 0x804000000000, USABLE, TRN_TARGET_HBM, 3, 0 },
    { 0x001000000000, 0x10000000, TRN_TARGET_APB, 0, 0x80000000 },
    { 0x005000000000, 0x10000000, TRN_TARGET_APB, 0, 0x90000000 },
    { 0x801000000000, 0x10000000, TRN_TARGET_APB, 0, 0xa0000000 },
    { 0x805000000000, 0x10000000, TRN_TARGET_APB, 0, 0xb0000000 },
    { 0x001200000000, 0x34c0000, TRN_TARGET_PREPROC, 0, 0 },
    { 0x005200000000, 0x34c0000, TRN_TARGET_PREPROC, 1, 0 },
    { 0x801200000000, 0x34c0000, TRN_TARGET_PREPROC, 2, 0 },
    { 0x805200000000, 0x34c0000, TRN_TARGET_PREPROC, 3, 0 },
    { 0x002000000000, 0x804000000, TRN_TARGET_TPB, 0, 0 },
    { 0x003000000000, 0x804000000, TRN_TARGET_TPB, 1, 0 },
    { 0x006000000000, 0x804000000, TRN_TARGET_TPB, 2, 0 },
    { 0x007000000000, 0x804000000, TRN_TARGET_TPB, 3, 0 },
    { 0x802000000000, 0x804000000, TRN_TARGET_TPB, 4, 0 },
    { 0x803000000000, 0x804000000, TRN_TARGET_TPB, 5, 0 },
    { 0x806000000000, 0x804000000, TRN_TARGET_TPB, 6, 0 },
    { 0x807000000000, 0x804000000, TRN_TARGET_TPB, 7, 0 },
    { 0x008000000000, 0x20000000, TRN_TARGET_APB, 0, 0 },
    { 0x808000000000, 0x20000000, TRN_TARGET_APB, 0, 0x40000000 },
    { 0x008280000000, 0x400000, TRN_TARGET_TOP_SP, 0, 0 },
    { 0x0084c0000000, 0x400000, TRN_TARGET_TOP_SP, 9, 0 },
    { 0x808280000000, 0x400000, TRN_TARGET_TOP_SP, 10, 0 },
    { 0x8084c0000000, 0x400000, TRN_TARGET_TOP_SP, 19, 0 },
    { 0x400000000000, 0x400000000000, TRN_TARGET_HOST, 0, 0 },
};

static void expect_target(uint64_t addr, const Region *r, uint64_t at)
{
    TrnTarget t = trn_addrmap_chip(addr, USABLE);

    g_assert_cmpint(t.kind, ==, r->kind);
    if (r->kind != TRN_TARGET_APB && r->kind != TRN_TARGET_HOST) {
        g_assert_cmpuint(t.index, ==, r->index);
    }
    g_assert_cmphex(t.offset, ==, r->offset + at);
    g_assert_cmphex(t.avail, ==, r->size - at);
}

static void chip_addresses_lead_where_the_reference_says(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(regions); i++) {
        const Region *r = &regions[i];

        expect_target(r->base, r, 0);
        expect_target(r->base + r->size / 2 + 3, r, r->size / 2 + 3);
        expect_target(r->base + r->size - 1, r, r->size - 1);
    }
}

static bool in_a_region(uint64_t addr)
{
    for (size_t i = 0; i < G_N_ELEMENTS(regions); i++) {
        if (addr - regions[i].base < regions[i].size) {
            return true;
        }
    }
    /* TOP_SPs between the four that the table names. */
    for (unsigned i = 0; i < 10; i++) {
        if ((addr & ~(1ULL << 47)) - (0x008280000000 + i * 0x40000000ULL)
            < 0x400000) {
            return true;
        }
    }
    return false;
}

static void ends_of_regions_decode_to_nothing(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(regions); i++) {
        uint64_t end = regions[i].base + regions[i].size;

        if (!in_a_region(end)) {
            TrnTarget t = trn_addrmap_chip(end, USABLE);

            g_assert_cmpint(t.kind, ==, TRN_TARGET_NONE);
            g_assert_cmphex(t.avail, >, 0);
        }
    }
}

static void high_bits_make_an_address_somebody_elses(void)
{
    for (uint64_t w = 0; w < 4; w++) {
        uint64_t base = 0x10000000000000 + w * 0x4000000000000;
        TrnTarget t = trn_addrmap_chip(base + 0x1234, USABLE);

        g_assert_cmpint(t.kind, ==, TRN_TARGET_NEIGHBOUR);
        g_assert_cmpuint(t.index, ==, w);
        g_assert_cmphex(t.offset, ==, 0x1234);
        g_assert_cmphex(t.avail, ==, 0x4000000000000 - 0x1234);
        g_assert_cmpint(trn_addrmap_chip(base | 1ULL << 53, USABLE).kind, ==,
                        TRN_TARGET_NONE);
    }
    g_assert_cmpint(trn_addrmap_chip(1ULL << 63, USABLE).kind, ==,
                    TRN_TARGET_NONE);
    g_assert_cmpint(trn_addrmap_chip(~0ULL, USABLE).avail, >, 0);
}

static void usable_size_bounds_a_stack(void)
{
    g_assert_cmpint(trn_addrmap_chip(4 * GIB - 1, 4 * GIB).kind, ==,
                    TRN_TARGET_HBM);
    g_assert_cmphex(trn_addrmap_chip(4 * GIB - 1, 4 * GIB).avail, ==, 1);
    g_assert_cmpint(trn_addrmap_chip(4 * GIB, 4 * GIB).kind, ==,
                    TRN_TARGET_NONE);
}

/* HW 2.4 and 5.1. */
static void bar0_offsets_lead_where_the_reference_says(void)
{
    static const struct {
        uint32_t base;
        TrnBlockKind kind;
        unsigned index;
    } blocks[] = {
        { 0x82000000, TRN_BLOCK_ENGINE, 0 },
        { 0x83f00000, TRN_BLOCK_ENGINE, 31 },
        { 0x94000000, TRN_BLOCK_ENGINE, 32 },
        { 0x95f00000, TRN_BLOCK_ENGINE, 63 },
        { 0xa2000000, TRN_BLOCK_ENGINE, 64 },
        { 0xa3f00000, TRN_BLOCK_ENGINE, 95 },
        { 0xb4000000, TRN_BLOCK_ENGINE, 96 },
        { 0xb5f00000, TRN_BLOCK_ENGINE, 127 },
        { 0x06800000, TRN_BLOCK_ENGINE, 128 },
        { 0x06900000, TRN_BLOCK_ENGINE, 129 },
        { 0x46800000, TRN_BLOCK_ENGINE, 130 },
        { 0x46900000, TRN_BLOCK_ENGINE, 131 },
        { 0x8c000000, TRN_BLOCK_FIS, 0 },
        { 0x9c400000 + 5 * 0x20000, TRN_BLOCK_FIS, 37 },
        { 0x06001000, TRN_BLOCK_NQ_CORE, 0 },
        { 0x06181000, TRN_BLOCK_NQ_CORE, 1 },
        { 0x06401000, TRN_BLOCK_NQ_CORE, 2 },
        { 0x06581000, TRN_BLOCK_NQ_CORE, 3 },
        { 0x46001000, TRN_BLOCK_NQ_CORE, 4 },
        { 0x46581000, TRN_BLOCK_NQ_CORE, 7 },
        { 0x06a00000, TRN_BLOCK_NQ_TOP_SP, 0 },
        { 0x46a00000 + 7 * 0x40000, TRN_BLOCK_NQ_TOP_SP, 15 },
        { 0x06141100, TRN_BLOCK_PE, 0 },
        { 0x466c1100, TRN_BLOCK_PE, 7 },
        { 0x06300010, TRN_BLOCK_QEMU_RESET, 0 },
        { 0x06c84000, TRN_BLOCK_MISC_RAM, 0 },
        { 0xd0000000, TRN_BLOCK_TPB, 0 },
        { 0xec000000, TRN_BLOCK_TPB, 7 },
        { 0xf0000000, TRN_BLOCK_TOP_SP, 0 },
        { 0xf4c00000, TRN_BLOCK_TOP_SP, 19 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        TrnBlock b = trn_addrmap_bar0(blocks[i].base);

        g_assert_cmpint(b.kind, ==, blocks[i].kind);
        g_assert_cmpuint(b.index, ==, blocks[i].index);
        g_assert_cmphex(b.offset, ==, 0);
        if (b.kind != TRN_BLOCK_QEMU_RESET) {
            b = trn_addrmap_bar0(blocks[i].base + 0x24);
            g_assert_cmpint(b.kind, ==, blocks[i].kind);
            g_assert_cmphex(b.offset, ==, 0x24);
        }
    }
    g_assert_cmpint(trn_addrmap_bar0(0x20000000).kind, ==, TRN_BLOCK_NONE);
    g_assert_cmpint(trn_addrmap_bar0(0xcffffffc).kind, ==, TRN_BLOCK_NONE);
    g_assert_cmpint(trn_addrmap_bar0(0xfffffffc).kind, ==, TRN_BLOCK_NONE);
}

static void store_reads_zero_until_written_and_costs_what_is_touched(void)
{
    TrnStoreLimit limit = { .bytes = 64 << 20 };
    TrnStore s;
    uint64_t avail;

    trn_store_init(&s, 1ULL << 35, 16, &limit);
    g_assert_cmphex(trn_store_read32(&s, (1ULL << 35) - 4), ==, 0);
    g_assert_cmphex(limit.used, ==, 0);
    trn_store_write32(&s, (1ULL << 35) - 4, 0xfeedface);
    trn_store_write32(&s, 0, 0x01020304);
    g_assert_cmphex(trn_store_read32(&s, (1ULL << 35) - 4), ==, 0xfeedface);
    g_assert_cmphex(trn_store_read32(&s, (1ULL << 35) - 8), ==, 0);
    g_assert_cmphex(*(const uint8_t *)trn_store_peek(&s, 0, &avail), ==, 4);
    g_assert_cmphex(avail, >, 0);
    g_assert_cmphex(avail, <=, 65536);
    g_assert_cmphex(limit.used, <, 1 << 20);
    trn_store_clear(&s);
    g_assert_cmphex(trn_store_read32(&s, 0), ==, 0);
    g_assert_cmphex(limit.used, ==, 0);
    trn_store_fini(&s);
}

static void store_stops_at_its_limit(void)
{
    TrnStoreLimit limit = { .bytes = 1 << 20 };
    TrnStore s;
    uint64_t avail;
    unsigned got = 0;

    trn_store_init(&s, 1ULL << 30, 16, &limit);
    while (got < 100 && trn_store_poke(&s, (uint64_t)got << 16, &avail)) {
        got++;
    }
    g_assert_cmpuint(got, >, 4);
    g_assert_cmpuint(got, <, 17);
    g_assert_cmphex(limit.used, <=, limit.bytes);
    trn_store_write32(&s, 99 << 16, 5);
    g_assert_cmphex(trn_store_read32(&s, 99 << 16), ==, 0);
    trn_store_fini(&s);
    g_assert_cmphex(limit.used, ==, 0);
}

static void store_last_chunk_ends_with_the_store(void)
{
    TrnStoreLimit limit = { .bytes = 1 << 20 };
    TrnStore s;
    uint64_t avail;

    /* HW 2.2: PREPROC's 0x34c0000 is no multiple of many chunk sizes. */
    trn_store_init(&s, 0x1010, 12, &limit);
    g_assert_nonnull(trn_store_poke(&s, 0x1000, &avail));
    g_assert_cmphex(avail, ==, 0x10);
    g_assert_nonnull(trn_store_peek(&s, 0x100f, &avail));
    g_assert_cmphex(avail, ==, 1);
    trn_store_fini(&s);
}

static bool count_chunk(void *opaque, uint64_t offset, void *chunk, size_t len)
{
    uint64_t *last = opaque;

    g_assert_cmphex(offset, >=, *last);
    *last = offset + len;
    return true;
}

static void store_walk_visits_chunks_in_order(void)
{
    TrnStoreLimit limit = { .bytes = 64 << 20 };
    uint64_t last = 0;
    TrnStore s;

    trn_store_init(&s, 1ULL << 35, 16, &limit);
    for (uint64_t at = 1ULL << 34; at; at >>= 1) {
        trn_store_write32(&s, at & ~3ULL, 1);
    }
    g_assert_true(trn_store_walk(&s, count_chunk, &last));
    g_assert_cmphex(last, >, 1ULL << 34);
    trn_store_fini(&s);
}

static void semaphore_windows_set_add_and_subtract(void)
{
    TrnSem sem;

    trn_sem_reset(&sem);
    trn_sem_write(&sem, 0x1400 + 255 * 4, 10);
    trn_sem_write(&sem, 0x1800 + 255 * 4, 5);
    trn_sem_write(&sem, 0x1c00 + 255 * 4, 20);
    g_assert_cmpint((int32_t)trn_sem_read(&sem, 0x1000 + 255 * 4), ==, -5);
    g_assert_cmpint(trn_sem_read(&sem, 0x1000 + 254 * 4), ==, 0);
    trn_sem_write(&sem, 0x1000, 7);
    g_assert_cmpint(trn_sem_read(&sem, 0x1000), ==, 0);
    trn_sem_write(&sem, 255 * 4, 1);
    g_assert_cmpint(trn_sem_read(&sem, 255 * 4), ==, 1);
    g_assert_cmpint(trn_sem_read(&sem, 0x0c00), ==, 0);
    g_assert_cmpint(trn_sem_read(&sem, 0x1ffc), ==, 0);
}

static void iofic_registers_set_and_clear_as_the_family_says(void)
{
    TrnIofic g = { 0 };

    trn_iofic_write(&g, 0x08, 0xf0);
    g_assert_cmphex(trn_iofic_read(&g, 0x00), ==, 0xf0);
    trn_iofic_write(&g, 0x00, ~0x10u);
    g_assert_cmphex(trn_iofic_read(&g, 0x00), ==, 0xe0);
    trn_iofic_write(&g, 0x10, 0xff);
    trn_iofic_write(&g, 0x18, ~0x0fu);
    g_assert_cmphex(trn_iofic_read(&g, 0x10), ==, 0xf0);
    trn_iofic_write(&g, 0x28, 0x1);
    g_assert_cmphex(trn_iofic_read(&g, 0x00), ==, 0xe0);
    g_assert_cmphex(trn_iofic_read(&g, 0x00), ==, 0);
}

static void iofic_raise_aborts_unless_abort_masked(void)
{
    TrnIofic g = { .abort_mask = 0x00020000, .mask = 0xffffffff };

    g_assert_false(trn_iofic_raise(&g, 0x00020000));
    g_assert_true(trn_iofic_raise(&g, 0x100));
    g_assert_cmphex(trn_iofic_read(&g, 0x00) & 0x100, ==, 0x100);
}

/* HW 4.4. */
static void descriptor_example_decodes(void)
{
    static const uint8_t raw[] = {
        0x00, 0x00, 0x00, 0x0d, 0x03, 0x00, 0x08, 0x05,
        0x00, 0x50, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
    };
    TrnDesc d = trn_desc_decode(raw);

    g_assert_cmpuint(trn_desc_len(&d), ==, 65536);
    g_assert_cmpuint(trn_desc_ring_id(&d), ==, 1);
    g_assert_cmphex(d.addr, ==, 0x400000005000);
    g_assert_true(trn_desc_op_is_copy(&d));
    g_assert_false(trn_desc_is_meta(&d));
}

/* HW 3.4. */
static void ring_pointers_advance_with_their_id(void)
{
    uint32_t ptr = 0x40000000;

    ptr = trn_ring_advance(ptr, 31, 32);
    g_assert_cmphex(ptr, ==, 0x4000001f);
    ptr = trn_ring_advance(ptr, 1, 32);
    g_assert_cmphex(ptr, ==, 0x80000000);
    ptr = trn_ring_advance(ptr, 32, 32);
    g_assert_cmphex(ptr, ==, 0xc0000000);
    ptr = trn_ring_advance(ptr, 40, 48);
    g_assert_cmphex(ptr, ==, 0xc0000028);
    ptr = trn_ring_advance(ptr, 16, 48);
    g_assert_cmphex(ptr, ==, 0x00000008);
    ptr = trn_ring_advance(0xc0ffffef, 1, 16777200);
    g_assert_cmphex(ptr, ==, 0x00000000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/parts/" #name, name)
    T(crc32c_has_its_check_value_in_any_split);
    T(chip_addresses_lead_where_the_reference_says);
    T(ends_of_regions_decode_to_nothing);
    T(high_bits_make_an_address_somebody_elses);
    T(usable_size_bounds_a_stack);
    T(bar0_offsets_lead_where_the_reference_says);
    T(store_reads_zero_until_written_and_costs_what_is_touched);
    T(store_stops_at_its_limit);
    T(store_last_chunk_ends_with_the_store);
    T(store_walk_visits_chunks_in_order);
    T(semaphore_windows_set_add_and_subtract);
    T(iofic_registers_set_and_clear_as_the_family_says);
    T(iofic_raise_aborts_unless_abort_masked);
    T(descriptor_example_decodes);
    T(ring_pointers_advance_with_their_id);
    return g_test_run();
}
