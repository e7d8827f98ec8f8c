// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <limits.h>

#include "tt_inject.h"
#include "tt_test.h"

static int nth_file = -1;

static int nth_write(const char *text)
{
	/* The injected failure may hit the user copy of this very write: it is then used up. */
	if (pwrite(nth_file, text, strlen(text), 0) >= 0)
		return 0;
	return errno == EFAULT && pwrite(nth_file, text, strlen(text), 0) >= 0 ? 0 : -errno;
}

int tt_inject_start(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return nth_write(text);
}

bool tt_inject_stop(void)
{
	char text[16] = "";
	bool hit = pread(nth_file, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	nth_write("0");
	return hit;
}

/* First and last address of a function of the kernel, as text; false if unknown. */
static bool function_range(const char *name, char *start, char *end, size_t len)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long long at, first = 0, next = ~0ull;
	char symbol[256];

	while (file && fscanf(file, "%llx %*c %255s%*[^\n]", &at, symbol) == 2) {
		if (!strcmp(symbol, name))
			first = at;
		else if (first && at > first && at < next)
			next = at;
	}
	if (file)
		fclose(file);
	snprintf(start, len, "%#llx", first);
	snprintf(end, len, "%#llx", next);
	return first;
}

static void set_knob(const char *dir, const char *knob, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, knob);
	tt_write_file(path, value);
}

int tt_inject_open(void)
{
	static const char * const kinds[] = {
		"failslab", "fail_page_alloc", "fail_usercopy", NULL,
	};
	char start[32], end[32];
	size_t i;

	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_file < 0)
		return -errno;
	/* The DRM core of 6.12 drops a reference to its result even if that is an error. */
	if (!function_range("drm_sysfs_minor_alloc", start, end, sizeof(start)))
		return -ENOENT;
	for (i = 0; kinds[i]; i++) {
		set_knob(kinds[i], "verbose", "0");
		set_knob(kinds[i], "stacktrace-depth", "32");
		set_knob(kinds[i], "reject-start", start);
		set_knob(kinds[i], "reject-end", end);
	}
	set_knob("failslab", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	set_knob("fail_page_alloc", "min-order", "0");
	return 0;
}

void tt_inject_close(void)
{
	close(nth_file);
}
