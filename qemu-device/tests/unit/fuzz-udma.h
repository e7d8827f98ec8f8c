/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry that libFuzzer calls by this name, and test-noise.c too. */
#ifndef TRN_TESTS_FUZZ_UDMA_H
#define TRN_TESTS_FUZZ_UDMA_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
