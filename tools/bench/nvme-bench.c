// SPDX-License-Identifier: MIT
/*
 * nvme-bench DEVICE DEPTH BATCH RUN_MS: reads of 4 KiB per second from a block device,
 * with the fastest interface that the kernel has for it: io_uring with registered
 * buffers and a registered file, past the page cache, DEPTH reads in flight.
 *
 * A read that is finished is followed by another: with a system call each if BATCH is
 * 1, with one for up to BATCH that are finished by then. Reads are scattered, so that
 * the block layer merges none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <liburing.h>

#include "bench_time.h"

#define BLOCK 4096u
#define MAX_DEPTH 256u

struct reader {
	struct io_uring ring;
	char *buffers;		/* of BLOCK bytes each */
	unsigned int depth;
	unsigned int batch;
	uint64_t blocks;	/* of the device */
	uint64_t random;
};

static void queue_read(struct reader *reader, uint64_t slot)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&reader->ring);

	reader->random = reader->random * 6364136223846793005ull + 1442695040888963407ull;
	io_uring_prep_read_fixed(sqe, 0, reader->buffers + slot * BLOCK, BLOCK,
				 (reader->random >> 33) % reader->blocks * BLOCK, slot);
	sqe->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data64(sqe, slot);
}

/* Take up to a batch that is finished; while there is more to do, the slots read again. */
static int reap(struct reader *reader, uint64_t *to_queue, uint64_t *to_finish)
{
	struct io_uring_cqe *cqe;
	unsigned int head, seen = 0;

	io_uring_for_each_cqe(&reader->ring, head, cqe) {
		if (seen == reader->batch)
			break;
		if (cqe->res != (int)BLOCK)
			return cqe->res < 0 ? cqe->res : -EIO;
		seen++;
		--*to_finish;
		if (*to_queue) {
			--*to_queue;
			queue_read(reader, io_uring_cqe_get_data64(cqe));
		}
	}
	io_uring_cq_advance(&reader->ring, seen);
	return 0;
}

static int repeat_read(void *arg, uint64_t count)
{
	struct reader *reader = arg;
	uint64_t to_queue = count, to_finish = count;
	int ret;

	for (uint64_t slot = 0; slot < reader->depth && to_queue; slot++, to_queue--)
		queue_read(reader, slot);
	while (to_finish) {
		ret = io_uring_submit_and_wait(&reader->ring, 1);
		if (ret >= 0)
			ret = reap(reader, &to_queue, &to_finish);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int reader_open(struct reader *reader, const char *path)
{
	struct iovec vecs[MAX_DEPTH];
	int fd, ret;

	fd = open(path, O_RDONLY | O_DIRECT);
	if (fd < 0)
		return -errno;
	reader->blocks = lseek(fd, 0, SEEK_END) / BLOCK;
	if (!reader->blocks)
		return -ENODATA;
	reader->buffers = aligned_alloc(BLOCK, reader->depth * BLOCK);
	if (!reader->buffers)
		return -ENOMEM;
	memset(reader->buffers, 0, reader->depth * BLOCK);
	for (unsigned int i = 0; i < reader->depth; i++)
		vecs[i] = (struct iovec){ reader->buffers + i * BLOCK, BLOCK };

	ret = io_uring_queue_init(reader->depth, &reader->ring,
				  IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
	if (!ret)
		ret = io_uring_register_buffers(&reader->ring, vecs, reader->depth);
	if (!ret)
		ret = io_uring_register_files(&reader->ring, &fd, 1);
	return ret;
}

int main(int argc, char **argv)
{
	struct reader reader = { .random = 1 };
	double rate;
	int ret;

	if (argc != 5) {
		fputs("usage: nvme-bench DEVICE DEPTH BATCH RUN_MS\n", stderr);
		return 2;
	}
	reader.depth = strtoul(argv[2], NULL, 0);
	reader.batch = strtoul(argv[3], NULL, 0);
	if (!reader.depth || reader.depth > MAX_DEPTH || !reader.batch) {
		fprintf(stderr, "nvme-bench: DEPTH is 1 to %u, BATCH at least 1\n", MAX_DEPTH);
		return 2;
	}
	ret = reader_open(&reader, argv[1]);
	if (!ret)
		ret = bench_rate(repeat_read, &reader, atoll(argv[4]) * 1000000, &rate);
	if (ret) {
		fprintf(stderr, "nvme-bench: %s: %s\n", argv[1], strerror(-ret));
		return 1;
	}
	printf("{\"test\": \"nvme4k\", \"depth\": %u, \"batch\": %u, \"ops_per_s\": %.1f}\n",
	       reader.depth, reader.batch, rate);
	return 0;
}
