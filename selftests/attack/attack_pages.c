// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two pages of a queue, and what else can be mapped: a doorbell reaches its own
 * queue and no register, a record can be read and no more, and neither is anybody
 * else's, a child's least of all.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tt_attacker.h"
#include "tt_harness.h"
#include "tt_victim.h"

FIXTURE(pages)
{
	struct tt_device dev;
	struct tt_victim victim;
	struct tt_attacker attacker;
	struct tt_usage before;
};

FIXTURE_SETUP(pages)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_victim_start(&self->victim, DRM_TRN_NONE));
	/* Next door to the victim. */
	ASSERT_EQ(0, tt_attacker_open(&self->attacker, self->victim.place.engine));
}

FIXTURE_TEARDOWN(pages)
{
	EXPECT_EQ(0, tt_victim_check(&self->victim));
	tt_attacker_close(&self->attacker);
	tt_victim_stop(&self->victim);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* ---- the doorbell page ---- */

/* A store of @size bytes, which the compiler may not split or widen. */
static void store(void *addr, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		__atomic_store_n((uint8_t *)addr, value, __ATOMIC_RELEASE);
		break;
	case 2:
		__atomic_store_n((uint16_t *)addr, value, __ATOMIC_RELEASE);
		break;
	case 4:
		__atomic_store_n((uint32_t *)addr, value, __ATOMIC_RELEASE);
		break;
	default:
		__atomic_store_n((uint64_t *)addr, value, __ATOMIC_RELEASE);
		break;
	}
}

/* Every word of it, in every size; the queue may die of it, and of nothing else. */
TEST_F(pages, no_store_to_a_doorbell_page_leaves_its_queue)
{
	static const uint64_t values[] = { 1, 0x0000000100000001, 0xffffffffffffffff };
	struct tt_attacker *attacker = &self->attacker;
	unsigned int at, size, v, n = 0;

	for (size = 1; size <= 8; size *= 2) {
		for (at = 0; at < TT_PAGE; at += size == 1 ? 1 : size, n++) {
			v = n % ARRAY_SIZE(values);
			store((char *)attacker->queue.doorbell + at, size, values[v]);
			if (tt_uqueue_error(&attacker->queue))
				ASSERT_EQ(0, tt_attacker_revive(attacker));
			if (n % 512 == 0)
				ASSERT_EQ(0, tt_victim_check(&self->victim));
		}
	}
	EXPECT_TRUE(tt_attacker_is_clean(attacker));
}

/* A queue that was rung for descriptors that are not there. */
TEST_F(pages, more_than_the_ring_holds_ends_the_queue)
{
	static const uint64_t counts[] = {
		65ull << 32 | 1, 65, 0xffffffff, 0xffffffffull << 32, 0xffffffffffffffff,
		0x8000000080000000, 1000,
	};
	struct drm_trn_queue_get_state state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		store((char *)self->attacker.queue.doorbell + DRM_TRN_DOORBELL_BOTH, 8, counts[i]);
		EXPECT_GT(0, tt_attacker_verdict(&self->attacker, &state)) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(DRM_TRN_QUEUE_STATE_FAULTED, state.state) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(-EIO, state.error) {
			TH_LOG("case %d", (int)i);
		}
		EXPECT_EQ(0, state.completed) {
			TH_LOG("case %d", (int)i);
		}
		ASSERT_EQ(0, tt_attacker_revive(&self->attacker));
	}
	EXPECT_TRUE(tt_attacker_is_clean(&self->attacker));
}

/* The page of a queue that was destroyed does not become that of the next one. */
TEST_F(pages, a_doorbell_does_not_outlive_its_queue)
{
	unsigned int rounds = tt_scale(200, 40), i;
	struct tt_attacker *attacker = &self->attacker;
	struct tt_uqueue *queue = &attacker->queue, old;

	for (i = 0; i < rounds; i++) {
		old = *queue;
		ASSERT_EQ(0, tt_queue_destroy(&old.queue));
		/* Most likely the same hardware queue. */
		ASSERT_EQ(0, tt_attacker_enqueue(attacker));
		store((char *)old.doorbell + DRM_TRN_DOORBELL_BOTH, 8, 0xffffffffffffffff);
		EXPECT_EQ(0, tt_uqueue_copy(queue, attacker->dst_va, attacker->src_va, 64));
		EXPECT_EQ(0, tt_uqueue_error(queue));
		munmap(old.doorbell, TT_PAGE);
		munmap((void *)old.page, TT_PAGE);
	}
}

/* ---- rights ---- */

/* The record is the kernel's and the device's to write. */
TEST_F(pages, the_record_cannot_be_written)
{
	const struct tt_uqueue *queue = &self->attacker.queue;
	void *page = (void *)queue->page;
	uint64_t value = 1;
	int fd;

	EXPECT_NE(0, mprotect(page, TT_PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, TT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				   queue->queue.fd, queue->record_offset));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, TT_PAGE, PROT_WRITE, MAP_SHARED, queue->queue.fd,
				   queue->record_offset));
	/* A copy of the page would show wrong numbers. */
	EXPECT_EQ(MAP_FAILED, mmap(NULL, TT_PAGE, PROT_READ, MAP_PRIVATE, queue->queue.fd,
				   queue->record_offset));
	/* As a debugger writes to a mapping for reading. */
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, &value, sizeof(value), (uintptr_t)page));
	close(fd);
	EXPECT_EQ(0, queue->page->record.s2m);
}

/* To be written, and to be shared: as memory of a process it is of no use. */
TEST_F(pages, the_doorbell_is_no_memory)
{
	const struct tt_uqueue *queue = &self->attacker.queue;
	uint64_t value = 1;
	int fd;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, TT_PAGE, PROT_WRITE, MAP_PRIVATE, queue->queue.fd,
				   queue->doorbell_offset));
	EXPECT_NE(0, mprotect(queue->doorbell, TT_PAGE, PROT_WRITE | PROT_EXEC));
	EXPECT_EQ(MAP_FAILED, mremap(queue->doorbell, TT_PAGE, 2 * TT_PAGE, MREMAP_MAYMOVE));
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, &value, sizeof(value), (uintptr_t)queue->doorbell));
	close(fd);
	/* Nor can it be pinned for the device, which would then ring for itself. */
	struct tt_bo bo;

	EXPECT_EQ(-EFAULT, tt_bo_userptr(queue->queue.fd, queue->doorbell, TT_PAGE, 0, &bo));
	EXPECT_EQ(-EFAULT, tt_bo_userptr(queue->queue.fd, (void *)queue->page, TT_PAGE, 0, &bo));
}

/* ---- pages that a file can map ---- */

static bool can_map(int fd, uint64_t offset, uint64_t size)
{
	static const int prots[] = { PROT_READ, PROT_WRITE };
	int i;

	for (i = 0; i < 2; i++) {
		void *map = mmap(NULL, size, prots[i], MAP_SHARED, fd, offset);

		if (map != MAP_FAILED) {
			munmap(map, size);
			return true;
		}
	}
	return false;
}

static bool is_own(const struct tt_attacker *attacker, uint64_t offset)
{
	const struct tt_bo *bos[] = {
		&attacker->src, &attacker->dst, &attacker->operands, &attacker->own,
		&attacker->ring,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bos); i++)
		if (offset == bos[i]->mmap_offset)
			return true;
	return offset == attacker->queue.doorbell_offset || offset == attacker->queue.record_offset;
}

/* A file maps its own objects from where they begin, and nothing else there is. */
TEST_F(pages, nothing_but_the_own_can_be_mapped)
{
	const struct tt_attacker *attacker = &self->attacker;
	const uint64_t marks[] = {
		attacker->queue.doorbell_offset, attacker->queue.record_offset,
		attacker->src.mmap_offset, self->victim.place.doorbell_offset,
		self->victim.place.record_offset, 0,
	};
	int fd = attacker->dev.fd;
	uint64_t page, offset;
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		/* Around the mark, as far as offsets go down. */
		for (page = 0; page < 1024; page++) {
			offset = marks[i] + page * TT_PAGE - 512 * TT_PAGE;
			if (offset > 1ull << 62)
				continue;
			EXPECT_EQ(is_own(attacker, offset), can_map(fd, offset, TT_PAGE)) {
				TH_LOG("offset %#llx", (unsigned long long)offset);
			}
		}
	}
	for (bit = 12; bit < 63; bit++) {
		offset = 1ull << bit;
		EXPECT_EQ(is_own(attacker, offset), can_map(fd, offset, TT_PAGE));
	}
	/* No more of it than there is. */
	EXPECT_FALSE(can_map(fd, attacker->queue.doorbell_offset, 2 * TT_PAGE));
	EXPECT_FALSE(can_map(fd, attacker->queue.record_offset, 2 * TT_PAGE));
}

/* The fixture's own file has no queue: the queues of others are not there for it. */
TEST_F(pages, pages_belong_to_one_file)
{
	const struct tt_uqueue *queue = &self->attacker.queue;

	EXPECT_TRUE(can_map(queue->queue.fd, queue->doorbell_offset, TT_PAGE));
	EXPECT_TRUE(can_map(queue->queue.fd, queue->record_offset, TT_PAGE));
	EXPECT_FALSE(can_map(self->dev.fd, queue->doorbell_offset, TT_PAGE));
	EXPECT_FALSE(can_map(self->dev.fd, queue->record_offset, TT_PAGE));
}

/* ---- fork ---- */

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(after_fault, 1);
}

/* In the child: 0 if the page is not there. */
static int touch_doorbell(const struct tt_uqueue *queue)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (sigsetjmp(after_fault, 1))
		return 0;
	store((char *)queue->doorbell + DRM_TRN_DOORBELL_BOTH, 8, 0xffffffffffffffff);
	return 1;
}

TEST_F(pages, a_child_does_not_get_the_doorbell)
{
	struct tt_attacker *attacker = &self->attacker;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(touch_doorbell(&attacker->queue));
	EXPECT_EQ(0, tt_reap(pid));
	EXPECT_EQ(0, tt_uqueue_copy(&attacker->queue, attacker->dst_va, attacker->src_va, 64));
	EXPECT_EQ(0, tt_uqueue_error(&attacker->queue));
}

TEST_HARNESS_MAIN
