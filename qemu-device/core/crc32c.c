/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crc32c.h"

#define POLYNOMIAL 0x82f63b78u  /* reflected, HW 6.4 */

uint32_t trn_crc32c(uint32_t crc, const void *buf, size_t len)
{
    const uint8_t *p = buf;

    crc = ~crc;
    while (len--) {
        crc ^= *p++;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
        }
    }
    return ~crc;
}
