/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDMA engine: execution of inline operations, a bounded piece at a time (trnx
 * manual, 12).
 *
 * An operation is a sequence of elements of the destination, innermost
 * dimension first (TRANSPOSE: square tiles). TrnQueue.inline_pos is the number
 * of elements done. A piece continues there, in rows along the innermost
 * dimension, and advances the position after each row that it writes. A piece
 * is never interrupted, so no element is added twice. Each piece reads
 * descriptors, operands and indices again, because the guest may have changed
 * them. The position may then belong to another operation, which is harmless:
 * every address is checked at its use.
 */
#include "../udma/run.h"
#include "../chip.h"
#include "fp.h"

/* Limits of a piece. Work is roughly the number of memory accesses. */
#define PIECE_BYTES     (64u << 10)
#define PIECE_WORK      1024u
#define ELEMENTS_A_WORK 16u     /* converted or added in the time of one */
#define WORK_A_PIECE    128u    /* what a turn counts as a piece */

typedef struct TrnPiece {
    TrnExec *exec;
    TrnInlineOp op;
    const TrnDesc *m2s;         /* of the packet: operands, sources */
    const TrnDesc *s2m;
    uint32_t bytes;             /* that it may still move */
    uint32_t work;
    uint32_t patterns;          /* ready in the buffer */
    bool row_known;             /* row_index is that of row (GATHER, SCATTER) */
    uint64_t row;
    uint64_t row_index;
    bool at_target;             /* where it failed */
    uint64_t bad;
} TrnPiece;

/* Elements of a row from some position on. */
typedef struct TrnRow {
    uint64_t src;               /* offset from the address of each source */
    uint64_t dst;               /* address */
    uint64_t left;              /* to the end of the innermost dimension */
    bool skip;                  /* its index is out of bounds, and so be it */
} TrnRow;

/* --- memory --- */

typedef enum TrnWay {
    WAY_READ_SOURCE,
    WAY_READ_TARGET,
    WAY_WRITE_TARGET,
} TrnWay;

/* Counts for telemetry and for the timing model. */
static void inline_count_access(TrnExec *exec, uint64_t addr, uint32_t n,
                                bool write)
{
    TrnTarget t = trn_addrmap_chip(addr, trn_chip_hbm_usable(exec->chip));
    TrnActivity *a = &exec->e->activity;

    if (t.kind == TRN_TARGET_HBM) {
        trn_activity_add(&a->stack_bytes[t.index], n);
    }
    if (write) {
        trn_activity_add(&a->bytes, n);
    }
    if (exec->e->timing) {
        trn_cost_add(exec->chip, &exec->cost, addr, n, write);
    }
}

/* @len bytes that the queue calls @va, from or to @buf: TRNX_ERR_*. */
static unsigned inline_access_bytes(TrnPiece *p, TrnWay way, uint64_t va,
                                    void *buf, uint32_t len)
{
    TrnExec *exec = p->exec;
    bool write = way == WAY_WRITE_TARGET;
    bool at_target = way != WAY_READ_SOURCE;

    for (uint32_t done = 0, n; done < len; done += n) {
        uint8_t *at = (uint8_t *)buf + done;
        uint64_t addr = 0, bad = 0;
        unsigned code;

        n = len - done;
        code = trn_exec_translate(exec, write ? TRNX_ACCESS_TARGET
                                            : TRNX_ACCESS_SOURCE,
                                  va + done, &addr, &n);
        if (code != TRNX_ERR_NONE) {
            bad = addr;
        } else if (write ? !trn_mem_write(exec->chip, addr, at, n, &bad)
                         : !trn_mem_read(exec->chip, addr, at, n, &bad)) {
            code = at_target ? TRNX_ERR_S2M_DATA : TRNX_ERR_M2S_DATA;
        }
        if (code != TRNX_ERR_NONE) {
            exec->access = at_target ? TRNX_ACCESS_TARGET : TRNX_ACCESS_SOURCE;
            p->at_target = at_target;
            p->bad = va + done + (bad - addr);
            return code;
        }
        inline_count_access(exec, addr, n, write);
    }
    return TRNX_ERR_NONE;
}

/* @n elements of @size bytes, @stride bytes from one to the next. */
static unsigned inline_access_elements(TrnPiece *p, TrnWay way, uint64_t va,
                                       uint64_t stride, unsigned size,
                                       uint8_t *buf, uint32_t n)
{
    if (stride == size) {
        return inline_access_bytes(p, way, va, buf, n * size);
    }
    for (uint32_t i = 0; i < n; i++) {
        unsigned code = inline_access_bytes(p, way, va + i * stride,
                                            buf + i * size, size);

        if (code != TRNX_ERR_NONE) {
            return code;
        }
    }
    return TRNX_ERR_NONE;
}

static unsigned inline_read_source(TrnPiece *p, unsigned source,
                                   const TrnRow *r, uint8_t *buf, uint32_t n)
{
    return inline_access_elements(p, WAY_READ_SOURCE,
                                  p->m2s[1 + source].addr + r->src,
                                  p->op.src_stride[0], p->op.src_size, buf, n);
}

static unsigned inline_write_target(TrnPiece *p, const TrnRow *r, uint8_t *buf,
                                    uint32_t n)
{
    return inline_access_elements(p, WAY_WRITE_TARGET, r->dst,
                                  p->op.dst_stride[0], p->op.dst_size, buf, n);
}

/* --- where the elements are --- */

/* Reads index @row of the list into p->row_index: TRNX_ERR_*. */
static unsigned inline_read_index(TrnPiece *p, uint64_t row)
{
    uint8_t raw[8] = { 0 };
    unsigned code;

    if (p->row_known && p->row == row) {
        return TRNX_ERR_NONE;
    }
    code = inline_access_bytes(p, WAY_READ_SOURCE,
                               p->op.index_addr + row * p->op.index_size, raw,
                               p->op.index_size);
    if (code == TRNX_ERR_NONE) {
        p->row_known = true;
        p->row = row;
        p->row_index = trn_get_le64(raw);
        p->work -= MIN(p->work, 1);
    }
    return code;
}

/* The row of index @row: the dimension of indices, of one side. */
static unsigned inline_locate_indexed(TrnPiece *p, uint64_t row, TrnRow *r)
{
    const TrnInlineOp *op = &p->op;
    bool gather = op->opcode == TRN_INLINE_GATHER;
    unsigned code = inline_read_index(p, row);

    if (code != TRNX_ERR_NONE) {
        return code;
    }
    if (p->row_index >= op->bound) {
        if (op->flags & TRN_INLINE_SKIP_BOUND) {
            r->skip = true;
            return TRNX_ERR_NONE;
        }
        p->at_target = false;
        p->bad = op->index_addr + row * op->index_size;
        return TRNX_ERR_INDEX;
    }
    r->src += (gather ? p->row_index : row) * op->src_stride[op->dims - 1];
    r->dst += (gather ? row : p->row_index) * op->dst_stride[op->dims - 1];
    return TRNX_ERR_NONE;
}

/* The row from element @pos on, which is below op->total. */
static unsigned inline_locate(TrnPiece *p, uint64_t pos, TrnRow *r)
{
    const TrnInlineOp *op = &p->op;

    *r = (TrnRow) { .dst = p->s2m->addr, .left = op->size[0] };
    for (unsigned d = 0; d < op->dims; d++) {
        bool last = d + 1 == op->dims;
        uint64_t i = last ? pos : pos % op->size[d];

        if (last && op->indexed) {
            return inline_locate_indexed(p, i, r);
        }
        if (!d) {
            r->left -= i;
        }
        r->src += i * op->src_stride[d];
        r->dst += i * op->dst_stride[d];
        if (!last) {
            pos /= op->size[d];
        }
    }
    return TRNX_ERR_NONE;
}

/* Elements of the row of an index from @pos on. */
static uint64_t inline_rest_of_index(const TrnInlineOp *op, uint64_t pos)
{
    uint64_t row = op->total / op->size[op->dims - 1];

    return row - pos % row;
}

/* --- what is done to @n elements of a row --- */

static bool inline_is_dense(const TrnInlineOp *op)
{
    return op->dst_stride[0] == op->dst_size &&
           (!op->sources || op->src_stride[0] == op->src_size);
}

/* Elements that are contiguous at both ends and need no conversion. */
static bool inline_is_plain(const TrnInlineOp *op)
{
    return op->opcode != TRN_INLINE_FILL &&
           op->opcode != TRN_INLINE_ACCUMULATE && inline_is_dense(op) &&
           op->src_type == op->dst_type;
}

static unsigned inline_copy_plain(TrnPiece *p, const TrnRow *r, uint32_t n)
{
    uint32_t bytes = n * p->op.dst_size;

    for (uint32_t done = 0, len; done < bytes; done += len) {
        uint64_t src = p->m2s[1].addr + r->src + done;
        uint64_t dst = r->dst + done;
        unsigned code;

        len = bytes - done;
        code = trn_exec_copy(p->exec, src, dst, &len, &p->at_target);
        if (code != TRNX_ERR_NONE) {
            p->bad = p->at_target ? dst : src;
            return code;
        }
    }
    return TRNX_ERR_NONE;
}

static unsigned inline_copy_elements(TrnPiece *p, const TrnRow *r, uint32_t n)
{
    TrnInlineBuffers *b = &p->exec->inl;
    const TrnInlineOp *op = &p->op;
    unsigned code = inline_read_source(p, 0, r, b->in, n);

    if (code != TRNX_ERR_NONE) {
        return code;
    }
    trn_fp_cast(b->out, op->dst_type, b->in, op->src_type, n,
                op->flags & TRN_INLINE_SATURATE);
    return inline_write_target(p, r, b->out, n);
}

static unsigned inline_fill(TrnPiece *p, const TrnRow *r, uint32_t n)
{
    uint8_t *out = p->exec->inl.out;
    unsigned size = p->op.dst_size;
    uint8_t pattern[8];

    trn_put_le64(pattern, p->op.pattern);
    for (; p->patterns < n; p->patterns++) {
        memcpy(out + p->patterns * size, pattern, size);
    }
    return inline_write_target(p, r, out, n);
}

/* Source @i as F32, in one of the buffers in and out. */
static unsigned inline_read_addend(TrnPiece *p, unsigned i, const TrnRow *r,
                                   uint32_t n, const uint8_t **addend)
{
    TrnInlineBuffers *b = &p->exec->inl;
    unsigned code = inline_read_source(p, i, r, b->in, n);

    *addend = b->in;
    if (code == TRNX_ERR_NONE && p->op.src_type != TRN_DTYPE_F32) {
        trn_fp_cast(b->out, TRN_DTYPE_F32, b->in, p->op.src_type, n, false);
        *addend = b->out;
    }
    return code;
}

static unsigned inline_accumulate(TrnPiece *p, const TrnRow *r, uint32_t n)
{
    TrnInlineBuffers *b = &p->exec->inl;
    const TrnInlineOp *op = &p->op;
    bool begun = op->flags & TRN_INLINE_ADD_TO_DST;
    unsigned code;

    if (begun) {
        code = inline_access_elements(p, WAY_READ_TARGET, r->dst,
                                      op->dst_stride[0], op->dst_size, b->in,
                                      n);
        if (code != TRNX_ERR_NONE) {
            return code;
        }
        trn_fp_cast(b->sum, TRN_DTYPE_F32, b->in, op->dst_type, n, false);
    }
    for (unsigned i = 0; i < op->sources; i++) {
        const uint8_t *addend;

        code = inline_read_addend(p, i, r, n, &addend);
        if (code != TRNX_ERR_NONE) {
            return code;
        }
        if (begun) {
            trn_fp_add(b->sum, addend, n);
        } else {
            memcpy(b->sum, addend, n * 4);
            begun = true;
        }
    }
    trn_fp_cast(b->out, op->dst_type, b->sum, TRN_DTYPE_F32, n,
                op->flags & TRN_INLINE_SATURATE);
    return inline_write_target(p, r, b->out, n);
}

/* --- pieces --- */

/* Number of elements of the row that the piece may take; accounts for them. */
static uint32_t inline_take_elements(TrnPiece *p, uint64_t left)
{
    const TrnInlineOp *op = &p->op;
    uint32_t each = MAX(op->src_size * op->sources, op->dst_size);
    uint64_t n = MIN(left, p->bytes / each);
    uint32_t work;

    if (inline_is_plain(op)) {
        work = 2;
    } else if (op->opcode == TRN_INLINE_FILL && inline_is_dense(op)) {
        n = MIN(n, sizeof(p->exec->inl.out) / op->dst_size);
        work = 2;
    } else {
        uint32_t passes = op->sources + 1 +
                          !!(op->flags & TRN_INLINE_ADD_TO_DST);
        uint32_t a_work = inline_is_dense(op) ? ELEMENTS_A_WORK : 1;

        n = MIN(n, MIN(TRN_INLINE_ELEMENTS, p->work * a_work / passes));
        work = 1 + n * passes / a_work;
    }
    p->work -= MIN(p->work, work);
    p->bytes -= n * each;
    return n;
}

static unsigned inline_do_rows(TrnPiece *p)
{
    TrnQueue *q = p->exec->q;

    while (q->inline_pos < p->op.total && p->work) {
        uint64_t n;
        TrnRow r;
        unsigned code = inline_locate(p, q->inline_pos, &r);

        if (code != TRNX_ERR_NONE) {
            return code;
        }
        if (r.skip) {
            q->inline_pos += inline_rest_of_index(&p->op, q->inline_pos);
            continue;
        }
        n = inline_take_elements(p, r.left);
        if (!n) {
            break;
        }
        code = p->op.opcode == TRN_INLINE_FILL ? inline_fill(p, &r, n)
               : p->op.opcode == TRN_INLINE_ACCUMULATE
                   ? inline_accumulate(p, &r, n)
               : inline_is_plain(&p->op) ? inline_copy_plain(p, &r, n)
                                         : inline_copy_elements(p, &r, n);
        if (code != TRNX_ERR_NONE) {
            return code;
        }
        q->inline_pos += n;
    }
    return TRNX_ERR_NONE;
}

/* @w columns and @h rows of @in become @h columns and @w rows of @out. */
static inline void inline_turn_tile(uint8_t *out, const uint8_t *in, unsigned w,
                                    unsigned h, unsigned size)
{
    for (unsigned c = 0; c < w; c++) {
        for (unsigned r = 0; r < h; r++) {
            memcpy(out + (c * h + r) * size, in + (r * w + c) * size, size);
        }
    }
}

/* The tile whose first element is in column @c0 and row @r0 of the source. */
static unsigned inline_transpose_tile(TrnPiece *p, uint64_t c0, uint64_t r0,
                                      unsigned w, unsigned h)
{
    TrnInlineBuffers *b = &p->exec->inl;
    const TrnInlineOp *op = &p->op;
    uint64_t src = p->m2s[1].addr + r0 * op->src_stride[1] + c0 * op->src_size;
    uint64_t dst = p->s2m->addr + c0 * op->dst_stride[1] + r0 * op->dst_size;
    unsigned code = TRNX_ERR_NONE;

    for (unsigned r = 0; r < h && code == TRNX_ERR_NONE; r++) {
        code = inline_access_bytes(
            p, WAY_READ_SOURCE, src + r * op->src_stride[1],
            b->in + r * w * op->src_size, w * op->src_size);
    }
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    trn_fp_cast(b->out, op->dst_type, b->in, op->src_type, w * h,
                op->flags & TRN_INLINE_SATURATE);
    if (op->dst_size == 2) {
        inline_turn_tile(b->in, b->out, w, h, 2);
    } else {
        inline_turn_tile(b->in, b->out, w, h, 4);
    }
    for (unsigned c = 0; c < w && code == TRNX_ERR_NONE; c++) {
        code = inline_access_bytes(
            p, WAY_WRITE_TARGET, dst + c * op->dst_stride[1],
            b->in + c * h * op->dst_size, h * op->dst_size);
    }
    return code;
}

static unsigned inline_do_tiles(TrnPiece *p)
{
    TrnQueue *q = p->exec->q;
    const TrnInlineOp *op = &p->op;
    uint64_t across = (op->size[0] + TRN_INLINE_TILE - 1) / TRN_INLINE_TILE;

    while (q->inline_pos < op->total && p->work) {
        uint64_t c0 = q->inline_pos % across * TRN_INLINE_TILE;
        uint64_t r0 = q->inline_pos / across * TRN_INLINE_TILE;
        unsigned w = MIN(op->size[0] - c0, TRN_INLINE_TILE);
        unsigned h = MIN(op->size[1] - r0, TRN_INLINE_TILE);
        unsigned code = inline_transpose_tile(p, c0, r0, w, h);

        if (code != TRNX_ERR_NONE) {
            return code;
        }
        q->inline_pos++;
        p->work -= MIN(p->work, w + h + w * h / ELEMENTS_A_WORK);
        p->bytes -= w * h * op->src_size;
    }
    return TRNX_ERR_NONE;
}

/* Reads and checks the operands, into p->op: TRNX_ERR_*. */
static unsigned inline_read_operands(TrnPiece *p)
{
    unsigned sources = p->exec->q->packet_left - 1;
    uint8_t raw[TRN_INLINE_SIZE];
    unsigned code;

    p->at_target = false;
    p->bad = p->m2s->addr;
    for (unsigned i = 1; i <= sources; i++) {
        if (trn_desc_is_meta(&p->m2s[i])) {
            return TRNX_ERR_INLINE;
        }
    }
    if (p->m2s->addr % TRN_INLINE_ALIGN) {
        return TRNX_ERR_INLINE;
    }
    code = inline_access_bytes(p, WAY_READ_SOURCE, p->m2s->addr, raw,
                               sizeof(raw));
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    return trn_inline_decode(&p->op, raw, sources) ? TRNX_ERR_NONE
                                                   : TRNX_ERR_INLINE;
}

/* An injected error of one of the packet's descriptors. */
static unsigned inline_meet_armed_error(TrnPiece *p)
{
    TrnExec *exec = p->exec;

    for (unsigned i = 0; i < exec->q->packet_left; i++) {
        if (trn_errinj_axi_error(exec->chip, exec->e->index, exec->qi)) {
            p->bad = p->m2s[i].addr;
            return TRNX_ERR_M2S_DATA;
        }
    }
    return TRNX_ERR_NONE;
}

static unsigned inline_do_piece(TrnPiece *p)
{
    unsigned code = inline_read_operands(p);

    if (code == TRNX_ERR_NONE && !p->exec->q->inline_pos) {
        code = inline_meet_armed_error(p);
    }
    if (code != TRNX_ERR_NONE) {
        return code;
    }
    return p->op.opcode == TRN_INLINE_TRANSPOSE ? inline_do_tiles(p)
                                                : inline_do_rows(p);
}

TrnStep trn_exec_inline(TrnExec *exec)
{
    TrnQueue *q = exec->q;
    TrnPiece p = {
        .exec = exec,
        .m2s = &exec->m2s.desc[exec->m2s.pos],
        .s2m = &exec->s2m.desc[exec->s2m.pos],
        .bytes = PIECE_BYTES,
        .work = PIECE_WORK,
    };
    unsigned code;

    if (exec->e->timing && !trn_timing_start(exec->e, exec->qi)) {
        return TRN_STEP_IDLE;
    }
    exec->cost = (TrnCost) { .whole = !q->inline_pos };

    /* Strides can lead anywhere, so host memory is always possible. */
    if (!trn_exec_enter_memory(exec, true)) {
        return TRN_STEP_LATER;
    }
    code = inline_do_piece(&p);
    trn_exec_leave_memory(exec, true);
    if (exec->e->timing) {
        exec->cost.bytes = PIECE_BYTES - p.bytes;
        trn_timing_reserve(exec->e, exec->qi, &exec->cost, 0);
    }

    trn_trace(exec->chip, TRN_TRACE_INLINE, exec->e->index, exec->qi,
              p.op.opcode, q->inline_pos);
    trn_exec_account(exec, 1 + (PIECE_WORK - p.work) / WORK_A_PIECE,
                     PIECE_BYTES - p.bytes);
    /* After an error too: some of the row may have been added already. */
    if (code != TRNX_ERR_NONE || q->inline_pos >= p.op.total) {
        q->inline_state = TRN_INLINE_STATE_ENDED;
    }
    if (code != TRNX_ERR_NONE &&
        trn_exec_report(exec, code, p.bad, p.at_target ? p.s2m : p.m2s)) {
        return TRN_STEP_IDLE;
    }
    return TRN_STEP_GO;
}
