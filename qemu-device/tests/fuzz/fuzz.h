/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz targets: parts of the core that eat any bytes. libFuzzer drives one a
 * program (main.c), test-noise.c all of them.
 */
#ifndef TRN_TESTS_FUZZ_H
#define TRN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Longest input that a target looks at. */
#define FUZZ_MAX_INPUT 3600

void fuzz_udma(const uint8_t *data, size_t size);
void fuzz_regs(const uint8_t *data, size_t size);
void fuzz_mbox(const uint8_t *data, size_t size);
void fuzz_mmu(const uint8_t *data, size_t size);
void fuzz_stream(const uint8_t *data, size_t size);

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
