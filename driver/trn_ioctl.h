/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_IOCTL_H
#define TRN_IOCTL_H

struct drm_device;
struct drm_file;

/* Handlers of the ioctls of uapi/drm/trn_accel.h, for the table in trn_drv.c. */
int trn_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_bo_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_bo_userptr_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_notify_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif /* TRN_IOCTL_H */
