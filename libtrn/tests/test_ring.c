// SPDX-License-Identifier: MIT
/* What is put in the rings of a user-mode queue, and when the device sees it. */
#include "user.h"

#define DESC 65536u

static const struct trn_queue_attr small = { .ring_size = 64 };

static void queue_tells_what_it_was_given(void)
{
	const struct trn_queue_attr attr = { .engine = 2 + 1, .ring_size = 128 };
	struct user user = user_begin(&attr);

	EXPECT(trn_queue_engine(user.queue) == 2);
	EXPECT(trn_queue_ring_size(user.queue) == 128);
	EXPECT(trn_queue_vm(user.queue) == user.vm);
	EXPECT(trn_queue_point(user.queue) == 0);
	EXPECT(trn_queue_completed(user.queue) == 0);
	user_end(&user);
}

static void engine_is_chosen_by_class_and_place(void)
{
	const struct trn_queue_attr h2t = { .engine_class = TRN_ENGINE_H2T };
	const struct trn_queue_attr near = { .placement = TRN_PLACE_REGION(1) };
	struct user user = user_begin(&h2t);
	struct trn_queue *queue;

	EXPECT(trn_queue_engine(user.queue) == FAKE_ENGINES - 1);
	EXPECT_RET(trn_queue_new(user.dev, &near, &queue), 0);
	EXPECT(trn_queue_engine(queue) == 1);
	EXPECT(!trn_queue_vm(queue));
	trn_queue_unref(queue);
	user_end(&user);
}

static void ring_is_as_long_as_the_device_permits(void)
{
	struct user user;

	fake.max_ring_size = 128;
	user = user_begin(NULL);
	EXPECT(trn_queue_ring_size(user.queue) == 128);
	user_end(&user);
}

/* Each step of making one can fail, and leaves nothing. */
static void bad_queues_are_refused_and_leave_nothing(void)
{
	struct trn_device *dev = tap_open(), *other = tap_open();
	struct trn_queue_attr attr = { .ring_size = 72 };
	unsigned long requests[] = { DRM_IOCTL_TRN_BO_CREATE, DRM_IOCTL_TRN_VM_BIND,
				     DRM_IOCTL_TRN_QUEUE_CREATE };
	struct trn_queue *queue;
	struct trn_vm *vm;

	EXPECT_RET(trn_vm_new(dev, &vm), 0);
	attr.flags = TRN_QUEUE_SHARED;
	EXPECT_RET(trn_queue_new(dev, &attr, &queue), -EINVAL);
	attr = (struct trn_queue_attr){ .ring_size = 72, .vm = vm };
	EXPECT_RET(trn_queue_new(dev, &attr, &queue), -EINVAL);
	attr.ring_size = FAKE_MAX_RING + 16;
	EXPECT_RET(trn_queue_new(dev, &attr, &queue), -EINVAL);
	attr.ring_size = 64;
	attr.flags = 1u << 9;
	EXPECT_RET(trn_queue_new(dev, &attr, &queue), -EINVAL);
	attr.flags = 0;
	EXPECT_RET(trn_queue_new(other, &attr, &queue), -EINVAL);
	for (int i = 0; i < 3; i++) {
		fake.fail_request = requests[i];
		fake.fail_errno = EBUSY;
		EXPECT_RET(trn_queue_new(dev, &attr, &queue), -EBUSY);
		fake.fail_request = 0;
		EXPECT(!fake.open_bos);
		EXPECT(!fake.open_queues);
		EXPECT(!fake.mappings);
	}
	trn_vm_unref(vm);
	trn_device_unref(other);
	trn_device_unref(dev);
}

static void copy_is_seen_when_the_doorbell_rings(void)
{
	struct user user = user_begin(NULL);

	memcpy(user.map + 3, "descriptor", 10);
	EXPECT_RET(trn_prep_copy(user.queue, user.va + 5001, user.va + 3, 10), 0);
	EXPECT(trn_queue_point(user.queue) == 1);
	EXPECT(!fake.doorbells);
	EXPECT_RET(trn_queue_poll(user.queue, 1), -EINPROGRESS);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(!memcmp(user.map + 5001, "descriptor", 10));
	EXPECT(!user.map[5011]);
	EXPECT(trn_queue_completed(user.queue) == 1);
	user_end(&user);
}

/* Neither to put, nor to ring, nor to poll calls the kernel. */
static void batch_takes_one_doorbell_and_no_call(void)
{
	struct user user = user_begin(NULL);
	unsigned int calls = fake.calls;

	for (unsigned int i = 0; i < 64; i++) {
		user.map[i] = i;
		EXPECT_RET(trn_prep_copy(user.queue, user.va + 4096 + 63 - i, user.va + i, 1), 0);
	}
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(fake.doorbells == 1);
	EXPECT(fake.descriptors == 64);
	EXPECT(fake.calls == calls);
	for (unsigned int i = 0; i < 64; i++)
		EXPECT(user.map[4096 + i] == 63 - i);
	trn_queue_kick(user.queue);
	EXPECT(fake.doorbells == 1);
	user_end(&user);
}

static void large_copy_is_many_descriptors(void)
{
	static const uint32_t sizes[] = { DESC - 1, DESC, DESC + 1, 2 * DESC, 7 * DESC + 11 };
	static const uint32_t descriptors[] = { 1, 1, 2, 2, 8 };
	struct user user = user_begin(&small);
	uint64_t before;

	for (unsigned int i = 0; i < 8 * DESC; i++)
		user.map[i] = i % 251;
	for (unsigned int i = 0; i < 5; i++) {
		before = trn_queue_point(user.queue);
		memset(user.map + USER_BYTES / 2, 0, USER_BYTES / 2);
		EXPECT_RET(trn_prep_copy(user.queue, user.va + USER_BYTES / 2, user.va, sizes[i]),
			   0);
		EXPECT(trn_queue_point(user.queue) - before == descriptors[i]);
		EXPECT_RET(user_flush(&user), 0);
		EXPECT(!memcmp(user.map, user.map + USER_BYTES / 2, sizes[i]));
		EXPECT(sizes[i] >= USER_BYTES / 2 - 1 ||
		       !user.map[USER_BYTES / 2 + sizes[i]]);
	}
	user_end(&user);
}

/* Odd amounts end everywhere in a ring, lap after lap: ids come round four times. */
static void rings_wrap(void)
{
	struct user user = user_begin(&small);
	uint32_t value = 0;

	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int i = 0; i < round % 13 + 1; i++) {
			uint32_t *words = (uint32_t *)user.map;

			words[i] = ++value;
			EXPECT_RET(trn_prep_copy(user.queue, user.va + 4096 + 4 * i,
						 user.va + 4 * i, 4), 0);
		}
		EXPECT_RET(user_flush(&user), 0);
		EXPECT(!memcmp(user.map, user.map + 4096, 4 * (round % 13 + 1)));
	}
	EXPECT(trn_queue_point(user.queue) > 5 * 4 * 64);
	user_end(&user);
}

static void full_ring_says_so_until_the_device_is_on(void)
{
	struct user user = user_begin(&small);

	fake.hold = true;
	for (unsigned int i = 0; i < 64; i++)
		EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), -EAGAIN);
	trn_queue_kick(user.queue);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), -EAGAIN);
	EXPECT(trn_queue_point(user.queue) == 64);
	fake_finish();
	fake.hold = false;
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(fake.descriptors == 65);
	user_end(&user);
}

/* A copy that does not fit now is not begun; one that never fits is told apart. */
static void large_copy_goes_whole_or_not_at_all(void)
{
	struct user user = user_begin(&small);

	fake.hold = true;
	for (unsigned int i = 0; i < 50; i++)
		EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, 15 * DESC), -EAGAIN);
	EXPECT(trn_queue_point(user.queue) == 50);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, 65ull * DESC), -EMSGSIZE);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, UINT64_MAX), -EMSGSIZE);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, 0), -EINVAL);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, 14 * DESC), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va, 1), -EAGAIN);
	fake.hold = false;
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(trn_queue_completed(user.queue) == 64);
	user_end(&user);
}

static void barrier_is_said_once(void)
{
	struct user user = user_begin(NULL);

	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(trn_prep_barrier(user.queue), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va + 64, user.va, 8), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va + 64, user.va, 8), 0);
	/* That is the quick path; a large one goes another. */
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 4 * DESC, 2 * DESC), 0);
	EXPECT_RET(user_flush(&user), 0);
	EXPECT(fake.barriers == 1);
	user_end(&user);
}

static void kernel_mode_queue_takes_nothing(void)
{
	struct trn_device *dev = tap_open();
	const struct trn_array array = { .va = 1 };
	const struct trn_shape shape = { .dims = 1, .size = { 1 } };
	struct trn_queue *queue;

	EXPECT_RET(trn_queue_new(dev, NULL, &queue), 0);
	EXPECT_RET(trn_prep_copy(queue, 1, 2, 3), -EOPNOTSUPP);
	EXPECT_RET(trn_prep_barrier(queue), -EOPNOTSUPP);
	EXPECT_RET(trn_prep_fill(queue, &array, &shape, 0), -EOPNOTSUPP);
	EXPECT_RET(trn_prep_array(queue, &array, &array, &shape, 0), -EOPNOTSUPP);
	trn_queue_kick(queue);
	trn_queue_unref(queue);
	trn_device_unref(dev);
}

static void user_mode_queue_takes_no_submissions(void)
{
	struct user user = user_begin(NULL);

	EXPECT_RET(trn_fill_async(user.queue, user.bo, 0, 4, 0, NULL), -EOPNOTSUPP);
	user_end(&user);
}

/* It faults where nothing is mapped, and tells where; what came before is done. */
static void fault_kills_the_queue_and_tells_where(void)
{
	struct user user = user_begin(&small);
	struct trn_queue_state state;
	uint64_t nowhere = user.va + 2 * USER_BYTES;

	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(trn_prep_copy(user.queue, nowhere, user.va, 8), 0);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
	EXPECT_RET(user_flush(&user), -EFAULT);
	EXPECT_RET(trn_queue_poll(user.queue, 1), 0);
	EXPECT_RET(trn_queue_poll(user.queue, 2), -EFAULT);
	EXPECT_RET(trn_queue_get_state(user.queue, &state), 0);
	EXPECT(state.status == TRN_QUEUE_STATE_FAULTED);
	EXPECT(state.error == -EFAULT);
	EXPECT(state.error_point == 2);
	EXPECT(state.completed == 1);
	EXPECT(state.submitted == 3);
	EXPECT(state.fault_addr == nowhere);
	EXPECT(state.fault_access == TRN_ACCESS_TARGET);
	for (unsigned int i = 3; i < 64; i++)
		trn_prep_copy(user.queue, user.va, user.va + 64, 8);
	EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 63 * DESC), -ECANCELED);
	trn_queue_kick(user.queue);
	EXPECT(fake.descriptors == 1);
	user_end(&user);
}

/* The rings are the device's to read alone: no descriptor can write to them. */
static void rings_are_mapped_read_only(void)
{
	struct user user = user_begin(NULL);
	struct trn_queue_state state;

	EXPECT_RET(trn_prep_copy(user.queue, user.queue->ring_va, user.va, 16), 0);
	EXPECT_RET(user_flush(&user), -EFAULT);
	EXPECT_RET(trn_queue_get_state(user.queue, &state), 0);
	EXPECT(state.fault_access == TRN_ACCESS_TARGET);
	user_end(&user);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(queue_tells_what_it_was_given),
		TAP_TEST(engine_is_chosen_by_class_and_place),
		TAP_TEST(ring_is_as_long_as_the_device_permits),
		TAP_TEST(bad_queues_are_refused_and_leave_nothing),
		TAP_TEST(copy_is_seen_when_the_doorbell_rings),
		TAP_TEST(batch_takes_one_doorbell_and_no_call),
		TAP_TEST(large_copy_is_many_descriptors),
		TAP_TEST(rings_wrap),
		TAP_TEST(full_ring_says_so_until_the_device_is_on),
		TAP_TEST(large_copy_goes_whole_or_not_at_all),
		TAP_TEST(barrier_is_said_once),
		TAP_TEST(kernel_mode_queue_takes_nothing),
		TAP_TEST(user_mode_queue_takes_no_submissions),
		TAP_TEST(fault_kills_the_queue_and_tells_where),
		TAP_TEST(rings_are_mapped_read_only),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
