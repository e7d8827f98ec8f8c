/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The saved state of a chip: every register, the position of each queue down
 * to the byte of a packet, and the place in the on-chip memories of each chunk
 * of the pool. HBM and the pool are migrated as RAM.
 *
 * The VM is stopped, hence the engines are held. Holds, and the set of queues
 * that need a turn, follow from the rest and are not saved.
 *
 * The state that is loaded is not trusted. This file checks only the values
 * that it needs for loading; core/resume.c checks all others.
 */
#include "migrate/trn-vmstate.h"
#include "migration/qemu-file-types.h"

#define STORE_END   UINT64_MAX

/* --- registers that are storage: {offset, length, bytes}..., STORE_END --- */

static bool trn_vmstate_put_chunk(void *opaque, uint64_t offset, void *chunk,
                                  size_t len)
{
    QEMUFile *f = opaque;

    qemu_put_be64(f, offset);
    qemu_put_be32(f, len);
    qemu_put_buffer(f, chunk, len);
    return true;
}

static int trn_vmstate_put_store(QEMUFile *f, void *pv, size_t size,
                                 const VMStateField *field, JSONWriter *vmdesc)
{
    trn_store_walk(pv, trn_vmstate_put_chunk, f);
    qemu_put_be64(f, STORE_END);
    return 0;
}

/* Behind its end, a stream reads as 0. */
static int trn_vmstate_get_store(QEMUFile *f, void *pv, size_t size,
                                 const VMStateField *field)
{
    TrnStore *store = pv;
    uint64_t next = 0;

    trn_store_clear(store);
    for (;;) {
        uint64_t offset = qemu_get_be64(f), avail;
        uint32_t len;
        void *p;

        if (offset == STORE_END) {
            return qemu_file_get_error(f);
        }
        len = qemu_get_be32(f);
        if (!len || offset < next || offset >= store->size) {
            return -EINVAL;
        }
        p = trn_store_poke(store, offset, &avail);
        if (!p || len > avail || qemu_get_buffer(f, p, len) != len) {
            return -EINVAL;
        }
        next = offset + len;
    }
}

static const VMStateInfo vmstate_info_store = {
    .name = "trn store",
    .get = trn_vmstate_get_store,
    .put = trn_vmstate_put_store,
};

/* --- the pool: the number of chunks, and the place of each --- */

static int trn_vmstate_put_scratch(QEMUFile *f, void *pv, size_t size,
                                   const VMStateField *field,
                                   JSONWriter *vmdesc)
{
    const TrnScratch *s = pv;

    qemu_put_be32(f, s->used);
    for (uint32_t i = 0; i < s->used; i++) {
        qemu_put_be32(f, s->place[i]);
    }
    return 0;
}

static int trn_vmstate_get_scratch(QEMUFile *f, void *pv, size_t size,
                                   const VMStateField *field)
{
    TrnScratch *s = pv;
    uint32_t used = qemu_get_be32(f);

    trn_scratch_forget(s);
    for (uint32_t i = 0; i < used; i++) {
        if (!trn_scratch_take(s, qemu_get_be32(f))) {
            return -EINVAL;
        }
    }
    return qemu_file_get_error(f);
}

static const VMStateInfo vmstate_info_scratch = {
    .name = "trn scratch",
    .get = trn_vmstate_get_scratch,
    .put = trn_vmstate_put_scratch,
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

/* IOTLBs are not saved: they are filled again from the tables. */
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
        VMSTATE_BOOL(reported, TrnLink),
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

/* --- timing model, if it is on; wakes and grants follow from the rest --- */

static int trn_vmstate_put_ps(QEMUFile *f, void *pv, size_t size,
                              const VMStateField *field, JSONWriter *vmdesc)
{
    const TrnPs *ps = pv;

    qemu_put_be64(f, *ps >> 64);
    qemu_put_be64(f, *ps);
    return 0;
}

static int trn_vmstate_get_ps(QEMUFile *f, void *pv, size_t size,
                              const VMStateField *field)
{
    TrnPs *ps = pv;

    *ps = (TrnPs)qemu_get_be64(f) << 64;
    *ps |= qemu_get_be64(f);
    return 0;
}

static const VMStateInfo vmstate_info_ps = {
    .name = "trn ps",
    .get = trn_vmstate_get_ps,
    .put = trn_vmstate_put_ps,
};

#define VMSTATE_PS(_f, _s) \
    VMSTATE_SINGLE(_f, _s, 0, vmstate_info_ps, TrnPs)
#define VMSTATE_PS_ARRAY(_f, _s, _n) \
    VMSTATE_ARRAY(_f, _s, _n, 0, vmstate_info_ps, TrnPs)
#define VMSTATE_PS_2DARRAY(_f, _s, _n1, _n2) \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, 0, vmstate_info_ps, TrnPs)

static const VMStateDescription vmstate_arrival = {
    .name = "trn/arrival",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(upto, TrnArrival),
        VMSTATE_PS(at, TrnArrival),
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
        VMSTATE_PS(since, TrnQueueTiming),
        VMSTATE_PS(until, TrnQueueTiming),
        VMSTATE_UINT32(granted, TrnQueueTiming),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_engine_timing = {
    .name = "trn/engine-timing",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PS(busy, TrnEngineTiming),
        VMSTATE_PS(since, TrnEngineTiming),
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
        VMSTATE_PS_ARRAY(stack, TrnTiming, TRN_NUM_HBM_STACKS),
        VMSTATE_PS_ARRAY(host, TrnTiming, 2),
        VMSTATE_PS_2DARRAY(link, TrnTiming, TRN_NUM_SENGS, 2),
        VMSTATE_PS(completion, TrnTiming),
        VMSTATE_END_OF_LIST()
    },
};

static bool trn_vmstate_timing_needed(void *opaque)
{
    TrnChip *chip = opaque;

    return chip->timing;
}

static int trn_vmstate_timing_pre_load(void *opaque)
{
    return trn_vmstate_timing_needed(opaque) ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_chip_timing = {
    .name = "trn/chip/timing",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = trn_vmstate_timing_needed,
    .pre_load = trn_vmstate_timing_pre_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(timing, TrnChip, vmstate_timing, TrnTiming),
        VMSTATE_END_OF_LIST()
    },
};

const VMStateDescription trn_vmstate_chip = {
    .name = "trn/chip",
    .version_id = 2,
    .minimum_version_id = 2,
    .fields = (const VMStateField[]) {
        {
            .name = "engines",
            .offset = offsetof(TrnChip, engine),
            .size = sizeof(((TrnChip *)NULL)->engine),
            .info = &trn_vmstate_info_engines,
            .flags = VMS_SINGLE,
        },
        VMSTATE_SINGLE(regs, TrnChip, 0, vmstate_info_store, TrnStore),
        VMSTATE_SINGLE(scratch, TrnChip, 0, vmstate_info_scratch, TrnScratch),
        VMSTATE_STRUCT_ARRAY(core_sem, TrnChip, TRN_NUM_CORES, 1,
                             vmstate_sem, TrnSem),
        VMSTATE_STRUCT_ARRAY(top_sp_sem, TrnChip, TRN_NUM_TOP_SP, 1,
                             vmstate_sem, TrnSem),
        VMSTATE_STRUCT(mbox, TrnChip, 1, vmstate_mbox, TrnMbox),
        VMSTATE_STRUCT(trnx, TrnChip, 1, vmstate_trnx, TrnTrnx),
        VMSTATE_STRUCT(telemetry, TrnChip, 1, vmstate_telemetry,
                       TrnTelemetry),
        VMSTATE_UINT64_ARRAY(peer.stack_bytes, TrnChip, TRN_NUM_HBM_STACKS),
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
