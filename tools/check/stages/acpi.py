# SPDX-License-Identifier: MIT
"""An ACPI table (the body of an SSDT, as QEMU's -acpitable takes it), without a compiler."""

import uuid

EXTERNAL_FACING_PORT = uuid.UUID("efcc06cc-73ac-4bc3-bff0-76143807c389")


def _package(opcode, body):
    """An opcode with the length of what belongs to it, up to 4 KiB."""
    length = len(body) + 1
    if length < 64:
        return bytes([opcode, length]) + body
    length += 1
    return bytes([opcode, 0x40 | length & 15, length >> 4]) + body


def external_facing_port(*path):
    """Properties of the root port at the path (names of four letters): outside is a stranger."""
    prop = _package(0x12, b"\x02\x0dExternalFacingPort\0\x01")
    guid = _package(0x11, b"\x0a\x10" + EXTERNAL_FACING_PORT.bytes_le)
    properties = _package(0x12, b"\x02" + guid + _package(0x12, b"\x01" + prop))
    scope = b"\\\x2f" + bytes([len(path)]) + "".join(path).encode()
    return _package(0x10, scope + b"\x08_DSD" + properties)
