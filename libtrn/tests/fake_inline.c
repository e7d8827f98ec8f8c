// SPDX-License-Identifier: MIT
/* Inline operations of the fake device, element by element; casts it does not know. */
#include <errno.h>
#include <string.h>

#include "fake_priv.h"

#define MAX_DIMS 4

/* What is being done, and where. */
struct run {
	uint32_t vm;
	const struct drm_trn_inline_op *op;
	uint64_t dst;
	const uint64_t *sources;
	uint32_t num_sources;
	uint32_t size;		/* of an element */
	uint64_t *fault;
};

static uint32_t size_of(uint8_t type)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8, 4, 2, 2, 1, 1 };

	return type < sizeof(sizes) ? sizes[type] : 0;
}

static uint64_t at(const __le64 *stride, const uint32_t *index, uint32_t dims)
{
	uint64_t offset = 0;

	for (uint32_t i = 0; i < dims; i++)
		offset += index[i] * stride[i];
	return offset;
}

static bool next(const struct drm_trn_inline_op *op, uint32_t *index)
{
	for (uint32_t i = 0; i < op->dims; i++) {
		if (++index[i] < op->size[i])
			return true;
		index[i] = 0;
	}
	return false;
}

static bool move(const struct run *run, uint64_t dst, uint64_t src)
{
	uint64_t element;

	return fake_vm_read(run->vm, src, &element, run->size, run->fault) &&
	       fake_vm_write(run->vm, dst, &element, run->size, run->fault);
}

/* A row, or all of an array. */
static bool move_array(const struct run *run, uint64_t dst, uint64_t src)
{
	uint32_t index[MAX_DIMS] = { 0 };

	do {
		if (!move(run, dst + at(run->op->dst_stride, index, run->op->dims),
			  src + at(run->op->src_stride, index, run->op->dims)))
			return false;
	} while (next(run->op, index));
	return true;
}

static int fill(const struct run *run)
{
	uint32_t index[MAX_DIMS] = { 0 };

	do {
		uint64_t dst = run->dst + at(run->op->dst_stride, index, run->op->dims);
		uint64_t pattern = run->op->pattern ^ fake.corrupt;

		if (!fake_vm_write(run->vm, dst, &pattern, run->size, run->fault))
			return -EFAULT;
	} while (next(run->op, index));
	return 0;
}

static int rows(const struct run *run, bool scatter)
{
	const struct drm_trn_inline_op *op = run->op;
	uint64_t dst_row = op->dst_stride[op->dims], src_row = op->src_stride[op->dims];

	for (uint32_t i = 0; i < op->index_count; i++) {
		uint64_t chosen = 0;

		if (!fake_vm_read(run->vm, op->index_addr + i * op->index_size, &chosen,
				  op->index_size, run->fault))
			return -EFAULT;
		if (chosen >= op->bound) {
			if (op->flags & DRM_TRN_INLINE_SKIP_BOUND)
				continue;
			return -EIO;
		}
		if (!move_array(run, run->dst + (scatter ? chosen : i) * dst_row,
				run->sources[0] + (scatter ? i : chosen) * src_row))
			return -EFAULT;
	}
	return 0;
}

static int transpose(const struct run *run)
{
	const struct drm_trn_inline_op *op = run->op;

	for (uint64_t r = 0; r < op->size[1]; r++) {
		for (uint64_t c = 0; c < op->size[0]; c++) {
			if (!move(run, run->dst + c * op->dst_stride[1] + r * run->size,
				  run->sources[0] + r * op->src_stride[1] + c * run->size))
				return -EFAULT;
		}
	}
	return 0;
}

/* F32 only. */
static int accumulate(const struct run *run)
{
	const struct drm_trn_inline_op *op = run->op;
	uint32_t index[MAX_DIMS] = { 0 };

	do {
		uint64_t dst = run->dst + at(op->dst_stride, index, op->dims);
		uint64_t offset = at(op->src_stride, index, op->dims);
		float sum = 0, value;

		if (op->flags & DRM_TRN_INLINE_ADD_TO_DST &&
		    !fake_vm_read(run->vm, dst, &sum, sizeof(sum), run->fault))
			return -EFAULT;
		for (uint32_t i = 0; i < run->num_sources; i++) {
			if (!fake_vm_read(run->vm, run->sources[i] + offset, &value, sizeof(value),
					  run->fault))
				return -EFAULT;
			sum += value;
		}
		if (!fake_vm_write(run->vm, dst, &sum, sizeof(sum), run->fault))
			return -EFAULT;
	} while (next(op, index));
	return 0;
}

int fake_inline_run(const struct fake_queue *queue, const struct drm_trn_inline_op *op,
		    uint64_t dst, const uint64_t *sources, uint32_t num_sources, uint64_t *fault)
{
	const struct run run = {
		.vm = queue->vm_id,
		.op = op,
		.dst = dst,
		.sources = sources,
		.num_sources = num_sources,
		.size = size_of(op->dst_type),
		.fault = fault,
	};

	if (op->pad || !op->dims || op->dims > MAX_DIMS || !run.size ||
	    op->src_type != op->dst_type)
		return -EIO;
	if (op->opcode != DRM_TRN_INLINE_ACCUMULATE &&
	    num_sources != (op->opcode == DRM_TRN_INLINE_FILL ? 0 : 1))
		return -EIO;
	switch (op->opcode) {
	case DRM_TRN_INLINE_FILL:
		return fill(&run);
	case DRM_TRN_INLINE_COPY:
		return move_array(&run, dst, sources[0]) ? 0 : -EFAULT;
	case DRM_TRN_INLINE_GATHER:
	case DRM_TRN_INLINE_SCATTER:
		return rows(&run, op->opcode == DRM_TRN_INLINE_SCATTER);
	case DRM_TRN_INLINE_TRANSPOSE:
		return transpose(&run);
	case DRM_TRN_INLINE_ACCUMULATE:
		return accumulate(&run);
	default:
		return -EIO;
	}
}
