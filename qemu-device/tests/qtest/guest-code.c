/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code in HBM that changes: by a copy of the device, and then by a store of the
 * processor to the same page. Each must be seen by the next call.
 */
#include "guest.h"

#define BAR0 0x200000000ULL
#define BAR2 0x300000000ULL
#define BAR4 0x310000000ULL
#define CODE 0x1000000ULL       /* in HBM, and from there: */
#define NEW_CODE 0x800ULL
#define M2S_RING 0x100000ULL
#define S2M_RING 0x101000ULL
#define HOST_BIT 0x400000000000ULL
#define QUEUE (BAR0 + 0x82001000)
#define COUNT (BAR2 + 0x100010)

/* movl $value, %eax; ret */
static void put_code(uint64_t addr, uint32_t value)
{
    write32(addr, 0xb8 | value << 8);
    write32(addr + 4, value >> 24 | 0xc300);
}

static uint32_t call(uint64_t addr)
{
    return ((uint32_t (*)(void))addr)();
}

static void program(void)
{
    for (unsigned s2m = 0; s2m < 2; s2m++) {
        uint64_t page = QUEUE + s2m * 0x20000;
        uint64_t ring = s2m ? S2M_RING : M2S_RING;

        write32(page + 0x28, ring);
        write32(page + 0x2c, (ring | HOST_BIT) >> 32);
        write32(page + 0x30, 64);
        write32(page + 0x20, 0x03030000);
    }
}

static void put(uint64_t at, uint32_t w0, uint32_t w1, uint64_t addr)
{
    write32(at, w0);
    write32(at + 4, w1);
    write32(at + 8, addr);
    write32(at + 12, addr >> 32);
}

static void copy(uint64_t dst, uint64_t src, unsigned n)
{
    put(M2S_RING + n * 16, 0x0d000008, 0x01080003, src);
    put(S2M_RING + n * 16, 0x01000008, 0, dst);
    write32(QUEUE + 0x20038, 1);
    write32(QUEUE + 0x38, 1);
    while (read32(COUNT) != n + 1) {
        continue;
    }
}

void guest_code(void)
{
    static const uint64_t bar[] = { BAR0, BAR2, BAR4 };
    uint64_t code = BAR4 + CODE;

    place_bars(0, 4, bar);
    program();
    for (unsigned n = 0; n < 8; n++) {
        put_code(code, n * 4 + 1);
        if (call(code) != n * 4 + 1) {
            leave(1);
        }
        put_code(code + NEW_CODE, n * 4 + 2);
        copy(CODE, CODE + NEW_CODE, n);
        if (call(code) != n * 4 + 2) {
            leave(2);
        }
        put_code(code, n * 4 + 3);
        if (call(code) != n * 4 + 3) {
            leave(3);
        }
    }
    leave(0);
}
