# SPDX-License-Identifier: MIT
"""The parts of trn-vm: an initramfs, a machine, and one run of it."""


class VmError(Exception):
    """Something that the user must be told in a sentence; no traceback."""


def comma_free(path):
    """A path as a value in QEMU's options, where a comma ends the value."""
    return path.replace(",", ",,")


def os_sentence(err):
    """An OSError as "FILE: reason"."""
    reason = err.strerror or str(err)
    return f"{err.filename}: {reason}" if err.filename else reason
