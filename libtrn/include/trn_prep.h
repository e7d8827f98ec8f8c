/* SPDX-License-Identifier: MIT */
/*
 * Work for user-mode queues.
 *
 * trn_prep_*() functions write descriptors into the rings of a queue. The device sees them
 * once the doorbell is rung (trn_queue_kick()). The work is done when the device's count
 * has reached its point. None of this makes a system call or allocates memory. Addresses
 * are those of the queue's VM. An address that is not mapped there kills the queue
 * (-EFAULT) and affects no other queue.
 *
 * On an error of a trn_prep_*() function nothing was written. All of them return:
 * 0; -EAGAIN the rings have no room now, wait for a point; -EMSGSIZE the work needs more
 * descriptors than the rings have, prepare less at once; -ECANCELED the queue is dead;
 * -EOPNOTSUPP the queue is in kernel mode, or the device lacks TRN_CAP_INLINE_OPS for the
 * operation; -EINVAL an argument is out of its range.
 *
 * Packets of a queue begin in order, but a packet may read while an earlier one still
 * writes: see trn_prep_barrier().
 */
#ifndef TRN_PREP_H
#define TRN_PREP_H

#include <trn.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * trn_prep_copy() - Prepare a copy.
 * @dst: address of the destination, of any alignment
 * @src: address of the source, of any alignment
 * @size: bytes, not 0
 *
 * It takes one descriptor of each ring for each 64 KiB. If source and destination overlap,
 * the result is undefined, but no byte outside them is written.
 */
int trn_prep_copy(struct trn_queue *queue, uint64_t dst, uint64_t src, uint64_t size);

/**
 * trn_prep_barrier() - Order work: the next packet begins when all earlier work is done.
 * Return: 0, -EOPNOTSUPP the queue is in kernel mode.
 */
int trn_prep_barrier(struct trn_queue *queue);

/**
 * trn_queue_kick() - Ring the doorbell: the device sees all work that was prepared.
 *
 * @queue is in user mode. A dead queue ignores it.
 */
void trn_queue_kick(struct trn_queue *queue);

/** trn_queue_point() - Get the point at which all work prepared until now is done. */
uint64_t trn_queue_point(const struct trn_queue *queue);

/**
 * trn_queue_completed() - Get the last point that is done.
 *
 * In user mode this reads the record of the device; in kernel mode it is the last point
 * that this process has seen done. No system call.
 */
uint64_t trn_queue_completed(const struct trn_queue *queue);

/**
 * trn_queue_poll() - Check whether a point is done.
 * @point: as for trn_wait()
 *
 * Never a system call in user mode. Return: 0 it is done, -EINPROGRESS it is not done yet,
 * -EINVAL the point was never prepared, or the error of the point, as trn_wait().
 */
int trn_queue_poll(struct trn_queue *queue, uint64_t point);

/* ---- inline operations ------------------------------------------------ */

#define TRN_MAX_DIMS 4
#define TRN_MAX_SOURCES 16

/** enum trn_dtype - Types of elements. Integers are only moved, floats can be cast. */
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

/** trn_dtype_size() - Size of an element in bytes; 0 if @type is not an enum trn_dtype. */
uint32_t trn_dtype_size(uint32_t type);

/** struct trn_shape - Elements in each dimension, the innermost first. */
struct trn_shape {
	uint32_t dims;			/* 1..TRN_MAX_DIMS */
	uint32_t size[TRN_MAX_DIMS];	/* not 0 */
};

/** struct trn_array - Elements in memory. */
struct trn_array {
	uint64_t va;			/* of the first element */
	uint32_t type;			/* enum trn_dtype */
	int64_t stride[TRN_MAX_DIMS];	/* bytes to the next element of each dimension */
};

/** trn_array_packed() - Make the array of @shape without gaps at address @va. */
struct trn_array trn_array_packed(uint64_t va, uint32_t type, const struct trn_shape *shape);

#define TRN_ARRAY_SATURATE (1u << 2)	/* casts: clamp to the largest finite value */

/**
 * trn_prep_fill() - Prepare a fill of an array.
 * @pattern: its low bytes become each element
 */
int trn_prep_fill(struct trn_queue *queue, const struct trn_array *dst,
		  const struct trn_shape *shape, uint64_t pattern);

/**
 * trn_prep_array() - Prepare a copy of an array; if the types differ, elements are cast.
 * @flags: TRN_ARRAY_SATURATE or 0
 *
 * Equal types are moved as bytes; only two float types can differ. On a device without
 * TRN_CAP_INLINE_OPS the copy becomes plain copies, one for each run of bytes that are
 * contiguous in both arrays, and a cast fails (-EOPNOTSUPP).
 */
int trn_prep_array(struct trn_queue *queue, const struct trn_array *dst,
		   const struct trn_array *src, const struct trn_shape *shape, uint32_t flags);

/** struct trn_index - Indices of rows, for gather and scatter. */
struct trn_index {
	uint64_t va;		/* of the first index */
	uint32_t count;		/* of the indices */
	uint32_t size;		/* bytes of an index, 4 or 8 */
	uint64_t bound;		/* rows of the indexed array; indices are below it */
};

#define TRN_ARRAY_SKIP_BOUND (1u << 1)	/* skip indices not below the bound */

/**
 * trn_prep_gather() - Prepare a gather: row i of @dst becomes row index[i] of @src.
 * @row: shape of a row, up to TRN_MAX_DIMS - 1 dimensions; in both arrays the stride of the
 *       next dimension leads from row to row
 * @index: the rows; without TRN_ARRAY_SKIP_BOUND an index that is not below the bound kills
 *         the queue
 * @flags: TRN_ARRAY_SKIP_BOUND and TRN_ARRAY_SATURATE, or 0
 */
int trn_prep_gather(struct trn_queue *queue, const struct trn_array *dst,
		    const struct trn_array *src, const struct trn_shape *row,
		    const struct trn_index *index, uint32_t flags);

/**
 * trn_prep_scatter() - Prepare a scatter: row index[i] of @dst becomes row i of @src.
 *
 * Arguments as for trn_prep_gather().
 */
int trn_prep_scatter(struct trn_queue *queue, const struct trn_array *dst,
		     const struct trn_array *src, const struct trn_shape *row,
		     const struct trn_index *index, uint32_t flags);

/**
 * trn_prep_transpose() - Prepare a transpose: element (c, r) of @dst becomes (r, c) of @src.
 * @shape: two dimensions: columns and rows of @src, in this order
 * @flags: TRN_ARRAY_SATURATE or 0
 *
 * Elements have 2 or 4 bytes and are contiguous in a row; stride[1] leads from row to row.
 */
int trn_prep_transpose(struct trn_queue *queue, const struct trn_array *dst,
		       const struct trn_array *src, const struct trn_shape *shape, uint32_t flags);

#define TRN_ARRAY_ADD_TO_DST (1u << 0)	/* accumulate: add to the elements of @dst */

/**
 * trn_prep_accumulate() - Prepare a sum of arrays, added in fp32 and in their order.
 * @dst: destination, of type TRN_DTYPE_F32 or TRN_DTYPE_BF16
 * @src: type (one of the same two) and strides of every source; its va is ignored
 * @sources: addresses of the first elements
 * @num_sources: 1..TRN_MAX_SOURCES
 * @flags: TRN_ARRAY_ADD_TO_DST and TRN_ARRAY_SATURATE, or 0
 */
int trn_prep_accumulate(struct trn_queue *queue, const struct trn_array *dst,
			const struct trn_array *src, const uint64_t *sources, size_t num_sources,
			const struct trn_shape *shape, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif /* TRN_PREP_H */
