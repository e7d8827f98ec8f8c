/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core and GLib in one file: both define these three, GLib's stay. */
#ifndef TRN_TESTS_UNIT_H
#define TRN_TESTS_UNIT_H

#include "core/port.h"

#undef MIN
#undef MAX
#undef G_GNUC_PRINTF

#include <glib.h>

#endif
