/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resets of every kind, idle and with work in flight: HW 3.2.2, 7. */
#include "trn-qtest.h"

#define SRC 0x1000000ULL
#define DST 0x4000000ULL
#define WINDOW (16 * MIB)
#define LONG 24000u             /* descriptors of 64 KiB: 1.5 GiB */
#define LONG_RING 24576u

static void qemu_reset_register_reads_zero_after_every_map(void)
{
    TrnDev *dev = trn_start("");

    g_assert_cmphex(trn_read(dev, QEMU_RESET), ==, 0);
    for (unsigned nc = 0; nc < 8; nc++) {
        trn_write(dev, QEMU_RESET, 0x00010101u << nc);
        trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    }
    trn_write(dev, QEMU_RESET, 0);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    trn_stop(dev);
}

/* HW 7.5: software may go on with its H2T rings after a whole reset. */
static void device_reset_leaves_h2t_rings_usable(void)
{
    TrnDev *dev = trn_start("");
    TrnQueue *q = trn_queue_new(dev, 130, 1, 64);
    uint64_t host = trn_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    for (unsigned i = 0; i < 40; i++) {
        trn_copy_verify(q, SRC, host, 65536, i);
        trn_write(dev, QEMU_RESET, 0);
        trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    }
    trn_queue_free(q);
    trn_stop(dev);
}

static void device_reset_keeps_hbm_and_identity(void)
{
    TrnDev *dev = trn_start("routing-id=9");
    uint32_t count = trnx_read(dev, 0x50);

    for (unsigned s = 0; s < 4; s++) {
        trn_mem_fill(dev, trn_hbm_base[s] + SRC, 4096, s);
    }
    trnx_write(dev, 0x54, 0x12345678);
    /* HW 9.4: POD_STATUS is looked at after the reset. */
    trn_write(dev, MISC_RAM + 0x190, 0x04000003);
    trn_write(dev, QEMU_RESET, 0);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    for (unsigned s = 0; s < 4; s++) {
        trn_mem_expect(dev, trn_hbm_base[s] + SRC, 4096, s);
    }
    g_assert_cmphex(trn_read(dev, MISC_RAM + 0x24), ==, 9);
    g_assert_cmphex(trn_read(dev, MISC_RAM + 0x190), ==, 0x04000003);
    g_assert_cmphex(trnx_read(dev, 0x54), ==, 0);
    g_assert_cmpuint(trnx_read(dev, 0x50), ==, count + 1);
    trn_stop(dev);
}

static void partial_reset_clears_the_engines_of_its_core_alone(void)
{
    TrnDev *dev = trn_start("");

    for (unsigned e = 0; e < 132; e++) {
        trn_write(dev, trn_engine_bar0(e) + 0x1030, 64);
        trn_write(dev, trn_engine_bar0(e) + 0x1020, 0x03030000);
    }
    trn_write(dev, QEMU_RESET, 0x00010101u << 3);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    for (unsigned e = 0; e < 132; e++) {
        bool hit = e / 16 == 3;

        g_assert_cmphex(trn_read(dev, trn_engine_bar0(e) + 0x1030), ==,
                        hit ? 0 : 64);
        g_assert_cmphex(trn_read(dev, trn_engine_bar0(e) + 0x1020), ==,
                        hit ? 0x03000000 : 0x03030000);
    }
    trn_stop(dev);
}

/* HW 7.5: NC0 is reset and gets fresh rings; NC1 keeps copying meanwhile. */
static void partial_reset_leaves_the_other_core_of_the_pair_alone(void)
{
    TrnDev *dev = trn_start("");
    TrnQueue *nc0 = trn_queue_new(dev, 128, 0, 8192);
    TrnQueue *nc1 = trn_queue_new(dev, 128, 1, 8192);
    uint64_t host = trn_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    trn_copy_verify(nc0, SRC, host, 65536, 1);
    trn_post_long(nc1, trn_hbm_base[1] + DST, trn_hbm_base[1] + SRC, 2000);
    trn_post_marker(nc1);
    trn_ring(nc1);
    trn_write(dev, QEMU_RESET, 0x00010101);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    trn_queue_program(nc0);
    trn_copy_verify(nc0, SRC, host, 65536, 2);
    trn_wait_marker(nc1);
    g_assert_cmpuint(trnx_read64(dev, trnx_qctl(128, 1) + QCTL_COUNT), ==,
                     2001);
    trn_queue_free(nc0);
    trn_queue_free(nc1);
    trn_stop(dev);
}

/* HW 3.2.2: pointers to 0, ring ids to 1, the neighbour undisturbed. */
static void queue_reset_rewinds_the_pointers_of_one_queue(void)
{
    TrnDev *dev = trn_start("");
    TrnQueue *a = trn_queue_new(dev, 50, 0, 32);
    TrnQueue *b = trn_queue_new(dev, 50, 1, 32);
    uint64_t host = trn_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    for (unsigned i = 0; i < 20; i++) {
        trn_copy_verify(a, SRC, host, 100, i);
        trn_copy_verify(b, SRC, host, 100, i);
    }
    g_assert_cmphex(trn_read(dev, a->m2s.page + Q_HEAD), ==, 0x80000008);
    trn_queue_reset(a);
    g_assert_cmphex(trn_read(dev, a->m2s.page + Q_HEAD), ==, 0x40000000);
    g_assert_cmphex(trn_read(dev, a->m2s.page + Q_TAIL), ==, 0x40000000);
    g_assert_cmphex(trn_read(dev, a->s2m.page + Q_HEAD), ==, 0x40000000);
    g_assert_cmphex(trn_read(dev, a->s2m.page + Q_TAIL), ==, 0x40000000);
    g_assert_cmphex(trn_read(dev, a->m2s.page + Q_LEN), ==, 32);
    g_assert_cmphex(trn_read(dev, b->m2s.page + Q_HEAD), ==, 0x80000008);
    trn_copy_verify(a, SRC, host, 100, 77);
    trn_copy_verify(b, SRC, host, 100, 78);
    trn_queue_free(a);
    trn_queue_free(b);
    trn_stop(dev);
}

/*
 * The tests below start 1.5 GiB of work on one queue, end it in their own
 * way after the first bytes have moved, paint the destination, and look at it
 * again when another queue has copied as much: no byte may have arrived late.
 */
typedef struct Flight {
    TrnDev *dev;
    TrnQueue *q;
    TrnQueue *witness;
    uint64_t host;
} Flight;

static void flight_start(Flight *f, unsigned engine)
{
    uint32_t block = trnx_qctl(engine, 2);
    unsigned tries = 0;

    f->dev = trn_start("");
    f->q = trn_queue_new(f->dev, engine, 2, LONG_RING);
    f->witness = trn_queue_new(f->dev, 131, 3, 1024);
    f->host = trn_alloc(f->dev->vm, 65536, 4096) | HOST_BIT;
    trn_mem_set(f->dev, SRC, 0xbb, 65536);
    /* On a busy machine all of it can be done before this process looks. */
    do {
        g_assert_cmpuint(tries++, <, 20);
        trn_queue_program(f->q);
        trn_post_long(f->q, DST, SRC, LONG);
        trn_ring(f->q);
        trn_wait_count(f->q, 1);
    } while (trnx_read64(f->dev, block + QCTL_COUNT) == LONG);
}

static void flight_expect_silence(Flight *f)
{
    trn_mem_set(f->dev, DST, 0x3c, WINDOW);
    trn_queue_program(f->witness);
    trn_mem_fill(f->dev, f->host, 65536, 5);
    trn_post_long(f->witness, trn_hbm_base[3] + DST, f->host, 1000);
    trn_post_marker(f->witness);
    trn_ring(f->witness);
    trn_wait_marker(f->witness);
    trn_mem_expect_byte(f->dev, DST, 0x3c, WINDOW);
}

static void flight_end(Flight *f)
{
    trn_queue_program(f->q);
    trn_copy_verify(f->q, SRC, f->host, 65536, 6);
    trn_queue_free(f->q);
    trn_queue_free(f->witness);
    trn_stop(f->dev);
}

static void no_late_byte_after_a_queue_reset(void)
{
    Flight f;

    flight_start(&f, 7);
    trn_queue_reset(f.q);
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_pause_whose_status_cleared(void)
{
    Flight f;

    flight_start(&f, 8);
    trn_write(f.dev, f.q->m2s.page + Q_CFG, 0x03000000);
    trn_write(f.dev, f.q->s2m.page + Q_CFG, 0x03000000);
    trn_wait_reg(f.dev, f.q->m2s.page + Q_STATUS, 0x30000000, 0, "M2S status");
    trn_wait_reg(f.dev, f.q->s2m.page + Q_STATUS, 0x30000000, 0, "S2M status");
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_device_reset(void)
{
    static const unsigned engines[] = { 9, 128 };

    for (size_t i = 0; i < G_N_ELEMENTS(engines); i++) {
        Flight f;

        flight_start(&f, engines[i]);
        trn_write(f.dev, QEMU_RESET, 0);
        trn_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "device reset");
        flight_expect_silence(&f);
        flight_end(&f);
    }
}

static void no_late_byte_after_a_partial_reset(void)
{
    Flight f;

    flight_start(&f, 33);
    trn_write(f.dev, QEMU_RESET, 0x00010101u << 2);
    trn_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_function_level_reset(void)
{
    Flight f;

    flight_start(&f, 10);
    trn_flr(f.dev);
    g_assert_cmphex(trn_read(f.dev, f.q->m2s.page + Q_LEN), ==, 0);
    g_assert_cmphex(trn_read(f.dev, f.q->m2s.page + Q_CFG), ==, 0x03000000);
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_bus_mastering_ends(void)
{
    Flight f;

    flight_start(&f, 11);
    trn_dev_set_master(f.dev, false);
    trn_mem_set(f.dev, DST, 0x3c, WINDOW);
    for (unsigned i = 0; i < 200; i++) {
        trn_read(f.dev, f.q->m2s.page + Q_STATUS);
    }
    trn_mem_expect_byte(f.dev, DST, 0x3c, WINDOW);
    /* What was pending still is. */
    trn_dev_set_master(f.dev, true);
    trn_wait_count(f.q, LONG);
    flight_end(&f);
}

static void machine_reset_with_work_in_flight_comes_back_clean(void)
{
    Flight f;
    TrnVm *vm;
    unsigned engine = 12;

    flight_start(&f, engine);
    vm = f.dev->vm;
    qtest_system_reset(vm->qts);
    qtest_outl(vm->qts, 0xcf8, 0x80000060);
    qtest_outl(vm->qts, 0xcfc, 0xb0000001);
    g_free(f.dev);
    f.dev = f.q->dev = f.witness->dev = trn_dev_open(vm, 0, 4);
    g_assert_cmphex(trn_read(f.dev, f.q->m2s.page + Q_LEN), ==, 0);
    g_assert_cmphex(trn_read(f.dev, f.q->m2s.page + Q_CFG), ==, 0x03000000);
    g_assert_cmpuint(trnx_read64(f.dev, trnx_qctl(engine, 2) + QCTL_COUNT), ==,
                     0);
    flight_expect_silence(&f);
    flight_end(&f);
}

static void vm_stop_freezes_work_and_cont_resumes_it(void)
{
    Flight f;
    uint64_t at;

    flight_start(&f, 13);
    qtest_qmp_assert_success(f.dev->vm->qts, "{'execute': 'stop'}");
    at = trnx_read64(f.dev, trnx_qctl(13, 2) + QCTL_COUNT);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpuint(trnx_read64(f.dev, trnx_qctl(13, 2) + QCTL_COUNT), ==,
                         at);
    }
    qtest_qmp_assert_success(f.dev->vm->qts, "{'execute': 'cont'}");
    trn_wait_count(f.q, LONG);
    flight_end(&f);
}

static void quit_with_work_in_flight_is_clean(void)
{
    Flight f;

    flight_start(&f, 14);
    trn_queue_free(f.q);
    trn_queue_free(f.witness);
    trn_stop(f.dev);
}

static void hot_unplug_with_work_in_flight_is_clean(void)
{
    TrnVm *vm = trn_vm_start("-device pcie-root-port,id=rp,addr=3,slot=1 "
                             "-device trn3,id=hot,bus=rp,hbm-size=1G");
    uint64_t port = trn_ecam(0, 3);
    TrnDev *dev;
    TrnQueue *q;

    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
    dev = trn_dev_open(vm, 1, 0);
    q = trn_queue_new(dev, 15, 2, LONG_RING);
    trn_post_long(q, DST, SRC, LONG);
    trn_ring(q);
    trn_wait_count(q, 1);
    /* A reset of the machine completes the removal that nobody acknowledges. */
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                             "'arguments': {'id': 'hot'}}");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    trn_queue_free(q);
    trn_stop(dev);
}

/* HW 7.2 on a silicon revision. */
static void silicon_reset(TrnDev *dev, uint32_t kind)
{
    trn_write(dev, MISC_RAM + 0x1ec, kind);
    trn_write(dev, MISC_RAM + 0x800, 1);
    trn_wait_reg(dev, MISC_RAM + 0x1ec, 0xffffffff, 0, "RESET");
    trn_wait_reg(dev, MISC_RAM + 0x808, 0x8, 0, "FW_STATUS");
}

static void silicon_device_reset_is_acknowledged_in_misc_ram(void)
{
    TrnDev *dev = trn_start("rev=0");
    TrnQueue *q = trn_queue_new(dev, 1, 1, 64);
    uint64_t host = trn_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint32_t count = trnx_read(dev, 0x50);

    trn_copy_verify(q, SRC, host, 4096, 1);
    silicon_reset(dev, 1);
    g_assert_cmpuint(trnx_read(dev, 0x50), ==, count + 1);
    g_assert_cmphex(trn_read(dev, q->m2s.page + Q_LEN), ==, 0);
    trn_queue_program(q);
    trn_copy_verify(q, SRC, host, 4096, 2);
    trn_queue_free(q);
    trn_stop(dev);
}

static void silicon_partial_reset_follows_its_map(void)
{
    TrnDev *dev = trn_start("rev=0");

    for (unsigned e = 0; e < 132; e++) {
        trn_write(dev, trn_engine_bar0(e) + 0x1030, 64);
    }
    trn_write(dev, MISC_RAM + 0x1d8, 0x00010101u << 5);
    silicon_reset(dev, 2);
    for (unsigned e = 0; e < 132; e++) {
        g_assert_cmphex(trn_read(dev, trn_engine_bar0(e) + 0x1030), ==,
                        e / 16 == 5 ? 0 : 64);
    }
    trn_stop(dev);
}

static void core_bits_of_the_map_clear_semaphores(void)
{
    TrnDev *dev = trn_start("");

    for (unsigned nc = 0; nc < 8; nc++) {
        trn_write(dev, 0xd2701400u + nc * 0x04000000u, 5);
    }
    trn_write(dev, QEMU_RESET, 0x00010101u << 6);
    trn_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    for (unsigned nc = 0; nc < 8; nc++) {
        g_assert_cmpuint(trn_read(dev, 0xd2701000u + nc * 0x04000000u), ==,
                         nc == 6 ? 0 : 5);
    }
    trn_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/reset/" #name, name)
    T(qemu_reset_register_reads_zero_after_every_map);
    T(device_reset_leaves_h2t_rings_usable);
    T(device_reset_keeps_hbm_and_identity);
    T(partial_reset_clears_the_engines_of_its_core_alone);
    T(partial_reset_leaves_the_other_core_of_the_pair_alone);
    T(queue_reset_rewinds_the_pointers_of_one_queue);
    T(no_late_byte_after_a_queue_reset);
    T(no_late_byte_after_a_pause_whose_status_cleared);
    T(no_late_byte_after_a_device_reset);
    T(no_late_byte_after_a_partial_reset);
    T(no_late_byte_after_a_function_level_reset);
    T(no_late_byte_after_bus_mastering_ends);
    T(machine_reset_with_work_in_flight_comes_back_clean);
    T(vm_stop_freezes_work_and_cont_resumes_it);
    T(quit_with_work_in_flight_is_clean);
    T(hot_unplug_with_work_in_flight_is_clean);
    T(silicon_device_reset_is_acknowledged_in_misc_ram);
    T(silicon_partial_reset_follows_its_map);
    T(core_bits_of_the_map_clear_semaphores);
    return g_test_run();
}
