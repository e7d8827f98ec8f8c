# SPDX-License-Identifier: MIT
"""Tests that are functions with the name of the fact they show, and helpers of such tests."""

import subprocess
import time

from tap import say

PATIENCE = 180


class Skip(Exception):
    """The machine lacks what the test needs."""


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_failure(result, status, *words):
    """A (status, stdout, stderr) with that status, and those words on stderr."""
    code, _, stderr = result
    expect(code == status, f"exit status {code} instead of {status}: {stderr[-500:]}")
    for word in words:
        expect(word in stderr, f"'{word}' is not in: {stderr[-1500:]}")
    expect("Traceback" not in stderr, f"a traceback: {stderr[-1500:]}")


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            value = condition()
        except OSError:
            value = None
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"no end of waiting for {what}")


def run(report, prefix, tests):
    """One result each. A test that cannot be run to its end has failed."""
    for test in tests:
        name = test.__name__
        try:
            test()
        except Skip as why:
            report.skip(f"{prefix}: {name}", str(why))
        except (AssertionError, OSError, subprocess.SubprocessError) as err:
            report.fail(f"{prefix}: {name}", str(err))
        else:
            report.ok()
            say(f"  ok    {name}")
