// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tt_device.h"
#include "tt_host.h"
#include "tt_sync.h"
#include "tt_usage.h"

/* Pages pinned and not yet unpinned; CPUs keep their shares until they are asked. */
static int64_t pinned_pages(void)
{
	char text[16];

	tt_read_file("/proc/sys/vm/stat_refresh", text, sizeof(text));
	return tt_read_field("/proc/vmstat", "nr_foll_pin_acquired") -
	       tt_read_field("/proc/vmstat", "nr_foll_pin_released");
}

int tt_usage_read(int fd, struct tt_usage *usage)
{
	struct drm_trn_region regions[TT_MAX_REGIONS];
	struct drm_trn_engine engines[TT_MAX_ENGINES];
	int i, n;

	memset(usage, 0, sizeof(*usage));
	n = tt_query_regions(fd, regions, TT_MAX_REGIONS);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_REGIONS; i++)
		usage->hbm_free += regions[i].free;
	n = tt_query_engines(fd, engines, TT_MAX_ENGINES);
	if (n < 0)
		return n;
	for (i = 0; i < n && i < TT_MAX_ENGINES; i++)
		usage->free_queues += engines[i].free_queues;
	usage->pinned_pages = pinned_pages();
	return 0;
}

int tt_usage_settle(int fd, const struct tt_usage *before)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct tt_usage now;
	int ret;

	for (;;) {
		ret = tt_usage_read(fd, &now);
		if (ret || !memcmp(&now, before, sizeof(now)))
			return ret;
		if (tt_deadline(0) > deadline) {
			fprintf(stderr, "# HBM %+lld bytes, queues %+lld, pinned pages %+lld\n",
				(long long)(now.hbm_free - before->hbm_free),
				(long long)(now.free_queues - before->free_queues),
				(long long)(now.pinned_pages - before->pinned_pages));
			return -ETIMEDOUT;
		}
		tt_sleep_ms(10);
	}
}

int64_t tt_pinned_bytes(void)
{
	return (tt_read_field("/proc/self/status", "VmLck:") +
		tt_read_field("/proc/self/status", "VmPin:")) * 1024;
}
