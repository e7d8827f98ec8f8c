/* SPDX-License-Identifier: MIT */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include <stdint.h>

/*
 * Bytes of host memory that this program can have now, UINT64_MAX if nobody tells. @root
 * is where /proc and /sys are: "", but for tests.
 */
uint64_t host_memory_available(const char *root);

#endif /* HOST_MEMORY_H */
