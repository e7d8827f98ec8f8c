# SPDX-License-Identifier: MIT
"""Tests of trn-vm in odd places: paths, signals, refusals of the system, users."""

import os
import resource
import signal
import subprocess
import tempfile

from cases import PATIENCE, expect, expect_failure, wait_for
from tree import BUILD, TRN_VM
from vm_run import BARE, SMALL, background, trn_vm


def any_path_will_do():
    """With commas, spaces, bytes that are no UTF-8, longer than a socket's may be."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "a,b c\udcff" + "d" * 120)
        os.mkdir(folder)
        log, errors, program = (os.path.join(folder, name) for name in ("l,og", "err,ors", "p q"))
        os.symlink("/usr/bin/xz", program)
        os.symlink(BUILD, os.path.join(top, "my build"))
        qmp = os.path.join(top, "q,m p")
        code, out, err = trn_vm(
            *SMALL, "--log", log, "--qemu-log", errors, "--qmp", qmp, "--add",
            f"{program}:/usr/bin/real xz", "--", "/usr/bin/real xz", "--version",
            TMPDIR=folder, TRN_BUILD=os.path.join(top, "my build"))
        expect(code == 0 and "liblzma" in out, f"exit status {code}: {out}{err}")
        expect(os.path.getsize(log) > 0, "the log is empty")
        expect(sorted(os.listdir(folder)) == ["err,ors", "l,og", "p q"],
               f"left behind: {os.listdir(folder)}")
        expect(len(os.listdir(top)) == 2, f"left behind: {os.listdir(top)}")


def library_in_a_folder_with_a_space_is_found():
    with tempfile.TemporaryDirectory() as top:
        os.symlink(BUILD, os.path.join(top, "my build"))
        code, out, err = trn_vm(*SMALL, "--", "trnctl", "--version",
                                TRN_BUILD=os.path.join(top, "my build"))
        expect(code == 0 and "trnctl" in out, f"exit status {code}: {out}{err}")


def signals_leave_nothing_behind():
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        with tempfile.TemporaryDirectory() as top:
            log, qmp = os.path.join(top, "log"), os.path.join(top, "qmp")
            with background(*SMALL, "--log", log, "--qmp", qmp, "--", "sleep", "1000",
                            TMPDIR=top) as (process, qemu):
                wait_for(lambda: os.path.exists(qmp), "QEMU's socket")
                process.send_signal(number)
                _, err = process.communicate(timeout=PATIENCE)
                expect(process.returncode == 128 + number,
                       f"{number.name}: status {process.returncode}: {err}")
                expect(not os.path.exists(f"/proc/{qemu}"), f"{number.name}: QEMU is left")
            expect(os.listdir(top) == ["log"], f"{number.name}: left are {os.listdir(top)}")


def ignored_signals_stay_ignored():
    """As under nohup."""
    with tempfile.TemporaryDirectory() as top:
        qmp = os.path.join(top, "qmp")
        process = subprocess.Popen(
            ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", TRN_VM, *SMALL, "--qmp", qmp, "--",
             "sh", "-c", "exit 9"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_for(lambda: os.path.exists(qmp), "QEMU's socket")
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=PATIENCE)
        expect(process.returncode == 9, f"status {process.returncode}: {err}")


def limited(limit, value, *args):
    """trn-vm under a limit of the system."""
    result = subprocess.run([TRN_VM, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
                            preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
    return result.returncode, result.stdout, result.stderr


def what_the_system_refuses_is_told():
    expect_failure(trn_vm(*SMALL, "--log", "/no/such/dir/x", "--", "true"),
                   125, "trn-vm: ", "/no/such/dir/x", "No such file")
    expect_failure(trn_vm(*SMALL, "--log", "/dev/stdout", "--", "true"), 125, "plain file")
    expect_failure(trn_vm(*SMALL, "--qmp", f"/tmp/{'q' * 120}", "--", "true"), 125, "too long")
    expect_failure(limited(resource.RLIMIT_FSIZE, 1 << 16, *SMALL, "--", "true"),
                   125, "trn-vm: ", "cannot write", "File too large")
    expect_failure(limited(resource.RLIMIT_NOFILE, 6, *SMALL, "--", "true"),
                   125, "trn-vm: ", "Too many open files")
    expect_failure(trn_vm(*SMALL, "--", "true", QEMU="/etc"), 125, "trn-vm: ", "/etc")
    expect_failure(trn_vm(*SMALL, "--", "true", TRN_BUILD="/no/such"), 125, "make setup")


def output_of_options_may_fail():
    with open("/dev/full", "wb") as full:
        for args in (["--help"], ["--dry-run", *BARE, "--", "true"]):
            result = subprocess.run([TRN_VM, *args], stdin=subprocess.DEVNULL, stdout=full,
                                    stderr=subprocess.PIPE, text=True, check=False)
            expect_failure((result.returncode, "", result.stderr), 125, "No space left")


def another_python_may_be_first_in_the_path():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("python3", "python"):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="ascii") as f:
                f.write("#!/bin/sh\nexit 99\n")
            os.chmod(path, 0o755)
        code, out, err = trn_vm(*BARE, "--dry-run", "--", "true", PYTHONHOME="/no/such",
                                PATH=f"{folder}:{os.environ['PATH']}", PYTHONPATH=folder)
        expect(code == 0 and "-kernel" in out, f"exit status {code}: {out}{err}")


def members_of_the_group_may_use_the_device():
    code, out, err = trn_vm("--", "sh", "-c", "su user -c 'trnctl info' && "
                            "! su nobody -s /bin/sh -c 'trnctl info'")
    expect(code == 0, f"exit status {code}: {out}{err}")
    expect("group 'render'" in err, f"no word of the group: {err}")


def a_host_that_hides_new_files_makes_no_difference():
    """umask 077: other users of the guest run programs that root has built."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        with open(program, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho hi\n")
        os.chmod(program, 0o700)
        code, out, err = trn_vm(*SMALL, "--add", f"{program}:/usr/bin/program", "--",
                                "su", "nobody", "-c", "/usr/bin/program")
        expect((code, out) == (0, "hi\n"), f"exit status {code}: {out}{err}")


TESTS = (any_path_will_do, library_in_a_folder_with_a_space_is_found,
         signals_leave_nothing_behind, ignored_signals_stay_ignored,
         what_the_system_refuses_is_told, output_of_options_may_fail,
         another_python_may_be_first_in_the_path, members_of_the_group_may_use_the_device,
         a_host_that_hides_new_files_makes_no_difference)
