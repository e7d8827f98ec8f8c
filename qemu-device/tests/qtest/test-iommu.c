/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device behind QEMU's VT-d unit: bus addresses are then not guest memory
 * addresses. Register and table layouts are those of the VT-d specification.
 */
#include "qt.h"

#define DMAR 0xfed90000ULL
#define GCMD 0x18
#define GSTS 0x1c
#define RTADDR 0x20
#define TRANSLATE 0x80000000u
#define SET_ROOT 0x40000000u

#define READ 1u
#define WRITE 2u
#define SUPER 0x80u

/* Bus addresses of 512 pages that lead to guest pages in reverse order. */
#define SCATTER_BUS (900 * MIB)
#define SCATTER_PAGES 512u
/* No table covers this. */
#define UNMAPPED_BUS (3 * GIB)

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint64_t pages;             /* guest address of the scattered ones */
    uint64_t leaf;              /* their page table */
} Fixture;

static uint64_t page(QtVm *vm)
{
    uint64_t at = qt_alloc(vm, 4096, 4096);

    qtest_memset(vm->qts, at, 0, 4096);
    return at;
}

/*
 * Three levels, 39 bits: one GiB of identity in 2 MiB pages, but for the 2 MiB
 * at SCATTER_BUS.
 */
static uint64_t build_page_table(Fixture *f)
{
    QtVm *vm = f->dev->vm;
    uint64_t top = page(vm);
    uint64_t middle = page(vm);

    f->leaf = page(vm);
    f->pages = qt_alloc(vm, SCATTER_PAGES * 4096, 4096);
    qtest_writeq(vm->qts, top, middle | READ | WRITE);
    for (uint64_t i = 0; i < 512; i++) {
        qtest_writeq(vm->qts, middle + i * 8,
                     i << 21 | SUPER | READ | WRITE);
    }
    qtest_writeq(vm->qts, middle + (SCATTER_BUS >> 21) * 8,
                 f->leaf | READ | WRITE);
    for (uint64_t i = 0; i < SCATTER_PAGES; i++) {
        uint64_t to = f->pages + (SCATTER_PAGES - 1 - i) * 4096;

        qtest_writeq(vm->qts, f->leaf + i * 8, to | READ | WRITE);
    }
    return top;
}

static void translate(Fixture *f)
{
    QTestState *qts = f->dev->vm->qts;
    uint64_t root = page(f->dev->vm);
    uint64_t context = page(f->dev->vm);
    uint64_t top = build_page_table(f);

    qtest_writeq(qts, root, context | 1);
    qtest_writeq(qts, context + (f->dev->slot << 3) * 16, top | 1);
    qtest_writeq(qts, context + (f->dev->slot << 3) * 16 + 8, 1 << 8 | 1);
    qtest_writeq(qts, DMAR + RTADDR, root);
    qtest_writel(qts, DMAR + GCMD, SET_ROOT);
    g_assert_cmphex(qtest_readl(qts, DMAR + GSTS) & SET_ROOT, !=, 0);
    qtest_writel(qts, DMAR + GCMD, TRANSLATE);
    g_assert_cmphex(qtest_readl(qts, DMAR + GSTS) & TRANSLATE, !=, 0);
}

static void setup(Fixture *f)
{
    f->dev = qt_dev_open(qt_vm_start("-device intel-iommu,intremap=off "
                                     "-device trn3,addr=4,hbm-size=1G"),
                         0, 4);
    f->q = qt_queue_new(f->dev, 128, 0, 64);
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->q);
    qt_stop(f->dev);
}

static void copies_work_while_translation_is_off(void)
{
    Fixture f;
    uint64_t host;

    setup(&f);
    host = qt_alloc(f.dev->vm, 2 * MIB, 4096) | HOST_BIT;
    qt_copy_verify(f.q, 0x1000000, host, 2 * MIB - 3, 1);
    qt_copy_verify(f.q, host + 1, 0x1000000, 2 * MIB - 3, 2);
    teardown(&f);
}

/* One range of the bus is scattered over guest memory. */
static void scattered_expect(Fixture *f, uint32_t seed)
{
    g_autofree uint8_t *want = g_malloc(SCATTER_PAGES * 4096);
    g_autofree uint8_t *got = g_malloc(4096);

    qt_pattern(want, SCATTER_PAGES * 4096, seed);
    for (unsigned i = 0; i < SCATTER_PAGES; i++) {
        qt_mem_read(f->dev, (f->pages + (SCATTER_PAGES - 1 - i) * 4096)
                    | HOST_BIT, got, 4096);
        g_assert_cmpmem(got, 4096, want + i * 4096, 4096);
    }
}

static void copies_follow_the_translation_page_by_page(void)
{
    Fixture f;

    setup(&f);
    translate(&f);
    qt_mem_fill(f.dev, 0x1000000, SCATTER_PAGES * 4096, 7);
    qt_copy(f.q, SCATTER_BUS | HOST_BIT, 0x1000000, SCATTER_PAGES * 4096);
    scattered_expect(&f, 7);
    qt_copy(f.q, 0x2000000, SCATTER_BUS | HOST_BIT, SCATTER_PAGES * 4096);
    qt_mem_expect(f.dev, 0x2000000, SCATTER_PAGES * 4096, 7);
    teardown(&f);
}

static void rings_follow_the_translation_too(void)
{
    Fixture f;
    uint8_t desc[16];

    setup(&f);
    translate(&f);
    /* 512 descriptors: two bus pages that lie in the wrong order in memory. */
    f.q->m2s.len = 512;
    f.q->m2s.addr = SCATTER_BUS | HOST_BIT;
    qt_queue_program(f.q);
    memset(desc, 0, sizeof(desc));
    for (unsigned i = 0; i < 300; i++) {
        uint64_t bus_page = f.q->m2s.tail / 256;
        uint64_t at = f.pages + (SCATTER_PAGES - 1 - bus_page) * 4096
                      + f.q->m2s.tail % 256 * 16;
        uint32_t tail = f.q->m2s.tail;

        /* Posted by its bus address, then carried to where that leads. */
        qt_pair(f.q, 0x1000000 + i * 64, 0x2000000, 64);
        qt_mem_read(f.dev, f.q->m2s.addr + tail * 16, desc, 16);
        qt_mem_write(f.dev, at | HOST_BIT, desc, 16);
        qt_ring(f.q);
        qt_wait_count(f.q, i + 1);
    }
    teardown(&f);
}

static void unmapped_bus_address_is_an_axi_error(void)
{
    Fixture f;

    setup(&f);
    translate(&f);
    qt_mem_set(f.dev, 0x1000000, 0x42, 4096);
    qt_copy(f.q, 0x1000000, UNMAPPED_BUS | HOST_BIT, 4096);
    qt_mem_expect_byte(f.dev, 0x1000000, 0x42, 4096);
    qt_copy(f.q, UNMAPPED_BUS | HOST_BIT, 0x1000000, 4096);
    g_assert_cmphex(qt_read(f.dev, 0x0683a000) & 1 << 8, !=, 0);
    g_assert_cmphex(qt_read(f.dev, 0x0683a040) & 1 << 1, !=, 0);
    qt_copy(f.q, 0x1001000, 0x1000000, 4096);
    qt_mem_expect_byte(f.dev, 0x1001000, 0x42, 4096);
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

static void read_only_page_is_read_and_never_written(void)
{
    Fixture f;
    uint64_t bus = (SCATTER_BUS + 5 * 4096) | HOST_BIT;
    uint64_t ram;

    setup(&f);
    translate(&f);
    ram = f.pages + (SCATTER_PAGES - 1 - 5) * 4096;
    qtest_writeq(f.dev->vm->qts, f.leaf + 5 * 8, ram | READ);
    qt_mem_fill(f.dev, ram | HOST_BIT, 4096, 3);
    qt_copy(f.q, 0x1000000, bus, 4096);
    qt_mem_expect(f.dev, 0x1000000, 4096, 3);
    qt_mem_set(f.dev, 0x1000000, 0, 4096);
    qt_copy(f.q, bus, 0x1000000, 4096);
    qt_mem_expect(f.dev, ram | HOST_BIT, 4096, 3);
    f.dev->vm->guest_errors = true;
    teardown(&f);
}

/*
 * From the fourth entry on, a completion ring right below the host window is in
 * it: the address of the entry decides about the big lock, not the base. The
 * device asserts that it is held.
 */
static void completion_ring_that_carries_into_host_memory_is_locked(void)
{
    const uint64_t below = HOST_BIT - 64;
    Fixture f;

    setup(&f);
    translate(&f);
    qt_write(f.dev, f.q->s2m.page + 0x44, (uint32_t)below);
    qt_write(f.dev, f.q->s2m.page + 0x48, below >> 32);
    qt_write(f.dev, f.q->s2m.page + 0x54, 1);
    for (unsigned i = 0; i < 8; i++) {
        qt_copy(f.q, 0x2000000, 0x1000000, 64);
    }
    teardown(&f);
}

/* The worker wants the big lock for these copies while a reset holds it. */
static void resets_under_translated_load_do_not_hang(void)
{
    Fixture f;
    QtQueue *q;

    setup(&f);
    translate(&f);
    q = qt_queue_new(f.dev, 33, 1, 1024);
    for (unsigned round = 0; round < 100; round++) {
        qt_queue_program(q);
        qt_post_long(q, 0x4000000, SCATTER_BUS | HOST_BIT, 500);
        qt_ring(q);
        if (round % 2) {
            qt_queue_reset(q);
        } else {
            qt_write(f.dev, QEMU_RESET, 0);
        }
    }
    qt_queue_program(f.q);
    qt_copy(f.q, 0x2000000, SCATTER_BUS | HOST_BIT, 65536);
    qt_queue_free(q);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/iommu/" #name, name)
    T(copies_work_while_translation_is_off);
    T(copies_follow_the_translation_page_by_page);
    T(rings_follow_the_translation_too);
    T(unmapped_bus_address_is_an_axi_error);
    T(read_only_page_is_read_and_never_written);
    T(completion_ring_that_carries_into_host_memory_is_locked);
    T(resets_under_translated_load_do_not_hang);
    return g_test_run();
}
