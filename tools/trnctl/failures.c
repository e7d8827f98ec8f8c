// SPDX-License-Identifier: MIT
/*
 * Failures of memory and of work as sentences that say what to do.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "trnctl.h"
#include "units.h"

int fail_alloc(struct place place, uint64_t size, int err)
{
	char name[PLACE_NAME_MAX], bytes[SIZE_TEXT_MAX];

	place_name(place, name);
	format_size(size, bytes);
	if (place.host)
		return fail("the host has no %s of memory free for this program (the limits of "
			    "its cgroup count): use a smaller --size", bytes);
	if (err == -ENOSPC)
		return fail("%s has no %s free: 'trnctl info' shows the free memory; use less, or "
			    "another stack", name, bytes);
	return fail("cannot allocate %s in %s: %s", bytes, name, trn_strerror(err));
}

int fail_pin(uint64_t size, int err)
{
	char bytes[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX];
	struct rlimit memlock;

	format_size(size, bytes);
	if (err == -ENOMEM && !getrlimit(RLIMIT_MEMLOCK, &memlock) &&
	    memlock.rlim_cur != RLIM_INFINITY)
		return fail("cannot pin %s: all your programs together may lock %s of memory; "
			    "raise the limit with 'ulimit -l %llu' (KiB) as root or in "
			    "/etc/security/limits.conf, or use a smaller --size", bytes,
			    format_size(memlock.rlim_cur, limit),
			    (unsigned long long)(2 * size / 1024 + 64));
	return fail("cannot pin %s: %s", bytes, trn_strerror(err));
}

/* Print the process @pid if it has @node open. */
static void print_holder(const char *pid, dev_t node)
{
	char path[PATH_MAX], comm[32] = "?";
	struct dirent *ent;
	struct stat st;
	FILE *file;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((ent = readdir(dir))) {
		if (fstatat(dirfd(dir), ent->d_name, &st, 0) || !S_ISCHR(st.st_mode) ||
		    st.st_rdev != node)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", pid);
		file = fopen(path, "r");
		if (file) {
			if (fgets(comm, sizeof(comm), file))
				comm[strcspn(comm, "\n")] = '\0';
			fclose(file);
		}
		fprintf(stderr, "  in use by process %s (%s)\n", pid, comm);
		break;
	}
	closedir(dir);
}

static void print_holders(struct trn_device *dev)
{
	char self[16] = "";
	struct dirent *ent;
	struct stat st;
	DIR *dir;

	if (fstat(trn_device_fd(dev), &st))
		return;
	dir = opendir("/proc");
	if (!dir)
		return;
	/* In a PID namespace getpid() need not be this program's number in /proc. */
	if (readlink("/proc/self", self, sizeof(self) - 1) < 0)
		self[0] = '\0';
	while ((ent = readdir(dir))) {
		if (isdigit((unsigned char)ent->d_name[0]) && strcmp(ent->d_name, self))
			print_holder(ent->d_name, st.st_rdev);
	}
	closedir(dir);
}

static int fail_reset(const char *what)
{
	return fail("%s: the device was reset meanwhile, and the contents of its memory are lost: "
		    "run it again", what);
}

static int fail_queue(const struct session *session, int err)
{
	if (err == -EINVAL)
		return fail("the driver makes no such queue: 'trnctl info' shows the engines and "
			    "the largest ring; the size of a ring is a multiple of 16 "
			    "descriptors, at least 64");
	if (session->engine)
		fail("engine %u has no free queue: leave --engine out, or wait for other programs",
		     session->engine - 1);
	else
		fail("no engine has a free queue: wait for other programs to finish");
	print_holders(session->dev);
	return STATUS_FAILED;
}

int fail_data(const struct session *session, const char *what, const char *format, ...)
{
	va_list args;

	if (session_was_reset(session))
		return fail_reset(what);
	va_start(args, format);
	say(format, args);
	va_end(args);
	return STATUS_FAILED;
}

int fail_work(const struct session *session, const char *what, int err)
{
	bool user = trn_copier_is_user_mode(session->copier);
	struct trn_queue_state state;
	uint32_t engine;

	if (session_was_reset(session))
		return fail_reset(what);
	/* Work never fails with these two: the queues for it could not be made. */
	if (err == -EBUSY || err == -EINVAL)
		return fail_queue(session, err);
	if (trn_copier_get_state(session->copier, &state, &engine))
		return fail("%s failed: %s", what, trn_strerror(err));
	if (state.status == TRN_QUEUE_STATE_FAULTED)
		return fail("%s failed: the device reported fault %u at %s address 0x%llx (engine "
			    "%u); the kernel log may have more", what, state.fault_code,
			    user ? "virtual" : "chip", (unsigned long long)state.fault_addr,
			    engine);
	return fail("%s failed on engine %u: %s", what, engine, trn_strerror(err));
}
