/* SPDX-License-Identifier: MIT */
/*
 * trn_put: what a program does with a user-mode queue.
 *
 * Work is put in the queue's rings, in any amount, and seen by the device once the
 * doorbell is rung; it is over when the device's count has reached its point. None of
 * that is a system call or an allocation. Addresses are those of the queue's VM: one
 * that is not mapped there costs the queue its life (-EFAULT), and nobody else anything.
 *
 * All or nothing: on an error nothing was put. -EAGAIN: there is no room now, wait for
 * a point; -EMSGSIZE: it is more than the rings hold, put less at once; -ECANCELED: the
 * queue is dead; -EOPNOTSUPP: it is in kernel mode, or the device lacks
 * TRN_CAP_INLINE_OPS; -EINVAL.
 *
 * Packets of a queue begin in order, and what one reads may still be in the writing by
 * one before it: see trn_prep_barrier().
 */
#ifndef TRN_PREP_H
#define TRN_PREP_H

#include <trn.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * trn_prep_copy() - Put a copy of @size bytes, of any alignment.
 *
 * One descriptor on either ring for each 64 KiB.
 */
int trn_prep_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size);

/** trn_prep_barrier() - What is put next begins when all that was put before is done. */
int trn_prep_barrier(struct trn_queue *queue);

/** trn_queue_kick() - Let the device see all that was put. Dead queues ignore it. */
void trn_queue_kick(struct trn_queue *queue);

/** trn_queue_point() - The point at which all that was put by now is done. */
uint64_t trn_queue_point(const struct trn_queue *queue);

/** trn_queue_completed() - The last point that is done, as the device has told. */
uint64_t trn_queue_completed(const struct trn_queue *queue);

/**
 * trn_queue_poll() - Look whether a point is done.
 *
 * A system call never, in user mode. Return: 0 it is, -EINPROGRESS not yet, or what
 * trn_wait() says of a queue that is dead.
 */
int trn_queue_poll(struct trn_queue *queue, uint64_t point);

/* ---- inline operations ------------------------------------------------ */

#define TRN_MAX_DIMS 4
#define TRN_MAX_SOURCES 16

enum trn_dtype {
	TRN_DTYPE_U8 = 0,
	TRN_DTYPE_U16 = 1,
	TRN_DTYPE_U32 = 2,
	TRN_DTYPE_U64 = 3,
	TRN_DTYPE_F32 = 4,
	TRN_DTYPE_BF16 = 5,
	TRN_DTYPE_F16 = 6,
	TRN_DTYPE_F8E4M3 = 7,
	TRN_DTYPE_F8E5M2 = 8,
};

/** trn_dtype_size() - Bytes of an element; 0 if there is no such type. */
uint32_t trn_dtype_size(uint32_t type);

/** struct trn_shape - Elements in each dimension, the innermost first. */
struct trn_shape {
	uint32_t dims;			/* 1..TRN_MAX_DIMS */
	uint32_t size[TRN_MAX_DIMS];	/* not 0 */
};

/** struct trn_array - Elements in memory. */
struct trn_array {
	uint64_t va;			/* of the first */
	uint32_t type;			/* enum trn_dtype */
	int64_t stride[TRN_MAX_DIMS];	/* bytes to the next, in each dimension */
};

/** trn_array_packed() - An array of @shape without gaps. */
struct trn_array trn_array_packed(uint64_t va, uint32_t type, const struct trn_shape *shape);

#define TRN_ARRAY_SATURATE (1u << 2)	/* casts: too large becomes the largest finite */

/** trn_prep_fill() - Put a fill of an array with the low bytes of @pattern. */
int trn_prep_fill(struct trn_queue *queue, const struct trn_array *dst,
		  const struct trn_shape *shape, uint64_t pattern);

/**
 * trn_prep_array() - Put a copy of an array into another, cast if the types differ.
 * @flags: TRN_ARRAY_SATURATE or 0
 *
 * A device without TRN_CAP_INLINE_OPS is given plain descriptors, one for each run of
 * bytes that lie together on both sides; it casts nothing (-EOPNOTSUPP).
 */
int trn_prep_array(struct trn_queue *queue, const struct trn_array *dst,
		   const struct trn_array *src, const struct trn_shape *shape, uint32_t flags);

/** struct trn_index - Rows that gather and scatter choose. */
struct trn_index {
	uint64_t va;		/* of the indices */
	uint32_t count;
	uint32_t size;		/* bytes of an index, 4 or 8 */
	uint64_t bound;		/* rows of the side that they choose from */
};

#define TRN_ARRAY_SKIP_BOUND (1u << 1)	/* leave out indices that are not below the bound */

/**
 * trn_prep_gather() - Put: row i of @dst becomes row index[i] of @src.
 * @row: shape of a row, up to TRN_MAX_DIMS - 1 dimensions; the stride that follows
 *       them in either array leads from row to row
 * @flags: TRN_ARRAY_SKIP_BOUND, TRN_ARRAY_SATURATE or 0
 */
int trn_prep_gather(struct trn_queue *queue, const struct trn_array *dst,
		    const struct trn_array *src, const struct trn_shape *row,
		    const struct trn_index *index, uint32_t flags);

/** trn_prep_scatter() - The same, for: row index[i] of @dst becomes row i of @src. */
int trn_prep_scatter(struct trn_queue *queue, const struct trn_array *dst,
		     const struct trn_array *src, const struct trn_shape *row,
		     const struct trn_index *index, uint32_t flags);

/**
 * trn_prep_transpose() - Put: element (r, c) of @src becomes (c, r) of @dst.
 * @shape: columns and rows of @src, in this order
 * @flags: TRN_ARRAY_SATURATE or 0
 *
 * Elements of 2 or 4 bytes that lie together in a row; stride[1] is that of rows.
 */
int trn_prep_transpose(struct trn_queue *queue, const struct trn_array *dst,
		       const struct trn_array *src, const struct trn_shape *shape, uint32_t flags);

#define TRN_ARRAY_ADD_TO_DST (1u << 0)	/* accumulate: begin with what the destination holds */

/**
 * trn_prep_accumulate() - Put a sum, in fp32, of up to TRN_MAX_SOURCES arrays.
 * @dst: TRN_DTYPE_F32 or TRN_DTYPE_BF16, as the sources
 * @src: type and strides of every source; its va does not count
 * @sources: addresses of their first elements
 * @flags: TRN_ARRAY_ADD_TO_DST, TRN_ARRAY_SATURATE or 0
 */
int trn_prep_accumulate(struct trn_queue *queue, const struct trn_array *dst,
			const struct trn_array *src, const uint64_t *sources, size_t num_sources,
			const struct trn_shape *shape, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif /* TRN_PREP_H */
