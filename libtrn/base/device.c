// SPDX-License-Identifier: MIT
/*
 * Finding devices and opening them.
 *
 * The enumeration of libdrm does not include accel nodes, so devices are found in
 * /sys/class/accel: accelN is a Trainium device if its parent is bound to the trn driver.
 * That folder lists all devices of the machine, also in a container that has only some of
 * their nodes. Devices without a node are therefore left out, and devices whose node may
 * not be opened come last.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#include "base/ioctl.h"
#include "base/util.h"

#define ACCEL_CLASS_DIR "/sys/class/accel"
#define ACCEL_NODE_DIR "/dev/accel"

/* Bytes of the mark: one page, since MADV_WIPEONFORK acts on pages. */
#define MARK_BYTES 4096

/* PIDs do not tell a parent from its child: in PID namespaces both can be 1. */
bool trn_device_is_ours(const struct trn_device *dev)
{
	return *dev->mark;
}

/* Make a flag that is true in this process and becomes false in a child of fork(). */
static int mark_make(const bool **out)
{
	bool *mark;

	mark = mmap(NULL, MARK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mark == MAP_FAILED)
		return -ENOMEM;
	if (madvise(mark, MARK_BYTES, MADV_WIPEONFORK)) {
		munmap(mark, MARK_BYTES);
		return -EOPNOTSUPP;
	}
	*mark = true;
	*out = mark;
	return 0;
}

static void mark_free(const bool *mark)
{
	munmap((void *)mark, MARK_BYTES);
}

/* Read the last component of the target of a symbolic link. */
static int read_link_name(int dir_fd, const char *link, char *name, size_t size)
{
	char target[PATH_MAX];
	const char *base;
	ssize_t len;

	len = readlinkat(dir_fd, link, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (strlen(base) >= size)
		return -ENAMETOOLONG;
	memcpy(name, base, strlen(base) + 1);
	return 0;
}

/* Fill @entry and return true if @name is "accelN" of a device that trn drives. */
static bool entry_read(int class_fd, const char *node_dir, const char *name,
		       struct trn_device_entry *entry)
{
	char driver[sizeof(TRN_DRIVER_NAME)];
	char link[64];
	unsigned int index;
	int end = 0;

	if (sscanf(name, "accel%u%n", &index, &end) != 1 || name[end])
		return false;
	snprintf(link, sizeof(link), "accel%u/device/driver", index);
	if (read_link_name(class_fd, link, driver, sizeof(driver)) ||
	    strcmp(driver, TRN_DRIVER_NAME))
		return false;

	memset(entry, 0, sizeof(*entry));
	entry->index = index;
	snprintf(entry->path, sizeof(entry->path), "%s/accel%u", node_dir, index);
	snprintf(link, sizeof(link), "accel%u/device", index);
	return !read_link_name(class_fd, link, entry->pci, sizeof(entry->pci));
}

static bool has_node(const struct trn_device_entry *entry)
{
	return !access(entry->path, F_OK) || (errno != ENOENT && errno != ENOTDIR);
}

static bool may_be_opened(const struct trn_device_entry *entry)
{
	return !access(entry->path, R_OK | W_OK);
}

/* Insert @entry, and keep the @max entries of lowest index, sorted. @count came before. */
static void entry_insert(struct trn_device_entry *entries, size_t max, size_t count,
			 const struct trn_device_entry *entry)
{
	size_t at = count < max ? count : max;

	while (at && entries[at - 1].index > entry->index) {
		if (at < max)
			entries[at] = entries[at - 1];
		at--;
	}
	if (at < max)
		entries[at] = *entry;
}

/* List the devices whose node may be opened, or else those whose node may not. */
static size_t scan(DIR *dir, const char *node_dir, bool openable,
		   struct trn_device_entry *entries, size_t max)
{
	struct trn_device_entry entry;
	struct dirent *ent;
	size_t count = 0;

	rewinddir(dir);
	while ((ent = readdir(dir))) {
		if (entry_read(dirfd(dir), node_dir, ent->d_name, &entry) && has_node(&entry) &&
		    may_be_opened(&entry) == openable)
			entry_insert(entries, max, count++, &entry);
	}
	return count;
}

int trn_device_scan(const char *class_dir, const char *node_dir,
		    struct trn_device_entry *entries, size_t max)
{
	int saved = errno, ret;
	size_t count, rest;
	DIR *dir;

	dir = opendir(class_dir);
	if (!dir) {
		/* A kernel without accel devices has no such class. */
		ret = errno == ENOENT ? 0 : -errno;
		goto out;
	}
	count = scan(dir, node_dir, true, entries, max);
	rest = count < max ? max - count : 0;
	ret = count + scan(dir, node_dir, false, rest ? entries + count : NULL, rest);
	closedir(dir);
out:
	errno = saved;
	return ret;
}

int trn_device_list(struct trn_device_entry *entries, size_t max)
{
	if (max && !entries)
		return -EINVAL;
	return trn_device_scan(ACCEL_CLASS_DIR, ACCEL_NODE_DIR, entries, max);
}

int trn_device_open(unsigned int n, struct trn_device **dev)
{
	struct trn_device_entry *entries;
	int count, ret;

	count = trn_device_list(NULL, 0);
	if (count < 0)
		return count;
	if (n >= (unsigned int)count)
		return -ENODEV;

	entries = trn_zalloc(n + 1, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	count = trn_device_list(entries, n + 1);
	if (count < 0)
		ret = count;
	else if (n >= (unsigned int)count)	/* unplugged meanwhile */
		ret = -ENODEV;
	else
		ret = trn_device_open_path(entries[n].path, dev);
	free(entries);
	return ret;
}

static int open_node(const char *path)
{
	int fd;

	do {
		fd = open(path, O_RDWR | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd >= 0)
		return fd;

	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENXIO:
		return -ENODEV;
	case EPERM:
	case EROFS:
		return -EACCES;
	case EISDIR:
		return -EPROTONOSUPPORT;
	default:
		return -errno;
	}
}

/* The error for a file without a driver version: most such files are not DRM nodes. */
static int error_of_version(int err)
{
	switch (err) {
	case ENODEV:
	case ENOMEM:
	case EIO:
		return -err;
	case EACCES:
	case EPERM:
		return -EACCES;
	default:
		return -EPROTONOSUPPORT;
	}
}

/* Check that the driver of the file has the name and major version of this library. */
static int check_driver(struct trn_device *dev)
{
	drmVersionPtr version;
	int ret = 0;

	errno = 0;
	version = drmGetVersion(dev->fd);
	if (!version)
		return error_of_version(errno);
	dev->version[0] = version->version_major;
	dev->version[1] = version->version_minor;
	dev->version[2] = version->version_patchlevel;
	if (!version->name || strcmp(version->name, TRN_DRIVER_NAME) ||
	    version->version_major != TRN_DRIVER_MAJOR)
		ret = -EPROTONOSUPPORT;
	drmFreeVersion(version);
	return ret;
}

int trn_device_open_path(const char *path, struct trn_device **out)
{
	struct trn_device *dev;
	int saved = errno;
	int ret;

	if (!path || !out)
		return -EINVAL;
	dev = trn_zalloc(1, sizeof(*dev));
	if (!dev)
		return -ENOMEM;
	atomic_init(&dev->refs, 1);
	pthread_mutex_init(&dev->lock, NULL);
	ret = mark_make(&dev->mark);
	if (ret)
		goto err_free;

	ret = open_node(path);
	if (ret < 0)
		goto err_mark;
	dev->fd = ret;
	ret = check_driver(dev);
	if (ret)
		goto err_close;
	ret = trn_query(dev, DRM_TRN_QUERY_DEVICE, &dev->limits, sizeof(dev->limits));
	if (ret)
		goto err_close;

	errno = saved;
	*out = dev;
	return 0;

err_close:
	close(dev->fd);
err_mark:
	mark_free(dev->mark);
err_free:
	pthread_mutex_destroy(&dev->lock);
	free(dev);
	errno = saved;
	return ret;
}

struct trn_device *trn_device_ref(struct trn_device *dev)
{
	trn_ref_get(&dev->refs);
	return dev;
}

void trn_device_unref(struct trn_device *dev)
{
	int saved = errno;

	if (!dev || !trn_ref_put(&dev->refs))
		return;
	close(dev->fd);
	mark_free(dev->mark);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
	errno = saved;
}

int trn_device_fd(const struct trn_device *dev)
{
	return dev->fd;
}
