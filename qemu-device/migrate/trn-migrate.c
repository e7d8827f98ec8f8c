/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration and snapshots of the device: properties that must be equal at both
 * ends, and states that are refused.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie_aer.h"
#include "migration/blocker.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "system/tcg.h"
#include "hw/misc/trn/trn-build.h"
#include "migrate/trn-migrate.h"
#include "migrate/trn-vmstate.h"
#include "props/trn-constants.h"
#include "props/trn-status.h"
#include "trn-config.h"
#include "trn-guard.h"

/* --- properties that give the state its meaning --- */

typedef struct TrnFixed {
    const char *name;
    size_t at;                  /* in TrnState */
    size_t size;
} TrnFixed;

#define FIXED(name, field) \
    { name, offsetof(TrnState, field), sizeof(((TrnState *)NULL)->field) }

static const TrnFixed trn_fixed[] = {
    FIXED("hbm-size", hbm_size),
    FIXED("scratch-size", scratch_size),
    FIXED("rev", rev),
    FIXED("routing-id", routing_id),
    FIXED("fw-api-version", fw_api_version),
    FIXED("abort", aborts),
    FIXED("timing", is_timed),
};

/* Name and value of property @i; NULL if there are not so many. */
static const char *trn_migrate_fixed_property(const TrnState *s, unsigned i,
                                              uint64_t *value)
{
    const uint8_t *p;

    if (i >= ARRAY_SIZE(trn_fixed)) {
        return trn_constants_get(s, i - ARRAY_SIZE(trn_fixed), value);
    }
    p = (const uint8_t *)s + trn_fixed[i].at;
    *value = trn_fixed[i].size == 8 ? *(const uint64_t *)p
             : trn_fixed[i].size == 4 ? *(const uint32_t *)p : *p;
    return trn_fixed[i].name;
}

static int trn_migrate_put_properties(QEMUFile *f, void *pv, size_t size,
                                      const VMStateField *field,
                                      JSONWriter *vmdesc)
{
    uint64_t value;

    for (unsigned i = 0; trn_migrate_fixed_property(pv, i, &value); i++) {
        qemu_put_be64(f, value);
    }
    return 0;
}

static int trn_migrate_get_properties(QEMUFile *f, void *pv, size_t size,
                                      const VMStateField *field)
{
    TrnState *s = pv;
    const char *name;
    uint64_t here;

    for (unsigned i = 0; (name = trn_migrate_fixed_property(s, i, &here));
         i++) {
        uint64_t there = qemu_get_be64(f);

        if (qemu_file_get_error(f)) {
            return qemu_file_get_error(f);
        }
        if (there != here) {
            error_report("%s: the property %s is %" PRIu64 " here and was %"
                         PRIu64 " at the source of the state", s->name, name,
                         here, there);
            return -EINVAL;
        }
    }
    return 0;
}

static const VMStateInfo vmstate_info_properties = {
    .name = "trn properties",
    .get = trn_migrate_get_properties,
    .put = trn_migrate_put_properties,
};

/* --- saving --- */

/*
 * The access of a worker may have stopped the VM (trn-guard.h). If the access
 * has ended, the stop and start here wait until the worker is at rest. If the
 * worker still sleeps in it, no thread can wait for it: saving fails.
 */
static int trn_migrate_pre_save(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        return -EBUSY;
    }
    trn_guard_do_late(s);
    trn_chip_stop(s->chip);
    trn_chip_start(s->chip);
    return 0;
}

/* --- loading --- */

/*
 * From here to the end of trn_migrate_post_load(), the state of the chip is
 * incomplete. A load that fails never reaches that end. trn_migrate_settle()
 * then resets the chip before its next use.
 */
static int trn_migrate_pre_load(void *opaque)
{
    TrnState *s = opaque;

    if (s->fabric->guarded) {
        return -EBUSY;
    }
    s->loading = true;
    trn_chip_begin_load(s->chip);
    return 0;
}

static void trn_migrate_refuse(TrnState *s)
{
    s->loading = false;
    trn_chip_refuse(s->chip);
    trn_status_apply(s);
    trn_config_update_bus_master(s);
}

void trn_migrate_settle(TrnState *s)
{
    if (s->loading) {
        trn_migrate_refuse(s);
    }
}

static int trn_migrate_post_load(void *opaque, int version_id)
{
    TrnState *s = opaque;

    if (!trn_chip_resume(s->chip)) {
        error_report("%s: the state of the chip is not valid", s->name);
        trn_migrate_refuse(s);
        return -EINVAL;
    }
    s->loading = false;
    trn_config_update_bus_master(s);
    return 0;
}

const VMStateDescription trn_vmstate = {
    .name = TYPE_TRN,
    .version_id = 5,
    .minimum_version_id = 5,
    .pre_save = trn_migrate_pre_save,
    .pre_load = trn_migrate_pre_load,
    .post_load = trn_migrate_post_load,
    .fields = (const VMStateField[]) {
        {
            .name = "properties",
            .size = sizeof(TrnState),
            .info = &vmstate_info_properties,
            .flags = VMS_SINGLE,
        },
        VMSTATE_PCI_DEVICE(parent_obj, TrnState),
        VMSTATE_STRUCT(parent_obj.exp.aer_log, TrnState, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_MSIX(parent_obj, TrnState),
        VMSTATE_STRUCT_POINTER(chip, TrnState, trn_vmstate_chip, TrnChip),
        VMSTATE_END_OF_LIST()
    },
};

/* --- support by QEMU --- */

bool trn_migrate_is_mended(void)
{
#ifdef TRN_QEMU_IS_MENDED
    return true;
#else
    return false;
#endif
}

/*
 * An injected error changes registers that QEMU compares with those here: its
 * log, and the link capabilities. QEMU 10.0 clears half of the latter when it
 * sets the device status, which stands in front of them. They are not
 * compared.
 */
static void trn_migrate_uncheck_errors(PCIDevice *pdev)
{
    uint8_t *cmask = pdev->cmask + pdev->exp.aer_cap;

    pci_set_word(pdev->cmask + pdev->exp.exp_cap + PCI_EXP_LNKCAP, 0);
    pci_long_test_and_clear_mask(cmask + PCI_ERR_CAP,
                                 PCI_ERR_CAP_FEP_MASK | PCI_ERR_CAP_TLP);
    memset(cmask + PCI_ERR_HEADER_LOG, 0, PCI_ERR_HEADER_LOG_SIZE);
    memset(cmask + PCI_ERR_TLP_PREFIX_LOG, 0, PCI_ERR_TLP_PREFIX_LOG_SIZE);
}

bool trn_migrate_init(TrnState *s, Error **errp)
{
    trn_migrate_uncheck_errors(PCI_DEVICE(s));
    if (!tcg_enabled() || s->is_mended) {
        return true;
    }
    error_setg(&s->blocker, "%s: this QEMU loses stores to device memory when "
               "it migrates under TCG, or aborts: build it with qemu.patch of "
               "the device", s->name);
    return !migrate_add_blocker(&s->blocker, errp);
}

void trn_migrate_exit(TrnState *s)
{
    migrate_del_blocker(&s->blocker);
}
