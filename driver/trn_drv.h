/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_DRV_H
#define TRN_DRV_H

struct drm_device;
struct drm_file;

int trn_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_notify_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int trn_queue_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#ifdef CONFIG_DEBUG_FS
void trn_debugfs_init(struct drm_device *drm);
#else
static inline void trn_debugfs_init(struct drm_device *drm) {}
#endif

#endif /* TRN_DRV_H */
