/* SPDX-License-Identifier: MIT */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include <stdint.h>

/*
 * Bytes of host memory that this program can have now; UINT64_MAX if unknown. @root is the
 * folder of /proc and /sys: "", except in tests.
 */
uint64_t host_memory_available(const char *root);

#endif /* HOST_MEMORY_H */
