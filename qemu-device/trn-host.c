/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus-master access to host memory, from any thread.
 *
 * Only RAM can be accessed, including a RAM BAR of another device. Any other
 * access would run the code of another device, which needs the BQL, in the
 * middle of a transfer. Such an access fails, and the chip reports an AXI
 * error.
 *
 * Without an IOMMU no lock is needed: RCU protects the memory map. Behind an
 * IOMMU, a translation that fails raises an interrupt, which needs the BQL.
 * TrnBus.host_needs_lock tells the core to take it.
 *
 * The buffer may be HBM, and the host memory may be the BAR of the same HBM,
 * so the two may overlap. The guest polls the memory that is written.
 * trn_move() is right for both.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "exec/memory.h"
#include "exec/address-spaces.h"
#include "hw/pci/pci_device.h"
#include "core/words.h"
#include "trn-guard.h"
#include "trn-host.h"

static bool trn_host_read_ram(TrnState *s, uint64_t addr, void *buf, size_t len)
{
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(s));
    const MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    uint8_t *to = buf;

    RCU_READ_LOCK_GUARD();
    while (len) {
        hwaddr xlat, l = len;
        MemoryRegion *mr = address_space_translate(as, addr, &xlat, &l, false,
                                                   attrs);

        if (!memory_access_is_direct(mr, false, attrs)) {
            return false;
        }
        trn_move(to, qemu_map_ram_ptr(mr->ram_block, xlat), l);
        to += l;
        addr += l;
        len -= l;
    }
    return true;
}

/*
 * Mapping reads the memory map once, so that RAM cannot turn into a device
 * between check and use. Unmapping marks the pages dirty and drops code that
 * was translated from them. address_space_map() gives a bounce buffer, which
 * is in no RAMBlock, for an address that is not RAM.
 */
static bool trn_host_write_ram(TrnState *s, uint64_t addr, const void *buf,
                               size_t len)
{
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(s));
    const uint8_t *from = buf;

    /* This thread must not drop the last reference to the mapped region. */
    RCU_READ_LOCK_GUARD();
    while (len) {
        hwaddr l = len;
        ram_addr_t offset;
        void *p = address_space_map(as, addr, &l, true,
                                    MEMTXATTRS_UNSPECIFIED);

        if (!p) {
            return false;
        }
        if (!memory_region_from_host(p, &offset)) {
            address_space_unmap(as, p, l, true, 0);
            return false;
        }
        trn_move(p, from, l);
        address_space_unmap(as, p, l, true, l);
        from += l;
        addr += l;
        len -= l;
    }
    return true;
}

/* False: no access is possible. True: trn_host_leave() must follow. */
static bool trn_host_enter(TrnState *s)
{
    if (s->chip->errinj.gone || s->exited) {
        return false;
    }
    if (s->bus.host_needs_lock) {
        assert(bql_locked());
        trn_guard_fabric_begin(s);
    }
    return true;
}

static void trn_host_leave(TrnState *s)
{
    if (s->bus.host_needs_lock) {
        trn_guard_fabric_end(s);
    }
}

bool trn_host_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    TrnState *s = opaque;
    bool done;

    if (!trn_host_enter(s)) {
        return false;
    }
    done = trn_host_read_ram(s, addr, buf, len);
    trn_host_leave(s);
    return done;
}

bool trn_host_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    TrnState *s = opaque;
    bool done;

    if (!trn_host_enter(s)) {
        return false;
    }
    done = trn_host_write_ram(s, addr, buf, len);
    trn_host_leave(s);
    return done;
}

bool trn_host_is_translated(TrnState *s)
{
    return pci_device_iommu_address_space(PCI_DEVICE(s)) !=
           &address_space_memory;
}
