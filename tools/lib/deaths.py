# SPDX-License-Identifier: MIT
"""Lines of a kernel log that say that the kernel is lost."""

import re

# (pattern, sentence), most telling first.
DEATHS = (
    (r"Kernel panic - not syncing: (.*)", "the guest's kernel panicked"),
    (r"Oops: (.*)", "the guest's kernel had an oops"),
    (r"watchdog: (BUG: soft lockup.*)", "a processor of the guest hangs"),
    (r"(rcu: INFO: .*self-detected stall.*)", "a processor of the guest hangs"),
)
PATTERN = "|".join(pattern for pattern, _ in DEATHS)


def of_log(text):
    """The sentence for a kernel that died, or None."""
    for pattern, sentence in DEATHS:
        match = re.search(pattern, text)
        if match:
            return f"{sentence}: {match.group(1).strip()}"
    return None
