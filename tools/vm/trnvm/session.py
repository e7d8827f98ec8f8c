# SPDX-License-Identifier: MIT
"""One run of QEMU: its channels, its watchdog, and what became of the guest.

The guest's command has channels of its own, virtio-serial ports, so that
nothing but its output comes out of them; the kernel's log goes to a serial port
and from there to a file. A port "trn.status" tells when the guest is up ("ready") and
how the command ended ("exit N"). A VM that stops without the latter has failed.
"""

import contextlib
import ctypes
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import termios
import time

from . import VmError

EXIT_VM_FAILED = 125
EXIT_TIMED_OUT = 124
LOG_TAIL_LINES = 40
PR_SET_PDEATHSIG = 1

# How a console log says that the kernel is lost, most telling first.
DEATHS = (
    (r"Kernel panic - not syncing: (.*)", "the guest's kernel panicked"),
    (r"Oops: (.*)", "the guest's kernel had an oops"),
    (r"watchdog: (BUG: soft lockup.*)", "a processor of the guest hangs"),
    (r"(rcu: INFO: .*self-detected stall.*)", "a processor of the guest hangs"),
)


class GuestFailure(Exception):
    """The VM did not get to the end of the command."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def die_with_parent():
    """Runs in the child: QEMU must not outlive a launcher that was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Channels:
    """The sockets between QEMU's character devices and this process."""

    OUTPUTS = ("stdout", "stderr", "status")

    def __init__(self, folder, interactive, forward_stdin):
        self.names = ["status"] if interactive else list(self.OUTPUTS)
        if forward_stdin:
            self.names.append("stdin")
        self.interactive = interactive
        self._folder = folder
        self._listeners = {}
        for name in self.names:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(self._path(name))
            listener.listen(1)
            self._listeners[name] = listener

    def _path(self, name):
        return os.path.join(self._folder, name + ".sock")

    def arguments(self, log):
        """QEMU's arguments for the ports and the console."""
        args = ["-chardev", f"file,id=console,path={log}", "-serial", "chardev:console",
                "-device", f"virtio-serial-pci,max_ports={len(self.names) + 2}"]
        for name in self.names:
            args += ["-chardev", f"socket,id={name},path={self._path(name)}",
                     "-device", f"virtserialport,chardev={name},name=trn.{name}"]
        if self.interactive:
            args += ["-chardev", "stdio,id=terminal,signal=off",
                     "-device", "virtconsole,chardev=terminal"]
        return args

    def listeners(self):
        return dict(self._listeners)

    def close(self):
        for listener in self._listeners.values():
            listener.close()


class Session:
    """Runs the VM until its command ends, its time is over, or it dies."""

    def __init__(self, argv, channels, log, timeouts, is_up=False):
        self._argv = argv
        self._channels = channels
        self._log = log
        self._boot_timeout, self._timeout = timeouts
        self._selector = selectors.DefaultSelector()
        self._status_text = b""
        self._ready = is_up
        self._stdin = None
        self._exit_status = None
        self._outputs = {"stdout": sys.stdout.buffer, "stderr": sys.stderr.buffer}

    def run(self):
        """The exit status of the command, or GuestFailure."""
        terminal = self._save_terminal()
        stdin = None if self._channels.interactive else subprocess.DEVNULL
        stdout = None if self._channels.interactive else subprocess.DEVNULL
        qemu = None
        with open(self._log + ".qemu", "w+b") as errors:
            try:
                qemu = subprocess.Popen(self._argv, stdin=stdin, stdout=stdout, stderr=errors,
                                        preexec_fn=die_with_parent)
                self._follow(qemu)
                qemu.wait(timeout=30)
            except FileNotFoundError as err:
                raise VmError(f"cannot run {self._argv[0]}: {err.strerror}") from err
            except subprocess.TimeoutExpired:
                self._drain()
            finally:
                if qemu and qemu.poll() is None:
                    qemu.kill()
                    qemu.wait()
                self._restore_terminal(terminal)
                self._channels.close()
            errors.seek(0)
            self._judge(qemu.returncode, errors.read().decode(errors="replace"))
        return self._exit_status

    @staticmethod
    def _save_terminal():
        with contextlib.suppress(termios.error, ValueError, OSError):
            return termios.tcgetattr(sys.stdin.fileno())
        return None

    @staticmethod
    def _restore_terminal(saved):
        if saved:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, saved)

    def _follow(self, qemu):
        """Serve the channels until QEMU is gone or a deadline has passed."""
        pidfd = os.pidfd_open(qemu.pid)
        try:
            self._selector.register(pidfd, selectors.EVENT_READ, self._qemu_ended)
            for name, listener in self._channels.listeners().items():
                self._selector.register(listener, selectors.EVENT_READ,
                                        lambda n=name, s=listener: self._connected(n, s))
            start = time.monotonic()
            self._running = True
            while self._running:
                limit = self._timeout if self._ready else self._boot_timeout
                left = start + limit - time.monotonic() if limit else None
                if left is not None and left <= 0:
                    raise GuestFailure(EXIT_TIMED_OUT, self._timeout_reason(limit))
                for key, _ in self._selector.select(left):
                    key.data()
        finally:
            os.close(pidfd)
        self._drain()

    def _timeout_reason(self, limit):
        if self._ready:
            return f"the command did not end within {limit} s (--timeout)"
        return f"the guest did not come up within {limit} s"

    def _qemu_ended(self):
        self._running = False

    def _connected(self, name, listener):
        connection, _ = listener.accept()
        self._selector.unregister(listener)
        if name == "stdin":
            self._stdin = connection
        else:
            self._selector.register(connection, selectors.EVENT_READ,
                                    lambda: self._received(name, connection))

    def _received(self, name, connection):
        data = connection.recv(1 << 16)
        if not data:
            self._selector.unregister(connection)
            connection.close()
        elif name == "status":
            self._status(data)
        else:
            self._outputs[name].write(data)
            self._outputs[name].flush()

    def _forward_stdin(self):
        """The guest has opened its end. Closing ours is its end of file."""
        connection = self._stdin

        def copy():
            data = os.read(sys.stdin.fileno(), 1 << 12)
            try:
                connection.sendall(data)
            except OSError:
                data = b""
            if not data:
                self._selector.unregister(sys.stdin.fileno())
                connection.close()

        try:
            self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, copy)
        except PermissionError:  # a plain file is always readable, and epoll refuses it
            with contextlib.suppress(OSError):
                connection.sendall(sys.stdin.buffer.read())
            connection.close()

    def _status(self, data):
        self._status_text += data
        *lines, self._status_text = self._status_text.split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "ready":
                self._ready = True
            elif word == "stdin":
                self._forward_stdin()
            elif word == "exit":
                self._exit_status = int(rest)
            elif word == "error":
                raise GuestFailure(EXIT_VM_FAILED, f"the guest could not be set up: {rest}")

    def _drain(self):
        """What QEMU had sent before it ended is still in the sockets."""
        while True:
            events = [key for key, _ in self._selector.select(0)
                      if isinstance(key.fileobj, socket.socket)]
            if not events:
                return
            for key in events:
                key.data()

    def _judge(self, returncode, errors):
        """Raise if the VM ended in any other way than by its command's end."""
        cause = death(self._log)
        if returncode < 0 and self._exit_status is None:
            name = signal.Signals(-returncode).name
            raise GuestFailure(EXIT_VM_FAILED, f"QEMU was ended by {name}\n{errors}".rstrip())
        if returncode > 0:
            raise GuestFailure(EXIT_VM_FAILED,
                               f"QEMU exited with status {returncode}\n{errors}".rstrip())
        if cause:
            raise GuestFailure(EXIT_VM_FAILED, cause)
        if not self._ready:
            raise GuestFailure(EXIT_VM_FAILED, "the guest stopped before it had come up")
        if self._exit_status is None:
            raise GuestFailure(EXIT_VM_FAILED, "the guest stopped before its command had ended")
        sys.stderr.write(errors)


def read_log(path):
    with contextlib.suppress(FileNotFoundError):
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().replace("\r", "")
    return ""


def death(log):
    """The sentence for a kernel that died, or None."""
    text = read_log(log)
    for pattern, sentence in DEATHS:
        match = re.search(pattern, text)
        if match:
            return f"{sentence}: {match.group(1).strip()}"
    return None


def tail(log):
    return "\n".join(read_log(log).splitlines()[-LOG_TAIL_LINES:])
