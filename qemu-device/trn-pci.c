/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AWS Trainium accelerator: PCI frontend.
 *
 * BAR0 is the chip's registers, BAR4 its HBM, BAR2 the model extension trnx.
 * The chip itself is core/, which this file gives a bus, register accesses and
 * worker threads.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
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
#include "system/runstate.h"
#include "trace.h"
#include "trn-model.h"
#include "trn-props.h"

#define TRN_CLASS_ID        0x1200  /* processing accelerator */
#define TRN_HBM_SIZE_MIN    (128 * MiB)     /* a stack above its reserve */
#define TRN_HBM_SIZE_MAX    (256 * GiB)     /* what BAR4 can be, HW 1.3 */
#define TRN_ROUTING_ID_MAX  127             /* HW 6.3 */
#define TRN_AER_OFFSET      (PCI_CONFIG_SPACE_SIZE + 0x40)  /* behind VSEC */
#define TRN_SERIAL_BASE     0x54524e3300000001ULL

/* --- TrnBus --- */

static void trn_bus_hbm_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    TrnState *s = opaque;

    memory_region_set_dirty(&s->hbm, offset, len);
}

static void trn_bus_irq(void *opaque, unsigned vector)
{
    TrnState *s = opaque;

    if (s->chip->errinj.gone || trn_errinj_take(&s->chip->errinj.lose_irqs)) {
        trace_trn_irq_lost(s->name, vector);
        return;
    }
    trace_trn_irq(s->name, vector);
    if (msix_enabled(PCI_DEVICE(s))) {
        msix_notify(PCI_DEVICE(s), vector);
    }
}

static void trn_bus_lock(void *opaque)
{
    bql_lock();
}

static void trn_bus_unlock(void *opaque)
{
    bql_unlock();
}

static uint64_t trn_bus_now(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void trn_bus_wake_at(void *opaque, uint64_t when)
{
    TrnState *s = opaque;

    timer_mod_anticipate(s->wake_timer, MIN(when, INT64_MAX));
}

static void trn_bus_engine_ready(void *opaque, unsigned engine)
{
    TrnState *s = opaque;

    trn_workers_add(&s->workers, engine);
}

static void trn_bus_defer(void *opaque)
{
    TrnState *s = opaque;

    qemu_bh_schedule(s->defer_bh);
}

static void trn_bus_log(void *opaque, TrnLog kind, const char *line)
{
    TrnState *s = opaque;

    qemu_log_mask(kind == TRN_LOG_UNIMP ? LOG_UNIMP : LOG_GUEST_ERROR,
                  "%s: %s\n", s->name, line);
}

static void trn_bus_trace(void *opaque, TrnTrace event, unsigned engine,
                          unsigned queue, uint64_t a, uint64_t b)
{
    TrnState *s = opaque;

    switch (event) {
    case TRN_TRACE_DOORBELL_M2S:
        trace_trn_doorbell(s->name, "M2S", engine, queue, a, b);
        break;
    case TRN_TRACE_DOORBELL_S2M:
        trace_trn_doorbell(s->name, "S2M", engine, queue, a, b);
        break;
    case TRN_TRACE_FETCH_M2S:
        trace_trn_fetch(s->name, "M2S", engine, queue, a, b);
        break;
    case TRN_TRACE_FETCH_S2M:
        trace_trn_fetch(s->name, "S2M", engine, queue, a, b);
        break;
    case TRN_TRACE_MOVE_FROM:
        trace_trn_move_from(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_MOVE_TO:
        trace_trn_move_to(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_INLINE:
        trace_trn_inline(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_RETIRE:
        trace_trn_retire(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_STALL:
        trace_trn_stall(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_ERROR:
        trace_trn_error(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_QUEUE_RESET:
        trace_trn_queue_reset(s->name, a ? "S2M" : "M2S", engine, queue);
        break;
    case TRN_TRACE_EVENT:
        trace_trn_event(s->name, engine, queue, a, b);
        break;
    }
}

static const TrnBus trn_bus = {
    .host_read = trn_host_read,
    .host_write = trn_host_write,
    .hbm_dirty = trn_bus_hbm_dirty,
    .scratch_dirty = trn_bus_scratch_dirty,
    .scratch_clear = trn_bus_scratch_clear,
    .irq = trn_bus_irq,
    .lock = trn_bus_lock,
    .unlock = trn_bus_unlock,
    .now = trn_bus_now,
    .wake_at = trn_bus_wake_at,
    .engine_ready = trn_bus_engine_ready,
    .defer = trn_bus_defer,
    .log = trn_bus_log,
    .trace = trn_bus_trace,
};

static void trn_defer_bh(void *opaque)
{
    TrnState *s = opaque;

    trn_chip_deferred(s->chip);
}

static void trn_wake(void *opaque)
{
    TrnState *s = opaque;

    trn_chip_woken(s->chip);
    if (s->is_timed) {
        trn_timed_run(s);
    }
}

/* --- BARs --- */

static uint64_t trn_bar0_read(void *opaque, hwaddr addr, unsigned size)
{
    TrnState *s = opaque;
    uint32_t value;

    trn_settle(s);
    value = trn_chip_read(s->chip, addr);
    trace_trn_bar0_read(s->name, addr, value);
    return value;
}

static void trn_bar0_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    TrnState *s = opaque;

    trn_settle(s);
    trace_trn_bar0_write(s->name, addr, value);
    trn_chip_write(s->chip, addr, value);
}

/* HW 0: whole registers only; a 64-bit access is two of them. */
static const MemoryRegionOps trn_bar0_ops = {
    .read = trn_bar0_read,
    .write = trn_bar0_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

static uint64_t trn_bar2_read(void *opaque, hwaddr addr, unsigned size)
{
    TrnState *s = opaque;
    uint64_t value;

    trn_settle(s);
    value = trn_trnx_read(s->chip, addr, size);
    trace_trn_trnx_read(s->name, addr, size, value);
    return value;
}

static void trn_bar2_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    TrnState *s = opaque;

    trn_settle(s);
    trace_trn_trnx_write(s->name, addr, size, value);
    trn_trnx_write(s->chip, addr, value, size);
}

static const MemoryRegionOps trn_bar2_ops = {
    .read = trn_bar2_read,
    .write = trn_bar2_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 8 },
};

static uint64_t trn_gone_read(void *opaque, hwaddr addr, unsigned size)
{
    return UINT64_MAX;
}

static void trn_gone_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
}

static const MemoryRegionOps trn_gone_ops = {
    .read = trn_gone_read,
    .write = trn_gone_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

/* What comes back reaches no memory that was given to others meanwhile. */
static void trn_drop_bus_master(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    uint16_t command = pci_get_word(pdev->config + PCI_COMMAND);

    pci_default_write_config(pdev, PCI_COMMAND, command & ~PCI_COMMAND_MASTER,
                             sizeof(command));
    trn_chip_set_bus_master(s->chip, false);
}

void trn_set_gone(TrnState *s, bool gone)
{
    trace_trn_gone(s->name, gone);
    if (s->chip->errinj.gone && !gone) {
        trn_drop_bus_master(s);
    }
    trn_chip_set_gone(s->chip, gone);
    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_set_enabled(&s->gone[i], gone);
    }
}

/* Nothing, in front of every BAR, until the device is gone. */
static void trn_init_gone(TrnState *s)
{
    MemoryRegion *const bar[TRN_NUM_BARS] = { &s->bar0, &s->bar2, &s->hbm };

    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_init_io(&s->gone[i], OBJECT(s), &trn_gone_ops, s,
                              "trn-gone", memory_region_size(bar[i]));
        memory_region_set_enabled(&s->gone[i], false);
        memory_region_add_subregion_overlap(bar[i], 0, &s->gone[i], 1);
    }
}

static void trn_exit_gone(TrnState *s)
{
    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_del_subregion(s->gone[i].container, &s->gone[i]);
    }
}

static bool trn_init_bars(TrnState *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    const uint8_t attr = PCI_BASE_ADDRESS_SPACE_MEMORY |
                         PCI_BASE_ADDRESS_MEM_TYPE_64 |
                         PCI_BASE_ADDRESS_MEM_PREFETCH;

    if (!memory_region_init_ram_flags_nomigrate(&s->hbm, OBJECT(s), "trn-hbm",
                                                s->hbm_size, RAM_NORESERVE,
                                                errp)) {
        return false;
    }
    vmstate_register_ram(&s->hbm, DEVICE(s));
    memory_region_init_io(&s->bar0, OBJECT(s), &trn_bar0_ops, s, "trn-bar0",
                          TRN_BAR0_SIZE);
    memory_region_init_io(&s->bar2, OBJECT(s), &trn_bar2_ops, s, "trn-bar2",
                          s->flaw == TRN_FLAW_SMALL ? TRNX_BAR_SIZE / 2
                                                    : TRNX_BAR_SIZE);
    trn_init_gone(s);
    pci_register_bar(pdev, TRN_BAR_REGS, attr, &s->bar0);
    pci_register_bar(pdev, TRN_BAR_TRNX, attr, &s->bar2);
    pci_register_bar(pdev, TRN_BAR_HBM, attr, &s->hbm);
    return true;
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
}

static uint32_t trn_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    return TRN(pdev)->chip->errinj.gone
           ? UINT32_MAX >> (32 - len * 8)
           : pci_default_read_config(pdev, addr, len);
}

static void trn_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                             int len)
{
    TrnState *s = TRN(pdev);
    uint32_t command = val;

    if (s->chip->errinj.gone) {
        return;
    }
    /* The engines stop before the bus does: no transfer meets a closed door. */
    if (range_covers_byte(addr, len, PCI_COMMAND)) {
        command >>= (PCI_COMMAND - addr) * 8;
        if (!(command & PCI_COMMAND_MASTER)) {
            trn_chip_set_bus_master(s->chip, false);
        }
    }
    pci_default_write_config(pdev, addr, val, len);
    pcie_cap_flr_write_config(pdev, addr, val, len);
    pcie_aer_write_config(pdev, addr, val, len);
    trn_update_bus_master(s);
}

/* --- life --- */

static void trn_vm_change(void *opaque, bool running, RunState state)
{
    TrnState *s = opaque;

    if (running == !s->stopped) {
        return;
    }
    s->stopped = !running;
    if (running) {
        trn_settle(s);
        trn_chip_start(s->chip);
    } else {
        trn_chip_stop(s->chip);
    }
}

static bool trn_check_properties(TrnState *s, Error **errp)
{
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
    if (s->num_workers < 1 || s->num_workers > TRN_WORKERS_MAX) {
        error_setg(errp, "workers must be 1 to %d", TRN_WORKERS_MAX);
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

static bool trn_init_chip(TrnState *s, Error **errp)
{
    TrnConfig cfg = {
        .gen = TRN_GET_CLASS(s)->gen,
        .hbm = memory_region_get_ram_ptr(&s->hbm),
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
    if (s->is_timed) {
        trn_timed_init_bus(&s->bus);
    }
    s->chip = trn_chip_new(&cfg, &s->bus, s);
    if (!s->chip) {
        error_setg(errp, "no memory for the chip");
        return false;
    }
    trn_props_apply(s);
    if (!runstate_is_running()) {
        s->stopped = true;
        trn_chip_stop(s->chip);
    }
    return true;
}

/* What gives them turns. */
static bool trn_start_engines(TrnState *s)
{
    return s->is_timed ? trn_timed_start(s)
                       : trn_workers_start(&s->workers, s->chip,
                                           s->num_workers, s->spin_ns);
}

static void trn_stop_engines(TrnState *s)
{
    if (s->is_timed) {
        trn_timed_stop(s);
    } else {
        trn_workers_stop(&s->workers);
    }
}

static void trn_exit(PCIDevice *pdev)
{
    TrnState *s = TRN(pdev);

    qemu_del_vm_change_state_handler(s->vm_change);
    trn_chip_stop(s->chip);
    trn_fabric_part(s->chip);
    trn_stop_engines(s);
    qemu_bh_delete(s->defer_bh);
    timer_free(s->wake_timer);
    trn_chip_free(s->chip);
    s->chip = NULL;
    trn_exit_migration(s);
    trn_exit_scratch(s);
    msix_uninit(pdev, &s->bar2, &s->bar2);
    trn_exit_pcie(pdev);
    trn_exit_gone(s);
    vmstate_unregister_ram(&s->hbm, DEVICE(s));
    g_free(s->name);
}

static void trn_realize(PCIDevice *pdev, Error **errp)
{
    TrnState *s = TRN(pdev);
    const char *id = DEVICE(s)->id;

    if (!s->fabric) {
        object_property_set_link(OBJECT(s), "fabric",
                                 OBJECT(trn_fabric_of_machine()),
                                 &error_abort);
    }
    if (!trn_check_properties(s, errp)) {
        return;
    }
    pci_config_set_revision(pdev->config, s->rev);
    if (s->flaw == TRN_FLAW_SUBSYSTEM) {
        pci_set_word(pdev->config + PCI_SUBSYSTEM_VENDOR_ID, TRN_PCI_VENDOR_ID);
    }
    if (!trn_init_bars(s, errp)) {
        return;
    }
    if (!trn_init_pcie(pdev, errp)) {
        goto err_ram;
    }
    if (msix_init(pdev, TRNX_NUM_EQ, &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_TABLE,
                  &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_PBA, 0, errp)) {
        goto err_pcie;
    }
    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        msix_vector_use(pdev, i);
    }
    s->name = g_strdup(id ? id : object_get_typename(OBJECT(s)));
    if (!trn_init_scratch(s, errp)) {
        goto err_msix;
    }
    if (!trn_init_migration(s, errp)) {
        goto err_scratch;
    }
    if (!trn_init_chip(s, errp)) {
        goto err_migration;
    }
    if (!trn_start_engines(s)) {
        error_setg(errp, "no memory for the workers");
        goto err_chip;
    }
    s->defer_bh = qemu_bh_new(trn_defer_bh, s);
    s->wake_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, trn_wake, s);
    trn_fabric_join(&s->fabric->core, s->chip);
    s->vm_change = qemu_add_vm_change_state_handler(trn_vm_change, s);
    return;

err_chip:
    trn_chip_free(s->chip);
    s->chip = NULL;
err_migration:
    trn_exit_migration(s);
err_scratch:
    trn_exit_scratch(s);
err_msix:
    g_free(s->name);
    msix_uninit(pdev, &s->bar2, &s->bar2);
err_pcie:
    trn_exit_pcie(pdev);
err_ram:
    trn_exit_gone(s);
    vmstate_unregister_ram(&s->hbm, DEVICE(s));
}

static void trn_reset_hold(Object *obj, ResetType type)
{
    TrnState *s = TRN(obj);

    trn_settle(s);
    pcie_cap_deverr_reset(PCI_DEVICE(s));
    trn_chip_set_bus_master(s->chip, false);
    trn_reset_power_on(s->chip);
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
    DEFINE_PROP_SIZE("hbm-size", TrnState, hbm_size, 16 * GiB),
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
