# SPDX-License-Identifier: MIT
"""Tests of trn-vm's standard streams: files, full disks, readers that go, closed ones."""

import contextlib
import fcntl
import os
import subprocess
import tempfile

from cases import PATIENCE, expect, expect_failure
from tree import TRN_VM
from vm_run import SMALL, trn_vm

# More than fits into the pipes and sockets between the two ends.
LARGE = 4 << 20


@contextlib.contextmanager
def large_file():
    with tempfile.TemporaryFile() as file:
        file.write(os.urandom(LARGE))
        file.seek(0)
        yield file


def launch(command, **streams):
    """A run whose streams are given; its status, with the output where none was given."""
    result = subprocess.run([TRN_VM, *SMALL, "--", *command], timeout=PATIENCE, check=False,
                            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                               "stderr": subprocess.PIPE, **streams})
    return result.returncode, result.stdout, (result.stderr or b"").decode(errors="replace")


def a_file_of_input_comes_through_whole():
    with large_file() as file:
        code, out, err = launch(["cat"], stdin=file)
        expect(code == 0, f"exit status {code}: {err}")
        file.seek(0)
        expect(out == file.read(), f"{len(out)} bytes, not those {LARGE}")


def input_that_is_not_read_is_no_hindrance():
    with large_file() as file:
        code, out, err = launch(["echo", "done"], stdin=file)
        expect((code, out) == (0, b"done\n"), f"exit status {code}, {out!r}: {err}")


def output_flows_while_input_waits():
    """The input fills all that is between before the command reads any of it."""
    script = "seq 1 500000 >/tmp/out; cat /tmp/out; wc -c"
    code, out, err = launch(["sh", "-c", script], stdin=None, input=bytes(LARGE))
    expect(code == 0, f"exit status {code}: {err}")
    expect(out.endswith(b"\n500000\n%d\n" % LARGE), f"{len(out)} bytes: {out[-50:]!r}")


def a_reader_that_goes_ends_it_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        code, _, err = launch(["echo", "hi"], stdout=writer)
    finally:
        os.close(writer)
    expect(code == 141, f"exit status {code}: {err}")
    expect(not err, f"stderr was {err}")


def a_full_disk_is_told():
    with open("/dev/full", "wb") as full:
        expect_failure(launch(["echo", "hi"], stdout=full), 125, "No space left on device")
        code, _, err = launch(["true"], stdout=full)
        expect(code == 0, f"nothing was to be written: exit status {code}: {err}")


def a_small_pipe_loses_nothing():
    """The guest is at its end long before its output is read."""
    for blocking in (True, False):
        read_by_small_pipe(blocking)


def read_by_small_pipe(blocking):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, blocking)
    with subprocess.Popen([TRN_VM, *SMALL, "--", "seq", "1", "100000"], stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=subprocess.PIPE) as process:
        os.close(writer)
        with open(reader, "rb") as file:
            out = file.read()
        err = process.stderr.read()
    expect(process.returncode == 0, f"exit status {process.returncode}: {err}")
    expect(out == b"".join(b"%d\n" % n for n in range(1, 100001)), f"{len(out)} bytes")


def closed_streams_are_no_hindrance():
    for closed, what in (("<&-", "stdin"), ("<&- >&- 2>&-", "all")):
        result = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", TRN_VM, *SMALL, "--",
                                 "sh", "-c", "cat; exit 3"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                timeout=PATIENCE, check=False)
        expect(result.returncode == 3, f"{what}: exit status {result.returncode}: "
                                       f"{result.stderr.decode(errors='replace')}")


def what_is_left_behind_does_not_keep_the_vm():
    code, out, err = trn_vm(*SMALL, "--timeout", "120", "--", "sh", "-c",
                            "setsid sleep 1000 & seq 1 50000; echo hi >&2")
    expect(code == 0, f"exit status {code}: {err}")
    expect(out == "".join(f"{n}\n" for n in range(1, 50001)), f"{len(out)} bytes came out")


def arguments_arrive_as_they_were():
    words = ["\udcff\udc80", "a\nb", "it's", '"$HOME"', "", " two  spaces ", "*", "\\n", "-n"]
    code, out, err = trn_vm(*SMALL, "--", "printf", "<%s>", *words)
    expect(code == 0, f"exit status {code}: {err}")
    expect(out == "".join(f"<{word}>" for word in words), f"stdout was {out!r}")


TESTS = (a_file_of_input_comes_through_whole, input_that_is_not_read_is_no_hindrance,
         output_flows_while_input_waits, a_reader_that_goes_ends_it_quietly, a_full_disk_is_told,
         a_small_pipe_loses_nothing, closed_streams_are_no_hindrance,
         what_is_left_behind_does_not_keep_the_vm, arguments_arrive_as_they_were)
