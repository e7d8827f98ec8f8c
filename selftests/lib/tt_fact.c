// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tt_fact.h"

bool tt_fact(const char *name, long long expected, long long found)
{
	if (found != expected)
		fprintf(stderr, "# %s: %lld instead of %lld\n", name, found, expected);
	return found == expected;
}
