/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AWS Trainium accelerator: QOM types, properties and life of the PCI device.
 *
 * The chip itself is core/. It gets register accesses from trn-bar.c, services
 * of QEMU from trn-bus.c, and turns of its engines from a scheduler
 * (sched/).
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "system/replay.h"
#include "system/runstate.h"
#include "migrate/trn-migrate.h"
#include "props/trn-constants.h"
#include "props/trn-faults.h"
#include "props/trn-status.h"
#include "trn-bar.h"
#include "trn-bus.h"
#include "trn-config.h"
#include "trn-guard.h"
#include "trn-host.h"
#include "trn-ram.h"

#define TRN_CLASS_ID        0x1200  /* processing accelerator */
#define TRN_HBM_SIZE_MIN    (128 * MiB)     /* a stack is above its reserve */
#define TRN_HBM_SIZE_MAX    (256 * GiB)     /* largest BAR4, HW 1.3 */
#define TRN_HBM_SIZE_DEFAULT (16 * GiB)
#define TRN_ROUTING_ID_MAX  127             /* HW 6.3 */
#define TRN_SERIAL_BASE     0x54524e3300000001ULL

/* --- life --- */

static void trn_vm_change(void *opaque, bool running, RunState state)
{
    TrnState *s = opaque;

    if (running == !s->stopped) {
        return;
    }
    if (running) {
        assert(!s->chip->bus_master ||
               s->bus.host_needs_lock == trn_host_is_translated(s));
        trn_migrate_settle(s);
        s->stopped = false;
        trn_chip_start(s->chip);
        s->bus.defer(s);            /* deferred while stopped */
        qemu_bh_schedule(s->wake_bh);
    } else {
        if (!s->fabric->guarded) {
            trn_guard_do_late(s);
        }
        s->stopped = true;
        trn_chip_stop(s->chip);
    }
}

/* Guest memory does not change while the VM is stopped. */
static void trn_defer_bh(void *opaque)
{
    TrnState *s = opaque;

    if (!s->stopped && !s->exited) {
        trn_chip_deferred(s->chip);
    }
}

static void trn_wake_now(TrnState *s)
{
    bool was;

    if (s->exited) {
        return;
    }
    was = trn_guard_begin(s);
    trn_chip_woken(s->chip);
    trn_sched_run(s->sched);
    trn_guard_end(s, was);
}

static void trn_wake_bh(void *opaque)
{
    TrnState *s = opaque;

    if (!s->stopped) {
        trn_wake_now(s);
    }
}

/*
 * The message of an interrupt can stop the VM. The stop waits for the
 * callbacks of timers to return. Hence a bottom half sends messages, unless
 * the exact time matters.
 */
static void trn_wake(void *opaque)
{
    TrnState *s = opaque;

    if (trn_sched_is_exact(s->sched)) {
        trn_wake_now(s);
    } else {
        qemu_bh_schedule(s->wake_bh);
    }
}

static bool trn_check_properties(TrnState *s, Error **errp)
{
    if (!s->hbm_size) {
        s->hbm_size = s->memdev
                      ? memory_region_size(
                            host_memory_backend_get_memory(s->memdev))
                      : TRN_HBM_SIZE_DEFAULT;
    }
    if (!is_power_of_2(s->hbm_size) || s->hbm_size < TRN_HBM_SIZE_MIN ||
        s->hbm_size > TRN_HBM_SIZE_MAX) {
        error_setg(errp, "hbm-size must be a power of two from 128M to 256G");
        return false;
    }
    if (s->scratch_size < TRN_SCRATCH_CHUNK ||
        s->scratch_size % TRN_SCRATCH_CHUNK ||
        s->scratch_size > TRN_SCRATCH_SIZE) {
        error_setg(errp, "scratch-size must be a multiple of 64K up to "
                   "0x%llx", TRN_SCRATCH_SIZE);
        return false;
    }
    if (s->routing_id > TRN_ROUTING_ID_MAX) {
        error_setg(errp, "routing-id must be 0 to %d", TRN_ROUTING_ID_MAX);
        return false;
    }
    if (s->num_workers < 1 || s->num_workers > TRN_SCHED_THREADS_MAX) {
        error_setg(errp, "workers must be 1 to %d", TRN_SCHED_THREADS_MAX);
        return false;
    }
    /* Record does not log when worker threads run. */
    if (replay_mode != REPLAY_MODE_NONE && !s->is_timed) {
        error_setg(errp, "record and replay need timing=on");
        return false;
    }
    if (!trn_fabric_admits(&s->fabric->core, s->is_timed)) {
        error_setg(errp, "timing must be on for all devices of a fabric, or "
                   "off for all");
        return false;
    }
    if (!pci_bus_is_express(pci_get_bus(PCI_DEVICE(s)))) {
        error_setg(errp, "%s needs a PCI Express bus",
                   object_get_typename(OBJECT(s)));
        return false;
    }
    return true;
}

/* False if the host is out of memory. */
static bool trn_init_sched(TrnState *s)
{
    const TrnSchedConfig cfg = {
        .chip = s->chip,
        .owner = OBJECT(s),
        .defer_bh = s->defer_bh,
        .wake_timer = s->wake_timer,
        .num_threads = s->num_workers,
        .spin_ns = s->spin_ns,
    };

    s->sched = trn_sched_new(s->is_timed ? &trn_sched_virtual
                                         : &trn_sched_threads, &cfg);
    return s->sched;
}

static bool trn_init_chip(TrnState *s, Error **errp)
{
    TrnConfig cfg = {
        .gen = TRN_GET_CLASS(s)->gen,
        .hbm = memory_region_get_ram_ptr(s->hbm),
        .hbm_slot = s->hbm_size / TRN_NUM_HBM_STACKS,
        .routing_id = s->routing_id,
        .fw_api_version = s->fw_api_version,
        .id_fault = s->id_fault,
        .scratch = memory_region_get_ram_ptr(&s->scratch),
        .scratch_size = s->scratch_size,
        .energy = s->energy,
        .aborts = s->aborts,
        .timed = s->is_timed,
        .timing = s->timing,
    };

    if (!s->serial) {
        s->serial = TRN_SERIAL_BASE + s->routing_id;
    }
    s->bus = trn_bus;
    s->chip = trn_chip_new(&cfg, &s->bus, s);
    if (!s->chip) {
        error_setg(errp, "no memory for the chip");
        return false;
    }
    if (!trn_init_sched(s)) {
        error_setg(errp, "no memory for the engines");
        return false;
    }
    trn_status_apply(s);
    trn_faults_apply(s);
    if (!runstate_is_running()) {
        s->stopped = true;
        trn_chip_stop(s->chip);
    }
    return true;
}

static bool trn_init_pci(TrnState *s, Error **errp)
{
    if (!trn_bars_init(s, errp)) {
        return false;
    }
    if (!trn_config_init(s, errp)) {
        trn_bars_exit(s);
        trn_hbm_exit(s);
        return false;
    }
    return true;
}

static void trn_exit_pci(TrnState *s)
{
    trn_config_exit(s);
    trn_bars_exit(s);
}

static void trn_exit_now(TrnState *s)
{
    trn_chip_stop(s->chip);
    trn_fabric_part(s->chip);
    trn_sched_stop(s->sched);
    qemu_bh_cancel(s->defer_bh);
    timer_del(s->wake_timer);
    qemu_bh_cancel(s->wake_bh);
    trn_hbm_exit(s);
}

/*
 * trn_finalize() frees the chip, when no thread can reach it any more. Until
 * then it moves nothing and answers no access. The caller may be a callback of
 * the device itself, which continues after this.
 */
static void trn_exit(PCIDevice *pdev)
{
    TrnState *s = TRN(pdev);

    s->exited = true;
    object_ref(OBJECT(s));
    trn_guard_unref_later(s);
    qemu_del_vm_change_state_handler(s->vm_change);
    trn_guard_now_or_later(s, TRN_LATE_EXIT);
    trn_migrate_exit(s);
    trn_pool_exit(s);
    trn_exit_pci(s);
}

static void trn_realize(PCIDevice *pdev, Error **errp)
{
    TrnState *s = TRN(pdev);
    const char *id = DEVICE(s)->id;

    if (s->tried) {
        error_setg(errp, "%s cannot be realized twice",
                   object_get_typename(OBJECT(s)));
        return;
    }
    s->tried = true;
    if (!s->fabric) {
        object_property_set_link(OBJECT(s), "fabric",
                                 OBJECT(trn_fabric_of_machine()),
                                 &error_abort);
    }
    if (!trn_check_properties(s, errp) || !trn_init_pci(s, errp)) {
        return;
    }
    s->name = g_strdup(id ? id : object_get_typename(OBJECT(s)));
    if (!trn_pool_init(s, errp)) {
        goto err_pci;
    }
    if (!trn_migrate_init(s, errp)) {
        goto err_scratch;
    }
    s->defer_bh = qemu_bh_new_guarded(trn_defer_bh, s,
                                      &DEVICE(s)->mem_reentrancy_guard);
    s->wake_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, trn_wake, s);
    s->wake_bh = qemu_bh_new_guarded(trn_wake_bh, s,
                                     &DEVICE(s)->mem_reentrancy_guard);
    if (!trn_init_chip(s, errp)) {
        goto err_migration;
    }
    trn_sched_start(s->sched);
    trn_fabric_join(&s->fabric->core, s->chip);
    s->vm_change = qdev_add_vm_change_state_handler(DEVICE(s), trn_vm_change,
                                                    s);
    return;

err_migration:
    trn_migrate_exit(s);
err_scratch:
    trn_pool_exit(s);
err_pci:
    trn_exit_pci(s);
    trn_hbm_exit(s);
}

/* All threads have ended, and no vCPU or neighbour is in the chip. */
static void trn_finalize(Object *obj)
{
    TrnState *s = TRN(obj);

    trn_config_free(s);
    timer_free(s->wake_timer);
    if (s->defer_bh) {
        qemu_bh_delete(s->defer_bh);
        qemu_bh_delete(s->wake_bh);
    }
    if (s->sched) {
        trn_sched_free(s->sched);
    }
    if (s->chip) {
        trn_chip_free(s->chip);
    }
    g_free(s->name);
}

static void trn_reset_now(TrnState *s)
{
    trn_migrate_settle(s);
    trn_chip_set_bus_master(s->chip, false);
    trn_reset_power_on(s->chip);
}

static void trn_do_late(TrnState *s, TrnLate action)
{
    switch (action) {
    case TRN_LATE_RESET:
        if (!s->exited) {
            trn_reset_now(s);
        }
        break;
    case TRN_LATE_EXIT:
        trn_exit_now(s);
        break;
    }
}

static void trn_reset_hold(Object *obj, ResetType type)
{
    TrnState *s = TRN(obj);

    if (!s->exited) {
        pcie_cap_deverr_reset(PCI_DEVICE(s));
        trn_guard_now_or_later(s, TRN_LATE_RESET);
    }
}

/* --- properties --- */

static void trn_instance_init(Object *obj)
{
    TRN(obj)->is_mended = trn_migrate_is_mended();
    trn_status_instance_init(TRN(obj));
    trn_faults_instance_init(TRN(obj));
    trn_constants_instance_init(TRN(obj));
}

static const Property trn_properties[] = {
    DEFINE_PROP_LINK("fabric", TrnState, fabric, TYPE_TRN_FABRIC,
                     TrnFabricState *),
    DEFINE_PROP_LINK("memdev", TrnState, memdev, TYPE_MEMORY_BACKEND,
                     HostMemoryBackend *),
    DEFINE_PROP_SIZE("hbm-size", TrnState, hbm_size, 0),
    DEFINE_PROP_UINT8("rev", TrnState, rev, TRN_PCI_REVISION_QEMU),
    DEFINE_PROP_UINT32("routing-id", TrnState, routing_id, 0),
    DEFINE_PROP_UINT32("fw-api-version", TrnState, fw_api_version, 7),
    DEFINE_PROP_SIZE("scratch-size", TrnState, scratch_size, 1 * GiB),
    DEFINE_PROP_UINT32("workers", TrnState, num_workers, 1),
    DEFINE_PROP_UINT32("spin-ns", TrnState, spin_ns, 20000),
    DEFINE_PROP_BOOL("abort", TrnState, aborts, false),
    DEFINE_PROP_BOOL("timing", TrnState, is_timed, false),
    DEFINE_PROP_BOOL("x-qemu-is-mended", TrnState, is_mended, false),
};

static void trn_base_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    pc->realize = trn_realize;
    pc->exit = trn_exit;
    pc->config_read = trn_config_read;
    pc->config_write = trn_config_write;
    pc->vendor_id = TRN_PCI_VENDOR_ID;
    /* The ids that QEMU reserves for models of existing devices. */
    pc->subsystem_vendor_id = TRNX_PCI_SUBVENDOR_ID;
    pc->subsystem_id = TRNX_PCI_SUBDEVICE_ID;
    pc->class_id = TRN_CLASS_ID;
    TRN_CLASS(klass)->do_late = trn_do_late;
    rc->phases.hold = trn_reset_hold;
    dc->vmsd = &trn_vmstate;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, trn_properties);
    trn_status_class_init(klass);
    trn_faults_class_init(klass);
    trn_constants_class_init(klass);
}

static void trn_class_init(ObjectClass *klass, void *data)
{
    const TrnGeneration *gen = data;

    TRN_CLASS(klass)->gen = gen;
    PCI_DEVICE_CLASS(klass)->device_id = gen->device_id;
    DEVICE_CLASS(klass)->desc = gen->desc;
}

static const TypeInfo trn_types[] = {
    {
        .name = TYPE_TRN,
        .parent = TYPE_PCI_DEVICE,
        .abstract = true,
        .instance_size = sizeof(TrnState),
        .instance_init = trn_instance_init,
        .instance_finalize = trn_finalize,
        .class_size = sizeof(TrnClass),
        .class_init = trn_base_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_PCIE_DEVICE },
            { },
        },
    }, {
        .name = "trn3",
        .parent = TYPE_TRN,
        .class_init = trn_class_init,
        .class_data = (void *)&trn_generations[TRN_GENERATION_3],
    }, {
        .name = "trn2",
        .parent = TYPE_TRN,
        .class_init = trn_class_init,
        .class_data = (void *)&trn_generations[TRN_GENERATION_2],
    },
};

DEFINE_TYPES(trn_types)
