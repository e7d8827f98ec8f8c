# SPDX-License-Identifier: MIT
"""Tests of setup, the makefiles and installing, in whatever environment they are called."""

import glob
import os
import subprocess
import sys
import tempfile

from cases import expect, expect_failure
from checkout import HOSTILE, checkout
from tree import BUILD, TOP

KVM_TEST = """
import codecs, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from trnvm import kvm
folder = sys.argv[2]
codecs.lookup("ascii")  # loaded while its file may be read
kvm.NODE = os.path.join(folder, "kvm")
if os.getuid() == 0:
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
print(kvm.choose("/no/such", folder, folder))
"""


def write_script(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o755)


def environment_changes_no_build():
    """cron's has no HOME; those of other builds have much."""
    with checkout() as tree:
        code, out, err = tree.run("sh", "-c", "umask 077; make -j8 O=/no/such modules",
                                  variables=HOSTILE, without=["HOME"])
        expect(code == 0, f"status {code}: {out}{err}")
        expect("jobserver" not in out + err, f"a word of the job server: {err}")
        built = glob.glob(tree.path("build/modules/*/trn.ko"))
        expect(len(built) == 1, f"{built} were built: {err}")
        expect(os.stat(built[0]).st_mode & 0o777 == 0o644, "others may not read it")


def places_with_a_space_are_refused_in_a_sentence():
    with checkout("my trn") as tree:
        expect_failure(tree.run("make", "lib"), 2, "has a space")
        expect_failure(tree.run("tools/setup/setup", "module-stock"), 1, "has a space")
    with checkout() as tree:
        expect_failure(tree.run("tools/setup/setup", "linux", variables={
            "TRN_CACHE": tree.path("my cache")}), 1, "has a space", "TRN_CACHE")
        expect(not os.path.exists(tree.path("my cache")), "it began all the same")


def relative_folders_are_of_the_caller():
    with checkout() as tree:
        code, out, err = tree.run("bash", "-c", '. tools/setup/common.sh; echo "$CACHE $BUILD"',
                                  variables={"TRN_CACHE": "some/cache", "TRN_BUILD": "b"})
        wanted = f"{tree.path('some/cache')}/v1 {tree.path('b')}"
        expect(out.strip() == wanted, f"status {code}: {out}{err}")


def command_of_make_vm_arrives_as_it_was():
    command = 'for i in 1 2; do echo "$i" $$ $(nproc) ${x} $(error no)\n done; it\'s ${'
    for by in ("argument", "environment"):
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "vm")
            write_script(script, 'printf "<%s>" "$@"')
            # A make below, which would expand the variable once more.
            argv = ["make", "-s", "-C", TOP, "-o", "guest", "uninstall", "vm",
                    f"TRN_VM={script}", f"DESTDIR={folder}"]
            env = dict(os.environ)
            if by == "argument":
                argv.append(f"CMD={command}")
            else:
                env["CMD"] = command
            result = subprocess.run(argv, env=env, text=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, check=False)
            wanted = f"<--><sh><-c><{command}>"
            expect(result.returncode == 0 and result.stdout.endswith(wanted),
                   f"{by}: status {result.returncode}: {result.stdout}")


def make(target, *variables, umask=0o022, env=()):
    result = subprocess.run(["make", "-C", TOP, target, *variables], text=True,
                            env={**os.environ, **dict(env)}, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            preexec_fn=lambda: os.umask(umask))
    expect(result.returncode == 0, f"make {target}: {result.stdout}")
    return result.stdout


def everything_in(folder):
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield os.path.join(parent, name)


def installing_copies_what_was_built():
    """For all users, whatever the umask; nothing is fetched, nothing is built."""
    def state():
        return {path: (os.lstat(path).st_mtime_ns, os.lstat(path).st_uid)
                for part in ("libtrn", "trnctl") for path in everything_in(f"{BUILD}/{part}")}

    with tempfile.TemporaryDirectory() as top:
        destination, cache = os.path.join(top, "my root"), os.path.join(top, "cache")
        os.mkdir(destination, 0o755)
        before = state()
        make("install", f"DESTDIR={destination}", umask=0o077,
             env={"TRN_CACHE": cache, "LDCONFIG": "false"})
        expect(state() == before, "build/ has changed")
        expect(not os.path.exists(cache), "setup was run")
        for path in everything_in(destination):
            mode = os.lstat(path).st_mode
            expect(os.path.islink(path) or mode & 0o004, f"{path} has mode {mode:o}")
        found = {os.path.basename(path) for path in everything_in(destination)}
        expect({"libtrn.so", "libtrn.pc", "trnctl", "trn.h", "60-trn.rules", "trn.4"} <= found,
               f"installed are {found}")
        make("uninstall", f"DESTDIR={destination}")
        left = [path for path in everything_in(destination) if not os.path.isdir(path)]
        expect(not left, f"left are {left}")


def rule_of_udev_is_of_our_devices():
    with open(f"{TOP}/libtrn/udev/60-trn.rules", encoding="ascii") as f:
        rule = [line for line in f if not line.startswith("#")]
    expect(rule == ['SUBSYSTEM=="accel", DRIVERS=="trn", GROUP="render", MODE="0660"\n'], rule)


def example_builds_and_runs_after_install():
    with tempfile.TemporaryDirectory() as top:
        write_script(f"{top}/ldconfig", f"echo told >>{top}/told")
        out = make("install", f"PREFIX={top}/p", f"LDCONFIG={top}/ldconfig", "UDEVADM=true")
        if os.getuid() == 0:
            expect(os.path.exists(f"{top}/told"), "the loader was not told")
        else:
            expect("ldconfig" in out, f"no word of ldconfig: {out}")
        expect("LD_LIBRARY_PATH" in out, f"no word of the folder: {out}")
        env = {**os.environ, "PKG_CONFIG_PATH": f"{top}/p/lib/pkgconfig",
               "LD_LIBRARY_PATH": f"{top}/p/lib"}
        subprocess.run(f"cc -o {top}/copy {TOP}/libtrn/examples/copy.c "
                       "$(pkg-config --cflags --libs libtrn)", shell=True, check=True, env=env)
        result = subprocess.run([f"{top}/copy"], text=True, stderr=subprocess.PIPE, env=env,
                                check=False)
        expect(result.returncode == 1 and result.stderr.startswith("open: "), result.stderr)


def kvm_that_may_not_be_opened_is_told_once():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "kvm"), "w", encoding="ascii"):
            pass
        os.chmod(os.path.join(folder, "kvm"), 0)
        said = []
        for _ in range(2):
            result = subprocess.run(
                [sys.executable, "-I", "-c", KVM_TEST, f"{TOP}/tools/vm", folder], text=True,
                env={**os.environ, "TRN_ACCEL": "auto"}, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, check=False)
            expect(result.stdout == "tcg\n", f"it chose {result.stdout}: {result.stderr}")
            said.append(result.stderr)
    expect("Permission denied" in said[0] and "group" in said[0], f"said was {said[0]!r}")
    expect(not said[1], f"said again: {said[1]!r}")


TESTS = (environment_changes_no_build, places_with_a_space_are_refused_in_a_sentence,
         relative_folders_are_of_the_caller, command_of_make_vm_arrives_as_it_was,
         installing_copies_what_was_built, rule_of_udev_is_of_our_devices,
         example_builds_and_runs_after_install, kvm_that_may_not_be_opened_is_told_once)
