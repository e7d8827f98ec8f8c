/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errinj.h"

bool trn_errinj_take(uint32_t *count)
{
    uint32_t n = TRN_READ(count);

    while (n && !__atomic_compare_exchange_n(count, &n, n - 1, true,
                                             __ATOMIC_RELAXED,
                                             __ATOMIC_RELAXED)) {
    }
    return n;
}
