# SPDX-License-Identifier: MIT
"""QMP of a QEMU that trn-vm has started with --qmp."""

import contextlib
import json
import socket
import time


class Monitor:
    """One connection; commands wait for their answers, events are passed over."""

    def __init__(self, path, deadline):
        self._socket = connect(path, deadline)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lines.readline()
        self.run("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, command, **arguments):
        """The reply to the command."""
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode())
        for line in self._lines:
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise RuntimeError(f"{command}: QEMU has ended")

    def wait(self, event, deadline):
        """Until QEMU says @event, which must have been asked for before."""
        self._socket.settimeout(max(deadline - time.monotonic(), 1))
        for line in self._lines:
            answer = json.loads(line)
            if event(answer):
                self._socket.settimeout(None)
                return answer
        raise RuntimeError("QEMU has ended")

    def close(self):
        self._lines.close()
        self._socket.close()


def connect(path, deadline):
    """QEMU makes the socket when it gets to it."""
    while True:
        sock = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            sock.connect(path)
            return sock
        sock.close()
        if time.monotonic() > deadline:
            raise RuntimeError(f"nobody listens at {path}")
        time.sleep(0.05)
