# SPDX-License-Identifier: MIT
"""Checkouts for the tests of setup, lint and makefiles, with a driver of two files."""

import contextlib
import os
import shutil
import subprocess
import tempfile

from cases import PATIENCE
from tree import BUILD, TOP

# Variables of a caller's environment, all of them meant for other programs.
HOSTILE = {
    "CDPATH": ".:/tmp", "KBUILD_OUTPUT": "/no/such/k", "ARCH": "arm64", "SUBARCH": "arm64",
    "CROSS_COMPILE": "aarch64-linux-gnu-", "KCFLAGS": "-nonsense", "CC": "no-such-compiler",
    "CFLAGS": "-nonsense", "O": "/no/such/o", "M": "/no/such/m", "LLVM": "1",
    "MAKEFLAGS": " -j8 -- O=/no/such/o", "GREP_OPTIONS": "--nonsense", "GIT_DIR": "/no/such",
    "TAR_OPTIONS": "--nonsense", "BASH_ENV": "/no/such", "POSIXLY_CORRECT": "1",
    "PYTHONHOME": "/no/such", "PYTHONPATH": "/no/such", "LD_PRELOAD": "/no/such.so",
    "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "BASH_FUNC_cp%%": "() { exit 99; }",
}
SOURCES = {
    "driver/Makefile": "obj-m := trn.o\ntrn-y := trn_a.o trn_b.o\n",
    "driver/trn_a.c": "#include <linux/module.h>\n\nMODULE_DESCRIPTION(\"a test\");\n"
                      "MODULE_LICENSE(\"GPL\");\n",
    "driver/trn_b.c": "#include <linux/types.h>\n\nint trn_b(void);\n\nint trn_b(void)\n{\n"
                      "\treturn 0;\n}\n",
    "driver/base/trn_compat.h": "\n",
    "uapi/drm/trn.h": "\n",
}


class Checkout:
    """A copy of the tools and makefiles in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("Makefile", "Kbuild", ".gitignore"):
            shutil.copy(os.path.join(TOP, name), folder)
        shutil.copytree(os.path.join(TOP, "tools"), os.path.join(folder, "tools"))
        for name, text in SOURCES.items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            self.write(name, text)
        os.makedirs(self.path("build"))
        os.symlink(os.path.join(BUILD, "deps"), self.path("build/deps"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def append(self, name, text):
        with open(self.path(name), "a", encoding="utf-8") as f:
            f.write(text)

    def run(self, *argv, variables=(), without=()):
        """(status, stdout, stderr) with a changed environment."""
        env = {**os.environ, "TRN_BUILD": self.path("build"), **dict(variables)}
        for name in without:
            env.pop(name, None)
        result = subprocess.run(argv, cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                errors="replace", timeout=3 * PATIENCE, check=False)
        return result.returncode, result.stdout, result.stderr

    def git(self, *args):
        subprocess.run(["git", "-C", self.folder, "-c", "user.name=t", "-c", "user.email=t@t",
                        *args], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def checkout(name="trn"):
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, name)
        os.mkdir(folder)
        yield Checkout(folder)
