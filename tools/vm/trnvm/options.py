# SPDX-License-Identifier: MIT
"""The command line of trn-vm."""

import argparse
import os

DEFAULT_TIMEOUT = 600
MAX_ICOUNT = 10  # QEMU's own limit


def _parser(description):
    parser = argparse.ArgumentParser(
        prog="trn-vm", description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="trn-vm [options] [-- COMMAND...]")
    add = parser.add_argument
    add("--device", action="append", metavar="ARGS",
        help="a device, as QEMU's -device takes it; repeat for more (default: one trn3; "
             "'none' for no device)")
    add("--mem", default="4G", metavar="SIZE", help="memory of the guest (default: %(default)s)")
    add("--smp", type=int, default=2, metavar="N", help="processors (default: %(default)s)")
    add("--qemu", action="append", default=[], metavar="ARG", help="more arguments for QEMU")
    add("--add", action="append", default=[], metavar="FILE:/PATH",
        help="put a host file into the guest, with the libraries it needs")
    add("--kernel", default=os.environ.get("KERNEL") or "stock", metavar="stock|debug|PATH",
        help="the kernel (default: %(default)s)")
    add("--module", action="append", default=[], metavar="NAME",
        help="put this module of the kernel into the guest, for modprobe to find")
    add("--icount", type=int, metavar="SHIFT",
        help="the guest's time counts its instructions, 2^SHIFT ns each; one host thread runs "
             "all processors")
    add("--no-driver", action="store_true", help="do not load trn.ko")
    add("--append", action="append", default=[], metavar="ARGS",
        help="more arguments for the kernel's command line")
    add("--timeout", type=int, metavar="SECONDS",
        help=f"end of patience, 0 for none (default: {DEFAULT_TIMEOUT}; a shell has none)")
    add("--log", metavar="FILE", help="keep the guest's kernel log")
    add("--qemu-log", metavar="FILE", help="keep what devices log about the guest's mistakes")
    add("--qmp", metavar="SOCKET", help="offer QMP on this unix socket")
    add("--incoming", metavar="URI",
        help="the guest comes by migration from a VM with the same options; URI as QEMU's "
             "-incoming takes it")
    add("--dry-run", action="store_true", help="print QEMU's command line and stop")
    return parser


def parse(argv, description):
    """The options; the words after "--" are options.command."""
    parser = _parser(description)
    at = argv.index("--") if "--" in argv else len(argv)
    options = parser.parse_args(argv[:at])
    options.command = argv[at + 1:]
    if options.device is None:
        options.device = ["trn3"]
    options.device = [d for d in options.device if d != "none"]
    if options.smp < 1:
        parser.error("--smp: at least 1")
    if options.icount is not None and not 0 <= options.icount <= MAX_ICOUNT:
        parser.error(f"--icount: 0 to {MAX_ICOUNT}")
    if options.timeout is None:
        options.timeout = DEFAULT_TIMEOUT if options.command else 0
    if options.timeout < 0:
        parser.error("--timeout: at least 0")
    return options
