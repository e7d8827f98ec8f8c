// SPDX-License-Identifier: MIT
/*
 * The command line: one table of all options. Each command names the options that it
 * takes.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "trnctl.h"
#include "units.h"

static bool set_device(struct options *opts, const char *arg)
{
	opts->device = arg;
	return *arg;
}

static bool set_size(struct options *opts, const char *arg)
{
	return parse_size(arg, &opts->size) && opts->size;
}

static bool set_from(struct options *opts, const char *arg)
{
	return parse_place(arg, &opts->from);
}

static bool set_to(struct options *opts, const char *arg)
{
	return parse_place(arg, &opts->to);
}

static bool set_pattern(struct options *opts, const char *arg)
{
	return parse_u32(arg, UINT32_MAX, &opts->pattern);
}

static bool set_engine(struct options *opts, const char *arg)
{
	uint32_t id;

	if (!parse_u32(arg, UINT32_MAX - 2, &id))
		return false;
	opts->copier.queue.engine = id + 1;
	return true;
}

static bool set_queue_size(struct options *opts, const char *arg)
{
	return parse_u32(arg, UINT32_MAX, &opts->copier.queue.ring_size);
}

static bool set_mode(struct options *opts, const char *arg)
{
	bool user = !strcmp(arg, "user");

	opts->copier.mode = user ? TRN_COPIER_USER : TRN_COPIER_KERNEL;
	return user || !strcmp(arg, "kernel");
}

static bool set_depth(struct options *opts, const char *arg)
{
	return parse_u32(arg, 1024, &opts->depth) && opts->depth;
}

static bool set_runs(struct options *opts, const char *arg)
{
	return parse_u32(arg, 1000, &opts->runs) && opts->runs;
}

static const struct option_info {
	unsigned int bit;
	const char *name;
	const char *arg;	/* name of its value, or NULL */
	const char *help;
	bool (*set)(struct options *opts, const char *arg);
} table[] = {
	{ OPT_DEVICE, "device", "N", "device number, or path of its node (0)", set_device },
	{ OPT_FROM, "from", "PLACE", "source: host, hbm or hbm:STACK", set_from },
	{ OPT_TO, "to", "PLACE", "destination: host, hbm or hbm:STACK", set_to },
	{ OPT_ALL, "all", NULL, "all directions, one after the other, verified", NULL },
	{ OPT_SIZE, "size", "SIZE", "bytes, with K, M, G or T for powers of 1024", set_size },
	{ OPT_PATTERN, "pattern", "WORD", "32-bit word to fill with, say 0xdeadbeef",
	  set_pattern },
	{ OPT_RANDOM, "random", NULL, "random data instead of the same data in each run", NULL },
	{ OPT_VERIFY, "verify", NULL, "compare every byte afterwards", NULL },
	{ OPT_DEPTH, "depth", "N", "copies in flight, 1..1024", set_depth },
	{ OPT_RUNS, "runs", "N", "runs of each measurement, 1..1000", set_runs },
	{ OPT_MODE, "mode", "MODE", "queues: kernel or user (user, if the device has them)",
	  set_mode },
	{ OPT_ENGINE, "engine", "ID", "DMA engine (any)", set_engine },
	{ OPT_QUEUE_SIZE, "queue-size", "N", "descriptors in the ring (the driver's default)",
	  set_queue_size },
	{ OPT_JSON, "json", NULL, "print JSON", NULL },
};

/* The value of table[0] for getopt_long(), above all characters. */
#define FIRST_VALUE 256

static void print_help(const struct command *cmd)
{
	char left[32];

	printf("usage: trnctl %s [OPTIONS]\n\n%s\n\noptions:\n", cmd->name, cmd->summary);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (!(table[i].bit & cmd->accepts))
			continue;
		snprintf(left, sizeof(left), "--%s %s", table[i].name,
			 table[i].arg ? table[i].arg : "");
		printf("  %-20s %s\n", left, table[i].help);
	}
	printf("  %-20s %s\n", "--help", "this text");
}

static void fill_long_options(const struct command *cmd, struct option *longs)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].bit & cmd->accepts)
			longs[n++] = (struct option){
				.name = table[i].name,
				.has_arg = table[i].arg ? required_argument : no_argument,
				.val = FIRST_VALUE + i,
			};
	}
	longs[n++] = (struct option){ .name = "help", .val = 'h' };
	longs[n] = (struct option){ 0 };
}

int options_parse(const struct command *cmd, int argc, char **argv, struct options *opts)
{
	struct option longs[ARRAY_SIZE(table) + 2];
	const struct option_info *info;
	int at, value;

	fill_long_options(cmd, longs);
	*opts = cmd->defaults;
	if (!opts->device)
		opts->device = "0";
	opterr = 0;

	for (;;) {
		at = optind;
		value = getopt_long(argc, argv, ":h", longs, NULL);
		if (value == -1)
			break;
		if (value == 'h') {
			print_help(cmd);
			return STATUS_DONE;
		}
		if (value == ':')
			return usage_error(cmd->name, "'%s' needs a value", argv[at]);
		if (value == '?')
			return usage_error(cmd->name, "unknown option '%s'", argv[at]);

		info = &table[value - FIRST_VALUE];
		if (info->set && !info->set(opts, optarg))
			return usage_error(cmd->name, "'%s' is not a valid value for --%s: %s",
					   optarg, info->name, info->help);
		opts->given |= info->bit;
	}
	if (optind < argc)
		return usage_error(cmd->name, "unexpected argument '%s'", argv[optind]);
	return OPTIONS_RUN;
}
