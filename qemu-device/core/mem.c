/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mem.h"
#include "chip.h"
#include "words.h"

/*
 * Bytes of registers in a span. Each word is an access to a register, with
 * locks of its own, and the engine stops only between spans.
 */
#define REG_SPAN    1024u

static TrnSpan mem_reg_span(uint32_t len)
{
    return (TrnSpan) { .kind = TRN_SPAN_REG, .len = MIN(len, REG_SPAN) };
}

static TrnSpan mem_scratch_span(TrnChip *chip, uint64_t offset, uint32_t len,
                                bool write)
{
    TrnScratch *s = &chip->scratch;
    uint64_t avail;
    void *p = write ? trn_scratch_poke(s, offset, &avail)
                    : (void *)trn_scratch_peek(s, offset, &avail);

    len = MIN(len, avail);
    if (!p) {
        trn_log_once(chip, TRN_ONCE_SCRATCH_FULL, TRN_LOG_GUEST_ERROR,
                     "SBUF, TOP_SP and PREPROC together exceed the limit of "
                     "0x%" PRIx64 " bytes", chip->cfg.scratch_size);
        return (TrnSpan) { .kind = TRN_SPAN_NONE, .len = len };
    }
    return (TrnSpan) {
        .kind = TRN_SPAN_PTR, .len = len, .ptr = p, .is_scratch = true,
    };
}

/* A window of memory with a semaphore block at @sem. */
static TrnSpan mem_window_span(TrnChip *chip, uint64_t window, uint32_t sem,
                               uint64_t offset, uint32_t len, bool write)
{
    if (offset >= sem && offset < sem + TRN_SEM_BLOCK_SIZE) {
        return mem_reg_span(MIN(len, sem + TRN_SEM_BLOCK_SIZE - offset));
    }
    if (offset < sem) {
        len = MIN(len, sem - offset);
    }
    return mem_scratch_span(chip, window + offset, len, write);
}

static TrnSpan mem_own_span(TrnChip *chip, const TrnTarget *t, uint32_t len,
                            bool write)
{
    uint64_t in_hbm = t->index * chip->cfg.hbm_slot + t->offset;

    len = MIN(len, t->avail);
    switch (t->kind) {
    case TRN_TARGET_HBM:
        return (TrnSpan) {
            .kind = TRN_SPAN_PTR,
            .len = len,
            .ptr = chip->cfg.hbm + in_hbm,
            .is_hbm = true,
            .stack = t->index,
            .offset = in_hbm,
        };
    case TRN_TARGET_HOST:
        return (TrnSpan) {
            .kind = TRN_SPAN_HOST, .len = len, .offset = t->offset,
        };
    case TRN_TARGET_TPB:
        return mem_window_span(chip, TRN_SCRATCH_TPB(t->index),
                               TRN_TPB_SEMAPHORES, t->offset, len, write);
    case TRN_TARGET_TOP_SP:
        return mem_window_span(chip, TRN_SCRATCH_TOP_SP(t->index), 0, t->offset,
                               len, write);
    case TRN_TARGET_PREPROC:
        return mem_scratch_span(chip, TRN_SCRATCH_PREPROC(t->index) + t->offset,
                                len, write);
    case TRN_TARGET_APB:
        return mem_reg_span(len);
    case TRN_TARGET_NEIGHBOUR:
    case TRN_TARGET_NONE:
        break;
    }
    return (TrnSpan) { .kind = TRN_SPAN_NONE, .len = len };
}

/*
 * Only what is on the neighbour's chip: host memory is reached through the
 * chip's own window, and links do not forward.
 */
static TrnSpan mem_neighbour_span(TrnChip *chip, const TrnTarget *window,
                                  uint32_t len, bool write, const TrnChip *held)
{
    TrnPeerRef peer = trn_fabric_enter(chip, window->index, write, held);
    TrnSpan s = { .kind = TRN_SPAN_NONE, .len = len };

    if (peer.there) {
        TrnTarget t = trn_addrmap_chip(window->offset,
                                       trn_chip_hbm_usable(peer.there));

        if (t.kind != TRN_TARGET_HOST) {
            s = mem_own_span(peer.there, &t, len, write);
        }
        if (s.kind == TRN_SPAN_NONE) {
            trn_fabric_leave_failed(chip, &peer);
        } else {
            s.remote = true;
            s.peer = peer;
        }
    }
    return s;
}

/* @held: the neighbour that the caller has a reference to, or NULL. */
static TrnSpan mem_begin_span(TrnChip *chip, uint64_t addr, uint32_t len,
                              bool write, const TrnChip *held)
{
    TrnTarget t = trn_addrmap_chip(addr, trn_chip_hbm_usable(chip));

    if (t.kind == TRN_TARGET_NEIGHBOUR) {
        return mem_neighbour_span(chip, &t, MIN(len, t.avail), write, held);
    }
    return mem_own_span(chip, &t, len, write);
}

TrnSpan trn_mem_source(TrnChip *chip, uint64_t addr, uint32_t len)
{
    return mem_begin_span(chip, addr, len, false, NULL);
}

/* Ends the span after @bytes of it were moved. */
static void mem_end_span(TrnChip *chip, const TrnSpan *s, uint32_t bytes)
{
    if (s->remote) {
        trn_fabric_leave(chip, &s->peer, bytes, s->is_hbm ? s->stack : -1);
    }
}

static void mem_end_span_failed(TrnChip *chip, const TrnSpan *s)
{
    if (s->remote) {
        trn_fabric_leave_failed(chip, &s->peer);
    }
}

/* Register accesses are whole words; anything else is an AXI error. */
static bool mem_reg_access_ok(uint64_t addr, size_t len)
{
    return !(addr & 3) && !(len & 3);
}

/* BAR0 offset of a register that DMA addresses, for span kind REG. */
static uint32_t mem_reg_offset(TrnChip *chip, uint64_t addr)
{
    uint64_t on_chip = addr & (TRN_CHIP_NEIGHBOUR_STRIDE - 1);
    TrnTarget t = trn_addrmap_chip(on_chip, trn_chip_hbm_usable(chip));

    switch (t.kind) {
    case TRN_TARGET_TPB:
        return TRN_BAR0_TPB + t.index * TRN_TPB_WINDOW + t.offset;
    case TRN_TARGET_TOP_SP:
        return TRN_BAR0_TOP_SP + t.index * TRN_TOP_SP_SIZE + t.offset;
    default:
        return t.offset;
    }
}

static bool mem_read_regs(TrnChip *chip, uint64_t addr, uint8_t *buf,
                          size_t len)
{
    uint32_t offset = mem_reg_offset(chip, addr);

    if (!mem_reg_access_ok(addr, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i += 4) {
        trn_put_le32(buf + i, trn_chip_dma_read(chip, offset + i));
    }
    return true;
}

static bool mem_write_regs(TrnChip *chip, uint64_t addr, const uint8_t *buf,
                           size_t len)
{
    uint32_t offset = mem_reg_offset(chip, addr);

    if (!mem_reg_access_ok(addr, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i += 4) {
        trn_chip_dma_write(chip, offset + i, trn_get_le32(buf + i));
    }
    return true;
}

/* The chip whose memory a span of @chip is. */
static TrnChip *mem_owner(TrnChip *chip, const TrnSpan *s)
{
    return s->remote ? s->peer.there : chip;
}

static void mem_mark_dirty(TrnChip *chip, const TrnSpan *s, uint32_t len)
{
    chip = mem_owner(chip, s);
    if (s->is_hbm && chip->bus->hbm_dirty) {
        chip->bus->hbm_dirty(chip->opaque, s->offset, len);
    }
    if (s->is_scratch) {
        trn_scratch_dirty(chip, s->ptr, len);
    }
}

static bool mem_read_span(TrnChip *chip, const TrnSpan *s, uint64_t addr,
                          void *buf, uint32_t len)
{
    switch (s->kind) {
    case TRN_SPAN_PTR:
        trn_move(buf, s->ptr, len);
        return true;
    case TRN_SPAN_HOST:
        return chip->bus->host_read(chip->opaque, s->offset, buf, len);
    case TRN_SPAN_REG:
        return mem_read_regs(mem_owner(chip, s), addr, buf, len);
    default:
        return false;
    }
}

static bool mem_write_span(TrnChip *chip, const TrnSpan *s, uint64_t addr,
                           const void *buf, uint32_t len)
{
    switch (s->kind) {
    case TRN_SPAN_PTR:
        trn_move(s->ptr, buf, len);
        mem_mark_dirty(chip, s, len);
        return true;
    case TRN_SPAN_HOST:
        return chip->bus->host_write(chip->opaque, s->offset, buf, len);
    case TRN_SPAN_REG:
        return mem_write_regs(mem_owner(chip, s), addr, buf, len);
    default:
        return false;
    }
}

static TrnCopy mem_copy_span(TrnChip *chip, const TrnSpan *from, uint64_t src,
                             const TrnSpan *to, uint64_t dst, uint32_t len,
                             void *bounce)
{
    const void *data = from->ptr;

    if (to->kind == TRN_SPAN_NONE) {
        return TRN_COPY_BAD_TARGET;
    }
    if (to->kind == TRN_SPAN_PTR && from->kind != TRN_SPAN_PTR) {
        bool ok = mem_read_span(chip, from, src, to->ptr, len);

        /* After a failed read, the number of bytes read is unknown. */
        mem_mark_dirty(chip, to, len);
        return ok ? TRN_COPY_OK : TRN_COPY_BAD_SOURCE;
    }
    if (from->kind != TRN_SPAN_PTR) {
        if (!mem_read_span(chip, from, src, bounce, len)) {
            return TRN_COPY_BAD_SOURCE;
        }
        data = bounce;
    }
    return mem_write_span(chip, to, dst, data, len) ? TRN_COPY_OK
                                                : TRN_COPY_BAD_TARGET;
}

static TrnCopy mem_copy_and_end(TrnChip *chip, const TrnSpan *from,
                                uint64_t src, const TrnSpan *to, uint64_t dst,
                                void *bounce)
{
    TrnCopy result = mem_copy_span(chip, from, src, to, dst, to->len, bounce);

    switch (result) {
    case TRN_COPY_OK:
        mem_end_span(chip, from, to->len);
        mem_end_span(chip, to, to->len);
        break;
    case TRN_COPY_BAD_SOURCE:
        mem_end_span_failed(chip, from);
        mem_end_span(chip, to, 0);
        break;
    case TRN_COPY_BAD_TARGET:
        mem_end_span(chip, from, 0);
        mem_end_span_failed(chip, to);
        break;
    }
    return result;
}

/* No reference to a neighbour is held while the bus accesses host memory. */
static TrnCopy mem_copy_to_host(TrnChip *chip, const TrnSpan *from,
                                uint64_t src, const TrnSpan *to, uint64_t dst,
                                void *bounce)
{
    if (!mem_read_span(chip, from, src, bounce, to->len)) {
        mem_end_span_failed(chip, from);
        return TRN_COPY_BAD_SOURCE;
    }
    mem_end_span(chip, from, to->len);
    return mem_write_span(chip, to, dst, bounce, to->len) ? TRN_COPY_OK
                                                      : TRN_COPY_BAD_TARGET;
}

/*
 * The other direction. The neighbour may leave the fabric before the second
 * reference is taken.
 */
static TrnCopy mem_copy_from_host(TrnChip *chip, const TrnSpan *from,
                                  uint64_t src, TrnSpan *to, uint64_t dst,
                                  void *bounce)
{
    TrnSpan taken = { .kind = TRN_SPAN_PTR, .len = to->len, .ptr = bounce };

    mem_end_span(chip, to, 0);
    if (!mem_read_span(chip, from, src, bounce, to->len)) {
        return TRN_COPY_BAD_SOURCE;
    }
    *to = mem_begin_span(chip, dst, to->len, true, NULL);
    return mem_copy_and_end(chip, &taken, src, to, dst, NULL);
}

TrnCopy trn_mem_copy(TrnChip *chip, const TrnSpan *from, uint64_t src,
                     TrnSpan *to, uint64_t dst, void *bounce)
{
    *to = mem_begin_span(chip, dst, from->len, true,
                     from->remote ? from->peer.there : NULL);
    if (from->remote && to->kind == TRN_SPAN_HOST) {
        return mem_copy_to_host(chip, from, src, to, dst, bounce);
    }
    if (from->kind == TRN_SPAN_HOST && to->remote) {
        return mem_copy_from_host(chip, from, src, to, dst, bounce);
    }
    return mem_copy_and_end(chip, from, src, to, dst, bounce);
}

bool trn_mem_read(TrnChip *chip, uint64_t addr, void *buf, size_t len,
                  uint64_t *bad)
{
    for (size_t done = 0; done < len; ) {
        TrnSpan s = mem_begin_span(chip, addr + done, len - done, false, NULL);

        bool ok = mem_read_span(chip, &s, addr + done, (uint8_t *)buf + done,
                                s.len);

        if (!ok) {
            mem_end_span_failed(chip, &s);
            if (bad) {
                *bad = addr + done;
            }
            return false;
        }
        mem_end_span(chip, &s, s.len);
        done += s.len;
    }
    return true;
}

bool trn_mem_write(TrnChip *chip, uint64_t addr, const void *buf, size_t len,
                   uint64_t *bad)
{
    for (size_t done = 0; done < len; ) {
        TrnSpan s = mem_begin_span(chip, addr + done, len - done, true, NULL);

        bool ok = mem_write_span(chip, &s, addr + done,
                                 (const uint8_t *)buf + done, s.len);

        if (!ok) {
            mem_end_span_failed(chip, &s);
            if (bad) {
                *bad = addr + done;
            }
            return false;
        }
        mem_end_span(chip, &s, s.len);
        done += s.len;
    }
    return true;
}
