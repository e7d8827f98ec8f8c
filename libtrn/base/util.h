/* SPDX-License-Identifier: MIT */
/* Small helpers that know nothing of devices: minimum, references, memory. */
#ifndef TRN_BASE_UTIL_H
#define TRN_BASE_UTIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline uint64_t trn_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline void trn_ref_get(atomic_uint *refs)
{
	atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);
}

/* Take a reference, unless the last one is gone already: then return false. */
static inline bool trn_ref_get_unless_zero(atomic_uint *refs)
{
	unsigned int seen = atomic_load_explicit(refs, memory_order_relaxed);

	while (seen) {
		if (atomic_compare_exchange_weak_explicit(refs, &seen, seen + 1,
							  memory_order_acquire,
							  memory_order_relaxed))
			return true;
	}
	return false;
}

/* True for the last reference. Its owner then sees all writes of the others (acq_rel). */
static inline bool trn_ref_put(atomic_uint *refs)
{
	return atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel) == 1;
}

/* calloc() that leaves errno alone. */
void *trn_zalloc(size_t count, size_t size);

/*
 * Memory for @count elements of @size bytes while a call runs: @on_stack, if its @room
 * elements are enough, else from the heap. NULL if there is no memory. Only memory from
 * the heap is zeroed.
 */
void *trn_scratch_get(void *on_stack, size_t room, size_t count, size_t size);
void trn_scratch_put(void *on_stack, void *scratch);

#endif /* TRN_BASE_UTIL_H */
