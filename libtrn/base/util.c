// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

void *trn_zalloc(size_t count, size_t size)
{
	int saved = errno;
	void *mem = calloc(count, size);

	errno = saved;
	return mem;
}

void *trn_scratch_get(void *on_stack, size_t room, size_t count, size_t size)
{
	return count <= room ? on_stack : trn_zalloc(count, size);
}

void trn_scratch_put(void *on_stack, void *scratch)
{
	if (scratch != on_stack)
		free(scratch);
}
