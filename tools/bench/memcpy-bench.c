// SPDX-License-Identifier: MIT
/*
 * memcpy-bench RUN_MS BYTES...: what the C library's memcpy() reaches on this
 * machine, from one buffer of each size to another, one copy after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench_time.h"

struct buffers {
	void *dst, *src;
	size_t size;
};

static int repeat_memcpy(void *arg, uint64_t count)
{
	struct buffers *buf = arg;

	while (count--) {
		memcpy(buf->dst, buf->src, buf->size);
		/* Somebody might look at the bytes: no copy is left out. */
		__asm__ volatile("" : : "r"(buf->dst), "r"(buf->src) : "memory");
	}
	return 0;
}

static void *buffer_new(size_t size, int byte)
{
	void *buf = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buf == MAP_FAILED) {
		perror("memcpy-bench: mmap");
		exit(1);
	}
	memset(buf, byte, size);
	return buf;
}

int main(int argc, char **argv)
{
	struct buffers buf;
	double rate;

	if (argc < 3) {
		fputs("usage: memcpy-bench RUN_MS BYTES...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		buf.size = strtoull(argv[i], NULL, 0);
		buf.dst = buffer_new(buf.size, 1);
		buf.src = buffer_new(buf.size, 2);
		bench_rate(repeat_memcpy, &buf, atoll(argv[1]) * 1000000, &rate);
		printf("{\"test\": \"memcpy\", \"bytes\": %zu, \"bytes_per_s\": %.0f}\n", buf.size,
		       rate * buf.size);
		munmap(buf.dst, buf.size);
		munmap(buf.src, buf.size);
	}
	return 0;
}
