# SPDX-License-Identifier: MIT
"""Whether KVM can be used: only after it has booted a guest.

/dev/kvm may exist, and open, where the machine is itself a VM whose host cannot
run ours. So a guest is booted once per boot of the machine, and the answer kept.
"""

import json
import os
import subprocess
import sys

from . import VmError

NODE = "/dev/kvm"
PROBE_SECONDS = 30


def choose(launcher, build):
    """The accelerator: TRN_ACCEL says tcg, kvm or auto."""
    wish = os.environ.get("TRN_ACCEL") or "auto"
    if wish not in ("tcg", "kvm", "auto"):
        raise VmError(f"TRN_ACCEL={wish}: it is tcg, kvm or auto")
    if wish == "tcg":
        return wish
    try:
        os.close(os.open(NODE, os.O_RDWR))
    except OSError as err:
        if wish == "kvm":
            raise VmError(f"TRN_ACCEL=kvm: cannot open {NODE}: {err.strerror}; without it, "
                          "TRN_ACCEL=tcg emulates") from err
        return "tcg"
    if wish == "kvm":
        return wish
    return "kvm" if _boots(launcher, build) else "tcg"


def _boots(launcher, build):
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
        key = f.read().strip()
    path = os.path.join(build, "kvm.json")
    try:
        with open(path, encoding="utf-8") as f:
            known = json.load(f)
        if known["key"] == key:
            return known["boots"]
    except (OSError, ValueError, KeyError):
        pass
    print("trn-vm: trying whether KVM works here", file=sys.stderr)
    probe = [launcher, "--device", "none", "--no-driver", "--mem", "512M", "--smp", "1",
             "--timeout", str(PROBE_SECONDS), "--", "true"]
    boots = subprocess.run(probe, env=dict(os.environ, TRN_ACCEL="kvm"), check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL).returncode == 0
    if not boots:
        print(f"trn-vm: {NODE} is there, but no guest boots with it: emulating (TCG). "
              "TRN_ACCEL=kvm shows why", file=sys.stderr)
    with open(path + ".new", "w", encoding="utf-8") as f:
        json.dump({"key": key, "boots": boots}, f)
    os.replace(path + ".new", path)
    return boots


def physical_bits():
    """Address bits of this machine, which a guest of KVM has, too."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        for line in f:
            if line.startswith("address sizes"):
                return int(line.split(":")[1].split()[0])
    return 36
