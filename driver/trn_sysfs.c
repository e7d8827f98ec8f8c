// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysfs attributes: limits of the users of a device, set by root.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "base/trn_device.h"
#include "queue/trn_queue.h"
#include "trn_drv.h"

/* Parse a number of a sysfs file, and set a limit to it if it is in the range. */
static ssize_t trn_sysfs_store_u32(const char *buf, size_t count, u32 *limit, u32 min, u32 max)
{
	u32 value;
	int ret = kstrtou32(buf, 0, &value);

	if (ret)
		return ret;
	if (value < min || value > max)
		return -ERANGE;
	WRITE_ONCE(*limit, value);
	return count;
}

/* 0 stands for no limit. */
static ssize_t max_hbm_bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct trn_device *tdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%llu\n", trn_device_max_hbm_bytes(tdev));
}

static ssize_t max_hbm_bytes_store(struct device *dev, struct device_attribute *attr,
				   const char *buf, size_t count)
{
	struct trn_device *tdev = dev_get_drvdata(dev);
	u64 bytes;
	int ret = kstrtou64(buf, 0, &bytes);

	if (ret)
		return ret;
	if (bytes > S64_MAX)
		return -ERANGE;
	WRITE_ONCE(tdev->max_hbm_bytes, bytes ?: S64_MAX);
	return count;
}
static DEVICE_ATTR_RW(max_hbm_bytes);

static ssize_t max_job_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct trn_device *tdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(tdev->max_job_ms));
}

static ssize_t max_job_ms_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct trn_device *tdev = dev_get_drvdata(dev);

	/* The maximum keeps msecs_to_jiffies() and time_before() correct. */
	return trn_sysfs_store_u32(buf, count, &tdev->max_job_ms, TRN_JOB_MS_MIN, INT_MAX / 4);
}
static DEVICE_ATTR_RW(max_job_ms);

static ssize_t max_user_queues_show(struct device *dev, struct device_attribute *attr,
				    char *buf)
{
	struct trn_device *tdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(tdev->max_user_queues));
}

static ssize_t max_user_queues_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct trn_device *tdev = dev_get_drvdata(dev);

	return trn_sysfs_store_u32(buf, count, &tdev->max_user_queues, 0, U32_MAX);
}
static DEVICE_ATTR_RW(max_user_queues);

static struct attribute *trn_attrs[] = {
	&dev_attr_max_hbm_bytes.attr,
	&dev_attr_max_job_ms.attr,
	&dev_attr_max_user_queues.attr,
	NULL
};

static const struct attribute_group trn_group = {
	.attrs = trn_attrs,
};

const struct attribute_group *trn_sysfs_groups[] = {
	&trn_group,
	NULL
};
