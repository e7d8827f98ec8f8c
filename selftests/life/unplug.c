// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device is pulled out under load, with and without notice, and pushed back in;
 * by the hypervisor (lib/system/tt_qmp.h).
 */
#include <dirent.h>

#include "tt_harness.h"
#include "tt_load.h"
#include "tt_qmp.h"
#include "tt_sysfs.h"

FIXTURE(unplug)
{
	struct tt_device dev;
	struct tt_load load;
	char bdf[32];
	int qmp;
};

FIXTURE_SETUP(unplug)
{
	self->qmp = tt_qmp_open();
	if (self->qmp == -ENOENT)
		SKIP(return, "no monitor of the hypervisor (virtio port trn.qmp)");
	ASSERT_LE(0, self->qmp);
	ASSERT_EQ(0, tt_device_open(&self->dev));
	ASSERT_EQ(0, tt_device_bdf(self->dev.fd, self->bdf, sizeof(self->bdf)));
	ASSERT_EQ(0, tt_load_start(&self->load));
}

FIXTURE_TEARDOWN(unplug)
{
	close(self->qmp);
}

/*
 * The first process to see that nothing moves any more reports a timeout; if it was
 * about to allocate, its error is that the device cannot clear memory (-EIO).
 */
static bool is_first_to_see(const struct tt_load *load, int end)
{
	return end == TT_LOAD_HUNG || (end == TT_LOAD_ERROR && load->shared->error == -EIO);
}

static void expect_no_device(struct __test_metadata *_metadata, FIXTURE_DATA(unplug) *self,
			     bool timeouts)
{
	int ends[TT_LOAD_PROCESSES], i;

	tt_load_join(&self->load, ends);
	for (i = 0; i < TT_LOAD_PROCESSES; i++) {
		EXPECT_TRUE(ends[i] == TT_LOAD_NODEV ||
			    (timeouts && is_first_to_see(&self->load, ends[i]))) {
			TH_LOG("process %d ended with %d, error %d", i, ends[i],
			       self->load.shared->error);
		}
	}
}

static void expect_device(struct __test_metadata *_metadata)
{
	struct tt_device dev;
	struct tt_queue queue;
	struct tt_bo a, b;

	ASSERT_EQ(0, tt_device_reopen(&dev));
	ASSERT_EQ(0, tt_queue_create(dev.fd, DRM_TRN_NONE, 0, &queue));
	ASSERT_EQ(0, tt_bo_create(dev.fd, TT_MIB, dev.hbm, &a));
	ASSERT_EQ(0, tt_bo_create(dev.fd, TT_MIB, dev.system, &b));
	tt_pattern_fill(b.map, TT_MIB, 1);
	EXPECT_EQ(0, tt_copy(&queue, &a, 0, &b, 0, TT_MIB));
	EXPECT_EQ(TT_MIB, tt_pattern_match(a.map, TT_MIB, 1));
	tt_bo_close(&b);
	tt_bo_close(&a);
	tt_queue_destroy(&queue);
	tt_device_close(&dev);
}

TEST_F(unplug, device_that_answers_no_more_fails_all_work)
{
	struct tt_queue queue;

	ASSERT_EQ(0, tt_qmp_set(self->qmp, "x-gone", "true"));
	expect_no_device(_metadata, self, true);
	EXPECT_EQ(-ENODEV, tt_queue_create(self->dev.fd, DRM_TRN_NONE, 0, &queue));
	tt_device_close(&self->dev);
	/* The driver lets go of the device, and takes it when it is back. */
	ASSERT_EQ(0, tt_unbind(self->bdf));
	ASSERT_EQ(0, tt_qmp_set(self->qmp, "x-gone", "false"));
	ASSERT_EQ(0, tt_bind(self->bdf));
	expect_device(_metadata);
}

/* By ACPI or by PCI Express itself, whichever the machine wants. */
static bool slot_is_managed(void)
{
	struct dirent *entry = NULL;
	DIR *slots = opendir("/sys/bus/pci/slots");

	while (slots && (entry = readdir(slots)) && entry->d_name[0] == '.')
		;
	if (slots)
		closedir(slots);
	return entry;
}

TEST_F(unplug, slot_is_emptied_and_filled_again)
{
	int64_t deadline = tt_deadline(TT_DEADLINE_S);
	struct drm_trn_query_device info;
	uint32_t size = sizeof(info);
	int ret;

	if (!slot_is_managed())
		SKIP(return, "the kernel does not manage the slot (/sys/bus/pci/slots is empty)");
	ASSERT_EQ(0, tt_qmp_execute(self->qmp, "device_del", "\"id\":\"trn0\""));
	expect_no_device(_metadata, self, false);
	EXPECT_EQ(-ENODEV, tt_query(self->dev.fd, DRM_TRN_QUERY_DEVICE, &info, &size));
	tt_device_close(&self->dev);
	/* Refused until the slot has no power. */
	do {
		ret = tt_qmp_execute(self->qmp, "device_add",
				     "\"driver\":\"trn3\",\"id\":\"trn0\",\"bus\":\"trn-port0\"");
		if (ret)
			tt_sleep_ms(100);
	} while (ret && tt_deadline(0) < deadline);
	ASSERT_EQ(0, ret);
	expect_device(_metadata);
}

TEST_HARNESS_MAIN
