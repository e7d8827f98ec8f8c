# SPDX-License-Identifier: MIT
"""Tests of setup, the makefiles and installing, in whatever environment they are called."""

import glob
import os
import shutil
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


def names_in(folder):
    return {os.path.basename(path) for path in everything_in(folder)}


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
        found = names_in(destination)
        expect({"libtrn.so", "libtrn.pc", "trnctl", "trn.h", "trn_prep.h", "trn_accel.h",
                "trn_ring.h", "60-trn.rules", "trn.4"} <= found, f"installed are {found}")


def installing_builds_library_and_tools_alone():
    with checkout() as tree:
        shutil.rmtree(tree.path("uapi"))
        for part in ("libtrn", "uapi", "driver/Documentation"):
            shutil.copytree(f"{TOP}/{part}", tree.path(part))
        code, out, err = tree.run("make", "install", f"DESTDIR={tree.path('to')}")
        expect(code == 0, f"status {code}: {out}{err}")
        expect({"libtrn.so", "trnctl"} <= names_in(tree.path("to")), f"too little: {out}")
        built = set(os.listdir(tree.path("build")))
        expect(built == {"deps", "libtrn", "trnctl"}, f"built are {built}")


def uninstalling_removes_what_was_installed():
    """All of it, and nothing of others in the same folders."""
    with tempfile.TemporaryDirectory() as top:
        make("install", f"DESTDIR={top}", "PREFIX=/p")
        others = set()
        for folder in {os.path.dirname(path) for path in everything_in(top)}:
            others.add(f"{folder}/other")
            with open(f"{folder}/other", "w", encoding="ascii"):
                pass
        make("uninstall", f"DESTDIR={top}", "PREFIX=/p")
        left = {path for path in everything_in(top) if not os.path.isdir(path)}
        expect(left == others, f"left are {left - others}, missing are {others - left}")


def library_goes_where_the_loader_looks():
    architecture = subprocess.run(["cc", "-print-multiarch"], text=True, check=True,
                                  stdout=subprocess.PIPE).stdout.strip()
    usual = "/p/lib"
    if architecture and os.path.isdir(f"/usr/lib/{architecture}"):
        usual += f"/{architecture}"
    for variables, libdir in (((), usual), (("LIBDIR=/q/l",), "/q/l")):
        with tempfile.TemporaryDirectory() as top:
            make("install", f"DESTDIR={top}", "PREFIX=/p", *variables)
            expect(os.path.exists(f"{top}{libdir}/libtrn.so.0"), f"it is not in {libdir}")
            with open(f"{top}{libdir}/pkgconfig/libtrn.pc", encoding="ascii") as f:
                expect(f"libdir={libdir}\n" in f.readlines(), f"libtrn.pc has no {libdir}")


def rule_of_udev_is_of_our_devices():
    with open(f"{TOP}/libtrn/udev/60-trn.rules", encoding="ascii") as f:
        rule = [line for line in f if not line.startswith("#")]
    expect(rule == ['SUBSYSTEM=="accel", DRIVERS=="trn", GROUP="render", MODE="0660"\n'], rule)


def installed(top):
    """An environment for the files installed in top/p, whose libraries root's loader knows."""
    write_script(f"{top}/ldconfig", f"echo told >>{top}/told")
    out = make("install", f"PREFIX={top}/p", f"LIBDIR={top}/p/l", f"LDCONFIG={top}/ldconfig",
               "UDEVADM=true")
    if os.getuid() == 0:
        expect(os.path.exists(f"{top}/told"), "the loader was not told")
    else:
        expect("ldconfig" in out, f"no word of ldconfig: {out}")
    expect("LD_LIBRARY_PATH" in out, f"no word of the folder: {out}")
    return {**os.environ, "PKG_CONFIG_PATH": f"{top}/p/l/pkgconfig",
            "LD_LIBRARY_PATH": f"{top}/p/l"}


def example_builds_and_runs_after_install():
    with tempfile.TemporaryDirectory() as top:
        env = installed(top)
        subprocess.run(f"cc -o {top}/copy {TOP}/libtrn/examples/copy.c "
                       "$(pkg-config --cflags --libs libtrn)", shell=True, check=True, env=env)
        result = subprocess.run([f"{top}/copy"], text=True, stderr=subprocess.PIPE, env=env,
                                check=False)
        expect(result.returncode == 1 and result.stderr.startswith("open: "), result.stderr)


def installed_headers_of_the_kernel_interface_compile():
    with tempfile.TemporaryDirectory() as top:
        env = installed(top)
        for header in ("trn_accel.h", "trn_ring.h"):
            result = subprocess.run("cc -Wall -Werror -x c -c -o /dev/null "
                                    "$(pkg-config --cflags libtrn) -", shell=True, text=True,
                                    input=f"#include <drm/{header}>\n", env=env, check=False,
                                    stderr=subprocess.PIPE)
            expect(result.returncode == 0, f"{header}: {result.stderr}")


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
         installing_copies_what_was_built, installing_builds_library_and_tools_alone,
         uninstalling_removes_what_was_installed, library_goes_where_the_loader_looks,
         rule_of_udev_is_of_our_devices, example_builds_and_runs_after_install,
         installed_headers_of_the_kernel_interface_compile,
         kvm_that_may_not_be_opened_is_told_once)
