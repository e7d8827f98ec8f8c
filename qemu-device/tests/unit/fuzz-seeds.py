#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seed inputs of fuzz-udma into a directory, one file a scenario.

An input is a list of operations {what u8, where u8, value u32 LE}, see
fuzz-udma.c. Inputs that once broke the core are added here, with what they broke.
"""
import os
import struct
import sys

(PROGRAM, DESC, INLINE, TABLE, QREG, DOORBELL, TRNX, REQUEST, MBOX, RESET, MASTER, HANG,
 RUN) = (0, 1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 15)
S2M = 0x80
SPACE = 0x40    # with TRNX: the MMU's registers and the doorbell pages
WIDE = 0x80     # with TRNX: 64 bits
HOST = 4 << 28


def op(what, where=0, value=0):
    return struct.pack("<BBI", what, where, value & 0xFFFFFFFF)


def desc(ring, slot, s2m=0, length=64, flags=0):
    """flags are XORed into FIRST, LAST and ring id 1."""
    return op(DESC, ring | slot << 2 | s2m, length << 8 | flags)


def pairs(ring, count, length=64):
    return b"".join(desc(ring, i, 0, length) + desc(ring, i, S2M, length)
                    for i in range(count))


def ring(n, count):
    return op(DOORBELL, n | S2M, count) + op(DOORBELL, n, count)


def inline(slot, opcode, base=0, where=0):
    """An inline operation on fp32 in ring 1, by the arithmetic of fuzz-udma.c."""
    value = next(v for v in range(base + 0x300, base + 0x1000)
                 if v % 7 == opcode and v & 0x100 and (v >> 3) % 5 == 0
                 and (where == 0 or v % 16 == 15))
    return op(INLINE, 1 | slot << 2 | where, value)


def scenarios():
    copy = op(PROGRAM, 2, 2) + pairs(2, 8) + ring(2, 8)
    yield "copies", copy + op(RUN)
    yield "full-ring", op(PROGRAM, 0) + pairs(0, 32, 0) + ring(0, 32) + op(RUN)
    # FIRST only, then neither, then LAST only.
    packet = desc(1, 0, 0, 999, 8) + desc(1, 1, 0, 1, 12) + desc(1, 2, 0, 5, 4)
    yield "packet", (op(PROGRAM, 1) + packet + desc(1, 0, S2M, 600)
                     + desc(1, 1, S2M, 600) + op(DOORBELL, 1 | S2M, 2)
                     + op(DOORBELL, 1, 3) + op(RUN))
    yield "halt", (op(TRNX, 2, 4) + op(TRNX, 2, 6) + copy + op(RUN)
                   + op(PROGRAM, 2) + ring(2, 3) + op(RUN))
    yield "events", (op(0x80 | TRNX, 0x80, 4 << 28) + op(TRNX, 0x90, 4)
                     + op(TRNX, 0x98, 1) + op(TRNX, 2 | 6 << 3, 1) + copy
                     + op(RUN))
    yield "reset-in-flight", copy + op(RESET, 0) + op(RUN) + copy + op(
        QREG, 2 | S2M, 11 << 28 | 0x100) + op(RUN)
    yield "master-off", op(MASTER, 0) + copy + op(RUN) + op(MASTER, 1) + op(RUN)
    yield "hang", op(HANG, 129) + copy + op(RUN) + op(HANG, 0) + op(RUN)
    # Context, root, middle and last table, then ASID 8 for the first queue.
    yield "space", (op(TRNX | SPACE | WIDE, 2, HOST | 0x80000)
                    + op(TRNX | SPACE, 4, 64) + op(TRNX | SPACE, 1, 1)
                    + op(TABLE, 0 | 1 << 2, 1 << 4) + op(TABLE, 1, 2 << 4)
                    + op(TABLE, 1 | 16 << 2, 2 << 4) + op(TABLE, 2, 3 << 4)
                    + op(TABLE, 3, 0xf) + op(TRNX, 2 | 5 << 4, 8) + copy
                    + op(TRNX | SPACE, 10, 0x08) + op(RUN)
                    + op(TRNX | SPACE | WIDE, 0x80 | 2 | 2 << 3, 1) + op(RUN))
    # HW 6.5: the registers of fuzz-udma.c's table, then the trigger.
    yield "mailbox-new", (op(MBOX, 1) + op(MBOX, 2, 1) + op(MBOX, 6, 0x100302)
                          + op(MBOX, 7, 0x847AA309) + op(MBOX, 0, 1)
                          + op(MBOX, 10, 1))
    # One of each kind, the last with 16 sources; then one almost without end.
    yield "inline", (op(PROGRAM, 1, 7) + inline(0, 1)
                     + b"".join(inline(2 * n - 3, n) for n in range(2, 6))
                     + inline(9, 6, 0xF0000000, S2M)
                     + b"".join(desc(1, n, S2M) for n in range(6))
                     + op(DOORBELL, 1 | S2M, 6) + op(DOORBELL, 1, 26) + op(RUN) * 3)
    yield "inline-huge", (op(PROGRAM, 1) + inline(0, 1, 0x5A000000) + desc(1, 0, S2M)
                          + op(DOORBELL, 1 | S2M, 1) + op(DOORBELL, 1, 1) + op(RUN)
                          + op(MASTER, 0) + op(RUN) + op(MASTER, 1)
                          + op(QREG, 1 | S2M, 11 << 28 | 0x100) + op(RUN))
    yield "mailbox-old", op(REQUEST, 1, 4 << 28 | 16) + op(REQUEST, 2, 12)


def main():
    target = sys.argv[1]
    os.makedirs(target, exist_ok=True)
    for name, data in scenarios():
        with open(os.path.join(target, name), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
