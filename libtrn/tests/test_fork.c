// SPDX-License-Identifier: MIT
/* What is left to the child of a fork: to drop its references, at no one's cost. */
#include <signal.h>
#include <sys/wait.h>

#include "user.h"

/* In place of libc's: in namespaces parent and child can have the same number. */
__attribute__((visibility("default"))) pid_t getpid(void)
{
	return 1;
}

/* The child's exit status, or minus the signal that it died of. */
static int run_child(void (*body)(struct user *user), struct user *user)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		body(user);
		_exit(0);
	}
	EXPECT(pid > 0);
	EXPECT(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void drop_all(struct user *user)
{
	unsigned int calls = fake.calls;

	user_end(user);
	_exit(fake.calls == calls ? 0 : 1);
}

static void child_drops_its_references_without_a_call(void)
{
	struct user user = user_begin(NULL);

	EXPECT(run_child(drop_all, &user) == 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(user_flush(&user), 0);
	user_end(&user);
}

static void put(struct user *user)
{
	signal(SIGSEGV, SIG_DFL);
	trn_prep_copy(user->queue, user->va, user->va + 64, 8);
}

/* Rather than to write over what the parent has put. */
static void child_that_puts_something_dies(void)
{
	struct user user = user_begin(NULL);

	EXPECT(run_child(put, &user) == -SIGSEGV);
	EXPECT(!trn_queue_point(user.queue));
	user_end(&user);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(child_drops_its_references_without_a_call),
		TAP_TEST(child_that_puts_something_dies),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
