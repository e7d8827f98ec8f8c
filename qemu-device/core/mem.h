/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory by chip address, for DMA engines, event queues and the mailbox.
 */
#ifndef TRN_CORE_MEM_H
#define TRN_CORE_MEM_H

#include "fabric/fabric.h"

typedef enum TrnSpanKind {
    TRN_SPAN_NONE,              /* AXI error */
    TRN_SPAN_PTR,               /* plain memory at ptr */
    TRN_SPAN_HOST,              /* bus address offset, through TrnBus */
    TRN_SPAN_REG,               /* 32-bit registers */
} TrnSpanKind;

/*
 * The first bytes of a range, up to where their kind changes. A span of a
 * neighbour's memory holds a reference to the neighbour (fabric/fabric.h), so
 * each span must go to trn_mem_copy() soon, which ends it.
 */
typedef struct TrnSpan {
    TrnSpanKind kind;
    uint32_t len;               /* >= 1; NONE: bytes that do not decode */
    bool remote;                /* memory of peer.there */
    bool is_hbm;
    bool is_scratch;            /* on-chip memory, not a register */
    uint8_t stack;              /* of HBM */
    void *ptr;                  /* read-only if asked for reading */
    uint64_t offset;            /* HOST: bus address; HBM: for hbm_dirty */
    TrnPeerRef peer;
} TrnSpan;

/* The span that a copy of @len bytes from @addr begins with. */
TrnSpan trn_mem_source(struct TrnChip *chip, uint64_t addr, uint32_t len);

/*
 * True if host memory may be among the @len >= 1 bytes at @addr. @addr must be
 * the address of the access itself: a sum can carry into the bit of the host
 * window.
 */
static inline bool trn_mem_touches_host(uint64_t addr, uint32_t len)
{
    return (addr | (addr + len - 1)) & TRN_CHIP_HOST;
}

typedef enum TrnCopy {
    TRN_COPY_OK,
    TRN_COPY_BAD_SOURCE,
    TRN_COPY_BAD_TARGET,
} TrnCopy;

/*
 * Copies from @from, at address @src, to @dst, up to where the kind of memory
 * at @dst changes, and ends the span. @to is the span at @dst, @to->len the
 * bytes copied. @bounce has room for @from->len bytes. The caller holds the big
 * lock if either side is host memory and the bus needs the lock for that.
 */
TrnCopy trn_mem_copy(struct TrnChip *chip, const TrnSpan *from, uint64_t src,
                     TrnSpan *to, uint64_t dst, void *bounce);

/*
 * Small accesses to any kind of memory. False at the first byte that does not
 * decode; its address is in *@bad, unless @bad is NULL. The caller holds the
 * big lock if the bus needs it for host memory. @len < 4 GiB.
 */
bool trn_mem_read(struct TrnChip *chip, uint64_t addr, void *buf, size_t len,
                  uint64_t *bad);
bool trn_mem_write(struct TrnChip *chip, uint64_t addr, const void *buf,
                   size_t len, uint64_t *bad);

#endif /* TRN_CORE_MEM_H */
