#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""asan.py BUILD OUT: QEMU with the device under AddressSanitizer and UBSan, into OUT.

Only the device is compiled anew, by the commands of a built tree; the rest of QEMU is
taken from there. What the device does with memory is watched all the same, since the
allocator is the sanitizer's.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

DEVICE = "hw/misc/trn/libtrn.a.p/"
PROGRAM = "qemu-system-x86_64"
FLAGS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]


def commands(build):
    """The commands of ninja, by output."""
    text = subprocess.run(["ninja", "-C", build, "-t", "compdb", "-x"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return {entry["output"]: entry["command"]
            for entry in json.loads(text[text.index("["):]) if "output" in entry}


def run(build, command):
    result = subprocess.run(command, cwd=build, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    if result.returncode:
        sys.exit(result.stdout)


def compile_one(build, out, name, command):
    """The object of @name beside the others, for the program that is linked."""
    words = shlex.split(command)
    target = os.path.join(out, os.path.basename(name))
    # The tree's own dependency files stay as they are.
    for option in ("-MF", "-MQ"):
        words[words.index(option) + 1] = target + (".d" if option == "-MF" else "")
    words[words.index("-o") + 1] = target
    run(build, words[:1] + FLAGS + words[1:])
    return target


def main():
    build, out = (os.path.abspath(path) for path in sys.argv[1:])
    all_commands = commands(build)
    names = [name for name in all_commands
             if name.startswith(DEVICE) and name.endswith(".o")]
    os.makedirs(out, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = dict(zip(names, pool.map(
            lambda name: compile_one(build, out, name, all_commands[name]), names)))
    words = [objects.get(word, word) for word in shlex.split(all_commands[PROGRAM])]
    words[words.index("-o") + 1] = os.path.join(out, PROGRAM)
    run(build, words[:1] + FLAGS + words[1:])


if __name__ == "__main__":
    main()
