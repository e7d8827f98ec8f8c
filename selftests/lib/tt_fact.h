/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts that a predicate combines: it is false for the first that is wrong, which is printed. */
#ifndef TT_FACT_H
#define TT_FACT_H

#include <stdbool.h>

/* True if @found is @expected; else a line with the name of the fact is printed. */
bool tt_fact(const char *name, long long expected, long long found);

#endif /* TT_FACT_H */
