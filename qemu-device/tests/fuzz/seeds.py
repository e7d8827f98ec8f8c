#!/usr/bin/python3 -I
# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py TARGET DIRECTORY: write the seed inputs of a fuzz target, one file a scenario.

What an input is, the top of fuzz-TARGET.c says. Inputs that once broke the core are
added here, with what they broke.
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


def udma():
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


# --- fuzz-regs: {what u8, block u8, where u16, value u32} ---

(W0, R0, BAR2, DMA, PROG, DSC, MAP, BM, FAULT, STOP, TIME, POWER, TURN) = (
    0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
SECOND = 0x80   # the other chip
READ = 0x40     # with BAR2
EIGHT = 0x20
POINTER = 0x10
ENGINES = {0: (1, 2), 63: (9, 10), 128: (13, 14), 131: (17, 18)}    # blocks of their pages


def reg(what, block=0, where=0, value=0):
    return struct.pack("<BBHI", what, block, where, value & 0xFFFFFFFF)


def copies(engine, count=3, target=5 << 28):
    """Descriptors, rings and doorbells of an engine's queue 0."""
    m2s, s2m = ENGINES[engine]
    data = reg(PROG, sorted(ENGINES).index(engine), 0, 48)
    for i in range(count):
        data += reg(DSC, 0, i, 1 << 12) + reg(DSC, 1, i, target)
    return data + reg(W0, s2m, 0x38, count) + reg(W0, m2s, 0x38, count)


def regs():
    for engine in ENGINES:
        yield "copies-%d" % engine, copies(engine) + reg(TURN)
    yield "neighbour", copies(0, 4, 12 << 28 | 0x1000) + reg(TURN) + reg(SECOND | TURN)
    yield "neighbour-reset", (copies(0, 4, 13 << 28) + reg(SECOND | POWER, 0, 0, 1) + reg(TURN))
    yield "reset-map", copies(0) + reg(MAP, 0, 0, 0x10101) + reg(TURN) + reg(MAP) + copies(128)
    yield "master", reg(BM) + copies(63) + reg(TURN) + reg(BM, 0, 0, 1) + reg(TURN)
    yield "stop", reg(STOP, 0, 0, 1) + copies(63) + reg(TURN) + reg(STOP) + reg(TURN)
    # HW 3.5 to 3.7: abort masks clear, then an address that decodes to nothing.
    yield "abort", (reg(W0, 15, 0x30) + reg(W0, 15, 0x70) + copies(128, 2, 15 << 28) + reg(TURN)
                    + reg(W0, 12, 0x204, 1) + reg(TURN) + reg(R0, 12, 0x200))
    yield "change-state", (reg(W0, 0, 0x204, 4) + copies(0) + reg(TURN) + reg(W0, 3, 0x204, 4)
                           + reg(W0, 0, 0x204, 1) + reg(W0, 3, 0x204, 1) + reg(TURN))
    yield "faults", b"".join(reg(FAULT, kind, 1, 2) + copies(128) + reg(TURN)
                             for kind in range(8)) + reg(TIME, 0, 0, 2000)
    yield "events", (reg(BAR2 | EIGHT | POINTER, 2, 0, 3 << 28 | 0x8000) + reg(BAR2, 2, 8, 4)
                     + reg(BAR2, 2, 12, 1) + reg(BAR2, 2, 0x18) + reg(BAR2, 6, 0, 15)
                     + reg(BAR2 | EIGHT, 6, 0x18, 2) + copies(128) + reg(TURN)
                     + reg(BAR2 | EIGHT, 10, 8, 1) + reg(TURN) + reg(BAR2 | READ | EIGHT, 6, 0x10))
    yield "deferred", (reg(DMA, 2, 0x64, 0x100) + reg(DMA, 22, 0x10) + reg(DMA, 20, 0x800, 1)
                       + reg(TURN))


# --- fuzz-mbox ---

def mbox():
    payload = struct.pack("<QQ", 0x8006C84024, 0x8006800000 + 0x1020)
    yield "new-power", bytes([0, 2, 3, 0, 8]) + struct.pack("<II", 0, 1)
    yield "new-registers", bytes([0, 5, 1, 0, 16]) + payload
    yield "new-wrong-crc", bytes([0, 6, 3, 2, 8]) + bytes(8)
    yield "new-wrong-size", bytes([0, 7, 3, 1, 8]) + bytes(8)
    yield "old-registers", bytes([1, 2, 1, 0, 0, 16]) + payload
    yield "old-metrics", bytes([1, 3, 2, 0, 0, 8]) + bytes([13, 6]) + b"2.25.4"
    yield "old-unknown", bytes([1, 4, 4, 0, 0, 0])
    yield "anywhere", b"".join(bytes([2, n]) + bytes(4) + bytes([n]) + bytes(4) + bytes([0, 1])
                               for n in range(8))
    # RESET_MAP, RESET and TRIGGER of HW 7.2.
    yield "reset", b"".join(bytes([3]) + struct.pack(">HI", at, value) for at, value in
                            ((0x1D8, 0x10101), (0x1EC, 2), (0x800, 1), (0x1EC, 1), (0x800, 1)))


# --- fuzz-mmu: {what u8, where u8, value u64} ---

(ENTRY, REGS, INVALIDATE, TRANSLATE) = (0, 3, 4, 5)


def mmu_op(what, where, value):
    return struct.pack("<BBQ", what, where, value & (1 << 64) - 1)


def table_entry(table, index, to):
    return mmu_op(ENTRY, table | index << 4, 1 << 50 | to)


def leaf_entry(table, index, base, rights, page=0):
    return mmu_op(ENTRY, table | index << 4, 2 << 50 | base << 40 | page << 12 | rights)


def mmu():
    on = mmu_op(REGS, 2, 0) + mmu_op(REGS, 1, 512) + mmu_op(REGS, 0, 1)
    down = table_entry(0, 1, 1) + table_entry(1, 0, 2) + table_entry(2, 0, 3)
    look = b"".join(mmu_op(TRANSLATE, 1 | write, address | 0xFFF << 32 | 1 << 24)
                    for write in (0, 0x80) for address in (0, 0x123000, 1 << 9, 7))
    yield "small", on + down + table_entry(3, 0, 4) + leaf_entry(4, 0, 0, 7) + look
    yield "large", on + down + leaf_entry(3, 0, 2, 7) + look
    yield "huge", on + down + leaf_entry(2, 0, 0, 7) + look
    yield "rights", on + down + table_entry(3, 0, 4) + leaf_entry(4, 0, 3, 3) + look
    yield "registers", on + down + table_entry(3, 0, 4) + leaf_entry(4, 0, 6, 7) + look
    yield "loop", on + b"".join(table_entry(n, 0, 1) + table_entry(n, 1, 1) for n in range(5)) + look
    yield "changed", (on + down + table_entry(3, 0, 4) + leaf_entry(4, 0, 0, 7) + look
                      + leaf_entry(4, 0, 2, 3, 9) + mmu_op(INVALIDATE, 0, 0) + look)


(FIELD, BYTE, END) = (0, 2, 3)


def change(what, where, value):
    return struct.pack("<BBHQ", what, where >> 16, where & 0xFFFF, value & (1 << 64) - 1)


def stream():
    yield "whole", b"\0"
    yield "timed", b"\x80"
    for number, where in enumerate((0, 0x800, 0x4000, 0x9000, 0xC000, 0xFFF0)):
        yield "end-%d" % number, change(END, where, 0)
    for field in range(0, 60, 3):
        yield "queue-%d" % field, change(FIELD, 0x8000 + field, -1)
        yield "more-%d" % field, change(FIELD, 0x8000 + field, 600)


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for name, data in {"udma": udma, "regs": regs, "mbox": mbox, "mmu": mmu,
                       "stream": stream}[target]():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
