/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The saved state of the DMA engines. A chip has 2112 queues, most of them not
 * in use: an engine is followed by those of its queues that are not in
 * power-on state. The description in the stream has all engines as one field,
 * because a full description would be larger than the state.
 */
#include "migrate/trn-vmstate.h"
#include "migration/qemu-file-types.h"

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

static const VMStateDescription vmstate_queue = {
    .name = "trn/queue",
    .version_id = 2,
    .minimum_version_id = 2,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(m2s, TrnQueue, 1, vmstate_ring, TrnRing),
        VMSTATE_STRUCT(s2m, TrnQueue, 1, vmstate_ring, TrnRing),
        VMSTATE_UINT32(rlimit_mask, TrnQueue),
        VMSTATE_UINT32(packet_left, TrnQueue),
        VMSTATE_BOOL(op_checked, TrnQueue),
        VMSTATE_BOOL(s2m_first, TrnQueue),
        VMSTATE_UINT32(m2s_off, TrnQueue),
        VMSTATE_UINT32(s2m_off, TrnQueue),
        VMSTATE_BOOL(m2s_done, TrnQueue),
        VMSTATE_BOOL(s2m_done, TrnQueue),
        VMSTATE_UINT32(m2s_flags, TrnQueue),
        VMSTATE_UINT32(s2m_flags, TrnQueue),
        VMSTATE_UINT8(inline_state, TrnQueue),
        VMSTATE_UINT64(inline_pos, TrnQueue),
        VMSTATE_UINT32(ctrl, TrnQueue),
        VMSTATE_UINT32(eq, TrnQueue),
        VMSTATE_UINT32(asid, TrnQueue),
        VMSTATE_UINT32(priority, TrnQueue),
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

/* An engine without its queues. */
static const VMStateDescription vmstate_engine = {
    .name = "trn/engine",
    .version_id = 2,
    .minimum_version_id = 2,
    .fields = (const VMStateField[]) {
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

/* For descriptions of structures and numbers only. */
static bool trn_vmstate_same(const VMStateDescription *vmsd, const void *a,
                             const void *b)
{
    for (const VMStateField *f = vmsd->fields; f->name; f++) {
        const char *x = (const char *)a + f->offset;
        const char *y = (const char *)b + f->offset;

        if (f->flags & VMS_STRUCT ? !trn_vmstate_same(f->vmsd, x, y)
                                  : memcmp(x, y, f->size)) {
            return false;
        }
    }
    return true;
}

/* The queues of an engine that must be saved. */
static uint16_t trn_vmstate_queues_in_use(const TrnEngine *e)
{
    TrnQueue at_rest = { 0 };
    uint16_t used = 0;

    trn_queue_power_on(&at_rest);
    for (unsigned i = 0; i < TRN_QUEUES_PER_ENGINE; i++) {
        if (!trn_vmstate_same(&vmstate_queue, &e->queue[i], &at_rest)) {
            used |= 1u << i;
        }
    }
    return used;
}

static int trn_vmstate_put_engine(QEMUFile *f, TrnEngine *e)
{
    uint16_t used = trn_vmstate_queues_in_use(e);
    int ret = vmstate_save_state(f, &vmstate_engine, e, NULL);

    qemu_put_be16(f, used);
    for (unsigned i = 0; !ret && i < TRN_QUEUES_PER_ENGINE; i++) {
        if (used & (1u << i)) {
            ret = vmstate_save_state(f, &vmstate_queue, &e->queue[i], NULL);
        }
    }
    return ret;
}

static int trn_vmstate_put_engines(QEMUFile *f, void *pv, size_t size,
                                   const VMStateField *field,
                                   JSONWriter *vmdesc)
{
    TrnEngine *engine = pv;
    int ret = 0;

    for (unsigned i = 0; !ret && i < TRN_NUM_ENGINES; i++) {
        ret = trn_vmstate_put_engine(f, &engine[i]);
    }
    return ret;
}

static int trn_vmstate_get_engine(QEMUFile *f, TrnEngine *e)
{
    int ret = vmstate_load_state(f, &vmstate_engine, e,
                                 vmstate_engine.version_id);
    uint16_t used = qemu_get_be16(f);

    for (unsigned i = 0; !ret && i < TRN_QUEUES_PER_ENGINE; i++) {
        trn_queue_power_on(&e->queue[i]);
        if (used & (1u << i)) {
            ret = vmstate_load_state(f, &vmstate_queue, &e->queue[i],
                                     vmstate_queue.version_id);
        }
    }
    return ret;
}

static int trn_vmstate_get_engines(QEMUFile *f, void *pv, size_t size,
                                   const VMStateField *field)
{
    TrnEngine *engine = pv;
    int ret = 0;

    for (unsigned i = 0; !ret && i < TRN_NUM_ENGINES; i++) {
        ret = trn_vmstate_get_engine(f, &engine[i]);
    }
    return ret;
}

const VMStateInfo trn_vmstate_info_engines = {
    .name = "trn engines",
    .get = trn_vmstate_get_engines,
    .put = trn_vmstate_put_engines,
};
