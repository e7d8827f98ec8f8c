# SPDX-License-Identifier: MIT
"""This checkout: its folder, the folder of what is built, and its environment for make."""

import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.abspath(os.environ.get("TRN_BUILD") or os.path.join(TOP, "build"))
LOGS = os.path.join(BUILD, "logs")
TRN_VM = os.path.join(TOP, "tools/vm/trn-vm")


def make_environment():
    """The environment for a make that is called from a make.

    Variables of the make above go on. Its flags do not: with -i or -n a failure would be
    no failure, and its job server is of no use here.
    """
    env = dict(os.environ)
    _, dashes, variables = env.pop("MAKEFLAGS", "").partition("-- ")
    env.pop("MFLAGS", None)
    return dict(env, MAKEFLAGS=dashes + variables) if variables else env
