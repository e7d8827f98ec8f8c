// SPDX-License-Identifier: MIT
/* Waiting for points of user-mode queues: polling, sleeping, several at a time. */
#include <sys/eventfd.h>

#include "user.h"

#define SEC 1000000000ll

static const struct trn_queue_attr sleepy = { .spin_ns = TRN_SPIN_NEVER };

static void put_one(struct user *user)
{
	EXPECT_RET(trn_prep_copy(user->queue, user->va, user->va + 64, 8), 0);
	trn_queue_kick(user->queue);
}

static void wait_for_what_is_done_calls_nobody(void)
{
	struct user user = user_begin(NULL);
	unsigned int calls = fake.calls;

	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), 0);
	EXPECT_RET(trn_wait(user.queue, 1, 0), 0);
	EXPECT(fake.calls == calls);
	user_end(&user);
}

static void wait_polls_before_it_sleeps(void)
{
	const struct trn_queue_attr attr = { .spin_ns = 20 * 1000 * 1000 };
	struct user user = user_begin(&attr);
	int64_t begin;

	fake.hold = true;
	fake.finish_on_sleep = true;
	put_one(&user);
	begin = trn_deadline(0);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), 0);
	EXPECT(trn_deadline(0) - begin >= 20 * 1000 * 1000);
	EXPECT(fake.arms == 1);
	EXPECT(fake.sleeps == 1);
	EXPECT(fake.last_deadline == INT64_MAX);
	user_end(&user);
}

/* Each long wait halves the polling of the next, down to a 16th; a short one undoes it. */
static void polling_is_as_long_as_waits_make_it(void)
{
	const struct trn_queue_attr attr = { .spin_ns = 1600 };
	struct user user = user_begin(&attr);

	EXPECT(user.queue->spin_now == 1600);
	for (unsigned int i = 1; i <= 6; i++) {
		trn_spin_learn(user.queue, 3201);
		EXPECT(user.queue->spin_now == (i < 4 ? 1600u >> i : 100));
	}
	trn_spin_learn(user.queue, 3200);
	EXPECT(user.queue->spin_now == 1600);
	user_end(&user);
}

/* A wait that polls and sleeps counts as a whole. */
static void wait_that_sleeps_long_makes_the_next_poll_less(void)
{
	/* The fake sleeps for no time: what is too long is the polling itself. */
	const struct trn_queue_attr attr = { .spin_ns = 1 };
	struct user user = user_begin(&attr);

	user.queue->spin_ns = 1600;
	atomic_store(&user.queue->spin_now, 1000000);
	fake.hold = true;
	fake.finish_on_sleep = true;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), 0);
	EXPECT(user.queue->spin_now == 500000);
	user_end(&user);
}

static void wait_of_several_that_sleeps_long_makes_the_next_poll_less(void)
{
	const struct trn_queue_attr attr = { .spin_ns = 1 };
	struct user user = user_begin(&attr);
	struct trn_point point = { .queue = user.queue, .point = 1 };

	user.queue->spin_ns = 1600;
	atomic_store(&user.queue->spin_now, 1000000);
	fake.hold = true;
	fake.finish_on_sleep = true;
	put_one(&user);
	EXPECT_RET(trn_wait_all(&point, 1, INT64_MAX), 0);
	EXPECT(user.queue->spin_now == 500000);
	user_end(&user);
}

static void wait_that_never_polls_sleeps_at_once(void)
{
	struct user user = user_begin(&sleepy);

	fake.hold = true;
	fake.finish_on_sleep = true;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, trn_deadline(SEC)), 0);
	EXPECT(fake.arms == 1);
	EXPECT(fake.sleeps == 1);
	user_end(&user);
}

static void wait_ends_at_its_deadline(void)
{
	struct user user = user_begin(NULL);

	fake.hold = true;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, 0), -ETIMEDOUT);
	EXPECT(!fake.arms);
	EXPECT_RET(trn_wait(user.queue, 1, 1), -ETIMEDOUT);
	EXPECT(fake.arms == 1);
	fake_finish();
	EXPECT_RET(trn_wait(user.queue, 1, 0), 0);
	user_end(&user);
}

static void point_never_put_is_told(void)
{
	struct user user = user_begin(NULL);

	EXPECT_RET(trn_wait(user.queue, 0, INT64_MAX), -EINVAL);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), -EINVAL);
	EXPECT_RET(trn_queue_poll(user.queue, 1), -EINVAL);
	EXPECT_RET(trn_queue_eventfd(user.queue, 1, 0), -EINVAL);
	user_end(&user);
}

/* The kernel may know of the end before the record shows it. */
static void kernel_is_asked_if_the_record_lags(void)
{
	struct user user = user_begin(&sleepy);

	fake.late_record = true;
	put_one(&user);
	EXPECT_RET(trn_queue_poll(user.queue, 1), -EINPROGRESS);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), 0);
	user_end(&user);
}

static void wait_does_not_trust_a_signal_without_work(void)
{
	struct user user = user_begin(&sleepy);

	fake.hold = true;
	fake.lie_on_sleep = true;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), -EPROTO);
	user_end(&user);
}

static void all_that_a_dead_queue_had_gets_its_error(void)
{
	static const int errors[] = { ETIME, EIO, ECANCELED, ENODEV };

	for (unsigned int i = 0; i < 4; i++) {
		struct user user = user_begin(NULL);

		put_one(&user);
		fake.hold = true;
		put_one(&user);
		put_one(&user);
		fake_kill_queue(user.queue->id, errors[i]);
		EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), 0);
		EXPECT_RET(trn_wait(user.queue, 2, INT64_MAX), -errors[i]);
		EXPECT_RET(trn_wait(user.queue, 3, 0), -errors[i]);
		EXPECT(!fake.sleeps);
		fake.hold = false;
		user_end(&user);
	}
}

static void sleeper_learns_of_the_death(void)
{
	struct user user = user_begin(&sleepy);

	fake.hold = true;
	fake.finish_on_sleep = true;
	fake.work_error = ETIME;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), -ETIME);
	EXPECT(fake.sleeps == 1);
	user_end(&user);
}

static void wait_fails_if_no_call_works_any_more(void)
{
	struct user user = user_begin(&sleepy);

	fake.hold = true;
	put_one(&user);
	fake.gone = true;
	EXPECT_RET(trn_wait(user.queue, 1, INT64_MAX), -ENODEV);
	fake.gone = false;
	user_end(&user);
}

static void eventfd_tells_of_the_end(void)
{
	struct user user = user_begin(NULL);
	int fd = eventfd(0, EFD_NONBLOCK);
	eventfd_t value;

	fake.hold = true;
	put_one(&user);
	EXPECT_RET(trn_queue_eventfd(user.queue, 1, fd), 0);
	EXPECT(eventfd_read(fd, &value));
	fake_finish();
	EXPECT(!eventfd_read(fd, &value));
	EXPECT(value == 1);
	EXPECT_RET(trn_queue_eventfd(user.queue, 1, fd), 0);
	EXPECT(!eventfd_read(fd, &value));
	EXPECT(value == 1);
	fake.no_eventfd = true;
	EXPECT_RET(trn_queue_eventfd(user.queue, 1, fd), -EOPNOTSUPP);
	close(fd);
	user_end(&user);
}

/* ---- several ---- */

struct pair {
	struct user user;
	struct trn_queue *other;	/* in kernel mode */
	struct trn_point points[2];
};

/* One piece of work on either queue, held. */
static struct pair pair_begin(const struct trn_queue_attr *attr)
{
	struct pair pair = { .user = user_begin(attr) };

	EXPECT_RET(trn_queue_new(pair.user.dev, NULL, &pair.other), 0);
	fake.hold = true;
	put_one(&pair.user);
	pair.points[0] = (struct trn_point){ pair.user.queue, 1 };
	pair.points[1].queue = pair.other;
	EXPECT_RET(trn_fill_async(pair.other, pair.user.bo, 0, 4, 7, &pair.points[1].point), 0);
	return pair;
}

static void pair_end(struct pair *pair)
{
	trn_queue_unref(pair->other);
	user_end(&pair->user);
}

static void wait_all_sleeps_once_for_all(void)
{
	struct pair pair = pair_begin(&sleepy);

	EXPECT_RET(trn_wait_all(pair.points, 2, 0), -ETIMEDOUT);
	EXPECT_RET(trn_wait_all(pair.points, 2, 1), -ETIMEDOUT);
	EXPECT(fake.sleeps == 1);
	fake.finish_on_sleep = true;
	EXPECT_RET(trn_wait_all(pair.points, 2, INT64_MAX), 0);
	EXPECT(fake.sleeps == 2);
	EXPECT_RET(trn_wait_all(pair.points, 2, 0), 0);
	EXPECT(fake.sleeps == 2);
	pair_end(&pair);
}

static void wait_any_tells_which(void)
{
	struct pair pair = pair_begin(&sleepy);
	size_t which = 9;

	EXPECT_RET(trn_wait_any(pair.points, 2, 0, &which), -ETIMEDOUT);
	EXPECT(which == 9);
	fake.finish_on_sleep = true;
	EXPECT_RET(trn_wait_any(pair.points, 2, INT64_MAX, &which), 0);
	EXPECT(which == 1);
	EXPECT_RET(trn_wait(pair.user.queue, 1, 0), -ETIMEDOUT);
	EXPECT_RET(trn_wait_any(pair.points, 2, INT64_MAX, NULL), 0);
	EXPECT(fake.sleeps == 1);
	pair_end(&pair);
}

static void wait_all_tells_the_first_error(void)
{
	struct pair pair = pair_begin(NULL);

	fake_kill_queue(pair.user.queue->id, EIO);
	EXPECT_RET(trn_wait_all(pair.points, 2, 1), -ETIMEDOUT);
	fake_finish();
	EXPECT_RET(trn_wait_all(pair.points, 2, 1), -EIO);
	pair_end(&pair);
}

static void wait_any_counts_failures_as_ends(void)
{
	struct pair pair = pair_begin(NULL);
	size_t which;

	fake_kill_queue(pair.user.queue->id, EIO);
	EXPECT_RET(trn_wait_any(pair.points, 2, INT64_MAX, &which), -EIO);
	EXPECT(which == 0);
	EXPECT(!fake.sleeps);
	pair_end(&pair);
}

static void many_points_are_waited_for(void)
{
	struct user user = user_begin(&sleepy);
	struct trn_point points[200];

	fake.hold = true;
	fake.finish_on_sleep = true;
	for (unsigned int i = 0; i < 200; i++) {
		put_one(&user);
		points[i] = (struct trn_point){ user.queue, i + 1 };
	}
	EXPECT_RET(trn_wait_all(points, 200, INT64_MAX), 0);
	EXPECT(fake.sleeps == 1);
	user_end(&user);
}

static void bad_sets_are_refused(void)
{
	struct pair pair = pair_begin(NULL);
	struct trn_device *dev = tap_open();
	struct trn_point points[2] = { pair.points[0] };

	EXPECT_RET(trn_wait_all(points, 0, 1), -EINVAL);
	EXPECT_RET(trn_wait_any(NULL, 1, 1, NULL), -EINVAL);
	EXPECT_RET(trn_wait_all(points, 2, 1), -EINVAL);
	EXPECT_RET(trn_queue_new(dev, NULL, &points[1].queue), 0);
	points[1].point = 1;
	EXPECT_RET(trn_wait_any(points, 2, 1, NULL), -EINVAL);
	trn_queue_unref(points[1].queue);
	trn_device_unref(dev);
	pair_end(&pair);
}

/* The program is in a time namespace, @offset behind the machine or before it. */
static void wait_in_namespace(int64_t offset)
{
	struct user user = user_begin(&sleepy);
	struct trn_point point = { .queue = user.queue, .point = 1 };
	int64_t begin = trn_deadline(0), deadline;

	fake.clock_offset = offset;
	fake.hold = true;
	put_one(&user);
	EXPECT_RET(trn_wait(user.queue, 1, begin + SEC / 20), -ETIMEDOUT);
	EXPECT(trn_deadline(0) >= begin + SEC / 20);
	EXPECT_RET(trn_wait_any(&point, 1, begin + SEC / 10, NULL), -ETIMEDOUT);
	EXPECT(trn_deadline(0) >= begin + SEC / 10);

	/* Never later on the machine's clock than on the program's own. */
	fake.finish_on_sleep = true;
	deadline = trn_deadline(10 * SEC);
	EXPECT_RET(trn_wait_all(&point, 1, deadline), 0);
	EXPECT(fake.last_deadline <= deadline + offset);
	EXPECT(fake.last_deadline > deadline + offset - 10 * SEC);
	user_end(&user);
}

static void deadline_is_of_the_clock_of_the_program(void)
{
	wait_in_namespace(0);
	fake_reset();
	/* The clock of the machine is not below zero. */
	wait_in_namespace(-trn_deadline(0) / 2);
	fake_reset();
	wait_in_namespace(86400 * SEC);
}

/* For an older driver it is the machine's. */
static void deadline_needs_no_clock_of_the_driver(void)
{
	fake.no_clock = true;
	wait_in_namespace(0);
}

static void deadline_cannot_be_told_to_a_device_that_is_gone(void)
{
	struct user user = user_begin(&sleepy);

	fake.hold = true;
	put_one(&user);
	fake.fail_request = DRM_IOCTL_TRN_DEV_QUERY;
	fake.fail_errno = ENODEV;
	EXPECT_RET(trn_wait(user.queue, 1, trn_deadline(SEC)), -ENODEV);
	EXPECT(!fake.sleeps);
	fake.fail_request = 0;
	user_end(&user);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(deadline_is_of_the_clock_of_the_program),
		TAP_TEST(deadline_needs_no_clock_of_the_driver),
		TAP_TEST(deadline_cannot_be_told_to_a_device_that_is_gone),
		TAP_TEST(wait_for_what_is_done_calls_nobody),
		TAP_TEST(wait_polls_before_it_sleeps),
		TAP_TEST(polling_is_as_long_as_waits_make_it),
		TAP_TEST(wait_that_sleeps_long_makes_the_next_poll_less),
		TAP_TEST(wait_of_several_that_sleeps_long_makes_the_next_poll_less),
		TAP_TEST(wait_that_never_polls_sleeps_at_once),
		TAP_TEST(wait_ends_at_its_deadline),
		TAP_TEST(point_never_put_is_told),
		TAP_TEST(kernel_is_asked_if_the_record_lags),
		TAP_TEST(wait_does_not_trust_a_signal_without_work),
		TAP_TEST(all_that_a_dead_queue_had_gets_its_error),
		TAP_TEST(sleeper_learns_of_the_death),
		TAP_TEST(wait_fails_if_no_call_works_any_more),
		TAP_TEST(eventfd_tells_of_the_end),
		TAP_TEST(wait_all_sleeps_once_for_all),
		TAP_TEST(wait_any_tells_which),
		TAP_TEST(wait_all_tells_the_first_error),
		TAP_TEST(wait_any_counts_failures_as_ends),
		TAP_TEST(many_points_are_waited_for),
		TAP_TEST(bad_sets_are_refused),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
