# SPDX-License-Identifier: MIT
"""Copies between the guest's channels and this process's own descriptors.

Each copy is a thread: a read or a write that blocks stops that copy only. The
descriptors 0, 1 and 2 are shared with other programs. Their flags stay as they are,
blocking or not.
"""

import contextlib
import os
import select
import socket
import sys
import threading

CHUNK = 1 << 16
# The guest's init writes this behind the output of its command.
END = b"\0trn-end\0"


def repair_standard_streams():
    """The null device for each of 0, 1 and 2 that the caller has closed."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            # The lowest free number is this one.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        # Names of files and arguments are bytes, of no encoding in particular.
        stream.reconfigure(errors="surrogateescape")


def complain(text):
    """A message on stderr, if stderr takes any."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def close_standard_streams():
    """Before the end of the program, which would flush them and tell of failures."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.close()


def _wait(fd, event):
    poll = select.poll()
    poll.register(fd, event)
    poll.poll()


def read_some(fd):
    """os.read() that waits, if O_NONBLOCK is set, too."""
    while True:
        try:
            return os.read(fd, CHUNK)
        except BlockingIOError:
            _wait(fd, select.POLLIN)


def write_all(fd, data):
    """os.write() to the end, if O_NONBLOCK is set, too."""
    data = memoryview(data)
    while data:
        try:
            data = data[os.write(fd, data):]
        except BlockingIOError:
            _wait(fd, select.POLLOUT)


def received(connection):
    """The bytes of a channel in pieces, up to its end. A dead QEMU is an end, too."""
    with contextlib.suppress(ConnectionError):
        while True:
            data = connection.recv(CHUNK)
            if not data:
                return
            yield data


def split_end(data):
    """The data, and the part of the mark at its end: all of it, or its beginning."""
    for size in range(min(len(END), len(data)), 0, -1):
        if data.endswith(END[:size]):
            return data[:-size], data[-size:]
    return data, b""


def copy_output(connection, fd, at_end):
    """The guest's output to a descriptor. at_end() is called once all of it is there."""
    held = b""
    for data in received(connection):
        data, held = split_end(held + data)
        write_all(fd, data)
        if held == END:
            at_end()
    if held != END:
        write_all(fd, held)


def copy_input(fd, connection):
    """A descriptor to the guest. The connection stays open: QEMU drops what it has not
    read of a connection that is closed, but reads one that is shut down to its end."""
    while True:
        data = read_some(fd)
        try:
            if not data:
                connection.shutdown(socket.SHUT_WR)
                return
            connection.sendall(data)
        except ConnectionError:
            return


def start(function, *args):
    """Run it in a thread that the end of the program does not wait for."""
    threading.Thread(target=function, args=args, daemon=True).start()
