/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors (HW 4.1 to 4.3): sixteen bytes, copied from the ring before
 * anything in them is believed, then decoded here.
 */
#ifndef TRN_CORE_DESC_H
#define TRN_CORE_DESC_H

#include "../port.h"
#include "../../regs/trn_ops.h"
#include "../../regs/trn_udma.h"

typedef struct TrnDesc {
    uint32_t w0;
    uint32_t w1;
    uint64_t addr;
} TrnDesc;

static inline TrnDesc trn_desc_decode(const uint8_t *raw)
{
    return (TrnDesc) {
        .w0 = trn_get_le32(raw),
        .w1 = trn_get_le32(raw + 4),
        .addr = trn_get_le64(raw + 8),
    };
}

/* HW 4.1: a length of 0 means 64 KiB, in both directions. */
static inline uint32_t trn_desc_len(const TrnDesc *d)
{
    uint32_t len = d->w0 & TRN_DESC_W0_LEN;

    return len ? len : TRN_DESC_MAX_LEN;
}

static inline unsigned trn_desc_ring_id(const TrnDesc *d)
{
    return trn_field_get(TRN_DESC_W0_RING_ID, d->w0);
}

/* A metadata descriptor has no buffer (family 3.3). */
static inline bool trn_desc_is_meta(const TrnDesc *d)
{
    return d->w0 & TRN_M2S_W0_META;
}

/*
 * Operation words that are plain copies: class 2 type 0 (HW 4.3), and class 0
 * type 0, the word of a packet's later buffers and the RAID unit's copy
 * (family 7.2 and 7.3).
 */
static inline bool trn_desc_op_is_copy(const TrnDesc *d)
{
    unsigned op = trn_field_get(TRN_META_OP, d->w1);

    return !(d->w1 & TRN_META_OP_TYPE) && (op == TRN_META_OP_COPY || op == 0);
}

/*
 * What else a copy's operation word can ask for: swaps, CRCs, bits that mean
 * nothing. Where their operands and results lie is not known (HW 4.3, 13).
 */
static inline bool trn_desc_op_has_extras(const TrnDesc *d)
{
    return d->w1 & TRN_META_EXTRAS;
}

/* The first descriptor of a packet: it is an inline operation (trnx.md 12). */
static inline bool trn_desc_is_inline(const TrnDesc *d)
{
    return trn_desc_is_meta(d) && (d->w0 & TRN_M2S_W0_FIRST) &&
           !(d->w1 & TRN_META_OP_TYPE) &&
           trn_field_get(TRN_META_OP, d->w1) == TRN_META_OP_INLINE;
}

#endif /* TRN_CORE_DESC_H */
