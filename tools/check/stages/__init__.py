# SPDX-License-Identifier: MIT
"""The stages of "make check": each is a function with a sentence on what it shows."""

from stages import guest, host
from stages.programs import build, setup

STAGES = {stage.__name__: stage for stage in
          (host.lint, host.unit, host.tools, host.fuzz, host.qtest, host.vm, guest.refuse,
           guest.stock, guest.iommu, guest.sizes, guest.hang, guest.faults, guest.migrate,
           guest.debug, guest.malice)}
# It begins first, so that it does not run alone in the end.
LONGEST = guest.debug.__name__


def prepare():
    """Everything that more than one stage needs."""
    setup("firmware", "stock", "linux", "qemu", "next")
    build("guest", "selftests")
    setup("module-debug")
