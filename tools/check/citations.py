#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""Find citations of the chip's reference whose section does not exist.

    citations.py REFERENCE FILE...

"HW 3.5" and "HW 3.6 and 3.7" cite headings of the reference, "family 3.4" its
headings that begin with F. One line is printed for each citation without a heading.
"""

import os
import re
import sys

HEADING = re.compile(r"^#+ (?:Appendix )?(F )?([0-9A-F](?:[0-9]*)(?:\.[0-9]+)*)[. ]")
NUMBER = r"(?:[A-F]|[0-9]{1,2})(?:\.[0-9]+)*\b"
# A number without a point behind a comma may be that of a step.
MORE = r"(?:, | and | to | or )(?:[A-F]\.|[0-9]{1,2}\.)[0-9.]*[0-9]"
CITATION = re.compile(rf"\b(HW|family) ({NUMBER}(?:{MORE})*)")


def headings(path):
    found = set()
    with open(path, encoding="utf-8") as f:
        for line in f:
            match = HEADING.match(line)
            if match:
                found.add(("family" if match[1] else "HW", match[2]))
    return found


def unknown(path, known):
    with open(path, encoding="utf-8", errors="replace") as f:
        for number, line in enumerate(f, 1):
            for kind, sections in CITATION.findall(line):
                for section in re.findall(NUMBER, sections):
                    if (kind, section) not in known:
                        yield f"{path}:{number}: there is no section {kind} {section}"


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    known = headings(sys.argv[1])
    if not known:
        print(f"{sys.argv[1]}: no numbered heading")
    for path in filter(os.path.isfile, sys.argv[2:]):
        for problem in unknown(path, known):
            print(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
