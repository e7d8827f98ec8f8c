// SPDX-License-Identifier: MIT
/* Enumeration, opening, information. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tap.h"

/* A device in a copy of /sys/class/accel: @driver is bound to what is at @pci. */
static void sysfs_add(const char *root, const char *name, const char *pci, const char *driver)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "%s/%s", root, pci);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/driver", root, pci);
	snprintf(target, sizeof(target), "../../bus/pci/drivers/%s", driver);
	EXPECT(!symlink(target, path));
	snprintf(path, sizeof(path), "%s/class/%s", root, name);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/class/%s/device", root, name);
	snprintf(target, sizeof(target), "../../%s", pci);
	EXPECT(!symlink(target, path));
}

/* Folders like /sys/class/accel and /dev/accel. */
struct tree {
	char root[32], class_dir[48], node_dir[48];
};

static void tree_make(struct tree *tree)
{
	snprintf(tree->root, sizeof(tree->root), "/tmp/trn-sysfs-XXXXXX");
	EXPECT(mkdtemp(tree->root));
	snprintf(tree->class_dir, sizeof(tree->class_dir), "%s/class", tree->root);
	mkdir(tree->class_dir, 0700);
	snprintf(tree->node_dir, sizeof(tree->node_dir), "%s/dev", tree->root);
	mkdir(tree->node_dir, 0700);
}

static void tree_remove(const struct tree *tree)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", tree->root);
	EXPECT(!system(command));
}

static void node_add(const struct tree *tree, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tree->node_dir, name);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	EXPECT(fd >= 0);
	close(fd);
}

/* One that nobody may open, root neither: it leads to itself. */
static void node_add_forbidden(const struct tree *tree, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", tree->node_dir, name);
	EXPECT(!symlink(name, path));
}

static int scan(const struct tree *tree, struct trn_device_entry *entries, size_t max)
{
	return trn_device_scan(tree->class_dir, tree->node_dir, entries, max);
}

static void list_finds_the_devices_of_the_driver_in_order(void)
{
	struct trn_device_entry entries[2];
	struct tree tree;
	char path[64];

	tree_make(&tree);
	sysfs_add(tree.root, "accel10", "0000:00:09.0", "trn");
	sysfs_add(tree.root, "accel2", "0000:00:04.0", "trn");
	sysfs_add(tree.root, "accel0", "0000:00:03.0", "ivpu");
	sysfs_add(tree.root, "accel7", "0001:3f:1f.7", "trn");
	sysfs_add(tree.root, "accelx", "0000:00:05.0", "trn");
	sysfs_add(tree.root, "accel3y", "0000:00:06.0", "trn");
	node_add(&tree, "accel10");
	node_add(&tree, "accel2");
	node_add(&tree, "accel0");
	node_add(&tree, "accel7");

	EXPECT_RET(scan(&tree, NULL, 0), 3);
	EXPECT_RET(scan(&tree, entries, 2), 3);
	EXPECT(entries[0].index == 2);
	snprintf(path, sizeof(path), "%s/accel2", tree.node_dir);
	EXPECT(!strcmp(entries[0].path, path));
	EXPECT(!strcmp(entries[0].pci, "0000:00:04.0"));
	EXPECT(entries[1].index == 7);
	EXPECT(!strcmp(entries[1].pci, "0001:3f:1f.7"));
	tree_remove(&tree);
}

/* As in a container that was given some of the machine's devices. */
static void list_begins_with_what_can_be_opened(void)
{
	static const unsigned int order[] = { 3, 5, 1, 4 };
	struct trn_device_entry entries[5];
	struct tree tree;

	tree_make(&tree);
	for (char name[] = "accel1"; name[5] <= '5'; name[5]++)
		sysfs_add(tree.root, name, name, "trn");
	node_add_forbidden(&tree, "accel1");
	node_add(&tree, "accel3");
	node_add_forbidden(&tree, "accel4");
	node_add(&tree, "accel5");

	EXPECT_RET(scan(&tree, NULL, 0), 4);
	for (size_t max = 1; max <= 5; max++) {
		memset(entries, 0, sizeof(entries));
		EXPECT_RET(scan(&tree, entries, max), 4);
		for (size_t i = 0; i < max && i < 4; i++)
			EXPECT(entries[i].index == order[i]);
		EXPECT(max == 5 || !entries[max].path[0]);
	}
	tree_remove(&tree);
}

static void list_without_accel_class_is_empty(void)
{
	EXPECT_RET(trn_device_scan("/nowhere/class/accel", "/nowhere", NULL, 0), 0);
	EXPECT_RET(trn_device_list(NULL, 3), -EINVAL);
}

static void open_beyond_the_last_device_fails(void)
{
	struct trn_device *dev;

	EXPECT_RET(trn_device_open(100000, &dev), -ENODEV);
}

static void open_tells_a_missing_node_from_a_forbidden_one(void)
{
	struct trn_device *dev;

	EXPECT_RET(trn_device_open_path("/nowhere/accel0", &dev), -ENODEV);
	EXPECT_RET(trn_device_open_path("/tmp", &dev), -EPROTONOSUPPORT);
	EXPECT_RET(trn_device_open_path(NULL, &dev), -EINVAL);
}

static void open_refuses_another_driver(void)
{
	struct trn_device *dev;

	fake.driver = "ivpu";
	EXPECT_RET(trn_device_open_path(tap_node, &dev), -EPROTONOSUPPORT);
	fake.driver = "trn2";
	EXPECT_RET(trn_device_open_path(tap_node, &dev), -EPROTONOSUPPORT);
}

static void open_refuses_another_major_version(void)
{
	struct trn_device *dev;

	fake.driver_major = TRN_DRIVER_MAJOR + 1;
	EXPECT_RET(trn_device_open_path(tap_node, &dev), -EPROTONOSUPPORT);
}

static void open_refuses_what_is_no_drm_node(void)
{
	struct trn_device *dev;

	fake.fail_request = DRM_IOCTL_VERSION;
	fake.fail_errno = ENOTTY;
	EXPECT_RET(trn_device_open_path(tap_node, &dev), -EPROTONOSUPPORT);
}

/* A file that says nothing for a reason is not said to be of another driver. */
static void open_tells_why_it_was_told_nothing(void)
{
	static const int errors[][2] = {
		{ ENOMEM, ENOMEM }, { EIO, EIO }, { EACCES, EACCES }, { EPERM, EACCES },
		{ EINVAL, EPROTONOSUPPORT },
	};
	struct trn_device *dev;

	fake.fail_request = DRM_IOCTL_VERSION;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		fake.fail_errno = errors[i][0];
		EXPECT_RET(trn_device_open_path(tap_node, &dev), -errors[i][1]);
	}
}

static void open_tells_a_device_that_is_gone(void)
{
	struct trn_device *dev;

	fake.gone = true;
	EXPECT_RET(trn_device_open_path(tap_node, &dev), -ENODEV);
}

static void open_survives_interruption(void)
{
	struct trn_device *dev;

	fake.interrupts = 3;
	EXPECT_RET(trn_device_open_path(tap_node, &dev), 0);
	EXPECT(!fake.interrupts);
	trn_device_unref(dev);
}

static void last_reference_closes_the_file(void)
{
	struct trn_device *dev = tap_open();
	int fd = trn_device_fd(dev);

	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(trn_device_ref(dev) == dev);
	trn_device_unref(dev);
	EXPECT(fcntl(fd, F_GETFD) >= 0);
	trn_device_unref(dev);
	EXPECT(fcntl(fd, F_GETFD) < 0);
	EXPECT(errno == EBADF);
	trn_device_unref(NULL);
}

static void resets_are_counted(void)
{
	struct trn_device *dev = tap_open();
	uint64_t before, after;

	EXPECT_RET(trn_device_get_resets(dev, NULL), -EINVAL);
	EXPECT_RET(trn_device_get_resets(dev, &before), 0);
	EXPECT_RET(trn_device_get_resets(dev, &after), 0);
	EXPECT(before == after);
	fake.resets = true;
	EXPECT_RET(trn_device_get_resets(dev, &after), 0);
	EXPECT(after == before + 1);
	fake.gone = true;
	EXPECT_RET(trn_device_get_resets(dev, &after), -ENODEV);
	trn_device_unref(dev);
}

static void info_has_device_firmware_and_driver(void)
{
	struct trn_device *dev = tap_open();
	struct trn_device_info info;

	EXPECT_RET(trn_device_get_info(dev, &info, sizeof(info)), 0);
	EXPECT(info.generation == 3);
	EXPECT(info.revision == 0xff);
	EXPECT(info.num_engines == FAKE_ENGINES);
	EXPECT(info.max_ops == FAKE_MAX_OPS);
	EXPECT(info.bo_granule == FAKE_GRANULE);
	EXPECT(info.caps == (TRN_CAP_USER_QUEUES | TRN_CAP_INLINE_OPS));
	EXPECT(info.max_vms == 4);
	EXPECT(info.max_bind_ops == 128);
	EXPECT(info.max_faults == 8);
	EXPECT(info.va_start == FAKE_VA_START);
	EXPECT(info.va_size == FAKE_VA_SIZE);
	EXPECT(info.max_table_bytes == 1 << 24);
	EXPECT(info.max_hbm_bytes == 0);
	EXPECT(info.serial == 0x123456789abcdef0);
	EXPECT(info.routing_id == 5);
	EXPECT(!strcmp(info.driver, "trn"));
	EXPECT(info.driver_version[0] == TRN_DRIVER_MAJOR);
	EXPECT(info.driver_version[1] == 1);
	EXPECT(info.driver_version[2] == 2);
	trn_device_unref(dev);
}

static void info_is_cut_and_zero_filled_to_the_callers_size(void)
{
	struct {
		struct trn_device_info info;
		char newer[8];
	} longer;
	struct trn_device *dev = tap_open();

	memset(&longer, 0xff, sizeof(longer));
	EXPECT_RET(trn_device_get_info(dev, &longer.info, sizeof(longer)), 0);
	EXPECT(longer.newer[0] == 0);
	EXPECT(longer.newer[7] == 0);

	memset(&longer, 0xff, sizeof(longer));
	EXPECT_RET(trn_device_get_info(dev, &longer.info, 4), 0);
	EXPECT(longer.info.generation == 3);
	EXPECT(longer.info.revision == 0xffffffff);
	trn_device_unref(dev);
}

static void lists_tell_more_than_fits(void)
{
	struct trn_device *dev = tap_open();
	struct trn_region regions[2];
	struct trn_engine engine;

	EXPECT_RET(trn_device_get_regions(dev, NULL, 0), FAKE_STACKS + 1);
	EXPECT_RET(trn_device_get_regions(dev, NULL, 1), -EINVAL);
	memset(regions, 0xff, sizeof(regions));
	EXPECT_RET(trn_device_get_regions(dev, regions, 1), FAKE_STACKS + 1);
	EXPECT(regions[0].size == FAKE_STACK_SIZE);
	EXPECT(regions[0].free == FAKE_STACK_SIZE / 2);
	EXPECT(regions[1].kind == 0xffffffff);
	EXPECT_RET(trn_device_get_engines(dev, &engine, 1), FAKE_ENGINES);
	EXPECT(engine.id == 0);
	EXPECT(engine.free_queues == 16);
	trn_device_unref(dev);
}

static void lists_of_a_newer_kernel_are_understood(void)
{
	struct trn_engine engines[FAKE_ENGINES];
	struct trn_device *dev = tap_open();

	fake.stride_extra = 24;
	EXPECT_RET(trn_device_get_engines(dev, engines, FAKE_ENGINES), FAKE_ENGINES);
	EXPECT(engines[FAKE_ENGINES - 1].id == FAKE_ENGINES - 1);
	EXPECT(engines[FAKE_ENGINES - 1].core == TRN_NONE);
	trn_device_unref(dev);
}

static void lists_of_an_older_kernel_are_zero_filled(void)
{
	struct trn_engine engines[FAKE_ENGINES];
	struct trn_device *dev = tap_open();

	fake.stride_extra = -8;
	memset(engines, 0xff, sizeof(engines));
	EXPECT_RET(trn_device_get_engines(dev, engines, FAKE_ENGINES), FAKE_ENGINES);
	EXPECT(engines[1].id == 1);
	EXPECT(engines[1].stack == 0);
	EXPECT(engines[1].free_queues == 0);
	trn_device_unref(dev);
}

static void placements_are_the_regions_of_a_kind(void)
{
	struct trn_device *dev = tap_open();
	uint64_t placement;

	EXPECT_RET(trn_place_hbm(dev, &placement), 0);
	EXPECT(placement == (1 << FAKE_STACKS) - 1);
	EXPECT_RET(trn_place_system(dev, &placement), 0);
	EXPECT(placement == TRN_PLACE_REGION(FAKE_STACKS));
	fake.gone = true;
	EXPECT_RET(trn_place_hbm(dev, &placement), -ENODEV);
	trn_device_unref(dev);
}

static void every_error_has_a_sentence(void)
{
	static const int known[] = {
		EACCES, EAGAIN, EBUSY, ECANCELED, EDQUOT, EEXIST, EFAULT, EINPROGRESS, EINVAL, EIO,
		EMFILE, EMSGSIZE, ENODEV, ENOENT, ENOMEM, ENOSPC, EOPNOTSUPP, EPERM, EPROTO, ETIME,
		ETIMEDOUT,
	};

	for (int err = 0; err < 200; err++)
		EXPECT(trn_strerror(-err) && *trn_strerror(-err));
	EXPECT(trn_strerror(-ETIME) != trn_strerror(-ETIMEDOUT));
	/* Those that the library or the driver may return are known. */
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		EXPECT(trn_strerror(-known[i]) != trn_strerror(-4711));
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(list_finds_the_devices_of_the_driver_in_order),
		TAP_TEST(list_begins_with_what_can_be_opened),
		TAP_TEST(list_without_accel_class_is_empty),
		TAP_TEST(open_beyond_the_last_device_fails),
		TAP_TEST(open_tells_a_missing_node_from_a_forbidden_one),
		TAP_TEST(open_refuses_another_driver),
		TAP_TEST(open_refuses_another_major_version),
		TAP_TEST(open_refuses_what_is_no_drm_node),
		TAP_TEST(open_tells_why_it_was_told_nothing),
		TAP_TEST(open_tells_a_device_that_is_gone),
		TAP_TEST(open_survives_interruption),
		TAP_TEST(last_reference_closes_the_file),
		TAP_TEST(resets_are_counted),
		TAP_TEST(info_has_device_firmware_and_driver),
		TAP_TEST(info_is_cut_and_zero_filled_to_the_callers_size),
		TAP_TEST(lists_tell_more_than_fits),
		TAP_TEST(lists_of_a_newer_kernel_are_understood),
		TAP_TEST(lists_of_an_older_kernel_are_zero_filled),
		TAP_TEST(placements_are_the_regions_of_a_kind),
		TAP_TEST(every_error_has_a_sentence),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
