/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests that need one or two running processors: guest.h. */
#include "qt.h"

#include <glib/gstdio.h>

#include "guest.h"

#define DEVICE "-device trn3,hbm-size=128M,"
#define TIMEOUT_S 60            /* for what takes a second */

/* Runs a guest until it leaves; its status. */
static int run_guest(unsigned choice, const char *args)
{
    const char *image = g_getenv("TRN_QTEST_GUEST");
    g_autofree char *line = NULL;
    g_auto(GStrv) argv = NULL;
    int status;

    if (!image) {
        g_error("TRN_QTEST_GUEST must name the image of guest.c");
    }
    line = g_strdup_printf(
        "timeout -s KILL %u %s -accel tcg,thread=multi -machine q35 -cpu max "
        "-m 64M -smp 2 -nodefaults -vga none -display none -bios %s "
        "-device isa-debug-exit,iobase=0x501 "
        "-device loader,addr=0x7000,data=%u,data-len=4 %s",
        TIMEOUT_S, g_getenv("QTEST_QEMU_BINARY"), image, choice, args);
    argv = g_strsplit(line, " ", -1);
    g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH |
                               G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_true(WIFEXITED(status));
    /* isa-debug-exit: twice the value and 1. */
    return WEXITSTATUS(status) >> 1;
}

#define AP_WRITES(addr, a, b) \
    QT_PORT DEVICE "bus=rp,workers=16 " \
    "-device loader,addr=0x7008,data=" addr ",data-len=8 " \
    "-device loader,addr=0x7010,data=" a ",data-len=4 " \
    "-device loader,addr=0x7014,data=" b ",data-len=4"

static void unplug(const char *args)
{
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpint(run_guest(GUEST_UNPLUG, args), ==, 0);
    }
}

static void register_is_written_while_the_device_is_unplugged(void)
{
    unplug(AP_WRITES("0x2006300010", "0x10101", "0x10102"));
}

/* Slot control of the port: power off and on. */
static void slot_is_switched_off_while_the_device_is_unplugged(void)
{
    unplug(AP_WRITES("0", "0x01c0", "0x07c0"));
}

static void code_in_hbm_may_be_copied_and_stored(void)
{
    g_assert_cmpint(run_guest(GUEST_CODE, DEVICE "addr=4"), ==, 0);
}

/* Threads cannot be replayed; the timing model has none. */
static void record_wants_the_timing_model(void)
{
    static const char *const timing[] = { "off", "on" };

    for (unsigned on = 0; on < 2; on++) {
        g_autofree char *path = NULL, *line = NULL, *err = NULL;
        g_auto(GStrv) argv = NULL;
        int fd = g_file_open_tmp("trn-record-XXXXXX", &path, NULL), status;

        close(fd);
        /* A device that is not there ends what the first one does not. */
        line = g_strdup_printf("%s -bios %s -accel tcg -machine q35 "
                               "-nodefaults -vga none -display none "
                               "-icount shift=1,rr=record,rrfile=%s "
                               DEVICE "timing=%s -device absent",
                               g_getenv("QTEST_QEMU_BINARY"),
                               g_getenv("TRN_QTEST_BIOS"), path,
                               timing[on]);
        argv = g_strsplit(line, " ", -1);
        g_assert_true(g_spawn_sync(NULL, argv, NULL,
                                   G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                   NULL, &err, &status, NULL));
        g_unlink(path);
        g_assert_cmpint(WEXITSTATUS(status), ==, 1);
        g_assert_nonnull(strstr(err, on ? "absent" : "record and replay"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/guest/" #name, name)
    T(register_is_written_while_the_device_is_unplugged);
    T(slot_is_switched_off_while_the_device_is_unplugged);
    T(code_in_hbm_may_be_copied_and_stored);
    T(record_wants_the_timing_model);
    return g_test_run();
}
