# SPDX-License-Identifier: MIT
"""The file of the guest's kernel log."""

import os
import stat

from . import VmError, os_sentence

TAIL_LINES = 40


def create(path):
    """An empty log. Lines of an older log must not be taken for those of this guest."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o666)
        try:
            # It is read at the end, which a pipe or a terminal does not allow.
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise VmError(f"--log: {path} is not a plain file")
            os.ftruncate(fd, 0)
        finally:
            os.close(fd)
    except OSError as err:
        raise VmError(f"cannot write the log {os_sentence(err)}") from err


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().replace("\r", "")
    except OSError:
        return ""


def tail(path):
    return "\n".join(read(path).splitlines()[-TAIL_LINES:])
