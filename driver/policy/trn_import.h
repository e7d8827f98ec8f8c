/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_IMPORT_H
#define TRN_IMPORT_H

struct dma_buf;
struct dma_buf_attach_ops;
struct drm_device;
struct drm_gem_object;
struct trn_bo;
struct trn_device;

extern const struct dma_buf_attach_ops trn_import_ops;

struct drm_gem_object *trn_import(struct drm_device *drm, struct dma_buf *buf);
void trn_import_detach_all(struct trn_device *tdev);

#endif /* TRN_IMPORT_H */
