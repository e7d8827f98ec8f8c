/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timing model where it matters: a guest that runs (guest.c), under
 * -icount, prints when its copies came. The same run gives the same picosecond
 * twice.
 */
#include "qt.h"

#include <glib/gstdio.h>

/* The output of the guest until it switched the machine off. */
static char *run_guest(const char *shift)
{
    g_autofree char *path = NULL, *out = NULL, *icount = NULL;
    int fd = g_file_open_tmp("trn-icount-XXXXXX", &path, NULL), status;
    const char *image = g_getenv("TRN_QTEST_GUEST");
    char *text;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    if (!image) {
        g_error("TRN_QTEST_GUEST must name the image of guest.c");
    }
    out = g_strdup_printf("file,id=out,path=%s", path);
    icount = g_strdup_printf("shift=%s,sleep=off", shift);
    const char *argv[] = {
        g_getenv("QTEST_QEMU_BINARY"), "-accel", "tcg,thread=single",
        "-icount", icount, "-machine", "q35", "-cpu", "max", "-m", "64M",
        "-nodefaults", "-vga", "none", "-display", "none", "-bios", image,
        "-chardev", out, "-device", "isa-debugcon,iobase=0xe9,chardev=out",
        "-device", "isa-debug-exit,iobase=0x501",
        "-device", "trn3,addr=4,hbm-size=128M,timing=on", NULL,
    };

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL,
                               G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                               NULL, &status, NULL));
    /* isa-debug-exit: twice the value and 1. */
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_unlink(path);
    return text;
}

static void twice(const char *shift)
{
    g_autofree char *first = run_guest(shift);
    g_autofree char *second = run_guest(shift);
    g_auto(GStrv) lines = g_strsplit(first, "\n", -1);

    /* Twenty rounds of 24 queues, two clocks each, and the end. */
    g_assert_cmpuint(g_strv_length(lines), ==, 20 * 24 * 2 + 1);
    g_assert_cmpuint(g_ascii_strtoull(lines[1], NULL, 16), >, 1300000);
    g_assert_cmpstr(first, ==, second);
}

static void same_run_gives_the_same_picosecond(void)
{
    twice("0");
}

static void slow_processor_makes_no_difference_to_that(void)
{
    twice("5");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/icount/" #name, name)
    T(same_run_gives_the_same_picosecond);
    T(slow_processor_makes_no_difference_to_that);
    return g_test_run();
}
