/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One target for libFuzzer; the makefile sets FUZZ_TARGET. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_TARGET(data, size);
    return 0;
}
