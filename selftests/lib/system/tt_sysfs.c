// SPDX-License-Identifier: GPL-2.0-only
#include "tt_sysfs.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

int tt_unbind(const char *bdf)
{
	return tt_write_file("/sys/bus/pci/drivers/trn/unbind", bdf);
}

int tt_bind(const char *bdf)
{
	return tt_write_file("/sys/bus/pci/drivers/trn/bind", bdf);
}

int tt_reset(const char *bdf)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", bdf);
	return tt_write_file(path, "1");
}

uint32_t *tt_bar_map(int fd, int bar, uint64_t offset)
{
	char bdf[32], path[PATH_MAX];
	char *page;
	int file;

	if (tt_device_bdf(fd, bdf, sizeof(bdf)))
		return NULL;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d", bdf, bar);
	file = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	if (file < 0)
		return NULL;
	page = mmap(NULL, TT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file,
		    offset & ~(TT_PAGE - 1));
	close(file);
	return page == MAP_FAILED ? NULL : (uint32_t *)(page + (offset & (TT_PAGE - 1)));
}

void tt_bar_unmap(uint32_t *reg)
{
	munmap((void *)((uintptr_t)reg & ~(TT_PAGE - 1)), TT_PAGE);
}

int tt_device_reopen(struct tt_device *dev)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	int ret;

	while ((ret = tt_device_open(dev)) && tt_deadline(0) < deadline) {
		tt_device_close(dev);
		tt_sleep_ms(10);
	}
	return ret;
}

static char found_module[PATH_MAX];

static int match_module(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	if (type != FTW_F || strcmp(path + ftw->base, "trn.ko"))
		return 0;
	snprintf(found_module, sizeof(found_module), "%s", path);
	return 1;
}

int tt_module_path(char *path, size_t len)
{
	const char *env = getenv("TRN_TEST_MODULE");
	struct utsname name;

	if (env && *env)
		return snprintf(path, len, "%s", env) < (int)len ? 0 : -ENAMETOOLONG;
	if (uname(&name))
		return -errno;
	snprintf(path, len, "/lib/modules/%s", name.release);
	if (nftw(path, match_module, 8, FTW_PHYS) != 1)
		return -ENOENT;
	return snprintf(path, len, "%s", found_module) < (int)len ? 0 : -ENAMETOOLONG;
}

int tt_module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

int tt_module_unload(void)
{
	return syscall(SYS_delete_module, "trn", O_NONBLOCK) ? -errno : 0;
}

int tt_module_unload_unused(void)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	int ret;

	while ((ret = tt_module_unload()) == -EAGAIN && tt_deadline(0) < deadline)
		tt_sleep_ms(10);
	return ret;
}
