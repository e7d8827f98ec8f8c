// SPDX-License-Identifier: MIT
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
	ret = trn_queue_new(session->dev, &opts->queue, &session->queue);
	if (!ret)
		return STATUS_DONE;
	status = fail_queue(session->dev, opts->queue.engine, ret);
	trn_device_unref(session->dev);
	return status;
}

void session_close(struct session *session)
{
	trn_queue_unref(session->queue);
	trn_device_unref(session->dev);
}
