#!/usr/bin/python3 -I
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run GLib test programs, every test in a process of its own, and print one TAP.

A test that crashes, hangs or brings QEMU down fails alone: the others still run.
"""
import argparse
import concurrent.futures
import os
import signal
import subprocess
import sys


def list_tests(program):
    out = subprocess.run([program, "-l"], check=True, stdout=subprocess.PIPE,
                         text=True, timeout=30).stdout
    return [(program, name) for name in out.split("\n") if name.startswith("/")]


def stop_group(proc):
    """End the test and the QEMU it started: both are in the test's group."""
    try:
        os.killpg(proc.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(test, timeout):
    program, name = test
    # No shrinking of the list by --tap's "skip": -p runs exactly this path.
    proc = subprocess.Popen([program, "--tap", "-p", name], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, start_new_session=True,
                            errors="replace")
    try:
        out, _ = proc.communicate(timeout=timeout)
        why = "" if proc.returncode == 0 else "exit status %d" % proc.returncode
    except subprocess.TimeoutExpired:
        stop_group(proc)
        out, _ = proc.communicate()
        why = "no end after %d s" % timeout
    stop_group(proc)
    return verdict(name, out, why)


def verdict(name, out, why):
    """(state, line, diagnostics) of one test from what its program printed."""
    results = [l for l in out.split("\n") if l.startswith(("ok ", "not ok "))]
    skip = [l for l in results if "# SKIP" in l]
    if not why and len(results) == 1 and results[0].startswith("ok "):
        if skip:
            return "skip", name + " " + skip[0][skip[0].index("# SKIP"):], ""
        return "ok", name, ""
    if not why:
        why = "%d results instead of one" % len(results)
    return "not ok", name, why + "\n" + out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=120, help="seconds a test")
    parser.add_argument("--match", default="", help="only tests whose name has this")
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()

    tests = [t for p in args.programs for t in list_tests(p) if args.match in t[1]]
    counts = {"ok": 0, "not ok": 0, "skip": 0}
    print("TAP version 13\n1..%d" % len(tests), flush=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(lambda t: run(t, args.timeout), tests)
        for number, (state, line, diag) in enumerate(results, 1):
            counts[state] += 1
            word = "not ok" if state == "not ok" else "ok"
            print("%s %d - %s" % (word, number, line))
            for text in diag.rstrip().split("\n") if diag else []:
                print("#   " + text)
            sys.stdout.flush()
    print("# %d passed, %d failed, %d skipped"
          % (counts["ok"], counts["not ok"], counts["skip"]))
    return 0 if tests and not counts["not ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
