/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_USER_H
#define TRN_USER_H

#include <linux/types.h>

struct trn_budget;
struct trn_device;

/*
 * Resources of a device that all open files of one user id have together. The user id is
 * that of the opener of the file, also if another process uses the file.
 */
struct trn_user {
	struct trn_device *tdev;
	unsigned long uid;		/* index in trn_device.users */
	unsigned int num_refs;		/* lock of trn_device.users */
	struct trn_budget *hbm;		/* against trn_device.max_hbm_bytes */
	struct trn_budget *vms;		/* number of VMs */
	struct trn_budget *queues;	/* number of queues, against trn_device.max_user_queues */
};

struct trn_user *trn_user_obtain(struct trn_device *tdev);
struct trn_user *trn_user_get(struct trn_user *user);
void trn_user_put(struct trn_user *user);

#endif /* TRN_USER_H */
