# SPDX-License-Identifier: MIT
"""The driver's unit tests, in the debug kernel."""

import logs
from boot import Boot, read
from tap import Suite, say


def run(report):
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
