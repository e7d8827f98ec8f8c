# SPDX-License-Identifier: MIT
"""Stages that boot guests."""

import os
import tempfile

from boot import WATCHDOG, selftests
from stages import devices, kunit, migration
from stages.programs import build, setup

DEBUG = ["--kernel", "debug"]


def hung_engine(report, name, options=()):
    """A device whose engine 5 takes doorbells and does nothing."""
    selftests(report, name, "hang", env=["TRN_TEST_HANG_ENGINE=5"],
              options=["--device", "trn3,x-hang-engine=5", *options])


def monitored(report, name, kind, options=(), **kwargs):
    """Suites that make faults: a monitor of QEMU is one of the guest's own ports."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "monitor")
        # The server listens before its client, in the same QEMU, connects.
        monitor = (f"-chardev socket,id=monitor,path={path},server=on,wait=off "
                   "-mon chardev=monitor,mode=control "
                   f"-chardev socket,id=guest-monitor,path={path} "
                   "-device virtserialport,chardev=guest-monitor,name=trn.qmp")
        selftests(report, name, kind,
                  options=[f"--qemu={monitor}", "--append", "iomem=relaxed", *options],
                  **kwargs)


def stock(report):
    """all selftests on the stock kernel"""
    build("guest", "selftests")
    selftests(report, "stock", "stock")


def iommu(report):
    """selftests of the memory path behind a translating IOMMU"""
    build("guest", "selftests")
    selftests(report, "iommu", "iommu", options=[
        "--device", "trn3", "--device", "trn3",
        "--qemu=-device intel-iommu", "--append", "intel_iommu=on iommu.strict=1"])
    selftests(report, "virtio-iommu", "iommu", options=[
        "--device", "trn3", "--device", "trn3", "--module", "virtio_iommu",
        "--qemu=-device virtio-iommu-pci"])
    devices.other_iommus(report, "iommu")


def sizes(report):
    """the full memory layout, several devices"""
    build("guest", "selftests")
    selftests(report, "full-hbm", "full_hbm",
              options=["--device", "trn3,hbm-size=256G"])
    selftests(report, "two-devices", "two_devices",
              options=["--device", "trn3", "--device", "trn3"])
    devices.sixteen(report)


def refuse(report):
    """devices that the driver must leave alone"""
    build("guest")
    devices.refused(report, "refuse")
    devices.bounced(report, "refuse-bounced")


def faults(report):
    """DMA errors, lost events, queues that do not stop, sleep, unplugging"""
    build("guest", "selftests")
    monitored(report, "faults", "faults")


def hang(report):
    """an engine that hangs: timeouts, errors, neighbours unharmed"""
    build("guest", "selftests")
    hung_engine(report, "hang")


def migrate(report):
    """a guest that stores to HBM is moved, saved and restored: no byte is lost"""
    build("guest", "selftests")
    migration.run(report)


def debug(report):
    """KUnit and all selftests on the debug kernel, fault injection included"""
    build("guest", "selftests")
    setup("module-debug")
    kunit.run(report)
    selftests(report, "debug", "debug", options=DEBUG, env=["TRN_TEST_SCALE=small"])
    selftests(report, "debug-peers", "peers",
              options=[*DEBUG, "--device", "trn3", "--device", "trn3"],
              env=["TRN_TEST_SCALE=small"])
    selftests(report, "debug-fail-nth", "fail_nth", options=DEBUG)
    hung_engine(report, "debug-hang", options=DEBUG)
    monitored(report, "debug-faults", "faults", options=DEBUG)


def malice(report):
    """a device that lies, and one that is taken away, on the debug kernel"""
    seconds = int(os.environ.get("TRN_MALICE_SECONDS", "40"))
    seed = os.environ.get("TRN_MALICE_SEED", "1")
    build("guest", "selftests")
    setup("module-debug")
    monitored(report, "malice", "malice", options=DEBUG,
              timeout=WATCHDOG + 3 * seconds,
              env=["TRN_TEST_SCALE=small", f"TRN_TEST_SECONDS={seconds}",
                   f"TRN_TEST_SEED={seed}"])
