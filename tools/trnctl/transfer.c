// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "host_memory.h"
#include "progress.h"
#include "transfer.h"

/*
 * Long work is split into pieces, so that progress can be shown. Several pieces are in
 * flight at any time, so that the device does not idle.
 */
#define PIECE (16ull << 20)
#define PIECES_IN_FLIGHT 4

/* Index of the region that is this stack, or -ENOENT. */
static int find_stack(struct trn_device *dev, uint32_t stack)
{
	struct trn_region regions[64];
	int count = trn_device_get_regions(dev, regions, ARRAY_SIZE(regions));

	for (int i = 0; i < count && i < (int)ARRAY_SIZE(regions); i++) {
		if (regions[i].kind == TRN_REGION_HBM && regions[i].instance == stack)
			return i;
	}
	return -ENOENT;
}

bool place_exists(struct trn_device *dev, struct place place)
{
	return place.host || find_stack(dev, place.stack) >= 0;
}

static int make_hbm(struct trn_device *dev, struct buffer *buf)
{
	int region = find_stack(dev, buf->place.stack);
	int ret;

	if (region < 0)
		return fail("the device has no HBM stack %u: 'trnctl info' shows what it has",
			    buf->place.stack);
	ret = trn_bo_new(dev, buf->size, TRN_PLACE_REGION(region), 0, &buf->bo);
	if (ret)
		return fail_alloc(buf->place, buf->size, ret);
	ret = trn_bo_map(buf->bo, &buf->cpu);
	if (ret)
		return fail("cannot map the memory of the device: %s", trn_strerror(ret));
	return STATUS_DONE;
}

/* Page tables and lists of pinned pages take memory besides the buffer. */
static bool host_has_room(uint64_t size)
{
	uint64_t available = host_memory_available("");

	return size <= available - available / 32;
}

static int make_host(struct trn_device *dev, struct buffer *buf)
{
	void *map;
	int ret;

	/* If the memory ran out during a write, the kernel would kill the program. */
	if (!host_has_room(buf->size))
		return fail_alloc(buf->place, buf->size, -ENOMEM);
	/* Zeroed, and aligned to huge pages where there are any, by the kernel. */
	map = mmap(NULL, buf->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return fail_alloc(buf->place, buf->size, -ENOMEM);
	buf->cpu = map;
	/* Long runs of physical memory make for few descriptors. Only advice. */
	madvise(map, buf->size, MADV_HUGEPAGE);
	ret = trn_bo_pin(dev, buf->cpu, buf->size, 0, &buf->bo);
	return ret ? fail_pin(buf->size, ret) : STATUS_DONE;
}

int buffer_make(struct trn_device *dev, struct place place, uint64_t size, struct buffer *buf)
{
	int status;

	*buf = (struct buffer){ .place = place, .size = size };
	status = place.host ? make_host(dev, buf) : make_hbm(dev, buf);
	if (status)
		buffer_free(buf);
	return status;
}

void buffer_free(struct buffer *buf)
{
	trn_bo_unref(buf->bo);
	if (buf->place.host && buf->cpu)
		munmap(buf->cpu, buf->size);
	*buf = (struct buffer){ 0 };
}

/* Steps by the golden ratio never repeat, and folding makes all bytes differ. */
#define DATA_STEP 0x9e3779b97f4a7c15ull

static uint64_t data_fold(uint64_t x)
{
	return x ^ x >> 32;
}

/* The seed at @offset, a multiple of 8, of data that begins with @seed. */
static uint64_t data_seed(uint64_t seed, uint64_t offset)
{
	return seed + offset / 8 * DATA_STEP;
}

static void piece_write(uint64_t *words, uint64_t size, uint64_t seed)
{
	uint64_t last;

	for (uint64_t i = 0; i < size / 8; i++) {
		words[i] = data_fold(seed);
		seed += DATA_STEP;
	}
	last = data_fold(seed);
	memcpy(words + size / 8, &last, size % 8);
}

static bool piece_check(const uint64_t *words, uint64_t size, uint64_t seed, uint64_t *offset)
{
	uint64_t last;

	for (uint64_t i = 0; i < size / 8; i++) {
		if (words[i] != data_fold(seed)) {
			*offset = i * 8;
			return false;
		}
		seed += DATA_STEP;
	}
	last = data_fold(seed);
	*offset = size / 8 * 8;
	return !memcmp(words + size / 8, &last, size % 8);
}

/* Bytes of the piece that begins at @offset of @size bytes. */
static uint64_t piece_size(uint64_t offset, uint64_t size)
{
	return size - offset < PIECE ? size - offset : PIECE;
}

void data_write(const struct buffer *buf, uint64_t seed)
{
	struct progress progress;

	progress_begin(&progress, "generating data", buf->size);
	for (uint64_t at = 0; at < buf->size; at += PIECE) {
		piece_write((uint64_t *)((char *)buf->cpu + at), piece_size(at, buf->size),
			    data_seed(seed, at));
		progress_update(&progress, at);
	}
	progress_end(&progress);
}

bool data_check(const struct buffer *buf, uint64_t seed, uint64_t *offset)
{
	struct progress progress;
	bool good = true;

	progress_begin(&progress, "verifying data", buf->size);
	for (uint64_t at = 0; at < buf->size && good; at += PIECE) {
		good = piece_check((const uint64_t *)((const char *)buf->cpu + at),
				   piece_size(at, buf->size), data_seed(seed, at), offset);
		*offset += at;
		progress_update(&progress, at);
	}
	progress_end(&progress);
	return good;
}

/* Run @op over the whole buffer, piece by piece. */
static int run_pieces(const struct session *session, struct trn_op op, uint64_t size,
		      const char *what, int64_t *ns)
{
	struct trn_ticket tickets[PIECES_IN_FLIGHT];
	uint64_t pieces = (size + PIECE - 1) / PIECE;
	struct progress progress;
	int ret = 0;

	progress_begin(&progress, what, pieces);
	*ns = trn_deadline(0);
	for (uint64_t i = 0; i < pieces + PIECES_IN_FLIGHT && !ret; i++) {
		struct trn_ticket *ticket = &tickets[i % PIECES_IN_FLIGHT];

		if (i >= PIECES_IN_FLIGHT && i - PIECES_IN_FLIGHT < pieces) {
			ret = trn_copier_wait(session->copier, ticket, INT64_MAX);
			progress_update(&progress, i - PIECES_IN_FLIGHT + 1);
		}
		if (i < pieces && !ret) {
			op.dst_offset = i * PIECE;
			op.src_offset = op.type == TRN_OP_COPY ? i * PIECE : 0;
			op.size = piece_size(i * PIECE, size);
			ret = trn_copier_start(session->copier, &op, ticket);
		}
	}
	*ns = trn_deadline(0) - *ns;
	progress_end(&progress);
	return ret ? fail_work(session, what, ret) : STATUS_DONE;
}

int transfer_copy(const struct session *session, const struct buffer *dst,
		  const struct buffer *src, int64_t *ns)
{
	struct trn_op op = { .type = TRN_OP_COPY, .dst = dst->bo, .src = src->bo };
	char from[PLACE_NAME_MAX], to[PLACE_NAME_MAX], what[64];

	snprintf(what, sizeof(what), "copy from %s to %s", place_name(src->place, from),
		 place_name(dst->place, to));
	return run_pieces(session, op, dst->size, what, ns);
}

int transfer_fill(const struct session *session, const struct buffer *dst, uint32_t pattern,
		  int64_t *ns)
{
	struct trn_op op = { .type = TRN_OP_FILL, .dst = dst->bo, .pattern = pattern };
	char to[PLACE_NAME_MAX], what[64];

	snprintf(what, sizeof(what), "fill of %s", place_name(dst->place, to));
	return run_pieces(session, op, dst->size, what, ns);
}
