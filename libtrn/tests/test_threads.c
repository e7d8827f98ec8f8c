// SPDX-License-Identifier: MIT
/* What threads may do with one object at the same time; run under the thread sanitizer. */
#include <pthread.h>

#include "user.h"

#define THREADS 4
#define ROUNDS 200

struct shared {
	struct trn_device *dev;
	struct trn_queue *queue;
	struct trn_bo *src, *dst;
	atomic_uint errors;
};

/* Submit, wait and query on the shared queue, with references of its own. */
static void *work(void *arg)
{
	struct shared *shared = arg;
	struct trn_queue_state state;
	uint64_t point;

	for (int i = 0; i < ROUNDS; i++) {
		struct trn_queue *queue = trn_queue_ref(shared->queue);
		struct trn_bo *src = trn_bo_ref(shared->src), *dst = trn_bo_ref(shared->dst);

		if (trn_copy_async(queue, dst, 0, src, 0, 64, &point) ||
		    trn_wait(queue, point, INT64_MAX) ||
		    trn_queue_get_state(queue, &state) || state.completed < point)
			shared->errors++;
		trn_bo_unref(src);
		trn_bo_unref(dst);
		trn_queue_unref(queue);
	}
	return NULL;
}

static void threads_share_a_queue(void)
{
	struct shared shared = { .dev = tap_open() };
	pthread_t threads[THREADS];

	EXPECT_RET(trn_queue_new(shared.dev, NULL, &shared.queue), 0);
	EXPECT_RET(trn_bo_new(shared.dev, 4096, 1, 0, &shared.src), 0);
	EXPECT_RET(trn_bo_new(shared.dev, 4096, 2, 0, &shared.dst), 0);
	for (int i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, work, &shared));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT(!shared.errors);
	EXPECT(fake.submissions == THREADS * ROUNDS);
	EXPECT_RET(trn_wait(shared.queue, THREADS * ROUNDS, 0), 0);
	trn_bo_unref(shared.src);
	trn_bo_unref(shared.dst);
	trn_queue_unref(shared.queue);
	trn_device_unref(shared.dev);
}

static void *make_and_drop(void *arg)
{
	struct shared *shared = arg;
	struct trn_queue *queue;
	struct trn_bo *bo;

	for (int i = 0; i < ROUNDS; i++) {
		if (trn_bo_new(shared->dev, 4096, 1, 0, &bo) ||
		    trn_queue_new(shared->dev, NULL, &queue)) {
			shared->errors++;
			break;
		}
		trn_bo_unref(bo);
		trn_queue_unref(queue);
	}
	return NULL;
}

static void threads_make_and_drop_objects_of_one_device(void)
{
	struct shared shared = { .dev = tap_open() };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, make_and_drop, &shared));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT(!shared.errors);
	trn_device_unref(shared.dev);
}

#define PIECE 64

/* What threads put in one user-mode queue: each copies its own piece, over and over. */
struct producer {
	struct trn_queue *queue;
	uint64_t va;
	unsigned char *map;
	unsigned int number;
	atomic_uint *errors;
};

/* Ring after each copy, and wait for the work of all threads. NULL, or the failed step. */
static const char *copy_and_wait(struct producer *producer, unsigned char value)
{
	uint64_t offset = producer->number * PIECE;
	unsigned char *src = producer->map + offset, *dst = src + 4096;
	int ret;

	for (unsigned int i = 0; i < PIECE; i++)
		src[i] = value;
	do {
		ret = trn_prep_copy(producer->queue, producer->va + 4096 + offset,
				    producer->va + offset, PIECE);
		trn_queue_kick(producer->queue);
	} while (ret == -EAGAIN);
	if (ret)
		return "trn_prep_copy()";
	if (trn_wait(producer->queue, trn_queue_point(producer->queue), INT64_MAX))
		return "trn_wait()";
	if (dst[0] != value)
		return "the first byte";
	return dst[PIECE - 1] == value ? NULL : "the last byte";
}

static void *produce(void *arg)
{
	struct producer *producer = arg;
	const char *failed;

	for (int i = 0; i < ROUNDS; i++) {
		failed = copy_and_wait(producer, i + producer->number);
		if (!failed)
			continue;
		fprintf(stderr, "# thread %u, round %d: %s\n", producer->number, i, failed);
		(*producer->errors)++;
	}
	return NULL;
}

static void threads_put_work_in_a_shared_queue(void)
{
	const struct trn_queue_attr attr = { .ring_size = 64, .flags = TRN_QUEUE_SHARED };
	struct user user = user_begin(&attr);
	struct producer producers[THREADS];
	pthread_t threads[THREADS];
	atomic_uint errors = 0;

	for (unsigned int i = 0; i < THREADS; i++) {
		producers[i] = (struct producer){ user.queue, user.va, user.map, i, &errors };
		EXPECT(!pthread_create(&threads[i], NULL, produce, &producers[i]));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT(!errors);
	EXPECT(trn_queue_point(user.queue) == THREADS * ROUNDS);
	EXPECT(trn_queue_completed(user.queue) == THREADS * ROUNDS);
	user_end(&user);
}

/* One puts, without a lock, while others wait for what it has put. */
static void *wait_for_points(void *arg)
{
	struct producer *producer = arg;
	uint64_t point = 0;

	while (point < ROUNDS) {
		point = trn_queue_point(producer->queue);
		if (point && trn_wait(producer->queue, point, INT64_MAX))
			(*producer->errors)++;
	}
	return NULL;
}

static void threads_wait_for_what_one_puts(void)
{
	struct user user = user_begin(NULL);
	atomic_uint errors = 0;
	struct producer waiter = { .queue = user.queue, .errors = &errors };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, wait_for_points, &waiter));
	for (int i = 0; i < ROUNDS; i++) {
		EXPECT_RET(trn_prep_copy(user.queue, user.va, user.va + 64, 8), 0);
		trn_queue_kick(user.queue);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT(!errors);
	user_end(&user);
}

static void *map_and_unmap(void *arg)
{
	struct user *user = arg;
	unsigned long errors = 0;
	struct trn_bo *bo;
	uint64_t va;

	for (int i = 0; i < ROUNDS; i++) {
		if (trn_vm_map(user->vm, user->bo, 0, 4096, TRN_VM_READ, &va) ||
		    trn_vm_unmap(user->vm, va) || trn_bo_new(user->dev, 4096, 1, 0, &bo)) {
			errors++;
			continue;
		}
		errors += !!trn_mapping_get(user->vm, bo, &va);
		errors += !!trn_mapping_get(user->vm, user->bo, &va);
		trn_bo_unref(bo);
	}
	return (void *)errors;
}

static void threads_map_in_one_vm(void)
{
	struct user user = user_begin(NULL);
	unsigned int before = fake.mappings;
	pthread_t threads[THREADS];
	void *errors;

	for (int i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, map_and_unmap, &user));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &errors);
		EXPECT(!errors);
	}
	/* What is left is the one mapping of the BO that all of them used. */
	EXPECT(fake.mappings == before + USER_BYTES / FAKE_GRANULE);
	user_end(&user);
}

struct copying {
	struct trn_device *dev;
	struct trn_copier *copier;
};

static void *copy_with_one_copier(void *arg)
{
	const struct copying *shared = arg;
	struct trn_bo *src, *dst;
	unsigned long errors = 0;
	unsigned char *from, *to;

	if (trn_bo_new(shared->dev, 4096, 1, 0, &src) ||
	    trn_bo_new(shared->dev, 4096, 2, 0, &dst) ||
	    trn_bo_map(src, (void **)&from) || trn_bo_map(dst, (void **)&to))
		return (void *)1ul;
	for (int i = 0; i < ROUNDS; i++) {
		from[i] = i;
		errors += !!trn_copy(shared->copier, dst, i, src, i, 1) || to[i] != from[i];
	}
	trn_bo_unref(src);
	trn_bo_unref(dst);
	return (void *)errors;
}

static void threads_share_a_copier(void)
{
	struct copying shared = { .dev = tap_open() };
	pthread_t threads[THREADS];
	void *errors;

	EXPECT_RET(trn_copier_new(shared.dev, NULL, &shared.copier), 0);
	for (int i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, copy_with_one_copier, &shared));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &errors);
		EXPECT(!errors);
	}
	trn_copier_unref(shared.copier);
	trn_device_unref(shared.dev);
}

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(threads_share_a_queue),
		TAP_TEST(threads_make_and_drop_objects_of_one_device),
		TAP_TEST(threads_put_work_in_a_shared_queue),
		TAP_TEST(threads_wait_for_what_one_puts),
		TAP_TEST(threads_map_in_one_vm),
		TAP_TEST(threads_share_a_copier),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
