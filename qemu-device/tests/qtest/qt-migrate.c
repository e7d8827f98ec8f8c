/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual machines that are saved to a file, and loaded from one. */
#include "qt.h"

#include "qobject/qdict.h"

/* How the migration of @vm ended. */
static bool wait_migration(QtVm *vm)
{
    int64_t end = qt_deadline();

    for (;;) {
        QDict *r = qtest_qmp_assert_success_ref(vm->qts,
                                                "{'execute': 'query-migrate'}");
        const char *status = qdict_get_try_str(r, "status");
        bool failed = status && g_str_equal(status, "failed");
        bool done = status && g_str_equal(status, "completed");

        qobject_unref(r);
        if (done || failed) {
            return done;
        }
        if (g_get_monotonic_time() > end) {
            g_error("the migration does not end");
        }
        g_usleep(10000);
    }
}

char *qt_save(QtVm *vm)
{
    g_autofree char *uri = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("trn-migration-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    uri = g_strdup_printf("file:%s", path);
    qtest_qmp_assert_success(vm->qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate', "
                             "'arguments': {'uri': %s}}", uri);
    g_assert_true(wait_migration(vm));
    return path;
}

bool qt_load(QtVm *vm, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s, "
                             "'exit-on-error': false}}", uri);
    return wait_migration(vm);
}
