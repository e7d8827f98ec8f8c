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

/* What a guard delays. */
typedef enum TrnLate {
    TRN_LATE_RESET = 1,
    TRN_LATE_EXIT = 2,
} TrnLate;

struct TrnClass {
    PCIDeviceClass parent_class;
    const TrnGeneration *gen;

    /* Does what had to wait: see trn-guard.h. */
    void (*do_late)(TrnState *s, TrnLate what);
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

#endif /* HW_MISC_TRN_DEVICE_H */
