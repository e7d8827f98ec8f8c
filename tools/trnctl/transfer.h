/* SPDX-License-Identifier: MIT */
/* Memory to copy between, data to recognise, and the copies themselves. */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "trnctl.h"

struct direction {
	struct place from, to;
};

/* The device has such memory. */
bool place_exists(struct trn_device *dev, struct place place);

/* Memory in one place, that both CPU and device reach. */
struct buffer {
	struct place place;
	uint64_t size;
	struct trn_bo *bo;
	void *cpu;
};

/* Prints the reason of a failure. The caller frees the buffer with buffer_free(). */
int buffer_make(struct trn_device *dev, struct place place, uint64_t size, struct buffer *buf);
void buffer_free(struct buffer *buf);

/* Data of a seed: every 8 bytes depend on their place. */
void data_write(const struct buffer *buf, uint64_t seed);
/* True if the data are those of data_write(), else @offset is that of the first other word. */
bool data_check(const struct buffer *buf, uint64_t seed, uint64_t *offset);

/* Copy all of @src to @dst, with progress shown; *ns is the time it took. */
int transfer_copy(const struct session *session, const struct buffer *dst,
		  const struct buffer *src, int64_t *ns);
/* Fill all of @dst. */
int transfer_fill(const struct session *session, const struct buffer *dst, uint32_t pattern,
		  int64_t *ns);

#endif /* TRANSFER_H */
