/* SPDX-License-Identifier: MIT */
/*
 * Tests that report in TAP. A test is a function; what does not hold in it is told
 * on stderr and fails it. Everything that it opened must be closed at its end.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bo.h"
#include "base/ioctl.h"
#include "base/util.h"
#include "fake_kernel.h"
#include "queue/point.h"
#include "queue/ring.h"
#include "queue/wait.h"
#include "vm/vm.h"

struct tap_test {
	const char *name;
	void (*run)(void);
};

#define TAP_TEST(function) { #function, function }

static unsigned int tap_failures;

#define EXPECT(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
			tap_failures++; \
		} \
	} while (0)

#define ODD_ERRNO 4711

/* A call of the library returns @expected, and does not touch errno. */
#define EXPECT_RET(call, expected) \
	do { \
		int ret_, errno_; \
		errno = ODD_ERRNO; \
		ret_ = (call); \
		errno_ = errno; \
		if (ret_ != (expected) || errno_ != ODD_ERRNO) { \
			fprintf(stderr, "# %s:%d: %s = %d, errno %d\n", __FILE__, __LINE__, \
				#call, ret_, errno_); \
			tap_failures++; \
		} \
	} while (0)

/* A file that the fake kernel takes for a node; gone when the test program ends. */
static char tap_node[32];

static inline void tap_remove_node(void)
{
	unlink(tap_node);
}

static inline int tap_main(const struct tap_test *tests, size_t count)
{
	unsigned int failed = 0;
	int fd;

	snprintf(tap_node, sizeof(tap_node), "/tmp/trn-test-XXXXXX");
	fd = mkstemp(tap_node);
	if (fd < 0) {
		perror(tap_node);
		return 1;
	}
	close(fd);
	atexit(tap_remove_node);

	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		fake_reset();
		tap_failures = 0;
		tests[i].run();
		EXPECT(!fake.open_bos);
		EXPECT(!fake.open_queues);
		EXPECT(!fake.open_syncobjs);
		EXPECT(!fake.open_vms);
		EXPECT(!fake.mappings);
		printf("%sok %zu %s\n", tap_failures ? "not " : "", i + 1, tests[i].name);
		fflush(stdout);
		failed += !!tap_failures;
	}
	return failed ? 1 : 0;
}

/* For tests of what needs one. */
static inline struct trn_device *tap_open(void)
{
	struct trn_device *dev;

	if (trn_device_open_path(tap_node, &dev)) {
		printf("Bail out! cannot open the fake device\n");
		exit(1);
	}
	return dev;
}

#endif /* TAP_H */
