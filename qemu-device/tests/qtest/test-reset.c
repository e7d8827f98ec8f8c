/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resets of every kind, idle and with work in flight: HW 3.2.2, 7. */
#include "qt.h"

#define SRC 0x1000000ULL
#define DST 0x4000000ULL
#define WINDOW (16 * MIB)
#define LONG 24000u             /* descriptors of 64 KiB: 1.5 GiB */
#define LONG_RING 24576u

static void qemu_reset_register_reads_zero_after_every_map(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_read(dev, QEMU_RESET), ==, 0);
    for (unsigned nc = 0; nc < 8; nc++) {
        qt_write(dev, QEMU_RESET, 0x00010101u << nc);
        qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    }
    qt_write(dev, QEMU_RESET, 0);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    qt_stop(dev);
}

/* HW 7.5: software may continue its H2T rings after a whole reset. */
static void device_reset_leaves_h2t_rings_usable(void)
{
    QtDev *dev = qt_start("");
    QtQueue *q = qt_queue_new(dev, 130, 1, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    for (unsigned i = 0; i < 40; i++) {
        qt_copy_verify(q, SRC, host, 65536, i);
        qt_write(dev, QEMU_RESET, 0);
        qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    }
    qt_queue_free(q);
    qt_stop(dev);
}

static void device_reset_keeps_hbm_and_identity(void)
{
    QtDev *dev = qt_start("routing-id=9");
    uint32_t count = qt_trnx_read(dev, 0x50);

    for (unsigned s = 0; s < 4; s++) {
        qt_mem_fill(dev, qt_hbm_base[s] + SRC, 4096, s);
    }
    qt_trnx_write(dev, 0x54, 0x12345678);
    /* HW 9.4: POD_STATUS is looked at after the reset. */
    qt_write(dev, MISC_RAM + 0x190, 0x04000003);
    qt_write(dev, QEMU_RESET, 0);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "device reset");
    for (unsigned s = 0; s < 4; s++) {
        qt_mem_expect(dev, qt_hbm_base[s] + SRC, 4096, s);
    }
    g_assert_cmphex(qt_read(dev, MISC_RAM + 0x24), ==, 9);
    g_assert_cmphex(qt_read(dev, MISC_RAM + 0x190), ==, 0x04000003);
    g_assert_cmphex(qt_trnx_read(dev, 0x54), ==, 0);
    g_assert_cmpuint(qt_trnx_read(dev, 0x50), ==, count + 1);
    qt_stop(dev);
}

static void partial_reset_clears_the_engines_of_its_core_alone(void)
{
    QtDev *dev = qt_start("");

    for (unsigned e = 0; e < 132; e++) {
        qt_write(dev, qt_engine_bar0(e) + 0x1030, 64);
        qt_write(dev, qt_engine_bar0(e) + 0x1020, 0x03030000);
    }
    qt_write(dev, QEMU_RESET, 0x00010101u << 3);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    for (unsigned e = 0; e < 132; e++) {
        bool hit = e / 16 == 3;

        g_assert_cmphex(qt_read(dev, qt_engine_bar0(e) + 0x1030), ==,
                        hit ? 0 : 64);
        g_assert_cmphex(qt_read(dev, qt_engine_bar0(e) + 0x1020), ==,
                        hit ? 0x03000000 : 0x03030000);
    }
    qt_stop(dev);
}

/* HW 7.5: NC0 is reset and gets fresh rings; NC1 keeps copying meanwhile. */
static void partial_reset_leaves_the_other_core_of_the_pair_alone(void)
{
    QtDev *dev = qt_start("");
    QtQueue *nc0 = qt_queue_new(dev, 128, 0, 8192);
    QtQueue *nc1 = qt_queue_new(dev, 128, 1, 8192);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    qt_copy_verify(nc0, SRC, host, 65536, 1);
    qt_post_long(nc1, qt_hbm_base[1] + DST, qt_hbm_base[1] + SRC, 2000);
    qt_post_marker(nc1);
    qt_ring(nc1);
    qt_write(dev, QEMU_RESET, 0x00010101);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    qt_queue_program(nc0);
    qt_copy_verify(nc0, SRC, host, 65536, 2);
    qt_wait_marker(nc1);
    g_assert_cmpuint(qt_trnx_read64(dev, qt_qctl(128, 1) + QCTL_COUNT), ==,
                     2001);
    qt_queue_free(nc0);
    qt_queue_free(nc1);
    qt_stop(dev);
}

/* HW 3.2.2: pointers to 0, ring ids to 1, the neighbour undisturbed. */
static void queue_reset_rewinds_the_pointers_of_one_queue(void)
{
    QtDev *dev = qt_start("");
    QtQueue *a = qt_queue_new(dev, 50, 0, 32);
    QtQueue *b = qt_queue_new(dev, 50, 1, 32);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;

    for (unsigned i = 0; i < 20; i++) {
        qt_copy_verify(a, SRC, host, 100, i);
        qt_copy_verify(b, SRC, host, 100, i);
    }
    g_assert_cmphex(qt_read(dev, a->m2s.page + Q_HEAD), ==, 0x80000008);
    qt_queue_reset(a);
    g_assert_cmphex(qt_read(dev, a->m2s.page + Q_HEAD), ==, 0x40000000);
    g_assert_cmphex(qt_read(dev, a->m2s.page + Q_TAIL), ==, 0x40000000);
    g_assert_cmphex(qt_read(dev, a->s2m.page + Q_HEAD), ==, 0x40000000);
    g_assert_cmphex(qt_read(dev, a->s2m.page + Q_TAIL), ==, 0x40000000);
    g_assert_cmphex(qt_read(dev, a->m2s.page + Q_LEN), ==, 32);
    g_assert_cmphex(qt_read(dev, b->m2s.page + Q_HEAD), ==, 0x80000008);
    qt_copy_verify(a, SRC, host, 100, 77);
    qt_copy_verify(b, SRC, host, 100, 78);
    qt_queue_free(a);
    qt_queue_free(b);
    qt_stop(dev);
}

/*
 * The tests below start 1.5 GiB of work on one queue, end it in their own
 * way after the first bytes have moved, paint the destination, and look at it
 * again when another queue has copied as much: no byte may have arrived late.
 */
typedef struct Flight {
    QtDev *dev;
    QtQueue *q;
    QtQueue *witness;
    uint64_t host;
} Flight;

static void flight_start(Flight *f, unsigned engine)
{
    uint32_t block = qt_qctl(engine, 2);
    unsigned tries = 0;

    f->dev = qt_start("");
    f->q = qt_queue_new(f->dev, engine, 2, LONG_RING);
    f->witness = qt_queue_new(f->dev, 131, 3, 1024);
    f->host = qt_alloc(f->dev->vm, 65536, 4096) | HOST_BIT;
    qt_mem_set(f->dev, SRC, 0xbb, 65536);
    /* On a busy machine all of it can be done before this process looks. */
    do {
        g_assert_cmpuint(tries++, <, 20);
        qt_queue_program(f->q);
        qt_post_long(f->q, DST, SRC, LONG);
        qt_ring(f->q);
        qt_wait_count(f->q, 1);
    } while (qt_trnx_read64(f->dev, block + QCTL_COUNT) == LONG);
}

static void flight_expect_silence(Flight *f)
{
    qt_mem_set(f->dev, DST, 0x3c, WINDOW);
    qt_queue_program(f->witness);
    qt_mem_fill(f->dev, f->host, 65536, 5);
    qt_post_long(f->witness, qt_hbm_base[3] + DST, f->host, 1000);
    qt_post_marker(f->witness);
    qt_ring(f->witness);
    qt_wait_marker(f->witness);
    qt_mem_expect_byte(f->dev, DST, 0x3c, WINDOW);
}

static void flight_end(Flight *f)
{
    qt_queue_program(f->q);
    qt_copy_verify(f->q, SRC, f->host, 65536, 6);
    qt_queue_free(f->q);
    qt_queue_free(f->witness);
    qt_stop(f->dev);
}

static void no_late_byte_after_a_queue_reset(void)
{
    Flight f;

    flight_start(&f, 7);
    qt_queue_reset(f.q);
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_pause_whose_status_cleared(void)
{
    Flight f;

    flight_start(&f, 8);
    qt_write(f.dev, f.q->m2s.page + Q_CFG, 0x03000000);
    qt_write(f.dev, f.q->s2m.page + Q_CFG, 0x03000000);
    qt_wait_reg(f.dev, f.q->m2s.page + Q_STATUS, 0x30000000, 0, "M2S status");
    qt_wait_reg(f.dev, f.q->s2m.page + Q_STATUS, 0x30000000, 0, "S2M status");
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_device_reset(void)
{
    static const unsigned engines[] = { 9, 128 };

    for (size_t i = 0; i < G_N_ELEMENTS(engines); i++) {
        Flight f;

        flight_start(&f, engines[i]);
        qt_write(f.dev, QEMU_RESET, 0);
        qt_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "device reset");
        flight_expect_silence(&f);
        flight_end(&f);
    }
}

static void no_late_byte_after_a_partial_reset(void)
{
    Flight f;

    flight_start(&f, 33);
    qt_write(f.dev, QEMU_RESET, 0x00010101u << 2);
    qt_wait_reg(f.dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_a_function_level_reset(void)
{
    Flight f;

    flight_start(&f, 10);
    qt_flr(f.dev);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_LEN), ==, 0);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_CFG), ==, 0x03000000);
    flight_expect_silence(&f);
    flight_end(&f);
}

static void no_late_byte_after_bus_mastering_ends(void)
{
    Flight f;

    flight_start(&f, 11);
    qt_dev_set_master(f.dev, false);
    qt_mem_set(f.dev, DST, 0x3c, WINDOW);
    for (unsigned i = 0; i < 200; i++) {
        qt_read(f.dev, f.q->m2s.page + Q_STATUS);
    }
    qt_mem_expect_byte(f.dev, DST, 0x3c, WINDOW);
    /* Pending work is still pending. */
    qt_dev_set_master(f.dev, true);
    qt_wait_count(f.q, LONG);
    flight_end(&f);
}

static void machine_reset_with_work_in_flight_comes_back_clean(void)
{
    Flight f;
    QtVm *vm;
    unsigned engine = 12;

    flight_start(&f, engine);
    vm = f.dev->vm;
    qtest_system_reset(vm->qts);
    qtest_outl(vm->qts, 0xcf8, 0x80000060);
    qtest_outl(vm->qts, 0xcfc, 0xb0000001);
    g_free(f.dev);
    f.dev = f.q->dev = f.witness->dev = qt_dev_open(vm, 0, 4);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_LEN), ==, 0);
    g_assert_cmphex(qt_read(f.dev, f.q->m2s.page + Q_CFG), ==, 0x03000000);
    g_assert_cmpuint(qt_trnx_read64(f.dev, qt_qctl(engine, 2) + QCTL_COUNT), ==,
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
    at = qt_trnx_read64(f.dev, qt_qctl(13, 2) + QCTL_COUNT);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpuint(qt_trnx_read64(f.dev, qt_qctl(13, 2) + QCTL_COUNT), ==,
                         at);
    }
    qtest_qmp_assert_success(f.dev->vm->qts, "{'execute': 'cont'}");
    qt_wait_count(f.q, LONG);
    flight_end(&f);
}

static void quit_with_work_in_flight_is_clean(void)
{
    Flight f;

    flight_start(&f, 14);
    qt_queue_free(f.q);
    qt_queue_free(f.witness);
    qt_stop(f.dev);
}

static void hot_unplug_with_work_in_flight_is_clean(void)
{
    QtVm *vm = qt_vm_start(QT_PORT
                           "-device trn3,id=hot,bus=rp,hbm-size=1G");
    uint64_t port = qt_ecam(0, 3);
    QtDev *dev;
    QtQueue *q;

    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
    dev = qt_dev_open(vm, 1, 0);
    q = qt_queue_new(dev, 15, 2, LONG_RING);
    qt_post_long(q, DST, SRC, LONG);
    qt_ring(q);
    qt_wait_count(q, 1);
    /* A reset of the machine completes a removal without acknowledgement. */
    qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                             "'arguments': {'id': 'hot'}}");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    qt_queue_free(q);
    qt_stop(dev);
}

/* HW 7.2 on a silicon revision. */
static void silicon_reset(QtDev *dev, uint32_t kind)
{
    qt_write(dev, MISC_RAM + 0x1ec, kind);
    qt_write(dev, MISC_RAM + 0x800, 1);
    qt_wait_reg(dev, MISC_RAM + 0x1ec, 0xffffffff, 0, "RESET");
    qt_wait_reg(dev, MISC_RAM + 0x808, 0x8, 0, "FW_STATUS");
}

static void silicon_device_reset_is_acknowledged_in_misc_ram(void)
{
    QtDev *dev = qt_start("rev=0");
    QtQueue *q = qt_queue_new(dev, 1, 1, 64);
    uint64_t host = qt_alloc(dev->vm, 4096, 4096) | HOST_BIT;
    uint32_t count = qt_trnx_read(dev, 0x50);

    qt_copy_verify(q, SRC, host, 4096, 1);
    silicon_reset(dev, 1);
    g_assert_cmpuint(qt_trnx_read(dev, 0x50), ==, count + 1);
    g_assert_cmphex(qt_read(dev, q->m2s.page + Q_LEN), ==, 0);
    qt_queue_program(q);
    qt_copy_verify(q, SRC, host, 4096, 2);
    qt_queue_free(q);
    qt_stop(dev);
}

static void silicon_partial_reset_follows_its_map(void)
{
    QtDev *dev = qt_start("rev=0");

    for (unsigned e = 0; e < 132; e++) {
        qt_write(dev, qt_engine_bar0(e) + 0x1030, 64);
    }
    qt_write(dev, MISC_RAM + 0x1d8, 0x00010101u << 5);
    silicon_reset(dev, 2);
    for (unsigned e = 0; e < 132; e++) {
        g_assert_cmphex(qt_read(dev, qt_engine_bar0(e) + 0x1030), ==,
                        e / 16 == 5 ? 0 : 64);
    }
    qt_stop(dev);
}

static void core_bits_of_the_map_clear_semaphores(void)
{
    QtDev *dev = qt_start("");

    for (unsigned nc = 0; nc < 8; nc++) {
        qt_write(dev, 0xd2701400u + nc * 0x04000000u, 5);
    }
    qt_write(dev, QEMU_RESET, 0x00010101u << 6);
    qt_wait_reg(dev, QEMU_RESET, 0xffffffff, 0, "partial reset");
    for (unsigned nc = 0; nc < 8; nc++) {
        g_assert_cmpuint(qt_read(dev, 0xd2701000u + nc * 0x04000000u), ==,
                         nc == 6 ? 0 : 5);
    }
    qt_stop(dev);
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
