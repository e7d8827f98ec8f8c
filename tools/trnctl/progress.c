// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <unistd.h>

#include <trn.h>

#include "progress.h"

/* Between two updates. Shorter work shows nothing. */
#define INTERVAL_NS 200000000ll

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	progress->what = what;
	progress->total = total;
	progress->shown_at = isatty(STDERR_FILENO) ? trn_deadline(0) : INT64_MAX;
}

void progress_update(struct progress *progress, uint64_t done)
{
	int64_t now;

	if (progress->shown_at == INT64_MAX)
		return;
	now = trn_deadline(0);
	if (now - progress->shown_at < INTERVAL_NS)
		return;
	progress->shown_at = now;
	fprintf(stderr, "\r\033[K%s: %u %%", progress->what,
		(unsigned int)(progress->total ? 100.0 * done / progress->total : 100));
}

void progress_end(struct progress *progress)
{
	if (progress->shown_at != INT64_MAX)
		fputs("\r\033[K", stderr);
}
