# SPDX-License-Identifier: MIT
"""Run stages side by side, each as a process of its own.

A stage that boots VMs leaves much of the host idle while guests wait. Two stages at a
time use it. A stage is "check --into FILE STAGE": its output comes here line by line
and is shown with the stage's name, its counts come in FILE.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

from tap import say

# More at a time than the host has processors only makes each of them slower. A guest that
# fills its HBM takes eight GiB of the host.
MEMORY = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
LANES = max(1, min(2, os.cpu_count() or 1, MEMORY >> 33))


class Lanes:
    """Takes the stages in their order, each as soon as a lane is free."""

    def __init__(self, names, report, folder):
        self._left = list(names)
        self._report = report
        self._folder = folder
        self._lock = threading.Lock()
        self._children = set()
        self._stopped = False

    def run(self):
        threads = [threading.Thread(target=self._lane, daemon=True) for _ in range(LANES)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        finally:
            self._stop()

    def _stop(self):
        with self._lock:
            self._stopped = True
            for child in self._children:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGTERM)

    def _lane(self):
        while True:
            with self._lock:
                if self._stopped or not self._left:
                    return
                name = self._left.pop(0)
                path = os.path.join(self._folder, name)
                child = start(name, path)
                self._children.add(child)
            for line in child.stdout:
                say(f"{name:8}| {line.rstrip()}")
            status = child.wait()
            with self._lock:
                self._children.discard(child)
                self._take(name, path, status)

    def _take(self, name, path, status):
        try:
            with open(path, encoding="utf-8") as f:
                self._report.add(json.load(f))
        except (OSError, ValueError):
            self._report.fail(name, f"the stage ended with status {status} and no report")


def start(name, path):
    """In a group of its own, with all that it starts."""
    return subprocess.Popen([sys.argv[0], "--into", path, name],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace",
                            start_new_session=True)


def run(names, report):
    with tempfile.TemporaryDirectory(prefix="trn-check-") as folder:
        Lanes(names, report, folder).run()
