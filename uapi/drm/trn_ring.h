/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * trn_ring: memory layout of a user-mode queue of the Trainium driver.
 *
 * A queue has two rings of 16-byte descriptors, ring_size in each (struct
 * drm_trn_queue_create). M2S (memory to stream) descriptors say where the device reads;
 * S2M (stream to memory) descriptors say where it writes. An M2S packet extends from a
 * FIRST to a LAST descriptor. Packets leave M2S in order, and their bytes fill S2M
 * descriptors in order. The end of a packet also ends the S2M descriptor that it falls
 * into. A plain copy is one descriptor on each side.
 *
 * To submit, write descriptors behind those already in the rings, each with the ring id
 * of its lap. After a store barrier, write the doorbell. At most ring_size descriptors of
 * a side may be outstanding: the device refuses a doorbell that exceeds this, and the
 * queue dies. To see completion, poll struct drm_trn_record, or use QUEUE_NOTIFY.
 *
 * All words are little endian. This header is an ABI like drm/trn_accel.h and grows by
 * the same rules. Its descriptors are those of the chip.
 */
#ifndef _UAPI_TRN_RING_H_
#define _UAPI_TRN_RING_H_

#include <linux/types.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** struct drm_trn_desc - A descriptor of either ring. */
struct drm_trn_desc {
	/** @ctrl: Length, ring id and flags: DRM_TRN_DESC_*. */
	__le32 ctrl;

	/** @op: M2S: one of DRM_TRN_DESC_OP_*, in the FIRST descriptor; S2M: zero. */
	__le32 op;

	/** @addr: Virtual address of the bytes, of any alignment. */
	__le64 addr;
};

/* struct drm_trn_desc.ctrl */
#define DRM_TRN_DESC_LEN	0x0000ffffu	/* bytes; 0 stands for 65536 */
#define DRM_TRN_DESC_META	0x00800000u	/* M2S: addr is that of operands */
#define DRM_TRN_DESC_RING_ID(n)	(((n) & 3u) << 24)	/* 1 on the first lap, + 1 per lap */
#define DRM_TRN_DESC_FIRST	0x04000000u	/* M2S: first of a packet */
#define DRM_TRN_DESC_LAST	0x08000000u	/* M2S: last of a packet */
#define DRM_TRN_DESC_STRONG	0x20000000u	/* S2M: write after all earlier writes */
#define DRM_TRN_DESC_DMB	0x40000000u	/* M2S: start after all earlier transfers */

/* Limit of the length of a descriptor, bytes. */
#define DRM_TRN_DESC_MAX_LEN	65536

/* struct drm_trn_desc.op: one of OP_*, with OPF_* bits ORed in */
#define DRM_TRN_DESC_OP_COPY	0x01080003u	/* copy the bytes */
#define DRM_TRN_DESC_OPF_BARRIER	0x04000000u	/* start after all earlier writes */
#define DRM_TRN_DESC_OP_INLINE	0x03800003u	/* struct drm_trn_inline_op */

/**
 * struct drm_trn_record - Progress, written by the device.
 *
 * @s2m and @m2s count descriptors finished since the queue was made. The data of a
 * descriptor is in memory before a count that includes it.
 */
struct drm_trn_record {
	/** @s2m: Number of S2M descriptors finished. */
	__le64 s2m;

	/** @m2s: Number of M2S descriptors finished. */
	__le64 m2s;

	/** @status: 0, or not 0 after an error of the device: the queue is about to die. */
	__le32 status;

	/** @pad: Undefined. */
	__le32 pad[3];
};

/** struct drm_trn_queue_page - The page at record_offset of struct drm_trn_queue_create. */
struct drm_trn_queue_page {
	/** @record: Progress, written by the device. */
	struct drm_trn_record record;

	/** @pad: Undefined. */
	__u64 pad[4];

	/**
	 * @error: Written by the kernel: 0, or the negative errno of a dead queue, as in
	 * QUEUE_GET_STATE. @record does not change after @error is set.
	 */
	__s32 error;

	/** @pad2: Undefined. */
	__u32 pad2;
};

/*
 * Offsets in the doorbell page. A store of n adds n descriptors to the ring. BOTH takes
 * one 64-bit store with S2M in the low half and M2S in the high half, and adds both or
 * neither. A program without 64-bit stores writes S2M, then M2S.
 */
#define DRM_TRN_DOORBELL_M2S	0x00
#define DRM_TRN_DOORBELL_S2M	0x04
#define DRM_TRN_DOORBELL_BOTH	0x08

/** enum drm_trn_inline_opcode - Operations of struct drm_trn_inline_op. */
enum drm_trn_inline_opcode {
	/**
	 * @DRM_TRN_INLINE_FILL: Write the low bytes of pattern to every element of the
	 * destination. No source.
	 */
	DRM_TRN_INLINE_FILL = 1,

	/**
	 * @DRM_TRN_INLINE_COPY: Copy the elements of a strided array of up to four
	 * dimensions to another one, with a cast if the types differ. One source.
	 */
	DRM_TRN_INLINE_COPY = 2,

	/**
	 * @DRM_TRN_INLINE_GATHER: Row i of the destination is row index[i] of the
	 * source. One source.
	 */
	DRM_TRN_INLINE_GATHER = 3,

	/**
	 * @DRM_TRN_INLINE_SCATTER: Row index[i] of the destination is row i of the
	 * source. One source.
	 */
	DRM_TRN_INLINE_SCATTER = 4,

	/**
	 * @DRM_TRN_INLINE_TRANSPOSE: Element (r, c) of the source becomes element (c, r)
	 * of the destination. Two dimensions; elements of 2 or 4 bytes. size[0] is the
	 * number of columns of the source, size[1] the number of its rows.
	 * src_stride[1] and dst_stride[1] are the bytes from one row to the next;
	 * src_stride[0] and dst_stride[0] are not used. One source.
	 */
	DRM_TRN_INLINE_TRANSPOSE = 5,

	/**
	 * @DRM_TRN_INLINE_ACCUMULATE: Add 1 to 16 sources element by element, in fp32
	 * and in their order. With ADD_TO_DST the sum starts from the elements of the
	 * destination, else from those of the first source. Source and destination types
	 * are F32 or BF16. All sources share src_stride.
	 */
	DRM_TRN_INLINE_ACCUMULATE = 6,
};

/**
 * enum drm_trn_dtype - Types of elements.
 *
 * Between equal types the bytes are copied unchanged. A cast between two float types
 * goes through fp32 and rounds to nearest even; NaN stays NaN. A value too large for the
 * destination type becomes infinity, or with SATURATE the largest finite value. A cast
 * from or to an unsigned integer type is refused.
 */
enum drm_trn_dtype {
	/** @DRM_TRN_DTYPE_U8: 1 byte, unsigned integer. */
	DRM_TRN_DTYPE_U8 = 0,

	/** @DRM_TRN_DTYPE_U16: 2 bytes, unsigned integer. */
	DRM_TRN_DTYPE_U16 = 1,

	/** @DRM_TRN_DTYPE_U32: 4 bytes, unsigned integer. */
	DRM_TRN_DTYPE_U32 = 2,

	/** @DRM_TRN_DTYPE_U64: 8 bytes, unsigned integer. */
	DRM_TRN_DTYPE_U64 = 3,

	/** @DRM_TRN_DTYPE_F32: 4 bytes, IEEE 754 binary32. */
	DRM_TRN_DTYPE_F32 = 4,

	/** @DRM_TRN_DTYPE_BF16: 2 bytes, bfloat16. */
	DRM_TRN_DTYPE_BF16 = 5,

	/** @DRM_TRN_DTYPE_F16: 2 bytes, IEEE 754 binary16. */
	DRM_TRN_DTYPE_F16 = 6,

	/** @DRM_TRN_DTYPE_F8E4M3: 1 byte, 4 exponent bits; overflow gives NaN, not infinity. */
	DRM_TRN_DTYPE_F8E4M3 = 7,

	/** @DRM_TRN_DTYPE_F8E5M2: 1 byte, 5 exponent bits. */
	DRM_TRN_DTYPE_F8E5M2 = 8,
};

/* struct drm_trn_inline_op.flags */
#define DRM_TRN_INLINE_ADD_TO_DST	(1u << 0)	/* ACCUMULATE: add to the destination */
#define DRM_TRN_INLINE_SKIP_BOUND	(1u << 1)	/* GATHER, SCATTER: skip bad indices */
#define DRM_TRN_INLINE_SATURATE		(1u << 2)	/* casts: overflow gives largest finite */

/**
 * struct drm_trn_inline_op - Operands of one inline operation.
 *
 * Needs DRM_TRN_CAP_INLINE_OPS. The struct lies in memory of the VM, at a multiple of 8.
 *
 * The M2S packet starts with a descriptor with META and DRM_TRN_DESC_OP_INLINE; its
 * address is that of this struct and its length the size of this struct. One descriptor
 * per source follows, with the address of the first element of the source. The S2M ring
 * gets one descriptor, with the address of the first element of the destination. The
 * device ignores the lengths of source and destination descriptors. The operation is
 * finished with its descriptors; the counts of the record include all of them.
 *
 * Element (i0, i1, i2, i3) is at the address of the first element + the sum of i * stride,
 * which wraps at 64 bits. If the destination overlaps itself or a source, the result is
 * undefined, but no byte outside the destination is written. Invalid operands are an
 * error of the queue.
 */
struct drm_trn_inline_op {
	/** @opcode: One of enum drm_trn_inline_opcode. */
	__u8 opcode;

	/** @src_type: One of enum drm_trn_dtype; FILL: the same as @dst_type. */
	__u8 src_type;

	/** @dst_type: One of enum drm_trn_dtype. */
	__u8 dst_type;

	/**
	 * @dims: Number of dimensions, 1..4; GATHER and SCATTER: of one row, 1..3;
	 * TRANSPOSE: 2.
	 */
	__u8 dims;

	/** @flags: DRM_TRN_INLINE_ADD_TO_DST, _SKIP_BOUND, _SATURATE. */
	__le32 flags;

	/** @pattern: FILL: value of an element, in the low bytes; else zero. */
	__le64 pattern;

	/** @size: Number of elements of each dimension, innermost first; not 0 below @dims. */
	__le32 size[4];

	/**
	 * @src_stride: Bytes from one element of the source to the next in each
	 * dimension. GATHER and SCATTER: entry [dims] is from one row to the next.
	 */
	__le64 src_stride[4];

	/** @dst_stride: Like @src_stride, of the destination. */
	__le64 dst_stride[4];

	/** @index_addr: GATHER, SCATTER: virtual address of the indices; else zero. */
	__le64 index_addr;

	/** @index_count: GATHER, SCATTER: number of indices, or 0 for no work; else zero. */
	__le32 index_count;

	/** @index_size: GATHER, SCATTER: bytes of an index, 4 or 8; else zero. */
	__le32 index_size;

	/**
	 * @bound: GATHER, SCATTER: number of rows of the indexed side; else zero. An
	 * index of @bound or more is an error of the queue; with SKIP_BOUND its row is
	 * skipped.
	 */
	__le64 bound;

	/** @pad: Must be zero. */
	__le64 pad;
};

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TRN_RING_H_ */
