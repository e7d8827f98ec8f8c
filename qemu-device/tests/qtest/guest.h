/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests that run, with nothing under them: what their files share. Numbers are
 * those of the hardware reference and the trnx manual, as in the other tests.
 */
#ifndef TRN_QTEST_GUEST_H
#define TRN_QTEST_GUEST_H

#include <stdint.h>

/* The test names the guest that it wants here, in memory. */
#define GUEST_CHOICE 0x7000ULL
#define GUEST_ICOUNT 0
#define GUEST_UNPLUG 1
#define GUEST_CODE 2

/* guest-start.S calls these two. */
void guest_main(void);
void guest_ap(void);

void guest_icount(void);
void guest_unplug(void);
void guest_unplug_ap(void);
void guest_code(void);

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ __volatile__("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint64_t clock_now(void)
{
    uint32_t low, high;

    __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low | (uint64_t)high << 32;
}

static inline void write32(uint64_t addr, uint32_t value)
{
    __asm__ __volatile__("movl %0, (%1)" : : "r"(value), "r"(addr) : "memory");
}

static inline uint32_t read32(uint64_t addr)
{
    uint32_t value;

    __asm__ __volatile__("movl (%1), %0" : "=r"(value) : "r"(addr) : "memory");
    return value;
}

static inline uint64_t read64(uint64_t addr)
{
    uint64_t value;

    __asm__ __volatile__("movq (%1), %0" : "=r"(value) : "r"(addr) : "memory");
    return value;
}

static inline void print(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        out8(0xe9, "0123456789abcdef"[value >> shift & 15]);
    }
    out8(0xe9, '\n');
}

static inline void config(unsigned bus, unsigned slot, unsigned off,
                          uint32_t value)
{
    out32(0xcf8, 0x80000000 | bus << 16 | slot << 11 | off);
    out32(0xcfc, value);
}

/* Where the device's three BARs begin, and memory and bus mastering on. */
static inline void place_bars(unsigned bus, unsigned slot, const uint64_t *bar)
{
    for (unsigned i = 0; i < 3; i++) {
        config(bus, slot, 0x10 + i * 8, bar[i]);
        config(bus, slot, 0x14 + i * 8, bar[i] >> 32);
    }
    config(bus, slot, 0x04, 0x6);
}

/* isa-debug-exit: QEMU ends with 2 * @status + 1. */
static inline void leave(uint32_t status)
{
    out32(0x501, status);
}

#endif
