// SPDX-License-Identifier: MIT
/*
 * trnctl bench: how fast copies are, as the median of several runs.
 *
 * A run lasts about RUN_NS. It has copies of one size, several in flight at a time, at
 * successive places of the buffers. A first run is not counted: it measures how many
 * copies a run needs, and warms caches.
 */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "progress.h"
#include "transfer.h"
#include "units.h"

#define RUN_NS 20000000ll
#define MAX_COPIES 4096
#define MAX_DEPTH 1024
#define MAX_RUNS 1000

static const uint64_t all_sizes[] = {
	4ull << 10, 16ull << 10, 64ull << 10, 256ull << 10,
	1ull << 20, 4ull << 20, 16ull << 20, 64ull << 20,
};

static const struct direction all_directions[] = {
	{ { .host = true }, { .stack = 0 } },
	{ { .stack = 0 }, { .host = true } },
	{ { .stack = 0 }, { .stack = 0 } },
};

/* Copies per second. */
struct result {
	double median, min, max;
};

struct bench {
	const struct options *opts;
	struct session session;
	const uint64_t *sizes;
	size_t num_sizes;
	const struct direction *dirs;
	size_t num_dirs;
	struct result *results;		/* of size s in direction d: [d * num_sizes + s] */
	struct progress progress;
	uint64_t done;			/* measurements */
};

/* Do @count copies of @size, @depth at a time; *ns is the time it took. */
static int run_copies(struct trn_copier *copier, const struct buffer *dst,
		      const struct buffer *src, uint64_t size, uint32_t depth, uint64_t count,
		      int64_t *ns)
{
	struct trn_op op = { .type = TRN_OP_COPY, .dst = dst->bo, .src = src->bo, .size = size };
	struct trn_ticket tickets[MAX_DEPTH];
	uint64_t slots = dst->size / size;
	int ret = 0;

	*ns = trn_deadline(0);
	for (uint64_t i = 0; i < count && !ret; i++) {
		if (i >= depth) {
			ret = trn_copier_wait(copier, &tickets[i % depth], INT64_MAX);
			if (ret)
				break;
		}
		op.dst_offset = i % slots * size;
		op.src_offset = op.dst_offset;
		ret = trn_copier_start(copier, &op, &tickets[i % depth]);
	}
	/* They end in any order. */
	for (uint64_t i = 0; i < depth && i < count && !ret; i++)
		ret = trn_copier_wait(copier, &tickets[i], INT64_MAX);
	*ns = trn_deadline(0) - *ns;
	return ret;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(struct trn_copier *copier, const struct buffer *dst, const struct buffer *src,
		   uint64_t size, const struct options *opts, struct result *result)
{
	double rates[MAX_RUNS];
	uint32_t runs = opts->runs;
	uint64_t count = opts->depth;
	int64_t ns;
	int ret;

	ret = run_copies(copier, dst, src, size, opts->depth, count, &ns);
	if (ret)
		return ret;
	count = count * RUN_NS / (ns ? ns : 1);
	if (count > MAX_COPIES)
		count = MAX_COPIES;
	if (!count)
		count = 1;

	for (uint32_t i = 0; i < runs; i++) {
		ret = run_copies(copier, dst, src, size, opts->depth, count, &ns);
		if (ret)
			return ret;
		rates[i] = 1e9 * count / (ns ? ns : 1);
	}
	qsort(rates, runs, sizeof(*rates), compare);
	*result = (struct result){
		.median = (rates[(runs - 1) / 2] + rates[runs / 2]) / 2,
		.min = rates[0],
		.max = rates[runs - 1],
	};
	return 0;
}

static int bench_direction(struct bench *bench, const struct direction *dir,
			   struct result *results)
{
	uint64_t room = bench->sizes[bench->num_sizes - 1];
	struct buffer src, dst;
	int status, ret;

	status = buffer_make(bench->session.dev, dir->from, room, &src);
	if (status)
		return status;
	status = buffer_make(bench->session.dev, dir->to, room, &dst);
	if (status)
		goto out_src;

	data_write(&src, 1);
	for (size_t s = 0; s < bench->num_sizes && !status; s++) {
		ret = measure(bench->session.copier, &dst, &src, bench->sizes[s], bench->opts,
			      &results[s]);
		if (ret)
			status = fail_work(&bench->session, "copy", ret);
		progress_update(&bench->progress, ++bench->done);
	}
	buffer_free(&dst);
out_src:
	buffer_free(&src);
	return status;
}

static void print_text(const struct bench *bench)
{
	char from[PLACE_NAME_MAX], to[PLACE_NAME_MAX], text[40];

	printf("MB/s and copies/s, median of %u runs, %u copies in flight, %s-mode queues\n%-9s",
	       bench->opts->runs, bench->opts->depth, session_mode(&bench->session), "size");
	for (size_t d = 0; d < bench->num_dirs; d++) {
		snprintf(text, sizeof(text), "%s -> %s", place_name(bench->dirs[d].from, from),
			 place_name(bench->dirs[d].to, to));
		printf(" %20s", text);
	}
	for (size_t s = 0; s < bench->num_sizes; s++) {
		printf("\n%-9s", format_size(bench->sizes[s], text));
		for (size_t d = 0; d < bench->num_dirs; d++) {
			double rate = bench->results[d * bench->num_sizes + s].median;

			printf(" %10.1f %9.0f", rate * bench->sizes[s] / 1e6, rate);
		}
	}
	putchar('\n');
}

static void print_json(const struct bench *bench)
{
	char name[PLACE_NAME_MAX];

	json_open(NULL, '{');
	json_u64("runs", bench->opts->runs);
	json_u64("depth", bench->opts->depth);
	json_string("mode", session_mode(&bench->session));
	json_open("results", '[');
	for (size_t d = 0; d < bench->num_dirs; d++) {
		for (size_t s = 0; s < bench->num_sizes; s++) {
			const struct result *result = &bench->results[d * bench->num_sizes + s];

			json_open(NULL, '{');
			json_string("from", place_name(bench->dirs[d].from, name));
			json_string("to", place_name(bench->dirs[d].to, name));
			json_u64("size", bench->sizes[s]);
			json_real("bytes_per_second", result->median * bench->sizes[s]);
			json_real("copies_per_second", result->median);
			json_real("copies_per_second_min", result->min);
			json_real("copies_per_second_max", result->max);
			json_close('}');
		}
	}
	json_close(']');
	json_close('}');
}

static int bench_all(struct bench *bench)
{
	int status = STATUS_DONE;

	progress_begin(&bench->progress, "measuring", bench->num_dirs * bench->num_sizes);
	for (size_t d = 0; d < bench->num_dirs && !status; d++)
		status = bench_direction(bench, &bench->dirs[d],
					 &bench->results[d * bench->num_sizes]);
	progress_end(&bench->progress);
	return status;
}

static int run(const struct options *opts)
{
	struct result results[ARRAY_SIZE(all_directions) * ARRAY_SIZE(all_sizes)];
	const struct direction one = { opts->from, opts->to };
	struct bench bench = {
		.opts = opts,
		.sizes = all_sizes,
		.num_sizes = ARRAY_SIZE(all_sizes),
		.dirs = all_directions,
		.num_dirs = ARRAY_SIZE(all_directions),
		.results = results,
	};
	unsigned int places = opts->given & (OPT_FROM | OPT_TO);
	int status;

	if (places) {
		if (places != (OPT_FROM | OPT_TO))
			return usage_error("bench", "--from and --to go together");
		bench.dirs = &one;
		bench.num_dirs = 1;
	}
	if (opts->given & OPT_SIZE) {
		bench.sizes = &opts->size;
		bench.num_sizes = 1;
	}
	status = session_open(opts, &bench.session);
	if (status)
		return status;
	status = bench_all(&bench);
	if (!status && opts->given & OPT_JSON)
		print_json(&bench);
	else if (!status)
		print_text(&bench);
	session_close(&bench.session);
	return status;
}

const struct command cmd_bench = {
	.name = "bench",
	.summary = "measure bandwidth and rate of copies",
	.accepts = OPT_DEVICE | OPT_FROM | OPT_TO | OPT_SIZE | OPT_DEPTH | OPT_RUNS | OPT_MODE |
		   OPT_ENGINE | OPT_QUEUE_SIZE | OPT_JSON,
	.defaults = { .depth = 8, .runs = 5 },
	.run = run,
};
