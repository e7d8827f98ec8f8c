// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/limits.h>

#include "queue/trn_ring.h"

/* Words are those of HW 4.4, as literals and not from the driver's constants. */
#define RING_SIZE	64
#define RING_ROOM	(RING_SIZE - 16)

struct ring_fixture {
	struct trn_ring ring;
	struct trn_desc m2s[RING_SIZE];
	struct trn_desc s2m[RING_SIZE];
};

static const struct trn_ring_copy copy_64k = {
	.src = 0x400000005000, .dst = 0x1000000, .len = 0x10000, .last = true,
};

static int ring_init(struct kunit *test)
{
	struct ring_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	trn_ring_init(&f->ring, f->m2s, f->s2m, RING_SIZE);
	test->priv = f;
	return 0;
}

static void expect_desc(struct kunit *test, const struct trn_desc *desc, u32 w0, u32 w1, u32 w2,
			u32 w3)
{
	KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->w[0]), w0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->w[1]), w1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->w[2]), w2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->w[3]), w3);
}

static void ring_writes_the_words_of_the_reference(struct kunit *test)
{
	const struct trn_ring_copy marker = {
		.src = 0x400000006000, .dst = 0x400000006004, .len = 4,
	};
	struct ring_fixture *f = test->priv;

	trn_ring_emit(&f->ring, &copy_64k);
	trn_ring_emit(&f->ring, &marker);
	expect_desc(test, &f->m2s[0], 0x0d000000, 0x05080003, 0x00005000, 0x00004000);
	expect_desc(test, &f->s2m[0], 0x01000000, 0x00000000, 0x01000000, 0x00000000);
	expect_desc(test, &f->m2s[1], 0x0d000004, 0x01080003, 0x00006000, 0x00004000);
	expect_desc(test, &f->s2m[1], 0x01000004, 0x00000000, 0x00006004, 0x00004000);
}

static void ring_sets_dmb_on_the_first_pair(struct kunit *test)
{
	struct trn_ring_copy copy = copy_64k;
	struct ring_fixture *f = test->priv;

	copy.first = true;
	trn_ring_emit(&f->ring, &copy);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(f->m2s[0].w[0]), 0x4d000000);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(f->s2m[0].w[0]), 0x01000000);
}

static void ring_keeps_spare_slots(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < RING_ROOM; i++) {
		KUNIT_EXPECT_EQ(test, trn_ring_space(&f->ring), RING_ROOM - i);
		trn_ring_emit(&f->ring, &copy_64k);
	}
	KUNIT_EXPECT_EQ(test, trn_ring_space(&f->ring), 0);
	KUNIT_EXPECT_TRUE(test, trn_ring_retire(&f->ring, 1));
	KUNIT_EXPECT_EQ(test, trn_ring_space(&f->ring), 1);
}

static void ring_id_counts_laps_modulo_four(struct kunit *test)
{
	static const u32 w0_of_lap[] = { 0x0d, 0x0e, 0x0f, 0x0c, 0x0d, 0x0e };
	struct ring_fixture *f = test->priv;
	u32 lap, i;

	for (lap = 0; lap < ARRAY_SIZE(w0_of_lap); lap++) {
		for (i = 0; i < RING_SIZE; i++) {
			trn_ring_emit(&f->ring, &copy_64k);
			KUNIT_EXPECT_TRUE(test, trn_ring_retire(&f->ring, f->ring.emitted));
			KUNIT_EXPECT_EQ(test, le32_to_cpu(f->m2s[i].w[0]),
					w0_of_lap[lap] << 24);
			KUNIT_EXPECT_EQ(test, le32_to_cpu(f->s2m[i].w[0]),
					(w0_of_lap[lap] & 3) << 24);
		}
		KUNIT_EXPECT_EQ(test, f->ring.tail, 0);
	}
}

static void ring_refuses_counts_that_cannot_be(struct kunit *test)
{
	struct ring_fixture *f = test->priv;

	trn_ring_emit(&f->ring, &copy_64k);
	trn_ring_emit(&f->ring, &copy_64k);
	KUNIT_EXPECT_FALSE(test, trn_ring_retire(&f->ring, 3));
	KUNIT_EXPECT_FALSE(test, trn_ring_retire(&f->ring, U64_MAX));
	KUNIT_EXPECT_EQ(test, f->ring.retired, 0);
	KUNIT_EXPECT_TRUE(test, trn_ring_retire(&f->ring, 2));
	KUNIT_EXPECT_FALSE(test, trn_ring_retire(&f->ring, 1));
	KUNIT_EXPECT_EQ(test, f->ring.retired, 2);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_writes_the_words_of_the_reference),
	KUNIT_CASE(ring_sets_dmb_on_the_first_pair),
	KUNIT_CASE(ring_keeps_spare_slots),
	KUNIT_CASE(ring_id_counts_laps_modulo_four),
	KUNIT_CASE(ring_refuses_counts_that_cannot_be),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "trn_ring",
	.init = ring_init,
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
