/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doorbell pages through the BARs. The trnx manual, 11. */
#include "qt.h"

#define CTRL_HALT 4u
#define CTRL_DOORBELL 8u

static uint32_t page(unsigned engine, unsigned queue)
{
    return 0x1000000 + (engine * 16 + queue) * 0x1000;
}

/* As qt_ring(), by one write to the page. */
static void ring_page(QtQueue *q)
{
    qt_trnx_write64(q->dev, page(q->engine, q->queue) + 0x08,
                    (uint64_t)q->m2s.posted << 32 | q->s2m.posted);
    q->m2s.posted = 0;
    q->s2m.posted = 0;
}

static void pages_are_where_identity_says(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_trnx_read64(dev, 0x08) & 0x200, ==, 0x200);
    g_assert_cmphex(qt_trnx_read(dev, 0x40), ==, 0x1000000);
    g_assert_cmphex(qt_trnx_read(dev, 0x44), ==, 0x1000);
    qt_stop(dev);
}

/* First, last, and some between. */
static void page_rings_its_own_queue(void)
{
    static const unsigned at[][2] = { { 0, 0 }, { 31, 15 }, { 131, 15 } };
    QtDev *dev = qt_start("");
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        QtQueue *q = qt_queue_new(dev, at[i][0], at[i][1], 64);

        qt_trnx_write(dev, qt_qctl(at[i][0], at[i][1]), CTRL_DOORBELL);
        qt_mem_fill(dev, host, 4096, i);
        for (unsigned n = 0; n < 100; n++) {
            qt_pair(q, 0x1000000 + i * 4096, host, 4096);
            ring_page(q);
            qt_wait_count(q, n + 1);
        }
        qt_mem_expect(dev, 0x1000000 + i * 4096, 4096, i);
        qt_queue_free(q);
    }
    qt_stop(dev);
}

static void overrun_is_refused_and_a_reset_forgives(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 3, 3, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint32_t qctl = qt_qctl(3, 3);

    qt_trnx_write(dev, qctl, CTRL_DOORBELL | CTRL_HALT);
    qt_trnx_write64(dev, page(3, 3) + 0x08, 65);
    g_assert_cmphex(qt_trnx_read(dev, qctl + QCTL_STATUS) & 0xff0a, ==, 0x110a);
    qt_queue_reset(q);
    qt_queue_program(q);
    qt_queue_rewind(q);
    g_assert_cmphex(qt_trnx_read(dev, qctl + QCTL_STATUS), ==, 0);
    qt_mem_fill(dev, host, 64, 1);
    qt_pair(q, 0x1000000, host, 64);
    ring_page(q);
    qt_wait_count(q, 1);
    qt_mem_expect(dev, 0x1000000, 64, 1);
    qt_queue_free(q);
    dev->vm->guest_errors = true;
    qt_stop(dev);
}

static void page_that_is_off_is_deaf(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 3, 4, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    qt_trnx_write64(dev, page(3, 4) + 0x08, 1ull << 32 | 1);
    g_assert_cmphex(qt_read(dev, q->m2s.page + Q_TAIL), ==, 0x40000000);
    qt_copy_verify(q, 0x1000000, host, 4096, 1);
    qt_queue_free(q);
    dev->vm->guest_errors = true;
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/doorbell/" #name, name)
    T(pages_are_where_identity_says);
    T(page_rings_its_own_queue);
    T(overrun_is_refused_and_a_reset_forgives);
    T(page_that_is_off_is_deaf);
    return g_test_run();
}
