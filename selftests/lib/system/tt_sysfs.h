/* SPDX-License-Identifier: GPL-2.0-only */
/* Root's side of the device: bind, unbind, reset, load and unload. */
#ifndef TT_SYSFS_H
#define TT_SYSFS_H

#include "tt_test.h"

int tt_unbind(const char *bdf);
int tt_bind(const char *bdf);
/* Function level reset through sysfs. */
int tt_reset(const char *bdf);
/* The page of a BAR around @offset, at which the result points; or NULL. */
uint32_t *tt_bar_map(int fd, int bar, uint64_t offset);
void tt_bar_unmap(uint32_t *reg);
/* Wait until a device of the driver can be opened. */
int tt_device_reopen(struct tt_device *dev);

/* Path of trn.ko for the running kernel; -ENOENT if there is none to be found. */
int tt_module_path(char *path, size_t len);
int tt_module_load(const char *path);
/* As rmmod: -EAGAIN while the module is in use. */
int tt_module_unload(void);
/* When no file is open: a file that was just closed may take a moment to go. */
int tt_module_unload_unused(void);

#endif /* TT_SYSFS_H */
