# SPDX-License-Identifier: MIT
"""Contents of the guest: kernel, modules, programs, the command to run."""

import os
import re
import shlex
import subprocess

from . import VmError
from .cpio import Archive

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST_SCRIPTS = os.path.join(HERE, os.pardir, "guest")
GUEST_LIBDIR = "/usr/lib/trn"

# Folders over which /init mounts something.
MOUNTED = ("/proc", "/sys", "/dev", "/tmp")

# Modules that the tests want besides trn.ko and its dependencies.
EXTRA_MODULES = ("vgem",)


class Kernel:
    """A bootable kernel image and the folder of its modules, if it has one."""

    def __init__(self, image, release, modules):
        self.image = image
        self.release = release
        self.modules = modules

    @classmethod
    def from_folder(cls, folder):
        """A folder that tools/setup made: image, release, modules/."""
        try:
            with open(os.path.join(folder, "release"), encoding="ascii") as f:
                release = f.read().strip()
        except OSError as err:
            raise VmError(f"no kernel in {folder}: run 'make setup' first") from err
        return cls(os.path.join(folder, "image"), release, os.path.join(folder, "modules"))

    @classmethod
    def from_image(cls, image):
        """A kernel of the user's own: a bzImage, or a vmlinux with PVH entry."""
        release = image_release(image)
        for root in ("/lib/modules", os.path.join(os.path.dirname(image), "../lib/modules")):
            modules = os.path.join(root, release)
            if os.path.exists(os.path.join(modules, "modules.dep")):
                return cls(image, release, modules)
        return cls(image, release, None)


def image_release(path):
    """Read the release, as "uname -r" prints it, out of a kernel image."""
    try:
        with open(path, "rb") as f:
            head = f.read(0x1000)
            if head[0x202:0x206] == b"HdrS":
                # Documentation/arch/x86/boot.rst: kernel_version, relative to 0x200.
                f.seek(int.from_bytes(head[0x20e:0x210], "little") + 0x200)
                return f.read(128).split(b"\0")[0].split(b" ")[0].decode(errors="replace")
            match = re.search(rb"Linux version (\S+) ", head + f.read())
    except OSError as err:
        raise VmError(f"cannot read the kernel {path}: {err.strerror}") from err
    if not match:
        raise VmError(f"{path} is not a Linux kernel for x86 (a bzImage or a vmlinux)")
    return match.group(1).decode(errors="replace")


def modinfo(path, key):
    """The value of one field of a module's .modinfo section."""
    with open(path, "rb") as f:
        match = re.search(rb"\0" + key.encode() + rb"=([^\0]*)\0", f.read())
    return match.group(1).decode() if match else ""


def module_name(path):
    return re.sub(r"\.ko(\.\w+)?$", "", os.path.basename(path)).replace("-", "_")


def read_module(path):
    """The bytes of a module, whatever it is compressed with."""
    tool = {".xz": "xz", ".zst": "zstd", ".gz": "gzip"}.get(os.path.splitext(path)[1])
    if not tool:
        with open(path, "rb") as f:
            return f.read()
    result = subprocess.run([tool, "-dc", path], check=False, stdout=subprocess.PIPE)
    if result.returncode:
        raise VmError(f"cannot unpack {path}: {tool} ended with status {result.returncode}")
    return result.stdout


class Image:
    """The initramfs under construction."""

    def __init__(self, busybox, library_path):
        self.archive = Archive()
        self.library_path = library_path
        self._add_busybox(busybox)
        for folder in ("proc", "sys", "dev", "tmp", "root", "run", "etc"):
            self.archive.mkdir(folder)
        # "user" is of the group that udev's rule lets use the device, "nobody" is not.
        self.archive.text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                          "user:x:1000:1000:user:/:/bin/sh\n"
                          "nobody:x:65534:65534:nobody:/:/bin/sh\n")
        self.archive.text("/etc/group", "root:x:0:\nrender:x:105:user\nuser:x:1000:\n"
                          "nogroup:x:65534:\n")
        for name in sorted(os.listdir(GUEST_SCRIPTS)):
            path = "/init" if name == "init" else os.path.join(GUEST_LIBDIR, name)
            self.archive.file(path, os.path.join(GUEST_SCRIPTS, name), 0o755)

    def _add_busybox(self, busybox):
        if not os.path.exists(busybox):
            raise VmError(f"there is no {busybox}: run 'make setup' first")
        self.archive.file("/bin/busybox", busybox, 0o755)
        result = subprocess.run([busybox, "--list"], check=False, text=True,
                                stdout=subprocess.PIPE)
        applets = result.stdout.split()
        if not applets:
            raise VmError(f"{busybox} does not run: status {result.returncode}")
        for applet in applets:
            if applet != "busybox":
                self.archive.symlink("/bin/" + applet, "busybox")
        self.archive.symlink("/sbin", "bin")

    def add_modules(self, kernel, trn_ko, names=()):
        """trn.ko if given, those of the kernel's by name, and everything that they need."""
        root = f"/lib/modules/{kernel.release}"
        self.archive.mkdir(root)
        known = self._known_modules(kernel)
        depends = {}
        wanted = [name for name in EXTRA_MODULES if name in known]
        for name in names:
            if name not in known:
                raise VmError(f"--module: kernel {kernel.release} has no module {name} here")
            wanted.append(name)
        if trn_ko:
            depends["updates/trn.ko"] = [n for n in modinfo(trn_ko, "depends").split(",") if n]
            self.archive.file(f"{root}/updates/trn.ko", trn_ko, 0o644)
            wanted += depends["updates/trn.ko"]
        while wanted:
            name = wanted.pop().replace("-", "_")
            if name not in known:
                continue  # built into the kernel
            path, needs = known[name]
            plain = re.sub(r"\.ko\.\w+$", ".ko", path)
            if plain in depends:
                continue
            depends[plain] = needs
            wanted += needs
            data = read_module(os.path.join(kernel.modules, path))
            self.archive.data(f"{root}/{plain}", data)
        self.archive.text(f"{root}/modules.dep", modules_dep(depends))

    @staticmethod
    def _known_modules(kernel):
        """{name: (path, [names it needs])} from modules.dep."""
        known = {}
        if not kernel.modules:
            return known
        dep_file = os.path.join(kernel.modules, "modules.dep")
        if not os.path.exists(dep_file):
            return known
        with open(dep_file, encoding="ascii") as f:
            for line in f:
                path, _, needs = line.partition(":")
                known[module_name(path)] = (path, [module_name(n) for n in needs.split()])
        return known

    def add_program(self, source, path):
        """A host file, with the loader and the libraries it needs if it is a program."""
        if not os.path.isfile(source):
            raise VmError(f"--add: there is no file {source}")
        if any(f"{os.path.normpath(path)}/".startswith(f"{mount}/") for mount in MOUNTED):
            raise VmError(f"--add: {path} would be hidden: the guest mounts {', '.join(MOUNTED)}")
        if path.endswith("/") or self.archive.is_folder(path):
            raise VmError(f"--add: {path} is a folder of the guest")
        self.archive.file(path, source)
        for name, library in self._libraries(source):
            target = name if name.startswith("/lib") else f"/usr/lib/{os.path.basename(name)}"
            if target not in self.archive:
                self.archive.file(target, library, 0o755)

    def _libraries(self, source):
        """(name, host path) of the loader and of every shared library."""
        with open(source, "rb") as f:
            if f.read(4) != b"\x7fELF":
                return
        # Other libraries that the host preloads are not the program's.
        env = {"PATH": os.defpath, "LD_LIBRARY_PATH": self.library_path}
        result = subprocess.run(["ldd", os.path.abspath(source)], env=env, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in os.fsdecode(result.stdout).split("\n"):
            name, arrow, found = line.strip().partition(" => ")
            host_path = re.sub(r" \(0x[0-9a-f]+\)$", "", found if arrow else name)
            if found == "not found":
                raise VmError(f"{source} needs {name}, which this machine does not have")
            if host_path.startswith("/"):
                yield (os.path.basename(name) if arrow else host_path), host_path

    def set_command(self, argv):
        self.archive.text("/etc/trn/command", "exec " + shlex.join(argv) + "\n", 0o755)

    def set_options(self, options):
        """Shell variables for /init."""
        lines = "".join(f"{key}={shlex.quote(str(value))}\n" for key, value in options.items())
        self.archive.text("/etc/trn/options", lines)

    def write(self, path):
        try:
            with open(path, "wb") as out:
                self.archive.write(out)
        except OSError as err:
            raise VmError(f"cannot write {path}: {err.strerror}") from err


def modules_dep(depends):
    """Text of modules.dep, where a line names all dependencies, nearest first."""
    by_name = {module_name(path): path for path in depends}

    def closure(path, seen):
        for need in depends[path]:
            target = by_name.get(need.replace("-", "_"))
            if target and target not in seen:
                seen.append(target)
                closure(target, seen)
        return seen

    # Deeper ones come later on the line; a module must follow its users.
    lines = []
    for path in depends:
        order = closure(path, [])
        order.sort(key=lambda p: -len(closure(p, [])))
        lines.append(f"{path}: {' '.join(order)}".rstrip() + "\n")
    return "".join(lines)
