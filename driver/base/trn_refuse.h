/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_REFUSE_H
#define TRN_REFUSE_H

#include <linux/sched.h>
#include <drm/drm_print.h>

/*
 * Refuse a call of a process: the value is @error, a negative errno, and a debug message
 * (drm.debug=0x2) names the field and its value. Arguments are numbers only, since strings
 * of a process could forge lines of the log.
 */
#define trn_refuse(drm, error, fmt, ...)						\
({											\
	int refused_with = (error);							\
											\
	drm_dbg(drm, "pid %d is refused (%d): " fmt "\n", task_pid_nr(current),		\
		refused_with, ##__VA_ARGS__);						\
	refused_with;									\
})

#endif /* TRN_REFUSE_H */
