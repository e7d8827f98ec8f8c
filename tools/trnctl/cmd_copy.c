// SPDX-License-Identifier: MIT
/* trnctl copy: copy data in one direction, or in all, and verify the result. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "json.h"
#include "transfer.h"
#include "units.h"

#define HOST { .host = true }
#define HBM(n) { .stack = (n) }

/* The directions of --all. A device with one stack has one direction less. */
static const struct direction all_directions[] = {
	{ HOST, HBM(0) },
	{ HBM(0), HBM(0) },
	{ HBM(0), HBM(1) },
	{ HBM(0), HOST },
	{ HOST, HOST },
};

struct outcome {
	int64_t ns;
	bool verified;		/* compared, and correct */
};

static int get_seed(const struct options *opts, uint64_t *seed)
{
	*seed = 1;
	if (opts->given & OPT_RANDOM &&
	    getrandom(seed, sizeof(*seed), 0) != (ssize_t)sizeof(*seed))
		return fail("cannot get random numbers: %s", strerror(errno));
	return STATUS_DONE;
}

/* Compare every byte of @dst with the CPU. The device has no part in this. */
static int verify(const struct session *session, const struct buffer *dst, uint64_t seed,
		  const struct direction *dir)
{
	char from[PLACE_NAME_MAX], to[PLACE_NAME_MAX], what[64];
	uint64_t offset;

	if (data_check(dst, seed, &offset))
		return STATUS_DONE;
	snprintf(what, sizeof(what), "copy from %s to %s", place_name(dir->from, from),
		 place_name(dir->to, to));
	return fail_data(session, what, "%s: wrong data at byte %llu of %llu", what,
			 (unsigned long long)offset, (unsigned long long)dst->size);
}

static int copy(const struct session *session, const struct options *opts,
		const struct direction *dir, uint64_t seed, struct outcome *outcome)
{
	bool look = opts->given & (OPT_VERIFY | OPT_ALL);
	struct buffer src, dst;
	int status;

	status = buffer_make(session->dev, dir->from, opts->size, &src);
	if (status)
		return status;
	status = buffer_make(session->dev, dir->to, opts->size, &dst);
	if (status)
		goto out_src;

	data_write(&src, seed);
	status = transfer_copy(session, &dst, &src, &outcome->ns);
	if (!status && look)
		status = verify(session, &dst, seed, dir);
	outcome->verified = look && !status;
	buffer_free(&dst);
out_src:
	buffer_free(&src);
	return status;
}

static void print_outcome(const struct options *opts, const struct direction *dir,
			  const struct outcome *outcome)
{
	char from[PLACE_NAME_MAX], to[PLACE_NAME_MAX], size[SIZE_TEXT_MAX];
	double rate = outcome->ns ? 1e9 * opts->size / outcome->ns : 0;

	place_name(dir->from, from);
	place_name(dir->to, to);
	if (opts->given & OPT_JSON) {
		json_open(NULL, '{');
		json_string("from", from);
		json_string("to", to);
		json_u64("size", opts->size);
		json_u64("ns", outcome->ns);
		json_real("bytes_per_second", rate);
		json_bool("verified", outcome->verified);
		json_close('}');
		return;
	}
	printf("%-7s -> %-7s %12s %10.1f MB/s%s\n", from, to, format_size(opts->size, size),
	       rate / 1e6, outcome->verified ? "   verified" : "");
	fflush(stdout);
}

static int copy_each(const struct session *session, const struct options *opts,
		     const struct direction *dirs, size_t count)
{
	struct outcome outcome;
	uint64_t seed;
	int status;

	status = get_seed(opts, &seed);
	for (size_t i = 0; i < count && !status; i++) {
		if (opts->given & OPT_ALL && !place_exists(session->dev, dirs[i].to))
			continue;
		status = copy(session, opts, &dirs[i], seed + i, &outcome);
		if (!status)
			print_outcome(opts, &dirs[i], &outcome);
	}
	return status;
}

static int run(const struct options *opts)
{
	const struct direction one = { opts->from, opts->to };
	bool all = opts->given & OPT_ALL;
	struct session session;
	int status;

	if (all == !!(opts->given & (OPT_FROM | OPT_TO)))
		return usage_error("copy",
				   "give the direction with --from and --to, or with --all");
	if (!all && (opts->given & (OPT_FROM | OPT_TO)) != (OPT_FROM | OPT_TO))
		return usage_error("copy", "--from and --to go together");

	status = session_open(opts, &session);
	if (status)
		return status;
	if (opts->given & OPT_JSON) {
		json_open(NULL, '{');
		json_string("mode", session_mode(&session));
		json_open("copies", '[');
	}
	if (all)
		status = copy_each(&session, opts, all_directions, ARRAY_SIZE(all_directions));
	else
		status = copy_each(&session, opts, &one, 1);
	if (opts->given & OPT_JSON) {
		json_close(']');
		json_bool("ok", !status);
		json_close('}');
	}
	session_close(&session);
	return status;
}

const struct command cmd_copy = {
	.name = "copy",
	.summary = "copy data between host memory and HBM",
	.accepts = OPT_DEVICE | OPT_FROM | OPT_TO | OPT_ALL | OPT_SIZE | OPT_VERIFY | OPT_RANDOM |
		   OPT_MODE | OPT_ENGINE | OPT_QUEUE_SIZE | OPT_JSON,
	.defaults = { .size = 64ull << 20 },
	.run = run,
};
