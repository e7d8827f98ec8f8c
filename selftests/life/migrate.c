// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to HBM that never cease, by the CPU and by DMA, while the whole VM migrates.
 *
 * A page gets a new number in every word of it, and a table keeps the numbers, so that
 * a store which did not arrive is found however long ago it was. DMA waits in its sleep
 * for each copy, which is how interrupts are lost. A second device, where there is one,
 * is also written to by the first, by a dma-buf.
 *
 * It goes on until one more device appears than there was at the start: that is how
 * the host says that the VM has moved, and how hot-plug is tried after it.
 */
#include <time.h>

#include "tt_harness.h"

#include <trn.h>

#define MAX_DEVICES 2
#define PAGES 2048u
#define WORDS (TT_PAGE / 8)
/* Pages that get a new number between two looks at all of them. */
#define STORES 96u
#define COPIES 24u
/* The CPU comes back to these at once, when its TLB knows them. */
#define HOT_PAGES 16u

struct side {
	struct trn_device *dev;
	struct trn_copier *copier;
	struct trn_bo *hbm, *host;
	struct trn_bo *peer;		/* the other side's HBM, or NULL */
	uint64_t *map, *slot;
	uint64_t number[PAGES];
};

FIXTURE(migrate)
{
	struct side side[MAX_DEVICES];
	unsigned int devices;
	uint64_t last;			/* number that was given out */
};

static bool node_exists(unsigned int n)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/accel/accel%u", n);
	return !access(path, R_OK | W_OK);
}

static int side_open(struct side *s, unsigned int n)
{
	const struct trn_copier_attr attr = {
		.mode = TRN_COPIER_USER, .queue.spin_ns = TRN_SPIN_NEVER,
	};
	uint64_t hbm, system;
	int ret = trn_device_open(n, &s->dev);

	ret = ret ?: trn_copier_new(s->dev, &attr, &s->copier);
	ret = ret ?: trn_place_hbm(s->dev, &hbm);
	ret = ret ?: trn_place_system(s->dev, &system);
	ret = ret ?: trn_bo_new(s->dev, PAGES * TT_PAGE, hbm, 0, &s->hbm);
	ret = ret ?: trn_bo_new(s->dev, TT_PAGE, system, 0, &s->host);
	ret = ret ?: trn_bo_map(s->hbm, (void **)&s->map);
	return ret ?: trn_bo_map(s->host, (void **)&s->slot);
}

static void side_close(struct side *s)
{
	trn_bo_unref(s->peer);
	trn_bo_unref(s->host);
	trn_bo_unref(s->hbm);
	trn_copier_unref(s->copier);
	trn_device_unref(s->dev);
}

FIXTURE_SETUP(migrate)
{
	memset(self, 0, sizeof(*self));
	while (self->devices < MAX_DEVICES && node_exists(self->devices)) {
		ASSERT_EQ(0, side_open(&self->side[self->devices], self->devices));
		self->devices++;
	}
	ASSERT_GT(self->devices, 0);
	if (self->devices == MAX_DEVICES) {
		int fd;

		ASSERT_EQ(0, trn_bo_export(self->side[1].hbm, &fd));
		ASSERT_EQ(0, trn_bo_import(self->side[0].dev, fd, &self->side[0].peer));
		close(fd);
	}
}

FIXTURE_TEARDOWN(migrate)
{
	for (unsigned int i = 0; i < self->devices; i++)
		side_close(&self->side[i]);
}

static void fill_page(uint64_t *page, uint64_t number)
{
	for (unsigned int i = 0; i < WORDS; i++)
		page[i] = number << 16 | i;
}

static bool page_has(const uint64_t *page, uint64_t number)
{
	for (unsigned int i = 0; i < WORDS; i++)
		if (page[i] != (number ? number << 16 | i : 0))
			return false;
	return true;
}

/* Pages below HOT_PAGES are the CPU's. */
static unsigned int any_page(void)
{
	return HOT_PAGES + random() % (PAGES - HOT_PAGES);
}

static void store(struct side *s, unsigned int page, uint64_t number)
{
	fill_page(s->map + page * WORDS, number);
	s->number[page] = number;
}

/* Into the HBM of @to, which @bo is, by the device of @by. */
static int copy(struct side *by, struct trn_bo *bo, struct side *to, uint64_t number)
{
	unsigned int page = any_page();

	fill_page(by->slot, number);
	to->number[page] = number;
	return trn_copy(by->copier, bo, page * TT_PAGE, by->host, 0, TT_PAGE);
}

static int change_pages(struct side *s, struct side *other, uint64_t *last)
{
	int ret = 0;

	for (unsigned int i = 0; i < STORES; i++) {
		store(s, i % HOT_PAGES, ++*last);
		store(s, any_page(), ++*last);
	}
	for (unsigned int i = 0; i < COPIES && !ret; i++) {
		ret = copy(s, s->hbm, s, ++*last);
		if (!ret && s->peer)
			ret = copy(s, s->peer, other, ++*last);
	}
	return ret;
}

static int change_all(FIXTURE_DATA(migrate) *self)
{
	int ret = 0;

	for (unsigned int i = 0; i < self->devices && !ret; i++)
		ret = change_pages(&self->side[i], &self->side[!i], &self->last);
	return ret;
}

/* The first page with other bytes than were left there, or PAGES; every other one by DMA. */
static unsigned int find_wrong(struct side *s)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		const uint64_t *bytes = s->map + page * WORDS;

		if (page % 2) {
			if (trn_copy(s->copier, s->host, 0, s->hbm, page * TT_PAGE, TT_PAGE))
				return page;
			bytes = s->slot;
		}
		if (!page_has(bytes, s->number[page]))
			return page;
	}
	return PAGES;
}

TEST_F_TIMEOUT(migrate, every_store_arrives, 900)
{
	struct side *plugged = calloc(1, sizeof(*plugged));
	unsigned int rounds = 0;

	ASSERT_NE(NULL, plugged);
	while (!node_exists(self->devices)) {
		ASSERT_EQ(0, change_all(self));
		for (unsigned int i = 0; i < self->devices; i++) {
			ASSERT_EQ(PAGES, find_wrong(&self->side[i])) {
				TH_LOG("device %u, round %u", i, rounds);
			}
		}
		printf("# round %u\n", ++rounds);
		fflush(stdout);
	}
	/* The node is there before the driver is done. */
	ASSERT_EQ(0, side_open(plugged, self->devices));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, change_pages(plugged, NULL, &self->last));
		ASSERT_EQ(PAGES, find_wrong(plugged));
	}
	side_close(plugged);
	free(plugged);
}

TEST_HARNESS_MAIN
