/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * trn_ring: how a process drives a user-mode queue of the Trainium driver.
 *
 * A queue has two rings of 16-byte descriptors, of ring_size each (struct
 * drm_trn_queue_create): M2S says what is read, S2M where it is written. Packets,
 * from FIRST to LAST, leave M2S in order; their bytes fill S2M descriptors in order,
 * and the end of a packet closes the descriptor that it ends in. A plain copy is one
 * descriptor on each side.
 *
 * To submit: write descriptors behind those already in the rings, each with the ring
 * id of its lap; then, with a store barrier before it, write the doorbell. Never
 * have more than ring_size descriptors outstanding on a side: a doorbell that would
 * is refused, and ends the queue. To complete: poll drm_trn_record, or QUEUE_NOTIFY.
 *
 * All words are little endian. This is an ABI as drm/trn_accel.h is one, and grows
 * by the same rules; what it says of descriptors is what the chip does.
 */
#ifndef _UAPI_TRN_RING_H_
#define _UAPI_TRN_RING_H_

#include <linux/types.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** struct drm_trn_desc - A descriptor, of either ring. */
struct drm_trn_desc {
	/** @ctrl: DRM_TRN_DESC_*. */
	__le32 ctrl;

	/** @op: M2S: one of DRM_TRN_DESC_OP_*, in the FIRST descriptor; S2M: zero. */
	__le32 op;

	/** @addr: Virtual address, of any alignment. */
	__le64 addr;
};

#define DRM_TRN_DESC_LEN	0x0000ffffu	/* bytes; 0 stands for 65536 */
#define DRM_TRN_DESC_META	0x00800000u	/* M2S: @addr is that of operands */
#define DRM_TRN_DESC_RING_ID(n)	(((n) & 3u) << 24)	/* 1 on the first lap, + 1 a lap */
#define DRM_TRN_DESC_FIRST	0x04000000u	/* M2S: a packet begins */
#define DRM_TRN_DESC_LAST	0x08000000u	/* M2S: a packet ends */
#define DRM_TRN_DESC_STRONG	0x20000000u	/* S2M: after all earlier writes */
#define DRM_TRN_DESC_DMB	0x40000000u	/* M2S: after all earlier transfers */

#define DRM_TRN_DESC_MAX_LEN	65536

#define DRM_TRN_DESC_OP_COPY	0x01080003u	/* copy the bytes */
#define DRM_TRN_DESC_OPF_BARRIER	0x04000000u	/* ORed in: earlier writes are done first */
#define DRM_TRN_DESC_OP_INLINE	0x03800003u	/* struct drm_trn_inline_op */

/**
 * struct drm_trn_record - Progress, written by the device.
 *
 * Counts of descriptors finished since the queue was made. The data of a descriptor
 * is in memory before a count that includes it.
 */
struct drm_trn_record {
	/** @s2m: S2M descriptors. */
	__le64 s2m;

	/** @m2s: M2S descriptors. */
	__le64 m2s;

	/** @status: Not 0 after an error of the device: the queue is about to die. */
	__le32 status;

	/** @pad: Undefined. */
	__le32 pad[3];
};

/** struct drm_trn_queue_page - The page at record_offset. */
struct drm_trn_queue_page {
	/** @record: Written by the device. */
	struct drm_trn_record record;

	/** @pad: Undefined. */
	__u64 pad[4];

	/**
	 * @error: Written by the kernel: 0, or once the queue is dead the negative
	 * errno that QUEUE_GET_STATE tells. @record does not change after it.
	 */
	__s32 error;

	/** @pad2: Undefined. */
	__u32 pad2;
};

/*
 * Offsets in the doorbell page. Written is the number of descriptors to add; BOTH
 * takes one 64-bit store, S2M in the low half and M2S in the high one, and adds both
 * or neither. Where a program has no 64-bit store: S2M, then M2S.
 */
#define DRM_TRN_DOORBELL_M2S	0x00
#define DRM_TRN_DOORBELL_S2M	0x04
#define DRM_TRN_DOORBELL_BOTH	0x08

/** enum drm_trn_inline_opcode - Inline operations (DRM_TRN_CAP_INLINE_OPS). */
enum drm_trn_inline_opcode {
	/**
	 * @DRM_TRN_INLINE_FILL: Write the low bytes of @pattern to every element of
	 * the destination. No source.
	 */
	DRM_TRN_INLINE_FILL = 1,

	/**
	 * @DRM_TRN_INLINE_COPY: Copy elements from one strided array of up to four
	 * dimensions into another, and cast them if the types differ. One source.
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
	 * @DRM_TRN_INLINE_TRANSPOSE: Two dimensions: element (r, c) of the source
	 * becomes element (c, r) of the destination. Elements of 2 or 4 bytes. size[0]
	 * is the number of columns c, size[1] that of rows r, of the source;
	 * src_stride[1] and dst_stride[1] are bytes from one row to the next on either
	 * side; strides [0] are not used. One source.
	 */
	DRM_TRN_INLINE_TRANSPOSE = 5,

	/**
	 * @DRM_TRN_INLINE_ACCUMULATE: Add 1 to 16 sources element by element, in fp32
	 * and in their order; with ADD_TO_DST beginning from what the destination
	 * holds. Source and destination types are F32 or BF16. All sources share
	 * src_stride.
	 */
	DRM_TRN_INLINE_ACCUMULATE = 6,
};

/**
 * enum drm_trn_dtype - Types of elements.
 *
 * Between equal types bytes are moved as they are. Between two different float types
 * values go through fp32, rounded to nearest even, NaN stays NaN. Casts of U types
 * are refused.
 */
enum drm_trn_dtype {
	DRM_TRN_DTYPE_U8 = 0,
	DRM_TRN_DTYPE_U16 = 1,
	DRM_TRN_DTYPE_U32 = 2,
	DRM_TRN_DTYPE_U64 = 3,
	DRM_TRN_DTYPE_F32 = 4,
	DRM_TRN_DTYPE_BF16 = 5,
	DRM_TRN_DTYPE_F16 = 6,
	DRM_TRN_DTYPE_F8E4M3 = 7,	/* without infinities: too large is NaN */
	DRM_TRN_DTYPE_F8E5M2 = 8,
};

#define DRM_TRN_INLINE_ADD_TO_DST	(1u << 0)	/* ACCUMULATE */
#define DRM_TRN_INLINE_SKIP_BOUND	(1u << 1)	/* GATHER, SCATTER: leave out bad indices */
#define DRM_TRN_INLINE_SATURATE		(1u << 2)	/* casts: too large is the largest finite */

/**
 * struct drm_trn_inline_op - Operands of one inline operation.
 *
 * In memory of the VM, at a multiple of 8. The packet on the M2S ring: a descriptor
 * with META and DRM_TRN_DESC_OP_INLINE, whose address is that of this struct and whose
 * length is its size; then one descriptor a source, whose address is that of its first
 * element and whose length does not count. On the S2M ring: one descriptor, likewise, for
 * the destination. The operation is finished with its descriptors; counts include
 * all of them.
 *
 * Element (i0, i1, i2, i3) is at the first one's address + the sum of i * stride, which
 * wraps at 64 bits. What overlaps is undefined, but touches no other memory. An operation
 * that makes no sense is an error of the queue.
 */
struct drm_trn_inline_op {
	/** @opcode: One of enum drm_trn_inline_opcode. */
	__u8 opcode;

	/** @src_type: One of enum drm_trn_dtype; FILL: as @dst_type. */
	__u8 src_type;

	/** @dst_type: One of enum drm_trn_dtype. */
	__u8 dst_type;

	/**
	 * @dims: Dimensions, 1..4; GATHER and SCATTER: of one row, 1..3; TRANSPOSE:
	 * 2.
	 */
	__u8 dims;

	/** @flags: DRM_TRN_INLINE_*. */
	__le32 flags;

	/** @pattern: FILL: the element, in the low bytes; else zero. */
	__le64 pattern;

	/** @size: Elements of each dimension, the innermost first; not 0 up to @dims. */
	__le32 size[4];

	/**
	 * @src_stride: Bytes from one element to the next in each dimension. GATHER and
	 * SCATTER: entry [dims] is that from one row to the next.
	 */
	__le64 src_stride[4];

	/** @dst_stride: The same for the destination. */
	__le64 dst_stride[4];

	/** @index_addr: GATHER, SCATTER: virtual address of the indices; else zero. */
	__le64 index_addr;

	/** @index_count: GATHER, SCATTER: number of indices; else zero. */
	__le32 index_count;

	/** @index_size: GATHER, SCATTER: bytes of an index, 4 or 8; else zero. */
	__le32 index_size;

	/**
	 * @bound: GATHER, SCATTER: rows of the indexed side. An index from here on is an
	 * error of the queue, or left out with SKIP_BOUND. Else zero.
	 */
	__le64 bound;

	/** @pad: Must be zero. */
	__le64 pad;
};

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TRN_RING_H_ */
