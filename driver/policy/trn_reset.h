/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_RESET_H
#define TRN_RESET_H

#include <linux/pci.h>
#include <linux/types.h>

struct trn_device;
struct work_struct;

void trn_reset_device(struct trn_device *tdev, u64 reset_count);
bool trn_reset_check(struct trn_device *tdev);
u64 trn_reset_get_count(struct trn_device *tdev);
void trn_reset_check_work(struct work_struct *work);
void trn_reset_health_work(struct work_struct *work);
void trn_reset_remove(struct trn_device *tdev);

extern const struct pci_error_handlers trn_err_handlers;
extern const struct dev_pm_ops trn_pm_ops;

#endif /* TRN_RESET_H */
