/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory is removed from the machine while a worker that writes to it is
 * stopped. A debugger stops the worker, as a host without a free processor
 * would.
 */
#include "qt.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

#define SRC 0x1000000ULL
#define ATTEMPTS 6u             /* most of them meet a worker that writes */

/* The worker of the device that came first, by its name. */
static pid_t find_worker(QtVm *vm)
{
    g_autofree char *tasks = g_strdup_printf("/proc/%d/task",
                                             qtest_pid(vm->qts));
    GDir *dir = g_dir_open(tasks, 0, NULL);
    const char *tid;
    pid_t found = 0;

    g_assert_nonnull(dir);
    while ((tid = g_dir_read_name(dir))) {
        g_autofree char *path = g_strdup_printf("%s/%s/comm", tasks, tid);
        g_autofree char *comm = NULL;

        if (g_file_get_contents(path, &comm, NULL, NULL) &&
            g_str_has_prefix(comm, "trn-worker") &&
            (!found || atoi(tid) < found)) {
            found = atoi(tid);
        }
    }
    g_dir_close(dir);
    g_assert_cmpint(found, !=, 0);
    return found;
}

/* False if the host does not allow ptrace(). */
static bool stop_thread(pid_t tid)
{
    int status;

    if (ptrace(PTRACE_SEIZE, tid, NULL, NULL)) {
        return false;
    }
    g_assert_cmpint(ptrace(PTRACE_INTERRUPT, tid, NULL, NULL), ==, 0);
    g_assert_cmpint(waitpid(tid, &status, __WALL), ==, tid);
    g_assert_true(WIFSTOPPED(status));
    return true;
}

/* Removes a device during writes to its HBM. */
static bool take_out(QtVm *vm, QtQueue *q, pid_t worker)
{
    uint64_t next_bar = vm->next_bar;
    bool stopped;
    QtDev *target;

    qtest_qmp_device_add(vm->qts, "trn3", "trn1", "{'bus': 'rp', "
                         "'hbm-size': 268435456, 'routing-id': 100}");
    qt_port_open(vm);
    target = qt_dev_open(vm, 1, 0);
    qt_queue_program(q);
    qt_post_same(q, target->bar4 | HOST_BIT, SRC, 16000);
    qt_ring(q);
    qt_wait_count(q, 1);
    stopped = stop_thread(worker);
    if (stopped) {
        qt_eject(vm, "trn1");
        /* No event says when the old map of memory is released. */
        g_usleep(300000);
        g_assert_cmpint(ptrace(PTRACE_DETACH, worker, NULL, NULL), ==, 0);
        qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
        qt_query_status(vm);
    }
    vm->next_bar = next_bar;
    g_free(target);
    return stopped;
}

static void memory_leaves_while_a_worker_writes_to_it(void)
{
    QtVm *vm = qt_vm_start("-name debug-threads=on "
                           QT_PORT
                           "-device trn3,addr=4,hbm-size=256M");
    QtDev *dev = qt_dev_open(vm, 0, 4);
    QtQueue *q = qt_queue_new(dev, 0, 0, 16384);
    pid_t worker = find_worker(vm);

    vm->any_log = true;
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (!take_out(vm, q, worker)) {
            g_test_skip("this host lets nobody debug");
            break;
        }
    }
    qt_queue_free(q);
    g_free(dev);
    qt_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/unmap/" #name, name)
    T(memory_leaves_while_a_worker_writes_to_it);
    return g_test_run();
}
