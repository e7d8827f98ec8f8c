// SPDX-License-Identifier: MIT
/*
 * How much host memory a program can have: the free memory of the machine, limited by the
 * program's memory cgroup and by those above it. The kernel kills a program that takes more.
 *
 * /proc/self/cgroup names the cgroup as seen from the root of the program's cgroup
 * namespace. A container sees the same root in /sys/fs/cgroup. Where the two do not agree,
 * missing folders are skipped.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host_memory.h"
#include "trnctl.h"

/* A version of cgroups, and how its files are named. */
static const struct hierarchy {
	const char *controller;		/* in the lines of /proc/self/cgroup */
	const char *folder;
	const char *limits[2];
	const char *usage;
	const char *cache;		/* in memory.stat: file pages that can be dropped */
} hierarchies[] = {
	{ "", "/sys/fs/cgroup", { "memory.max", "memory.high" }, "memory.current",
	  "inactive_file %" SCNu64 },
	{ "memory", "/sys/fs/cgroup/memory",
	  { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" }, "memory.usage_in_bytes",
	  "total_inactive_file %" SCNu64 },
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The number in the first line of @path that matches @format, or @otherwise. */
static uint64_t read_number(const char *path, const char *format, uint64_t otherwise)
{
	FILE *file = fopen(path, "r");
	uint64_t number = otherwise;
	char line[256];

	if (!file)
		return otherwise;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, format, &number) == 1)
			break;
	}
	fclose(file);
	return number;
}

static uint64_t read_file(const char *folder, const char *name, const char *format,
			  uint64_t otherwise)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return otherwise;
	return read_number(path, format, otherwise);
}

/* Memory that one cgroup still allows. */
static uint64_t folder_available(const struct hierarchy *hierarchy, const char *folder)
{
	uint64_t limit = UINT64_MAX, usage, cache;

	/* "max" is no number. */
	for (size_t i = 0; i < ARRAY_SIZE(hierarchy->limits); i++)
		limit = min_u64(limit, read_file(folder, hierarchy->limits[i], "%" SCNu64,
						 UINT64_MAX));
	if (limit == UINT64_MAX)
		return UINT64_MAX;
	usage = read_file(folder, hierarchy->usage, "%" SCNu64, 0);
	cache = read_file(folder, "memory.stat", hierarchy->cache, 0);
	usage -= min_u64(usage, cache);
	return limit - min_u64(limit, usage);
}

/* Memory that the cgroup at @path and those above it still allow. */
static uint64_t cgroup_available(const char *root, const struct hierarchy *hierarchy,
				 const char *path)
{
	uint64_t available = UINT64_MAX;
	char folder[PATH_MAX];
	size_t top;
	int len;

	len = snprintf(folder, sizeof(folder), "%s%s", root, hierarchy->folder);
	top = len;
	len = snprintf(folder + top, sizeof(folder) - top, "%s", path);
	if (top + len >= sizeof(folder))
		return UINT64_MAX;
	for (;;) {
		available = min_u64(available, folder_available(hierarchy, folder));
		if (strlen(folder) <= top)
			return available;
		*strrchr(folder, '/') = '\0';
	}
}

/* The list of controllers has @name; an empty list has the empty name. */
static bool has_controller(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, name, len) && (list[len] == ',' || !list[len]))
			return true;
	}
	return false;
}

static uint64_t cgroups_available(const char *root)
{
	uint64_t available = UINT64_MAX;
	char line[PATH_MAX + 128];
	char *list, *path;
	FILE *file;

	snprintf(line, sizeof(line), "%s/proc/self/cgroup", root);
	file = fopen(line, "r");
	if (!file)
		return UINT64_MAX;
	/* NUMBER:CONTROLLERS:/PATH */
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		list = strchr(line, ':');
		path = list ? strchr(list + 1, ':') : NULL;
		if (!path || path[1] != '/')
			continue;
		*path++ = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++) {
			if (has_controller(list + 1, hierarchies[i].controller))
				available = min_u64(available,
						    cgroup_available(root, &hierarchies[i], path));
		}
	}
	fclose(file);
	return available;
}

uint64_t host_memory_available(const char *root)
{
	char path[PATH_MAX];
	uint64_t kib;

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	kib = read_number(path, "MemAvailable: %" SCNu64 " kB", UINT64_MAX / 1024);
	return min_u64(kib * 1024, cgroups_available(root));
}
