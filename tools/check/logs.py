# SPDX-License-Identifier: MIT
"""Lines that fail a run if they are in its logs: kernel splats and guest errors."""

import re

import deaths

SPLATS = re.compile(
    deaths.PATTERN + r"|BUG: |WARNING: |KASAN: |UBSAN: |INFO: task .* blocked|"
    r"possible recursive locking|possible circular locking|inconsistent lock state|"
    r"suspicious RCU usage|DMA-API: .*(device driver|leak|overlap|exceed)|kmemleak: \d+ new|"
    r"refcount_t: |general protection fault|sleeping function called from invalid|"
    r"scheduling while atomic|workqueue lockup|stall(s|ed)? on CPU|"
    r"list_(add|del) corruption|Call Trace:|ODEBUG: ")
# Debug kernels announce their checks.
HARMLESS = re.compile(r"DMA-API: (preallocated|debugging enabled)|FAULT_INJECTION: forcing a failure")
CONTEXT_LINES = 25
TIMESTAMP = re.compile(r"^\[\s*\d+\.\d+\](\[\s*[TC]\d+\])? ?")


def splats(log, expected=()):
    """[first line and the lines after it] of each splat; a trace counts once."""
    found = []
    announced = [re.compile(pattern) for pattern in expected]
    lines = [TIMESTAMP.sub("", line) for line in log.replace("\r", "").splitlines()]
    skip_to = 0
    for n, line in enumerate(lines):
        if n < skip_to or not SPLATS.search(line) or HARMLESS.search(line):
            continue
        if injected(lines, n):
            continue
        if any(pattern.search(line) for pattern in announced):
            skip_to = n + CONTEXT_LINES
            continue
        found.append(lines[n:n + CONTEXT_LINES])
        skip_to = n + CONTEXT_LINES
    return found


def injected(lines, n):
    """Fault injection prints a stack of the call that it makes fail: that is no splat."""
    return "Call Trace:" in lines[n] and any(
        "FAULT_INJECTION: forcing a failure" in line for line in lines[max(0, n - 8):n])


def guest_errors(log, expected):
    """Lines that QEMU logged about the guest's mistakes and no test announced."""
    patterns = [re.compile(pattern) for pattern in expected]
    return [line for line in log.splitlines()
            if line.strip() and not any(p.search(line) for p in patterns)]
