// SPDX-License-Identifier: GPL-2.0-only
#include "tt_qmp.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>

#define PORTS "/sys/class/virtio-ports"
#define LINE 4096

/* Device node of the monitor's port. */
static int find_port(char *path, size_t len)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	int ret = -ENOENT;

	while (dir && ret && (entry = readdir(dir))) {
		char file[PATH_MAX], name[64];

		snprintf(file, sizeof(file), PORTS "/%s/name", entry->d_name);
		if (tt_read_file(file, name, sizeof(name)) || strncmp(name, "trn.qmp", 7))
			continue;
		ret = snprintf(path, len, "/dev/%s", entry->d_name) < (int)len ? 0 : -ENAMETOOLONG;
	}
	if (dir)
		closedir(dir);
	return ret;
}

static int read_line(int qmp, char *line, int64_t deadline)
{
	struct pollfd pfd = { .fd = qmp, .events = POLLIN };
	size_t len = 0;

	while (tt_deadline(0) < deadline) {
		char c;

		if (poll(&pfd, 1, 100) <= 0 || read(qmp, &c, 1) != 1)
			continue;
		if (c == '\n') {
			line[len] = '\0';
			return 0;
		}
		if (c != '\r' && len < LINE - 1)
			line[len++] = c;
	}
	return -ETIMEDOUT;
}

int tt_qmp_execute(int qmp, const char *command, const char *arguments)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	char line[LINE], id[32];
	static int number;
	int len, ret;

	number++;
	snprintf(id, sizeof(id), "\"%d-%d\"", getpid(), number);
	len = snprintf(line, sizeof(line), "{\"execute\":\"%s\",\"arguments\":{%s},\"id\":%s}\n",
		       command, arguments, id);
	if (len >= (int)sizeof(line))
		return -ENAMETOOLONG;
	if (write(qmp, line, len) != len)
		return -EIO;
	/* Before the answer may come a greeting, and events. */
	while (!(ret = read_line(qmp, line, deadline)))
		if (strstr(line, id))
			return strstr(line, "\"return\"") ? 0 : -EREMOTEIO;
	return ret;
}

int tt_qmp_open(void)
{
	char path[PATH_MAX];
	int ret = find_port(path, sizeof(path));
	int qmp;

	if (ret)
		return ret;
	qmp = open(path, O_RDWR | O_CLOEXEC);
	if (qmp < 0)
		return -errno;
	/* Refused to all but the first program that opens the monitor. */
	ret = tt_qmp_execute(qmp, "qmp_capabilities", "");
	if (ret && ret != -EREMOTEIO) {
		close(qmp);
		return ret;
	}
	return qmp;
}

int tt_qmp_set(int qmp, const char *property, const char *value)
{
	char arguments[256];

	snprintf(arguments, sizeof(arguments),
		 "\"path\":\"/machine/peripheral/trn0\",\"property\":\"%s\",\"value\":%s", property,
		 value);
	return tt_qmp_execute(qmp, "qom-set", arguments);
}

int tt_qmp_set_number(int qmp, const char *property, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return tt_qmp_set(qmp, property, text);
}
