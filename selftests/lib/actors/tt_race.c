// SPDX-License-Identifier: GPL-2.0-only
#include "tt_race.h"

#include <errno.h>

static void *side_main(void *arg)
{
	struct tt_side *side = arg;
	unsigned int i;

	for (i = 0; i < side->race->rounds; i++) {
		pthread_barrier_wait(&side->race->start);
		side->ret = side->run(side->race->arg);
		pthread_barrier_wait(&side->race->finish);
	}
	return NULL;
}

int tt_race_start(struct tt_race *race, struct tt_side *sides, unsigned int num,
		  unsigned int rounds, void *arg)
{
	unsigned int i;

	race->rounds = rounds;
	race->arg = arg;
	pthread_barrier_init(&race->start, NULL, num + 1);
	pthread_barrier_init(&race->finish, NULL, num + 1);
	for (i = 0; i < num; i++) {
		sides[i].race = race;
		if (pthread_create(&sides[i].thread, NULL, side_main, &sides[i]))
			return -EAGAIN;
	}
	return 0;
}

void tt_race_round(struct tt_race *race)
{
	pthread_barrier_wait(&race->start);
	pthread_barrier_wait(&race->finish);
}

void tt_race_join(struct tt_race *race, struct tt_side *sides, unsigned int num)
{
	while (num--)
		pthread_join(sides[num].thread, NULL);
	pthread_barrier_destroy(&race->start);
	pthread_barrier_destroy(&race->finish);
}
