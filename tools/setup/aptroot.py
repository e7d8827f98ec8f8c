#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
"""aptroot.py DIR CODENAME SUITE...: an apt root of our own in DIR.

It reaches the machine's own mirror, with the machine's own keys and proxies,
but also suites that the machine does not have in its sources. Nothing of the
machine's apt changes. Prints the options that make apt use it, one a line.
"""

import os
import re
import subprocess
import sys


def targets():
    """Every index that the machine's apt knows, as dictionaries."""
    text = subprocess.run(["apt-get", "indextargets", "Created-By: Packages"], check=True,
                          text=True, stdout=subprocess.PIPE).stdout
    for stanza in text.split("\n\n"):
        yield dict(line.partition(": ")[::2] for line in stanza.splitlines())


def suite(target):
    """The suite by its codename, where apt knows it: sources may say "stable"."""
    return target.get("Codename") or target.get("Release")


def find_mirror(codename):
    """The entry that Debian's own packages come from."""
    fitting = [t for t in targets()
               if suite(t) in (codename, codename + "-updates")
               and t.get("Component") == "main"
               # Empty until the machine has run "apt-get update".
               and t.get("Origin", "") in ("Debian", "") and t.get("Label", "") in ("Debian", "")]
    fitting.sort(key=lambda t: (t.get("Origin") != "Debian", suite(t) != codename))
    if not fitting:
        sys.exit(f"aptroot: apt's sources name no mirror of Debian {codename} (main)")
    return fitting[0]


def trust(entry):
    """The fields about keys of the source's own deb822 entry."""
    path, _, number = entry.get("Sourcesentry", "").rpartition(":")
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if path.endswith(".sources"):
        return stanza_trust(text, int(number))
    line = text.splitlines()[int(number) - 1]
    fields = re.findall(r"(signed-by|trusted)=([^\s\]]+)", line)
    return "".join(f"{key.title()}: {value.replace(',', ' ')}\n" for key, value in fields)


def stanza_trust(text, number):
    """The same from stanza NUMBER of a deb822 file; a key may be inline."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    stanzas = re.split(r"\n\s*\n", "\n".join(lines).strip())
    if number > len(stanzas):
        return ""
    found = re.findall(r"^(?:Signed-By|Trusted):.*(?:\n[ \t].*)*", stanzas[number - 1],
                       re.MULTILINE | re.IGNORECASE)
    return "".join(field + "\n" for field in found)


def write_sources(path, mirror, suites):
    stanza = (f"Types: deb deb-src\nURIs: {mirror['Repo-URI']}\n"
              f"Suites: {' '.join(suites)}\nComponents: main\n{trust(mirror)}")
    old = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            old = f.read()
    if old != stanza:
        with open(path, "w", encoding="utf-8") as f:
            f.write(stanza)


def main():
    root, codename, *suites = sys.argv[1:]
    sources = os.path.join(root, "trn.sources")
    for folder in ("lists/partial", "cache/archives/partial", "preferences.d"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    status = os.path.join(root, "status")
    with open(status, "a", encoding="ascii"):
        pass
    write_sources(sources, find_mirror(codename), suites)
    print(f"Dir::Etc::SourceList={sources}",
          "Dir::Etc::SourceParts=/dev/null",
          "Dir::Etc::Preferences=/dev/null",
          f"Dir::Etc::PreferencesParts={root}/preferences.d",
          f"Dir::State::Lists={root}/lists",
          f"Dir::State::Status={status}",
          f"Dir::Cache={root}/cache",
          "APT::Sandbox::User=root",
          "APT::Update::Error-Mode=any",
          "Acquire::Retries=3",
          "APT::Install-Recommends=false", sep="\n")


main()
