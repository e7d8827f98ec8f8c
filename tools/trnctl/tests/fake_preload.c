// SPDX-License-Identifier: MIT
/*
 * The fake kernel of libtrn's tests under a whole program: preloaded, and told by
 * FAKE_TRN what should go wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drm.h>
#include <drm/trn_accel.h>

#include "fake_kernel.h"

static const struct mishap {
	const char *name;
	unsigned long request;
	int error;
} mishaps[] = {
	{ "no-hbm", DRM_IOCTL_TRN_BO_CREATE, ENOSPC },
	{ "no-pin", DRM_IOCTL_TRN_BO_USERPTR, ENOMEM },
	{ "no-queue", DRM_IOCTL_TRN_QUEUE_CREATE, EBUSY },
	{ "no-info", DRM_IOCTL_TRN_DEV_QUERY, EIO },
};

__attribute__((constructor)) static void set_up(void)
{
	const char *what = getenv("FAKE_TRN");

	if (!what)
		return;
	fake.corrupt = !strcmp(what, "corrupt");
	fake.work_error = strcmp(what, "fault") ? 0 : EIO;
	fake.resets = !strncmp(what, "reset-", 6);
	if (!strcmp(what, "reset-data"))
		fake.corrupt = true;
	if (!strcmp(what, "reset-work"))
		fake.work_error = ECANCELED;
	if (!strcmp(what, "bus"))
		fake.signal_request = DRM_IOCTL_TRN_BO_CREATE;
	if (!strcmp(what, "no-user-mode"))
		fake.caps = 0;
	if (!strcmp(what, "other-driver"))
		fake.driver = "ivpu";
	for (size_t i = 0; i < sizeof(mishaps) / sizeof(*mishaps); i++) {
		if (!strcmp(what, mishaps[i].name)) {
			fake.fail_request = mishaps[i].request;
			fake.fail_errno = mishaps[i].error;
		}
	}
}
