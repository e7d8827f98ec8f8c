/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_VM_H
#define TRN_VM_H

#include <linux/types.h>

struct drm_device;
struct drm_file;
struct trn_bo;
struct trn_device;
struct trn_vm;

/* Limits of one open file. */
#define TRN_MAX_VMS		64

/*
 * An address space of the device.
 *
 * As long as a reference is held its ASID is in the device's context table and
 * belongs to nobody else. The last trn_vm_put() takes the ASID from the device and
 * then gives back tables and BOs: it sleeps, takes locks under which others
 * allocate, and trn_device.reset_sem, and so has no place in the path of a fence.
 */
struct trn_vm *trn_vm_lookup(struct drm_file *file, u32 id);
void trn_vm_get(struct trn_vm *vm);
void trn_vm_put(struct trn_vm *vm);
u32 trn_vm_asid(const struct trn_vm *vm);

void trn_vm_revoke_bo(struct trn_bo *bo);

int trn_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
void trn_vm_close_all(struct drm_file *file);
void trn_vm_remove_all(struct trn_device *tdev);

#endif /* TRN_VM_H */
