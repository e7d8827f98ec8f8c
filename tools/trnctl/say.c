// SPDX-License-Identifier: MIT
/*
 * Messages on stderr, which begin with the name of the program.
 */
#include <stdio.h>

#include "trnctl.h"

void say(const char *format, va_list args)
{
	fflush(stdout);
	fputs("trnctl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return STATUS_FAILED;
}

int usage_error(const char *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Try 'trnctl %s%s--help'.\n", command ? command : "", command ? " " : "");
	return STATUS_USAGE;
}
