/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes and offsets of every struct of drm/trn_accel.h and trn_ring.h, as literals. They hold
 * for 32- and 64-bit programs alike and never change: a field is only added at
 * the end, and then gets a line here. Needs no C library.
 */
#ifndef UAPI_LAYOUT_H
#define UAPI_LAYOUT_H

#include "drm/trn_accel.h"
#include "drm/trn_ring.h"

#define LAYOUT_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type " changed its size")
#define LAYOUT_FIELD(type, field, offset, size) \
	_Static_assert(__builtin_offsetof(struct type, field) == (offset) && \
		       sizeof(((struct type *)0)->field) == (size), \
		       #type "." #field " moved or changed its size")
#define LAYOUT_VALUE(name, value) \
	_Static_assert((name) == (value), #name " changed its value")

LAYOUT_SIZE(drm_trn_array, 16);
LAYOUT_FIELD(drm_trn_array, stride, 0, 4);
LAYOUT_FIELD(drm_trn_array, count, 4, 4);
LAYOUT_FIELD(drm_trn_array, ptr, 8, 8);

LAYOUT_SIZE(drm_trn_dev_query, 16);
LAYOUT_FIELD(drm_trn_dev_query, type, 0, 4);
LAYOUT_FIELD(drm_trn_dev_query, size, 4, 4);
LAYOUT_FIELD(drm_trn_dev_query, pointer, 8, 8);

LAYOUT_SIZE(drm_trn_query_device, 120);
LAYOUT_FIELD(drm_trn_query_device, generation, 0, 4);
LAYOUT_FIELD(drm_trn_query_device, revision, 4, 4);
LAYOUT_FIELD(drm_trn_query_device, caps, 8, 8);
LAYOUT_FIELD(drm_trn_query_device, num_engines, 16, 4);
LAYOUT_FIELD(drm_trn_query_device, first_h2t_engine, 20, 4);
LAYOUT_FIELD(drm_trn_query_device, queues_per_engine, 24, 4);
LAYOUT_FIELD(drm_trn_query_device, num_cores, 28, 4);
LAYOUT_FIELD(drm_trn_query_device, num_regions, 32, 4);
LAYOUT_FIELD(drm_trn_query_device, max_queues, 36, 4);
LAYOUT_FIELD(drm_trn_query_device, max_ops, 40, 4);
LAYOUT_FIELD(drm_trn_query_device, max_syncs, 44, 4);
LAYOUT_FIELD(drm_trn_query_device, max_ring_size, 48, 4);
LAYOUT_FIELD(drm_trn_query_device, default_timeout_ms, 52, 4);
LAYOUT_FIELD(drm_trn_query_device, bo_granule, 56, 8);
LAYOUT_FIELD(drm_trn_query_device, reset_count, 64, 8);
LAYOUT_FIELD(drm_trn_query_device, max_vms, 72, 4);
LAYOUT_FIELD(drm_trn_query_device, max_bind_ops, 76, 4);
LAYOUT_FIELD(drm_trn_query_device, max_faults, 80, 4);
LAYOUT_FIELD(drm_trn_query_device, pad, 84, 4);
LAYOUT_FIELD(drm_trn_query_device, va_start, 88, 8);
LAYOUT_FIELD(drm_trn_query_device, va_size, 96, 8);
LAYOUT_FIELD(drm_trn_query_device, max_table_bytes, 104, 8);
LAYOUT_FIELD(drm_trn_query_device, max_hbm_bytes, 112, 8);

LAYOUT_SIZE(drm_trn_query_list, 16);
LAYOUT_FIELD(drm_trn_query_list, count, 0, 4);
LAYOUT_FIELD(drm_trn_query_list, stride, 4, 4);
LAYOUT_FIELD(drm_trn_query_list, pad, 8, 8);

LAYOUT_SIZE(drm_trn_region, 32);
LAYOUT_FIELD(drm_trn_region, kind, 0, 4);
LAYOUT_FIELD(drm_trn_region, instance, 4, 4);
LAYOUT_FIELD(drm_trn_region, size, 8, 8);
LAYOUT_FIELD(drm_trn_region, free, 16, 8);
LAYOUT_FIELD(drm_trn_region, cpu_visible, 24, 8);

LAYOUT_SIZE(drm_trn_engine, 16);
LAYOUT_FIELD(drm_trn_engine, id, 0, 4);
LAYOUT_FIELD(drm_trn_engine, core, 4, 4);
LAYOUT_FIELD(drm_trn_engine, stack, 8, 4);
LAYOUT_FIELD(drm_trn_engine, free_queues, 12, 4);

LAYOUT_SIZE(drm_trn_query_firmware, 16);
LAYOUT_FIELD(drm_trn_query_firmware, serial, 0, 8);
LAYOUT_FIELD(drm_trn_query_firmware, api_version, 8, 4);
LAYOUT_FIELD(drm_trn_query_firmware, routing_id, 12, 4);

LAYOUT_SIZE(drm_trn_query_clock, 8);
LAYOUT_FIELD(drm_trn_query_clock, monotonic_ns, 0, 8);

LAYOUT_SIZE(drm_trn_bo_create, 32);
LAYOUT_FIELD(drm_trn_bo_create, size, 0, 8);
LAYOUT_FIELD(drm_trn_bo_create, placement, 8, 8);
LAYOUT_FIELD(drm_trn_bo_create, flags, 16, 4);
LAYOUT_FIELD(drm_trn_bo_create, handle, 20, 4);
LAYOUT_FIELD(drm_trn_bo_create, mmap_offset, 24, 8);

LAYOUT_SIZE(drm_trn_bo_info, 32);
LAYOUT_FIELD(drm_trn_bo_info, handle, 0, 4);
LAYOUT_FIELD(drm_trn_bo_info, flags, 4, 4);
LAYOUT_FIELD(drm_trn_bo_info, size, 8, 8);
LAYOUT_FIELD(drm_trn_bo_info, mmap_offset, 16, 8);
LAYOUT_FIELD(drm_trn_bo_info, region, 24, 4);
LAYOUT_FIELD(drm_trn_bo_info, pad, 28, 4);

LAYOUT_SIZE(drm_trn_bo_userptr, 24);
LAYOUT_FIELD(drm_trn_bo_userptr, addr, 0, 8);
LAYOUT_FIELD(drm_trn_bo_userptr, size, 8, 8);
LAYOUT_FIELD(drm_trn_bo_userptr, flags, 16, 4);
LAYOUT_FIELD(drm_trn_bo_userptr, handle, 20, 4);

LAYOUT_SIZE(drm_trn_vm_create, 8);
LAYOUT_FIELD(drm_trn_vm_create, flags, 0, 4);
LAYOUT_FIELD(drm_trn_vm_create, vm_id, 4, 4);

LAYOUT_SIZE(drm_trn_vm_destroy, 8);
LAYOUT_FIELD(drm_trn_vm_destroy, vm_id, 0, 4);
LAYOUT_FIELD(drm_trn_vm_destroy, pad, 4, 4);

LAYOUT_SIZE(drm_trn_vm_op, 40);
LAYOUT_FIELD(drm_trn_vm_op, type, 0, 4);
LAYOUT_FIELD(drm_trn_vm_op, flags, 4, 4);
LAYOUT_FIELD(drm_trn_vm_op, handle, 8, 4);
LAYOUT_FIELD(drm_trn_vm_op, pad, 12, 4);
LAYOUT_FIELD(drm_trn_vm_op, bo_offset, 16, 8);
LAYOUT_FIELD(drm_trn_vm_op, va, 24, 8);
LAYOUT_FIELD(drm_trn_vm_op, size, 32, 8);

LAYOUT_SIZE(drm_trn_vm_bind, 40);
LAYOUT_FIELD(drm_trn_vm_bind, vm_id, 0, 4);
LAYOUT_FIELD(drm_trn_vm_bind, flags, 4, 4);
LAYOUT_FIELD(drm_trn_vm_bind, ops, 8, 16);
LAYOUT_FIELD(drm_trn_vm_bind, syncs, 24, 16);

LAYOUT_SIZE(drm_trn_queue_create, 80);
LAYOUT_FIELD(drm_trn_queue_create, flags, 0, 4);
LAYOUT_FIELD(drm_trn_queue_create, mode, 4, 4);
LAYOUT_FIELD(drm_trn_queue_create, vm_id, 8, 4);
LAYOUT_FIELD(drm_trn_queue_create, engine, 12, 4);
LAYOUT_FIELD(drm_trn_queue_create, engine_class, 16, 4);
LAYOUT_FIELD(drm_trn_queue_create, priority, 20, 4);
LAYOUT_FIELD(drm_trn_queue_create, placement, 24, 8);
LAYOUT_FIELD(drm_trn_queue_create, ring_size, 32, 4);
LAYOUT_FIELD(drm_trn_queue_create, timeout_ms, 36, 4);
LAYOUT_FIELD(drm_trn_queue_create, ring_va, 40, 8);
LAYOUT_FIELD(drm_trn_queue_create, queue_id, 48, 4);
LAYOUT_FIELD(drm_trn_queue_create, hw_queue, 52, 4);
LAYOUT_FIELD(drm_trn_queue_create, syncobj, 56, 4);
LAYOUT_FIELD(drm_trn_queue_create, pad, 60, 4);
LAYOUT_FIELD(drm_trn_queue_create, doorbell_offset, 64, 8);
LAYOUT_FIELD(drm_trn_queue_create, record_offset, 72, 8);

LAYOUT_SIZE(drm_trn_queue_destroy, 8);
LAYOUT_FIELD(drm_trn_queue_destroy, queue_id, 0, 4);
LAYOUT_FIELD(drm_trn_queue_destroy, pad, 4, 4);

LAYOUT_SIZE(drm_trn_op, 48);
LAYOUT_FIELD(drm_trn_op, type, 0, 4);
LAYOUT_FIELD(drm_trn_op, flags, 4, 4);
LAYOUT_FIELD(drm_trn_op, dst, 8, 4);
LAYOUT_FIELD(drm_trn_op, src, 12, 4);
LAYOUT_FIELD(drm_trn_op, dst_offset, 16, 8);
LAYOUT_FIELD(drm_trn_op, src_offset, 24, 8);
LAYOUT_FIELD(drm_trn_op, size, 32, 8);
LAYOUT_FIELD(drm_trn_op, pattern, 40, 4);
LAYOUT_FIELD(drm_trn_op, pad, 44, 4);

LAYOUT_SIZE(drm_trn_sync, 16);
LAYOUT_FIELD(drm_trn_sync, flags, 0, 4);
LAYOUT_FIELD(drm_trn_sync, handle, 4, 4);
LAYOUT_FIELD(drm_trn_sync, point, 8, 8);

LAYOUT_SIZE(drm_trn_queue_submit, 48);
LAYOUT_FIELD(drm_trn_queue_submit, queue_id, 0, 4);
LAYOUT_FIELD(drm_trn_queue_submit, flags, 4, 4);
LAYOUT_FIELD(drm_trn_queue_submit, ops, 8, 16);
LAYOUT_FIELD(drm_trn_queue_submit, syncs, 24, 16);
LAYOUT_FIELD(drm_trn_queue_submit, point, 40, 8);

LAYOUT_SIZE(drm_trn_queue_get_state, 64);
LAYOUT_FIELD(drm_trn_queue_get_state, queue_id, 0, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, state, 4, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, submitted, 8, 8);
LAYOUT_FIELD(drm_trn_queue_get_state, completed, 16, 8);
LAYOUT_FIELD(drm_trn_queue_get_state, error_point, 24, 8);
LAYOUT_FIELD(drm_trn_queue_get_state, error, 32, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, fault_code, 36, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, fault_addr, 40, 8);
LAYOUT_FIELD(drm_trn_queue_get_state, fault_access, 48, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, pad, 52, 4);
LAYOUT_FIELD(drm_trn_queue_get_state, reset_count, 56, 8);

LAYOUT_SIZE(drm_trn_queue_notify, 16);
LAYOUT_FIELD(drm_trn_queue_notify, queue_id, 0, 4);
LAYOUT_FIELD(drm_trn_queue_notify, flags, 4, 4);
LAYOUT_FIELD(drm_trn_queue_notify, point, 8, 8);

LAYOUT_SIZE(drm_trn_desc, 16);
LAYOUT_FIELD(drm_trn_desc, ctrl, 0, 4);
LAYOUT_FIELD(drm_trn_desc, op, 4, 4);
LAYOUT_FIELD(drm_trn_desc, addr, 8, 8);

LAYOUT_SIZE(drm_trn_record, 32);
LAYOUT_FIELD(drm_trn_record, s2m, 0, 8);
LAYOUT_FIELD(drm_trn_record, m2s, 8, 8);
LAYOUT_FIELD(drm_trn_record, status, 16, 4);
LAYOUT_FIELD(drm_trn_record, pad, 20, 12);

LAYOUT_SIZE(drm_trn_queue_page, 72);
LAYOUT_FIELD(drm_trn_queue_page, record, 0, 32);
LAYOUT_FIELD(drm_trn_queue_page, pad, 32, 32);
LAYOUT_FIELD(drm_trn_queue_page, error, 64, 4);
LAYOUT_FIELD(drm_trn_queue_page, pad2, 68, 4);

LAYOUT_SIZE(drm_trn_inline_op, 128);
LAYOUT_FIELD(drm_trn_inline_op, opcode, 0, 1);
LAYOUT_FIELD(drm_trn_inline_op, src_type, 1, 1);
LAYOUT_FIELD(drm_trn_inline_op, dst_type, 2, 1);
LAYOUT_FIELD(drm_trn_inline_op, dims, 3, 1);
LAYOUT_FIELD(drm_trn_inline_op, flags, 4, 4);
LAYOUT_FIELD(drm_trn_inline_op, pattern, 8, 8);
LAYOUT_FIELD(drm_trn_inline_op, size, 16, 16);
LAYOUT_FIELD(drm_trn_inline_op, src_stride, 32, 32);
LAYOUT_FIELD(drm_trn_inline_op, dst_stride, 64, 32);
LAYOUT_FIELD(drm_trn_inline_op, index_addr, 96, 8);
LAYOUT_FIELD(drm_trn_inline_op, index_count, 104, 4);
LAYOUT_FIELD(drm_trn_inline_op, index_size, 108, 4);
LAYOUT_FIELD(drm_trn_inline_op, bound, 112, 8);
LAYOUT_FIELD(drm_trn_inline_op, pad, 120, 8);

LAYOUT_VALUE(DRM_IOCTL_TRN_DEV_QUERY, 0xc0106440);
LAYOUT_VALUE(DRM_IOCTL_TRN_VM_CREATE, 0xc0086441);
LAYOUT_VALUE(DRM_IOCTL_TRN_VM_DESTROY, 0x40086442);
LAYOUT_VALUE(DRM_IOCTL_TRN_VM_BIND, 0x40286443);
LAYOUT_VALUE(DRM_IOCTL_TRN_BO_CREATE, 0xc0206445);
LAYOUT_VALUE(DRM_IOCTL_TRN_BO_INFO, 0xc0206446);
LAYOUT_VALUE(DRM_IOCTL_TRN_BO_USERPTR, 0xc0186447);
LAYOUT_VALUE(DRM_IOCTL_TRN_QUEUE_CREATE, 0xc0506448);
LAYOUT_VALUE(DRM_IOCTL_TRN_QUEUE_DESTROY, 0x40086449);
LAYOUT_VALUE(DRM_IOCTL_TRN_QUEUE_SUBMIT, 0xc030644a);
LAYOUT_VALUE(DRM_IOCTL_TRN_QUEUE_GET_STATE, 0xc040644b);
LAYOUT_VALUE(DRM_IOCTL_TRN_QUEUE_NOTIFY, 0x4010644c);

LAYOUT_VALUE(DRM_TRN_QUERY_DEVICE, 0);
LAYOUT_VALUE(DRM_TRN_QUERY_REGIONS, 1);
LAYOUT_VALUE(DRM_TRN_QUERY_ENGINES, 2);
LAYOUT_VALUE(DRM_TRN_QUERY_FIRMWARE, 3);
LAYOUT_VALUE(DRM_TRN_QUERY_CLOCK, 4);
LAYOUT_VALUE(DRM_TRN_REGION_HBM, 0);
LAYOUT_VALUE(DRM_TRN_REGION_SYSTEM, 1);
LAYOUT_VALUE(DRM_TRN_NONE, 0xffffffff);
LAYOUT_VALUE(DRM_TRN_BO_NO_MMAP, 1);
LAYOUT_VALUE(DRM_TRN_BO_READ_ONLY, 2);
LAYOUT_VALUE(DRM_TRN_BO_IS_USERPTR, 0x80000000);
LAYOUT_VALUE(DRM_TRN_BO_IS_IMPORT, 0x40000000);
LAYOUT_VALUE(DRM_TRN_CAP_USER_QUEUES, 1);
LAYOUT_VALUE(DRM_TRN_CAP_INLINE_OPS, 2);
LAYOUT_VALUE(DRM_TRN_CAP_PRIORITIES, 4);
LAYOUT_VALUE(DRM_TRN_VM_OP_MAP, 0);
LAYOUT_VALUE(DRM_TRN_VM_OP_UNMAP, 1);
LAYOUT_VALUE(DRM_TRN_VM_MAP_READ, 1);
LAYOUT_VALUE(DRM_TRN_VM_MAP_WRITE, 2);
LAYOUT_VALUE(DRM_TRN_VM_BIND_ASYNC, 1);
LAYOUT_VALUE(DRM_TRN_QUEUE_MODE_KERNEL, 0);
LAYOUT_VALUE(DRM_TRN_QUEUE_MODE_USER, 1);
LAYOUT_VALUE(DRM_TRN_ENGINE_CLASS_ANY, 0);
LAYOUT_VALUE(DRM_TRN_ENGINE_CLASS_CORE, 1);
LAYOUT_VALUE(DRM_TRN_ENGINE_CLASS_H2T, 2);
LAYOUT_VALUE(DRM_TRN_QUEUE_PRIORITY_NORMAL, 0);
LAYOUT_VALUE(DRM_TRN_QUEUE_PRIORITY_LOW, 1);
LAYOUT_VALUE(DRM_TRN_QUEUE_PRIORITY_HIGH, 2);
LAYOUT_VALUE(DRM_TRN_OP_COPY, 0);
LAYOUT_VALUE(DRM_TRN_OP_FILL, 1);
LAYOUT_VALUE(DRM_TRN_SYNC_WAIT, 1);
LAYOUT_VALUE(DRM_TRN_SYNC_SIGNAL, 2);
LAYOUT_VALUE(DRM_TRN_QUEUE_STATE_READY, 0);
LAYOUT_VALUE(DRM_TRN_QUEUE_STATE_TIMEDOUT, 1);
LAYOUT_VALUE(DRM_TRN_QUEUE_STATE_FAULTED, 2);
LAYOUT_VALUE(DRM_TRN_QUEUE_STATE_LOST, 3);
LAYOUT_VALUE(DRM_TRN_ACCESS_M2S_RING, 0);
LAYOUT_VALUE(DRM_TRN_ACCESS_S2M_RING, 1);
LAYOUT_VALUE(DRM_TRN_ACCESS_SOURCE, 2);
LAYOUT_VALUE(DRM_TRN_ACCESS_TARGET, 3);

LAYOUT_VALUE(DRM_TRN_DESC_LEN, 0x0000ffff);
LAYOUT_VALUE(DRM_TRN_DESC_META, 0x00800000);
LAYOUT_VALUE(DRM_TRN_DESC_RING_ID(7), 0x03000000);
LAYOUT_VALUE(DRM_TRN_DESC_FIRST, 0x04000000);
LAYOUT_VALUE(DRM_TRN_DESC_LAST, 0x08000000);
LAYOUT_VALUE(DRM_TRN_DESC_STRONG, 0x20000000);
LAYOUT_VALUE(DRM_TRN_DESC_DMB, 0x40000000);
LAYOUT_VALUE(DRM_TRN_DESC_MAX_LEN, 65536);
LAYOUT_VALUE(DRM_TRN_DESC_OP_COPY, 0x01080003);
LAYOUT_VALUE(DRM_TRN_DESC_OPF_BARRIER, 0x04000000);
LAYOUT_VALUE(DRM_TRN_DESC_OP_INLINE, 0x03800003);
LAYOUT_VALUE(DRM_TRN_DOORBELL_M2S, 0);
LAYOUT_VALUE(DRM_TRN_DOORBELL_S2M, 4);
LAYOUT_VALUE(DRM_TRN_DOORBELL_BOTH, 8);
LAYOUT_VALUE(DRM_TRN_INLINE_FILL, 1);
LAYOUT_VALUE(DRM_TRN_INLINE_COPY, 2);
LAYOUT_VALUE(DRM_TRN_INLINE_GATHER, 3);
LAYOUT_VALUE(DRM_TRN_INLINE_SCATTER, 4);
LAYOUT_VALUE(DRM_TRN_INLINE_TRANSPOSE, 5);
LAYOUT_VALUE(DRM_TRN_INLINE_ACCUMULATE, 6);
LAYOUT_VALUE(DRM_TRN_INLINE_ADD_TO_DST, 1);
LAYOUT_VALUE(DRM_TRN_INLINE_SKIP_BOUND, 2);
LAYOUT_VALUE(DRM_TRN_INLINE_SATURATE, 4);
LAYOUT_VALUE(DRM_TRN_DTYPE_U8, 0);
LAYOUT_VALUE(DRM_TRN_DTYPE_F32, 4);
LAYOUT_VALUE(DRM_TRN_DTYPE_F8E5M2, 8);

#endif /* UAPI_LAYOUT_H */
