/* SPDX-License-Identifier: MIT */
/*
 * The public headers, as the library includes them. All else is built hidden: the
 * library exports the functions that these declare.
 */
#ifndef TRN_BASE_EXPORTS_H
#define TRN_BASE_EXPORTS_H

#pragma GCC visibility push(default)
#include "trn.h"
#include "trn_prep.h"
#pragma GCC visibility pop

#endif /* TRN_BASE_EXPORTS_H */
