# SPDX-License-Identifier: MIT
"""Whether KVM can be used."""

import os

from . import VmError


def choose(_dry_run):
    """The accelerator: TRN_ACCEL says tcg, kvm or auto."""
    accel = os.environ.get("TRN_ACCEL", "tcg")
    if accel not in ("tcg", "kvm"):
        raise VmError(f"TRN_ACCEL={accel}: it is tcg or kvm")
    return accel
