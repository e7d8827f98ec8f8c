// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "vm/va.h"

void trn_va_init(struct trn_va_space *space, uint64_t start, uint64_t size, uint64_t granule)
{
	pthread_mutex_init(&space->lock, NULL);
	space->start = start;
	space->end = start + size;
	space->granule = granule;
	space->ends.prev = &space->ends;
	space->ends.next = &space->ends;
	space->last_placed = &space->ends;
}

void trn_va_fini(struct trn_va_space *space)
{
	struct trn_va_range *range, *next;

	for (range = space->ends.next; range != &space->ends; range = next) {
		next = range->next;
		free(range);
	}
	pthread_mutex_destroy(&space->lock);
}

static int insert_behind(struct trn_va_range *prev, uint64_t start, uint64_t size,
			 struct trn_va_range **out)
{
	struct trn_va_range *range = trn_zalloc(1, sizeof(*range));

	if (!range)
		return -ENOMEM;
	range->start = start;
	range->end = start + size;
	range->prev = prev;
	range->next = prev->next;
	prev->next->prev = range;
	prev->next = range;
	*out = range;
	return 0;
}

/* Page tables use large pages only where address and memory are both aligned. */
static uint64_t alignment(const struct trn_va_space *space, uint64_t size)
{
	if (size >= 1ull << 30)
		return 1ull << 30;
	if (size >= 1ull << 21)
		return 1ull << 21;
	return space->granule;
}

/* Find room for @size between @prev and the next range: its *start, or false. */
static bool fits_behind(const struct trn_va_space *space, const struct trn_va_range *prev,
			uint64_t size, uint64_t *start)
{
	uint64_t align = alignment(space, size), low, high, first;

	low = prev == &space->ends ? space->start : prev->end + space->granule;
	high = prev->next == &space->ends ? space->end : prev->next->start;
	first = (low + align - 1) / align * align;
	*start = first;
	return first >= low && first <= high && high - first >= space->granule &&
	       high - first - space->granule >= size;
}

int trn_va_place(struct trn_va_space *space, uint64_t size, struct trn_va_range **range)
{
	struct trn_va_range *prev;
	uint64_t start;
	int ret = -ENOSPC;

	pthread_mutex_lock(&space->lock);
	prev = space->last_placed;
	do {
		if (fits_behind(space, prev, size, &start)) {
			ret = insert_behind(prev, start, size, range);
			break;
		}
		prev = prev->next;
	} while (prev != space->last_placed);
	if (!ret)
		space->last_placed = *range;
	pthread_mutex_unlock(&space->lock);
	return ret;
}

int trn_va_place_at(struct trn_va_space *space, uint64_t start, uint64_t size,
		    struct trn_va_range **range)
{
	struct trn_va_range *next;
	int ret = -EEXIST;

	if (start < space->start || start > space->end || size > space->end - start)
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	next = space->ends.next;
	while (next != &space->ends && next->end <= start)
		next = next->next;
	if (next == &space->ends || next->start >= start + size)
		ret = insert_behind(next->prev, start, size, range);
	pthread_mutex_unlock(&space->lock);
	return ret;
}

int trn_va_begin_leave(struct trn_va_space *space, uint64_t va, struct trn_va_range **out)
{
	struct trn_va_range *range;
	int ret = -ENOENT;

	pthread_mutex_lock(&space->lock);
	range = space->ends.next;
	while (range != &space->ends && range->end <= va)
		range = range->next;
	if (range != &space->ends && range->start <= va && !range->leaving) {
		range->leaving = true;
		*out = range;
		ret = 0;
	}
	pthread_mutex_unlock(&space->lock);
	return ret;
}

void trn_va_cancel_leave(struct trn_va_space *space, struct trn_va_range *range)
{
	pthread_mutex_lock(&space->lock);
	range->leaving = false;
	pthread_mutex_unlock(&space->lock);
}

void trn_va_remove(struct trn_va_space *space, struct trn_va_range *range)
{
	pthread_mutex_lock(&space->lock);
	range->prev->next = range->next;
	range->next->prev = range->prev;
	if (space->last_placed == range)
		space->last_placed = range->prev;
	pthread_mutex_unlock(&space->lock);
	free(range);
}
