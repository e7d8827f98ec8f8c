/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_IMPORT_H
#define TRN_IMPORT_H

struct dma_buf;
struct dma_buf_attachment;
struct drm_device;
struct drm_gem_object;
struct trn_bo;
struct trn_device;

struct drm_gem_object *trn_import(struct drm_device *drm, struct dma_buf *buf);
bool trn_import_is_ours(const struct dma_buf_attachment *attach);
void trn_import_free(struct trn_bo *bo);
void trn_import_detach_all(struct trn_device *tdev);

#endif /* TRN_IMPORT_H */
