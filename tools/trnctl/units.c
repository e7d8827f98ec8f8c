// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

static const char suffixes[] = "KMGT";

bool parse_size(const char *text, uint64_t *size)
{
	unsigned long long number;
	const char *suffix;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (!*end) {
		*size = number;
		return true;
	}
	suffix = strchr(suffixes, *end >= 'a' ? *end - 'a' + 'A' : *end);
	if (!suffix || (end[1] && strcmp(end + 1, "iB")))
		return false;
	return !__builtin_mul_overflow(number, 1ull << (10 * (suffix - suffixes + 1)), size);
}

bool parse_u32(const char *text, uint32_t max, uint32_t *value)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || *end || number > max)
		return false;
	*value = number;
	return true;
}

const char *format_size(uint64_t size, char text[SIZE_TEXT_MAX])
{
	uint64_t unit = 1;
	int power = -1;

	while (power < 3 && size / unit >= 1024) {
		unit *= 1024;
		power++;
	}
	if (power < 0)
		snprintf(text, SIZE_TEXT_MAX, "%u bytes", (unsigned int)size);
	else if (size % unit)
		snprintf(text, SIZE_TEXT_MAX, "%.2f %ciB", (double)size / unit, suffixes[power]);
	else
		snprintf(text, SIZE_TEXT_MAX, "%u %ciB", (unsigned int)(size / unit),
			 suffixes[power]);
	return text;
}
