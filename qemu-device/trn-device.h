/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the device, shared by the files that connect the core to QEMU.
 */
#ifndef HW_MISC_TRN_DEVICE_H
#define HW_MISC_TRN_DEVICE_H

#include "hw/pci/pci_device.h"
#include "core/chip.h"
#include "qom/object.h"
#include "system/hostmem.h"
#include "sched/trn-sched.h"
#include "trn-fabric.h"

#define TRN_NUM_BARS 3

#define TYPE_TRN "trn-accel"
OBJECT_DECLARE_TYPE(TrnState, TrnClass, TRN)

/* Actions that a guard can delay: see trn-guard.h. */
typedef enum TrnLate {
    TRN_LATE_RESET = 1,
    TRN_LATE_EXIT = 2,
} TrnLate;

struct TrnClass {
    PCIDeviceClass parent_class;
    const TrnGeneration *gen;

    /* Does a delayed action. */
    void (*do_late)(TrnState *s, TrnLate action);
};

struct TrnState {
    PCIDevice parent_obj;

    MemoryRegion bar0;
    MemoryRegion bar2;
    MemoryRegion bar4;
    MemoryRegion own_hbm;       /* used if there is no memdev */
    MemoryRegion *hbm;          /* memory of BAR4 */
    AddressSpace hbm_as;        /* has HBM alone */
    MemoryRegionCache hbm_cache;
    MemoryRegion scratch;       /* SBUF, TOP_SP, PREPROC; in no BAR */
    MemoryRegion gone[TRN_NUM_BARS];    /* hide the BARs while it is gone */
    TrnBus bus;
    TrnChip *chip;
    TrnSched *sched;
    QEMUBH *defer_bh;
    QEMUTimer *wake_timer;
    QEMUBH *wake_bh;
    VMChangeStateEntry *vm_change;
    bool stopped;               /* the VM, hence the chip */
    bool loading;               /* the state of the chip is incomplete */
    Error *blocker;             /* blocks migration, or NULL */
    bool tried;                 /* realize was called; once only */
    bool exited;
    unsigned late;              /* TrnLate bits */
    char *name;                 /* in log lines and trace events */

    TrnFabricState *fabric;     /* from here on: properties */
    HostMemoryBackend *memdev;  /* or NULL */
    uint64_t hbm_size;
    uint8_t rev;
    uint32_t routing_id;
    /* Values set before the chip exists. */
    uint32_t status[TRN_MBOX_STATUS_SIZE / 4];
    TrnErrinj errinj;
    TrnIdFault id_fault;
    TrnEnergyModel energy;
    TrnTimingModel timing;
    bool aborts;
    bool is_timed;
    bool is_mended;             /* QEMU has the fix of qemu.patch */

    uint64_t serial;
    int32_t server_id;
    uint32_t fw_api_version;
    uint64_t scratch_size;
    uint32_t num_workers;
    uint32_t spin_ns;
    int32_t hang_engine;
};

#endif /* HW_MISC_TRN_DEVICE_H */
