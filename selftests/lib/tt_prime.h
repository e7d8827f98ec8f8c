/* SPDX-License-Identifier: GPL-2.0-only */
/* BOs as dma-bufs, and dma-bufs as BOs. */
#ifndef TT_PRIME_H
#define TT_PRIME_H

#include "tt_test.h"

/* Descriptor of the dma-buf of a BO, or -errno. */
int tt_export(const struct tt_bo *bo);
/* A BO of a dma-buf, without a mapping. */
int tt_import(int fd, int buf, struct tt_bo *bo);
/* A dma-buf of a memfd, whose memory is at @mem; its descriptor, or -errno. */
int tt_udmabuf_create(size_t size, void **mem);
/* Two descriptors of one dma-buf. */
bool tt_is_same_buf(int a, int b);

#endif /* TT_PRIME_H */
