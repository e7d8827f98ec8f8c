# SPDX-License-Identifier: MIT
"""Runs of trn-vm, for the tests of it."""

import os
import signal
import subprocess

from cases import PATIENCE, wait_for
from tree import TRN_VM

BARE = ["--device", "none", "--no-driver"]
# The smallest guest: it comes up soonest.
SMALL = [*BARE, "--mem", "512M", "--smp", "1"]


def trn_vm(*args, stdin=None, **variables):
    """(status, stdout, stderr) of a run, with more variables in its environment."""
    result = subprocess.run([TRN_VM, *args], input=stdin, text=True, errors="surrogateescape",
                            stdin=subprocess.DEVNULL if stdin is None else None,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, **variables}, timeout=PATIENCE, check=False)
    return result.returncode, result.stdout, result.stderr


def heed_signals():
    """A shell ignores these signals for processes that it starts in the background."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class background:
    """trn-vm and its QEMU, running; ended afterwards."""

    def __init__(self, *args, **variables):
        self._argv = [TRN_VM, *args]
        self._env = {**os.environ, **variables}

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, text=True,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                         env=self._env, preexec_fn=heed_signals)
        pid = self._process.pid
        children = f"/proc/{pid}/task/{pid}/children"

        def qemu():
            with open(children, encoding="ascii") as f:
                for child in f.read().split():
                    with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                        if comm.read().startswith("qemu"):
                            return int(child)
            return None

        return self._process, wait_for(qemu, "QEMU to start")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE)
