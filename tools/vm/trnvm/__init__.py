# SPDX-License-Identifier: MIT
"""The parts of trn-vm: an initramfs, a machine, and one run of it."""


class VmError(Exception):
    """Something that the user must be told in a sentence; no traceback."""
