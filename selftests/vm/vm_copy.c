// SPDX-License-Identifier: GPL-2.0-only
/* The device reads, at any moment, the memory that is bound at an address of its VM. */
#include <pthread.h>
#include <sys/mman.h>

#include "tt_harness.h"
#include "tt_uqueue.h"
#include "tt_vm.h"

#define RING		64
#define SIZE		(8 * TT_MIB)
#define PAGES		((unsigned int)(SIZE / TT_PAGE))
/* A window across a multiple of 1 GiB, so that tables of all levels come and go. */
#define WINDOW		(4 * TT_GIB - SIZE / 2)

/* A VM with a queue; the first word of each page of three BOs tells which page it is. */
FIXTURE(vm_copy)
{
	struct tt_device dev;
	struct tt_upath path;
	struct tt_bo bos[3];	/* HBM, host memory, memory of ours that begins within a page */
	char *mem;
	struct tt_usage before;
};

static uint64_t tag(unsigned int bo, unsigned int page)
{
	return (uint64_t)(bo + 1) << 32 | page;
}

static void tag_pages(char *map, unsigned int bo)
{
	unsigned int page;

	for (page = 0; page < PAGES; page++)
		*(uint64_t *)(map + page * TT_PAGE) = tag(bo, page);
}

FIXTURE_SETUP(vm_copy)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no user-mode queues");
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	self->mem = tt_pages(SIZE);
	ASSERT_NE(NULL, self->mem);
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.hbm, &self->bos[0]));
	ASSERT_EQ(0, tt_bo_create(self->dev.fd, SIZE, self->dev.system, &self->bos[1]));
	ASSERT_EQ(0, tt_bo_userptr(self->dev.fd, self->mem + 100, SIZE - 200, 0, &self->bos[2]));
	tag_pages(self->bos[0].map, 0);
	tag_pages(self->bos[1].map, 1);
	tag_pages(self->mem, 2);
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, TT_MIB, &self->path));
}

FIXTURE_TEARDOWN(vm_copy)
{
	int i;

	tt_upath_close(&self->path);
	for (i = 0; i < 3; i++)
		tt_bo_close(&self->bos[i]);
	munmap(self->mem, SIZE);
	if (self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES)
		EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* The device will log that a queue of ours found nothing. */
static void expect_no_translation(void)
{
	printf("# expect-guest-error: engine [0-9]+ queue [0-9]+: no translation\n");
	fflush(stdout);
}

/* The first word of a page as the device sees it; it comes to the start of path.b. */
static int read_word(FIXTURE_DATA(vm_copy) *self, uint64_t va, uint64_t *word)
{
	int ret = tt_uqueue_copy(&self->path.uq, TT_UPATH_B, va, sizeof(*word));

	*word = *(volatile uint64_t *)self->path.b.map;
	return ret;
}

/* A new queue in place of one that died. */
static int renew_queue(FIXTURE_DATA(vm_copy) *self)
{
	struct drm_trn_queue_create args = tt_uqueue_args(self->path.vm.id, TT_UPATH_RING, RING);

	tt_uqueue_destroy(&self->path.uq);
	return tt_uqueue_create(self->dev.fd, &args, self->path.ring.map, &self->path.uq);
}

/* ---- any binds, compared with a list of pages ---- */

/* One to three operations at once; @model has a tag for each page, or 0. */
static int random_bind(FIXTURE_DATA(vm_copy) *self, uint64_t *rnd, uint64_t *model)
{
	unsigned int n, num = 1 + tt_random(rnd) % 3;
	struct drm_trn_vm_op ops[3];

	for (n = 0; n < num; n++) {
		unsigned int align = tt_random(rnd) % 3 ? 1 : 512;
		unsigned int first = tt_random(rnd) % PAGES / align * align;
		unsigned int count = 1 + tt_random(rnd) % (tt_random(rnd) % 2 ? 16 : PAGES - first);
		unsigned int bo = tt_random(rnd) % 3, offset, i;
		bool is_map = tt_random(rnd) % 4;

		if (count > PAGES - first)
			count = PAGES - first;
		/* As often as not aligned alike, so that leaves can be large. */
		offset = tt_random(rnd) % 2 ? first : tt_random(rnd) % (PAGES - count + 1);
		for (i = 0; i < count; i++)
			model[first + i] = is_map ? tag(bo, offset + i) : 0;
		ops[n] = tt_vm_op_unmap(WINDOW + first * TT_PAGE, count * TT_PAGE);
		if (is_map)
			ops[n] = tt_vm_op_map(&self->bos[bo], offset * TT_PAGE,
					      WINDOW + first * TT_PAGE, count * TT_PAGE, TT_VM_RW);
	}
	return tt_vm_bind(&self->path.vm, ops, num);
}

/* True if the device reads the right words from some pages, near each other and anywhere. */
static bool spot_check(FIXTURE_DATA(vm_copy) *self, uint64_t *rnd, const uint64_t *model)
{
	unsigned int i, page = tt_random(rnd) % PAGES;
	uint64_t word;

	for (i = 0; i < 24; i++) {
		page = (i % 4 ? page + 1 : tt_random(rnd)) % PAGES;
		if (!model[page])
			continue;
		if (!tt_fact("error of a read", 0,
			     read_word(self, WINDOW + page * TT_PAGE, &word)) ||
		    !tt_fact("word of a mapped page", model[page], word))
			return false;
	}
	return true;
}

/* A page that is not mapped faults, if there is one to be found. */
static bool hole_check(FIXTURE_DATA(vm_copy) *self, uint64_t *rnd, const uint64_t *model)
{
	unsigned int i, page = tt_random(rnd) % PAGES;
	uint64_t word;

	for (i = 0; i < PAGES && model[page]; i++)
		page = (page + 1) % PAGES;
	if (model[page])
		return true;
	return tt_fact("error of a hole", -EFAULT,
		       read_word(self, WINDOW + page * TT_PAGE, &word)) &&
	       tt_fact("error of a new queue", 0, renew_queue(self));
}

TEST_F(vm_copy, device_sees_what_is_bound)
{
	unsigned int round, rounds = tt_scale(600, 100), holes = self->dev.info.max_faults / 2;
	uint64_t *model = calloc(PAGES, sizeof(*model));
	uint64_t rnd = tt_seed();

	ASSERT_NE(NULL, model);
	expect_no_translation();
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, random_bind(self, &rnd, model));
		ASSERT_TRUE(spot_check(self, &rnd, model)) {
			TH_LOG("round %u", round);
		}
		if (round % (rounds / holes + 1) == 0)
			ASSERT_TRUE(hole_check(self, &rnd, model));
	}
	free(model);
}

/* ---- mappings that no bind touches stay ---- */

struct binder {
	pthread_t thread;
	int (*bind)(struct binder *binder, unsigned int round);
	const struct tt_vm *vm;
	const struct tt_bo *bos;
	unsigned int rounds;
	bool done;
	int ret;
};

static void *binder_main(void *arg)
{
	struct binder *binder = arg;
	unsigned int round;

	for (round = 0; round < binder->rounds && !binder->ret; round++)
		binder->ret = binder->bind(binder, round);
	__atomic_store_n(&binder->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static int binder_start(struct binder *binder, FIXTURE_DATA(vm_copy) *self,
			int (*bind)(struct binder *binder, unsigned int round))
{
	*binder = (struct binder) {
		.bind = bind,
		.vm = &self->path.vm,
		.bos = self->bos,
		.rounds = tt_scale(2000, 300),
	};
	return -pthread_create(&binder->thread, NULL, binder_main, binder);
}

/* A large leaf loses a page other than its first, and becomes whole again. */
static int split_and_join(struct binder *binder, unsigned int round)
{
	uint64_t page = 1 + round % 511;
	struct drm_trn_vm_op unmap = tt_vm_op_unmap(WINDOW + page * TT_PAGE, TT_PAGE);
	struct drm_trn_vm_op map = tt_vm_op_map(&binder->bos[0], 0, WINDOW, 2 * TT_MIB, TT_VM_RW);
	int ret = tt_vm_bind(binder->vm, &unmap, 1);

	return ret ? ret : tt_vm_bind(binder->vm, &map, 1);
}

TEST_F(vm_copy, neighbours_of_what_is_unmapped_do_not_notice)
{
	struct binder binder;
	uint64_t word, n = 0;

	ASSERT_EQ(0, tt_vm_map(&self->path.vm, &self->bos[0], WINDOW));
	ASSERT_EQ(0, binder_start(&binder, self, split_and_join));
	while (!__atomic_load_n(&binder.done, __ATOMIC_ACQUIRE)) {
		ASSERT_EQ(0, read_word(self, WINDOW, &word)) {
			TH_LOG("copy %llu", (unsigned long long)n);
		}
		ASSERT_EQ(tag(0, 0), word);
		n++;
	}
	pthread_join(binder.thread, NULL);
	EXPECT_EQ(0, binder.ret);
}

/* The same place shows one BO, then another, in leaves of other sizes. */
static int replace(struct binder *binder, unsigned int round)
{
	struct drm_trn_vm_op op = tt_vm_op_map(&binder->bos[round % 3], 0, WINDOW, 2 * TT_MIB,
					       TT_VM_RW);

	return tt_vm_bind(binder->vm, &op, 1);
}

TEST_F(vm_copy, replacing_has_no_gap)
{
	struct binder binder;
	unsigned int n = 0;
	uint64_t word;

	ASSERT_EQ(0, tt_vm_map(&self->path.vm, &self->bos[0], WINDOW));
	ASSERT_EQ(0, binder_start(&binder, self, replace));
	while (!__atomic_load_n(&binder.done, __ATOMIC_ACQUIRE)) {
		unsigned int page = n++ % 512;

		ASSERT_EQ(0, read_word(self, WINDOW + page * TT_PAGE, &word));
		ASSERT_EQ(page, word & 0xffffffff);
		ASSERT_LE(1, word >> 32);
		ASSERT_GE(3, word >> 32);
	}
	pthread_join(binder.thread, NULL);
	EXPECT_EQ(0, binder.ret);
	/* From the end of the last call on, its mapping is there. */
	ASSERT_EQ(0, read_word(self, WINDOW + 7 * TT_PAGE, &word));
	EXPECT_EQ(tag((binder.rounds - 1) % 3, 7), word);
}

TEST_F(vm_copy, vms_do_not_see_each_other)
{
	struct tt_upath other;
	uint64_t word;

	/* The same addresses, and other memory behind them. */
	ASSERT_EQ(0, tt_upath_open(&self->dev, RING, TT_MIB, &other));
	ASSERT_EQ(0, tt_vm_map(&self->path.vm, &self->bos[0], WINDOW));
	ASSERT_EQ(0, tt_vm_map(&other.vm, &self->bos[1], WINDOW));
	ASSERT_EQ(0, read_word(self, WINDOW + TT_PAGE, &word));
	EXPECT_EQ(tag(0, 1), word);
	ASSERT_EQ(0, tt_uqueue_copy(&other.uq, TT_UPATH_B, WINDOW + TT_PAGE, sizeof(word)));
	EXPECT_EQ(tag(1, 1), *(uint64_t *)other.b.map);
	ASSERT_EQ(0, tt_vm_unmap(&self->path.vm, WINDOW, SIZE));
	expect_no_translation();
	ASSERT_EQ(0, tt_uqueue_copy(&other.uq, TT_UPATH_B, WINDOW + 2 * TT_PAGE, sizeof(word)));
	EXPECT_EQ(tag(1, 2), *(uint64_t *)other.b.map);
	EXPECT_EQ(-EFAULT, read_word(self, WINDOW + TT_PAGE, &word));
	tt_upath_close(&other);
}

TEST_F(vm_copy, a_queue_holds_its_address_space)
{
	struct tt_vm vm = self->path.vm;
	uint64_t word;

	ASSERT_EQ(0, tt_vm_map(&vm, &self->bos[1], WINDOW));
	tt_bo_close(&self->bos[1]);
	ASSERT_EQ(0, tt_vm_destroy(&self->path.vm));
	ASSERT_EQ(0, read_word(self, WINDOW + 5 * TT_PAGE, &word));
	EXPECT_EQ(tag(1, 5), word);
}

TEST_HARNESS_MAIN
