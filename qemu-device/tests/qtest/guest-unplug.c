/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device behind a root port that is ejected by one processor while another
 * accesses it without a pause: its registers, or the slot's.
 */
#include "guest.h"

#define BAR0 0x2000000000ULL
#define BAR2 0x2100000000ULL
#define BAR4 0x2110000000ULL
#define APIC 0xfee00000ULL
#define ECAM 0xb0000000ULL
#define PORT 3
/* QEMU's docs/specs/acpi_pci_hotplug. */
#define EJECT 0xcc8
#define BUS_SELECT 0xcd0

/*
 * The test's words: the address that the second processor writes, 0 for slot
 * control of the port; and what it writes in turn.
 */
#define TARGET 0x7008ULL
#define VALUE 0x7010ULL
#define OTHER 0x7014ULL
#define ROUNDS 0x7018ULL

/* The windows of the port, as firmware opens them. */
static void open_port(void)
{
    config(0, PORT, 0x18, 0x00010100);
    config(0, PORT, 0x24, 0xfff10001);
    config(0, PORT, 0x28, BAR0 >> 32);
    config(0, PORT, 0x2c, (BAR0 >> 32) + 3);
    config(0, PORT, 0x04, 0x6);
    /* Configuration space as memory, for the second processor. */
    config(0, 0, 0x64, 0);
    config(0, 0, 0x60, ECAM | 1);
}

/* Slot control, in the capability of PCI Express. */
static uint64_t slot_control(void)
{
    uint64_t port = ECAM + (PORT << 15);
    uint32_t cap = read32(port + 0x34) & 0xfc;

    while ((read32(port + cap) & 0xff) != 0x10) {
        cap = read32(port + cap) >> 8 & 0xfc;
    }
    return port + cap + 0x18;
}

static void start_ap(void)
{
    write32(APIC + 0x310, 1 << 24);
    write32(APIC + 0x300, 0x4500);
    write32(APIC + 0x310, 1 << 24);
    write32(APIC + 0x300, 0x46f0);
}

void guest_unplug_ap(void)
{
    uint64_t target = read64(TARGET);

    if (!target) {
        target = slot_control();
    }
    for (;;) {
        write32(ROUNDS, read32(ROUNDS) + 1);
        write32(target, read32(VALUE));
        write32(target, read32(OTHER));
        read32(target);
    }
}

static void wait_rounds(uint32_t n)
{
    uint32_t begin = read32(ROUNDS);

    while (read32(ROUNDS) - begin < n) {
        continue;
    }
}

void guest_unplug(void)
{
    static const uint64_t bar[] = { BAR0, BAR2, BAR4 };

    open_port();
    place_bars(1, 0, bar);
    start_ap();
    wait_rounds(100);
    for (unsigned bus = 0; bus < 4; bus++) {
        out32(BUS_SELECT, bus);
        out32(EJECT, 1);
    }
    wait_rounds(100);
    leave(0);
}
