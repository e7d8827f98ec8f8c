// SPDX-License-Identifier: MIT
/*
 * Inline operations: operands for the device, made from the arguments. Operands that the
 * device would refuse kill the queue, so they are refused here.
 */
#include <assert.h>
#include <endian.h>
#include <errno.h>

#include "queue/ring.h"

static_assert((int)TRN_DTYPE_U8 == DRM_TRN_DTYPE_U8, "types are those of the kernel");
static_assert((int)TRN_DTYPE_F32 == DRM_TRN_DTYPE_F32, "types are those of the kernel");
static_assert((int)TRN_DTYPE_F8E5M2 == DRM_TRN_DTYPE_F8E5M2, "types are those of the kernel");
static_assert(TRN_ARRAY_ADD_TO_DST == DRM_TRN_INLINE_ADD_TO_DST, "flags are those of the kernel");
static_assert(TRN_ARRAY_SKIP_BOUND == DRM_TRN_INLINE_SKIP_BOUND, "flags are those of the kernel");
static_assert(TRN_ARRAY_SATURATE == DRM_TRN_INLINE_SATURATE, "flags are those of the kernel");

uint32_t trn_dtype_size(uint32_t type)
{
	static const uint8_t sizes[] = {
		[TRN_DTYPE_U8] = 1, [TRN_DTYPE_U16] = 2, [TRN_DTYPE_U32] = 4, [TRN_DTYPE_U64] = 8,
		[TRN_DTYPE_F32] = 4, [TRN_DTYPE_BF16] = 2, [TRN_DTYPE_F16] = 2,
		[TRN_DTYPE_F8E4M3] = 1, [TRN_DTYPE_F8E5M2] = 1,
	};

	return type < sizeof(sizes) ? sizes[type] : 0;
}

static bool is_float(uint32_t type)
{
	return type >= TRN_DTYPE_F32 && type <= TRN_DTYPE_F8E5M2;
}

struct trn_array trn_array_packed(uint64_t va, uint32_t type, const struct trn_shape *shape)
{
	struct trn_array array = { .va = va, .type = type };
	uint64_t stride = trn_dtype_size(type);

	for (uint32_t i = 0; i < TRN_MAX_DIMS; i++) {
		array.stride[i] = stride;
		if (i < shape->dims)
			stride *= shape->size[i];
	}
	return array;
}

/* The number of elements is at most INT64_MAX. */
static bool shape_is_good(const struct trn_shape *shape, uint32_t max_dims)
{
	uint64_t total = 1;

	if (!shape->dims || shape->dims > max_dims)
		return false;
	for (uint32_t i = 0; i < shape->dims; i++) {
		if (__builtin_mul_overflow(total, shape->size[i], &total) || !total ||
		    total > INT64_MAX)
			return false;
	}
	return true;
}

/* Both types exist, and are equal or can be cast. */
static bool types_go_together(uint32_t dst, uint32_t src)
{
	if (!trn_dtype_size(dst) || !trn_dtype_size(src))
		return false;
	return dst == src || (is_float(dst) && is_float(src));
}

/* The operands that all operations have. FILL has no source, but a source type. */
static struct drm_trn_inline_op operands(uint32_t opcode, const struct trn_array *dst,
					 const struct trn_array *src,
					 const struct trn_shape *shape, uint32_t flags)
{
	struct drm_trn_inline_op op = {
		.opcode = opcode,
		.src_type = src ? src->type : dst->type,
		.dst_type = dst->type,
		.dims = shape->dims,
		.flags = htole32(flags),
	};

	for (uint32_t i = 0; i < shape->dims; i++)
		op.size[i] = htole32(shape->size[i]);
	for (uint32_t i = 0; i < TRN_MAX_DIMS; i++) {
		op.dst_stride[i] = htole64(dst->stride[i]);
		op.src_stride[i] = src ? htole64(src->stride[i]) : 0;
	}
	return op;
}

static int prep(struct trn_queue *queue, const struct drm_trn_inline_op *op, uint64_t dst,
		const uint64_t *sources, size_t num_sources)
{
	int ret;

	if (!queue->slots)
		return -EOPNOTSUPP;
	trn_rings_lock(queue);
	ret = trn_rings_reserve(queue, 1 + num_sources, 1);
	if (!ret)
		trn_rings_emit_inline(queue, op, dst, sources, num_sources);
	trn_rings_unlock(queue);
	return ret;
}

int trn_prep_fill(struct trn_queue *queue, const struct trn_array *dst,
		  const struct trn_shape *shape, uint64_t pattern)
{
	struct drm_trn_inline_op op;

	if (!shape_is_good(shape, TRN_MAX_DIMS) || !trn_dtype_size(dst->type))
		return -EINVAL;
	op = operands(DRM_TRN_INLINE_FILL, dst, NULL, shape, 0);
	op.pattern = htole64(pattern);
	return prep(queue, &op, dst->va, NULL, 0);
}

/* ---- plain copies of arrays ---- */

/* Runs of bytes that are contiguous in both arrays, in the remaining dimensions. */
struct runs {
	uint64_t size;		/* bytes of one run */
	struct trn_shape outer;
	const int64_t *dst_stride, *src_stride;
	uint64_t count;		/* number of runs */
};

static struct runs find_runs(const struct trn_array *dst, const struct trn_array *src,
			     const struct trn_shape *shape)
{
	struct runs runs = { .size = trn_dtype_size(dst->type), .count = 1 };
	uint32_t inner = 0;
	uint64_t longer;

	while (inner < shape->dims && dst->stride[inner] == (int64_t)runs.size &&
	       src->stride[inner] == (int64_t)runs.size &&
	       !__builtin_mul_overflow(runs.size, shape->size[inner], &longer)) {
		runs.size = longer;
		inner++;
	}
	runs.dst_stride = &dst->stride[inner];
	runs.src_stride = &src->stride[inner];
	for (uint32_t i = inner; i < shape->dims; i++) {
		runs.outer.size[runs.outer.dims++] = shape->size[i];
		runs.count *= shape->size[i];
	}
	return runs;
}

/* Advance @at to the next run; false after the last one. */
static bool next_run(const struct runs *runs, uint32_t at[TRN_MAX_DIMS], uint64_t *dst,
		     uint64_t *src)
{
	for (uint32_t i = 0; i < runs->outer.dims; i++) {
		*dst += runs->dst_stride[i];
		*src += runs->src_stride[i];
		if (++at[i] < runs->outer.size[i])
			return true;
		*dst -= at[i] * (uint64_t)runs->dst_stride[i];
		*src -= at[i] * (uint64_t)runs->src_stride[i];
		at[i] = 0;
	}
	return false;
}

static int emit_runs(struct trn_queue *queue, const struct runs *runs, uint64_t dst, uint64_t src)
{
	uint64_t descs = trn_copy_descs(runs->size);
	uint32_t at[TRN_MAX_DIMS] = { 0 };
	int ret;

	if (__builtin_mul_overflow(descs, runs->count, &descs))
		return -EMSGSIZE;
	ret = trn_rings_reserve(queue, descs, descs);
	if (ret)
		return ret;
	do {
		trn_rings_emit_copy(queue, dst, src, runs->size);
	} while (next_run(runs, at, &dst, &src));
	return 0;
}

int trn_prep_array(struct trn_queue *queue, const struct trn_array *dst,
		   const struct trn_array *src, const struct trn_shape *shape, uint32_t flags)
{
	struct drm_trn_inline_op op;
	struct runs runs;
	int ret;

	if (!shape_is_good(shape, TRN_MAX_DIMS) || !types_go_together(dst->type, src->type) ||
	    flags & ~TRN_ARRAY_SATURATE)
		return -EINVAL;
	if (dst->type != src->type || queue->slots) {
		op = operands(DRM_TRN_INLINE_COPY, dst, src, shape, flags);
		return prep(queue, &op, dst->va, &src->va, 1);
	}
	runs = find_runs(dst, src, shape);
	trn_rings_lock(queue);
	ret = emit_runs(queue, &runs, dst->va, src->va);
	trn_rings_unlock(queue);
	return ret;
}

/* ---- gather and scatter ---- */

static int prep_indexed(struct trn_queue *queue, uint32_t opcode, const struct trn_array *dst,
			const struct trn_array *src, const struct trn_shape *row,
			const struct trn_index *index, uint32_t flags)
{
	struct drm_trn_inline_op op;

	if (!shape_is_good(row, TRN_MAX_DIMS - 1) || !types_go_together(dst->type, src->type) ||
	    flags & ~(TRN_ARRAY_SKIP_BOUND | TRN_ARRAY_SATURATE) ||
	    (index->size != 4 && index->size != 8))
		return -EINVAL;
	op = operands(opcode, dst, src, row, flags);
	op.index_addr = htole64(index->va);
	op.index_count = htole32(index->count);
	op.index_size = htole32(index->size);
	op.bound = htole64(index->bound);
	return prep(queue, &op, dst->va, &src->va, 1);
}

int trn_prep_gather(struct trn_queue *queue, const struct trn_array *dst,
		    const struct trn_array *src, const struct trn_shape *row,
		    const struct trn_index *index, uint32_t flags)
{
	return prep_indexed(queue, DRM_TRN_INLINE_GATHER, dst, src, row, index, flags);
}

int trn_prep_scatter(struct trn_queue *queue, const struct trn_array *dst,
		     const struct trn_array *src, const struct trn_shape *row,
		     const struct trn_index *index, uint32_t flags)
{
	return prep_indexed(queue, DRM_TRN_INLINE_SCATTER, dst, src, row, index, flags);
}

/* ---- transpose and accumulate ---- */

static bool can_be_transposed(uint32_t type)
{
	return trn_dtype_size(type) == 2 || trn_dtype_size(type) == 4;
}

int trn_prep_transpose(struct trn_queue *queue, const struct trn_array *dst,
		       const struct trn_array *src, const struct trn_shape *shape, uint32_t flags)
{
	struct drm_trn_inline_op op;

	if (!shape_is_good(shape, 2) || shape->dims != 2 ||
	    !types_go_together(dst->type, src->type) || !can_be_transposed(dst->type) ||
	    !can_be_transposed(src->type) || flags & ~TRN_ARRAY_SATURATE)
		return -EINVAL;
	op = operands(DRM_TRN_INLINE_TRANSPOSE, dst, src, shape, flags);
	return prep(queue, &op, dst->va, &src->va, 1);
}

static bool can_be_added(uint32_t type)
{
	return type == TRN_DTYPE_F32 || type == TRN_DTYPE_BF16;
}

int trn_prep_accumulate(struct trn_queue *queue, const struct trn_array *dst,
			const struct trn_array *src, const uint64_t *sources, size_t num_sources,
			const struct trn_shape *shape, uint32_t flags)
{
	struct drm_trn_inline_op op;

	if (!shape_is_good(shape, TRN_MAX_DIMS) || !can_be_added(dst->type) ||
	    !can_be_added(src->type) || flags & ~(TRN_ARRAY_ADD_TO_DST | TRN_ARRAY_SATURATE) ||
	    !num_sources || num_sources > TRN_MAX_SOURCES)
		return -EINVAL;
	op = operands(DRM_TRN_INLINE_ACCUMULATE, dst, src, shape, flags);
	return prep(queue, &op, dst->va, sources, num_sources);
}
