/* SPDX-License-Identifier: MIT */
/* The way to the kernel: calls on the file of a device. */
#ifndef TRN_BASE_IOCTL_H
#define TRN_BASE_IOCTL_H

#include "base/device.h"

/* drmIoctl() as a return value: 0 or negative errno, with errno left alone. */
int trn_ioctl(const struct trn_device *dev, unsigned long request, void *arg);

/* Fill @reply with the answer of the kernel; bytes that it does not know are zero. */
int trn_query(const struct trn_device *dev, uint32_t type, void *reply, uint32_t size);

/* mmap() as a return value. */
int trn_map_file(const struct trn_device *dev, uint64_t offset, size_t size, int prot,
		 void **addr);

#endif /* TRN_BASE_IOCTL_H */
