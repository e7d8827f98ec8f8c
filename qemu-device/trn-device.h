/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device as QEMU sees it: shared by the files of the frontend. */
#ifndef HW_MISC_TRN_DEVICE_H
#define HW_MISC_TRN_DEVICE_H

#include "hw/pci/pci_device.h"
#include "core/chip.h"
#include "qom/object.h"
#include "system/hostmem.h"
#include "trn-fabric.h"
#include "trn-sched.h"

#define TRN_NUM_BARS 3

#define TYPE_TRN "trn-accel"
OBJECT_DECLARE_TYPE(TrnState, TrnClass, TRN)

struct TrnClass {
    PCIDeviceClass parent_class;
    const TrnGeneration *gen;
};

struct TrnState {
    PCIDevice parent_obj;

    MemoryRegion bar0;
    MemoryRegion bar2;
    MemoryRegion bar4;
    MemoryRegion own_hbm;       /* unless there is a memdev */
    MemoryRegion *hbm;          /* in BAR4 */
    AddressSpace hbm_as;        /* nothing but HBM */
    MemoryRegionCache hbm_cache;
    MemoryRegion scratch;       /* SBUF, TOP_SP, PREPROC; not in any bus */
    MemoryRegion gone[TRN_NUM_BARS];    /* what the BARs are when it is gone */
    TrnBus bus;
    TrnChip *chip;
    TrnSched *sched;
    QEMUBH *defer_bh;
    QEMUTimer *wake_timer;
    QEMUBH *wake_bh;
    VMChangeStateEntry *vm_change;
    bool stopped;               /* the chip is, because the VM is */
    bool loading;               /* its state may be anything */
    Error *blocker;             /* of migration, or NULL */
    bool tried;                 /* to be realized: not again */
    bool exited;
    unsigned late;              /* TrnLate bits, see trn-guard.h */
    char *name;                 /* in log lines and trace events */

    TrnFabricState *fabric;     /* properties, this and below */
    HostMemoryBackend *memdev;  /* or NULL */
    uint64_t hbm_size;
    uint8_t rev;
    uint32_t routing_id;
    /* What was set before there was a chip. */
    uint32_t status[TRN_MBOX_STATUS_SIZE / 4];
    TrnErrinj errinj;
    TrnFlaw flaw;
    TrnEnergyModel energy;
    TrnTimingModel timing;
    bool aborts;
    bool is_timed;
    bool is_mended;             /* QEMU's migration under TCG is */

    uint64_t serial;
    int32_t server_id;
    uint32_t fw_api_version;
    uint64_t scratch_size;
    uint32_t num_workers;
    uint32_t spin_ns;
    int32_t hang_engine;
};

extern const TrnBus trn_bus;

/* Power-on state, with bus mastering off. */
void trn_reset_now(TrnState *s);

/* Nothing moves any more, and nothing calls back. */
void trn_exit_now(TrnState *s);

/* TrnBus accesses to host memory; @opaque is the TrnState. */
bool trn_host_read(void *opaque, uint64_t addr, void *buf, size_t len);
bool trn_host_write(void *opaque, uint64_t addr, const void *buf, size_t len);

/* --- trn-hbm.c: what is behind BAR4; gone in two steps --- */

bool trn_init_hbm(TrnState *s, Error **errp);
/* Nobody finds it any more, and: nothing of the chip moves any more. */
void trn_unmap_hbm(TrnState *s);
void trn_exit_hbm(TrnState *s);
void trn_bus_hbm_dirty(void *opaque, uint64_t offset, uint64_t len);

/* The three BARs. */
bool trn_init_bars(TrnState *s, Error **errp);
void trn_exit_bars(TrnState *s);

/* As if it had been pulled out of its slot, or pushed back in. */
void trn_set_gone(TrnState *s, bool gone);

/* Bus mastering follows the command register. */
void trn_update_bus_master(TrnState *s);

/* --- trn-migrate.c --- */

extern const VMStateDescription trn_vmstate;

/* This QEMU was built with the mend of qemu.patch. */
bool trn_qemu_is_mended(void);

/* Migration is refused where it would break. */
bool trn_init_migration(TrnState *s, Error **errp);
void trn_exit_migration(TrnState *s);

/* Before the chip is used: what was loaded in part is gone. */
void trn_settle(TrnState *s);

/* The pool of TrnConfig.scratch, and its part of TrnBus. */
bool trn_init_scratch(TrnState *s, Error **errp);
void trn_exit_scratch(TrnState *s);
void trn_bus_scratch_dirty(void *opaque, uint64_t offset, uint64_t len);
void trn_bus_scratch_clear(void *opaque, uint64_t len);

/* --- trn-host.c --- */

/* An IOMMU is between the device and memory. */
bool trn_host_is_translated(TrnState *s);

#endif /* HW_MISC_TRN_DEVICE_H */
