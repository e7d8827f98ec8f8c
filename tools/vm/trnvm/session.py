# SPDX-License-Identifier: MIT
"""One run of QEMU: its channels, its watchdog, and the end of the guest.

A port "trn.status" tells when the guest is up ("ready"), that it wants the input
("stdin") and how the command ended ("exit N"). A VM that stops without the latter has
failed. The guest powers off when it is answered ("end"): QEMU then drops the output that
has not been read yet, of which a port holds megabytes. The main thread only waits, for
what the other threads report or for the deadline.
"""

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import termios
import time

import deaths

from . import VmError, console, ending, os_sentence, streams

EXIT_VM_FAILED = 125
EXIT_TIMED_OUT = 124
EXIT_READER_GONE = 128 + signal.SIGPIPE
QEMU_END_SECONDS = 30
STATUS_LINE_MAX = 4096
LONGEST_WAIT = 3600  # seconds; a thread's wait has a limit
PR_SET_PDEATHSIG = 1


class GuestFailure(Exception):
    """The VM did not get to the end of the command."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class ReaderGone(Exception):
    """Nobody reads the command's output any more: the end, as of any program in a pipe."""


def die_with_parent(parent):
    """Runs in the child: QEMU must not outlive a launcher that was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


class Terminal:
    """The settings that a QEMU which was killed cannot put back."""

    def __init__(self):
        self._settings = None
        with contextlib.suppress(termios.error):
            self._settings = termios.tcgetattr(0)
            self._blocking = os.get_blocking(0)

    def restore(self):
        if self._settings:
            with contextlib.suppress(termios.error, OSError):
                os.set_blocking(0, self._blocking)
                termios.tcsetattr(0, termios.TCSADRAIN, self._settings)


class Session:
    """Runs the VM until its command ends, its time is over, or it dies."""

    def __init__(self, argv, channels, folder, log, timeouts, is_up=False):
        self._argv = argv
        self._channels = channels
        self._errors = os.path.join(folder, "qemu.stderr")
        self._log = log
        self._boot_timeout, self._timeout = timeouts
        self._events = queue.SimpleQueue()
        self._open = set()
        self._unread = {name for name in channels.OUTPUTS if name in channels}
        self._ready = is_up
        self._exit_status = None

    def run(self):
        """The exit status of the command, or GuestFailure."""
        terminal = Terminal() if self._channels.interactive else None
        qemu = None
        try:
            qemu = self._start_qemu()
            self._follow(qemu)
            qemu.wait(timeout=QEMU_END_SECONDS)
        except ReaderGone:
            return EXIT_READER_GONE
        finally:
            if qemu and qemu.poll() is None:
                qemu.kill()
                qemu.wait()
            if terminal:
                terminal.restore()
        self._judge(qemu.returncode)
        return self._exit_status

    def _start_qemu(self):
        unused = None if self._channels.interactive else subprocess.DEVNULL
        parent = os.getpid()
        try:
            with open(self._errors, "wb") as errors:
                qemu = subprocess.Popen(self._argv, stdin=unused, stdout=unused, stderr=errors,
                                        pass_fds=self._channels.qemu_fds(),
                                        preexec_fn=lambda: die_with_parent(parent))
        except OSError as err:
            raise VmError(f"cannot run QEMU: {os_sentence(err)}") from err
        self._channels.hand_over()
        return qemu

    # The other threads. Each ends with an event ("closed", NAME, FAILURE).

    def _spawn(self, name, function, *args):
        def run():
            signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)
            failure = None
            try:
                function(*args)
            except Exception as err:  # whatever it is: the main thread tells it
                failure = err
            self._events.put(("closed", name, failure))

        self._open.add(name)
        streams.start(run)

    @staticmethod
    def _watch_qemu(pid):
        # It stays a zombie, for the main thread to collect.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    def _read_status(self):
        with self._channels["status"].makefile("rb") as lines, \
             contextlib.suppress(ConnectionError):
            for line in iter(lambda: lines.readline(STATUS_LINE_MAX), b""):
                self._events.put(("status", line.decode(errors="replace").rstrip("\n"), None))

    # The main thread.

    def _follow(self, qemu):
        """Until QEMU and every output are at their end, or a deadline has passed."""
        start = time.monotonic()
        self._spawn("qemu", self._watch_qemu, qemu.pid)
        self._spawn("status", self._read_status)
        for fd, name in enumerate(self._channels.OUTPUTS, start=1):
            if name in self._channels:
                self._spawn(name, streams.copy_output, self._channels[name], fd,
                            lambda name=name: self._events.put(("end", name, None)))
        # The end of the input is of no interest.
        while self._open - {"stdin"}:
            limit = self._timeout if self._ready else self._boot_timeout
            left = start + limit - time.monotonic() if limit else LONGEST_WAIT
            if left <= 0:
                raise GuestFailure(EXIT_TIMED_OUT, self._timeout_reason(limit))
            with contextlib.suppress(queue.Empty):
                self._handle(*self._events.get(timeout=min(left, LONGEST_WAIT)))

    def _timeout_reason(self, limit):
        if not self._ready:
            return f"the guest did not come up within {limit} s"
        if self._exit_status is None:
            return f"the command did not end within {limit} s (--timeout)"
        waits = "its output was not read" if self._unread or "qemu" not in self._open else \
            "the guest did not power off"
        return (f"the command ended with status {self._exit_status}, but {waits} within "
                f"{limit} s (--timeout)")

    def _handle(self, kind, what, failure):
        if kind == "status":
            self._status(what)
            return
        if kind == "end":
            self._unread.discard(what)
            self._let_go()
            return
        self._open.discard(what)
        if failure is None:
            return
        if isinstance(failure, BrokenPipeError) and what in self._channels.OUTPUTS:
            raise ReaderGone
        if isinstance(failure, OSError):
            verb = "read" if what == "stdin" else "write"
            raise VmError(f"cannot {verb} {what}: {os_sentence(failure)}")
        raise failure

    def _status(self, line):
        word, _, rest = line.partition(" ")
        if word == "ready":
            self._ready = True
        elif word == "stdin" and "stdin" in self._channels and "stdin" not in self._open:
            self._spawn("stdin", streams.copy_input, 0, self._channels["stdin"])
        elif word == "exit" and rest.isascii() and rest.isdigit() and int(rest) < 256:
            self._exit_status = int(rest)
            self._let_go()
        elif word == "error":
            raise GuestFailure(EXIT_VM_FAILED, f"the guest could not be set up: {rest}")
        else:
            raise GuestFailure(EXIT_VM_FAILED, f"the guest's status is no status: {line!r}")

    def _let_go(self):
        """The guest may power off: all of its output is here."""
        if self._exit_status is not None and not self._unread:
            with contextlib.suppress(ConnectionError):
                self._channels["status"].sendall(b"end\n")

    def _judge(self, returncode):
        """Raise if the VM ended in any other way than by its command's end."""
        errors = console.read(self._errors)
        cause = deaths.of_log(console.read(self._log))
        if returncode < 0 and self._exit_status is None:
            raise GuestFailure(EXIT_VM_FAILED, f"QEMU was ended by {signal_name(-returncode)}\n"
                               f"{errors}".rstrip())
        if returncode > 0:
            raise GuestFailure(EXIT_VM_FAILED,
                               f"QEMU exited with status {returncode}\n{errors}".rstrip())
        if cause:
            raise GuestFailure(EXIT_VM_FAILED, cause)
        if not self._ready:
            raise GuestFailure(EXIT_VM_FAILED, "the guest stopped before it had come up")
        if self._exit_status is None:
            raise GuestFailure(EXIT_VM_FAILED, "the guest stopped before its command had ended")
        if errors:
            streams.complain(errors.rstrip("\n"))


def signal_name(number):
    """Its name; signals for real time have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
