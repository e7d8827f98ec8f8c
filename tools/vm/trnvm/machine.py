# SPDX-License-Identifier: MIT
"""The QEMU command line of one VM."""

import os
import re
import shlex

from . import VmError
from .kvm import physical_bits

GIB = 1 << 30
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": GIB, "T": 1 << 40}

# Sizes of the BARs that a device has whatever its properties (HW 1.3, trnx.md).
BAR0_SIZE = 4 * GIB
BAR2_SIZE = 32 << 20
DEFAULT_HBM_SIZE = 16 * GIB

# Less has no room for the guest's kernel and its unpacked files.
LEAST_MEMORY = 64 << 20

# Host addresses that a descriptor of the chip can carry (HW 2.1): memory, and
# the BARs of the other devices, must lie below.
PHYS_BITS = 46


def parse_size(text, what):
    match = re.fullmatch(r"(\d+)([KMGT]?)(i?B)?", text, re.IGNORECASE)
    if not match:
        raise VmError(f"{what}: '{text}' is not a size like 512M or 16G")
    return int(match.group(1)) * UNITS[match.group(2).upper()]


def power_of_two(size):
    return 1 << max(size - 1, 0).bit_length()


class Device:
    """One -device argument, with the address space it takes."""

    def __init__(self, text):
        self.text = text
        self.driver, *properties = text.split(",")
        self.properties = dict(p.partition("=")[::2] for p in properties)

    @property
    def is_trn(self):
        return re.fullmatch(r"trn\d*", self.driver) is not None

    def window(self):
        """Bytes of 64-bit prefetchable space, a power of two."""
        hbm = self.properties.get("hbm-size")
        bar4 = power_of_two(parse_size(hbm, "hbm-size") if hbm else DEFAULT_HBM_SIZE)
        return power_of_two(bar4 + BAR0_SIZE + BAR2_SIZE)


class Machine:
    """Turns the options of trn-vm into arguments of QEMU."""

    def __init__(self, qemu, firmware, options, accel):
        self.accel = accel
        self.bits = PHYS_BITS if accel == "tcg" else min(PHYS_BITS, physical_bits())
        self.qemu = qemu
        self.firmware = firmware
        self.options = options
        self.devices = [Device(text) for text in options.device]
        self.memory = parse_size(options.mem, "--mem")
        if self.memory < LEAST_MEMORY:
            raise VmError(f"--mem: {options.mem} is not enough for a guest: at least "
                          f"{LEAST_MEMORY >> 20}M")

    def _window(self):
        """Address space per device: the same for all keeps each one aligned."""
        chips = [d for d in self.devices if d.is_trn]
        window = max((d.window() for d in chips), default=0)
        # SeaBIOS starts the window at 7/8 of the address space, and lower when
        # what is in it needs more; the first quarter is for memory.
        need = len(chips) * window
        if need > 3 << (self.bits - 2):
            raise VmError(f"the devices need {need >> 30} GiB of address space, and the guest "
                          f"has {1 << (self.bits - 30)} GiB ({self.bits} bits): use fewer "
                          "devices or a smaller hbm-size=" +
                          (", or TRN_ACCEL=tcg" if self.bits < PHYS_BITS else ""))
        return window

    def _device_args(self):
        args = []
        window = self._window()
        for n, device in enumerate(self.devices):
            if not device.is_trn or "bus" in device.properties:
                args += ["-device", device.text]
                continue
            # SeaBIOS aligns the windows of ports to 1/2048 of the address space,
            # not to the largest BAR in them: with one size they stay aligned.
            args += ["-device", f"pcie-root-port,id=trn-port{n},chassis={n + 1},"
                     f"pref64-reserve={window}"]
            ident = "" if "id" in device.properties else f",id=trn{n}"
            args += ["-device", f"{device.text}{ident},bus=trn-port{n}"]
        return args

    def _accel_args(self):
        if self.options.icount is None:
            return ["-accel", "kvm,kernel-irqchip=split" if self.accel == "kvm" else
                    "tcg,thread=multi"]
        if self.accel == "kvm":
            raise VmError("--icount: a real processor does not count; set TRN_ACCEL=tcg")
        return ["-accel", "tcg,thread=single", "-icount", f"shift={self.options.icount}"]

    def command(self, kernel, initramfs, cmdline, channels):
        """The whole argument vector."""
        if self.accel == "kvm":
            cpu = f"host,host-phys-bits-limit={self.bits}"
        else:
            # QEMU moves memory above 4 GiB of an AMD guest to 1 TiB, and whatever
            # walks all page frames, as kmemleak does, then takes minutes. It also
            # emulates "rep movsb" byte by byte: let the kernel copy by words. Linux 6.12
            # takes interrupts while it has no feature of the processor noted, five levels
            # of page tables neither, and then takes addresses for those of four.
            cpu = (f"max,vendor=GenuineIntel,phys-bits={self.bits},la57=off,"
                   "erms=off,fsrm=off")
        argv = [self.qemu, "-L", self.firmware, "-no-user-config", "-nodefaults",
                "-machine", "q35", *self._accel_args(), "-cpu", cpu,
                "-smp", str(self.options.smp), "-m", str(self.memory >> 20),
                "-global", f"q35-pcihost.pci-hole64-size={1 << (self.bits - 3)}",
                "-vga", "none", "-display", "none", "-nic", "none", "-no-reboot",
                "-kernel", kernel, "-initrd", initramfs, "-append", cmdline]
        argv += channels
        argv += self._device_args()
        for extra in self.options.qemu:
            argv += split_words(extra)
        return argv


def split_words(text):
    """As a shell splits them, quotes included."""
    try:
        return shlex.split(text)
    except ValueError as err:
        raise VmError(f"--qemu: '{text}': {str(err).lower()}") from err


def find_qemu(build):
    """QEMU with the device: QEMU of the environment, else the one that make built."""
    path = os.environ.get("QEMU") or os.path.join(build, "qemu", "qemu-system-x86_64")
    if not os.access(path, os.X_OK):
        raise VmError(f"there is no QEMU at {path}: run 'make device', or set QEMU=")
    return path
