/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses that no queue of an attacker may reach: the victim's in each of the forms that
 * an address can have, the chip's registers, the kernel's, and those with a stray bit.
 */
#ifndef TT_TARGETS_H
#define TT_TARGETS_H

#include "tt_victim.h"

#define TT_MAX_TARGETS 512

struct tt_targets {
	uint64_t addr[TT_MAX_TARGETS];
	unsigned int num;
};

/* @fd: the device, to learn where its memory is on the bus. */
int tt_targets_make(struct tt_targets *targets, const struct tt_victim *victim, int fd);

#endif /* TT_TARGETS_H */
