// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "json.h"

/* Of the document: a run prints one. */
static unsigned int depth;
static bool follows;		/* another value precedes, at the same depth */

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

/* Print separator, indentation and name of a value. */
static void begin_value(const char *name)
{
	if (follows)
		putchar(',');
	if (depth)
		printf("\n%*s", 2 * depth, "");
	if (name) {
		print_string(name);
		printf(": ");
	}
	follows = true;
}

void json_open(const char *name, char bracket)
{
	begin_value(name);
	putchar(bracket);
	depth++;
	follows = false;
}

void json_close(char bracket)
{
	depth--;
	if (follows)
		printf("\n%*s", 2 * depth, "");
	putchar(bracket);
	follows = true;
	if (!depth)
		putchar('\n');
}

void json_string(const char *name, const char *value)
{
	begin_value(name);
	print_string(value);
}

void json_u64(const char *name, uint64_t value)
{
	begin_value(name);
	printf("%llu", (unsigned long long)value);
}

void json_real(const char *name, double value)
{
	begin_value(name);
	printf("%.6g", value);
}

void json_bool(const char *name, bool value)
{
	begin_value(name);
	printf(value ? "true" : "false");
}
