/* SPDX-License-Identifier: MIT */
/* Progress of long work: one line on stderr, if that is a terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

struct progress {
	const char *what;
	uint64_t total;
	int64_t shown_at;	/* ns; INT64_MAX = never show */
};

void progress_begin(struct progress *progress, const char *what, uint64_t total);
void progress_update(struct progress *progress, uint64_t done);
/* Clears the line. */
void progress_end(struct progress *progress);

#endif /* PROGRESS_H */
