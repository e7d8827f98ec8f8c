/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of test-icount: rings the doorbells of many queues, of several
 * engines, at odd moments, polls for their markers, and prints when they came,
 * by the device's clock and by its own.
 */
#include "guest.h"

#define BAR0 0x200000000ULL
#define BAR2 0x300000000ULL
#define BAR4 0x310000000ULL
#define HOST_BIT 0x400000000000ULL
#define MARKER 0xabcdef01u

/* Guest memory of queue @i: two rings, the marker's pair of words, and data. */
#define QUEUES 24u
#define M2S_RING(i) (0x100000ULL + (i) * 0x4000)
#define S2M_RING(i) (0x101000ULL + (i) * 0x4000)
#define MARK(i) (0x102000ULL + (i) * 0x4000)
#define DATA(i) (0x200000ULL + (i) * 0x10000)
#define ROUNDS 20u
#define COPIES 5u

/* Three queues of each of eight engines. */
static uint64_t page(unsigned i, unsigned s2m)
{
    return BAR0 + 0x82000000 + i % 8 * 0x100000 + (s2m ? 0x21000 : 0x1000) +
           i / 8 * 0x1000;
}

/* HW 3.3, with room for all that is ever rung. */
static void program(unsigned i)
{
    for (unsigned s2m = 0; s2m < 2; s2m++) {
        uint64_t ring = s2m ? S2M_RING(i) : M2S_RING(i);

        write32(page(i, s2m) + 0x20, 0x03000000);
        write32(page(i, s2m) + 0x28, ring);
        write32(page(i, s2m) + 0x2c, (ring | HOST_BIT) >> 32);
        write32(page(i, s2m) + 0x30, 256);
        write32(page(i, s2m) + 0x20, 0x03030000);
    }
}

static void put(uint64_t ring, unsigned at, uint32_t w0, uint32_t w1,
                uint64_t addr)
{
    write32(ring + at * 16, w0);
    write32(ring + at * 16 + 4, w1);
    write32(ring + at * 16 + 8, addr);
    write32(ring + at * 16 + 12, addr >> 32);
}

static void copy(unsigned i, unsigned at, uint64_t dst, uint64_t src,
                 uint32_t len)
{
    put(M2S_RING(i), at, 0x0d000000 | len, 0x01080003, src);
    put(S2M_RING(i), at, 0x01000000 | len, 0, dst);
}

static void ring(unsigned i, unsigned round)
{
    unsigned at = round * (COPIES + 1);

    for (unsigned k = 0; k < COPIES; k++) {
        uint32_t len = 1 + (i * 7919 + round * 977 + k * 31337) % 65535;

        copy(i, at + k, 0x1000000 + i % 2 * 0x3fff000000,
             k % 2 ? DATA(i) | HOST_BIT : 0x1100000, len);
    }
    write32(MARK(i), MARKER);
    write32(MARK(i) + 4, 0);
    copy(i, at + COPIES, (MARK(i) + 4) | HOST_BIT, MARK(i) | HOST_BIT, 4);
    write32(page(i, 1) + 0x38, COPIES + 1);
    write32(page(i, 0) + 0x38, COPIES + 1);
}

void guest_icount(void)
{
    static const uint64_t bar[] = { BAR0, BAR2, BAR4 };

    place_bars(0, 4, bar);
    for (unsigned i = 0; i < QUEUES; i++) {
        program(i);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < QUEUES; i++) {
            ring(i, round);
            for (unsigned k = i * 13 % 101; k; k--) {
                __asm__ __volatile__("");
            }
        }
        for (unsigned i = 0; i < QUEUES; i++) {
            while (read32(MARK(i) + 4) != MARKER) {
                continue;
            }
            print(clock_now());
            print(read64(BAR2 + 0x3030));
        }
    }
    leave(0);
}
