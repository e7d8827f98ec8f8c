/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers that all suites share: the device, its objects, patterns, and accounting.
 *
 * Everything goes through the raw interface of drm/trn_accel.h, never through
 * libtrn. Functions return 0 or a negative errno unless they say otherwise, and
 * print nothing: the test says what was expected. Predicates print the fact that is wrong.
 *
 * Environment:
 *   TRN_TEST_DEVICE       node to test; else the first accel node of driver "trn"
 *   TRN_TEST_SCALE=small  fewer repetitions (never fewer cases), for slow kernels
 *   TRN_TEST_SEED         seed of the random suites
 *   TRN_TEST_MODULE       path of trn.ko, for the suites that reload it
 *   TRN_TEST_HANG_ENGINE  engine that the device was told to hang (x-hang-engine)
 */
#ifndef TT_TEST_H
#define TT_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>

#include "tt_bo.h"
#include "tt_device.h"
#include "tt_fact.h"
#include "tt_host.h"
#include "tt_pattern.h"
#include "tt_queue.h"
#include "tt_sync.h"
#include "tt_usage.h"

#define TT_KIB		1024ull
#define TT_MIB		(1024ull * 1024)
#define TT_GIB		(1024ull * 1024 * 1024)
#define TT_PAGE		4096ull

#endif /* TT_TEST_H */
