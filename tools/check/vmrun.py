# SPDX-License-Identifier: MIT
"""Boots of trn-vm that run tests, and what their logs say."""

import os
import subprocess

import logs
from tap import Stream, Suite, say

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TRN_BUILD") or os.path.join(TOP, "build")
LOGS = os.path.join(BUILD, "logs")
TRN_VM = os.path.join(TOP, "tools/vm/trn-vm")
GUEST_SUITES = "/usr/lib/trn/selftests"
# These want a device, or a kernel, of their own.
SPECIAL_SUITES = ("timeout", "fail_nth")


class Boot:
    """One VM with its logs; iterate over the lines of its output."""

    def __init__(self, name, options, command, timeout=600):
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

    def lines(self):
        with open(self.errors, "w", encoding="utf-8") as errors, \
             open(self.output, "w", encoding="utf-8") as output:
            process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, text=True,
                                       errors="replace", stdout=subprocess.PIPE, stderr=errors)
            for line in process.stdout:
                output.write(line)
                yield line
            self.status = process.wait()

    def judge(self, report, expected_errors=()):
        """The boot's own result: status, splats, unexpected guest errors."""
        problems = []
        if self.status:
            problems.append((f"exit status {self.status}", read(self.errors).splitlines()[-45:]))
        for splat in logs.splats(read(self.console)):
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


def vm_suites():
    result = subprocess.run(["make", "-s", "-C", os.path.join(TOP, "selftests"), "list-vm",
                             f"LIBTRN={BUILD}/libtrn"],
                            text=True, stdout=subprocess.PIPE, check=True)
    return result.stdout.split()


def add_suites():
    """Options that put every suite into the guest."""
    options = []
    for name in vm_suites():
        options += ["--add", f"{BUILD}/selftests/bin/{name}:{GUEST_SUITES}/{name}"]
    return options


def selftests(report, name, suites=(), options=(), timeout=900, env=()):
    """run-tests in a guest: suites one by one, then the boot as a whole."""
    suites = suites or [suite for suite in vm_suites() if suite not in SPECIAL_SUITES]
    boot = Boot(name, [*add_suites(), *options],
                ["env", *env, "sh", "/usr/lib/trn/run-tests", *suites], timeout)
    stream = Stream(name, report)
    for line in boot.lines():
        stream.feed(line)
    stream.close()
    boot.judge(report, stream.expected_errors)


def hung_engine(report, name, options=()):
    """A device whose engine 5 takes doorbells and does nothing."""
    selftests(report, name, suites=["timeout"], env=["TRN_TEST_HANG_ENGINE=5"],
              options=["--device", "trn3,x-hang-engine=5", *options])


def kunit(report):
    """KUnit runs when the module is loaded; its TAP stands in the console log."""
    boot = Boot("kunit", ["--kernel", "debug", "--device", "none", "--no-driver"],
                ["sh", "-c", "modprobe trn && rmmod trn"], timeout=300)
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
                ["sh", "-c", "ls /dev/accel | grep -c accel; trnctl list"], timeout=300)
    lines = list(boot.lines())
    if boot.status == 0 and lines[:1] != ["16\n"]:
        report.fail("sixteen-devices: all are bound", f"found {''.join(lines[:1]).strip()}")
    else:
        report.ok()
    boot.judge(report)
