// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors with any bits. Whatever they say, the queue that has them reads and
 * writes what its address space maps and nothing else: not the memory of another
 * process, not registers, not the memory of its own file that is not mapped.
 */
#include "tt_attacker.h"
#include "tt_harness.h"
#include "tt_targets.h"
#include "tt_victim.h"

/* A look at all of the victim's memory takes longer than an attack. */
#define CHECK_EVERY 32

FIXTURE(desc)
{
	struct tt_device dev;
	struct tt_victim victim;
	struct tt_attacker attacker;
	struct tt_targets targets;
	struct tt_usage before;
	uint64_t random;
};

FIXTURE_SETUP(desc)
{
	ASSERT_EQ(0, tt_device_open(&self->dev));
	if (!(self->dev.info.caps & DRM_TRN_CAP_USER_QUEUES))
		SKIP(return, "the device has no MMU");
	self->random = tt_seed();
	ASSERT_EQ(0, tt_usage_read(self->dev.fd, &self->before));
	ASSERT_EQ(0, tt_victim_start(&self->victim, DRM_TRN_NONE));
	ASSERT_EQ(0, tt_targets_make(&self->targets, &self->victim, self->dev.fd));
	/* Next door to the victim. */
	ASSERT_EQ(0, tt_attacker_open(&self->attacker, self->victim.place.engine));
}

FIXTURE_TEARDOWN(desc)
{
	EXPECT_EQ(0, tt_victim_check(&self->victim));
	tt_attacker_close(&self->attacker);
	tt_victim_stop(&self->victim);
	EXPECT_EQ(0, tt_usage_settle(self->dev.fd, &self->before));
	tt_device_close(&self->dev);
}

/* ---- addresses ---- */

static void attack_source(struct tt_attacker *attacker, uint64_t addr, uint32_t len)
{
	tt_uqueue_push_copy(&attacker->queue, attacker->dst_va, addr, len);
}

static void attack_target(struct tt_attacker *attacker, uint64_t addr, uint32_t len)
{
	tt_uqueue_push_copy(&attacker->queue, addr, attacker->src_va, len);
}

static const struct attack {
	void (*launch)(struct tt_attacker *attacker, uint64_t addr, uint32_t len);
	uint32_t access;
} attacks[] = {
	{ attack_source, DRM_TRN_ACCESS_SOURCE },
	{ attack_target, DRM_TRN_ACCESS_TARGET },
};

/* One attack on bytes that are all out of reach; the report of GET_STATE must be exact. */
static int attack_once(struct tt_attacker *attacker, const struct attack *attack, uint64_t addr,
		       uint32_t len)
{
	struct drm_trn_queue_get_state state;
	int ret;

	attack->launch(attacker, addr, len);
	tt_uqueue_ring(&attacker->queue);
	ret = tt_attacker_verdict(attacker, &state);
	if (ret != -EFAULT) {
		fprintf(stderr, "# %#llx became %d\n", (unsigned long long)addr, ret);
		return ret ?: -EPROTO;
	}
	if (state.state != DRM_TRN_QUEUE_STATE_FAULTED || state.error != -EFAULT ||
	    state.fault_addr != addr || state.fault_access != attack->access ||
	    state.completed) {
		fprintf(stderr, "# %#llx: state %u, error %d, at %#llx, access %u, done %llu\n",
			(unsigned long long)addr, state.state, state.error,
			(unsigned long long)state.fault_addr, state.fault_access,
			(unsigned long long)state.completed);
		return -EBADE;
	}
	return tt_attacker_is_clean(attacker) ? tt_attacker_revive(attacker) : -EBADMSG;
}

TEST_F(desc, addresses_out_of_reach_fault_their_queue_alone)
{
	unsigned int rounds = tt_scale(2000, 300), i;

	for (i = 0; i < rounds; i++) {
		uint64_t r = tt_random(&self->random);
		uint64_t addr = self->targets.addr[i / 2 % self->targets.num];

		/* Somewhere in the page, and to its end at most. */
		addr += r % 64 * 8;
		ASSERT_EQ(0, attack_once(&self->attacker, &attacks[i % 2], addr,
					 (r >> 32) % (TT_PAGE - 512) + 1));
		if (i % CHECK_EVERY == 0)
			ASSERT_EQ(0, tt_victim_check(&self->victim));
	}
}

/* A mapping for one direction may not be used in the other. */
TEST_F(desc, permissions_hold)
{
	unsigned int rounds = tt_scale(100, 20), i;

	for (i = 0; i < rounds; i++) {
		uint64_t at = tt_random(&self->random) % (TT_ATTACKER_SIZE - 64);

		ASSERT_EQ(0, attack_once(&self->attacker, &attacks[0],
					 self->attacker.dst_va + at, 64));
		ASSERT_EQ(0, attack_once(&self->attacker, &attacks[1],
					 self->attacker.src_va + at, 64));
		ASSERT_EQ(0, attack_once(&self->attacker, &attacks[1],
					 self->attacker.operands_va + at % TT_PAGE / 2, 64));
		ASSERT_EQ(0, attack_once(&self->attacker, &attacks[1],
					 self->attacker.ring_va + at % 1024, 64));
	}
}

/* Descriptors that begin inside a mapping, and end past it: by a byte, or by much. */
TEST_F(desc, no_byte_past_the_end_is_moved)
{
	static const uint32_t over[] = { 1, 7, 64, TT_PAGE };
	const uint32_t inside = TT_PAGE + 3;
	struct drm_trn_queue_get_state state;
	struct tt_attacker *attacker = &self->attacker;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(over); i++) {
		const struct attack *attack = &attacks[i % 2];
		uint64_t end = (i % 2 ? attacker->dst_va : attacker->src_va) + TT_ATTACKER_SIZE;

		attack->launch(attacker, end - inside, inside + over[i / 2]);
		tt_uqueue_ring(&attacker->queue);
		ASSERT_EQ(-EFAULT, tt_attacker_verdict(attacker, &state));
		EXPECT_EQ(attack->access, state.fault_access);
		EXPECT_EQ(end, state.fault_addr & ~(TT_PAGE - 1));
		EXPECT_EQ(0, state.completed);
		EXPECT_TRUE(tt_attacker_is_contained(attacker));
		ASSERT_EQ(0, tt_attacker_revive(attacker));
	}
}

/* The last bytes of all addresses, and the first after them. */
TEST_F(desc, addresses_do_not_wrap)
{
	struct drm_trn_queue_get_state state;
	int i;

	for (i = 0; i < 4; i++) {
		attacks[i % 2].launch(&self->attacker, ~0ull - 31, i < 2 ? 64 : 65536);
		tt_uqueue_ring(&self->attacker.queue);
		ASSERT_EQ(-EFAULT, tt_attacker_verdict(&self->attacker, &state));
		EXPECT_EQ(attacks[i % 2].access, state.fault_access);
		EXPECT_TRUE(tt_attacker_is_clean(&self->attacker));
		ASSERT_EQ(0, tt_attacker_revive(&self->attacker));
	}
}

/* A ring that is not there, though it was when the queue was made. */
TEST_F(desc, unmapped_rings_fault)
{
	struct tt_attacker *attacker = &self->attacker;
	struct drm_trn_queue_get_state state;
	uint64_t m2s = attacker->ring_va;

	ASSERT_EQ(0, tt_vm_unmap(&attacker->vm, m2s, TT_PAGE));
	attack_source(attacker, attacker->src_va, 64);
	tt_uqueue_ring(&attacker->queue);
	ASSERT_EQ(-EFAULT, tt_attacker_verdict(attacker, &state));
	EXPECT_GE(DRM_TRN_ACCESS_S2M_RING, state.fault_access);
	EXPECT_EQ(m2s, state.fault_addr & ~(TT_PAGE - 1));
	EXPECT_TRUE(tt_attacker_is_clean(attacker));
	ASSERT_EQ(0, tt_attacker_revive(attacker));
}

/* ---- any bits ---- */

static uint64_t random_address(struct tt_attacker *attacker, const struct tt_targets *targets,
			       uint64_t *random)
{
	uint64_t r = tt_random(random);

	switch (r % 8) {
	case 0:
		return tt_random(random);
	case 1:
		return targets->addr[(r >> 8) % targets->num] + (r >> 32) % TT_PAGE;
	case 2:
		return attacker->operands_va;
	case 3:
	case 4:
		return attacker->dst_va + (r >> 32) % TT_ATTACKER_SIZE;
	default:
		return attacker->src_va + (r >> 32) % TT_ATTACKER_SIZE;
	}
}

/* Operands of which most make sense, in a field or two perhaps not. */
static void random_operands(struct tt_attacker *attacker, const struct tt_targets *targets,
			    uint64_t *random)
{
	struct drm_trn_inline_op *op = attacker->operands.map;
	uint64_t r = tt_random(random);
	int i;

	*op = (struct drm_trn_inline_op) {
		.opcode = r % 7,
		.src_type = r >> 8 & 7,
		.dst_type = r >> 8 & 7,
		.dims = (r >> 12) % 4 + 1,
		.flags = r >> 16 & 7,
		.index_addr = random_address(attacker, targets, random),
		.index_count = r >> 32 & 63,
		.index_size = r & 1 ? 4 : 8,
		.bound = r >> 40 & 63,
	};
	for (i = 0; i < 4; i++) {
		r = tt_random(random);
		op->size[i] = r % 16 + 1;
		op->src_stride[i] = r >> 8 & 0xff;
		op->dst_stride[i] = r >> 16 & 0xff;
		/* A stride that leads anywhere. */
		if (r >> 60 == 0)
			op->dst_stride[i] = random_address(attacker, targets, random) -
					    attacker->dst_va;
		else if (r >> 60 == 1)
			op->src_stride[i] = tt_random(random);
		else if (r >> 60 == 2)
			op->size[i] = r;
	}
	r = tt_random(random);
	if (r % 2)
		((uint32_t *)op)[(r >> 8) % (sizeof(*op) / 4)] = r >> 32;
}

/* Turn over one bit in some of them, all in a few. */
static void spoil(struct drm_trn_desc *desc, uint64_t *random)
{
	uint64_t r = tt_random(random);

	if (r % 4 == 0)
		desc->ctrl ^= 1u << ((r >> 8) % 32);
	if (r % 16 == 1)
		desc->ctrl = r >> 32;
	if (r % 16 == 2)
		desc->op = r >> 32;
}

static void random_descriptors(struct tt_attacker *attacker, const struct tt_targets *targets,
			       uint64_t *random)
{
	static const uint32_t words[] = {
		DRM_TRN_DESC_OP_COPY, DRM_TRN_DESC_OP_COPY | DRM_TRN_DESC_OPF_BARRIER,
		DRM_TRN_DESC_OP_INLINE, 0,
	};
	struct tt_uqueue *queue = &attacker->queue;
	unsigned int i, num = tt_random(random) % 16 + 1;

	for (i = 0; i < num; i++) {
		uint64_t r = tt_random(random);
		uint32_t len = r >> 8 & (r & 1 ? 0xffff : 0xff);
		uint32_t word = words[(r >> 24) % ARRAY_SIZE(words)];
		uint32_t meta = word == DRM_TRN_DESC_OP_INLINE ? DRM_TRN_DESC_META : 0;

		tt_uqueue_push_m2s(queue, meta | DRM_TRN_DESC_FIRST | DRM_TRN_DESC_LAST, word,
				   random_address(attacker, targets, random), len);
		tt_uqueue_push_s2m(queue, 0, random_address(attacker, targets, random), len);
		spoil(&queue->m2s[i], random);
		spoil(&queue->s2m[i], random);
	}
}

/* Until the queue is dead, all is done, or nothing more comes. */
static void wait_for_calm(struct tt_uqueue *queue)
{
	uint64_t seen = 0, now;
	int quiet;

	for (quiet = 0; quiet < 5; quiet++) {
		now = tt_uqueue_done(queue);
		if (now == queue->s2m_pos || tt_uqueue_error(queue))
			return;
		if (now != seen)
			quiet = 0;
		seen = now;
		tt_sleep_ms(1);
	}
}

TEST_F(desc, any_bits_are_contained)
{
	unsigned int rounds = tt_scale(3000, 400), i;

	for (i = 0; i < rounds; i++) {
		random_operands(&self->attacker, &self->targets, &self->random);
		random_descriptors(&self->attacker, &self->targets, &self->random);
		tt_uqueue_ring(&self->attacker.queue);
		wait_for_calm(&self->attacker.queue);
		ASSERT_EQ(0, tt_attacker_revive(&self->attacker));
		ASSERT_TRUE(tt_attacker_is_contained(&self->attacker)) {
			TH_LOG("TRN_TEST_SEED=%llu, round %u", (unsigned long long)tt_seed(), i);
		}
		if (i % CHECK_EVERY == 0)
			ASSERT_EQ(0, tt_victim_check(&self->victim));
	}
}

/* Good descriptors, and bad ones in their place while the device is at them. */
static void change_under_way(struct tt_attacker *attacker, const struct tt_targets *targets,
			     uint64_t *random)
{
	struct tt_uqueue *queue = &attacker->queue;
	unsigned int num = queue->queue.ring_size, changes = 100000, i;

	for (i = 0; i < num; i++)
		tt_uqueue_push_copy(queue, attacker->dst_va, attacker->src_va, TT_PAGE);
	tt_uqueue_ring(queue);
	while (tt_uqueue_done(queue) < num && !tt_uqueue_error(queue) && changes--) {
		uint64_t r = tt_random(random);
		struct drm_trn_desc *desc = r & 1 ? queue->m2s : queue->s2m, good;

		desc += (r >> 8) % num;
		good = *desc;
		__atomic_store_n(&desc->addr, targets->addr[(r >> 16) % targets->num],
				 __ATOMIC_RELAXED);
		__atomic_store_n(&desc->ctrl, good.ctrl ^ (r >> 32 & DRM_TRN_DESC_LEN),
				 __ATOMIC_RELAXED);
		__atomic_store_n(&desc->addr, good.addr, __ATOMIC_RELAXED);
		__atomic_store_n(&desc->ctrl, good.ctrl, __ATOMIC_RELAXED);
	}
}

TEST_F(desc, changing_descriptors_under_way_are_contained)
{
	unsigned int rounds = tt_scale(1000, 100), i;

	for (i = 0; i < rounds; i++) {
		change_under_way(&self->attacker, &self->targets, &self->random);
		ASSERT_EQ(0, tt_attacker_revive(&self->attacker));
		ASSERT_TRUE(tt_attacker_is_contained(&self->attacker));
		if (i % CHECK_EVERY == 0)
			ASSERT_EQ(0, tt_victim_check(&self->victim));
	}
}

/* ---- inline operations ---- */

static struct drm_trn_inline_op good_operands(void)
{
	return (struct drm_trn_inline_op) {
		.opcode = DRM_TRN_INLINE_COPY,
		.src_type = DRM_TRN_DTYPE_U64,
		.dst_type = DRM_TRN_DTYPE_U64,
		.dims = 1,
		.size = { 8 },
		.src_stride = { 8 },
		.dst_stride = { 8 },
	};
}

/* Places of an address in an inline operation, whose other fields are good. */
enum inline_place {
	OPERANDS, SOURCE, TARGET, SOURCE_STRIDE, TARGET_STRIDE, INDICES, INLINE_PLACES
};

static void attack_inline(struct tt_attacker *attacker, enum inline_place place, uint64_t addr)
{
	struct drm_trn_inline_op *op = attacker->operands.map;
	struct tt_uqueue *queue = &attacker->queue;

	*op = good_operands();
	if (place == SOURCE_STRIDE)
		op->src_stride[0] = addr - attacker->src_va;
	if (place == TARGET_STRIDE)
		op->dst_stride[0] = addr - attacker->dst_va;
	if (place == INDICES) {
		op->opcode = DRM_TRN_INLINE_GATHER;
		op->src_stride[1] = 64;
		op->dst_stride[1] = 64;
		op->index_addr = addr;
		op->index_count = 4;
		op->index_size = 8;
		op->bound = 64;
	}
	tt_uqueue_push_m2s(queue, DRM_TRN_DESC_FIRST | DRM_TRN_DESC_META, DRM_TRN_DESC_OP_INLINE,
			   place == OPERANDS ? addr : attacker->operands_va, sizeof(*op));
	tt_uqueue_push_m2s(queue, DRM_TRN_DESC_LAST, 0, place == SOURCE ? addr : attacker->src_va,
			   64);
	tt_uqueue_push_s2m(queue, 0, place == TARGET ? addr : attacker->dst_va, 64);
}

TEST_F(desc, addresses_of_inline_operations_out_of_reach_fault)
{
	unsigned int rounds = tt_scale(1200, 200), i;
	struct drm_trn_queue_get_state state;

	if (!(self->dev.info.caps & DRM_TRN_CAP_INLINE_OPS))
		SKIP(return, "the device has no inline operations");
	for (i = 0; i < rounds; i++) {
		enum inline_place place = i % INLINE_PLACES;
		uint64_t addr = self->targets.addr[i / INLINE_PLACES % self->targets.num] & ~7ull;
		bool writes = place == TARGET || place == TARGET_STRIDE;

		attack_inline(&self->attacker, place, addr);
		tt_uqueue_ring(&self->attacker.queue);
		ASSERT_EQ(-EFAULT, tt_attacker_verdict(&self->attacker, &state)) {
			TH_LOG("%#llx in place %u", (unsigned long long)addr, place);
		}
		EXPECT_EQ(writes ? DRM_TRN_ACCESS_TARGET : DRM_TRN_ACCESS_SOURCE,
			  state.fault_access);
		EXPECT_EQ(addr, state.fault_addr);
		EXPECT_TRUE(tt_attacker_is_contained(&self->attacker));
		ASSERT_EQ(0, tt_attacker_revive(&self->attacker));
		tt_attacker_poison(&self->attacker);
		if (i % CHECK_EVERY == 0)
			ASSERT_EQ(0, tt_victim_check(&self->victim));
	}
}

TEST_HARNESS_MAIN
