# SPDX-License-Identifier: MIT
"""A guest that runs one command after the other, as it is told."""

import json
import os
import subprocess
import sys

from tree import BUILD, TRN_VM

PROGRAMS = os.path.join(BUILD, "bench")

# A command a line; the line after its output is its status.
LOOP = 'while read -r line; do sh -c "$line" </dev/null; echo "status $?"; done'


class MeasureError(Exception):
    """A measurement did not come to its end."""


class Guest:
    """A VM while the "with" lasts; a call with a command returns its output."""

    def __init__(self, options, programs, timeout):
        add = [f"--add={PROGRAMS}/{name}:/usr/bin/{name}" for name in programs]
        self._argv = [TRN_VM, "--timeout", str(timeout), *add, *options, "--", "sh", "-c", LOOP]
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._process.terminate()
        self._process.stdin.close()
        status = self._process.wait()
        if status and not kind:
            raise MeasureError(f"the VM ended with status {status}")

    def __call__(self, command):
        """The command's lines."""
        try:
            print(command, file=self._process.stdin, flush=True)
        except BrokenPipeError as err:
            raise MeasureError(f"the VM is gone, before: {command}") from err
        lines = []
        for line in self._process.stdout:
            word, _, status = line.rstrip("\n").partition(" ")
            if word != "status":
                lines.append(line)
            elif status == "0":
                return lines
            else:
                raise MeasureError(f"status {status} of: {command}")
        raise MeasureError(f"the VM ended during: {command}")

    def measure(self, *words):
        """The result of a program that prints one, in JSON."""
        return result_of(self(" ".join(map(str, words))), words)


def measure_here(*words):
    """The same on this machine."""
    result = subprocess.run([os.path.join(PROGRAMS, words[0]), *map(str, words[1:])], text=True,
                            stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise MeasureError(f"status {result.returncode} of: {words}")
    return result_of(result.stdout.splitlines(), words)


def result_of(lines, words):
    if len(lines) != 1:
        raise MeasureError(f"{len(lines)} lines instead of one result from: {words}")
    return json.loads(lines[0])


def progress(text):
    """A line about the present measurement, if stderr is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
