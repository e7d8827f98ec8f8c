# SPDX-License-Identifier: MIT
"""Write an initramfs: a cpio archive in the kernel's "newc" format."""

import os
import stat


class Archive:
    """A tree of files that is written in one go; parents are made as needed."""

    def __init__(self):
        self._entries = {}

    def __contains__(self, path):
        return path.lstrip("/") in self._entries

    def _add(self, path, mode, data):
        path = os.path.normpath(path).lstrip("/")
        parent = os.path.dirname(path)
        if parent and parent not in self._entries:
            self.mkdir(parent)
        self._entries[path] = (mode, data)

    def mkdir(self, path, mode=0o755):
        self._add(path, stat.S_IFDIR | mode, b"")

    def symlink(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def data(self, path, content, mode=0o644):
        self._add(path, stat.S_IFREG | mode, content)

    def text(self, path, content, mode=0o644):
        self.data(path, content.encode(), mode)

    def file(self, path, source, mode=None):
        with open(source, "rb") as f:
            data = f.read()
            if mode is None:
                mode = stat.S_IMODE(os.fstat(f.fileno()).st_mode)
        self.data(path, data, mode)

    def write(self, out):
        # The tools of the guest expect a parent before what is in it.
        for ino, path in enumerate(sorted(self._entries), start=1):
            self._write_entry(out, ino, path, *self._entries[path])
        self._write_entry(out, 0, "TRAILER!!!", 0, b"")

    @staticmethod
    def _write_entry(out, ino, path, mode, data):
        name = path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (ino, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
        header = b"070701" + b"".join(b"%08x" % n for n in fields)
        out.write(header + name + b"\0" * (-(len(header) + len(name)) % 4))
        out.write(data + b"\0" * (-len(data) % 4))
