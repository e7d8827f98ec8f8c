// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that lies (x-malice-* of the model), or is taken away again and again, under
 * a load of all kinds: the kernel does not complain, every wait ends, every process can
 * be killed, the driver unbinds and unloads. TRN_TEST_SEED chooses the lies,
 * TRN_TEST_SECONDS says for how long.
 */
#include "tt_churn.h"
#include "tt_harness.h"
#include "tt_qmp.h"
#include "tt_sysfs.h"

#include "trn_chip.h"

#define PM_TEST "/sys/power/pm_test"
#define PM_DELAY "/sys/module/suspend/parameters/pm_test_delay"
#define ROUND_MS 300
/* The harness ends a test after so many seconds. */
#define LONG 1000000
#define BIND_TRIES 8
/* Of x-malice-kinds, see the table of the model's README. */
#define KINDS 9
#define KIND_READ 0
#define KIND_ONES 1
#define KIND_RESET 8

FIXTURE(malice)
{
	struct tt_churn churn;
	struct tt_usage before;
	char bdf[32];
	uint64_t random;
	int qmp;
};

static int first_open(FIXTURE_DATA(malice) *self)
{
	struct tt_device dev;
	int ret = tt_device_open(&dev);

	if (!ret)
		ret = tt_device_bdf(dev.fd, self->bdf, sizeof(self->bdf));
	if (!ret)
		ret = tt_usage_read(dev.fd, &self->before);
	tt_device_close(&dev);
	return ret;
}

FIXTURE_SETUP(malice)
{
	self->qmp = tt_qmp_open();
	if (self->qmp == -ENOENT)
		SKIP(return, "no monitor of the hypervisor (virtio port trn.qmp)");
	ASSERT_LE(0, self->qmp);
	ASSERT_EQ(0, first_open(self));
	self->random = tt_seed();
	ASSERT_EQ(0, tt_churn_start(&self->churn, self->random));
}

FIXTURE_TEARDOWN(malice)
{
	close(self->qmp);
}

static int seconds(void)
{
	const char *text = getenv("TRN_TEST_SECONDS");

	return text ? atoi(text) : 40;
}

static int set_malice(int qmp, uint32_t kinds, uint32_t rate, uint32_t seed)
{
	return tt_qmp_set_number(qmp, "x-malice-seed", seed) ?:
	       tt_qmp_set_number(qmp, "x-malice-rate", rate) ?:
	       tt_qmp_set_number(qmp, "x-malice-kinds", kinds);
}

/* Unbind, and bind as often as it takes: a device that lies may be refused. */
static int rebind(const char *bdf)
{
	int tries = BIND_TRIES, ret;

	/* It may not be bound. */
	tt_unbind(bdf);
	do
		ret = tt_bind(bdf);
	while (ret && --tries);
	return ret;
}

/* Whether the device is given up, and has to be bound again. */
static bool is_dead(void)
{
	struct tt_device dev;
	struct tt_queue queue;
	int ret = tt_device_open(&dev);

	if (!ret)
		ret = tt_queue_create(dev.fd, DRM_TRN_NONE, 0, &queue);
	tt_device_close(&dev);
	return ret == -EIO || ret == -ENODEV || ret == -ENOENT;
}

static int reset_register(const char *bdf)
{
	struct tt_device dev;
	uint32_t *reg = NULL;

	(void)bdf;
	if (!tt_device_open(&dev))
		reg = tt_bar_map(dev.fd, TRN_BAR_REGS,
				 TRN_BAR0_APB_IO0 + TRN_APB_IO_QEMU_RESET);
	if (reg) {
		__atomic_store_n(reg, 0, __ATOMIC_SEQ_CST);
		tt_bar_unmap(reg);
	}
	tt_device_close(&dev);
	return 0;
}

static int sleep_and_wake(const char *bdf)
{
	(void)bdf;
	if (!tt_write_file(PM_TEST, "devices")) {
		tt_write_file(PM_DELAY, "0");
		tt_write_file("/sys/power/state", "mem");
		tt_write_file(PM_TEST, "none");
	}
	return 0;
}

/* Something that root may do at any time. */
static void disturb(FIXTURE_DATA(malice) *self, struct __test_metadata *_metadata)
{
	static int (*const calls[])(const char *bdf) = {
		tt_reset, rebind, reset_register, sleep_and_wake,
	};
	unsigned int choice = tt_random(&self->random) % 8;

	if (choice < 4)
		calls[choice](self->bdf);
	else if (choice == 4)
		EXPECT_EQ(0, tt_churn_kill_one(&self->churn));
}

/* All is well when the device is honest again. */
static void expect_peace(FIXTURE_DATA(malice) *self, struct __test_metadata *_metadata)
{
	const struct tt_churn_shared *shared = self->churn.shared;
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo bo;

	ASSERT_EQ(0, set_malice(self->qmp, 0, 0, 0));
	ASSERT_EQ(0, tt_churn_stop(&self->churn));
	EXPECT_EQ(0, shared->hung) {
		TH_LOG("the first that hung: line %u", shared->hung_at);
	}
	ksft_print_msg("%u lives, %u good rounds\n", shared->lives, shared->copies);
	ASSERT_EQ(0, rebind(self->bdf));
	ASSERT_EQ(0, tt_device_reopen(&dev));
	ASSERT_EQ(0, tt_queue_create(dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(dev.fd, TT_MIB, dev.hbm, &bo));
	EXPECT_EQ(0, tt_fill(&queue, &bo, 0, TT_MIB, 0x77777777));
	EXPECT_EQ(TT_MIB, tt_byte_match(bo.map, TT_MIB, 0x77));
	tt_bo_close(&bo);
	tt_queue_destroy(&queue);
	EXPECT_EQ(0, tt_usage_settle(dev.fd, &self->before));
	tt_device_close(&dev);
}

TEST_F_TIMEOUT(malice, device_that_is_honest_and_taken_away, LONG)
{
	int64_t end = tt_deadline(seconds() / 4);

	while (tt_deadline(0) < end) {
		tt_sleep_ms(ROUND_MS);
		disturb(self, _metadata);
		if (is_dead())
			rebind(self->bdf);
		tt_churn_renew(&self->churn);
	}
	EXPECT_LT(0, self->churn.shared->copies);
	expect_peace(self, _metadata);
}

/* Lies of one kind, or of all; those that kill at once are rare. */
static uint32_t choose_kinds(uint64_t *random, uint32_t *rate)
{
	uint32_t kind = tt_random(random) % (2 * KINDS);
	uint32_t kinds = kind < KINDS ? 1u << kind : (1u << KINDS) - 1;

	*rate = 2u << tt_random(random) % 6;
	if (kinds & (1u << KIND_READ | 1u << KIND_ONES))
		*rate *= 64;
	else if (kinds & 1u << KIND_RESET)
		*rate = 2;
	return kinds;
}

TEST_F_TIMEOUT(malice, device_that_lies, LONG)
{
	int64_t end = tt_deadline(seconds());

	ksft_print_msg("expect-guest-error: .\n");
	while (tt_deadline(0) < end) {
		uint32_t rate, kinds = choose_kinds(&self->random, &rate);

		ksft_print_msg("kinds %#x, one in %u\n", kinds, rate);
		ASSERT_EQ(0, set_malice(self->qmp, kinds, rate, tt_random(&self->random)));
		tt_sleep_ms(ROUND_MS);
		disturb(self, _metadata);
		if (is_dead() && rebind(self->bdf)) {
			/* Its identity registers cannot be read. */
			ASSERT_EQ(0, set_malice(self->qmp, 0, 0, 0));
			ASSERT_EQ(0, rebind(self->bdf));
		}
		tt_churn_renew(&self->churn);
	}
	expect_peace(self, _metadata);
}

TEST_HARNESS_MAIN
