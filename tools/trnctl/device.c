// SPDX-License-Identifier: MIT
/*
 * Opening a device, and a copier for it.
 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "trnctl.h"
#include "units.h"

#define NODES_MAX	64

/* The node of @device, which is a number of trn_device_list() or a path. */
static void find_node(const char *device, char *path, size_t size)
{
	struct trn_device_entry entries[NODES_MAX];
	uint32_t number;
	int count;

	snprintf(path, size, "%s", device);
	if (!parse_u32(device, NODES_MAX - 1, &number))
		return;
	count = trn_device_list(entries, NODES_MAX);
	if (count > 0 && number < (uint32_t)count)
		snprintf(path, size, "%s", entries[number].path);
}

static int fail_access(const char *device)
{
	const mode_t both = S_IRGRP | S_IWGRP;
	const struct group *group = NULL;
	char node[PATH_MAX];
	struct stat st;

	find_node(device, node, sizeof(node));
	if (!stat(node, &st) && st.st_gid && (st.st_mode & both) == both)
		group = getgrgid(st.st_gid);
	if (group)
		return fail("you may not open device %s: its node %s is for root and the members "
			    "of the group '%s'; let root add you ('usermod -aG %s USER'), then "
			    "log in again", device, node, group->gr_name, group->gr_name);
	return fail("you may not open device %s: its node %s is for root alone; the udev rule that "
		    "'make install' adds, as root, lets the members of the group 'render' open it",
		    device, node);
}

static int fail_open(const char *device, int err)
{
	switch (err) {
	case -ENODEV:
		return fail("there is no device %s: 'trnctl list' shows all devices; if it shows "
			    "none, load the driver with 'modprobe trn' and look at the kernel "
			    "log, or give the container the device's node", device);
	case -EACCES:
		return fail_access(device);
	case -EBUSY:
		return fail("device %s is in use: another program opened it exclusively", device);
	default:
		return fail("cannot open device %s: %s", device, trn_strerror(err));
	}
}

int device_open(const struct options *opts, struct trn_device **dev)
{
	uint32_t number;
	int ret;

	if (parse_u32(opts->device, UINT32_MAX, &number))
		ret = trn_device_open(number, dev);
	else
		ret = trn_device_open_path(opts->device, dev);
	return ret ? fail_open(opts->device, ret) : STATUS_DONE;
}

int session_open(const struct options *opts, struct session *session)
{
	int status, ret;

	status = device_open(opts, &session->dev);
	if (status)
		return status;
	session->engine = opts->copier.queue.engine;
	ret = trn_device_get_resets(session->dev, &session->resets);
	if (!ret)
		ret = trn_copier_new(session->dev, &opts->copier, &session->copier);
	if (!ret)
		return STATUS_DONE;
	if (ret == -EOPNOTSUPP)
		status = fail("device %s has no user-mode queues: use --mode kernel, or leave "
			      "--mode out", opts->device);
	else
		status = fail("cannot use device %s: %s", opts->device, trn_strerror(ret));
	trn_device_unref(session->dev);
	return status;
}

bool session_was_reset(const struct session *session)
{
	uint64_t resets;

	return !trn_device_get_resets(session->dev, &resets) && resets != session->resets;
}

const char *session_mode(const struct session *session)
{
	return trn_copier_is_user_mode(session->copier) ? "user" : "kernel";
}

void session_close(struct session *session)
{
	trn_copier_unref(session->copier);
	trn_device_unref(session->dev);
}
