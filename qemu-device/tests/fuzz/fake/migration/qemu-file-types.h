/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRN_FAKE_QEMU_FILE_TYPES_H
#define TRN_FAKE_QEMU_FILE_TYPES_H

#include "migration/vmstate.h"

#endif
