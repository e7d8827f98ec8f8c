// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users of a device, and the resources that they have.
 *
 * Scarce resources are counted per user and not per open file, because a process can open
 * any number of files. A user stays in trn_device.users as long as it has an open file or
 * a counted resource. So closing a file does not make the count forget anything.
 */
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "base/trn_user.h"

static void trn_user_free(struct trn_user *user)
{
	trn_budget_put(user->queues);
	trn_budget_put(user->vms);
	trn_budget_put(user->hbm);
	kfree(user);
}

static struct trn_user *trn_user_alloc(struct trn_device *tdev, unsigned long uid)
{
	struct trn_user *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return NULL;
	user->num_refs = 1;
	user->tdev = tdev;
	user->uid = uid;
	user->hbm = trn_budget_create(S64_MAX);
	user->vms = trn_budget_create(TRN_MAX_USER_VMS);
	user->queues = trn_budget_create(S64_MAX);
	if (user->hbm && user->vms && user->queues)
		return user;
	trn_user_free(user);
	return NULL;
}

/**
 * trn_user_obtain() - Get the user of the calling process.
 * @tdev: the device
 *
 * Return: the user, with a reference, or NULL without memory.
 */
struct trn_user *trn_user_obtain(struct trn_device *tdev)
{
	unsigned long uid = __kuid_val(current_euid());
	struct trn_user *new = trn_user_alloc(tdev, uid);
	struct trn_user *user;

	if (!new)
		return NULL;
	xa_lock(&tdev->users);
	user = __xa_cmpxchg(&tdev->users, uid, NULL, new, GFP_KERNEL_ACCOUNT);
	if (!user)
		swap(user, new);
	else if (xa_is_err(user))
		user = NULL;
	else
		user->num_refs++;
	xa_unlock(&tdev->users);
	if (new)
		trn_user_free(new);
	return user;
}

struct trn_user *trn_user_get(struct trn_user *user)
{
	xa_lock(&user->tdev->users);
	user->num_refs++;
	xa_unlock(&user->tdev->users);
	return user;
}

void trn_user_put(struct trn_user *user)
{
	struct trn_device *tdev;
	bool is_last;

	if (!user)
		return;
	tdev = user->tdev;
	xa_lock(&tdev->users);
	is_last = !--user->num_refs;
	if (is_last)
		__xa_erase(&tdev->users, user->uid);
	xa_unlock(&tdev->users);
	if (is_last)
		trn_user_free(user);
}
