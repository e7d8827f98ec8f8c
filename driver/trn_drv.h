/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_DRV_H
#define TRN_DRV_H

struct attribute_group;
struct drm_device;
struct trn_device;

extern const struct attribute_group *trn_sysfs_groups[];

int trn_device_init(struct trn_device *tdev);
void trn_device_fini(struct trn_device *tdev);

#ifdef CONFIG_DEBUG_FS
void trn_debugfs_init(struct drm_device *drm);
#else
static inline void trn_debugfs_init(struct drm_device *drm) {}
#endif

#endif /* TRN_DRV_H */
