/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One tracepoint for each hop of a copy, keyed by engine, queue and either the
 * point of the job or the count of pairs. The device's own trace uses the same.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM trn

#if !defined(TRN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TRN_TRACE_H

#include <linux/tracepoint.h>
#include <drm/drm_file.h>

#include "base/trn_device.h"
#include "queue/trn_queue.h"

DECLARE_EVENT_CLASS(trn_queue_value,
		    TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
		    TP_ARGS(queue, seq, value),
		    TP_STRUCT__entry(__field(int, dev)
				     __field(u32, engine)
				     __field(u32, queue)
				     __field(u64, seq)
				     __field(s64, value)
				     ),
		    TP_fast_assign(__entry->dev = queue->tdev->drm.accel->index;
				   __entry->engine = queue->engine;
				   __entry->queue = queue->hw_queue;
				   __entry->seq = seq;
				   __entry->value = value;
				   ),
		    TP_printk("dev=%d engine=%u queue=%u seq=%llu value=%lld", __entry->dev,
			      __entry->engine, __entry->queue, __entry->seq, __entry->value)
);

/* seq: point; value: operations */
DEFINE_EVENT(trn_queue_value, trn_submit,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: point; value: pairs written for it this time */
DEFINE_EVENT(trn_queue_value, trn_emit,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: pairs emitted so far; value: pairs of this doorbell */
DEFINE_EVENT(trn_queue_value, trn_doorbell,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: descriptors (USER) or pairs retired so far; value: more than when it was last read */
DEFINE_EVENT(trn_queue_value, trn_retire,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: point; value: errno */
DEFINE_EVENT(trn_queue_value, trn_job_done,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: last point submitted; value: enum drm_trn_queue_state */
DEFINE_EVENT(trn_queue_value, trn_queue_dead,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: point that somebody sleeps for; value: last one done */
DEFINE_EVENT(trn_queue_value, trn_arm,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

/* seq: 0; value: 1 the doorbell was put into a mapping, 0 the page that takes its place */
DEFINE_EVENT(trn_queue_value, trn_doorbell_map,
	     TP_PROTO(const struct trn_queue *queue, u64 seq, s64 value),
	     TP_ARGS(queue, seq, value)
);

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
#define TRACE_INCLUDE_PATH base
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trn_trace
#include <trace/define_trace.h>
