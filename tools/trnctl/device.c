// SPDX-License-Identifier: MIT
#include <errno.h>

#include "trnctl.h"
#include "units.h"

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
		status = fail("device %s has no user-mode queues: use --mode kernel, or none",
			      opts->device);
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
