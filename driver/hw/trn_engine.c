// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA engines of a device: the choice of an engine, and the claiming of its hardware
 * queues. Software state only; the registers are in trn_udma.c.
 */
#include <linux/bitops.h>
#include <linux/mutex.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "hw/trn_engine.h"
#include "hw/trn_udma.h"

/* Hardware queue 0 of the H2T engines clears HBM (trn_clear.c). */
#define TRN_CLEAR_HW_QUEUES	BIT(0)

/* HBM stack nearest to an engine (HW 0, 5.1). */
u32 trn_engine_stack(const struct trn_device *tdev, u32 engine)
{
	u32 stack = engine < tdev->geo.first_h2t ? engine / TRN_ENGINES_PER_SENG :
		    engine - tdev->geo.first_h2t;

	return min(stack, tdev->geo.num_stacks - 1);
}

static unsigned long trn_engine_free_mask(struct trn_device *tdev, u32 engine)
{
	unsigned long mask = GENMASK(tdev->geo.queues_per_engine - 1, 0);

	lockdep_assert_held(&tdev->engines_lock);

	if (engine >= tdev->geo.first_h2t)
		mask &= ~TRN_CLEAR_HW_QUEUES;
	return mask & ~tdev->engines[engine].busy;
}

u32 trn_engine_num_free(struct trn_device *tdev, u32 engine)
{
	u32 num;

	mutex_lock(&tdev->engines_lock);
	num = hweight_long(trn_engine_free_mask(tdev, engine));
	mutex_unlock(&tdev->engines_lock);
	return num;
}

static bool trn_engine_suits(struct trn_device *tdev, const struct trn_engine_filter *filter,
			     u32 engine)
{
	bool is_h2t = engine >= tdev->geo.first_h2t;

	if (filter->engine_class == DRM_TRN_ENGINE_CLASS_CORE && is_h2t)
		return false;
	if (filter->engine_class == DRM_TRN_ENGINE_CLASS_H2T && !is_h2t)
		return false;
	return !filter->stacks || filter->stacks & BIT_ULL(trn_engine_stack(tdev, engine));
}

/* The suitable engine with most free queues, even if none is free. */
static u32 trn_engine_least_busy(struct trn_device *tdev, const struct trn_engine_filter *filter)
{
	u32 engine, num, best = U32_MAX, most = 0;

	for (engine = 0; engine < tdev->geo.num_engines; engine++) {
		if (!trn_engine_suits(tdev, filter, engine))
			continue;
		num = hweight_long(trn_engine_free_mask(tdev, engine));
		if (best == U32_MAX || num > most) {
			most = num;
			best = engine;
		}
	}
	return best;
}

void trn_engine_release(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	mutex_lock(&tdev->engines_lock);
	__clear_bit(hw_queue, &tdev->engines[engine].busy);
	mutex_unlock(&tdev->engines_lock);
}

/* Map the registers of a hardware queue that was just claimed. */
static int trn_engine_map(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	int ret = trn_udma_map_engine(tdev, engine);

	if (ret)
		trn_engine_release(tdev, engine, hw_queue);
	return ret;
}

/**
 * trn_engine_claim() - Claim a free hardware queue.
 * @tdev: the device
 * @filter: set of engines to choose from, if @engine is U32_MAX
 * @engine: engine of the queue, or U32_MAX for the engine with most free queues; gets the
 * engine
 * @hw_queue: gets the number of the queue
 *
 * Return: 0, -EBUSY, or an error of trn_io_map().
 */
int trn_engine_claim(struct trn_device *tdev, const struct trn_engine_filter *filter, u32 *engine,
		     u32 *hw_queue)
{
	unsigned long mask = 0;
	int ret = 0;

	mutex_lock(&tdev->engines_lock);
	if (*engine == U32_MAX)
		*engine = trn_engine_least_busy(tdev, filter);
	if (*engine != U32_MAX)
		mask = trn_engine_free_mask(tdev, *engine);
	if (mask) {
		*hw_queue = __ffs(mask);
		__set_bit(*hw_queue, &tdev->engines[*engine].busy);
	} else {
		ret = -EBUSY;
	}
	mutex_unlock(&tdev->engines_lock);
	return ret ?: trn_engine_map(tdev, *engine, *hw_queue);
}

/* Claim a given hardware queue, also a reserved one. */
int trn_engine_claim_queue(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	int ret;

	mutex_lock(&tdev->engines_lock);
	ret = __test_and_set_bit(hw_queue, &tdev->engines[engine].busy) ? -EBUSY : 0;
	mutex_unlock(&tdev->engines_lock);
	return ret ?: trn_engine_map(tdev, engine, hw_queue);
}

/* All engines need initialisation again, after a reset. */
void trn_engine_forget_all(struct trn_device *tdev)
{
	u32 engine;

	mutex_lock(&tdev->engines_lock);
	for (engine = 0; engine < tdev->geo.num_engines; engine++)
		tdev->engines[engine].ready = false;
	mutex_unlock(&tdev->engines_lock);
}
