// SPDX-License-Identifier: GPL-2.0-only
/* Compiled with -m32 and thrown away: the assertions are all there is. */
#include "uapi_layout.h"

_Static_assert(sizeof(void *) == 4, "not compiled as a 32-bit program");
