/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HBM that is a memory backend. */
#include "qt.h"

#include <glib/gstdio.h>

#include "qobject/qdict.h"

#define SRC 0x1000000ULL
#define DST 0x2000000ULL

static char *hbm_file(void)
{
    char *path;
    int fd = g_file_open_tmp("trn-hbm-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, 256 * MIB), ==, 0);
    close(fd);
    return path;
}

/* The file and HBM have the same bytes, whichever is written. */
static void file_is_hbm(void)
{
    g_autofree char *path = hbm_file();
    g_autofree char *args = g_strdup_printf(
        "-object memory-backend-file,id=h0,size=256M,mem-path=%s,share=on "
        "-device trn3,id=trn0,addr=4,memdev=h0", path);
    g_autofree uint8_t *want = g_malloc(4096), *got = g_malloc(4096);
    QtDev *dev = qt_dev_open(qt_vm_start(args), 0, 4);
    QtQueue *q = qt_queue_new(dev, 3, 0, 64);
    FILE *f = g_fopen(path, "r+b");

    g_assert_cmphex(dev->bar4_size, ==, 256 * MIB);
    qt_pattern(want, 4096, 1);
    g_assert_cmpint(fseek(f, SRC, SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(want, 1, 4096, f), ==, 4096);
    g_assert_cmpint(fflush(f), ==, 0);
    qt_copy(q, DST, SRC, 4096);
    qt_mem_expect(dev, DST, 4096, 1);
    g_assert_cmpint(fseek(f, DST, SEEK_SET), ==, 0);
    g_assert_cmpuint(fread(got, 1, 4096, f), ==, 4096);
    g_assert_cmpmem(got, 4096, want, 4096);
    fclose(f);
    g_unlink(path);
    qt_queue_free(q);
    qt_stop(dev);
}

#define ADD "{'execute': 'device_add', 'arguments': {'driver': 'trn3', " \
            "'bus': 'rp', 'id': 'trn0', 'memdev': %s, 'hbm-size': %" PRId64 "}}"

static void refuse(QtVm *vm, const char *memdev, int64_t size)
{
    QDict *rsp = qtest_qmp(vm->qts, ADD, memdev, size);

    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
}

static void refuse_delete(QtVm *vm, const char *memdev)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'object-del', "
                           "'arguments': {'id': %s}}", memdev);

    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
}

static void backend_that_does_not_fit_is_refused(void)
{
    g_autofree char *path = hbm_file();
    g_autofree char *args = g_strdup_printf(
        QT_PORT
        "-object memory-backend-ram,id=small,size=64M "
        "-object memory-backend-ram,id=odd,size=192M "
        "-object memory-backend-ram,id=good,size=128M "
        "-object memory-backend-ram,id=used,size=128M "
        "-object memory-backend-file,id=rom,size=256M,mem-path=%s,readonly=on "
        "-device trn3,addr=4,memdev=used", path);
    QtVm *vm = qt_vm_start(args);

    refuse(vm, "small", 0);
    refuse(vm, "odd", 0);
    refuse(vm, "good", 256 * MIB);
    refuse(vm, "used", 0);
    refuse(vm, "rom", 0);
    refuse(vm, "nobody", 0);
    refuse(vm, "rp", 0);
    refuse_delete(vm, "used");
    qtest_qmp_assert_success(vm->qts, ADD, "good", (int64_t)(128 * MIB));
    refuse_delete(vm, "good");
    g_unlink(path);
    qt_vm_stop(vm);
}

/* The machine's reset ends the removal; the backend may then be used again. */
static void backend_is_free_when_the_device_has_left(void)
{
    QtVm *vm = qt_vm_start(QT_PORT
                           "-object memory-backend-ram,id=h0,size=128M");

    for (unsigned i = 0; i < 3; i++) {
        qtest_qmp_assert_success(vm->qts, ADD, "h0", (int64_t)0);
        qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del',"
                                 "'arguments': {'id': 'trn0'}}");
        qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
        qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    }
    qtest_qmp_assert_success(vm->qts, "{'execute': 'object-del', "
                             "'arguments': {'id': 'h0'}}");
    qt_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/memdev/" #name, name)
    T(file_is_hbm);
    T(backend_that_does_not_fit_is_refused);
    T(backend_is_free_when_the_device_has_left);
    return g_test_run();
}
