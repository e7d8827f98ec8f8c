# SPDX-License-Identifier: MIT
"""Boots of trn-vm that run tests, and what their logs say."""

import os
import subprocess
import tempfile

import acpi
import logs
import suites
from tap import Stream, Suite, say

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TRN_BUILD") or os.path.join(TOP, "build")
LOGS = os.path.join(BUILD, "logs")
TRN_VM = os.path.join(TOP, "tools/vm/trn-vm")
GUEST_SUITES = "/usr/lib/trn/selftests"
# Seconds after which a boot hangs. The debug kernel takes twenty minutes for its suites on
# a machine with other work.
WATCHDOG = 4800


class Boot:
    """One VM with its logs; iterate over the lines of its output."""

    def __init__(self, name, options, command, timeout=WATCHDOG):
        os.makedirs(LOGS, exist_ok=True)
        self.name = name
        self.console = os.path.join(LOGS, f"{name}.console")
        self.guest_errors = os.path.join(LOGS, f"{name}.guest-errors")
        self.errors = os.path.join(LOGS, f"{name}.stderr")
        self.output = os.path.join(LOGS, f"{name}.log")
        for path in (self.console, self.guest_errors):
            with open(path, "w", encoding="utf-8"):
                pass
        self.argv = [TRN_VM, "--log", self.console, "--qemu-log", self.guest_errors,
                     "--timeout", str(timeout), *options, "--", *command]
        self.status = None
        self._process = None

    def stop(self):
        """trn-vm takes its QEMU with it."""
        if self._process:
            self._process.terminate()

    def lines(self):
        with open(self.errors, "w", encoding="utf-8") as errors, \
             open(self.output, "w", encoding="utf-8") as output:
            self._process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, text=True,
                                             errors="replace", stdout=subprocess.PIPE,
                                             stderr=errors)
            for line in self._process.stdout:
                output.write(line)
                yield line
            self.status = self._process.wait()

    def judge(self, report, expected_errors=(), expected_splats=()):
        """The boot's own result: status, splats, unexpected guest errors."""
        problems = []
        if self.status:
            problems.append((f"exit status {self.status}", read(self.errors).splitlines()[-45:]))
        console = read(self.console)
        # A guest that comes by migration has booted elsewhere.
        if "Linux version" not in console and "--incoming" not in self.argv:
            problems.append(("the guest's kernel logged nothing", []))
        for splat in logs.splats(console, expected_splats):
            problems.append(("the guest's kernel complains", splat))
        unexpected = logs.guest_errors(read(self.guest_errors), expected_errors)
        if unexpected:
            problems.append(("guest errors that no test announced", unexpected[:25]))
        for why, lines in problems:
            report.fail(self.name, f"{why} (see {self.console})")
            for line in lines:
                say(f"        {line}")
        if not problems:
            report.ok()


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def add_suites(names=None):
    """Options that put these suites, or every suite, into the guest."""
    options = []
    for name in names or suites.of_guest():
        options += ["--add", f"{BUILD}/selftests/bin/{name}:{GUEST_SUITES}/{name}"]
    return options


def selftests(report, name, kind, options=(), timeout=WATCHDOG, env=()):
    """run-tests in a guest: the suites that the table lists for this kind of boot, then the
    guest as a whole."""
    wanted = suites.of_boot(kind)
    boot = Boot(name, [*add_suites(), *options],
                ["env", *env, "sh", "/usr/lib/trn/run-tests", *wanted], timeout)
    stream = Stream(name, report)
    for line in boot.lines():
        stream.feed(line)
    stream.close()
    missing = [suite for suite in (*wanted, "aftermath") if suite not in stream.suites]
    if missing:
        report.fail(name, f"suites that were not run: {', '.join(missing)}")
    boot.judge(report, stream.expected_errors, stream.expected_splats)


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


# What is wrong with a device (x-trnx-flaw), and what the driver says to it.
REFUSALS = {
    "absent": "no trnx capability: not a software device, leaving it alone",
    "magic": "trnx capability has magic 0x0 instead of 0x584e5254",
    "version": "trnx version 2 is not known, only 1",
    "place": "trnx is in BAR 4 instead of 2",
    "identity": "trnx identity block has a wrong magic",
    "geometry": "cannot drive this geometry: engines and cores are not where this driver "
                "knows them",
    "small": "BAR 2 has 0x1000000 bytes, at least 0x2000000 are needed; was it assigned?",
}


def refused_devices(report, name, options=()):
    """Each flaw in one boot, beside a device that is in order."""
    # The driver is not even asked about the first.
    flaws = ["none", "subsystem", *REFUSALS]
    devices = [f"--device=trn3,hbm-size=1G,x-trnx-flaw={flaw}" for flaw in flaws]
    boot = Boot(name, [*devices, "--no-driver", *options],
                ["sh", "-c", "modprobe trn && ls /dev/accel && rmmod trn"])
    nodes = "".join(boot.lines()).split()
    log = read(boot.console)
    result(report, f"{name}: the good device is bound, and no other", nodes == ["accel0"],
           f"found {' '.join(nodes)}")
    for flaw, sentence in REFUSALS.items():
        result(report, f"{name}: {flaw}", f"*ERROR* {sentence}" in log.replace("\r", ""),
               f"no '{sentence}' in {boot.console}")
    boot.judge(report)


def other_iommus(report, name):
    """IOMMUs of QEMU beside intel-iommu: a place that works, and one that is explained."""
    boot = Boot(f"{name}-amd", ["--device", "trn3,bus=pcie.0", "--qemu=-device amd-iommu"],
                ["sh", "-c", "trnctl copy --all --size 1M && "
                 "trnctl copy --all --size 1M --mode kernel"])
    lines = list(boot.lines())
    result(report, f"{name}: amd-iommu translates on pcie.0",
           sum("verified" in line for line in lines) == 10, f"see {boot.output}")
    boot.judge(report)

    sentence = "device cannot reach host memory"
    boot = Boot(f"{name}-amd-port", ["--device", "trn3", "--qemu=-device amd-iommu"],
                ["sh", "-c", "trnctl fill --size 4K; test $? = 1"])
    list(boot.lines())
    result(report, f"{name}: the driver says what amd-iommu behind a port does",
           sentence in read(boot.console), f"no '{sentence}' in {boot.console}")
    boot.judge(report, expected_errors=["ring address decodes to nothing", "no memory at 0x"])


def bounced_device(report, name):
    """A device that Linux leads through bounce buffers, because strangers can plug it in."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ssdt")
        with open(path, "wb") as table:
            table.write(acpi.external_facing_port("_SB_", "PCI0", "S10_"))
        boot = Boot(name, ["--append", "intel_iommu=on", "--no-driver",
                           f"--qemu=-device intel-iommu -acpitable sig=SSDT,data={path}"],
                    ["sh", "-c", "modprobe trn && ls /sys/bus/pci/drivers/trn && rmmod trn"])
        output = "".join(boot.lines())
    result(report, f"{name}: no device is bound", "0000:" not in output, f"found {output}")
    result(report, f"{name}: the driver says why",
           "host leads DMA of this device through bounce buffers" in read(boot.console),
           f"see {boot.console}")
    boot.judge(report)


def result(report, name, good, why):
    if good:
        report.ok()
    else:
        report.fail(name, why)


def kunit(report):
    """KUnit runs when the module is loaded; its TAP stands in the console log."""
    boot = Boot("kunit", ["--kernel", "debug", "--device", "none", "--no-driver"],
                ["sh", "-c", "modprobe trn && rmmod trn"])
    for line in boot.lines():
        say(f"        {line.rstrip()}")
    suite = Suite("kunit", report)
    for line in read(boot.console).splitlines():
        line = logs.TIMESTAMP.sub("", line.rstrip("\r"))
        # The tests of a suite are indented once, their own parts twice.
        if line.startswith("    ") and not line.startswith("     "):
            suite.feed(line[4:])
    suite.finish(0)
    boot.judge(report)


def sixteen_devices(report):
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
