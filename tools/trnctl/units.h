/* SPDX-License-Identifier: MIT */
/* Sizes and numbers of the command line. */
#ifndef UNITS_H
#define UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* "4096", "4K": digits and perhaps one of K, M, G, T, powers of 1024. */
bool parse_size(const char *text, uint64_t *size);

/* Digits, or 0x and hexadecimal digits, up to @max. */
bool parse_u32(const char *text, uint32_t max, uint32_t *value);

#define SIZE_TEXT_MAX 24
/* In the largest unit that fits: "64 KiB", "1.50 GiB". */
const char *format_size(uint64_t size, char text[SIZE_TEXT_MAX]);

#endif /* UNITS_H */
