# SPDX-License-Identifier: MIT
"""Boots with other devices or IOMMUs: the devices that the driver binds, and its messages."""

import os
import tempfile

from boot import Boot, read
from stages import acpi


# Flaws of a device (x-trnx-flaw), and the driver's message about each.
REFUSALS = {
    "absent": "no trnx capability: not a software device, not bound",
    "magic": "trnx capability has magic 0x0 instead of 0x584e5254",
    "version": "trnx version 2 is not supported, only 1",
    "place": "trnx is in BAR 4 instead of 2",
    "identity": "trnx identity block has a wrong magic",
    "geometry": "geometry is not supported: layout of engines and cores",
    "small": "BAR 2 has 0x1000000 bytes, needs at least 0x2000000 (unassigned?)",
}


def refused(report, name, options=()):
    """Each flaw in one boot, beside a device that is in order."""
    # The subsystem id keeps the driver from being asked at all.
    flaws = ["none", "subsystem", *REFUSALS]
    devices = [f"--device=trn3,hbm-size=1G,x-trnx-flaw={flaw}" for flaw in flaws]
    boot = Boot(name, [*devices, "--no-driver", *options],
                ["sh", "-c", "modprobe trn && ls /dev/accel && rmmod trn"])
    nodes = "".join(boot.lines()).split()
    log = read(boot.console)
    report.result(f"{name}: the good device is bound, and no other", nodes == ["accel0"],
                  f"found {' '.join(nodes)}")
    for flaw, sentence in REFUSALS.items():
        report.result(f"{name}: {flaw}", f"*ERROR* {sentence}" in log.replace("\r", ""),
                      f"no '{sentence}' in {boot.console}")
    boot.judge(report)


def bounced(report, name):
    """A device that Linux leads through bounce buffers, because strangers can plug it in."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ssdt")
        with open(path, "wb") as table:
            table.write(acpi.external_facing_port("_SB_", "PCI0", "S10_"))
        boot = Boot(name, ["--append", "intel_iommu=on", "--no-driver",
                           f"--qemu=-device intel-iommu -acpitable sig=SSDT,data={path}"],
                    ["sh", "-c", "modprobe trn && ls /sys/bus/pci/drivers/trn && rmmod trn"])
        output = "".join(boot.lines())
    report.result(f"{name}: no device is bound", "0000:" not in output, f"found {output}")
    report.result(f"{name}: the driver says why",
                  "host uses bounce buffers for DMA of this device" in read(boot.console),
                  f"see {boot.console}")
    boot.judge(report)


def other_iommus(report, name):
    """IOMMUs of QEMU beside intel-iommu: a place that works, and one that is explained."""
    boot = Boot(f"{name}-amd", ["--device", "trn3,bus=pcie.0", "--qemu=-device amd-iommu"],
                ["sh", "-c", "trnctl copy --all --size 1M && "
                 "trnctl copy --all --size 1M --mode kernel"])
    lines = list(boot.lines())
    report.result(f"{name}: amd-iommu translates on pcie.0",
                  sum("verified" in line for line in lines) == 10, f"see {boot.output}")
    boot.judge(report)

    sentence = "device cannot reach host memory"
    boot = Boot(f"{name}-amd-port", ["--device", "trn3", "--qemu=-device amd-iommu"],
                ["sh", "-c", "trnctl fill --size 4K; test $? = 1"])
    list(boot.lines())
    report.result(f"{name}: the driver says what amd-iommu behind a port does",
                  sentence in read(boot.console), f"no '{sentence}' in {boot.console}")
    boot.judge(report, expected_errors=["ring address decodes to nothing", "no memory at 0x"])


def sixteen(report):
    """As many chips as a server has, each with the full layout, all found and bound."""
    devices = ["--device=trn3,hbm-size=256G"] * 16
    boot = Boot("sixteen-devices", devices,
                ["sh", "-c", "ls /dev/accel | grep -c accel; trnctl list"])
    lines = list(boot.lines())
    if boot.status == 0 and lines[:1] != ["16\n"]:
        report.fail("sixteen-devices: all are bound", f"found {''.join(lines[:1]).strip()}")
    else:
        report.ok()
    boot.judge(report)
