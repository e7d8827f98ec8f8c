# SPDX-License-Identifier: MIT
"""Whether KVM can be used: only after it has booted a guest.

/dev/kvm may exist, and open, where the machine is itself a VM whose host cannot
run ours. So a guest is booted once per boot of the machine, and the answer kept.
"""

import contextlib
import json
import os
import subprocess

from . import VmError
from .streams import complain

NODE = "/dev/kvm"
PROBE_SECONDS = 30


def choose(launcher, build, folder):
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
        if isinstance(err, PermissionError):
            _tell_of_refusal(build, err)
        return "tcg"
    if wish == "kvm":
        return wish
    return "kvm" if _boots(launcher, build, folder) else "tcg"


def _tell_of_refusal(build, err):
    """Once per boot of the machine and user."""
    memory = Memory(build, f"refused-{os.getuid()}")
    if memory.value:
        return
    complain(f"trn-vm: {NODE}: {err.strerror}: emulating (TCG), which is many times slower; "
             "members of the group that owns it may use it")
    memory.keep(True)


def _boots(launcher, build, folder):
    memory = Memory(build, "boots")
    if memory.value is not None:
        return memory.value
    complain("trn-vm: trying whether KVM works here")
    probe = [launcher, "--device", "none", "--no-driver", "--mem", "512M", "--smp", "1",
             "--timeout", str(PROBE_SECONDS), "--", "true"]
    # In our own folder: the files of a probe that is killed go with it.
    boots = subprocess.run(probe, env=dict(os.environ, TRN_ACCEL="kvm", TMPDIR=folder),
                           check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL).returncode == 0
    if not boots:
        complain(f"trn-vm: {NODE} is there, but no guest boots with it: emulating (TCG). "
                 "TRN_ACCEL=kvm shows why")
    memory.keep(boots)
    return boots


class Memory:
    """One fact in build/kvm.json, known until the machine boots anew."""

    def __init__(self, build, name):
        self._path = os.path.join(build, "kvm.json")
        self._name = name
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            self._facts = {"key": f.read().strip()}
        with contextlib.suppress(OSError, ValueError, AttributeError):
            with open(self._path, encoding="utf-8") as f:
                known = json.load(f)
            if known.get("key") == self._facts["key"]:
                self._facts = known

    @property
    def value(self):
        return self._facts.get(self._name)

    def keep(self, value):
        """A build folder of somebody else is not written to: the fact is found anew."""
        self._facts[self._name] = value
        new = f"{self._path}.{os.getpid()}"
        with contextlib.suppress(OSError):
            with open(new, "w", encoding="utf-8") as f:
                json.dump(self._facts, f)
            os.replace(new, self._path)


def physical_bits():
    """Address bits of this machine, which a guest of KVM has, too."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        for line in f:
            if line.startswith("address sizes"):
                return int(line.split(":")[1].split()[0])
    return 36
