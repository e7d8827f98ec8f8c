/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_GEM_MMAP_H
#define TRN_GEM_MMAP_H

#include <linux/mm.h>

struct drm_gem_object;
struct trn_device;

extern const struct vm_operations_struct trn_gem_vm_ops;

int trn_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma);
int trn_gem_forbid_exec(struct vm_area_struct *vma);
void trn_gem_hide_hbm(struct trn_device *tdev);
void trn_gem_show_hbm(struct trn_device *tdev);

#endif /* TRN_GEM_MMAP_H */
