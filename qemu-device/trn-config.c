/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space: identity, capabilities, MSI-X, and the bit of the
 * command register that lets the device master the bus.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_aer.h"
#include "trace.h"
#include "trn-config.h"
#include "trn-guard.h"
#include "trn-host.h"

#define TRN_AER_OFFSET      (PCI_CONFIG_SPACE_SIZE + 0x40)  /* behind VSEC */

/*
 * Not msix_uninit(): a vCPU may be accessing the table now. trn_config_free()
 * frees the table with the device.
 */
static void trn_config_exit_msix(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pdev->msix_function_masked = true;
    memory_region_del_subregion(&s->bar2, &pdev->msix_pba_mmio);
    memory_region_del_subregion(&s->bar2, &pdev->msix_table_mmio);
}

void trn_config_free(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    g_free(pdev->msix_table);
    g_free(pdev->msix_pba);
    g_free(pdev->msix_entry_used);
}

/* The vendor-specific capability that leads a driver to trnx: trnx.md 2. */
static void trn_config_init_vsec(PCIDevice *pdev)
{
    uint8_t *vsec = pdev->config + PCI_CONFIG_SPACE_SIZE;
    TrnIdFault id_fault = TRN(pdev)->id_fault;
    unsigned bar = id_fault == TRN_ID_FAULT_PLACE ? TRN_BAR_HBM : TRN_BAR_TRNX;
    unsigned major = TRNX_VERSION_MAJOR + (id_fault == TRN_ID_FAULT_VERSION);

    if (id_fault == TRN_ID_FAULT_ABSENT) {
        return;
    }
    pcie_add_capability(pdev, PCI_EXT_CAP_ID_VNDR, 1, PCI_CONFIG_SPACE_SIZE,
                        TRNX_VSEC_LENGTH);
    pci_set_long(vsec + TRNX_VSEC_HEADER,
                 TRNX_VSEC_ID | TRNX_VSEC_REV << 16 | TRNX_VSEC_LENGTH << 20);
    pci_set_long(vsec + TRNX_VSEC_MAGIC,
                 id_fault == TRN_ID_FAULT_MAGIC ? 0 : TRNX_MAGIC);
    pci_set_long(vsec + TRNX_VSEC_BAR, bar | major << 16);
    pci_set_long(vsec + TRNX_VSEC_OFFSET, TRNX_ID);
    pci_set_long(vsec + TRNX_VSEC_FEATURES, TRN_TRNX_FEATURES);
}

/* PCI Express capabilities. trn_config_exit_pcie() removes them. */
static bool trn_config_init_pcie(PCIDevice *pdev, Error **errp)
{
    if (pcie_endpoint_cap_init(pdev, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return false;
    }
    pcie_cap_flr_init(pdev);
    pcie_cap_deverr_init(pdev);
    trn_config_init_vsec(pdev);
    /* The list of extended capabilities must start at the end of PCI space. */
    if (pcie_aer_init(pdev, PCI_ERR_VER,
                      TRN(pdev)->id_fault == TRN_ID_FAULT_ABSENT
                          ? PCI_CONFIG_SPACE_SIZE
                          : TRN_AER_OFFSET,
                      PCI_ERR_SIZEOF, errp)) {
        pcie_cap_exit(pdev);
        return false;
    }
    return true;
}

static void trn_config_exit_pcie(PCIDevice *pdev)
{
    pcie_aer_exit(pdev);
    pcie_cap_exit(pdev);
}

bool trn_config_init(TrnState *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pci_config_set_revision(pdev->config, s->rev);
    if (s->id_fault == TRN_ID_FAULT_SUBSYSTEM) {
        pci_set_word(pdev->config + PCI_SUBSYSTEM_VENDOR_ID, TRN_PCI_VENDOR_ID);
    }
    if (!trn_config_init_pcie(pdev, errp)) {
        return false;
    }
    if (msix_init(pdev, TRNX_NUM_EQ, &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_TABLE,
                  &s->bar2, TRN_BAR_TRNX, TRNX_MSIX_PBA, 0, errp)) {
        trn_config_exit_pcie(pdev);
        return false;
    }
    for (unsigned i = 0; i < TRNX_NUM_EQ; i++) {
        msix_vector_use(pdev, i);
    }
    return true;
}

void trn_config_exit(TrnState *s)
{
    trn_config_exit_msix(s);
    trn_config_exit_pcie(PCI_DEVICE(s));
}

void trn_config_update_bus_master(TrnState *s)
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
    /* An IOMMU exists before any device can master the bus. */
    assert(!on || s->bus.host_needs_lock == trn_host_is_translated(s));
}

uint32_t trn_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    TrnState *s = TRN(pdev);

    return s->chip->errinj.gone || trn_guard_is_deaf(s)
           ? UINT32_MAX >> (32 - len * 8)
           : pci_default_read_config(pdev, addr, len);
}

/*
 * The write can unmask an interrupt, whose message can unplug the device. Hence
 * the check of s->exited.
 */
static void trn_config_write_guarded(TrnState *s, uint32_t addr, uint32_t val,
                                     int len)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    bool was = trn_guard_begin(s);

    pci_default_write_config(pdev, addr, val, len);
    if (!s->exited) {
        pcie_cap_flr_write_config(pdev, addr, val, len);
        pcie_aer_write_config(pdev, addr, val, len);
        trn_config_update_bus_master(s);
    }
    trn_guard_end(s, was);
}

void trn_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val, int len)
{
    TrnState *s = TRN(pdev);
    uint32_t command = val;

    if (s->chip->errinj.gone || trn_guard_is_deaf(s)) {
        return;
    }
    /* Engines stop first, so that no transfer fails at the bus. */
    if (range_covers_byte(addr, len, PCI_COMMAND)) {
        command >>= (PCI_COMMAND - addr) * 8;
        if (!(command & PCI_COMMAND_MASTER)) {
            trn_chip_set_bus_master(s->chip, false);
        }
    }
    trn_config_write_guarded(s, addr, val, len);
}
