// SPDX-License-Identifier: MIT
/* Host memory that a program can have, in trees like /proc and /sys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../host_memory.h"

#define MIB 1048576ull

struct file {
	const char *path, *text;
};

#define MEMINFO { "proc/meminfo", "MemTotal: 8 kB\nMemAvailable:    4096 kB\n" }

static const struct test {
	const char *name;
	uint64_t available;
	struct file files[8];
} tests[] = {
	{ "nobody tells", UINT64_MAX / 1024 * 1024, { { "proc/other", "" } } },
	{ "the machine's memory counts", 4 * MIB, { MEMINFO, { "proc/self/cgroup", "0::/a\n" } } },
	{ "a limit of the cgroup counts", 1 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/a/b\n" },
		{ "sys/fs/cgroup/a/b/memory.max", "3145728\n" },
		{ "sys/fs/cgroup/a/b/memory.current", "2097152\n" },
	} },
	{ "a limit of a cgroup above counts", 1 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/a/b\n" },
		{ "sys/fs/cgroup/a/b/memory.max", "max\n" },
		{ "sys/fs/cgroup/a/memory.high", "1048576\n" },
		{ "sys/fs/cgroup/a/memory.max", "9999999\n" },
	} },
	{ "the root of a container counts", 2 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/docker/0123\n" },
		{ "sys/fs/cgroup/memory.max", "2097152\n" },
	} },
	{ "the root of a cgroup namespace counts", 2 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/\n" },
		{ "sys/fs/cgroup/memory.max", "2097152\n" },
	} },
	{ "cached files can be dropped", 3 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/a\n" },
		{ "sys/fs/cgroup/a/memory.max", "4194304\n" },
		{ "sys/fs/cgroup/a/memory.current", "4194304\n" },
		{ "sys/fs/cgroup/a/memory.stat", "anon 5\ninactive_file 3145728\n" },
	} },
	{ "more than the limit leaves nothing", 0, {
		MEMINFO, { "proc/self/cgroup", "0::/a\n" },
		{ "sys/fs/cgroup/a/memory.max", "1048576\n" },
		{ "sys/fs/cgroup/a/memory.current", "2097152\n" },
	} },
	{ "version 1 counts", 2 * MIB, {
		MEMINFO,
		{ "proc/self/cgroup", "3:cpu,cpuacct:/x\n2:hugetlb,memory:/a\n1:name=s:/\n" },
		{ "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "5242880\n" },
		{ "sys/fs/cgroup/memory/a/memory.usage_in_bytes", "4194304\n" },
		{ "sys/fs/cgroup/memory/a/memory.stat", "total_inactive_file 1048576\n" },
		{ "sys/fs/cgroup/x/memory.max", "1\n" },
	} },
	{ "more than the machine has leaves what that has", 4 * MIB, {
		MEMINFO, { "proc/self/cgroup", "0::/a\nbroken\n0:\n" },
		{ "sys/fs/cgroup/a/memory.max", "18446744073709551614\n" },
	} },
};

static void write_file(const char *root, const struct file *file)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, file->path);
	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
	f = fopen(path, "w");
	if (!f || fputs(file->text, f) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static int run(const struct test *test)
{
	char root[] = "/tmp/trn-host-memory-XXXXXX", command[64];
	uint64_t available;

	if (!mkdtemp(root))
		return 1;
	for (size_t i = 0; i < 8 && test->files[i].path; i++)
		write_file(root, &test->files[i]);
	available = host_memory_available(root);
	if (available != test->available)
		fprintf(stderr, "# %llu bytes, not %llu\n", (unsigned long long)available,
			(unsigned long long)test->available);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command) || available != test->available;
}

int main(void)
{
	size_t count = sizeof(tests) / sizeof(*tests);
	int failed = 0, bad;

	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		bad = run(&tests[i]);
		printf("%sok %zu %s\n", bad ? "not " : "", i + 1, tests[i].name);
		failed |= bad;
	}
	return failed;
}
