// SPDX-License-Identifier: MIT
/*
 * trn-bench TEST [ARGUMENT...]: one measurement of libtrn's user-mode queues, told in a
 * line of JSON. Tests, PATH being hbm-hbm, host-hbm or hbm-host:
 *   copy4k PATH DEPTH BATCH RUN_MS  copies of 4 KiB per second, DEPTH in flight; one that
 *                                   is finished is followed by another, rung for alone
 *                                   if BATCH is 1, with up to BATCH others if not
 *   bandwidth PATH BYTES RUN_MS     bytes per second of copies of that size by a copier,
 *                                   a few of them in flight
 *   insns BATCH                     instructions per copy to write BATCH copies and ring;
 *                                   true only where the time counts instructions
 *   syscalls COPIES                 system calls of that many copies, rung for and
 *                                   polled for one by one, as the kernel traces them
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trn_prep.h>

#include "bench_time.h"
#include "trace.h"

#define COPY_SIZE 4096u
#define AREA (1u << 20)		/* that small copies walk through */
#define RING_SIZE 4096u
#define LARGE_DEPTH 4		/* large copies in flight */
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

/* The buffers of the copies, and the queue; all end with the process. */
struct bench {
	struct trn_device *dev;
	struct trn_vm *vm;
	struct trn_queue *queue;
	struct trn_bo *dst, *src;
	uint64_t dst_va, src_va;
	void *dst_map, *src_map;
	uint64_t size;		/* of either */
	uint64_t depth, batch;	/* copies */
	struct trn_copier *copier;
};

static int make_memory(struct bench *bench, bool hbm, struct trn_bo **bo, void **map, uint64_t *va)
{
	uint64_t placement = TRN_PLACE_REGION(0);
	int ret = hbm ? 0 : trn_place_system(bench->dev, &placement);

	if (!ret)
		ret = trn_bo_new(bench->dev, bench->size, placement, 0, bo);
	if (!ret)
		ret = trn_bo_map(*bo, map);
	if (!ret)
		ret = trn_vm_map(bench->vm, *bo, 0, bench->size, TRN_VM_READ | TRN_VM_WRITE, va);
	return ret;
}

static int bench_open(struct bench *bench, const struct path *path, uint64_t size)
{
	struct trn_queue_attr attr = {
		.ring_size = RING_SIZE,
		.placement = TRN_PLACE_REGION(0),
	};
	int ret = trn_device_open(0, &bench->dev);

	bench->size = size;
	if (!ret)
		ret = trn_vm_new(bench->dev, &bench->vm);
	attr.vm = bench->vm;
	if (!ret)
		ret = trn_queue_new(bench->dev, &attr, &bench->queue);
	if (!ret)
		ret = make_memory(bench, path->from_hbm, &bench->src, &bench->src_map,
				  &bench->src_va);
	if (!ret)
		ret = make_memory(bench, path->to_hbm, &bench->dst, &bench->dst_map,
				  &bench->dst_va);
	if (ret)
		return ret;
	for (uint64_t i = 0; i < size / sizeof(uint64_t); i++)
		((uint64_t *)bench->src_map)[i] = i * 0x9e3779b97f4a7c15ull;
	return 0;
}

/* A rate of copies that did not copy is worth nothing. */
static int bench_check(const struct bench *bench, uint64_t bytes)
{
	return memcmp(bench->dst_map, bench->src_map, bytes) ? -EBADMSG : 0;
}

/* Copy number n of 4 KiB. */
static inline int put_small(struct bench *bench, uint64_t n)
{
	uint64_t at = n * COPY_SIZE % AREA;

	return trn_prep_copy(bench->queue, bench->dst_va + at, bench->src_va + at, COPY_SIZE);
}

static int poll_for(const struct bench *bench, uint64_t point)
{
	int ret;

	do {
		ret = trn_queue_poll(bench->queue, point);
	} while (ret == -EINPROGRESS);
	return ret;
}

static int repeat_small(void *arg, uint64_t count)
{
	struct bench *bench = arg;
	uint64_t put = trn_queue_point(bench->queue), end = put + count, limit, batch_end;
	int ret = 0;

	while (put < end) {
		limit = trn_queue_completed(bench->queue) + bench->depth;
		if (limit > end)
			limit = end;
		while (put < limit) {
			batch_end = put + bench->batch;
			if (batch_end > limit)
				batch_end = limit;
			while (put < batch_end)
				ret |= put_small(bench, put++);
			trn_queue_kick(bench->queue);
		}
		if (ret)
			return ret;
		ret = trn_queue_poll(bench->queue, put);
		if (ret && ret != -EINPROGRESS)
			return ret;
		ret = 0;
	}
	return poll_for(bench, end);
}

static int test_copy4k(const struct path *path, char **argv)
{
	struct bench bench = {
		.depth = strtoul(argv[0], NULL, 0),
		.batch = strtoul(argv[1], NULL, 0),
	};
	uint64_t copied;
	double rate;
	int ret;

	if (!bench.depth || bench.depth > RING_SIZE || !bench.batch)
		return -EINVAL;
	ret = bench_open(&bench, path, AREA);
	if (!ret)
		ret = bench_rate(repeat_small, &bench, atoll(argv[2]) * 1000000, &rate);
	if (!ret) {
		copied = trn_queue_completed(bench.queue) * COPY_SIZE;
		ret = bench_check(&bench, copied < AREA ? copied : AREA);
	}
	if (!ret)
		printf("{\"test\": \"copy4k\", \"path\": \"%s\", \"depth\": %s, \"batch\": %s, "
		       "\"ops_per_s\": %.1f}\n", path->name, argv[0], argv[1], rate);
	return ret;
}

static int repeat_large(void *arg, uint64_t count)
{
	struct bench *bench = arg;
	const struct trn_op op = {
		.type = TRN_OP_COPY,
		.dst = bench->dst,
		.src = bench->src,
		.size = bench->size,
	};
	struct trn_ticket tickets[LARGE_DEPTH];
	int ret = 0;

	for (uint64_t n = 0; n < count && !ret; n++) {
		if (n >= LARGE_DEPTH)
			ret = trn_copier_wait(bench->copier, &tickets[n % LARGE_DEPTH], INT64_MAX);
		if (!ret)
			ret = trn_copier_start(bench->copier, &op, &tickets[n % LARGE_DEPTH]);
	}
	for (uint64_t n = 0; n < count && n < LARGE_DEPTH && !ret; n++)
		ret = trn_copier_wait(bench->copier, &tickets[n], INT64_MAX);
	return ret;
}

static int test_bandwidth(const struct path *path, char **argv)
{
	struct bench bench = { 0 };
	double rate;
	int ret;

	ret = bench_open(&bench, path, strtoull(argv[0], NULL, 0));
	if (!ret)
		ret = trn_copier_new(bench.dev, NULL, &bench.copier);
	if (!ret)
		ret = bench_rate(repeat_large, &bench, atoll(argv[1]) * 1000000, &rate);
	if (!ret)
		ret = bench_check(&bench, bench.size);
	if (!ret)
		printf("{\"test\": \"bandwidth\", \"path\": \"%s\", \"bytes\": %s, "
		       "\"bytes_per_s\": %.0f}\n", path->name, argv[0], rate * bench.size);
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

/* Ticks between two reads of the counter with nothing between them. */
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

/* Those of putting @batch copies and ringing once. */
static int count_batch(struct bench *bench, uint64_t batch, uint64_t *count)
{
	uint64_t start = instructions();
	int ret = 0;

	for (uint64_t n = 0; n < batch; n++)
		ret |= put_small(bench, n);
	trn_queue_kick(bench->queue);
	*count = instructions() - start;
	return ret;
}

static int test_insns(const struct path *path, char **argv)
{
	uint64_t counts[INSNS_ROUNDS], batch = strtoul(argv[0], NULL, 0), nothing;
	struct bench bench = { 0 };
	int ret;

	if (!batch || batch > RING_SIZE)
		return -EINVAL;
	ret = bench_open(&bench, path, AREA);
	nothing = count_nothing();
	for (int i = 0; i < INSNS_ROUNDS && !ret; i++) {
		ret = count_batch(&bench, batch, &counts[i]);
		counts[i] -= nothing;
		if (!ret)
			ret = poll_for(&bench, trn_queue_point(bench.queue));
	}
	if (!ret)
		printf("{\"test\": \"insns\", \"batch\": %s, \"per_copy\": %.2f, "
		       "\"of_a_thousand\": %llu}\n", argv[0], (double)median(counts) / batch,
		       (unsigned long long)(count_thousand() - nothing));
	return ret;
}

static int copy_and_poll(struct bench *bench, uint64_t n)
{
	int ret = put_small(bench, n);

	trn_queue_kick(bench->queue);
	return ret ? ret : poll_for(bench, trn_queue_point(bench->queue));
}

static int test_syscalls(const struct path *path, char **argv)
{
	uint64_t copies = strtoul(argv[0], NULL, 0);
	struct bench bench = { 0 };
	struct trace_counts counts;
	int ret = bench_open(&bench, path, AREA);

	/* The first touch of the doorbell page is a fault. */
	if (!ret)
		ret = copy_and_poll(&bench, 0);
	if (!ret)
		ret = trace_begin();
	if (ret)
		return ret;
	for (uint64_t n = 0; n < copies && !ret; n++)
		ret = copy_and_poll(&bench, n);
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
		fprintf(stderr, "trn-bench: %s: %s\n", argv[1], trn_strerror(ret));
	return ret ? 1 : 0;
}
