// SPDX-License-Identifier: MIT
/* What threads may do with one object at the same time; run under the thread sanitizer. */
#include <pthread.h>

#include "tap.h"

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

int main(void)
{
	static const struct tap_test tests[] = {
		TAP_TEST(threads_share_a_queue),
		TAP_TEST(threads_make_and_drop_objects_of_one_device),
	};

	return tap_main(tests, sizeof(tests) / sizeof(*tests));
}
