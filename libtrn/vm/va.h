/* SPDX-License-Identifier: MIT */
/*
 * Which addresses of a VM are taken.
 *
 * Ranges are kept in order, in a ring that begins and ends with an empty one. New
 * ones go behind the one placed last, and round to the beginning once: an address
 * comes back late, so that a stale one faults rather than hits something new. A
 * granule stays free behind each, which catches what runs over its end.
 */
#ifndef TRN_VM_VA_H
#define TRN_VM_VA_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* [start, end) */
struct trn_va_range {
	uint64_t start, end;
	bool leaving;			/* is being unmapped: nobody else may */
	struct trn_va_range *prev, *next;
};

struct trn_va_space {
	pthread_mutex_t lock;		/* of the ranges */
	uint64_t start, end, granule;
	struct trn_va_range ends;
	struct trn_va_range *last_placed;
};

void trn_va_init(struct trn_va_space *space, uint64_t start, uint64_t size, uint64_t granule);
void trn_va_fini(struct trn_va_space *space);

/* Sizes are multiples of the granule. -ENOSPC, -ENOMEM. */
int trn_va_place(struct trn_va_space *space, uint64_t size, struct trn_va_range **range);

/* The same at @start; -EINVAL outside the space, -EEXIST taken. */
int trn_va_place_at(struct trn_va_space *space, uint64_t start, uint64_t size,
		    struct trn_va_range **range);

/* The range that holds @va is to leave: -ENOENT there is none, or it is leaving. */
int trn_va_begin_leave(struct trn_va_space *space, uint64_t va, struct trn_va_range **range);

/* It stays after all. */
void trn_va_cancel_leave(struct trn_va_space *space, struct trn_va_range *range);

void trn_va_remove(struct trn_va_space *space, struct trn_va_range *range);

#endif /* TRN_VM_VA_H */
