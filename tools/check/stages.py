# SPDX-License-Identifier: MIT
"""The stages of "make check"; each is a function with a sentence on what it shows."""

import os
import subprocess

import cases
import launcher
import launcher_places
import launcher_streams
import lint_cases
import migrate as migration
import setup_cases
import suites
import suites_cases
import vmrun
from tap import Stream, Suite, say

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TRN_BUILD") or os.path.join(TOP, "build")
LOGS = os.path.join(BUILD, "logs")
# This checkout's own: the tree that it is built in is shared, and another checkout may
# build its device there at any time.
QEMU = os.environ.get("QEMU") or os.path.join(BUILD, "qemu", "qemu-system-x86_64")

DEBUG = ["--kernel", "debug"]


class BuildFailed(Exception):
    """A stage could not be started."""


def build(*targets):
    """make, shown only when it fails."""
    result = subprocess.run(["make", "--no-print-directory", "-C", TOP, *targets], text=True,
                            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=cases.make_environment(), check=False)
    if result.returncode:
        say(result.stdout)
        raise BuildFailed(f"make {' '.join(targets)} failed")


def setup(*parts):
    """tools/setup, whose progress is worth seeing."""
    if subprocess.run([os.path.join(TOP, "tools/setup/setup"), *parts], check=False).returncode:
        raise BuildFailed(f"setup {' '.join(parts)} failed")


def prepare():
    """Everything that more than one stage needs."""
    setup("firmware", "stock", "linux", "qemu", "next")
    build("guest", "selftests")
    setup("module-debug")


def run_tap(report, name, argv, **kwargs):
    """A program that prints one TAP, or several marked with "# suite"."""
    os.makedirs(LOGS, exist_ok=True)
    with open(os.path.join(LOGS, f"{name}.log"), "w", encoding="utf-8") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=log, text=True, errors="replace", **kwargs)
        reader = Stream(name, report)
        failed_before = report.failed
        for line in process.stdout:
            log.write(line)
            reader.feed(line)
        status = process.wait()
    reader.close()
    if not reader.suites or status and report.failed == failed_before:
        report.fail(name, f"exit status {status} of {' '.join(argv)}, see {log.name}")


def run_make_tests(report, name, *arguments):
    """"make" in a subfolder, whose output is any number of TAPs, one after the other."""
    os.makedirs(LOGS, exist_ok=True)
    path = os.path.join(LOGS, f"{name}.log")
    with open(path, "w", encoding="utf-8") as log:
        process = subprocess.Popen(["make", "--no-print-directory", "-C", *arguments],
                                   cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env=cases.make_environment())
        suite = None
        failed_before = report.failed
        for line in process.stdout:
            log.write(line)
            if suite is None and line.startswith(("TAP version", "1..", "ok ", "not ok ")):
                suite = Suite(name, report)
            if suite:
                suite.feed(line)
        status = process.wait()
    if suite:
        suite.finish(0)
    if status and report.failed == failed_before:
        report.fail(name, f"make exited with status {status}: see {path}")
        with open(path, encoding="utf-8") as log:
            say("".join("        " + line for line in log.readlines()[-15:]))
    elif not suite and not status:
        report.fail(name, f"no test reported anything: see {path}")


def lint(report):
    """style, static analysis, licences"""
    setup("firmware", "stock", "linux", "qemu", "next")
    run_tap(report, "lint", [os.path.join(HERE, "lint")])


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
    for tests in (launcher, launcher_streams, launcher_places):
        cases.run(report, "vm", tests.TESTS)


def stock(report):
    """all selftests on the stock kernel"""
    build("guest", "selftests")
    vmrun.selftests(report, "stock", "stock")


def iommu(report):
    """selftests of the memory path behind a translating IOMMU"""
    build("guest", "selftests")
    vmrun.selftests(report, "iommu", "iommu", options=[
        "--device", "trn3", "--device", "trn3",
        "--qemu=-device intel-iommu", "--append", "intel_iommu=on iommu.strict=1"])
    vmrun.selftests(report, "virtio-iommu", "iommu", options=[
        "--device", "trn3", "--device", "trn3", "--module", "virtio_iommu",
        "--qemu=-device virtio-iommu-pci"])
    vmrun.other_iommus(report, "iommu")


def sizes(report):
    """the full memory layout, several devices"""
    build("guest", "selftests")
    vmrun.selftests(report, "full-hbm", "full_hbm",
                    options=["--device", "trn3,hbm-size=256G"])
    vmrun.selftests(report, "two-devices", "two_devices",
                    options=["--device", "trn3", "--device", "trn3"])
    vmrun.sixteen_devices(report)


def refuse(report):
    """devices that the driver must leave alone"""
    build("guest")
    vmrun.refused_devices(report, "refuse")
    vmrun.bounced_device(report, "refuse-bounced")


def faults(report):
    """DMA errors, lost events, queues that do not stop, sleep, unplugging"""
    build("guest", "selftests")
    vmrun.monitored(report, "faults", "faults")


def hang(report):
    """an engine that hangs: timeouts, errors, neighbours unharmed"""
    build("guest", "selftests")
    vmrun.hung_engine(report, "hang")


def migrate(report):
    """a guest that stores to HBM is moved, saved and restored: no byte is lost"""
    build("guest", "selftests")
    migration.run(report)


def debug(report):
    """KUnit and all selftests on the debug kernel, fault injection included"""
    build("guest", "selftests")
    setup("module-debug")
    vmrun.kunit(report)
    vmrun.selftests(report, "debug", "debug", options=DEBUG, env=["TRN_TEST_SCALE=small"])
    vmrun.selftests(report, "debug-peers", "peers",
                    options=[*DEBUG, "--device", "trn3", "--device", "trn3"],
                    env=["TRN_TEST_SCALE=small"])
    vmrun.selftests(report, "debug-fail-nth", "fail_nth", options=DEBUG)
    vmrun.hung_engine(report, "debug-hang", options=DEBUG)
    vmrun.monitored(report, "debug-faults", "faults", options=DEBUG)


def malice(report):
    """a device that lies, and one that is taken away, on the debug kernel"""
    seconds = int(os.environ.get("TRN_MALICE_SECONDS", "40"))
    seed = os.environ.get("TRN_MALICE_SEED", "1")
    build("guest", "selftests")
    setup("module-debug")
    vmrun.monitored(report, "malice", "malice", options=DEBUG,
                    timeout=vmrun.WATCHDOG + 3 * seconds,
                    env=["TRN_TEST_SCALE=small", f"TRN_TEST_SECONDS={seconds}",
                         f"TRN_TEST_SEED={seed}"])


STAGES = {stage.__name__: stage for stage in
          (lint, unit, tools, fuzz, qtest, vm, refuse, stock, iommu, sizes, hang, faults, migrate,
           debug, malice)}
# It begins first, so that it does not run alone in the end.
LONGEST = debug.__name__
