#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""Find paths in documents that do not exist in the tree.

    paths.py FILE... -- DOCUMENT...

FILE... are all files of the tree. In a document, a path in backquotes and the target of
a link are looked up from the document's folder, its parent, the top, and folders from
which sources include. Text in backquotes counts as a path if it has a slash and begins with the name
of a folder of the tree, or if it ends like a document or a source. One line is printed
for each path without a file or folder.
"""

import glob
import os
import re
import sys

QUOTED = re.compile(r"(`+)([^`\n]+)\1")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
PATH = re.compile(r"[\w.{},*+-]+(?:/[\w.{},*+-]+)*/?")
SUFFIX = re.compile(r"\.(?:c|h|md|rst|py|sh|S|yaml|mk|map|patch|[13478])$")
# Made by the build, files of others that documents speak of, and placeholders.
ELSEWHERE = re.compile(r"^(?:build|hw|drivers|include|Documentation|linux|tools/testing)/|"
                       r"^(?:copy\.c|x\.c|dma-coherent\.h|kselftest_harness\.h)$|"
                       r"\b(?:NAME|ROOM)\b")

INCLUDE = ("", "uapi", "driver", "qemu-device", "qemu-device/core", "libtrn", "libtrn/include")


def expand(path):
    """a/{b,c}.d as a/b.d and a/c.d."""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    return [way for choice in match[1].split(",")
            for way in expand(path[:match.start()] + choice + path[match.end():])]


def slugs(path):
    """Anchors of a document's headings, as the forges make them."""
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("#"):
                text = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
                yield text.replace(" ", "-")


class Tree:
    def __init__(self, files):
        self.known = set(files)
        self.names = {os.path.basename(path) for path in files}
        for path in files:
            while "/" in path:
                path = path.rpartition("/")[0]
                self.known.add(path)
        self.folders = {path.partition("/")[0] for path in files if "/" in path}
        self.folders |= {path.rpartition("/")[2] for path in self.known
                         if "." not in path and path not in files}

    def has(self, path, document, link):
        folder = os.path.dirname(document)
        places = [folder] if link else [folder, os.path.dirname(folder), *INCLUDE]
        for place in places:
            full = os.path.normpath(os.path.join(place, path))
            if full in self.known or ("*" in full and glob.glob(full)) or full == ".":
                return True
        # A file may be named without its folder.
        return not link and "/" not in path and path in self.names

    def is_path(self, text):
        if not PATH.fullmatch(text) or ELSEWHERE.search(text) or text.startswith(("-", ".")):
            return False
        if "/" in text:
            return text.partition("/")[0] in self.folders
        return bool(SUFFIX.search(text)) and "*" not in text and "{" not in text


def lost(tree, document):
    code = False
    with open(document, encoding="utf-8", errors="replace") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("```"):
                code = not code
            if code:
                continue
            for _, text in QUOTED.findall(line):
                for path in expand(text):
                    if tree.is_path(path) and not tree.has(path, document, False):
                        yield f"{document}:{number}: there is no {path}"
            for path in LINK.findall(line):
                if ":" not in path and not tree.has(path, document, True):
                    yield f"{document}:{number}: the link {path} leads nowhere"
            for path, anchor in ANCHOR.findall(line):
                target = os.path.normpath(os.path.join(os.path.dirname(document), path)) \
                    if path else document
                readable = target.endswith(".md") and os.path.isfile(target)
                if readable and anchor not in slugs(target):
                    yield f"{document}:{number}: there is no heading #{anchor} in {target}"


def main():
    if "--" not in sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    split = sys.argv.index("--")
    tree = Tree(sys.argv[1:split])
    for document in sys.argv[split + 1:]:
        for problem in lost(tree, document):
            print(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
