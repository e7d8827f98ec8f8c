/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's test harness, with time for emulated machines and slow kernels. */
#ifndef TT_HARNESS_H
#define TT_HARNESS_H

#include <kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

#include "tt_test.h"

#endif /* TT_HARNESS_H */
