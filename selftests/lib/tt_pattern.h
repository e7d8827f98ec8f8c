/* SPDX-License-Identifier: GPL-2.0-only */
/* Patterns of bytes. Guests are slow, so words and memcpy only. */
#ifndef TT_PATTERN_H
#define TT_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of pattern @seed; every seed and every 64 KiB of it differ. */
void tt_pattern_fill(void *buf, size_t len, uint64_t seed);
/* Bytes from the start that are as tt_pattern_fill() wrote them: @len if all. */
size_t tt_pattern_match(const void *buf, size_t len, uint64_t seed);
/* Bytes from the start that have value @byte. */
size_t tt_byte_match(const void *buf, size_t len, unsigned char byte);
uint64_t tt_random(uint64_t *state);
uint64_t tt_seed(void);

#endif /* TT_PATTERN_H */
