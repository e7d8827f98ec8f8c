/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration and snapshots of the device: what both ends must have in common, the
 * pool of on-chip memory, and what becomes of a state that did not arrive whole.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie_aer.h"
#include "migration/blocker.h"
#include "migration/misc.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "system/tcg.h"
#include "exec/ramblock.h"
#include "hw/misc/trn/trn-build.h"
#include "trn-guard.h"
#include "trn-model.h"
#include "trn-props.h"
#include "trn-vmstate.h"

/* --- properties by which the state means something else --- */

typedef struct TrnFixed {
    const char *name;
    size_t at;                  /* in TrnState */
    size_t size;
} TrnFixed;

#define FIXED(name, field) \
    { name, offsetof(TrnState, field), sizeof(((TrnState *)NULL)->field) }

static const TrnFixed fixed[] = {
    FIXED("hbm-size", hbm_size),
    FIXED("scratch-size", scratch_size),
    FIXED("rev", rev),
    FIXED("routing-id", routing_id),
    FIXED("fw-api-version", fw_api_version),
    FIXED("abort", aborts),
    FIXED("timing", is_timed),
};

/* Name and value of the @i-th of them; NULL behind the last. */
static const char *fixed_property(const TrnState *s, unsigned i,
                                  uint64_t *value)
{
    const uint8_t *p;

    if (i >= ARRAY_SIZE(fixed)) {
        return trn_model_constant(s, i - ARRAY_SIZE(fixed), value);
    }
    p = (const uint8_t *)s + fixed[i].at;
    *value = fixed[i].size == 8 ? *(const uint64_t *)p
             : fixed[i].size == 4 ? *(const uint32_t *)p : *p;
    return fixed[i].name;
}

static int put_properties(QEMUFile *f, void *pv, size_t size,
                          const VMStateField *field, JSONWriter *vmdesc)
{
    uint64_t value;

    for (unsigned i = 0; fixed_property(pv, i, &value); i++) {
        qemu_put_be64(f, value);
    }
    return 0;
}

static int get_properties(QEMUFile *f, void *pv, size_t size,
                          const VMStateField *field)
{
    TrnState *s = pv;
    const char *name;
    uint64_t here;

    for (unsigned i = 0; (name = fixed_property(s, i, &here)); i++) {
        uint64_t there = qemu_get_be64(f);

        if (qemu_file_get_error(f)) {
            return qemu_file_get_error(f);
        }
        if (there != here) {
            error_report("%s: the property %s is %" PRIu64 " here and was %"
                         PRIu64 " where the state comes from", s->name, name,
                         here, there);
            return -EINVAL;
        }
    }
    return 0;
}

static const VMStateInfo vmstate_info_properties = {
    .name = "trn properties",
    .get = get_properties,
    .put = put_properties,
};

/* --- saving --- */

/*
 * Where the access of a worker was what stopped the VM (trn-guard.h), it is behind
 * that access now, and at rest when the piece at hand is done; or it sleeps there,
 * and nobody can wait for it.
 */
static int trn_pre_save(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        return -EBUSY;
    }
    trn_do_late(s);
    trn_chip_stop(s->chip);
    trn_chip_start(s->chip);
    return 0;
}

/* --- loading --- */

/*
 * From here to the end of trn_post_load() the state of the chip is neither here
 * nor there, and may be anything. Where that end is never reached, because the
 * stream ends or something else does not fit, trn_settle() ends it.
 */
static int trn_pre_load(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        return -EBUSY;
    }
    s->loading = true;
    trn_chip_begin_load(s->chip);
    return 0;
}

static void refuse(TrnState *s)
{
    s->loading = false;
    trn_chip_refuse(s->chip);
    trn_props_apply_status(s);
    trn_update_bus_master(s);
}

void trn_settle(TrnState *s)
{
    if (s->loading) {
        refuse(s);
    }
}

static int trn_post_load(void *opaque, int version_id)
{
    TrnState *s = opaque;

    if (!trn_chip_resume(s->chip)) {
        error_report("%s: the state of the chip makes no sense", s->name);
        refuse(s);
        return -EINVAL;
    }
    s->loading = false;
    trn_update_bus_master(s);
    return 0;
}

const VMStateDescription trn_vmstate = {
    .name = TYPE_TRN,
    .version_id = 5,
    .minimum_version_id = 5,
    .pre_save = trn_pre_save,
    .pre_load = trn_pre_load,
    .post_load = trn_post_load,
    .fields = (const VMStateField[]) {
        {
            .name = "properties",
            .size = sizeof(TrnState),
            .info = &vmstate_info_properties,
            .flags = VMS_SINGLE,
        },
        VMSTATE_PCI_DEVICE(parent_obj, TrnState),
        VMSTATE_STRUCT(parent_obj.exp.aer_log, TrnState, 0, vmstate_pcie_aer_log,
                       PCIEAERLog),
        VMSTATE_MSIX(parent_obj, TrnState),
        VMSTATE_STRUCT_POINTER(chip, TrnState, trn_vmstate_chip, TrnChip),
        VMSTATE_END_OF_LIST()
    },
};

/* --- whether it can be done at all --- */

bool trn_qemu_is_mended(void)
{
#ifdef TRN_QEMU_IS_MENDED
    return true;
#else
    return false;
#endif
}

/*
 * What an error that is injected leaves may differ from what is here: its log, and
 * link capabilities, of which QEMU 10.0 clears half when it sets the device status
 * before them.
 */
static void uncheck_errors(PCIDevice *pdev)
{
    uint8_t *cmask = pdev->cmask + pdev->exp.aer_cap;

    pci_set_word(pdev->cmask + pdev->exp.exp_cap + PCI_EXP_LNKCAP, 0);
    pci_long_test_and_clear_mask(cmask + PCI_ERR_CAP,
                                 PCI_ERR_CAP_FEP_MASK | PCI_ERR_CAP_TLP);
    memset(cmask + PCI_ERR_HEADER_LOG, 0, PCI_ERR_HEADER_LOG_SIZE);
    memset(cmask + PCI_ERR_TLP_PREFIX_LOG, 0, PCI_ERR_TLP_PREFIX_LOG_SIZE);
}

bool trn_init_migration(TrnState *s, Error **errp)
{
    uncheck_errors(PCI_DEVICE(s));
    if (!tcg_enabled() || s->is_mended) {
        return true;
    }
    error_setg(&s->blocker, "%s: this QEMU loses stores to device memory when "
               "it migrates under TCG, or aborts: build it with qemu.patch of "
               "the device", s->name);
    return !migrate_add_blocker(&s->blocker, errp);
}

void trn_exit_migration(TrnState *s)
{
    migrate_del_blocker(&s->blocker);
}

/* --- on-chip memory --- */

bool trn_init_scratch(TrnState *s, Error **errp)
{
    if (!memory_region_init_ram_flags_nomigrate(&s->scratch, OBJECT(s),
                                                "trn-scratch",
                                                s->scratch_size,
                                                RAM_NORESERVE, errp)) {
        return false;
    }
    vmstate_register_ram(&s->scratch, DEVICE(s));
    return true;
}

void trn_exit_scratch(TrnState *s)
{
    vmstate_unregister_ram(&s->scratch, DEVICE(s));
}

void trn_bus_scratch_dirty(void *opaque, uint64_t offset, uint64_t len)
{
    TrnState *s = opaque;

    memory_region_set_dirty(&s->scratch, offset, len);
}

/* Where pages may not be discarded, as virtio-balloon has it, they are written. */
void trn_bus_scratch_clear(void *opaque, uint64_t len)
{
    TrnState *s = opaque;

    if (ram_block_discard_is_disabled() || migration_in_incoming_postcopy() ||
        migration_in_bg_snapshot() ||
        ram_block_discard_range(s->scratch.ram_block, 0, len)) {
        memset(memory_region_get_ram_ptr(&s->scratch), 0, len);
    }
    memory_region_set_dirty(&s->scratch, 0, len);
}
