/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a VM that are in use.
 *
 * Ranges are kept in order, in a circular list with an empty range as its head. A new range
 * is placed behind the one placed last; the search wraps once. An address is therefore
 * reused late, and a stale one faults rather than reaches new memory. A granule stays free
 * behind each range, so that an access beyond its end faults.
 */
#ifndef TRN_VM_VA_H
#define TRN_VM_VA_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* [start, end) */
struct trn_va_range {
	uint64_t start, end;
	bool leaving;			/* is being unmapped, by one thread */
	struct trn_va_range *prev, *next;
};

struct trn_va_space {
	pthread_mutex_t lock;		/* protects the ranges */
	uint64_t start, end, granule;
	struct trn_va_range ends;
	struct trn_va_range *last_placed;
};

void trn_va_init(struct trn_va_space *space, uint64_t start, uint64_t size, uint64_t granule);
void trn_va_fini(struct trn_va_space *space);

/* Place a range; sizes are multiples of the granule. Return: 0, -ENOSPC, -ENOMEM. */
int trn_va_place(struct trn_va_space *space, uint64_t size, struct trn_va_range **range);

/* Place a range at @start. Return: 0, -EINVAL outside the space, -EEXIST in use, -ENOMEM. */
int trn_va_place_at(struct trn_va_space *space, uint64_t start, uint64_t size,
		    struct trn_va_range **range);

/* Begin to unmap the range that holds @va. Return: 0, -ENOENT no range, or it is leaving. */
int trn_va_begin_leave(struct trn_va_space *space, uint64_t va, struct trn_va_range **range);

/* The range could not be unmapped: it stays. */
void trn_va_cancel_leave(struct trn_va_space *space, struct trn_va_range *range);

void trn_va_remove(struct trn_va_space *space, struct trn_va_range *range);

#endif /* TRN_VM_VA_H */
