/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory as the chip addresses it: what a DMA engine, an event queue or the
 * mailbox reads and writes.
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
 * The first bytes of a range, as far as they are of one kind. A span in a
 * neighbour is inside it (fabric.h): every span goes to trn_mem_copy() soon,
 * which ends it.
 */
typedef struct TrnSpan {
    TrnSpanKind kind;
    uint32_t len;               /* >= 1; for NONE, how many do not decode */
    bool remote;                /* memory of peer.there, not one's own */
    bool is_hbm;
    bool is_scratch;            /* on-chip memory that is no register */
    uint8_t stack;              /* of HBM */
    void *ptr;                  /* read-only if asked for reading */
    uint64_t offset;            /* HOST: bus address; HBM: for hbm_dirty */
    TrnPeerRef peer;
} TrnSpan;

/* The span that a copy of @len bytes from @addr begins with. */
TrnSpan trn_mem_source(struct TrnChip *chip, uint64_t addr, uint32_t len);

/*
 * Host memory may be among the @len >= 1 bytes at @addr. The address that is
 * accessed is what decides, not one that it was computed from: a sum can carry
 * into the bit of the host window.
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
 * Moves what is of one kind at @dst too from @from, at address @src, and ends
 * the span. @to is what it was moved to, @to->len how much. @bounce has room for
 * @from->len bytes. Where the bus needs the big lock for host memory, and one of
 * them is, the caller holds it.
 */
TrnCopy trn_mem_copy(struct TrnChip *chip, const TrnSpan *from, uint64_t src,
                     TrnSpan *to, uint64_t dst, void *bounce);

/*
 * Small accesses, of any kind of memory. False at the first byte that does not
 * decode, with its address in *@bad if @bad. Where the bus needs the big lock
 * for host memory, the caller holds it. @len < 4 GiB.
 */
bool trn_mem_read(struct TrnChip *chip, uint64_t addr, void *buf, size_t len,
                  uint64_t *bad);
bool trn_mem_write(struct TrnChip *chip, uint64_t addr, const void *buf,
                   size_t len, uint64_t *bad);

#endif /* TRN_CORE_MEM_H */
