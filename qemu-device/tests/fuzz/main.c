/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libFuzzer calls; FUZZ_TARGET is set by the makefile. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_TARGET(data, size);
    return 0;
}
