/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vendor driver's use of the chip, by HW 3, 4, 5, 7 and 11 alone: its
 * writes, in their order, and the values that it expects to read.
 */
#ifndef QT_VENDOR_H
#define QT_VENDOR_H

#include "qt.h"

#define VENDOR_CORES 8
#define VENDOR_ALL_CORES 0xff
/* HW 5.3: 4096 and 16 spare descriptors asked for, rounded up. */
#define VENDOR_RING 8192
/* HW 4.7: data descriptors that one doorbell brings at most. */
#define VENDOR_BATCH 2032
/* HW 1.2. */
#define VENDOR_REV_SILICON 0x00
#define VENDOR_REV_EMU 0xf0
#define VENDOR_REV_QEMU 0xff

typedef struct Vendor {
    QtDev *dev;
    bool trn2;                  /* HW appendix A */
    uint8_t rev;
    bool initialised;           /* the queues were once: HW 3.5, step 1 */
    QtQueue *h2t[VENDOR_CORES];
    uint64_t contexts[VENDOR_CORES];    /* HW 4.7: three pairs of words */
    unsigned writes;            /* register accesses of the initialisation */
    unsigned reads;
    uint32_t highest;
    GHashTable *seen;           /* distinct registers */
} Vendor;

void vendor_init(Vendor *v, QtDev *dev);
void vendor_fini(Vendor *v);

/* HW 11.1: the reads of the probe. Returns the routing id. */
uint32_t vendor_probe(Vendor *v);

/* Cores that the driver manages: HW 1.2. */
unsigned vendor_cores(const Vendor *v);

/* HW 7.2 to 7.4. @cores is a bitmap; all of them is the device. */
void vendor_reset(Vendor *v, unsigned cores);

/* HW 3.5; it and the next count their accesses. */
void vendor_engine_init(Vendor *v, unsigned engine);

/* HW 3.3, with rings anywhere; @len descriptors each. */
void vendor_queue_init(Vendor *v, unsigned engine, unsigned queue, uint64_t m2s,
                       uint64_t s2m, uint32_t len);

/* HW 5.5: engines and H2T queues of @cores, the latter with fresh rings. */
void vendor_dma_init(Vendor *v, unsigned cores);

/*
 * The writes after a reset and at probe: reset, then all of HW 5.5.
 */
void vendor_start(Vendor *v);

/*
 * @n pairs of 64 KiB, or of *@tail bytes the last, in order, and the marker of
 * context @ctx behind them; then the doorbells. @src_step 0 copies one source
 * over and over, as a memset does. HW 4.5 and 4.7.
 */
typedef struct VendorCopy {
    uint64_t dst;
    uint64_t src;
    uint32_t src_step;
    uint64_t len;
    uint32_t m2s_flags;         /* on every data descriptor */
    uint32_t last_op;           /* of the last data descriptor */
    uint32_t marker_s2m_flags;
} VendorCopy;

void vendor_submit(Vendor *v, unsigned core, unsigned ctx, const VendorCopy *c);
void vendor_wait(Vendor *v, unsigned core, unsigned ctx);

/* A copy through the kernel's buffers, at most one batch. */
void vendor_copy(Vendor *v, unsigned core, uint64_t dst, uint64_t src,
                 uint64_t len);
/* The same of fresh bytes, host to HBM and back, compared. */
void vendor_round_trip(Vendor *v, unsigned core, uint64_t host, uint64_t hbm,
                       uint64_t len, uint32_t seed);

#endif
