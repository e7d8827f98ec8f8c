# SPDX-License-Identifier: MIT
"""The table of the selftests (selftests/suites.list): needs of each suite, boots that run it."""

import glob
import os
import subprocess

from tree import BUILD, TOP, make_environment

SELFTESTS = os.path.join(TOP, "selftests")
TABLE = os.path.join(SELFTESTS, "suites.list")
# Needs that the build meets or leaves the suite out.
BUILD_NEEDS = {"libtrn", "regs", "m32"}
# Needs that each boot meets, beside a device.
BOOTS = {
    "unit": {"host"}, "stock": set(), "debug": set(), "iommu": set(), "full_hbm": set(),
    "two_devices": set(), "peers": set(), "faults": {"monitor"}, "malice": {"monitor"},
    "hang": {"hung_engine"}, "fail_nth": {"fail_nth"}, "migrate": {"rounds"},
}


def read_table(path=TABLE):
    """[(source, needs, boots)] in the order of the table."""
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            fields = line.split()
            if not fields or fields[0].startswith("#"):
                continue
            if len(fields) != 3:
                raise ValueError(f"{path}: '{line.strip()}' has {len(fields)} fields, not 3")
            source, needs, boots = fields
            needs = set() if needs == "-" else set(needs.split(","))
            rows.append((source, needs, boots.split(",")))
    return rows


def problems(rows, sources):
    """The mistakes of a table for these sources, one sentence each."""
    listed = [source for source, _, _ in rows]
    found = [f"{source} is in no row of the table" for source in sources if source not in listed]
    found += [f"{source} has no source file" for source in listed if source not in sources]
    for source, needs, boots in rows:
        for boot in boots:
            if boot not in BOOTS:
                found.append(f"{source}: there is no boot '{boot}'")
            elif not needs - BUILD_NEEDS <= BOOTS[boot] or (boot == "unit") != ("host" in needs):
                found.append(f"{source}: its needs are not those that boot '{boot}' meets")
    return found


def sources():
    """Sources of programs, without ".c"."""
    found = []
    for path in sorted(glob.glob(os.path.join(SELFTESTS, "*", "*.c"))):
        with open(path, encoding="utf-8") as f:
            if "TEST_HARNESS_MAIN" in f.read():
                found.append(os.path.relpath(path, SELFTESTS)[:-2])
    return found


def table():
    """The rows, of which none may be wrong."""
    rows = read_table()
    wrong = problems(rows, sources())
    if wrong:
        raise OSError("; ".join(wrong))
    return rows


def built():
    """The names of all suites that can be built here."""
    result = subprocess.run(["make", "-s", "-C", SELFTESTS, "list", f"LIBTRN={BUILD}/libtrn"],
                            text=True, stdout=subprocess.PIPE, env=make_environment(), check=True)
    return result.stdout.split()


def of_boot(boot):
    """The names of the suites that a boot runs, in their order."""
    available = built()
    names = [os.path.basename(source) for source, _, boots in table() if boot in boots]
    found = [name for name in names if name in available]
    if not found:
        raise OSError(f"{TABLE} lists no suite for {boot}")
    return found


def of_guest():
    """The names of the suites that run in a VM."""
    available = built()
    return [os.path.basename(source) for source, needs, _ in table()
            if "host" not in needs and os.path.basename(source) in available]
