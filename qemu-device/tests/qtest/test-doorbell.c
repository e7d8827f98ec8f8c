/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doorbell pages through the BARs. The trnx manual, 11. */
#include "trn-qtest.h"

#define CTRL_HALT 4u
#define CTRL_DOORBELL 8u

static uint32_t page(unsigned engine, unsigned queue)
{
    return 0x1000000 + (engine * 16 + queue) * 0x1000;
}

/* As trn_ring(), by one write to the page. */
static void ring_page(TrnQueue *q)
{
    trnx_write64(q->dev, page(q->engine, q->queue) + 0x08,
                 (uint64_t)q->m2s.posted << 32 | q->s2m.posted);
    q->m2s.posted = 0;
    q->s2m.posted = 0;
}

static void pages_are_where_identity_says(void)
{
    TrnDev *dev = trn_start("");

    g_assert_cmphex(trnx_read64(dev, 0x08) & 0x200, ==, 0x200);
    g_assert_cmphex(trnx_read(dev, 0x40), ==, 0x1000000);
    g_assert_cmphex(trnx_read(dev, 0x44), ==, 0x1000);
    trn_stop(dev);
}

/* First, last, and some between. */
static void page_rings_its_own_queue(void)
{
    static const unsigned at[][2] = { { 0, 0 }, { 31, 15 }, { 131, 15 } };
    TrnDev *dev = trn_start("");
    uint64_t host = trn_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        TrnQueue *q = trn_queue_new(dev, at[i][0], at[i][1], 64);

        trnx_write(dev, trnx_qctl(at[i][0], at[i][1]), CTRL_DOORBELL);
        trn_mem_fill(dev, host, 4096, i);
        for (unsigned n = 0; n < 100; n++) {
            trn_pair(q, 0x1000000 + i * 4096, host, 4096);
            ring_page(q);
            trn_wait_count(q, n + 1);
        }
        trn_mem_expect(dev, 0x1000000 + i * 4096, 4096, i);
        trn_queue_free(q);
    }
    trn_stop(dev);
}

static void overrun_is_refused_and_a_reset_forgives(void)
{
    TrnDev *dev = trn_start("");
    TrnQueue *q = trn_queue_new(dev, 3, 3, 64);
    uint64_t host = trn_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint32_t qctl = trnx_qctl(3, 3);

    trnx_write(dev, qctl, CTRL_DOORBELL | CTRL_HALT);
    trnx_write64(dev, page(3, 3) + 0x08, 65);
    g_assert_cmphex(trnx_read(dev, qctl + QCTL_STATUS) & 0xff0a, ==, 0x110a);
    trn_queue_reset(q);
    trn_queue_program(q);
    trn_queue_rewind(q);
    g_assert_cmphex(trnx_read(dev, qctl + QCTL_STATUS), ==, 0);
    trn_mem_fill(dev, host, 64, 1);
    trn_pair(q, 0x1000000, host, 64);
    ring_page(q);
    trn_wait_count(q, 1);
    trn_mem_expect(dev, 0x1000000, 64, 1);
    trn_queue_free(q);
    dev->vm->guest_errors = true;
    trn_stop(dev);
}

static void page_that_is_off_is_deaf(void)
{
    TrnDev *dev = trn_start("");
    TrnQueue *q = trn_queue_new(dev, 3, 4, 64);
    uint64_t host = trn_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    trnx_write64(dev, page(3, 4) + 0x08, 1ull << 32 | 1);
    g_assert_cmphex(trn_read(dev, q->m2s.page + Q_TAIL), ==, 0x40000000);
    trn_copy_verify(q, 0x1000000, host, 4096, 1);
    trn_queue_free(q);
    dev->vm->guest_errors = true;
    trn_stop(dev);
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
