// SPDX-License-Identifier: GPL-2.0-only
/* The library where programs live: in namespaces and containers, and under limits. */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tt_harness.h"
#include "tt_sysfs.h"

#include "trn_prep.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define NOBODY 65534
#define CGROUPS "/sys/fs/cgroup"
#define JOB CGROUPS "/trn-test"

/* A step of a child that must give @want; its number is the exit status if it does not. */
#define STEP(call, want) \
	do { \
		long got_ = (call); \
		if (got_ != (want)) { \
			fprintf(stderr, "# line %d: %s: %ld\n", __LINE__, #call, got_); \
			_exit(1); \
		} \
	} while (0)

/* Exit status of a child that does @body; a signal's is 128 more. */
static int run_child(void (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* A process that sleeps too long is killed. */
		alarm(TT_DEADLINE_S);
		body();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- time namespaces ---- */

#define SHORT (TT_NSEC / 5)

static void check_wait(struct trn_queue *queue, uint64_t point)
{
	struct trn_point points[] = { { queue, point } };
	int64_t begin;

	begin = trn_deadline(0);
	STEP(trn_wait(queue, point, begin + SHORT), -ETIMEDOUT);
	STEP(trn_deadline(0) >= begin + SHORT, 1);
	begin = trn_deadline(0);
	STEP(trn_wait_any(points, 1, begin + SHORT, NULL), -ETIMEDOUT);
	STEP(trn_deadline(0) >= begin + SHORT, 1);
}

static void wait_in_vain(void)
{
	struct trn_queue_attr attr = { 0 };
	struct trn_queue *queue;
	struct trn_device *dev;
	uint64_t placement, va;
	struct trn_bo *bo;

	STEP(trn_device_open(0, &dev), 0);
	STEP(trn_vm_new(dev, &attr.vm), 0);
	STEP(trn_place_hbm(dev, &placement), 0);
	STEP(trn_bo_new(dev, TT_MIB, placement, 0, &bo), 0);
	STEP(trn_vm_map(attr.vm, bo, 0, TT_MIB, TRN_VM_READ | TRN_VM_WRITE, &va), 0);
	STEP(trn_queue_new(dev, &attr, &queue), 0);
	/* Not rung: it will not be done. */
	STEP(trn_prep_copy(queue, va, va + TT_MIB / 2, TT_PAGE), 0);
	check_wait(queue, trn_queue_point(queue));
	trn_queue_kick(queue);
	STEP(trn_wait(queue, trn_queue_point(queue), trn_deadline(TT_DEADLINE_S * TT_NSEC)), 0);
}

static void enter_time_namespace(const char *offsets)
{
	if (unshare(CLONE_NEWTIME))
		_exit(77);
	STEP(tt_write_file("/proc/self/timens_offsets", offsets), 0);
	_exit(run_child(wait_in_vain));
}

static void enter_the_future(void)
{
	enter_time_namespace("monotonic 86400 0\n");
}

static void enter_the_past(void)
{
	char offsets[64];

	/* The clock must not fall below zero. */
	snprintf(offsets, sizeof(offsets), "monotonic -%lld 0\n",
		 (long long)(trn_deadline(0) / TT_NSEC));
	enter_time_namespace(offsets);
}

TEST(deadlines_are_of_the_clock_of_the_program)
{
	int status = run_child(enter_the_future);

	EXPECT_EQ(0, run_child(wait_in_vain));
	if (status == 77)
		SKIP(return, "the kernel has no time namespaces");
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, run_child(enter_the_past));
}

/* ---- the limit of locked memory ---- */

static void map_with_all_locked(void)
{
	const struct rlimit limit = { 8 * TT_MIB, 8 * TT_MIB };
	struct trn_queue_attr attr = { 0 };
	struct trn_device_info info;
	struct trn_queue *queue;
	struct trn_device *dev;
	uint64_t placement;
	struct trn_bo *bo;
	void *map;

	STEP(trn_device_open(0, &dev), 0);
	STEP(trn_device_get_info(dev, &info, sizeof(info)), 0);
	STEP(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	STEP(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY), 0);
	STEP(mlockall(MCL_FUTURE), 0);
	STEP(trn_place_hbm(dev, &placement), 0);
	STEP(trn_bo_new(dev, 16 * TT_MIB, placement, 0, &bo), 0);
	STEP(trn_bo_map(bo, &map), -ENOMEM);
	trn_bo_unref(bo);
	STEP(trn_bo_new(dev, TT_MIB, placement, 0, &bo), 0);
	STEP(trn_bo_map(bo, &map), 0);
	STEP(trn_vm_new(dev, &attr.vm), 0);
	STEP(trn_queue_new(dev, &attr, &queue), 0);
}

TEST(limit_of_locked_memory_is_told)
{
	EXPECT_EQ(0, run_child(map_with_all_locked));
}

/* ---- PID namespaces ---- */

static struct {
	struct trn_device *dev;
	struct trn_copier *copier;
	struct trn_bo *a, *b;
} mine;

static void drop_what_is_the_parents(void)
{
	STEP(getpid(), 1);
	trn_bo_unref(mine.b);
	trn_bo_unref(mine.a);
	trn_copier_unref(mine.copier);
	trn_device_unref(mine.dev);
}

static void copy_with_a_child_of_the_same_number(void)
{
	uint64_t placement;

	STEP(getpid(), 1);
	STEP(trn_device_open(0, &mine.dev), 0);
	STEP(trn_copier_new(mine.dev, NULL, &mine.copier), 0);
	STEP(trn_place_hbm(mine.dev, &placement), 0);
	STEP(trn_bo_new(mine.dev, TT_MIB, placement, 0, &mine.a), 0);
	STEP(trn_bo_new(mine.dev, TT_MIB, placement, 0, &mine.b), 0);
	STEP(trn_copy(mine.copier, mine.a, 0, mine.b, 0, TT_MIB), 0);
	STEP(unshare(CLONE_NEWPID), 0);
	STEP(run_child(drop_what_is_the_parents), 0);
	STEP(trn_copy(mine.copier, mine.a, 0, mine.b, 0, TT_MIB), 0);
}

static void enter_pid_namespace(void)
{
	if (unshare(CLONE_NEWPID))
		_exit(77);
	_exit(run_child(copy_with_a_child_of_the_same_number));
}

TEST(child_with_the_number_of_its_parent_takes_nothing_from_it)
{
	int status = run_child(enter_pid_namespace);

	if (status == 77)
		SKIP(return, "the kernel has no PID namespaces");
	EXPECT_EQ(0, status);
}

/* ---- containers ---- */

static struct trn_device_entry last;	/* of all devices */

/* A /dev/accel of our own, with nothing in it. */
static void empty_node_folder(void)
{
	STEP(unshare(CLONE_NEWNS), 0);
	STEP(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	STEP(mount("none", "/dev/accel", "tmpfs", 0, "mode=755"), 0);
}

static void open_without_a_node(void)
{
	struct trn_device *dev;

	empty_node_folder();
	STEP(trn_device_list(NULL, 0), 0);
	STEP(trn_device_open(0, &dev), -ENODEV);
}

static void add_node(const struct trn_device_entry *entry, dev_t number, mode_t mode)
{
	STEP(mknod(entry->path, S_IFCHR | 0600, number), 0);
	STEP(chmod(entry->path, mode), 0);
}

static dev_t node_number(const struct trn_device_entry *entry)
{
	struct stat st;

	STEP(stat(entry->path, &st), 0);
	return st.st_rdev;
}

static void open_with_the_last_node(void)
{
	dev_t number = node_number(&last);
	struct trn_device_entry entry;
	struct trn_device *dev;

	empty_node_folder();
	add_node(&last, number, 0600);
	STEP(trn_device_list(&entry, 1), 1);
	STEP(entry.index, last.index);
	STEP(trn_device_open(0, &dev), 0);
	STEP(trn_device_open(1, &dev), -ENODEV);
}

/* All nodes are there, and one may be opened. */
static void open_with_the_right_to_the_last(void)
{
	struct trn_device_entry entries[16];
	struct trn_device *dev;
	dev_t numbers[16];
	int count;

	count = trn_device_list(entries, 16);
	for (int i = 0; i < count; i++)
		numbers[i] = node_number(&entries[i]);
	empty_node_folder();
	for (int i = 0; i < count; i++)
		add_node(&entries[i], numbers[i], entries[i].index == last.index ? 0666 : 0600);
	STEP(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY), 0);
	STEP(trn_device_list(entries, 16), count);
	STEP(entries[0].index, last.index);
	STEP(trn_device_open(0, &dev), 0);
	STEP(count > 1 ? trn_device_open(1, &dev) : -EACCES, -EACCES);
}

TEST(containers_use_the_devices_that_they_were_given)
{
	struct trn_device_entry entries[16];
	int count = trn_device_list(entries, 16);

	ASSERT_LE(1, count);
	ASSERT_GE(16, count);
	last = entries[count - 1];
	EXPECT_EQ(0, run_child(open_without_a_node));
	EXPECT_EQ(0, run_child(open_with_the_last_node));
	EXPECT_EQ(0, run_child(open_with_the_right_to_the_last));
}

/* ---- memory cgroups ---- */

static char *command[] = { "trnctl", "copy", "--from", "host", "--to", "hbm", "--size", NULL,
			   NULL };

static void run_in_cgroup(void)
{
	int fd = open("/dev/null", O_WRONLY);

	STEP(tt_write_file(JOB "/cgroup.procs", "0"), 0);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execvp(command[0], command);
	_exit(127);
}

static int copy_in_cgroup(const char *size)
{
	command[7] = (char *)size;
	return run_child(run_in_cgroup);
}

TEST(tool_minds_the_limit_of_its_cgroup)
{
	bool mounted = !mount("none", CGROUPS, "cgroup2", 0, NULL);

	if (!mounted && errno != EBUSY)
		SKIP(return, "the kernel has no cgroups");
	tt_write_file(CGROUPS "/cgroup.subtree_control", "+memory");
	ASSERT_EQ(0, mkdir(JOB, 0700));
	if (tt_write_file(JOB "/memory.max", "96M")) {
		rmdir(JOB);
		SKIP(return, "the kernel has no memory cgroups");
	}
	EXPECT_EQ(0, copy_in_cgroup("32M"));
	EXPECT_EQ(1, copy_in_cgroup("160M"));
	EXPECT_EQ(0, tt_read_field(JOB "/memory.events", "oom_kill"));
	EXPECT_EQ(0, copy_in_cgroup("32M"));
	EXPECT_EQ(0, rmdir(JOB));
	if (mounted)
		umount(CGROUPS);
}

/* ---- resets ---- */

#define ERRORS "/tmp/trn-test-errors"

static void copy_all(void)
{
	int errors = open(ERRORS, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	execlp("trnctl", "trnctl", "copy", "--all", "--size", "4M", NULL);
	_exit(127);
}

/* Resets of the device as long as the tool copies; its exit status, or 128 and more. */
static int copy_under_resets(const char *bdf)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		copy_all();
	while (!waitpid(pid, &status, WNOHANG)) {
		if (tt_reset(bdf))
			break;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(tool_tells_a_reset_from_wrong_data)
{
	unsigned int runs = tt_scale(12, 4);
	struct trn_device *dev;
	uint64_t before, after;
	char text[512], bdf[32];
	int status;

	if (geteuid())
		SKIP(return, "needs root, to reset the device");
	ASSERT_EQ(0, trn_device_open(0, &dev));
	ASSERT_EQ(0, tt_device_bdf(trn_device_fd(dev), bdf, sizeof(bdf)));
	ASSERT_EQ(0, trn_device_get_resets(dev, &before));
	/* The tool does not know yet that its queue is gone. */
	ksft_print_msg("expect-guest-error: engine [0-9]+ queue [0-9]+: doorbell\n");
	for (unsigned int i = 0; i < runs; i++) {
		status = copy_under_resets(bdf);
		ASSERT_LE(0, tt_read_file(ERRORS, text, sizeof(text)));
		EXPECT_GE(1, status);
		EXPECT_EQ(NULL, strstr(text, "wrong data"));
		EXPECT_TRUE(!status || strstr(text, "reset"));
		if (status && !strstr(text, "reset"))
			TH_LOG("status %d: %s", status, text);
	}
	ASSERT_EQ(0, trn_device_get_resets(dev, &after));
	EXPECT_LT(before, after);
	unlink(ERRORS);
	trn_device_unref(dev);
}

TEST_HARNESS_MAIN
