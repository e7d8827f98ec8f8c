# SPDX-License-Identifier: MIT
"""Boots of trn-vm that run tests, and the verdict on their logs."""

import os
import subprocess

import logs
import suites
from tap import Stream, say
from tree import BUILD, LOGS, TRN_VM

GUEST_SUITES = "/usr/lib/trn/selftests"
# Seconds after which a boot counts as hung. The debug kernel takes twenty minutes for its suites on
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
