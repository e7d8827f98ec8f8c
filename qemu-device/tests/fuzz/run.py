#!/usr/bin/python3 -I
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run libFuzzer programs for a fixed time each and print one TAP.

A target starts from what seeds.py writes and from corpus/NAME.hex, one input a line.
What it finds beyond that stays in WORK/found-NAME and is used the next time; with
--keep it is cut down to what adds coverage and written to corpus/NAME.hex. An input
that breaks a target stays in WORK/crashes, and its last lines are printed.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
MAX_INPUT = 3600
# A corpus in the tree is small: short inputs, and not many.
KEEP_INPUT = 240
KEEP_BYTES = 8000


class Target:
    def __init__(self, program, args):
        self.program = os.path.abspath(program)
        self.name = os.path.basename(program).removeprefix("fuzz-")
        self.work = os.path.abspath(args.work)
        self.hex = os.path.join(args.corpus, self.name + ".hex")
        self.found = self.folder("found-" + self.name)
        self.start = self.folder("start-" + self.name, fresh=True)
        self.crashes = self.folder("crashes")
        self.unpack()

    def folder(self, name, fresh=False):
        path = os.path.join(self.work, name)
        if fresh:
            shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path, exist_ok=True)
        return path

    def unpack(self):
        """What the target starts from: the seeds and the corpus of the tree."""
        self.write_seeds(self.start)
        with open(self.hex, encoding="ascii") as lines:
            for number, line in enumerate(lines):
                if not line.startswith("#"):
                    with open(os.path.join(self.start, "line-%d" % number), "wb") as out:
                        out.write(bytes.fromhex(line.strip()))

    def write_seeds(self, folder):
        subprocess.run([sys.executable, os.path.join(HERE, "seeds.py"), self.name, folder],
                       check=True)

    def call(self, *options):
        return subprocess.run(
            [self.program, "-max_len=%d" % MAX_INPUT, "-timeout=20", "-rss_limit_mb=2048",
             "-artifact_prefix=%s/%s-" % (self.crashes, self.name), *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False)

    def run(self, seconds):
        return self.call("-max_total_time=%d" % seconds, "-print_final_stats=1",
                         self.found, self.start)

    def keep(self):
        """Merges into a fresh folder; writes the seeds, then the shortest first."""
        merged = self.folder("merged-" + self.name, fresh=True)
        result = self.call("-merge=1", "-max_len=%d" % KEEP_INPUT, merged, self.start, self.found)
        if result.returncode:
            sys.exit(result.stdout)
        seeds = self.folder("seeds-" + self.name, fresh=True)
        self.write_seeds(seeds)
        left = KEEP_BYTES
        with open(self.hex, "w", encoding="ascii") as out:
            out.write("# SPDX-License-Identifier: GPL-2.0-or-later\n")
            out.write("# Seeds of fuzz-%s, and inputs that add coverage: make fuzz-keep.\n" % self.name)
            for data in contents(seeds):
                out.write(data.hex() + "\n")
            for data in contents(merged):
                left -= len(data)
                if data and left >= 0:
                    out.write(data.hex() + "\n")


def contents(folder):
    """Of all files, the shortest first."""
    inputs = []
    for entry in os.scandir(folder):
        with open(entry.path, "rb") as data:
            inputs.append(data.read())
    return sorted(inputs, key=lambda data: (len(data), data))


def describe(result):
    """What a run has done, from libFuzzer's own statistics."""
    stats = dict(line.rsplit(":", 1) for line in result.stdout.splitlines()
                 if line.startswith("stat::"))
    runs = stats.get("stat::number_of_executed_units", "0").strip()
    new = stats.get("stat::new_units_added", "0").strip()
    return "%s inputs, %s of them new" % (runs, new)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--match", default="", help="only targets whose name has this")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--work", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()

    targets = [Target(p, args) for p in args.programs if args.match in p]
    if args.keep:
        for target in targets:
            target.keep()
        return 0
    failed = 0
    print("TAP version 13\n1..%d" % len(targets), flush=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(lambda t: t.run(args.seconds), targets)
        for number, (target, result) in enumerate(zip(targets, results), 1):
            bad = result.returncode != 0
            failed += bad
            print("%sok %d - fuzz/%s" % ("not " if bad else "", number, target.name))
            print("# %s: %s" % (target.name, describe(result)))
            for line in result.stdout.splitlines()[-40:] if bad else []:
                print("#   " + line)
            sys.stdout.flush()
    print("# %d passed, %d failed, 0 skipped" % (len(targets) - failed, failed))
    return 1 if failed or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
