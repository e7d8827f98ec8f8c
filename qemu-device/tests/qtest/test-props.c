/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties set to anything, at any time: before the device is realized, while
 * it works, while it is stopped or migrates, and when it has left its bus.
 */
#include "qt.h"

#include <glib/gstdio.h>

#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define PATH "/machine/peripheral/trn0"
#define SRC 0x1000000ULL
#define DST 0x2000000ULL

/* JSON; of every type, and of every size a field may have. */
static const char *const values[] = {
    "0", "1", "-1", "2", "15", "31", "32", "127", "128", "131", "132", "255",
    "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967295",
    "4294967296", "9223372036854775807", "-9223372036854775808",
    "18446744073709551615", "67108864", "134217728", "1e300", "0.5", "true",
    "false", "null", "\"\"", "\"none\"", "\"silent\"", "\"magic\"",
    "\"trn0\"", "\"/machine\"", "\"/objects/h0\"", "\"0x10\"", "[]", "{}",
};

/*
 * Names of all properties that can be set, without those that end the device.
 */
static GPtrArray *property_names(QtVm *vm)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'qom-list-properties', "
                           "'arguments': {'typename': 'trn3'}}");
    QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e)
    {
        QDict *p = qobject_to(QDict, qlist_entry_obj(e));
        const char *name = qdict_get_str(p, "name");

        if (strcmp(name, "realized") && strcmp(name, "type")) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    qobject_unref(rsp);
    g_assert_cmpuint(names->len, >, 40);
    return names;
}

/* Sets it; whether QEMU agrees is its own affair. */
static bool set(QtVm *vm, const char *name, const char *value)
{
    g_autofree char *line = g_strdup_printf(
        "{\"execute\": \"qom-set\", \"arguments\": {\"path\": \"" PATH "\", "
        "\"property\": \"%s\", \"value\": %s}}", name, value);
    QDict *rsp;
    bool done;

    qtest_qmp_send_raw(vm->qts, "%s", line);
    rsp = qtest_qmp_receive(vm->qts);
    done = qdict_haskey(rsp, "return");
    qobject_unref(rsp);
    return done;
}

static void get(QtVm *vm, const char *name)
{
    qobject_unref(qtest_qmp(vm->qts, "{'execute': 'qom-get', 'arguments': {"
                            "'path': '" PATH "', 'property': %s}}", name));
}

static void set_everything(QtVm *vm, GPtrArray *names)
{
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        for (unsigned k = 0; k < G_N_ELEMENTS(values); k++) {
            set(vm, name, values[k]);
        }
        get(vm, name);
    }
}

/* No fault, so that a copy works. */
static void disarm(QtDev *dev)
{
    static const char *const zero[] = {
        "x-mbox-not-ready", "x-axi-error-at", "x-delay-ns", "x-busy",
        "x-lose-irqs", "x-links-down", "x-throttle", "x-ignore-resets",
        "x-malice-kinds",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(zero); i++) {
        qt_set_number(dev, zero[i], 0);
    }
    qt_set_number(dev, "x-hang-engine", -1);
    qt_set_string(dev, "x-mbox-poison", "none");
    set(dev->vm, "x-ecc-corrected-at", "18446744073709551615");
    set(dev->vm, "x-ecc-uncorrected-at", "18446744073709551615");
    qt_set_bool(dev, "x-gone", false);
}

static QtDev *start(void)
{
    QtDev *dev = qt_start("hbm-size=256M");

    dev->vm->any_log = true;
    return dev;
}

static void expect_life(QtDev *dev)
{
    QtQueue *q;

    disarm(dev);
    qt_flr(dev);
    q = qt_queue_new(dev, 128, 0, 64);
    qt_copy_verify(q, DST, SRC, 65536, 1);
    qt_queue_free(q);
}

static void any_value_while_the_device_works(void)
{
    QtDev *dev = start();
    GPtrArray *names = property_names(dev->vm);
    QtQueue *q = qt_queue_new(dev, 0, 0, 24576);

    qt_post_long(q, DST, SRC, 24000);
    qt_ring(q);
    set_everything(dev->vm, names);
    expect_life(dev);
    qt_queue_free(q);
    g_ptr_array_unref(names);
    qt_stop(dev);
}

static void any_value_while_the_vm_is_stopped(void)
{
    QtDev *dev = start();
    GPtrArray *names = property_names(dev->vm);

    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'stop'}");
    set_everything(dev->vm, names);
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'cont'}");
    expect_life(dev);
    g_ptr_array_unref(names);
    qt_stop(dev);
}

/* Unrealized, it is there still; and it does not come back. */
static void any_value_when_the_device_has_left(void)
{
    QtDev *dev = start();
    GPtrArray *names = property_names(dev->vm);

    g_assert_true(set(dev->vm, "realized", "false"));
    set_everything(dev->vm, names);
    g_assert_false(set(dev->vm, "realized", "true"));
    set_everything(dev->vm, names);
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'system_reset'}");
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'cont'}");
    g_ptr_array_unref(names);
    qt_stop(dev);
}

/* At the destination, before and while the state arrives. */
static void any_value_while_the_device_migrates(void)
{
    QtDev *dev = start();
    GPtrArray *names = property_names(dev->vm);
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("trn-props-XXXXXX", &path, NULL);
    g_autofree char *uri = g_strdup_printf("file:%s", path);
    QtVm *there;

    close(fd);
    qtest_qmp_assert_success(dev->vm->qts, "{'execute': 'migrate', "
                             "'arguments': {'uri': %s}}", uri);
    set_everything(dev->vm, names);
    qtest_qmp_eventwait(dev->vm->qts, "STOP");
    set_everything(dev->vm, names);
    there = qt_vm_start("-device trn3,id=trn0,addr=4,hbm-size=256M "
                        "-incoming defer");
    there->any_log = true;
    set_everything(there, names);
    qtest_qmp_assert_success(there->qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s}}", uri);
    set_everything(there, names);
    qt_vm_stop(there);
    g_unlink(path);
    g_ptr_array_unref(names);
    qt_stop(dev);
}

/* A device with one property set to anything comes, if it does, and goes. */
static bool add(QtVm *vm, const char *name, const char *value)
{
    QDict *rsp;
    bool done;

    qtest_qmp_send_raw(vm->qts, "{\"execute\": \"device_add\", "
                       "\"arguments\": {\"driver\": \"trn3\", "
                       "\"bus\": \"rp\", \"id\": \"trn0\", "
                       "\"%s\": %s}}", name, value);
    rsp = qtest_qmp_receive(vm->qts);
    done = qdict_haskey(rsp, "return");
    qobject_unref(rsp);
    if (done) {
        qtest_qmp_assert_success(vm->qts, "{'execute': 'device_del', "
                                 "'arguments': {'id': 'trn0'}}");
        qtest_qmp_assert_success(vm->qts, "{'execute': 'system_reset'}");
        qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    }
    return done;
}

static void any_value_before_the_device_is_realized(void)
{
    QtVm *vm = qt_vm_start(QT_PORT
                           "-object memory-backend-ram,id=h0,size=64M");
    GPtrArray *names = property_names(vm);
    unsigned added = 0;

    vm->any_log = true;
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        if (!strcmp(name, "id") || !strcmp(name, "addr")) {
            continue;
        }
        /* Two values of each, others of the next: for the sake of time. */
        for (unsigned k = i % 20; k < G_N_ELEMENTS(values); k += 20) {
            added += add(vm, name, values[k]);
        }
    }
    g_assert_cmpuint(added, >, 10);
    g_ptr_array_unref(names);
    qt_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/props/" #name, name)
    T(any_value_while_the_device_works);
    T(any_value_while_the_vm_is_stopped);
    T(any_value_when_the_device_has_left);
    T(any_value_while_the_device_migrates);
    T(any_value_before_the_device_is_realized);
    return g_test_run();
}
