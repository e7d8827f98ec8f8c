/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AWS Trainium accelerator: PCI frontend.
 *
 * BAR0 is the chip's registers, BAR4 its HBM, BAR2 the model extension trnx
 * (trn-bar.c). The chip itself is core/, which gets a bus (trn-bus.c), register
 * accesses and worker threads.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_aer.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "system/replay.h"
#include "system/runstate.h"
#include "trace.h"
#include "trn-guard.h"
#include "trn-model.h"
#include "trn-props.h"

#define TRN_CLASS_ID        0x1200  /* processing accelerator */
#define TRN_HBM_SIZE_MIN    (128 * MiB)     /* a stack above its reserve */
#define TRN_HBM_SIZE_MAX    (256 * GiB)     /* what BAR4 can be, HW 1.3 */
#define TRN_HBM_SIZE_DEFAULT (16 * GiB)
#define TRN_ROUTING_ID_MAX  127             /* HW 6.3 */
#define TRN_AER_OFFSET      (PCI_CONFIG_SPACE_SIZE + 0x40)  /* behind VSEC */
#define TRN_SERIAL_BASE     0x54524e3300000001ULL

/* --- MSI-X --- */

/*
 * Instead of msix_uninit(): who accesses the table just now may not find it
 * gone. It is freed with the device.
 */
static void trn_exit_msix(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pdev->msix_function_masked = true;
    memory_region_del_subregion(&s->bar2, &pdev->msix_pba_mmio);
    memory_region_del_subregion(&s->bar2, &pdev->msix_table_mmio);
}

static void trn_free_msix(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    g_free(pdev->msix_table);
    g_free(pdev->msix_pba);
    g_free(pdev->msix_entry_used);
}

/* --- config space --- */

/* The VSEC by which a driver finds trnx (regs/trn_trnx.h). */
static void trn_init_vsec(PCIDevice *pdev)
{
    uint8_t *vsec = pdev->config + PCI_CONFIG_SPACE_SIZE;
    TrnFlaw flaw = TRN(pdev)->flaw;
    unsigned bar = flaw == TRN_FLAW_PLACE ? TRN_BAR_HBM : TRN_BAR_TRNX;
    unsigned major = TRNX_VERSION_MAJOR + (flaw == TRN_FLAW_VERSION);

    if (flaw == TRN_FLAW_ABSENT) {
        return;
    }
    pcie_add_capability(pdev, PCI_EXT_CAP_ID_VNDR, 1, PCI_CONFIG_SPACE_SIZE,
                        TRNX_VSEC_LENGTH);
    pci_set_long(vsec + TRNX_VSEC_HEADER,
                 TRNX_VSEC_ID | TRNX_VSEC_REV << 16 | TRNX_VSEC_LENGTH << 20);
    pci_set_long(vsec + TRNX_VSEC_MAGIC,
                 flaw == TRN_FLAW_MAGIC ? 0 : TRNX_MAGIC);
    pci_set_long(vsec + TRNX_VSEC_BAR, bar | major << 16);
    pci_set_long(vsec + TRNX_VSEC_OFFSET, TRNX_ID);
    pci_set_long(vsec + TRNX_VSEC_FEATURES, TRN_TRNX_FEATURES);
}

/* Capabilities of PCI Express; undone by trn_exit_pcie(). */
static bool trn_init_pcie(PCIDevice *pdev, Error **errp)
{
    if (pcie_endpoint_cap_init(pdev, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return false;
    }
    pcie_cap_flr_init(pdev);
    pcie_cap_deverr_init(pdev);
    trn_init_vsec(pdev);
    /* The chain begins where configuration space of PCI ends. */
    if (pcie_aer_init(pdev, PCI_ERR_VER, TRN(pdev)->flaw == TRN_FLAW_ABSENT
                                         ? PCI_CONFIG_SPACE_SIZE
                                         : TRN_AER_OFFSET,
                      PCI_ERR_SIZEOF, errp)) {
        pcie_cap_exit(pdev);
        return false;
    }
    return true;
}

static void trn_exit_pcie(PCIDevice *pdev)
{
    pcie_aer_exit(pdev);
    pcie_cap_exit(pdev);
}

static void trn_exit_pci(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    trn_exit_msix(s);
    trn_exit_pcie(pdev);
    trn_exit_bars(s);
}

void trn_update_bus_master(TrnState *s)
{
    bool on = pci_get_word(PCI_DEVICE(s)->config + PCI_COMMAND) &
              PCI_COMMAND_MASTER;

    if (on != s->chip->bus_master) {
        trace_trn_bus_master(s->name, on);
        if (on) {
            s->bus.host_needs_lock = trn_host_is_translated(s);
        }
        trn_chip_set_bus_master(s->chip, on);
    }
    /* An IOMMU comes with the machine, before anything masters the bus. */
    assert(!on || s->bus.host_needs_lock == trn_host_is_translated(s));
}

static uint32_t trn_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    TrnState *s = TRN(pdev);

    return s->chip->errinj.gone || trn_is_deaf(s)
           ? UINT32_MAX >> (32 - len * 8)
           : pci_default_read_config(pdev, addr, len);
}

/* An interrupt that is unmasked may have the device unplugged. */
static void write_config(TrnState *s, uint32_t addr, uint32_t val, int len)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    bool was = trn_guard_begin(s);

    pci_default_write_config(pdev, addr, val, len);
    if (!s->exited) {
        pcie_cap_flr_write_config(pdev, addr, val, len);
        pcie_aer_write_config(pdev, addr, val, len);
        trn_update_bus_master(s);
    }
    trn_guard_end(s, was);
}

static void trn_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                             int len)
{
    TrnState *s = TRN(pdev);
    uint32_t command = val;

    if (s->chip->errinj.gone || trn_is_deaf(s)) {
        return;
    }
    /* The engines stop before the bus does: no transfer meets a closed door. */
    if (range_covers_byte(addr, len, PCI_COMMAND)) {
        command >>= (PCI_COMMAND - addr) * 8;
        if (!(command & PCI_COMMAND_MASTER)) {
            trn_chip_set_bus_master(s->chip, false);
        }
    }
    write_config(s, addr, val, len);
}

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
        trn_settle(s);
        s->stopped = false;
        trn_chip_start(s->chip);
        s->bus.defer(s);            /* what had to wait */
        qemu_bh_schedule(s->wake_bh);
    } else {
        if (!s->fabric->guarded) {
            trn_do_late(s);
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

static void wake(TrnState *s)
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
        wake(s);
    }
}

/*
 * The message of an interrupt can stop the VM, and that waits for the callbacks of
 * timers to return: where it does not matter, none is sent from one.
 */
static void trn_wake(void *opaque)
{
    TrnState *s = opaque;

    if (trn_sched_is_exact(s->sched)) {
        wake(s);
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
    /* When workers run is not written down. */
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
        .flaw = s->flaw,
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
    trn_props_apply(s);
    if (!runstate_is_running()) {
        s->stopped = true;
        trn_chip_stop(s->chip);
    }
    return true;
}

void trn_exit_now(TrnState *s)
{
    trn_chip_stop(s->chip);
    trn_fabric_part(s->chip);
    trn_sched_stop(s->sched);
    qemu_bh_cancel(s->defer_bh);
    timer_del(s->wake_timer);
    qemu_bh_cancel(s->wake_bh);
    trn_exit_hbm(s);
}

/*
 * The chip and its threads go when nobody can reach them any more
 * (trn_finalize()). Until then nothing of it moves or answers. A callback of
 * the device may have led here, and goes on afterwards.
 */
static void trn_exit(PCIDevice *pdev)
{
    TrnState *s = TRN(pdev);

    s->exited = true;
    object_ref(OBJECT(s));
    trn_unref_later(s);
    qemu_del_vm_change_state_handler(s->vm_change);
    trn_now_or_later(s, TRN_LATE_EXIT);
    trn_exit_migration(s);
    trn_exit_scratch(s);
    trn_exit_pci(s);
}

static bool trn_init_pci(TrnState *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pci_config_set_revision(pdev->config, s->rev);
    if (s->flaw == TRN_FLAW_SUBSYSTEM) {
        pci_set_word(pdev->config + PCI_SUBSYSTEM_VENDOR_ID, TRN_PCI_VENDOR_ID);
    }
    if (!trn_init_bars(s, errp)) {
        return false;
    }
    if (!trn_init_pcie(pdev, errp)) {
        goto err_bars;
    }
    if (msix_init(pdev, TRNX_NUM_EQ, &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_TABLE,
                  &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_PBA, 0, errp)) {
        goto err_pcie;
    }
    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        msix_vector_use(pdev, i);
    }
    return true;

err_pcie:
    trn_exit_pcie(pdev);
err_bars:
    trn_exit_bars(s);
    trn_exit_hbm(s);
    return false;
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
    if (!trn_init_scratch(s, errp)) {
        goto err_pci;
    }
    if (!trn_init_migration(s, errp)) {
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
    trn_exit_migration(s);
err_scratch:
    trn_exit_scratch(s);
err_pci:
    trn_exit_pci(s);
    trn_exit_hbm(s);
}

/* No thread is left, and no vCPU or neighbour is inside. */
static void trn_finalize(Object *obj)
{
    TrnState *s = TRN(obj);

    trn_free_msix(s);
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

void trn_reset_now(TrnState *s)
{
    trn_settle(s);
    trn_chip_set_bus_master(s->chip, false);
    trn_reset_power_on(s->chip);
}

static void trn_reset_hold(Object *obj, ResetType type)
{
    TrnState *s = TRN(obj);

    if (!s->exited) {
        pcie_cap_deverr_reset(PCI_DEVICE(s));
        trn_now_or_later(s, TRN_LATE_RESET);
    }
}

/* --- properties --- */

static void trn_instance_init(Object *obj)
{
    TRN(obj)->is_mended = trn_qemu_is_mended();
    trn_props_instance_init(TRN(obj));
    trn_model_instance_init(TRN(obj));
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
    /* Those that QEMU keeps for models of devices that exist. */
    pc->subsystem_vendor_id = TRNX_PCI_SUBVENDOR_ID;
    pc->subsystem_id = TRNX_PCI_SUBDEVICE_ID;
    pc->class_id = TRN_CLASS_ID;
    rc->phases.hold = trn_reset_hold;
    dc->vmsd = &trn_vmstate;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, trn_properties);
    trn_props_class_init(klass);
    trn_model_class_init(klass);
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
