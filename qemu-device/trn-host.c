/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus-master access to host memory, from any thread.
 *
 * Only RAM answers. Anything else would run another device's code, which wants
 * the BQL, in the middle of a transfer; the chip sees an AXI error instead.
 * Another device's RAM BAR is RAM.
 *
 * Without an IOMMU no lock is needed: RCU keeps the memory map. Behind one, a
 * translation that fails raises an interrupt, for which the BQL is needed, and
 * TrnBus.host_needs_lock makes the core take it.
 */
#include "qemu/osdep.h"
#include "qemu/rcu.h"
#include "exec/memory.h"
#include "exec/address-spaces.h"
#include "hw/pci/pci_device.h"
#include "trn-device.h"

/* Where [addr, addr + *len) begins; NULL if not RAM. RCU read lock held. */
static MemoryRegion *translate(TrnState *s, uint64_t addr, hwaddr *xlat,
                               hwaddr *len, bool is_write)
{
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(s));
    MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    MemoryRegion *mr;

    mr = address_space_translate(as, addr, xlat, len, is_write, attrs);
    return memory_access_is_direct(mr, is_write, attrs) ? mr : NULL;
}

bool trn_host_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    TrnState *s = opaque;
    uint8_t *to = buf;

    RCU_READ_LOCK_GUARD();
    while (len) {
        hwaddr xlat, l = len;
        MemoryRegion *mr = translate(s, addr, &xlat, &l, false);

        if (!mr) {
            return false;
        }
        memcpy(to, qemu_map_ram_ptr(mr->ram_block, xlat), l);
        to += l;
        addr += l;
        len -= l;
    }
    return true;
}

bool trn_host_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    TrnState *s = opaque;
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(s));
    const uint8_t *from = buf;

    RCU_READ_LOCK_GUARD();
    while (len) {
        hwaddr xlat, l = len;

        if (!translate(s, addr, &xlat, &l, true) ||
            address_space_write(as, addr, MEMTXATTRS_UNSPECIFIED, from, l) !=
            MEMTX_OK) {
            return false;
        }
        from += l;
        addr += l;
        len -= l;
    }
    return true;
}

bool trn_host_is_translated(TrnState *s)
{
    return pci_device_iommu_address_space(PCI_DEVICE(s)) !=
           &address_space_memory;
}
