# SPDX-License-Identifier: MIT
"""Signals that end the launcher: its folder and its QEMU go first."""

import contextlib
import shutil
import signal
import tempfile

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class Ended(BaseException):
    """A signal asks the launcher to end; it is no error, and no "except" takes it for one."""

    def __init__(self, number):
        super().__init__(number)
        self.status = 128 + number


def _end(number, _frame):
    # The way out is not interrupted by a second signal.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Ended(number)


def catch_signals():
    """Those that the caller has set to be ignored (nohup) stay ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


@contextlib.contextmanager
def scratch_folder():
    """A folder that is gone afterwards, whatever signal arrives when."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    folder = tempfile.mkdtemp(prefix="trn-vm-")
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        yield folder
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        shutil.rmtree(folder, ignore_errors=True)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
