/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots loaded into a VM, which continues in every case.
 * After one that is refused, the device is as after power-on.
 */
#include "qt.h"

#include <glib/gstdio.h>

#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define PROPS "hbm-size=128M"
#define SECTION "0000:00:04.0/trn-accel"
#define FOOTER 0x7e
#define SBUF 0xd0000100u

static QtDev *start(const char *path, const char *props)
{
    g_autofree char *all = g_strdup_printf(
        "%s -blockdev driver=qcow2,node-name=snap,file.driver=file,"
        "file.filename=%s", props, path);

    return qt_start(all);
}

static void run_job(QtVm *vm, const char *options, const char *path)
{
    int64_t end = qt_deadline();
    g_autofree char *command = g_strdup_printf(
        "{'execute': 'blockdev-create', 'arguments': {'job-id': 'job', "
        "'options': %s}}", options);

    qtest_qmp_assert_success(vm->qts, command, path);
    for (bool done = false; !done; ) {
        QDict *r = qtest_qmp(vm->qts, "{'execute': 'query-jobs'}");
        QDict *job = qobject_to(QDict,
                                qlist_peek(qdict_get_qlist(r, "return")));

        done = g_str_equal(qdict_get_str(job, "status"), "concluded");
        g_assert_false(done && qdict_haskey(job, "error"));
        qobject_unref(r);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
    qtest_qmp_assert_success(vm->qts, "{'execute': 'job-dismiss', "
                             "'arguments': {'id': 'job'}}");
}

/* An empty image; the caller frees its name. */
static char *new_image(void)
{
    QtVm *vm = qt_vm_start("");
    char *path = NULL;
    int fd = g_file_open_tmp("trn-snapshot-XXXXXX.qcow2", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    run_job(vm, "{'driver': 'file', 'filename': %s, 'size': 0}", path);
    qtest_qmp_assert_success(vm->qts, "{'execute': 'blockdev-add', "
                             "'arguments': {'driver': 'file', 'filename': %s,"
                             " 'node-name': 'plain'}}", path);
    run_job(vm, "{'driver': 'qcow2', 'file': 'plain', 'size': 1048576}", NULL);
    qt_vm_stop(vm);
    return path;
}

/* Device and queue at work, with something to lose. */
static QtQueue *make_busy(QtDev *dev, uint32_t value)
{
    QtQueue *q = qt_queue_new(dev, 97, 5, 64);

    qt_copy(q, 0x1000000, qt_alloc(dev->vm, 4096, 4096) | HOST_BIT, 4096);
    qt_write(dev, SBUF, value);
    qt_trnx_write(dev, 0x54, value);
    return q;
}

static void expect_power_on(QtDev *dev)
{
    QtVm *vm = dev->vm;
    QtQueue *q;

    /* Where the load has left the machine, its firmware would begin. */
    qt_vm_open_ecam(vm);
    dev = qt_dev_open(vm, 0, 4);
    g_assert_cmphex(qt_read(dev, SBUF), ==, 0);
    g_assert_cmphex(qt_trnx_read(dev, 0x54), ==, 0);
    g_assert_cmphex(qt_trnx_read64(dev, qt_qctl(97, 5) + QCTL_COUNT), ==, 0);
    g_assert_cmphex(qt_read(dev, qt_engine_bar0(97) + 0x6000 + Q_LEN), ==, 0);
    q = qt_queue_new(dev, 97, 5, 64);
    qt_copy_verify(q, 0x1100000, qt_alloc(vm, 8192, 4096) | HOST_BIT, 8192,
                   4);
    qt_queue_free(q);
    g_free(dev);
}

static char *save(const char *path)
{
    QtDev *dev = start(path, PROPS);
    QtQueue *q = make_busy(dev, 0x5a5a5a5a);
    char *error = qtest_hmp(dev->vm->qts, "savevm here");

    qt_queue_free(q);
    qt_stop(dev);
    return error;
}

/* Loads it into a busy device, lets the VM go on; false if it was refused. */
static bool load(const char *path, const char *props)
{
    QtDev *dev = start(path, props);
    QtQueue *q = make_busy(dev, 0xa5a5a5a5);
    g_autofree char *error = qtest_hmp(dev->vm->qts, "loadvm here");

    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'cont'}");
    if (*error) {
        expect_power_on(dev);
    } else {
        g_assert_cmphex(qt_read(dev, SBUF), ==, 0x5a5a5a5a);
    }
    qt_queue_free(q);
    qt_stop(dev);
    return !*error;
}

/* The last number of the chip's state says how many writes are deferred. */
static void spoil(const char *path)
{
    g_autofree char *data = NULL;
    char footer[5] = { FOOTER };
    char *name, *end;
    size_t len;

    g_assert_true(g_file_get_contents(path, &data, &len, NULL));
    name = data;
    do {
        name = memmem(name + 1, data + len - name - 1, SECTION,
                      strlen(SECTION));
        g_assert_nonnull(name);
    } while (name[-6] != 0x04);
    memcpy(footer + 1, name - 5, 4);
    end = memmem(name, data + len - name, footer, sizeof(footer));
    g_assert_nonnull(end);
    memset(end - 4, 0xff, 4);
    g_assert_true(g_file_set_contents(path, data, len, NULL));
}

static void a_snapshot_is_taken_or_leaves_power_on_state(void)
{
    g_autofree char *path = new_image();
    g_autofree char *error = save(path);

    g_assert_cmpstr(error, ==, "");
    g_assert_true(load(path, PROPS));
    g_assert_false(load(path, PROPS ",abort=on"));
    spoil(path);
    g_assert_false(load(path, PROPS));
    g_unlink(path);
}

#define T(name) g_test_add_func("/snapshot/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    T(a_snapshot_is_taken_or_leaves_power_on_state);
    return g_test_run();
}
