/* SPDX-License-Identifier: MIT */
/*
 * How long the programs of the benchmark measure.
 *
 * What is repeated until a time is over would have to look at the clock all the
 * while. So it is repeated a number of times, which grows until one go takes long
 * enough: the last go, and only that, is the result.
 */
#ifndef BENCH_TIME_H
#define BENCH_TIME_H

#include <stdint.h>
#include <time.h>

static inline int64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/**
 * bench_rate() - Repetitions per second of something that can be repeated.
 * @repeat: does it @count times; returns 0 or a negative errno
 * @run_ns: least time that the measured go takes
 */
static inline int bench_rate(int (*repeat)(void *arg, uint64_t count), void *arg, int64_t run_ns,
			     double *rate)
{
	uint64_t count = 1;
	int64_t start, ns;
	int ret;

	for (;;) {
		start = bench_now();
		ret = repeat(arg, count);
		ns = bench_now() - start;
		if (ret)
			return ret;
		if (ns >= run_ns)
			break;
		/* A tenth more than it should take, but not on the word of a short go. */
		count = ns > run_ns / 16 ? count * run_ns / ns + count / 10 + 1 : count * 8;
	}
	*rate = 1e9 * count / ns;
	return 0;
}

#endif /* BENCH_TIME_H */
