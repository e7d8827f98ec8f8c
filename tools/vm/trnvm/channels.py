# SPDX-License-Identifier: MIT
"""The guest's ports: socket pairs, one end of each QEMU's, so that none has a path.

The guest's command has ports of its own, of virtio-serial, so that nothing but its
output comes out of them. The kernel's log goes to a serial port, and from there to a
file.
"""

import socket

from . import comma_free


class Channels:
    """The socket pairs between QEMU's character devices and this process."""

    OUTPUTS = ("stdout", "stderr")

    def __init__(self, interactive, forward_stdin):
        names = ["status"] if interactive else ["status", *self.OUTPUTS]
        if forward_stdin:
            names.append("stdin")
        self.interactive = interactive
        self._pairs = {name: socket.socketpair() for name in names}

    def __contains__(self, name):
        return name in self._pairs

    def __getitem__(self, name):
        """This process's end."""
        return self._pairs[name][0]

    def qemu_fds(self):
        """QEMU's ends, which it inherits."""
        return [theirs.fileno() for _, theirs in self._pairs.values()]

    def hand_over(self):
        """QEMU has its ends: with ours closed, their end is the end of QEMU."""
        for _, theirs in self._pairs.values():
            theirs.close()

    def arguments(self, log):
        """QEMU's arguments for the ports and the console."""
        args = ["-chardev", f"file,id=console,path={comma_free(log)}",
                "-serial", "chardev:console",
                "-device", f"virtio-serial-pci,max_ports={len(self._pairs) + 2}"]
        for name, (_, theirs) in self._pairs.items():
            args += ["-chardev", f"socket,id={name},fd={theirs.fileno()}",
                     "-device", f"virtserialport,chardev={name},name=trn.{name}"]
        if self.interactive:
            args += ["-chardev", "stdio,id=terminal,signal=off",
                     "-device", "virtconsole,chardev=terminal"]
        return args
