/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's test harness, with time for emulated machines and slow kernels. */
#ifndef TRN_HARNESS_H
#define TRN_HARNESS_H

#include <kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

#include "trn_test.h"

#endif /* TRN_HARNESS_H */
