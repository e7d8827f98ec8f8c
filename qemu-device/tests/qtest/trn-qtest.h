/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the qtests share: a virtual machine with devices in it, queues, memory.
 *
 * Every number here and in the tests was typed from the hardware reference
 * ("HW n" names a section) and from the trnx manual, never taken from the
 * headers that the device includes: a wrong offset there must fail here.
 */
#ifndef TRN_QTEST_H
#define TRN_QTEST_H

#include "qemu/osdep.h"
#include "libqtest.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* HW 2.3: bit 46 selects host memory. */
#define HOST_BIT 0x400000000000ULL

/* HW 2.2: chip addresses of the four HBM stacks. */
extern const uint64_t trn_hbm_base[4];

/* HW 3.2: queue registers, the same in both directions up to 0x4c. */
#define Q_CFG 0x20
#define Q_STATUS 0x24
#define Q_BASE_LO 0x28
#define Q_BASE_HI 0x2c
#define Q_LEN 0x30
#define Q_HEAD 0x34
#define Q_DOORBELL 0x38
#define Q_TAIL 0x3c
#define Q_COMP_HEAD 0x4c

/* HW 4.1 and 4.3. */
#define M2S_FIRST 0x04000000u
#define M2S_LAST 0x08000000u
#define M2S_DMB 0x40000000u
#define OP_COPY 0x01080003u
#define OP_COPY_BARRIER 0x05080003u

/* HW 4.7. */
#define MARKER 0xabcdef01u

/* HW 6: the mailbox. */
#define MISC_RAM 0x06c84000u
/* HW 7.3. */
#define QEMU_RESET 0x06300010u

/* trnx, BAR2: queue control blocks. */
#define QCTL_CTRL 0x00
#define QCTL_STATUS 0x04
#define QCTL_COUNT_ADDR 0x08
#define QCTL_COUNT 0x10
#define QCTL_ARM 0x18
#define QCTL_EQ 0x20
#define QCTL_ERR_ADDR 0x30
#define QCTL_M2S_COUNT 0x38

typedef struct TrnVm {
    QTestState *qts;
    char *log;              /* where QEMU writes its LOG_GUEST_ERROR lines */
    bool guest_errors;      /* the test provokes some; else any fails it */
    bool any_log;           /* whether the device complains is its own affair */
    uint64_t next_ram;      /* bump allocator over guest memory */
    uint64_t next_bar;      /* same for the addresses of large BARs */
} TrnVm;

typedef struct TrnDev {
    TrnVm *vm;
    unsigned bus;
    unsigned slot;
    uint64_t bar0;
    uint64_t bar2;
    uint64_t bar4;
    uint64_t bar4_size;
} TrnDev;

typedef struct TrnRing {
    uint32_t page;          /* BAR0 offset of the queue's register page */
    uint64_t addr;          /* chip address of the ring */
    uint32_t len;           /* in descriptors */
    uint32_t tail;          /* next slot to fill */
    uint32_t ring_id;       /* phase of that slot */
    uint32_t posted;        /* filled, doorbell not yet rung */
} TrnRing;

typedef struct TrnQueue {
    TrnDev *dev;
    unsigned engine;
    unsigned queue;
    TrnRing m2s;
    TrnRing s2m;
    uint64_t marker;        /* host: the pair of words of HW 4.7 */
} TrnQueue;

/*
 * Virtual machine: q35, no firmware, no vCPU that runs. @devices are QEMU
 * arguments. trn_vm_stop() fails the test if the device logged a guest error
 * that the test did not announce in vm->guest_errors, or none that it did.
 */
TrnVm *trn_vm_start(const char *devices);
void trn_vm_stop(TrnVm *vm);
/* Configuration space where it is looked for; a machine's reset moves it. */
void trn_vm_open_ecam(TrnVm *vm);
/* Guest memory above the first 64 MiB, zeroed by nobody, without bit 46. */
uint64_t trn_alloc(TrnVm *vm, uint64_t size, uint64_t align);
/* Configuration space through ECAM: all 4 KiB of a function. */
uint64_t trn_ecam(unsigned bus, unsigned slot);

/* A number of the environment, or @otherwise. */
uint32_t trn_env_number(const char *name, uint32_t otherwise);

/* Stops the VM and saves it to a file, whose name the caller frees. */
char *trn_save(TrnVm *vm);
/*
 * Loads such a file into a VM of "-incoming defer", which is paused then. False if it
 * refuses it; if it does neither for a minute, the test fails.
 */
bool trn_load(TrnVm *vm, const char *path);

/* Places the BARs of the device in @slot and turns on memory and mastering. */
TrnDev *trn_dev_open(TrnVm *vm, unsigned bus, unsigned slot);
/* One VM with one device; @props is appended to "-device trn3,id=trn0". */
TrnDev *trn_start(const char *props);
/* Stops the VM of trn_start() and frees the device. */
void trn_stop(TrnDev *dev);
void trn_dev_set_master(TrnDev *dev, bool on);
uint32_t trn_cfg_read(TrnDev *dev, unsigned off);
void trn_cfg_write(TrnDev *dev, unsigned off, uint32_t val);
/* Offset of a capability in plain or extended config space, or 0. */
unsigned trn_find_cap(TrnDev *dev, uint8_t id);
unsigned trn_find_ext_cap(TrnDev *dev, uint16_t id);
/* Function-level reset, as Linux does it, and the BARs set up again. */
void trn_flr(TrnDev *dev);

uint32_t trn_read(TrnDev *dev, uint32_t off);
void trn_write(TrnDev *dev, uint32_t off, uint32_t val);
/* BAR2. */
uint32_t trnx_read(TrnDev *dev, uint32_t off);
uint64_t trnx_read64(TrnDev *dev, uint32_t off);
void trnx_write(TrnDev *dev, uint32_t off, uint32_t val);
void trnx_write64(TrnDev *dev, uint32_t off, uint64_t val);
uint32_t trnx_qctl(unsigned engine, unsigned queue);
/* Guest memory where MSI-X @vector leaves @data; MSI-X is on afterwards. */
uint64_t trn_msix_enable(TrnDev *dev, unsigned vector, uint32_t data);
/* Event queue @n with 2^@log2 entries in guest memory, on; returns its ring. */
uint64_t trn_eq_enable(TrnDev *dev, unsigned n, unsigned log2);

/* qom-set of a property of the device called trn0, of each JSON type. */
void trn_set_number(TrnDev *dev, const char *name, int64_t value);
void trn_set_bool(TrnDev *dev, const char *name, bool value);
void trn_set_string(TrnDev *dev, const char *name, const char *value);
/* The same, which QEMU must refuse. */
void trn_refuse_number(TrnDev *dev, const char *name, int64_t value);
int64_t trn_get_number(TrnDev *dev, const char *name);

/* Memory by chip address: guest memory if bit 46 is set, else HBM by BAR4. */
void trn_mem_read(TrnDev *dev, uint64_t addr, void *buf, size_t len);
void trn_mem_write(TrnDev *dev, uint64_t addr, const void *buf, size_t len);
void trn_mem_set(TrnDev *dev, uint64_t addr, uint8_t byte, size_t len);
/* A pattern that differs at every address and for every seed. */
void trn_pattern(uint8_t *buf, size_t len, uint32_t seed);
void trn_mem_fill(TrnDev *dev, uint64_t addr, size_t len, uint32_t seed);
/* Fails with the first differing offset. */
void trn_mem_expect(TrnDev *dev, uint64_t addr, size_t len, uint32_t seed);
void trn_mem_expect_byte(TrnDev *dev, uint64_t addr, uint8_t byte, size_t len);

/* HW 2.4 and 5.1: where engine @e lives in BAR0 and on the chip. */
uint32_t trn_engine_bar0(unsigned e);
uint64_t trn_engine_chip(unsigned e);

/* The 15 writes of HW 3.3. */
void trn_queue_program(TrnQueue *q);
/* A queue with rings of @len descriptors in guest memory, programmed. */
TrnQueue *trn_queue_new(TrnDev *dev, unsigned engine, unsigned queue,
                        uint32_t len);
void trn_queue_free(TrnQueue *q);
/* Forgets what was posted: what software does when it resets a queue. */
void trn_queue_rewind(TrnQueue *q);
void trn_queue_reset(TrnQueue *q);
/* Fill the next slot; @w0 holds the length and flags, the ring id is added. */
void trn_m2s(TrnQueue *q, uint32_t w0, uint32_t op, uint64_t addr);
void trn_s2m(TrnQueue *q, uint32_t w0, uint64_t addr);
/* One whole packet on both sides, 1..65536 bytes. */
void trn_pair(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t len);
/* As many pairs as @len takes. */
void trn_post_copy(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len);
/*
 * Work that takes a while: @n pairs of 64 KiB, from @src to the sixteen MiB
 * from @dst on, over and over. The ring must be empty and longer than @n.
 */
void trn_post_long(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t n);
/* The same, always to the same 64 KiB. */
void trn_post_same(TrnQueue *q, uint64_t dst, uint64_t src, uint32_t n);
/* The completion trick of HW 4.7; then trn_ring() and trn_wait_marker(). */
void trn_post_marker(TrnQueue *q);
void trn_ring_s2m(TrnQueue *q);
void trn_ring_m2s(TrnQueue *q);
void trn_ring(TrnQueue *q);
void trn_wait_marker(TrnQueue *q);
bool trn_marker_arrived(TrnQueue *q);
/* All of that: copies, and returns when the marker has arrived. */
void trn_copy(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len);
/* A copy of fresh random bytes between @src and @dst, compared. */
void trn_copy_verify(TrnQueue *q, uint64_t dst, uint64_t src, uint64_t len,
                     uint32_t seed);

/*
 * Waiting: polls until the condition holds, aborts the test with a sentence
 * after a minute.
 */
void trn_wait_mem32(TrnVm *vm, uint64_t addr, uint32_t want, const char *what);
void trn_wait_reg(TrnDev *dev, uint32_t off, uint32_t mask, uint32_t want,
                  const char *what);
void trn_wait_count(TrnQueue *q, uint64_t want);

#endif
