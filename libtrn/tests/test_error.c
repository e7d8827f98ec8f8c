// SPDX-License-Identifier: MIT
/* Sentences about errors: each of its own, and one for each that is documented. */
#include <dirent.h>
#include <string.h>

#include "tap.h"

#define LAST_ERRNO 133

static const int possible[] = {
	/* Of libtrn and the driver. */
	EACCES, EAGAIN, EBADF, EBUSY, ECANCELED, EDQUOT, EEXIST, EFAULT, EINPROGRESS, EINTR, EINVAL,
	EIO, EMFILE, EMSGSIZE, ENODEV, ENOENT, ENOMEM, ENOSPC, ENXIO, EOPNOTSUPP, EPERM, EPROTO,
	EPROTONOSUPPORT, ETIME, ETIMEDOUT, E2BIG,
	/* Of what they stand on: open(), mmap(), seccomp, an older driver. */
	ELOOP, ENAMETOOLONG, ENFILE, ENOSYS, ENOTTY, EOVERFLOW, ERANGE,
};

static bool is_unexpected(int err)
{
	return !strcmp(trn_strerror(err), trn_strerror(-9999));
}

static void possible_errors_have_sentences(void)
{
	for (size_t i = 0; i < sizeof(possible) / sizeof(*possible); i++) {
		if (is_unexpected(-possible[i]))
			fprintf(stderr, "# no sentence for %s\n", strerrorname_np(possible[i]));
		EXPECT(!is_unexpected(-possible[i]));
	}
	EXPECT(strcmp(trn_strerror(0), trn_strerror(-ENOMEM)));
}

/* What counts for a user may be held by another of his programs. */
static void limits_are_those_of_users_too(void)
{
	EXPECT(strstr(trn_strerror(-EDQUOT), "its user"));
	EXPECT(strstr(trn_strerror(-EDQUOT), "hardware queues"));
	EXPECT(strstr(trn_strerror(-EMFILE), "its user"));
}

static void positive_numbers_are_told_to_be_none(void)
{
	EXPECT(!is_unexpected(ENOMEM));
	EXPECT(strcmp(trn_strerror(ENOMEM), trn_strerror(-ENOMEM)));
	EXPECT(!is_unexpected(1));
}

/* Each word of the file that is the name of an error, after @prefix. */
static void check_file(const char *path, const char *prefix)
{
	static char text[65536];
	FILE *file = fopen(path, "r");
	char name[32];

	EXPECT(file);
	text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	for (const char *at = strstr(text, prefix); at; at = strstr(at + 1, prefix)) {
		if (sscanf(at + strlen(prefix), "%31[A-Z0-9]", name) != 1)
			continue;
		for (int err = 1; err <= LAST_ERRNO; err++) {
			const char *known = strerrorname_np(err);

			if (!known || strcmp(known, name) || !is_unexpected(-err))
				continue;
			fprintf(stderr, "# %s documents %s, which has no sentence\n", path, name);
			tap_failures++;
		}
	}
}

static void documented_errors_have_sentences(void)
{
	char path[512];
	struct dirent *ent;
	DIR *dir;

	check_file("include/trn.h", "-");
	check_file("include/trn_copier.h", "-");
	check_file("include/trn_prep.h", "-");
	check_file("../uapi/drm/trn_accel.h", "-");
	dir = opendir("man");
	EXPECT(dir);
	while (dir && (ent = readdir(dir))) {
		if (!strstr(ent->d_name, ".3"))
			continue;
		snprintf(path, sizeof(path), "man/%s", ent->d_name);
		check_file(path, "Er ");
	}
	if (dir)
		closedir(dir);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(possible_errors_have_sentences),
		TAP_TEST(limits_are_those_of_users_too),
		TAP_TEST(positive_numbers_are_told_to_be_none),
		TAP_TEST(documented_errors_have_sentences),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
