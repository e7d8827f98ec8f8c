/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32C as the firmware mailbox uses it (HW 6.4). */
#ifndef TRN_CORE_CRC32C_H
#define TRN_CORE_CRC32C_H

#include "../port.h"

/*
 * Continues @crc (0 to begin) over @len bytes: the CRC of "123456789" is
 * 0xe3069283.
 */
uint32_t trn_crc32c(uint32_t crc, const void *buf, size_t len);

#endif /* TRN_CORE_CRC32C_H */
