# SPDX-License-Identifier: MIT
"""Read TAP, as the kernel's selftests and others print it, and add it up."""

import re
import sys
import time

RESULT = re.compile(r"^\s*(not ok|ok)\b\s*(\d*)\s*-?\s*(.*?)\s*(#\s*(SKIP)\b\s*(.*))?$",
                    re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)(\s*#\s*SKIP\s*(.*))?$", re.IGNORECASE)
BAIL_OUT = re.compile(r"^Bail out!\s*(.*)$", re.IGNORECASE)
EXPECT = re.compile(r"^#\s*expect-guest-error:\s*(.+)$")
EXPECT_SPLAT = re.compile(r"^#\s*expect-splat:\s*(.+)$")
SUITE = re.compile(r"^# suite (\S+)$")
SUITE_END = re.compile(r"^# suite-end (\d+)$")

# Exit status of a kselftest that skips as a whole (tools/testing/selftests/kselftest.h).
KSFT_SKIP = 4


class Report:
    """Counts of the whole run, and the lines that a person watches."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.skips = {}

    def ok(self):
        self.passed += 1

    def fail(self, name, why=""):
        self.failed += 1
        self.failures.append(name)
        say(f"  FAIL  {name}" + (f": {why}" if why else ""))

    def result(self, name, good, why):
        if good:
            self.ok()
        else:
            self.fail(name, why)

    def skip(self, name, why):
        self.skipped += 1
        self.skips.setdefault(why or "no reason given", []).append(name)

    def add(self, other):
        """The counts of another report, as its vars() are."""
        self.passed += other["passed"]
        self.failed += other["failed"]
        self.skipped += other["skipped"]
        self.failures += other["failures"]
        for why, names in other["skips"].items():
            self.skips.setdefault(why, []).extend(names)

    def summary(self):
        for why, names in self.skips.items():
            say(f"skipped: {why} ({len(names)}: {', '.join(names[:3])}"
                + (", ..." if len(names) > 3 else "") + ")")
        for name in self.failures:
            say(f"failed: {name}")
        say(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")


def say(text):
    print(text, flush=True)


class Suite:
    """One program's TAP; finish() turns it into counts."""

    def __init__(self, name, report):
        self.name = name
        self.expected_errors = []
        self.expected_splats = []
        self._report = report
        self._start = time.monotonic()
        self._before = (report.passed, report.failed, report.skipped)
        self._results = 0
        self._plan = None
        self._skipped = False
        self._lines = []

    def feed(self, line):
        """One line of output."""
        line = line.rstrip("\n")
        self._lines.append(line)
        plan = PLAN.match(line)
        if plan:
            # Some programs print several TAPs, one after the other.
            self._plan = (self._plan or 0) + int(plan.group(1))
            if plan.group(2):
                self._skipped = True
                self._report.skip(self.name, plan.group(3))
            return
        bail_out = BAIL_OUT.match(line)
        if bail_out:
            self._report.fail(self.name, f"it gave up: {bail_out.group(1)}")
            return
        expected = EXPECT.match(line)
        if expected:
            self.expected_errors.append(expected.group(1).strip())
            return
        expected = EXPECT_SPLAT.match(line)
        if expected:
            self.expected_splats.append(expected.group(1).strip())
            return
        result = RESULT.match(line)
        # Indented results are parts of the one that follows them.
        if result and not line.startswith(" "):
            self._result(*result.group(1, 3, 5, 6))

    def _result(self, verdict, name, directive, why):
        self._results += 1
        name = f"{self.name}: {name}"
        if verdict.lower() == "ok" and directive:
            self._report.skip(name, why)
        elif verdict.lower() == "ok":
            self._report.ok()
        else:
            self._report.fail(name)
            self._show()
        self._lines = []

    def _show(self):
        for line in self._lines[-30:]:
            say(f"        {line}")

    def finish(self, status):
        """The program's exit status must agree with what it said."""
        failed_before = self._before[1]
        if self._plan is None and self._results == 0 and status == KSFT_SKIP:
            self._report.skip(self.name, " ".join(self._lines[-1:]).lstrip("# "))
        elif self._plan is None:
            self._report.fail(self.name, f"no plan, {self._results} results, exit status {status}")
            self._show()
        elif self._plan != self._results:
            self._report.fail(self.name, f"{self._results} results of {self._plan}, "
                                         f"exit status {status}")
            self._show()
        elif self._plan == 0 and not self._skipped:
            self._report.fail(self.name, f"it has no tests, exit status {status}")
        elif status not in (0, KSFT_SKIP) and self._report.failed == failed_before:
            self._report.fail(self.name, f"exit status {status} without a failed test")
            self._show()
        now = (self._report.passed, self._report.failed, self._report.skipped)
        passed, failed, skipped = (b - a for a, b in zip(self._before, now))
        say(f"  {'FAIL' if failed else 'ok':4}  {self.name:24} {passed} passed"
            + (f", {failed} failed" if failed else "")
            + (f", {skipped} skipped" if skipped else "")
            + f"  ({time.monotonic() - self._start:.1f} s)")


class Stream:
    """Several suites in one output, as the guest's run-tests marks them."""

    def __init__(self, prefix, report):
        self._prefix = prefix
        self._report = report
        self._suite = None
        self.expected_errors = []
        self.expected_splats = []
        self.suites = []

    def feed(self, line):
        start, end = SUITE.match(line.rstrip()), SUITE_END.match(line.rstrip())
        if start:
            self.close()
            self._suite = Suite(f"{self._prefix}/{start.group(1)}", self._report)
            self.suites.append(start.group(1))
        elif end and self._suite:
            self._end(int(end.group(1)))
        elif self._suite:
            self._suite.feed(line)

    def _end(self, status):
        self._suite.finish(status)
        self._leave()

    def _leave(self):
        self.expected_errors += self._suite.expected_errors
        self.expected_splats += self._suite.expected_splats
        self._suite = None

    def close(self):
        """The output ends here: a suite that has not ended was cut off."""
        if self._suite:
            self._report.fail(self._suite.name, "its output stops before its end")
            self._leave()


def main():
    """Filter: TAP on stdin, counts on stdout, status 1 if any failed."""
    report = Report()
    suite = Suite(sys.argv[1] if len(sys.argv) > 1 else "stdin", report)
    for line in sys.stdin:
        suite.feed(line)
    suite.finish(0)
    report.summary()
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
