// SPDX-License-Identifier: MIT
/*
 * trn-bench TEST [ARGUMENT...]: one measurement of a user-mode queue, told in a line
 * of JSON. Tests, PATH being hbm-hbm, host-hbm or hbm-host:
 *   copy4k PATH DEPTH BATCH RUN_MS  copies of 4 KiB per second, DEPTH in flight; one that
 *                                   is finished is followed by another, rung for alone
 *                                   if BATCH is 1, with up to BATCH others if not
 *   bandwidth PATH BYTES RUN_MS     bytes per second of copies of that size, as many in
 *                                   flight as the ring takes
 *   insns BATCH                     instructions per copy to write BATCH copies and ring;
 *                                   true only where the time counts instructions
 *   syscalls COPIES                 system calls of that many copies, rung for and
 *                                   polled for one by one, as the kernel traces them
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_time.h"
#include "lane.h"
#include "trace.h"

#define COPY_SIZE 4096u
#define AREA (1u << 20)		/* that small copies walk through */
#define INSNS_ROUNDS 201

struct path {
	const char *name;
	bool from_hbm, to_hbm;
};

static const struct path paths[] = {
	{ "hbm-hbm", true, true },
	{ "host-hbm", false, true },
	{ "hbm-host", true, false },
};

struct copier {
	struct lane lane;
	struct lane_memory dst, src;
	uint64_t size;		/* of one copy */
	uint64_t depth, batch;	/* copies */
};

static int copier_open(struct copier *copier, const struct path *path, uint64_t size)
{
	int ret = lane_open(&copier->lane);

	if (!ret)
		ret = lane_memory_new(&copier->lane, path->from_hbm, size, &copier->src);
	if (!ret)
		ret = lane_memory_new(&copier->lane, path->to_hbm, size, &copier->dst);
	if (ret)
		return ret;
	for (uint64_t i = 0; i < size / sizeof(uint64_t); i++)
		((uint64_t *)copier->src.map)[i] = i * 0x9e3779b97f4a7c15ull;
	return 0;
}

/* A rate of copies that did not copy is worth nothing. */
static int copier_check(const struct copier *copier)
{
	return memcmp(copier->dst.map, copier->src.map, copier->src.size) ? -EBADMSG : 0;
}

/* Copy number n of 4 KiB. */
static inline void copy_small(struct copier *copier, uint64_t n)
{
	uint64_t at = n * COPY_SIZE % AREA;

	lane_copy(&copier->lane, copier->dst.va + at, copier->src.va + at, COPY_SIZE);
}

static int repeat_small(void *arg, uint64_t count)
{
	struct copier *copier = arg;
	struct lane *lane = &copier->lane;
	uint64_t end = lane->written + count, limit, batch_end;
	int ret = 0;

	while (lane->written < end && !ret) {
		limit = lane_done(lane) + copier->depth;
		if (limit > end)
			limit = end;
		while (lane->written < limit) {
			batch_end = lane->written + copier->batch;
			if (batch_end > limit)
				batch_end = limit;
			while (lane->written < batch_end)
				copy_small(copier, lane->written);
			lane_ring(lane);
		}
		ret = lane_error(lane);
	}
	return ret ? ret : lane_wait(lane, end);
}

static int test_copy4k(const struct path *path, char **argv)
{
	struct copier copier = { .size = COPY_SIZE };
	double rate;
	int ret;

	copier.depth = strtoul(argv[0], NULL, 0);
	copier.batch = strtoul(argv[1], NULL, 0);
	if (!copier.depth || copier.depth > LANE_MAX_DEPTH || !copier.batch)
		return -EINVAL;
	ret = copier_open(&copier, path, AREA);
	if (!ret)
		ret = bench_rate(repeat_small, &copier, atoll(argv[2]) * 1000000, &rate);
	if (!ret)
		ret = copier_check(&copier);
	if (!ret)
		printf("{\"test\": \"copy4k\", \"path\": \"%s\", \"depth\": %s, \"batch\": %s, "
		       "\"ops_per_s\": %.1f}\n", path->name, argv[0], argv[1], rate);
	return ret;
}

/* Write one copy of any size, in the parts that a descriptor can name. */
static void copy_large(struct copier *copier)
{
	uint64_t at, part;

	for (at = 0; at < copier->size; at += part) {
		part = copier->size - at;
		if (part > DRM_TRN_DESC_MAX_LEN)
			part = DRM_TRN_DESC_MAX_LEN;
		lane_copy(&copier->lane, copier->dst.va + at, copier->src.va + at, part);
	}
}

static int repeat_large(void *arg, uint64_t count)
{
	struct copier *copier = arg;
	struct lane *lane = &copier->lane;
	uint64_t parts = (copier->size + DRM_TRN_DESC_MAX_LEN - 1) / DRM_TRN_DESC_MAX_LEN;
	int ret = 0;

	while (count-- && !ret) {
		if (lane->written + parts > LANE_MAX_DEPTH)
			ret = lane_wait(lane, lane->written + parts - LANE_MAX_DEPTH);
		copy_large(copier);
		lane_ring(lane);
	}
	return ret ? ret : lane_wait(lane, lane->written);
}

static int test_bandwidth(const struct path *path, char **argv)
{
	struct copier copier = { .size = strtoull(argv[0], NULL, 0) };
	double rate;
	int ret;

	if (!copier.size || copier.size > (uint64_t)LANE_MAX_DEPTH * DRM_TRN_DESC_MAX_LEN)
		return -EINVAL;
	ret = copier_open(&copier, path, copier.size);
	if (!ret)
		ret = bench_rate(repeat_large, &copier, atoll(argv[1]) * 1000000, &rate);
	if (!ret)
		ret = copier_check(&copier);
	if (!ret)
		printf("{\"test\": \"bandwidth\", \"path\": \"%s\", \"bytes\": %s, "
		       "\"bytes_per_s\": %.0f}\n", path->name, argv[0], rate * copier.size);
	return ret;
}

/* Under -icount shift=0 the counter goes up by one with every instruction. */
static inline uint64_t instructions(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The median: a round in which an interrupt came counts that too. */
static uint64_t median(uint64_t *counts)
{
	qsort(counts, INSNS_ROUNDS, sizeof(*counts), compare);
	return counts[INSNS_ROUNDS / 2];
}

/* What two looks at the counter count with nothing between them. */
static uint64_t count_nothing(void)
{
	uint64_t counts[INSNS_ROUNDS], start;

	for (int i = 0; i < INSNS_ROUNDS; i++) {
		start = instructions();
		counts[i] = instructions() - start;
	}
	return median(counts);
}

/* A thousand instructions, to show that the counter counts them. */
static uint64_t count_thousand(void)
{
	uint64_t counts[INSNS_ROUNDS], start, loops;

	for (int i = 0; i < INSNS_ROUNDS; i++) {
		start = instructions();
		loops = 500;
		__asm__ volatile("1: dec %0; jnz 1b" : "+r"(loops));
		counts[i] = instructions() - start;
	}
	return median(counts);
}

static int test_insns(const struct path *path, char **argv)
{
	uint64_t counts[INSNS_ROUNDS], batch = strtoul(argv[0], NULL, 0), start, nothing;
	struct copier copier = { .size = COPY_SIZE };
	int ret;

	if (!batch || batch > LANE_MAX_DEPTH)
		return -EINVAL;
	ret = copier_open(&copier, path, AREA);
	nothing = count_nothing();
	for (int i = 0; i < INSNS_ROUNDS && !ret; i++) {
		start = instructions();
		for (uint64_t n = 0; n < batch; n++)
			copy_small(&copier, n);
		lane_ring(&copier.lane);
		counts[i] = instructions() - start - nothing;
		ret = lane_wait(&copier.lane, copier.lane.written);
	}
	if (!ret)
		printf("{\"test\": \"insns\", \"batch\": %s, \"per_copy\": %.2f, "
		       "\"of_a_thousand\": %llu}\n", argv[0], (double)median(counts) / batch,
		       (unsigned long long)(count_thousand() - nothing));
	return ret;
}

static int copy_and_poll(struct copier *copier, uint64_t n)
{
	copy_small(copier, n);
	lane_ring(&copier->lane);
	return lane_wait(&copier->lane, copier->lane.written);
}

static int test_syscalls(const struct path *path, char **argv)
{
	struct copier copier = { .size = COPY_SIZE };
	uint64_t copies = strtoul(argv[0], NULL, 0);
	struct trace_counts counts;
	int ret = copier_open(&copier, path, AREA);

	/* The first touch of the doorbell page is a fault. */
	if (!ret)
		ret = copy_and_poll(&copier, 0);
	if (!ret)
		ret = trace_begin();
	if (ret)
		return ret;
	for (uint64_t n = 0; n < copies && !ret; n++)
		ret = copy_and_poll(&copier, n);
	if (!ret)
		ret = trace_end(&counts);
	if (!ret)
		printf("{\"test\": \"syscalls\", \"copies\": %s, \"syscalls\": %u, "
		       "\"driver_events\": %u}\n", argv[0], counts.syscalls, counts.driver);
	return ret;
}

static const struct test {
	const char *name;
	int (*run)(const struct path *path, char **argv);
	bool takes_path;
	int arguments;		/* without the path */
} tests[] = {
	{ "copy4k", test_copy4k, true, 3 },
	{ "bandwidth", test_bandwidth, true, 2 },
	{ "insns", test_insns, false, 1 },
	{ "syscalls", test_syscalls, false, 1 },
};

static const struct test *find_test(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(*tests); i++) {
		const struct test *test = &tests[i];

		if (!strcmp(test->name, argv[1]))
			return argc - 2 == test->arguments + test->takes_path ? test : NULL;
	}
	return NULL;
}

static const struct path *find_path(const char *name)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct test *test = find_test(argc, argv);
	const struct path *path = test && test->takes_path ? find_path(argv[2]) : &paths[0];
	int ret;

	if (!test || !path) {
		fputs("usage: trn-bench copy4k PATH DEPTH BATCH RUN_MS\n"
		      "       trn-bench bandwidth PATH BYTES RUN_MS\n"
		      "       trn-bench insns BATCH\n"
		      "       trn-bench syscalls COPIES\n", stderr);
		return 2;
	}
	ret = test->run(path, argv + 2 + test->takes_path);
	if (ret)
		fprintf(stderr, "trn-bench: %s: %s\n", argv[1], strerror(-ret));
	return ret ? 1 : 0;
}
