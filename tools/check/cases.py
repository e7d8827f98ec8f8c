# SPDX-License-Identifier: MIT
"""Tests that are functions, named by what they show; and what such functions use."""

import os
import subprocess
import time

from tap import say

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("TRN_BUILD") or os.path.join(TOP, "build"))
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


def make_environment():
    """Variables of a make above go on to the makes below; what it was told besides does
    not: with -i or -n a failure would be no failure, and its job server is not ours."""
    env = dict(os.environ)
    _, dashes, variables = env.pop("MAKEFLAGS", "").partition("-- ")
    env.pop("MFLAGS", None)
    return dict(env, MAKEFLAGS=dashes + variables) if variables else env


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
