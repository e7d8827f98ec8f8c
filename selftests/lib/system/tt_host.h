/* SPDX-License-Identifier: GPL-2.0-only */
/* The process and its kernel: files, children, scale of the tests. */
#ifndef TT_HOST_H
#define TT_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* @full, or @small with TRN_TEST_SCALE=small. */
unsigned int tt_scale(unsigned int full, unsigned int small);
int tt_write_file(const char *path, const char *text);
int tt_read_file(const char *path, char *text, size_t len);
/* A number out of a file of "name value" lines, or -ENOENT. */
int64_t tt_read_field(const char *path, const char *name);
/* Wait for a child; 0 if it exited with 0, else -ECHILD. */
int tt_reap(pid_t pid);

#endif /* TT_HOST_H */
