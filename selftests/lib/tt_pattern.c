// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tt_pattern.h"

/*
 * A block of random words, made once. A pattern is a chain of chunks of it, each
 * from another place that depends on the seed and the chunk's number.
 */
#define POOL_WORDS	131072
#define CHUNK		65536
static uint64_t pool[POOL_WORDS];

uint64_t tt_random(uint64_t *state)
{
	/* splitmix64: any seed will do, zero too. */
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static __attribute__((constructor)) void pool_init(void)
{
	uint64_t state = 1;
	size_t i;

	for (i = 0; i < POOL_WORDS; i++)
		pool[i] = tt_random(&state);
}

static const unsigned char *pattern_chunk(uint64_t seed, size_t chunk)
{
	uint64_t state = seed * 0x100000001b3ull + chunk;

	return (const unsigned char *)pool + tt_random(&state) % (sizeof(pool) - CHUNK);
}

void tt_pattern_fill(void *buf, size_t len, uint64_t seed)
{
	unsigned char *p = buf;
	size_t chunk, n;

	for (chunk = 0; len; chunk++, p += n, len -= n) {
		n = len < CHUNK ? len : CHUNK;
		memcpy(p, pattern_chunk(seed, chunk), n);
	}
}

/* First difference of two buffers that do differ, by halves. */
static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t len)
{
	size_t start = 0;

	while (len > 1) {
		size_t half = len / 2;

		if (!memcmp(a + start, b + start, half)) {
			start += half;
			len -= half;
		} else {
			len = half;
		}
	}
	return start;
}

size_t tt_pattern_match(const void *buf, size_t len, uint64_t seed)
{
	const unsigned char *p = buf;
	size_t done, chunk, n;

	for (done = 0, chunk = 0; done < len; done += n, chunk++) {
		const unsigned char *want = pattern_chunk(seed, chunk);

		n = len - done < CHUNK ? len - done : CHUNK;
		if (memcmp(p + done, want, n))
			return done + first_difference(p + done, want, n);
	}
	return len;
}

size_t tt_byte_match(const void *buf, size_t len, unsigned char byte)
{
	const unsigned char *p = buf;

	if (!len || p[0] != byte)
		return 0;
	if (!memcmp(p, p + 1, len - 1))
		return len;
	return first_difference(p, p + 1, len - 1) + 1;
}

uint64_t tt_seed(void)
{
	const char *env = getenv("TRN_TEST_SEED");

	return env && *env ? strtoull(env, NULL, 0) : 1;
}
