/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of trnctl: commands, their options, messages, sessions.
 */
#ifndef TRNCTL_H
#define TRNCTL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trn.h>

#include "place.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* Options. Each command accepts some of them. */
enum {
	OPT_DEVICE	= 1 << 0,
	OPT_JSON	= 1 << 1,
	OPT_SIZE	= 1 << 2,
	OPT_FROM	= 1 << 3,
	OPT_TO		= 1 << 4,
	OPT_ALL		= 1 << 5,
	OPT_VERIFY	= 1 << 6,
	OPT_RANDOM	= 1 << 7,
	OPT_PATTERN	= 1 << 8,
	OPT_ENGINE	= 1 << 9,
	OPT_QUEUE_SIZE	= 1 << 10,
	OPT_DEPTH	= 1 << 11,
	OPT_RUNS	= 1 << 12,
	OPT_MODE	= 1 << 13,
};

struct options {
	unsigned int given;	/* OPT_* that were on the command line */
	const char *device;	/* number or path of a node */
	uint64_t size;
	struct place from, to;
	uint32_t pattern;
	struct trn_copier_attr copier;
	uint32_t depth;
	uint32_t runs;
};

struct command {
	const char *name;
	const char *summary;
	unsigned int accepts;	/* OPT_* */
	struct options defaults;
	int (*run)(const struct options *opts);
};

extern const struct command cmd_list, cmd_info, cmd_copy, cmd_fill, cmd_bench;

/* Not an exit status: the command shall run. */
#define OPTIONS_RUN (-1)

/*
 * Returns OPTIONS_RUN, or the exit status if help was printed or the arguments are
 * wrong.
 */
int options_parse(const struct command *cmd, int argc, char **argv, struct options *opts);

/* say.c: all print one sentence on stderr. */

void say(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* Returns STATUS_FAILED. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Returns STATUS_USAGE, and tells where to find help. */
int usage_error(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* failures.c: all print one sentence on stderr and return STATUS_FAILED. */

struct session;
int fail_alloc(struct place place, uint64_t size, int err);
int fail_pin(uint64_t size, int err);
int fail_work(const struct session *session, const char *what, int err);
/* The data read differ from the data written, or the device was reset meanwhile. */
int fail_data(const struct session *session, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* device.c */

/* Opens the device of --device: a number as in trn_device_list(), or a node's path. */
int device_open(const struct options *opts, struct trn_device **dev);

/* A device and a copier for it, with --mode, --engine and --queue-size applied. */
struct session {
	struct trn_device *dev;
	struct trn_copier *copier;
	uint32_t engine;	/* id + 1, or 0 for any */
	uint64_t resets;	/* of the device, when it was opened */
};

/* "user" or "kernel" */
const char *session_mode(const struct session *session);

int session_open(const struct options *opts, struct session *session);
/* The device was reset since session_open(): the contents of its memory are lost. */
bool session_was_reset(const struct session *session);
void session_close(struct session *session);

#endif /* TRNCTL_H */
