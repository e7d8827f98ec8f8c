// SPDX-License-Identifier: MIT
/* trnctl: look at a Trainium device, and move memory with it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trnctl.h"

static const struct command *const commands[] = {
	&cmd_list, &cmd_info, &cmd_copy, &cmd_fill, &cmd_bench,
};

static void print_help(void)
{
	printf("usage: trnctl COMMAND [OPTIONS]\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'trnctl COMMAND --help' lists the options of a command.\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* Buffered output may still fail to be written, for example to a full disk. */
static int flush_output(int status)
{
	if (fflush(stdout) || ferror(stdout))
		return fail("cannot write the output: %s", strerror(errno));
	return status;
}

/* A reset or a removed device ends the mappings of its memory: an access is a SIGBUS. */
static void on_bus_error(int signal)
{
	static const char text[] = "trnctl: the device was reset or is gone, and the contents of "
				   "its memory are lost\n";
	ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)signal;
	(void)written;
	_exit(STATUS_FAILED);
}

int main(int argc, char **argv)
{
	const struct command *cmd;
	struct options opts;
	int status;

	signal(SIGBUS, on_bus_error);
	if (argc < 2)
		return usage_error(NULL, "a command is missing");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return flush_output(STATUS_DONE);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("trnctl %d.%d\n", TRN_VERSION_MAJOR, TRN_VERSION_MINOR);
		return flush_output(STATUS_DONE);
	}
	cmd = find_command(argv[1]);
	if (!cmd)
		return usage_error(NULL, "unknown command '%s'", argv[1]);

	status = options_parse(cmd, argc - 1, argv + 1, &opts);
	if (status == OPTIONS_RUN)
		status = cmd->run(&opts);
	return flush_output(status);
}
