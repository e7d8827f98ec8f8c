/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trnx MMU through the BARs. The trnx manual, 10. */
#include "qt.h"

#define QCTL_ASID 0x28
#define QCTL_ACCESS 0x2c

#define MMU_CAPS 0x2000
#define MMU_CTRL 0x2004
#define MMU_CTX_ADDR 0x2008
#define MMU_CTX_SIZE 0x2010
#define MMU_INVALIDATE 0x2028
#define INVALIDATE_ASID 0x20000u

#define VALID 1u
#define READ 2u
#define WRITE 4u
#define LEAF 8u

#define ASID 9u
#define ENGINE 44u
#define QUEUE 7u
/* The page that the tests map, unmap and move. */
#define VA 0x7f0000001000ULL

typedef struct Fixture {
    QtDev *dev;
    QtQueue *q;
    uint32_t qctl;
    uint64_t context;           /* guest memory, this and below */
    uint64_t root;
    uint64_t pages;             /* the table of VA's last level */
    uint64_t host;
} Fixture;

static uint64_t new_table(Fixture *f)
{
    uint64_t at = qt_alloc(f->dev->vm, 4096, 4096);

    qtest_memset(f->dev->vm->qts, at, 0, 4096);
    return at;
}

static void set_entry(Fixture *f, uint64_t table, unsigned index, uint64_t e)
{
    qtest_writeq(f->dev->vm->qts, table + index * 8, e);
}

/* A new table behind entry @index of @table. */
static uint64_t grow(Fixture *f, uint64_t table, unsigned index)
{
    uint64_t next = new_table(f);

    set_entry(f, table, index, next | HOST_BIT | VALID);
    return next;
}

static void map_va(Fixture *f, uint64_t to, unsigned rights)
{
    set_entry(f, f->pages, 1, to | VALID | LEAF | rights);
}

static void invalidate(Fixture *f)
{
    qt_trnx_write(f->dev, MMU_INVALIDATE, INVALIDATE_ASID | ASID);
}

/*
 * The first GiB of host memory at the addresses that it has on the chip, where
 * the queue's rings are, and one page at VA that leads nowhere yet.
 */
static void setup(Fixture *f)
{
    uint64_t table;

    f->dev = qt_start("");
    f->q = qt_queue_new(f->dev, ENGINE, QUEUE, 256);
    f->qctl = qt_qctl(ENGINE, QUEUE);
    f->host = qt_alloc(f->dev->vm, 0x100000, 4096) | HOST_BIT;
    f->context = new_table(f);
    f->root = grow(f, f->context, ASID);
    table = grow(f, f->root, HOST_BIT >> 39);
    set_entry(f, table, 0, HOST_BIT | VALID | LEAF | READ | WRITE);
    table = grow(f, f->root, VA >> 39);
    table = grow(f, table, 0);
    f->pages = grow(f, table, 0);
    qt_trnx_write64(f->dev, MMU_CTX_ADDR, f->context | HOST_BIT);
    qt_trnx_write(f->dev, MMU_CTX_SIZE, 512);
    qt_trnx_write(f->dev, MMU_CTRL, 1);
    qt_trnx_write(f->dev, f->qctl + QCTL_ASID, ASID);
}

static void teardown(Fixture *f)
{
    qt_queue_free(f->q);
    qt_stop(f->dev);
}

static void expect_fault(Fixture *f, uint32_t code, uint32_t access,
                         uint64_t va)
{
    int64_t end = qt_deadline();

    while (qt_trnx_read(f->dev, f->qctl + QCTL_STATUS) != (code << 8 | 0xa)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    g_assert_cmphex(qt_trnx_read64(f->dev, f->qctl + QCTL_ERR_ADDR), ==, va);
    g_assert_cmphex(qt_trnx_read(f->dev, f->qctl + QCTL_ACCESS), ==, access);
    f->dev->vm->guest_errors = true;
}

static void mmu_tells_what_it_can(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_trnx_read64(dev, 0x08) & 0x100, ==, 0x100);
    g_assert_cmphex(qt_trnx_read(dev, MMU_CAPS), ==, 0x04301000);
    g_assert_cmphex(qt_trnx_read(dev, MMU_CTRL), ==, 0);
    qt_stop(dev);
}

static void copies_go_through_the_tables_both_ways(void)
{
    Fixture f;

    setup(&f);
    map_va(&f, 0x4003000000, READ | WRITE);
    qt_mem_fill(f.dev, f.host, 4096, 1);
    qt_copy(f.q, VA, f.host, 4096);
    qt_mem_expect(f.dev, 0x4003000000, 4096, 1);
    qt_mem_set(f.dev, f.host, 0, 4096);
    qt_copy(f.q, f.host, VA, 4096);
    qt_mem_expect(f.dev, f.host, 4096, 1);
    teardown(&f);
}

static void page_that_is_not_there_faults_and_other_queues_run(void)
{
    Fixture f;
    QtQueue *other;

    setup(&f);
    other = qt_queue_new(f.dev, ENGINE, QUEUE + 1, 64);
    qt_pair(f.q, VA + 0x10, f.host, 64);
    qt_ring(f.q);
    expect_fault(&f, 13, 3, VA + 0x10);
    qt_copy_verify(other, 0x1000000, f.host, 65536, 2);
    qt_queue_free(other);
    teardown(&f);
}

static void rights_are_kept_apart(void)
{
    Fixture f;

    setup(&f);
    map_va(&f, 0x1000000, READ);
    qt_mem_fill(f.dev, 0x1000000, 4096, 3);
    qt_copy(f.q, f.host, VA, 4096);
    qt_mem_expect(f.dev, f.host, 4096, 3);
    qt_pair(f.q, VA, f.host + 4096, 64);
    qt_ring(f.q);
    expect_fault(&f, 15, 3, VA);
    qt_mem_expect(f.dev, 0x1000000, 4096, 3);

    qt_queue_reset(f.q);
    qt_queue_program(f.q);
    qt_queue_rewind(f.q);
    map_va(&f, 0x1000000, WRITE);
    invalidate(&f);
    qt_pair(f.q, f.host, VA, 64);
    qt_ring(f.q);
    expect_fault(&f, 14, 2, VA);
    teardown(&f);
}

static void registers_cannot_be_mapped(void)
{
    Fixture f;

    setup(&f);
    map_va(&f, qt_engine_chip(0) + 0x1000, READ | WRITE);
    qt_pair(f.q, VA + 0x28, f.host, 4);
    qt_ring(f.q);
    expect_fault(&f, 16, 3, VA + 0x28);
    teardown(&f);
}

/* Until all is copied, or the queue has halted. */
static void wait_end(Fixture *f, uint64_t count)
{
    int64_t end = qt_deadline();

    while (qt_trnx_read64(f->dev, f->qctl + QCTL_COUNT) != count &&
           !(qt_trnx_read(f->dev, f->qctl + QCTL_STATUS) & 8)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

/* The page goes to another owner as soon as the write has returned. */
static void nothing_is_written_after_invalidate_returns(void)
{
    Fixture f;

    setup(&f);
    for (unsigned round = 0; round < 50; round++) {
        map_va(&f, 0x1000000, WRITE);
        qt_mem_fill(f.dev, f.host, 4096, round);
        for (unsigned i = 0; i < 200; i++) {
            qt_pair(f.q, VA, f.host, 4096);
        }
        qt_ring(f.q);
        set_entry(&f, f.pages, 1, 0);
        invalidate(&f);
        qt_mem_set(f.dev, 0x1000000, 0xee, 4096);
        wait_end(&f, 200);
        qt_mem_expect_byte(f.dev, 0x1000000, 0xee, 4096);
        qt_queue_reset(f.q);
        qt_queue_program(f.q);
        qt_queue_rewind(f.q);
    }
    f.dev->vm->any_log = true;
    teardown(&f);
}

static void reset_turns_the_mmu_off(void)
{
    Fixture f;

    setup(&f);
    map_va(&f, 0x1000000, WRITE);
    qt_copy(f.q, VA, f.host, 64);
    qt_write(f.dev, QEMU_RESET, 0);
    g_assert_cmphex(qt_trnx_read(f.dev, MMU_CTRL), ==, 0);
    g_assert_cmphex(qt_trnx_read64(f.dev, MMU_CTX_ADDR), ==, 0);
    g_assert_cmphex(qt_trnx_read(f.dev, f.qctl + QCTL_ASID), ==, 0);
    qt_queue_program(f.q);
    qt_queue_rewind(f.q);
    qt_copy_verify(f.q, 0x1000000, f.host, 4096, 5);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/mmu/" #name, name)
    T(mmu_tells_what_it_can);
    T(copies_go_through_the_tables_both_ways);
    T(page_that_is_not_there_faults_and_other_queues_run);
    T(rights_are_kept_apart);
    T(registers_cannot_be_mapped);
    T(nothing_is_written_after_invalidate_returns);
    T(reset_turns_the_mmu_off);
    return g_test_run();
}
