// SPDX-License-Identifier: MIT
/*
 * Two system calls that nothing else makes here mark where the interval begins and
 * where it ends: those that turn tracing on and off stand outside of it. That both
 * marks are in the trace also shows that the tracepoint sees what this thread calls.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSTANCE "/sys/kernel/tracing/instances/trn-bench"
#define MARK SYS_getpgrp

static int put(const char *file, const char *text)
{
	char path[128];
	int fd, ret = 0;

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int trace_begin(void)
{
	char filter[64];
	int ret;

	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return -errno;
	snprintf(filter, sizeof(filter), "common_pid == %d", (int)gettid());
	ret = put("trace", "");
	if (!ret)
		ret = put("events/raw_syscalls/sys_enter/filter", filter);
	if (!ret)
		ret = put("events/raw_syscalls/sys_enter/enable", "1");
	if (!ret)
		ret = put("events/trn/enable", "1");
	if (!ret)
		ret = put("tracing_on", "1");
	syscall(MARK);
	return ret;
}

/* The number of the call in a line of the trace, or -1 for another event. */
static long syscall_of(const char *line)
{
	const char *at = strstr(line, "sys_enter: NR ");

	return at ? strtol(at + strlen("sys_enter: NR "), NULL, 10) : -1;
}

static int count_events(struct trace_counts *counts)
{
	FILE *file = fopen(INSTANCE "/trace", "re");
	unsigned int marks = 0;
	char line[512];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		long nr = syscall_of(line);

		if (line[0] == '#')
			continue;
		if (nr == MARK)
			marks++;
		else if (marks == 1 && nr >= 0)
			counts->syscalls++;
		else if (marks == 1)
			counts->driver++;
	}
	fclose(file);
	/* Without both marks the trace has lost what stood between them. */
	return marks == 2 ? 0 : -EOVERFLOW;
}

int trace_end(struct trace_counts *counts)
{
	int ret;

	syscall(MARK);
	ret = put("tracing_on", "0");
	memset(counts, 0, sizeof(*counts));
	if (!ret)
		ret = count_events(counts);
	rmdir(INSTANCE);
	return ret;
}
