/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several chips and the windows between them (HW 2.2, 9.2, 9.3). */
#include "fake-bus.h"

#define M2S_RING 0x10000u
#define S2M_RING 0x20000u
#define DATA 0x100000u
#define WINDOW(x) (0x10000000000000ULL + (x) * 0x4000000000000ULL)

/* HW 9.3, typed again, with HW 9.2 applied: routing ids, not devices. */
static void links_lead_where_the_reference_says(void)
{
    static const uint8_t of_device[16] = {
        0, 8, 9, 1, 2, 10, 11, 3, 6, 14, 15, 7, 4, 12, 13, 5,
    };
    static const uint8_t table[16][4] = {
        { 12, 1, 3, 4 }, { 0, 13, 5, 2 }, { 14, 3, 1, 6 }, { 2, 15, 7, 0 },
        { 8, 5, 7, 0 }, { 4, 9, 1, 6 }, { 10, 7, 5, 2 }, { 6, 11, 3, 4 },
        { 4, 9, 11, 12 }, { 8, 5, 13, 10 }, { 6, 11, 9, 14 }, { 10, 7, 15, 8 },
        { 0, 13, 15, 8 }, { 12, 1, 9, 14 }, { 2, 15, 13, 10 },
        { 14, 3, 11, 12 },
    };

    for (unsigned d = 0; d < 16; d++) {
        for (unsigned x = 0; x < 4; x++) {
            uint32_t id = trn_fabric_neighbour_id(of_device[d], x);

            g_assert_cmpuint(id, ==, of_device[table[d][x]]);
            g_assert_cmpuint(trn_fabric_neighbour_id(of_device[d] + 48, x), ==,
                             id + 48);
        }
    }
}

static void links_lead_back(void)
{
    for (uint32_t id = 0; id < 16; id++) {
        for (unsigned x = 0; x < 4; x++) {
            uint32_t there = trn_fabric_neighbour_id(id, x);
            bool back = false;

            for (unsigned y = 0; y < 4; y++) {
                back |= trn_fabric_neighbour_id(there, y) == id;
            }
            g_assert_true(back);
        }
    }
}

typedef struct Pair {
    TrnFabric fabric;
    FakeBus *a;                 /* device 0 */
    FakeBus *b;                 /* device 12: where window 0 of a leads */
} Pair;

static void pair_start(Pair *p)
{
    trn_fabric_init(&p->fabric);
    p->a = fake_new_in(&p->fabric, 0);
    p->b = fake_new_in(&p->fabric, 4);
    fake_program(p->a, 8, 0, M2S_RING | HOST_BIT, S2M_RING | HOST_BIT, 256);
    for (unsigned i = 0; i < 0x1000; i++) {
        p->a->host[DATA + i] = i * 7 + (i >> 8) + 1;
    }
}

static void pair_end(Pair *p)
{
    if (p->b) {
        fake_free(p->b);
    }
    fake_free(p->a);
    trn_fabric_fini(&p->fabric);
}

/* The next packet of engine 8 of a. */
static void copy(Pair *p, uint64_t dst, uint64_t src, uint32_t len)
{
    uint32_t at = trn_chip_read(p->a->chip, fake_page(8, 0, false) + 0x3c)
                  & 0xffffff;

    fake_desc(p->a, M2S_RING + at * 16, 0x0d000000 | len, 0x01080003, src);
    fake_desc(p->a, S2M_RING + at * 16, 0x01000000 | len, 0, dst);
    trn_chip_write(p->a->chip, fake_page(8, 0, true) + 0x38, 1);
    trn_chip_write(p->a->chip, fake_page(8, 0, false) + 0x38, 1);
    fake_run(p->a);
}

/* Secondary group A and B: the AXI response bits of source and destination. */
static bool axi_error(Pair *p, bool s2m)
{
    uint32_t cause = trn_chip_read(p->a->chip, 0x82800000 + 0x3a000 +
                                               (s2m ? 0x40 : 0));

    return cause & (s2m ? 0x2 : 0x100);
}

static void window_reaches_the_hbm_of_the_neighbour(void)
{
    Pair p;

    pair_start(&p);
    copy(&p, WINDOW(0) + 0x1000000, DATA | HOST_BIT, 4096);
    g_assert_cmpmem(p.b->hbm + 0x1000000, 4096, p.a->host + DATA, 4096);
    g_assert_cmpuint(p.b->dirty_bytes, ==, 4096);
    g_assert_cmpuint(p.a->dirty_bytes, ==, 0);
    g_assert_cmphex(trn_get_le64(p.a->hbm + 0x1000000), ==, 0);

    /* Stack 3 of it, bit 47, and back into one's own memory. */
    memset(p.b->hbm + 3 * FAKE_HBM_SLOT + 64, 0x5a, 64);
    copy(&p, 0x2000, WINDOW(0) + 0x804000000000 + 64, 64);
    g_assert_cmphex(trn_get_le64(p.a->hbm + 0x2000), ==, 0x5a5a5a5a5a5a5a5a);
    g_assert_cmpuint(p.a->guest_errors, ==, 0);
    pair_end(&p);
}

/* HW 9.4: the election reads 8 bytes at 0x38 through the window. */
static void serial_number_of_the_neighbour_is_read_by_dma(void)
{
    Pair p;

    pair_start(&p);
    trn_mbox_set_status(p.b->chip, 0x38, UINT32_MAX, 0x34567890);
    trn_mbox_set_status(p.b->chip, 0x3c, UINT32_MAX, 0x12);
    trn_chip_write(p.b->chip, 0x06c84190, 0xff000103);
    copy(&p, 0x8 | HOST_BIT, WINDOW(0) + 0x008006c84000 + 0x38, 8);
    g_assert_cmphex(trn_get_le64(p.a->host + 8), ==, 0x1234567890);
    copy(&p, 0x10 | HOST_BIT, WINDOW(0) + 0x008006c84000 + 0x24, 4);
    g_assert_cmpuint(trn_get_le32(p.a->host + 0x10), ==, 4);
    copy(&p, 0x18 | HOST_BIT, WINDOW(0) + 0x008006c84000 + 0x190, 4);
    g_assert_cmphex(trn_get_le32(p.a->host + 0x18), ==, 0xff000103);
    pair_end(&p);
}

static void semaphore_of_the_neighbour_is_incremented_by_dma(void)
{
    Pair p;

    pair_start(&p);
    trn_put_le32(p.a->host + DATA, 5);
    copy(&p, WINDOW(0) + 0x003002701800 + 4 * 9, DATA | HOST_BIT, 4);
    copy(&p, WINDOW(0) + 0x003002701800 + 4 * 9, DATA | HOST_BIT, 4);
    g_assert_cmpuint(trn_chip_read(p.b->chip, 0xd6701000 + 4 * 9), ==, 10);
    g_assert_cmpuint(trn_chip_read(p.a->chip, 0xd6701000 + 4 * 9), ==, 0);
    pair_end(&p);
}

/* A reset asked for by a neighbour is the neighbour's own deferred work. */
static void registers_of_the_neighbour_act_there(void)
{
    Pair p;

    pair_start(&p);
    trn_chip_write(p.b->chip, 0xd2701400, 77);
    trn_put_le32(p.a->host + DATA, 0);
    copy(&p, WINDOW(0) + 0x008006300010, DATA | HOST_BIT, 4);
    g_assert_true(p.b->deferred);
    g_assert_false(p.a->deferred);
    fake_run(p.b);
    g_assert_cmpuint(trn_chip_read(p.b->chip, 0xd2701000), ==, 0);
    pair_end(&p);
}

static void link_without_a_neighbour_is_an_axi_error(void)
{
    Pair p;

    pair_start(&p);
    copy(&p, WINDOW(1) + 0x1000000, DATA | HOST_BIT, 64);
    g_assert_true(axi_error(&p, true));
    g_assert_false(axi_error(&p, false));
    copy(&p, 0x1000, WINDOW(2) + 0x1000000, 64);
    g_assert_true(axi_error(&p, false));
    g_assert_cmpuint(p.a->guest_errors, >, 0);
    pair_end(&p);
}

static void nothing_behind_the_neighbour_is_reached(void)
{
    static const uint64_t beyond[] = {
        HOST_BIT | 0x3000, 1ULL << 48, 0x2000000 /* past a small stack */,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(beyond); i++) {
        Pair p;

        pair_start(&p);
        memset(p.b->host + 0x3000, 0, 64);
        copy(&p, WINDOW(0) + beyond[i], DATA | HOST_BIT, 64);
        g_assert_true(axi_error(&p, true));
        g_assert_cmphex(trn_get_le64(p.b->host + 0x3000), ==, 0);
        g_assert_cmpuint(p.b->chip->peer.refs, ==, 0);
        pair_end(&p);
    }
}

static void neighbour_that_left_is_not_reached(void)
{
    Pair p;

    pair_start(&p);
    copy(&p, WINDOW(0) + 0x1000, DATA | HOST_BIT, 64);
    g_assert_false(axi_error(&p, true));
    fake_free(p.b);
    p.b = NULL;
    copy(&p, WINDOW(0) + 0x1000, DATA | HOST_BIT, 64);
    g_assert_true(axi_error(&p, true));
    pair_end(&p);
}

/* Both ends in the neighbour, also where one of them is not there. */
static void copy_inside_the_neighbour_visits_it_twice(void)
{
    Pair p;

    pair_start(&p);
    memset(p.b->hbm + 0x1000, 0x77, 4096);
    copy(&p, WINDOW(0) + 0x002000000000, WINDOW(0) + 0x1000, 4096);
    g_assert_cmphex(trn_chip_read(p.b->chip, 0xd0000000), ==, 0x77777777);
    g_assert_cmpuint(p.b->chip->peer.refs, ==, 0);
    copy(&p, WINDOW(0) + (1ULL << 48), WINDOW(0) + 0x1000, 64);
    g_assert_true(axi_error(&p, true));
    g_assert_false(axi_error(&p, false));
    copy(&p, WINDOW(0) + 0x1000, WINDOW(0) + (1ULL << 48), 64);
    g_assert_true(axi_error(&p, false));
    g_assert_cmpuint(p.b->chip->peer.refs, ==, 0);
    pair_end(&p);
}

static void host_memory_that_is_not_there_leaves_no_visitor(void)
{
    uint64_t nothing = FAKE_HOST_SIZE | HOST_BIT;
    Pair p;

    pair_start(&p);
    copy(&p, WINDOW(0) + 0x1000, nothing, 64);
    g_assert_true(axi_error(&p, false));
    g_assert_false(axi_error(&p, true));
    copy(&p, nothing, WINDOW(0) + 0x1000, 64);
    g_assert_true(axi_error(&p, true));
    g_assert_cmpuint(p.b->chip->peer.refs, ==, 0);
    pair_end(&p);
}

static void second_chip_is_found_when_the_first_has_left(void)
{
    FakeBus *twin;
    Pair p;

    pair_start(&p);
    twin = fake_new_in(&p.fabric, 4);
    fake_free(p.b);
    p.b = twin;
    copy(&p, WINDOW(0) + 0x1000, DATA | HOST_BIT, 64);
    g_assert_false(axi_error(&p, true));
    g_assert_cmpuint(twin->dirty_bytes, ==, 64);
    g_assert_cmphex(trn_trnx_read(p.a->chip, TRNX_LINKS + TRNX_LINK(0), 4)
                    & TRNX_LINK_STATE_UP, !=, 0);
    pair_end(&p);
}

static void second_chip_with_a_routing_id_is_not_found(void)
{
    FakeBus *twin;
    Pair p;

    pair_start(&p);
    twin = fake_new_in(&p.fabric, 4);
    copy(&p, WINDOW(0) + 0x1000, DATA | HOST_BIT, 64);
    g_assert_cmpuint(p.b->dirty_bytes, ==, 64);
    fake_free(twin);
    copy(&p, WINDOW(0) + 0x1000, DATA | HOST_BIT, 64);
    g_assert_cmpuint(p.b->dirty_bytes, ==, 128);
    pair_end(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/fabric/" #name, name)
    T(links_lead_where_the_reference_says);
    T(links_lead_back);
    T(window_reaches_the_hbm_of_the_neighbour);
    T(serial_number_of_the_neighbour_is_read_by_dma);
    T(semaphore_of_the_neighbour_is_incremented_by_dma);
    T(registers_of_the_neighbour_act_there);
    T(link_without_a_neighbour_is_an_axi_error);
    T(nothing_behind_the_neighbour_is_reached);
    T(neighbour_that_left_is_not_reached);
    T(copy_inside_the_neighbour_visits_it_twice);
    T(host_memory_that_is_not_there_leaves_no_visitor);
    T(second_chip_is_found_when_the_first_has_left);
    T(second_chip_with_a_routing_id_is_not_found);
    return g_test_run();
}
