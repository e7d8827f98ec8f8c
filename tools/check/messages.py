#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""Find messages of a manual page that no source prints.

    messages.py PAGE SOURCE...

The items of the section DIAGNOSTICS are messages as the source has them, with printf
formats; " ..." at the end stands for the rest. One line is printed for each that is in no
string of a source.
"""

import re
import sys

# A literal goes on behind white space.
SEAM = re.compile(r'"\s*"')


def messages(path):
    inside = False
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith(".Sh "):
                inside = line.split()[1] == "DIAGNOSTICS"
            elif inside and line.startswith(".It "):
                yield number, re.sub(r",? \.\.\.$", "", line[4:].strip())


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    page = sys.argv[1]
    text = []
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            text.append(SEAM.sub("", f.read()))
    wanted = list(messages(page))
    if not wanted:
        print(f"{page}: no message")
    for number, message in wanted:
        if not any(message in source for source in text):
            print(f"{page}:{number}: no source prints: {message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
