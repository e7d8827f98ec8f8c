/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BARs: BAR0 has the registers of the chip, BAR2 trnx, BAR4 HBM.
 *
 * A vCPU can look up a BAR, wait for the BQL, and get it after the device has
 * left. Hence each access checks trn_guard_is_deaf().
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "trace.h"
#include "migrate/trn-migrate.h"
#include "trn-bar.h"
#include "trn-guard.h"
#include "trn-ram.h"

static uint64_t trn_bar0_read(void *opaque, hwaddr addr, unsigned size)
{
    TrnState *s = opaque;
    uint32_t value;

    if (trn_guard_is_deaf(s)) {
        return UINT64_MAX;
    }
    trn_migrate_settle(s);
    value = trn_chip_read(s->chip, addr);
    trace_trn_bar0_read(s->name, addr, value);
    return value;
}

static void trn_bar0_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    TrnState *s = opaque;

    if (trn_guard_is_deaf(s)) {
        return;
    }
    trn_migrate_settle(s);
    trace_trn_bar0_write(s->name, addr, value);
    trn_chip_write(s->chip, addr, value);
}

/* HW 0: whole registers only; a 64-bit access is two 32-bit accesses. */
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

    if (trn_guard_is_deaf(s)) {
        return UINT64_MAX;
    }
    trn_migrate_settle(s);
    value = trn_trnx_read(s->chip, addr, size);
    trace_trn_trnx_read(s->name, addr, size, value);
    return value;
}

static void trn_bar2_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    TrnState *s = opaque;

    if (trn_guard_is_deaf(s)) {
        return;
    }
    trn_migrate_settle(s);
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

/*
 * A device that comes back must not reach memory that got another owner while
 * it was gone.
 */
static void trn_bars_drop_bus_master(TrnState *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    uint16_t command = pci_get_word(pdev->config + PCI_COMMAND);

    pci_default_write_config(pdev, PCI_COMMAND, command & ~PCI_COMMAND_MASTER,
                             sizeof(command));
    trn_chip_set_bus_master(s->chip, false);
}

void trn_bars_set_gone(TrnState *s, bool gone)
{
    trace_trn_gone(s->name, gone);
    if (s->chip->errinj.gone && !gone) {
        trn_bars_drop_bus_master(s);
    }
    trn_chip_set_gone(s->chip, gone);
    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_set_enabled(&s->gone[i], gone);
    }
}

/* Regions that hide the BARs while the device is gone. */
static void trn_bars_init_gone(TrnState *s)
{
    MemoryRegion *const bar[TRN_NUM_BARS] = { &s->bar0, &s->bar2, &s->bar4 };

    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_init_io(&s->gone[i], OBJECT(s), &trn_gone_ops, s,
                              "trn-gone", memory_region_size(bar[i]));
        memory_region_set_enabled(&s->gone[i], false);
        memory_region_add_subregion_overlap(bar[i], 0, &s->gone[i], 1);
    }
}

void trn_bars_exit(TrnState *s)
{
    for (unsigned i = 0; i < TRN_NUM_BARS; i++) {
        memory_region_del_subregion(s->gone[i].container, &s->gone[i]);
    }
    trn_hbm_unmap(s);
}

bool trn_bars_init(TrnState *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    const uint8_t attr = PCI_BASE_ADDRESS_SPACE_MEMORY |
                         PCI_BASE_ADDRESS_MEM_TYPE_64 |
                         PCI_BASE_ADDRESS_MEM_PREFETCH;

    if (!trn_hbm_init(s, errp)) {
        return false;
    }
    memory_region_init_io(&s->bar0, OBJECT(s), &trn_bar0_ops, s, "trn-bar0",
                          TRN_BAR0_SIZE);
    memory_region_init_io(&s->bar2, OBJECT(s), &trn_bar2_ops, s, "trn-bar2",
                          s->id_fault == TRN_ID_FAULT_SMALL ? TRNX_BAR_SIZE / 2
                                                    : TRNX_BAR_SIZE);
    trn_bars_init_gone(s);
    pci_register_bar(pdev, TRN_BAR_REGS, attr, &s->bar0);
    pci_register_bar(pdev, TRN_BAR_TRNX, attr, &s->bar2);
    pci_register_bar(pdev, TRN_BAR_HBM, attr, &s->bar4);
    return true;
}
