/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events of the data path, of queues and of resets.
 *
 * Each step of a copy has one event. The fields dev, engine and queue are the same in
 * all events, and in the trace events of the device.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM trn

#if !defined(TRN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TRN_TRACE_H

#include <linux/tracepoint.h>
#include <drm/drm_file.h>

#include "base/trn_device.h"
#include "queue/trn_queue.h"

/* A submission goes to the scheduler. ops: number of operations. */
TRACE_EVENT(trn_submit,
	    TP_PROTO(const struct trn_queue *queue, u64 point, u32 ops),
	    TP_ARGS(queue, point, ops),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, point)
			     __field(u32, ops)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->point = point;
			   __entry->ops = ops;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u point=%llu ops=%u", __entry->dev,
		      __entry->engine, __entry->queue, __entry->point, __entry->ops)
);

/* Descriptor pairs of the submission at point go into the rings. */
TRACE_EVENT(trn_emit,
	    TP_PROTO(const struct trn_queue *queue, u64 point, u32 pairs),
	    TP_ARGS(queue, point, pairs),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, point)
			     __field(u32, pairs)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->point = point;
			   __entry->pairs = pairs;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u point=%llu pairs=%u", __entry->dev,
		      __entry->engine, __entry->queue, __entry->point, __entry->pairs)
);

/* The doorbell is rung for pairs. emitted: pairs since the queue was made. */
TRACE_EVENT(trn_doorbell,
	    TP_PROTO(const struct trn_queue *queue, u64 emitted, u32 pairs),
	    TP_ARGS(queue, emitted, pairs),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, emitted)
			     __field(u32, pairs)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->emitted = emitted;
			   __entry->pairs = pairs;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u emitted=%llu pairs=%u", __entry->dev,
		      __entry->engine, __entry->queue, __entry->emitted, __entry->pairs)
);

/* The device finished added pairs (USER: S2M descriptors). retired: since the queue was made. */
TRACE_EVENT(trn_retire,
	    TP_PROTO(const struct trn_queue *queue, u64 retired, u64 added),
	    TP_ARGS(queue, retired, added),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, retired)
			     __field(u64, added)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->retired = retired;
			   __entry->added = added;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u retired=%llu added=%llu", __entry->dev,
		      __entry->engine, __entry->queue, __entry->retired, __entry->added)
);

/* The fence of the submission at point is signalled. error: 0 or a negative errno. */
TRACE_EVENT(trn_job_done,
	    TP_PROTO(const struct trn_queue *queue, u64 point, int error),
	    TP_ARGS(queue, point, error),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, point)
			     __field(int, error)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->point = point;
			   __entry->error = error;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u point=%llu error=%d", __entry->dev,
		      __entry->engine, __entry->queue, __entry->point, __entry->error)
);

/* The queue dies. state: enum drm_trn_queue_state. submitted: last point submitted. */
TRACE_EVENT(trn_queue_dead,
	    TP_PROTO(const struct trn_queue *queue, u32 state, u64 submitted),
	    TP_ARGS(queue, state, submitted),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u32, state)
			     __field(u64, submitted)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->state = state;
			   __entry->submitted = submitted;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u state=%u submitted=%llu", __entry->dev,
		      __entry->engine, __entry->queue, __entry->state, __entry->submitted)
);

/* QUEUE_NOTIFY asks for point. completed: last point done. */
TRACE_EVENT(trn_notify,
	    TP_PROTO(const struct trn_queue *queue, u64 point, u64 completed),
	    TP_ARGS(queue, point, completed),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u64, point)
			     __field(u64, completed)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->point = point;
			   __entry->completed = completed;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u point=%llu completed=%llu", __entry->dev,
		      __entry->engine, __entry->queue, __entry->point, __entry->completed)
);

/* A doorbell page is mapped. closed: a zero page takes the place of the doorbell. */
TRACE_EVENT(trn_doorbell_map,
	    TP_PROTO(const struct trn_queue *queue, bool closed),
	    TP_ARGS(queue, closed),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(bool, closed)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->closed = closed;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u closed=%d", __entry->dev,
		      __entry->engine, __entry->queue, __entry->closed)
);

/* The device reported an error of the queue. access: enum drm_trn_access. */
TRACE_EVENT(trn_fault,
	    TP_PROTO(const struct trn_queue *queue, const struct trn_udma_fault *fault),
	    TP_ARGS(queue, fault),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, engine)
			     __field(u32, queue)
			     __field(u32, code)
			     __field(u32, access)
			     __field(u64, addr)
			     ),
	    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
			   __entry->engine = queue->engine;
			   __entry->queue = queue->hw_queue;
			   __entry->code = fault->code;
			   __entry->access = fault->access;
			   __entry->addr = fault->addr;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u code=%u access=%u addr=%#llx", __entry->dev,
		      __entry->engine, __entry->queue, __entry->code, __entry->access,
		      __entry->addr)
);

/* The device put an entry into an event queue. type: TRNX_EVENT_*. */
TRACE_EVENT(trn_event,
	    TP_PROTO(const struct trn_device *tdev, u32 event_queue, u32 type, u32 index),
	    TP_ARGS(tdev, event_queue, type, index),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u32, event_queue)
			     __field(u32, type)
			     __field(u32, engine)
			     __field(u32, queue)
			     ),
	    TP_fast_assign(__entry->dev = tdev->drm.accel->index;
			   __entry->event_queue = event_queue;
			   __entry->type = type;
			   __entry->engine = index / TRN_QUEUES_PER_ENGINE;
			   __entry->queue = index % TRN_QUEUES_PER_ENGINE;
			   ),
	    TP_printk("dev=%d engine=%u queue=%u event_queue=%u type=%u", __entry->dev,
		      __entry->engine, __entry->queue, __entry->event_queue, __entry->type)
);

/* A reset is over. count: resets since the driver bound. error: 0 or a negative errno. */
TRACE_EVENT(trn_reset,
	    TP_PROTO(const struct trn_device *tdev, u64 count, int error),
	    TP_ARGS(tdev, count, error),
	    TP_STRUCT__entry(__field(int, dev)
			     __field(u64, count)
			     __field(int, error)
			     ),
	    TP_fast_assign(__entry->dev = tdev->drm.accel->index;
			   __entry->count = count;
			   __entry->error = error;
			   ),
	    TP_printk("dev=%d count=%llu error=%d", __entry->dev, __entry->count,
		      __entry->error)
);

#endif /* TRN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH queue
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trn_trace
#include <trace/define_trace.h>
