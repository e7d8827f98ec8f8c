/* SPDX-License-Identifier: GPL-2.0-only */
/* Syncobjs and time. */
#ifndef TT_SYNC_H
#define TT_SYNC_H

#include <stdint.h>

#define TT_NSEC		1000000000ll
/* No operation of a test takes this long: past it, the device hangs. */
#define TT_DEADLINE_S	60

int64_t tt_deadline(int seconds);
/* Wait on one timeline point (0: binary); -ETIME if it does not come. */
int tt_sync_wait(int fd, uint32_t handle, uint64_t point, int64_t deadline, uint32_t flags);
/* Have an eventfd rung when the point comes; -EINVAL or -ENOTTY: the kernel cannot. */
int tt_sync_eventfd(int fd, uint32_t handle, uint64_t point, int event);
void tt_sleep_ms(unsigned int ms);

#endif /* TT_SYNC_H */
