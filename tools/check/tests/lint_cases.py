# SPDX-License-Identifier: MIT
"""Tests of lint, and of the reader of results: "ok" means that the files were read."""

import contextlib
import io
import os
import shutil

import tap
from cases import Skip, expect
from checkout import HOSTILE, checkout
from tree import BUILD, make_environment

UNUSED = "\nint trn_unused(void);\n\nint trn_unused(void)\n{\n\tint forgotten;\n\n\treturn 0;\n}\n"


def lint(tree, *checks, **kwargs):
    return tree.run("tools/check/lint", *checks, **kwargs)


def expect_verdict(result, status, line):
    code, out, err = result
    expect(code == status and line in out,
           f"status {code}, no '{line}' in: {out[-1500:]}{err[-500:]}")


def a_build_that_fails_is_no_pass():
    with checkout() as tree:
        expect_verdict(lint(tree, "sparse", variables=HOSTILE), 0, "\nok 1 sparse")
        tree.append("Kbuild", "nonsense\n")
        expect_verdict(lint(tree, "sparse"), 1, "\nnot ok 1 sparse")
        # Nor is it when it is asked again.
        expect_verdict(lint(tree, "sparse"), 1, "missing separator")


def a_kernel_that_is_not_there_is_no_pass():
    with checkout() as tree:
        os.unlink(tree.path("build/deps"))
        expect_verdict(lint(tree, "sparse"), 1, "\nnot ok 1 sparse")


def a_warning_stands_until_it_is_mended():
    if not os.path.exists(os.path.join(BUILD, "deps/next")):
        raise Skip("the mirror has no headers of the next kernel")
    with checkout() as tree:
        expect_verdict(lint(tree, "next_kernel"), 0, "\nok 1 ")
        shutil.copy(tree.path("driver/trn_b.c"), tree.path("good"))
        tree.append("driver/trn_b.c", UNUSED)
        expect_verdict(lint(tree, "next_kernel"), 1, "unused variable")
        expect_verdict(lint(tree, "next_kernel"), 1, "unused variable")
        tree.append("driver/trn_a.c", "\n")
        expect_verdict(lint(tree, "next_kernel"), 1, "unused variable")
        shutil.copy(tree.path("good"), tree.path("driver/trn_b.c"))
        expect_verdict(lint(tree, "next_kernel"), 0, "\nok 1 ")


def files_are_looked_at_without_git():
    """A tarball, also one in a folder that somebody else's repository ignores."""
    with checkout() as tree:
        tree.write("driver/trn_c.c", "int a;  \n")
        expect_verdict(lint(tree, "gates"), 1, "driver/trn_c.c:1:int a;")
        tree.write("../.gitignore", "*\n")
        tree.git("init", "-q", "..")
        expect_verdict(lint(tree, "gates"), 1, "driver/trn_c.c:1:int a;")


def files_of_another_user_are_looked_at():
    with checkout() as tree:
        tree.git("init", "-q")
        tree.git("add", "-A")
        tree.write("driver/trn_c.c", "int a;  \n")
        if os.getuid() == 0:
            for folder, _, names in os.walk(tree.folder):
                for name in (".", *names):
                    os.chown(os.path.join(folder, name), 1234, 1234, follow_symlinks=False)
        expect_verdict(lint(tree, "gates", variables={"GIT_DIR": "/no/such"}),
                       1, "driver/trn_c.c:1:int a;")


def a_gate_without_files_is_no_pass():
    with checkout() as tree:
        shutil.rmtree(tree.path("driver"))
        code, out, _ = lint(tree, "gates")
        expect(code == 1 and "there is no file to look at" in out, out)


def a_path_that_leads_nowhere_is_found():
    with checkout() as tree:
        tree.write("notes.md", "`driver/trn_a.c` [make](Makefile#no-heading)\n")
        expect_verdict(lint(tree, "paths_of_documents"), 0, "\nok 1 documented")
        tree.write("notes.md", "`driver/trn_{a,z}.c`\n[to](Makefiles)\n[on](notes.md#no)\n")
        for problem in ("1: there is no driver/trn_z.c", "2: the link Makefiles leads",
                        "3: there is no heading #no"):
            expect_verdict(lint(tree, "paths_of_documents"), 1, f"notes.md:{problem}")


def a_message_that_nothing_prints_is_found():
    with checkout() as tree:
        os.makedirs(tree.path("driver/Documentation"))
        tree.append("driver/trn_b.c", '\n/* "one %d " "two" */\n')
        tree.write("driver/Documentation/trn.4", ".Sh DIAGNOSTICS\n.It one %d two\n")
        expect_verdict(lint(tree, "messages_of_the_driver"), 0, "\nok 1 documented")
        tree.append("driver/Documentation/trn.4", ".It three ...\n")
        expect_verdict(lint(tree, "messages_of_the_driver"), 1, "trn.4:3: no source prints: three")
        tree.write("driver/Documentation/trn.4", ".Sh NAME\n.It one\n")
        expect_verdict(lint(tree, "messages_of_the_driver"), 1, "trn.4: no message")


def a_call_that_goes_up_a_floor_is_found():
    with checkout() as tree:
        tree.write("driver/base/trn_d.c", "int trn_d(void)\n{\n\treturn 0;\n}\n")
        tree.append("driver/trn_a.c", "\nint trn_e(void)\n{\n\treturn trn_d();\n}\n")
        expect_verdict(lint(tree, "floors"), 0, "\nok 1 driver_calls_go_down")
        tree.write("driver/trn_a.h", "int trn_e(void);\n")
        tree.write("driver/base/trn_f.c", "#include \"trn_a.h\"\n\nint trn_f(void)\n{\n"
                                          "\treturn trn_e();\n}\n")
        os.mkdir(tree.path("driver/attic"))
        tree.write("driver/attic/trn_g.c", "int trn_g;\n")
        for problem in ("base/trn_f.c: includes trn_a.h", "base/trn_f.c: uses trn_e() of trn_a.c",
                        "attic/trn_g.c: attic is no floor"):
            expect_verdict(lint(tree, "floors"), 1, problem)


def expect_counts(text, passed, failed, skipped, status=0):
    report = tap.Report()
    with contextlib.redirect_stdout(io.StringIO()):
        suite = tap.Suite("of a test", report)
        for line in text.splitlines():
            suite.feed(line)
        suite.finish(status)
    counts = (report.passed, report.failed, report.skipped)
    expect(counts == (passed, failed, skipped), f"{text!r}: {counts}")


def results_are_counted_as_they_are():
    expect_counts("1..2\nok 1 a\nok 2 b # SKIP no\n", 1, 0, 1)
    expect_counts("1..1\nnot ok 1 a\n", 0, 1, 0, status=1)
    expect_counts("1..1\nnot ok 1 a # SKIP no\n", 0, 1, 0)
    expect_counts("1..0 # SKIP no device\n", 0, 0, 1, status=4)
    expect_counts("1..0\n", 0, 1, 0)
    expect_counts("1..0\nok 1 a\n", 1, 1, 0)
    expect_counts("1..2\nok 1 a\n", 1, 1, 0)
    expect_counts("1..1\nok 1 a\nBail out! no memory\n", 1, 1, 0)
    expect_counts("1..1\nok 1 a\n", 1, 1, 0, status=1)
    expect_counts("", 0, 1, 0)


def flags_of_a_make_above_go_no_further():
    """With -i or -n no failure of a build would be one."""
    before = os.environ.get("MAKEFLAGS")
    try:
        for flags, expected in (("i -j8 --jobserver-auth=3,4 -- CC=gcc", "-- CC=gcc"),
                                ("kin", None), ("", None)):
            os.environ["MAKEFLAGS"] = flags
            found = make_environment().get("MAKEFLAGS")
            expect(found == expected, f"{flags!r} became {found!r}")
    finally:
        os.environ.pop("MAKEFLAGS")
        if before is not None:
            os.environ["MAKEFLAGS"] = before


TESTS = (a_build_that_fails_is_no_pass, a_kernel_that_is_not_there_is_no_pass,
         a_warning_stands_until_it_is_mended, files_are_looked_at_without_git,
         files_of_another_user_are_looked_at, a_gate_without_files_is_no_pass,
         a_path_that_leads_nowhere_is_found, a_message_that_nothing_prints_is_found,
         a_call_that_goes_up_a_floor_is_found, results_are_counted_as_they_are,
         flags_of_a_make_above_go_no_further)
