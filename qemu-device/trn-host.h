/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bus-master access to host memory. */
#ifndef HW_MISC_TRN_HOST_H
#define HW_MISC_TRN_HOST_H

#include "trn-device.h"

/* TrnBus.host_read and .host_write; @opaque is the TrnState. */
bool trn_host_read(void *opaque, uint64_t addr, void *buf, size_t len);
bool trn_host_write(void *opaque, uint64_t addr, const void *buf, size_t len);

/* An IOMMU is between the device and memory. */
bool trn_host_is_translated(TrnState *s);

#endif /* HW_MISC_TRN_HOST_H */
