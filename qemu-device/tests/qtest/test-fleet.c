/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sixteen chips under the vendor's driver: HW 9 and 11. Each is probed and
 * reset before any reads the ids of its neighbours.
 */
#include "qt-vendor.h"

#define HBM0 0x1000000ULL
#define HBM3 (0x804000000000ULL + HBM0)

typedef struct Chip {
    Vendor v;
    unsigned id;
    uint64_t host;              /* 64 KiB, a chip address */
} Chip;

/* HW 9.2 and 9.3. */
static const uint8_t device_of_id[16] = {
    0, 3, 4, 7, 12, 15, 8, 11, 1, 2, 5, 6, 13, 14, 9, 10,
};
static const uint8_t id_of_device[16] = {
    0, 8, 9, 1, 2, 10, 11, 3, 6, 14, 15, 7, 4, 12, 13, 5,
};
static const uint8_t neighbours[16][4] = {
    { 12, 1, 3, 4 }, { 0, 13, 5, 2 }, { 14, 3, 1, 6 }, { 2, 15, 7, 0 },
    { 8, 5, 7, 0 }, { 4, 9, 1, 6 }, { 10, 7, 5, 2 }, { 6, 11, 3, 4 },
    { 4, 9, 11, 12 }, { 8, 5, 13, 10 }, { 6, 11, 9, 14 }, { 10, 7, 15, 8 },
    { 0, 13, 15, 8 }, { 12, 1, 9, 14 }, { 2, 15, 13, 10 }, { 14, 3, 11, 12 },
};

#define SERIAL(id) (0x1122334400000000ULL + (id))

/* HW 9.4: 8 bytes of the neighbour's MISC RAM to page + 8, a marker of 1. */
static uint64_t read_neighbour(Chip *c, unsigned engine)
{
    QtDev *dev = c->v.dev;
    QTestState *qts = dev->vm->qts;
    uint64_t page = c->host & ~HOST_BIT;
    uint64_t window = 0x10000000000000ULL + engine / 32 * 0x4000000000000ULL;
    QtQueue *q = qt_queue_new(dev, engine, 0, 1024);

    vendor_engine_init(&c->v, engine);
    vendor_queue_init(&c->v, engine, 0, q->m2s.addr, q->s2m.addr, 1024);
    qtest_writel(qts, page, 1);
    qtest_writel(qts, page + 4, 0);
    qtest_writeq(qts, page + 8, 0);
    qt_s2m(q, 8, c->host + 8);
    qt_m2s(q, M2S_FIRST | M2S_LAST | 8, OP_COPY_BARRIER,
           window + 0x008006c84038);
    qt_s2m(q, 4, c->host + 4);
    qt_m2s(q, M2S_FIRST | M2S_LAST | 4, OP_COPY_BARRIER, c->host);
    qt_ring(q);
    qt_wait_mem32(dev->vm, page + 4, 1, "marker of a neighbour read");
    qt_queue_free(q);
    return qtest_readq(qts, page + 8);
}

static void ask_neighbours(Chip *c)
{
    static const unsigned engines[2][4] = {
        { 8, 40, 72, 104 }, { 4, 36, 68, 100 },
    };

    for (unsigned seng = 0; seng < 4; seng++) {
        unsigned there = neighbours[device_of_id[c->id]][seng];

        g_assert_cmphex(read_neighbour(c, engines[c->v.trn2][seng]), ==,
                        SERIAL(id_of_device[there]));
    }
}

static QtVm *start_sixteen(const char *type, Chip *chips)
{
    GString *args = g_string_new(NULL);
    QtVm *vm;

    for (unsigned i = 0; i < 16; i++) {
        g_string_append_printf(args, "-device %s,id=trn%u,addr=%x,hbm-size=1G,"
                               "routing-id=%u,serial=%" PRIu64 " ", type, i,
                               i + 2, i, (uint64_t)SERIAL(i));
    }
    vm = qt_vm_start(args->str);
    for (unsigned i = 0; i < 16; i++) {
        Chip *c = &chips[i];

        vendor_init(&c->v, qt_dev_open(vm, 0, i + 2));
        c->id = vendor_probe(&c->v);
        c->host = qt_alloc(vm, 65536, 4096) | HOST_BIT;
        g_assert_cmpuint(c->id, ==, i);
    }
    g_string_free(args, TRUE);
    return vm;
}

/* Of each chip the H2T engine of core 7, all at once. */
static void copies_on_all(Chip *chips)
{
    const uint64_t len = 100 * 65536ULL;

    for (unsigned i = 0; i < 16; i++) {
        const VendorCopy copy = {
            .dst = HBM3 + 65536, .src = HBM3, .len = len,
            .last_op = OP_COPY_BARRIER,
        };

        qt_mem_fill(chips[i].v.dev, HBM3, 65536, i);
        vendor_submit(&chips[i].v, 7, 0, &copy);
    }
    for (unsigned i = 0; i < 16; i++) {
        vendor_wait(&chips[i].v, 7, 0);
        qt_mem_expect(chips[i].v.dev, HBM3 + len, 65536, i);
    }
}

/* Those of the cores in @cores that copy are the first and the last. */
static void sixteen_live_together(const char *type, unsigned cores)
{
    g_autofree Chip *chips = g_new0(Chip, 16);
    QtVm *vm = start_sixteen(type, chips);

    for (unsigned i = 0; i < 16; i++) {
        vendor_reset(&chips[i].v, VENDOR_ALL_CORES);
    }
    for (unsigned i = 0; i < 16; i++) {
        vendor_dma_init(&chips[i].v, cores);
    }
    copies_on_all(chips);
    for (unsigned i = 0; i < 16; i++) {
        Chip *c = &chips[i];

        ask_neighbours(c);
        vendor_round_trip(&c->v, 0, c->host, HBM0, 65536, i);
    }
    for (unsigned i = 0; i < 16; i++) {
        QtDev *dev = chips[i].v.dev;

        qt_dev_set_master(dev, false);
        vendor_fini(&chips[i].v);
        g_free(dev);
    }
    qt_vm_stop(vm);
}

static void sixteen_trainium3_live_together(void)
{
    sixteen_live_together("trn3", VENDOR_ALL_CORES);
}

static void sixteen_trainium2_live_together(void)
{
    sixteen_live_together("trn2", 0x81);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/fleet/" #name, name)
    T(sixteen_trainium3_live_together);
    T(sixteen_trainium2_live_together);
    return g_test_run();
}
