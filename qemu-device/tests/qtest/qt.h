/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers of the qtests: a virtual machine with devices in it, queues, memory.
 *
 * Every number here and in the tests was typed from the hardware reference
 * ("HW n" names a section) and from the trnx manual, never taken from the
 * headers that the device includes: a wrong offset there must fail here.
 */
#ifndef QT_H
#define QT_H

#include "qemu/osdep.h"
#include "libqtest.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* HW 2.3: bit 46 selects host memory. */
#define HOST_BIT 0x400000000000ULL

/* HW 2.2: chip addresses of the four HBM stacks. */
extern const uint64_t qt_hbm_base[4];

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

typedef struct QtVm {
    QTestState *qts;
    char *log;              /* where QEMU writes its LOG_GUEST_ERROR lines */
    bool guest_errors;      /* the test provokes some; else any fails it */
    bool any_log;           /* whether the device complains is its own affair */
    uint64_t next_ram;      /* bump allocator over guest memory */
    uint64_t next_bar;      /* same for the addresses of large BARs */
} QtVm;

typedef struct QtDev {
    QtVm *vm;
    unsigned bus;
    unsigned slot;
    uint64_t bar0;
    uint64_t bar2;
    uint64_t bar4;
    uint64_t bar4_size;
} QtDev;

typedef struct QtRing {
    uint32_t page;          /* BAR0 offset of the queue's register page */
    uint64_t addr;          /* chip address of the ring */
    uint32_t len;           /* in descriptors */
    uint32_t tail;          /* next slot to fill */
    uint32_t ring_id;       /* phase of that slot */
    uint32_t posted;        /* filled, doorbell not yet rung */
} QtRing;

typedef struct QtQueue {
    QtDev *dev;
    unsigned engine;
    unsigned queue;
    QtRing m2s;
    QtRing s2m;
    uint64_t marker;        /* host: the pair of words of HW 4.7 */
} QtQueue;

/*
 * Virtual machine: q35, no firmware, no vCPU that runs. @devices are QEMU
 * arguments. qt_vm_stop() fails the test if the device logged a guest error
 * that the test did not announce in vm->guest_errors, or none that it did.
 */
QtVm *qt_vm_start(const char *devices);
void qt_vm_stop(QtVm *vm);
/* Configuration space where it is looked for; a machine's reset moves it. */
void qt_vm_open_ecam(QtVm *vm);
/*
 * Guest memory above the first 64 MiB, not zeroed. The address has no bit 46.
 */
uint64_t qt_alloc(QtVm *vm, uint64_t size, uint64_t align);
/* Configuration space through ECAM: all 4 KiB of a function. */
uint64_t qt_ecam(unsigned bus, unsigned slot);

/* A number of the environment, or @otherwise. */
uint32_t qt_env_number(const char *name, uint32_t otherwise);

/* Stops the VM and saves it to a file. The caller frees its name. */
char *qt_save(QtVm *vm);
/*
 * Loads such a file into a VM of "-incoming defer", which is paused then.
 * False: the VM refuses the file. The test fails if neither happens within a
 * minute.
 */
bool qt_load(QtVm *vm, const char *path);

/* Places the BARs of the device in @slot and turns on memory and mastering. */
QtDev *qt_dev_open(QtVm *vm, unsigned bus, unsigned slot);
/* One VM with one device; @props is appended to "-device trn3,id=trn0". */
QtDev *qt_start(const char *props);
/* Stops the VM of qt_start() and frees the device. */
void qt_stop(QtDev *dev);
void qt_dev_set_master(QtDev *dev, bool on);
uint32_t qt_cfg_read(QtDev *dev, unsigned off);
void qt_cfg_write(QtDev *dev, unsigned off, uint32_t val);
/* Offset of a capability in plain or extended config space, or 0. */
unsigned qt_find_cap(QtDev *dev, uint8_t id);
unsigned qt_find_ext_cap(QtDev *dev, uint16_t id);
/* Function-level reset, as Linux does it, and the BARs set up again. */
void qt_flr(QtDev *dev);

uint32_t qt_read(QtDev *dev, uint32_t off);
void qt_write(QtDev *dev, uint32_t off, uint32_t val);
/* BAR2. */
uint32_t qt_trnx_read(QtDev *dev, uint32_t off);
uint64_t qt_trnx_read64(QtDev *dev, uint32_t off);
void qt_trnx_write(QtDev *dev, uint32_t off, uint32_t val);
void qt_trnx_write64(QtDev *dev, uint32_t off, uint64_t val);
uint32_t qt_qctl(unsigned engine, unsigned queue);
/* Guest memory where MSI-X @vector leaves @data; MSI-X is on afterwards. */
uint64_t qt_msix_enable(QtDev *dev, unsigned vector, uint32_t data);
/* Event queue @n with 2^@log2 entries in guest memory, on; returns its ring. */
uint64_t qt_eq_enable(QtDev *dev, unsigned n, unsigned log2);

/* qom-set of a property of the device called trn0, of each JSON type. */
void qt_set_number(QtDev *dev, const char *name, int64_t value);
void qt_set_bool(QtDev *dev, const char *name, bool value);
void qt_set_string(QtDev *dev, const char *name, const char *value);
/* The same, which QEMU must refuse. */
void qt_refuse_number(QtDev *dev, const char *name, int64_t value);
int64_t qt_get_number(QtDev *dev, const char *name);

/* Memory by chip address: guest memory if bit 46 is set, else HBM by BAR4. */
void qt_mem_read(QtDev *dev, uint64_t addr, void *buf, size_t len);
void qt_mem_write(QtDev *dev, uint64_t addr, const void *buf, size_t len);
void qt_mem_set(QtDev *dev, uint64_t addr, uint8_t byte, size_t len);
/* A pattern that differs at every address and for every seed. */
void qt_pattern(uint8_t *buf, size_t len, uint32_t seed);
void qt_mem_fill(QtDev *dev, uint64_t addr, size_t len, uint32_t seed);
/* Fails with the first differing offset. */
void qt_mem_expect(QtDev *dev, uint64_t addr, size_t len, uint32_t seed);
void qt_mem_expect_byte(QtDev *dev, uint64_t addr, uint8_t byte, size_t len);

/* HW 2.4 and 5.1: where engine @e lives in BAR0 and on the chip. */
uint32_t qt_engine_bar0(unsigned e);
uint64_t qt_engine_chip(unsigned e);

/* The 15 writes of HW 3.3. */
void qt_queue_program(QtQueue *q);
/* A queue with rings of @len descriptors in guest memory, programmed. */
QtQueue *qt_queue_new(QtDev *dev, unsigned engine, unsigned queue,
                      uint32_t len);
void qt_queue_free(QtQueue *q);
/* Forgets all posted descriptors, as software does when it resets a queue. */
void qt_queue_rewind(QtQueue *q);
void qt_queue_reset(QtQueue *q);
/* Fill the next slot; @w0 holds the length and flags, the ring id is added. */
void qt_m2s(QtQueue *q, uint32_t w0, uint32_t op, uint64_t addr);
void qt_s2m(QtQueue *q, uint32_t w0, uint64_t addr);
/* One whole packet on both sides, 1..65536 bytes. */
void qt_pair(QtQueue *q, uint64_t dst, uint64_t src, uint32_t len);
/* As many pairs as @len takes. */
void qt_post_copy(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len);
/*
 * Work that takes a while: @n pairs of 64 KiB, from @src to the sixteen MiB
 * from @dst on, over and over. The ring must be empty and longer than @n.
 */
void qt_post_long(QtQueue *q, uint64_t dst, uint64_t src, uint32_t n);
/* The same, always to the same 64 KiB. */
void qt_post_same(QtQueue *q, uint64_t dst, uint64_t src, uint32_t n);
/* The completion trick of HW 4.7; then qt_ring() and qt_wait_marker(). */
void qt_post_marker(QtQueue *q);
void qt_ring_s2m(QtQueue *q);
void qt_ring_m2s(QtQueue *q);
void qt_ring(QtQueue *q);
void qt_wait_marker(QtQueue *q);
bool qt_marker_arrived(QtQueue *q);
/* All of that: copies, and returns when the marker has arrived. */
void qt_copy(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len);
/* A copy of fresh random bytes between @src and @dst, compared. */
void qt_copy_verify(QtQueue *q, uint64_t dst, uint64_t src, uint64_t len,
                    uint32_t seed);

/* A root port in slot 3, for qt_vm_start(). */
#define QT_PORT "-device pcie-root-port,id=rp,addr=3,slot=1 "
/* Opens its windows, as firmware does: bus 1 is behind it. */
void qt_port_open(QtVm *vm);
/* Address of its slot control register. */
uint64_t qt_port_slot_control(QtVm *vm);
/* Removes device @id from its slot by ACPI, as a guest does. */
void qt_eject(QtVm *vm, const char *id);
/* QEMU's main loop is alive. */
void qt_query_status(QtVm *vm);

/* A device in slot 4, or behind the port, and perhaps trn1 in slot 6. */
typedef struct QtFixture {
    QtVm *vm;
    QtDev *dev;
    QtDev *neighbour;       /* or NULL */
    QtQueue *q;             /* queue 4 of engine 33 */
    bool is_timed;          /* copies take a step of the clock */
} QtFixture;

void qt_fixture_setup(QtFixture *f, const char *devices, bool behind_port);
void qt_fixture_teardown(QtFixture *f);

/* When a test fails that still waits: a minute from now, for slow hosts. */
int64_t qt_deadline(void);

/*
 * Waiting: polls until the condition holds, aborts the test with a sentence
 * after a minute.
 */
void qt_wait_mem32(QtVm *vm, uint64_t addr, uint32_t want, const char *what);
void qt_wait_reg(QtDev *dev, uint32_t off, uint32_t mask, uint32_t want,
                 const char *what);
void qt_wait_count(QtQueue *q, uint64_t want);

#endif
