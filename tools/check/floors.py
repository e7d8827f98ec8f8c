#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""Find includes and uses in the driver that go up a floor.

    floors.py FOLDER

FOLDER is that of the driver. Its folders are floors, in the order of FLOORS. A file may
include headers of its own floor and of the floors below, and use functions and data
defined there. Tests may use every floor. One line is printed for each include or use that
goes up, and for each folder that is no floor.
"""

import pathlib
import re
import sys

# From the lowest floor up. The folder "." has the entry points.
FLOORS = (("regs", "base"), ("hw",), ("mem",), ("vm",), ("queue",), ("policy",), (".",))
FREE = ("tests", "Documentation")

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"", re.S)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
# A definition begins a line: of a function with a body, or of data with a value.
FUNCTION = re.compile(r"^(?!static\b)[a-z][\w *]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)
DATA = re.compile(r"^(?!static\b)(?:const )?struct [\w *]*?\b(\w+)(?:\[\])? = ", re.M)
WORD = re.compile(r"\b[a-z]\w+")


def floor_of(folder):
    return next((i for i, floor in enumerate(FLOORS) if folder in floor), None)


class Source:
    def __init__(self, path, top):
        self.name = path.relative_to(top).as_posix()
        self.folder = path.parent.relative_to(top).as_posix()
        self.floor = floor_of(self.folder)
        text = path.read_text(encoding="utf-8")
        self.includes = INCLUDE.findall(text)
        self.code = COMMENT.sub(" ", text)

    def defines(self):
        return FUNCTION.findall(self.code) + DATA.findall(self.code)


def climbing_includes(source, top):
    for name in source.includes:
        if (top / source.folder / name).is_file() and "/" not in name:
            continue
        if not (top / name).is_file():
            yield f"{source.name}: \"{name}\" is no path from the driver's folder"
            continue
        floor = floor_of(pathlib.PurePath(name).parent.as_posix())
        if floor is None or floor > source.floor:
            yield f"{source.name}: includes {name}, which is on a floor above"


def climbing_uses(source, owners):
    for word in sorted(set(WORD.findall(source.code))):
        owner = owners.get(word)
        if owner and owner.floor > source.floor:
            yield f"{source.name}: uses {word}() of {owner.name}, which is on a floor above"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    top = pathlib.Path(sys.argv[1])
    paths = [path for path in sorted(top.rglob("*.[ch]"))
             if path.relative_to(top).parts[0] not in FREE]
    sources = [Source(path, top) for path in paths]
    if not sources:
        print(f"{top}: no source")
    for source in sources:
        if source.floor is None:
            print(f"{source.name}: {source.folder} is no floor of the driver")
    sources = [source for source in sources if source.floor is not None]
    owners = {name: source for source in sources if source.name.endswith(".c")
              for name in source.defines()}
    for source in sources:
        for problem in (*climbing_includes(source, top), *climbing_uses(source, owners)):
            print(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
