# SPDX-License-Identifier: MIT
"""Tests of trn-vm itself: its output, its status, and the files that it leaves."""

import json
import os
import re
import signal
import socket
import tempfile
import time

from cases import PATIENCE, expect, expect_failure, wait_for
from vm_run import BARE, background, trn_vm


def first_boot_finds_its_accelerator():
    """It may say on stderr that it tries KVM; later boots know and say nothing."""
    code, out, err = trn_vm(*BARE, "--", "true")
    expect(code == 0, f"exit status {code}: {err}")
    expect(not out, f"stdout was {out!r}")


def command_has_its_own_channels():
    code, out, err = trn_vm(*BARE, "--", "sh", "-c", "cat; echo out; echo err >&2; exit 7",
                            stdin="from stdin\n")
    expect(code == 7, f"exit status {code}: {err}")
    expect(out == "from stdin\nout\n", f"stdout was {out!r}")
    expect(err == "err\n", f"stderr was {err!r}")


def a_mebibyte_of_bytes_comes_out_whole():
    code, out, err = trn_vm(*BARE, "--", "sh", "-c",
                            "seq 1 200000 | tee /tmp/numbers; md5sum </tmp/numbers >&2")
    expect(code == 0, f"exit status {code}: {err}")
    expect(out == "".join(f"{n}\n" for n in range(1, 200001)), "the output differs")


def panic_is_told():
    expect_failure(trn_vm(*BARE, "--", "sh", "-c", "echo c >/proc/sysrq-trigger"),
                   125, "kernel panicked", "sysrq triggered crash", "end of the guest's log")


def boot_without_init_is_told():
    expect_failure(trn_vm(*BARE, "--append", "rdinit=/nothing", "--", "true"),
                   125, "kernel panicked", "Unable to mount root")


def poweroff_before_the_end_is_told():
    expect_failure(trn_vm(*BARE, "--", "poweroff", "-f"), 125, "before its command had ended")


def hang_ends_at_the_timeout():
    start = time.monotonic()
    expect_failure(trn_vm(*BARE, "--timeout", "20", "--", "sleep", "1000"), 124, "within 20 s")
    expect(time.monotonic() - start < 60, "it took far longer than its timeout")


def refused_qemu_argument_is_told():
    expect_failure(trn_vm(*BARE, "--qemu=-device nonsense", "--", "true"), 125, "nonsense")


def crash_of_qemu_is_told():
    with background(*BARE, "--", "sleep", "1000") as (process, qemu):
        os.kill(qemu, signal.SIGSEGV)
        _, stderr = process.communicate(timeout=PATIENCE)
        expect_failure((process.returncode, "", stderr), 125, "QEMU", "SIGSEGV")


def killed_launcher_leaves_no_qemu():
    with tempfile.TemporaryDirectory() as folder, \
         background(*BARE, "--", "sleep", "1000", TMPDIR=folder) as (process, qemu):
        process.kill()
        process.communicate(timeout=PATIENCE)
        wait_for(lambda: not os.path.exists(f"/proc/{qemu}"), "QEMU to end")


def qmp_answers():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "qmp")
        with background(*BARE, "--qmp", path, "--", "sleep", "1000"):
            wait_for(lambda: os.path.exists(path), "the socket")
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(path)
                greeting = json.loads(sock.makefile().readline())
                expect("QMP" in greeting, f"greeting was {greeting}")


def dry_run_prints_the_command():
    code, out, err = trn_vm("--dry-run", "--device", "trn3,hbm-size=8G", "--append", "quiet",
                            "--mem", "3G", "--smp", "1", "--qemu=-snapshot", "--", "true")
    expect(code == 0, err)
    for word in ("trn3,hbm-size=8G", "quiet", "-m 3072", "-smp 1", "-snapshot"):
        expect(word in out, f"'{word}' is not in: {out}")


def no_driver_leaves_the_device_alone():
    code, out, err = trn_vm("--no-driver", "--", "sh", "-c",
                            "cat /sys/bus/pci/devices/*/device; ls /sys/module; ls /dev/accel")
    expect("0x7564" in out, f"no device: {out}{err}")
    expect("\ntrn\n" not in out and "accel0" not in out, "the driver is there")
    expect(code != 0, "/dev/accel exists")


def added_program_runs_with_its_libraries():
    code, out, err = trn_vm(*BARE, "--add", "/usr/bin/xz:/usr/bin/real-xz", "--",
                            "/usr/bin/real-xz", "--version")
    expect(code == 0 and "liblzma" in out, f"{code} {out}{err}")


def named_module_is_there_to_load():
    code, out, err = trn_vm(*BARE, "--module", "nvme", "--", "sh", "-c",
                            "modprobe nvme && ls /sys/module")
    expect(code == 0, f"exit status {code}: {err}")
    expect({"nvme", "nvme_core"} <= set(out.split()), f"modules: {out.split()}")
    expect_failure(trn_vm(*BARE, "--module", "nothing", "--", "true"), 125, "no module nothing")


def icount_makes_time_of_instructions():
    """One a nanosecond: the guest finds a processor of 1000 MHz, whatever the host has."""
    code, out, err = trn_vm(*BARE, "--smp", "1", "--icount", "0", "--", "dmesg")
    expect(code == 0, f"exit status {code}: {err}")
    expect(re.search(r"tsc: Detected (999|1000)\.\d+ MHz", out), "a tick is not a nanosecond")


def nonsense_is_refused():
    expect_failure(trn_vm("--mem", "lots", "--", "true"), 125, "--mem", "lots")
    expect_failure(trn_vm("--add", "/etc/passwd", "--", "true"), 125, "FILE:/PATH")
    expect_failure(trn_vm("--add", "/no/such:/file", "--", "true"), 125, "/no/such")
    expect_failure(trn_vm("--kernel", "/etc/passwd", "--", "true"), 125, "not a Linux kernel")
    expect_failure(trn_vm("--nonsense"), 2, "--nonsense")
    expect_failure(trn_vm("--icount", "11"), 2, "--icount")
    expect_failure(trn_vm("--timeout", "-5", "--", "true"), 2, "--timeout")
    expect_failure(trn_vm("--mem", "100K", "--", "true"), 125, "--mem", "at least 64M")
    expect_failure(trn_vm("--qemu", "-name 'x", "--", "true"), 125, "--qemu", "quot")
    expect_failure(trn_vm("--add", "/bin/true:/tmp/x", "--", "true"), 125, "hidden")
    expect_failure(trn_vm("--add", "/bin/true:/bin", "--", "true"), 125, "a folder")
    expect_failure(trn_vm(), 125, "terminal")


def too_many_devices_are_refused():
    devices = ["--device", "trn3,hbm-size=4T"] * 16
    expect_failure(trn_vm(*devices, "--dry-run", "--", "true"), 125, "address space")


TESTS = (first_boot_finds_its_accelerator, command_has_its_own_channels,
         a_mebibyte_of_bytes_comes_out_whole, panic_is_told, boot_without_init_is_told,
         poweroff_before_the_end_is_told, hang_ends_at_the_timeout,
         refused_qemu_argument_is_told, crash_of_qemu_is_told, killed_launcher_leaves_no_qemu,
         qmp_answers, dry_run_prints_the_command, no_driver_leaves_the_device_alone,
         added_program_runs_with_its_libraries, named_module_is_there_to_load,
         icount_makes_time_of_instructions, nonsense_is_refused, too_many_devices_are_refused)

