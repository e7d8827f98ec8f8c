# SPDX-License-Identifier: MIT
"""Tests of the table of the selftests: each suite runs somewhere, and finds its needs there."""

import suites
from cases import expect


def table_has_each_suite_once_and_no_other():
    rows = suites.read_table()
    found = suites.problems(rows, suites.sources())
    expect(not found, "; ".join(found))
    names = [source for source, _, _ in rows]
    expect(len(names) == len(set(names)), "a suite is listed twice")


def wrong_rows_are_told():
    for row, word in ((("mem/bo", set(), ["nowhere"]), "no boot 'nowhere'"),
                      (("mem/bo", {"monitor"}, ["stock"]), "its needs are not those"),
                      (("mem/bo", set(), ["unit"]), "its needs are not those"),
                      (("mem/other", set(), ["stock"]), "mem/bo is in no row"),
                      (("mem/other", set(), ["stock"]), "mem/other has no source")):
        found = suites.problems([row], ["mem/bo"])
        expect(any(word in problem for problem in found), f"no '{word}' in {found}")


TESTS = (table_has_each_suite_once_and_no_other, wrong_rows_are_told)
