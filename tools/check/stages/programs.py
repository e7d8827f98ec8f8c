# SPDX-License-Identifier: MIT
"""Parts of stages: builds, and programs that print TAP."""

import os
import subprocess

from tap import Stream, Suite, say
from tree import LOGS, TOP, make_environment


class BuildFailed(Exception):
    """A stage could not be started."""


def build(*targets):
    """make, shown only when it fails."""
    result = subprocess.run(["make", "--no-print-directory", "-C", TOP, *targets], text=True,
                            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=make_environment(), check=False)
    if result.returncode:
        say(result.stdout)
        raise BuildFailed(f"make {' '.join(targets)} failed")


def setup(*parts):
    """tools/setup, whose progress is worth seeing."""
    if subprocess.run([os.path.join(TOP, "tools/setup/setup"), *parts], check=False).returncode:
        raise BuildFailed(f"setup {' '.join(parts)} failed")


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
                                   env=make_environment())
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
