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

    def is_folder(self, path):
        mode, _ = self._entries.get(os.path.normpath(path).lstrip("/"), (0, b""))
        return stat.S_ISDIR(mode)

    def _add(self, path, mode, data):
        path = os.path.normpath(path).lstrip("/")
        parent = os.path.dirname(path)
        if parent and parent not in self._entries:
            self.mkdir(parent)
        self._entries[path] = (mode, data)

    def mkdir(self, path, mode=0o755):
        self._add(path, stat.S_IFDIR | mode, b"")

    def symlink(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, os.fsencode(target))

    def data(self, path, content, mode=0o644):
        self._add(path, stat.S_IFREG | mode, content)

    def text(self, path, content, mode=0o644):
        self.data(path, os.fsencode(content), mode)

    def file(self, path, source, mode=None):
        """A host file. All users of the guest may read it, whatever the host's umask was."""
        with open(source, "rb") as f:
            data = f.read()
            if mode is None:
                executable = os.fstat(f.fileno()).st_mode & stat.S_IXUSR
                mode = 0o755 if executable else 0o644
        self.data(path, data, mode)

    def write(self, out):
        # The tools of the guest expect a folder before its files.
        for ino, path in enumerate(sorted(self._entries), start=1):
            self._write_entry(out, ino, path, *self._entries[path])
        self._write_entry(out, 0, "TRAILER!!!", 0, b"")

    @staticmethod
    def _write_entry(out, ino, path, mode, data):
        name = os.fsencode(path) + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (ino, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
        header = b"070701" + b"".join(b"%08x" % n for n in fields)
        out.write(header + name + b"\0" * (-(len(header) + len(name)) % 4))
        out.write(data + b"\0" * (-len(data) % 4))
