/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_EXPORT_H
#define TRN_EXPORT_H

#include <kunit/visibility.h>

struct dma_buf;
struct dma_buf_attachment;
struct drm_gem_object;
struct trn_bo;
struct trn_device;
struct work_struct;

struct dma_buf *trn_export(struct drm_gem_object *obj, int flags);
struct trn_bo *trn_export_find_bo(struct trn_device *tdev, struct dma_buf *buf);
void trn_export_revoke_all(struct trn_device *tdev);
void trn_export_revoke_work(struct work_struct *work);

#if IS_ENABLED(CONFIG_KUNIT)
int trn_export_attach(struct dma_buf *buf, struct dma_buf_attachment *attach);
int trn_export_pin(struct dma_buf_attachment *attach);
#endif

#endif /* TRN_EXPORT_H */
