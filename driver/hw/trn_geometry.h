/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_GEOMETRY_H
#define TRN_GEOMETRY_H

#include <linux/types.h>

struct trn_device;

int trn_geometry_find(struct trn_device *tdev, u32 *offset);
int trn_geometry_read(struct trn_device *tdev, u32 id);

#endif /* TRN_GEOMETRY_H */
