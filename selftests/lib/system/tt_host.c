// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tt_host.h"

unsigned int tt_scale(unsigned int full, unsigned int small)
{
	const char *env = getenv("TRN_TEST_SCALE");

	return env && !strcmp(env, "small") ? small : full;
}

int tt_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int tt_read_file(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return -errno;
	n = read(fd, text, len - 1);
	if (n < 0)
		ret = -errno;
	else
		text[n] = 0;
	close(fd);
	return ret;
}

int64_t tt_read_field(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	int64_t value = -ENOENT;
	char line[256];
	size_t len = strlen(name);

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, len) && strchr(" \t", line[len])) {
			value = strtoll(line + len, NULL, 10);
			break;
		}
	}
	fclose(file);
	return value;
}

int tt_reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ECHILD;
}
