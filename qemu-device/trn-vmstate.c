/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is saved of a device: every register, on-chip memory as far as it was
 * written, and each queue's position, down to the byte of a packet. HBM is RAM
 * and saved as such.
 *
 * The VM is stopped, hence the engines are held; holds, and who is worth a
 * turn, follow from the rest and are not saved (trn_engine_resume()).
 */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "trn-device.h"

#define STORE_END   UINT64_MAX

/* --- sparse stores: {offset, length, bytes}..., STORE_END --- */

static bool put_chunk(void *opaque, uint64_t offset, void *chunk, size_t len)
{
    QEMUFile *f = opaque;

    qemu_put_be64(f, offset);
    qemu_put_be32(f, len);
    qemu_put_buffer(f, chunk, len);
    return true;
}

static int put_store(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field, JSONWriter *vmdesc)
{
    trn_store_walk(pv, put_chunk, f);
    qemu_put_be64(f, STORE_END);
    return 0;
}

static int get_store(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field)
{
    TrnStore *store = pv;
    uint64_t offset;

    trn_store_clear(store);
    while ((offset = qemu_get_be64(f)) != STORE_END) {
        uint32_t len = qemu_get_be32(f);
        uint64_t avail;
        void *p = offset < store->size
                  ? trn_store_poke(store, offset, &avail) : NULL;

        if (!p || len > avail || qemu_get_buffer(f, p, len) != len) {
            return -EINVAL;
        }
    }
    return 0;
}

static const VMStateInfo vmstate_info_store = {
    .name = "trn store",
    .get = get_store,
    .put = put_store,
};

#define VMSTATE_STORE_ARRAY(_f, _s, _n) \
    VMSTATE_ARRAY(_f, _s, _n, 0, vmstate_info_store, TrnStore)

/* --- engines --- */

static const VMStateDescription vmstate_ring = {
    .name = "trn/ring",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(cfg, TrnRing),
        VMSTATE_UINT32(comp_cfg, TrnRing),
        VMSTATE_UINT64(base, TrnRing),
        VMSTATE_UINT64(comp_base, TrnRing),
        VMSTATE_UINT32(len, TrnRing),
        VMSTATE_UINT32(tail, TrnRing),
        VMSTATE_UINT32(head, TrnRing),
        VMSTATE_UINT64(rung, TrnRing),
        VMSTATE_UINT64(retired, TrnRing),
        VMSTATE_END_OF_LIST()
    },
};

static bool queue_is_inline(void *opaque)
{
    TrnQueue *q = opaque;

    return q->inline_state != TRN_INLINE_STATE_NONE;
}

static const VMStateDescription vmstate_inline = {
    .name = "trn/queue/inline",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = queue_is_inline,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(inline_state, TrnQueue),
        VMSTATE_UINT64(inline_pos, TrnQueue),
        VMSTATE_END_OF_LIST()
    },
};

static bool queue_has_priority(void *opaque)
{
    TrnQueue *q = opaque;

    return q->priority != TRNX_PRIORITY_NORMAL;
}

static const VMStateDescription vmstate_priority = {
    .name = "trn/queue/priority",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = queue_has_priority,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(priority, TrnQueue),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_queue = {
    .name = "trn/queue",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(m2s, TrnQueue, 1, vmstate_ring, TrnRing),
        VMSTATE_STRUCT(s2m, TrnQueue, 1, vmstate_ring, TrnRing),
        VMSTATE_UINT32(rlimit_mask, TrnQueue),
        VMSTATE_UINT32(packet_left, TrnQueue),
        VMSTATE_BOOL(opened, TrnQueue),
        VMSTATE_BOOL(s2m_first, TrnQueue),
        VMSTATE_UINT32(m2s_off, TrnQueue),
        VMSTATE_UINT32(s2m_off, TrnQueue),
        VMSTATE_BOOL(m2s_done, TrnQueue),
        VMSTATE_BOOL(s2m_done, TrnQueue),
        VMSTATE_UINT32(m2s_flags, TrnQueue),
        VMSTATE_UINT32(s2m_flags, TrnQueue),
        VMSTATE_UINT32(ctrl, TrnQueue),
        VMSTATE_UINT32(eq, TrnQueue),
        VMSTATE_UINT32(asid, TrnQueue),
        VMSTATE_UINT64(count_addr, TrnQueue),
        VMSTATE_UINT64(arm, TrnQueue),
        VMSTATE_UINT32(count_addr_low, TrnQueue),
        VMSTATE_UINT32(arm_low, TrnQueue),
        VMSTATE_BOOL(armed, TrnQueue),
        VMSTATE_UINT64(published, TrnQueue),
        VMSTATE_BOOL(record_due, TrnQueue),
        VMSTATE_BOOL(halted, TrnQueue),
        VMSTATE_UINT8(error, TrnQueue),
        VMSTATE_UINT64(error_addr, TrnQueue),
        VMSTATE_UINT8(error_access, TrnQueue),
        VMSTATE_BOOL(status_due, TrnQueue),
        VMSTATE_BOOL(send_completion, TrnQueue),
        VMSTATE_BOOL(send_error, TrnQueue),
        VMSTATE_BOOL(note_error, TrnQueue),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription * const []) {
        &vmstate_inline,
        &vmstate_priority,
        NULL
    },
};

static const VMStateDescription vmstate_iofic = {
    .name = "trn/iofic",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(cause, TrnIofic),
        VMSTATE_UINT32(mask, TrnIofic),
        VMSTATE_UINT32(status, TrnIofic),
        VMSTATE_UINT32(control, TrnIofic),
        VMSTATE_UINT32(abort_mask, TrnIofic),
        VMSTATE_UINT32(log_mask, TrnIofic),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_err_log = {
    .name = "trn/err-log",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(word, TrnErrLog, 4),
        VMSTATE_BOOL(full, TrnErrLog),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_nq = {
    .name = "trn/nq",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(base, TrnNq),
        VMSTATE_UINT32(entries, TrnNq),
        VMSTATE_UINT32(tail, TrnNq),
        VMSTATE_BOOL(odd_lap, TrnNq),
        VMSTATE_BOOL(overflow, TrnNq),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_activity = {
    .name = "trn/activity",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(bytes, TrnActivity),
        VMSTATE_UINT64(descs, TrnActivity),
        VMSTATE_UINT64_ARRAY(stack_bytes, TrnActivity, TRN_NUM_HBM_STACKS),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_engine = {
    .name = "trn/engine",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(queue, TrnEngine, TRN_QUEUES_PER_ENGINE, 1,
                             vmstate_queue, TrnQueue),
        VMSTATE_STRUCT_ARRAY(primary, TrnEngine, 4, 1, vmstate_iofic,
                             TrnIofic),
        VMSTATE_STRUCT_ARRAY(secondary, TrnEngine, 4, 1, vmstate_iofic,
                             TrnIofic),
        VMSTATE_STRUCT(nq, TrnEngine, 1, vmstate_nq, TrnNq),
        VMSTATE_STRUCT(m2s_log, TrnEngine, 1, vmstate_err_log, TrnErrLog),
        VMSTATE_STRUCT(s2m_log, TrnEngine, 1, vmstate_err_log, TrnErrLog),
        VMSTATE_UINT16(aborted, TrnEngine),
        VMSTATE_UINT32(m2s_off_state, TrnEngine),
        VMSTATE_UINT32(s2m_off_state, TrnEngine),
        VMSTATE_STRUCT(activity, TrnEngine, 1, vmstate_activity, TrnActivity),
        VMSTATE_END_OF_LIST()
    },
};

/* --- the rest of the chip --- */

static const VMStateDescription vmstate_sem = {
    .name = "trn/sem",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(value, TrnSem, TRN_NUM_SEMAPHORES),
        VMSTATE_UINT32_ARRAY(event, TrnSem, TRN_NUM_EVENTS),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_mbox = {
    .name = "trn/mbox",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(ram, TrnMbox, TRN_MISC_RAM_SIZE / 4),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_eq = {
    .name = "trn/eq",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(base, TrnEq),
        VMSTATE_UINT32(base_low, TrnEq),
        VMSTATE_UINT32(size, TrnEq),
        VMSTATE_UINT32(ctrl, TrnEq),
        VMSTATE_UINT64(ring, TrnEq),
        VMSTATE_UINT32(log2, TrnEq),
        VMSTATE_UINT32(pi, TrnEq),
        VMSTATE_UINT32(ci, TrnEq),
        VMSTATE_UINT32(status, TrnEq),
        VMSTATE_BOOL(armed, TrnEq),
        VMSTATE_UINT32(moderation, TrnEq),
        VMSTATE_UINT64(next_irq, TrnEq),
        VMSTATE_BOOL(held, TrnEq),
        VMSTATE_END_OF_LIST()
    },
};

/* Not the IOTLBs: they fill again from the tables. */
static const VMStateDescription vmstate_mmu = {
    .name = "trn/mmu",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(ctrl, TrnMmu),
        VMSTATE_UINT64(ctx_addr, TrnMmu),
        VMSTATE_UINT32(ctx_size, TrnMmu),
        VMSTATE_UINT32(ctx_addr_low, TrnMmu),
        VMSTATE_UINT32(inv_addr_low, TrnMmu),
        VMSTATE_UINT32(inv_size_low, TrnMmu),
        VMSTATE_UINT64(inv_addr, TrnMmu),
        VMSTATE_UINT64(inv_size, TrnMmu),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_link = {
    .name = "trn/link",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(tx_bytes, TrnLink),
        VMSTATE_UINT64(rx_bytes, TrnLink),
        VMSTATE_UINT32(tx_errors, TrnLink),
        VMSTATE_UINT32(rx_errors, TrnLink),
        VMSTATE_UINT32(changes, TrnLink),
        VMSTATE_BOOL(up, TrnLink),
        VMSTATE_BOOL(told, TrnLink),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_links = {
    .name = "trn/links",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(ctrl, TrnLinks),
        VMSTATE_UINT32(eq, TrnLinks),
        VMSTATE_STRUCT_ARRAY(link, TrnLinks, TRNX_NUM_LINKS, 1, vmstate_link,
                             TrnLink),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_meter = {
    .name = "trn/meter",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(energy_uj, TrnMeter),
        VMSTATE_UINT32(power_mw, TrnMeter),
        VMSTATE_INT32(rise_mk, TrnMeter),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_telemetry = {
    .name = "trn/telemetry",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(began, TrnTelemetry),
        VMSTATE_UINT64(sampled, TrnTelemetry),
        VMSTATE_UINT64(throttle_ns, TrnTelemetry),
        VMSTATE_UINT64(throttle_since, TrnTelemetry),
        VMSTATE_UINT32(throttle, TrnTelemetry),
        VMSTATE_STRUCT_ARRAY(meter, TrnTelemetry, TRN_NUM_PARTS, 1,
                             vmstate_meter, TrnMeter),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_trnx = {
    .name = "trn/trnx",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(eq, TrnTrnx, TRNX_NUM_EQ, 1, vmstate_eq, TrnEq),
        VMSTATE_STRUCT(mmu, TrnTrnx, 1, vmstate_mmu, TrnMmu),
        VMSTATE_STRUCT(links, TrnTrnx, 1, vmstate_links, TrnLinks),
        VMSTATE_UINT32(scratch, TrnTrnx),
        VMSTATE_UINT32(reset_count, TrnTrnx),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_deferred = {
    .name = "trn/deferred",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(offset, TrnDeferred),
        VMSTATE_UINT32(value, TrnDeferred),
        VMSTATE_END_OF_LIST()
    },
};

/* --- the timing model, if it is on; wakes and grants follow from the rest --- */

static const VMStateDescription vmstate_arrival = {
    .name = "trn/arrival",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(upto, TrnArrival),
        VMSTATE_UINT64(at, TrnArrival),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_arrivals = {
    .name = "trn/arrivals",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(first, TrnArrivals),
        VMSTATE_UINT8(num, TrnArrivals),
        VMSTATE_STRUCT_ARRAY(ring, TrnArrivals, TRN_ARRIVALS, 1,
                             vmstate_arrival, TrnArrival),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_queue_timing = {
    .name = "trn/queue-timing",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(m2s, TrnQueueTiming, 1, vmstate_arrivals, TrnArrivals),
        VMSTATE_STRUCT(s2m, TrnQueueTiming, 1, vmstate_arrivals, TrnArrivals),
        VMSTATE_UINT64(since, TrnQueueTiming),
        VMSTATE_UINT64(until, TrnQueueTiming),
        VMSTATE_UINT32(paid, TrnQueueTiming),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_engine_timing = {
    .name = "trn/engine-timing",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(busy, TrnEngineTiming),
        VMSTATE_UINT64(since, TrnEngineTiming),
        VMSTATE_UINT32(last, TrnEngineTiming),
        VMSTATE_UINT32(more, TrnEngineTiming),
        VMSTATE_STRUCT_ARRAY(queue, TrnEngineTiming, TRN_QUEUES_PER_ENGINE, 1,
                             vmstate_queue_timing, TrnQueueTiming),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_timing = {
    .name = "trn/timing-model",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(engine, TrnTiming, TRN_NUM_ENGINES, 1,
                             vmstate_engine_timing, TrnEngineTiming),
        VMSTATE_UINT64_ARRAY(stack, TrnTiming, TRN_NUM_HBM_STACKS),
        VMSTATE_UINT64_ARRAY(host, TrnTiming, 2),
        VMSTATE_UINT64_2DARRAY(link, TrnTiming, TRN_NUM_SENGS, 2),
        VMSTATE_UINT64(completion, TrnTiming),
        VMSTATE_END_OF_LIST()
    },
};

static bool timing_needed(void *opaque)
{
    TrnChip *chip = opaque;

    return chip->timing;
}

static int timing_pre_load(void *opaque)
{
    return timing_needed(opaque) ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_chip_timing = {
    .name = "trn/chip/timing",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = timing_needed,
    .pre_load = timing_pre_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(timing, TrnChip, vmstate_timing, TrnTiming),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_chip = {
    .name = "trn/chip",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(engine, TrnChip, TRN_NUM_ENGINES, 1,
                             vmstate_engine, TrnEngine),
        VMSTATE_SINGLE(regs, TrnChip, 0, vmstate_info_store, TrnStore),
        VMSTATE_STORE_ARRAY(tpb, TrnChip, TRN_NUM_CORES),
        VMSTATE_STORE_ARRAY(top_sp, TrnChip, TRN_NUM_TOP_SP),
        VMSTATE_STORE_ARRAY(preproc, TrnChip, TRN_NUM_SENGS),
        VMSTATE_STRUCT_ARRAY(core_sem, TrnChip, TRN_NUM_CORES, 1,
                             vmstate_sem, TrnSem),
        VMSTATE_STRUCT_ARRAY(top_sp_sem, TrnChip, TRN_NUM_TOP_SP, 1,
                             vmstate_sem, TrnSem),
        VMSTATE_STRUCT(mbox, TrnChip, 1, vmstate_mbox, TrnMbox),
        VMSTATE_STRUCT(trnx, TrnChip, 1, vmstate_trnx, TrnTrnx),
        VMSTATE_STRUCT(telemetry, TrnChip, 1, vmstate_telemetry,
                       TrnTelemetry),
        VMSTATE_UINT64_ARRAY(visits.stack_bytes, TrnChip, TRN_NUM_HBM_STACKS),
        VMSTATE_STRUCT_ARRAY(deferred, TrnChip, TRN_DEFERRED_MAX, 1,
                             vmstate_deferred, TrnDeferred),
        VMSTATE_UINT32(num_deferred, TrnChip),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription * const []) {
        &vmstate_chip_timing,
        NULL
    },
};

static int trn_post_load(void *opaque, int version_id)
{
    TrnState *s = opaque;

    if (!trn_chip_resume(s->chip)) {
        return -EINVAL;
    }
    trn_update_bus_master(s);
    return 0;
}

const VMStateDescription trn_vmstate = {
    .name = TYPE_TRN,
    .version_id = 3,
    .minimum_version_id = 3,
    .post_load = trn_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, TrnState),
        VMSTATE_MSIX(parent_obj, TrnState),
        VMSTATE_STRUCT_POINTER(chip, TrnState, vmstate_chip, TrnChip),
        VMSTATE_END_OF_LIST()
    },
};
