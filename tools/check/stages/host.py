# SPDX-License-Identifier: MIT
"""Stages that run on the host."""

import os
import subprocess

import cases
import lint_cases
import setup_cases
import suites
import suites_cases
import vm_commands
import vm_places
import vm_streams
from stages.programs import build, run_make_tests, run_tap, setup
from tap import Suite
from tree import BUILD, TOP

# This checkout's own: the tree that it is built in is shared, and another checkout may
# build its device there at any time.
QEMU = os.environ.get("QEMU") or os.path.join(BUILD, "qemu", "qemu-system-x86_64")


def lint(report):
    """style, static analysis, licences"""
    setup("firmware", "stock", "linux", "qemu", "next")
    run_tap(report, "lint", [os.path.join(TOP, "tools/check/lint")])


def unit(report):
    """tests that need no VM"""
    setup("linux")
    build("tools", "selftests")
    run_make_tests(report, "libtrn", "libtrn", "check", f"O={BUILD}/libtrn")
    run_make_tests(report, "trnctl", "tools/trnctl", "check", f"O={BUILD}/trnctl",
                   f"LIBTRN={BUILD}/libtrn")
    run_make_tests(report, "core", "qemu-device/tests", "unit", f"O={BUILD}/device-tests")
    for name in suites.of_boot("unit"):
        suite = Suite(f"selftests/{name}", report)
        result = subprocess.run([os.path.join(BUILD, "selftests/bin", name)], text=True,
                                errors="replace", stdout=subprocess.PIPE, check=False)
        for line in result.stdout.splitlines():
            suite.feed(line)
        suite.finish(result.returncode)


def tools(report):
    """setup, makefiles, installing, lint, in environments that others leave"""
    setup("packages", "firmware", "stock", "next")
    build("tools")
    cases.run(report, "tools", setup_cases.TESTS)
    cases.run(report, "tools", lint_cases.TESTS)
    cases.run(report, "tools", suites_cases.TESTS)


def fuzz(report):
    """the device's cores under libFuzzer, for a short time"""
    run_make_tests(report, "fuzz", "qemu-device/tests", "fuzz", f"O={BUILD}/device-tests",
                   "FUZZ_SECONDS=15")


def qtest(report):
    """the device in QEMU, register by register"""
    build("device")
    run_make_tests(report, "qtest", "qemu-device/tests", "qtest", f"O={BUILD}/device-tests",
                   f"QEMU_SRC={BUILD}/deps/qemu-source", f"QEMU_BUILD={BUILD}/deps/qemu-build",
                   f"QTEST_QEMU={QEMU}", f"QTEST_LIBS={BUILD}/qemu/link")


def vm(report):
    """the launcher: statuses, streams, panics, hangs, signals, odd places"""
    build("guest")
    for tests in (vm_commands, vm_streams, vm_places):
        cases.run(report, "vm", tests.TESTS)
