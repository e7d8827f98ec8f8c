/* SPDX-License-Identifier: GPL-2.0-only */
/* Failures that the kernel injects into calls of this thread: the nth place that can fail. */
#ifndef TT_INJECT_H
#define TT_INJECT_H

#include <stdbool.h>

/* Let failures hit sleeping and small allocations too, and quietly. */
int tt_inject_open(void);
void tt_inject_close(void);
int tt_inject_start(unsigned int n);
/* True if the failure was injected before this call. */
bool tt_inject_stop(void);

#endif /* TT_INJECT_H */
