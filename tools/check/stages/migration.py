# SPDX-License-Identifier: MIT
"""Migration of a Linux guest that never ceases to store to HBM (selftests/life/migrate.c).

The guest verifies every byte, round after round. It is moved in the middle of one, goes
on where it arrives, and ends when a device is plugged in there.
"""

import os
import tempfile
import threading
import time

import boot
from stages.qmp import Monitor
from tap import Stream, say
from tree import LOGS

PATIENCE = 600  # seconds for anything; nothing here depends on speed
COMMAND = ["sh", "/usr/lib/trn/run-tests", "migrate"]
# Only the pages that the guest dirties slow a migration down.
PARAMETERS = {"max-bandwidth": 1 << 40}


class Guest:
    """One trn-vm, whose output is read as it comes."""

    def __init__(self, name, folder, options):
        self.name = name
        self.deadline = time.monotonic() + PATIENCE
        path = os.path.join(folder, name + ".qmp")
        self.boot = boot.Boot(name, [*options, "--qmp", path], COMMAND, PATIENCE)
        self.lines = []
        self.ended = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.monitor = Monitor(path, self.deadline)

    def _read(self):
        for line in self.boot.lines():
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self.ended = True
            self._news.notify_all()

    def rounds(self):
        return sum(line.startswith("# round ") for line in self.lines)

    def wait_rounds(self, count):
        """Until the guest has verified everything @count more times."""
        with self._news:
            goal = self.rounds() + count
            good = self._news.wait_for(lambda: self.ended or self.rounds() >= goal,
                                       self.deadline - time.monotonic())
            if not good or self.rounds() < goal:
                raise RuntimeError(f"{self.name} stopped in round {self.rounds()}")

    def join(self):
        self._thread.join(max(self.deadline - time.monotonic(), 1))
        self.monitor.close()

    def quit(self):
        """The guest is elsewhere: the rest of the VM does not end by itself."""
        self.monitor.run("quit")
        self.join()
        self.boot.status = 0

    def wait_migration(self):
        """How it ended, with its times."""
        while True:
            info = self.monitor.run("query-migrate")
            if info.get("status") in ("completed", "failed", "cancelled"):
                return info
            if time.monotonic() > self.deadline:
                raise RuntimeError(f"{self.name}: migration does not end: {info}")
            time.sleep(0.1)

    def run_job(self, command, **arguments):
        """A command that goes on as a job."""
        self.monitor.run(command, **{"job-id": "job", **arguments})
        while True:
            job = self.monitor.run("query-jobs")[0]
            if job["status"] == "concluded":
                self.monitor.run("job-dismiss", id="job")
                if "error" in job:
                    raise RuntimeError(f"{command}: {job['error']}")
                return
            time.sleep(0.1)


def options_of(memory, devices, window):
    """A port is left free for the device that comes at the end."""
    return [*boot.add_suites(["migrate"]), "--mem", memory,
            *(f"--device={device}" for device in devices),
            f"--qemu=-device pcie-root-port,id=spare,chassis=31,pref64-reserve={window}"]


def start_migration(source, destination, uri):
    by_socket = uri.startswith("unix:")
    for guest in (source, destination):
        guest.monitor.run("migrate-set-parameters", **PARAMETERS)
        # By a socket, the source hears how it went.
        guest.monitor.run("migrate-set-capabilities",
                          capabilities=[{"capability": "return-path", "state": by_socket}])
    if by_socket:
        destination.monitor.run("migrate-incoming", uri=uri)
        source.monitor.run("migrate", uri=uri)
        return source.wait_migration()
    source.monitor.run("migrate", uri=uri)
    info = source.wait_migration()
    destination.monitor.run("migrate-incoming", uri=uri)
    return info


def move(source, destination, uri):
    """Where the guest is then; its source is gone."""
    source.wait_rounds(2)
    info = start_migration(source, destination, uri)
    if info["status"] != "completed":
        raise RuntimeError(f"migration {info['status']}: {info.get('error-desc')}")
    say(f"        {source.name}: {info['ram']['transferred'] >> 20} MiB in "
        f"{info['total-time']} ms, {info['downtime']} ms of them stopped")
    source.quit()
    destination.wait_rounds(3)


def try_stranger(report, name, source, folder, options):
    """A VM with another device refuses the guest, says why, and the guest goes on."""
    options = [option.replace("routing-id=4", "routing-id=9") for option in options]
    stranger = Guest(f"{name}-stranger", folder, [*options, "--incoming", "defer"])
    try:
        source.wait_rounds(1)
        info = start_migration(source, stranger, f"unix:{os.path.join(folder, 'wrong')}")
        stranger.join()
        said = boot.read(stranger.boot.errors)
        report.result(f"{name}: another routing-id is refused with a sentence",
                      info["status"] == "failed" and
                      "the property routing-id is 9 here and was 4" in said,
                      f"migration {info['status']}, see {stranger.boot.errors}")
        source.wait_rounds(1)
    finally:
        stranger.boot.stop()


def snapshot_and_back(guest, folder):
    """The guest goes on, is taken back to what was saved, and goes on again."""
    path = os.path.join(folder, "snapshot.qcow2")
    run = guest.monitor.run
    guest.run_job("blockdev-create", options={"driver": "file", "filename": path, "size": 0})
    run("blockdev-add", **{"driver": "file", "filename": path, "node-name": "plain"})
    guest.run_job("blockdev-create",
                  options={"driver": "qcow2", "file": "plain", "size": 1 << 20})
    run("blockdev-add", **{"driver": "qcow2", "file": "plain", "node-name": "snapshots"})
    where = {"tag": "here", "vmstate": "snapshots", "devices": ["snapshots"]}
    guest.run_job("snapshot-save", **where)
    guest.wait_rounds(1)
    guest.run_job("snapshot-load", **where)
    run("cont")
    guest.wait_rounds(3)


def finish(report, source, destination, device):
    """A device is plugged in, and the guest comes to its end."""
    destination.monitor.run("device_add", **device)
    destination.join()
    stream = Stream(source.name, report)
    for line in source.lines + destination.lines:
        stream.feed(line)
    stream.close()
    for guest in (source, destination):
        guest.boot.judge(report, stream.expected_errors)


def journey(report, name, memory, devices, window, detours=False):
    """One guest from its boot to its end elsewhere; detours: strangers, snapshots, a file."""
    options = options_of(memory, devices, window)
    late = {"driver": "trn3", "id": "late", "bus": "spare", "hbm-size": 1 << 30}
    with tempfile.TemporaryDirectory() as folder:
        guests = []
        try:
            source = Guest(f"{name}-source", folder, options)
            guests.append(source)
            if detours:
                try_stranger(report, name, source, folder, options)
            destination = Guest(f"{name}-destination", folder, [*options, "--incoming", "defer"])
            guests.append(destination)
            move(source, destination,
                 f"{'file' if detours else 'unix'}:{os.path.join(folder, 'state')}")
            if detours:
                snapshot_and_back(destination, folder)
            finish(report, source, destination, late)
        except (RuntimeError, OSError) as err:
            report.fail(name, f"{err}; see {LOGS}/{name}-*")
            for guest in guests:
                guest.boot.stop()


def run(report):
    # HBM larger than memory, and smaller: QEMU counts pages of all of it in one row.
    journey(report, "migrate-large-hbm", "1G", ["trn3"], 32 << 30)
    journey(report, "migrate-small-hbm", "2G",
            ["trn3,hbm-size=1G", "trn3,hbm-size=1G,routing-id=4"], 8 << 30, detours=True)
