/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity of the device: PCI, BARs, VSEC, trnx. HW 1, the trnx manual. */
#include "qt.h"

#include "qobject/qdict.h"

static void pci_identity_is_a_trainium3(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_cfg_read(dev, 0x00), ==, 0x75641d0f);
    g_assert_cmphex(qt_cfg_read(dev, 0x08) & 0xff, ==, 0xff);
    g_assert_cmphex(qt_cfg_read(dev, 0x08) >> 24, ==, 0x12);
    /* By which the driver knows the model. */
    g_assert_cmphex(qt_cfg_read(dev, 0x2c), ==, 0x11001af4);
    qt_stop(dev);
}

static void revision_is_a_property(void)
{
    QtDev *dev = qt_start("rev=0x00");

    g_assert_cmphex(qt_cfg_read(dev, 0x08) & 0xff, ==, 0x00);
    qt_stop(dev);
}

static void no_legacy_interrupt_pin_is_offered(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex((qt_cfg_read(dev, 0x3c) >> 8) & 0xff, ==, 0);
    qt_stop(dev);
}

static uint64_t probe_bar(QtDev *dev, unsigned bar)
{
    unsigned off = 0x10 + bar * 4;
    uint64_t mask;

    /* HW 1.3: memory, 64-bit, prefetchable. */
    g_assert_cmphex(qt_cfg_read(dev, off) & 0xf, ==, 0xc);
    qt_cfg_write(dev, off, 0xffffffff);
    qt_cfg_write(dev, off + 4, 0xffffffff);
    mask = qt_cfg_read(dev, off) & ~0xfu;
    mask |= (uint64_t)qt_cfg_read(dev, off + 4) << 32;
    return ~mask + 1;
}

static void bars_are_64_bit_prefetchable_and_of_their_sizes(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(probe_bar(dev, 0), ==, 4 * GIB);
    g_assert_cmphex(probe_bar(dev, 2), ==, 32 * MIB);
    g_assert_cmphex(probe_bar(dev, 4), ==, 16 * GIB);
    qt_stop(dev);
}

static void bar4_follows_hbm_size(void)
{
    static const struct {
        const char *props;
        uint64_t size;
    } sizes[] = {
        /* HW 1.3: a quarter must exceed the firmware's 16 MiB. */
        { "hbm-size=128M", 128 * MIB },
        { "hbm-size=1G", 1 * GIB },
        { "hbm-size=256G", 256 * GIB },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        QtDev *dev = qt_start(sizes[i].props);

        g_assert_cmphex(dev->bar4_size, ==, sizes[i].size);
        g_assert_cmphex(qt_trnx_read64(dev, 0x28), ==, sizes[i].size / 4);
        g_assert_cmphex(qt_trnx_read64(dev, 0x20), ==,
                        MIN(sizes[i].size / 4, 36 * GIB));
        qt_stop(dev);
    }
}

static void refuse(QtVm *vm, const char *prop, int64_t value)
{
    QDict *rsp = qtest_qmp(vm->qts,
                           "{'execute': 'device_add', 'arguments': {"
                           "'driver': 'trn3', 'bus': 'rp', %s: %" PRId64 "}}",
                           prop, value);
    QDict *error = qdict_get_qdict(rsp, "error");

    if (!error) {
        g_error("%s=%" PRId64 " was accepted", prop, value);
    }
    if (!strstr(qdict_get_str(error, "desc"), prop)) {
        g_error("the refusal of %s=%" PRId64 " does not name it: %s", prop,
                value, qdict_get_str(error, "desc"));
    }
    qobject_unref(rsp);
}

static void impossible_hbm_sizes_are_refused_by_name(void)
{
    QtVm *vm = qt_vm_start("-device pcie-root-port,id=rp,slot=1");

    refuse(vm, "hbm-size", 1);
    refuse(vm, "hbm-size", 4096);
    refuse(vm, "hbm-size", 64 * MIB);
    refuse(vm, "hbm-size", 3 * GIB);
    refuse(vm, "hbm-size", 16 * GIB + 1);
    refuse(vm, "hbm-size", 512 * GIB);
    qt_vm_stop(vm);
}

static void impossible_routing_ids_are_refused_by_name(void)
{
    QtVm *vm = qt_vm_start("-device pcie-root-port,id=rp,slot=1");

    /* HW 6.3: 0..127 is the widest range that any platform takes. */
    refuse(vm, "routing-id", 128);
    refuse(vm, "routing-id", 0xdeadbeef);
    qt_vm_stop(vm);
}

static void pcie_capability_offers_a_function_level_reset(void)
{
    QtDev *dev = qt_start("");
    unsigned pcie = qt_find_cap(dev, 0x10);

    g_assert_cmpuint(pcie, !=, 0);
    g_assert_cmphex(qt_cfg_read(dev, pcie + 4) & 0x10000000, ==, 0x10000000);
    qt_stop(dev);
}

static void msix_has_32_vectors_in_bar2(void)
{
    QtDev *dev = qt_start("");
    unsigned msix = qt_find_cap(dev, 0x11);

    g_assert_cmpuint(msix, !=, 0);
    g_assert_cmphex((qt_cfg_read(dev, msix) >> 16) & 0x7ff, ==, 31);
    g_assert_cmphex(qt_cfg_read(dev, msix + 4), ==, 0x20000 | 2);
    g_assert_cmphex(qt_cfg_read(dev, msix + 8), ==, 0x28000 | 2);
    qt_stop(dev);
}

static void vsec_announces_trnx(void)
{
    QtDev *dev = qt_start("");
    unsigned vsec = qt_find_ext_cap(dev, 0x000b);

    g_assert_cmpuint(vsec, !=, 0);
    g_assert_cmphex(qt_cfg_read(dev, vsec + 0x04), ==, 0x01817452);
    g_assert_cmphex(qt_cfg_read(dev, vsec + 0x08), ==, 0x584e5254);
    g_assert_cmphex(qt_cfg_read(dev, vsec + 0x0c), ==, 0x00010002);
    g_assert_cmphex(qt_cfg_read(dev, vsec + 0x10), ==, 0);
    g_assert_cmphex(qt_cfg_read(dev, vsec + 0x14), ==, qt_trnx_read(dev, 0x08));
    qt_stop(dev);
}

static void trnx_identity_tells_the_geometry(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_trnx_read(dev, 0x00), ==, 0x584e5254);
    g_assert_cmphex(qt_trnx_read(dev, 0x04), ==, 0x00010002);
    /* All there is. */
    g_assert_cmphex(qt_trnx_read64(dev, 0x08), ==, 0x7f07);
    g_assert_cmpuint(qt_trnx_read(dev, 0x10), ==, 3);
    g_assert_cmphex(qt_trnx_read(dev, 0x14), ==, 0x00800084);
    g_assert_cmphex(qt_trnx_read(dev, 0x18), ==, 0x00200010);
    g_assert_cmphex(qt_trnx_read(dev, 0x1c), ==, 0x04020008);
    g_assert_cmphex(qt_trnx_read64(dev, 0x20), ==, 4 * GIB);
    g_assert_cmphex(qt_trnx_read64(dev, 0x28), ==, 4 * GIB);
    g_assert_cmphex(qt_trnx_read64(dev, 0x30), ==, 0x1000000);
    g_assert_cmphex(qt_trnx_read(dev, 0x38), ==, 0x100000);
    g_assert_cmphex(qt_trnx_read(dev, 0x3c), ==, 0x100);
    g_assert_cmphex(qt_trnx_read(dev, 0x48), ==, 0x10000);
    g_assert_cmphex(qt_trnx_read(dev, 0x4c), ==, 0x40);
    for (int s = 0; s < 4; s++) {
        g_assert_cmphex(qt_trnx_read64(dev, 0x80 + s * 8), ==, qt_hbm_base[s]);
    }
    qt_stop(dev);
}

static void trnx_64_bit_registers_read_in_halves(void)
{
    QtDev *dev = qt_start("");

    g_assert_cmphex(qt_trnx_read(dev, 0x80 + 3 * 8), ==, 0);
    g_assert_cmphex(qt_trnx_read(dev, 0x84 + 3 * 8), ==, 0x8040);
    g_assert_cmphex(qt_trnx_read(dev, 0x24), ==, 1);
    qt_stop(dev);
}

static void trnx_identity_is_read_only_but_for_scratch(void)
{
    QtDev *dev = qt_start("");

    for (unsigned off = 0; off < 0x100; off += 4) {
        uint32_t before = qt_trnx_read(dev, off);

        qt_trnx_write(dev, off, ~before);
        g_assert_cmphex(qt_trnx_read(dev, off), ==,
                        off == 0x54 ? ~before : before);
    }
    dev->vm->any_log = true;
    qt_stop(dev);
}

static void blocks_without_their_feature_read_zero(void)
{
    static const struct {
        unsigned bit;
        uint32_t off;
    } blocks[] = {
        { 8, 0x02000 }, { 9, 0x1000000 }, { 11, 0x03000 }, { 12, 0x04000 },
    };
    QtDev *dev = qt_start("");
    uint64_t features = qt_trnx_read64(dev, 0x08);

    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        for (unsigned off = 0; off < 0x1000; off += 4) {
            if (!(features >> blocks[i].bit & 1)) {
                g_assert_cmphex(qt_trnx_read(dev, blocks[i].off + off), ==, 0);
            }
        }
    }
    qt_stop(dev);
}

/* HW appendix A. */
static void trainium2_differs_in_id_and_hbm(void)
{
    QtDev *dev = qt_dev_open(qt_vm_start("-device trn2,addr=4,"
                                         "hbm-size=256G"), 0, 4);
    QtQueue *q = qt_queue_new(dev, 128, 0, 64);
    uint64_t host = qt_alloc(dev->vm, 65536, 4096) | HOST_BIT;

    g_assert_cmphex(qt_cfg_read(dev, 0x00), ==, 0x73641d0f);
    g_assert_cmpuint(qt_trnx_read(dev, 0x10), ==, 2);
    g_assert_cmphex(qt_trnx_read64(dev, 0x20), ==, 0x600000000);
    qt_copy_verify(q, qt_hbm_base[3] + 0x600000000 - 65536, host, 65536, 2);
    qt_queue_free(q);
    qt_stop(dev);
}

static void device_works_behind_a_root_port(void)
{
    QtVm *vm = qt_vm_start(QT_PORT
                           "-device trn3,bus=rp,hbm-size=1G");
    uint64_t port = qt_ecam(0, 3);
    QtDev *dev;
    QtQueue *q;

    /* Bus numbers, then a prefetchable window of 1 TiB from 1 TiB on. */
    qtest_writel(vm->qts, port + 0x18, 0x00010100);
    qtest_writel(vm->qts, port + 0x24, 0xfff10001);
    qtest_writel(vm->qts, port + 0x28, 0x00000100);
    qtest_writel(vm->qts, port + 0x2c, 0x000001ff);
    qtest_writew(vm->qts, port + 0x04, 0x6);
    dev = qt_dev_open(vm, 1, 0);
    g_assert_cmphex(qt_find_ext_cap(dev, 0x000b), !=, 0);
    q = qt_queue_new(dev, 128, 0, 64);
    qt_copy_verify(q, qt_hbm_base[1] + 0x1000000,
                   qt_alloc(vm, 65536, 4096) | HOST_BIT, 65536, 1);
    qt_queue_free(q);
    qt_stop(dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/identity/" #name, name)
    T(pci_identity_is_a_trainium3);
    T(revision_is_a_property);
    T(no_legacy_interrupt_pin_is_offered);
    T(bars_are_64_bit_prefetchable_and_of_their_sizes);
    T(bar4_follows_hbm_size);
    T(impossible_hbm_sizes_are_refused_by_name);
    T(impossible_routing_ids_are_refused_by_name);
    T(pcie_capability_offers_a_function_level_reset);
    T(msix_has_32_vectors_in_bar2);
    T(vsec_announces_trnx);
    T(trnx_identity_tells_the_geometry);
    T(trnx_64_bit_registers_read_in_halves);
    T(trnx_identity_is_read_only_but_for_scratch);
    T(blocks_without_their_feature_read_zero);
    T(trainium2_differs_in_id_and_hbm);
    T(device_works_behind_a_root_port);
    return g_test_run();
}
